//! A service with one tenant in memory, and a browser that keeps cookies and sends back the protection token.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use doorward_httpkit::App;
use doorward_pages::faces::HostedPages;
use doorward_protocol::policy::Policy;
use doorward_protocol::session::Method;
use doorward_service::directory::{DomainDocument, NewIdentifier, NewUser, TenantDocument, UserDocument};
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::secrets::Secrets;
use doorward_service::session::proof;
use doorward_service::{Client, Cx, Service, Settings};
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use doorward_store::sessions::SessionRow;
use doorward_store::{MIGRATIONS, Store};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt as _;

pub const HOST: &str = "localhost:9011";

pub struct House {
    pub service: Service,
    pub cx: Cx,
    router: Router,
}

impl House {
    /// A tenant with passwords, whatever else the policy says.
    pub async fn new(policy: Value) -> Self {
        let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.expect("connect");
        db.migrate(MIGRATIONS, 0).await.expect("migrate");
        let settings = Settings {
            secrets: Secrets::new(&[7; 32], &[]).expect("secrets"),
            mail: MailSettings::Mailbox,
            dev: false,
            limits: LimitSettings::default(),
        };
        let service = Service::new(Store::new(db), settings);
        let _: Policy = serde_json::from_value(policy.clone()).expect("policy");
        let document = json!({ "slug": "acme", "name": "Acme", "policy": policy });
        let document = TenantDocument::from_json(document).expect("document");
        let row = service.create_tenant(Client::default(), "test", document).await.expect("tenant");
        let cx = service.admin_cx(row.id, Client::default()).await.expect("store").expect("tenant");
        let domain =
            DomainDocument { host: HOST.into(), issuer: format!("http://{HOST}"), is_primary: false, accent: Default::default() };
        service.create_domain(&cx, "test", domain).await.expect("domain");
        let cx = service.admin_cx(row.id, Client::default()).await.expect("store").expect("tenant");
        let app: App = HostedPages::app(service.clone());
        Self { router: doorward_pages::routes().with_state(app), service, cx }
    }

    /// The present moment.
    pub fn now(&self) -> Cx {
        Cx { now: self.service.clock.now(self.cx.tenant_id()), ..self.cx.clone() }
    }

    /// A browser in which somebody with this proven address has just signed in.
    pub async fn signed_in(&self, email: &str) -> Browser<'_> {
        let new = NewUser {
            document: UserDocument { name: Some("Ada Lovelace".into()), ..Default::default() },
            identifiers: vec![NewIdentifier::email(email, true)],
            ..Default::default()
        };
        let cx = self.now();
        let user = self.service.create_user(&cx, "test", new).await.expect("user").user.id;
        let opened = self.service.open_session(&cx, None, user, proof(&cx, Method::Passkey));
        let mut batch = Batch::new();
        for one in opened.statements {
            batch.push(one);
        }
        self.service.store.commit(batch).await.expect("commit");
        let mut browser = self.stranger();
        browser.cookies.insert("dw_session".into(), opened.cookie.value);
        browser.session = Some(opened.row);
        browser
    }

    /// A browser in which nobody has.
    pub fn stranger(&self) -> Browser<'_> {
        let cookies = BTreeMap::from([("dw_browser".to_owned(), "a-browser-of-its-own".to_owned())]);
        Browser { house: self, cookies, session: None }
    }
}

pub struct Browser<'a> {
    house: &'a House,
    pub cookies: BTreeMap<String, String>,
    pub session: Option<SessionRow>,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    /// Whether an element has this id.
    pub fn has(&self, id: &str) -> bool {
        self.body.contains(&format!("id=\"{id}\""))
    }

    /// What stands between two marks, with the escape of slashes undone.
    pub fn between(&self, from: &str, to: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(from)?;
        rest.split_once(to).map(|(found, _)| found.replace("&#x2f;", "/"))
    }

    /// The JSON block of that id.
    pub fn block(&self, id: &str) -> Value {
        let text = self.between(&format!("id=\"{id}\">"), "</script>").expect(id);
        serde_json::from_str(&text).expect("JSON")
    }

    /// The reason in the page's place for errors.
    pub fn reason(&self) -> Option<String> {
        let (_, rest) = self.body.split_once("id=\"error\"")?;
        rest.split_once("data-problem=\"").and_then(|(_, r)| r.split_once('"')).map(|(found, _)| found.to_owned())
    }
}

impl Browser<'_> {
    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request
            .header(header::HOST, HOST)
            .header(header::COOKIE, cookies.join("; "))
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0")
            .body(Body::from(body))
            .expect("request");
        let response = self.house.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let text = set.to_str().expect("text");
            let (name, value) = text.split(';').next().and_then(|p| p.split_once('=')).expect("a pair");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let body = body.collect().await.expect("body").to_bytes();
        let location = parts.headers.get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, location, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("sec-fetch-site", "same-origin"), String::new()).await
    }

    /// The protection token, as a page carries it.
    pub async fn csrf(&mut self) -> String {
        self.get("/account").await.between("name=\"csrf\" value=\"", "\"").expect("a token")
    }

    /// Posts a form as a page of ours does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        self.post_with(path, fields, &csrf, "same-origin").await
    }

    /// Posts a form with a token and an origin of the test's choice.
    pub async fn post_with(&mut self, path: &str, fields: &[(&str, &str)], csrf: &str, site: &str) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("csrf", csrf).extend_pairs(fields).finish();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header("sec-fetch-site", site);
        self.send(request, body).await
    }
}
