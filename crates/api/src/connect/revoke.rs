//! `POST /connect/revoke` (RFC 7009).

use super::authorization;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers, cors};

/// Stops a token.
pub async fn revoke(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    let response = match app.service.revoke(&cx, authorization(&headers), &params).await? {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => answers::token_error(&error),
    };
    let allowed = match cors::origin(&headers) {
        Some(origin) => app.service.origin_allowed(&cx, params.first("client_id").or(Some("")), origin).await?,
        None => false,
    };
    Ok(cors::for_origin(response, &headers, allowed))
}
