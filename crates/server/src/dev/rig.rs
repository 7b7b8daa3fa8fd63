//! For tests of this folder: two tenants on two hosts over a database in memory, and requests to a router over them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use doorward_httpkit::app::Faces;
use doorward_httpkit::{App, Visit};
use doorward_protocol::ids::{DomainId, TenantId};
use doorward_protocol::oauth::authorize::UntrustedRequest;
use doorward_protocol::time::Timestamp;
use doorward_service::mail::MailSettings;
use doorward_service::oauth::authorize::Answer;
use doorward_service::secrets::{Secrets, new_id};
use doorward_service::{Cx, Service, Settings};
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use doorward_store::mail::MailboxRow;
use doorward_store::tenants::{DomainRow, TenantRow};
use doorward_store::{Json, MIGRATIONS, Store};
use tower::ServiceExt as _;

/// The host of the first tenant.
pub const HOST: &str = "localhost:9011";
/// The host of the second tenant.
pub const OTHER_HOST: &str = "other.localhost:9011";

pub struct Rig {
    pub app: App,
}

impl Rig {
    pub async fn start() -> Self {
        let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
        db.migrate(MIGRATIONS, 0).await.unwrap();
        let settings = Settings {
            secrets: Secrets::new(&[7; 32], &[]).unwrap(),
            mail: MailSettings::Mailbox,
            dev: true,
            limits: Default::default(),
        };
        let service = Service::new(Store::new(db), settings);
        for host in [HOST, OTHER_HOST] {
            tenant(&service, host).await;
        }
        Self { app: App { service, faces: Arc::new(NoFaces) } }
    }

    pub async fn cx(&self, host: &str) -> Cx {
        self.app.service.cx(host, Default::default()).await.unwrap().unwrap()
    }

    /// Puts a mail into the mailbox of a host's tenant; `at` is its place in time too.
    pub async fn mail(&self, host: &str, at: Timestamp, to: &str, text: &str, html: &str) -> MailboxRow {
        let row = MailboxRow {
            id: new_id(at),
            tenant_id: self.cx(host).await.tenant_id(),
            recipient: to.to_owned(),
            subject: format!("Mail <{}>", at.0),
            body_text: text.to_owned(),
            body_html: html.to_owned(),
            received_at: at,
        };
        self.app.service.store.commit(Batch::new().with(row.insert())).await.unwrap();
        row
    }

    pub fn request(&self, method: &str, host: &str, path: &str) -> Builder {
        Request::builder().method(method).uri(path).header(header::HOST, host)
    }

    pub async fn send(&self, router: Router<App>, request: Request<Body>) -> Response {
        router.with_state(self.app.clone()).oneshot(request).await.unwrap()
    }

    pub async fn get(&self, router: Router<App>, host: &str, path: &str) -> Response {
        self.send(router, self.request("GET", host, path).body(Body::empty()).unwrap()).await
    }
}

async fn tenant(service: &Service, host: &str) {
    let now = service.clock.real();
    let tenant = TenantRow {
        id: TenantId(new_id(now)),
        slug: host.replace([':', '.'], "-"),
        name: format!("Tenant of {host}"),
        settings: Json(Default::default()),
        created_at: now,
        updated_at: now,
    };
    let domain = DomainRow {
        id: DomainId(new_id(now)),
        tenant_id: tenant.id,
        host: host.to_owned(),
        issuer: format!("http://{host}"),
        is_primary: true,
        accent: Default::default(),
        created_at: now,
    };
    service.store.commit(Batch::new().with(tenant.insert()).with(domain.insert())).await.unwrap();
}

pub async fn text_of(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

pub async fn json_of(response: Response) -> (StatusCode, serde_json::Value) {
    let (status, text) = text_of(response).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}")))
}

pub fn header_of(response: &Response, name: header::HeaderName) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// Nothing in this folder shows a hosted page.
struct NoFaces;

impl Faces for NoFaces {
    fn untrusted_request(&self, _: &Visit, _: &UntrustedRequest) -> Response {
        unreachable!()
    }
    fn bad_request(&self, _: &Visit, _: &str) -> Response {
        unreachable!()
    }
    fn fault(&self, _: &Visit, _: &doorward_service::Error) -> Response {
        unreachable!()
    }
    fn form_post(&self, _: &Visit, _: &Answer) -> Response {
        unreachable!()
    }
    fn web_message(&self, _: &Visit, _: &Answer) -> Response {
        unreachable!()
    }
    fn sign_in_path(&self, _: &doorward_service::signin::View) -> String {
        unreachable!()
    }
    fn confirm_sign_out(&self, _: &Visit, _: &[(String, String)], _: Option<&str>, _: Option<&str>) -> Response {
        unreachable!()
    }
    fn signed_out(&self, _: &Visit, _: Option<(&str, Option<&str>)>) -> Response {
        unreachable!()
    }
}
