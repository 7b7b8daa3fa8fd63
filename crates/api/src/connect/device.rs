//! `POST /connect/device` (RFC 8628, section 3.1).

use super::authorization;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers};

/// Gives a device its codes.
pub async fn begin(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    app.service.limits.request(&cx.client.ip).map_err(Refusal::TooMany)?;
    Ok(match app.service.begin_device(&cx, authorization(&headers), &params).await? {
        Ok(device) => answers::device(&device),
        Err(error) => answers::token_error(&error),
    })
}
