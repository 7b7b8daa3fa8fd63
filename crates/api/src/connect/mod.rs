//! `/connect/*`: the standard accent's endpoints. Read, ask, answer.

pub mod authorize;
pub mod device;
pub mod introspect;
pub mod logout;
pub mod par;
pub mod revoke;
pub mod token;
pub mod userinfo;

use axum::response::Response;
use doorward_httpkit::cors;

/// The answer to a browser's preflight.
pub async fn preflight() -> Response {
    cors::preflight("GET, POST", &[])
}

/// The `Authorization` header.
fn authorization(headers: &axum::http::HeaderMap) -> Option<&str> {
    headers.get(axum::http::header::AUTHORIZATION).and_then(|v| v.to_str().ok())
}

/// A bearer token (RFC 6750, section 2.1).
fn bearer(headers: &axum::http::HeaderMap) -> Option<&str> {
    let header = authorization(headers)?;
    header.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).and_then(|_| header.get(7..)).map(str::trim)
}
