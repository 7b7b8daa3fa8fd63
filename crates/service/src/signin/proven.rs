//! What happens when somebody has proven who they are, by whatever method: one transaction with the spent proof, the session,
//! the note on the account and the audit event.

use super::{Problem, Turn};
use crate::audit::{Event, count_failure};
use crate::mail::Letter;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::session::{Method, Proof};
use doorward_protocol::signin::{BlockReason, CodePurpose, Purpose, SignIn, Step, next, second_factor_is_due};
use doorward_store::directory;
use doorward_store::engine::{Batch, Statement, StoreError};
use doorward_store::sessions::SessionRow;
use doorward_store::{factors, users};

impl Service {
    /// Accepts a proof. `effects` are what the proof spends and changes; they are committed together with the session.
    pub(crate) async fn prove(
        &self,
        cx: &Cx,
        mut state: SignIn,
        user: UserId,
        proof: Proof,
        session: Option<&SessionRow>,
        effects: Vec<Statement>,
    ) -> Result<Turn, Error> {
        if state.purpose == Purpose::StepUp && state.user.is_some_and(|expected| expected != user) {
            self.store
                .commit(Batch::new().with(Event::new("step_up.refused").user(user).with("cause", "other_user").statement(cx)))
                .await?;
            return Ok(Turn::problem(state, Problem::OtherUser));
        }
        let method = proof.method;
        if state.user != Some(user) {
            state.proofs.clear();
            // An address that was proven before was somebody else's.
            if method != Method::EmailCode {
                state.proven_address = None;
            }
        }
        state.user = Some(user);
        state.proofs.retain(|p| p.method != method);
        state.proofs.push(proof.clone());
        state.code_challenge = None;

        let facts = self.facts(cx, &state).await?;
        let step = next(&state, cx.policy(), &facts, cx.now);
        let mut batch = Batch::new();
        for effect in effects {
            batch.push(effect);
        }
        let application = state.application;
        // A session stands on everything that was proven in this flow; an event names what the sign-in began with.
        let given: Vec<Proof> = state.proofs.iter().filter(|p| p.at >= state.started_at).cloned().collect();
        let first = given.iter().find(|p| !p.method.is_second_factor()).map_or(method, |p| p.method);
        let event = |name| {
            let event = Event::new(name).user(user).application(application).with("method", first.as_str());
            if method.is_second_factor() { event.with("second_factor", method.as_str()) } else { event }
        };
        // Until an address that must be proven is proven, and for whoever may not sign in, there is a proof but no session.
        let (mut row, mut cookie) = (None, None);
        match step {
            Step::Blocked(BlockReason::AccountBlocked) => {
                batch.push(event("sign_in.refused").with("cause", "account_blocked").statement(cx));
                batch.push(count_failure(cx, "account_blocked"));
            }
            Step::ProveCode { purpose: CodePurpose::VerifyAddress, .. } => {
                batch.push(event("sign_in.waits").with("for", "verify_address").statement(cx))
            }
            Step::ChangePassword(_) => batch.push(event("sign_in.waits").with("for", "change_password").statement(cx)),
            _ if second_factor_is_due(&state, cx.policy(), &facts, cx.now) => {
                batch.push(event("sign_in.waits").with("for", "second_factor").statement(cx))
            }
            _ => {
                let opened = self.open_session_on(cx, session, user, &given);
                for one in opened.statements {
                    batch.push(one);
                }
                batch.push(users::note_sign_in(cx.tenant_id(), user, cx.now));
                batch.push(
                    event("sign_in.succeeded")
                        .with("session", opened.row.id.to_string())
                        .with("purpose", purpose_word(state.purpose))
                        .statement(cx),
                );
                if state.purpose == Purpose::Recover {
                    batch.push(event("account.recovered").statement(cx));
                }
                batch.push(directory::add_rollup(
                    cx.tenant_id(),
                    cx.now.seconds().div_euclid(86_400),
                    &format!("sign_in.{}", first.as_str()),
                    1,
                ));
                for notice in self.notices(cx, &state, user, opened.is_new).await? {
                    batch.push(notice);
                }
                state.session = Some(opened.row.id);
                row = Some(opened.row);
                cookie = Some(opened.cookie);
            }
        }
        match self.store.commit(batch).await {
            Ok(_) => {
                metrics::counter!("doorward_sign_ins_total", "method" => first.as_str()).increment(1);
                Ok(Turn { state, problem: None, session: row, cookie })
            }
            Err(error) => self.lost_race(cx, state, user, error).await,
        }
    }

    /// Something else was quicker: the same proof sent twice, a passkey deleted, an account blocked meanwhile.
    async fn lost_race(&self, cx: &Cx, mut state: SignIn, user: UserId, error: StoreError) -> Result<Turn, Error> {
        let (problem, cause) = if error.is_unique("spent") {
            (Problem::PasskeyStale, "challenge_replayed")
        } else if error.is_guard("code.used") {
            (Problem::CodeDead, "code_used")
        } else if error.is_guard(factors::REPLAYED) || error.is_guard(factors::CODE_USED) || error.is_guard(factors::NOT_PENDING)
        {
            (Problem::SecondFactorUsed, "second_factor_used")
        } else if error.is_guard("passkey.gone") {
            (Problem::PasskeyRefused { cause: "passkey_gone" }, "passkey_gone")
        } else if error.is_guard("user.not_active") {
            (Problem::OutOfTurn, "account_blocked")
        } else if error.is_guard("session.ended") {
            (Problem::OutOfTurn, "session_ended")
        } else {
            return Err(error.into());
        };
        self.store
            .commit(
                Batch::new().with(
                    Event::new("sign_in.refused").user(user).application(state.application).with("cause", cause).statement(cx),
                ),
            )
            .await?;
        state.proofs.clear();
        state.password_renewed = false;
        state.session = None;
        if state.purpose != Purpose::StepUp {
            state.user = None;
        }
        Ok(Turn::problem(state, problem))
    }

    /// Mails that tell the owner of the account.
    async fn notices(&self, cx: &Cx, state: &SignIn, user: UserId, new_session: bool) -> Result<Vec<Statement>, Error> {
        let Some(person) = self.store.person(cx.tenant_id(), user).await? else { return Ok(Vec::new()) };
        let Some(email) = person.email().filter(|e| e.verified_at.is_some() || state.purpose == Purpose::Recover) else {
            return Ok(Vec::new());
        };
        let locale = person.user.profile.0.locale.clone().unwrap_or_else(|| cx.client.locale.clone());
        let device = crate::account::device_name(&cx.client.user_agent);
        let letter = if state.purpose == Purpose::Recover {
            Letter::Recovered { device }
        } else if new_session
            && person.user.sign_in_count > 0
            && !self.store.user_known_at(cx.tenant_id(), user, &cx.client.ip).await?
        {
            Letter::NewSignIn { device }
        } else {
            return Ok(Vec::new());
        };
        Ok(vec![self.post_to(cx, &email.value, &locale, &letter)?])
    }
}

fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SignIn => "sign_in",
        Purpose::SignUp => "sign_up",
        Purpose::StepUp => "step_up",
        Purpose::Recover => "recover",
    }
}
