//! Proving a mailbox in a process: by code, by link; and correcting what was typed.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::{self, Typed};
use crate::wire::body::Body;
use axum::response::Response;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::session::Method;
use doorward_protocol::signin::Step;
use doorward_service::signin::{Input, Outcome, ProcessLink, ProcessStatus};
use serde::Deserialize;
use serde_json::json;

/// What is to be proven, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Verify {
    verification_type: String,
    identifier_type: String,
    code: String,
}

/// An identifier that was mistyped.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Update {
    identifier_type: String,
    value: String,
}

/// `POST /v2/auth/identifier/verify/start`: the first mail, or another one.
pub async fn verify_start(project: Project, Body(body): Body<Verify>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    if body.identifier_type != "email" && !body.identifier_type.is_empty() {
        return Err(ApiError::invalid("identifierType", "cannot be verified here"));
    }
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    let outcome = call.show(&process).await?;
    let input = match &outcome {
        Outcome::Show(view) => match &view.step {
            // Instead of a passkey that the account could be made with.
            Step::OfferPasskey { skippable: true, .. } if !view.state.is_authenticated() => Some(Input::SkipPasskey),
            Step::ProvePasskey { .. } => Some(Input::Choose(Method::EmailCode)),
            Step::ProveCode { .. } => Some(Input::SendCode),
            _ => None,
        },
        Outcome::Finished(_) => None,
    };
    let Some(input) = input else { return call.block(process, outcome, &Typed::default()).await };
    let (process, outcome) = call.answer(process, input).await?;
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/identifier/verify/finish`
pub async fn verify_finish(project: Project, Body(body): Body<Verify>) -> Result<Response, ApiError> {
    if let Some(name) = Call::link_name(&project) {
        return follow_link(project, &name, &body.code).await;
    }
    let (call, process) = Call::open(project).await?;
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    let _ = body.verification_type;
    let (process, outcome) = call.answer(process, Input::Code(body.code)).await?;
    call.block(process, outcome, &Typed::default()).await
}

async fn follow_link(project: Project, name: &str, secret: &str) -> Result<Response, ApiError> {
    let call = Call::new(project);
    let service = call.project.service();
    service.limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    let application = call.project.application.id;
    match service.follow_process_link(&call.project.cx, application, name, secret).await? {
        ProcessLink::GoesOn(process, outcome) | ProcessLink::Here(process, outcome) => {
            call.block(*process, *outcome, &Typed::default()).await
        }
        ProcessLink::Elsewhere => {
            let state = blank_state(&call);
            let body = blocks::elsewhere(&state, "email-link-verified", "", &call.project);
            Ok(call.reply(body))
        }
        ProcessLink::Refused => {
            let state = blank_state(&call);
            let mut body = blocks::elsewhere(&state, "", "", &call.project);
            if let Some(block) = body.as_object_mut() {
                block.remove("continueOnOtherDevice");
            }
            body["data"]["verificationMethod"] = json!("email-link");
            body["data"]["error"] =
                json!({ "code": "invalid_challenge_solution_email-link", "message": "the link is not right or too old" });
            Ok(call.reply(body))
        }
    }
}

/// A state for blocks that tell nothing of a flow.
fn blank_state(call: &Call) -> doorward_protocol::signin::SignIn {
    use doorward_protocol::signin::{Purpose, ReturnTo, SignIn};
    SignIn::begin(Purpose::SignIn, None, ReturnTo::Page(String::new()), String::new(), call.project.cx.now)
}

/// `GET /v2/auth/identifier/verify/status`: whether the link was followed.
pub async fn verify_status(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let shown = process.clone();
    match call.project.service().process_status(&call.project.cx, process).await? {
        ProcessStatus::Waits => {
            let outcome = call.show(&shown).await?;
            call.block(shown, outcome, &Typed::default()).await
        }
        ProcessStatus::GoesOn(process, outcome) => call.block(*process, *outcome, &Typed::default()).await,
        ProcessStatus::Elsewhere => {
            let address = shown.state.identifier.as_ref().map(|i| i.value.clone()).unwrap_or_default();
            let body = blocks::elsewhere(&shown.state, "process-already-completed", &address, &call.project);
            Ok(call.reply(body))
        }
    }
}

/// `POST /v2/auth/identifier/update`
pub async fn update(project: Project, Body(body): Body<Update>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let Some(kind) = IdentifierKind::parse(&body.identifier_type) else {
        return Err(ApiError::invalid("identifierType", "must be email, phone or username"));
    };
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    let (process, outcome) = call.answer(process, Input::ChangeIdentifier { kind, value: body.value }).await?;
    call.block(process, outcome, &Typed::default()).await
}
