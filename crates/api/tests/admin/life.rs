//! Every noun: made, read, listed, changed, deleted.

use super::rig::Rig;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn tenants_and_domains() {
    let rig = Rig::new().await;
    let server = |method, path: String, body| {
        let rig = &rig;
        async move { rig.ask(method, &path, &rig.server_key, body).await }
    };
    let new = json!({ "slug": "third", "name": "Third", "brand": { "color": "#112233" } });
    let made = server(Method::POST, "/tenants".into(), Some(&new)).await.is(201);
    assert_eq!(made.header("location"), format!("/admin/v1/tenants/{}", made.id()));
    assert_eq!(made.body["brand"]["color"], "#112233");
    assert_eq!(made.body["policy"]["code"]["digits"], 6, "defaults are shown");
    let path = format!("/tenants/{}", made.id());
    let patch = json!({ "policy": { "code": { "digits": 8 } }, "brand": { "color": null } });
    let patched = server(Method::PATCH, path.clone(), Some(&patch)).await.is(200);
    assert_eq!(patched.body["policy"]["code"]["digits"], 8);
    assert_eq!(patched.body["policy"]["code"]["attempts"], 5, "a merge patch leaves the rest");
    assert!(patched.body["brand"]["color"].is_null());
    let all = server(Method::GET, "/tenants".into(), None).await.is(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 3);
    assert!(all.body["next_cursor"].is_null());

    let domain = json!({ "host": "third.example", "issuer": "https://third.example" });
    let domain = server(Method::POST, format!("{path}/domains"), Some(&domain)).await.is(201);
    assert_eq!((&domain.body["is_primary"], &domain.body["tenant_id"]), (&json!(true), &made.body["id"]));
    let at = domain.header("location").strip_prefix("/admin/v1").unwrap().to_owned();
    let change = json!({ "issuer": "https://third.example/" });
    assert_eq!(server(Method::PATCH, at.clone(), Some(&change)).await.is(200).body["issuer"], "https://third.example/");
    assert_eq!(server(Method::GET, format!("{path}/domains"), None).await.body["items"][0]["host"], "third.example");
    server(Method::DELETE, at.clone(), None).await.is(204);
    server(Method::GET, at, None).await.is(404);
    server(Method::DELETE, path.clone(), None).await.is(204);
    server(Method::GET, path, None).await.is(404);

    let own = rig.get("/tenants").await.is(200);
    assert_eq!(own.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(own.body["items"][0]["id"], json!(rig.acme.to_string()));
    assert_eq!(
        rig.patch(&format!("/tenants/{}", rig.acme), json!({ "name": "Acme Inc." })).await.is(200).body["name"],
        "Acme Inc."
    );
}

#[tokio::test]
async fn applications_are_flat_and_show_their_secret_once() {
    let rig = Rig::new().await;
    let made = rig
        .make("/applications", json!({ "name": "Web", "client_id": "web", "redirect_uris": ["https://web.example/cb"] }))
        .await;
    let secret = made.body["client_secret"].as_str().unwrap();
    assert!(secret.len() >= 32);
    assert_eq!(made.body["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(made.body["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!((&made.body["kind"], &made.body["enabled"]), (&json!("web"), &json!(true)));
    let path = format!("/applications/{}", made.id());
    assert!(rig.get(&path).await.body.get("client_secret").is_none());
    assert!(!rig.get("/applications").await.body.to_string().contains(secret));

    let patched = rig
        .patch(&path, json!({ "name": "Shop", "refresh": { "rotate": false }, "home_uri": "https://web.example/" }))
        .await
        .is(200);
    assert_eq!((&patched.body["name"], &patched.body["refresh"]["overlap_seconds"]), (&json!("Shop"), &json!(30)));
    assert!(rig.patch(&path, json!({ "home_uri": null })).await.is(200).body["home_uri"].is_null());

    let rotated = rig.post(&format!("{path}/secrets"), json!({ "grace_seconds": 60 })).await.is(201);
    let new = rotated.body["client_secret"].as_str().unwrap();
    assert_ne!(new, secret);
    let secrets = rig.get(&format!("{path}/secrets")).await.is(200);
    assert_eq!(secrets.body["items"].as_array().unwrap().len(), 2);
    assert!(!secrets.body.to_string().contains(new));
    rig.delete(&format!("{path}/secrets/{}", rotated.id())).await.is(204);
    rig.delete(&path).await.is(204);
    rig.get(&path).await.is(404);
}

#[tokio::test]
async fn resource_servers_grants_roles_and_permissions() {
    let rig = Rig::new().await;
    let api = json!({ "audience": "https://api.example", "enforce_permissions": true, "scopes": [{ "value": "read" }, { "value": "write", "description": "Write" }] });
    let api = rig.make("/resource-servers", api).await;
    assert_eq!((&api.body["name"], &api.body["enforce_permissions"]), (&json!("https://api.example"), &json!(true)));
    assert_eq!(api.body["scopes"][1], json!({ "value": "write", "description": "Write" }));
    let path = format!("/resource-servers/{}", api.id());
    assert_eq!(rig.patch(&path, json!({ "name": "API" })).await.is(200).body["scopes"].as_array().unwrap().len(), 2);
    assert_eq!(rig.get("/resource-servers").await.body["items"][0]["name"], "API");

    let machine = rig.make("/applications", json!({ "name": "M", "kind": "machine" })).await;
    let grants = format!("/applications/{}/grants", machine.id());
    let grant = json!({ "resource_server_id": api.id(), "scopes": ["read"] });
    rig.post(&grants, grant).await.is(201);
    assert_eq!(rig.get(&grants).await.body["items"][0]["scopes"], json!(["read"]));
    rig.delete(&format!("{grants}/{}", api.id())).await.is(204);
    assert_eq!(rig.get(&grants).await.body["items"], json!([]));

    let role = rig.make("/roles", json!({ "name": "editor" })).await;
    let path = format!("/roles/{}", role.id());
    assert_eq!(rig.patch(&path, json!({ "description": "Edits" })).await.is(200).body["description"], "Edits");
    let one = |scope: &str| json!({ "resource_server_id": api.id(), "scope": scope });
    let permissions = format!("{path}/permissions");
    rig.post(&permissions, json!({ "permissions": [one("read")] })).await.is(204);
    rig.post(&permissions, json!({ "permissions": [one("write")] })).await.is(204);
    assert_eq!(rig.get(&permissions).await.body["items"], json!([one("read"), one("write")]));
    rig.put(&permissions, json!({ "permissions": [one("write")] })).await.is(204);
    assert_eq!(rig.get(&permissions).await.body["items"], json!([one("write")]));
    rig.delete(&format!("{permissions}?resource_server_id={}&scope=write", api.id())).await.is(204);
    rig.delete(&format!("{permissions}?resource_server_id={}&scope=write", api.id())).await.is(404);
    rig.delete(&path).await.is(204);
    rig.delete(&format!("/resource-servers/{}", api.id())).await.is(204);
}

#[tokio::test]
async fn groups_their_members_and_roles() {
    let rig = Rig::new().await;
    let group = rig.make("/groups", json!({ "name": "staff" })).await;
    let path = format!("/groups/{}", group.id());
    assert_eq!(rig.patch(&path, json!({ "description": "All" })).await.is(200).body["name"], "staff");
    let user = rig.make("/users", json!({ "email": "ada@example.org" })).await.id();
    let role = rig.make("/roles", json!({ "name": "editor" })).await.id();
    rig.post(&format!("{path}/members"), json!({ "user_ids": [user] })).await.is(204);
    assert_eq!(rig.get(&format!("{path}/members")).await.body["items"][0]["user_id"], json!(user));
    rig.post(&format!("{path}/roles"), json!({ "role_ids": [role] })).await.is(204);
    assert_eq!(rig.get(&format!("{path}/roles")).await.body["items"][0]["id"], json!(role));
    rig.delete(&format!("{path}/roles/{role}")).await.is(204);
    rig.put(&format!("{path}/roles"), json!({ "role_ids": [role] })).await.is(204);
    rig.put(&format!("{path}/roles"), json!({ "role_ids": [] })).await.is(204);
    assert_eq!(rig.get(&format!("{path}/roles")).await.body["items"], json!([]));
    rig.delete(&format!("{path}/members/{user}")).await.is(204);
    rig.delete(&format!("{path}/members/{user}")).await.is(404);
    rig.delete(&path).await.is(204);
}

#[tokio::test]
async fn users_with_all_that_is_theirs() {
    let rig = Rig::new().await;
    let role = rig.make("/roles", json!({ "name": "editor" })).await.id();
    let api = rig.make("/resource-servers", json!({ "audience": "api", "scopes": [{ "value": "read" }] })).await.id();
    let new = json!({
        "email": "Ada@Example.org", "email_verified": true, "username": "ada", "name": "Ada Lovelace",
        "profile": { "given_name": "Ada", "birthdate": "1815-12-10" },
        "password": "correct horse battery staple", "role_ids": [role],
    });
    let made = rig.make("/users", new).await;
    assert_eq!((&made.body["email"], &made.body["email_verified"]), (&json!("Ada@Example.org"), &json!(true)));
    assert_eq!((&made.body["username"], &made.body["status"]), (&json!("ada"), &json!("active")));
    assert!(made.body["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(!made.body.to_string().contains("correct horse"));
    let path = format!("/users/{}", made.id());
    let patched = rig.patch(&path, json!({ "name": null, "profile": { "nickname": "A" } })).await.is(200);
    assert!(patched.body["name"].is_null());
    assert_eq!(patched.body["profile"], json!({ "given_name": "Ada", "nickname": "A", "birthdate": "1815-12-10" }));

    assert_eq!(rig.get(&format!("{path}/roles")).await.body["items"][0]["id"], json!(role));
    rig.delete(&format!("{path}/roles/{role}")).await.is(204);
    rig.post(&format!("{path}/roles"), json!({ "role_ids": [role] })).await.is(204);
    rig.put(&format!("{path}/roles"), json!({ "role_ids": [] })).await.is(204);
    let permission = json!({ "resource_server_id": api, "scope": "read" });
    rig.post(&format!("{path}/permissions"), json!({ "permissions": [permission] })).await.is(204);
    rig.put(&format!("{path}/permissions"), json!({ "permissions": [permission] })).await.is(204);
    assert_eq!(rig.get(&format!("{path}/permissions")).await.body["items"], json!([permission]));
    rig.delete(&format!("{path}/permissions?resource_server_id={api}&scope=read")).await.is(204);

    let second = rig.post(&format!("{path}/identifiers"), json!({ "kind": "email", "value": "a@b.example" })).await.is(201);
    assert_eq!(second.body["verified"], json!(false));
    let at = format!("{path}/identifiers/{}", second.id());
    assert_eq!(rig.patch(&at, json!({ "verified": true, "is_primary": true })).await.is(200).body["is_primary"], json!(true));
    assert_eq!(rig.get(&path).await.body["email"], "a@b.example");
    rig.delete(&at).await.is(204);
    assert_eq!(rig.get(&format!("{path}/identifiers")).await.body["items"].as_array().unwrap().len(), 2);

    rig.put(&format!("{path}/password"), json!({ "password": "another good phrase 42" })).await.is(204);
    rig.delete(&format!("{path}/password")).await.is(204);
    assert_eq!(rig.get(&format!("{path}/passkeys")).await.is(200).body["items"], json!([]));
    rig.delete(&format!("{path}/passkeys/{}", made.id())).await.is(404);
    assert_eq!(rig.get(&format!("{path}/sessions")).await.is(200).body["items"], json!([]));
    rig.delete(&format!("{path}/sessions/{}", made.id())).await.is(404);
    rig.delete(&format!("{path}/sessions")).await.is(204);

    rig.ask(Method::POST, &format!("{path}/block"), &rig.key, None).await.is(204);
    assert_eq!(rig.get(&path).await.body["status"], "blocked");
    rig.ask(Method::POST, &format!("{path}/unblock"), &rig.key, None).await.is(204);
    assert_eq!(rig.get(&path).await.body["status"], "active");
    rig.delete(&path).await.is(204);
    rig.get(&path).await.is(404);

    let events = rig.get(&format!("/audit-events?user_id={}", made.id())).await.is(200);
    let items = events.body["items"].as_array().unwrap();
    assert_eq!(items[0]["type"], "user.deleted");
    assert!(items[0]["actor"].as_str().unwrap().starts_with("admin:"));
    assert_eq!((&items[0]["ip"], &items[0]["request_id"]), (&json!("192.0.2.1"), &json!("req-1")));
    assert!(items[0]["time"].as_str().unwrap().contains('T') && items[0]["data"].is_object());
    let blocked = rig.get("/audit-events?type=user.blocked").await;
    assert_eq!(blocked.body["items"].as_array().unwrap().len(), 1);
    let check = rig.get("/audit-events/verify").await.is(200);
    assert_eq!((&check.body["ok"], &check.body["fault"]), (&json!(true), &json!(null)));
    assert!(check.body["checked"].as_u64().unwrap() > 10);
    assert!(!rig.get("/audit-events?limit=200").await.body.to_string().contains("correct horse"));
}

#[tokio::test]
async fn administrators_are_invited_changed_and_removed_and_one_owner_stays() {
    let rig = Rig::new().await;
    rig.post("/administrators", json!({ "email": "ada@example.org", "role": "king" })).await.is(422);
    rig.post("/administrators", json!({ "email": "no address", "role": "owner" })).await.is(422);
    let made = rig.post("/administrators", json!({ "email": "ada@example.org", "name": "Ada", "role": "owner" })).await.is(201);
    let ada = made.body["user_id"].as_str().unwrap().to_owned();
    assert_eq!((made.body["role"].as_str(), made.body["email"].as_str()), (Some("owner"), Some("ada@example.org")));
    // A new account came with a link into it; who has one already gets no second one.
    assert_eq!(rig.service.store.mailbox(rig.acme, Some("ada@example.org"), 5).await.unwrap().len(), 1);
    let again = rig.post("/administrators", json!({ "email": "ADA@example.org", "role": "owner" })).await.is(201);
    assert_eq!(again.body["user_id"], made.body["user_id"]);
    assert_eq!(rig.service.store.mailbox(rig.acme, Some("ada@example.org"), 5).await.unwrap().len(), 1);
    let path = format!("/administrators/{ada}");
    rig.put(&path, json!({ "role": "viewer" })).await.is(409);
    rig.delete(&path).await.is(409);
    rig.post("/administrators", json!({ "email": "eve@example.org", "role": "owner" })).await.is(201);
    assert_eq!(rig.put(&path, json!({ "role": "support" })).await.is(200).body["role"], "support");
    let roles: Vec<String> = rig.get("/administrators").await.is(200).body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["role"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(roles, ["support", "owner"]);
    rig.delete(&path).await.is(204);
    rig.get(&path).await.is(404);
    rig.get(&format!("/users/{ada}")).await.is(200);
    // Anybody can type any address at sign-up: an account that has not proven its own is no administrator by it.
    let typed = rig.make("/users", json!({ "email": "boss@example.org" })).await.id();
    let boss = json!({ "email": "boss@example.org", "role": "owner" });
    assert!(
        rig.post("/administrators", boss.clone()).await.is(409).body.to_string().contains("nobody has proven this address yet")
    );
    rig.get(&format!("/administrators/{typed}")).await.is(404);
    let identifier = rig.get(&format!("/users/{typed}")).await.body["identifiers"][0]["id"].as_str().unwrap().to_owned();
    rig.patch(&format!("/users/{typed}/identifiers/{identifier}"), json!({ "verified": true })).await.is(200);
    rig.post("/administrators", boss).await.is(201);
}

#[tokio::test]
async fn the_audit_log_is_asked_by_who_did_it_and_when() {
    let rig = Rig::new().await;
    rig.make("/users", json!({ "email": "ada@example.org" })).await;
    let count = async |query: &str| {
        let answer = rig.get(&format!("/audit-events?type=user.created&{query}")).await.is(200);
        answer.body["items"].as_array().unwrap().len()
    };
    let by = rig.get("/audit-events?type=user.created").await.body["items"][0]["actor"].as_str().unwrap().to_owned();
    assert_eq!((count(&format!("actor={by}")).await, count("actor=system").await), (1, 0));
    assert_eq!((count("since=2000-01-01T00:00:00Z").await, count("until=2000-01-01T00:00:00Z").await), (1, 0));
    assert_eq!(rig.get("/audit-events?since=yesterday").await.is(422).fields(), ["since"]);
}
