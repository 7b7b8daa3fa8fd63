//! Roles.

use super::document::{json, patched, read};
use super::field::Problems;
use super::{Change, DirectoryError, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::ids::{ApplicationId, RoleId};
use doorward_store::Page;
use doorward_store::directory::RoleRow;
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What can be set of a role.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDocument {
    /// Name, unique within the tenant or the application.
    pub name: String,
    /// Words.
    #[serde(default)]
    pub description: String,
    /// Of which application; absent: of the tenant. It cannot be changed.
    #[serde(default)]
    pub application_id: Option<ApplicationId>,
    /// Given to every new member of its application.
    #[serde(default)]
    pub is_default: bool,
}

impl RoleDocument {
    /// The document of a row.
    pub fn of(row: &RoleRow) -> Self {
        Self {
            name: row.name.clone(),
            description: row.description.clone(),
            application_id: row.application_id,
            is_default: row.is_default,
        }
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
        problems.must(
            !self.is_default || self.application_id.is_some(),
            "is_default",
            "is for roles of an application: they are given to its new members",
        );
        problems.finish()
    }
}

impl Service {
    /// Makes a role.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_role(&self, cx: &Cx, actor: &str, new: RoleDocument) -> Result<RoleRow, DirectoryError> {
        new.check()?;
        if let Some(application) = new.application_id
            && self.store.application(cx.tenant_id(), application).await?.is_none()
        {
            return Err(DirectoryError::invalid("application_id", "no such application"));
        }
        let row = RoleRow {
            id: RoleId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            application_id: new.application_id,
            name: new.name.trim().to_owned(),
            description: new.description,
            is_default: new.is_default,
            created_at: cx.now,
            updated_at: cx.now,
        };
        let event = Event::new("role.created").application(row.application_id).actor(actor).with("name", row.name.as_str());
        self.write(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        Ok(row)
    }

    /// A role.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_role(&self, cx: &Cx, id: RoleId) -> Result<RoleRow, DirectoryError> {
        self.store.role(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "role" })
    }

    /// Roles of a tenant, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_roles(&self, cx: &Cx, after: Option<Uuid>, limit: u32) -> Result<Page<RoleRow>, DirectoryError> {
        Ok(self.store.roles(cx.tenant_id(), after, limit).await?)
    }

    /// Changes a role by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_role(&self, cx: &Cx, actor: &str, id: RoleId, patch: &Value) -> Result<Change<RoleRow>, DirectoryError> {
        again!(self.patch_role_once(cx, actor, id, patch))
    }

    async fn patch_role_once(&self, cx: &Cx, actor: &str, id: RoleId, patch: &Value) -> Result<Change<RoleRow>, DirectoryError> {
        let before = self.get_role(cx, id).await?;
        let (after, fields) = patched(json(&RoleDocument::of(&before))?, patch)?;
        let document: RoleDocument = read(after)?;
        if document.application_id != before.application_id {
            return Err(DirectoryError::invalid("application_id", "cannot be changed; make another role"));
        }
        document.check()?;
        let mut row = before.clone();
        row.name = document.name.trim().to_owned();
        row.description = document.description;
        row.is_default = document.is_default;
        if row == before {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let event = Event::new("role.updated").actor(actor).with("name", row.name.as_str()).with("fields", fields);
        self.write(Batch::new().with(before.unchanged()).with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes a role; users and groups lose it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_role(&self, cx: &Cx, actor: &str, id: RoleId) -> Result<(), DirectoryError> {
        let row = self.get_role(cx, id).await?;
        let event = Event::new("role.deleted").actor(actor).with("name", row.name.as_str());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}
