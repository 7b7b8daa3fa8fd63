//! The standard endpoints (discovery, JWKS, `/connect/*`) and the management API.

pub mod admin;
pub mod connect;
pub mod well_known;

use axum::Router;
use axum::routing::{get, post};
use doorward_httpkit::App;

/// Every standard path, in one list.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(well_known::metadata))
        .route("/.well-known/oauth-authorization-server", get(well_known::metadata))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route("/connect/authorize", get(connect::authorize::get).post(connect::authorize::post))
        .route("/connect/token", post(connect::token::token).options(connect::preflight))
        .route("/connect/userinfo", get(connect::userinfo::get).post(connect::userinfo::post).options(connect::preflight))
        .route("/connect/par", post(connect::par::push))
        .route("/connect/device", post(connect::device::begin))
        .route("/connect/introspect", post(connect::introspect::introspect))
        .route("/connect/revoke", post(connect::revoke::revoke).options(connect::preflight))
        .route("/connect/logout", get(connect::logout::get).post(connect::logout::post))
}
