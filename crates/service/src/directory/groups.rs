//! Groups and their members.

use super::document::{json, patched, read};
use super::field::Problems;
use super::{Change, DirectoryError, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::ids::{GroupId, UserId};
use doorward_store::Page;
use doorward_store::directory::{GroupMemberRow, GroupRow, put};
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What can be set of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDocument {
    /// Name, unique within the tenant.
    pub name: String,
    /// Words.
    #[serde(default)]
    pub description: String,
}

impl GroupDocument {
    /// The document of a row.
    pub fn of(row: &GroupRow) -> Self {
        Self { name: row.name.clone(), description: row.description.clone() }
    }

    /// Reads one from JSON.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn from_json(value: Value) -> Result<Self, DirectoryError> {
        read(value)
    }

    pub(super) fn check(&self) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &self.name);
        problems.text("description", &self.description, 1000);
        problems.finish()
    }
}

impl Service {
    /// Makes a group.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_group(&self, cx: &Cx, actor: &str, new: GroupDocument) -> Result<GroupRow, DirectoryError> {
        new.check()?;
        let row = GroupRow {
            id: GroupId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            name: new.name.trim().to_owned(),
            description: new.description,
            created_at: cx.now,
            updated_at: cx.now,
        };
        let event = Event::new("group.created").actor(actor).with("name", row.name.as_str());
        self.write(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        Ok(row)
    }

    /// A group.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_group(&self, cx: &Cx, id: GroupId) -> Result<GroupRow, DirectoryError> {
        self.store.group(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "group" })
    }

    /// Groups of a tenant, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_groups(&self, cx: &Cx, after: Option<Uuid>, limit: u32) -> Result<Page<GroupRow>, DirectoryError> {
        Ok(self.store.groups(cx.tenant_id(), after, limit).await?)
    }

    /// Changes a group by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_group(
        &self,
        cx: &Cx,
        actor: &str,
        id: GroupId,
        patch: &Value,
    ) -> Result<Change<GroupRow>, DirectoryError> {
        again!(self.patch_group_once(cx, actor, id, patch))
    }

    async fn patch_group_once(
        &self,
        cx: &Cx,
        actor: &str,
        id: GroupId,
        patch: &Value,
    ) -> Result<Change<GroupRow>, DirectoryError> {
        let before = self.get_group(cx, id).await?;
        let (after, fields) = patched(json(&GroupDocument::of(&before))?, patch)?;
        let document: GroupDocument = read(after)?;
        document.check()?;
        let mut row = before.clone();
        (row.name, row.description) = (document.name.trim().to_owned(), document.description);
        if row == before {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let event = Event::new("group.updated").actor(actor).with("name", row.name.as_str()).with("fields", fields);
        self.write(Batch::new().with(before.unchanged()).with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes a group; its members lose the roles that it gave.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_group(&self, cx: &Cx, actor: &str, id: GroupId) -> Result<(), DirectoryError> {
        let row = self.get_group(cx, id).await?;
        let event = Event::new("group.deleted").actor(actor).with("name", row.name.as_str());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }

    /// Members of a group, oldest user first.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_group_members(
        &self,
        cx: &Cx,
        id: GroupId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<GroupMemberRow>, DirectoryError> {
        self.get_group(cx, id).await?;
        Ok(self.store.group_members(cx.tenant_id(), id, after, limit).await?)
    }

    /// Adds members to a group; those who are in it already stay.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn add_group_members(&self, cx: &Cx, actor: &str, id: GroupId, users: &[UserId]) -> Result<bool, DirectoryError> {
        self.get_group(cx, id).await?;
        let mut problems = Problems::default();
        problems.must(users.len() <= 1000, "user_ids", "must have at most 1000 entries");
        let (mut batch, mut added) = (Batch::new(), Vec::new());
        for (n, user) in users.iter().enumerate().take(1000) {
            if self.store.user(cx.tenant_id(), *user).await?.is_none() {
                problems.add(format!("user_ids[{n}]"), "no such user");
            } else if !self.store.user_groups(cx.tenant_id(), *user).await?.iter().any(|g| g.id == id) {
                let row = GroupMemberRow { tenant_id: cx.tenant_id(), group_id: id, user_id: *user, created_at: cx.now };
                batch.push(put(row.insert()));
                added.push(user.to_string());
            }
        }
        problems.finish()?;
        if added.is_empty() {
            return Ok(false);
        }
        let event = Event::new("group.members_changed").actor(actor).with("group", id.to_string()).with("added", added);
        self.write(batch.with(event.statement(cx))).await?;
        Ok(true)
    }

    /// Takes a member from a group.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_group_member(&self, cx: &Cx, actor: &str, id: GroupId, user: UserId) -> Result<(), DirectoryError> {
        self.get_group(cx, id).await?;
        let row = GroupMemberRow { tenant_id: cx.tenant_id(), group_id: id, user_id: user, created_at: cx.now };
        let event = Event::new("group.members_changed")
            .user(user)
            .actor(actor)
            .with("group", id.to_string())
            .with("removed", vec![user.to_string()]);
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}
