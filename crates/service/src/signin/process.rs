//! A sign-in whose client holds only a name for it. The name is sealed and carries the beginning, so that nothing is stored for
//! those who only look; from the first answer on, the state is a row that each answer replaces exactly once.
//!
//! The name is a bearer secret of one application and one holder. Two answers at the same time cannot undo each other: the slower
//! one is answered with what the quicker one came to.

use super::code::as_identifier;
use super::link::LinkView;
use super::{Goal, Input, Outcome, Problem, Start, Turn};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::signin::{CodePurpose, ReturnTo, SignIn};
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::processes::{self, ProcessRow};
use doorward_store::sessions::SessionRow;
use doorward_store::{short_lived, users};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Seconds that a process is good for, from its last change.
pub const PROCESS_SECONDS: i64 = 3600;

const NAME: &str = "process name";
const STATE: &str = "process state";
const LINK: &str = "process link";

/// What a client says of its device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFacts {
    /// Whether a passkey can be made and used there.
    pub passkey_possible: Option<bool>,
    /// The handle by which it knows itself again.
    pub handle: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    state: SignIn,
    memo: Value,
}

#[derive(Serialize, Deserialize)]
struct Name {
    id: Uuid,
    first: Kept,
}

#[derive(Serialize, Deserialize)]
struct LinkName {
    process: Uuid,
    code: Uuid,
}

/// A process that was opened.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its id.
    pub id: Uuid,
    /// What is known so far.
    pub state: SignIn,
    /// What the surface keeps beside it.
    pub memo: Value,
    revision: i64,
}

/// A process that was just begun.
pub struct NewProcess {
    /// What the client holds.
    pub name: String,
    /// Good until.
    pub expires_at: Timestamp,
    /// The process.
    pub process: Process,
    /// What it shows.
    pub outcome: Outcome,
}

/// What became of a link.
pub enum ProcessLink {
    /// Not ours, too old, used, or guessed at too often.
    Refused,
    /// The process goes on in this browser, which began it.
    GoesOn(Box<Process>, Box<Outcome>),
    /// The address is proven; the browser that asked goes on.
    Elsewhere,
    /// Whoever opened the mail is signed in here, and not where somebody asked for it: otherwise a stranger could begin a sign-in
    /// with your address and wait for you to open the link.
    Here(Box<Process>, Box<Outcome>),
}

/// What a page that waits for a link is told.
pub enum ProcessStatus {
    /// Nothing happened yet.
    Waits,
    /// The link was followed in another browser; this one goes on.
    GoesOn(Box<Process>, Box<Outcome>),
    /// The link was followed, and the flow goes on there.
    Elsewhere,
}

/// What the link in a mail is made of, where an application's own page carries the flow.
pub struct MailLink<'a> {
    /// Context.
    pub cx: &'a Cx,
    /// The application.
    pub application: &'a ApplicationRow,
    /// The flow that asked.
    pub state: &'a SignIn,
    /// The page that the link opens.
    pub page: &'a str,
    /// Names the process and the code.
    pub name: &'a str,
    /// The secret that proves the mailbox.
    pub secret: &'a str,
    /// Good until.
    pub expires_at: Timestamp,
    /// When another mail may be asked for.
    pub resend_at: Timestamp,
}

/// How an accent writes such a link.
pub trait MailLinks: Send + Sync {
    /// The address.
    fn link(&self, link: &MailLink<'_>) -> String;
}

impl Service {
    /// Begins a process. Stores nothing.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn begin_process(&self, cx: &Cx, start: Start, device: DeviceFacts, memo: Value) -> Result<NewProcess, Error> {
        let id = new_id(cx.now);
        let application = start.application.as_ref().map(|a| a.id);
        let mut state = SignIn::begin(start.purpose, application, start.return_to, cx.client.browser.clone(), cx.now);
        state.process = Some(id);
        state.passkey_possible = device.passkey_possible;
        state.device = device.handle.as_deref().map(|handle| self.device_digest(cx, handle));
        state.login_hint = start.hint;
        let expires_at = cx.now.plus_seconds(PROCESS_SECONDS);
        let name = Name { id, first: Kept { state: state.clone(), memo: memo.clone() } };
        let name = self.secrets.seal(NAME, cx.tenant_id(), expires_at, &name)?;
        let outcome = self.settle(cx, state.clone(), None, None, None).await?;
        Ok(NewProcess { name, expires_at, process: Process { id, state, memo, revision: 0 }, outcome })
    }

