//! Documents that browsers and password managers look for.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use doorward_httpkit::{App, Asked, answers};
use serde_json::json;

/// Every path.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/change-password", get(async || answers::see_other("/account/password")))
        .route("/.well-known/passkey-endpoints", get(passkey_endpoints))
        .route("/.well-known/webauthn", get(related_origins))
}

fn public(document: serde_json::Value) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))], Json(document)).into_response()
}

/// Where passkeys are made and looked after (W3C, "A Well-Known URL for Relying Party Passkey Endpoints").
async fn passkey_endpoints(Asked(cx): Asked) -> Response {
    public(json!({ "enroll": cx.url("/account/passkeys"), "manage": cx.url("/account/passkeys") }))
}

/// Origins that may use this relying party id (WebAuthn Level 3, section 5.11).
async fn related_origins(State(app): State<App>, Asked(cx): Asked) -> Response {
    let rp = doorward_service::signin::relying_party(&cx, app.service.dev);
    let origins: Vec<&String> = rp.origins.exact.iter().filter(|o| o.starts_with("https://")).collect();
    public(json!({ "origins": origins }))
}
