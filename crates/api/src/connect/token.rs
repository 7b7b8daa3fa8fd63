//! `POST /connect/token` (RFC 6749, section 3.2).

use super::authorization;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers, cors};

/// Answers a token request.
pub async fn token(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    app.service.limits.request(&cx.client.ip).map_err(Refusal::TooMany)?;
    let response = match app.service.token(&cx, authorization(&headers), &params).await? {
        Ok(tokens) => answers::tokens(&tokens),
        Err(error) => answers::token_error(&error),
    };
    let allowed = match cors::origin(&headers) {
        Some(origin) => app.service.origin_allowed(&cx, params.first("client_id").or(Some("")), origin).await?,
        None => false,
    };
    Ok(cors::for_origin(response, &headers, allowed))
}
