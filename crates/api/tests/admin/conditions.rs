//! Conditions of an account, sanctions on it, and a tenant's own mail server.

use crate::rig::Rig;
use axum::http::Method;
use serde_json::json;

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn a_password_must_be_changed_and_an_account_ends() {
    let rig = Rig::new().await;
    let id = rig.make("/users", json!({ "email": "ada@example.org", "password": PASSWORD })).await.id();
    let (path, password) = (format!("/users/{id}/conditions"), format!("/users/{id}/password"));
    let nothing = json!({ "must_change_password": false, "expires_at": null, "suspended_until": null });
    assert_eq!(rig.get(&path).await.is(200).body, nothing);
    assert_eq!(rig.patch(&path, json!({ "must_change_password": true })).await.is(200).body["must_change_password"], true);
    // A password that is set for good need not be changed, one that is set for once must be.
    rig.put(&password, json!({ "password": PASSWORD })).await.is(204);
    assert_eq!(rig.get(&path).await.body, nothing);
    rig.put(&password, json!({ "password": PASSWORD, "must_change": true })).await.is(204);
    let at = "2030-01-31T12:00:00Z";
    let ends = rig.patch(&path, json!({ "expires_at": at })).await.is(200);
    assert_eq!(ends.body, json!({ "must_change_password": true, "expires_at": at, "suspended_until": null }));
    assert_eq!(rig.patch(&path, json!({ "expires_at": null, "must_change_password": false })).await.is(200).body, nothing);
    assert_eq!(rig.patch(&path, json!({ "expires_at": "soon" })).await.is(422).fields(), ["expires_at"]);
    rig.patch(&path, json!({ "suspended_until": at })).await.is(422);
    rig.delete(&password).await.is(204);
    assert_eq!(rig.patch(&path, json!({ "must_change_password": true })).await.is(409).fields(), ["must_change_password"]);
    let reader = rig.key_with(&["users:read"]).await;
    rig.ask(Method::PATCH, &path, &reader, Some(&json!({}))).await.is(403);
    // An owner's account has no end, and nobody keeps an owner out.
    rig.put(&format!("/administrators/{id}"), json!({ "role": "owner" })).await.is(200);
    rig.patch(&path, json!({ "expires_at": at })).await.is(409);
    rig.post(&format!("/users/{id}/sanctions"), json!({ "reason": "x", "prevents_sign_in": true })).await.is(409);
}

#[tokio::test]
async fn sanctions_are_imposed_listed_and_lifted() {
    let rig = Rig::new().await;
    let id = rig.make("/users", json!({ "email": "ada@example.org" })).await.id();
    let other = rig.make("/users", json!({ "email": "bob@example.org" })).await.id();
    let path = format!("/users/{id}/sanctions");
    rig.post(&path, json!({ "reason": "rude" })).await.is(201);
    let ban = rig.post(&path, json!({ "reason": "spam", "prevents_sign_in": true })).await.is(201);
    assert_eq!(
        (&ban.body["active"], &ban.body["name"], &ban.body["ends_at"]),
        (&json!(true), &json!("Suspension"), &json!(null))
    );
    let suspended = rig.get(&format!("/users/{id}/conditions")).await.body["suspended_until"].clone();
    assert_eq!(suspended, "9999-12-31T23:59:59Z", "until it is lifted");
    let reasons = |list: &serde_json::Value| -> Vec<(String, bool)> {
        let each = list["items"].as_array().unwrap().iter();
        each.map(|s| (s["reason"].as_str().unwrap().to_owned(), s["active"].as_bool().unwrap())).collect()
    };
    assert_eq!(reasons(&rig.get(&path).await.body), [("spam".into(), true), ("rude".into(), true)]);
    let one = format!("{path}/{}", ban.id());
    rig.delete(&format!("/users/{other}/sanctions/{}", ban.id())).await.is(404);
    rig.delete(&one).await.is(204);
    rig.delete(&one).await.is(409);
    assert_eq!(reasons(&rig.get(&path).await.body), [("spam".into(), false), ("rude".into(), true)]);
    assert_eq!(rig.get(&format!("/users/{id}/conditions")).await.body["suspended_until"], json!(null));
    assert_eq!(rig.post(&path, json!({ "reason": " " })).await.is(422).fields(), ["reason"]);
    let past = json!({ "reason": "x", "ends_at": "2020-01-01T00:00:00Z" });
    assert_eq!(rig.post(&path, past).await.is(422).fields(), ["ends_at"]);
    let reader = rig.key_with(&["users:read"]).await;
    rig.ask(Method::POST, &path, &reader, Some(&json!({ "reason": "x" }))).await.is(403);
}

#[tokio::test]
async fn a_mail_server_is_for_keys_that_may_say_who_administers_and_keeps_its_secret() {
    let rig = Rig::new().await;
    let server = json!({ "host": "127.0.0.1", "port": 1, "security": "none", "username": "acme", "password": "a-secret-of-it" });
    rig.get("/mail-server").await.is(404);
    let narrow = rig.key_with(&["tenants:read", "tenants:write"]).await;
    let refused = rig.ask(Method::PUT, "/mail-server", &narrow, Some(&server)).await.is(403);
    assert_eq!(refused.body["type"], "urn:doorward:problem:administrator");
    let made = rig.put("/mail-server", server.clone()).await.is(200);
    let shown =
        json!({ "host": "127.0.0.1", "port": 1, "security": "none", "username": "acme", "has_password": true, "from": null });
    assert_eq!(made.body, shown);
    assert_eq!(rig.ask(Method::GET, "/mail-server", &narrow, None).await.is(200).body, shown);
    for (method, path) in [(Method::DELETE, "/mail-server"), (Method::POST, "/mail-server/test")] {
        rig.ask(method, path, &narrow, Some(&json!({ "to": "ada@example.org" }))).await.is(403);
    }
    // Its password is kept for the same server and account, and is not sent to another.
    let again =
        json!({ "host": "127.0.0.1", "port": 2, "security": "none", "username": "acme", "from": "Acme <id@acme.example>" });
    assert_eq!(rig.put("/mail-server", again).await.is(200).body["has_password"], true);
    let elsewhere = json!({ "host": "mail.evil.example", "port": 25, "username": "acme" });
    assert_eq!(rig.put("/mail-server", elsewhere).await.is(422).fields(), ["password"]);
    let wrong = json!({ "host": "no host", "port": 0, "from": "nobody" });
    assert_eq!(rig.put("/mail-server", wrong).await.is(422).fields(), ["host", "port", "from"]);
    // Nobody listens there.
    let tested = rig.post("/mail-server/test", json!({ "to": "ada@example.org" })).await.is(409);
    assert!(tested.body["detail"].as_str().unwrap().contains("did not take the mail"), "{tested:?}");
    rig.post("/mail-server/test", json!({ "to": "nobody" })).await.is(422);
    assert!(!rig.get("/audit-events?limit=200").await.body.to_string().contains("a-secret-of-it"));
    rig.delete("/mail-server").await.is(204);
    rig.get("/mail-server").await.is(404);
    rig.post("/mail-server/test", json!({ "to": "ada@example.org" })).await.is(404);
}
