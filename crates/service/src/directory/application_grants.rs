//! Application grants: what a machine may have at a resource server (client credentials).

use super::field::Problems;
use super::{DirectoryError, again};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{ApplicationId, ResourceServerId};
use doorward_store::Json;
use doorward_store::applications::{ApplicationGrantRow, put_application_grant};
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;

/// A grant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub resource_server: ResourceServerId,
    /// Scopes of that resource server.
    pub scopes: Vec<String>,
}

impl Service {
    /// Sets what an application may have at a resource server; the answer says whether anything changed.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_application_grant(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        grant: Grant,
    ) -> Result<(ApplicationGrantRow, bool), DirectoryError> {
        again!(self.put_application_grant_once(cx, actor, id, grant.clone()))
    }

    async fn put_application_grant_once(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        mut grant: Grant,
    ) -> Result<(ApplicationGrantRow, bool), DirectoryError> {
        self.get_application(cx, id).await?;
        let (server, known) = match self.get_resource_server(cx, grant.resource_server).await {
            Err(DirectoryError::NotFound { .. }) => {
                return Err(DirectoryError::invalid("resource_server_id", "no such resource server"));
            }
            other => other?,
        };
        let mut problems = Problems::default();
        problems.each("scopes", &grant.scopes, 1000, |scope| {
            if known.iter().any(|k| k.value == scope) { Ok(()) } else { Err(format!("{} has no such scope", server.audience)) }
        });
        problems.finish()?;
        grant.scopes.sort();
        let before = self.store.application_grants(cx.tenant_id(), id).await?;
        let before = before.into_iter().find(|g| g.resource_server_id == server.id);
        if let Some(before) = before.clone().filter(|b| b.scopes.0 == grant.scopes) {
            return Ok((before, false));
        }
        let row = ApplicationGrantRow {
            tenant_id: cx.tenant_id(),
            application_id: id,
            resource_server_id: server.id,
            scopes: Json(grant.scopes),
            created_at: before.map_or(cx.now, |b| b.created_at),
        };
        let event = Event::new("application_grant.set")
            .application(id)
            .actor(actor)
            .with("audience", server.audience.as_str())
            .with("scopes", row.scopes.0.clone());
        // A scope that is taken from the resource server meanwhile must not come in behind its back.
        self.write(Batch::new().with(server.unchanged()).with(put_application_grant(&row)).with(event.statement(cx))).await?;
        Ok((row, true))
    }

    /// Grants of an application.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_application_grants(&self, cx: &Cx, id: ApplicationId) -> Result<Vec<ApplicationGrantRow>, DirectoryError> {
        self.get_application(cx, id).await?;
        let mut all = self.store.application_grants(cx.tenant_id(), id).await?;
        all.sort_by_key(|g| g.resource_server_id);
        Ok(all)
    }

    /// Takes a grant back.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_application_grant(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        resource_server: ResourceServerId,
    ) -> Result<(), DirectoryError> {
        let all = self.list_application_grants(cx, id).await?;
        let row = all.into_iter().find(|g| g.resource_server_id == resource_server);
        let row = row.ok_or(DirectoryError::NotFound { noun: "grant" })?;
        let event = Event::new("application_grant.deleted")
            .application(id)
            .actor(actor)
            .with("resource_server", resource_server.to_string());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}
