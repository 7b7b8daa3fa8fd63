//! Sign-in as use cases: begin a flow, describe it, answer a step. The rules are in `doorward_protocol::signin`; here facts are
//! loaded, effects are written in one transaction each, and the state is sealed for the client to carry.

mod account;
pub(crate) mod code;
pub(crate) mod create;
mod direct;
mod exchange;
mod facts;
mod flow;
mod link;
mod passkey;
mod password;
mod process;
mod proven;
mod reach;
mod second_factor;

use crate::boxed;
pub use account::{NewAccount, USER_METADATA};
pub use direct::{DirectSignIn, Standing};
pub use exchange::{CodeView, FieldIssue, Finished, Goal, Input, Outcome, Problem, Start, View};
pub use flow::{FLOW_SECONDS, FlowError};
pub use link::{LinkOutcome, LinkView};
pub use passkey::{PasskeyOptions, relying_party};
pub use process::{DeviceFacts, MailLink, MailLinks, NewProcess, PROCESS_SECONDS, Process, ProcessLink, ProcessStatus};
pub use second_factor::SecondFactorView;

use crate::audit::{Event, count};
use crate::session::SessionCookie;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_protocol::oauth::authorize::AuthorizationRequest;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{BlockReason, CodePurpose, Facts, Purpose, ReturnTo, SignIn, Step, next};
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::grants::{self, ConsentRow};
use doorward_store::sessions::SessionRow;
use doorward_store::users;
use uuid::Uuid;

impl Service {
    /// Begins a flow. A session that is there counts as proof unless the request says otherwise.
    #[boxed]
    pub async fn begin_sign_in(&self, cx: &Cx, start: Start, session: Option<&SessionRow>) -> Result<Outcome, Error> {
        let cx = &cx.under(start.application.as_deref());
        let mut state = SignIn::begin(
            start.purpose,
            start.application.as_ref().map(|a| a.id),
            start.return_to,
            cx.client.browser.clone(),
            cx.now,
        );
        if let Some(session) = session
            && matches!(start.purpose, Purpose::SignIn | Purpose::StepUp)
        {
            state.user = Some(session.user_id);
            state.proofs = session.proofs.0.clone();
            state.session = Some(session.id);
        }
        if let Some(hint) = start.hint
            && start.purpose != Purpose::StepUp
        {
            // A hint fills the field in; it does not skip the page, since nobody has typed anything yet.
            state.name = None;
            state.login_hint = Some(hint);
        }
        self.settle(cx, state, None, session, None).await
    }

    /// What a flow shows now. Changes nothing: a reload, a second tab and the back button are all harmless.
    #[boxed]
    pub async fn describe_sign_in(
        &self,
        cx: &Cx,
        flow: &str,
        session: Option<&SessionRow>,
    ) -> Result<Result<Outcome, FlowError>, Error> {
        match self.open_flow(cx, flow).await? {
            Ok(state) if self.stands(cx, &state, session).await? => {
                let cx = &self.cx_under(cx, state.application).await?;
                Ok(Ok(self.settle(cx, state, None, session, None).await?))
            }
            Ok(old) => Ok(Ok(self.restart(cx, old, session).await?)),
            Err(FlowError::Expired(old)) => Ok(Ok(self.restart(cx, *old, session).await?)),
            Err(other) => Ok(Err(other)),
        }
    }

    /// Takes an answer.
    #[boxed]
    pub async fn answer_sign_in(
        &self,
        cx: &Cx,
        flow: &str,
        input: Input,
        session: Option<&SessionRow>,
    ) -> Result<Result<Outcome, FlowError>, Error> {
        let mut state = match self.open_flow(cx, flow).await? {
            Ok(state) if self.stands(cx, &state, session).await? => state,
            Ok(old) => return Ok(Ok(self.restart(cx, old, session).await?)),
            Err(FlowError::Expired(old)) => return Ok(Ok(self.restart(cx, *old, session).await?)),
            Err(other) => return Ok(Err(other)),
        };
        let cx = &self.cx_under(cx, state.application).await?;
        self.adopt_session(&mut state, session);
        Ok(Ok(self.advance(cx, state, input, session).await?))
    }

