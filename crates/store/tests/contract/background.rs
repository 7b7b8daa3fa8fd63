//! What work in the background rests on: who may take a row, in what order, what is swept, what is chained.

use crate::database::{Schema, each};
use crate::nouns::{NOW, application, event, id, migrated, tenant, user};
use doorward_protocol::ids::{GrantId, TenantId};
use doorward_store::engine::{Batch, ConnectOptions, Db};
use doorward_store::grants::{GrantTerms, RefreshFamilyRow, RefreshTokenRow};
use doorward_store::mail::{self, OutboxRow};
use doorward_store::webhooks::{self, DeliveryRow, WebhookRow, WebhookSettings};
use doorward_store::{Json, Store, params, short_lived};
use uuid::Uuid;

fn mail_of(tenant_id: TenantId, due: i64) -> OutboxRow {
    OutboxRow {
        id: id(),
        tenant_id,
        kind: "mail".into(),
        payload: vec![1],
        due_at: NOW.plus_seconds(due),
        attempts: 0,
        leased_until: None,
        last_error: None,
        created_at: NOW,
    }
}

fn webhook() -> WebhookRow {
    WebhookRow {
        id: id(),
        tenant_id: None,
        url: "https://hook.example/".into(),
        settings: Json(WebhookSettings::default()),
        secrets: vec![1],
        created_at: NOW,
        updated_at: NOW,
    }
}

fn message_for(webhook_id: Uuid, tenant_id: TenantId, due: i64) -> DeliveryRow {
    DeliveryRow {
        id: id(),
        webhook_id,
        tenant_id,
        event: "user.created".into(),
        body: vec![4],
        due_at: NOW.plus_seconds(due),
        attempts: 0,
        leased_until: None,
        last_status: None,
        last_error: None,
        created_at: NOW,
    }
}

