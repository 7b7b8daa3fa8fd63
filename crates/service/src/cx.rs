//! Who asks, when, from where: what every use case is given.

use crate::tenancy::Tenant;
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use doorward_store::tenants::DomainRow;
use std::sync::Arc;

/// The other end of a request.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Address.
    pub ip: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// Request id, as logged.
    pub request_id: String,
    /// Digest of the browser's own cookie; empty when it sent none.
    pub browser: String,
    /// Language of the request (BCP 47), as negotiated by the surface.
    pub locale: String,
}

/// The context of one request.
#[derive(Clone)]
pub struct Cx {
    /// Whose directory.
    pub tenant: Arc<Tenant>,
    /// The domain that was asked: decides the issuer.
    pub domain: Arc<DomainRow>,
    /// Time of the tenant.
    pub now: Timestamp,
    /// The other end.
    pub client: Client,
}

impl Cx {
    /// The tenant's id.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant.row.id
    }

    /// The issuer, exactly.
    pub fn issuer(&self) -> &str {
        &self.domain.issuer
    }

    /// An address of ours: the issuer without its last slash, and a path that begins with one.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.domain.issuer.trim_end_matches('/'))
    }

    /// The policy.
    pub fn policy(&self) -> &doorward_protocol::policy::Policy {
        &self.tenant.row.settings.0.policy
    }
}