    /// Takes an answer, sends the code that it leads to, and finds the next step.
    #[boxed]
    async fn advance(&self, cx: &Cx, state: SignIn, input: Input, session: Option<&SessionRow>) -> Result<Outcome, Error> {
        let answers_offer = matches!(input, Input::Registration { .. } | Input::SkipPasskey);
        let mut turn = if self.must_wait(cx, &state, &input).await? {
            Turn::problem(state, Problem::OutOfTurn)
        } else {
            self.take(cx, state, input, session).await?
        };
        // Where a session was opened, the proof asked already whether an address must be proven first: no code comes next.
        let settled = turn.session.is_some() || turn.state.denied;
        if turn.problem.is_none() && turn.state.code_challenge.is_none() && !settled {
            let sent = self.arrive_at_code(cx, turn.state).await?;
            turn.state = sent.state;
            turn.problem = sent.problem;
        }
        if turn.problem.is_none() && turn.session.is_none() && !turn.state.denied {
            turn.state = self.arrive_at_enrolment(cx, turn.state).await?;
        }
        let session_now = turn.session.as_ref().or(session);
        let outcome = self.settle(cx, turn.state, turn.problem, session_now, turn.cookie).await?;
        if !answers_offer {
            self.count_offer(cx, &outcome);
        }
        Ok(outcome)
    }

    /// Counts an offer of a passkey, where an answer led to one.
    pub(crate) fn count_offer(&self, cx: &Cx, outcome: &Outcome) {
        if let Outcome::Show(view) = outcome
            && matches!(view.step, Step::OfferPasskey { .. })
        {
            self.tally(cx, "passkey.offered");
        }
    }

