//! What happened in the account lately: the audit events about its person.

use super::AccountError;
use crate::boxed;
use crate::{Cx, Service};
use doorward_store::Page;
use doorward_store::audit::AuditEventRow;
use doorward_store::sessions::SessionRow;
use std::collections::HashMap;
use uuid::Uuid;

/// Events on one page.
pub const ACTIVITY_PAGE: u32 = 50;

/// A page of events, newest first, with the names of what they are about.
#[derive(Debug, Clone)]
pub struct Activity {
    /// The events.
    pub events: Vec<AuditEventRow>,
    /// Cursor of the older page.
    pub older: Option<Uuid>,
    /// Names by id: passkeys of the account, applications.
    pub names: HashMap<Uuid, String>,
}

impl Service {
    /// The events of the person before a cursor.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn my_activity(&self, cx: &Cx, session: &SessionRow, before: Option<Uuid>) -> Result<Activity, AccountError> {
        let tenant = cx.tenant_id();
        let Page { items, next } = self.store.audit_events(tenant, None, Some(session.user_id), before, ACTIVITY_PAGE).await?;
        let mut names: HashMap<Uuid, String> =
            self.store.passkeys(tenant, session.user_id).await?.into_iter().map(|p| (p.id.0, p.name)).collect();
        for event in &items {
            if let Some(id) = event.application_id
                && !names.contains_key(&id.0)
                && let Some(application) = self.store.application(tenant, id).await?
            {
                names.insert(id.0, application.name);
            }
        }
        Ok(Activity { events: items, older: next, names })
    }
}
