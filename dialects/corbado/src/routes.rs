//! Every path of the accent.

use crate::errors::ApiError;
use crate::{auth, backend, config, door, me};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, delete, get, patch, post};
use doorward_httpkit::App;
use doorward_protocol::oauth::client::Accent;
use doorward_service::Service;
use std::sync::Arc;

/// Tells the core how this accent writes links of mails; done once, at start.
pub fn register(service: &Service) {
    service.profiles.register_links(Accent::Corbado, Arc::new(crate::links::EmailLinks));
}

/// Every path.
pub fn routes(app: &App) -> Router<App> {
    frontend(app).merge(backend(app)).route("/.well-known/jwks", get(config::jwks)).route(
        "/v2/{*rest}",
        any(async || ApiError::not_found("no such endpoint")).layer(from_fn_with_state(app.clone(), door::frontend)),
    )
}

fn frontend(app: &App) -> Router<App> {
    Router::new()
        .route("/v2/session-config", get(config::session))
        .route("/v2/process-config", get(config::process))
        .route("/v2/user-details-config", get(config::user_details))
        .route("/v2/auth/process/init", post(auth::process::init))
        .route("/v2/auth/process", get(auth::process::show))
        .route("/v2/auth/process/reset", post(auth::process::reset))
        .route("/v2/auth/process/complete", post(auth::process::complete))
        .route("/v2/auth/block/skip", post(auth::process::skip))
        .route("/v2/auth/signup/init", post(auth::signup::init))
        .route("/v2/auth/login/init", post(auth::login::init))
        .route("/v2/auth/passkey/append/start", post(auth::passkey::append_start))
        .route("/v2/auth/passkey/append/finish", post(auth::passkey::append_finish))
        .route("/v2/auth/passkey/login/start", post(auth::passkey::login_start))
        .route("/v2/auth/passkey/login/finish", post(auth::passkey::login_finish))
        .route("/v2/auth/passkey/mediation/finish", post(auth::passkey::mediation_finish))
        .route("/v2/auth/identifier/verify/start", post(auth::identifier::verify_start))
        .route("/v2/auth/identifier/verify/finish", post(auth::identifier::verify_finish))
        .route("/v2/auth/identifier/verify/status", get(auth::identifier::verify_status))
        .route("/v2/auth/identifier/update", post(auth::identifier::update))
        .route("/v2/auth/events", post(auth::events::record))
        .route("/v2/auth/social/verify/start", post(auth::social::start))
        .route("/v2/auth/social/verify/finish", post(auth::social::finish))
        .route("/v2/auth/social/verify/callback", get(auth::social::callback))
        .route("/v2/me", get(me::user::show).patch(me::user::change).delete(me::user::remove))
        .route("/v2/me/refresh", post(me::session::refresh))
        .route("/v2/me/logout", post(me::session::logout))
        .route("/v2/me/passkeys", get(me::passkeys::list))
        .route("/v2/me/passkeys/append/start", post(me::passkeys::append_start))
        .route("/v2/me/passkeys/append/finish", post(me::passkeys::append_finish))
        .route("/v2/me/passkeys/{id}", delete(me::passkeys::remove))
        .route("/v2/me/identifier", post(me::identifiers::add).patch(me::identifiers::change).delete(me::identifiers::remove))
        .route("/v2/me/identifier/verify/start", post(me::identifiers::verify_start))
        .route("/v2/me/identifier/verify/finish", post(me::identifiers::verify_finish))
        .route("/v2/oidc/userInfo", get(me::user::userinfo))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), door::frontend))
}

fn backend(app: &App) -> Router<App> {
    Router::new()
        .route("/v2/users", get(backend::users::list).post(backend::users::create))
        .route("/v2/users/{user}", get(backend::users::show).patch(backend::users::change).delete(backend::users::remove))
        .route("/v2/users/{user}/identifiers", post(backend::identifiers::create))
        .route(
            "/v2/users/{user}/identifiers/{identifier}",
            patch(backend::identifiers::change).delete(backend::identifiers::remove),
        )
        .route("/v2/users/{user}/credentials", get(backend::credentials::list))
        .route("/v2/users/{user}/credentials/{credential}", delete(backend::credentials::remove))
        .route("/v2/identifiers", get(backend::identifiers::list))
        .route("/v2/sessions", get(backend::sessions::list))
        .route("/v2/sessions/{session}/revoke", post(backend::sessions::revoke))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), door::backend))
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this endpoint does not take this method")
}
