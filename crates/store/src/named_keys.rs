//! Keys that have a name and sign for those who name them; and what some doors keep of an API key.

use crate::Store;
use crate::engine::{Statement, StoreError};
use crate::params;
use crate::record::{Json, record};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// A key with a name.
    NamedKeyRow in "named_key" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose.
        tenant_id: TenantId,
        /// Name shown to people.
        name: String,
        /// `kid`.
        kid: String,
        /// `RS256`, … or `HS256` for a secret that two sides share.
        alg: String,
        /// PKCS#8, or the secret; encrypted under the master key. `None`: the key only verifies.
        private_key: Option<Vec<u8>>,
        /// Public JWK; `None` for secrets.
        public_jwk: Option<String>,
        /// What its surface keeps of it.
        extension: Json<serde_json::Value>,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// What a door keeps of an API key.
    ApiKeyDetailRow in "api_key_detail" by [api_key_id] {
        /// Which key.
        api_key_id: Uuid,
        /// The key itself, encrypted: some doors must show it again.
        key_sealed: Option<Vec<u8>>,
        /// What its surface keeps of it.
        extension: Json<serde_json::Value>,
        /// Changed at.
        updated_at: Timestamp,
    }
}

/// Sets what a door keeps of an API key.
pub fn put_api_key_detail(row: &ApiKeyDetailRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (api_key_id) DO UPDATE SET key_sealed = excluded.key_sealed, extension = excluded.extension, updated_at = excluded.updated_at",
        insert.sql
    )
    .into();
    insert
}

impl Store {
    /// The named keys of a tenant, oldest first.
    pub async fn named_keys(&self, tenant: TenantId) -> Result<Vec<NamedKeyRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY created_at, id", params![tenant.0]).await
    }

    /// A named key.
    pub async fn named_key(&self, tenant: TenantId, id: Uuid) -> Result<Option<NamedKeyRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// A named key of whichever tenant.
    pub async fn named_key_anywhere(&self, id: Uuid) -> Result<Option<NamedKeyRow>, StoreError> {
        self.find("WHERE id = $1 ORDER BY created_at LIMIT 1", params![id]).await
    }

    /// What a door keeps of an API key.
    pub async fn api_key_detail(&self, id: Uuid) -> Result<Option<ApiKeyDetailRow>, StoreError> {
        self.find("WHERE api_key_id = $1", params![id]).await
    }
}
