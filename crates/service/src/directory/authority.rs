//! Who may change the account of an administrator. Whoever can change an account can sign in to it, so each use case that touches
//! credentials, identifiers or the standing of a user asks here first: the one place where the rule holds for every surface.
//!
//! What people may do in applications (roles, groups, memberships, metadata) is none of it: it gives no place in the console.

use super::{DirectoryError, scopes_allow};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Error, Service};
use doorward_protocol::admin::{AdminRole, Authority};
use doorward_protocol::ids::UserId;
use doorward_store::engine::Batch;
use uuid::Uuid;

/// The scope whose holder may say who administers.
const APPOINTS: &str = "administrators:write";

impl Service {
    /// Refuses an act upon the account of an administrator by somebody who is trusted with less, and notes that it was tried.
    ///
    /// # Errors
    /// [`DirectoryError::Administrator`].
    #[boxed]
    pub async fn may_change_account(&self, cx: &Cx, actor: &str, user: UserId, act: &str) -> Result<(), DirectoryError> {
        match self.out_of_reach(cx, actor, user, act).await? {
            None => Ok(()),
            Some(role) => Err(DirectoryError::Administrator { role }),
        }
    }

    /// The role that puts an account out of an actor's reach, if one does.
    pub(crate) async fn out_of_reach(&self, cx: &Cx, actor: &str, user: UserId, act: &str) -> Result<Option<AdminRole>, Error> {
        if matches!(by_word(actor), Some(Authority::Themself | Authority::Server)) {
            return Ok(None);
        }
        let Some(row) = self.store.administrator(cx.tenant_id(), user).await? else { return Ok(None) };
        // A word that this binary does not know is no reason to let anybody in.
        let role = AdminRole::parse(&row.role).unwrap_or(AdminRole::Owner);
        if actor.strip_prefix("user:").is_some_and(|id| id == user.to_string())
            || self.authority(cx, actor).await?.may_change(Some(role))
        {
            return Ok(None);
        }
        let event =
            Event::new("administrator.change_refused").user(user).actor(actor).with("act", act).with("role", role.as_str());
        self.store.commit(Batch::new().with(event.statement(cx))).await?;
        Ok(Some(role))
    }

    /// Refuses whoever may not say who administers.
    pub(super) async fn may_appoint(&self, cx: &Cx, actor: &str, user: Option<UserId>) -> Result<(), DirectoryError> {
        if self.authority(cx, actor).await?.may_appoint() {
            return Ok(());
        }
        let event = Event::new("administrator.change_refused").user(user).actor(actor).with("act", "appoint");
        self.store.commit(Batch::new().with(event.statement(cx))).await?;
        Err(DirectoryError::Administrator { role: AdminRole::Owner })
    }

    /// Whose word an actor's is: by its kind, and by what the person or key behind it may do now.
    async fn authority(&self, cx: &Cx, actor: &str) -> Result<Authority, Error> {
        if let Some(known) = by_word(actor) {
            return Ok(known);
        }
        let Some((kind, id)) = actor.split_once(':') else { return Ok(Authority::Program) };
        let Ok(id) = Uuid::parse_str(id) else { return Ok(Authority::Program) };
        match kind {
            "user" => {
                let row = self.store.administrator(cx.tenant_id(), UserId(id)).await?;
                let role = row.and_then(|row| AdminRole::parse(&row.role));
                Ok(role.map_or(Authority::Program, Authority::Administrator))
            }
            "admin" | "api_key" => {
                let key = self.store.api_key(id).await?;
                let key = key.filter(|key| key.tenant_id.is_none_or(|tenant| tenant == cx.tenant_id()));
                Ok(Authority::of_key(key.is_some_and(|key| scopes_allow(&key.scopes.0, APPOINTS))))
            }
            _ => Ok(Authority::Program),
        }
    }
}

/// Actors that are known by a word alone. Any other word is a program's.
fn by_word(actor: &str) -> Option<Authority> {
    match actor {
        // A program that hands on what only the person has (a link from their mailbox, their token) is the person.
        "user" | "client" => Some(Authority::Themself),
        "command" | "system" => Some(Authority::Server),
        _ => None,
    }
}
