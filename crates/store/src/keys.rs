//! Signing keys and API keys.

use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use crate::{Page, Store, cut};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

/// The key that signs.
pub const ACTIVE: &str = "active";
/// A key that is published before it signs.
pub const NEXT: &str = "next";
/// A key that signs no more and stays published until its tokens are gone.
pub const RETIRED: &str = "retired";
/// A key that is not published any more: what it signed is worth nothing.
pub const REVOKED: &str = "revoked";

record! {
    /// A signing key of a tenant.
    SigningKeyRow in "signing_key" by [tenant_id, kid] {
        /// `kid`.
        kid: String,
        /// Whose.
        tenant_id: TenantId,
        /// `RS256`, `ES256` or `EdDSA`.
        alg: String,
        /// `next`, `active`, `retired` or `revoked`.
        state: String,
        /// PKCS#8, encrypted under the master key.
        private_key: Vec<u8>,
        /// Public JWK.
        public_jwk: String,
        /// Made at.
        created_at: Timestamp,
        /// Retired at.
        retired_at: Option<Timestamp>,
        /// Its certificate, self-signed, in DER form.
        certificate: Option<Vec<u8>>,
    }
}

record! {
    /// An API key of the management API.
    ApiKeyRow in "api_key" by [id] {
        /// Its id.
        id: Uuid,
        /// Bound to one tenant; `None`: the whole server.
        tenant_id: Option<TenantId>,
        /// What it is for.
        name: String,
        /// Keyed digest.
        key_hash: Vec<u8>,
        /// Its last four characters.
        hint: String,
        /// What it may do.
        scopes: Json<Vec<String>>,
        /// Made at.
        created_at: Timestamp,
        /// Good until.
        expires_at: Option<Timestamp>,
        /// Used at.
        last_used_at: Option<Timestamp>,
    }
}

/// Retires the active key of an algorithm; the guard fails when another node rotated first.
pub fn retire(tenant: TenantId, kid: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE signing_key SET state = 'retired', retired_at = $3 WHERE tenant_id = $1 AND kid = $2 AND state = 'active'",
        params![tenant.0, kid, now.0],
        Expect::Rows(1),
        "signing_key.not_active",
    )
}

/// Makes a published key the one that signs.
pub fn activate(tenant: TenantId, kid: &str) -> Statement {
    statement(
        "UPDATE signing_key SET state = 'active' WHERE tenant_id = $1 AND kid = $2 AND state = 'next'",
        params![tenant.0, kid],
        Expect::Rows(1),
        "signing_key.not_next",
    )
}

/// Revokes a key that does not sign; the guard fails when it has begun to meanwhile.
pub fn revoke(tenant: TenantId, kid: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE signing_key SET state = 'revoked', retired_at = $3 WHERE tenant_id = $1 AND kid = $2 AND state IN ('next', 'retired')",
        params![tenant.0, kid, now.0],
        Expect::Rows(1),
        "signing_key.not_idle",
    )
}

/// Keeps the certificate of a key that has none yet.
pub fn certify(tenant: TenantId, kid: &str, certificate: &[u8]) -> Statement {
    statement(
        "UPDATE signing_key SET certificate = $3 WHERE tenant_id = $1 AND kid = $2 AND certificate IS NULL",
        params![tenant.0, kid, certificate],
        Expect::Any,
        "signing_key.certificate",
    )
}

/// Notes the use of an API key.
pub fn touch_api_key(id: Uuid, now: Timestamp) -> Statement {
    statement("UPDATE api_key SET last_used_at = $2 WHERE id = $1", params![id, now.0], Expect::Any, "api_key.touch")
}

impl Store {
    /// The keys of a tenant, newest first.
    pub async fn signing_keys(&self, tenant: TenantId) -> Result<Vec<SigningKeyRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY created_at DESC, kid", params![tenant.0]).await
    }

    /// An API key by digest.
    pub async fn api_key_by_hash(&self, hash: &[u8]) -> Result<Option<ApiKeyRow>, StoreError> {
        self.find("WHERE key_hash = $1", params![hash]).await
    }

    /// An API key.
    pub async fn api_key(&self, id: Uuid) -> Result<Option<ApiKeyRow>, StoreError> {
        self.find("WHERE id = $1", params![id]).await
    }

    /// API keys; with a tenant, only those bound to it.
    pub async fn api_keys(
        &self,
        tenant: Option<TenantId>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ApiKeyRow>, StoreError> {
        let after = after.unwrap_or(Uuid::nil());
        let items = match tenant {
            Some(tenant) => {
                self.list("WHERE id > $1 AND tenant_id = $3 ORDER BY id LIMIT $2", params![after, i64::from(limit) + 1, tenant.0])
                    .await?
            }
            None => self.list("WHERE id > $1 ORDER BY id LIMIT $2", params![after, i64::from(limit) + 1]).await?,
        };
        Ok(cut(items, limit, |k: &ApiKeyRow| k.id))
    }
}
