//! What a development server begins with: one tenant on `localhost`, a web application, the demo, an API, a user and an API key.
//! Secrets are made once for a data folder and stay.

use crate::files::{self, Readers};
use anyhow::Context as _;
use doorward_service::oauth::token::grants;
use doorward_service::secrets::token;
use doorward_service::seed::{Format, Seed};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// The secrets of a data folder.
#[derive(Serialize, Deserialize)]
pub struct DevSecrets {
    /// Of the web application.
    pub client_secret: String,
    /// Of the demo.
    pub demo_secret: String,
    /// Of the web application of the Auth0 accent.
    pub auth0_client_secret: String,
    /// Of the Auth0 accent's client for its Management API.
    pub auth0_management_secret: String,
    /// For the management API.
    pub admin_api_key: String,
    /// Of the first user.
    pub admin_password: String,
    /// API secret of the Corbado project; made when a folder of an earlier version has none.
    #[serde(default)]
    pub corbado_api_secret: String,
}

/// `client_id` of the web application.
pub const CLIENT_ID: &str = "doorward-web";
/// `client_id` of the demo.
pub const DEMO_CLIENT_ID: &str = "doorward-demo";
/// `client_id` of the web application of the Auth0 accent.
pub const AUTH0_CLIENT_ID: &str = "auth0web";
/// `client_id` of the Auth0 accent's client for its Management API.
pub const AUTH0_MANAGEMENT_ID: &str = "auth0management";
/// The API of the Auth0 accent's tutorials.
pub const AUTH0_AUDIENCE: &str = "https://hello-world.example.test";
/// Id of the Corbado project.
pub const CORBADO_PROJECT_ID: &str = "pro-1";
/// Address of the first user.
pub const ADMIN_EMAIL: &str = "ada@example.com";
/// Name of the first user.
pub const ADMIN_NAME: &str = "Ada Lovelace";

impl DevSecrets {
    /// Reads them, or makes them for a new folder.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join("dev-secrets.json");
        let known: serde_json::Map<String, serde_json::Value> = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display()))?,
            Err(_) => Default::default(),
        };
        let made = Self {
            client_secret: token::<24>("dws_"),
            demo_secret: token::<24>("dws_"),
            auth0_client_secret: token::<36>(""),
            auth0_management_secret: token::<36>(""),
            admin_api_key: token::<24>("dwk_"),
            admin_password: token::<12>(""),
            corbado_api_secret: token::<24>("corbado1_"),
        };
        // A folder of an earlier version keeps what it has and gains what is new.
        let mut whole = serde_json::to_value(&made)?;
        if let serde_json::Value::Object(whole) = &mut whole {
            whole.extend(known);
        }
        files::write_atomically(&path, &serde_json::to_vec_pretty(&whole)?, Readers::Owner)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(serde_json::from_value(whole)?)
    }
}

/// The callback addresses that tutorials use, on the ports that they use.
pub fn redirect_uris() -> Vec<String> {
    [3000, 4040, 5000, 5001].iter().map(|port| format!("http://localhost:{port}/callback")).collect()
}

/// The project that applications written for Corbado are given: components in their own pages, on any port of this machine.
fn corbado_project(secrets: &DevSecrets, http_url: &str, https_url: &str) -> serde_json::Value {
    json!({
        "client_id": CORBADO_PROJECT_ID,
        "name": "Doorward",
        "client_secret": secrets.corbado_api_secret,
        "kind": "web",
        "accent": "corbado",
        "any_localhost": true,
        "embedded": {
            // Where cookies are of one site with the page: same scheme, same host, another port.
            "api_url": http_url,
            "issuer": https_url,
            "reveal_session_secret": true,
        },
        "policy": {
            // Components tell people which identifiers are known and which are taken.
            "reveal_accounts": true,
            "sign_up": { "verify_email": "never" },
            "code": { "link": false },
            // Their list of passkeys asks for no fresh login.
            "session": { "fresh_seconds": 86_400 },
        },
    })
}

