//! The layers around every surface, in their one right order.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::security_headers::Hsts;
use crate::{forwarded, logs, metrics, security_headers};

/// What the layers need to know.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Proxies that are believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Whether browsers are told to insist on HTTPS.
    pub hsts: Hsts,
    /// The largest body that an extractor reads; a route may set its own `DefaultBodyLimit`.
    pub max_body_bytes: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
}

impl Stack {
    /// Wraps the finished router. From outside to inside: who is the client, id and log line, metrics, headers, panics,
    /// time, size; so that a request that panics or times out is still logged, counted and answered with headers.
    pub fn wrap(&self, router: Router) -> Router {
        router
            .layer(DefaultBodyLimit::max(self.max_body_bytes))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, self.request_timeout))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(self.hsts, security_headers::apply))
            .layer(from_fn(metrics::measure))
            .layer(from_fn(logs::trace))
            .layer(from_fn_with_state(self.trusted_proxies.clone(), forwarded::resolve))
    }
}

/// The payload may quote a request, so it goes nowhere.
fn panicked(_payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
}
