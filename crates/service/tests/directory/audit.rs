//! What the audit log says of a change, and how events are found in it.

use crate::house::{House, each};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_service::directory::{ImportJob, ImportOptions, NewIdentifier, NewUser};
use doorward_store::audit::{AuditEventRow, AuditFilter};
use serde_json::json;

async fn of(h: &House, kind: &str) -> Vec<AuditEventRow> {
    h.service.list_audit_events(&h.cx, Some(kind), None, None, 50).await.unwrap().items
}

async fn user(h: &House, email: &str) -> UserId {
    let new = NewUser { identifiers: vec![NewIdentifier::email(email, true)], ..Default::default() };
    h.service.create_user(&h.cx, "test", new).await.unwrap().user.id
}

#[tokio::test]
async fn a_change_is_named_down_to_its_fields() {
    each(|h| async move {
        let patch = json!({ "policy": { "password": { "min_length": 21 } }, "brand": { "color": "#a02040" } });
        h.service.patch_tenant(&h.cx, "test", &patch).await.unwrap();
        let [event] = &of(&h, "tenant.updated").await[..] else { panic!("one event") };
        let mut fields: Vec<String> = serde_json::from_value(event.data.0["fields"].clone()).unwrap();
        fields.sort();
        assert_eq!(fields, ["brand.color", "policy.password.min_length"]);
    })
    .await;
}

#[tokio::test]
async fn events_say_which_identifier_which_role_before_and_who_asked_for_an_import() {
    each(|h| async move {
        let ada = user(&h, "ada@example.org").await;
        let second =
            h.service.add_identifier(&h.cx, "test", ada, &NewIdentifier::email("b@example.org", false), false).await.unwrap();
        h.service.change_identifier(&h.cx, "test", ada, second.id, Some(true), false).await.unwrap();
        h.service.remove_identifier(&h.cx, "test", ada, second.id).await.unwrap();
        for kind in ["identifier.added", "identifier.changed", "identifier.removed"] {
            assert_eq!(of(&h, kind).await[0].data.0["identifier"], json!(second.id.to_string()), "{kind}");
        }
        h.service.put_administrator(&h.cx, "command", ada, AdminRole::Viewer).await.unwrap();
        h.service.put_administrator(&h.cx, "command", ada, AdminRole::Admin).await.unwrap();
        let set = of(&h, "administrator.set").await;
        let before: Vec<_> = set.iter().map(|event| event.data.0["role_before"].clone()).collect();
        assert!(before.contains(&json!("viewer")) && before.contains(&json!(null)), "{before:?}");
        let job = ImportJob { options: ImportOptions { upsert: true, ..Default::default() }, ..Default::default() };
        let job = h.service.start_user_import(&h.cx, "command", job).await.unwrap();
        let [asked] = &of(&h, "users.import_asked").await[..] else { panic!("one event") };
        assert_eq!((asked.actor.as_str(), asked.data.0["job"].clone()), ("command", json!(job.id.to_string())));
        assert_eq!(asked.data.0["upsert"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn events_are_found_by_who_did_it_and_when() {
    each(|h| async move {
        user(&h, "ada@example.org").await;
        let later = doorward_service::Cx { now: h.cx.now.plus_seconds(60), ..h.cx.clone() };
        let new = NewUser { identifiers: vec![NewIdentifier::email("bob@example.org", true)], ..Default::default() };
        h.service.create_user(&later, "someone else", new).await.unwrap();
        let found = async |wanted: AuditFilter<'_>| {
            let wanted = AuditFilter { event: Some("user.created"), ..wanted };
            let page = h.service.search_audit_events(&h.cx, &wanted, None, 50).await.unwrap();
            page.items.into_iter().map(|event| event.actor).collect::<Vec<_>>()
        };
        let any = AuditFilter::default();
        assert_eq!(found(any).await, ["someone else", "test"]);
        assert_eq!(found(AuditFilter { actor: Some("test"), ..any }).await, ["test"]);
        assert_eq!(found(AuditFilter { since: Some(later.now), ..any }).await, ["someone else"]);
        assert_eq!(found(AuditFilter { until: Some(later.now), ..any }).await, ["test"]);
        assert!(found(AuditFilter { since: Some(later.now), actor: Some("test"), ..any }).await.is_empty());
        // A page ends where it must, and the next goes on behind it.
        let first =
            h.service.search_audit_events(&h.cx, &AuditFilter { event: Some("user.created"), ..any }, None, 1).await.unwrap();
        let wanted = AuditFilter { event: Some("user.created"), until: Some(later.now.plus_seconds(60)), ..any };
        let second = h.service.search_audit_events(&h.cx, &wanted, first.next, 1).await.unwrap();
        assert_eq!((first.items[0].actor.as_str(), second.items[0].actor.as_str()), ("someone else", "test"));
    })
    .await;
}