/// The seed for these addresses.
pub fn seed(
    secrets: &DevSecrets,
    http_url: &str,
    http_host: &str,
    https_url: &str,
    https: &[(String, String)],
) -> anyhow::Result<Seed> {
    let mut domains = vec![json!({ "host": http_host, "issuer": http_url, "primary": true })];
    if let Some((_, port)) = http_host.rsplit_once(':') {
        domains.push(json!({ "host": format!("127.0.0.1:{port}"), "issuer": http_url }));
    }
    // Applications of the Auth0 accent can name a host only, and put https:// before it and a slash behind it themselves.
    domains.extend(https.iter().map(|(host, issuer)| json!({ "host": host, "issuer": issuer, "accent": "auth0" })));
    let management = format!("{}api/v2/", https.first().map(|(_, issuer)| issuer.as_str()).unwrap_or_default());
    let management_scopes = doorward_dialect_auth0::management::scopes();
    let ports = [3000, 4040, 5000, 5001];
    let origins: Vec<String> = ports.iter().map(|port| format!("http://localhost:{port}")).collect();
    let logout: Vec<String> = origins.iter().flat_map(|o| [o.clone(), format!("{o}/")]).collect();
    let document = json!({
        "tenant": [{
            "slug": "default",
            "name": "Doorward",
            "domain": domains,
            "resource_server": [{
                "audience": "https://api.example.test",
                "name": "Example API",
                "scopes": [
                    { "value": "read:messages", "description": "Read your messages" },
                    { "value": "write:messages", "description": "Write messages for you" },
                ],
            }, {
                "audience": AUTH0_AUDIENCE,
                "name": "Hello World API",
                "enforce_permissions": true,
                "scopes": [{ "value": "read:admin-messages", "description": "Read admin messages" }],
            }, {
                "audience": format!("{}me/", https.first().map(|(_, issuer)| issuer.as_str()).unwrap_or_default()),
                "name": "Auth0 My Account API",
                "scopes": doorward_dialect_auth0::me::SCOPES.iter().map(|scope| json!({ "value": scope })).collect::<Vec<_>>(),
            }, {
                "audience": format!("{}mfa/", https.first().map(|(_, issuer)| issuer.as_str()).unwrap_or_default()),
                "name": "Auth0 MFA API",
                "scopes": doorward_dialect_auth0::mfa::SCOPES.iter().map(|scope| json!({ "value": scope })).collect::<Vec<_>>(),
            }],
            "role": [{
                "name": "admin",
                "description": "May do everything",
                "permissions": [
                    { "audience": "https://api.example.test", "scope": "read:messages" },
                    { "audience": "https://api.example.test", "scope": "write:messages" },
                    { "audience": AUTH0_AUDIENCE, "scope": "read:admin-messages" },
                ],
            }],
            "application": [
                {
                    "client_id": CLIENT_ID,
                    "name": "Example web app",
                    "client_secret": secrets.client_secret,
                    "kind": "web",
                    "redirect_uris": redirect_uris(),
                    "post_logout_redirect_uris": logout,
                    "any_localhost": true,
                    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                    "grants": [{ "audience": "https://api.example.test", "scopes": ["read:messages"] }],
                    // Unlike ours, many a library sends no PKCE for a client with a secret.
                    "require_pkce": false,
                },
                {
                    "client_id": DEMO_CLIENT_ID,
                    "name": "Doorward demo",
                    "client_secret": secrets.demo_secret,
                    "kind": "web",
                    "redirect_uris": [format!("{http_url}/demo/callback")],
                    "post_logout_redirect_uris": [format!("{http_url}/demo")],
                    "home_uri": format!("{http_url}/demo"),
                },
                corbado_project(secrets, http_url, https_url),
                {
                    "client_id": AUTH0_CLIENT_ID,
                    "name": "Example web app (Auth0)",
                    "client_secret": secrets.auth0_client_secret,
                    "kind": "web",
                    "accent": "auth0",
                    "redirect_uris": redirect_uris(),
                    "post_logout_redirect_uris": origins,
                    "web_origins": origins,
                    "any_localhost": true,
                    "grant_types": [
                        "authorization_code", "implicit", "refresh_token", "client_credentials",
                        grants::PASSWORD, grants::DEVICE_CODE, grants::EMAIL_CODE, grants::PASSKEY,
                    ],
                    "grants": [{ "audience": AUTH0_AUDIENCE, "scopes": ["read:admin-messages"] }],
                },
                {
                    "client_id": AUTH0_MANAGEMENT_ID,
                    "name": "Auth0 Management API client",
                    "client_secret": secrets.auth0_management_secret,
                    "kind": "machine",
                    "accent": "auth0",
                    "grants": [{ "audience": management, "scopes": management_scopes }],
                },
            ],
            "user": [{
                "email": ADMIN_EMAIL,
                "email_verified": true,
                "name": ADMIN_NAME,
                "given_name": "Ada",
                "family_name": "Lovelace",
                "password": secrets.admin_password,
                "roles": ["admin"],
                "admin_role": "owner",
            }],
        }],
        "api_key": [{ "name": "Development", "key": secrets.admin_api_key, "scopes": ["*"] }],
    });
    Ok(Seed::parse(&document.to_string(), Format::Json, Path::new("."))?)
}
