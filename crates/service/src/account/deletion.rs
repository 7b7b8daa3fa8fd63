//! Delete my account, unless nobody else could administer the tenant: everything at once, and an event that knows nothing but the id.

use super::{AccountError, push_all};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::{Cx, Service};
use doorward_protocol::admin::AdminRole;
use doorward_store::Json;
use doorward_store::administrators::{keeps_owner, lock_administrators};
use doorward_store::directory::{delete_aliases, delete_all_metadata};
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use doorward_store::users::Person;
use serde_json::json;

/// What must be typed to confirm: the primary address, or whatever the person is known by.
fn confirmation(person: &Person) -> &str {
    person.email().or(person.identifiers.first()).map_or_else(|| person.user.name.as_deref().unwrap_or_default(), |i| &i.value)
}

impl Service {
    /// What must be typed before the account is deleted.
    pub fn deletion_confirmation(&self, person: &Person) -> String {
        confirmation(person).to_owned()
    }

    /// Deletes the account with everything that is in it. Sessions and tokens die at once; audit events stay, with ids only.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn delete_account(&self, cx: &Cx, session: &SessionRow, typed: &str) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let person = self.account(cx, session).await?;
        if typed.trim().is_empty() || typed.trim().to_lowercase() != confirmation(&person).to_lowercase() {
            return Err(AccountError::ConfirmationWrong);
        }
        let administrator = self.store.administrator(tenant, user).await?;
        let owner = administrator.is_some_and(|row| row.role == AdminRole::Owner.as_str());
        let mut batch = Batch::new();
        if owner {
            batch.push(lock_administrators(tenant));
        }
        // Rows of the person go with the account; what stops their access tokens must outlive it.
        push_all(&mut batch, self.revocations(cx, user, "account_deleted", |_| true).await?);
        batch.push(delete_aliases(tenant, user.0));
        batch.push(delete_all_metadata(tenant, user.0));
        push_all(&mut batch, self.notice(cx, &person, &Letter::AccountDeleted)?);
        batch.push(person.user.delete());
        let mut event = Event::new("account.deleted").user(user).row(cx);
        event.ip = String::new();
        event.data = Json(json!({}));
        batch.push(event.insert());
        if owner {
            batch.push(keeps_owner(tenant));
        }
        self.store.commit(batch).await?;
        Ok(())
    }
}
