//! What moderators impose on people.

use crate::engine::StoreError;
use crate::params;
use crate::record::record;
use crate::{Json, Store};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

record! {
    /// A sanction.
    SanctionRow in "sanction" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// On whom.
        user_id: UserId,
        /// What it is, in the words of the surface that imposed it.
        kind: Uuid,
        /// Whether it keeps the person from signing in while it lasts.
        prevents_sign_in: bool,
        /// What that surface says of it.
        detail: Json<Value>,
        /// Imposed at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
        /// Until when; `None`: it does not end by itself.
        ends_at: Option<Timestamp>,
    }
}

impl SanctionRow {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.detail.0.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Why it was imposed, where that was said.
    pub fn reason(&self) -> Option<&str> {
        ["reason", "comment"].into_iter().find_map(|key| self.detail.0.get(key)?.as_str())
    }

    /// Whether it is in force.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| end > now)
    }
}

impl Store {
    /// A sanction.
    pub async fn sanction(&self, tenant: TenantId, id: Uuid) -> Result<Option<SanctionRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// The sanctions on somebody, oldest first.
    pub async fn sanctions(&self, tenant: TenantId, user: UserId) -> Result<Vec<SanctionRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at, id LIMIT 1000", params![tenant.0, user.0]).await
    }
}
