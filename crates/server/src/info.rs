//! The document that `doorward dev --info FILE` writes once the server is ready: a contract for test rigs,
//! described in `docs/reference/dev-info.md`. Fields are added, never renamed.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::{self, Readers};

/// What a test rig needs to know about a running `doorward dev`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevInfo {
    /// Base address over plain HTTP, without a trailing slash.
    pub http_url: String,
    /// Base address over HTTPS, without a trailing slash.
    pub https_url: String,
    /// Absolute path of the local CA's certificate in PEM.
    pub ca_file: String,
    /// The demo application.
    pub demo_url: String,
    /// A link that signs the first user in to the admin console, one time only; the console's own address once nobody has the
    /// seeded e-mail address.
    pub console_url: String,
    /// The page with the mail that the server sent; `application/json` is answered to those who ask for it.
    pub mailbox_url: String,
    /// Where the tenant's clock is read and moved.
    pub clock_url: String,
    /// Prometheus metrics; absent when their listener was turned off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_url: Option<String>,
    /// A key for the management API with every scope.
    pub admin_api_key: String,
    /// The first user.
    pub admin: Admin,
    /// The seeded application of the standard accent.
    pub standard: Standard,
    /// The seeded applications of the Auth0 accent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth0: Option<Auth0>,
    /// The FusionAuth accent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusionauth: Option<FusionAuth>,
    /// The Corbado accent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corbado: Option<Corbado>,
}

/// The first user of the seeded tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admin {
    /// Sign-in address.
    pub email: String,
    /// Password, made anew for each data folder.
    pub password: String,
    /// First and last name.
    pub name: String,
}

/// An OpenID Connect client of the standard accent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    /// The exact issuer string.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The registered redirect URIs.
    pub redirect_uris: Vec<String>,
}

/// The values that an application written for Auth0 is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth0 {
    /// Host and port, as Auth0's SDKs take it.
    pub domain: String,
    /// The web application's id.
    pub client_id: String,
    /// The web application's secret.
    pub client_secret: String,
    /// The seeded API.
    pub audience: String,
    /// The machine-to-machine application for the Management API.
    pub management: Auth0Management,
}

/// Client credentials for Auth0's Management API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth0Management {
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: String,
}

/// The values that a FusionAuth client library is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FusionAuth {
    /// Base address.
    pub base_url: String,
    /// A key for every endpoint.
    pub api_key: String,
}

/// The values that Corbado's components and SDKs are configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corbado {
    /// `pro-…`.
    pub project_id: String,
    /// The backend's secret.
    pub api_secret: String,
    /// Base address of the Frontend API.
    pub frontend_api: String,
    /// Base address of the Backend API.
    pub backend_api: String,
    /// What follows the project id in the Frontend API's host.
    pub frontend_api_url_suffix: String,
}

/// Writes the document for its owner only: it holds secrets. A rig may wait for the file to appear, because it
/// appears whole.
pub fn write(path: &Path, info: &DevInfo) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(info)?;
    json.push(b'\n');
    files::write_atomically(path, &json, Readers::Owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn standard_only() -> DevInfo {
        DevInfo {
            http_url: "http://localhost:9011".into(),
            https_url: "https://localhost:9443".into(),
            ca_file: "/data/ca.pem".into(),
            demo_url: "http://localhost:9011/demo".into(),
            console_url: "http://localhost:9011/console".into(),
            mailbox_url: "http://localhost:9011/dev/mailbox".into(),
            clock_url: "http://localhost:9011/dev/clock".into(),
            metrics_url: Some("http://localhost:9100/metrics".into()),
            admin_api_key: "key".into(),
            admin: Admin { email: "ada@example.com".into(), password: "secret".into(), name: "Ada Lovelace".into() },
            standard: Standard {
                issuer: "http://localhost:9011".into(),
                client_id: "id".into(),
                client_secret: "secret".into(),
                redirect_uris: vec!["http://localhost:3000/callback".into()],
            },
            auth0: None,
            fusionauth: None,
            corbado: None,
        }
    }

    #[test]
    fn the_shape_is_the_documented_contract() {
        assert_eq!(
            serde_json::to_value(standard_only()).unwrap(),
            json!({
                "http_url": "http://localhost:9011",
                "https_url": "https://localhost:9443",
                "ca_file": "/data/ca.pem",
                "demo_url": "http://localhost:9011/demo",
                "console_url": "http://localhost:9011/console",
                "mailbox_url": "http://localhost:9011/dev/mailbox",
                "clock_url": "http://localhost:9011/dev/clock",
                "metrics_url": "http://localhost:9100/metrics",
                "admin_api_key": "key",
                "admin": {"email": "ada@example.com", "password": "secret", "name": "Ada Lovelace"},
                "standard": {
                    "issuer": "http://localhost:9011",
                    "client_id": "id",
                    "client_secret": "secret",
                    "redirect_uris": ["http://localhost:3000/callback"],
                },
            })
        );
    }

    #[test]
    fn the_accents_have_their_documented_fields() {
        let mut info = standard_only();
        info.auth0 = Some(Auth0 {
            domain: "localhost:9443".into(),
            client_id: "a".into(),
            client_secret: "b".into(),
            audience: "c".into(),
            management: Auth0Management { client_id: "d".into(), client_secret: "e".into() },
        });
        info.fusionauth = Some(FusionAuth { base_url: "f".into(), api_key: "g".into() });
        info.corbado = Some(Corbado {
            project_id: "pro-1".into(),
            api_secret: "h".into(),
            frontend_api: "i".into(),
            backend_api: "j".into(),
            frontend_api_url_suffix: "k".into(),
        });
        let value = serde_json::to_value(info).unwrap();
        assert_eq!(
            value["auth0"],
            json!({"domain": "localhost:9443", "client_id": "a", "client_secret": "b", "audience": "c",
                   "management": {"client_id": "d", "client_secret": "e"}})
        );
        assert_eq!(value["fusionauth"], json!({"base_url": "f", "api_key": "g"}));
        assert_eq!(
            value["corbado"],
            json!({"project_id": "pro-1", "api_secret": "h", "frontend_api": "i", "backend_api": "j",
                   "frontend_api_url_suffix": "k"})
        );
    }

    #[test]
    fn the_written_file_is_whole_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("info.json");
        write(&path, &standard_only()).unwrap();
        let read: DevInfo = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read, standard_only());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn every_field_is_described_in_the_manual() {
        let manual = include_str!("../../../docs/reference/dev-info.md");
        let mut info = serde_json::to_value(standard_only()).unwrap();
        info["auth0"] = json!({"domain": 1, "audience": 1, "management": 1});
        info["fusionauth"] = json!({"base_url": 1, "api_key": 1});
        info["corbado"] = json!({"project_id": 1, "api_secret": 1, "frontend_api": 1, "backend_api": 1,
                                 "frontend_api_url_suffix": 1});
        let mut missing = Vec::new();
        for (name, value) in info.as_object().unwrap() {
            let inner = value.as_object().into_iter().flatten();
            for name in std::iter::once(name).chain(inner.map(|(name, _)| name)) {
                if !manual.contains(&format!("`{name}`")) {
                    missing.push(name.clone());
                }
            }
        }
        assert!(missing.is_empty(), "not described: {missing:?}");
    }
}
