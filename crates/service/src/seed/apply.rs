//! Applying a file: kind by kind, so that the order inside it does not matter.

use super::report::Outcome;
use super::{ApplyReport, MadeSecret, SecretRef, Seed, SeedApiKey, SeedApplication, SeedGrant, SeedResourceServer, SeedTenant};
use crate::boxed;
use crate::directory::{
    DomainDocument, Grant, GroupDocument, NewApiKey, NewApplication, Permission, ResourceServerDocument, RoleDocument,
    TenantDocument,
};
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, RoleId};
use doorward_store::applications::ResourceServerRow;
use serde_json::{Map, Value, json};
use std::path::Path;

/// One run.
pub(super) struct Run<'a> {
    pub(super) service: &'a Service,
    pub(super) actor: &'a str,
    pub(super) base: &'a Path,
    pub(super) report: ApplyReport,
}

impl Service {
    /// Makes the directory as the file says. What cannot be done is in the report; everything else is done.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn apply(&self, seed: &Seed, actor: &str) -> Result<ApplyReport, Error> {
        let mut run = Run { service: self, actor, base: &seed.base, report: ApplyReport::default() };
        let mut first = None;
        for (n, tenant) in seed.tenants.iter().enumerate() {
            let cx = run.tenant(&format!("tenant[{n}]"), tenant).await?;
            first = first.or(cx);
        }
        for (n, key) in seed.api_keys.iter().enumerate() {
            let path = format!("api_key[{n}]");
            if first.is_none() {
                let any = self.store.tenants(None, 1).await?.items.into_iter().next();
                first = match any {
                    Some(row) => self.admin_cx(row.id, Client::default()).await?,
                    None => None,
                };
            }
            match &first {
                Some(cx) => run.api_key(cx, &path, key, true).await?,
                None => run.report.problem(&path, "", "there is no tenant yet"),
            }
        }
        Ok(run.report)
    }
}

