//! The second factor's steps: asked for, set up where it is demanded, and its recovery codes shown once.

use super::{Input, Problem, Turn};
use crate::factor::{FactorError, FactorKind, NewTotp, TotpEnrolment};
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::session::Method;
use doorward_protocol::signin::{SignIn, Step, next, second_factor_is_due};
use doorward_store::engine::{Batch, Statement};
use doorward_store::factors;
use doorward_store::sessions::SessionRow;

/// What a step about the second factor shows.
#[derive(Debug, Clone, Default)]
pub struct SecondFactorView {
    /// What an authenticator app must be told, while one is set up.
    pub enrolment: Option<TotpEnrolment>,
    /// Recovery codes that were just made.
    pub recovery_codes: Vec<String>,
    /// Digits of a one-time password, where all of the person's have the same number; 0 otherwise.
    pub digits: u8,
    /// Days for which this browser may be remembered; 0: it may not.
    pub remember_days: u32,
}

impl Service {
    /// While a second factor or a new password is due, what was proven must not bring about anything: no passkey, no name, no
    /// consent.
    pub(crate) async fn must_wait(&self, cx: &Cx, state: &SignIn, input: &Input) -> Result<bool, Error> {
        let leads_on = match input {
            Input::SecondFactor { .. }
            | Input::BeginFactor
            | Input::ConfirmFactor(_)
            | Input::NewPassword(_)
            | Input::Assertion(_)
            | Input::Choose(_)
            | Input::ChangeAccount
            | Input::ToSignUp
            | Input::ToSignIn
            | Input::ToRecover
            | Input::Deny => true,
            Input::Identify { .. }
            | Input::SignUp { .. }
            | Input::Register { .. }
            | Input::ChangeIdentifier { .. }
            | Input::SendCode
            | Input::Code(_)
            | Input::LinkConfirmed
            | Input::Password(_)
            | Input::Registration { .. }
            | Input::SkipPasskey
            | Input::KeepPassword
            | Input::Profile { .. }
            | Input::KeepAccount
            | Input::Allow
            | Input::RecoveryCodesKept => false,
        };
        if leads_on || !state.is_authenticated() {
            return Ok(false);
        }
        let facts = self.facts(cx, state).await?;
        let new_password = matches!(next(state, cx.policy(), &facts, cx.now), Step::ChangePassword(_));
        Ok(new_password || second_factor_is_due(state, cx.policy(), &facts, cx.now))
    }

    /// Takes a one-time password or a recovery code, if the flow is at that step.
    pub(crate) async fn take_second_factor(
        &self,
        cx: &Cx,
        state: SignIn,
        code: &str,
        remember: bool,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let facts = self.facts(cx, &state).await?;
        let asked = next(&state, cx.policy(), &facts, cx.now);
        let (Step::SecondFactor { .. }, Some(user)) = (asked, state.user) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        match self.check_factor(cx, user, code, FactorKind::Any).await {
            Ok(good) => {
                let mut effects = good.effects;
                if remember {
                    effects.extend(self.remembering(cx, user));
                }
                self.prove(cx, state, user, good.proof, session, effects).await
            }
            Err(error) => Ok(Turn::problem(state, problem(error)?)),
        }
    }

    /// Hands out a secret when the flow comes to the step that sets a second factor up. Only an answer leads here: a page that is
    /// looked at writes nothing.
    pub(crate) async fn arrive_at_enrolment(&self, cx: &Cx, mut state: SignIn) -> Result<SignIn, Error> {
        if state.enrolment.is_some() || !state.is_authenticated() {
            return Ok(state);
        }
        let facts = self.facts(cx, &state).await?;
        if next(&state, cx.policy(), &facts, cx.now) != Step::EnrolSecondFactor {
            return Ok(state);
        }
        let Some(user) = state.user else { return Ok(state) };
        let row = self.totp_row(cx, user, NewTotp::default());
        let batch = Batch::new().with(factors::delete_pending_totp(cx.tenant_id(), user)).with(row.insert());
        self.store.commit(batch).await?;
        state.enrolment = Some(row.id);
        Ok(state)
    }

    /// Takes the first code of the second factor that is being set up: it becomes one, and is given at once.
    pub(crate) async fn take_first_code(
        &self,
        cx: &Cx,
        mut state: SignIn,
        code: &str,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let facts = self.facts(cx, &state).await?;
        let asked = next(&state, cx.policy(), &facts, cx.now);
        let (Step::EnrolSecondFactor, Some(user), Some(id)) = (asked, state.user, state.enrolment) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        match self.confirming_totp(cx, "user", user, id, code).await {
            Ok(done) => {
                let before = state.clone();
                state.enrolment = None;
                state.recovery_codes = done.confirmed.recovery_codes;
                let turn = self.prove(cx, state, user, proof(cx, Method::Totp), session, done.effects).await?;
                // Codes that were not kept are not shown.
                Ok(if turn.problem.is_some() { Turn { state: before, ..turn } } else { turn })
            }
            Err(FactorError::NotFound) => {
                // Begun again in another tab.
                state.enrolment = None;
                Ok(Turn::problem(self.arrive_at_enrolment(cx, state).await?, Problem::OutOfTurn))
            }
            Err(error) => Ok(Turn::problem(state, problem(error)?)),
        }
    }

    pub(crate) async fn second_factor_view(
        &self,
        cx: &Cx,
        state: &SignIn,
        step: &Step,
    ) -> Result<Option<SecondFactorView>, Error> {
        let days = if cx.client.browser.is_empty() { 0 } else { cx.policy().second_factor.remember_days };
        match step {
            Step::SecondFactor { .. } => {
                let factors = match state.user {
                    Some(user) => self.list_factors(cx, user).await?,
                    None => Default::default(),
                };
                let mut lengths = factors.totp.iter().filter(|f| f.confirmed).map(|f| f.digits);
                let first = lengths.next().unwrap_or(0);
                let digits = if lengths.all(|other| other == first) { first } else { 0 };
                Ok(Some(SecondFactorView { remember_days: days, digits, ..Default::default() }))
            }
            Step::ShowRecoveryCodes => {
                Ok(Some(SecondFactorView { recovery_codes: state.recovery_codes.clone(), ..Default::default() }))
            }
            Step::EnrolSecondFactor => {
                let enrolment = match (state.user, state.enrolment) {
                    (Some(user), Some(id)) => match self.pending_totp(cx, user, id).await {
                        Ok(pending) => pending,
                        Err(FactorError::Fault(error)) => return Err(error),
                        Err(_) => None,
                    },
                    _ => None,
                };
                Ok(Some(SecondFactorView { enrolment, ..Default::default() }))
            }
            _ => Ok(None),
        }
    }

    /// Whoever proves an address that the account never proved is not asked for a second factor that a stranger set up.
    pub(crate) fn unclaimed_factors(&self, cx: &Cx, user: doorward_protocol::ids::UserId) -> Vec<Statement> {
        crate::factor::enrol::forget_all(cx, user).into()
    }
}

fn problem(error: FactorError) -> Result<Problem, Error> {
    Ok(match error {
        FactorError::WrongCode
        | FactorError::Invalid(_)
        | FactorError::NotFound
        | FactorError::TooMany
        | FactorError::Administrator(_) => Problem::WrongSecondFactor,
        FactorError::UsedCode => Problem::SecondFactorUsed,
        FactorError::Locked { wait } => Problem::Locked { wait },
        FactorError::Fault(error) => return Err(error),
    })
}
