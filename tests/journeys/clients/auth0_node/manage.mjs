// The Node library's management client, unmodified: the steps of a set-up script, and what each answered, as JSON.
// Settings come by environment: DOMAIN CLIENT_ID CLIENT_SECRET EMAIL NAME.
import { ManagementClient } from "auth0";

const { DOMAIN: domain, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, EMAIL: email, NAME: name } = process.env;
const api = new ManagementClient({ domain, clientId, clientSecret });
const connection = "Username-Password-Authentication";
const told = {};

const all = async (page) => {
  const items = [];
  for await (const item of await page) items.push(item);
  return items;
};

const identifier = `https://${name}.example.test`;
const scopes = [{ value: "read:things", description: "Read things" }];
const server = await api.resourceServers.create({ name, identifier, scopes, enforce_policies: true });
told.api = (await api.resourceServers.get(server.id)).identifier;

const client = await api.clients.create({ name, app_type: "non_interactive", grant_types: ["client_credentials"] });
const grant = await api.clientGrants.create({ client_id: client.client_id, audience: identifier, scope: ["read:things"] });
told.grants = (await all(api.clientGrants.list({ client_id: client.client_id }))).map((one) => one.scope);
told.client = [client.client_id, client.client_secret];

const role = await api.roles.create({ name, description: "Reads things" });
await api.roles.permissions.add(role.id, { permissions: [{ resource_server_identifier: identifier, permission_name: "read:things" }] });
told.held = (await all(api.roles.permissions.list(role.id))).map((one) => one.permission_name);

const user = await api.users.create({ connection, email, password: "correct horse battery staple 7", name: "Ada Lovelace" });
await api.users.roles.assign(user.user_id, { roles: [role.id] });
told.user = user.user_id;
told.found = (await all(api.users.list({ q: `email:"${email}"`, search_engine: "v3" }))).map((one) => one.user_id);
told.by_email = (await api.users.listUsersByEmail({ email })).map((one) => one.user_id);
told.roles = (await all(api.users.roles.list(user.user_id))).map((one) => one.id === role.id);
told.permissions = (await all(api.users.permissions.list(user.user_id))).map((one) => one.permission_name);
told.methods = (await all(api.users.authenticationMethods.list(user.user_id))).map((one) => one.type);
told.sessions = await all(api.users.sessions.list(user.user_id));
told.blocked = (await api.users.update(user.user_id, { blocked: true })).blocked;

// One more of the same name: refused in the library's own words.
told.conflict = await api.users.create({ connection, email, password: "correct horse battery staple 7" }).then(
  () => null,
  (error) => [error.statusCode, error.body?.errorCode],
);

await api.users.delete(user.user_id);
told.gone = await api.users.get(user.user_id).then(
  () => null,
  (error) => [error.statusCode, error.body?.errorCode],
);
await api.roles.delete(role.id);
await api.clientGrants.delete(grant.id);
await api.clients.delete(client.client_id);
await api.resourceServers.delete(server.id);
console.log(JSON.stringify(told));
