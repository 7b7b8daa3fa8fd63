//! A service with two tenants in memory, and browsers in which somebody has signed in.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use doorward_pages::faces::HostedPages;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::session::{Method, Proof};
use doorward_service::directory::{DomainDocument, NewIdentifier, NewUser, TenantDocument, UserDocument};
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::secrets::Secrets;
use doorward_service::session::proof;
use doorward_service::{Client, Cx, Service, Settings};
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use doorward_store::{MIGRATIONS, Store};
use http_body_util::BodyExt as _;
use serde_json::json;
use std::collections::BTreeMap;
use tower::ServiceExt as _;

pub const HOST: &str = "acme.localhost";
pub const OTHER_HOST: &str = "rival.localhost";

pub struct House {
    pub service: Service,
    pub cx: Cx,
    /// The tenant next door.
    pub other: Cx,
    router: Router,
}

impl House {
    pub async fn new() -> Self {
        let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
        db.migrate(MIGRATIONS, 0).await.unwrap();
        let settings = Settings {
            secrets: Secrets::new(&[7; 32], &[]).unwrap(),
            mail: MailSettings::Mailbox,
            dev: false,
            limits: LimitSettings { requests_per_second: 10_000, request_burst: 10_000, ..LimitSettings::default() },
        };
        let service = Service::new(Store::new(db), settings);
        let cx = tenant(&service, "acme", HOST).await;
        let other = tenant(&service, "rival", OTHER_HOST).await;
        let router = doorward_console::routes().with_state(HostedPages::app(service.clone()));
        Self { service, cx, other, router }
    }

    /// The present moment of a tenant.
    pub fn now(&self, cx: &Cx) -> Cx {
        Cx { now: self.service.clock.now(cx.tenant_id()), ..cx.clone() }
    }

    /// The tenant as it is now, after changes of its settings.
    pub async fn again(&self) -> Cx {
        self.service.admin_cx(self.cx.tenant_id(), Client::default()).await.unwrap().unwrap()
    }

    pub async fn user(&self, cx: &Cx, email: &str) -> UserId {
        let new = NewUser {
            document: UserDocument { name: Some(email.split('@').next().unwrap().to_owned()), ..UserDocument::default() },
            identifiers: vec![NewIdentifier::email(email, true)],
            ..NewUser::default()
        };
        self.service.create_user(&self.now(cx), "test", new).await.unwrap().user.id
    }

    /// A browser in which a new administrator has just signed in.
    pub async fn administrator(&self, role: AdminRole) -> Browser<'_> {
        let email = format!("{}@example.org", role.as_str());
        let user = self.user(&self.cx, &email).await;
        self.service.put_administrator(&self.now(&self.cx), "command", user, role).await.unwrap();
        self.browser_of(&self.cx, user, 0).await
    }

    /// A browser in which somebody signed in so many seconds ago.
    pub async fn browser_of(&self, cx: &Cx, user: UserId, seconds_ago: i64) -> Browser<'_> {
        let cx = self.now(cx);
        let proof = Proof { at: cx.now.plus_seconds(-seconds_ago), ..proof(&cx, Method::Passkey) };
        let opened = self.service.open_session(&cx, None, user, proof);
        let mut batch = Batch::new();
        for one in opened.statements {
            batch.push(one);
        }
        self.service.store.commit(batch).await.unwrap();
        let mut browser = self.stranger();
        browser.cookies.insert("dw_session".into(), opened.cookie.value);
        browser.user = Some(user);
        browser
    }

    /// A browser in which nobody has.
    pub fn stranger(&self) -> Browser<'_> {
        let cookies = BTreeMap::from([("dw_browser".to_owned(), "a-browser-of-its-own".to_owned())]);
        Browser { house: self, host: HOST, cookies, user: None, site: "same-origin" }
    }
}

async fn tenant(service: &Service, slug: &str, host: &str) -> Cx {
    let document = TenantDocument::from_json(json!({ "slug": slug, "name": slug })).unwrap();
    let row = service.create_tenant(Client::default(), "test", document).await.unwrap();
    let cx = service.admin_cx(row.id, Client::default()).await.unwrap().unwrap();
    let domain =
        DomainDocument { host: host.into(), issuer: format!("http://{host}"), is_primary: false, accent: Accent::Standard };
    service.create_domain(&cx, "test", domain).await.unwrap();
    service.admin_cx(row.id, Client::default()).await.unwrap().unwrap()
}

pub struct Browser<'a> {
    house: &'a House,
    pub host: &'static str,
    pub cookies: BTreeMap<String, String>,
    pub user: Option<UserId>,
    /// What an upload says of where it comes from.
    pub site: &'static str,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// What stands between two marks, with the escape of slashes undone.
    pub fn between(&self, from: &str, to: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(from)?;
        rest.split_once(to).map(|(found, _)| found.replace("&#x2f;", "/"))
    }

    /// Whether it is the page that says why the person may not.
    pub fn is_refusal(&self) -> bool {
        self.status == StatusCode::FORBIDDEN && self.body.contains("data-problem=\"role\"")
    }

    /// The path of a redirect, without the news.
    pub fn path(&self) -> &str {
        self.location.split('?').next().unwrap()
    }
}

impl Browser<'_> {
    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request
            .header(header::HOST, self.host)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::ACCEPT, "text/html")
            .body(Body::from(body))
            .unwrap();
        let response = self.house.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().and_then(|p| p.split_once('=')).unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        let body = body.collect().await.unwrap().to_bytes();
        let location = parts.headers.get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned();
        Answer { status: parts.status, location, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("sec-fetch-site", "same-origin"), String::new()).await
    }

    /// The protection token, as every page carries it.
    pub async fn csrf(&mut self) -> String {
        self.get("/console").await.between("name=\"csrf\" value=\"", "\"").unwrap_or_default()
    }

    /// Posts a form as a page of ours does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        self.post_with(path, fields, &csrf, "same-origin").await
    }

    /// Posts a form with a file, as a browser writes it (RFC 7578).
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], file: Option<&str>) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!("--mark\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        if let Some(file) = file {
            body += "--mark\r\nContent-Disposition: form-data; name=\"file\"; filename=\"users.json\"\r\n";
            body += &format!("Content-Type: application/json\r\n\r\n{file}\r\n");
        }
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=mark")
            .header("sec-fetch-site", self.site);
        self.send(request, body + "--mark--\r\n").await
    }

    /// Posts a form with a token and an origin of the test's choice.
    pub async fn post_with(&mut self, path: &str, fields: &[(&str, &str)], csrf: &str, site: &str) -> Answer {
        let mut pairs = vec![("csrf", csrf)];
        pairs.extend(fields);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header("sec-fetch-site", site);
        self.send(request, body).await
    }
}
