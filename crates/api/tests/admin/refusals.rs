use super::rig::Rig;
use axum::body::Body;
use axum::http::{Method, header};
use doorward_service::Client;
use doorward_service::directory::NewApiKey;
use doorward_service::limits::LimitSettings;
use serde_json::json;

#[tokio::test]
async fn without_a_good_key_nothing_is_said() {
    let rig = Rig::new().await;
    for authorization in ["", "Bearer", "Bearer ", "Basic abc", "Bearer dwk_wrong", "Bearer nonsense"] {
        let mut request = rig.request(Method::GET, "/users", "x", None);
        request.headers_mut().remove(header::AUTHORIZATION);
        if !authorization.is_empty() {
            request.headers_mut().insert(header::AUTHORIZATION, authorization.parse().unwrap());
        }
        let answer = rig.send(request).await.is(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{authorization}");
    }
    let mut request = rig.request(Method::GET, "/users", "x", None);
    request.headers_mut().insert(header::AUTHORIZATION, format!("bearer {}", rig.key).parse().unwrap());
    rig.send(request).await.is(200);
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let rig = Rig::new().await;
    let cx = rig.service.admin_cx(rig.acme, Client::default()).await.unwrap().unwrap();
    let expires_at = Some(cx.now.plus_seconds(60));
    let new = NewApiKey { name: "k".into(), scopes: vec!["*".into()], expires_at, ..Default::default() };
    let key = rig.service.create_api_key(&cx, "test", None, new).await.unwrap().key;
    rig.ask(Method::GET, "/users", &key, None).await.is(200);
    rig.service.clock.advance(rig.acme, 61);
    rig.ask(Method::GET, "/users", &key, None).await.is(401);
}

#[tokio::test]
async fn each_verb_needs_its_scope() {
    let rig = Rig::new().await;
    let nil = "00000000-0000-0000-0000-000000000000";
    for (noun, path) in [
        ("tenants", "/tenants".to_owned()),
        ("domains", format!("/tenants/{}/domains", rig.acme)),
        ("applications", "/applications".to_owned()),
        ("applications", format!("/applications/{nil}/secrets")),
        ("applications", format!("/applications/{nil}/grants")),
        ("resource_servers", "/resource-servers".to_owned()),
        ("roles", "/roles".to_owned()),
        ("roles", format!("/roles/{nil}/permissions")),
        ("groups", "/groups".to_owned()),
        ("groups", format!("/groups/{nil}/members")),
        ("groups", format!("/groups/{nil}/roles")),
        ("users", "/users".to_owned()),
        ("users", format!("/users/{nil}/identifiers")),
        ("users", format!("/users/{nil}/roles")),
        ("users", format!("/users/{nil}/permissions")),
        ("api_keys", "/api-keys".to_owned()),
    ] {
        let read = rig.key_with(&[&format!("{noun}:read")]).await;
        let write = rig.key_with(&[&format!("{noun}:write")]).await;
        let body = json!({});
        let status = |answer: super::rig::Answer| answer.status.as_u16();
        assert_ne!(status(rig.ask(Method::GET, &path, &read, None).await), 403, "{path}");
        assert_eq!(status(rig.ask(Method::POST, &path, &read, Some(&body)).await), 403, "{path}");
        assert_eq!(status(rig.ask(Method::GET, &path, &write, None).await), 403, "{path}");
        let forbidden = status(rig.ask(Method::POST, &path, &write, Some(&body)).await) == 403;
        // Tenants are made by keys of the whole server.
        assert_eq!(forbidden, noun == "tenants", "{path}");
    }
    let users = rig.key_with(&["users:read", "users:write"]).await;
    for path in [
        "/tenants",
        "/applications",
        "/resource-servers",
        "/roles",
        "/groups",
        "/api-keys",
        "/signing-keys",
        "/audit-events",
        "/audit-events/verify",
    ] {
        let answer = rig.ask(Method::GET, path, &users, None).await.is(403);
        assert!(answer.body["detail"].as_str().unwrap().contains(":read"), "it says which scope is missing");
    }
    let read_only = rig.key_with(&["users:read"]).await;
    for (method, path) in [
        (Method::PATCH, format!("/users/{nil}")),
        (Method::DELETE, format!("/users/{nil}")),
        (Method::POST, format!("/users/{nil}/block")),
        (Method::POST, format!("/users/{nil}/unblock")),
        (Method::PUT, format!("/users/{nil}/password")),
        (Method::DELETE, format!("/users/{nil}/sessions")),
        (Method::DELETE, format!("/users/{nil}/passkeys/{nil}")),
    ] {
        rig.ask(method, &path, &read_only, Some(&json!({}))).await.is(403);
    }
    rig.ask(Method::POST, "/signing-keys/rotate", &rig.key_with(&["signing_keys:read"]).await, Some(&json!({ "alg": "ES256" })))
        .await
        .is(403);
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_not_there() {
    let rig = Rig::new().await;
    let theirs = |path: &str, body: serde_json::Value| {
        let mut request = rig.request(Method::POST, path, &rig.server_key, Some(&body));
        request.headers_mut().insert("doorward-tenant", "other".parse().unwrap());
        let rig = &rig;
        async move { rig.send(request).await.is(201).id() }
    };
    let user = theirs("/users", json!({ "email": "eve@example.org" })).await;
    let application = theirs("/applications", json!({ "name": "A" })).await;
    let server = theirs("/resource-servers", json!({ "audience": "api" })).await;
    let role = theirs("/roles", json!({ "name": "r" })).await;
    let group = theirs("/groups", json!({ "name": "g" })).await;
    for path in [
        format!("/users/{user}"),
        format!("/applications/{application}"),
        format!("/resource-servers/{server}"),
        format!("/roles/{role}"),
        format!("/groups/{group}"),
        format!("/tenants/{}", rig.other),
    ] {
        rig.get(&path).await.is(404);
        rig.patch(&path, json!({ "name": "stolen" })).await.is(404);
        rig.delete(&path).await.is(404);
    }
    for path in ["identifiers", "roles", "permissions", "passkeys", "sessions"] {
        rig.get(&format!("/users/{user}/{path}")).await.is(404);
    }
    rig.ask(Method::POST, &format!("/users/{user}/block"), &rig.key, None).await.is(404);
    rig.get(&format!("/tenants/{}/domains", rig.other)).await.is(404);
    let domain = rig.service.list_domains(rig.other).await.unwrap()[0].id;
    rig.get(&format!("/domains/{domain}")).await.is(404);
    rig.delete(&format!("/domains/{domain}")).await.is(404);
    rig.get("/users/not-an-id").await.is(404);

    let ours = rig.make("/users", json!({ "email": "ada@example.org" })).await.id();
    assert_eq!(rig.post(&format!("/users/{ours}/roles"), json!({ "role_ids": [role] })).await.is(422).fields(), ["role_ids[0]"]);
    // A key of one tenant cannot name another.
    let mut request = rig.request(Method::GET, "/users", &rig.key, None);
    request.headers_mut().insert("doorward-tenant", "other".parse().unwrap());
    rig.send(request).await.is(404);
}

#[tokio::test]
async fn a_key_of_the_whole_server_acts_on_the_tenant_it_names() {
    let rig = Rig::new().await;
    rig.make("/users", json!({ "email": "ada@example.org" })).await;
    let count = |tenant: Option<String>, host: &str| {
        let mut request = rig.request(Method::GET, "/users", &rig.server_key, None);
        request.headers_mut().insert(header::HOST, host.parse().unwrap());
        if let Some(tenant) = tenant {
            request.headers_mut().insert("doorward-tenant", tenant.parse().unwrap());
        }
        let rig = &rig;
        async move { rig.send(request).await }
    };
    let users = |answer: super::rig::Answer| answer.is(200).body["items"].as_array().unwrap().len();
    assert_eq!(users(count(None, "acme.example").await), 1);
    assert_eq!(users(count(None, "other.example").await), 0);
    assert_eq!(users(count(Some("other".into()), "acme.example").await), 0);
    assert_eq!(users(count(Some(rig.acme.to_string()), "other.example").await), 1);
    count(Some("nobody".into()), "acme.example").await.is(404);
    count(None, "nowhere.example").await.is(404);
}

#[tokio::test]
async fn bad_bodies_are_refused_and_nothing_is_kept() {
    let rig = Rig::new().await;
    let raw = |body: &'static str, kind: &'static str| {
        let mut request = rig.request(Method::POST, "/roles", &rig.key, None);
        if !kind.is_empty() {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        *request.body_mut() = Body::from(body);
        let rig = &rig;
        async move { rig.send(request).await }
    };
    raw("{", "application/json").await.is(400);
    raw("", "application/json").await.is(400);
    raw("{\"name\":\"a\"} x", "application/json").await.is(400);
    raw("{\"name\":\"a\"}", "").await.is(415);
    raw("name=a", "application/x-www-form-urlencoded").await.is(415);
    raw("{\"name\":\"a\"}", "text/plain").await.is(415);
    assert_eq!(raw("[]", "application/json").await.is(422).fields().len(), 1);
    raw("{\"name\":\"with charset\"}", "application/json; charset=utf-8").await.is(201);

    assert_eq!(rig.post("/roles", json!({ "name": "a", "colour": "red" })).await.is(422).fields(), ["colour"]);
    assert_eq!(rig.post("/roles", json!({})).await.is(422).fields(), ["name"]);
    assert_eq!(rig.post("/roles", json!({ "name": 1 })).await.is(422).fields(), ["name"]);
    let two = rig.post("/applications", json!({ "name": "", "redirect_uris": ["http://a.example"] })).await.is(422);
    assert_eq!(two.fields(), ["name", "redirect_uris[0]"], "all problems at once");
    assert_eq!(rig.post("/users", json!({ "email": "a@b.example", "role_ids": ["x"] })).await.is(422).fields(), ["role_ids[0]"]);
    assert_eq!(rig.post("/users", json!({ "email": "a@b.example", "nmae": "x" })).await.is(422).fields(), ["nmae"]);
    assert_eq!(rig.get("/users").await.body["items"], json!([]));

    rig.make("/roles", json!({ "name": "twice" })).await;
    assert_eq!(rig.post("/roles", json!({ "name": "twice" })).await.is(409).fields(), ["name"]);
    rig.make("/users", json!({ "email": "ada@example.org" })).await;
    let taken = rig.post("/users", json!({ "email": "ADA@example.org" })).await.is(409);
    assert_eq!(taken.fields(), ["email"]);
    let user = rig.get("/users").await.body["items"][0].clone();
    let last = format!("/users/{}/identifiers/{}", user["id"].as_str().unwrap(), user["identifiers"][0]["id"].as_str().unwrap());
    rig.delete(&last).await.is(409);

    let mut request = rig.request(Method::POST, "/roles", &rig.key, Some(&json!({ "name": "x" })));
    *request.body_mut() = Body::from(format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024)));
    rig.send(request).await.is(413);
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let rig = Rig::new().await;
    rig.get("/nothing").await.is(404);
    rig.get("/users/a/b/c/d").await.is(404);
    let answer = rig.ask(Method::PUT, "/users", &rig.key, Some(&json!({}))).await.is(405);
    let allowed = answer.header("allow");
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    rig.ask(Method::GET, "/signing-keys/rotate", &rig.key, None).await.is(405);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let rig =
        Rig::with_limits(LimitSettings { requests_per_second: 1, request_burst: 3, proofs_per_minute: 2, ..Default::default() })
            .await;
    // A slow machine earns more of them while it asks.
    let mut allowed = 0;
    let refused = loop {
        let answer = rig.get("/roles").await;
        if answer.status == 429 || allowed == 20 {
            break answer.is(429);
        }
        answer.is(200);
        allowed += 1;
    };
    assert!(allowed >= 3, "{allowed}");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    // Another key has its own allowance.
    rig.ask(Method::GET, "/roles", &rig.server_key, None).await.is(200);
    for _ in 0..2 {
        rig.ask(Method::GET, "/roles", "dwk_guess", None).await.is(401);
    }
    assert!(rig.ask(Method::GET, "/roles", "dwk_guess", None).await.is(429).header("retry-after").parse::<u64>().unwrap() >= 1);
    rig.ask(Method::GET, "/roles", &rig.server_key, None).await.is(200);
}
