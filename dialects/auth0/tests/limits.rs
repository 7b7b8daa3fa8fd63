//! Whoever asks too much is told so in the three headers that clients read, at every endpoint (journey 17).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails panics")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use doorward_httpkit::app::{Faces, MailLink};
use doorward_httpkit::connection::{ClientIp, RequestHost};
use doorward_httpkit::{App, Visit};
use doorward_protocol::oauth::authorize::UntrustedRequest;
use doorward_protocol::oauth::client::Accent;
use doorward_service::directory::{DomainDocument, Grant, NewApplication, TenantDocument};
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::oauth::authorize::Answer;
use doorward_service::secrets::Secrets;
use doorward_service::{Client, Service, Settings};
use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
use doorward_store::{MIGRATIONS, Store};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::sync::Arc;
use tower::ServiceExt as _;

const HOST: &str = "acme.example";
const ISSUER: &str = "https://acme.example/";
const SECRET: &str = "a-secret-of-tests-0123456789";

/// Pages that say nothing: what is looked at here is no page.
struct Blank;

impl Faces for Blank {
    fn untrusted_request(&self, _: &Visit, _: &UntrustedRequest) -> Response {
        StatusCode::BAD_REQUEST.into_response()
    }
    fn bad_request(&self, _: &Visit, _: &str) -> Response {
        StatusCode::BAD_REQUEST.into_response()
    }
    fn fault(&self, _: &Visit, error: &doorward_service::Error) -> Response {
        panic!("{error}")
    }
    fn form_post(&self, _: &Visit, _: &Answer) -> Response {
        StatusCode::OK.into_response()
    }
    fn new_password(&self, _: &Visit, _: &str, _: &str, _: Option<doorward_service::password::PasswordProblem>) -> Response {
        StatusCode::OK.into_response()
    }
    fn mail_link(&self, _: &Visit, _: &MailLink) -> Response {
        StatusCode::OK.into_response()
    }
    fn web_message(&self, _: &Visit, _: &Answer) -> Response {
        StatusCode::OK.into_response()
    }
    fn sign_in_path(&self, _: &doorward_service::signin::View) -> String {
        "/signin".into()
    }
    fn confirm_sign_out(&self, _: &Visit, _: &[(String, String)], _: Option<&str>, _: Option<&str>) -> Response {
        StatusCode::OK.into_response()
    }
    fn signed_out(&self, _: &Visit, _: Option<(&str, Option<&str>)>) -> Response {
        StatusCode::OK.into_response()
    }
}

/// A server that lets everybody ask once.
async fn router() -> Router {
    let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
    db.migrate(MIGRATIONS, 0).await.unwrap();
    let limits = LimitSettings { requests_per_second: 1, request_burst: 1, proofs_per_minute: 1, ..Default::default() };
    let settings = Settings { secrets: Secrets::new(&[7; 32], &[]).unwrap(), mail: MailSettings::Mailbox, dev: false, limits };
    let service = Service::new(Store::new(db), settings);
    doorward_dialect_auth0::register(&service);
    let document = TenantDocument::from_json(json!({ "slug": "acme", "name": "Acme" })).unwrap();
    let tenant = service.create_tenant(Client::default(), "test", document).await.unwrap().id;
    let cx = service.admin_cx(tenant, Client::default()).await.unwrap().unwrap();
    let domain = DomainDocument { host: HOST.into(), issuer: ISSUER.into(), is_primary: true, accent: Accent::Auth0 };
    service.create_domain(&cx, "test", domain).await.unwrap();
    // It comes with the domain.
    let api = service.store.resource_server_by_audience(tenant, &format!("{ISSUER}api/v2/")).await.unwrap().unwrap();
    let program =
        json!({ "name": "Program", "client_id": "program", "client_secret": SECRET, "kind": "machine", "accent": "auth0" });
    let program = service.create_application(&cx, "test", NewApplication::from_json(program).unwrap()).await.unwrap().row;
    let grant = Grant { resource_server: api.id, scopes: vec!["read:clients".into()] };
    service.put_application_grant(&cx, "test", program.id, grant).await.unwrap();
    doorward_dialect_auth0::routes().with_state(App { service, faces: Arc::new(Blank) })
}

async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    from: u32,
    token: Option<&str>,
    body: &Value,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .extension(ClientIp(Ipv4Addr::from_bits(0x0a00_0000 + from).into()))
        .extension(RequestHost(HOST.into()));
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let response = router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec())
}

fn number(headers: &HeaderMap, name: &str) -> u64 {
    headers.get(name).and_then(|v| v.to_str().ok()?.parse().ok()).unwrap_or_else(|| panic!("{name}: {headers:?}"))
}

#[tokio::test]
async fn every_limited_endpoint_says_how_long_to_wait() {
    let router = router().await;
    let more = [("GET", "/api/v2/clients"), ("POST", "/api/v2/users"), ("GET", "/api/v2/no/such/thing")];
    for (number_of, (method, path)) in doorward_dialect_auth0::PATHS.iter().chain(&more).enumerate() {
        let from = u32::try_from(number_of).unwrap() + 1;
        let path = path.replace("{id}", "x");
        let body = json!({ "client_id": "program" });
        let (first, ..) = ask(&router, method, &path, from, None, &body).await;
        assert_ne!(first, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
        let (second, headers, _) = ask(&router, method, &path, from, None, &body).await;
        assert_eq!(second, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
        assert_eq!(number(&headers, "x-ratelimit-remaining"), 0, "{method} {path}");
        assert!(number(&headers, "x-ratelimit-limit") >= 1 && number(&headers, "retry-after") >= 1);
        assert!(number(&headers, "x-ratelimit-reset") > 1_700_000_000, "{method} {path}");
        // Somebody else is not kept waiting.
        let (other, ..) = ask(&router, method, &path, 1000 + from, None, &body).await;
        assert_ne!(other, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
    }
}

#[tokio::test]
async fn a_program_has_a_limit_of_its_own_wherever_it_calls_from() {
    let router = router().await;
    let grant = json!({
        "grant_type": "client_credentials", "client_id": "program", "client_secret": SECRET, "audience": format!("{ISSUER}api/v2/"),
    });
    let (status, _, body) = ask(&router, "POST", "/oauth/token", 1, None, &grant).await;
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    let token = answer["access_token"].as_str();
    let (status, headers, _) = ask(&router, "GET", "/api/v2/clients", 2, token, &Value::Null).await;
    assert_eq!(
        (status, number(&headers, "x-ratelimit-limit"), number(&headers, "x-ratelimit-remaining")),
        (StatusCode::OK, 1, 0)
    );
    let (status, headers, body) = ask(&router, "GET", "/api/v2/clients", 3, token, &Value::Null).await;
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &told["errorCode"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")));
    assert_eq!((number(&headers, "x-ratelimit-limit"), number(&headers, "x-ratelimit-remaining")), (1, 0));
    assert!(number(&headers, "retry-after") >= 1);
}
