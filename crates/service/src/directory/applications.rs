//! Applications (OAuth clients).

use super::document::{join, json, patched, read, split};
use super::field::{Problems, origin, scope, signing_alg};
use super::{Change, DirectoryError, Extension, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::oauth::token::grants;
use crate::secrets::{digits, new_id, token};
use crate::{Cx, Service};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::jose::{JwkSet, VerifyingKey};
use doorward_protocol::oauth::client::{Accent, ApplicationKind, ApplicationSettings, AuthMethod, SameSite};
use doorward_protocol::policy::Policy;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use doorward_store::{Json, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

const DAY: i64 = 86_400;

/// The longest life of an access token, in seconds. A retired signing key stays published for as long.
pub(super) const LONGEST_ACCESS_TOKEN: i64 = 30 * DAY;

/// Grants that an application can be allowed.
const GRANT_TYPES: &[&str] = &[
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    grants::PASSWORD,
    grants::DEVICE_CODE,
    grants::EMAIL_CODE,
    grants::PASSKEY,
];

/// What can be set of an application. In JSON its settings stand beside `name` and `enabled`, in the names of RFC 7591.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationDocument {
    /// Name shown to people.
    pub name: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Settings.
    pub settings: ApplicationSettings,
}

/// An application to be made.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// `client_id`; made up when absent. It cannot be changed later.
    pub client_id: Option<String>,
    /// The rest.
    pub document: ApplicationDocument,
    /// Its secret; made up when absent and needed.
    pub client_secret: Option<String>,
}

/// An application just made.
#[derive(Debug, Clone)]
pub struct CreatedApplication {
    /// The row.
    pub row: ApplicationRow,
    /// Its secret, shown this once.
    pub client_secret: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default, skip_serializing)]
    client_id: Option<String>,
    #[serde(default, skip_serializing)]
    client_secret: Option<String>,
}

fn yes() -> bool {
    true
}

impl ApplicationDocument {
    /// The document of a row.
    pub fn of(row: &ApplicationRow) -> Self {
        Self { name: row.name.clone(), enabled: row.enabled, settings: row.settings.0.clone() }
    }

    /// As JSON, flat.
    ///
    /// # Errors
    /// Never for documents of ours.
    pub fn to_json(&self) -> Result<Value, DirectoryError> {
        Ok(join(json!({ "name": self.name, "enabled": self.enabled }), json(&self.settings)?))
    }

    fn from_json(value: Value) -> Result<Self, DirectoryError> {
        let (head, settings) = split(value, &["name", "enabled"])?;
        let head: Head = read(head)?;
        Ok(Self { name: head.name, enabled: head.enabled, settings: read(settings)? })
    }

