//! Documents that a surface keeps beside our nouns, as metadata; and which tenant an id belongs to.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::statement;
use doorward_protocol::ids::TenantId;
use serde_json::Value as Document;
use uuid::Uuid;

/// Deletes the documents of an owner in a namespace.
pub fn delete_extension(tenant: TenantId, namespace: &str, owner: Uuid) -> Statement {
    statement(
        "DELETE FROM metadata WHERE tenant_id = $1 AND namespace = $2 AND owner = $3",
        params![tenant.0, namespace, owner],
        Expect::Any,
        "metadata.delete",
    )
}

impl Store {
    /// One document of an owner.
    pub async fn extension(
        &self,
        tenant: TenantId,
        namespace: &str,
        owner: Uuid,
        key: &str,
    ) -> Result<Option<Document>, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT value FROM metadata WHERE tenant_id = $1 AND namespace = $2 AND owner = $3 AND key = $4",
                params![tenant.0, namespace, owner, key],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        serde_json::from_str(&row.text("value")?).map(Some).map_err(|_| StoreError::Type { column: "value".into() })
    }

    /// Every owner's document of a kind, in the order of their ids.
    pub async fn extensions(&self, tenant: TenantId, namespace: &str, key: &str) -> Result<Vec<(Uuid, Document)>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT owner, value FROM metadata WHERE tenant_id = $1 AND namespace = $2 AND key = $3 ORDER BY owner LIMIT 10000",
                params![tenant.0, namespace, key],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let document =
                    serde_json::from_str(&row.text("value")?).map_err(|_| StoreError::Type { column: "value".into() })?;
                Ok((row.uuid("owner")?, document))
            })
            .collect()
    }

    /// Documents of a kind of these owners.
    pub async fn extensions_of(
        &self,
        tenant: TenantId,
        namespace: &str,
        key: &str,
        owners: &[Uuid],
    ) -> Result<Vec<(Uuid, Document)>, StoreError> {
        let mut out = Vec::with_capacity(owners.len());
        for owner in owners {
            if let Some(document) = self.extension(tenant, namespace, *owner, key).await? {
                out.push((*owner, document));
            }
        }
        Ok(out)
    }

    /// The tenant of whatever has this id: an application, a user, a group, a role, a named key, a grant or a document of a
    /// surface. Ids are unique over all tenants.
    pub async fn tenant_of(&self, id: Uuid) -> Result<Option<TenantId>, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT tenant_id FROM application WHERE id = $1 UNION ALL SELECT tenant_id FROM account WHERE id = $1 UNION ALL SELECT tenant_id FROM user_group WHERE id = $1 UNION ALL SELECT tenant_id FROM role WHERE id = $1 UNION ALL SELECT tenant_id FROM named_key WHERE id = $1 UNION ALL SELECT tenant_id FROM refresh_family WHERE id = $1 UNION ALL SELECT tenant_id FROM code_challenge WHERE id = $1 UNION ALL SELECT tenant_id FROM passkey WHERE id = $1 UNION ALL SELECT tenant_id FROM refresh_token WHERE id = $1 UNION ALL SELECT tenant_id FROM sanction WHERE id = $1 LIMIT 1",
                params![id],
            )
            .await?;
        row.map(|row| row.uuid("tenant_id").map(TenantId)).transpose()
    }
}
