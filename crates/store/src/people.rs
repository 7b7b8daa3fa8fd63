//! What stands beside many users at once, by one query for all of them: for lists.

use crate::Store;
use crate::engine::{StoreError, Value};
use crate::users::{Person, UserRow};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::time::Timestamp;
use serde_json::Value as Document;
use std::collections::HashMap;
use uuid::Uuid;

/// Users asked about in one query.
const AT_ONCE: usize = 500;

/// A value that an owner has under a key of a namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Whose.
    pub namespace: String,
    /// Which.
    pub key: String,
    /// The value.
    pub value: Document,
}

impl Store {
    /// Metadata of these owners in these namespaces, by key.
    pub async fn metadata_of(
        &self,
        tenant: TenantId,
        namespaces: &[&str],
        owners: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<Kept>>, StoreError> {
        let mut out: HashMap<Uuid, Vec<Kept>> = HashMap::new();
        for part in owners.chunks(AT_ONCE) {
            let mut params = vec![Value::from(tenant.0)];
            let (namespaces, owners) = (crate::places(&mut params, namespaces), crate::places(&mut params, part));
            let sql = format!(
                "SELECT namespace, owner, key, value FROM metadata WHERE tenant_id = $1 AND namespace IN ({namespaces}) AND owner IN ({owners}) ORDER BY namespace, key"
            );
            for row in self.db.query(sql, params).await? {
                let value = serde_json::from_str(&row.text("value")?).map_err(|_| StoreError::Type { column: "value".into() })?;
                let one = Kept { namespace: row.text("namespace")?, key: row.text("key")?, value };
                out.entry(row.uuid("owner")?).or_default().push(one);
            }
        }
        Ok(out)
    }

    /// The outward ids of these owners in a namespace.
    pub async fn aliases_of_many(
        &self,
        tenant: TenantId,
        namespace: &str,
        owners: &[Uuid],
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        let mut out = HashMap::new();
        for part in owners.chunks(AT_ONCE) {
            let mut params = vec![Value::from(tenant.0), Value::from(namespace)];
            let owners = crate::places(&mut params, part);
            let sql =
                format!("SELECT outward, inward FROM alias WHERE tenant_id = $1 AND namespace = $2 AND inward IN ({owners})");
            for row in self.db.query(sql, params).await? {
                out.insert(row.uuid("inward")?, row.text("outward")?);
            }
        }
        Ok(out)
    }

    /// When each of these users who has a password got it.
    pub async fn passwords_changed_at(&self, tenant: TenantId, users: &[Uuid]) -> Result<HashMap<UserId, Timestamp>, StoreError> {
        let mut out = HashMap::new();
        for part in users.chunks(AT_ONCE) {
            let mut params = vec![Value::from(tenant.0)];
            let users = crate::places(&mut params, part);
            let sql = format!("SELECT user_id, changed_at FROM password WHERE tenant_id = $1 AND user_id IN ({users})");
            for row in self.db.query(sql, params).await? {
                out.insert(UserId(row.uuid("user_id")?), Timestamp(row.int("changed_at")?));
            }
        }
        Ok(out)
    }

    /// Which of these users can give a second factor.
    pub async fn with_second_factor(&self, tenant: TenantId, users: &[Uuid]) -> Result<Vec<UserId>, StoreError> {
        let mut out = Vec::new();
        for part in users.chunks(AT_ONCE) {
            let mut params = vec![Value::from(tenant.0)];
            let users = crate::places(&mut params, part);
            let sql = format!(
                "SELECT DISTINCT user_id FROM totp WHERE tenant_id = $1 AND confirmed_at IS NOT NULL AND user_id IN ({users})"
            );
            for row in self.db.query(sql, params).await? {
                out.push(UserId(row.uuid("user_id")?));
            }
        }
        Ok(out)
    }

    /// Users by id, with identifiers, in the order that is asked for; those who are not there are left out.
    pub async fn people(&self, tenant: TenantId, ids: &[UserId]) -> Result<Vec<Person>, StoreError> {
        let mut found: HashMap<UserId, Person> = HashMap::new();
        for part in ids.chunks(AT_ONCE) {
            let mut params = vec![Value::from(tenant.0)];
            let part: Vec<Uuid> = part.iter().map(|id| id.0).collect();
            let tail = format!("WHERE tenant_id = $1 AND id IN ({})", crate::places(&mut params, &part));
            let users: Vec<UserRow> = self.list(&tail, params).await?;
            for person in self.with_identifiers(tenant, users).await? {
                found.insert(person.user.id, person);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}
