//! Permissions: scopes of resource servers that roles and users hold.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{ResourceServerId, RoleId, UserId};
use doorward_store::directory::{RolePermissionRow, UserPermissionRow, put};
use doorward_store::engine::{Batch, Statement};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Where.
    pub resource_server: ResourceServerId,
    /// Which scope of it.
    pub scope: String,
}

/// Whoever holds permissions.
#[derive(Debug, Clone, Copy)]
enum Holder {
    Role(RoleId),
    User(UserId),
}

impl Holder {
    fn statements(self, cx: &Cx, one: &Permission) -> (Statement, Statement) {
        let (tenant_id, resource_server_id, scope) = (cx.tenant_id(), one.resource_server, one.scope.clone());
        match self {
            Self::Role(role_id) => {
                let row = RolePermissionRow { tenant_id, role_id, resource_server_id, scope };
                (put(row.insert()), row.delete())
            }
            Self::User(user_id) => {
                let row = UserPermissionRow { tenant_id, user_id, resource_server_id, scope };
                (put(row.insert()), row.delete())
            }
        }
    }

    fn event(self) -> Event {
        match self {
            Self::Role(role) => Event::new("role.permissions_changed").with("role", role.to_string()),
            Self::User(user) => Event::new("user.permissions_changed").user(user),
        }
    }
}

impl Service {
    /// Permissions of a role.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_role_permissions(&self, cx: &Cx, role: RoleId) -> Result<Vec<Permission>, DirectoryError> {
        self.get_role(cx, role).await?;
        self.held(cx, Holder::Role(role)).await
    }

    /// Permissions that a user holds directly.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_user_permissions(&self, cx: &Cx, user: UserId) -> Result<Vec<Permission>, DirectoryError> {
        self.get_user(cx, user).await?;
        self.held(cx, Holder::User(user)).await
    }

    /// Gives a role permissions; with `only`, it holds no others afterwards. Answers whether anything changed.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_role_permissions(
        &self,
        cx: &Cx,
        actor: &str,
        role: RoleId,
        permissions: &[Permission],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        self.get_role(cx, role).await?;
        self.put_permissions(cx, actor, Holder::Role(role), permissions, only).await
    }

    /// Gives a user permissions; with `only`, the user holds no others directly afterwards.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_user_permissions(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        permissions: &[Permission],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        self.get_user(cx, user).await?;
        self.put_permissions(cx, actor, Holder::User(user), permissions, only).await
    }

    /// Takes a permission from a role.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_role_permission(
        &self,
        cx: &Cx,
        actor: &str,
        role: RoleId,
        permission: &Permission,
    ) -> Result<(), DirectoryError> {
        self.get_role(cx, role).await?;
        self.delete_permission(cx, actor, Holder::Role(role), permission).await
    }

    /// Takes a permission from a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_user_permission(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        permission: &Permission,
    ) -> Result<(), DirectoryError> {
        self.get_user(cx, user).await?;
        self.delete_permission(cx, actor, Holder::User(user), permission).await
    }

    async fn held(&self, cx: &Cx, holder: Holder) -> Result<Vec<Permission>, DirectoryError> {
        let tenant = cx.tenant_id();
        Ok(match holder {
            Holder::Role(role) => {
                let rows = self.store.role_permissions(tenant, role).await?;
                rows.into_iter().map(|r| Permission { resource_server: r.resource_server_id, scope: r.scope }).collect()
            }
            Holder::User(user) => {
                let rows = self.store.user_permissions(tenant, user).await?;
                rows.into_iter().map(|r| Permission { resource_server: r.resource_server_id, scope: r.scope }).collect()
            }
        })
    }

    async fn put_permissions(
        &self,
        cx: &Cx,
        actor: &str,
        holder: Holder,
        permissions: &[Permission],
        only: bool,
    ) -> Result<bool, DirectoryError> {
        let mut problems = Problems::default();
        problems.must(permissions.len() <= 1000, "permissions", "must have at most 1000 entries");
        let mut known: HashMap<ResourceServerId, Option<Vec<String>>> = HashMap::new();
        for (n, one) in permissions.iter().enumerate().take(1000) {
            if let Entry::Vacant(place) = known.entry(one.resource_server) {
                let scopes = match self.get_resource_server(cx, one.resource_server).await {
                    Ok((_, scopes)) => Some(scopes.into_iter().map(|s| s.value).collect()),
                    Err(DirectoryError::NotFound { .. }) => None,
                    Err(other) => return Err(other),
                };
                place.insert(scopes);
            }
            match known.get(&one.resource_server) {
                Some(Some(scopes)) if scopes.contains(&one.scope) => {}
                Some(Some(_)) => problems.add(format!("permissions[{n}].scope"), "the resource server has no such scope"),
                _ => problems.add(format!("permissions[{n}].resource_server_id"), "no such resource server"),
            }
        }
        problems.finish()?;
        let wanted: BTreeSet<Permission> = permissions.iter().cloned().collect();
        let have: BTreeSet<Permission> = self.held(cx, holder).await?.into_iter().collect();
        let mut batch = Batch::new();
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for one in wanted.difference(&have) {
            batch.push(holder.statements(cx, one).0);
            added.push(one.scope.clone());
        }
        for one in have.difference(&wanted).filter(|_| only) {
            batch.push(holder.statements(cx, one).1);
            removed.push(one.scope.clone());
        }
        if batch.is_empty() {
            return Ok(false);
        }
        let event = holder.event().actor(actor).with("added", added).with("removed", removed);
        self.write(batch.with(event.statement(cx))).await?;
        Ok(true)
    }

    async fn delete_permission(
        &self,
        cx: &Cx,
        actor: &str,
        holder: Holder,
        permission: &Permission,
    ) -> Result<(), DirectoryError> {
        let event = holder.event().actor(actor).with("removed", vec![permission.scope.clone()]);
        self.write(Batch::new().with(holder.statements(cx, permission).1).with(event.statement(cx))).await
    }
}
