//! `POST /oauth/device/code` (RFC 8628, section 3.1). People type the code on the hosted page `/activate`.

use crate::answers::{authorization, limited};
use crate::errors::Failure;
use crate::wire::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorward_httpkit::{App, Asked, answers};

/// Gives a device its codes.
pub async fn begin(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Result<Response, Failure> {
    limited(&app, &cx)?;
    match app.service.begin_device(&cx, authorization(&headers), &body.params).await? {
        Ok(device) => Ok(answers::device(&device)),
        Err(error) => Err(Failure::from(&error)),
    }
}
