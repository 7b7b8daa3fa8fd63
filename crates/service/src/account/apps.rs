//! Connected applications: what the person consented to, and who holds refresh tokens.

use super::{AccountError, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::grants;
use doorward_store::sessions::SessionRow;
use std::collections::BTreeMap;

/// An application that has access to the account.
#[derive(Debug, Clone)]
pub struct ConnectedApp {
    /// The application.
    pub application: ApplicationRow,
    /// Since when.
    pub since: Timestamp,
    /// When it last asked for a token.
    pub last_used: Option<Timestamp>,
    /// Scopes that it has.
    pub scopes: Vec<String>,
}

#[derive(Default)]
struct Access {
    since: Option<Timestamp>,
    last_used: Option<Timestamp>,
    scopes: Vec<String>,
}

impl Access {
    fn add(&mut self, since: Timestamp, scopes: &[String]) {
        self.since = Some(self.since.map_or(since, |known| known.min(since)));
        for scope in scopes {
            if !self.scopes.contains(scope) {
                self.scopes.push(scope.clone());
            }
        }
    }
}

impl Service {
    /// The applications that have access, by name.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn my_apps(&self, cx: &Cx, session: &SessionRow) -> Result<Vec<ConnectedApp>, AccountError> {
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let mut found: BTreeMap<uuid::Uuid, Access> = BTreeMap::new();
        for consent in self.store.consents(tenant, user).await? {
            found.entry(consent.application_id.0).or_default().add(consent.created_at, &consent.scopes.0);
        }
        for family in self.store.refresh_families(tenant, user, cx.now).await? {
            let access = found.entry(family.application_id.0).or_default();
            access.add(family.created_at, &family.terms.0.scope);
            access.last_used = access.last_used.max(Some(family.last_used_at));
        }
        let mut out = Vec::new();
        for (id, access) in found {
            let Some(application) = self.store.application(tenant, ApplicationId(id)).await? else { continue };
            let since = access.since.unwrap_or(application.created_at);
            out.push(ConnectedApp { application, since, last_used: access.last_used, scopes: access.scopes });
        }
        out.sort_by_key(|app| app.application.name.to_lowercase());
        Ok(out)
    }

    /// Takes the access of an application away: its consent, its refresh tokens, and the access tokens that came with them.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn disconnect_app(&self, cx: &Cx, session: &SessionRow, id: ApplicationId) -> Result<(), AccountError> {
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let mut batch = Batch::new();
        push_all(&mut batch, self.revocations(cx, user, "disconnected", |f| f.application_id == id).await?);
        if batch.is_empty() && self.store.consent(tenant, user, id).await?.is_none() {
            return Err(AccountError::NotFound("application"));
        }
        batch.push(grants::revoke_families_of_application(tenant, user, id, "disconnected", cx.now));
        batch.push(grants::delete_consent(tenant, user, id));
        batch.push(Event::new("consent.revoked").user(user).application(id).statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }
}
