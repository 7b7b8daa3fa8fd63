//! Webhooks: who is told of events, how far each has read the audit log, and what waits to be delivered.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::places;
use crate::record::{Json, record, statement};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is set of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookSettings {
    /// Which surface writes its messages: `fusionauth` and the like; empty: the standard one.
    pub accent: String,
    /// Tenants whose events it gets, when it is no tenant's own; empty: all.
    pub tenants: Vec<Uuid>,
    /// Names of the events that it wants, in the words of its surface; empty: all.
    pub events: Vec<String>,
    /// Seconds to wait for a connection.
    pub connect_seconds: u64,
    /// Seconds to wait for an answer.
    pub read_seconds: u64,
    /// The named key that signs its messages.
    pub signing_key: Option<Uuid>,
    /// What its surface keeps of it.
    pub extension: serde_json::Value,
}

/// What is secret about a webhook; encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookSecrets {
    /// Headers that go with each message.
    pub headers: BTreeMap<String, String>,
    /// User name and password for HTTP Basic authentication.
    pub basic: Option<(String, String)>,
}

record! {
    /// A webhook.
    WebhookRow in "webhook" by [id] {
        /// Its id.
        id: Uuid,
        /// Whose events; `None`: those of every tenant, or of the ones that the settings name.
        tenant_id: Option<TenantId>,
        /// Where messages go.
        url: String,
        /// Settings.
        settings: Json<WebhookSettings>,
        /// [`WebhookSecrets`], encrypted under the master key.
        secrets: Vec<u8>,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A message that waits for its webhook.
    DeliveryRow in "webhook_delivery" by [id] {
        /// Its id.
        id: Uuid,
        /// To which webhook.
        webhook_id: Uuid,
        /// Whose event.
        tenant_id: TenantId,
        /// The event, in the words of the surface.
        event: String,
        /// The message, encrypted under the master key: it is about people.
        body: Vec<u8>,
        /// Not before.
        due_at: Timestamp,
        /// Tries so far.
        attempts: i64,
        /// A node is at it until.
        leased_until: Option<Timestamp>,
        /// Status of the last answer.
        last_status: Option<i64>,
        /// What went wrong last.
        last_error: Option<String>,
        /// Made at.
        created_at: Timestamp,
    }
}

/// Moves the place that a webhook has reached in a tenant's log; the guard fails when another node moved it.
pub fn advance(webhook: Uuid, tenant: TenantId, from: i64, to: i64) -> Statement {
    statement(
        "UPDATE webhook_cursor SET seq = $4 WHERE webhook_id = $1 AND tenant_id = $2 AND seq = $3",
        params![webhook, tenant.0, from, to],
        Expect::Rows(1),
        "webhook.cursor",
    )
}

/// Begins a webhook's reading of a tenant's log at the end of its chain: what was chained before is not told. An event that is still to
/// be chained would be, so [`Store::chain_all_audit`] comes first.
pub fn begin(webhook: Uuid, tenant: TenantId) -> Statement {
    statement(
        "INSERT INTO webhook_cursor (webhook_id, tenant_id, seq) SELECT $1, $2, COALESCE((SELECT seq FROM audit_head WHERE tenant_id = $2), 0) ON CONFLICT DO NOTHING",
        params![webhook, tenant.0],
        Expect::Any,
        "webhook.begin",
    )
}

/// Begins a webhook's reading of a tenant's log at its first event.
pub fn begin_at_first(webhook: Uuid, tenant: TenantId) -> Statement {
    statement(
        "INSERT INTO webhook_cursor (webhook_id, tenant_id, seq) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        params![webhook, tenant.0],
        Expect::Any,
        "webhook.begin",
    )
}

/// Takes a message for a while; the guard fails when another node has it, or had it since the message was read.
pub fn lease(row: &DeliveryRow, now: Timestamp, until: Timestamp) -> Statement {
    statement(
        "UPDATE webhook_delivery SET leased_until = $2, attempts = attempts + 1 WHERE id = $1 AND attempts = $4 AND due_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)",
        params![row.id, until.0, now.0, row.attempts],
        Expect::Rows(1),
        "webhook_delivery.leased",
    )
}

/// Puts a message off after a failure.
pub fn put_off(row: &DeliveryRow, due_at: Timestamp, status: Option<i64>, error: &str) -> Statement {
    use crate::record::Field as _;
    statement(
        "UPDATE webhook_delivery SET due_at = $2, leased_until = NULL, last_status = $3, last_error = $4 WHERE id = $1",
        vec![row.id.bind(), due_at.bind(), status.bind(), error.to_owned().bind()],
        Expect::Any,
        "webhook_delivery.put_off",
    )
}

/// Forgets a message, delivered or given up.
pub fn forget(id: Uuid) -> Statement {
    statement("DELETE FROM webhook_delivery WHERE id = $1", params![id], Expect::Any, "webhook_delivery.forget")
}

impl Store {
    /// All webhooks, oldest first.
    pub async fn webhooks(&self) -> Result<Vec<WebhookRow>, StoreError> {
        self.list("ORDER BY created_at, id LIMIT 1000", params![]).await
    }

    /// A webhook.
    pub async fn webhook(&self, id: Uuid) -> Result<Option<WebhookRow>, StoreError> {
        self.find("WHERE id = $1", params![id]).await
    }

    /// Where a webhook's reading of each tenant's log stands.
    pub async fn webhook_cursors(&self, webhook: Uuid) -> Result<Vec<(TenantId, i64)>, StoreError> {
        let rows = self.db.query("SELECT tenant_id, seq FROM webhook_cursor WHERE webhook_id = $1", params![webhook]).await?;
        rows.iter().map(|row| Ok((TenantId(row.uuid("tenant_id")?), row.int("seq")?))).collect()
    }

    /// Messages that are due, oldest first and at most `each` of one webhook; none of those in `but`.
    pub async fn deliveries_due(
        &self,
        now: Timestamp,
        limit: u32,
        each: u32,
        but: &[Uuid],
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut params = params![now.0, i64::from(limit), i64::from(each)];
        let but = if but.is_empty() { String::new() } else { format!("AND webhook_id NOT IN ({})", places(&mut params, but)) };
        let due = format!("due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) {but}");
        let place = "ROW_NUMBER() OVER (PARTITION BY webhook_id ORDER BY due_at, id) AS place";
        self.list(
            &format!(
                "WHERE id IN (SELECT id FROM (SELECT id, due_at, {place} FROM webhook_delivery WHERE {due}) AS waiting WHERE place <= $3 ORDER BY place, due_at, id LIMIT $2) ORDER BY due_at, id"
            ),
            params,
        )
        .await
    }

    /// Ids of every tenant, oldest first.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows = self.db.query("SELECT id FROM tenant ORDER BY created_at, id LIMIT 100000", params![]).await?;
        rows.iter().map(|row| row.uuid("id").map(TenantId)).collect()
    }
}
