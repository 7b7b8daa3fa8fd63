//! A user changed in many respects at once: all of it or nothing.

use crate::house::{House, conflict, each, fields};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_service::directory::{IdentifierChange, MetadataChange, NewIdentifier, NewUser, UserChange};
use doorward_store::users::Person;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PASSWORD: &str = "correct horse battery staple";

async fn made(h: &House, email: &str) -> UserId {
    let new = NewUser {
        identifiers: vec![NewIdentifier::email(email, true)],
        metadata: BTreeMap::from([("app".to_owned(), BTreeMap::from([("plan".to_owned(), json!("gold"))]))]),
        ..Default::default()
    };
    h.service.create_user(&h.cx, "test", new).await.unwrap().user.id
}

fn identifier(kind: IdentifierKind, value: Option<&str>, verified: Option<bool>) -> IdentifierChange {
    IdentifierChange { kind, value: value.map(|v| Some(v.to_owned())), verified }
}

fn kept(key: &str, value: Option<Value>) -> MetadataChange {
    MetadataChange { namespace: "app", key: key.into(), value }
}

fn email(person: &Person) -> (String, bool) {
    let row = person.email().unwrap();
    (row.value.clone(), row.verified_at.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_in_one_transaction() {
    each(async |h: House| {
        let user = made(&h, "ada@example.org").await;
        let change = UserChange {
            patch: Some(json!({ "name": "Ada", "profile": { "given_name": "Ada" } })),
            identifiers: vec![
                identifier(IdentifierKind::Email, Some("Ada@new.example"), None),
                identifier(IdentifierKind::Username, Some("ada"), None),
            ],
            blocked: Some(true),
            password: Some(PASSWORD.into()),
            metadata: vec![kept("plan", None), kept("size", Some(json!(3)))],
        };
        let before = h.writes();
        let after = h.service.change_user(&h.cx, "test", user, &change).await.unwrap();
        assert_eq!(h.writes() - before, 1);
        assert!(after.changed);
        assert_eq!(email(&after.row), ("Ada@new.example".into(), false), "another address proves nothing");
        assert_eq!(after.row.primary(IdentifierKind::Username).unwrap().value, "ada");
        assert_eq!((after.row.user.status.as_str(), after.row.user.name.as_deref()), ("blocked", Some("Ada")));
        assert_eq!(h.service.store.metadata(h.cx.tenant_id(), "app", user.0).await.unwrap(), [("size".into(), json!(3))]);
        let events = h.events().await;
        for wanted in ["user.email_changed", "user.blocked", "password.changed", "user.updated"] {
            assert_eq!(events.iter().filter(|e| *e == wanted).count(), 1, "{wanted}");
        }
        // The same again changes nothing but the password, which nobody can compare.
        let same = UserChange { password: None, ..change };
        assert!(!h.service.change_user(&h.cx, "test", user, &UserChange { metadata: Vec::new(), ..same }).await.unwrap().changed);
        let proven = UserChange { identifiers: vec![identifier(IdentifierKind::Email, None, Some(true))], ..Default::default() };
        assert!(email(&h.service.change_user(&h.cx, "test", user, &proven).await.unwrap().row).1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_changed_changes_nothing() {
    each(async |h: House| {
        let user = made(&h, "ada@example.org").await;
        made(&h, "bob@example.org").await;
        let named = Some(json!({ "name": "Changed" }));
        let change = |one: UserChange| UserChange { patch: named.clone(), ..one };
        let taken = UserChange {
            identifiers: vec![identifier(IdentifierKind::Email, Some("BOB@example.org"), None)],
            ..Default::default()
        };
        assert_eq!(conflict(h.service.change_user(&h.cx, "test", user, &change(taken)).await), "email");
        for (bent, field) in [
            (
                UserChange {
                    identifiers: vec![identifier(IdentifierKind::Email, Some("no address"), None)],
                    ..Default::default()
                },
                "email",
            ),
            (
                UserChange {
                    identifiers: vec![IdentifierChange { kind: IdentifierKind::Email, value: Some(None), verified: None }],
                    ..Default::default()
                },
                "email",
            ),
            (UserChange { password: Some("short".into()), ..Default::default() }, "password"),
            (UserChange { metadata: vec![kept("", Some(json!(1)))], ..Default::default() }, "metadata"),
            (
                UserChange { metadata: (0..201).map(|n| kept(&n.to_string(), Some(json!(n)))).collect(), ..Default::default() },
                "metadata",
            ),
        ] {
            assert_eq!(fields(h.service.change_user(&h.cx, "test", user, &change(bent)).await), [field]);
        }
        let person = h.service.get_user(&h.cx, user).await.unwrap();
        assert_eq!(
            (person.user.name, email(&h.service.get_user(&h.cx, user).await.unwrap())),
            (None, ("ada@example.org".into(), true))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_brings_an_id_that_nobody_has() {
    each(async |h: House| {
        let new = |email: &str| NewUser {
            identifiers: vec![NewIdentifier::email(email, false)],
            aliases: BTreeMap::from([("outward".to_owned(), "ext|1".to_owned())]),
            ..Default::default()
        };
        let user = h.service.create_user(&h.cx, "test", new("ada@example.org")).await.unwrap().user.id;
        assert_eq!(h.service.store.by_alias(h.cx.tenant_id(), "outward", "ext|1").await.unwrap(), Some(user.0));
        assert_eq!(conflict(h.service.create_user(&h.cx, "test", new("bob@example.org")).await), "id");
        let ids = [user.0];
        let all = h.service.store.aliases_of_many(h.cx.tenant_id(), "outward", &ids).await.unwrap();
        assert_eq!(all.get(&user.0).map(String::as_str), Some("ext|1"));
    })
    .await;
}
