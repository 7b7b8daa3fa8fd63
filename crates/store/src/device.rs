//! Devices that wait for a person to sign in elsewhere (RFC 8628).

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use doorward_protocol::ids::{ApplicationId, SessionId, TenantId, UserId};
use doorward_protocol::session::Proof;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

/// Nobody has answered yet.
pub const WAITING: &str = "waiting";
/// A person said yes.
pub const ALLOWED: &str = "allowed";
/// A person said no.
pub const DENIED: &str = "denied";

record! {
    /// A device that waits.
    DeviceAuthorizationRow in "device_authorization" by [tenant_id, id] {
        /// Its id; also that of the grant that comes of it.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Which application runs on it.
        application_id: ApplicationId,
        /// Keyed digest of the device code's secret.
        device_code_hash: Vec<u8>,
        /// Keyed digest of the code that the person types.
        user_code_hash: Vec<u8>,
        /// Scopes asked for.
        scope: Json<Vec<String>>,
        /// Resource servers asked for.
        audience: Json<Vec<String>>,
        /// [`WAITING`], [`ALLOWED`] or [`DENIED`].
        state: String,
        /// Who said yes.
        user_id: Option<UserId>,
        /// In which session.
        session_id: Option<SessionId>,
        /// What was proven in it.
        proofs: Json<Vec<Proof>>,
        /// Seconds between two polls.
        poll_seconds: i64,
        /// Last poll.
        polled_at: Timestamp,
        /// Made at.
        created_at: Timestamp,
        /// Good until.
        expires_at: Timestamp,
    }
}

/// A person's answer; the guard fails when another was given meanwhile.
pub fn answer(row: &DeviceAuthorizationRow) -> Statement {
    statement(
        "UPDATE device_authorization SET state = $3, user_id = $4, session_id = $5, proofs = $6 WHERE tenant_id = $1 AND id = $2 AND state = 'waiting'",
        params![
            row.tenant_id.0,
            row.id,
            row.state.as_str(),
            row.user_id.map(|u| u.0),
            row.session_id.map(|s| s.0),
            serde_json::to_string(&row.proofs.0).unwrap_or_default()
        ],
        Expect::Rows(1),
        "device.answered",
    )
}

/// Notes a poll, and how long the device must wait until the next one.
pub fn note_poll(tenant: TenantId, id: Uuid, now: Timestamp, poll_seconds: i64) -> Statement {
    statement(
        "UPDATE device_authorization SET polled_at = $3, poll_seconds = $4 WHERE tenant_id = $1 AND id = $2",
        params![tenant.0, id, now.0, poll_seconds],
        Expect::Any,
        "device.poll",
    )
}

/// Takes what a person allowed; the guard fails when it was taken already.
pub fn take(tenant: TenantId, id: Uuid) -> Statement {
    statement(
        "DELETE FROM device_authorization WHERE tenant_id = $1 AND id = $2 AND state = 'allowed'",
        params![tenant.0, id],
        Expect::Rows(1),
        "device.taken",
    )
}

impl Store {
    /// A device by its id.
    pub async fn device_authorization(&self, tenant: TenantId, id: Uuid) -> Result<Option<DeviceAuthorizationRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// A device by the code that a person types.
    pub async fn device_by_user_code(
        &self,
        tenant: TenantId,
        user_code_hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<DeviceAuthorizationRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_code_hash = $2 AND expires_at > $3", params![tenant.0, user_code_hash, now.0])
            .await
    }
}
