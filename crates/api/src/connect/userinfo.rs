//! `GET|POST /connect/userinfo` (OpenID Connect Core, section 5.3).

use super::bearer;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, Refusal, answers, cors};
use doorward_protocol::oauth::params::Params;

/// With the token in the header.
pub async fn get(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap) -> Result<Response, Refusal> {
    let token = bearer(&headers).map(str::to_owned);
    answer(&app, cx, &headers, token).await
}

/// With the token in the header or the body (RFC 6750, section 2.2). Who sends it in the header may send no body, so no form is
/// insisted on.
pub async fn post(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_form =
        content_type.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let params = if is_form { Params::parse(&String::from_utf8_lossy(&body)) } else { Params::default() };
    let token = bearer(&headers).or(params.first("access_token")).map(str::to_owned);
    answer(&app, cx, &headers, token).await
}

async fn answer(app: &App, cx: doorward_service::Cx, headers: &HeaderMap, token: Option<String>) -> Result<Response, Refusal> {
    app.service.limits.request(&cx.client.ip).map_err(Refusal::TooMany)?;
    let response = match app.service.userinfo(&cx, token.as_deref()).await? {
        Ok(claims) => ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(claims)).into_response(),
        Err(error) => answers::bearer_challenge(error.code()),
    };
    // A token is sent on purpose, never by itself as a cookie is: whoever holds it may read the answer.
    Ok(cors::for_origin(response, headers, true))
}
