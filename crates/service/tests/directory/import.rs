//! Users in bulk: taken with ids, hashes, factors and everything else; refused one by one; changed where they are there.

use crate::house::{House, each};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{ApplicationId, RoleId, UserId};
use doorward_protocol::search::UserSearch;
use doorward_service::directory::{
    DirectoryError, ImportJob, ImportOptions, ImportOutcome, ImportPassword, ImportSummary, ImportUser, RoleDocument,
    read_user_query,
};
use doorward_service::password::foreign::{ForeignHash, Scheme};
use doorward_store::engine::Batch;
use doorward_store::{params, work};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

// Made by Python's bcrypt 4.3 for the password beside it.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG";
const PASSWORD: &str = "plum härbour 58";

fn user(document: Value) -> ImportUser {
    serde_json::from_value(document).unwrap()
}

fn mail(name: &str) -> ImportUser {
    user(json!({ "email": format!("{name}@example.org") }))
}

async fn found(h: &House, email: &str) -> Option<UserId> {
    let identifier = Identifier::email(email).unwrap();
    h.service.store.identifier(h.cx.tenant_id(), &identifier).await.unwrap().map(|i| i.user_id)
}

async fn import(h: &House, users: &[ImportUser]) -> Vec<ImportOutcome> {
    h.service.import_users(&h.cx, "test", users, ImportOptions::default()).await.unwrap()
}

