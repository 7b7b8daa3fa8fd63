//! `POST /connect/introspect` (RFC 7662).

use super::authorization;
use axum::Json;
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, Refusal, answers};
use doorward_protocol::oauth::params::Params;

/// Says whether a token is good.
pub async fn introspect(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, Refusal> {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    match app.service.introspect(&cx, authorization(&headers), &params).await? {
        Ok(answer) => Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)).into_response()),
        Err(error) => Ok(answers::token_error(&error)),
    }
}
