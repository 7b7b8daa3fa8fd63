//! Delivery: one POST a message, again after a while when it fails.

use super::wants;
use crate::boxed;
use crate::crew::Crew;
use crate::{Cx, Error, Service};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::webhooks::{DeliveryRow, WebhookRow, forget, lease, put_off};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use uuid::Uuid;

/// Tries before a message is given up; the waits between them grow from five seconds to six hours, two days in all.
const TRIES: i64 = 18;
/// Longest wait for one answer, in seconds.
const LONGEST_WAIT: u64 = 30;
/// Webhooks that are told at once from this node.
const AT_ONCE: usize = 32;
/// Messages that a webhook gets before what waits is read again.
const IN_A_ROW: u32 = 10;
/// How long a webhook is left alone after it did not take a message, before it gets the next.
const REST: Duration = Duration::from_secs(1);

/// Redirects are not followed: a message goes where its owner said, and nowhere else.
static HTTP: LazyLock<Result<reqwest::Client, String>> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| e.to_string())
});

/// What came of asking webhooks whether something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// How many were asked.
    pub asked: usize,
    /// How many agreed.
    pub agreed: usize,
}

/// Webhooks that are being told from this node.
pub(crate) fn crew() -> Crew<Uuid> {
    Crew::new(AT_ONCE, 1)
}

impl Service {
    /// Delivers what is due, once to each webhook: it ends when every webhook has taken a few of its messages or failed to. Every node
    /// may call this: a message is leased before it is sent.
    ///
    /// # Errors
    /// When what waits cannot be read.
    pub async fn deliver_due(&self) -> Result<(), Error> {
        let mut crew = crew();
        self.begin_deliveries(&mut crew).await?;
        crew.finish().await;
        Ok(())
    }

    /// Begins to deliver what is due, as far as there is room. Webhooks do not wait for each other, since one of them may never answer;
    /// each gets its messages one after the other, in the order of what happened.
    pub(crate) async fn begin_deliveries(&self, crew: &mut Crew<Uuid>) -> Result<(), Error> {
        let limit = u32::try_from(crew.room()).unwrap_or(u32::MAX).saturating_mul(IN_A_ROW);
        let mut by_hook: BTreeMap<Uuid, Vec<DeliveryRow>> = BTreeMap::new();
        for row in self.store.deliveries_due(self.clock.real(), limit, IN_A_ROW, &crew.full()).await? {
            by_hook.entry(row.webhook_id).or_default().push(row);
        }
        for (hook, rows) in by_hook {
            if crew.room_for(hook) == 0 {
                continue;
            }
            let service = self.clone();
            crew.begin(hook, async move {
                match service.deliver_to(hook, rows).await {
                    Ok(true) => {}
                    // Whoever is in trouble is not hurried.
                    Ok(false) => tokio::time::sleep(REST).await,
                    Err(error) => {
                        tracing::warn!(webhook = %hook, %error, "a webhook could not be told");
                        tokio::time::sleep(REST).await;
                    }
                }
            });
        }
        Ok(())
    }

