//! E-mail addresses: added, proven, made the primary one, removed.
//!
//! A new address belongs to the account only after its code came back. Until then it is a code that waits, not a row of the
//! account: an address that nobody proved would sign its real owner in to this account, and keep them from making their own.
//! For the same reason the mail carries a code and no link: the code has to be typed where the owner of the account is signed in.

use super::{AccountError, allowed, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::secrets::new_id;
use crate::signin::Problem;
use crate::signin::code::{NewCode, as_identifier, locale_of};
use crate::{Cx, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::IdentifierId;
use doorward_protocol::signin::CodePurpose;
use doorward_protocol::time::Timestamp;
use doorward_store::account;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::sessions::SessionRow;
use doorward_store::short_lived::{self, CodeChallengeRow};
use doorward_store::users::{self, IdentifierRow, Person};
use uuid::Uuid;

/// Most identifiers of one account.
const MOST_IDENTIFIERS: usize = 20;
/// Most codes that one account may have sent to addresses in an hour.
const MOST_CODES_PER_HOUR: i64 = 20;

/// An address whose code is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEmail {
    /// Names the code; worth nothing without the session of its owner.
    pub id: Uuid,
    /// The address.
    pub address: String,
    /// When another code may be asked for.
    pub resend_at: Timestamp,
    /// When this one ends.
    pub expires_at: Timestamp,
}

impl Service {
    /// Sends a code to a new address.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn add_email(&self, cx: &Cx, session: &SessionRow, typed: &str) -> Result<PendingEmail, AccountError> {
        self.must_be_fresh(cx, session)?;
        let email = Identifier::email(typed).map_err(AccountError::Email)?;
        let person = self.account(cx, session).await?;
        if person.identifiers.len() >= MOST_IDENTIFIERS {
            return Err(AccountError::Invalid("email"));
        }
        let owner = self.store.identifier(cx.tenant_id(), &email).await?;
        match owner {
            Some(row) if row.user_id == session.user_id && row.verified_at.is_some() => return Err(AccountError::EmailTaken),
            // Where accounts are not revealed, somebody else's address gets a code like any other: whoever can read it learns
            // nothing that they may not know.
            Some(row) if row.user_id != session.user_id && cx.policy().reveal_accounts => return Err(AccountError::EmailTaken),
            _ => {}
        }
        self.send_email_code(cx, &person, email).await
    }

    /// Sends a code to an address of the account that is not proven yet.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn verify_email(&self, cx: &Cx, session: &SessionRow, id: IdentifierId) -> Result<PendingEmail, AccountError> {
        self.must_be_fresh(cx, session)?;
        let person = self.account(cx, session).await?;
        let row = email_of(&person, id)?;
        if row.verified_at.is_some() {
            return Err(AccountError::NotFound("unverified address"));
        }
        self.send_email_code(cx, &person, as_identifier(row)).await
    }

    /// Sends another code, not too soon after the last.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn resend_email_code(&self, cx: &Cx, session: &SessionRow, id: Uuid) -> Result<PendingEmail, AccountError> {
        self.must_be_fresh(cx, session)?;
        let row = self.email_code(cx, session, id).await?;
        let wait = row.created_at.plus_seconds(cx.policy().code.resend_after_seconds).seconds_since(cx.now);
        if wait > 0 {
            return Err(AccountError::Refused(Problem::CodeTooSoon { wait }));
        }
        let email = Identifier::email(&row.address).map_err(AccountError::Email)?;
        let person = self.account(cx, session).await?;
        self.send_email_code(cx, &person, email).await
    }

    /// The code that an address waits for, for the page that asks for it.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when there is none of this person's, or it was used.
    #[boxed]
    pub async fn pending_email(&self, cx: &Cx, session: &SessionRow, id: Uuid) -> Result<PendingEmail, AccountError> {
        Ok(pending(cx, &self.email_code(cx, session, id).await?))
    }

    /// Takes the code: the address is proven, and the account's.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn prove_email(&self, cx: &Cx, session: &SessionRow, id: Uuid, typed: &str) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let row = self.email_code(cx, session, id).await?;
        if let Err(problem) = self.check_code(cx, &row, typed).await? {
            return Err(AccountError::Refused(problem));
        }
        let tenant = cx.tenant_id();
        let person = self.account(cx, session).await?;
        let user = person.user.id;
        let email = Identifier::email(&row.address).map_err(AccountError::Email)?;
        let mut batch = Batch::new().with(account::lock(tenant, user)).with(short_lived::use_code(tenant, row.id, cx.now));
        let first = person.email().is_none();
        match person.identifiers.iter().find(|i| i.kind == IdentifierKind::Email.as_str() && i.normal == email.normal) {
            Some(known) => batch.push(account::verify_email(tenant, user, known.id, cx.now)),
            None => {
                let new = IdentifierRow {
                    id: IdentifierId(new_id(cx.now)),
                    tenant_id: tenant,
                    user_id: user,
                    kind: IdentifierKind::Email.as_str().to_owned(),
                    value: email.value,
                    normal: email.normal,
                    verified_at: Some(cx.now),
                    is_primary: first,
                    created_at: cx.now,
                };
                batch.push(new.insert());
                batch.push(Event::new("identifier.added").user(user).with("kind", "email").statement(cx));
            }
        }
        batch.push(Event::new("address.proven").user(user).with("purpose", row.purpose.as_str()).statement(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            // The mailbox is theirs, so they may know that an account has it.
            Err(error) if error.is_unique("identifier") => Err(AccountError::EmailTaken),
            Err(error) if error.is_guard("code.used") => Err(AccountError::Refused(Problem::CodeDead)),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a proven address the primary one; the old one is told.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn make_email_primary(&self, cx: &Cx, session: &SessionRow, id: IdentifierId) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let person = self.account(cx, session).await?;
        let row = email_of(&person, id)?;
        if row.verified_at.is_none() {
            return Err(AccountError::EmailUnverified);
        }
        if row.is_primary {
            return Ok(());
        }
        let user = person.user.id;
        let mut batch = Batch::new();
        push_all(&mut batch, users::make_primary(cx.tenant_id(), user, IdentifierKind::Email.as_str(), id));
        let event =
            Event::new("identifier.changed").user(user).with("kind", "email").with("primary", true).with("verified", true);
        batch.push(event.statement(cx));
        push_all(&mut batch, self.notice(cx, &person, &Letter::EmailChanged { new_address: masked(&row.value) })?);
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Removes an address. The primary one stays, and so does the last one that is proven.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn remove_email(&self, cx: &Cx, session: &SessionRow, id: IdentifierId) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let person = self.account(cx, session).await?;
        let row = email_of(&person, id)?;
        if row.is_primary {
            return Err(AccountError::PrimaryEmail);
        }
        let (tenant, user) = (cx.tenant_id(), person.user.id);
        let mut batch = Batch::new()
            .with(account::lock(tenant, user))
            .with(account::remove_email(tenant, user, id))
            .with(Event::new("identifier.removed").user(user).with("kind", "email").statement(cx));
        if row.verified_at.is_some() {
            batch.push(account::keeps_verified_email(tenant, user));
            batch.push(account::keeps_sign_in_method(tenant, user, allowed(cx)));
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    async fn email_code(&self, cx: &Cx, session: &SessionRow, id: Uuid) -> Result<CodeChallengeRow, AccountError> {
        let row = self.store.code_challenge(cx.tenant_id(), id).await?;
        row.filter(|r| {
            r.user_id == Some(session.user_id) && r.purpose == CodePurpose::VerifyAddress.as_str() && r.used_at.is_none()
        })
        .ok_or(AccountError::NotFound("code"))
    }

    async fn send_email_code(&self, cx: &Cx, person: &Person, email: Identifier) -> Result<PendingEmail, AccountError> {
        let user = person.user.id;
        if let Err(wait) = self.count(cx, &format!("address:{user}"), MOST_CODES_PER_HOUR, 3600).await? {
            return Err(AccountError::Locked { wait });
        }
        let theirs = person.identifiers.iter().any(|i| i.kind == email.kind.as_str() && i.normal == email.normal);
        let new = NewCode {
            purpose: CodePurpose::VerifyAddress,
            user: Some(user),
            to: Some(email.clone()),
            about: email,
            taken: false,
            link: theirs,
            locale: locale_of(cx, Some(person)),
        };
        let (row, batch) = match self.new_code(cx, new, None).await? {
            Ok(made) => made,
            Err(wait) => return Err(AccountError::Locked { wait }),
        };
        let event = Event::new("code.sent").user(user).with("purpose", row.purpose.as_str());
        match self.store.commit(batch.with(event.statement(cx))).await {
            Ok(_) => Ok(pending(cx, &row)),
            Err(StoreError::ForeignKey) => Err(AccountError::NotFound("account")),
            Err(error) => Err(error.into()),
        }
    }
}

fn email_of(person: &Person, id: IdentifierId) -> Result<&IdentifierRow, AccountError> {
    let found = person.identifiers.iter().find(|i| i.id == id && i.kind == IdentifierKind::Email.as_str());
    found.ok_or(AccountError::NotFound("address"))
}

fn pending(cx: &Cx, row: &CodeChallengeRow) -> PendingEmail {
    PendingEmail {
        id: row.id,
        address: row.address.clone(),
        resend_at: row.created_at.plus_seconds(cx.policy().code.resend_after_seconds),
        expires_at: row.expires_at,
    }
}

/// Enough of an address to know it again, too little to write to it: the mail goes to a mailbox that may have changed hands.
pub(crate) fn masked(address: &str) -> String {
    let Some((local, host)) = address.rsplit_once('@') else { return "…".into() };
    let shown: String = local.chars().take(if local.chars().count() > 3 { 2 } else { 1 }).collect();
    format!("{shown}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_address_cannot_be_written_to() {
        assert_eq!(masked("ada.lovelace@example.org"), "ad…@example.org");
        assert_eq!(masked("bo@example.org"), "b…@example.org");
    }
}
