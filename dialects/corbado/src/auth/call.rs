//! A call within a process: the process opened from its headers, an answer given to the core, the outcome as a block.

use crate::errors::ApiError;
use crate::project::{Project, text};
use crate::session::{self, login_identifier};
use crate::wire::blocks::{self, Typed};
use crate::wire::memo::Memo;
use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_httpkit::cookies::Cookies;
use doorward_protocol::signin::{Purpose, ReturnTo, SignIn};
use doorward_service::signin::DeviceFacts;
use doorward_service::signin::{Goal, Input, NewProcess, Outcome, Process, Start};
use serde_json::{Value, json};

/// The header with the process token.
const PROCESS_HEADER: &str = "x-corbado-process-id";
/// The header with the name that a link in a mail carried.
const LINK_HEADER: &str = "x-corbado-temp-process-id";
/// Our cookie that tells one browser from another, where it is kept: a link in a mail is followed in the browser that asked for
/// it, or in another one.
const HOLDER: &str = "holder";
const HOLDER_SECONDS: i64 = 90 * 86_400;

/// A call, before its process is opened.
pub struct Call {
    /// The project; its context knows the holder.
    pub project: Project,
    cookies: Cookies,
    holder: String,
}

impl Call {
    /// A call whose holder is whoever has our cookie; made when there is none.
    pub fn new(project: Project) -> Self {
        let cookies = Cookies::read(project.headers.get_all("cookie").iter(), project.secure);
        let known = cookies.get(HOLDER).filter(|id| id.len() == 24).map(str::to_owned);
        let holder = known.unwrap_or_else(|| URL_SAFE_NO_PAD.encode(doorward_service::secrets::random::<18>()));
        Self { project, cookies, holder: String::new() }.held_by(&holder)
    }

    fn held_by(mut self, holder: &str) -> Self {
        let service = self.project.service();
        let mut digest = service.secrets.digest("process holder", &[self.project.cx.tenant_id().0.as_bytes(), holder.as_bytes()]);
        digest.truncate(18);
        self.project.cx.client.browser = URL_SAFE_NO_PAD.encode(digest);
        if self.cookies.get(HOLDER) != Some(holder) {
            self.cookies.set(HOLDER, holder, HOLDER_SECONDS);
        }
        self.holder = holder.to_owned();
        self
    }

    /// Opens the process that the request names.
    pub async fn open(project: Project) -> Result<(Self, Process), ApiError> {
        if let Some(name) = text(&project.headers, LINK_HEADER).map(str::to_owned) {
            let call = Self::new(project);
            let application = call.project.application.id;
            let process = call.project.service().open_process_by_link(&call.project.cx, application, &name).await?;
            return Ok((call, process.ok_or_else(ApiError::no_process)?));
        }
        let token = text(&project.headers, PROCESS_HEADER).unwrap_or_default().to_owned();
        let (holder, name) = token.split_once('.').filter(|(holder, _)| holder.len() == 24).ok_or_else(ApiError::no_process)?;
        let call = Self::new(project).held_by(holder);
        let application = call.project.application.id;
        let process = call.project.service().open_process(&call.project.cx, application, name).await?;
        Ok((call, process.ok_or_else(ApiError::no_process)?))
    }

    /// The name that a link carried, when the request has one.
    pub fn link_name(project: &Project) -> Option<String> {
        text(&project.headers, LINK_HEADER).map(str::to_owned)
    }

    /// Begins a process. Its token and what it shows.
    pub async fn begin(&self, purpose: Purpose, device: DeviceFacts) -> Result<(String, NewProcess), ApiError> {
        let start = Start {
            purpose,
            application: Some(self.project.application.clone()),
            return_to: ReturnTo::Page(self.project.page()),
            hint: None,
        };
        let begun = self.project.service().begin_process(&self.project.cx, start, device, Memo::default().value()).await?;
        Ok((format!("{}.{}", self.holder, begun.name), begun))
    }

    /// Which form a new process begins with.
    pub fn purpose(&self, preferred: Option<&str>) -> Purpose {
        match preferred {
            Some("login-init") => Purpose::SignIn,
            _ if self.project.policy().sign_up.enabled => Purpose::SignUp,
            _ => Purpose::SignIn,
        }
    }

