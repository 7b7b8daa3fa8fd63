//! The declarative file: what should exist, as one TOML or JSON document. `doorward apply FILE` and `doorward dev --seed FILE`
//! read it.
//!
//! Things are found by their natural keys (slug, host, client_id, audience, role and group name, e-mail address). What is
//! missing is made, what differs is changed, and nothing is ever removed: what the file does not name stays as it is. Applying
//! the same file again changes nothing and writes nothing. Secrets can stand in the file, in the environment
//! (`{ env = "NAME" }`) or in files of their own (`{ file = "path" }`, relative to this one). A secret or password that is set
//! already stays when people have changed it since; only client secrets and API keys are compared.

mod apply;
mod report;
mod users;

pub use report::{ApplyProblem, ApplyReport, MadeSecret};

use crate::directory::{DirectoryError, Scope};
use doorward_protocol::oauth::client::Accent;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// `[[tenant]]`.
    #[serde(rename = "tenant")]
    pub tenants: Vec<SeedTenant>,
    /// `[[api_key]]`: keys for the whole server. Their audit events stand in the log of the first tenant.
    #[serde(rename = "api_key")]
    pub api_keys: Vec<SeedApiKey>,
    /// Where files that secrets name are looked for.
    #[serde(skip)]
    pub base: PathBuf,
}

/// A tenant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeedTenant {
    /// Short name: what it is found by.
    pub slug: String,
    /// Name shown to people; needed when the tenant is made.
    pub name: Option<String>,
    /// Policy; what is not named keeps its value or its default.
    pub policy: Option<Value>,
    /// Looks.
    pub brand: Option<Value>,
    /// Language when the browser does not say.
    pub default_locale: Option<String>,
    /// Sender of mails.
    pub mail_from: Option<String>,
    /// Native applications that share its passkeys.
    pub native_apps: Option<Value>,
    /// The resource server that a request means when it names none.
    pub default_audience: Option<String>,
    /// Addresses that sign-out may return to when no application asked for it.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// `[[tenant.domain]]`.
    #[serde(rename = "domain")]
    pub domains: Vec<SeedDomain>,
    /// `[[tenant.application]]`.
    #[serde(rename = "application")]
    pub applications: Vec<SeedApplication>,
    /// `[[tenant.resource_server]]`.
    #[serde(rename = "resource_server")]
    pub resource_servers: Vec<SeedResourceServer>,
    /// `[[tenant.role]]`.
    #[serde(rename = "role")]
    pub roles: Vec<SeedRole>,
    /// `[[tenant.group]]`.
    #[serde(rename = "group")]
    pub groups: Vec<SeedGroup>,
    /// `[[tenant.user]]`.
    #[serde(rename = "user")]
    pub users: Vec<SeedUser>,
    /// `[[tenant.api_key]]`: keys for this tenant.
    #[serde(rename = "api_key")]
    pub api_keys: Vec<SeedApiKey>,
}

/// A domain.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDomain {
    /// `host` or `host:port`: what it is found by.
    pub host: String,
    /// The exact issuer string.
    pub issuer: String,
    /// The domain that mails and links use; the first one is unless another says so.
    #[serde(default)]
    pub primary: bool,
    /// Whose discovery document it serves: `standard`, or `auth0`.
    #[serde(default)]
    pub accent: Option<Accent>,
}

/// An application. Everything besides these fields is a setting in the names of the management API (`name`, `kind`,
/// `redirect_uris`, …).
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SeedApplication {
    /// What it is found by.
    pub client_id: String,
    /// Its secret; made up when absent and needed.
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// What it may have at resource servers (client credentials).
    #[serde(default)]
    pub grants: Vec<SeedGrant>,
    /// Settings.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// What a machine may have at a resource server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedGrant {
    /// Of the resource server.
    pub audience: String,
    /// Scopes there.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// A resource server. Everything besides these fields is a setting in the names of the management API.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SeedResourceServer {
    /// What it is found by.
    pub audience: String,
    /// Scopes that should exist.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Settings, `name` among them.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// A role.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRole {
    /// What it is found by.
    pub name: String,
    /// Words.
    pub description: Option<String>,
    /// `client_id` of the application that it belongs to; absent: the tenant.
    pub application: Option<String>,
    /// Given to every new member of its application.
    pub is_default: Option<bool>,
    /// Permissions that it should hold.
    #[serde(default)]
    pub permissions: Vec<SeedPermission>,
}

/// A permission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPermission {
    /// Of the resource server.
    pub audience: String,
    /// Which scope of it.
    pub scope: String,
}

