//! Resource servers (APIs) and their scopes.

use super::document::{join, json, patched, read, split};
use super::field::{Problems, scope, signing_alg};
use super::{Change, DirectoryError, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::ids::ResourceServerId;
use doorward_store::applications::{
    ResourceServerRow, ResourceServerSettings, ScopeRow, delete_scopes, narrow_application_grant,
};
use doorward_store::directory::delete_permissions_of_scope;
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use doorward_store::{Json, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// A scope of a resource server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its value in `scope`.
    pub value: String,
    /// Words for the consent page.
    #[serde(default)]
    pub description: String,
}

/// What can be set of a resource server. In JSON its settings stand beside the other fields.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceServerDocument {
    /// `aud` of its tokens. It cannot be changed.
    pub audience: String,
    /// Name shown to people.
    pub name: String,
    /// Scopes; also the permissions that roles can hold.
    pub scopes: Vec<Scope>,
    /// Settings.
    pub settings: ResourceServerSettings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    audience: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    scopes: Vec<Scope>,
}

impl ResourceServerDocument {
    /// The document of a row and its scopes.
    pub fn of(row: &ResourceServerRow, scopes: &[ScopeRow]) -> Self {
        Self {
            audience: row.audience.clone(),
            name: row.name.clone(),
            scopes: scopes.iter().map(|s| Scope { value: s.value.clone(), description: s.description.clone() }).collect(),
            settings: row.settings.0.clone(),
        }
    }

    /// As JSON, flat.
    ///
    /// # Errors
    /// Never for documents of ours.
    pub fn to_json(&self) -> Result<Value, DirectoryError> {
        let own = json!({ "audience": self.audience, "name": self.name, "scopes": self.scopes });
        Ok(join(own, json(&self.settings)?))
    }

    /// Reads one from JSON; without a name it is called after its audience.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn from_json(value: Value) -> Result<Self, DirectoryError> {
        let (head, settings) = split(value, &["audience", "name", "scopes"])?;
        let Head { audience, name, mut scopes } = read(head)?;
        scopes.sort_by(|a, b| a.value.cmp(&b.value));
        Ok(Self { name: name.unwrap_or_else(|| audience.clone()), audience, scopes, settings: read(settings)? })
    }

    fn check(&self) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        // RFC 8707 wants an absolute address; audiences of every accent's applications are any word without spaces.
        let ok = (1..=600).contains(&self.audience.len()) && self.audience.bytes().all(|b| b.is_ascii_graphic());
        problems.must(ok, "audience", "must be 1 to 600 printable ASCII characters without spaces");
        problems.name("name", &self.name);
        problems.must(self.scopes.len() <= 1000, "scopes", "must have at most 1000 entries");
        for (n, one) in self.scopes.iter().enumerate().take(1000) {
            if let Err(message) = scope(&one.value) {
                problems.add(format!("scopes[{n}].value"), message);
            }
            if doorward_protocol::oauth::scope::is_standard(&one.value) {
                problems.add(format!("scopes[{n}].value"), "is a scope of OpenID Connect's own");
            }
            problems.text(&format!("scopes[{n}].description"), &one.description, 500);
            if self.scopes.iter().take(n).any(|other| other.value == one.value) {
                problems.add(format!("scopes[{n}].value"), "is in the list already");
            }
        }
        if let Some(seconds) = self.settings.access_token_lifetime_seconds {
            problems.range("access_token_lifetime_seconds", seconds, 60..=super::applications::LONGEST_ACCESS_TOKEN);
        }
        if let Some(alg) = &self.settings.signing_alg
            && let Err(message) = signing_alg(alg)
        {
            problems.add("signing_alg", message);
        }
        problems.finish()
    }
}

