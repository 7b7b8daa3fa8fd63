// A web app built on express-openid-connect, unmodified. Settings come by environment: DOMAIN CLIENT_ID PORT, and CLIENT_SECRET,
// AUDIENCE, SCOPE, FETCH_USERINFO and AUTH0_LOGOUT if wanted. Without AUDIENCE it signs in as the library does by default.
import express from "express";
import openid from "express-openid-connect";

const { auth, requiresAuth } = openid;
const { DOMAIN, CLIENT_ID, CLIENT_SECRET, AUDIENCE, SCOPE, FETCH_USERINFO, AUTH0_LOGOUT, PORT } = process.env;
const home = `http://localhost:${PORT}`;

const app = express();
// The browser asks for it by itself. An answer from behind the sign-in carries the session's cookie once more, and one that comes after
// the sign-out would bring the session back.
app.get("/favicon.ico", (_request, response) => response.status(204).end());
app.use(
  auth({
    authRequired: false,
    baseURL: home,
    issuerBaseURL: `https://${DOMAIN}`,
    clientID: CLIENT_ID,
    secret: "a long secret for the cookies of this application",
    idpLogout: true,
    auth0Logout: AUTH0_LOGOUT === "yes",
    session: { name: `express_${PORT}` },
    ...(AUDIENCE && {
      clientSecret: CLIENT_SECRET,
      authorizationParams: { response_type: "code", audience: AUDIENCE, scope: SCOPE },
    }),
    ...(FETCH_USERINFO === "yes" && {
      afterCallback: async (request, _response, session) => {
        const userinfo = await request.oidc.fetchUserInfo({ ...session });
        return { ...session, userinfo };
      },
    }),
  }),
);
app.get("/", (request, response) => {
  response.send(`<!doctype html><title>Express</title><p id="state">${request.oidc.isAuthenticated() ? "in" : "out"}</p>`);
});
app.get("/signup", (_request, response) =>
  response.oidc.login({ returnTo: "/profile", authorizationParams: { screen_hint: "signup" } }),
);
app.get("/profile", requiresAuth(), async (request, response) => {
  const { access_token: accessToken } = request.oidc.accessToken ?? {};
  response.json({
    user: request.oidc.user,
    accessToken,
    refreshToken: request.oidc.refreshToken,
    userinfo: AUDIENCE ? await request.oidc.fetchUserInfo() : undefined,
  });
});
app.get("/refresh", requiresAuth(), async (request, response) => {
  const before = request.oidc.accessToken;
  const after = await before.refresh();
  response.json({ before: before.access_token, after: after.access_token, expiresIn: after.expires_in });
});
app.use((error, _request, response, _next) => response.status(500).json({ error: error.message }));
app.listen(Number(PORT), "127.0.0.1");