impl Run<'_> {
    async fn tenant(&mut self, path: &str, seed: &SeedTenant) -> Result<Option<Cx>, Error> {
        let mut patch = Map::new();
        for (key, value) in [
            ("name", seed.name.clone().map(Value::from)),
            ("policy", seed.policy.clone()),
            ("brand", seed.brand.clone()),
            ("default_locale", seed.default_locale.clone().map(Value::from)),
            ("mail_from", seed.mail_from.clone().map(Value::from)),
            ("native_apps", seed.native_apps.clone()),
            ("default_audience", seed.default_audience.clone().map(Value::from)),
            ("post_logout_redirect_uris", seed.post_logout_redirect_uris.clone().map(Value::from)),
        ] {
            if let Some(value) = value {
                patch.insert(key.into(), value);
            }
        }
        let found = self.service.store.tenant_by_slug(&seed.slug).await?;
        let (id, outcome) = match found {
            Some(row) => {
                let Some(cx) = self.service.admin_cx(row.id, Client::default()).await? else { return Ok(None) };
                let step = self.service.patch_tenant(&cx, self.actor, &Value::Object(patch)).await;
                // A tenant with a wrong policy still gets its applications and users.
                let changed = self.report.take(path, step)?.map(|c| Outcome::changed_if(c.changed));
                (row.id, changed)
            }
            None => {
                patch.insert("slug".into(), seed.slug.clone().into());
                let step = match TenantDocument::from_json(Value::Object(patch)) {
                    Ok(new) => self.service.create_tenant(Client::default(), self.actor, new).await,
                    Err(error) => Err(error),
                };
                match self.report.take(path, step)? {
                    Some(row) => (row.id, Some(Outcome::Created)),
                    None => return Ok(None),
                }
            }
        };
        if let Some(outcome) = outcome {
            self.report.count(outcome);
        }
        let Some(cx) = self.service.admin_cx(id, Client::default()).await? else { return Ok(None) };
        self.domains(&cx, path, seed).await?;
        // Policy and domains are as the file says only from here on.
        let Some(cx) = self.service.admin_cx(id, Client::default()).await? else { return Ok(None) };
        for (n, one) in seed.resource_servers.iter().enumerate() {
            self.resource_server(&cx, &format!("{path}.resource_server[{n}]"), one).await?;
        }
        for (n, one) in seed.applications.iter().enumerate() {
            self.application(&cx, &format!("{path}.application[{n}]"), one).await?;
        }
        self.roles(&cx, path, seed).await?;
        self.groups(&cx, path, seed).await?;
        for (n, one) in seed.users.iter().enumerate() {
            self.user(&cx, &format!("{path}.user[{n}]"), one).await?;
        }
        for (n, one) in seed.api_keys.iter().enumerate() {
            self.api_key(&cx, &format!("{path}.api_key[{n}]"), one, false).await?;
        }
        Ok(Some(cx))
    }

    async fn domains(&mut self, cx: &Cx, path: &str, seed: &SeedTenant) -> Result<(), Error> {
        for (n, one) in seed.domains.iter().enumerate() {
            let path = format!("{path}.domain[{n}]");
            let host = one.host.trim().to_ascii_lowercase();
            let known = self.service.store.domain_by_host(&host).await?;
            let step = match known {
                Some(row) if row.tenant_id != cx.tenant_id() => {
                    self.report.problem(&path, "host", "belongs to another tenant");
                    continue;
                }
                Some(row) => {
                    let mut patch = json!({ "issuer": one.issuer });
                    if let (true, Value::Object(patch)) = (one.primary, &mut patch) {
                        patch.insert("is_primary".into(), true.into());
                    }
                    if let (Some(accent), Value::Object(patch)) = (one.accent, &mut patch) {
                        patch.insert("accent".into(), accent.as_str().into());
                    }
                    let step = self.service.patch_domain(cx, self.actor, row.id, &patch).await;
                    step.map(|c| Outcome::changed_if(c.changed))
                }
                None => {
                    let new = DomainDocument {
                        host,
                        issuer: one.issuer.clone(),
                        is_primary: one.primary,
                        accent: one.accent.unwrap_or_default(),
                    };
                    self.service.create_domain(cx, self.actor, new).await.map(|_| Outcome::Created)
                }
            };
            if let Some(outcome) = self.report.take(&path, step)? {
                self.report.count(outcome);
            }
        }
        Ok(())
    }

    async fn resource_server(&mut self, cx: &Cx, path: &str, seed: &SeedResourceServer) -> Result<(), Error> {
        let service = self.service;
        let mut patch = seed.settings.clone();
        let step = match service.store.resource_server_by_audience(cx.tenant_id(), &seed.audience).await? {
            Some(row) => {
                if !seed.scopes.is_empty() {
                    let known = service.store.scopes(cx.tenant_id(), row.id).await?;
                    let mut scopes = ResourceServerDocument::of(&row, &known).scopes;
                    scopes.retain(|s| !seed.scopes.iter().any(|new| new.value == s.value));
                    scopes.extend(seed.scopes.iter().cloned());
                    patch.insert("scopes".into(), json!(scopes));
                }
                let step = service.patch_resource_server(cx, self.actor, row.id, &Value::Object(patch)).await;
                step.map(|c| Outcome::changed_if(c.changed))
            }
            None => {
                patch.insert("audience".into(), seed.audience.clone().into());
                patch.insert("scopes".into(), json!(seed.scopes));
                match ResourceServerDocument::from_json(Value::Object(patch)) {
                    Ok(new) => service.create_resource_server(cx, self.actor, new).await.map(|_| Outcome::Created),
                    Err(error) => Err(error),
                }
            }
        };
        if let Some(outcome) = self.report.take(path, step)? {
            self.report.count(outcome);
        }
        Ok(())
    }

    async fn application(&mut self, cx: &Cx, path: &str, seed: &SeedApplication) -> Result<(), Error> {
        let service = self.service;
        let Some(secret) = self.secret(path, "client_secret", seed.client_secret.as_ref()) else { return Ok(()) };
        let settings = Value::Object(seed.settings.clone());
        let known = service.store.application_by_client_id(cx.tenant_id(), &seed.client_id).await?;
        let (id, mut outcome) = match known {
            Some(row) => {
                let step = service.patch_application(cx, self.actor, row.id, &settings).await;
                let Some(change) = self.report.take(path, step)? else { return Ok(()) };
                let rotated = match secret {
                    Some(plain) => self.client_secret(cx, path, row.id, plain).await?,
                    None => Outcome::Unchanged,
                };
                (row.id, Outcome::changed_if(change.changed).max(rotated))
            }
            None => {
                let step = match NewApplication::from_json(settings) {
                    Ok(mut new) => {
                        new.client_id = Some(seed.client_id.clone());
                        let made_up = secret.is_none();
                        new.client_secret = secret;
                        service.create_application(cx, self.actor, new).await.map(|made| (made, made_up))
                    }
                    Err(error) => Err(error),
                };
                let Some((made, made_up)) = self.report.take(path, step)? else { return Ok(()) };
                if let Some(secret) = made.client_secret.filter(|_| made_up) {
                    self.report.secrets.push(MadeSecret { path: path.into(), of: seed.client_id.clone(), secret });
                }
                (made.row.id, Outcome::Created)
            }
        };
        for (n, grant) in seed.grants.iter().enumerate() {
            outcome = outcome.max(self.grant(cx, &format!("{path}.grants[{n}]"), id, grant).await?);
        }
        self.report.count(outcome);
        Ok(())
    }

    async fn client_secret(&mut self, cx: &Cx, path: &str, id: ApplicationId, plain: String) -> Result<Outcome, Error> {
        let digest = self.service.client_secret_digest(cx.tenant_id(), &plain);
        let step = self.service.list_application_secrets(cx, id).await;
        let live = self.report.take(path, step)?.unwrap_or_default();
        if live.iter().any(|s| s.secret_hash == digest) {
            return Ok(Outcome::Unchanged);
        }
        let grace = crate::directory::GRACE_SECONDS;
        let step = self.service.rotate_application_secret(cx, self.actor, id, Some(plain), grace).await;
        Ok(Outcome::changed_if(self.report.take(path, step)?.is_some()))
    }

    async fn grant(&mut self, cx: &Cx, path: &str, id: ApplicationId, seed: &SeedGrant) -> Result<Outcome, Error> {
        let Some(server) = self.audience(cx, path, &seed.audience).await? else { return Ok(Outcome::Unchanged) };
        let grant = Grant { resource_server: server.id, scopes: seed.scopes.clone() };
        let step = self.service.put_application_grant(cx, self.actor, id, grant).await;
        Ok(Outcome::changed_if(self.report.take(path, step)?.is_some_and(|(_, changed)| changed)))
    }

    async fn roles(&mut self, cx: &Cx, path: &str, seed: &SeedTenant) -> Result<(), Error> {
        let service = self.service;
        for (n, one) in seed.roles.iter().enumerate() {
            let path = format!("{path}.role[{n}]");
            let application = match &one.application {
                None => None,
                Some(client_id) => match service.store.application_by_client_id(cx.tenant_id(), client_id).await? {
                    Some(row) => Some(row.id),
                    None => {
                        self.report.problem(&path, "application", "no such application");
                        continue;
                    }
                },
            };
            let step = match service.store.role_by_name(cx.tenant_id(), application, one.name.trim()).await? {
                Some(row) => {
                    let mut patch = Map::new();
                    if let Some(description) = &one.description {
                        patch.insert("description".into(), description.as_str().into());
                    }
                    if let Some(is_default) = one.is_default {
                        patch.insert("is_default".into(), is_default.into());
                    }
                    let step = service.patch_role(cx, self.actor, row.id, &Value::Object(patch)).await;
                    step.map(|c| (c.row, Outcome::changed_if(c.changed)))
                }
                None => {
                    let new = RoleDocument {
                        name: one.name.clone(),
                        description: one.description.clone().unwrap_or_default(),
                        application_id: application,
                        is_default: one.is_default.unwrap_or_default(),
                    };
                    service.create_role(cx, self.actor, new).await.map(|row| (row, Outcome::Created))
                }
            };
            let Some((role, mut outcome)) = self.report.take(&path, step)? else { continue };
            let mut permissions = Vec::new();
            for (n, permission) in one.permissions.iter().enumerate() {
                let path = format!("{path}.permissions[{n}]");
                if let Some(server) = self.audience(cx, &path, &permission.audience).await? {
                    permissions.push(Permission { resource_server: server.id, scope: permission.scope.clone() });
                }
            }
            if permissions.len() == one.permissions.len() && !permissions.is_empty() {
                let step = service.put_role_permissions(cx, self.actor, role.id, &permissions, false).await;
                outcome = outcome.max(Outcome::changed_if(self.report.take(&path, step)?.unwrap_or_default()));
            }
            self.report.count(outcome);
        }
        Ok(())
    }

    async fn groups(&mut self, cx: &Cx, path: &str, seed: &SeedTenant) -> Result<(), Error> {
        let service = self.service;
        for (n, one) in seed.groups.iter().enumerate() {
            let path = format!("{path}.group[{n}]");
            let step = match service.store.group_by_name(cx.tenant_id(), one.name.trim()).await? {
                Some(row) => {
                    let patch = one.description.as_ref().map_or_else(|| json!({}), |d| json!({ "description": d }));
                    let step = service.patch_group(cx, self.actor, row.id, &patch).await;
                    step.map(|c| (c.row, Outcome::changed_if(c.changed)))
                }
                None => {
                    let description = one.description.clone().unwrap_or_default();
                    let new = GroupDocument { name: one.name.clone(), description };
                    service.create_group(cx, self.actor, new).await.map(|row| (row, Outcome::Created))
                }
            };
            let Some((group, mut outcome)) = self.report.take(&path, step)? else { continue };
            let roles = self.role_ids(cx, &path, &one.roles).await?;
            if !roles.is_empty() {
                let step = service.put_group_roles(cx, self.actor, group.id, &roles, false).await;
                outcome = outcome.max(Outcome::changed_if(self.report.take(&path, step)?.unwrap_or_default()));
            }
            self.report.count(outcome);
        }
        Ok(())
    }

    async fn api_key(&mut self, cx: &Cx, path: &str, seed: &SeedApiKey, server_wide: bool) -> Result<(), Error> {
        let service = self.service;
        let Some(key) = self.secret(path, "key", seed.key.as_ref()) else { return Ok(()) };
        let tenant = (!server_wide).then(|| cx.tenant_id());
        let known = match &key {
            Some(plain) => service.store.api_key_by_hash(&service.api_key_digest(plain)).await?,
            None => {
                let mut after = None;
                loop {
                    let page = service.store.api_keys(tenant, after, 500).await?;
                    let named = page.items.into_iter().find(|k| k.tenant_id == tenant && k.name == seed.name.trim());
                    match (named, page.next) {
                        (None, Some(next)) => after = Some(next),
                        (named, _) => break named,
                    }
                }
            }
        };
        let step = match known {
            Some(row) if row.tenant_id != tenant => {
                self.report.problem(path, "key", "is in use for another tenant or for the whole server");
                return Ok(());
            }
            Some(row) => {
                let (name, scopes) = (Some(seed.name.clone()), Some(seed.scopes.clone()));
                let step = service.update_api_key(cx, self.actor, None, row.id, name, scopes).await;
                step.map(|c| Outcome::changed_if(c.changed))
            }
            None => {
                let made_up = key.is_none();
                let (name, scopes) = (seed.name.clone(), seed.scopes.clone());
                let new = NewApiKey { name, scopes, server_wide, expires_at: None, key };
                service.create_api_key(cx, self.actor, None, new).await.map(|made| {
                    if made_up {
                        let (path, of) = (path.to_owned(), seed.name.clone());
                        self.report.secrets.push(MadeSecret { path, of, secret: made.key });
                    }
                    Outcome::Created
                })
            }
        };
        if let Some(outcome) = self.report.take(path, step)? {
            self.report.count(outcome);
        }
        Ok(())
    }

    /// The secret that a reference names: `None` when it cannot be had, which is noted.
    pub(super) fn secret(&mut self, path: &str, field: &str, secret: Option<&SecretRef>) -> Option<Option<String>> {
        match secret.map(|s| s.resolve(self.base)) {
            None => Some(None),
            Some(Ok(text)) => Some(Some(text)),
            Some(Err(message)) => {
                self.report.problem(path, field, message);
                None
            }
        }
    }

    async fn audience(&mut self, cx: &Cx, path: &str, audience: &str) -> Result<Option<ResourceServerRow>, Error> {
        let found = self.service.store.resource_server_by_audience(cx.tenant_id(), audience).await?;
        if found.is_none() {
            self.report.problem(path, "audience", "no such resource server");
        }
        Ok(found)
    }

    /// The roles of these names; those that do not exist are noted.
    pub(super) async fn role_ids(&mut self, cx: &Cx, path: &str, names: &[String]) -> Result<Vec<RoleId>, Error> {
        let store = &self.service.store;
        let mut out = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let mut role = store.role_by_name(cx.tenant_id(), None, name).await?;
            if let (None, Some((client_id, name))) = (&role, name.split_once('/'))
                && let Some(application) = store.application_by_client_id(cx.tenant_id(), client_id).await?
            {
                role = store.role_by_name(cx.tenant_id(), Some(application.id), name).await?;
            }
            match role {
                Some(role) => out.push(role.id),
                None => self.report.problem(path, &format!("roles[{n}]"), "no such role"),
            }
        }
        Ok(out)
    }
}
