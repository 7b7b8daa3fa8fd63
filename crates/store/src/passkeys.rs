//! Passkeys.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use doorward_protocol::ids::{PasskeyId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// A passkey: a WebAuthn public key credential (WebAuthn Level 3, section 4, credential record).
    PasskeyRow in "passkey" by [tenant_id, id] {
        /// Its id.
        id: PasskeyId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// Credential id.
        credential_id: Vec<u8>,
        /// The user handle it was made with.
        user_handle: Vec<u8>,
        /// COSE_Key.
        public_key: Vec<u8>,
        /// Relying party id it belongs to.
        rp_id: String,
        /// Last signature counter.
        sign_count: i64,
        /// BE: may be backed up.
        backup_eligible: bool,
        /// BS: is backed up.
        backup_state: bool,
        /// Model of the authenticator.
        aaguid: Uuid,
        /// Transports.
        transports: Json<Vec<String>>,
        /// Attestation format.
        attestation_format: String,
        /// Name given by its owner or by its model.
        name: String,
        /// Made at.
        created_at: Timestamp,
        /// Used at.
        last_used_at: Option<Timestamp>,
        /// Browser and system it was made on.
        created_on: String,
    }
}

/// Notes a use: counter, backup state, time. The guard fails when the passkey was deleted meanwhile or a concurrent use
/// moved the counter past this one.
pub fn note_use(
    tenant: TenantId,
    id: PasskeyId,
    expected_count: i64,
    sign_count: i64,
    backup_state: bool,
    now: Timestamp,
) -> Statement {
    statement(
        "UPDATE passkey SET sign_count = $4, backup_state = $5, last_used_at = $6 WHERE tenant_id = $1 AND id = $2 AND (sign_count = $3 OR $4 >= sign_count)",
        params![tenant.0, id.0, expected_count, sign_count, backup_state, now.0],
        Expect::Rows(1),
        "passkey.gone",
    )
}

/// Renames a passkey of a user.
pub fn rename(tenant: TenantId, user: UserId, id: PasskeyId, name: &str) -> Statement {
    statement(
        "UPDATE passkey SET name = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        params![tenant.0, user.0, id.0, name],
        Expect::Rows(1),
        "passkey.gone",
    )
}

/// Deletes a passkey of a user.
pub fn delete(tenant: TenantId, user: UserId, id: PasskeyId) -> Statement {
    statement(
        "DELETE FROM passkey WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        params![tenant.0, user.0, id.0],
        Expect::Rows(1),
        "passkey.gone",
    )
}

/// Deletes every passkey of a user.
pub fn delete_all(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM passkey WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "passkey.delete_all",
    )
}

/// Notes that a passkey was made or used on a device, by the digest of the device's handle.
pub fn note_device(tenant: TenantId, id: PasskeyId, device: &str, now: Timestamp) -> Statement {
    statement(
        "INSERT INTO passkey_device (tenant_id, passkey_id, device, seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT (passkey_id, device) DO UPDATE SET seen_at = excluded.seen_at",
        params![tenant.0, id.0, device, now.0],
        Expect::Any,
        "passkey_device.note",
    )
}

impl Store {
    /// The devices that passkeys of a user were seen on.
    pub async fn passkey_devices(&self, tenant: TenantId, user: UserId) -> Result<Vec<(PasskeyId, String)>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT d.passkey_id, d.device FROM passkey_device d JOIN passkey p ON p.id = d.passkey_id WHERE p.tenant_id = $1 AND p.user_id = $2 AND d.tenant_id = $1",
                params![tenant.0, user.0],
            )
            .await?;
        rows.iter().map(|row| Ok((PasskeyId(row.uuid("passkey_id")?), row.text("device")?))).collect()
    }

    /// A passkey by credential id.
    pub async fn passkey_by_credential_id(
        &self,
        tenant: TenantId,
        credential_id: &[u8],
    ) -> Result<Option<PasskeyRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND credential_id = $2", params![tenant.0, credential_id]).await
    }

    /// A passkey of a user.
    pub async fn passkey(&self, tenant: TenantId, user: UserId, id: PasskeyId) -> Result<Option<PasskeyRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2 AND id = $3", params![tenant.0, user.0, id.0]).await
    }

    /// The passkeys of a user, oldest first.
    pub async fn passkeys(&self, tenant: TenantId, user: UserId) -> Result<Vec<PasskeyRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY id", params![tenant.0, user.0]).await
    }
}
