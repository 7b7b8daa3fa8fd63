// A single-page application built on @auth0/auth0-spa-js, unmodified, and the few lines of server that hand it out.
// Settings come by environment: DOMAIN CLIENT_ID PORT TLS_CERT TLS_KEY, and AUDIENCE and SCOPE if wanted.
import express from "express";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const dist = path.dirname(require.resolve("@auth0/auth0-spa-js"));
const bundle = path.join(dist.slice(0, dist.lastIndexOf("auth0-spa-js")), "auth0-spa-js/dist/auth0-spa-js.production.esm.js");

const settings = {
  domain: process.env.DOMAIN,
  clientId: process.env.CLIENT_ID,
  audience: process.env.AUDIENCE,
  scope: process.env.SCOPE ?? "openid profile email",
};

const page = `<!doctype html><html lang="en"><title>Single-page app</title><link rel="icon" href="data:,">
<p id="state">…</p><pre id="user"></pre>
<script type="module">
import { Auth0Client } from "/auth0-spa-js.js";
const settings = ${JSON.stringify(settings)};
const wants = new URLSearchParams(location.search);
// What the journey asks for is kept over the redirect.
const options = JSON.parse(wants.get("options") ?? sessionStorage.getItem("options") ?? "{}");
sessionStorage.setItem("options", JSON.stringify(options));
const client = new Auth0Client({
  domain: settings.domain,
  clientId: settings.clientId,
  authorizationParams: { redirect_uri: location.origin + "/", audience: settings.audience, scope: settings.scope },
  ...options,
});
window.client = client;
if (wants.has("state") && (wants.has("code") || wants.has("error"))) {
  try {
    const { appState } = await client.handleRedirectCallback();
    window.appState = appState;
  } catch (error) {
    window.failure = { error: error.error, description: error.error_description ?? error.message };
  }
  history.replaceState({}, "", "/");
}
const user = await client.getUser();
document.getElementById("state").textContent = window.failure ? "failed" : user ? "in" : "out";
document.getElementById("user").textContent = JSON.stringify(window.failure ?? user ?? null);
document.body.dataset.ready = "yes";
</script></html>`;

const app = express();
app.get("/auth0-spa-js.js", (_request, response) => response.type("text/javascript").sendFile(bundle));
app.get("/", (_request, response) => response.type("text/html").send(page));
// On https like the server, so that browsers take the two for one site and let a frame of the server have its cookies.
const files = { cert: readFileSync(process.env.TLS_CERT), key: readFileSync(process.env.TLS_KEY) };
createServer(files, app).listen(Number(process.env.PORT), "127.0.0.1");
