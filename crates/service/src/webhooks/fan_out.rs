//! From the audit log to messages that wait.

use super::wants;
use crate::secrets::new_id;
use crate::{Client, Error, Service};
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
            read += self.fan_out_to(hook, &tenants).await?;
        }
        Ok(read)
    }

    async fn fan_out_to(&self, hook: &WebhookRow, tenants: &[doorward_protocol::ids::TenantId]) -> Result<usize, Error> {
        let Some(words) = self.vocabulary.of(&hook.settings.0.accent) else { return Ok(0) };
        let cursors = self.store.webhook_cursors(hook.id).await?;
        let mut read = 0;
        for tenant in tenants.iter().filter(|t| hook.tenant_id.is_none_or(|own| own == **t)) {
            let from = match cursors.iter().find(|(t, _)| t == tenant) {
                Some((_, seq)) => *seq,
                // A tenant that is newer than the webhook: all of it is told.
                None => {
                    self.store.commit(Batch::new().with(begin_at_first(hook.id, *tenant))).await?;
                    0
                }
            };
            let events = self.store.audit_events_chained_after(*tenant, from, STEP).await?;
            let Some(to) = events.last().and_then(|e| e.seq) else { continue };
            let Some(cx) = self.admin_cx(*tenant, Client::default()).await? else { continue };
            let mut batch = Batch::new().with(advance(hook.id, *tenant, from, to));
            for event in &events {
                for message in words.messages(self, &cx, event).await? {
                    if wants(hook, *tenant, &message.event) {
                        batch.push(self.delivery(hook, *tenant, &message.event, &message.body)?.insert());
                    }
                }
            }
            match self.store.commit(batch).await {
                Ok(_) => read += events.len(),
                // Another node was quicker, or the webhook was deleted.
                Err(StoreError::Guard { .. } | StoreError::ForeignKey) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(read)
    }

    /// A message that waits.
    pub(super) fn delivery(
        &self,
        hook: &WebhookRow,
        tenant_id: doorward_protocol::ids::TenantId,
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
