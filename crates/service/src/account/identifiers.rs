//! Identifiers besides addresses that wait for their code: user names, and where the tenant takes addresses unproven, those too.

use super::{AccountError, allowed, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::IdentifierId;
use doorward_protocol::policy::VerifyEmail;
use doorward_protocol::signin::CodePurpose;
use doorward_store::account;
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use doorward_store::users::{IdentifierRow, make_primary};

/// Most identifiers of one account.
const MOST: usize = 20;

impl Service {
    /// Adds an identifier at once. An e-mail address only where the tenant takes unproven ones at sign-up too: elsewhere it
    /// belongs to the account only after its code came back.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn add_my_identifier(
        &self,
        cx: &Cx,
        session: &SessionRow,
        kind: IdentifierKind,
        typed: &str,
    ) -> Result<IdentifierId, AccountError> {
        self.must_be_fresh(cx, session)?;
        let unproven = matches!(cx.policy().sign_up.verify_email, VerifyEmail::AtSignIn | VerifyEmail::Never);
        if kind == IdentifierKind::Phone || (kind == IdentifierKind::Email && !unproven) {
            return Err(AccountError::Invalid("identifierType"));
        }
        let identifier = self.readable(cx, kind, typed)?;
        let person = self.account(cx, session).await?;
        if person.identifiers.len() >= MOST {
            return Err(AccountError::Invalid("identifier"));
        }
        let row = row_of(cx, session, identifier, person.primary(kind).is_none());
        let event = Event::new("identifier.added").user(session.user_id).with("kind", kind.as_str());
        self.insert_identifier(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        Ok(row.id)
    }

    /// Another user name in the place of one.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn change_my_username(
        &self,
        cx: &Cx,
        session: &SessionRow,
        id: IdentifierId,
        typed: &str,
    ) -> Result<IdentifierId, AccountError> {
        self.must_be_fresh(cx, session)?;
        let person = self.account(cx, session).await?;
        let known = person.identifiers.iter().find(|i| i.id == id && i.kind == IdentifierKind::Username.as_str());
        let known = known.ok_or(AccountError::NotFound("identifier"))?;
        let identifier = self.readable(cx, IdentifierKind::Username, typed)?;
        let row = row_of(cx, session, identifier, known.is_primary);
        let event = Event::new("identifier.changed").user(session.user_id).with("kind", "username");
        self.insert_identifier(Batch::new().with(known.delete()).with(row.insert()).with(event.statement(cx))).await?;
        Ok(row.id)
    }

    /// Removes an identifier. The last one stays, and so does the last way to sign in.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn remove_my_identifier(&self, cx: &Cx, session: &SessionRow, id: IdentifierId) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let person = self.account(cx, session).await?;
        let row = person.identifiers.iter().find(|i| i.id == id).ok_or(AccountError::NotFound("identifier"))?;
        let others: Vec<&IdentifierRow> = person.identifiers.iter().filter(|i| i.id != id).collect();
        if others.is_empty() {
            return Err(AccountError::LastSignInMethod);
        }
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let mut batch = Batch::new().with(account::lock(tenant, user)).with(row.delete());
        let heir = others.iter().filter(|i| i.kind == row.kind).min_by_key(|i| (i.verified_at.is_none(), i.id));
        if let Some(heir) = heir.filter(|_| row.is_primary) {
            push_all(&mut batch, make_primary(tenant, user, &row.kind, heir.id));
        }
        if row.verified_at.is_some() && row.kind == IdentifierKind::Email.as_str() {
            batch.push(account::keeps_sign_in_method(tenant, user, allowed(cx)));
        }
        let event = Event::new("identifier.removed").user(user).with("kind", row.kind.as_str());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// Takes the code that was sent to an address of the account.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn prove_my_email(&self, cx: &Cx, session: &SessionRow, id: IdentifierId, typed: &str) -> Result<(), AccountError> {
        let person = self.account(cx, session).await?;
        let row = person.identifiers.iter().find(|i| i.id == id).ok_or(AccountError::NotFound("identifier"))?;
        let purpose = CodePurpose::VerifyAddress.as_str();
        let code = self.store.newest_code(cx.tenant_id(), session.user_id, purpose, &row.normal).await?;
        self.prove_email(cx, session, code.ok_or(AccountError::NotFound("code"))?.id, typed).await
    }

    fn readable(&self, cx: &Cx, kind: IdentifierKind, typed: &str) -> Result<Identifier, AccountError> {
        let identifier = Identifier::of_kind(kind, typed).map_err(AccountError::Email)?;
        let policy = &cx.policy().sign_up;
        let length = u32::try_from(identifier.value.chars().count()).unwrap_or(u32::MAX);
        if kind == IdentifierKind::Username && !(policy.username_min_length..=policy.username_max_length).contains(&length) {
            return Err(AccountError::Invalid("identifier"));
        }
        Ok(identifier)
    }

    async fn insert_identifier(&self, batch: Batch) -> Result<(), AccountError> {
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_unique("identifier") => Err(AccountError::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }
}

fn row_of(cx: &Cx, session: &SessionRow, identifier: Identifier, is_primary: bool) -> IdentifierRow {
    IdentifierRow {
        id: IdentifierId(new_id(cx.now)),
        tenant_id: cx.tenant_id(),
        user_id: session.user_id,
        kind: identifier.kind.as_str().to_owned(),
        value: identifier.value,
        normal: identifier.normal,
        verified_at: (identifier.kind == IdentifierKind::Username).then_some(cx.now),
        is_primary,
        created_at: cx.now,
    }
}
