//! What a key may do to administrators: nothing, unless it may say who they are.

use crate::rig::Rig;
use axum::http::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";

/// Every call that touches how somebody signs in.
async fn calls(rig: &Rig, key: &str, id: &str, email: &str) -> Vec<(String, u16, Value)> {
    let nothing = "00000000-0000-4000-8000-000000000000";
    let identifier = rig.get(&format!("/users/{id}")).await.body["identifiers"][0]["id"].as_str().unwrap_or(nothing).to_owned();
    let mut out = Vec::new();
    for (method, path, body) in [
        (Method::PUT, format!("/users/{id}/password"), Some(json!({ "password": "violet staple under heavy rain" }))),
        (Method::DELETE, format!("/users/{id}/password"), None),
        (
            Method::POST,
            format!("/users/{id}/identifiers"),
            Some(json!({ "kind": "email", "value": format!("more-{email}"), "verified": true })),
        ),
        (Method::PATCH, format!("/users/{id}/identifiers/{identifier}"), Some(json!({ "verified": true }))),
        (Method::DELETE, format!("/users/{id}/identifiers/{nothing}"), None),
        (Method::DELETE, format!("/users/{id}/passkeys/{nothing}"), None),
        (Method::DELETE, format!("/users/{id}/factors/{nothing}"), None),
        (Method::DELETE, format!("/users/{id}/factors"), None),
        (Method::PATCH, format!("/users/{id}/conditions"), Some(json!({ "must_change_password": true }))),
        (Method::POST, format!("/users/{id}/sanctions"), Some(json!({ "reason": "spam" }))),
        (Method::POST, format!("/users/{id}/block"), None),
        (Method::POST, format!("/users/{id}/unblock"), None),
        (Method::DELETE, format!("/users/{id}"), None),
    ] {
        let answer = rig.ask(method.clone(), &path, key, body.as_ref()).await;
        out.push((format!("{method} {path}"), answer.status.as_u16(), answer.body));
    }
    out
}

#[tokio::test]
async fn a_key_changes_users_and_no_administrators() {
    let rig = Rig::new().await;
    let narrow = rig.key_with(&["users:read", "users:write"]).await;
    let mut ids = Vec::new();
    for (email, role) in
        [("owner@example.org", Some("owner")), ("viewer@example.org", Some("viewer")), ("somebody@example.org", None)]
    {
        let user = rig.make("/users", json!({ "email": email, "password": PASSWORD })).await.id();
        if let Some(role) = role {
            rig.put(&format!("/administrators/{user}"), json!({ "role": role })).await.is(200);
        }
        ids.push((user, email));
    }
    let [(owner, owners), (viewer, viewers), (somebody, theirs)] = ids.as_slice() else { unreachable!() };
    for (id, email) in [(owner, owners), (viewer, viewers)] {
        for (call, status, body) in calls(&rig, &narrow, id, email).await {
            assert_eq!((status, body["type"].as_str()), (403, Some("urn:doorward:problem:administrator")), "{call}");
        }
        let file = json!({ "users": [{ "email": email, "email_verified": true }], "upsert": true });
        let job = rig.ask(Method::POST, "/users/import", &narrow, Some(&file)).await.is(202).id();
        rig.service.run_waiting_job(&tokio::sync::watch::channel(false).1).await.unwrap();
        let job = rig.get(&format!("/jobs/{job}")).await;
        assert_eq!(job.body["summary"]["failed"], 1, "{job:?}");
        let refused = rig.get(&format!("/audit-events?type=administrator.change_refused&user_id={id}&limit=200")).await;
        let acts: Vec<&str> =
            refused.body["items"].as_array().unwrap().iter().map(|e| e["data"]["act"].as_str().unwrap()).collect();
        assert_eq!(acts.len(), 14, "{acts:?}");
    }
    rig.ask(Method::PUT, &format!("/administrators/{somebody}"), &narrow, Some(&json!({ "role": "owner" }))).await.is(403);
    for (call, status, body) in calls(&rig, &narrow, somebody, theirs).await {
        assert_ne!(status, 403, "{call}: {body}");
    }
    rig.get(&format!("/users/{somebody}")).await.is(404);
    // What is no credential stays open.
    rig.ask(Method::PATCH, &format!("/users/{owner}"), &narrow, Some(&json!({ "name": "Ada" }))).await.is(200);
    // Whoever may say who administers may do all of it.
    let strong = rig.key_with(&["users:write", "administrators:write"]).await;
    for (call, status, body) in calls(&rig, &strong, viewer, viewers).await {
        assert_ne!(status, 403, "{call}: {body}");
    }
}
