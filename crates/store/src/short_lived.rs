//! Rows that live for minutes: what was spent, failed attempts, codes, parked state. All are swept in small steps.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{record, statement};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// A code that was sent.
    CodeChallengeRow in "code_challenge" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// `sign_in`, `sign_up`, `verify_address` or `recover`.
        purpose: String,
        /// Whose account, if there is one.
        user_id: Option<UserId>,
        /// Kind of identifier.
        kind: String,
        /// Where it was sent, as compared.
        address: String,
        /// Keyed digest of the code.
        code_hash: Vec<u8>,
        /// Keyed digest of the link's secret.
        link_hash: Vec<u8>,
        /// The flow that asked, encrypted; lets the link finish elsewhere.
        flow: Option<Vec<u8>>,
        /// Guesses left.
        attempts_left: i64,
        /// Sent at.
        created_at: Timestamp,
        /// Good until.
        expires_at: Timestamp,
        /// The link was confirmed at.
        confirmed_at: Option<Timestamp>,
        /// Used at.
        used_at: Option<Timestamp>,
    }
}

/// Spends something that may happen once; a unique violation on `spent` says that it happened.
pub fn spend(tenant: TenantId, purpose: &str, id: &[u8], until: Timestamp) -> Statement {
    statement(
        "INSERT INTO spent (tenant_id, purpose, id, until) VALUES ($1, $2, $3, $4)",
        params![tenant.0, purpose, id, until.0],
        Expect::Any,
        "spent.insert",
    )
}

/// Counts a failure in a bucket; a window that has ended begins anew.
pub fn count_failure(tenant: TenantId, bucket: &str, now: Timestamp, window_ends_at: Timestamp) -> Statement {
    statement(
        "INSERT INTO attempt (tenant_id, bucket, failures, window_ends_at) VALUES ($1, $2, 1, $4) ON CONFLICT (tenant_id, bucket) DO UPDATE SET failures = CASE WHEN attempt.window_ends_at <= $3 THEN 1 ELSE attempt.failures + 1 END, window_ends_at = CASE WHEN attempt.window_ends_at <= $3 THEN excluded.window_ends_at ELSE attempt.window_ends_at END",
        params![tenant.0, bucket, now.0, window_ends_at.0],
        Expect::Any,
        "attempt.count",
    )
}

/// Counts a failure in a bucket that locks at `limit` failures within its window: from then on the window ends at `locked_until`, again
/// with each further failure.
pub fn count_guess(
    tenant: TenantId,
    bucket: &str,
    now: Timestamp,
    window_ends_at: Timestamp,
    limit: i64,
    locked_until: Timestamp,
) -> Statement {
    statement(
        "INSERT INTO attempt (tenant_id, bucket, failures, window_ends_at) VALUES ($1, $2, 1, CASE WHEN CAST($5 AS BIGINT) <= 1 THEN CAST($6 AS BIGINT) ELSE CAST($4 AS BIGINT) END) ON CONFLICT (tenant_id, bucket) DO UPDATE SET failures = CASE WHEN attempt.window_ends_at <= $3 THEN 1 ELSE attempt.failures + 1 END, window_ends_at = CASE WHEN attempt.window_ends_at <= $3 THEN excluded.window_ends_at WHEN attempt.failures + 1 >= $5 THEN $6 ELSE attempt.window_ends_at END",
        params![tenant.0, bucket, now.0, window_ends_at.0, limit, locked_until.0],
        Expect::Any,
        "attempt.count",
    )
}

/// Forgets the failures of a bucket.
pub fn clear_failures(tenant: TenantId, bucket: &str) -> Statement {
    statement("DELETE FROM attempt WHERE tenant_id = $1 AND bucket = $2", params![tenant.0, bucket], Expect::Any, "attempt.clear")
}

/// Takes one guess from a code; the guard fails when none is left or it was used.
pub fn take_guess(tenant: TenantId, id: Uuid, now: Timestamp) -> Statement {
    statement(
        "UPDATE code_challenge SET attempts_left = attempts_left - 1 WHERE tenant_id = $1 AND id = $2 AND attempts_left > 0 AND used_at IS NULL AND expires_at > $3",
        params![tenant.0, id, now.0],
        Expect::Rows(1),
        "code.no_guess_left",
    )
}

/// Uses a code up; the guard fails when it was used or is dead.
pub fn use_code(tenant: TenantId, id: Uuid, now: Timestamp) -> Statement {
    statement(
        "UPDATE code_challenge SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND attempts_left > 0 AND expires_at > $3",
        params![tenant.0, id, now.0],
        Expect::Rows(1),
        "code.used",
    )
}

