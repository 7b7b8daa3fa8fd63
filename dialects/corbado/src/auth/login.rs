//! The login form.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::Typed;
use crate::wire::body::Body;
use axum::response::Response;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::signin::Purpose;
use doorward_service::signin::Input;
use serde::Deserialize;

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Login {
    identifier_value: String,
    is_phone: bool,
}

/// `POST /v2/auth/login/init`
pub async fn init(project: Project, Body(body): Body<Login>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    if process.state.user.is_some() {
        let outcome = call.show(&process).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    let process = call.turned(process, Purpose::SignIn);
    let kinds = &call.project.policy().sign_up.identifiers;
    let not_allowed = body.is_phone
        || Identifier::typed(&body.identifier_value).is_ok_and(|i| i.kind == IdentifierKind::Phone || !kinds.contains(&i.kind));
    let typed = Typed { login: body.identifier_value.clone(), not_allowed, ..Typed::default() };
    // An identifier of a kind that is not used here is nobody's.
    let identifier = if not_allowed { String::new() } else { body.identifier_value };
    let (process, outcome) = call.answer(process, Input::Identify { identifier }).await?;
    call.block(process, outcome, &typed).await
}
