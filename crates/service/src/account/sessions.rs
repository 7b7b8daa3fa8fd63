//! Signed-in devices: the person's sessions, and what was born of each.

use super::{AccountError, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::oauth::token::LONGEST_ACCESS_TOKEN;
use crate::{Cx, Service};
use doorward_protocol::ids::{SessionId, UserId};
use doorward_store::engine::{Batch, Statement};
use doorward_store::grants::{self, RefreshFamilyRow};
use doorward_store::sessions::{self, SessionRow};

/// A session with what it was used for.
#[derive(Debug, Clone)]
pub struct Device {
    /// The session.
    pub session: SessionRow,
    /// Names of the applications that it was used for.
    pub applications: Vec<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Service {
    /// The person's live sessions: the one that asks first, then the last used.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn my_devices(&self, cx: &Cx, session: &SessionRow) -> Result<Vec<Device>, AccountError> {
        let tenant = cx.tenant_id();
        let mut out = Vec::new();
        for row in self.store.sessions(tenant, session.user_id, cx.now).await? {
            let mut applications = Vec::new();
            for id in self.store.session_applications(tenant, row.id).await? {
                if let Some(application) = self.store.application(tenant, id).await? {
                    applications.push(application.name);
                }
            }
            applications.sort();
            out.push(Device { current: row.id == session.id, session: row, applications });
        }
        out.sort_by_key(|device| !device.current);
        Ok(out)
    }

    /// Signs one device out: the session ends, and so does every token that was born of it.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn revoke_device(&self, cx: &Cx, session: &SessionRow, id: SessionId) -> Result<(), AccountError> {
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let found = self.store.session(tenant, id).await?.filter(|s| s.user_id == user && s.ended_at.is_none());
        let found = found.ok_or(AccountError::NotFound("session"))?;
        let mut batch = Batch::new().with(sessions::end(tenant, found.id, cx.now)).with(grants::revoke_families_of_session(
            tenant,
            found.id,
            "session_revoked",
            cx.now,
        ));
        push_all(&mut batch, self.revocations(cx, user, "session_revoked", |f| f.session_id == Some(id)).await?);
        let event = Event::new("session.ended").user(user).with("session", id.to_string()).with("reason", "revoked");
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// Signs every other device out.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn revoke_other_devices(&self, cx: &Cx, session: &SessionRow) -> Result<(), AccountError> {
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let mut batch = Batch::new().with(sessions::end_others(tenant, user, Some(session.id), cx.now));
        let others = |f: &RefreshFamilyRow| f.session_id != Some(session.id);
        push_all(&mut batch, self.revocations(cx, user, "session_revoked", others).await?);
        let event = Event::new("session.all_ended").user(user).with("reason", "revoked").with("kept", session.id.to_string());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// The statements that end families of refresh tokens, and the access tokens of each at introspection.
    pub(super) async fn revocations(
        &self,
        cx: &Cx,
        user: UserId,
        reason: &str,
        which: impl Fn(&RefreshFamilyRow) -> bool,
    ) -> Result<Vec<Statement>, AccountError> {
        let until = cx.now.plus_seconds(LONGEST_ACCESS_TOKEN);
        let mut out = Vec::new();
        for family in self.store.refresh_families(cx.tenant_id(), user, cx.now).await?.iter().filter(|f| which(f)) {
            out.push(grants::revoke_family(cx.tenant_id(), family.id, reason, cx.now));
            out.push(grants::revoke(cx.tenant_id(), family.id.0, until));
        }
        Ok(out)
    }
}
