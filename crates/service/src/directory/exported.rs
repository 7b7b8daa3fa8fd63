//! Users as an import takes them: what a directory holds, to be kept or carried elsewhere.

use super::DirectoryError;
use super::import::{ImportMembership, ImportUser};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_protocol::search::{Direction, Place, Query, UserField};
use doorward_store::engine::Batch;
use doorward_store::users::{BLOCKED, Person};

/// Some of the users that are exported.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The users.
    pub users: Vec<ImportUser>,
    /// Go on behind this one; `None` at the end.
    pub next: Option<UserId>,
}

impl Service {
    /// Notes that somebody takes users out; `filter` says which.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn note_user_export(&self, cx: &Cx, actor: &str, filter: &str) -> Result<(), DirectoryError> {
        let event = Event::new("users.exported").actor(actor).with("filter", filter);
        self.store.commit(Batch::new().with(event.statement(cx))).await?;
        Ok(())
    }

    /// Users that fit a query, in order of creation: ids, primary identifiers, profile, roles, groups and memberships. Passwords,
    /// passkeys and second factors never leave.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn exported_users(
        &self,
        cx: &Cx,
        query: &Query<UserField>,
        place: Place,
        limit: u32,
    ) -> Result<Exported, DirectoryError> {
        let leaf = self.leaf_users(cx, query, Direction::Ascending, place, limit).await?;
        let next = leaf.items.last().map(|person| person.user.id).filter(|_| leaf.after);
        let mut users = Vec::with_capacity(leaf.items.len());
        for person in leaf.items {
            users.push(self.exported(cx, person).await?);
        }
        Ok(Exported { users, next })
    }

    async fn exported(&self, cx: &Cx, person: Person) -> Result<ImportUser, DirectoryError> {
        let (tenant, id) = (cx.tenant_id(), person.user.id);
        let of = |kind| person.primary(kind).map(|i| (i.value.clone(), i.verified_at.is_some()));
        let (email, phone) = (of(IdentifierKind::Email), of(IdentifierKind::Phone));
        let conditions = self.store.conditions(tenant, id).await?;
        let (expires_at, change_password) = conditions.map(|c| (c.expires_at, c.change_password)).unwrap_or_default();
        let memberships = self.store.memberships(tenant, id).await?;
        Ok(ImportUser {
            id: Some(id),
            aliases: self.store.aliases_of(tenant, id.0).await?.into_iter().collect(),
            email_verified: email.as_ref().map(|e| e.1),
            email: email.map(|e| e.0),
            username: of(IdentifierKind::Username).map(|u| u.0),
            phone_number_verified: phone.as_ref().is_some_and(|p| p.1),
            phone_number: phone.map(|p| p.0),
            blocked: person.user.status == BLOCKED,
            expires_at,
            change_password,
            role_ids: self.store.user_roles(tenant, id).await?.into_iter().map(|r| r.id).collect(),
            group_ids: self.store.user_groups(tenant, id).await?.into_iter().map(|g| g.id).collect(),
            memberships: memberships
                .into_iter()
                .map(|m| ImportMembership { application_id: m.application_id, data: m.data.0 })
                .collect(),
            created_at: Some(person.user.created_at),
            name: person.user.name,
            profile: person.user.profile.0,
            ..ImportUser::default()
        })
    }
}