    /// Gives an answer.
    pub async fn answer(&self, process: Process, input: Input) -> Result<(Process, Outcome), ApiError> {
        self.answer_noting(process, input, |_, _| {}).await
    }

    /// Gives an answer, and notes what it came to.
    pub async fn answer_noting(
        &self,
        process: Process,
        input: Input,
        note: impl FnOnce(&mut Memo, &Outcome) + Send,
    ) -> Result<(Process, Outcome), ApiError> {
        // What is over takes no more answers: a replayed one must not undo it.
        if Memo::read(&process.memo).finished {
            let outcome = self.show(&process).await?;
            return Ok((process, outcome));
        }
        let noted = self.project.service().answer_process(&self.project.cx, process, input, |kept, outcome| {
            let mut memo = Memo::read(kept);
            note(&mut memo, outcome);
            *kept = memo.value();
        });
        Ok(noted.await?)
    }

    /// What a process shows now.
    pub async fn show(&self, process: &Process) -> Result<Outcome, ApiError> {
        Ok(self.project.service().show_process(&self.project.cx, process).await?)
    }

    /// The same process, at the beginning of a login or a sign-up, if nobody has logged in with it yet.
    pub fn turned(&self, mut process: Process, purpose: Purpose) -> Process {
        if process.state.user.is_none() && process.state.purpose != purpose {
            process.state = process.state.anew(purpose, self.project.cx.now);
        }
        process
    }

    /// Answers with the block of an outcome.
    pub async fn block(self, process: Process, outcome: Outcome, typed: &Typed) -> Result<Response, ApiError> {
        let memo = Memo::read(&process.memo);
        let body = match &outcome {
            Outcome::Show(view) => blocks::of_view(&self.project, view, typed),
            Outcome::Finished(finished) => {
                let Goal::Page(state) = &finished.goal else { return Err(ApiError::no_process()) };
                if memo.finished {
                    blocks::elsewhere(state, "process-already-completed", "", &self.project)
                } else if memo.appended {
                    blocks::passkey_appended(state)
                } else {
                    let state = state.clone();
                    return self.completed(process, &state, memo).await;
                }
            }
        };
        Ok(self.reply(body))
    }

    /// Answers with a block that is ready.
    pub fn reply(self, body: Value) -> Response {
        let body = blocks::response(&self.project, body);
        self.with_cookies(Json(body).into_response())
    }

    /// Puts our cookies on an answer.
    pub fn with_cookies(&self, mut response: Response) -> Response {
        for cookie in self.cookies.headers() {
            response.headers_mut().append(axum::http::header::SET_COOKIE, cookie.clone());
        }
        response
    }

    /// Hands the session over: the end of a process.
    async fn completed(self, process: Process, state: &SignIn, mut memo: Memo) -> Result<Response, ApiError> {
        let project = &self.project;
        let service = project.service();
        let session = state.session.ok_or_else(ApiError::no_process)?;
        memo.finished = true;
        let operation = memo.operation.clone();
        let kept = process.clone();
        let handed = service.hand_over_session(&project.cx, session, project.application.id).await?;
        let (row, secret) = handed.ok_or_else(ApiError::no_process)?;
        let person = session::person(project, &row).await?;
        let token = session::token(project, &person).await?;
        if kept.state.process == Some(kept.id) {
            service.note_process(&project.cx, kept, memo.value()).await?;
        }
        let mut data = json!({ "sessionToken": token, "shortSession": token });
        if project.settings().embedded.reveal_session_secret {
            data["refreshToken"] = json!(secret.value);
            data["longSession"] = json!(secret.value);
        }
        if let Some(operation) = operation {
            let typed = state.identifier.as_ref().map(|i| (i.kind.as_str(), i.value.clone()));
            let (kind, value) = typed.or_else(|| login_identifier(&person)).unwrap_or(("email", String::new()));
            data["passkeyOperation"] = json!({
                "operationType": operation.kind,
                "identifierValue": value,
                "identifierType": kind,
                "ceremonyType": operation.ceremony,
            });
        }
        let mut headers = HeaderMap::new();
        session::set_secret(project, &mut headers, &secret);
        session::set_token(project, &mut headers, &token);
        let mut response = self.reply(blocks::completed(state, data));
        response.headers_mut().extend(headers);
        Ok(response)
    }
}
