//! Sign-in at an API: a program sends what a person typed. The same guards, counters and audit events as on the pages; what comes
//! of it is a proof, and the records of a sign-in without a browser session.

use super::passkey::RefusedPasskey;
use super::{Outcome, guess_subject};
use crate::audit::{Event, count_failure};
use crate::boxed;
use crate::mail::Letter;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::{ApplicationId, SessionId, UserId};
use doorward_protocol::session::{Method, Proof};
use doorward_protocol::signin::{Purpose, ReturnTo, SignIn};
use doorward_store::conditions::ConditionRow;
use doorward_store::directory;
use doorward_store::engine::{Batch, Statement};
use doorward_store::sessions::SessionRow;
use doorward_store::users::{self, Person};

/// What came of a password.
pub enum DirectSignIn {
    /// It is right. `effects` must be committed with whatever it is used for.
    Right {
        /// Who.
        person: Box<Person>,
        /// The proof.
        proof: Proof,
        /// What it changes.
        effects: Vec<Statement>,
    },
    /// It is wrong, or nobody has that identifier: the two are not told apart.
    Wrong,
    /// Too many wrong ones; seconds to wait.
    Locked(u64),
}

/// Why somebody who proved who they are may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is in the way.
    Good,
    /// The account is blocked.
    Blocked,
    /// The account is over.
    Expired,
    /// A sanction keeps the person out.
    Suspended,
    /// The password must be changed first; the reason.
    ChangePassword(String),
}

impl Standing {
    /// Whether what was given to somebody goes on being good; a password that must be changed is asked for at the next sign-in.
    pub fn may_continue(&self) -> bool {
        matches!(self, Self::Good | Self::ChangePassword(_))
    }
}

impl Service {
    /// Checks a password for whoever has one of these identifiers.
    ///
    /// # Errors
    /// When the store fails or too much work waits.
    #[boxed]
    pub async fn check_password_directly(
        &self,
        cx: &Cx,
        identifiers: &[Identifier],
        password: &str,
        application: Option<ApplicationId>,
    ) -> Result<DirectSignIn, Error> {
        let mut found = None;
        for identifier in identifiers {
            if let Some(row) = self.store.identifier(cx.tenant_id(), identifier).await? {
                found = Some(row.user_id);
                break;
            }
        }
        let subject = match identifiers.first() {
            Some(first) => guess_subject(self, cx, found, first),
            None => String::new(),
        };
        let guessing = match self.may_guess(cx, found, &subject).await? {
            Ok(guessing) => guessing,
            Err(wait) => {
                let event = Event::new("sign_in.refused").user(found).application(application).with("method", "password");
                let batch = Batch::new().with(event.with("cause", "locked_out").statement(cx));
                self.store.commit(batch.with(count_failure(cx, "locked_out"))).await?;
                return Ok(DirectSignIn::Locked(wait));
            }
        };
        let stored = match found {
            Some(user) => self.store.password(cx.tenant_id(), user).await?,
            None => None,
        };
        let right = self.verify_password(password, stored.as_ref().map(|row| row.hash.as_str())).await?;
        if right
            && let Some(user) = found
            && let Some(person) = self.store.person(cx.tenant_id(), user).await?
        {
            let mut effects = vec![self.guess_succeeded(cx, &guessing)];
            effects.extend(self.renewal(cx, password, stored.as_ref()).await?);
            return Ok(DirectSignIn::Right { person: Box::new(person), proof: proof(cx, Method::Password), effects });
        }
        let mut batch = Batch::new();
        for one in self.guess_failed(cx, &guessing) {
            batch.push(one);
        }
        let cause = match (found, stored) {
            (None, _) => "no_account",
            (Some(_), None) => "no_password",
            _ => "wrong_password",
        };
        let event = Event::new("sign_in.failed").user(found).application(application).with("method", "password");
        self.store.commit(batch.with(event.with("cause", cause).statement(cx)).with(count_failure(cx, cause))).await?;
        Ok(DirectSignIn::Wrong)
    }

