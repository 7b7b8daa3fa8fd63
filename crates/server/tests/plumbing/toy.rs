//! A router that tells what it saw, and a server that runs it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Extension, Path, Request};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Form, Router};
use doorward_server::ca::LocalCa;
use doorward_server::certificates::Certificates;
use doorward_server::connection::{ClientIp, RequestHost, Scheme};
use doorward_server::listen::{Bound, ConnectionLimits, Server, Stopped, Stopping};
use doorward_server::security_headers::Hsts;
use doorward_server::stack::Stack;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tower::Service;

/// 2026-11-21 would do as well, but clients compare with their own clock.
#[expect(clippy::disallowed_methods, reason = "real clients check the certificate against the real time")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

pub fn limits() -> ConnectionLimits {
    ConnectionLimits {
        max_connections: 100,
        header_read_timeout: Duration::from_millis(300),
        max_headers: 20,
        max_header_bytes: 8192,
        max_concurrent_streams: 10,
    }
}

pub fn stack() -> Stack {
    Stack {
        trusted_proxies: Arc::from(["10.0.0.0/8".parse().unwrap()]),
        hsts: Hsts::PRODUCTION,
        max_body_bytes: 1000,
        request_timeout: Duration::from_secs(5),
    }
}

/// `/hold` answers when `release` is notified; it notifies `entered` first, and `left` when it ends in any way.
#[derive(Clone, Default)]
pub struct Hold {
    pub entered: Arc<Notify>,
    pub release: Arc<Notify>,
    pub left: Arc<Notify>,
}

struct Leaving(Arc<Notify>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

pub fn router(hold: &Hold) -> Router {
    let hold = hold.clone();
    Router::new()
        .route("/seen", get(seen))
        .route("/headers", get(|request: Request| async move { format!("{:?}", request.headers()) }))
        .route("/page", get(|| async { Html("<p>hello") }))
        .route("/own", get(|| async { ([("content-security-policy", "mine"), ("referrer-policy", "no-referrer")], Html("")) }))
        .route("/users/{id}", post(|Path(_): Path<String>, _: Form<Vec<(String, String)>>| async { StatusCode::CREATED }))
        .route(
            "/panic",
            get(|| async {
                if true {
                    panic!("hunter2")
                }
            }),
        )
        .route("/later", get(|| async { StatusCode::NOT_IMPLEMENTED }))
        .route("/full", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/slow", get(std::future::pending::<()>))
        .route(
            "/hold",
            get(move || async move {
                let _leaving = Leaving(hold.left);
                hold.entered.notify_one();
                hold.release.notified().await;
                "held"
            }),
        )
}

async fn seen(
    Extension(scheme): Extension<Scheme>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(ClientIp(client)): Extension<ClientIp>,
    Extension(RequestHost(host)): Extension<RequestHost>,
) -> String {
    format!("{scheme} {} {client} {host}", peer.ip())
}

/// One request without a socket, from `peer`.
pub async fn call(
    router: &Router,
    peer: &str,
    request: axum::http::request::Builder,
    body: &str,
) -> (axum::http::response::Parts, String) {
    let peer: SocketAddr = format!("{peer}:1").parse().unwrap();
    let request = request.extension(ConnectInfo(peer)).body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = router.clone().call(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}

pub struct Running {
    pub http: u16,
    pub https: u16,
    pub operations: u16,
    pub ca_file: PathBuf,
    pub hold: Hold,
    pub stop: mpsc::Sender<()>,
    pub stopped: JoinHandle<Stopped>,
    _data: tempfile::TempDir,
}

pub async fn start(limits: ConnectionLimits, deadline: Duration) -> Running {
    let data = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(data.path(), now()).unwrap();
    let leaf = ca.leaf(&["doorward.test".to_owned()], now()).unwrap();
    let tls = Certificates::load(vec![leaf]).unwrap().server_config().unwrap();
    let http = Bound::localhost(0).await.unwrap();
    let https = Bound::localhost(0).await.unwrap();
    let operations = Bound::localhost(0).await.unwrap();
    let ports = [&http, &https, &operations].map(|bound| bound.port().unwrap());

    let hold = Hold::default();
    let router = stack().wrap(router(&hold));
    let mut server = Server::new(limits);
    let health = doorward_server::health::Health::new(server.stopping(), || async { Ok(()) });
    server.http(http, router.clone());
    server.https(https, router, tls);
    server.operations(operations, health.router());
    let (stop, asked) = mpsc::channel(2);
    let stopped = tokio::spawn(server.run(asked, Stopping { delay: Duration::ZERO, deadline }));
    Running {
        http: ports[0],
        https: ports[1],
        operations: ports[2],
        ca_file: ca.certificate_file(),
        hold,
        stop,
        stopped,
        _data: data,
    }
}
