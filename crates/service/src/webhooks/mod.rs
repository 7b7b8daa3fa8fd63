//! Webhooks: who is told of what happened.
//!
//! The audit log is the outbox: an event is written in the transaction of what it tells of, and each webhook reads the chain from
//! where it stopped ([`fan_out`](Service::fan_out)). What it finds becomes messages, kept until they are delivered
//! ([`deliver`](Service::deliver_due)). So nothing that happened is lost, and nothing is told that did not happen. A surface puts
//! events into its own words ([`Words`]).

mod deliver;
mod fan_out;

use crate::boxed;
pub use deliver::Heard;
pub(crate) use deliver::crew;

use crate::audit::Event;
use crate::directory::{DirectoryError, Problems};
use crate::{Cx, Error, Service};
use doorward_store::Json;
use doorward_store::audit::AuditEventRow;
use doorward_store::engine::Batch;
use doorward_store::webhooks::{WebhookRow, WebhookSecrets, WebhookSettings, begin};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// A message: the name of the event in a surface's words, and what is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The event.
    pub event: String,
    /// The body.
    pub body: Value,
}

/// How a surface speaks to webhooks.
#[async_trait::async_trait]
pub trait Words: Send + Sync {
    /// What is said of an event; nothing, when it has no word for it or the tenant does not want it told.
    async fn messages(&self, service: &Service, cx: &Cx, event: &AuditEventRow) -> Result<Vec<Message>, Error>;

    /// The header that carries a signature, and the claims that it makes about a body with this SHA-256 digest (standard Base64).
    fn signature(&self, digest: &str) -> (&'static str, Value);
}

/// The words of this server's surfaces, by the name of their accent.
#[derive(Default)]
pub struct Vocabulary {
    all: RwLock<HashMap<String, Arc<dyn Words>>>,
}

impl Vocabulary {
    /// Registers a surface; done once, at start.
    pub fn register(&self, accent: &str, words: Arc<dyn Words>) {
        if let Ok(mut all) = self.all.write() {
            all.insert(accent.to_owned(), words);
        }
    }

    fn of(&self, accent: &str) -> Option<Arc<dyn Words>> {
        self.all.read().ok().and_then(|all| all.get(accent).cloned())
    }
}

/// A webhook as a caller wants it to be.
pub struct WebhookDraft {
    /// Its id.
    pub id: Uuid,
    /// Where messages go.
    pub url: String,
    /// Settings.
    pub settings: WebhookSettings,
    /// Headers and password that go with each message.
    pub secrets: WebhookSecrets,
}

impl Service {
    /// Every webhook of an accent, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_webhooks(&self, accent: &str) -> Result<Vec<WebhookRow>, Error> {
        let mut all = self.store.webhooks().await?;
        all.retain(|w| w.settings.0.accent == accent);
        Ok(all)
    }

    /// Makes a webhook or changes it. It is told of what happens from now on.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_webhook(&self, cx: &Cx, actor: &str, draft: WebhookDraft) -> Result<WebhookRow, DirectoryError> {
        let mut problems = Problems::default();
        let url = url::Url::parse(&draft.url);
        let ok = url.is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.host_str().is_some()) && draft.url.len() <= 2000;
        problems.must(ok, "url", "must be an address that begins with http:// or https://");
        for (name, value) in &draft.secrets.headers {
            let known = http_name(name) && value.len() <= 2000 && !value.chars().any(char::is_control);
            problems.must(known, "headers", "must be names and values of HTTP headers");
        }
        problems.must(draft.secrets.headers.len() <= 50, "headers", "must have at most 50 entries");
        problems.finish()?;
        let before = self.store.webhook(draft.id).await?;
        if before.is_none() {
            self.store.chain_all_audit().await?;
        }
        let plain = serde_json::to_vec(&draft.secrets).map_err(Error::internal)?;
        let row = WebhookRow {
            id: draft.id,
            tenant_id: None,
            url: draft.url,
            settings: Json(draft.settings),
            secrets: self.secrets.encrypt("webhook", &draft.id.to_string(), &plain),
            created_at: before.as_ref().map_or(cx.now, |b| b.created_at),
            updated_at: cx.now,
        };
        let mut batch = Batch::new();
        let name = if before.is_some() {
            batch.push(row.update());
            "webhook.updated"
        } else {
            batch.push(row.insert());
            "webhook.created"
        };
        for tenant in self.store.tenant_ids().await? {
            batch.push(begin(row.id, tenant));
        }
        let event = Event::new(name).actor(actor).with("webhook", row.id.to_string()).with("url", row.url.as_str());
        self.store.commit(batch.with(event.statement(cx))).await?;
        self.webhook_wake.notify_one();
        Ok(row)
    }

    /// Headers and password of a webhook.
    ///
    /// # Errors
    /// When they do not open.
    pub fn webhook_secrets(&self, row: &WebhookRow) -> Result<WebhookSecrets, Error> {
        let plain = self.secrets.decrypt("webhook", &row.id.to_string(), &row.secrets).map_err(Error::internal)?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }

    /// Deletes a webhook with what waits for it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_webhook(&self, cx: &Cx, actor: &str, id: Uuid) -> Result<(), DirectoryError> {
        let row = self.store.webhook(id).await?.ok_or(DirectoryError::NotFound { noun: "webhook" })?;
        let event = Event::new("webhook.deleted").actor(actor).with("webhook", id.to_string());
        self.store.commit(Batch::new().with(row.delete()).with(event.statement(cx))).await?;
        Ok(())
    }
}

fn http_name(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(token)
}

/// Whether a webhook wants a tenant's event.
fn wants(row: &WebhookRow, tenant: doorward_protocol::ids::TenantId, event: &str) -> bool {
    let settings = &row.settings.0;
    row.tenant_id.is_none_or(|own| own == tenant)
        && (settings.tenants.is_empty() || settings.tenants.contains(&tenant.0))
        && (settings.events.is_empty() || settings.events.iter().any(|e| e == event))
}