    pub(super) fn check(&self, dev: bool) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &self.name);
        let s = &self.settings;
        let address = |text: &str| s.check_address(text).map_err(|e| e.to_string());
        problems.each("redirect_uris", &s.redirect_uris, 100, address);
        problems.each("post_logout_redirect_uris", &s.post_logout_redirect_uris, 100, address);
        let patterns = s.allows_wildcards() || s.wildcard_addresses;
        let origin_of = |text: &str| match patterns && text.contains('*') {
            true => address(text).and_then(|()| origin(&text.replace(":*", ":1").replacen('*', "x", 1))),
            false => origin(text),
        };
        problems.each("allowed_origins", &s.allowed_origins, 100, origin_of);
        problems.each("web_origins", &s.web_origins, 100, origin_of);
        problems.must(dev || !s.any_localhost, "any_localhost", "is for development only; register each address");
        problems.each("grant_types", &s.grant_types, 20, |grant| {
            if GRANT_TYPES.contains(&grant) { Ok(()) } else { Err(format!("must be one of {}", GRANT_TYPES.join(", "))) }
        });
        if s.is_public() && s.allows_grant("client_credentials") {
            problems.add("grant_types", "client_credentials needs an application that can keep a secret");
        }
        match s.kind {
            ApplicationKind::Machine => {
                problems.must(!s.is_public(), "token_endpoint_auth_method", "a machine application needs a secret or a key");
                problems.must(
                    !s.allows_grant("authorization_code"),
                    "grant_types",
                    "a machine application has no people to sign in: use client_credentials",
                );
            }
            // OAuth 2.1, section 2.1: what runs in a browser cannot keep a secret.
            ApplicationKind::Spa => problems.must(
                s.is_public(),
                "token_endpoint_auth_method",
                "must be none: an application in a browser cannot keep a secret",
            ),
            ApplicationKind::Web | ApplicationKind::Native => {}
        }
        self.check_keys(&mut problems);
        if let Err(message) = signing_alg(&s.signing_alg) {
            problems.add("signing_alg", message);
        }
        problems.range("id_token_lifetime_seconds", s.id_token_lifetime_seconds, 60..=DAY);
        problems.range("access_token_lifetime_seconds", s.access_token_lifetime_seconds, 60..=LONGEST_ACCESS_TOKEN);
        problems.range("refresh.overlap_seconds", s.refresh.overlap_seconds, 0..=300);
        problems.range("refresh.idle_seconds", s.refresh.idle_seconds, 60..=3650 * DAY);
        problems.range("refresh.absolute_seconds", s.refresh.absolute_seconds, 60..=3650 * DAY);
        problems.must(
            s.refresh.idle_seconds <= s.refresh.absolute_seconds,
            "refresh.idle_seconds",
            "must not be above absolute_seconds",
        );
        problems.each("allowed_scopes", &s.allowed_scopes, 500, scope);
        problems.each("default_acr_values", &s.default_acr_values, 10, scope);
        problems.web_address("home_uri", s.home_uri.as_deref());
        problems.web_address("logo_uri", s.logo_uri.as_deref());
        problems.web_address("policy_uri", s.policy_uri.as_deref());
        problems.web_address("tos_uri", s.tos_uri.as_deref());
        if let Some(patch) = &s.policy {
            match crate::tenancy::policy_with(&Policy::default(), patch) {
                Ok(policy) => super::policy::check(&mut problems, &policy),
                Err(error) => problems.add("policy", error.to_string()),
            }
        }
        let embedded = &s.embedded;
        problems.web_address("embedded.api_url", embedded.api_url.as_deref());
        problems.web_address("embedded.issuer", embedded.issuer.as_deref());
        let slash = [&embedded.api_url, &embedded.issuer].into_iter().flatten().any(|url| url.ends_with('/'));
        problems.must(!slash, "embedded.api_url", "must not end with a slash, nor may embedded.issuer");
        problems.range("embedded.session_token_lifetime_seconds", embedded.session_token_lifetime_seconds, 60..=3600);
        if let Some(domain) = &embedded.cookie_domain {
            let ok = url::Host::parse(domain).is_ok_and(|host| host.to_string() == *domain);
            problems.must(ok, "embedded.cookie_domain", "must be a host name in lower case");
        }
        let insecure = embedded.cookie_same_site == SameSite::None && embedded.cookie_secure == Some(false);
        problems.must(!insecure, "embedded.cookie_same_site", "none needs cookie_secure");
        problems.finish()
    }

    fn check_keys(&self, problems: &mut Problems) {
        let needed = self.settings.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
        let Some(jwks) = &self.settings.jwks else {
            problems.must(!needed, "jwks", "private_key_jwt needs a set of public keys");
            return;
        };
        let private = jwks.get("keys").and_then(Value::as_array).into_iter().flatten().any(|key| key.get("d").is_some());
        problems.must(!private, "jwks", "contains a private key: register the public half only, and make a new pair");
        match serde_json::from_value::<JwkSet>(jwks.clone()) {
            Err(_) => problems.add("jwks", "must be a JWK set: {\"keys\":[…]}"),
            Ok(set) => {
                problems.must(set.keys.len() <= 20, "jwks.keys", "must have at most 20 entries");
                let usable = set.keys.iter().filter(|key| VerifyingKey::from_jwk(key).is_ok()).count();
                problems.must(!needed || usable > 0, "jwks.keys", "has no key that can verify a signature");
            }
        }
    }
}

impl NewApplication {
    /// Reads one from JSON. What the kind of program implies need not be said: a single-page or native application has no
    /// secret, a machine uses client credentials.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn from_json(value: Value) -> Result<Self, DirectoryError> {
        let (head, mut settings) = split(value, &["name", "enabled", "client_id", "client_secret"])?;
        let head: Head = read(head)?;
        let kind = settings.get("kind").and_then(Value::as_str).unwrap_or("").to_owned();
        if let Value::Object(settings) = &mut settings {
            let implied = match kind.as_str() {
                "spa" | "native" => Some(("token_endpoint_auth_method", json!("none"))),
                "machine" => Some(("grant_types", json!(["client_credentials"]))),
                _ => None,
            };
            if let Some((key, value)) = implied {
                settings.entry(key).or_insert(value);
            }
            // What applications of an accent were written for.
            if settings.get("accent").and_then(Value::as_str) == Some("auth0") {
                for (key, value) in [
                    ("require_pkce", json!(false)),
                    ("opaque_access_tokens", json!(true)),
                    ("access_token_lifetime_seconds", json!(DAY)),
                    ("id_token_lifetime_seconds", json!(36_000)),
                ] {
                    settings.entry(key).or_insert(value);
                }
            }
        }
        let document = ApplicationDocument { name: head.name, enabled: head.enabled, settings: read(settings)? };
        Ok(Self { client_id: head.client_id, document, client_secret: head.client_secret })
    }

    pub(super) fn check(&self, dev: bool) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        if let Some(id) = &self.client_id {
            let ok = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b));
            problems.must(ok, "client_id", "must be 1 to 128 letters, digits, dots, dashes, underscores and tildes");
        }
        let takes_secret = wants_secret(&self.document.settings);
        if let Some(secret) = &self.client_secret {
            problems.must(takes_secret, "client_secret", "this token_endpoint_auth_method uses no secret");
            super::application_secrets::check_secret(&mut problems, "client_secret", secret);
            let prefix = self.document.settings.accent.secret_prefix();
            if !secret.starts_with(prefix) {
                problems.add("client_secret", format!("must begin with {prefix}: clients of this accent take no other"));
            }
        }
        let fits = self.client_id.as_deref().is_none_or(|id| self.document.settings.accent.takes_client_id(id));
        problems.must(fits, "client_id", WRONG_CLIENT_ID);
        match (self.document.check(dev), problems.finish()) {
            (Err(DirectoryError::Invalid(mut a)), Err(DirectoryError::Invalid(b))) => {
                a.extend(b);
                Err(DirectoryError::Invalid(a))
            }
            (a, b) => a.and(b),
        }
    }
}

