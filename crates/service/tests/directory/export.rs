//! Exports: every user once, in parts that are one file; taken up where they stopped.

use crate::house::{House, each};
use async_trait::async_trait;
use doorward_service::directory::{ExportForm, ImportJob, ImportUser};
use doorward_service::{Cx, Error, Service};
use doorward_store::users::Person;
use doorward_store::work;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use std::io::Read as _;
use std::sync::Arc;
use tokio::sync::watch;

struct Addresses;

#[async_trait]
impl ExportForm for Addresses {
    fn head(&self, settings: &Value) -> Vec<u8> {
        format!("{}\n", settings["head"].as_str().unwrap_or_default()).into_bytes()
    }

    async fn users(&self, _: &Service, _: &Cx, people: &[Person], _: &Value) -> Result<Vec<u8>, Error> {
        let lines = people.iter().map(|person| format!("{}\n", person.email().unwrap().value));
        Ok(lines.collect::<String>().into_bytes())
    }
}

fn lines(file: &[u8]) -> Vec<String> {
    let mut text = String::new();
    MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_user_once_also_after_a_stop() {
    each(async |h: House| {
        h.service.exports.register("addresses", Arc::new(Addresses));
        let user = |n: usize| ImportUser { email: Some(format!("p{n:04}@example.org")), ..Default::default() };
        let users: Vec<ImportUser> = (0..1203).map(user).collect();
        h.service.start_user_import(&h.cx, "test", ImportJob { users, ..Default::default() }).await.unwrap();
        let (going, stop) = watch::channel(false);
        while h.service.run_waiting_job(&stop).await.unwrap() {}

        let start = async |limit| {
            let settings = json!({ "head": "addresses" });
            h.service.start_user_export(&h.cx, "test", "addresses", settings, limit, json!({ "format": "x" })).await.unwrap()
        };
        let job = start(None).await;
        assert_eq!(job.total, 1203);
        assert!(h.service.job_file(&h.cx, &h.service.job_file_link(&h.cx, job.id).unwrap()).await.unwrap().is_none());
        // A server that is being stopped writes one part at a time.
        going.send(true).unwrap();
        let mut turns = 0;
        while h.service.job(&h.cx, job.id).await.unwrap().finished_at.is_none() {
            assert!(h.service.run_waiting_job(&stop).await.unwrap());
            turns += 1;
        }
        assert_eq!(turns, 3);
        let done = h.service.job(&h.cx, job.id).await.unwrap();
        assert_eq!(
            (done.status.as_str(), done.done, done.summary.0["about"]["format"].as_str()),
            (work::COMPLETED, 1203, Some("x"))
        );
        assert!(done.input.is_none());
        let link = h.service.job_file_link(&h.cx, job.id).unwrap();
        let (_, file) = h.service.job_file(&h.cx, &link).await.unwrap().unwrap();
        let lines_of = lines(&file);
        assert_eq!((lines_of.len(), lines_of[0].as_str(), lines_of[1203].as_str()), (1204, "addresses", "p1202@example.org"));

        let few = start(Some(2)).await;
        while h.service.run_waiting_job(&stop).await.unwrap() {}
        let few = h.service.job_file_link(&h.cx, few.id).unwrap();
        assert_eq!(lines(&h.service.job_file(&h.cx, &few).await.unwrap().unwrap().1).len(), 3);

        // A link is for its tenant and its time.
        let elsewhere = crate::house::tenant(&h.service, "elsewhere").await;
        assert!(h.service.job_file(&elsewhere, &link).await.unwrap().is_none());
        let later = Cx { now: h.cx.now.plus_seconds(601), ..h.cx.clone() };
        assert!(h.service.job_file(&later, &link).await.unwrap().is_none());
        // A form that nobody knows fails.
        let lost = h.service.start_user_export(&h.cx, "test", "nothing", json!({}), None, json!({})).await.unwrap();
        while h.service.run_waiting_job(&stop).await.unwrap() {}
        assert_eq!(h.service.job(&h.cx, lost.id).await.unwrap().status, work::FAILED);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_by_the_address_keeps_the_rest() {
    each(async |h: House| {
        let import = async |document: Value, upsert| {
            let user: ImportUser = serde_json::from_value(document).unwrap();
            let options = doorward_service::directory::ImportOptions { upsert, by_email: true, ..Default::default() };
            h.service.import_users(&h.cx, "test", &[user], options).await.unwrap().remove(0)
        };
        use doorward_service::directory::ImportOutcome::{Inserted, Refused, Updated};
        let first = import(json!({ "email": "ada@example.org", "email_verified": true, "aliases": { "o": "1" } }), false).await;
        let Inserted(user) = first else { panic!("{first:?}") };
        let changed = json!({ "email": "ada@example.org", "username": "ada", "aliases": { "o": "2" }, "name": "Ada" });
        assert!(matches!(import(changed.clone(), false).await, Refused(_)));
        assert_eq!(import(changed, true).await, Updated(user));
        let person = h.service.get_user(&h.cx, user).await.unwrap();
        assert_eq!((person.identifiers.len(), person.user.name.as_deref()), (1, Some("Ada")));
        assert!(person.email().unwrap().verified_at.is_some(), "nothing said of it changes nothing");
        assert_eq!(h.service.store.by_alias(h.cx.tenant_id(), "o", "2").await.unwrap(), None);
        let bob = import(json!({ "email": "bob@example.org", "username": "bob" }), true).await;
        assert!(matches!(bob, Inserted(_)));
        let thief = import(json!({ "email": "eve@example.org", "username": "bob" }), true).await;
        assert!(matches!(thief, Refused(_)), "a user name is not what somebody is known by");
        let unproven = json!({ "email": "ada@example.org", "email_verified": false });
        assert_eq!(import(unproven, true).await, Updated(user));
        assert!(h.service.get_user(&h.cx, user).await.unwrap().email().unwrap().verified_at.is_none());
    })
    .await;
}
