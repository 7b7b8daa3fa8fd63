//! `POST /oauth/par` (RFC 9126).

use crate::answers::{authorization, limited, readable};
use crate::authorize::standard;
use crate::errors::Failure;
use crate::wire::Body;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked};
use doorward_service::Cx;
use serde_json::json;

/// Seconds that a request is good for.
const SECONDS: i64 = 30;

/// Takes an authorization request in.
pub async fn push(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = answer(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn answer(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    match app
        .service
        .push_request(cx, authorization(headers), &body.params, SECONDS, |cx, params| standard(cx, params, false))
        .await?
    {
        Ok(pushed) => {
            let body = json!({ "request_uri": pushed.request_uri, "expires_in": pushed.expires_in });
            Ok((StatusCode::CREATED, [("cache-control", "no-store")], Json(body)).into_response())
        }
        Err(error) => Err(Failure::from(&error)),
    }
}
