//! A router over a fresh database with two tenants and keys for them.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use doorward_protocol::ids::TenantId;
use doorward_service::directory::{DomainDocument, NewApiKey, TenantDocument};
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::secrets::Secrets;
use doorward_service::{Client, Service, Settings};
use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
use doorward_store::{MIGRATIONS, Store};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Everything a test needs.
pub struct Rig {
    pub router: Router,
    pub service: Service,
    /// Every scope, bound to `acme`.
    pub key: String,
    /// Every scope, the whole server.
    pub server_key: String,
    pub acme: TenantId,
    pub other: TenantId,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The status, or all of the answer when it is another one.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    /// The fields that a problem names.
    pub fn fields(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().map(|e| e["field"].as_str().unwrap()).collect()
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }
}

impl Rig {
    pub async fn new() -> Self {
        Self::with_limits(LimitSettings { requests_per_second: 100_000, request_burst: 100_000, ..Default::default() }).await
    }

    pub async fn with_limits(limits: LimitSettings) -> Self {
        let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
        db.migrate(MIGRATIONS, 0).await.unwrap();
        let settings =
            Settings { secrets: Secrets::new(&[7; 32], &[]).unwrap(), mail: MailSettings::Mailbox, dev: false, limits };
        let service = Service::new(Store::new(db), settings);
        let (acme, key) = tenant(&service, "acme", false).await;
        let (other, _) = tenant(&service, "other", false).await;
        let server_key = key_of(&service, acme, &["*"], true).await;
        let router = doorward_api::admin::router(service.clone());
        Self { router, service, key, server_key, acme, other }
    }

    /// A key of `acme` with these scopes.
    pub async fn key_with(&self, scopes: &[&str]) -> String {
        key_of(&self.service, self.acme, scopes, false).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("an answer is JSON") };
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        if answer.status.is_client_error() || answer.status.is_server_error() {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
            assert_eq!(answer.body["status"], json!(answer.status.as_u16()));
            assert_eq!(answer.body["request_id"], json!("req-1"));
            assert!(answer.body["type"].as_str().unwrap().starts_with("urn:doorward:problem:"));
            assert!(!answer.body["title"].as_str().unwrap().is_empty());
        }
        assert_eq!(answer.header("cache-control"), "no-store");
        answer
    }

    pub fn request(&self, method: Method, path: &str, key: &str, body: Option<&Value>) -> Request<Body> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/admin/v1{path}"))
            .header(header::HOST, "acme.example")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .extension(Client { ip: "192.0.2.1".into(), request_id: "req-1".into(), ..Client::default() });
        match body {
            None => request.body(Body::empty()),
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        }
        .unwrap()
    }

    pub async fn ask(&self, method: Method, path: &str, key: &str, body: Option<&Value>) -> Answer {
        self.send(self.request(method, path, key, body)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &self.key, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &self.key, Some(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, &self.key, Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path, &self.key, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &self.key, None).await
    }

    /// Makes something and follows its Location.
    pub async fn make(&self, path: &str, body: Value) -> Answer {
        let made = self.post(path, body).await.is(201);
        let location = made.header("location").strip_prefix("/admin/v1").unwrap().to_owned();
        let got = self.get(&location).await.is(200);
        assert_eq!(got.body["id"], made.body["id"]);
        made
    }
}

async fn tenant(service: &Service, slug: &str, server_wide: bool) -> (TenantId, String) {
    let document = json!({ "slug": slug, "name": slug, "policy": { "password": { "enabled": true } } });
    let document = TenantDocument::from_json(document).unwrap();
    let id = service.create_tenant(Client::default(), "test", document).await.unwrap().id;
    let cx = service.admin_cx(id, Client::default()).await.unwrap().unwrap();
    let issuer = format!("https://{slug}.example");
    let domain = DomainDocument { host: format!("{slug}.example"), issuer, is_primary: true, accent: Default::default() };
    service.create_domain(&cx, "test", domain).await.unwrap();
    (id, key_of(service, id, &["*"], server_wide).await)
}

async fn key_of(service: &Service, tenant: TenantId, scopes: &[&str], server_wide: bool) -> String {
    let cx = service.admin_cx(tenant, Client::default()).await.unwrap().unwrap();
    let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
    let new = NewApiKey { name: "test".into(), scopes, server_wide, ..Default::default() };
    service.create_api_key(&cx, "test", None, new).await.unwrap().key
}
