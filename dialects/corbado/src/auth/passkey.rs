//! Passkeys in a process: made, and used.

use super::call::Call;
use crate::errors::ApiError;
use crate::project::Project;
use crate::wire::blocks::Typed;
use crate::wire::body::Body;
use crate::wire::memo::{Memo, Operation, ceremony};
use axum::response::Response;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{Purpose, Step};
use doorward_service::signin::{Input, Outcome};
use serde::Deserialize;

/// What an authenticator signed: the credential as JSON in a text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Signed {
    signed_challenge: String,
}

/// `POST /v2/auth/passkey/append/start`: the same offer with a new challenge.
pub async fn append_start(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let outcome = call.show(&process).await?;
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/passkey/append/finish`
pub async fn append_finish(project: Project, Body(body): Body<Signed>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    if Memo::read(&process.memo).appended {
        // The same answer again: its page is still to be seen.
        let outcome = call.show(&process).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    let operation = Operation { kind: "append".into(), ceremony: ceremony(&body.signed_challenge) };
    let input = Input::Registration { credential: body.signed_challenge, remove: Vec::new(), silent: false };
    let (process, outcome) = call
        .answer_noting(process, input, |memo, outcome| {
            let made = match outcome {
                Outcome::Finished(_) => true,
                Outcome::Show(view) => view.problem.is_none() && view.state.passkey.is_some(),
            };
            if made {
                memo.operation = Some(operation);
                // Where an address must be proven next, that is said instead.
                memo.appended = matches!(outcome, Outcome::Finished(_));
            }
        })
        .await?;
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/passkey/login/start`: a new challenge, also for somebody who had chosen the code.
pub async fn login_start(project: Project) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let outcome = call.show(&process).await?;
    let other_way = matches!(
        &outcome,
        Outcome::Show(view) if matches!(&view.step, Step::ProveCode { alternatives, .. } if alternatives.contains(&Method::Passkey))
    );
    if other_way {
        let (process, outcome) = call.answer(process, Input::Choose(Method::Passkey)).await?;
        return call.block(process, outcome, &Typed::default()).await;
    }
    call.block(process, outcome, &Typed::default()).await
}

/// `POST /v2/auth/passkey/login/finish`
pub async fn login_finish(project: Project, Body(body): Body<Signed>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    assertion(call, process, body, false).await
}

/// `POST /v2/auth/passkey/mediation/finish`: a passkey that was picked without a name being typed.
pub async fn mediation_finish(project: Project, Body(body): Body<Signed>) -> Result<Response, ApiError> {
    let (call, process) = Call::open(project).await?;
    let process = call.turned(process, Purpose::SignIn);
    assertion(call, process, body, true).await
}

async fn assertion(
    call: Call,
    process: doorward_service::signin::Process,
    body: Signed,
    mediation: bool,
) -> Result<Response, ApiError> {
    call.project.service().limits.proof(&call.project.cx.client.ip).map_err(ApiError::too_many)?;
    let operation = Operation { kind: "verify".into(), ceremony: ceremony(&body.signed_challenge) };
    let typed = Typed { mediation, ..Typed::default() };
    let (process, outcome) = call
        .answer_noting(process, Input::Assertion(body.signed_challenge), |memo, outcome| {
            if outcome.problem().is_none() {
                memo.operation = Some(operation);
            }
        })
        .await?;
    call.block(process, outcome, &typed).await
}
