//! Resource servers that come with an accent: what its clients ask tokens for, and what an operator should not have to write by
//! hand. They are made with the first domain or application of the accent, and are resource servers like any other: whoever is to
//! have a token for one is given a grant.

use super::DirectoryError;
use crate::{Cx, Service};
use doorward_protocol::oauth::client::Accent;

impl Service {
    /// Makes the resource servers that come with an accent, where they are not there yet: for each domain of the accent, else for
    /// the primary one.
    pub(super) async fn make_built_in(&self, cx: &Cx, actor: &str, accent: Accent) -> Result<(), DirectoryError> {
        let domains = self.store.domains(cx.tenant_id()).await?;
        let mut issuers: Vec<&str> = domains.iter().filter(|d| d.accent == accent).map(|d| d.issuer.as_str()).collect();
        if issuers.is_empty() {
            issuers.extend(domains.iter().find(|d| d.is_primary).map(|d| d.issuer.as_str()));
        }
        issuers.sort_unstable();
        issuers.dedup();
        for issuer in issuers {
            for wanted in self.profiles.resource_servers_of(accent, issuer) {
                if self.store.resource_server_by_audience(cx.tenant_id(), &wanted.audience).await?.is_some() {
                    continue;
                }
                match self.create_resource_server(cx, actor, wanted).await {
                    // Somebody else made it in the same moment.
                    Ok(_) | Err(DirectoryError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