    /// Counts that somebody whom a passkey was offered began to make one. A flow that is not of this browser counts nothing.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn note_passkey_started(&self, cx: &Cx, flow: &str) -> Result<(), Error> {
        if let Ok(state) = self.open_flow(cx, flow).await?
            && (state.user.is_some() || state.new_user.is_some())
        {
            self.tally(cx, "passkey.started");
        }
        Ok(())
    }

    /// Whether the session that a flow opened, or goes on in, is still there: when it has ended, what was proven for it no longer
    /// counts. A flow without one stands by itself.
    async fn stands(&self, cx: &Cx, state: &SignIn, session: Option<&SessionRow>) -> Result<bool, Error> {
        match state.session {
            None => Ok(true),
            Some(id) if session.is_some_and(|session| session.id == id) => Ok(true),
            Some(id) => Ok(self.store.session(cx.tenant_id(), id).await?.is_some_and(|row| row.is_live(cx.now))),
        }
    }

    /// A flow that was too old begins again where it began, and keeps what it was for.
    async fn restart(&self, cx: &Cx, old: SignIn, session: Option<&SessionRow>) -> Result<Outcome, Error> {
        let cx = &self.cx_under(cx, old.application).await?;
        let mut state = SignIn::begin(old.purpose, old.application, old.return_to, cx.client.browser.clone(), cx.now);
        state.login_hint = old.identifier.map(|i| i.value).or(old.login_hint);
        if let Some(session) = session
            && matches!(state.purpose, Purpose::SignIn | Purpose::StepUp)
        {
            state.user = Some(session.user_id);
            state.proofs = session.proofs.0.clone();
            state.session = Some(session.id);
        }
        self.settle(cx, state, Some(Problem::Expired), session, None).await
    }

    /// A tab that was left behind while another signed in: its flow takes the new session as its own.
    fn adopt_session(&self, state: &mut SignIn, session: Option<&SessionRow>) {
        if let Some(session) = session
            && state.user.is_none()
            && state.purpose == Purpose::SignIn
            && state.proofs.is_empty()
            && session.created_at >= state.started_at
        {
            state.user = Some(session.user_id);
            state.proofs = session.proofs.0.clone();
            state.session = Some(session.id);
        }
    }

    async fn take(&self, cx: &Cx, mut state: SignIn, input: Input, session: Option<&SessionRow>) -> Result<Turn, Error> {
        match input {
            // The address of a new account is given, and changed, by its own form: what was proven for it is for no other.
            Input::Identify { .. } if state.purpose == Purpose::SignUp => Ok(Turn::problem(state, Problem::OutOfTurn)),
            Input::Identify { identifier } => match Identifier::typed(&identifier) {
                Err(error) => Ok(Turn::problem(state, Problem::Identifier(error))),
                Ok(found) => {
                    let changed = state.identifier.as_ref() != Some(&found);
                    state.identifier = Some(found);
                    state.method = state.request().and_then(|request| request.method);
                    if changed {
                        state.code_challenge = None;
                    }
                    if cx.policy().reveal_accounts && state.purpose == Purpose::SignIn {
                        let known = match &state.identifier {
                            Some(identifier) => self.store.identifier(cx.tenant_id(), identifier).await?.is_some(),
                            None => false,
                        };
                        if !known {
                            state.login_hint = state.identifier.take().map(|i| i.value);
                            return Ok(Turn::problem(state, Problem::AccountUnknown));
                        }
                    }
                    self.arrive_at_code(cx, state).await
                }
            },
            Input::SignUp { name, identifier, password } => self.take_sign_up(cx, state, name, identifier, password).await,
            Input::Register { name, identifiers } => self.take_registration_form(cx, state, name, &identifiers).await,
            Input::ChangeIdentifier { kind, value } => self.take_changed_identifier(cx, state, kind, &value).await,
            Input::Choose(method) => {
                state.method = Some(method);
                self.arrive_at_code(cx, state).await
            }
            Input::SendCode => {
                if state.purpose == Purpose::SignIn || state.purpose == Purpose::StepUp {
                    state.method = Some(Method::EmailCode);
                }
                self.resend_code(cx, state).await
            }
            Input::Code(code) => self.take_code(cx, state, &code, session).await,
            Input::LinkConfirmed => self.take_confirmed_link(cx, state, session).await,
            Input::Password(password) => self.take_password(cx, state, &password, session).await,
            Input::NewPassword(password) => self.take_new_password(cx, state, &password, session).await,
            Input::KeepPassword => {
                state.password_settled = true;
                Ok(Turn::of(state))
            }
            Input::Assertion(credential) => self.take_assertion(cx, state, &credential, session).await,
            Input::Registration { credential, remove, silent } => {
                self.take_registration(cx, state, &credential, &remove, silent, session).await
            }
            Input::SkipPasskey => {
                state.passkey_declined = true;
                if let Some(user) = state.user.filter(|_| state.is_authenticated()) {
                    let batch = Batch::new()
                        .with(users::note_passkey_declined(cx.tenant_id(), user, cx.now))
                        .with(Event::new("passkey.declined").user(user).application(state.application).statement(cx))
                        .with(count(cx, "passkey.declined"));
                    self.store.commit(batch).await?;
                }
                Ok(Turn::of(state))
            }
            Input::Profile { name } => self.take_profile(cx, state, &name).await,
            Input::KeepAccount => {
                state.account_chosen = true;
                Ok(Turn::of(state))
            }
            Input::ChangeAccount => Ok(Turn::of(self.anew(cx, state, Purpose::SignIn))),
            Input::ToSignUp => Ok(Turn::of(self.anew(cx, state, Purpose::SignUp))),
            Input::ToSignIn => Ok(Turn::of(self.anew(cx, state, Purpose::SignIn))),
            Input::ToRecover => {
                let typed = state.identifier.clone();
                let mut state = self.anew(cx, state, Purpose::Recover);
                state.login_hint = typed.map(|i| i.value).or(state.login_hint);
                Ok(Turn::of(state))
            }
            Input::Allow => self.take_consent(cx, state).await,
            Input::Deny => {
                state.denied = true;
                Ok(Turn::of(state))
            }
            Input::SecondFactor { code, remember } => self.take_second_factor(cx, state, &code, remember, session).await,
            Input::BeginFactor => {
                state.enrolment = None;
                Ok(Turn::of(state))
            }
            Input::ConfirmFactor(code) => self.take_first_code(cx, state, &code, session).await,
            Input::RecoveryCodesKept => {
                state.recovery_codes.clear();
                Ok(Turn::of(state))
            }
        }
    }

    /// The same errand, from the beginning.
    fn anew(&self, cx: &Cx, old: SignIn, purpose: Purpose) -> SignIn {
        let mut state = old.anew(purpose, cx.now);
        state.account_chosen = true;
        state
    }

    async fn take_consent(&self, cx: &Cx, mut state: SignIn) -> Result<Turn, Error> {
        let facts = self.facts(cx, &state).await?;
        let (Some(user), Some(application)) = (state.user.filter(|_| state.is_authenticated()), state.application) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        let mut scopes = self.store.consent(cx.tenant_id(), user, application).await?.map(|c| c.scopes.0).unwrap_or_default();
        for scope in &facts.consent_missing {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        let row = ConsentRow {
            tenant_id: cx.tenant_id(),
            user_id: user,
            application_id: application,
            scopes: Json(scopes.clone()),
            created_at: cx.now,
            updated_at: cx.now,
        };
        let batch = Batch::new()
            .with(grants::put_consent(&row))
            .with(Event::new("consent.given").user(user).application(application).with("scopes", scopes).statement(cx));
        self.store.commit(batch).await?;
        state.consented = true;
        Ok(Turn::of(state))
    }

    /// Finds the next step and makes the view of it; makes the account when that is the step, and answers the application when
    /// nothing is left to ask.
    async fn settle(
        &self,
        cx: &Cx,
        state: SignIn,
        problem: Option<Problem>,
        session: Option<&SessionRow>,
        cookie: Option<SessionCookie>,
    ) -> Result<Outcome, Error> {
        let mut turn = Turn { state, problem, session: None, cookie };
        // Twice at most: an account that was made leads to the step after it.
        for _ in 0..3 {
            if turn.state.denied {
                return self.refuse(cx, turn.state, turn.cookie).await;
            }
            let facts = self.facts(cx, &turn.state).await?;
            let step = next(&turn.state, cx.policy(), &facts, cx.now);
            match step {
                Step::CreateAccount => {
                    let made = self.create_account(cx, turn.state, session).await?;
                    turn = Turn {
                        state: made.state,
                        problem: made.problem.or(turn.problem),
                        session: made.session,
                        cookie: made.cookie.or(turn.cookie),
                    };
                }
                // An application that insists on more than the person can give is told so; it may have another way.
                Step::Blocked(BlockReason::UnmetAuthentication) if let Some(request) = turn.state.request() => {
                    let goal = Goal::Authorization(Box::new(self.blocked_answer(cx, request, BlockReason::UnmetAuthentication)));
                    return Ok(Outcome::Finished(Box::new(Finished { goal, session: turn.cookie })));
                }
                Step::Done => return self.finish(cx, turn.state, turn.cookie).await,
                step => return Ok(Outcome::Show(Box::new(self.view(cx, turn, step, &facts).await?))),
            }
        }
        Err(Error::internal("a sign-in does not settle"))
    }

    async fn finish(&self, cx: &Cx, state: SignIn, cookie: Option<SessionCookie>) -> Result<Outcome, Error> {
        let goal = match &state.return_to {
            ReturnTo::Path(path) => Goal::Path(path.clone()),
            ReturnTo::Page(_) => Goal::Page(Box::new(state)),
            ReturnTo::Authorization(request) => {
                Goal::Authorization(Box::new(self.authorization_answer(cx, request, &state).await?))
            }
        };
        Ok(Outcome::Finished(Box::new(Finished { goal, session: cookie })))
    }

    async fn refuse(&self, cx: &Cx, state: SignIn, cookie: Option<SessionCookie>) -> Result<Outcome, Error> {
        use doorward_protocol::oauth::error::OAuthErrorCode;
        let event = Event::new("consent.denied").user(state.user).application(state.application).statement(cx);
        self.store.commit(Batch::new().with(event)).await?;
        let goal = match &state.return_to {
            ReturnTo::Path(path) => Goal::Path(path.clone()),
            ReturnTo::Page(_) => Goal::Page(Box::new(state)),
            ReturnTo::Authorization(request) => Goal::Authorization(Box::new(crate::oauth::authorize::Answer::error(
                cx,
                request,
                OAuthErrorCode::AccessDenied,
                "the person said no",
            ))),
        };
        Ok(Outcome::Finished(Box::new(Finished { goal, session: cookie })))
    }

    async fn view(&self, cx: &Cx, turn: Turn, step: Step, facts: &Facts) -> Result<View, Error> {
        let state = turn.state;
        let application = match state.application {
            Some(id) => self.application_by_id(cx.tenant_id(), id).await?,
            None => None,
        };
        let person = match state.user {
            Some(user) => self.store.person(cx.tenant_id(), user).await?,
            None => None,
        };
        let stored = match (&step, state.user) {
            (
                Step::OfferPasskey { .. }
                | Step::ProvePasskey { .. }
                | Step::ProvePassword { .. }
                | Step::ProveCode { .. }
                | Step::SecondFactor { .. },
                Some(user),
            ) => self.store.passkeys(cx.tenant_id(), user).await?,
            _ => Vec::new(),
        };
        let passkey = self.passkey_options(cx, &state, &step, facts, person.as_ref(), &stored).await?;
        let masked = match &step {
            Step::ProveCode { .. } => self.masked_mailbox(cx, &state).await?,
            _ => None,
        };
        let code = match (&step, state.code_challenge) {
            (Step::ProveCode { .. }, Some(id)) => self.store.code_challenge(cx.tenant_id(), id).await?.map(|row| CodeView {
                address: masked.or_else(|| self.code_address(&state, person.as_ref()).map(|i| i.value)).unwrap_or(row.address),
                resend_at: row.created_at.plus_seconds(cx.policy().code.resend_after_seconds),
                expires_at: row.expires_at,
                confirmed: row.confirmed_at.is_some() && row.used_at.is_none(),
            }),
            _ => None,
        };
        let second_factor = self.second_factor_view(cx, &state, &step).await?;
        // A flow that stays here has a name already.
        let flow = if state.process.is_some() { String::new() } else { self.seal_flow(cx, &state).await? };
        Ok(View {
            flow,
            passkey_elsewhere: facts.passkey_elsewhere,
            state,
            step,
            problem: turn.problem,
            application,
            passkey,
            person,
            code,
            passkeys: stored,
            session: turn.cookie,
            second_factor,
        })
    }

    /// The answer to an application whose flow cannot go on (a blocked account, a context that cannot be reached).
    pub fn blocked_answer(
        &self,
        cx: &Cx,
        request: &AuthorizationRequest,
        reason: BlockReason,
    ) -> crate::oauth::authorize::Answer {
        use doorward_protocol::oauth::error::OAuthErrorCode as Code;
        let code =
            if reason == BlockReason::UnmetAuthentication { Code::UnmetAuthenticationRequirements } else { Code::AccessDenied };
        crate::oauth::authorize::Answer::error(cx, request, code, reason.as_str())
    }
}

