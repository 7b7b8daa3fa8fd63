//! Administrators of a tenant.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{record, statement};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;

/// The guard of [`keeps_owner`].
pub const LAST_OWNER: &str = "administrator.last_owner";

record! {
    /// A user who may administer the tenant.
    AdministratorRow in "administrator" by [tenant_id, user_id] {
        /// Whose tenant.
        tenant_id: TenantId,
        /// Who.
        user_id: UserId,
        /// `owner`, `admin`, `support` or `viewer`.
        role: String,
        /// Since.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

/// Makes a user an administrator, or changes what one may do.
pub fn put_administrator(row: &AdministratorRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role, updated_at = excluded.updated_at",
        insert.sql
    )
    .into();
    insert
}

/// Makes changes of a tenant's administrators wait for each other; put it first. Without it two owners who remove each other
/// could both pass [`keeps_owner`] on PostgreSQL.
pub fn lock_administrators(tenant: TenantId) -> Statement {
    statement("UPDATE administrator SET role = role WHERE tenant_id = $1", params![tenant.0], Expect::Any, "administrator.lock")
}

/// Holds while an owner who is not blocked is left; put it last.
pub fn keeps_owner(tenant: TenantId) -> Statement {
    statement(
        "UPDATE administrator SET role = role WHERE tenant_id = $1 AND role = 'owner' AND user_id IN (SELECT id FROM account WHERE tenant_id = $1 AND status = 'active')",
        params![tenant.0],
        Expect::AtLeast(1),
        LAST_OWNER,
    )
}

impl Store {
    /// Whether a user is an administrator.
    pub async fn administrator(&self, tenant: TenantId, user: UserId) -> Result<Option<AdministratorRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2", params![tenant.0, user.0]).await
    }

    /// Administrators of a tenant, the longest-serving first.
    pub async fn administrators(&self, tenant: TenantId) -> Result<Vec<AdministratorRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY created_at, user_id LIMIT 1000", params![tenant.0]).await
    }
}
