//! The session: a new token, and its end.

use super::Me;
use crate::errors::{ApiError, Done};
use crate::project::Project;
use crate::session::{clear, person, set_token, token};
use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use doorward_service::account::AccountError;
use serde_json::json;

/// `POST /v2/me/refresh`: a new session token. The secret stays: clients could not take another one.
pub async fn refresh(project: Project) -> Result<Response, ApiError> {
    let me = Me::of(project).await?;
    let person = person(&me.project, &me.session).await?;
    let token = token(&me.project, &person).await?;
    let mut headers = HeaderMap::new();
    set_token(&me.project, &mut headers, &token);
    let mut response = Json(json!({ "sessionToken": token, "shortSession": token })).into_response();
    response.headers_mut().extend(headers);
    Ok(response)
}

/// `POST /v2/me/logout`: the session ends, and with it every token that was born of it. Whoever is logged out already is told
/// nothing else.
pub async fn logout(project: Project) -> Result<Response, ApiError> {
    let mut headers = HeaderMap::new();
    clear(&project, &mut headers);
    match Me::of(project).await {
        Ok(me) => match me.project.service().revoke_device(&me.project.cx, &me.session, me.session.id).await {
            Ok(()) | Err(AccountError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        },
        Err(error) if error.status == axum::http::StatusCode::UNAUTHORIZED => {}
        Err(error) => return Err(error),
    }
    let mut response = Done.into_response();
    response.headers_mut().extend(headers);
    Ok(response)
}
