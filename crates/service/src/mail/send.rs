//! The worker that empties the outbox.

use super::letter::Rendered;
use super::{MailRoute, MailSettings};
use crate::audit::Event;
use crate::secrets::new_id;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::mail::{self, MailboxRow, OutboxRow};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};

/// Tries before a mail is given up; the waits between them grow from half a minute to four hours, two days in all.
const TRIES: i64 = 20;

#[derive(Serialize, Deserialize)]
struct Payload {
    to: String,
    from: Option<String>,
    sender_name: String,
    subject: String,
    text: String,
    html: String,
}

pub(super) fn mailbox_row(cx: &Cx, to: &str, mail: Rendered) -> MailboxRow {
    MailboxRow {
        id: new_id(cx.now),
        tenant_id: cx.tenant_id(),
        recipient: to.to_lowercase(),
        subject: mail.subject,
        body_text: mail.text,
        body_html: mail.html,
        received_at: cx.now,
    }
}

pub(super) fn outbox_row(service: &Service, cx: &Cx, to: &str, mail: Rendered) -> Result<OutboxRow, Error> {
    let id = new_id(cx.now);
    let payload = Payload {
        to: to.to_owned(),
        from: cx.tenant.row.settings.0.mail_from.clone(),
        sender_name: cx.tenant.row.name.clone(),
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
    };
    let plain = serde_json::to_vec(&payload).map_err(Error::internal)?;
    let real = service.clock.real();
    Ok(OutboxRow {
        id,
        tenant_id: cx.tenant_id(),
        kind: "mail".into(),
        payload: service.secrets.encrypt("outbox", &id.to_string(), &plain),
        due_at: real,
        attempts: 0,
        leased_until: None,
        last_error: None,
        created_at: real,
    })
}

impl Service {
    /// Sends what is due; returns how many left. Every node may call this: a row is leased before it is sent.
    pub async fn send_due_mail(&self) -> Result<usize, Error> {
        let (shared, from) = match &self.mail {
            MailSettings::Smtp { url, from } => {
                (Some(AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(Error::internal)?.build()), from.as_str())
            }
            MailSettings::Mailbox => (None, "no-reply@localhost"),
        };
        let mut sent = 0;
        for row in self.store.outbox_due(self.clock.real(), 20).await? {
            let now = self.clock.real();
            match self.store.commit(Batch::new().with(mail::lease(&row, now, now.plus_seconds(120)))).await {
                Ok(_) => {}
                Err(StoreError::Guard { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            match self.send_one(&row, from, shared.as_ref()).await {
                Ok(()) => {
                    self.store.commit(Batch::new().with(row.delete())).await?;
                    metrics::counter!("doorward_mails_sent_total").increment(1);
                    sent += 1;
                }
                Err(error) if row.attempts + 1 >= TRIES => {
                    tracing::error!(mail = %row.id, %error, "a mail was given up");
                    metrics::counter!("doorward_mails_given_up_total").increment(1);
                    let mut batch = Batch::new().with(row.delete());
                    if let Some(cx) = self.cx_of_tenant(row.tenant_id, Client::default()).await? {
                        batch.push(
                            Event::new("mail.given_up")
                                .actor("system")
                                .with("mail", row.id.to_string())
                                .with("error", error)
                                .statement(&cx),
                        );
                    }
                    self.store.commit(batch).await?;
                }
                Err(error) => {
                    tracing::warn!(mail = %row.id, attempts = row.attempts + 1, %error, "a mail could not be sent");
                    metrics::counter!("doorward_mails_failed_total").increment(1);
                    let mut batch = Batch::new().with(mail::put_off(&row, next_try(now, row.attempts), &error));
                    // Whoever set up a server of their own learns at once that it does not take their mail.
                    if row.attempts == 0
                        && let Some(cx) = self.cx_of_tenant(row.tenant_id, Client::default()).await?
                        && cx.tenant.has_mail_route
                    {
                        let event = Event::new("mail.failed").actor("system").with("mail", row.id.to_string());
                        batch.push(event.with("error", error).statement(&cx));
                    }
                    self.store.commit(batch).await?;
                }
            }
        }
        Ok(sent)
    }

    async fn send_one(
        &self,
        row: &OutboxRow,
        default_from: &str,
        shared: Option<&AsyncSmtpTransport<Tokio1Executor>>,
    ) -> Result<(), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let plain = self.secrets.decrypt("outbox", &row.id.to_string(), &row.payload).map_err(|e| text(&e))?;
        let mail: Payload = serde_json::from_slice(&plain).map_err(|e| text(&e))?;
        let route = self.mail_route(row.tenant_id).await.map_err(|e| text(&e))?;
        let own = route.as_ref().map(MailRoute::transport).transpose()?;
        let Some(transport) = own.as_ref().or(shared) else {
            // Development, and the tenant's server was taken away meanwhile.
            return self.keep_in_mailbox(row, mail).await.map_err(|e| text(&e));
        };
        let from = route.as_ref().and_then(|r| r.from.as_deref()).or(mail.from.as_deref()).unwrap_or(default_from);
        let sender: Mailbox = from.parse().map_err(|e| text(&e))?;
        let from = Mailbox::new(sender.name.or(Some(mail.sender_name)), sender.email);
        let to = Mailbox::new(None, mail.to.parse().map_err(|e| text(&e))?);
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|e| text(&e))?;
        transport.send(message).await.map(|_| ()).map_err(|e| text(&e))
    }
}

impl Service {
    /// Has a mail server take a short mail now.
    pub(crate) async fn try_route(&self, cx: &Cx, route: &MailRoute, to: &str) -> Result<(), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let tenant = &cx.tenant.row.name;
        let from = match (&route.from, &self.mail) {
            (Some(from), _) => from.clone(),
            (None, MailSettings::Smtp { from, .. }) => from.clone(),
            (None, MailSettings::Mailbox) => format!("{tenant} <no-reply@{}>", cx.domain.host),
        };
        let from: Mailbox = from.parse().map_err(|e| text(&e))?;
        let message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, to.parse().map_err(|e| text(&e))?))
            .subject(format!("Test of the mail server of {tenant}"))
            .body(format!("{tenant} sends its e-mails by {} now.\n", route.host))
            .map_err(|e| text(&e))?;
        route.transport()?.send(message).await.map(|_| ()).map_err(|e| text(&e))
    }

    async fn keep_in_mailbox(&self, row: &OutboxRow, mail: Payload) -> Result<(), Error> {
        let kept = MailboxRow {
            id: row.id,
            tenant_id: row.tenant_id,
            recipient: mail.to.to_lowercase(),
            subject: mail.subject,
            body_text: mail.text,
            body_html: mail.html,
            received_at: row.created_at,
        };
        self.store.commit(Batch::new().with(kept.insert())).await?;
        Ok(())
    }
}

fn next_try(now: Timestamp, attempts: i64) -> Timestamp {
    let exponent = u32::try_from(attempts.clamp(0, 9)).unwrap_or(0);
    now.plus_seconds((30 * 2_i64.pow(exponent)).min(4 * 3600))
}
