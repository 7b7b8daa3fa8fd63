//! Webhooks: what one is told of, from its making on, and what it is not.

use crate::house::{House, each, tenant};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::webhooks::{Message, WebhookDraft, Words};
use doorward_service::{Cx, Error, Service};
use doorward_store::audit::AuditEventRow;
use doorward_store::engine::Batch;
use doorward_store::webhooks::{DeliveryRow, WebhookSecrets, WebhookSettings};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};
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

/// Has words for no event.
struct Speechless;

#[async_trait::async_trait]
impl Words for Speechless {
    async fn messages(&self, _: &Service, _: &Cx, _: &AuditEventRow) -> Result<Vec<Message>, Error> {
        Err(Error::Busy)
    }

    fn signature(&self, _: &str) -> (&'static str, Value) {
        ("x-signature", json!({}))
    }
}

async fn webhook(h: &House, events: &[&str]) {
    webhook_at(h, "plain", "https://hook.example", events).await;
}

async fn webhook_at(h: &House, accent: &str, url: &str, events: &[&str]) -> Uuid {
    h.service.vocabulary.register("plain", Arc::new(Plain));
    h.service.vocabulary.register("speechless", Arc::new(Speechless));
    let events = events.iter().map(|&e| e.into()).collect();
    let settings = WebhookSettings { accent: accent.into(), events, read_seconds: 1, ..Default::default() };
    let draft = WebhookDraft { id: Uuid::new_v4(), url: url.into(), settings, secrets: WebhookSecrets::default() };
    h.service.put_webhook(&h.cx, "test", draft).await.unwrap().id
}

/// Where messages are taken, and how many were.
fn taker() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, taken) = (format!("http://{}/", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let count = taken.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Head and body are short enough to come at once.
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok_and(|n| n > 0) {
                count.fetch_add(1, SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        }
    });
    (address, taken)
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
    let mut rows = h.service.store.deliveries_due(Timestamp(i64::MAX), 1000, 1000, &[]).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_never_answers_holds_up_no_other() {
    each(async |h: House| {
        let silent =
            webhook_at(&h, "plain", &format!("http://127.0.0.1:{}/", crate::background::silent()), &["user.created"]).await;
        let (address, taken) = taker();
        webhook_at(&h, "plain", &address, &["user.deleted"]).await;
        let mut last = user(&h, &h.cx).await;
        for _ in 0..20 {
            last = user(&h, &h.cx).await;
        }
        h.service.delete_user(&h.cx, "test", last).await.unwrap();
        assert_eq!(waiting(&h).await.len(), 22);
        let begun = Instant::now();
        h.service.deliver_due().await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(taken.load(SeqCst), 1);
        let left = h.service.store.deliveries_due(Timestamp(i64::MAX), 100, 100, &[]).await.unwrap();
        assert_eq!(left.len(), 21);
        assert!(left.iter().all(|row| row.webhook_id == silent));
        // One was tried; the others are spared what it said.
        assert_eq!(left.iter().map(|row| row.attempts).sum::<i64>(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_words_and_a_message_that_does_not_open_stop_nobody() {
    each(async |h: House| {
        webhook_at(&h, "speechless", "https://hook.example/", &[]).await;
        let (address, taken) = taker();
        let hook = webhook_at(&h, "plain", &address, &["user.created"]).await;
        user(&h, &h.cx).await;
        assert_eq!(waiting(&h).await.len(), 1);
        let now = h.service.clock.real();
        let shut = DeliveryRow {
            id: Uuid::now_v7(),
            webhook_id: hook,
            tenant_id: h.cx.tenant_id(),
            event: "user.created".into(),
            body: b"not encrypted".to_vec(),
            due_at: now.plus_seconds(-60),
            attempts: 0,
            leased_until: None,
            last_status: None,
            last_error: None,
            created_at: now,
        };
        h.service.store.commit(Batch::new().with(shut.insert())).await.unwrap();
        h.service.deliver_due().await.unwrap();
        assert_eq!(taken.load(SeqCst), 1);
        assert_eq!(waiting(&h).await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_messages_arrives_at_once() {
    each(async |h: House| {
        let (address, taken) = taker();
        webhook_at(&h, "plain", &address, &["user.created"]).await;
        for _ in 0..25 {
            user(&h, &h.cx).await;
        }
        let stop = tokio::sync::watch::Sender::new(false);
        let working = tokio::spawn(doorward_service::jobs::run(h.service.clone(), stop.subscribe()));
        let begun = Instant::now();
        while taken.load(SeqCst) < 25 {
            assert!(begun.elapsed() < Duration::from_secs(10), "{} of 25 have arrived", taken.load(SeqCst));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.send_replace(true);
        doorward_service::jobs::end(working, Duration::from_secs(5)).await.unwrap();
    })
    .await;
}
