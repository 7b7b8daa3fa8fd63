//! API keys of the management API: `dwk_` and a token, kept as a keyed digest.

use super::field::Problems;
use super::{Change, DirectoryError};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, token};
use crate::{Cx, Error, Service};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::keys::{ApiKeyRow, touch_api_key};
use doorward_store::{Json, Page};
use uuid::Uuid;

/// What a key may be allowed; `*` is all of it.
pub const API_KEY_SCOPES: &[&str] = &[
    "*",
    "tenants:read",
    "tenants:write",
    "domains:read",
    "domains:write",
    "applications:read",
    "applications:write",
    "resource_servers:read",
    "resource_servers:write",
    "roles:read",
    "roles:write",
    "groups:read",
    "groups:write",
    "users:read",
    "users:write",
    "administrators:read",
    "administrators:write",
    "api_keys:read",
    "api_keys:write",
    "signing_keys:read",
    "signing_keys:write",
    "audit_events:read",
];

/// What every key begins with, so that scanners recognise one that was published by mistake.
const PREFIX: &str = "dwk_";

/// Seconds between two notes that a key is in use.
const TOUCH_EVERY: i64 = 300;

/// A key to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Good for every tenant of the server, not only the one of the context.
    pub server_wide: bool,
    /// Good until.
    pub expires_at: Option<Timestamp>,
    /// The key itself, for set-ups that bring their own; made up when absent.
    pub key: Option<String>,
}

/// A key just made.
#[derive(Clone)]
pub struct CreatedApiKey {
    /// The row.
    pub row: ApiKeyRow,
    /// The key, shown this once.
    pub key: String,
}

/// Prints nothing of the key.
impl std::fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApiKey").field("id", &self.row.id).finish_non_exhaustive()
    }
}

/// Whether a set of scopes has one.
pub fn scopes_allow(scopes: &[String], scope: &str) -> bool {
    scopes.iter().any(|s| s == "*" || s == scope)
}

fn check_scopes(problems: &mut Problems, scopes: &[String], by: Option<&ApiKeyRow>) {
    problems.must(!scopes.is_empty(), "scopes", "must not be empty");
    problems.each("scopes", scopes, 50, |scope| {
        if !API_KEY_SCOPES.contains(&scope) {
            return Err(format!("must be one of {}", API_KEY_SCOPES.join(", ")));
        }
        match by {
            Some(by) if !scopes_allow(&by.scopes.0, scope) => Err("the key that asks does not have this scope".into()),
            _ => Ok(()),
        }
    });
}

