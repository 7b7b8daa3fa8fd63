//! Conditions under which somebody may sign in, besides the status of the account.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{record, statement};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;

record! {
    /// The conditions of an account.
    ConditionRow in "account_condition" by [tenant_id, user_id] {
        /// Whose.
        user_id: UserId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// From then on nobody signs in to the account.
        expires_at: Option<Timestamp>,
        /// Why the password must be changed at the next sign-in: `administrator`, `expired`, `breached` or `policy`.
        change_password: Option<String>,
        /// Until then a sanction keeps the person from signing in.
        suspended_until: Option<Timestamp>,
    }
}

/// Sets until when the sanctions on an account keep its owner out; its other conditions stay.
pub fn suspend(tenant: TenantId, user: UserId, until: Option<Timestamp>) -> Statement {
    let row = ConditionRow { user_id: user, tenant_id: tenant, expires_at: None, change_password: None, suspended_until: until };
    put(&row, &["suspended_until"])
}

/// Sets the conditions of an account.
pub fn put_conditions(row: &ConditionRow) -> Statement {
    put(row, &["expires_at", "change_password"])
}

/// Sets why the password must be changed at the next sign-in, if it must; the other conditions stay.
pub fn require_password_change(tenant: TenantId, user: UserId, why: Option<&str>) -> Statement {
    let change_password = why.map(str::to_owned);
    let row = ConditionRow { user_id: user, tenant_id: tenant, expires_at: None, change_password, suspended_until: None };
    put(&row, &["change_password"])
}

/// Sets from when on nobody signs in to an account; its other conditions stay.
pub fn expire(tenant: TenantId, user: UserId, at: Option<Timestamp>) -> Statement {
    let row = ConditionRow { user_id: user, tenant_id: tenant, expires_at: at, change_password: None, suspended_until: None };
    put(&row, &["expires_at"])
}

/// Writes columns of a row; what an account has in the others stays.
fn put(row: &ConditionRow, columns: &[&str]) -> Statement {
    let set: Vec<String> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let mut insert = row.insert();
    insert.sql = format!("{} ON CONFLICT (user_id) DO UPDATE SET {}", insert.sql, set.join(", ")).into();
    insert
}

/// The password was changed: it need not be changed any more.
pub fn password_was_changed(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "UPDATE account_condition SET change_password = NULL WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "account_condition.password",
    )
}

impl Store {
    /// The conditions of an account, if it has any.
    pub async fn conditions(&self, tenant: TenantId, user: UserId) -> Result<Option<ConditionRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2", params![tenant.0, user.0]).await
    }
}
