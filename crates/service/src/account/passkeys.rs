//! Passkeys: listed, added, renamed, deleted.

use super::{AccountError, allowed, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::signin::create::clean_name;
use crate::{Cx, Service};
use doorward_protocol::ids::PasskeyId;
use doorward_store::account;
use doorward_store::engine::Batch;
use doorward_store::passkeys::{self, PasskeyRow};
use doorward_store::sessions::SessionRow;
use serde_json::Value;

/// Longest name of a passkey.
const LONGEST_NAME: usize = 64;

impl Service {
    /// The person's passkeys, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn my_passkeys(&self, cx: &Cx, session: &SessionRow) -> Result<Vec<PasskeyRow>, AccountError> {
        Ok(self.store.passkeys(cx.tenant_id(), session.user_id).await?)
    }

    /// Whether the person could sign in without passkeys, so that the last one may be deleted.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn last_passkey_deletable(&self, cx: &Cx, session: &SessionRow) -> Result<bool, AccountError> {
        let allowed = allowed(cx);
        let person = self.account(cx, session).await?;
        if allowed.code && person.identifiers.iter().any(|i| i.kind == "email" && i.verified_at.is_some()) {
            return Ok(true);
        }
        Ok(allowed.password && self.store.password(cx.tenant_id(), session.user_id).await?.is_some())
    }

    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3, section 5.1.8) for another passkey.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn my_creation_options(&self, cx: &Cx, session: &SessionRow) -> Result<Value, AccountError> {
        self.must_be_fresh(cx, session)?;
        if !cx.policy().passkey.enabled {
            return Err(AccountError::NotFound("passkey policy"));
        }
        let person = self.account(cx, session).await?;
        let have = self.my_passkeys(cx, session).await?;
        let label = person.email().or(person.identifiers.first()).map(|i| i.value.clone()).unwrap_or_default();
        Ok(self.creation_options(cx, session.user_id, &label, person.user.name.as_deref(), &have, &cx.client.browser))
    }

    /// Adds a passkey: the credential as JSON.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn add_my_passkey(&self, cx: &Cx, session: &SessionRow, credential: &str) -> Result<PasskeyRow, AccountError> {
        self.add_my_passkey_on(cx, session, credential, None).await
    }

    /// The same, with the digest of the handle of the device that it was made on, where the client told it.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn add_my_passkey_on(
        &self,
        cx: &Cx,
        session: &SessionRow,
        credential: &str,
        device: Option<&str>,
    ) -> Result<PasskeyRow, AccountError> {
        self.must_be_fresh(cx, session)?;
        if !cx.policy().passkey.enabled {
            return Err(AccountError::NotFound("passkey policy"));
        }
        let added = self.add_passkey_on(cx, session.user_id, credential, &cx.client.browser, &[], false, device).await?;
        added.map_err(AccountError::Refused)
    }

    /// Renames a passkey.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn rename_passkey(&self, cx: &Cx, session: &SessionRow, id: PasskeyId, name: &str) -> Result<(), AccountError> {
        let name: String = clean_name(name).chars().take(LONGEST_NAME).collect();
        if name.is_empty() {
            return Err(AccountError::NameMissing);
        }
        let event = Event::new("passkey.renamed").user(session.user_id).with("passkey", id.to_string());
        let batch = Batch::new().with(passkeys::rename(cx.tenant_id(), session.user_id, id, &name)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Deletes a passkey, unless it is the last way to sign in.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn delete_passkey(&self, cx: &Cx, session: &SessionRow, id: PasskeyId) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let row = self.store.passkey(tenant, user, id).await?.ok_or(AccountError::NotFound("passkey"))?;
        let person = self.account(cx, session).await?;
        let event = Event::new("passkey.deleted").user(user).with("passkey", id.to_string()).with("reason", "owner");
        let mut batch = Batch::new()
            .with(account::lock(tenant, user))
            .with(passkeys::delete(tenant, user, id))
            .with(account::keeps_sign_in_method(tenant, user, allowed(cx)))
            .with(event.statement(cx));
        push_all(&mut batch, self.notice(cx, &person, &Letter::PasskeyRemoved { passkey: row.name })?);
        self.store.commit(batch).await?;
        Ok(())
    }
}
