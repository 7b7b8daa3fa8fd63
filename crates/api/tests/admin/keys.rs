use super::rig::Rig;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn api_keys_are_made_used_and_deleted() {
    let rig = Rig::new().await;
    let made =
        rig.make("/api-keys", json!({ "name": "ci", "scopes": ["users:read"], "expires_at": "2200-01-01T00:00:00Z" })).await;
    let key = made.body["key"].as_str().unwrap().to_owned();
    assert_eq!(
        (&made.body["tenant_id"], &made.body["expires_at"]),
        (&json!(rig.acme.to_string()), &json!("2200-01-01T00:00:00Z"))
    );
    rig.ask(Method::GET, "/users", &key, None).await.is(200);
    let path = format!("/api-keys/{}", made.id());
    assert!(!rig.get(&path).await.is(200).body.to_string().contains(&key));
    assert!(!rig.get("/api-keys").await.body.to_string().contains(&key));
    assert!(rig.get(&path).await.body["last_used_at"].is_string());
    assert_eq!(rig.patch(&path, json!({ "scopes": ["roles:read"] })).await.is(200).body["name"], "ci");
    rig.ask(Method::GET, "/users", &key, None).await.is(403);
    rig.ask(Method::GET, "/roles", &key, None).await.is(200);
    rig.delete(&path).await.is(204);
    rig.ask(Method::GET, "/roles", &key, None).await.is(401);
}

#[tokio::test]
async fn a_key_cannot_widen_itself_or_leave_its_tenant() {
    let rig = Rig::new().await;
    let narrow = rig.key_with(&["api_keys:write", "api_keys:read"]).await;
    let wide = json!({ "name": "x", "scopes": ["*"] });
    assert_eq!(rig.ask(Method::POST, "/api-keys", &narrow, Some(&wide)).await.is(422).fields(), ["scopes[0]"]);
    let server = json!({ "name": "x", "scopes": ["api_keys:read"], "server_wide": true });
    assert_eq!(rig.ask(Method::POST, "/api-keys", &narrow, Some(&server)).await.is(422).fields(), ["server_wide"]);
    // Its own row.
    let keys = rig.ask(Method::GET, "/api-keys", &narrow, None).await.is(200);
    let own = keys.body["items"].as_array().unwrap().iter().find(|k| k["scopes"][0] == "api_keys:write").unwrap()["id"].clone();
    let path = format!("/api-keys/{}", own.as_str().unwrap());
    assert_eq!(rig.ask(Method::PATCH, &path, &narrow, Some(&json!({ "scopes": ["*"] }))).await.is(422).fields(), ["scopes[0]"]);
    // The keys of the whole server and of the other tenant are not there for it.
    let seen = rig.ask(Method::GET, "/api-keys", &rig.server_key, None).await.is(200);
    let foreign: Vec<&str> = seen.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|k| k["tenant_id"] != json!(rig.acme.to_string()))
        .map(|k| k["id"].as_str().unwrap())
        .collect();
    assert_eq!(foreign.len(), 2);
    for id in foreign {
        rig.get(&format!("/api-keys/{id}")).await.is(404);
        rig.delete(&format!("/api-keys/{id}")).await.is(404);
        rig.patch(&format!("/api-keys/{id}"), json!({ "name": "mine" })).await.is(404);
    }
    assert_eq!(
        rig.post("/api-keys", json!({ "name": "x", "scopes": ["users:read"], "expires_at": "tomorrow" })).await.is(422).fields(),
        ["expires_at"]
    );
}

#[tokio::test]
async fn signing_keys_show_public_halves_only() {
    let rig = Rig::new().await;
    let made = rig.post("/signing-keys/rotate", json!({ "alg": "ES256" })).await.is(201);
    rig.post("/signing-keys/rotate", json!({ "alg": "ES256" })).await.is(201);
    let all = rig.get("/signing-keys").await.is(200);
    let items = all.body["items"].as_array().unwrap();
    // One that waits for the next rotation is made aside, and may be there already.
    assert_eq!(items.iter().filter(|k| k["state"] == "active").count(), 1);
    let old = items.iter().find(|k| k["kid"] == made.body["kid"]).unwrap();
    assert_eq!((&old["state"], &old["public_jwk"]["kty"]), (&json!("retired"), &json!("EC")));
    assert!(items.iter().all(|k| k["public_jwk"].get("d").is_none() && k.get("private_key").is_none()));
    assert_eq!(rig.post("/signing-keys/rotate", json!({ "alg": "none" })).await.is(422).fields(), ["alg"]);
}
