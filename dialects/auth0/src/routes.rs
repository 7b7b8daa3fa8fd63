//! Every path, in one list.

use crate::{authorize, limits, logout, par, revoke, token, userinfo};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use doorward_httpkit::{App, cors};

/// The paths of this accent with their methods, for tests and documents.
pub const PATHS: &[(&str, &str)] = &[
    ("GET", "/authorize"),
    ("POST", "/authorize"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/par"),
    ("GET", "/userinfo"),
    ("POST", "/userinfo"),
    ("GET", "/v2/logout"),
    ("GET", "/oidc/logout"),
    ("POST", "/oidc/logout"),
];

/// The answer to a browser's preflight.
async fn preflight() -> Response {
    cors::preflight("GET, POST, PATCH, DELETE")
}

/// The router.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/oauth/token", post(token::token).options(preflight))
        .route("/oauth/revoke", post(revoke::revoke).options(preflight))
        .route("/oauth/par", post(par::push).options(preflight))
        .route("/userinfo", get(userinfo::get).post(userinfo::post).options(preflight))
        .route("/v2/logout", get(logout::v2))
        .route("/oidc/logout", get(logout::oidc_get).post(logout::oidc_post))
        .layer(axum::middleware::from_fn(limits::tell))
}
