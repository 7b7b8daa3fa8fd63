use super::house::{House, absent, conflict, each, fields, tenant};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{GrantId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::session::Method;
use doorward_service::directory::{
    ImportOptions, ImportOutcome, ImportUser, MetadataChange, NewApplication, NewIdentifier, NewUser, UserChange, UserDocument,
};
use doorward_service::session::proof;
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::grants::{GrantTerms, RefreshFamilyRow};
use doorward_store::sessions::SessionRow;
use serde_json::json;

fn user(email: &str) -> NewUser {
    NewUser { identifiers: vec![NewIdentifier::email(email, false)], ..Default::default() }
}

/// Opens a session and gives an application a refresh token family in it.
async fn signed_in(h: &House, user: UserId) -> (SessionRow, GrantId) {
    let application = NewApplication::from_json(json!({ "name": "A" })).unwrap();
    let application = h.service.create_application(&h.cx, "t", application).await.unwrap().row.id;
    let opened = h.service.open_session(&h.cx, None, user, proof(&h.cx, Method::Passkey));
    let family = RefreshFamilyRow {
        id: GrantId(doorward_service::secrets::new_id(h.cx.now)),
        tenant_id: h.cx.tenant_id(),
        application_id: application,
        user_id: user,
        session_id: Some(opened.row.id),
        terms: Json(GrantTerms::default()),
        created_at: h.cx.now,
        last_used_at: h.cx.now,
        expires_at: h.cx.now.plus_seconds(1000),
        revoked_at: None,
        revoked_reason: None,
    };
    let mut batch = Batch::new();
    for one in opened.statements {
        batch.push(one);
    }
    h.service.store.commit(batch.with(family.insert())).await.unwrap();
    (opened.row, family.id)
}

async fn alive(h: &House, user: UserId) -> (usize, usize) {
    let sessions = h.service.store.sessions(h.cx.tenant_id(), user, h.cx.now).await.unwrap().len();
    let families = h.service.store.refresh_families(h.cx.tenant_id(), user, h.cx.now).await.unwrap().len();
    (sessions, families)
}

#[tokio::test]
async fn a_user_is_made_with_identifiers_password_and_profile() {
    each(|h| async move {
        let new = NewUser {
            document: UserDocument { name: Some("Ada Lovelace".into()), ..Default::default() },
            identifiers: vec![
                NewIdentifier::email("Ada@Example.org", true),
                NewIdentifier { kind: IdentifierKind::Username, value: "ada".into(), verified: false },
            ],
            password: Some("correct horse battery staple".into()),
            ..Default::default()
        };
        let person = h.service.create_user(&h.cx, "t", new).await.unwrap();
        let stored = h.service.get_user(&h.cx, person.user.id).await.unwrap();
        assert_eq!(stored.email().unwrap().normal, "ada@example.org");
        assert!(stored.email().unwrap().verified_at.is_some());
        let hash = h.service.store.password(h.cx.tenant_id(), person.user.id).await.unwrap().unwrap().hash;
        assert!(h.service.verify_password("correct horse battery staple", Some(&hash)).await.unwrap());

        assert_eq!(conflict(h.service.create_user(&h.cx, "t", user("ADA@example.org")).await), "email");
        let other = tenant(&h.service, "other").await;
        h.service.create_user(&other, "t", user("ada@example.org")).await.expect("another tenant's people are others");
        assert!(absent(h.service.get_user(&other, person.user.id).await));
        assert!(absent(h.service.delete_user(&other, "t", person.user.id).await));
        let found = h.service.list_users(&h.cx, Some("ada@"), None, 10).await.unwrap();
        assert_eq!(found.items.len(), 1);
        assert!(h.service.list_users(&h.cx, Some("bob"), None, 10).await.unwrap().items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn wrong_users_are_refused_by_field() {
    each(|h| async move {
        assert_eq!(fields(h.service.create_user(&h.cx, "t", NewUser::default()).await), ["email"]);
        assert_eq!(fields(h.service.create_user(&h.cx, "t", user("nobody")).await), ["email"]);
        for (password, field) in [("short", "password"), ("passwordpassword", "password"), ("ada@example.org", "password")] {
            let new = NewUser { password: Some(password.into()), ..user("ada@example.org") };
            assert_eq!(fields(h.service.create_user(&h.cx, "t", new).await), [field], "{password}");
        }
        let mut new = user("ada@example.org");
        new.document.profile.birthdate = Some("yesterday".into());
        new.document.profile.picture = Some("javascript:alert(1)".into());
        new.document.name = Some("x".repeat(201));
        assert_eq!(fields(h.service.create_user(&h.cx, "t", new).await), ["name", "profile.picture", "profile.birthdate"]);

        assert_eq!(h.service.store.count_users(h.cx.tenant_id()).await.unwrap(), 0, "nothing was kept");
    })
    .await;
}

#[tokio::test]
async fn a_password_may_wait_for_the_policy_that_lets_people_use_it() {
    each(|h| async move {
        h.service.patch_tenant(&h.cx, "t", &json!({ "policy": { "password": { "enabled": false } } })).await.unwrap();
        let cx = h.service.admin_cx(h.cx.tenant_id(), doorward_service::Client::default()).await.unwrap().unwrap();
        assert!(!cx.policy().password.enabled);
        let new = NewUser { password: Some("correct horse battery staple".into()), ..user("ada@example.org") };
        let id = h.service.create_user(&cx, "t", new).await.unwrap().user.id;
        assert!(h.service.store.password(cx.tenant_id(), id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn blocking_ends_sessions_and_refresh_tokens_and_their_access_tokens() {
    each(|h| async move {
        let id = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        let (_, family) = signed_in(&h, id).await;
        assert_eq!(alive(&h, id).await, (1, 1));
        assert!(h.service.block_user(&h.cx, "admin:k", id).await.unwrap());
        assert_eq!(alive(&h, id).await, (0, 0));
        assert!(h.service.store.is_revoked(h.cx.tenant_id(), uuid::Uuid::nil(), family.0).await.unwrap());
        assert_eq!(h.service.get_user(&h.cx, id).await.unwrap().user.status, "blocked");
        assert!(!h.service.block_user(&h.cx, "admin:k", id).await.unwrap(), "blocked already");
        assert!(h.service.unblock_user(&h.cx, "admin:k", id).await.unwrap());
        assert!(!h.service.unblock_user(&h.cx, "admin:k", id).await.unwrap());
        let events = h.events().await;
        assert_eq!(events.iter().filter(|e| e.as_str() == "user.blocked").count(), 1);
        assert_eq!(events.iter().filter(|e| e.as_str() == "user.unblocked").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_session_ends_with_what_was_born_of_it_and_nothing_else() {
    each(|h| async move {
        let id = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        let eve = h.service.create_user(&h.cx, "t", user("eve@example.org")).await.unwrap().user.id;
        let (first, gone) = signed_in(&h, id).await;
        let (_, kept) = signed_in(&h, id).await;
        assert!(absent(h.service.revoke_user_session(&h.cx, "t", eve, first.id).await), "somebody else's session");
        h.service.revoke_user_session(&h.cx, "t", id, first.id).await.unwrap();
        assert_eq!(alive(&h, id).await, (1, 1));
        let revoked = |family: GrantId| h.service.store.is_revoked(h.cx.tenant_id(), uuid::Uuid::nil(), family.0);
        assert!(revoked(gone).await.unwrap() && !revoked(kept).await.unwrap());
        assert!(absent(h.service.revoke_user_session(&h.cx, "t", id, first.id).await), "it ended already");
        h.service.revoke_user_sessions(&h.cx, "t", id).await.unwrap();
        assert_eq!(alive(&h, id).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_leaves_no_token_behind() {
    each(|h| async move {
        let id = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        let (_, family) = signed_in(&h, id).await;
        h.service.delete_user(&h.cx, "t", id).await.unwrap();
        assert!(h.service.store.is_revoked(h.cx.tenant_id(), uuid::Uuid::nil(), family.0).await.unwrap());
        assert!(absent(h.service.get_user(&h.cx, id).await));
        h.service.create_user(&h.cx, "t", user("ada@example.org")).await.expect("the address is free again");
    })
    .await;
}

#[tokio::test]
async fn identifiers_come_and_go_and_the_last_one_stays() {
    each(|h| async move {
        let person = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap();
        let (id, first) = (person.user.id, person.identifiers[0].id);
        assert_eq!(conflict(h.service.remove_identifier(&h.cx, "t", id, first).await), "identifier");
        h.service.create_user(&h.cx, "t", user("eve@example.org")).await.unwrap();
        let taken = NewIdentifier::email("eve@example.org", true);
        assert_eq!(conflict(h.service.add_identifier(&h.cx, "t", id, &taken, false).await), "email");
        assert_eq!(fields(h.service.add_identifier(&h.cx, "t", id, &NewIdentifier::email("x", true), false).await), ["value"]);

        let new = NewIdentifier::email("ada@new.example", true);
        let second = h.service.add_identifier(&h.cx, "t", id, &new, true).await.unwrap();
        let primary = || async { h.service.get_user(&h.cx, id).await.unwrap().email().unwrap().value.clone() };
        assert_eq!(primary().await, "ada@new.example");
        let changed = h.service.change_identifier(&h.cx, "t", id, first, Some(true), true).await.unwrap();
        assert!(changed.verified_at.is_some() && changed.is_primary);
        assert_eq!(primary().await, "ada@example.org");
        let primaries = h.service.get_user(&h.cx, id).await.unwrap().identifiers.iter().filter(|i| i.is_primary).count();
        assert_eq!(primaries, 1);
        h.service.remove_identifier(&h.cx, "t", id, first).await.unwrap();
        assert_eq!(primary().await, "ada@new.example");
        assert!(h.service.get_user(&h.cx, id).await.unwrap().email().unwrap().is_primary, "the other one inherits");
        assert!(absent(h.service.change_identifier(&h.cx, "t", id, first, Some(true), false).await));
        let _ = second;
    })
    .await;
}

#[tokio::test]
async fn a_patch_never_writes_what_a_sign_in_writes() {
    each(|h| async move {
        let id = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        let sign_ins = {
            let h = h.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let note = doorward_store::users::note_sign_in(h.cx.tenant_id(), id, h.cx.now);
                    h.service.store.commit(Batch::new().with(note)).await.unwrap();
                }
            })
        };
        for n in 0..50 {
            let patch = json!({ "name": "Ada", "profile": { "nickname": format!("A{n}") } });
            h.service.patch_user(&h.cx, "t", id, &patch).await.unwrap();
        }
        sign_ins.await.unwrap();
        h.service.patch_user(&h.cx, "t", id, &json!({ "profile": { "given_name": "Ada" } })).await.unwrap();
        let user = h.service.get_user(&h.cx, id).await.unwrap().user;
        assert_eq!((user.sign_in_count, user.name.as_deref()), (50, Some("Ada")));
        assert_eq!(user.profile.0.nickname.as_deref(), Some("A49"));
        assert_eq!(fields(h.service.patch_user(&h.cx, "t", id, &json!({ "profile": { "shoe": 1 } })).await), ["profile.shoe"]);
        assert_eq!(fields(h.service.patch_user(&h.cx, "t", id, &json!({ "status": "blocked" })).await), ["status"]);
    })
    .await;
}

/// JSON may hold the character NUL; PostgreSQL stores none in a text and reads none in a document.
#[tokio::test(flavor = "multi_thread")]
async fn the_character_nul_is_kept_nowhere() {
    each(async |h: House| {
        let (deep, key) = (json!({ "a": [1, { "b": "x\0" }] }), json!({ "a": { "b\0": 1 } }));
        let ada = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        for value in [&deep, &key] {
            let metadata = [("user".to_owned(), [("k".to_owned(), value.clone())].into())].into();
            let outcome = h.service.create_user(&h.cx, "t", NewUser { metadata, ..user("bob@example.org") }).await;
            assert_eq!(fields(outcome), ["metadata"]);
            let change = MetadataChange { namespace: "user", key: "k".into(), value: Some(value.clone()) };
            let change = UserChange { metadata: vec![change], ..Default::default() };
            assert_eq!(fields(h.service.change_user(&h.cx, "t", ada, &change).await), ["metadata"]);
            assert_eq!(fields(h.service.set_user_metadata(&h.cx, ada, "user", "k", value).await), ["metadata"]);
            let profile = Profile { address: Some(value.clone()), ..Default::default() };
            let new = NewUser { document: UserDocument { name: None, profile }, ..user("bob@example.org") };
            assert_eq!(fields(h.service.create_user(&h.cx, "t", new).await), ["profile.address"]);
        }
        assert_eq!(fields(h.service.set_user_metadata(&h.cx, ada, "user", "k\0", &json!(1)).await), ["metadata"]);
        let profile = Profile { website: Some("https://example.org/\0".into()), ..Default::default() };
        let new = NewUser { document: UserDocument { name: None, profile }, ..user("bob@example.org") };
        assert_eq!(fields(h.service.create_user(&h.cx, "t", new).await), ["profile.website"]);
        let application = NewApplication::from_json(json!({ "name": "A" })).unwrap();
        let application = h.service.create_application(&h.cx, "t", application).await.unwrap().row.id;
        assert_eq!(fields(h.service.add_member(&h.cx, "t", ada, application, None, deep.clone()).await), ["data"]);
        h.service.add_member(&h.cx, "t", ada, application, None, json!({ "a": "\u{1}" })).await.unwrap();

        // In bulk one is refused and the next one comes.
        let row = |document| serde_json::from_value::<ImportUser>(document).unwrap();
        let users = [
            row(json!({ "email": "a@example.org", "profile": { "address": deep } })),
            row(json!({ "email": "b@example.org", "metadata": { "user": { "k": key } } })),
            row(json!({ "email": "c@example.org", "memberships": [{ "application_id": application, "data": deep }] })),
            row(json!({ "email": "d@example.org" })),
        ];
        let outcomes = h.service.import_users(&h.cx, "t", &users, ImportOptions::default()).await.unwrap();
        let refused: Vec<_> = outcomes
            .iter()
            .map(|one| match one {
                ImportOutcome::Refused(problems) => problems.iter().map(|p| p.field.as_str()).collect(),
                _ => vec![],
            })
            .collect();
        assert_eq!(refused, [vec!["profile.address"], vec!["metadata"], vec!["memberships[0].data"], vec![]]);
    })
    .await;
}
