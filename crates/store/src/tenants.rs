//! Tenants and their domains.

use crate::engine::StoreError;
use crate::params;
use crate::record::{Json, record};
use crate::{Page, Store, cut};
use doorward_protocol::ids::{DomainId, TenantId};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::policy::Policy;
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How a tenant's pages look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    /// Address of a logo.
    pub logo_url: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Where people find help.
    pub support_url: Option<String>,
    /// Terms of service, linked from sign-up.
    pub terms_url: Option<String>,
    /// Privacy policy, linked from sign-up.
    pub privacy_url: Option<String>,
}

/// What a tenant sets; stored as one document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// Policy of sign-in.
    pub policy: Policy,
    /// Looks.
    pub brand: Brand,
    /// Language when the browser does not say; `en` when empty.
    pub default_locale: Option<String>,
    /// Sender of mails; the server's own when empty.
    pub mail_from: Option<String>,
    /// The resource server that a request means when it names none.
    pub default_audience: Option<String>,
    /// Addresses that sign-out may return to when no application asked for it.
    pub post_logout_redirect_uris: Vec<String>,
    /// Native applications that share its passkeys.
    pub native_apps: NativeApps,
}

/// Native applications that share a tenant's passkeys, as the association files of their systems name them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NativeApps {
    /// For `/.well-known/assetlinks.json` (Digital Asset Links).
    pub android: Vec<AndroidApp>,
    /// Application ids, team and bundle, for `/.well-known/apple-app-site-association`.
    pub apple: Vec<String>,
}

/// An Android application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidApp {
    /// Package name.
    pub package_name: String,
    /// SHA-256 fingerprints of the certificates that it is signed with, in upper-case hexadecimal with colons.
    pub sha256_cert_fingerprints: Vec<String>,
}

record! {
    /// A tenant.
    TenantRow in "tenant" by [id] {
        /// Its id.
        id: TenantId,
        /// Short name in commands.
        slug: String,
        /// Name shown to people.
        name: String,
        /// Settings.
        settings: Json<TenantSettings>,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A host that belongs to a tenant.
    DomainRow in "domain" by [id] {
        /// Its id.
        id: DomainId,
        /// Whose.
        tenant_id: TenantId,
        /// `host` or `host:port`, lower case, as it stands in a Host header.
        host: String,
        /// The exact issuer string.
        issuer: String,
        /// The domain that mails and links use.
        is_primary: bool,
        /// Whose discovery document it serves.
        accent: Accent,
        /// Made at.
        created_at: Timestamp,
    }
}

impl Store {
    /// A tenant.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<TenantRow>, StoreError> {
        self.find("WHERE id = $1", params![id.0]).await
    }

    /// A tenant by its short name.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<TenantRow>, StoreError> {
        self.find("WHERE slug = $1", params![slug]).await
    }

    /// Tenants, oldest first.
    pub async fn tenants(&self, after: Option<Uuid>, limit: u32) -> Result<Page<TenantRow>, StoreError> {
        let items =
            self.list("WHERE id > $1 ORDER BY id LIMIT $2", params![after.unwrap_or(Uuid::nil()), i64::from(limit) + 1]).await?;
        Ok(cut(items, limit, |t: &TenantRow| t.id.0))
    }

    /// A domain.
    pub async fn domain(&self, id: DomainId) -> Result<Option<DomainRow>, StoreError> {
        self.find("WHERE id = $1", params![id.0]).await
    }

    /// The domain of a host.
    pub async fn domain_by_host(&self, host: &str) -> Result<Option<DomainRow>, StoreError> {
        self.find("WHERE host = $1", params![host]).await
    }

    /// The domains of a tenant, the primary one first.
    pub async fn domains(&self, tenant: TenantId) -> Result<Vec<DomainRow>, StoreError> {
        self.list("WHERE tenant_id = $1 ORDER BY is_primary DESC, id", params![tenant.0]).await
    }
}