/// A cascade looks for the rows of a user by the column that refers to one, and by nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_user_are_found_without_reading_a_table() {
    each(async |db| {
        let store = migrated(db).await;
        let sql = if store.db().is_sqlite() {
            "SELECT t.name AS referrer, (SELECT COUNT(*) FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
               WHERE i.partial = 0 AND c.seqno = 0 AND c.name = f.\"from\") AS indexes
             FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
             WHERE t.type = 'table' AND f.\"table\" = 'account' ORDER BY t.name"
        } else {
            "SELECT CAST(c.conrelid::regclass AS TEXT) AS referrer, (SELECT COUNT(*) FROM pg_index i
               WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indkey[0] = c.conkey[1]) AS indexes
             FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = 'account'::regclass ORDER BY 1"
        };
        let rows = store.db().query(sql, params![]).await.unwrap();
        assert!(rows.len() >= 18, "{} tables refer to users", rows.len());
        let without: Vec<String> =
            rows.iter().filter(|row| row.int("indexes") == Ok(0)).map(|row| row.text("referrer").unwrap()).collect();
        assert_eq!(without, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_before_another_node_had_it_is_not_taken() {
    each(async |db| {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let hook = webhook();
        let (row, message) = (mail_of(one, 0), message_for(hook.id, one, 0));
        store.commit(Batch::new().with(row.insert()).with(hook.insert()).with(message.insert())).await.unwrap();
        let until = NOW.plus_seconds(60);

        // Both nodes read; one sends in vain and puts off.
        let (first, second) = (store.outbox_due(NOW, 9, 9, &[]).await.unwrap(), store.outbox_due(NOW, 9, 9, &[]).await.unwrap());
        store.commit(Batch::new().with(mail::lease(&first[0], NOW, until))).await.unwrap();
        store.commit(Batch::new().with(mail::put_off(&first[0], NOW.plus_seconds(30), "no route"))).await.unwrap();
        for now in [NOW, NOW.plus_seconds(30)] {
            let late = store.commit(Batch::new().with(mail::lease(&second[0], now, until))).await;
            assert!(late.unwrap_err().is_guard("outbox.leased"), "not due, or another try than the one that was read");
        }
        let again = store.outbox_due(NOW.plus_seconds(30), 9, 9, &[]).await.unwrap().remove(0);
        assert_eq!(again.attempts, 1);
        let early = store.commit(Batch::new().with(mail::lease(&again, NOW, until))).await;
        assert!(early.unwrap_err().is_guard("outbox.leased"), "not due yet");
        store.commit(Batch::new().with(mail::lease(&again, NOW.plus_seconds(30), until))).await.unwrap();

        let first = store.deliveries_due(NOW, 9, 9, &[]).await.unwrap();
        store.commit(Batch::new().with(webhooks::lease(&first[0], NOW, until))).await.unwrap();
        store.commit(Batch::new().with(webhooks::put_off(&first[0], NOW.plus_seconds(30), None, "no route"))).await.unwrap();
        for now in [NOW, NOW.plus_seconds(30)] {
            let late = store.commit(Batch::new().with(webhooks::lease(&first[0], now, until))).await;
            assert!(late.unwrap_err().is_guard("webhook_delivery.leased"));
        }
        let again = store.deliveries_due(NOW.plus_seconds(30), 9, 9, &[]).await.unwrap().remove(0);
        assert!(store.commit(Batch::new().with(webhooks::lease(&again, NOW, until))).await.is_err(), "not due yet");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_much_leaves_room_for_the_others() {
    each(async |db| {
        let store = migrated(db).await;
        let (much, little) = (tenant(&store, "much").await, tenant(&store, "little").await);
        let (busy, quiet) = (webhook(), webhook());
        let mut batch = Batch::new().with(busy.insert()).with(quiet.insert());
        for n in 0..10 {
            batch.push(mail_of(much, n - 20).insert());
            batch.push(message_for(busy.id, much, n - 20).insert());
        }
        batch.push(mail_of(little, 0).insert());
        batch.push(mail_of(little, 1).insert());
        batch.push(message_for(quiet.id, much, 0).insert());
        store.commit(batch).await.unwrap();
        let mails = async |limit, each, but: &[TenantId]| -> Vec<TenantId> {
            store.outbox_due(NOW, limit, each, but).await.unwrap().into_iter().map(|row| row.tenant_id).collect()
        };
        assert_eq!(mails(9, 3, &[]).await, [much, much, much, little], "and what is not due waits");
        assert_eq!(mails(2, 3, &[]).await, [much, little], "each has one before anybody has two");
        assert_eq!(mails(9, 3, &[much]).await, [little]);
        let messages = async |limit, each, but: &[Uuid]| -> Vec<Uuid> {
            store.deliveries_due(NOW, limit, each, but).await.unwrap().into_iter().map(|row| row.webhook_id).collect()
        };
        assert_eq!(messages(9, 2, &[]).await, [busy.id, busy.id, quiet.id]);
        assert_eq!(messages(9, 2, &[busy.id]).await, [quiet.id]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn used_refresh_tokens_go_when_they_would_have_expired() {
    each(async |db| {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let (user_id, application_id) = (user(&store, one, "ada@example.org").await, application(&store, one, "app").await);
        let family = RefreshFamilyRow {
            id: GrantId(id()),
            tenant_id: one,
            application_id,
            user_id,
            session_id: None,
            terms: Json(GrantTerms::default()),
            created_at: NOW,
            last_used_at: NOW,
            expires_at: NOW.plus_seconds(1000),
            revoked_at: None,
            revoked_reason: None,
        };
        let token = |expires: i64, used: bool| RefreshTokenRow {
            id: id(),
            tenant_id: one,
            family_id: family.id,
            secret_hash: vec![3; 32],
            created_at: NOW,
            expires_at: NOW.plus_seconds(expires),
            used_at: used.then_some(NOW),
            successor_id: None,
        };
        let (old, recent, open) = (token(10, true), token(100, true), token(10, false));
        let batch = [family.insert(), old.insert(), recent.insert(), open.insert()].to_vec();
        store.commit(batch.into()).await.unwrap();
        store.commit(short_lived::sweep(NOW.plus_seconds(50), NOW, 100).into()).await.unwrap();
        assert!(store.refresh_token(one, old.id).await.unwrap().is_none());
        for kept in [recent.id, open.id] {
            assert!(store.refresh_token(one, kept).await.unwrap().is_some(), "not expired, or the last of its family");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_counted_over_the_window_and_the_wait_begins_with_the_last() {
    each(async |db| {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let fail = async |bucket: &str, at: i64, limit| {
            let now = NOW.plus_seconds(at);
            let (ends, locked) = (now.plus_seconds(60), now.plus_seconds(180));
            store.commit(Batch::new().with(short_lived::count_guess(one, bucket, now, ends, limit, locked))).await.unwrap();
            let (failures, until) = store.failures(one, bucket, now).await.unwrap();
            (failures, until.seconds_since(NOW))
        };
        let slow = [fail("slow", 0, 5).await, fail("slow", 40, 5).await, fail("slow", 80, 5).await];
        assert_eq!(slow, [(1, 60), (2, 60), (1, 140)]);
        for at in 0..4 {
            assert_eq!(fail("fast", at, 5).await, (at + 1, 60));
        }
        assert_eq!(fail("fast", 10, 5).await, (5, 190));
        assert_eq!(fail("fast", 11, 5).await, (6, 191), "one that was under way meanwhile");
        assert_eq!(fail("fast", 191, 5).await, (1, 251));
        assert_eq!(fail("strict", 0, 1).await, (1, 180));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_chained_although_another_node_chains_too() {
    let Some(schema) = Schema::create().await else { return };
    let url = schema.url();
    schema
        .run(async move {
            let here = migrated(Db::connect(&url, ConnectOptions::default()).await.unwrap()).await;
            let there = Store::new(Db::connect(&url, ConnectOptions::default()).await.unwrap());
            let one = tenant(&here, "one").await;
            for round in 0..3 {
                let mut batch = Batch::new();
                for n in 0..1200 {
                    batch.push(event(one, round * 1200 + n).insert());
                }
                here.commit(batch).await.unwrap();
                let other = tokio::spawn({
                    let there = there.clone();
                    async move { while there.chain_audit().await.unwrap() > 0 {} }
                });
                here.chain_all_audit().await.unwrap();
                let report = here.verify_audit(one).await.unwrap();
                assert_eq!((report.unchained, report.fault), (0, None));
                other.await.unwrap();
            }
        })
        .await;
}
