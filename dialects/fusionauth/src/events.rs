//! What happened, in the vendor's words for webhooks.

use crate::nouns::{groups, registrations, tenants, users};
use crate::wire::{Doc, Refused};
use doorward_protocol::ids::GroupId;
use doorward_service::webhooks::{Message, Words};
use doorward_service::{Client, Cx, Error, Service};
use doorward_store::audit::AuditEventRow;
use serde_json::{Value, json};

/// The name of this accent's webhooks.
pub const ACCENT: &str = "fusionauth";

/// How many of the webhooks that were asked must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// One.
    Any,
    /// More than half.
    SimpleMajority,
    /// Two thirds.
    SuperMajority,
    /// All.
    AbsoluteMajority,
}

impl Transaction {
    /// Whether enough of them agreed. Where nobody was asked, nobody objects.
    pub fn is_met(self, asked: usize, agreed: usize) -> bool {
        asked == 0
            || match self {
                Self::Any => agreed > 0,
                Self::SimpleMajority => agreed * 2 > asked,
                Self::SuperMajority => agreed * 3 >= asked * 2,
                Self::AbsoluteMajority => agreed == asked,
            }
    }
}

/// Whether a tenant wants an event told, and by which kind of transaction.
async fn wanted(service: &Service, cx: &Cx, event: &str) -> Result<(bool, Option<Transaction>), Refused> {
    let all = tenants::setting(service, cx, "eventConfiguration.events").await?.unwrap_or_default();
    let Some(one) = all.get(event) else { return Ok((false, None)) };
    let transaction = match one.text("transactionType") {
        Some("Any") => Some(Transaction::Any),
        Some("SimpleMajority") => Some(Transaction::SimpleMajority),
        Some("SuperMajority") => Some(Transaction::SuperMajority),
        Some("AbsoluteMajority") => Some(Transaction::AbsoluteMajority),
        _ => None,
    };
    Ok((one.flag("enabled") == Some(true), transaction))
}

/// The transaction of an event, when the tenant asks its webhooks first.
///
/// # Errors
/// When the store fails.
pub async fn transaction_of(service: &Service, cx: &Cx, event: &str) -> Result<Option<Transaction>, Refused> {
    let (enabled, transaction) = wanted(service, cx, event).await?;
    Ok(transaction.filter(|_| enabled))
}

/// A message about an event.
pub fn envelope(cx: &Cx, event: &str, client: &Client, facts: Value) -> Value {
    let mut out = facts;
    if !out.is_object() {
        out = json!({});
    }
    crate::nouns::set(&mut out, "id", json!(crate::ids::fresh().to_string()));
    crate::nouns::set(&mut out, "createInstant", json!(cx.now.0));
    crate::nouns::set(&mut out, "tenantId", json!(cx.tenant_id().to_string()));
    crate::nouns::set(&mut out, "type", json!(event));
    crate::nouns::set(&mut out, "info", json!({ "ipAddress": client.ip, "userAgent": client.user_agent }));
    json!({ "event": out })
}

/// The events that webhooks are asked about before they happen, where their tenant says so. Of any other they are told.
pub const ASKED: &[&str] = &[
    "user.create",
    "user.update",
    "user.delete",
    "user.deactivate",
    "user.registration.create",
    "user.registration.update",
    "user.registration.delete",
    "group.create",
    "group.update",
    "group.delete",
    "group.member.add",
    "group.member.update",
];

/// The vendor's names of an event of ours.
fn names(event: &AuditEventRow) -> &'static [&'static str] {
    match event.event.as_str() {
        "user.created" => &["user.create", "user.create.complete"],
        "user.updated" | "profile.changed" => &["user.update", "user.update.complete"],
        "user.email_changed" => &["user.email.update"],
        "user.deleted" | "account.deleted" => &["user.delete", "user.delete.complete"],
        "user.blocked" => &["user.deactivate"],
        "user.unblocked" => &["user.reactivate"],
        "users.imported" => &["user.bulk.create"],
        "address.proven" => &["user.email.verified"],
        "sign_in.succeeded" => &["user.login.success"],
        "sign_in.failed" => &["user.login.failed"],
        "password.changed" => &["user.password.update"],
        "member.added" => &["user.registration.create", "user.registration.create.complete"],
        "member.changed" => &["user.registration.update", "user.registration.update.complete"],
        "member.removed" => &["user.registration.delete", "user.registration.delete.complete"],
        "second_factor.added" => &["user.two-factor.method.add"],
        "second_factor.removed" => &["user.two-factor.method.remove"],
        "refresh_token.used" => &["jwt.refresh"],
        "refresh_tokens.revoked" | "refresh_token.reused" => &["jwt.refresh-token.revoke"],
        "key.created" | "key.deleted" | "signing_key.rotated" => &["jwt.public-key.update"],
        "group.created" => &["group.create", "group.create.complete"],
        "group.updated" => &["group.update", "group.update.complete"],
        "group.deleted" => &["group.delete", "group.delete.complete"],
        "group.members_changed" if event.data.0.get("added").is_some() => &["group.member.add", "group.member.add.complete"],
        "group.members_changed" => &["group.member.remove", "group.member.remove.complete"],
        _ => &[],
    }
}

