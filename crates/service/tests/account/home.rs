//! Somebody with an account, who is signed in.

use super::house::House;
use doorward_protocol::ids::{ApplicationId, GrantId, UserId};
use doorward_protocol::policy::Policy;
use doorward_protocol::session::Method;
use doorward_service::directory::{NewApplication, NewIdentifier, NewUser, UserDocument};
use doorward_service::session::proof;
use doorward_service::tenancy::Tenant;
use doorward_service::{Cx, Service};
use doorward_store::Json;
use doorward_store::engine::{Batch, Statement};
use doorward_store::grants::{GrantTerms, RefreshFamilyRow};
use doorward_store::mail::MailboxRow;
use doorward_store::sessions::SessionRow;
use doorward_store::users::IdentifierRow;
use serde_json::json;
use std::sync::Arc;

pub const ADA: &str = "ada@example.org";

/// An account with a proven address and a session that was begun just now.
pub async fn somebody(h: &House, email: &str) -> SessionRow {
    with_addresses(h, &[NewIdentifier::email(email, true)]).await
}

/// The same with several addresses, the first of which is the primary one.
pub async fn with_addresses(h: &House, addresses: &[NewIdentifier]) -> SessionRow {
    let document = UserDocument { name: Some("Ada".into()), ..Default::default() };
    let new = NewUser { document, identifiers: addresses.to_vec(), ..Default::default() };
    let user = h.service.create_user(&h.cx, "test", new).await.expect("user").user.id;
    signed_in(h, user).await
}

pub async fn signed_in(h: &House, user: UserId) -> SessionRow {
    let opened = h.service.open_session(&h.cx, None, user, proof(&h.cx, Method::Passkey));
    write(&h.service, opened.statements).await;
    opened.row
}

pub async fn write(service: &Service, statements: impl IntoIterator<Item = Statement>) {
    let mut batch = Batch::new();
    for one in statements {
        batch.push(one);
    }
    service.store.commit(batch).await.expect("commit");
}

pub async fn application(h: &House, name: &str) -> ApplicationId {
    let new = NewApplication::from_json(json!({ "name": name })).expect("document");
    h.service.create_application(&h.cx, "test", new).await.expect("application").row.id
}

/// Refresh tokens of an application, born of a session.
pub async fn family(h: &House, session: &SessionRow, application_id: ApplicationId) -> GrantId {
    let row = RefreshFamilyRow {
        id: GrantId(doorward_service::secrets::new_id(h.cx.now)),
        tenant_id: h.cx.tenant_id(),
        application_id,
        user_id: session.user_id,
        session_id: Some(session.id),
        terms: Json(GrantTerms { scope: vec!["openid".into(), "email".into()], ..Default::default() }),
        created_at: h.cx.now,
        last_used_at: h.cx.now,
        expires_at: h.cx.now.plus_seconds(100_000),
        revoked_at: None,
        revoked_reason: None,
    };
    write(&h.service, [row.insert()]).await;
    row.id
}

/// Whether the family still gives tokens, and whether its access tokens are stopped.
pub async fn family_state(h: &House, id: GrantId) -> (bool, bool) {
    let row = h.service.store.refresh_family(h.cx.tenant_id(), id).await.expect("store");
    let stopped = h.service.store.is_revoked(h.cx.tenant_id(), uuid::Uuid::nil(), id.0).await.expect("store");
    (row.is_some_and(|r| r.revoked_at.is_none()), stopped)
}

pub async fn is_live(h: &House, session: &SessionRow) -> bool {
    let row = h.service.store.session(h.cx.tenant_id(), session.id).await.expect("store");
    row.is_some_and(|r| r.ended_at.is_none())
}

/// The same moment under another policy.
pub fn under(cx: &Cx, change: impl FnOnce(&mut Policy)) -> Cx {
    let mut row = cx.tenant.row.clone();
    change(&mut row.settings.0.policy);
    Cx {
        tenant: Arc::new(Tenant { row, domains: cx.tenant.domains.clone(), own_words: Arc::clone(&cx.tenant.own_words) }),
        ..cx.clone()
    }
}

/// Some seconds later.
pub fn later(cx: &Cx, seconds: i64) -> Cx {
    Cx { now: cx.now.plus_seconds(seconds), ..cx.clone() }
}

pub async fn mails(h: &House, to: &str) -> Vec<MailboxRow> {
    h.service.store.mailbox(h.cx.tenant_id(), Some(to), 100).await.expect("mailbox")
}

/// The code in the newest mail to an address.
pub async fn code(h: &House, to: &str) -> String {
    let mails = mails(h, to).await;
    let newest = mails.iter().max_by_key(|m| m.id).expect("a mail");
    newest.subject.chars().filter(char::is_ascii_digit).collect()
}

/// A code that is not that one.
pub fn other_than(code: &str) -> String {
    if code == "000000" { "111111".into() } else { "000000".into() }
}

pub async fn addresses(h: &House, session: &SessionRow) -> Vec<IdentifierRow> {
    h.service.store.identifiers(h.cx.tenant_id(), session.user_id).await.expect("store")
}
