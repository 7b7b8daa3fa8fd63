//! What several endpoints answer alike.

use crate::errors::Failure;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, cors};
use doorward_service::Cx;

/// The `Authorization` header.
pub fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok())
}

/// A bearer token (RFC 6750, section 2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = authorization(headers)?;
    header.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).and_then(|_| header.get(7..)).map(str::trim)
}

/// Lets the page that asked read the answer, if the application registered its origin.
pub async fn readable(app: &App, cx: &Cx, headers: &HeaderMap, client_id: Option<&str>, response: impl IntoResponse) -> Response {
    let allowed = match cors::origin(headers) {
        None => false,
        Some(origin) => app.service.origin_allowed(cx, client_id.or(Some("")), origin).await.unwrap_or(false),
    };
    cors::for_origin(response.into_response(), headers, allowed)
}

/// Counts the request against the limit of its address.
pub fn limited(app: &App, cx: &Cx) -> Result<(), Failure> {
    app.service.limits.request(&cx.client.ip).map_err(|wait| Failure::too_many("too_many_requests", wait))
}