/// A group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedGroup {
    /// What it is found by.
    pub name: String,
    /// Words.
    pub description: Option<String>,
    /// Names of roles that it should give: `role`, or `client_id/role` for a role of an application.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// A user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeedUser {
    /// What the user is found by, if given.
    pub email: Option<String>,
    /// Whether the address counts as proven.
    pub email_verified: bool,
    /// What the user is found by without an e-mail address.
    pub username: Option<String>,
    /// What the user is found by without either.
    pub phone_number: Option<String>,
    /// Whether the number counts as proven.
    pub phone_number_verified: bool,
    /// Full name.
    pub name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Other claims of OpenID Connect Core, section 5.1.
    pub profile: Map<String, Value>,
    /// Password; set when the user has none.
    pub password: Option<SecretRef>,
    /// Names of roles: `role`, or `client_id/role` for a role of an application.
    pub roles: Vec<String>,
    /// Names of groups.
    pub groups: Vec<String>,
    /// Makes the user an administrator: `owner`, `admin`, `support` or `viewer`.
    pub admin_role: Option<String>,
}

/// A key for the management API, found by its value or, when that is made up, by its name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do, such as `users:read`; `*` is everything.
    pub scopes: Vec<String>,
    /// The key itself: `dwk_…`.
    #[serde(default)]
    pub key: Option<SecretRef>,
}

/// A secret, or where it is.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "must be a text, { env = \"NAME\" } or { file = \"path\" }")]
pub enum SecretRef {
    /// The secret.
    Literal(String),
    /// In the environment.
    Env(FromEnv),
    /// In a file; spaces and line ends around it are dropped.
    File(FromFile),
}

/// `{ env = "NAME" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromEnv {
    /// Name of the variable.
    pub env: String,
}

/// `{ file = "path" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromFile {
    /// Path, relative to the file that names it.
    pub file: PathBuf,
}

/// Prints where a secret is, never what it is.
impl std::fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("Literal(…)"),
            Self::Env(from) => write!(f, "Env({})", from.env),
            Self::File(from) => write!(f, "File({})", from.file.display()),
        }
    }
}

impl From<&str> for SecretRef {
    fn from(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }
}

impl From<String> for SecretRef {
    fn from(text: String) -> Self {
        Self::Literal(text)
    }
}

impl SecretRef {
    /// The secret; `Err` says why it cannot be had.
    fn resolve(&self, base: &Path) -> Result<String, String> {
        let text = match self {
            Self::Literal(text) => text.clone(),
            Self::Env(FromEnv { env }) => std::env::var(env).map_err(|_| format!("the environment variable {env} is not set"))?,
            Self::File(FromFile { file }) => {
                let path = base.join(file);
                let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
                text.trim().to_owned()
            }
        };
        if text.is_empty() { Err("is empty".into()) } else { Ok(text) }
    }
}

/// Why a file is no seed.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Neither TOML nor JSON by its name.
    #[error("{0}: the name must end with .toml or .json")]
    UnknownFormat(PathBuf),
    /// It does not parse.
    #[error("{0}")]
    Syntax(String),
    /// Something in it is not what it must be.
    #[error("{path}: {message}")]
    Content {
        /// Where, such as `tenant[0].user[3].email`.
        path: String,
        /// What.
        message: String,
    },
}

/// The language of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

impl Seed {
    /// Reads a file, TOML or JSON by the end of its name.
    ///
    /// # Errors
    /// See [`SeedError`].
    pub fn from_file(path: &Path) -> Result<Self, SeedError> {
        let format = match path.extension().and_then(|e| e.to_str()) {
            Some("toml") => Format::Toml,
            Some("json") => Format::Json,
            _ => return Err(SeedError::UnknownFormat(path.to_owned())),
        };
        let unreadable = |source| SeedError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text, format, path.parent().unwrap_or(Path::new(".")))
    }

    /// Reads a text; `base` is where files that secrets name are looked for.
    ///
    /// # Errors
    /// See [`SeedError`].
    pub fn parse(text: &str, format: Format, base: &Path) -> Result<Self, SeedError> {
        let value: Value = match format {
            Format::Toml => toml::from_str(text).map_err(|e| SeedError::Syntax(e.to_string()))?,
            Format::Json => serde_json::from_str(text).map_err(|e| SeedError::Syntax(e.to_string()))?,
        };
        let mut seed: Self = crate::directory::read(value).map_err(|error| match error {
            DirectoryError::Invalid(problems) => {
                let first = problems.into_iter().next();
                let (path, message) = first.map_or_else(Default::default, |p| (p.field, p.message));
                SeedError::Content { path, message }
            }
            other => SeedError::Syntax(other.to_string()),
        })?;
        seed.base = base.to_owned();
        Ok(seed)
    }
}