const WRONG_CLIENT_ID: &str = "the client_id must be pro- and digits: clients of this accent take no other";

/// A client id, in the form that clients of the accent take.
fn made_up_client_id(accent: Accent) -> String {
    match accent.client_id_prefix() {
        // No zero in front: some clients read it as a number.
        Some(prefix) => format!("{prefix}1{}", digits(17)),
        None => token::<18>(""),
    }
}

/// Whether an application authenticates with a secret.
pub(super) fn wants_secret(settings: &ApplicationSettings) -> bool {
    matches!(settings.token_endpoint_auth_method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost)
}

impl Service {
    /// Makes an application, with a secret when its authentication method uses one.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_application(
        &self,
        cx: &Cx,
        actor: &str,
        new: NewApplication,
    ) -> Result<CreatedApplication, DirectoryError> {
        new.check(self.dev)?;
        let client_id = new.client_id.clone().unwrap_or_else(|| made_up_client_id(new.document.settings.accent));
        self.insert_application(cx, actor, ApplicationId(new_id(cx.now)), client_id, new, None).await
    }

    /// Writes what was checked, with a secret where the kind wants one.
    pub(super) async fn insert_application(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        client_id: String,
        new: NewApplication,
        extension: Option<&Extension>,
    ) -> Result<CreatedApplication, DirectoryError> {
        let row = ApplicationRow {
            id,
            tenant_id: cx.tenant_id(),
            client_id,
            name: new.document.name.trim().to_owned(),
            enabled: new.document.enabled,
            settings: Json(new.document.settings),
            created_at: cx.now,
            updated_at: cx.now,
        };
        let mut batch = Batch::new().with(row.insert());
        let mut client_secret = None;
        if wants_secret(&row.settings.0) {
            let secret = self.secret_row(cx, row.id, row.settings.0.accent, new.client_secret);
            batch.push(secret.row.insert());
            client_secret = Some(secret.plain);
        }
        if let Some(extension) = extension {
            batch.push(extension.statement(cx, id.0));
        }
        let event = Event::new("application.created")
            .application(row.id)
            .actor(actor)
            .with("client_id", row.client_id.as_str())
            .with("name", row.name.as_str());
        self.write(batch.with(event.statement(cx))).await?;
        Ok(CreatedApplication { row, client_secret })
    }

    /// An application, enabled or not.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn get_application(&self, cx: &Cx, id: ApplicationId) -> Result<ApplicationRow, DirectoryError> {
        self.store.application(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "application" })
    }

    /// Applications of a tenant, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_applications(
        &self,
        cx: &Cx,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ApplicationRow>, DirectoryError> {
        Ok(self.store.applications(cx.tenant_id(), after, limit).await?)
    }

    /// Changes an application by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_application(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        patch: &Value,
    ) -> Result<Change<ApplicationRow>, DirectoryError> {
        again!(self.patch_application_once(cx, actor, id, patch))
    }

    async fn patch_application_once(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        patch: &Value,
    ) -> Result<Change<ApplicationRow>, DirectoryError> {
        let before = self.get_application(cx, id).await?;
        if patch.get("client_id").is_some_and(|asked| asked != &json!(before.client_id)) {
            return Err(DirectoryError::invalid("client_id", "cannot be changed; make another application"));
        }
        let mut patch = patch.clone();
        if let Value::Object(patch) = &mut patch {
            patch.remove("client_id");
        }
        let (after, fields) = patched(ApplicationDocument::of(&before).to_json()?, &patch)?;
        let document = ApplicationDocument::from_json(after)?;
        document.check(self.dev)?;
        if !document.settings.accent.takes_client_id(&before.client_id) {
            return Err(DirectoryError::invalid("accent", WRONG_CLIENT_ID));
        }
        let mut row = before.clone();
        (row.name, row.enabled) = (document.name.trim().to_owned(), document.enabled);
        row.settings = Json(document.settings);
        if row == before {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let event = Event::new("application.updated").application(id).actor(actor).with("fields", fields);
        self.write(Batch::new().with(before.unchanged()).with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes an application with its secrets, grants, consents and refresh tokens.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_application(&self, cx: &Cx, actor: &str, id: ApplicationId) -> Result<(), DirectoryError> {
        let row = self.get_application(cx, id).await?;
        let event = Event::new("application.deleted")
            .application(id)
            .actor(actor)
            .with("client_id", row.client_id.as_str())
            .with("name", row.name.as_str());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}
