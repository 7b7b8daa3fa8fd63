//! Refresh token families of users, as an administrator sees them.

use super::DirectoryError;
use super::applications::LONGEST_ACCESS_TOKEN;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{GrantId, SessionId, UserId};
use doorward_store::engine::Batch;
use doorward_store::grants::{self, RefreshFamilyRow};
use doorward_store::sessions::SessionRow;

impl Service {
    /// The live refresh token families of a user, newest first.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_user_grants(&self, cx: &Cx, user: UserId) -> Result<Vec<RefreshFamilyRow>, DirectoryError> {
        self.get_user(cx, user).await?;
        Ok(self.store.refresh_families(cx.tenant_id(), user, cx.now).await?)
    }

    /// A live refresh token family.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_grant(&self, cx: &Cx, id: GrantId) -> Result<RefreshFamilyRow, DirectoryError> {
        let found = self.store.refresh_family(cx.tenant_id(), id).await?;
        let live = found.filter(|family| family.revoked_at.is_none() && family.expires_at > cx.now);
        live.ok_or(DirectoryError::NotFound { noun: "refresh token" })
    }

    /// A live session of whichever user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_session(&self, cx: &Cx, id: SessionId) -> Result<SessionRow, DirectoryError> {
        let found = self.store.session(cx.tenant_id(), id).await?;
        let live = found.filter(|session| session.is_live(cx.now));
        live.ok_or(DirectoryError::NotFound { noun: "session" })
    }

    /// Kills refresh token families, with their access tokens: one, or all of a user's.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn revoke_user_grants(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        only: Option<GrantId>,
    ) -> Result<(), DirectoryError> {
        let tenant = cx.tenant_id();
        let until = cx.now.plus_seconds(LONGEST_ACCESS_TOKEN);
        let mut batch = Batch::new();
        for family in self.list_user_grants(cx, user).await?.iter().filter(|family| only.is_none_or(|id| id == family.id)) {
            batch.push(grants::revoke_family(tenant, family.id, "revoked", cx.now));
            batch.push(grants::revoke(tenant, family.id.0, until));
            let event = Event::new("grant.revoked").user(user).application(family.application_id).actor(actor);
            batch.push(event.with("grant", family.id.to_string()).statement(cx));
        }
        match (batch.is_empty(), only) {
            (true, Some(_)) => Err(DirectoryError::NotFound { noun: "refresh token" }),
            (true, None) => Ok(()),
            (false, _) => {
                self.store.commit(batch).await?;
                Ok(())
            }
        }
    }
}