    /// Opens a process by its name. `None`: not ours, too old, of another application, or held by somebody else.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn open_process(&self, cx: &Cx, application: ApplicationId, name: &str) -> Result<Option<Process>, Error> {
        let Ok(Name { id, first }) = self.secrets.open::<Name>(NAME, cx.tenant_id(), cx.now, name) else { return Ok(None) };
        let process = match self.kept(cx, id).await? {
            Some(process) => process,
            None => Process { id, state: first.state, memo: first.memo, revision: 0 },
        };
        Ok(Some(process).filter(|p| p.state.application == Some(application) && p.state.browser == cx.client.browser))
    }

    /// Opens a process by the name in a link of its mail, in the browser that began it.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn open_process_by_link(&self, cx: &Cx, application: ApplicationId, name: &str) -> Result<Option<Process>, Error> {
        let Ok(link) = self.secrets.open::<LinkName>(LINK, cx.tenant_id(), cx.now, name) else { return Ok(None) };
        let process = self.kept(cx, link.process).await?;
        Ok(process.filter(|p| p.state.application == Some(application) && p.state.browser == cx.client.browser))
    }

    async fn kept(&self, cx: &Cx, id: Uuid) -> Result<Option<Process>, Error> {
        let Some(row) = self.store.process(cx.tenant_id(), id, cx.now).await? else { return Ok(None) };
        let opened = self.secrets.open::<Kept>(STATE, cx.tenant_id(), cx.now, &row.sealed);
        Ok(opened.ok().map(|kept| Process { id, state: kept.state, memo: kept.memo, revision: row.revision }))
    }

    /// What a process shows now. Changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn show_process(&self, cx: &Cx, process: &Process) -> Result<Outcome, Error> {
        let session = self.session_of(cx, process).await?;
        match stale(cx, process, session.as_ref()) {
            Some(anew) => self.settle(cx, anew, Some(Problem::Expired), None, None).await,
            None => self.settle(cx, process.state.clone(), None, session.as_ref(), None).await,
        }
    }

    /// Takes an answer. `note` changes what the surface keeps, given what the answer came to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn answer_process(
        &self,
        cx: &Cx,
        process: Process,
        input: Input,
        note: impl FnOnce(&mut Value, &Outcome) + Send,
    ) -> Result<(Process, Outcome), Error> {
        let session = self.session_of(cx, &process).await?;
        let outcome = match stale(cx, &process, session.as_ref()) {
            Some(anew) => self.settle(cx, anew, Some(Problem::Expired), None, None).await?,
            None => self.advance(cx, process.state.clone(), input, session.as_ref()).await?,
        };
        self.keep(cx, process, outcome, note).await
    }

    /// Changes what the surface keeps; the flow stays where it is.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn note_process(&self, cx: &Cx, process: Process, memo: Value) -> Result<(Process, Outcome), Error> {
        let outcome = self.show_process(cx, &process).await?;
        self.keep(cx, process, outcome, |kept, _| *kept = memo).await
    }

    async fn keep(
        &self,
        cx: &Cx,
        mut process: Process,
        outcome: Outcome,
        note: impl FnOnce(&mut Value, &Outcome) + Send,
    ) -> Result<(Process, Outcome), Error> {
        match &outcome {
            Outcome::Show(view) => process.state = view.state.clone(),
            Outcome::Finished(finished) => {
                if let Goal::Page(state) = &finished.goal {
                    process.state = (**state).clone();
                }
            }
        }
        note(&mut process.memo, &outcome);
        let until = cx.now.plus_seconds(PROCESS_SECONDS);
        let kept = Kept { state: process.state.clone(), memo: process.memo.clone() };
        let sealed = self.secrets.seal(STATE, cx.tenant_id(), until, &kept)?;
        process.revision += 1;
        let row = ProcessRow { id: process.id, tenant_id: cx.tenant_id(), revision: process.revision, sealed, until };
        match self.store.commit(Batch::new().with(processes::keep(&row))).await {
            Ok(_) => Ok((process, outcome)),
            Err(error) if error.is_guard(processes::MOVED) || error.is_unique("process") => {
                let Some(now) = self.kept(cx, process.id).await? else {
                    return Err(Error::internal("a process that another request changed is gone"));
                };
                let outcome = self.show_process(cx, &now).await?;
                Ok((now, outcome))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The session that a process opened, while it lives.
    async fn session_of(&self, cx: &Cx, process: &Process) -> Result<Option<SessionRow>, Error> {
        let Some(id) = process.state.session else { return Ok(None) };
        let session = self.store.session(cx.tenant_id(), id).await?;
        Ok(session.filter(|s| s.is_live(cx.now)))
    }

    /// The digest that a device's handle is kept as.
    pub fn device_digest(&self, cx: &Cx, handle: &str) -> String {
        use base64::Engine as _;
        let mut digest = self.secrets.digest("device", &[cx.tenant_id().0.as_bytes(), handle.as_bytes()]);
        digest.truncate(18);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
    }

    /// The link of a mail that a process asked for; `None` when its accent writes none.
    pub(super) async fn page_link(&self, cx: &Cx, state: &SignIn, code: Uuid, secret: &str) -> Result<Option<String>, Error> {
        let (Some(process), Some(application), ReturnTo::Page(page)) = (state.process, state.application, &state.return_to)
        else {
            return Ok(None);
        };
        let Some(application) = self.application_by_id(cx.tenant_id(), application).await? else { return Ok(None) };
        let Some(links) = self.profiles.links_of(application.settings.0.accent) else { return Ok(None) };
        let policy = &cx.policy().code;
        let expires_at = cx.now.plus_seconds(policy.lifetime_seconds);
        let name = self.secrets.seal(LINK, cx.tenant_id(), cx.now.plus_seconds(PROCESS_SECONDS), &LinkName { process, code })?;
        let home = application.settings.0.home_uri.as_deref().unwrap_or(page);
        Ok(Some(links.link(&MailLink {
            cx,
            application: &application,
            state,
            page: home,
            name: &name,
            secret,
            expires_at,
            resend_at: cx.now.plus_seconds(policy.resend_after_seconds),
        })))
    }

    /// Follows a link: `name` and `secret` are what [`MailLink`] had.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn follow_process_link(
        &self,
        cx: &Cx,
        application: ApplicationId,
        name: &str,
        secret: &str,
    ) -> Result<ProcessLink, Error> {
        let Ok(link) = self.secrets.open::<LinkName>(LINK, cx.tenant_id(), cx.now, name) else {
            return Ok(ProcessLink::Refused);
        };
        let row = match self.link_row(cx, &link.code.to_string(), secret).await? {
            Ok(row) => row,
            Err(LinkView::Unknown | LinkView::Dead | LinkView::Ready { .. }) => return Ok(ProcessLink::Refused),
        };
        let Some(process) = self.kept(cx, link.process).await?.filter(|p| p.state.application == Some(application)) else {
            return Ok(ProcessLink::Refused);
        };
        if process.state.browser == cx.client.browser {
            let session = self.session_of(cx, &process).await?;
            let mut state = process.state.clone();
            state.code_challenge = Some(row.id);
            let turn = self.take_right_code(cx, state, row, session.as_ref()).await?;
            let refused = turn.problem.is_some();
            let outcome = self.settle_process(cx, turn, session.as_ref()).await?;
            let (process, outcome) = self.keep(cx, process, outcome, |_, _| {}).await?;
            return Ok(if refused { ProcessLink::Refused } else { ProcessLink::GoesOn(Box::new(process), Box::new(outcome)) });
        }
        let about_account = row.purpose == CodePurpose::VerifyAddress.as_str();
        if about_account || (row.user_id.is_none() && row.purpose == CodePurpose::SignUp.as_str()) {
            let mut batch = Batch::new()
                .with(short_lived::confirm_code(cx.tenant_id(), row.id, cx.now))
                .with(Event::new("link.confirmed").user(row.user_id).with("purpose", row.purpose.as_str()).statement(cx));
            if let Some(user) = row.user_id {
                let person = self.store.person(cx.tenant_id(), user).await?;
                let about = person.iter().flat_map(|p| &p.identifiers).find(|i| i.normal == row.address).map(as_identifier);
                if let Some(about) = about {
                    batch.push(users::verify_identifier(cx.tenant_id(), user, &about, cx.now));
                }
            }
            return match self.store.commit(batch).await {
                Ok(_) => Ok(ProcessLink::Elsewhere),
                Err(error) if error.is_guard("code.used") => Ok(ProcessLink::Refused),
                Err(error) => Err(error.into()),
            };
        }
        // Signing in, or signing up with an address that has an account: here, and nothing more is asked.
        let mut state = process.state.clone();
        state.browser.clone_from(&cx.client.browser);
        // Nothing that was proven there counts here.
        (state.user, state.session) = (None, None);
        state.proofs.clear();
        state.device = None;
        state.passkey_declined = true;
        state.code_challenge = Some(row.id);
        let turn = self.take_right_code(cx, state, row, None).await?;
        if turn.problem.is_some() {
            return Ok(ProcessLink::Refused);
        }
        let outcome = self.settle_process(cx, turn, None).await?;
        let here = match &outcome {
            Outcome::Show(view) => view.state.clone(),
            Outcome::Finished(finished) => match &finished.goal {
                Goal::Page(state) => (**state).clone(),
                _ => return Ok(ProcessLink::Refused),
            },
        };
        let process = Process { id: new_id(cx.now), state: here, memo: Value::Null, revision: 0 };
        Ok(ProcessLink::Here(Box::new(process), Box::new(outcome)))
    }

    async fn settle_process(&self, cx: &Cx, turn: Turn, session: Option<&SessionRow>) -> Result<Outcome, Error> {
        let now = turn.session.as_ref().or(session).cloned();
        self.settle(cx, turn.state, turn.problem, now.as_ref(), turn.cookie).await
    }

    /// Whether the link that a process waits for was followed.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn process_status(&self, cx: &Cx, process: Process) -> Result<ProcessStatus, Error> {
        let Some(id) = process.state.code_challenge else { return Ok(ProcessStatus::Elsewhere) };
        match self.store.code_challenge(cx.tenant_id(), id).await? {
            Some(row) if row.used_at.is_some() => Ok(ProcessStatus::Elsewhere),
            Some(row) if row.confirmed_at.is_some() => {
                let (process, outcome) = self.answer_process(cx, process, Input::LinkConfirmed, |_, _| {}).await?;
                Ok(ProcessStatus::GoesOn(Box::new(process), Box::new(outcome)))
            }
            _ => Ok(ProcessStatus::Waits),
        }
    }
}

/// The same errand from the beginning, when the session that a process opened has ended: what was proven for it no longer counts.
fn stale(cx: &Cx, process: &Process, session: Option<&SessionRow>) -> Option<SignIn> {
    let ended = process.state.session.is_some() && session.is_none();
    ended.then(|| process.state.clone().anew(process.state.purpose, cx.now))
}

impl Outcome {
    /// What went wrong with the answer before.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Show(view) => view.problem.as_ref(),
            Self::Finished(_) => None,
        }
    }
}