fn fields(outcome: &ImportOutcome) -> Vec<&str> {
    match outcome {
        ImportOutcome::Refused(problems) => problems.iter().map(|p| p.field.as_str()).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_comes_with_everything() {
    each(async |h: House| {
        let role =
            h.service.create_role(&h.cx, "test", RoleDocument { name: "editor".into(), ..Default::default() }).await.unwrap().id;
        let id = Uuid::new_v4();
        let document = json!({
            "id": id,
            "aliases": { "outward": "ext|5f7c8ec7c33c6c004bbafe82" },
            "email": "Ada@Example.org", "email_verified": true, "username": "ada", "phone_number": "+44 20 7946 0018",
            "name": "Ada Lovelace", "profile": { "given_name": "Ada", "family_name": "Lovelace" },
            "metadata": { "app": { "plan": "gold" }, "user": { "colour": ["red"] } },
            "password": { "modular": BCRYPT },
            "blocked": true,
            "totp": [{ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "name": "phone" }],
            "role_ids": [role],
            "created_at": 1_500_000_000_000_i64,
        });
        assert_eq!(import(&h, &[user(document)]).await, [ImportOutcome::Inserted(UserId(id))]);
        let person = h.service.get_user(&h.cx, UserId(id)).await.unwrap();
        assert_eq!((person.user.status.as_str(), person.user.created_at.0), ("blocked", 1_500_000_000_000));
        let verified = |kind| person.primary(kind).map(|i| i.verified_at.is_some());
        assert_eq!(verified(IdentifierKind::Email), Some(true));
        assert_eq!(verified(IdentifierKind::Username), Some(true));
        assert_eq!(verified(IdentifierKind::Phone), Some(false));
        let tenant = h.cx.tenant_id();
        let store = &h.service.store;
        assert_eq!(store.by_alias(tenant, "outward", "ext|5f7c8ec7c33c6c004bbafe82").await.unwrap(), Some(id));
        assert_eq!(store.metadata(tenant, "app", id).await.unwrap(), [("plan".into(), json!("gold"))]);
        let hash = store.password(tenant, UserId(id)).await.unwrap().unwrap().hash;
        assert!(h.service.verify_password(PASSWORD, Some(&hash)).await.unwrap());
        assert!(h.service.list_factors(&h.cx, UserId(id)).await.unwrap().any());
        assert_eq!(h.service.list_user_roles(&h.cx, UserId(id)).await.unwrap()[0].id, role);
        let found =
            h.service.search_users(&h.cx, &UserSearch::new(read_user_query("metadata.user.colour:red").unwrap())).await.unwrap();
        assert_eq!(found.items[0].user.id, UserId(id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_row_is_refused_by_itself() {
    each(async |h: House| {
        import(&h, &[mail("there")]).await;
        let taken = found(&h, "there@example.org").await.unwrap();
        let nobody = RoleId(Uuid::now_v7());
        let nowhere = ApplicationId(Uuid::now_v7());
        let rows = [
            mail("first"),
            user(json!({})),
            user(json!({ "email": "no address" })),
            mail("there"),
            mail("first"),
            user(json!({ "email": "a@example.org", "id": taken })),
            user(json!({ "email": "b@example.org", "password": { "modular": "$2b$31$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG" } })),
            user(json!({ "email": "c@example.org", "totp": [{ "secret": "AAAA" }] })),
            user(json!({ "email": "d@example.org", "role_ids": [nobody], "memberships": [{ "application_id": nowhere }] })),
            user(json!({ "email": "e@example.org", "profile": { "birthdate": "soon" } })),
            mail("last"),
        ];
        let outcomes = import(&h, &rows).await;
        let expected: [&[&str]; 11] = [
            &[], &["email"], &["email"], &["email"], &["email"], &["id"], &["password"], &["totp[0].secret"], &["role_ids", "memberships"],
            &["profile.birthdate"], &[],
        ];
        for (outcome, expected) in outcomes.iter().zip(expected) {
            match outcome {
                ImportOutcome::Inserted(_) => assert!(expected.is_empty()),
                other => assert_eq!(fields(other), expected),
            }
        }
        let summary = ImportSummary { total: 11, inserted: 2, updated: 0, failed: 9 };
        assert_eq!(ImportSummary::of(&outcomes), summary);
        assert!(found(&h, "last@example.org").await.is_some() && found(&h, "b@example.org").await.is_none());

        let all = ImportOptions { all_or_nothing: true, ..Default::default() };
        let outcomes = h.service.import_users(&h.cx, "test", &[mail("x"), mail("there"), mail("y")], all).await.unwrap();
        assert_eq!(ImportSummary::of(&outcomes).failed, 3);
        assert_eq!(fields(&outcomes[1]), ["email"]);
        assert!(found(&h, "x@example.org").await.is_none());
        let outcomes = h.service.import_users(&h.cx, "test", &[mail("x"), mail("y")], all).await.unwrap();
        assert_eq!(ImportSummary::of(&outcomes).inserted, 2);
        let unknown = serde_json::from_value::<ImportUser>(json!({ "email": "z@example.org", "passwrd": "x" }));
        assert!(unknown.is_err(), "what is not known is refused, not lost");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_changes_what_an_import_may_change() {
    each(async |h: House| {
        let upsert = ImportOptions { upsert: true, ..Default::default() };
        let run = async |rows: &[ImportUser]| h.service.import_users(&h.cx, "test", rows, upsert).await.unwrap();
        let first = json!({ "email": "ada@example.org", "name": "Ada", "profile": { "given_name": "Ada", "nickname": "A" }, "metadata": { "app": { "a": 1, "b": 2 } } });
        let ImportOutcome::Inserted(id) = run(&[user(first)]).await.remove(0) else { panic!("not inserted") };
        let again = json!({
            "email": "ADA@example.org", "email_verified": true, "username": "ada", "blocked": true, "profile": { "given_name": "Augusta" },
            "metadata": { "app": { "b": 3 } }, "password": { "modular": BCRYPT },
        });
        assert_eq!(run(&[user(again.clone())]).await, [ImportOutcome::Updated(id)]);
        let person = h.service.get_user(&h.cx, id).await.unwrap();
        assert_eq!(person.user.name.as_deref(), Some("Ada"));
        assert_eq!(person.user.profile.0.given_name.as_deref(), Some("Augusta"));
        assert_eq!(person.user.profile.0.nickname.as_deref(), Some("A"));
        assert_eq!(person.user.status, "active", "whether somebody may sign in is not for an import to say");
        assert!(person.email().unwrap().verified_at.is_some() && person.primary(IdentifierKind::Username).is_some());
        let metadata = h.service.store.metadata(h.cx.tenant_id(), "app", id.0).await.unwrap();
        assert_eq!(metadata, [("a".into(), json!(1)), ("b".into(), json!(3))]);
        // A hash that nobody has signed in with gives way to another; one that is ours does not.
        let stored = async || h.service.store.password(h.cx.tenant_id(), id).await.unwrap().unwrap().hash;
        assert!(ForeignHash::of_stored(&stored().await).is_some());
        let digest = doorward_service::password::foreign::DigestName::Md5;
        let other = Scheme::Digest { digest, rounds: 1, hash: vec![7; 16] };
        let mut changed = user(again.clone());
        changed.password = Some(ImportPassword::Hash(other.into()));
        run(&[changed.clone()]).await;
        assert!(stored().await.contains("md5"));
        h.service.set_user_password(&h.cx, "test", id, "correct horse battery staple").await.unwrap();
        let ours = stored().await;
        run(&[changed]).await;
        assert_eq!(stored().await, ours);
        // Two people are not made one.
        run(&[mail("bob")]).await;
        let both = user(json!({ "email": "bob@example.org", "username": "ada" }));
        assert_eq!(fields(&run(&[both]).await[0]), ["username"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_of_the_same_people_make_each_once() {
    each(async |h: House| {
        let rows: Vec<ImportUser> = (0..40).map(|n| mail(&format!("u{n}"))).collect();
        let (a, b) = tokio::join!(import(&h, &rows), import(&h, &rows));
        assert_eq!(ImportSummary::of(&a).inserted + ImportSummary::of(&b).inserted, 40);
        assert_eq!(h.service.store.count_users(h.cx.tenant_id()).await.unwrap(), 40);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_where_it_stopped() {
    each(async |h: House| {
        let mut rows: Vec<ImportUser> = (0..600).map(|n| mail(&format!("u{n}"))).collect();
        rows[3] = user(json!({ "email": "nonsense", "password": { "plain": "a secret to keep" } }));
        let job = h.service.start_user_import(&h.cx, "test", ImportJob { users: rows, ..Default::default() }).await.unwrap();
        assert_eq!((job.status.as_str(), job.total), (work::PENDING, 600));
        let sealed = h.service.store.job(job.tenant_id, job.id).await.unwrap().unwrap().input.unwrap();
        assert!(!sealed.windows(16).any(|w| w == b"a secret to keep"), "what waits is encrypted");
        // A server that is told to stop stops after a batch.
        let (tell, stop) = watch::channel(true);
        assert!(h.service.run_waiting_job(&stop).await.unwrap());
        let row = h.service.job(&h.cx, job.id).await.unwrap();
        assert_eq!((row.status.as_str(), row.done, row.finished_at), (work::RUNNING, 250, None));
        tell.send(false).unwrap();
        assert!(h.service.run_waiting_job(&stop).await.unwrap());
        let row = h.service.job(&h.cx, job.id).await.unwrap();
        assert_eq!((row.status.as_str(), row.done, row.input.clone()), (work::COMPLETED, 600, None));
        assert_eq!(row.summary.0, json!({ "total": 600, "inserted": 599, "updated": 0, "failed": 1 }));
        assert_eq!(row.errors.0[0]["index"], 3);
        assert_eq!(row.errors.0[0]["user"], "nonsense");
        assert_eq!(h.service.store.count_users(h.cx.tenant_id()).await.unwrap(), 599);
        assert!(!h.service.run_waiting_job(&stop).await.unwrap(), "nothing is left to do");
        let other = crate::house::tenant(&h.service, "other").await;
        assert!(matches!(h.service.job(&other, job.id).await, Err(DirectoryError::NotFound { .. })));
    })
    .await;
}

/// Figures, not a test of right and wrong: `cargo test -p doorward-service --test directory import_rate -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints figures"]
async fn import_rate() {
    let dir = tempfile::tempdir().unwrap();
    let url = doorward_store::engine::DatabaseUrl::Sqlite { path: dir.path().join("rate.db") };
    let service = crate::house::service(&url).await;
    let cx = crate::house::tenant(&service, "acme").await;
    let h = House { service, cx };
    let rows: Vec<ImportUser> = (0..100_000)
        .map(|n| {
            user(json!({
                "email": format!("person{n}@example.org"), "email_verified": true, "name": format!("Person {n}"),
                "profile": { "given_name": format!("Given{n}"), "family_name": format!("Family{}", n % 1000) },
                "metadata": { "app": { "plan": if n % 10 == 0 { "gold" } else { "free" } } },
                "password": { "modular": BCRYPT },
            }))
        })
        .collect();
    let begun = std::time::Instant::now();
    let outcomes = import(&h, &rows).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(ImportSummary::of(&outcomes).inserted, rows.len());
    eprintln!("{} users in {seconds:.1} s: {:.0} a second", rows.len(), rows.len() as f64 / seconds);
    for text in [
        "*",
        "email:person777*",
        "given_name:given5*",
        "person4242",
        "*son4242*",
        "metadata.app.plan:gold",
        "name:\"person 99\"",
        "email:person5* AND NOT blocked:true",
    ] {
        let search = UserSearch::new(read_user_query(text).unwrap());
        let begun = std::time::Instant::now();
        let found = h.service.search_users(&h.cx, &search).await.unwrap();
        eprintln!("{text}: {} in {:.1} ms", found.total, begun.elapsed().as_secs_f64() * 1000.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_never_moves_is_given_up() {
    each(async |h: House| {
        // Something fails each time that nobody thought of.
        let raw = async |sql: &'static str| h.service.store.commit(Batch::new().run(sql, params![])).await.unwrap();
        raw("ALTER TABLE metadata RENAME TO elsewhere").await;
        let stop = watch::Sender::new(false).subscribe();
        let users = vec![user(json!({ "email": "a@example.org", "metadata": { "app": { "plan": "gold" } } }))];
        let job = h.service.start_user_import(&h.cx, "test", ImportJob { users, ..Default::default() }).await.unwrap();
        for _ in 0..4 {
            h.service.run_waiting_job(&stop).await.unwrap_err();
            assert_eq!(h.service.job(&h.cx, job.id).await.unwrap().status, work::RUNNING);
            raw("UPDATE job SET leased_until = NULL").await;
        }
        assert!(h.service.run_waiting_job(&stop).await.unwrap());
        let given_up = h.service.job(&h.cx, job.id).await.unwrap();
        assert_eq!((given_up.status.as_str(), given_up.done, given_up.input), (work::FAILED, 0, None));
        assert!(given_up.errors.0[0].to_string().contains("5 times"), "{:?}", given_up.errors.0);
        assert!(!h.service.run_waiting_job(&stop).await.unwrap());
    })
    .await;
}
