//! Cross-origin calls of a project's pages (Fetch, CORS protocol): with credentials, for registered origins, with exactly the
//! headers that the components send.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const METHODS: &str = "GET, POST, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "content-type, x-corbado-projectid, x-corbado-sdk, x-corbado-flags, x-corbado-client-timezone, \
x-corbado-process-id, x-corbado-temp-process-id, authorization, cache-control, pragma, expires";

/// Lets the page that asked read the answer, if its origin is allowed. Errors too: clients read their bodies.
pub fn grant(mut response: Response, headers: &HeaderMap, allowed: bool) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    if allowed && let Some(origin) = headers.get(header::ORIGIN) {
        let out = response.headers_mut();
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        out.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    response
}

/// The answer to a preflight.
pub fn preflight(headers: &HeaderMap, allowed: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if allowed {
        let out = response.headers_mut();
        out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    grant(response, headers, allowed)
}
