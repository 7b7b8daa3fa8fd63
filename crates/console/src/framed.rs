//! Things that are shown in a frame of a page: our own pages with another look, and mails. They are looked at, never used: no script,
//! no forms, no way out of the frame.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use doorward_httpkit::answers::HTML_POLICY;

/// A page that may have frames of ours in it.
pub fn with_frames(mut response: Response) -> Response {
    let policy = format!("{HTML_POLICY}; frame-src 'self'");
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}

/// What stands in such a frame; `inline_style` for mails, which can have no other.
pub fn framed(html: String, inline_style: bool) -> Response {
    let style = if inline_style { "'unsafe-inline'" } else { "'self'" };
    let policy = format!(
        "default-src 'none'; style-src {style}; img-src 'self' data: https:; form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
    );
    // It scrolls, and nothing in it is pressed or comes into focus.
    let mut response = Html(html.replacen("<body", "<body inert", 1)).into_response();
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}
