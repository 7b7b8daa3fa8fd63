//! Whether a code is a second factor of a user. A guess is counted before it is looked at, so that no number of requests at once
//! gets more guesses than there are.

use super::FactorError;
use super::recovery::normal;
use super::totp::matching_step;
use crate::audit::{Event, count_failure};
use crate::boxed;
use crate::mail::Letter;
use crate::secrets::same;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::session::{Method, Proof};
use doorward_store::engine::{Batch, Statement};
use doorward_store::factors;
use doorward_store::short_lived::clear_failures;

/// Seconds in which wrong codes are counted.
const WINDOW_SECONDS: i64 = 900;

/// What a code may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorKind {
    /// A one-time password or a recovery code, as it looks.
    Any,
    /// A one-time password.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

/// A code that is right: the proof, and what must be committed with whatever it is accepted for. Until then it was not used.
pub struct GoodFactor {
    /// The proof.
    pub proof: Proof,
    /// What accepting it changes.
    pub effects: Vec<Statement>,
}

fn bucket(user: UserId) -> String {
    format!("second_factor:{user}")
}

impl Service {
    /// Checks a second factor. Every surface goes through here.
    ///
    /// # Errors
    /// [`FactorError::WrongCode`], [`FactorError::UsedCode`], [`FactorError::Locked`], or a fault.
    #[boxed]
    pub async fn check_factor(&self, cx: &Cx, user: UserId, code: &str, kind: FactorKind) -> Result<GoodFactor, FactorError> {
        self.count_guess(cx, user).await?;
        match self.find_factor(cx, user, code, kind).await {
            Ok(mut good) => {
                good.effects.push(clear_failures(cx.tenant_id(), &bucket(user)));
                Ok(good)
            }
            Err(refused) => {
                // A code by mail that is wrong has that name among the counters.
                let (cause, counted) = match &refused {
                    FactorError::UsedCode => ("used_code", "used_second_factor"),
                    FactorError::WrongCode => ("wrong_code", "wrong_second_factor"),
                    _ => return Err(refused),
                };
                let event = Event::new("second_factor.refused").user(user).with("cause", cause);
                self.store.commit(Batch::new().with(event.statement(cx)).with(count_failure(cx, counted))).await?;
                Err(refused)
            }
        }
    }

    /// Checks a second factor and uses it up, where it is asked for outside of a sign-in.
    ///
    /// # Errors
    /// As [`Service::check_factor`].
    #[boxed]
    pub async fn verify_factor(&self, cx: &Cx, user: UserId, code: &str, kind: FactorKind) -> Result<Method, FactorError> {
        let good = self.check_factor(cx, user, code, kind).await?;
        let mut batch = Batch::new();
        for one in good.effects {
            batch.push(one);
        }
        batch.push(Event::new("second_factor.verified").user(user).with("method", good.proof.method.as_str()).statement(cx));
        self.store.commit(batch).await?;
        Ok(good.proof.method)
    }

    /// Counts a guess; refused when there were too many in the window.
    pub(super) async fn count_guess(&self, cx: &Cx, user: UserId) -> Result<(), FactorError> {
        let (tenant, bucket) = (cx.tenant_id(), bucket(user));
        let ends = cx.now.plus_seconds(WINDOW_SECONDS);
        let rows = self.store.commit(Batch::new().with(factors::count_attempt(tenant, &bucket, cx.now, ends))).await?;
        let guesses = match rows.first().and_then(|rows| rows.first()) {
            Some(row) => row.int("failures")?,
            None => return Err(Error::internal("a count without a row").into()),
        };
        if guesses <= cx.policy().second_factor.attempts.max(1) {
            return Ok(());
        }
        let (_, until) = self.store.failures(tenant, &bucket, cx.now).await?;
        let event = Event::new("second_factor.refused").user(user).with("cause", "locked_out");
        self.store.commit(Batch::new().with(event.statement(cx)).with(count_failure(cx, "locked_out"))).await?;
        Err(FactorError::Locked { wait: until.seconds_since(cx.now).max(1).unsigned_abs() })
    }

    pub(super) fn forget_guesses(&self, cx: &Cx, user: UserId) -> Statement {
        clear_failures(cx.tenant_id(), &bucket(user))
    }

    async fn find_factor(&self, cx: &Cx, user: UserId, code: &str, kind: FactorKind) -> Result<GoodFactor, FactorError> {
        let digits = tidy(code);
        if kind != FactorKind::RecoveryCode {
            let mut used = false;
            for row in self.store.totp(cx.tenant_id(), user).await?.iter().filter(|row| row.confirmed_at.is_some()) {
                let secret = self.open_totp_secret(row)?;
                match matching_step(&secret, row, &digits, cx.now) {
                    Some(step) if step > row.last_step => {
                        let effects = vec![factors::use_totp(cx.tenant_id(), row.id, step, cx.now)];
                        return Ok(GoodFactor { proof: proof(cx, Method::Totp), effects });
                    }
                    Some(_) => used = true,
                    None => {}
                }
            }
            if used {
                return Err(FactorError::UsedCode);
            }
        }
        if kind == FactorKind::Totp {
            return Err(FactorError::WrongCode);
        }
        let wanted = self.recovery_digest(user, &normal(code));
        let rows = self.store.recovery_codes(cx.tenant_id(), user).await?;
        let Some(found) = rows.iter().find(|row| same(&row.code_hash, &wanted)) else { return Err(FactorError::WrongCode) };
        if found.used_at.is_some() {
            return Err(FactorError::UsedCode);
        }
        let left = rows.iter().filter(|row| row.used_at.is_none()).count().saturating_sub(1);
        let mut effects = vec![
            factors::use_recovery_code(cx.tenant_id(), found.id, cx.now),
            Event::new("recovery_code.used").user(user).with("left", left).statement(cx),
        ];
        effects.extend(self.factor_notice(cx, user, &Letter::RecoveryCodeUsed { left }).await?);
        Ok(GoodFactor { proof: proof(cx, Method::RecoveryCode), effects })
    }

    /// A notice to the owner of the account, at the primary address if that is proven.
    pub(super) async fn factor_notice(&self, cx: &Cx, user: UserId, letter: &Letter) -> Result<Option<Statement>, Error> {
        let Some(person) = self.store.person(cx.tenant_id(), user).await? else { return Ok(None) };
        let Some(email) = person.email().filter(|e| e.verified_at.is_some()) else { return Ok(None) };
        let locale = crate::signin::code::locale_of(cx, Some(&person));
        self.post_to(cx, &email.value, &locale, letter).map(Some)
    }
}

/// Digits as people type them: apps show a gap in the middle.
pub(super) fn tidy(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}
