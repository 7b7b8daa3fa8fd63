//! Every surface on one router.

use crate::health::Health;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward_httpkit::{App, Visit};
use doorward_pages::faces::{HostedPages, error_page};
use doorward_pages::view::ErrorReason;
use doorward_service::Service;

/// Teaches the services every accent: what comes with one is made by commands too.
pub fn accents(service: &Service) {
    doorward_dialect_auth0::register(service);
    doorward_dialect_fusionauth::register(service);
    doorward_dialect_corbado::register(service);
}

/// The paths of production. Development adds its own.
pub fn router(service: &Service, health: &Health, more: Router<App>) -> Router {
    accents(service);
    let app = HostedPages::app(service.clone());
    let surfaces = Router::new()
        .merge(doorward_api::routes())
        .merge(doorward_pages::routes())
        .merge(doorward_dialect_auth0::routes())
        .merge(doorward_dialect_corbado::routes(&app))
        .merge(doorward_dialect_fusionauth::routes())
        .route("/", get(async || doorward_httpkit::answers::see_other("/account")))
        .merge(doorward_console::routes())
        .merge(more)
        .fallback(not_found)
        .with_state(app);
    let admin =
        doorward_api::admin::router(service.clone()).layer(axum::middleware::from_fn(doorward_httpkit::visit::tell_client));
    surfaces.merge(admin).merge(health.router())
}

/// An address that nothing answers: a page for people, JSON for programs.
async fn not_found(State(app): State<App>, visit: Result<Visit, doorward_httpkit::Refusal>) -> Response {
    match visit {
        Ok(visit)
            if visit.headers.get("accept").and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html")) =>
        {
            visit.answer(error_page(&app, &visit, StatusCode::NOT_FOUND, ErrorReason::NotFound, None, Some("/account".into())))
        }
        Ok(_) => (StatusCode::NOT_FOUND, axum::Json(serde_json::json!({ "error": "not_found" }))).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
