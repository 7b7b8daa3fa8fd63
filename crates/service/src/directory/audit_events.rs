//! The audit log, read.

use super::DirectoryError;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::UserId;
use doorward_store::Page;
use doorward_store::audit::{AuditEventRow, AuditFilter, ChainReport};
use uuid::Uuid;

impl Service {
    /// Events of the tenant, newest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_audit_events(
        &self,
        cx: &Cx,
        event: Option<&str>,
        user: Option<UserId>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<AuditEventRow>, DirectoryError> {
        let wanted = AuditFilter { event, user, ..AuditFilter::default() };
        self.search_audit_events(cx, &wanted, after, limit).await
    }

    /// Events of the tenant that fit, newest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn search_audit_events(
        &self,
        cx: &Cx,
        wanted: &AuditFilter<'_>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<AuditEventRow>, DirectoryError> {
        Ok(self.store.search_audit_events(cx.tenant_id(), wanted, after, limit).await?)
    }

    /// Walks the chain of the tenant.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn verify_audit_chain(&self, cx: &Cx) -> Result<ChainReport, DirectoryError> {
        // What was written a moment ago may not be chained yet where another engine chains after the commit.
        self.store.chain_audit().await?;
        Ok(self.store.verify_audit(cx.tenant_id()).await?)
    }
}