/// The state after an answer, with what the answer brought about.
pub(crate) struct Turn {
    pub(crate) state: SignIn,
    pub(crate) problem: Option<Problem>,
    pub(crate) session: Option<SessionRow>,
    pub(crate) cookie: Option<SessionCookie>,
}

impl Turn {
    pub(crate) fn of(state: SignIn) -> Self {
        Self { state, problem: None, session: None, cookie: None }
    }

    pub(crate) fn problem(state: SignIn, problem: Problem) -> Self {
        Self { state, problem: Some(problem), session: None, cookie: None }
    }
}

/// What a code is for on a step, if the step asks for one.
pub(crate) fn code_purpose(step: &Step) -> Option<CodePurpose> {
    match step {
        Step::ProveCode { purpose, .. } => Some(*purpose),
        _ => None,
    }
}

/// The id under which failures on an identifier are counted: the user's, or a digest when nobody has it.
pub(crate) fn guess_subject(
    service: &Service,
    cx: &Cx,
    user: Option<doorward_protocol::ids::UserId>,
    identifier: &Identifier,
) -> String {
    match user {
        Some(user) => user.to_string(),
        None => {
            let digest = service.secrets.digest("guess subject", &[cx.tenant_id().0.as_bytes(), identifier.normal.as_bytes()]);
            Uuid::from_slice(digest.get(..16).unwrap_or_default()).unwrap_or_default().to_string()
        }
    }
}