impl Service {
    /// Makes a resource server with its scopes.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_resource_server(
        &self,
        cx: &Cx,
        actor: &str,
        new: ResourceServerDocument,
    ) -> Result<ResourceServerRow, DirectoryError> {
        new.check()?;
        let row = ResourceServerRow {
            id: ResourceServerId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            audience: new.audience,
            name: new.name.trim().to_owned(),
            settings: Json(new.settings),
            created_at: cx.now,
            updated_at: cx.now,
        };
        let mut batch = Batch::new().with(row.insert());
        for one in new.scopes {
            batch.push(scope_row(&row, one).insert());
        }
        let event = Event::new("resource_server.created").actor(actor).with("audience", row.audience.as_str());
        self.write(batch.with(event.statement(cx))).await?;
        Ok(row)
    }

    /// A resource server with its scopes.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_resource_server(
        &self,
        cx: &Cx,
        id: ResourceServerId,
    ) -> Result<(ResourceServerRow, Vec<ScopeRow>), DirectoryError> {
        let row = self.store.resource_server(cx.tenant_id(), id).await?;
        let row = row.ok_or(DirectoryError::NotFound { noun: "resource server" })?;
        let scopes = self.store.scopes(cx.tenant_id(), id).await?;
        Ok((row, scopes))
    }

    /// Resource servers of a tenant, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_resource_servers(
        &self,
        cx: &Cx,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<ResourceServerRow>, DirectoryError> {
        Ok(self.store.resource_servers(cx.tenant_id(), after, limit).await?)
    }

    /// Changes a resource server by merge patch. A list of scopes replaces the one before; a scope that is gone from it is taken
    /// from roles, users and machines too: one of the same name that is added later is another one.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_resource_server(
        &self,
        cx: &Cx,
        actor: &str,
        id: ResourceServerId,
        patch: &Value,
    ) -> Result<Change<ResourceServerRow>, DirectoryError> {
        again!(self.patch_resource_server_once(cx, actor, id, patch))
    }

    async fn patch_resource_server_once(
        &self,
        cx: &Cx,
        actor: &str,
        id: ResourceServerId,
        patch: &Value,
    ) -> Result<Change<ResourceServerRow>, DirectoryError> {
        let (before, scopes) = self.get_resource_server(cx, id).await?;
        let old = ResourceServerDocument::of(&before, &scopes);
        let (after, fields) = patched(old.to_json()?, patch)?;
        let new = ResourceServerDocument::from_json(after)?;
        if new.audience != old.audience {
            return Err(DirectoryError::invalid("audience", "cannot be changed; make another resource server"));
        }
        new.check()?;
        let mut row = before.clone();
        row.name = new.name.trim().to_owned();
        row.settings = Json(new.settings);
        if row == before && new.scopes == old.scopes {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let mut batch = Batch::new().with(before.unchanged()).with(row.update());
        let mut event =
            Event::new("resource_server.updated").actor(actor).with("audience", row.audience.as_str()).with("fields", fields);
        if new.scopes != old.scopes {
            batch.push(delete_scopes(row.tenant_id, id));
            let (removed, added) = (missing_from(&new.scopes, &old.scopes), missing_from(&old.scopes, &new.scopes));
            for gone in &removed {
                for statement in delete_permissions_of_scope(row.tenant_id, id, gone) {
                    batch.push(statement);
                }
            }
            if !removed.is_empty() {
                for grant in self.store.application_grants_at(row.tenant_id, id).await? {
                    let kept: Vec<String> = grant.scopes.0.iter().filter(|scope| !removed.contains(scope)).cloned().collect();
                    if kept != grant.scopes.0 {
                        batch.push(narrow_application_grant(&grant, kept));
                    }
                }
                event = event.with("scopes_removed", removed);
            }
            if !added.is_empty() {
                event = event.with("scopes_added", added);
            }
            for one in new.scopes {
                batch.push(scope_row(&row, one).insert());
            }
        }
        self.write(batch.with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes a resource server with its scopes, permissions and grants.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_resource_server(&self, cx: &Cx, actor: &str, id: ResourceServerId) -> Result<(), DirectoryError> {
        let (row, _) = self.get_resource_server(cx, id).await?;
        let event = Event::new("resource_server.deleted").actor(actor).with("audience", row.audience.as_str());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}

/// Values that stand in `there` and not in `here`.
fn missing_from(here: &[Scope], there: &[Scope]) -> Vec<String> {
    there.iter().filter(|one| !here.iter().any(|other| other.value == one.value)).map(|one| one.value.clone()).collect()
}

fn scope_row(row: &ResourceServerRow, scope: Scope) -> ScopeRow {
    ScopeRow { tenant_id: row.tenant_id, resource_server_id: row.id, value: scope.value, description: scope.description }
}
