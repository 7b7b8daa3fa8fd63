//! Nouns written whole: with an id of the caller's choosing, and with what a surface keeps beside them, in one transaction.

use super::field::Problems;
use super::{
    ApplicationDocument, CreatedApplication, DirectoryError, Extension, GroupDocument, NewApplication, RoleDocument,
    TenantDocument, revised_at,
};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, token};
use crate::tenancy::Tenant;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, DomainId, GroupId, RoleId, TenantId};
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::applications::ApplicationRow;
use doorward_store::directory::{GroupRow, RoleRow};
use doorward_store::engine::Batch;
use doorward_store::extension::delete_extension;
use doorward_store::keys::ApiKeyRow;
use doorward_store::named_keys::{ApiKeyDetailRow, put_api_key_detail};
use doorward_store::revision::Revised as _;
use doorward_store::tenants::{DomainRow, TenantRow};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// A tenant to be made whole.
pub struct NewTenant {
    /// Its id; made up when absent.
    pub id: Option<TenantId>,
    /// What can be set of it.
    pub document: TenantDocument,
    /// Its first domain: host, issuer, and the address it is reached at when the issuer is another.
    pub domain: Option<(String, String, Option<String>)>,
    /// What the surface keeps.
    pub extension: Option<Extension>,
}

/// An API key of a door that takes keys of any shape.
pub struct NewDoorKey {
    /// Its id; made up when absent.
    pub id: Option<Uuid>,
    /// The key itself; made up when absent.
    pub key: Option<String>,
    /// What it is for.
    pub name: String,
    /// Bound to a tenant.
    pub tenant: Option<TenantId>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Good until.
    pub expires_at: Option<Timestamp>,
    /// Whether it can be shown again.
    pub retrievable: bool,
    /// What the surface keeps.
    pub extension: Value,
}

