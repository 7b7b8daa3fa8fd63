//! Guard against lost updates: whoever changes a row says which version of it was read.

use crate::applications::{ApplicationRow, ResourceServerRow};
use crate::directory::{GroupRow, RoleRow};
use crate::engine::{Expect, Statement};
use crate::params;
use crate::record::statement;
use crate::tenants::TenantRow;
use crate::users::UserRow;

/// The guard's label.
pub const CHANGED: &str = "revision.changed";

/// A row that knows when it was changed last.
pub trait Revised {
    /// Holds while the row is as it was read; put it before the statements that change the row.
    fn unchanged(&self) -> Statement;
}

macro_rules! revised {
    ($($row:ty, $table:literal;)*) => {$(
        impl Revised for $row {
            fn unchanged(&self) -> Statement {
                statement(
                    concat!("UPDATE ", $table, " SET updated_at = updated_at WHERE tenant_id = $1 AND id = $2 AND updated_at = $3"),
                    params![self.tenant_id.0, self.id.0, self.updated_at.0],
                    Expect::Rows(1),
                    CHANGED,
                )
            }
        }
    )*};
}

revised! {
    ApplicationRow, "application";
    ResourceServerRow, "resource_server";
    RoleRow, "role";
    GroupRow, "user_group";
    UserRow, "account";
}

impl Revised for TenantRow {
    fn unchanged(&self) -> Statement {
        statement(
            "UPDATE tenant SET updated_at = updated_at WHERE id = $1 AND updated_at = $2",
            params![self.id.0, self.updated_at.0],
            Expect::Rows(1),
            CHANGED,
        )
    }
}
