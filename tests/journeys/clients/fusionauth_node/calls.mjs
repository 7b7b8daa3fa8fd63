// What the vendor's TypeScript client does with our answers. Settings by environment; what was seen goes to standard output as JSON.
import { FusionAuthClient } from "@fusionauth/typescript-client";

const { FUSIONAUTH_URL, FUSIONAUTH_API_KEY } = process.env;
const client = new FusionAuthClient(FUSIONAUTH_API_KEY, FUSIONAUTH_URL);
const seen = {};
const note = async (name, call) => {
  try {
    const answer = await call();
    seen[name] = { status: answer.statusCode, response: answer.response };
    return answer.response;
  } catch (refused) {
    seen[name] = { status: refused.statusCode, exception: refused.exception ?? (refused instanceof Error ? String(refused) : undefined), type: typeof refused.exception };
    return undefined;
  }
};

const application = crypto.randomUUID();
const made = await note("createApplication", () =>
  client.createApplication(application, {
    application: {
      name: `TypeScript ${application}`,
      oauthConfiguration: { authorizedRedirectURLs: ["http://localhost:3000/callback"], enabledGrants: ["password", "refresh_token"] },
      loginConfiguration: { generateRefreshTokens: true },
    },
  }),
);
const email = `typescript-${application}@example.com`;
const registered = await note("register", () =>
  client.register(null, { user: { email, password: "password-of-typescript" }, registration: { applicationId: application } }),
);
await note("login", () => client.login({ loginId: email, password: "password-of-typescript", applicationId: application }));
await note("wrongPassword", () => client.login({ loginId: email, password: "nonsense", applicationId: application }));
await note("byUsernameOnly", () => client.retrieveUserByLoginIdWithLoginIdTypes(email, ["username"]));
await note("byEmail", () => client.retrieveUserByEmail(email));
await note("passwordGrant", () =>
  client.exchangeUserCredentialsForAccessToken(email, "password-of-typescript", application, made?.application?.oauthConfiguration?.clientSecret, "openid offline_access", undefined),
);
await note("verifyRegistration", () =>
  client.createApplication(crypto.randomUUID(), { application: { name: `Bad ${application}`, verifyRegistration: true } }),
);
await note("duplicate", () => client.register(null, { user: { email, password: "password-of-typescript" }, registration: { applicationId: application } }));
await note("cors", () =>
  client.patchSystemConfiguration({ systemConfiguration: { corsConfiguration: { enabled: true, allowedMethods: ["POST", "PUT"] } } }),
);
await note("logout", () => client.logout(true, undefined));
await note("tierThree", () => client.retrieveConnectors());
await note("deleteUser", () => client.deleteUser(registered?.user?.id));
await note("gone", () => client.retrieveUser(registered?.user?.id));
await note("deleteApplication", () => client.deleteApplication(application));
process.stdout.write(JSON.stringify(seen));
