//! Mail that waits to be sent, and development's mailbox.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::places;
use crate::record::{record, statement};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// Something that must leave the house: a mail, later a webhook or a logout notice.
    OutboxRow in "outbox" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// `mail`.
        kind: String,
        /// Encrypted under the master key: mails carry codes.
        payload: Vec<u8>,
        /// Not before.
        due_at: Timestamp,
        /// Tries so far.
        attempts: i64,
        /// A node is at it until.
        leased_until: Option<Timestamp>,
        /// What went wrong last.
        last_error: Option<String>,
        /// Made at.
        created_at: Timestamp,
    }
}

record! {
    /// A tenant's own words for a mail.
    MailTemplateRow in "mail_template" by [tenant_id, kind, locale] {
        /// Whose.
        tenant_id: TenantId,
        /// Which mail: `sign-in`, `verify`, …
        kind: String,
        /// In which language.
        locale: String,
        /// Subject, with placeholders.
        subject: String,
        /// What it says, with placeholders.
        body: String,
        /// Changed at.
        updated_at: Timestamp,
    }
}

/// Keeps a tenant's words for a mail, in the place of earlier ones.
pub fn put_mail_template(row: &MailTemplateRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (tenant_id, kind, locale) DO UPDATE SET subject = excluded.subject, body = excluded.body, updated_at = excluded.updated_at",
        insert.sql
    )
    .into();
    insert
}

/// Forgets a tenant's words for a mail, if there are any.
pub fn delete_mail_template(tenant: TenantId, kind: &str, locale: &str) -> Statement {
    statement(
        "DELETE FROM mail_template WHERE tenant_id = $1 AND kind = $2 AND locale = $3",
        params![tenant.0, kind, locale],
        Expect::Any,
        "mail_template.delete",
    )
}

impl Store {
    /// A tenant's own words for mails.
    pub async fn mail_templates(&self, tenant: TenantId) -> Result<Vec<MailTemplateRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY kind, locale", params![tenant.0]).await
    }
}

record! {
    /// A mail in development's mailbox.
    MailboxRow in "mailbox" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// To whom.
        recipient: String,
        /// Subject.
        subject: String,
        /// Plain text.
        body_text: String,
        /// HTML.
        body_html: String,
        /// Arrived at.
        received_at: Timestamp,
    }
}

record! {
    /// A tenant's own mail server.
    MailRouteRow in "mail_route" by [tenant_id] {
        /// Whose tenant.
        tenant_id: TenantId,
        /// Where and how, with its password: encrypted under the master key.
        settings: Vec<u8>,
        /// Changed at.
        updated_at: Timestamp,
    }
}

/// Gives a tenant a mail server of its own.
pub fn put_route(row: &MailRouteRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (tenant_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at",
        insert.sql
    )
    .into();
    insert
}

/// Takes a due row for a while; the guard fails when another node has it, or had it since the row was read.
pub fn lease(row: &OutboxRow, now: Timestamp, until: Timestamp) -> Statement {
    statement(
        "UPDATE outbox SET leased_until = $3, attempts = attempts + 1 WHERE id = $1 AND tenant_id = $2 AND attempts = $5 AND due_at <= $4 AND (leased_until IS NULL OR leased_until <= $4)",
        params![row.id, row.tenant_id.0, until.0, now.0, row.attempts],
        Expect::Rows(1),
        "outbox.leased",
    )
}

/// Puts a row off after a failure.
pub fn put_off(row: &OutboxRow, due_at: Timestamp, error: &str) -> Statement {
    statement(
        "UPDATE outbox SET due_at = $3, leased_until = NULL, last_error = $4 WHERE id = $1 AND tenant_id = $2",
        params![row.id, row.tenant_id.0, due_at.0, error],
        Expect::Any,
        "outbox.put_off",
    )
}

impl Store {
    /// A tenant's own mail server.
    pub async fn mail_route(&self, tenant: TenantId) -> Result<Option<MailRouteRow>, StoreError> {
        self.find("WHERE tenant_id = $1", params![tenant.0]).await
    }

    /// Rows that are due, oldest first and at most `each` of one tenant; none of those in `but`. So a tenant with many leaves room for
    /// the others.
    pub async fn outbox_due(
        &self,
        now: Timestamp,
        limit: u32,
        each: u32,
        but: &[TenantId],
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut params = params![now.0, i64::from(limit), i64::from(each)];
        let but: Vec<Uuid> = but.iter().map(|t| t.0).collect();
        let but = if but.is_empty() { String::new() } else { format!("AND tenant_id NOT IN ({})", places(&mut params, &but)) };
        let due = format!("due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1) {but}");
        let place = "ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY due_at, id) AS place";
        self.list(
            &format!(
                "WHERE id IN (SELECT id FROM (SELECT id, due_at, {place} FROM outbox WHERE {due}) AS waiting WHERE place <= $3 ORDER BY place, due_at, id LIMIT $2) ORDER BY due_at, id"
            ),
            params,
        )
        .await
    }

    /// Mails of the mailbox, newest first; with a recipient, only theirs.
    pub async fn mailbox(&self, tenant: TenantId, recipient: Option<&str>, limit: u32) -> Result<Vec<MailboxRow>, StoreError> {
        match recipient {
            Some(to) => {
                self.list(
                    "WHERE tenant_id = $1 AND recipient = $2 ORDER BY id DESC LIMIT $3",
                    params![tenant.0, to, i64::from(limit)],
                )
                .await
            }
            None => self.list("WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2", params![tenant.0, i64::from(limit)]).await,
        }
    }

    /// One mail of the mailbox.
    pub async fn mailbox_mail(&self, tenant: TenantId, id: Uuid) -> Result<Option<MailboxRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }
}
