//! Guards of the account page: what must still hold when a person has changed their own account.

use crate::engine::{Expect, Statement};
use crate::params;
use crate::record::statement;
use doorward_protocol::ids::{IdentifierId, TenantId, UserId};
use doorward_protocol::time::Timestamp;

/// The guard of [`keeps_sign_in_method`].
pub const LAST_METHOD: &str = "account.last_method";
/// The guard of [`keeps_verified_email`].
pub const LAST_EMAIL: &str = "account.last_email";

/// Makes changes of one account wait for each other: two that each leave the other's way to sign in as the last one could
/// otherwise both pass their guard on PostgreSQL. Put it first; the guard fails when the account is gone.
pub fn lock(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "UPDATE account SET status = status WHERE tenant_id = $1 AND id = $2",
        params![tenant.0, user.0],
        Expect::Rows(1),
        "account.gone",
    )
}

/// Which ways to sign in a tenant's policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedMethods {
    /// Passkeys.
    pub passkey: bool,
    /// Passwords.
    pub password: bool,
    /// Codes by e-mail.
    pub code: bool,
}

/// Holds while the person can still sign in by a way that the policy allows. Put it last.
pub fn keeps_sign_in_method(tenant: TenantId, user: UserId, allowed: AllowedMethods) -> Statement {
    guard(statement(
        "SELECT 1 AS one FROM account WHERE tenant_id = $1 AND id = $2 AND (($3 = 1 AND EXISTS (SELECT 1 FROM passkey p WHERE p.tenant_id = $1 AND p.user_id = $2)) OR ($4 = 1 AND EXISTS (SELECT 1 FROM password w WHERE w.tenant_id = $1 AND w.user_id = $2)) OR ($5 = 1 AND EXISTS (SELECT 1 FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = $2 AND i.kind = 'email' AND i.verified_at IS NOT NULL)))",
        params![tenant.0, user.0, i64::from(allowed.passkey), i64::from(allowed.password), i64::from(allowed.code)],
        Expect::Rows(1),
        LAST_METHOD,
    ))
}

/// Holds while the person has an address that is proven, which is the way back in. Put it last.
pub fn keeps_verified_email(tenant: TenantId, user: UserId) -> Statement {
    guard(statement(
        "SELECT 1 AS one FROM account WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = $2 AND i.kind = 'email' AND i.verified_at IS NOT NULL)",
        params![tenant.0, user.0],
        Expect::Rows(1),
        LAST_EMAIL,
    ))
}

/// A guard that reads: its rows are counted and passed over.
fn guard(statement: Statement) -> Statement {
    Statement { returning: true, ..statement }
}

/// Removes an address that is not the primary one; the guard fails when it became that or is gone.
pub fn remove_email(tenant: TenantId, user: UserId, id: IdentifierId) -> Statement {
    statement(
        "DELETE FROM identifier WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND kind = 'email' AND is_primary = 0",
        params![tenant.0, user.0, id.0],
        Expect::Rows(1),
        "identifier.gone",
    )
}

/// Marks an address as proven; the guard fails when it is gone.
pub fn verify_email(tenant: TenantId, user: UserId, id: IdentifierId, now: Timestamp) -> Statement {
    statement(
        "UPDATE identifier SET verified_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        params![tenant.0, user.0, id.0, now.0],
        Expect::Rows(1),
        "identifier.gone",
    )
}
