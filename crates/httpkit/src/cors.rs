//! Cross-origin reads (Fetch, CORS protocol): token and userinfo endpoints for the registered origins of an application, public
//! documents for everybody.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Lets any page read a public document.
pub fn public(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Lets the page that asked read the answer, if `allowed`.
pub fn for_origin(mut response: Response, headers: &HeaderMap, allowed: bool) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    if allowed && let Some(origin) = headers.get(header::ORIGIN) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("www-authenticate, retry-after, x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, dpop-nonce, location"),
        );
    }
    response
}

/// The answer to a preflight. It carries no client id, so it says yes to every page; the answer itself is readable only where the
/// application registered the origin. No credentials are ever allowed.
///
/// `more` are headers that the surface's own clients send besides.
pub fn preflight(methods: &'static str, more: &[&str]) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    let all = ["authorization", "content-type", "accept", "dpop", "x-request-language"];
    if let Ok(allowed) = HeaderValue::try_from([&all, more].concat().join(", ")) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

/// The origin that a request names.
pub fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ORIGIN).and_then(|v| v.to_str().ok())
}

/// Whether a request is a preflight.
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
