//! A page as an answer.

use crate::view::{Chrome, Page, render};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// A page.
pub fn page(status: StatusCode, page: &Page, chrome: &Chrome) -> Response {
    page_that_leads_to(status, page, chrome, None)
}

/// A page whose form ends at another origin: Chromium checks `form-action` against redirects too, so the policy names it.
pub fn page_that_leads_to(status: StatusCode, page: &Page, chrome: &Chrome, origin: Option<&str>) -> Response {
    let html = match render(page, chrome) {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "a page does not render");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    if let Some(origin) = origin {
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; \
             form-action 'self' {origin}; frame-ancestors 'none'; base-uri 'none'"
        );
        if let Ok(value) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
        }
    }
    response
}
