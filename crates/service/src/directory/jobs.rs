//! Jobs that are done the moment they are asked for: asked after like the others.

use super::DirectoryError;
use super::import::kept_until;
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_store::Json;
use doorward_store::users::Person;
use doorward_store::work::{self, JobRow};
use serde_json::json;

/// The kind of jobs that ask somebody to prove their address.
pub const VERIFICATION_MAIL: &str = "verification_mail";

impl Service {
    /// Mails a person whose address is not proven what proves it, as a job.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn start_verification_mail(&self, cx: &Cx, actor: &str, person: &Person) -> Result<JobRow, DirectoryError> {
        let row = JobRow {
            id: new_id(cx.now),
            tenant_id: cx.tenant_id(),
            kind: VERIFICATION_MAIL.into(),
            status: work::COMPLETED.into(),
            actor: actor.to_owned(),
            input: None,
            total: 1,
            done: 1,
            summary: Json(json!({})),
            errors: Json(Vec::new()),
            leased_until: None,
            attempts: 0,
            created_at: cx.now,
            started_at: Some(cx.now),
            finished_at: Some(cx.now),
            expires_at: kept_until(self, cx),
        };
        let event = Event::new("code.sent").user(person.user.id).actor(actor).with("purpose", "verify_address");
        let batch = self.ask_to_verify(cx, person).await?.with(row.insert()).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(row)
    }
}
