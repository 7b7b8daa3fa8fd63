//! Who has which role: users directly, and groups for their members.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{GroupId, RoleId, UserId};
use doorward_store::Page;
use doorward_store::directory::{GroupRoleRow, RoleRow, UserRoleRow, put};
use doorward_store::engine::{Batch, Statement};
use doorward_store::users::Person;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whoever has roles.
#[derive(Debug, Clone, Copy)]
enum Holder {
    User(UserId),
    Group(GroupId),
}

impl Holder {
    fn statements(self, cx: &Cx, role_id: RoleId) -> (Statement, Statement) {
        let tenant_id = cx.tenant_id();
        match self {
            Self::User(user_id) => {
                let row = UserRoleRow { tenant_id, user_id, role_id };
                (put(row.insert()), row.delete())
            }
            Self::Group(group_id) => {
                let row = GroupRoleRow { tenant_id, group_id, role_id };
                (put(row.insert()), row.delete())
            }
        }
    }

    fn event(self) -> Event {
        match self {
            Self::User(user) => Event::new("user.roles_changed").user(user),
            Self::Group(group) => Event::new("group.roles_changed").with("group", group.to_string()),
        }
    }
}

impl Service {
    /// A page of the users who have a role directly, with their identifiers.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_role_members(
        &self,
        cx: &Cx,
        role: RoleId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<Person>, DirectoryError> {
        self.get_role(cx, role).await?;
        let page = self.store.role_members(cx.tenant_id(), role, after, limit).await?;
        let ids: Vec<UserId> = page.items.iter().map(|member| member.user_id).collect();
        Ok(Page { items: self.store.people(cx.tenant_id(), &ids).await?, next: page.next })
    }

    /// Users who have a role directly, some of them passed over, with their identifiers, and how many there are in all.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn role_members_from(
        &self,
        cx: &Cx,
        role: RoleId,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<Person>, i64), DirectoryError> {
        self.get_role(cx, role).await?;
        let members = self.store.role_members_from(cx.tenant_id(), role, offset, limit).await?;
        let ids: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
        Ok((self.store.people(cx.tenant_id(), &ids).await?, self.store.count_role_members(cx.tenant_id(), role).await?))
    }

    /// Roles that a user has directly.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_user_roles(&self, cx: &Cx, user: UserId) -> Result<Vec<RoleRow>, DirectoryError> {
        self.get_user(cx, user).await?;
        Ok(self.store.user_roles(cx.tenant_id(), user).await?)
    }

    /// Roles that a group gives its members.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_group_roles(&self, cx: &Cx, group: GroupId) -> Result<Vec<RoleRow>, DirectoryError> {
        self.get_group(cx, group).await?;
        Ok(self.store.group_roles(cx.tenant_id(), group).await?)
    }

    /// Gives a user roles; with `only`, the user has no others directly afterwards. Answers whether anything changed.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_user_roles(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        roles: &[RoleId],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        let have = self.list_user_roles(cx, user).await?;
        self.put_roles(cx, actor, Holder::User(user), &have, roles, only).await
    }

    /// Gives a group roles; with `only`, it gives no others afterwards. Answers whether anything changed.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_group_roles(
        &self,
        cx: &Cx,
        actor: &str,
        group: GroupId,
        roles: &[RoleId],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        let have = self.list_group_roles(cx, group).await?;
        self.put_roles(cx, actor, Holder::Group(group), &have, roles, only).await
    }

    /// Takes a role from a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_user_role(&self, cx: &Cx, actor: &str, user: UserId, role: RoleId) -> Result<(), DirectoryError> {
        self.get_user(cx, user).await?;
        self.remove_role(cx, actor, Holder::User(user), role).await
    }

    /// Takes a role from a group.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_group_role(&self, cx: &Cx, actor: &str, group: GroupId, role: RoleId) -> Result<(), DirectoryError> {
        self.get_group(cx, group).await?;
        self.remove_role(cx, actor, Holder::Group(group), role).await
    }

    async fn put_roles(
        &self,
        cx: &Cx,
        actor: &str,
        holder: Holder,
        have: &[RoleRow],
        roles: &[RoleId],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        let mut problems = Problems::default();
        problems.must(roles.len() <= 500, "role_ids", "must have at most 500 entries");
        for (n, role) in roles.iter().enumerate().take(500) {
            if self.store.role(cx.tenant_id(), *role).await?.is_none() {
                problems.add(format!("role_ids[{n}]"), "no such role");
            }
        }
        problems.finish()?;
        let wanted: BTreeSet<RoleId> = roles.iter().copied().collect();
        let have: BTreeSet<RoleId> = have.iter().map(|r| r.id).collect();
        let mut batch = Batch::new();
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for role in wanted.difference(&have) {
            batch.push(holder.statements(cx, *role).0);
            added.push(role.to_string());
        }
        for role in have.difference(&wanted).filter(|_| only) {
            batch.push(holder.statements(cx, *role).1);
            removed.push(role.to_string());
        }
        if batch.is_empty() {
            return Ok(false);
        }
        let event = holder.event().actor(actor).with("added", added).with("removed", removed);
        self.write(batch.with(event.statement(cx))).await?;
        Ok(true)
    }

    async fn remove_role(&self, cx: &Cx, actor: &str, holder: Holder, role: RoleId) -> Result<(), DirectoryError> {
        let event = holder.event().actor(actor).with("removed", vec![role.to_string()]);
        self.write(Batch::new().with(holder.statements(cx, role).1).with(event.statement(cx))).await
    }
}
