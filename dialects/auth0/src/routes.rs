//! Every path, in one list.

use crate::errors::Failure;
use crate::{
    authorize, dbconnections, device, limits, logout, management, me, mfa, par, passkey, passwordless, revoke, token, userinfo,
};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, get, post};
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
    ("POST", "/oauth/device/code"),
    ("POST", "/dbconnections/signup"),
    ("POST", "/dbconnections/change_password"),
    ("POST", "/passwordless/start"),
    ("POST", "/passkey/register"),
    ("POST", "/passkey/challenge"),
    ("GET", "/mfa/authenticators"),
    ("DELETE", "/mfa/authenticators/{id}"),
    ("POST", "/mfa/associate"),
    ("POST", "/mfa/challenge"),
    ("GET", "/me/v1/authentication-methods"),
    ("POST", "/me/v1/authentication-methods"),
    ("DELETE", "/me/v1/authentication-methods/{id}"),
    ("POST", "/me/v1/authentication-methods/{id}/verify"),
];

/// Nobody registers applications here by themselves.
async fn no_registration() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "not_found", "Dynamic client registration is disabled")
}

/// The answer to a browser's preflight.
async fn preflight() -> Response {
    cors::preflight("GET, POST, PATCH, DELETE", &["auth0-client", "auth0-forwarded-for", "auth0-custom-domain"])
}

/// The router.
pub fn routes() -> Router<App> {
    Router::new()
        .nest("/api/v2", management::routes())
        .merge(management::exports())
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/oauth/token", post(token::token).options(preflight))
        .route("/oauth/revoke", post(revoke::revoke).options(preflight))
        .route("/oauth/par", post(par::push).options(preflight))
        .route("/userinfo", get(userinfo::get).post(userinfo::post).options(preflight))
        .route("/v2/logout", get(logout::v2))
        .route("/oidc/logout", get(logout::oidc_get).post(logout::oidc_post))
        .route("/oidc/register", post(no_registration))
        .route("/oauth/device/code", post(device::begin))
        .route("/dbconnections/signup", post(dbconnections::signup).options(preflight))
        .route("/dbconnections/change_password", post(dbconnections::change_password).options(preflight))
        .route("/passwordless/start", post(passwordless::start).options(preflight))
        .route("/passkey/register", post(passkey::register).options(preflight))
        .route("/passkey/challenge", post(passkey::challenge).options(preflight))
        .route("/mfa/authenticators", get(mfa::list).options(preflight))
        .route("/mfa/authenticators/{id}", delete(mfa::delete).options(preflight))
        .route("/mfa/associate", post(mfa::associate).options(preflight))
        .route("/mfa/challenge", post(mfa::challenge).options(preflight))
        .route("/me/v1/authentication-methods", get(me::list).post(me::begin).options(preflight))
        .route("/me/v1/authentication-methods/{id}", delete(me::delete).options(preflight))
        .route("/me/v1/authentication-methods/{id}/verify", post(me::verify).options(preflight))
        .layer(axum::middleware::from_fn(limits::tell))
}
