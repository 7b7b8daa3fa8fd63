//! `POST /connect/introspect` (RFC 7662).

use super::authorization;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers};

/// Says whether a token is good.
pub async fn introspect(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    match app.service.introspect(&cx, authorization(&headers), &params).await? {
        Ok(answer) => Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)).into_response()),
        Err(error) => Ok(answers::token_error(&error)),
    }
}
