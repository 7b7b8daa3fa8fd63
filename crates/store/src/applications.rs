//! Applications (OAuth clients), their secrets, and resource servers.

use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Field as _, Json, record, statement};
use crate::revision::CHANGED;
use crate::{Page, Store};
use doorward_protocol::ids::{ApplicationId, ResourceServerId, TenantId};
use doorward_protocol::oauth::client::ApplicationSettings;
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

record! {
    /// An application.
    ApplicationRow in "application" by [tenant_id, id] {
        /// Its id.
        id: ApplicationId,
        /// Whose.
        tenant_id: TenantId,
        /// `client_id`.
        client_id: String,
        /// Name shown to people.
        name: String,
        /// Whether it may be used.
        enabled: bool,
        /// Settings.
        settings: Json<ApplicationSettings>,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A secret of an application; several may live side by side while one is rotated.
    ApplicationSecretRow in "application_secret" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose.
        tenant_id: TenantId,
        /// Of which application.
        application_id: ApplicationId,
        /// Keyed digest of the secret.
        secret_hash: Vec<u8>,
        /// The secret, encrypted under the master key: some accents must show it again.
        secret_sealed: Vec<u8>,
        /// Its last four characters.
        hint: String,
        /// Made at.
        created_at: Timestamp,
        /// Good until; `None` for ever.
        expires_at: Option<Timestamp>,
    }
}

/// What a resource server sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceServerSettings {
    /// Longest life of its access tokens, in seconds; `None`: the application decides.
    pub access_token_lifetime_seconds: Option<i64>,
    /// Whether refresh tokens may be given for it.
    pub allow_offline_access: bool,
    /// Grant only scopes that the person holds as permissions, and list those in `permissions`.
    pub enforce_permissions: bool,
    /// Whether access tokens list the person's permissions; `None`: where they are enforced.
    pub list_permissions: Option<bool>,
    /// Access tokens follow RFC 9068 whatever the application's accent prefers.
    pub standard_tokens: bool,
    /// Whether people are asked for consent even by first-party applications.
    pub require_consent: bool,
    /// Signature algorithm of its access tokens; `None`: the application's.
    pub signing_alg: Option<String>,
}

impl ResourceServerSettings {
    /// Whether access tokens list the person's permissions.
    pub fn lists_permissions(&self) -> bool {
        self.list_permissions.unwrap_or(self.enforce_permissions)
    }
}

impl Default for ResourceServerSettings {
    fn default() -> Self {
        Self {
            access_token_lifetime_seconds: None,
            allow_offline_access: true,
            enforce_permissions: false,
            list_permissions: None,
            standard_tokens: false,
            require_consent: false,
            signing_alg: None,
        }
    }
}

