//! Conditions under which somebody may sign in: until when, and whether with the password they have.

use super::DirectoryError;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::conditions::{expire, require_password_change};
use doorward_store::engine::Batch;

/// Why a password must be changed when an administrator says so.
const ADMINISTRATOR: &str = "administrator";

/// The conditions of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions {
    /// From then on nobody signs in to the account.
    pub expires_at: Option<Timestamp>,
    /// Whether the password must be changed at the next sign-in with it.
    pub must_change_password: bool,
    /// Until then a sanction keeps the person from signing in.
    pub suspended_until: Option<Timestamp>,
}

/// What is changed of them. What is not named stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConditionsChange {
    /// From then on nobody signs in, or no end.
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the password must be changed at the next sign-in with it.
    pub must_change_password: Option<bool>,
}

impl Service {
    /// The conditions of a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn user_conditions(&self, cx: &Cx, id: UserId) -> Result<Conditions, DirectoryError> {
        self.get_user(cx, id).await?;
        let row = self.store.conditions(cx.tenant_id(), id).await?;
        Ok(row.map_or_else(Conditions::default, |row| Conditions {
            expires_at: row.expires_at,
            must_change_password: row.change_password.is_some(),
            suspended_until: row.suspended_until.filter(|until| *until > cx.now),
        }))
    }

    /// Changes them.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn change_user_conditions(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        change: ConditionsChange,
    ) -> Result<Conditions, DirectoryError> {
        self.may_change_account(cx, actor, id, "conditions").await?;
        let before = self.user_conditions(cx, id).await?;
        let mut batch = Batch::new();
        let mut fields = Vec::new();
        if let Some(must) = change.must_change_password.filter(|must| *must != before.must_change_password) {
            if must && self.store.password(cx.tenant_id(), id).await?.is_none() {
                return Err(DirectoryError::conflict("must_change_password", "this user has no password"));
            }
            batch.push(require_password_change(cx.tenant_id(), id, must.then_some(ADMINISTRATOR)));
            fields.push("must_change_password");
        }
        if let Some(at) = change.expires_at.filter(|at| *at != before.expires_at) {
            if at.is_some() && self.administrator(cx, id).await? == Some(AdminRole::Owner) {
                return Err(DirectoryError::conflict(
                    "expires_at",
                    "an owner's account has no end: give them another role first",
                ));
            }
            batch.push(expire(cx.tenant_id(), id, at));
            fields.push("expires_at");
        }
        if fields.is_empty() {
            return Ok(before);
        }
        let event = Event::new("user.conditions_changed").user(id).actor(actor).with("fields", fields);
        self.store.commit(batch.with(event.statement(cx))).await?;
        self.user_conditions(cx, id).await
    }
}
