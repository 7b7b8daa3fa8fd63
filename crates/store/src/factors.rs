//! Second factors: one-time password generators, recovery codes, browsers that are remembered.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{record, statement};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// A one-time password generator (RFC 6238).
    TotpRow in "totp" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// The name that its owner knows it by; may be empty.
        name: String,
        /// The shared secret, encrypted.
        secret: Vec<u8>,
        /// `SHA1`, `SHA256` or `SHA512`.
        algorithm: String,
        /// Digits of a code.
        digits: i64,
        /// Seconds of a time step.
        period: i64,
        /// Time step of the last code that was taken.
        last_step: i64,
        /// Begun at.
        created_at: Timestamp,
        /// Confirmed by a first code at; until then it is no factor.
        confirmed_at: Option<Timestamp>,
        /// Used at.
        last_used_at: Option<Timestamp>,
    }
}

record! {
    /// A recovery code.
    RecoveryCodeRow in "recovery_code" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// Keyed digest.
        code_hash: Vec<u8>,
        /// The code itself, encrypted, for callers that must be able to show it again.
        code_sealed: Vec<u8>,
        /// Made at.
        created_at: Timestamp,
        /// Used at.
        used_at: Option<Timestamp>,
    }
}

record! {
    /// A browser that is not asked for a second factor for a while.
    TrustedBrowserRow in "trusted_browser" by [tenant_id, user_id, browser] {
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// Digest of the browser's own cookie.
        browser: String,
        /// Which one it is.
        user_agent: String,
        /// Since.
        created_at: Timestamp,
        /// Until.
        expires_at: Timestamp,
    }
}

/// The guard of [`use_totp`].
pub const REPLAYED: &str = "totp.replayed";
/// The guard of [`use_recovery_code`].
pub const CODE_USED: &str = "recovery_code.used";
/// The guard of [`confirm_totp`].
pub const NOT_PENDING: &str = "totp.not_pending";

/// Takes the code of a time step; the guard fails when that or a later one was taken, or the generator is gone.
pub fn use_totp(tenant: TenantId, id: Uuid, step: i64, now: Timestamp) -> Statement {
    statement(
        "UPDATE totp SET last_step = $3, last_used_at = $4 WHERE tenant_id = $1 AND id = $2 AND last_step < $3 AND confirmed_at IS NOT NULL",
        params![tenant.0, id, step, now.0],
        Expect::Rows(1),
        REPLAYED,
    )
}

/// Confirms a generator by its first code; the guard fails when that was done, or it is gone.
pub fn confirm_totp(tenant: TenantId, user: UserId, id: Uuid, step: i64, now: Timestamp) -> Statement {
    statement(
        "UPDATE totp SET confirmed_at = $5, last_step = $4, last_used_at = $5 WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND confirmed_at IS NULL",
        params![tenant.0, user.0, id, step, now.0],
        Expect::Rows(1),
        NOT_PENDING,
    )
}

/// Removes what was begun and never confirmed.
pub fn delete_pending_totp(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM totp WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NULL",
        params![tenant.0, user.0],
        Expect::Any,
        "totp.delete",
    )
}

/// Removes a generator of a user; the guard fails when it is gone.
pub fn delete_totp(tenant: TenantId, user: UserId, id: Uuid) -> Statement {
    statement(
        "DELETE FROM totp WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        params![tenant.0, user.0, id],
        Expect::Rows(1),
        "totp.gone",
    )
}

/// Gives a generator of a user another name; the guard fails when it is gone.
pub fn rename_totp(tenant: TenantId, user: UserId, id: Uuid, name: &str) -> Statement {
    statement(
        "UPDATE totp SET name = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        params![tenant.0, user.0, id, name],
        Expect::Rows(1),
        "totp.gone",
    )
}

/// Removes every generator of a user.
pub fn delete_all_totp(tenant: TenantId, user: UserId) -> Statement {
    statement("DELETE FROM totp WHERE tenant_id = $1 AND user_id = $2", params![tenant.0, user.0], Expect::Any, "totp.delete")
}

/// Uses a recovery code up; the guard fails when it was used or replaced.
pub fn use_recovery_code(tenant: TenantId, id: Uuid, now: Timestamp) -> Statement {
    statement(
        "UPDATE recovery_code SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL",
        params![tenant.0, id, now.0],
        Expect::Rows(1),
        CODE_USED,
    )
}

/// Removes the recovery codes of a user.
pub fn delete_recovery_codes(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM recovery_code WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "recovery_code.delete",
    )
}

/// Remembers a browser, or for longer.
pub fn trust_browser(row: &TrustedBrowserRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (tenant_id, user_id, browser) DO UPDATE SET user_agent = excluded.user_agent, created_at = excluded.created_at, expires_at = excluded.expires_at",
        insert.sql
    )
    .into();
    insert
}

/// Forgets every browser of a user.
pub fn forget_browsers(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM trusted_browser WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "trusted_browser.delete",
    )
}

/// Counts an attempt in a bucket and answers how many there are now (`failures`); a window that has ended begins anew.
pub fn count_attempt(tenant: TenantId, bucket: &str, now: Timestamp, window_ends_at: Timestamp) -> Statement {
    let count = crate::short_lived::count_failure(tenant, bucket, now, window_ends_at);
    Statement { sql: format!("{} RETURNING failures", count.sql).into(), returning: true, ..count }
}

impl Store {
    /// Generators of a user, oldest first; also those not confirmed.
    pub async fn totp(&self, tenant: TenantId, user: UserId) -> Result<Vec<TotpRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY id", params![tenant.0, user.0]).await
    }

    /// Recovery codes of a user, used ones too.
    pub async fn recovery_codes(&self, tenant: TenantId, user: UserId) -> Result<Vec<RecoveryCodeRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY id", params![tenant.0, user.0]).await
    }

    /// Whether a browser of a user is remembered.
    pub async fn browser_trusted(
        &self,
        tenant: TenantId,
        user: UserId,
        browser: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row: Option<TrustedBrowserRow> = self
            .find(
                "WHERE tenant_id = $1 AND user_id = $2 AND browser = $3 AND expires_at > $4",
                params![tenant.0, user.0, browser, now.0],
            )
            .await?;
        Ok(row.is_some())
    }

    /// Browsers of a user that are remembered.
    pub async fn trusted_browsers(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<TrustedBrowserRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND user_id = $2 AND expires_at > $3 ORDER BY created_at",
            params![tenant.0, user.0, now.0],
        )
        .await
    }
}
