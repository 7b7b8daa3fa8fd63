//! Imports, jobs, searches, second factors of users.

use super::rig::Rig;
use axum::http::Method;
use doorward_protocol::ids::UserId;
use doorward_service::Client;
use doorward_service::factor::{NewTotp, secret_of_base32};
use serde_json::{Value, json};
use tokio::sync::watch;

// Made by Python's bcrypt 4.3.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG";

async fn done(rig: &Rig, body: Value) -> Value {
    let started = rig.post("/users/import", body).await.is(202);
    assert_eq!(started.header("location"), format!("/admin/v1/jobs/{}", started.id()));
    assert_eq!(started.body["status"], "pending");
    let (_tell, stop) = watch::channel(false);
    while rig.service.run_waiting_job(&stop).await.unwrap() {}
    rig.get(&format!("/jobs/{}", started.id())).await.is(200).body
}

#[tokio::test]
async fn users_are_imported_by_a_job_and_found_by_queries() {
    let rig = Rig::new().await;
    let users = json!([
        { "email": "ada@example.org", "email_verified": true, "name": "Ada Lovelace", "password": { "modular": BCRYPT },
          "metadata": { "app": { "plan": "gold" } } },
        { "email": "bob@example.org", "name": "Bob", "blocked": true },
        { "email": "nobody" },
    ]);
    let job = done(&rig, json!({ "users": users })).await;
    assert_eq!(job["status"], "completed");
    assert_eq!(job["summary"], json!({ "total": 3, "inserted": 2, "updated": 0, "failed": 1 }));
    assert_eq!(job["errors"][0]["index"], 2);
    assert_eq!(job["errors"][0]["errors"][0]["field"], "email");
    assert!(job.get("input").is_none());
    assert_eq!(rig.get("/jobs").await.is(200).body["items"].as_array().unwrap().len(), 1);

    let emails = async |query: &str| {
        let found = rig.get(&format!("/users/search?{query}")).await.is(200).body;
        let items = found["items"].as_array().unwrap().clone();
        let total = found["total"].as_i64().unwrap();
        (items.iter().map(|u| u["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), total)
    };
    assert_eq!(emails("q=blocked:true").await, (vec!["bob@example.org".into()], 1));
    assert_eq!(emails("q=metadata.app.plan:gold").await.0, ["ada@example.org"]);
    assert_eq!(emails("q=lovel*").await.1, 0);
    assert_eq!(emails("q=name:*lovel*").await.1, 1);
    assert_eq!(emails("sort=-email&limit=1").await, (vec!["bob@example.org".into()], 2));
    assert_eq!(emails("sort=-email&limit=1&offset=1").await.0, ["ada@example.org"]);

    assert_eq!(rig.get("/users/search?q=nonsense:1").await.is(422).fields(), ["q"]);
    assert_eq!(rig.get("/users/search?q=(a").await.is(422).fields(), ["q"]);
    assert_eq!(rig.get("/users/search?q=created_at:soon").await.is(422).fields(), ["q"]);
    assert_eq!(rig.get("/users/search?sort=shoe_size").await.is(422).fields(), ["sort"]);
    assert_eq!(
        rig.post("/users/import", json!({ "users": [{ "email": "x@example.org", "passwrd": 1 }] })).await.is(422).fields(),
        ["users[0].passwrd"]
    );

    // What belongs to one tenant is nothing to another, and reading is not writing.
    let foreign = rig.service.admin_cx(rig.other, Client::default()).await.unwrap().unwrap();
    let job_id = uuid::Uuid::parse_str(job["id"].as_str().unwrap()).unwrap();
    assert!(rig.service.job(&foreign, job_id).await.is_err());
    let reader = rig.key_with(&["users:read"]).await;
    rig.ask(Method::POST, "/users/import", &reader, Some(&json!({ "users": [] }))).await.is(403);
    rig.ask(Method::GET, "/users/search", &reader, None).await.is(200);
    let other = rig.key_with(&["tenants:read"]).await;
    rig.ask(Method::GET, "/users/search", &other, None).await.is(403);
    rig.ask(Method::GET, &format!("/jobs/{job_id}"), &other, None).await.is(403);
}

#[tokio::test]
async fn second_factors_are_listed_and_taken_away() {
    let rig = Rig::new().await;
    let ada = rig.make("/users", json!({ "email": "ada@example.org" })).await;
    let id: UserId = ada.id().parse().unwrap();
    let mut cx = rig.service.admin_cx(rig.acme, Client::default()).await.unwrap().unwrap();
    // RFC 6238, appendix B: the last six digits of the eight.
    cx.now = doorward_protocol::time::Timestamp::from_seconds(1_111_111_109);
    let new = || NewTotp {
        secret: secret_of_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        name: Some("phone".into()),
        ..Default::default()
    };
    rig.service.add_totp(&cx, "test", id, new(), "081804").await.unwrap();
    let path = format!("/users/{id}/factors");
    let listed = rig.get(&path).await.is(200).body;
    assert_eq!((&listed["items"][0]["name"], &listed["items"][0]["confirmed"]), (&json!("phone"), &json!(true)));
    assert_eq!(listed["recovery_codes_left"], 10);
    assert!(!listed.to_string().contains("GEZDGNBV"), "a secret is never told");
    let factor = listed["items"][0]["id"].as_str().unwrap().to_owned();

    let reader = rig.key_with(&["users:read"]).await;
    rig.ask(Method::DELETE, &path, &reader, None).await.is(403);
    rig.delete(&format!("{path}/{}", uuid::Uuid::now_v7())).await.is(404);
    rig.delete(&format!("{path}/{factor}")).await.is(204);
    let listed = rig.get(&path).await.is(200).body;
    assert_eq!(listed, json!({ "items": [], "recovery_codes_left": 0 }));
    rig.service.add_totp(&cx, "test", id, new(), "081804").await.unwrap();
    rig.delete(&path).await.is(204);
    assert_eq!(rig.get(&path).await.is(200).body["items"], json!([]));
    rig.get(&format!("/users/{}/factors", uuid::Uuid::now_v7())).await.is(404);
}
