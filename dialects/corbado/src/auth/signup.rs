//! The sign-up form.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::Typed;
use crate::wire::body::Body;
use axum::response::Response;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::signin::Purpose;
use doorward_service::signin::Input;
use serde::Deserialize;

/// What was typed; an empty field is missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SignUp {
    identifiers: Vec<Field>,
    full_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Field {
    #[serde(rename = "type")]
    kind: String,
    identifier: String,
}

/// `POST /v2/auth/signup/init`
pub async fn init(project: Project, Body(body): Body<SignUp>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    if process.state.user.is_some() || !call.project.policy().sign_up.enabled {
        let outcome = call.show(&process).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    let process = call.turned(process, Purpose::SignUp);
    let identifiers: Vec<(IdentifierKind, String)> = body
        .identifiers
        .into_iter()
        .filter_map(|field| IdentifierKind::parse(&field.kind).map(|kind| (kind, field.identifier)))
        .collect();
    let name = body.full_name.unwrap_or_default();
    let typed = Typed { name: name.clone(), identifiers: identifiers.clone(), ..Typed::default() };
    let (process, outcome) = call.answer(process, Input::Register { name, identifiers }).await?;
    call.block(process, outcome, &typed).await
}
