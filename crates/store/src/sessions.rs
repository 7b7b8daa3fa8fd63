//! Browser sessions and which applications they were used for.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use doorward_protocol::ids::{ApplicationId, SessionId, TenantId, UserId};
use doorward_protocol::session::Proof;
use doorward_protocol::time::Timestamp;

record! {
    /// A session.
    SessionRow in "session" by [tenant_id, id] {
        /// Its id: `sid`.
        id: SessionId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// Digest of the cookie's secret.
        secret_hash: Vec<u8>,
        /// What was proven.
        proofs: Json<Vec<Proof>>,
        /// Address it began from.
        ip: String,
        /// Browser it began in.
        user_agent: String,
        /// Made at.
        created_at: Timestamp,
        /// Used at.
        last_seen_at: Timestamp,
        /// Ends at.
        expires_at: Timestamp,
        /// Ended at.
        ended_at: Option<Timestamp>,
    }
}

impl SessionRow {
    /// Whether it has neither been ended nor run out.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}

/// A new proof in a running session: the cookie's secret changes with it, so that an old cookie is worth nothing.
pub fn renew(row: &SessionRow) -> Statement {
    statement(
        "UPDATE session SET secret_hash = $3, proofs = $4, last_seen_at = $5, expires_at = $6 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        params![
            row.tenant_id.0,
            row.id.0,
            row.secret_hash.as_slice(),
            serde_json::to_string(&row.proofs.0).unwrap_or_default(),
            row.last_seen_at.0,
            row.expires_at.0
        ],
        Expect::Rows(1),
        "session.ended",
    )
}

/// Notes that a session is in use.
pub fn touch(tenant: TenantId, id: SessionId, now: Timestamp, expires_at: Timestamp) -> Statement {
    statement(
        "UPDATE session SET last_seen_at = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        params![tenant.0, id.0, now.0, expires_at.0],
        Expect::Any,
        "session.touch",
    )
}

/// Ends a session.
pub fn end(tenant: TenantId, id: SessionId, now: Timestamp) -> Statement {
    statement(
        "UPDATE session SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        params![tenant.0, id.0, now.0],
        Expect::Any,
        "session.end",
    )
}

/// Ends every session of a user but one.
pub fn end_others(tenant: TenantId, user: UserId, keep: Option<SessionId>, now: Timestamp) -> Statement {
    statement(
        "UPDATE session SET ended_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND id <> $3 AND ended_at IS NULL",
        params![tenant.0, user.0, keep.map_or(uuid::Uuid::nil(), |s| s.0), now.0],
        Expect::Any,
        "session.end_others",
    )
}

/// Notes that an application got tokens in a session.
pub fn note_application(tenant: TenantId, session: SessionId, application: ApplicationId, now: Timestamp) -> Statement {
    statement(
        "INSERT INTO session_application (tenant_id, session_id, application_id, first_at, last_at) SELECT tenant_id, id, $3, $4, $4 FROM session WHERE tenant_id = $1 AND id = $2 ON CONFLICT (session_id, application_id) DO UPDATE SET last_at = excluded.last_at",
        params![tenant.0, session.0, application.0, now.0],
        Expect::Any,
        "session.application",
    )
}

impl Store {
    /// A session, ended or not.
    pub async fn session(&self, tenant: TenantId, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// The live sessions of a user, newest first.
    pub async fn sessions(&self, tenant: TenantId, user: UserId, now: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 ORDER BY last_seen_at DESC",
            params![tenant.0, user.0, now.0],
        )
        .await
    }

    /// How many sessions of a tenant are live, counted up to `most`.
    pub async fn count_sessions(&self, tenant: TenantId, now: Timestamp, most: i64) -> Result<i64, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM session WHERE tenant_id = $1 AND expires_at > $2 AND ended_at IS NULL LIMIT $3) AS live",
                params![tenant.0, now.0, most],
            )
            .await?;
        row.map_or(Ok(0), |row| row.int("n"))
    }

    /// Whether a user had a session from this address before.
    pub async fn user_known_at(&self, tenant: TenantId, user: UserId, ip: &str) -> Result<bool, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT 1 AS one FROM session WHERE tenant_id = $1 AND user_id = $2 AND ip = $3 LIMIT 1",
                params![tenant.0, user.0, ip],
            )
            .await?;
        Ok(row.is_some())
    }

    /// The applications that got tokens in a session.
    pub async fn session_applications(&self, tenant: TenantId, id: SessionId) -> Result<Vec<ApplicationId>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT application_id FROM session_application WHERE tenant_id = $1 AND session_id = $2",
                params![tenant.0, id.0],
            )
            .await?;
        rows.iter().map(|row| row.uuid("application_id").map(ApplicationId)).collect()
    }
}
