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
        .route("/.well-known/assetlinks.json", get(asset_links))
        .route("/.well-known/apple-app-site-association", get(apple_app_site_association))
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
    let mut origins = rp.origins.exact;
    // Applications whose own pages run ceremonies under the same id belong to it too.
    match app.service.embedding_applications(cx.tenant_id()).await {
        Ok(embedded) => {
            for application in embedded.iter() {
                let cx = app.service.cx_of_application(&cx, application);
                let theirs = doorward_service::signin::relying_party(&cx, app.service.dev);
                if theirs.id == rp.id {
                    origins.extend(theirs.origins.exact);
                }
            }
        }
        Err(error) => return doorward_httpkit::Refusal::from(error).into_response(),
    }
    let mut told: Vec<String> = Vec::new();
    for origin in origins {
        if origin.starts_with("https://") && !told.contains(&origin) {
            told.push(origin);
        }
    }
    public(json!({ "origins": told }))
}

/// Android applications that may use passkeys and links of this host (Digital Asset Links).
async fn asset_links(Asked(cx): Asked) -> Response {
    let apps = &cx.tenant.row.settings.0.native_apps.android;
    let statements: Vec<_> = apps
        .iter()
        .map(|app| {
            json!({
                "relation": ["delegate_permission/common.get_login_creds", "delegate_permission/common.handle_all_urls"],
                "target": {
                    "namespace": "android_app",
                    "package_name": app.package_name,
                    "sha256_cert_fingerprints": app.sha256_cert_fingerprints,
                },
            })
        })
        .collect();
    public(json!(statements))
}

/// Applications of Apple's systems that may use passkeys of this host (Apple, "Supporting associated domains").
async fn apple_app_site_association(Asked(cx): Asked) -> Response {
    public(json!({ "webcredentials": { "apps": cx.tenant.row.settings.0.native_apps.apple } }))
}
