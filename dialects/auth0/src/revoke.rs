//! `POST /oauth/revoke` (RFC 7009): 200 with an empty body, also for tokens that nobody knows.

use crate::answers::{authorization, limited, readable};
use crate::errors::Failure;
use crate::wire::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked};
use doorward_service::Cx;

/// Stops a token.
pub async fn revoke(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = answer(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn answer(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    match app.service.revoke(cx, authorization(headers), &body.params).await? {
        Ok(()) => Ok(StatusCode::OK.into_response()),
        Err(error) => Err(Failure::from(&error)),
    }
}
