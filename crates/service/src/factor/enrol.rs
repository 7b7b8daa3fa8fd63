//! A generator is set up in two steps: a secret is handed out, and a first code shows that it arrived.

use super::check::tidy;
use super::totp::{NewTotp, TotpEnrolment, matching_step, new_secret};
use super::{Factor, FactorError, MOST, RECOVERY_CODES};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::secrets::new_id;
use crate::signin::create::clean_name;
use crate::{Cx, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::{Batch, Statement};
use doorward_store::factors::{self, TotpRow};
use doorward_store::users::Person;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A generator that is a factor from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The factor.
    pub factor: Factor,
    /// Recovery codes, when there were none: shown once.
    pub recovery_codes: Vec<String>,
}

/// What confirming changes; to be committed.
pub(crate) struct Confirming {
    pub(crate) confirmed: Confirmed,
    pub(crate) effects: Vec<Statement>,
}

impl Service {
    /// Begins to set up a generator, in the place of one that was begun and not confirmed.
    ///
    /// # Errors
    /// See [`FactorError`].
    pub async fn begin_totp(&self, cx: &Cx, user: UserId, new: NewTotp) -> Result<TotpEnrolment, FactorError> {
        let person = self.store.person(cx.tenant_id(), user).await?.ok_or(FactorError::NotFound)?;
        let row = self.new_totp(cx, user, new).await?;
        let batch = Batch::new().with(factors::delete_pending_totp(cx.tenant_id(), user)).with(row.insert());
        self.store.commit(batch).await?;
        Ok(self.enrolment(&row, &cx.tenant.row.name, account_of(&person))?)
    }

