//! Social login: switched off.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::Typed;
use axum::response::Response;

/// `POST /v2/auth/social/verify/start`: the form stays.
pub async fn start(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let outcome = call.show(&process).await?;
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/social/verify/finish`
pub async fn finish(project: Project) -> Result<Response, ApiError> {
    start(project).await
}

/// `GET /v2/auth/social/verify/callback`
pub async fn callback(_: Project) -> ApiError {
    ApiError::bad_request("social_login_disabled", "social login is switched off")
}
