use super::rig::Rig;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PATHS: &[(&str, &str)] = &[
    ("/tenants", "get post"),
    ("/tenants/{id}", "delete get patch"),
    ("/tenants/{id}/domains", "get post"),
    ("/domains/{id}", "delete get patch"),
    ("/applications", "get post"),
    ("/applications/{id}", "delete get patch"),
    ("/applications/{id}/secrets", "get post"),
    ("/applications/{id}/secrets/{secret_id}", "delete"),
    ("/applications/{id}/grants", "get post"),
    ("/applications/{id}/grants/{resource_server_id}", "delete"),
    ("/resource-servers", "get post"),
    ("/resource-servers/{id}", "delete get patch"),
    ("/roles", "get post"),
    ("/roles/{id}", "delete get patch"),
    ("/roles/{id}/permissions", "delete get post put"),
    ("/groups", "get post"),
    ("/groups/{id}", "delete get patch"),
    ("/groups/{id}/members", "get post"),
    ("/groups/{id}/members/{user_id}", "delete"),
    ("/groups/{id}/roles", "get post put"),
    ("/groups/{id}/roles/{role_id}", "delete"),
    ("/users", "get post"),
    ("/users/search", "get"),
    ("/users/import", "post"),
    ("/jobs", "get"),
    ("/jobs/{id}", "get"),
    ("/users/{id}", "delete get patch"),
    ("/users/{id}/block", "post"),
    ("/users/{id}/unblock", "post"),
    ("/users/{id}/identifiers", "get post"),
    ("/users/{id}/identifiers/{identifier_id}", "delete patch"),
    ("/users/{id}/roles", "get post put"),
    ("/users/{id}/roles/{role_id}", "delete"),
    ("/users/{id}/permissions", "delete get post put"),
    ("/users/{id}/password", "delete put"),
    ("/users/{id}/passkeys", "get"),
    ("/users/{id}/passkeys/{passkey_id}", "delete"),
    ("/users/{id}/sessions", "delete get"),
    ("/users/{id}/sessions/{session_id}", "delete"),
    ("/users/{id}/conditions", "get patch"),
    ("/users/{id}/sanctions", "get post"),
    ("/users/{id}/sanctions/{sanction_id}", "delete"),
    ("/mail-server", "delete get put"),
    ("/mail-server/test", "post"),
    ("/administrators", "get post"),
    ("/administrators/{id}", "delete get put"),
    ("/users/{id}/factors", "delete get"),
    ("/users/{id}/factors/{factor_id}", "delete"),
    ("/api-keys", "get post"),
    ("/api-keys/{id}", "delete get patch"),
    ("/signing-keys", "get"),
    ("/signing-keys/rotate", "post"),
    ("/audit-events", "get"),
    ("/audit-events/verify", "get"),
];

async fn description(rig: &Rig) -> Value {
    // Without a key: there is no secret in it.
    let request = Request::get("/admin/v1/openapi.json").body(axum::body::Body::empty()).unwrap();
    rig.send(request).await.is(200).body
}

#[tokio::test]
async fn every_route_is_described() {
    let rig = Rig::new().await;
    let api = description(&rig).await;
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(api["servers"][0]["url"], "/admin/v1");
    let described: BTreeSet<(String, String)> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, item)| {
            let mut methods: Vec<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
            methods.sort_unstable();
            (path.clone(), methods.join(" "))
        })
        .collect();
    let expected: BTreeSet<(String, String)> = PATHS.iter().map(|(p, m)| ((*p).to_owned(), (*m).to_owned())).collect();
    assert_eq!(described, expected);
}

#[tokio::test]
async fn every_described_operation_answers_and_no_other_does() {
    let rig = Rig::new().await;
    for (path, methods) in PATHS {
        let path = path.split('/').map(|s| if s.starts_with('{') { "00000000-0000-0000-0000-000000000000" } else { s });
        let path = path.collect::<Vec<_>>().join("/");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let listed = methods.split(' ').any(|m| m.eq_ignore_ascii_case(method.as_str()));
            // Without a key each operation answers 401; what is no operation answers 405 whoever asks.
            let answer = rig.ask(method.clone(), &path, "", None).await;
            assert_eq!(answer.status.as_u16(), if listed { 401 } else { 405 }, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_operation_says_what_it_needs() {
    let rig = Rig::new().await;
    let api = description(&rig).await;
    let schemas = api["components"]["schemas"].as_object().unwrap();
    let mut refs = Vec::new();
    references(&api, &mut refs);
    assert!(refs.len() > 100);
    for one in refs {
        let name = one.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            assert!(operation["responses"]["default"]["content"]["application/problem+json"].is_object(), "{method} {path}");
            let named: Vec<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p["in"] == "path")
                .map(|p| p["name"].as_str().unwrap())
                .collect();
            let wanted: Vec<&str> = path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(named, wanted, "{method} {path}");
            if method == "patch" {
                assert!(operation["requestBody"]["content"]["application/merge-patch+json"].is_object(), "{path}");
            }
        }
    }
    assert_eq!(api["security"], json!([{ "api_key": [] }]));
    assert_eq!(api["components"]["securitySchemes"]["api_key"]["scheme"], "bearer");
    // The flat document of an application: its own fields and the settings.
    let application = schemas["Application"].to_string();
    assert!(application.contains("ApplicationSettings") && application.contains("client_id"), "{application}");
    assert!(schemas["ApplicationSettings"]["properties"]["redirect_uris"].is_object());
    assert!(schemas["ApplicationSettings"].get("required").is_none(), "a setting that is not named has its default");
}

fn references<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => out.push(text),
                    other => references(other, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, out)),
        _ => {}
    }
}
