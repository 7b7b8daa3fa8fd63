//! Development's own surfaces: a demo application, the mailbox, the clock. `doorward dev` mounts them; no other mode does.

pub mod clock;
pub mod demo;
pub mod mailbox;

#[cfg(test)]
mod rig;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use doorward_httpkit::App;
use doorward_pages::view::{Chrome, Page, render};
use doorward_service::Cx;
use doorward_service::i18n::Locale;

/// Every path of development.
pub fn routes(base_url: &str, client_id: &str, client_secret: &str) -> Router<App> {
    let demo = demo::DemoConfig {
        issuer: base_url.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        base_url: base_url.to_owned(),
    };
    Router::new().merge(demo::router(demo)).merge(mailbox::router()).merge(clock::router())
}

/// A page in the language of the request. It tells of one person or of one mail, so nothing keeps a copy.
fn page(cx: &Cx, status: StatusCode, page: impl Into<Page>) -> Response {
    let locale = Locale::matching(&cx.client.locale).unwrap_or_default();
    // No token of protection: the one form here is guarded by where it comes from.
    let chrome = Chrome::new(cx.tenant.row.name.clone(), locale, "");
    match render(&page.into(), &chrome) {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
