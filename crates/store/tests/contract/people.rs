//! What stands beside many users at once, and what jobs make: each tenant's own, and gone with what it belongs to.

use crate::database::each;
use crate::nouns::{NOW, id, migrated, tenant, user};
use doorward_protocol::ids::RoleId;
use doorward_store::directory::{RoleRow, UserRoleRow, put_alias, put_metadata};
use doorward_store::engine::Batch;
use doorward_store::factors::{self, TotpRow};
use doorward_store::users::{PasswordRow, put_password};
use doorward_store::work::{self, JobOutputRow, JobRow};
use doorward_store::{Json, short_lived};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_many_are_read_at_once() {
    each(async |db| {
        let store = migrated(db).await;
        let (ours, theirs) = (tenant(&store, "ours").await, tenant(&store, "theirs").await);
        let ada = user(&store, ours, "ada@example.org").await;
        let bob = user(&store, ours, "bob@example.org").await;
        let eve = user(&store, theirs, "eve@example.org").await;
        let totp = |confirmed| TotpRow {
            id: id(),
            tenant_id: ours,
            user_id: if confirmed { ada } else { bob },
            name: "Phone".into(),
            secret: vec![1],
            algorithm: "SHA1".into(),
            digits: 6,
            period: 30,
            last_step: 0,
            created_at: NOW,
            confirmed_at: confirmed.then_some(NOW),
            last_used_at: None,
        };
        let generator = totp(true);
        let batch = Batch::new()
            .with(put_alias(ours, "outward", "ext|ada", ada.0))
            .with(put_alias(ours, "other", "x|bob", bob.0))
            .with(put_alias(theirs, "outward", "ext|eve", eve.0))
            .with(put_metadata(ours, "app", ada.0, "plan", &json!({ "name": "gold" })))
            .with(put_metadata(ours, "user", ada.0, "colour", &json!("red")))
            .with(put_metadata(ours, "third", ada.0, "colour", &json!("blue")))
            .with(put_password(&PasswordRow { user_id: bob, tenant_id: ours, hash: "h".into(), changed_at: NOW }))
            .with(generator.insert())
            .with(totp(false).insert());
        store.commit(batch).await.unwrap();
        let all = [ada.0, bob.0, eve.0];
        let aliases = store.aliases_of_many(ours, "outward", &all).await.unwrap();
        assert_eq!(aliases.into_iter().collect::<Vec<_>>(), [(ada.0, "ext|ada".to_owned())]);
        let kept = store.metadata_of(ours, &["app", "user"], &all).await.unwrap();
        let ada_s: Vec<_> = kept[&ada.0].iter().map(|one| (one.namespace.as_str(), one.key.as_str())).collect();
        assert_eq!((kept.len(), ada_s), (1, vec![("app", "plan"), ("user", "colour")]));
        assert!(store.metadata_of(theirs, &["app"], &all).await.unwrap().is_empty());
        let changed = store.passwords_changed_at(ours, &all).await.unwrap();
        assert_eq!(changed.into_iter().collect::<Vec<_>>(), [(bob, NOW)]);
        assert_eq!(store.with_second_factor(ours, &all).await.unwrap(), [ada]);
        assert!(store.with_second_factor(theirs, &all).await.unwrap().is_empty());
        let people = store.people(ours, &[bob, eve, ada]).await.unwrap();
        assert_eq!(people.iter().map(|p| p.user.id).collect::<Vec<_>>(), [bob, ada], "in the order that was asked for");
        assert_eq!(people[0].email().unwrap().value, "bob@example.org");
        store.commit(Batch::new().with(factors::rename_totp(ours, ada, generator.id, "New"))).await.unwrap();
        assert_eq!(store.totp(ours, ada).await.unwrap()[0].name, "New");
        for (tenant, user) in [(theirs, ada), (ours, bob)] {
            let renamed = store.commit(Batch::new().with(factors::rename_totp(tenant, user, generator.id, "No"))).await;
            assert!(renamed.unwrap_err().is_guard("totp.gone"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_role_by_window() {
    each(async |db| {
        let store = migrated(db).await;
        let (ours, theirs) = (tenant(&store, "ours").await, tenant(&store, "theirs").await);
        let role = RoleRow {
            id: RoleId(id()),
            tenant_id: ours,
            application_id: None,
            name: "r".into(),
            description: String::new(),
            is_default: false,
            created_at: NOW,
            updated_at: NOW,
        };
        let mut batch = Batch::new().with(role.insert());
        let mut users = Vec::new();
        for n in 0..5 {
            let user_id = user(&store, ours, &format!("p{n}@example.org")).await;
            batch.push(UserRoleRow { tenant_id: ours, user_id, role_id: role.id }.insert());
            users.push(user_id);
        }
        store.commit(batch).await.unwrap();
        users.sort_by_key(|user| user.0);
        let window = async |offset, limit| -> Vec<_> {
            store.role_members_from(ours, role.id, offset, limit).await.unwrap().into_iter().map(|m| m.user_id).collect()
        };
        assert_eq!(
            (window(0, 2).await, window(4, 2).await, window(5, 2).await),
            (users[..2].to_vec(), users[4..].to_vec(), vec![])
        );
        assert_eq!(store.count_role_members(ours, role.id).await.unwrap(), 5);
        assert_eq!(store.count_role_members(theirs, role.id).await.unwrap(), 0);
        assert!(store.role_members_from(theirs, role.id, 0, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_makes_goes_with_it() {
    each(async |db| {
        let store = migrated(db).await;
        let (ours, theirs) = (tenant(&store, "ours").await, tenant(&store, "theirs").await);
        let job = JobRow {
            id: id(),
            tenant_id: ours,
            kind: "users_export".into(),
            status: work::PENDING.into(),
            actor: "test".into(),
            input: Some(vec![1]),
            total: 2,
            done: 0,
            summary: Json(json!({})),
            errors: Json(Vec::new()),
            leased_until: None,
            attempts: 0,
            created_at: NOW,
            started_at: None,
            finished_at: None,
            expires_at: NOW.plus_seconds(10),
        };
        let part = |part, content: &[u8]| JobOutputRow { job_id: job.id, part, tenant_id: ours, content: content.to_vec() };
        store.commit(Batch::new().with(job.insert()).with(part(0, b"a").insert()).with(part(1, b"b").insert())).await.unwrap();
        assert_eq!(store.job_output(ours, job.id, 1).await.unwrap(), Some(part(1, b"b")));
        assert_eq!(store.job_output(ours, job.id, 2).await.unwrap(), None);
        assert_eq!(store.job_output(theirs, job.id, 0).await.unwrap(), None);
        let twice = store.commit(Batch::new().with(part(1, b"c").insert())).await;
        assert!(twice.unwrap_err().is_unique("job_output"));
        store.commit(short_lived::sweep(NOW.plus_seconds(11), NOW, 100).into()).await.unwrap();
        assert_eq!(store.job_output(ours, job.id, 0).await.unwrap(), None);
    })
    .await;
}
