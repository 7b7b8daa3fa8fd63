// An API guarded by express-oauth2-jwt-bearer, unmodified. Settings come by environment: DOMAIN AUDIENCE PORT, and STRICT.
import express from "express";
import { auth, claimIncludes, requiredScopes } from "express-oauth2-jwt-bearer";

const { DOMAIN, AUDIENCE, STRICT, PORT } = process.env;
const app = express();
app.get("/", (_request, response) => response.json({ ok: true }));
app.use(auth({ issuerBaseURL: `https://${DOMAIN}`, audience: AUDIENCE, strict: STRICT === "yes" }));
app.get("/any", (request, response) => response.json(request.auth.payload));
app.get("/scope", requiredScopes("read:admin-messages"), (_request, response) => response.json({ ok: true }));
app.get("/permission", claimIncludes("permissions", "read:admin-messages"), (_request, response) => response.json({ ok: true }));
app.use((error, _request, response, _next) => response.status(error.status ?? 500).json({ error: error.code ?? error.message }));
app.listen(Number(PORT), "127.0.0.1");
