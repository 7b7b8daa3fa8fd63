//! The password: set, changed, removed. Whoever had the old one may hold sessions and tokens, so they end with it.

use super::{AccountError, allowed, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::password::check_for;
use crate::{Cx, Service};
use doorward_protocol::session::{Method, Proof, is_fresh};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use doorward_store::{account, users};

/// What the password page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordState {
    /// When it was set, if there is one.
    pub changed_at: Option<Timestamp>,
    /// Whether the person could sign in without it.
    pub removable: bool,
    /// Whether the old one must be typed to change it.
    pub asks_current: bool,
}

impl Service {
    /// Whether there is a password, and whether it can go.
    ///
    /// # Errors
    /// [`AccountError::PasswordsOff`] where the tenant has none.
    #[boxed]
    pub async fn password_state(&self, cx: &Cx, session: &SessionRow) -> Result<PasswordState, AccountError> {
        if !cx.policy().password.enabled {
            return Err(AccountError::PasswordsOff);
        }
        let stored = self.store.password(cx.tenant_id(), session.user_id).await?;
        let allowed = allowed(cx);
        let person = self.account(cx, session).await?;
        let removable = (allowed.code && person.identifiers.iter().any(|i| i.kind == "email" && i.verified_at.is_some()))
            || (allowed.passkey && !self.my_passkeys(cx, session).await?.is_empty());
        let asks_current = stored.is_some() && !self.proved_mailbox(cx, session);
        Ok(PasswordState { changed_at: stored.map(|row| row.changed_at), removable, asks_current })
    }

    /// Whether a code or link from the person's mailbox was proven in this session just now: who forgot the password comes this way,
    /// and may set a new one.
    fn proved_mailbox(&self, cx: &Cx, session: &SessionRow) -> bool {
        let by_mail: Vec<Proof> = session.proofs.0.iter().filter(|proof| proof.method == Method::EmailCode).cloned().collect();
        is_fresh(&by_mail, &cx.policy().session, cx.now)
    }

    /// Sets a password, or changes the one there is, which must be typed too, unless the mailbox was proven just now.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn change_password(
        &self,
        cx: &Cx,
        session: &SessionRow,
        current: Option<&str>,
        new: &str,
    ) -> Result<(), AccountError> {
        if !cx.policy().password.enabled {
            return Err(AccountError::PasswordsOff);
        }
        self.must_be_fresh(cx, session)?;
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let person = self.account(cx, session).await?;
        check_for(cx, &person, new).map_err(AccountError::Password)?;
        let stored = self.store.password(tenant, user).await?;
        let mut batch = Batch::new().with(account::lock(tenant, user));
        if let Some(stored) = stored.as_ref().filter(|_| !self.proved_mailbox(cx, session)) {
            let guessing = match self.may_guess(cx, Some(user), &user.to_string()).await? {
                Ok(guessing) => guessing,
                Err(wait) => return Err(AccountError::Locked { wait }),
            };
            if !self.verify_password(current.unwrap_or_default(), Some(&stored.hash)).await? {
                let mut failed = Batch::new();
                push_all(&mut failed, self.guess_failed(cx, &guessing));
                let event = Event::new("password.refused").user(user).with("cause", "wrong_password");
                self.store.commit(failed.with(event.statement(cx))).await?;
                return Err(AccountError::WrongPassword);
            }
            batch.push(self.guess_succeeded(cx, &guessing));
        }
        let event = Event::new("password.changed").user(user).with("first", stored.is_none());
        push_all(&mut batch, self.password_renewal(cx, &person, new, event, Some(session.id)).await?);
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Removes the password, unless it is the last way to sign in.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn remove_password(&self, cx: &Cx, session: &SessionRow) -> Result<(), AccountError> {
        if !cx.policy().password.enabled {
            return Err(AccountError::PasswordsOff);
        }
        self.must_be_fresh(cx, session)?;
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let person = self.account(cx, session).await?;
        if self.store.password(tenant, user).await?.is_none() {
            return Err(AccountError::NotFound("password"));
        }
        let mut batch = Batch::new()
            .with(account::lock(tenant, user))
            .with(users::delete_password(tenant, user))
            .with(account::keeps_sign_in_method(tenant, user, allowed(cx)))
            .with(Event::new("password.deleted").user(user).statement(cx));
        push_all(&mut batch, self.end_all_but(cx, user, Some(session.id), "password_changed").await?);
        push_all(&mut batch, self.notice(cx, &person, &Letter::PasswordChanged)?);
        self.store.commit(batch).await?;
        Ok(())
    }
}
