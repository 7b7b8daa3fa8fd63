//! The process itself: begun, shown, begun again, completed.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::{self, Typed};
use crate::wire::body::Body;
use crate::wire::client_information::ClientInformation;
use crate::wire::memo::Memo;
use axum::Json;
use axum::response::{IntoResponse, Response};
use doorward_protocol::signin::Step;
use doorward_service::signin::{DeviceFacts, Input, NewProcess, Outcome};
use serde::Deserialize;
use serde_json::json;

/// The body of a beginning.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Init {
    client_information: ClientInformation,
    preferred_block: Option<String>,
}

/// `POST /v2/auth/process/init`
pub async fn init(project: Project, Body(body): Body<Init>) -> Result<Response, ApiError> {
    let call = Call::new(project);
    let known = body.client_information.handle().map(str::to_owned);
    let fresh = known.is_none().then(|| doorward_service::secrets::token::<18>("env-"));
    let device = body.client_information.facts(known.or_else(|| fresh.clone()));
    let purpose = call.purpose(body.preferred_block.as_deref());
    let (token, begun) = call.begin(purpose, device).await?;
    let NewProcess { expires_at, outcome, .. } = begun;
    let mut answer = json!({
        "token": token,
        "expiresAt": expires_at.seconds(),
        "processResponse": blocks::response(&call.project, first_block(&call, &outcome)?),
    });
    if let Some(handle) = fresh {
        answer["newClientEnvHandle"] = json!(handle);
    }
    Ok(call.with_cookies(Json(answer).into_response()))
}

fn first_block(call: &Call, outcome: &Outcome) -> Result<serde_json::Value, ApiError> {
    match outcome {
        Outcome::Show(view) => Ok(blocks::of_view(&call.project, view, &Typed::default())),
        Outcome::Finished(_) => Err(ApiError::no_process()),
    }
}

/// `GET /v2/auth/process`
pub async fn show(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    if Memo::read(&process.memo).finished {
        return Err(ApiError::no_process());
    }
    let outcome = call.show(&process).await?;
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/process/reset`: from the beginning, as another process.
pub async fn reset(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let device = DeviceFacts { passkey_possible: process.state.passkey_possible, handle: None };
    let (token, begun) = call.begin(process.state.purpose, device).await?;
    let NewProcess { expires_at, outcome, .. } = begun;
    let mut answer = blocks::response(&call.project, first_block(&call, &outcome)?);
    answer["newProcess"] = json!({ "token": token, "expiresAt": expires_at.seconds() });
    Ok(call.with_cookies(Json(answer).into_response()))
}

/// `POST /v2/auth/process/complete`: an offer is declined; what must be done stays.
pub async fn complete(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let outcome = call.show(&process).await?;
    let offered = matches!(&outcome, Outcome::Show(view) if matches!(view.step, Step::OfferPasskey { skippable: true, .. }));
    if offered {
        let (process, outcome) = call.answer(process, Input::SkipPasskey).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/block/skip`: on from a page that only tells something.
pub async fn skip(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let mut memo = Memo::read(&process.memo);
    if memo.appended {
        memo.appended = false;
        let (process, outcome) = call.project.service().note_process(&call.project.cx, process, memo.value()).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    let outcome = call.show(&process).await?;
    call.block(process, outcome, &Typed::default()).await
}
