//! `GET|POST /userinfo`.

use crate::answers::{bearer, limited};
use crate::errors::Failure;
use crate::wire::Body;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, answers, cors};
use doorward_service::Cx;

/// With the token in the header.
pub async fn get(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap) -> Response {
    let token = bearer(&headers);
    reply(&app, &cx, &headers, token).await
}

/// With the token in the header or the body (RFC 6750, section 2.2).
pub async fn post(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let token = bearer(&headers).or(body.text("access_token"));
    reply(&app, &cx, &headers, token).await
}

async fn reply(app: &App, cx: &Cx, headers: &HeaderMap, token: Option<&str>) -> Response {
    let response = claims(app, cx, token).await.unwrap_or_else(IntoResponse::into_response);
    // A token is sent on purpose, never by itself as a cookie is: whoever holds it may read the answer.
    cors::for_origin(response, headers, true)
}

async fn claims(app: &App, cx: &Cx, token: Option<&str>) -> Result<Response, Failure> {
    limited(app, cx)?;
    Ok(match app.service.userinfo(cx, token).await? {
        Ok(claims) => ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(claims)).into_response(),
        Err(error) => answers::bearer_challenge(error.code()),
    })
}
