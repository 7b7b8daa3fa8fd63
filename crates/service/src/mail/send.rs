//! The worker that empties the outbox.

use super::letter::Rendered;
use super::{MailRoute, MailSettings};
use crate::audit::Event;
use crate::crew::Crew;
use crate::secrets::new_id;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::mail::{self, MailboxRow, OutboxRow};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::time::Duration;

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

/// Mails on their way at once, from this node and from one tenant.
const AT_ONCE: (usize, usize) = (64, 4);
/// How long a lease outlives the longest delivery: time to write down what came of it.
const GRACE_SECONDS: i64 = 60;

/// How long somebody who tries a mail server waits for it.
const LONGEST_TRIAL: Duration = Duration::from_secs(20);

/// Mails on their way from this node.
pub(crate) fn crew() -> Crew<TenantId> {
    Crew::new(AT_ONCE.0, AT_ONCE.1)
}

impl Service {
    /// Sends what is due, until nothing is. Every node may call this: a row is leased before it is sent.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub async fn send_due_mail(&self) -> Result<(), Error> {
        let mut crew = crew();
        loop {
            self.begin_due_mail(&mut crew).await?;
            if crew.is_idle() {
                return Ok(());
            }
            crew.freed().await;
        }
    }

    /// Begins to send what is due, as far as there is room: a few mails of each tenant at once, since each may have a server of its
    /// own that never answers.
    pub(crate) async fn begin_due_mail(&self, crew: &mut Crew<TenantId>) -> Result<(), Error> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let rows = self.store.outbox_due(self.clock.real(), number(crew.room()), number(AT_ONCE.1), &crew.full()).await?;
        for row in rows {
            if crew.room_for(row.tenant_id) == 0 {
                continue;
            }
            let now = self.clock.real();
            let longest = i64::try_from(self.mail.timeout().as_secs()).unwrap_or(i64::MAX / 2000);
            match self.store.commit(Batch::new().with(mail::lease(&row, now, now.plus_seconds(longest + GRACE_SECONDS)))).await {
                Ok(_) => {}
                Err(StoreError::Guard { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            let service = self.clone();
            crew.begin(row.tenant_id, async move {
                if let Err(error) = service.send_leased(&row, now).await {
                    tracing::warn!(mail = %row.id, %error, "what came of a mail could not be noted");
                }
            });
        }
        Ok(())
    }

    async fn send_leased(&self, row: &OutboxRow, now: Timestamp) -> Result<(), Error> {
        match in_time(self.mail.timeout(), self.send_one(row)).await {
            Ok(()) => {
                self.store.commit(Batch::new().with(row.delete())).await?;
                metrics::counter!("doorward_mails_sent_total").increment(1);
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
                let mut batch = Batch::new().with(mail::put_off(row, next_try(now, row.attempts), &error));
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
        Ok(())
    }

    async fn send_one(&self, row: &OutboxRow) -> Result<(), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let plain = self.secrets.decrypt("outbox", &row.id.to_string(), &row.payload).map_err(|e| text(&e))?;
        let mail: Payload = serde_json::from_slice(&plain).map_err(|e| text(&e))?;
        let route = self.mail_route(row.tenant_id).await.map_err(|e| text(&e))?;
        // A connection for each mail: one that is kept after a delivery was broken off would answer the next mail with what it still
        // had to say about that one.
        let (transport, default_from) = match (&route, &self.mail) {
            (Some(route), MailSettings::Smtp { from, .. }) => (Some(route.transport()?), from.as_str()),
            (Some(route), MailSettings::Mailbox) => (Some(route.transport()?), "no-reply@localhost"),
            (None, MailSettings::Smtp { url, from, .. }) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| text(&e))?;
                (Some(builder.build()), from.as_str())
            }
            (None, MailSettings::Mailbox) => (None, ""),
        };
        let Some(transport) = transport else {
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
        let transport = route.transport()?;
        let sending = async { transport.send(message).await.map(|_| ()).map_err(|e| text(&e)) };
        in_time(self.mail.timeout().min(LONGEST_TRIAL), sending).await
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

/// The library bounds the connection and nothing after it.
async fn in_time(timeout: Duration, sending: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = || format!("the mail server did not take it within {} s", timeout.as_secs());
    tokio::time::timeout(timeout, sending).await.unwrap_or_else(|_| Err(late()))
}

fn next_try(now: Timestamp, attempts: i64) -> Timestamp {
    let exponent = u32::try_from(attempts.clamp(0, 9)).unwrap_or(0);
    now.plus_seconds((30 * 2_i64.pow(exponent)).min(4 * 3600))
}
