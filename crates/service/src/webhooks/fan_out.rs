//! From the audit log to messages that wait.

use super::{Words, wants};
use crate::secrets::new_id;
use crate::{Client, Error, Service};
use doorward_protocol::ids::TenantId;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::webhooks::{DeliveryRow, WebhookRow, advance, begin_at_first};

/// Events of one tenant that are read in one step.
const STEP: u32 = 100;

impl Service {
    /// Reads what happened since the last time and keeps what each webhook is told of it. Every node may call this: a place in the
    /// log is passed once. Returns how many events were read: while it is not zero there may be more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fan_out(&self) -> Result<usize, Error> {
        let hooks = self.store.webhooks().await?;
        if hooks.is_empty() {
            return Ok(0);
        }
        let tenants = self.store.tenant_ids().await?;
        let mut read = 0;
        for hook in &hooks {
            // What keeps one from being told keeps nobody else from it.
            match self.fan_out_to(hook, &tenants).await {
                Ok(events) => read += events,
                Err(error) => tracing::warn!(webhook = %hook.id, %error, "the log could not be read for a webhook"),
            }
        }
        Ok(read)
    }

    async fn fan_out_to(&self, hook: &WebhookRow, tenants: &[TenantId]) -> Result<usize, Error> {
        let Some(words) = self.vocabulary.of(&hook.settings.0.accent) else { return Ok(0) };
        let cursors = self.store.webhook_cursors(hook.id).await?;
        let mut read = 0;
        for &tenant in tenants.iter().filter(|t| hook.tenant_id.is_none_or(|own| own == **t)) {
            let from = match cursors.iter().find(|(t, _)| *t == tenant) {
                Some((_, seq)) => *seq,
                // A tenant that is newer than the webhook: all of it is told.
                None => {
                    self.store.commit(Batch::new().with(begin_at_first(hook.id, tenant))).await?;
                    0
                }
            };
            match self.fan_out_of(hook, words.as_ref(), tenant, from).await {
                Ok(events) => read += events,
                Err(error) => tracing::warn!(webhook = %hook.id, %tenant, %error, "the log could not be read for a webhook"),
            }
        }
        Ok(read)
    }

    /// Reads on in one tenant's log for one webhook.
    async fn fan_out_of(&self, hook: &WebhookRow, words: &dyn Words, tenant: TenantId, from: i64) -> Result<usize, Error> {
        let events = self.store.audit_events_chained_after(tenant, from, STEP).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let Some(cx) = self.admin_cx(tenant, Client::default()).await? else { return Ok(0) };
        let mut messages = Batch::new();
        let (mut read, mut to) = (0, from);
        for event in &events {
            match words.messages(self, &cx, event).await {
                Ok(said) => {
                    for message in said.into_iter().filter(|m| wants(hook, tenant, &m.event)) {
                        messages.push(self.delivery(hook, tenant, &message.event, &message.body)?.insert());
                    }
                }
                // What was read before it is told; it is tried again in the next step.
                Err(error) if read > 0 => {
                    tracing::warn!(webhook = %hook.id, event = %event.id, %error, "there are no words for an event yet");
                    break;
                }
                Err(error) => return Err(error),
            }
            read += 1;
            to = event.seq.unwrap_or(to);
        }
        match self.store.commit(Batch::new().with(advance(hook.id, tenant, from, to)).and(messages)).await {
            Ok(_) => Ok(read),
            // Another node was quicker, or the webhook was deleted.
            Err(StoreError::Guard { .. } | StoreError::ForeignKey) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// A message that waits.
    pub(super) fn delivery(
        &self,
        hook: &WebhookRow,
        tenant_id: TenantId,
        event: &str,
        body: &serde_json::Value,
    ) -> Result<DeliveryRow, Error> {
        let now = self.clock.real();
        let id = new_id(now);
        let plain = serde_json::to_vec(body).map_err(Error::internal)?;
        Ok(DeliveryRow {
            id,
            webhook_id: hook.id,
            tenant_id,
            event: event.to_owned(),
            body: self.secrets.encrypt("webhook message", &id.to_string(), &plain),
            due_at: now,
            attempts: 0,
            leased_until: None,
            last_status: None,
            last_error: None,
            created_at: now,
        })
    }
}
