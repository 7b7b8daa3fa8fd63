//! `POST /connect/par` (RFC 9126).

use super::authorization;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers};
use doorward_service::oauth::par::PUSHED_SECONDS;
use serde_json::json;

/// Takes an authorization request in.
pub async fn push(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    app.service.limits.request(&cx.client.ip).map_err(Refusal::TooMany)?;
    Ok(
        match app.service.push_request(&cx, authorization(&headers), &params, PUSHED_SECONDS, |_, params| params.clone()).await? {
            Ok(pushed) => {
                let body = Json(json!({ "request_uri": pushed.request_uri, "expires_in": pushed.expires_in }));
                (StatusCode::CREATED, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], body).into_response()
            }
            Err(error) => answers::token_error(&error),
        },
    )
}
