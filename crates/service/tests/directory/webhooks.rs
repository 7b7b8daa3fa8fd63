//! Webhooks: what one is told of, from its making on, and what it is not.

use crate::house::{House, each, tenant};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::webhooks::{Message, WebhookDraft, Words};
use doorward_service::{Cx, Error, Service};
use doorward_store::audit::AuditEventRow;
use doorward_store::webhooks::{WebhookSecrets, WebhookSettings};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Says the name of every event.
struct Plain;

#[async_trait::async_trait]
impl Words for Plain {
    async fn messages(&self, _: &Service, _: &Cx, event: &AuditEventRow) -> Result<Vec<Message>, Error> {
        Ok(vec![Message { event: event.event.clone(), body: json!({}) }])
    }

    fn signature(&self, _: &str) -> (&'static str, Value) {
        ("x-signature", json!({}))
    }
}

async fn webhook(h: &House, events: &[&str]) {
    h.service.vocabulary.register("plain", Arc::new(Plain));
    let settings =
        WebhookSettings { accent: "plain".into(), events: events.iter().map(|&e| e.into()).collect(), ..Default::default() };
    let draft =
        WebhookDraft { id: Uuid::new_v4(), url: "https://hook.example".into(), settings, secrets: WebhookSecrets::default() };
    h.service.put_webhook(&h.cx, "test", draft).await.unwrap();
}

pub async fn user(h: &House, cx: &Cx) -> UserId {
    let name = NewIdentifier { kind: IdentifierKind::Username, value: format!("u{}", Uuid::new_v4().simple()), verified: true };
    let new = NewUser { identifiers: vec![name], ..Default::default() };
    h.service.create_user(cx, "test", new).await.unwrap().user.id
}

/// What waits to be told, in order.
async fn waiting(h: &House) -> Vec<(TenantId, String)> {
    h.service.store.chain_all_audit().await.unwrap();
    while h.service.fan_out().await.unwrap() > 0 {}
    let mut rows = h.service.store.deliveries_due(Timestamp(i64::MAX), 1000).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows.into_iter().map(|row| (row.tenant_id, row.event)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_is_not_told() {
    each(async |h: House| {
        // Not chained yet, where chaining is left for later.
        user(&h, &h.cx).await;
        webhook(&h, &["user.created"]).await;
        assert_eq!(waiting(&h).await, []);
        user(&h, &h.cx).await;
        assert_eq!(waiting(&h).await, [(h.cx.tenant_id(), "user.created".to_owned())]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_newer_tenant_is_told() {
    each(async |h: House| {
        webhook(&h, &["user.created"]).await;
        let newer = tenant(&h.service, "newer").await;
        user(&h, &newer).await;
        assert_eq!(waiting(&h).await, [(newer.tenant_id(), "user.created".to_owned())]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_nobody_wants_do_not_slow_the_reading() {
    each(async |h: House| {
        webhook(&h, &["user.deleted"]).await;
        let mut last = user(&h, &h.cx).await;
        for _ in 0..100 {
            last = user(&h, &h.cx).await;
        }
        h.service.delete_user(&h.cx, "test", last).await.unwrap();
        assert_eq!(waiting(&h).await, [(h.cx.tenant_id(), "user.deleted".to_owned())]);
    })
    .await;
}
