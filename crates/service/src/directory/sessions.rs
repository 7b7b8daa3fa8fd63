//! Browser sessions of users, as an administrator or their owner sees them.

use super::DirectoryError;
use super::applications::LONGEST_ACCESS_TOKEN;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{SessionId, UserId};
use doorward_store::engine::Batch;
use doorward_store::grants;
use doorward_store::sessions::{self, SessionRow};

impl Service {
    /// The live sessions of a user, the last used first.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_user_sessions(&self, cx: &Cx, user: UserId) -> Result<Vec<SessionRow>, DirectoryError> {
        self.get_user(cx, user).await?;
        Ok(self.store.sessions(cx.tenant_id(), user, cx.now).await?)
    }

    /// Ends a session of a user and kills the refresh tokens that were born of it, with their access tokens.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn revoke_user_session(&self, cx: &Cx, actor: &str, user: UserId, id: SessionId) -> Result<(), DirectoryError> {
        let tenant = cx.tenant_id();
        let session = self.store.session(tenant, id).await?.filter(|s| s.user_id == user && s.ended_at.is_none());
        let session = session.ok_or(DirectoryError::NotFound { noun: "session" })?;
        let mut batch = Batch::new().with(sessions::end(tenant, session.id, cx.now));
        let until = cx.now.plus_seconds(LONGEST_ACCESS_TOKEN);
        for family in self.store.refresh_families(tenant, user, cx.now).await? {
            if family.session_id == Some(id) {
                batch.push(grants::revoke_family(tenant, family.id, "session_revoked", cx.now));
                batch.push(grants::revoke(tenant, family.id.0, until));
            }
        }
        let event = Event::new("session.ended").user(user).actor(actor).with("session", id.to_string()).with("reason", "revoked");
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// Ends every session of a user and kills all of their refresh tokens.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn revoke_user_sessions(&self, cx: &Cx, actor: &str, user: UserId) -> Result<(), DirectoryError> {
        self.get_user(cx, user).await?;
        let mut batch = Batch::new();
        for one in self.end_everything(cx, user, "sessions_revoked").await? {
            batch.push(one);
        }
        let event = Event::new("session.all_ended").user(user).actor(actor).with("reason", "revoked");
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }
}