impl Service {
    /// Makes a tenant, with its first domain.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_whole_tenant(&self, client: Client, actor: &str, new: NewTenant) -> Result<TenantRow, DirectoryError> {
        new.document.check()?;
        let now = self.clock.real();
        let row = TenantRow {
            id: new.id.unwrap_or_else(|| TenantId(new_id(now))),
            slug: new.document.slug.clone(),
            name: new.document.name.trim().to_owned(),
            settings: Json(new.document.settings()),
            created_at: now,
            updated_at: now,
        };
        if self.store.tenant(row.id).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        let cx = self.cx_over(
            Arc::new(Tenant { row: row.clone(), domains: Vec::new(), has_mail_route: false, own_words: Arc::default() }),
            client,
        );
        let mut batch = Batch::new().with(row.insert());
        if let Some((host, issuer, base_url)) = new.domain {
            let domain = DomainRow {
                id: DomainId(new_id(now)),
                tenant_id: row.id,
                host,
                issuer,
                base_url,
                is_primary: true,
                accent: doorward_protocol::oauth::client::Accent::default(),
                created_at: now,
            };
            batch.push(domain.insert());
        }
        if let Some(extension) = &new.extension {
            batch.push(extension.statement(&cx, row.id.0));
        }
        let event = Event::new("tenant.created").actor(actor).with("slug", row.slug.as_str());
        self.write(batch.with(event.statement(&cx))).await?;
        Ok(row)
    }

    /// Sets what can be set of a tenant, and with it the issuer of the domain that the context names.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_tenant(
        &self,
        cx: &Cx,
        actor: &str,
        document: TenantDocument,
        issuer: Option<&str>,
        extension: Option<&Extension>,
    ) -> Result<TenantRow, DirectoryError> {
        document.check()?;
        let before = self.store.tenant(cx.tenant_id()).await?.ok_or(DirectoryError::NotFound { noun: "tenant" })?;
        let row = TenantRow {
            slug: document.slug.clone(),
            name: document.name.trim().to_owned(),
            settings: Json(document.settings()),
            updated_at: revised_at(before.updated_at, cx.now),
            ..before.clone()
        };
        let mut batch = Batch::new().with(before.unchanged()).with(row.update());
        if let Some(issuer) = issuer.filter(|issuer| *issuer != cx.domain.issuer) {
            let mut problems = Problems::default();
            let ok = !issuer.is_empty() && issuer.len() <= 500 && !issuer.chars().any(char::is_control);
            problems.must(ok, "issuer", "must be 1 to 500 characters");
            problems.finish()?;
            let domain = self.store.domain(cx.domain.id).await?.ok_or(DirectoryError::NotFound { noun: "domain" })?;
            // The address stays what it was, whatever the string says.
            let base = crate::cx::base_of(&domain).to_owned();
            let base_url = (issuer.trim_end_matches('/') != base).then_some(base);
            batch.push(DomainRow { issuer: issuer.to_owned(), base_url, ..domain }.update());
            batch.push(Event::new("domain.updated").actor(actor).with("issuer", issuer).statement(cx));
        }
        if let Some(extension) = extension {
            batch.push(extension.statement(cx, row.id.0));
        }
        self.write(batch.with(Event::new("tenant.updated").actor(actor).statement(cx))).await?;
        Ok(row)
    }

    /// Makes an application with an id.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_whole_application(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        new: NewApplication,
        extension: Option<&Extension>,
    ) -> Result<CreatedApplication, DirectoryError> {
        new.check(self.dev)?;
        if self.store.tenant_of(id.0).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        let client_id = new.client_id.clone().unwrap_or_else(|| id.to_string());
        self.insert_application(cx, actor, id, client_id, new, extension).await
    }

    /// Sets what can be set of an application; with a secret, that is its only one from now on.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_application(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        document: ApplicationDocument,
        client_secret: Option<&str>,
        extension: Option<&Extension>,
    ) -> Result<ApplicationRow, DirectoryError> {
        document.check(self.dev)?;
        let before = self.get_application(cx, id).await?;
        let row = ApplicationRow {
            name: document.name.trim().to_owned(),
            enabled: document.enabled,
            settings: Json(document.settings),
            updated_at: revised_at(before.updated_at, cx.now),
            ..before.clone()
        };
        let mut batch = Batch::new().with(before.unchanged()).with(row.update());
        if let Some(plain) = client_secret {
            let mut problems = Problems::default();
            super::application_secrets::check_secret(&mut problems, "client_secret", plain);
            problems.finish()?;
            let digest = self.client_secret_digest(cx.tenant_id(), plain);
            let have = self.store.application_secrets(cx.tenant_id(), id).await?;
            if !(have.len() == 1 && have.iter().all(|s| s.secret_hash == digest && s.expires_at.is_none())) {
                for old in have {
                    batch.push(old.delete());
                }
                batch.push(self.secret_row(cx, id, row.settings.0.accent, Some(plain.to_owned())).row.insert());
            }
        }
        if let Some(extension) = extension {
            batch.push(extension.statement(cx, id.0));
        }
        let event = Event::new("application.updated").application(id).actor(actor);
        self.write(batch.with(event.statement(cx))).await?;
        Ok(row)
    }

    /// The newest secret of an application, in the clear: some doors show it to administrators.
    ///
    /// # Errors
    /// When it does not open.
    #[boxed]
    pub async fn reveal_application_secret(&self, cx: &Cx, id: ApplicationId) -> Result<Option<String>, Error> {
        let all = self.store.application_secrets(cx.tenant_id(), id).await?;
        let Some(row) = all.into_iter().find(|s| s.expires_at.is_none_or(|at| at > cx.now)) else { return Ok(None) };
        let plain = self.secrets.decrypt("client_secret", &row.id.to_string(), &row.secret_sealed).map_err(Error::internal)?;
        Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
    }

    /// Deletes an application with what a surface kept of it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_whole_application(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        namespace: &str,
    ) -> Result<(), DirectoryError> {
        let row = self.get_application(cx, id).await?;
        let event = Event::new("application.deleted").application(id).actor(actor).with("client_id", row.client_id.as_str());
        let batch = Batch::new().with(delete_extension(cx.tenant_id(), namespace, id.0)).with(row.delete());
        self.write(batch.with(event.statement(cx))).await
    }

    /// Makes or changes a role under an id.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_role(
        &self,
        cx: &Cx,
        actor: &str,
        id: RoleId,
        document: RoleDocument,
        extension: Option<&Extension>,
    ) -> Result<RoleRow, DirectoryError> {
        document.check()?;
        let before = self.store.role(cx.tenant_id(), id).await?;
        if before.is_none() && self.store.tenant_of(id.0).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        if let Some(application) = document.application_id {
            self.get_application(cx, application).await?;
        }
        let row = RoleRow {
            id,
            tenant_id: cx.tenant_id(),
            application_id: document.application_id,
            name: document.name.trim().to_owned(),
            description: document.description,
            is_default: document.is_default,
            created_at: before.as_ref().map_or(cx.now, |b| b.created_at),
            updated_at: before.as_ref().map_or(cx.now, |b| revised_at(b.updated_at, cx.now)),
        };
        let (statement, name) = if before.is_some() { (row.update(), "role.updated") } else { (row.insert(), "role.created") };
        let mut batch = Batch::new().with(statement);
        if let Some(extension) = extension {
            batch.push(extension.statement(cx, id.0));
        }
        let event = Event::new(name).application(row.application_id).actor(actor).with("name", row.name.as_str());
        self.write(batch.with(event.statement(cx))).await?;
        Ok(row)
    }

    /// Makes or changes a group under an id, and gives it exactly these roles when they are named.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_group(
        &self,
        cx: &Cx,
        actor: &str,
        id: GroupId,
        document: GroupDocument,
        roles: Option<&[RoleId]>,
        extension: Option<&Extension>,
    ) -> Result<GroupRow, DirectoryError> {
        document.check()?;
        let before = self.store.group(cx.tenant_id(), id).await?;
        if before.is_none() && self.store.tenant_of(id.0).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        let row = GroupRow {
            id,
            tenant_id: cx.tenant_id(),
            name: document.name.trim().to_owned(),
            description: document.description,
            created_at: before.as_ref().map_or(cx.now, |b| b.created_at),
            updated_at: before.as_ref().map_or(cx.now, |b| revised_at(b.updated_at, cx.now)),
        };
        let (statement, name) = if before.is_some() { (row.update(), "group.updated") } else { (row.insert(), "group.created") };
        let mut batch = Batch::new().with(statement);
        if let Some(roles) = roles {
            let mut problems = Problems::default();
            batch.push(doorward_store::directory::delete_group_roles(cx.tenant_id(), id));
            for (n, role_id) in roles.iter().enumerate() {
                if self.store.role(cx.tenant_id(), *role_id).await?.is_none() {
                    problems.add(format!("role_ids[{n}]"), "no such role");
                }
                let link = doorward_store::directory::GroupRoleRow { tenant_id: cx.tenant_id(), group_id: id, role_id: *role_id };
                batch.push(doorward_store::directory::put(link.insert()));
            }
            problems.finish()?;
        }
        if let Some(extension) = extension {
            batch.push(extension.statement(cx, id.0));
        }
        let event = Event::new(name).actor(actor).with("group", id.to_string()).with("name", row.name.as_str());
        self.write(batch.with(event.statement(cx))).await?;
        Ok(row)
    }

    /// Makes an API key of any shape, for a door that takes such keys.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_door_key(
        &self,
        cx: &Cx,
        actor: &str,
        new: NewDoorKey,
    ) -> Result<(ApiKeyRow, ApiKeyDetailRow, String), DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &new.name);
        if let Some(key) = &new.key {
            let ok = (1..=512).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
            problems.must(ok, "key", "must have 1 to 512 printable ASCII characters without spaces");
        }
        problems.must(new.scopes.len() <= 500, "scopes", "must have at most 500 entries");
        problems.finish()?;
        let key = new.key.unwrap_or_else(|| token::<48>(""));
        let id = new.id.unwrap_or_else(|| new_id(cx.now));
        if self.store.api_key(id).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        let row = ApiKeyRow {
            id,
            tenant_id: new.tenant,
            name: new.name.trim().to_owned(),
            key_hash: self.api_key_digest(&key),
            hint: key.chars().skip(key.chars().count().saturating_sub(4)).collect(),
            scopes: Json(new.scopes),
            created_at: cx.now,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let detail = ApiKeyDetailRow {
            api_key_id: id,
            key_sealed: new.retrievable.then(|| self.secrets.encrypt("api_key", &id.to_string(), key.as_bytes())),
            extension: Json(new.extension),
            updated_at: cx.now,
        };
        let event = Event::new("api_key.created")
            .actor(actor)
            .with("api_key", id.to_string())
            .with("name", row.name.as_str())
            .with("scopes", row.scopes.0.clone());
        let batch = Batch::new().with(row.insert()).with(detail.insert()).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok((row, detail, key))
    }

    /// Changes an API key of a door.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_door_key(&self, cx: &Cx, actor: &str, row: &ApiKeyRow, extension: Value) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &row.name);
        problems.must(row.scopes.0.len() <= 500, "scopes", "must have at most 500 entries");
        problems.finish()?;
        let before = self.store.api_key_detail(row.id).await?;
        let detail = ApiKeyDetailRow {
            api_key_id: row.id,
            key_sealed: before.and_then(|d| d.key_sealed),
            extension: Json(extension),
            updated_at: cx.now,
        };
        let event = Event::new("api_key.updated").actor(actor).with("api_key", row.id.to_string());
        let batch = Batch::new().with(row.update()).with(put_api_key_detail(&detail)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// The key itself, where it can be shown again.
    ///
    /// # Errors
    /// When it does not open.
    pub fn reveal_door_key(&self, detail: &ApiKeyDetailRow) -> Result<Option<String>, Error> {
        let Some(sealed) = &detail.key_sealed else { return Ok(None) };
        let plain = self.secrets.decrypt("api_key", &detail.api_key_id.to_string(), sealed).map_err(Error::internal)?;
        Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
    }
}
