//! Sign-ins whose state stays here: rows that exist only once something was done in them, and die with their time.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{record, statement};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

/// The guard of [`keep`]: somebody else changed the process meanwhile.
pub const MOVED: &str = "process.moved";

record! {
    /// The state of a sign-in under way.
    ProcessRow in "process" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// How often it was changed.
        revision: i64,
        /// Its state, sealed.
        sealed: String,
        /// Good until.
        until: Timestamp,
    }
}

/// Writes the next state of a process: the first one is inserted, a later one replaces exactly the one before. When another
/// request was quicker, the first violates uniqueness and the second the guard [`MOVED`].
pub fn keep(row: &ProcessRow) -> Statement {
    if row.revision <= 1 {
        return row.insert();
    }
    statement(
        "UPDATE process SET revision = $3, sealed = $4, until = $5 WHERE tenant_id = $1 AND id = $2 AND revision = $3 - 1",
        params![row.tenant_id.0, row.id, row.revision, row.sealed.as_str(), row.until.0],
        Expect::Rows(1),
        MOVED,
    )
}

impl Store {
    /// The state of a process, if it is still in time.
    pub async fn process(&self, tenant: TenantId, id: Uuid, now: Timestamp) -> Result<Option<ProcessRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2 AND until > $3", params![tenant.0, id, now.0]).await
    }
}
