//! The password step.

use super::{Problem, Turn, guess_subject};
use crate::audit::{Event, count_failure};
use crate::password::check_for;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::session::Method;
use doorward_protocol::signin::{Purpose, SignIn, Step, next};
use doorward_store::account;
use doorward_store::engine::{Batch, Statement};
use doorward_store::sessions::SessionRow;
use doorward_store::users::{self, PasswordRow};

impl Service {
    pub(crate) async fn take_password(
        &self,
        cx: &Cx,
        state: SignIn,
        password: &str,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        if !cx.policy().password.enabled {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        }
        let (user, subject) = match (state.purpose, state.user, &state.identifier) {
            (Purpose::StepUp, Some(user), _) => (Some(user), user.to_string()),
            (_, _, Some(identifier)) => {
                let user = self.store.identifier(cx.tenant_id(), identifier).await?.map(|row| row.user_id);
                (user, guess_subject(self, cx, user, identifier))
            }
            _ => return Ok(Turn::problem(state, Problem::OutOfTurn)),
        };
        let guessing = match self.may_guess(cx, user, &subject).await? {
            Ok(guessing) => guessing,
            Err(wait) => {
                let event = Event::new("sign_in.refused")
                    .user(user)
                    .application(state.application)
                    .with("method", "password")
                    .with("cause", "locked_out");
                let counted = count_failure(cx, "locked_out");
                self.store.commit(Batch::new().with(event.statement(cx)).with(counted)).await?;
                return Ok(Turn::problem(state, Problem::Locked { wait }));
            }
        };
        let stored = match user {
            Some(user) => self.store.password(cx.tenant_id(), user).await?,
            None => None,
        };
        let right = self.verify_password(password, stored.as_ref().map(|row| row.hash.as_str())).await?;
        match (right, user) {
            (true, Some(user)) => {
                let mut effects = vec![self.guess_succeeded(cx, &guessing)];
                effects.extend(self.renewal(cx, password, stored.as_ref()).await?);
                self.prove(cx, state, user, proof(cx, Method::Password), session, effects).await
            }
            _ => {
                let mut batch = Batch::new();
                for one in self.guess_failed(cx, &guessing) {
                    batch.push(one);
                }
                let cause = if user.is_none() {
                    "no_account"
                } else if stored.is_none() {
                    "no_password"
                } else {
                    "wrong_password"
                };
                batch.push(
                    Event::new("sign_in.failed")
                        .user(user)
                        .application(state.application)
                        .with("method", "password")
                        .with("cause", cause)
                        .statement(cx),
                );
                batch.push(count_failure(cx, cause));
                self.store.commit(batch).await?;
                Ok(Turn::problem(state, Problem::WrongPassword))
            }
        }
    }

    /// A new password in the place of one that must be changed, or that may be forgotten. Whoever else was signed in to the account
    /// is signed out. Where it must be changed, the session opens with it: until then there was a proof, but nothing to go on with.
    pub(crate) async fn take_new_password(
        &self,
        cx: &Cx,
        mut state: SignIn,
        password: &str,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let facts = self.facts(cx, &state).await?;
        let step = next(&state, cx.policy(), &facts, cx.now);
        let asked = matches!(step, Step::ChangePassword(_) | Step::ReplacePassword);
        let (true, Some(user), Some(last)) = (asked, state.user, state.proofs.last().cloned()) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        let Some(person) = self.store.person(cx.tenant_id(), user).await? else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        if let Err(problem) = check_for(cx, &person, password) {
            return Ok(Turn::problem(state, Problem::Password(problem)));
        }
        if step == Step::ReplacePassword {
            let Some(session) = session.filter(|session| session.user_id == user && state.session == Some(session.id)) else {
                return Ok(Turn::problem(state, Problem::OutOfTurn));
            };
            let event = Event::new("password.changed").user(user).application(state.application).with("purpose", "recover");
            let mut batch = Batch::new().with(account::lock(cx.tenant_id(), user));
            for one in self.password_renewal(cx, &person, password, event, Some(session.id)).await? {
                batch.push(one);
            }
            self.store.commit(batch).await?;
            state.password_settled = true;
            return Ok(Turn::of(state));
        }
        let stored = self.store.password(cx.tenant_id(), user).await?;
        if self.verify_password(password, stored.as_ref().map(|row| row.hash.as_str())).await? {
            return Ok(Turn::problem(state, Problem::SamePassword));
        }
        let event = Event::new("password.changed").user(user).application(state.application).with("purpose", "must_change");
        let effects = self.password_renewal(cx, &person, password, event, None).await?;
        state.password_renewed = true;
        // What was open before ends with the old password, this browser's session too.
        let other = session.filter(|session| session.user_id != user);
        let mut turn = self.prove(cx, state, user, last, other, effects).await?;
        turn.state.password_renewed = false;
        Ok(turn)
    }

    /// What puts our own hash in the place of one that was made elsewhere, after a password that fits.
    pub(crate) async fn renewal(&self, cx: &Cx, password: &str, stored: Option<&PasswordRow>) -> Result<Vec<Statement>, Error> {
        let Some(stored) = stored else { return Ok(Vec::new()) };
        let Some(hash) = self.renewed_hash(password, &stored.hash).await? else { return Ok(Vec::new()) };
        Ok(vec![
            users::renew_hash(cx.tenant_id(), stored.user_id, &stored.hash, &hash),
            Event::new("password.hash_renewed").user(stored.user_id).statement(cx),
        ])
    }
}