record! {
    /// A resource server.
    ResourceServerRow in "resource_server" by [tenant_id, id] {
        /// Its id.
        id: ResourceServerId,
        /// Whose.
        tenant_id: TenantId,
        /// `aud` of its tokens.
        audience: String,
        /// Name shown to people.
        name: String,
        /// Settings.
        settings: Json<ResourceServerSettings>,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A scope of a resource server; also a permission that roles can hold.
    ScopeRow in "scope" by [resource_server_id, value] {
        /// Whose.
        tenant_id: TenantId,
        /// Of which resource server.
        resource_server_id: ResourceServerId,
        /// Its value in `scope`.
        value: String,
        /// Words for the consent page.
        description: String,
    }
}

record! {
    /// What a machine may have at a resource server.
    ApplicationGrantRow in "application_grant" by [application_id, resource_server_id] {
        /// Whose.
        tenant_id: TenantId,
        /// Which application.
        application_id: ApplicationId,
        /// Where.
        resource_server_id: ResourceServerId,
        /// Scopes.
        scopes: Json<Vec<String>>,
        /// Made at.
        created_at: Timestamp,
    }
}

/// Removes every scope of a resource server, before a new list is written.
pub fn delete_scopes(tenant: TenantId, resource_server: ResourceServerId) -> Statement {
    statement(
        "DELETE FROM scope WHERE tenant_id = $1 AND resource_server_id = $2",
        params![tenant.0, resource_server.0],
        crate::engine::Expect::Any,
        "scope.delete",
    )
}

/// Sets what a machine may have at a resource server.
pub fn put_application_grant(row: &ApplicationGrantRow) -> Statement {
    let mut insert = row.insert();
    insert.sql =
        format!("{} ON CONFLICT (application_id, resource_server_id) DO UPDATE SET scopes = excluded.scopes", insert.sql).into();
    insert
}

/// Takes scopes that are no more from what a machine may have; it holds while the grant is as it was read.
pub fn narrow_application_grant(row: &ApplicationGrantRow, kept: Vec<String>) -> Statement {
    statement(
        "UPDATE application_grant SET scopes = $4 WHERE tenant_id = $1 AND application_id = $2 AND resource_server_id = $3 AND scopes = $5",
        params![row.tenant_id.0, row.application_id.0, row.resource_server_id.0, Json(kept).bind(), row.scopes.bind()],
        Expect::Rows(1),
        CHANGED,
    )
}

impl Store {
    /// An application by `client_id`.
    pub async fn application_by_client_id(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<Option<ApplicationRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND client_id = $2", params![tenant.0, client_id]).await
    }

    /// An application.
    pub async fn application(&self, tenant: TenantId, id: ApplicationId) -> Result<Option<ApplicationRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// Applications of a tenant, oldest first.
    pub async fn applications(
        &self,
        tenant: TenantId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ApplicationRow>, StoreError> {
        self.page(tenant.0, after, limit, |a: &ApplicationRow| a.id.0).await
    }

    /// Secrets of an application, newest first.
    pub async fn application_secrets(
        &self,
        tenant: TenantId,
        id: ApplicationId,
    ) -> Result<Vec<ApplicationSecretRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND application_id = $2 ORDER BY id DESC", params![tenant.0, id.0]).await
    }

    /// A resource server by audience.
    pub async fn resource_server_by_audience(
        &self,
        tenant: TenantId,
        audience: &str,
    ) -> Result<Option<ResourceServerRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND audience = $2", params![tenant.0, audience]).await
    }

    /// A resource server.
    pub async fn resource_server(&self, tenant: TenantId, id: ResourceServerId) -> Result<Option<ResourceServerRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// Resource servers of a tenant, oldest first.
    pub async fn resource_servers(
        &self,
        tenant: TenantId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ResourceServerRow>, StoreError> {
        self.page(tenant.0, after, limit, |r: &ResourceServerRow| r.id.0).await
    }

    /// Scopes of a resource server, by value.
    pub async fn scopes(&self, tenant: TenantId, resource_server: ResourceServerId) -> Result<Vec<ScopeRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND resource_server_id = $2 ORDER BY value", params![tenant.0, resource_server.0]).await
    }

    /// Resource servers that define any of these scopes.
    pub async fn scopes_of_tenant(&self, tenant: TenantId) -> Result<Vec<ScopeRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY value", params![tenant.0]).await
    }

    /// What a machine may have.
    pub async fn application_grants(
        &self,
        tenant: TenantId,
        application: ApplicationId,
    ) -> Result<Vec<ApplicationGrantRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND application_id = $2", params![tenant.0, application.0]).await
    }

    /// What every machine may have at a resource server.
    pub async fn application_grants_at(
        &self,
        tenant: TenantId,
        resource_server: ResourceServerId,
    ) -> Result<Vec<ApplicationGrantRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND resource_server_id = $2", params![tenant.0, resource_server.0]).await
    }

    /// What every machine of a tenant may have.
    pub async fn application_grants_of_tenant(&self, tenant: TenantId) -> Result<Vec<ApplicationGrantRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY application_id, resource_server_id", params![tenant.0]).await
    }
}
