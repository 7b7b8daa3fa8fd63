//! Domains: hosts that belong to a tenant, each with one exact issuer string.

use super::document::{json, patched, read};
use super::field::{Problems, web_address};
use super::{Change, DirectoryError};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::ids::{DomainId, TenantId};
use doorward_protocol::oauth::client::Accent;
use doorward_store::engine::Batch;
use doorward_store::tenants::DomainRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What can be set of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainDocument {
    /// `host` or `host:port`, as it stands in a Host header.
    pub host: String,
    /// The exact issuer string (OpenID Connect Discovery, section 3).
    pub issuer: String,
    /// The domain that mails and links use.
    #[serde(default)]
    pub is_primary: bool,
    /// Whose discovery document it serves; its endpoints are the same for all.
    #[serde(default)]
    pub accent: Accent,
}

impl DomainDocument {
    /// The document of a row.
    pub fn of(row: &DomainRow) -> Self {
        Self { host: row.host.clone(), issuer: row.issuer.clone(), is_primary: row.is_primary, accent: row.accent }
    }

    /// Reads one from JSON.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn from_json(value: Value) -> Result<Self, DirectoryError> {
        read(value)
    }

    fn check(&mut self) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        self.host = self.host.trim().to_ascii_lowercase();
        let authority = url::Url::parse(&format!("scheme://{}", self.host));
        let host_ok = self.host.len() <= 260
            && !self.host.contains(['/', '@', '?', '#', '*', '\\', '%'])
            && authority.is_ok_and(|url| url.host_str().is_some_and(|h| !h.is_empty()))
            && self.host.bytes().all(|b| b.is_ascii_graphic());
        problems.must(host_ok, "host", "must be a host name, with :port unless it is the scheme's own");
        match web_address(&self.issuer) {
            Err(message) => problems.add("issuer", message),
            Ok(url) => {
                // OpenID Connect Discovery, section 3: no query, no fragment.
                problems.must(!self.issuer.contains(['?', '#']), "issuer", "must not contain a query or a fragment");
                // Every endpoint lies at the root of its host, so that an issuer with a path would promise addresses that are not there.
                problems.must(url.path() == "/", "issuer", "must not contain a path");
            }
        }
        problems.finish()
    }
}

impl Service {
    /// Gives a tenant a domain; the first one becomes the primary one.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_domain(&self, cx: &Cx, actor: &str, mut new: DomainDocument) -> Result<DomainRow, DirectoryError> {
        new.check()?;
        let others = self.store.domains(cx.tenant_id()).await?;
        if others.len() >= 100 {
            return Err(DirectoryError::conflict("host", "a tenant can have at most 100 domains"));
        }
        let row = DomainRow {
            id: DomainId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            host: new.host,
            issuer: new.issuer,
            base_url: None,
            is_primary: new.is_primary || others.is_empty(),
            accent: new.accent,
            created_at: cx.now,
        };
        let mut batch = Batch::new();
        if row.is_primary {
            demote(&mut batch, others, row.id);
        }
        let event = Event::new("domain.created").actor(actor).with("host", row.host.as_str()).with("issuer", row.issuer.as_str());
        self.write(batch.with(row.insert()).with(event.statement(cx))).await?;
        Ok(row)
    }

    /// The domains of a tenant, the primary one first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_domains(&self, tenant: TenantId) -> Result<Vec<DomainRow>, DirectoryError> {
        Ok(self.store.domains(tenant).await?)
    }

    /// A domain, of whichever tenant.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn find_domain(&self, id: DomainId) -> Result<Option<DomainRow>, DirectoryError> {
        Ok(self.store.domain(id).await?)
    }

    /// Changes a domain by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_domain(
        &self,
        cx: &Cx,
        actor: &str,
        id: DomainId,
        patch: &Value,
    ) -> Result<Change<DomainRow>, DirectoryError> {
        let mut others = self.store.domains(cx.tenant_id()).await?;
        let at = others.iter().position(|d| d.id == id).ok_or(DirectoryError::NotFound { noun: "domain" })?;
        let before = others.remove(at);
        let (after, fields) = patched(json(&DomainDocument::of(&before))?, patch)?;
        let mut document: DomainDocument = read(after)?;
        document.check()?;
        if before.is_primary && !document.is_primary {
            return Err(DirectoryError::conflict("is_primary", "make another domain the primary one instead"));
        }
        let row = DomainRow {
            host: document.host,
            issuer: document.issuer,
            is_primary: document.is_primary,
            accent: document.accent,
            ..before.clone()
        };
        if row == before {
            return Ok(Change { row, changed: false });
        }
        let mut batch = Batch::new();
        if row.is_primary && !before.is_primary {
            demote(&mut batch, others, id);
        }
        let event = Event::new("domain.updated").actor(actor).with("host", row.host.as_str()).with("fields", fields);
        self.write(batch.with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Takes a domain from a tenant. When it was the primary one, the oldest of the others becomes it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_domain(&self, cx: &Cx, actor: &str, id: DomainId) -> Result<(), DirectoryError> {
        let mut others = self.store.domains(cx.tenant_id()).await?;
        let at = others.iter().position(|d| d.id == id).ok_or(DirectoryError::NotFound { noun: "domain" })?;
        let row = others.remove(at);
        let mut batch = Batch::new().with(row.delete());
        if row.is_primary
            && let Some(next) = others.into_iter().min_by_key(|d| d.id)
        {
            batch.push(DomainRow { is_primary: true, ..next }.update());
        }
        let event = Event::new("domain.deleted").actor(actor).with("host", row.host.as_str());
        self.write(batch.with(event.statement(cx))).await
    }
}

fn demote(batch: &mut Batch, others: Vec<DomainRow>, but: DomainId) {
    for other in others.into_iter().filter(|d| d.is_primary && d.id != but) {
        batch.push(DomainRow { is_primary: false, ..other }.update());
    }
}