    /// A generator that was begun and waits for its first code.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pending_totp(&self, cx: &Cx, user: UserId, id: Uuid) -> Result<Option<TotpEnrolment>, FactorError> {
        let rows = self.store.totp(cx.tenant_id(), user).await?;
        let Some(row) = rows.iter().find(|row| row.id == id && row.confirmed_at.is_none()) else { return Ok(None) };
        let person = self.store.person(cx.tenant_id(), user).await?.ok_or(FactorError::NotFound)?;
        Ok(Some(self.enrolment(row, &cx.tenant.row.name, account_of(&person))?))
    }

    /// Confirms a generator by its first code.
    ///
    /// # Errors
    /// See [`FactorError`].
    pub async fn confirm_totp(&self, cx: &Cx, actor: &str, user: UserId, id: Uuid, code: &str) -> Result<Confirmed, FactorError> {
        let Confirming { confirmed, effects } = self.confirming_totp(cx, actor, user, id, code).await?;
        let mut batch = Batch::new();
        for one in effects {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        Ok(confirmed)
    }

    /// Sets up a generator in one step, for callers that send the secret and its first code together.
    ///
    /// # Errors
    /// See [`FactorError`].
    #[boxed]
    pub async fn add_totp(&self, cx: &Cx, actor: &str, user: UserId, new: NewTotp, code: &str) -> Result<Confirmed, FactorError> {
        if new.secret.is_none() {
            return Err(FactorError::Invalid("secret"));
        }
        let begun = self.begin_totp(cx, user, new).await?;
        self.confirm_totp(cx, actor, user, begun.id, code).await
    }

    pub(crate) async fn confirming_totp(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        id: Uuid,
        code: &str,
    ) -> Result<Confirming, FactorError> {
        let rows = self.store.totp(cx.tenant_id(), user).await?;
        let row = rows.iter().find(|row| row.id == id && row.confirmed_at.is_none()).ok_or(FactorError::NotFound)?;
        self.count_guess(cx, user).await?;
        let secret = self.open_totp_secret(row)?;
        let Some(step) = matching_step(&secret, row, &tidy(code), cx.now) else {
            let event = Event::new("second_factor.refused").user(user).actor(actor).with("cause", "wrong_first_code");
            self.store.commit(Batch::new().with(event.statement(cx))).await?;
            return Err(FactorError::WrongCode);
        };
        let mut effects = vec![
            factors::confirm_totp(cx.tenant_id(), user, id, step, cx.now),
            self.forget_guesses(cx, user),
            Event::new("second_factor.added").user(user).actor(actor).with("factor", id.to_string()).statement(cx),
        ];
        let have_codes = self.store.recovery_codes(cx.tenant_id(), user).await?.iter().any(|c| c.used_at.is_none());
        let mut recovery_codes = Vec::new();
        if !have_codes {
            let (codes, statements) = self.fresh_recovery_codes(cx, actor, user, RECOVERY_CODES);
            recovery_codes = codes;
            effects.extend(statements);
        }
        effects.extend(self.factor_notice(cx, user, &Letter::FactorAdded { factor: row.name.clone() }).await?);
        let factor = Factor { confirmed: true, last_used_at: Some(cx.now), ..Factor::of(row) };
        Ok(Confirming { confirmed: Confirmed { factor, recovery_codes }, effects })
    }

    /// Removes a factor. With the last one go the recovery codes and the remembered browsers.
    ///
    /// # Errors
    /// [`FactorError::NotFound`] when the user has no such factor.
    #[boxed]
    pub async fn remove_factor(&self, cx: &Cx, actor: &str, user: UserId, id: Uuid) -> Result<(), FactorError> {
        let rows = self.store.totp(cx.tenant_id(), user).await?;
        let row = rows.iter().find(|row| row.id == id).ok_or(FactorError::NotFound)?;
        let last = !rows.iter().any(|other| other.id != id && other.confirmed_at.is_some());
        let mut batch = Batch::new().with(factors::delete_totp(cx.tenant_id(), user, id));
        if row.confirmed_at.is_some() {
            batch.push(factors::forget_browsers(cx.tenant_id(), user));
            if last {
                batch.push(factors::delete_recovery_codes(cx.tenant_id(), user));
            }
            let event = Event::new("second_factor.removed").user(user).actor(actor).with("factor", id.to_string());
            batch.push(event.statement(cx));
            if let Some(letter) = self.factor_notice(cx, user, &Letter::FactorRemoved { factor: row.name.clone() }).await? {
                batch.push(letter);
            }
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Removes every second factor of a user.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn remove_all_factors(&self, cx: &Cx, actor: &str, user: UserId) -> Result<(), FactorError> {
        let rows = self.store.totp(cx.tenant_id(), user).await?;
        let mut batch = Batch::new();
        for one in forget_all(cx, user) {
            batch.push(one);
        }
        let confirmed: Vec<&TotpRow> = rows.iter().filter(|row| row.confirmed_at.is_some()).collect();
        for row in &confirmed {
            let event = Event::new("second_factor.removed").user(user).actor(actor).with("factor", row.id.to_string());
            batch.push(event.statement(cx));
        }
        if let Some(row) = confirmed.first()
            && let Some(letter) = self.factor_notice(cx, user, &Letter::FactorRemoved { factor: row.name.clone() }).await?
        {
            batch.push(letter);
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// The row of a new generator, not confirmed.
    pub(crate) async fn new_totp(&self, cx: &Cx, user: UserId, new: NewTotp) -> Result<TotpRow, FactorError> {
        new.check()?;
        let have = self.store.totp(cx.tenant_id(), user).await?;
        if have.iter().filter(|row| row.confirmed_at.is_some()).count() >= MOST {
            return Err(FactorError::TooMany);
        }
        Ok(self.totp_row(cx, user, new))
    }

    pub(crate) fn totp_row(&self, cx: &Cx, user: UserId, new: NewTotp) -> TotpRow {
        let id = new_id(cx.now);
        let secret = new.secret.map_or_else(new_secret, Zeroizing::new);
        let name: String = new.name.as_deref().map(clean_name).unwrap_or_default().chars().take(64).collect();
        TotpRow {
            id,
            tenant_id: cx.tenant_id(),
            user_id: user,
            name,
            secret: self.seal_totp_secret(id, user, &secret),
            algorithm: new.algorithm.as_str().into(),
            digits: i64::from(new.digits),
            period: i64::try_from(new.period).unwrap_or(30),
            last_step: 0,
            created_at: cx.now,
            confirmed_at: None,
            last_used_at: None,
        }
    }
}

/// The statements that take every second factor of a user away.
pub(crate) fn forget_all(cx: &Cx, user: UserId) -> [Statement; 3] {
    let tenant = cx.tenant_id();
    [factors::delete_all_totp(tenant, user), factors::delete_recovery_codes(tenant, user), factors::forget_browsers(tenant, user)]
}

fn account_of(person: &Person) -> &str {
    person.email().or(person.identifiers.first()).map_or_else(|| person.user.name.as_deref().unwrap_or_default(), |i| &i.value)
}