    /// Proves the address that an id from a mail is about; `false` when it is the account's no more.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn prove_address_by_id(&self, cx: &Cx, user: UserId, address: &str, spend: Statement) -> Result<bool, Error> {
        let Ok(identifier) = Identifier::email(address) else { return Ok(false) };
        let owned = self.store.identifier(cx.tenant_id(), &identifier).await?.is_some_and(|row| row.user_id == user);
        if !owned {
            return Ok(false);
        }
        let batch = Batch::new()
            .with(spend)
            .with(users::verify_identifier(cx.tenant_id(), user, &identifier, cx.now))
            .with(Event::new("address.proven").user(user).with("purpose", "verify_address").statement(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_unique("spent") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down why a passkey was not taken.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn note_refused_passkey(&self, cx: &Cx, refused: &RefusedPasskey) -> Result<(), Error> {
        let event = Event::new("sign_in.failed").user(refused.user).with("method", "passkey").with("cause", refused.cause);
        self.store.commit(Batch::new().with(event.statement(cx)).with(count_failure(cx, refused.cause))).await?;
        Ok(())
    }

    /// Signs somebody in who came by a link that is good once: the same steps as after a code.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn sign_in_by_link(
        &self,
        cx: &Cx,
        user: UserId,
        path: &str,
        effects: Vec<Statement>,
        session: Option<&SessionRow>,
    ) -> Result<Outcome, Error> {
        let return_to = ReturnTo::Path(path.to_owned());
        let state = SignIn::begin(Purpose::SignIn, None, return_to, cx.client.browser.clone(), cx.now);
        let turn = self.prove(cx, state, user, proof(cx, Method::EmailCode), session, effects).await?;
        let session = turn.session.as_ref().or(session).cloned();
        self.settle(cx, turn.state, turn.problem, session.as_ref(), turn.cookie).await
    }

    /// Whether somebody who proved who they are may go on.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn standing(&self, cx: &Cx, person: &Person) -> Result<Standing, Error> {
        let conditions = self.store.conditions(cx.tenant_id(), person.user.id).await?;
        if person.user.status != users::ACTIVE {
            return Ok(Standing::Blocked);
        }
        Ok(match conditions {
            Some(ConditionRow { expires_at: Some(at), .. }) if at <= cx.now => Standing::Expired,
            Some(ConditionRow { suspended_until: Some(until), .. }) if until > cx.now => Standing::Suspended,
            Some(ConditionRow { change_password: Some(reason), .. }) => Standing::ChangePassword(reason),
            _ => Standing::Good,
        })
    }

    /// Sets a new password for somebody who proved that they may: by an id from a mail, or by the old one. Refresh tokens die with
    /// the old password, and `effects` are committed with it.
    ///
    /// # Errors
    /// See [`crate::directory::DirectoryError`].
    #[boxed]
    pub async fn renew_password(
        &self,
        cx: &Cx,
        actor: &str,
        person: &Person,
        plain: &str,
        effects: Vec<Statement>,
    ) -> Result<(), crate::directory::DirectoryError> {
        self.check_new_password(cx, person, plain)?;
        let user = person.user.id;
        let mut batch = Batch::new();
        for effect in effects {
            batch.push(effect);
        }
        for one in self.password_renewal(cx, person, plain, Event::new("password.changed").user(user).actor(actor), None).await? {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// The statements of a new password: it is put in place of the old one, what was open by the old one ends but for the session
    /// in which it was set, and the owner is told.
    pub(crate) async fn password_renewal(
        &self,
        cx: &Cx,
        person: &Person,
        plain: &str,
        event: Event,
        keeping: Option<SessionId>,
    ) -> Result<Vec<Statement>, Error> {
        let user = person.user.id;
        let hash = self.hash_password(plain).await?;
        let row = users::PasswordRow { user_id: user, tenant_id: cx.tenant_id(), hash, changed_at: cx.now };
        let mut out = vec![users::put_password(&row), doorward_store::conditions::password_was_changed(cx.tenant_id(), user)];
        out.extend(self.end_all_but(cx, user, keeping, "password_changed").await?);
        out.push(event.statement(cx));
        if let Some(email) = person.email().filter(|email| email.verified_at.is_some()) {
            let locale = super::code::locale_of(cx, Some(person));
            out.push(self.post_to(cx, &email.value, &locale, &Letter::PasswordChanged)?);
        }
        Ok(out)
    }

    /// The records of a sign-in without a session: the note on the account, the event, the count of the day.
    pub fn sign_in_records(
        &self,
        cx: &Cx,
        user: UserId,
        application: Option<ApplicationId>,
        method: &'static str,
    ) -> Vec<Statement> {
        vec![
            users::note_sign_in(cx.tenant_id(), user, cx.now),
            Event::new("sign_in.succeeded")
                .user(user)
                .application(application)
                .with("method", method)
                .with("purpose", "direct")
                .statement(cx),
            directory::add_rollup(cx.tenant_id(), cx.now.seconds().div_euclid(86_400), &format!("sign_in.{method}"), 1),
        ]
    }

    /// Writes what a refused sign-in changes: a right password still clears its counter.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn refuse_directly(
        &self,
        cx: &Cx,
        user: UserId,
        application: Option<ApplicationId>,
        cause: &'static str,
        effects: Vec<Statement>,
    ) -> Result<(), Error> {
        let mut batch = Batch::new();
        for effect in effects {
            batch.push(effect);
        }
        let event = Event::new("sign_in.refused").user(user).application(application).with("cause", cause);
        self.store.commit(batch.with(event.statement(cx)).with(count_failure(cx, cause))).await?;
        Ok(())
    }
}
