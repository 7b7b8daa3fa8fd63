//! Members of applications: who is one, with which of the application's roles and what the application keeps of them.

use super::field::{Problems, has_nul};
use super::{DirectoryError, Extension};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, RoleId, UserId};
use doorward_protocol::oauth::client::Membership;
use doorward_store::directory::{MembershipRow, RoleRow, UserRoleRow, put};
use doorward_store::engine::{Batch, StoreError};
use doorward_store::{Json, extension};
use serde_json::Value;

/// Longest document that an application may keep of a member, in bytes.
const LONGEST_DATA: usize = 65_536;

/// A member with the roles that were given directly.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership.
    pub row: MembershipRow,
    /// Roles of the application.
    pub roles: Vec<RoleRow>,
}

impl Service {
    /// Names of an application's roles that a person has, directly or through groups.
    pub async fn roles_in_application(&self, cx: &Cx, user: UserId, application: ApplicationId) -> Result<Vec<String>, Error> {
        let all = self.store.effective_roles(cx.tenant_id(), user).await?;
        Ok(all.into_iter().filter(|r| r.application_id == Some(application)).map(|r| r.name).collect())
    }

    /// Whether an application lets only members in and this is none.
    pub(crate) async fn must_be_member(&self, cx: &Cx, user: UserId, application: Option<ApplicationId>) -> Result<bool, Error> {
        let Some(id) = application else { return Ok(false) };
        let Some(row) = self.application_by_id(cx.tenant_id(), id).await? else { return Ok(false) };
        Ok(row.settings.0.membership == Membership::Required && self.store.membership(cx.tenant_id(), user, id).await?.is_none())
    }

