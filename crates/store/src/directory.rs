//! Roles, groups, memberships, permissions, aliases and metadata.

use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use crate::{Page, Store};
use doorward_protocol::ids::{ApplicationId, GroupId, ResourceServerId, RoleId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// A role, of the tenant or of one application.
    RoleRow in "role" by [tenant_id, id] {
        /// Its id.
        id: RoleId,
        /// Whose.
        tenant_id: TenantId,
        /// Of which application; `None`: of the tenant.
        application_id: Option<ApplicationId>,
        /// Name.
        name: String,
        /// Words.
        description: String,
        /// Given to every new member of its application.
        is_default: bool,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A permission that a role holds.
    RolePermissionRow in "role_permission" by [role_id, resource_server_id, scope] {
        /// Whose.
        tenant_id: TenantId,
        /// Role.
        role_id: RoleId,
        /// Where.
        resource_server_id: ResourceServerId,
        /// Which scope.
        scope: String,
    }
}

record! {
    /// A role that a user has.
    UserRoleRow in "user_role" by [user_id, role_id] {
        /// Whose.
        tenant_id: TenantId,
        /// User.
        user_id: UserId,
        /// Role.
        role_id: RoleId,
    }
}

record! {
    /// A permission that a user holds directly.
    UserPermissionRow in "user_permission" by [user_id, resource_server_id, scope] {
        /// Whose.
        tenant_id: TenantId,
        /// User.
        user_id: UserId,
        /// Where.
        resource_server_id: ResourceServerId,
        /// Which scope.
        scope: String,
    }
}

record! {
    /// A group of users.
    GroupRow in "user_group" by [tenant_id, id] {
        /// Its id.
        id: GroupId,
        /// Whose.
        tenant_id: TenantId,
        /// Name.
        name: String,
        /// Words.
        description: String,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// A member of a group.
    GroupMemberRow in "group_member" by [group_id, user_id] {
        /// Whose.
        tenant_id: TenantId,
        /// Group.
        group_id: GroupId,
        /// User.
        user_id: UserId,
        /// Since.
        created_at: Timestamp,
    }
}

record! {
    /// A role that a group gives its members.
    GroupRoleRow in "group_role" by [group_id, role_id] {
        /// Whose.
        tenant_id: TenantId,
        /// Group.
        group_id: GroupId,
        /// Role.
        role_id: RoleId,
    }
}

record! {
    /// A user's membership of an application.
    MembershipRow in "membership" by [user_id, application_id] {
        /// Whose.
        tenant_id: TenantId,
        /// User.
        user_id: UserId,
        /// Application.
        application_id: ApplicationId,
        /// Whatever the application keeps there.
        data: Json<serde_json::Value>,
        /// Since.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

/// Inserts a link row unless it is there.
pub fn put(mut insert: Statement) -> Statement {
    insert.sql = format!("{} ON CONFLICT DO NOTHING", insert.sql).into();
    insert
}

/// Removes every permission of a role, before a new list is written.
pub fn delete_role_permissions(tenant: TenantId, role: RoleId) -> Statement {
    statement(
        "DELETE FROM role_permission WHERE tenant_id = $1 AND role_id = $2",
        params![tenant.0, role.0],
        Expect::Any,
        "role_permission.delete",
    )
}

/// Removes every role of a user, before a new list is written.
pub fn delete_user_roles(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM user_role WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "user_role.delete",
    )
}

/// Removes every role of a group, before a new list is written.
pub fn delete_group_roles(tenant: TenantId, group: GroupId) -> Statement {
    statement(
        "DELETE FROM group_role WHERE tenant_id = $1 AND group_id = $2",
        params![tenant.0, group.0],
        Expect::Any,
        "group_role.delete",
    )
}

/// Sets an outward id for one of ours.
pub fn put_alias(tenant: TenantId, namespace: &str, outward: &str, inward: Uuid) -> Statement {
    statement(
        "INSERT INTO alias (tenant_id, namespace, outward, inward) VALUES ($1, $2, $3, $4)",
        params![tenant.0, namespace, outward, inward],
        Expect::Any,
        "alias.insert",
    )
}

/// Sets a metadata value.
pub fn put_metadata(tenant: TenantId, namespace: &str, owner: Uuid, key: &str, value: &serde_json::Value) -> Statement {
    statement(
        "INSERT INTO metadata (tenant_id, namespace, owner, key, value) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, namespace, owner, key) DO UPDATE SET value = excluded.value",
        params![tenant.0, namespace, owner, key, value.to_string()],
        Expect::Any,
        "metadata.put",
    )
}

/// Deletes a metadata value.
pub fn delete_metadata(tenant: TenantId, namespace: &str, owner: Uuid, key: &str) -> Statement {
    statement(
        "DELETE FROM metadata WHERE tenant_id = $1 AND namespace = $2 AND owner = $3 AND key = $4",
        params![tenant.0, namespace, owner, key],
        Expect::Any,
        "metadata.delete",
    )
}

/// Deletes every metadata value of an owner, in every namespace.
pub fn delete_all_metadata(tenant: TenantId, owner: Uuid) -> Statement {
    statement(
        "DELETE FROM metadata WHERE tenant_id = $1 AND owner = $2",
        params![tenant.0, owner],
        Expect::Any,
        "metadata.delete_all",
    )
}

/// Deletes the outward ids of an owner, in every namespace.
pub fn delete_aliases(tenant: TenantId, inward: Uuid) -> Statement {
    statement("DELETE FROM alias WHERE tenant_id = $1 AND inward = $2", params![tenant.0, inward], Expect::Any, "alias.delete")
}

/// Takes a scope that is no more from every role and user that held it as a permission.
pub fn delete_permissions_of_scope(tenant: TenantId, resource_server: ResourceServerId, scope: &str) -> [Statement; 2] {
    [
        statement(
            "DELETE FROM role_permission WHERE tenant_id = $1 AND resource_server_id = $2 AND scope = $3",
            params![tenant.0, resource_server.0, scope],
            Expect::Any,
            "role_permission.delete",
        ),
        statement(
            "DELETE FROM user_permission WHERE tenant_id = $1 AND resource_server_id = $2 AND scope = $3",
            params![tenant.0, resource_server.0, scope],
            Expect::Any,
            "user_permission.delete",
        ),
    ]
}

/// A counter of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// Days since the epoch.
    pub day: i64,
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: i64,
}

/// Adds to a counter of the day (days since the epoch).
pub fn add_rollup(tenant: TenantId, day: i64, name: &str, count: i64) -> Statement {
    statement(
        "INSERT INTO rollup (tenant_id, day, name, count) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, day, name) DO UPDATE SET count = rollup.count + excluded.count",
        params![tenant.0, day, name, count],
        Expect::Any,
        "rollup.add",
    )
}

impl Store {
    /// A role.
    pub async fn role(&self, tenant: TenantId, id: RoleId) -> Result<Option<RoleRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// A role by name: of the tenant, or of one application.
    pub async fn role_by_name(
        &self,
        tenant: TenantId,
        application: Option<ApplicationId>,
        name: &str,
    ) -> Result<Option<RoleRow>, StoreError> {
        match application {
            None => self.find("WHERE tenant_id = $1 AND name = $2 AND application_id IS NULL", params![tenant.0, name]).await,
            Some(application) => {
                self.find("WHERE tenant_id = $1 AND name = $2 AND application_id = $3", params![tenant.0, name, application.0])
                    .await
            }
        }
    }

    /// Roles of a tenant, oldest first.
    pub async fn roles(&self, tenant: TenantId, after: Option<Uuid>, limit: u32) -> Result<Page<RoleRow>, StoreError> {
        self.page(tenant.0, after, limit, |r: &RoleRow| r.id.0).await
    }

    /// Permissions of a role.
    pub async fn role_permissions(&self, tenant: TenantId, role: RoleId) -> Result<Vec<RolePermissionRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND role_id = $2 ORDER BY resource_server_id, scope", params![tenant.0, role.0]).await
    }

    /// Roles given to a user directly.
    pub async fn user_roles(&self, tenant: TenantId, user: UserId) -> Result<Vec<RoleRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND id IN (SELECT role_id FROM user_role WHERE tenant_id = $1 AND user_id = $2) ORDER BY name",
            params![tenant.0, user.0],
        )
        .await
    }

    /// Users who have a role directly.
    pub async fn users_of_role(&self, tenant: TenantId, role: RoleId) -> Result<Vec<UserRoleRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND role_id = $2 ORDER BY user_id", params![tenant.0, role.0]).await
    }

    /// A page of the users who have a role directly.
    pub async fn role_members(
        &self,
        tenant: TenantId,
        role: RoleId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<UserRoleRow>, StoreError> {
        let items = self
            .list(
                "WHERE tenant_id = $1 AND role_id = $2 AND user_id > $3 ORDER BY user_id LIMIT $4",
                params![tenant.0, role.0, after.unwrap_or(Uuid::nil()), i64::from(limit) + 1],
            )
            .await?;
        Ok(crate::cut(items, limit, |m: &UserRoleRow| m.user_id.0))
    }

    /// How many users have a role directly.
    pub async fn count_role_members(&self, tenant: TenantId, role: RoleId) -> Result<i64, StoreError> {
        let row = self
            .db
            .query_opt("SELECT COUNT(*) AS n FROM user_role WHERE tenant_id = $1 AND role_id = $2", params![tenant.0, role.0])
            .await?;
        row.map_or(Ok(0), |row| row.int("n"))
    }

    /// Users who have a role directly, some of them passed over.
    pub async fn role_members_from(
        &self,
        tenant: TenantId,
        role: RoleId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<UserRoleRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND role_id = $2 ORDER BY user_id LIMIT $3 OFFSET $4",
            params![tenant.0, role.0, i64::from(limit), i64::from(offset)],
        )
        .await
    }

    /// Counters of the days from `from` to `to`, both included.
    pub async fn rollups(&self, tenant: TenantId, from: i64, to: i64) -> Result<Vec<Rollup>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT day, name, count FROM rollup WHERE tenant_id = $1 AND day >= $2 AND day <= $3 ORDER BY day, name",
                params![tenant.0, from, to],
            )
            .await?;
        rows.iter().map(|row| Ok(Rollup { day: row.int("day")?, name: row.text("name")?, count: row.int("count")? })).collect()
    }

    /// Roles of a user, directly and through groups.
    pub async fn effective_roles(&self, tenant: TenantId, user: UserId) -> Result<Vec<RoleRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND id IN (SELECT role_id FROM user_role WHERE tenant_id = $1 AND user_id = $2 UNION SELECT gr.role_id FROM group_role gr JOIN group_member gm ON gm.group_id = gr.group_id WHERE gm.tenant_id = $1 AND gm.user_id = $2) ORDER BY name",
            params![tenant.0, user.0],
        )
        .await
    }

    /// The scopes of a resource server that a user holds as permissions: directly, by role, by group.
    pub async fn permissions(
        &self,
        tenant: TenantId,
        user: UserId,
        resource_server: ResourceServerId,
    ) -> Result<Vec<String>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT scope FROM user_permission WHERE tenant_id = $1 AND user_id = $2 AND resource_server_id = $3 UNION SELECT rp.scope FROM role_permission rp WHERE rp.tenant_id = $1 AND rp.resource_server_id = $3 AND rp.role_id IN (SELECT role_id FROM user_role WHERE tenant_id = $1 AND user_id = $2 UNION SELECT gr.role_id FROM group_role gr JOIN group_member gm ON gm.group_id = gr.group_id WHERE gm.tenant_id = $1 AND gm.user_id = $2) ORDER BY scope",
                params![tenant.0, user.0, resource_server.0],
            )
            .await?;
        rows.iter().map(|row| row.text("scope")).collect()
    }

    /// Permissions that a user holds directly.
    pub async fn user_permissions(&self, tenant: TenantId, user: UserId) -> Result<Vec<UserPermissionRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY resource_server_id, scope", params![tenant.0, user.0]).await
    }

    /// A group.
    pub async fn group(&self, tenant: TenantId, id: GroupId) -> Result<Option<GroupRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// A group by name.
    pub async fn group_by_name(&self, tenant: TenantId, name: &str) -> Result<Option<GroupRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND name = $2", params![tenant.0, name]).await
    }

    /// Groups of a tenant, oldest first.
    pub async fn groups(&self, tenant: TenantId, after: Option<Uuid>, limit: u32) -> Result<Page<GroupRow>, StoreError> {
        self.page(tenant.0, after, limit, |g: &GroupRow| g.id.0).await
    }

    /// Members of a group, oldest user first.
    pub async fn group_members(
        &self,
        tenant: TenantId,
        group: GroupId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<GroupMemberRow>, StoreError> {
        let items = self
            .list(
                "WHERE tenant_id = $1 AND group_id = $2 AND user_id > $3 ORDER BY user_id LIMIT $4",
                params![tenant.0, group.0, after.unwrap_or(Uuid::nil()), i64::from(limit) + 1],
            )
            .await?;
        Ok(crate::cut(items, limit, |m: &GroupMemberRow| m.user_id.0))
    }

    /// Groups that a user is in.
    pub async fn user_groups(&self, tenant: TenantId, user: UserId) -> Result<Vec<GroupRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND id IN (SELECT group_id FROM group_member WHERE tenant_id = $1 AND user_id = $2) ORDER BY name", params![tenant.0, user.0]).await
    }

    /// Roles that a group gives.
    pub async fn group_roles(&self, tenant: TenantId, group: GroupId) -> Result<Vec<RoleRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND id IN (SELECT role_id FROM group_role WHERE tenant_id = $1 AND group_id = $2) ORDER BY name", params![tenant.0, group.0]).await
    }

    /// A user's memberships.
    pub async fn memberships(&self, tenant: TenantId, user: UserId) -> Result<Vec<MembershipRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at", params![tenant.0, user.0]).await
    }

    /// A user's membership of one application.
    pub async fn membership(
        &self,
        tenant: TenantId,
        user: UserId,
        application: ApplicationId,
    ) -> Result<Option<MembershipRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3", params![tenant.0, user.0, application.0]).await
    }

    /// The roles of one application, by name.
    pub async fn application_roles(&self, tenant: TenantId, application: ApplicationId) -> Result<Vec<RoleRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND application_id = $2 ORDER BY name", params![tenant.0, application.0]).await
    }

    /// Every membership that groups give: the group's rows for one user.
    pub async fn group_memberships(&self, tenant: TenantId, user: UserId) -> Result<Vec<GroupMemberRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY group_id", params![tenant.0, user.0]).await
    }

    /// What of ours an outward id names.
    pub async fn by_alias(&self, tenant: TenantId, namespace: &str, outward: &str) -> Result<Option<Uuid>, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT inward FROM alias WHERE tenant_id = $1 AND namespace = $2 AND outward = $3",
                params![tenant.0, namespace, outward],
            )
            .await?;
        row.map(|row| row.uuid("inward")).transpose()
    }

    /// The outward id of something of ours.
    pub async fn alias_of(&self, tenant: TenantId, namespace: &str, inward: Uuid) -> Result<Option<String>, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT outward FROM alias WHERE tenant_id = $1 AND namespace = $2 AND inward = $3",
                params![tenant.0, namespace, inward],
            )
            .await?;
        row.map(|row| row.text("outward")).transpose()
    }

    /// What of ours each of these outward ids (namespace, id) names, where it names something.
    pub async fn aliases_named(
        &self,
        tenant: TenantId,
        outward: &[(&str, &str)],
    ) -> Result<Vec<((String, String), Uuid)>, StoreError> {
        let mut out = Vec::new();
        let namespaces: std::collections::BTreeSet<&str> = outward.iter().map(|(namespace, _)| *namespace).collect();
        for namespace in namespaces {
            let ids: Vec<&str> = outward.iter().filter(|(of, _)| *of == namespace).map(|(_, id)| *id).collect();
            for part in ids.chunks(500) {
                let mut params = params![tenant.0, namespace];
                let sql = format!(
                    "SELECT namespace, outward, inward FROM alias WHERE tenant_id = $1 AND namespace = $2 AND outward IN ({})",
                    crate::places(&mut params, part)
                );
                for row in self.db.query(sql, params).await? {
                    out.push(((row.text("namespace")?, row.text("outward")?), row.uuid("inward")?));
                }
            }
        }
        Ok(out)
    }

    /// The outward ids of an owner: namespace and id.
    pub async fn aliases_of(&self, tenant: TenantId, inward: Uuid) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT namespace, outward FROM alias WHERE tenant_id = $1 AND inward = $2 ORDER BY namespace",
                params![tenant.0, inward],
            )
            .await?;
        rows.iter().map(|row| Ok((row.text("namespace")?, row.text("outward")?))).collect()
    }

    /// Metadata of an owner in a namespace, by key.
    pub async fn metadata(
        &self,
        tenant: TenantId,
        namespace: &str,
        owner: Uuid,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT key, value FROM metadata WHERE tenant_id = $1 AND namespace = $2 AND owner = $3 ORDER BY key",
                params![tenant.0, namespace, owner],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let value = serde_json::from_str(&row.text("value")?).map_err(|_| StoreError::Type { column: "value".into() })?;
                Ok((row.text("key")?, value))
            })
            .collect()
    }
}
