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

/// The address that a domain is reached at, without a last slash.
pub fn base_of(domain: &DomainRow) -> &str {
    domain.base_url.as_deref().unwrap_or(&domain.issuer).trim_end_matches('/')
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

    /// The address that we are reached at, without a last slash: the issuer, unless the domain says otherwise.
    pub fn base(&self) -> &str {
        base_of(&self.domain)
    }

    /// An address of ours: [`Self::base`] and a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// The same request under another policy.
    #[must_use]
    pub fn with_policy(&self, policy: doorward_protocol::policy::Policy) -> Self {
        let mut row = self.tenant.row.clone();
        row.settings.0.policy = policy;
        let mut out = self.clone();
        out.tenant = Arc::new(Tenant { row, ..Tenant::clone(&self.tenant) });
        out
    }

    /// The same request, under the policy as an application has it.
    #[must_use]
    pub fn under(&self, application: Option<&doorward_store::applications::ApplicationRow>) -> Self {
        if let Some(application) = application
            && let Some(patch) = &application.settings.0.policy
        {
            match crate::tenancy::policy_with(self.policy(), patch) {
                Ok(policy) => return self.with_policy(policy),
                // It was checked when it was set; what it is set on may have changed since.
                Err(error) => {
                    tracing::error!(application = %application.id, %error, "an application's policy does not fit its tenant's");
                }
            }
        }
        self.clone()
    }

    /// The policy.
    pub fn policy(&self) -> &doorward_protocol::policy::Policy {
        &self.tenant.row.settings.0.policy
    }
}