    /// Makes somebody who signs in a member, where the application takes whoever comes.
    pub(crate) async fn join_if_open(&self, cx: &Cx, user: UserId, application: ApplicationId) -> Result<(), Error> {
        let Some(row) = self.application_by_id(cx.tenant_id(), application).await? else { return Ok(()) };
        if row.settings.0.membership != Membership::Join
            || self.store.membership(cx.tenant_id(), user, application).await?.is_some()
        {
            return Ok(());
        }
        let mut batch = Batch::new();
        for one in self.join_statements(cx, "user", user, application, None, Value::Object(Default::default())).await? {
            batch.push(one);
        }
        match self.store.commit(batch).await {
            // Two tabs at once: the other one did it.
            Ok(_) => Ok(()),
            Err(StoreError::Unique { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The statements that make somebody a member: with these roles, or with the application's default ones.
    pub(crate) async fn join_statements(
        &self,
        cx: &Cx,
        actor: &str,
        user_id: UserId,
        application_id: ApplicationId,
        roles: Option<&[RoleId]>,
        data: Value,
    ) -> Result<Vec<doorward_store::engine::Statement>, Error> {
        let tenant_id = cx.tenant_id();
        let row = MembershipRow { tenant_id, user_id, application_id, data: Json(data), created_at: cx.now, updated_at: cx.now };
        let roles: Vec<RoleId> = match roles {
            Some(roles) => roles.to_vec(),
            None => {
                let all = self.store.application_roles(tenant_id, application_id).await?;
                all.into_iter().filter(|r| r.is_default).map(|r| r.id).collect()
            }
        };
        let mut out = vec![row.insert()];
        out.extend(roles.iter().map(|role_id| put(UserRoleRow { tenant_id, user_id, role_id: *role_id }.insert())));
        let event = Event::new("member.added").user(user_id).application(application_id).actor(actor);
        out.push(event.with("roles", roles.iter().map(ToString::to_string).collect::<Vec<_>>()).statement(cx));
        Ok(out)
    }

    /// A member of an application.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_member(&self, cx: &Cx, user: UserId, application: ApplicationId) -> Result<Member, DirectoryError> {
        let row = self.store.membership(cx.tenant_id(), user, application).await?;
        let row = row.ok_or(DirectoryError::NotFound { noun: "member" })?;
        let roles = self.store.user_roles(cx.tenant_id(), user).await?;
        Ok(Member { row, roles: roles.into_iter().filter(|r| r.application_id == Some(application)).collect() })
    }

    /// Everything that a person is a member of.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_memberships(&self, cx: &Cx, user: UserId) -> Result<Vec<Member>, DirectoryError> {
        let rows = self.store.memberships(cx.tenant_id(), user).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let roles = self.store.user_roles(cx.tenant_id(), user).await?;
        let of = |id| roles.iter().filter(|r| r.application_id == Some(id)).cloned().collect();
        Ok(rows.into_iter().map(|row| Member { roles: of(row.application_id), row }).collect())
    }

    /// The roles of an application by their names.
    ///
    /// # Errors
    /// Names each that the application does not have.
    #[boxed]
    pub async fn roles_by_name(
        &self,
        cx: &Cx,
        application: ApplicationId,
        names: &[String],
    ) -> Result<Vec<RoleId>, DirectoryError> {
        let all = self.store.application_roles(cx.tenant_id(), application).await?;
        let mut problems = Problems::default();
        let mut out = Vec::new();
        for name in names {
            match all.iter().find(|r| r.name == *name) {
                Some(role) if !out.contains(&role.id) => out.push(role.id),
                Some(_) => {}
                None => problems.add("roles", format!("the application has no role {name}")),
            }
        }
        problems.finish()?;
        Ok(out)
    }

    /// Makes a user a member. Without `roles` the application's default ones are given.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn add_member(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        application: ApplicationId,
        roles: Option<&[RoleId]>,
        data: Value,
    ) -> Result<Member, DirectoryError> {
        self.get_user(cx, user).await?;
        self.get_application(cx, application).await?;
        check_data(&data)?;
        if self.store.membership(cx.tenant_id(), user, application).await?.is_some() {
            return Err(DirectoryError::conflict("member", "the user is a member of this application already"));
        }
        let mut batch = Batch::new();
        for one in self.join_statements(cx, actor, user, application, roles, data).await? {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        self.get_member(cx, user, application).await
    }

    /// Changes a member's roles (all of them, when given) and what the application keeps.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn change_member(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        application: ApplicationId,
        roles: Option<&[RoleId]>,
        data: Value,
    ) -> Result<Member, DirectoryError> {
        let before = self.get_member(cx, user, application).await?;
        check_data(&data)?;
        let tenant_id = cx.tenant_id();
        let mut row = before.row.clone();
        row.data = Json(data);
        row.updated_at = super::revised_at(before.row.updated_at, cx.now);
        let mut batch = Batch::new().with(row.update());
        if let Some(roles) = roles {
            for role in before.roles.iter().filter(|r| !roles.contains(&r.id)) {
                batch.push(UserRoleRow { tenant_id, user_id: user, role_id: role.id }.delete());
            }
            for role_id in roles {
                batch.push(put(UserRoleRow { tenant_id, user_id: user, role_id: *role_id }.insert()));
            }
        }
        let event = Event::new("member.changed").user(user).application(application).actor(actor);
        self.store.commit(batch.with(event.statement(cx))).await?;
        self.get_member(cx, user, application).await
    }

    /// Takes a member from an application, with the roles there and the refresh tokens that it holds.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_member(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        application: ApplicationId,
    ) -> Result<(), DirectoryError> {
        let member = self.get_member(cx, user, application).await?;
        let tenant_id = cx.tenant_id();
        let mut batch = Batch::new().with(member.row.delete());
        for role in &member.roles {
            batch.push(UserRoleRow { tenant_id, user_id: user, role_id: role.id }.delete());
        }
        batch.push(doorward_store::grants::revoke_families_of_application(
            tenant_id,
            user,
            application,
            "member_removed",
            cx.now,
        ));
        let event = Event::new("member.removed").user(user).application(application).actor(actor);
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// Keeps a document of a surface that belongs to none of our nouns.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn keep_document(&self, cx: &Cx, owner: uuid::Uuid, document: &Extension) -> Result<(), DirectoryError> {
        self.store.commit(Batch::new().with(document.statement(cx, owner))).await?;
        Ok(())
    }

    /// Drops every document of a surface that belongs to an owner.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn drop_documents(&self, cx: &Cx, namespace: &str, owner: uuid::Uuid) -> Result<(), DirectoryError> {
        self.store.commit(Batch::new().with(extension::delete_extension(cx.tenant_id(), namespace, owner))).await?;
        Ok(())
    }
}

fn check_data(data: &Value) -> Result<(), DirectoryError> {
    let mut problems = Problems::default();
    problems.must(data.to_string().len() <= LONGEST_DATA, "data", "must have at most 65,536 characters as JSON");
    problems.must(!has_nul(data), "data", "must not contain the character NUL");
    problems.finish()
}