    /// Delivers messages of one webhook up to the first that it does not take; whether it took all.
    async fn deliver_to(&self, hook: Uuid, rows: Vec<DeliveryRow>) -> Result<bool, Error> {
        let hook = self.store.webhook(hook).await?;
        for row in rows {
            let now = self.clock.real();
            match self.store.commit(Batch::new().with(lease(&row, now, now.plus_seconds(120)))).await {
                Ok(_) => {}
                Err(StoreError::Guard { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            let Some(hook) = &hook else {
                self.store.commit(Batch::new().with(forget(row.id))).await?;
                continue;
            };
            let Ok(body) = self.secrets.decrypt("webhook message", &row.id.to_string(), &row.body) else {
                // No later try would open it.
                self.give_up_message(&row, "the message cannot be decrypted").await?;
                continue;
            };
            match self.post_message(hook, &body).await {
                Ok(()) => {
                    self.store.commit(Batch::new().with(forget(row.id))).await?;
                    metrics::counter!("doorward_webhook_messages_total", "outcome" => "delivered").increment(1);
                }
                Err(failure) => {
                    self.put_off_message(&row, now, failure).await?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn give_up_message(&self, row: &DeliveryRow, error: &str) -> Result<(), Error> {
        tracing::error!(webhook = %row.webhook_id, event = %row.event, %error, "a message was given up");
        metrics::counter!("doorward_webhook_messages_total", "outcome" => "given_up").increment(1);
        self.store.commit(Batch::new().with(forget(row.id))).await?;
        Ok(())
    }

    async fn put_off_message(&self, row: &DeliveryRow, now: Timestamp, failure: Failure) -> Result<(), Error> {
        let Failure { status, error } = failure;
        if row.attempts + 1 >= TRIES {
            return self.give_up_message(row, &error).await;
        }
        tracing::warn!(webhook = %row.webhook_id, event = %row.event, attempts = row.attempts + 1, %error, "a message was not taken");
        metrics::counter!("doorward_webhook_messages_total", "outcome" => "put_off").increment(1);
        let due = now.plus_seconds(wait_after(row.attempts));
        self.store.commit(Batch::new().with(put_off(row, due, status, &error))).await?;
        Ok(())
    }

    /// Asks every webhook that wants an event whether it may happen, and waits for the answers. Those that did not answer well are
    /// told again later, if it happens: see [`Self::tell_again`].
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn ask_webhooks(
        &self,
        cx: &Cx,
        accent: &str,
        event: &str,
        body: &Value,
    ) -> Result<(Heard, Vec<WebhookRow>), Error> {
        let plain = serde_json::to_vec(body).map_err(Error::internal)?;
        let mut heard = Heard { asked: 0, agreed: 0 };
        let mut failed = Vec::new();
        for hook in self.list_webhooks(accent).await? {
            if !wants(&hook, cx.tenant_id(), event) {
                continue;
            }
            heard.asked += 1;
            match self.post_message(&hook, &plain).await {
                Ok(()) => heard.agreed += 1,
                Err(failure) => {
                    tracing::warn!(webhook = %hook.id, %event, error = %failure.error, "a webhook did not agree");
                    failed.push(hook);
                }
            }
        }
        Ok((heard, failed))
    }

    /// Keeps a message for webhooks that were asked in vain about something that happened all the same.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn tell_again(&self, cx: &Cx, hooks: &[WebhookRow], event: &str, body: &Value) -> Result<(), Error> {
        let mut batch = Batch::new();
        for hook in hooks {
            let mut row = self.delivery(hook, cx.tenant_id(), event, body)?;
            row.due_at = row.due_at.plus_seconds(wait_after(0));
            batch.push(row.insert());
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        Ok(())
    }

    async fn post_message(&self, hook: &WebhookRow, body: &[u8]) -> Result<(), Failure> {
        let fail = |error: String| Failure { status: None, error };
        let http = HTTP.as_ref().map_err(|e| fail(e.clone()))?;
        let secrets = self.webhook_secrets(hook).map_err(|e| fail(e.to_string()))?;
        let settings = &hook.settings.0;
        let wait = if settings.read_seconds == 0 { 5 } else { settings.read_seconds.min(LONGEST_WAIT) };
        let mut request = http
            .post(&hook.url)
            .timeout(Duration::from_secs(wait))
            .header("content-type", "application/json")
            .body(body.to_vec());
        for (name, value) in &secrets.headers {
            request = request.header(name, value);
        }
        if let Some((user, password)) = &secrets.basic {
            request = request.basic_auth(user, Some(password));
        }
        if let Some((name, value)) = self.signature(hook, body).await.map_err(|e| fail(e.to_string()))? {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|e| fail(e.without_url().to_string()))?;
        let status = response.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(Failure { status: Some(i64::from(status.as_u16())), error: format!("answered {status}") })
        }
    }

    /// The signature of a body, when the webhook names a key.
    async fn signature(&self, hook: &WebhookRow, body: &[u8]) -> Result<Option<(&'static str, String)>, Error> {
        let Some(id) = hook.settings.0.signing_key else { return Ok(None) };
        let Some(words) = self.vocabulary.of(&hook.settings.0.accent) else { return Ok(None) };
        let Some(key) = self.store.named_key_anywhere(id).await? else {
            return Err(Error::internal("the key that signs this webhook's messages is gone"));
        };
        let digest = STANDARD.encode(digest::digest(&digest::SHA256, body));
        let (header, claims) = words.signature(&digest);
        if let Some(secret) = self.named_secret(&key)? {
            let text = doorward_protocol::jose::sign_hs256(&secret, "JWT", &claims).map_err(Error::internal)?;
            return Ok(Some((header, text)));
        }
        let Some(pair) = self.named_signing_key(key.tenant_id, id).await? else { return Ok(None) };
        Ok(Some((header, self.sign_with(pair, "JWT", claims).await?)))
    }
}

/// Why a message did not arrive.
struct Failure {
    status: Option<i64>,
    error: String,
}

/// Seconds until the next try.
fn wait_after(attempts: i64) -> i64 {
    let exponent = u32::try_from(attempts.clamp(0, 12)).unwrap_or(0);
    (5 * 2_i64.pow(exponent)).min(6 * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_and_end() {
        let all: Vec<i64> = (0..TRIES - 1).map(wait_after).collect();
        assert!(all.is_sorted() && all.first() == Some(&5) && all.last() == Some(&(5 * 4096)));
        assert!(all.iter().sum::<i64>() > 86_400);
    }
}