impl Service {
    /// Makes a key. With `by`, the key that asks for it: a key can give no more than it has itself.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_api_key(
        &self,
        cx: &Cx,
        actor: &str,
        by: Option<&ApiKeyRow>,
        new: NewApiKey,
    ) -> Result<CreatedApiKey, DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &new.name);
        check_scopes(&mut problems, &new.scopes, by);
        if by.is_some_and(|by| by.tenant_id.is_some()) {
            problems.must(!new.server_wide, "server_wide", "a key of one tenant cannot make a key for the whole server");
        }
        if let Some(at) = new.expires_at {
            problems.must(at > cx.now, "expires_at", "must lie in the future");
        }
        if let Some(key) = &new.key {
            let ok = key.starts_with(PREFIX) && (24..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
            problems.must(ok, "key", "must begin with dwk_ and have 24 to 200 printable ASCII characters");
        }
        problems.finish()?;
        let key = new.key.unwrap_or_else(|| token::<32>(PREFIX));
        let row = ApiKeyRow {
            id: new_id(cx.now),
            tenant_id: (!new.server_wide).then(|| cx.tenant_id()),
            name: new.name.trim().to_owned(),
            key_hash: self.api_key_digest(&key),
            hint: key.chars().skip(key.chars().count().saturating_sub(4)).collect(),
            scopes: Json(new.scopes),
            created_at: cx.now,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let event = Event::new("api_key.created")
            .actor(actor)
            .with("api_key", row.id.to_string())
            .with("name", row.name.as_str())
            .with("scopes", row.scopes.0.clone())
            .with("server_wide", new.server_wide);
        self.store.commit(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        Ok(CreatedApiKey { row, key })
    }

    /// The digest that a key is found by.
    pub fn api_key_digest(&self, key: &str) -> Vec<u8> {
        self.secrets.digest("api_key", &[key.as_bytes()])
    }

    /// The live key that a request carries.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn authenticate_api_key(&self, key: &str) -> Result<Option<ApiKeyRow>, Error> {
        if !key.starts_with(PREFIX) || key.len() > 200 {
            return Ok(None);
        }
        self.authenticate_door_key(key).await
    }

    /// The same for a door that takes keys of any shape.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn authenticate_door_key(&self, key: &str) -> Result<Option<ApiKeyRow>, Error> {
        if key.is_empty() || key.len() > 512 {
            return Ok(None);
        }
        let Some(row) = self.store.api_key_by_hash(&self.api_key_digest(key)).await? else { return Ok(None) };
        let now = row.tenant_id.map_or_else(|| self.clock.real(), |tenant| self.clock.now(tenant));
        if row.expires_at.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        if row.last_used_at.is_none_or(|at| now.seconds_since(at) >= TOUCH_EVERY) {
            self.store.commit(Batch::new().with(touch_api_key(row.id, now))).await?;
        }
        Ok(Some(row))
    }

    /// Keys, oldest first. A key of one tenant sees those of its tenant only.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_api_keys(
        &self,
        cx: &Cx,
        whole_server: bool,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ApiKeyRow>, DirectoryError> {
        let tenant = (!whole_server).then(|| cx.tenant_id());
        Ok(self.store.api_keys(tenant, after, limit).await?)
    }

    /// A key of the tenant or, for those who see the whole server, any.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_api_key(&self, cx: &Cx, whole_server: bool, id: Uuid) -> Result<ApiKeyRow, DirectoryError> {
        let row = self.store.api_key(id).await?.filter(|k| whole_server || k.tenant_id == Some(cx.tenant_id()));
        row.ok_or(DirectoryError::NotFound { noun: "API key" })
    }

    /// Changes what a key is called or may do. With `by`, the key that asks: it can give no more than it has itself.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn update_api_key(
        &self,
        cx: &Cx,
        actor: &str,
        by: Option<&ApiKeyRow>,
        id: Uuid,
        name: Option<String>,
        scopes: Option<Vec<String>>,
    ) -> Result<Change<ApiKeyRow>, DirectoryError> {
        let whole_server = by.is_none_or(|by| by.tenant_id.is_none());
        let before = self.get_api_key(cx, whole_server, id).await?;
        let mut row = before.clone();
        if let Some(name) = name {
            row.name = name.trim().to_owned();
        }
        if let Some(scopes) = scopes {
            row.scopes = Json(scopes);
        }
        if row == before {
            return Ok(Change { row, changed: false });
        }
        let mut problems = Problems::default();
        problems.name("name", &row.name);
        check_scopes(&mut problems, &row.scopes.0, by);
        problems.finish()?;
        let event = Event::new("api_key.updated")
            .actor(actor)
            .with("api_key", id.to_string())
            .with("name", row.name.as_str())
            .with("scopes", row.scopes.0.clone());
        self.store.commit(Batch::new().with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes a key; it works no more at once.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_api_key(&self, cx: &Cx, actor: &str, whole_server: bool, id: Uuid) -> Result<(), DirectoryError> {
        let row = self.get_api_key(cx, whole_server, id).await?;
        let event = Event::new("api_key.deleted").actor(actor).with("api_key", id.to_string()).with("name", row.name.as_str());
        self.store.commit(Batch::new().with(row.delete()).with(event.statement(cx))).await?;
        Ok(())
    }
}