/// Voids a code.
pub fn delete_code(tenant: TenantId, id: Uuid) -> Statement {
    statement("DELETE FROM code_challenge WHERE tenant_id = $1 AND id = $2", params![tenant.0, id], Expect::Any, "code.delete")
}

/// Notes that the link was confirmed in another browser.
pub fn confirm_code(tenant: TenantId, id: Uuid, now: Timestamp) -> Statement {
    statement(
        "UPDATE code_challenge SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND attempts_left > 0 AND expires_at > $3",
        params![tenant.0, id, now.0],
        Expect::Rows(1),
        "code.used",
    )
}

/// Parks a sealed value that is too large for its carrier.
pub fn park(tenant: TenantId, id: Uuid, sealed: &str, until: Timestamp) -> Statement {
    statement(
        "INSERT INTO parked_state (id, tenant_id, sealed, until) VALUES ($2, $1, $3, $4)",
        params![tenant.0, id, sealed, until.0],
        Expect::Any,
        "parked_state.insert",
    )
}

/// One bounded step of sweeping for each table: at most `limit` rows of it that ended, and as many rows in its answer. Sessions and
/// families are kept for `keep_ended_before`, so that people see what ended; of a family's tokens the used ones go when they would not
/// have been good any more.
pub fn sweep(now: Timestamp, keep_ended_before: Timestamp, limit: i64) -> Vec<Statement> {
    let table = |(table, keys, condition, before): (&str, &str, &str, Timestamp)| Statement {
        returning: true,
        ..statement(
            format!(
                "DELETE FROM {table} WHERE ({keys}) IN (SELECT {keys} FROM {table} WHERE {condition} < $1 LIMIT $2) RETURNING 1 AS one"
            ),
            params![before.0, limit],
            Expect::Any,
            "sweep",
        )
    };
    [
        ("spent", "tenant_id, purpose, id", "until", now),
        ("attempt", "tenant_id, bucket", "window_ends_at", now),
        ("code_challenge", "id", "expires_at", now),
        ("parked_state", "id", "until", now),
        ("process", "id", "until", now),
        ("device_authorization", "id", "expires_at", now),
        ("trusted_browser", "tenant_id, user_id, browser", "expires_at", now),
        ("job", "id", "expires_at", now),
        ("revocation", "tenant_id, id", "until", now),
        ("session", "id", "expires_at", keep_ended_before),
        ("refresh_family", "id", "expires_at", keep_ended_before),
        ("refresh_token", "id", "used_at IS NOT NULL AND expires_at", now),
    ]
    .map(table)
    .to_vec()
}

impl Store {
    /// Failures in a bucket whose window is still open, and when it closes.
    pub async fn failures(&self, tenant: TenantId, bucket: &str, now: Timestamp) -> Result<(i64, Timestamp), StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT failures, window_ends_at FROM attempt WHERE tenant_id = $1 AND bucket = $2 AND window_ends_at > $3",
                params![tenant.0, bucket, now.0],
            )
            .await?;
        match row {
            Some(row) => Ok((row.int("failures")?, Timestamp(row.int("window_ends_at")?))),
            None => Ok((0, now)),
        }
    }

    /// A code that was sent.
    pub async fn code_challenge(&self, tenant: TenantId, id: Uuid) -> Result<Option<CodeChallengeRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// The newest code of a purpose that was sent to an address of a user.
    pub async fn newest_code(
        &self,
        tenant: TenantId,
        user: UserId,
        purpose: &str,
        address: &str,
    ) -> Result<Option<CodeChallengeRow>, StoreError> {
        self.find(
            "WHERE tenant_id = $1 AND user_id = $2 AND purpose = $3 AND address = $4 ORDER BY id DESC LIMIT 1",
            params![tenant.0, user.0, purpose, address],
        )
        .await
    }

    /// A parked value.
    pub async fn parked_state(&self, tenant: TenantId, id: Uuid, now: Timestamp) -> Result<Option<String>, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT sealed FROM parked_state WHERE tenant_id = $1 AND id = $2 AND until > $3",
                params![tenant.0, id, now.0],
            )
            .await?;
        row.map(|row| row.text("sealed")).transpose()
    }

    /// Whether something was spent.
    pub async fn is_spent(&self, tenant: TenantId, purpose: &str, id: &[u8]) -> Result<bool, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT 1 AS one FROM spent WHERE tenant_id = $1 AND purpose = $2 AND id = $3",
                params![tenant.0, purpose, id],
            )
            .await?;
        Ok(row.is_some())
    }
}
