//! What a development server begins with: one tenant on `localhost`, a web application, the demo, an API, a user and an API key.
//! Secrets are made once for a data folder and stay.

use crate::files::{self, Readers};
use anyhow::Context as _;
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
    /// For the management API.
    pub admin_api_key: String,
    /// Of the first user.
    pub admin_password: String,
}

/// `client_id` of the web application.
pub const CLIENT_ID: &str = "doorward-web";
/// `client_id` of the demo.
pub const DEMO_CLIENT_ID: &str = "doorward-demo";
/// Address of the first user.
pub const ADMIN_EMAIL: &str = "ada@example.com";
/// Name of the first user.
pub const ADMIN_NAME: &str = "Ada Lovelace";

impl DevSecrets {
    /// Reads them, or makes them for a new folder.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join("dev-secrets.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            return serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display()));
        }
        let made = Self {
            client_secret: token::<24>("dws_"),
            demo_secret: token::<24>("dws_"),
            admin_api_key: token::<24>("dwk_"),
            admin_password: token::<12>(""),
        };
        files::write_atomically(&path, &serde_json::to_vec_pretty(&made)?, Readers::Owner)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(made)
    }
}

/// The callback addresses that tutorials use, on the ports that they use.
pub fn redirect_uris() -> Vec<String> {
    [3000, 4040, 5000, 5001].iter().map(|port| format!("http://localhost:{port}/callback")).collect()
}

/// The seed for these addresses.
pub fn seed(secrets: &DevSecrets, http_url: &str, http_host: &str, https: &[(String, String)]) -> anyhow::Result<Seed> {
    let mut domains = vec![json!({ "host": http_host, "issuer": http_url, "primary": true })];
    if let Some((_, port)) = http_host.rsplit_once(':') {
        domains.push(json!({ "host": format!("127.0.0.1:{port}"), "issuer": http_url }));
    }
    domains.extend(https.iter().map(|(host, issuer)| json!({ "host": host, "issuer": issuer })));
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
            }],
            "role": [{
                "name": "admin",
                "description": "May do everything",
                "permissions": [
                    { "audience": "https://api.example.test", "scope": "read:messages" },
                    { "audience": "https://api.example.test", "scope": "write:messages" },
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