/// The vendor's words.
pub struct Vendor;

impl Vendor {
    async fn facts(&self, service: &Service, cx: &Cx, event: &AuditEventRow, name: &str) -> Result<Value, Refused> {
        let mut out = json!({});
        let data = &event.data.0;
        if let Some(user) = event.user_id {
            let shown = match service.store.person(cx.tenant_id(), user).await? {
                Some(person) => users::render(service, cx, &person).await?,
                // Gone: who it was is all that is left to say.
                None => json!({ "id": user.to_string(), "tenantId": cx.tenant_id().to_string() }),
            };
            crate::nouns::set(&mut out, "user", shown);
            crate::nouns::set(&mut out, "userId", json!(user.to_string()));
            if let Some(application) = event.application_id
                && let Ok(member) = service.get_member(cx, user, application).await
            {
                crate::nouns::set(&mut out, "registration", registrations::render(&member));
            }
        }
        if let Some(application) = event.application_id {
            crate::nouns::set(&mut out, "applicationId", json!(application.to_string()));
        }
        if name.starts_with("user.login") {
            crate::nouns::set(&mut out, "ipAddress", json!(event.ip));
            let method = match data.text("method") {
                Some("passkey") => "WebAuthn",
                Some("email_code") => "PASSWORDLESS",
                Some("ping") => "PING",
                _ => "PASSWORD",
            };
            crate::nouns::set(&mut out, "authenticationType", json!(method));
            crate::nouns::set(&mut out, "connectorId", json!(crate::ids::BUILT_IN_CONNECTOR.to_string()));
        }
        if name == "jwt.refresh-token.revoke" {
            let mut lives = json!({});
            for row in crate::nouns::applications::all(service, cx).await? {
                let seconds = row.settings.0.access_token_lifetime_seconds;
                crate::nouns::set(&mut lives, &row.id.to_string(), json!(seconds));
            }
            crate::nouns::set(&mut out, "applicationTimeToLiveInSeconds", lives);
        }
        if name.starts_with("group.")
            && let Some(id) = data.id("group")
            && let Some(row) = service.store.group(cx.tenant_id(), GroupId(id)).await?
        {
            crate::nouns::set(&mut out, "group", groups::render(service, &row).await?);
        }
        Ok(out)
    }
}

#[async_trait::async_trait]
impl Words for Vendor {
    async fn messages(&self, service: &Service, cx: &Cx, event: &AuditEventRow) -> Result<Vec<Message>, Error> {
        let fault = |refused: Refused| match refused {
            Refused::Fault(error) => error,
            _ => Error::internal("an event could not be put into words"),
        };
        let mut out = Vec::new();
        for name in names(event) {
            let (enabled, transaction) = wanted(service, cx, name).await.map_err(fault)?;
            // Who came through the API was asked about before it happened.
            let asked = ASKED.contains(name) && transaction.is_some() && event.actor.starts_with("api_key:");
            if !enabled || asked {
                continue;
            }
            let facts = self.facts(service, cx, event, name).await.map_err(fault)?;
            let client = Client { ip: event.ip.clone(), ..Client::default() };
            let mut body = envelope(cx, name, &client, facts);
            // The same event, told again, is the same event.
            crate::nouns::set(&mut body, "event.id", json!(event.id.to_string()));
            crate::nouns::set(&mut body, "event.createInstant", json!(event.at.0));
            out.push(Message { event: (*name).to_owned(), body });
        }
        Ok(out)
    }

    fn signature(&self, digest: &str) -> (&'static str, Value) {
        ("X-FusionAuth-Signature-JWT", json!({ "request_body_sha256": digest }))
    }
}

#[cfg(test)]
mod tests {
    use super::Transaction;

    #[test]
    fn how_many_must_agree() {
        assert!(Transaction::Any.is_met(3, 1) && !Transaction::Any.is_met(3, 0));
        assert!(Transaction::SimpleMajority.is_met(3, 2) && !Transaction::SimpleMajority.is_met(2, 1));
        assert!(Transaction::SuperMajority.is_met(3, 2) && !Transaction::SuperMajority.is_met(5, 3));
        assert!(Transaction::AbsoluteMajority.is_met(2, 2) && !Transaction::AbsoluteMajority.is_met(3, 2));
        assert!(Transaction::AbsoluteMajority.is_met(0, 0));
    }
}
