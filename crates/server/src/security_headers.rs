//! Headers that bound what a browser lets a page do. Each is a default: a handler that sets one itself keeps its own.
//!
//! Handlers must override two of them knowingly. A form whose answer redirects to an application needs that
//! application's origin in `form-action`, because Chromium applies it to redirects; a page that talks to its opener
//! (`web_message`) needs `Cross-Origin-Opener-Policy: unsafe-none`.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::connection::Scheme;

pub use doorward_httpkit::answers::HTML_POLICY;

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const PERMISSIONS_VALUE: &str = "publickey-credentials-create=(self), \
publickey-credentials-get=(self), camera=(), geolocation=(), microphone=(), payment=()";

/// How long browsers shall insist on HTTPS (RFC 6797). `None` in development: the policy covers every port of a host,
/// so one visit to `https://localhost:9443` could break all plain HTTP on `localhost`.
#[derive(Debug, Clone, Copy)]
pub struct Hsts(pub Option<Duration>);

impl Hsts {
    /// Two years, as the browsers' preload list asks. Subdomains are not included: they belong to others.
    pub const PRODUCTION: Self = Self(Some(Duration::from_secs(2 * 365 * 24 * 60 * 60)));
    /// None.
    pub const DEVELOPMENT: Self = Self(None);
}

/// The middleware.
pub async fn apply(State(hsts): State<Hsts>, request: Request, next: Next) -> Response {
    let scheme = request.extensions().get::<Scheme>().copied();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    default(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, REFERRER_POLICY, "same-origin");
    if is_html(headers) {
        default(headers, CONTENT_SECURITY_POLICY, HTML_POLICY);
        // A page that may be framed by somebody says so in its own policy; the older header knows only all or nothing.
        if headers.get(CONTENT_SECURITY_POLICY).and_then(|p| p.to_str().ok()).is_none_or(|p| p.contains("frame-ancestors 'none'"))
        {
            default(headers, X_FRAME_OPTIONS, "DENY");
        }
        default(headers, COOP, "same-origin");
        default(headers, PERMISSIONS, PERMISSIONS_VALUE);
    }
    // RFC 6797, section 7.2: never over plain HTTP.
    if scheme == Some(Scheme::Https)
        && let Some(age) = hsts.0
        && let Ok(value) = HeaderValue::from_str(&format!("max-age={}", age.as_secs()))
    {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}
