//! Tenants, domains and applications from a cache: a sign-in must not read its configuration again and again. A change made
//! through this process is seen at once; one made by a command or another node within seconds.

use crate::boxed;
use crate::mail::OwnWords;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, ResourceServerId, TenantId};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oauth::redirect_uri::origin;
use doorward_protocol::policy::Policy;
use doorward_protocol::time::Timestamp;
use doorward_store::applications::{ApplicationGrantRow, ApplicationRow, ResourceServerRow};
use doorward_store::tenants::{DomainRow, TenantRow};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// A tenant with its domains.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The row.
    pub row: TenantRow,
    /// Its domains, the primary one first.
    pub domains: Vec<DomainRow>,
    /// Its mail goes by a server of its own.
    pub has_mail_route: bool,
    /// Its own words for mails.
    pub own_words: Arc<OwnWords>,
}

impl Tenant {
    /// The domain that mails and links use.
    pub fn primary_domain(&self) -> Option<&DomainRow> {
        self.domains.first()
    }

    /// The first domain that serves the discovery document of an accent.
    pub fn domain_of_accent(&self, accent: Accent) -> Option<&DomainRow> {
        self.domains.iter().find(|domain| domain.accent == accent)
    }
}

type Known<K, V> = Cache<K, Option<Arc<V>>>;

/// Digests of an application's secrets, each with the time that it ends.
pub(crate) type SecretDigests = Vec<(Vec<u8>, Option<Timestamp>)>;

/// The caches.
pub struct Tenancy {
    hosts: Known<String, DomainRow>,
    tenants: Known<TenantId, Tenant>,
    applications: Known<(TenantId, String), ApplicationRow>,
    applications_by_id: Known<(TenantId, ApplicationId), ApplicationRow>,
    resource_servers: Known<(TenantId, String), ResourceServerRow>,
    resource_servers_by_id: Known<(TenantId, ResourceServerId), ResourceServerRow>,
    secrets: Known<(TenantId, ApplicationId), SecretDigests>,
    grants: Known<(TenantId, ApplicationId), Vec<ApplicationGrantRow>>,
    documents: Cache<String, Arc<str>>,
    /// Tenants as embedded applications see them.
    embedded: Cache<(TenantId, ApplicationId), Arc<Tenant>>,
    accents: Cache<(TenantId, Accent), Arc<Vec<Arc<ApplicationRow>>>>,
}

impl Tenancy {
    pub(crate) fn new() -> Self {
        let life = Duration::from_secs(5);
        fn cache<K: std::hash::Hash + Eq + Send + Sync + 'static, V: Send + Sync + 'static>(
            life: Duration,
            most: u64,
        ) -> Known<K, V> {
            Cache::builder().max_capacity(most).time_to_live(life).build()
        }
        Self {
            hosts: cache(life, 20_000),
            tenants: cache(life, 5_000),
            applications: cache(life, 10_000),
            applications_by_id: cache(life, 10_000),
            resource_servers: cache(life, 10_000),
            resource_servers_by_id: cache(life, 10_000),
            secrets: cache(life, 10_000),
            grants: cache(life, 10_000),
            // A document depends on its issuer and accent alone and never changes: only room is a reason to drop one.
            documents: Cache::builder().max_capacity(1_000).build(),
            embedded: Cache::builder().max_capacity(5_000).time_to_live(life).build(),
            accents: Cache::builder().max_capacity(5_000).time_to_live(life).build(),
        }
    }

    /// Forgets everything: called after every change of configuration, which is rare.
    pub fn forget(&self) {
        self.hosts.invalidate_all();
        self.tenants.invalidate_all();
        self.applications.invalidate_all();
        self.applications_by_id.invalidate_all();
        self.resource_servers.invalidate_all();
        self.resource_servers_by_id.invalidate_all();
        self.secrets.invalidate_all();
        self.grants.invalidate_all();
        self.embedded.invalidate_all();
        self.accents.invalidate_all();
    }
}

impl Service {
    /// The context of a request to a host; `None` when no tenant has that host.
    #[boxed]
    pub async fn cx(&self, host: &str, client: Client) -> Result<Option<Cx>, Error> {
        let host = host.to_ascii_lowercase();
        let domain = match self.tenancy.hosts.get(&host) {
            Some(known) => known,
            None => {
                let found = self.store.domain_by_host(&host).await?.map(Arc::new);
                self.tenancy.hosts.insert(host, found.clone());
                found
            }
        };
        let Some(domain) = domain else { return Ok(None) };
        let Some(tenant) = self.tenant(domain.tenant_id).await? else { return Ok(None) };
        let now = self.clock.now(domain.tenant_id);
        Ok(Some(Cx { tenant, domain, now, client }))
    }

    /// The context of work that no request asked for: mails, jobs, commands.
    #[boxed]
    pub async fn cx_of_tenant(&self, id: TenantId, client: Client) -> Result<Option<Cx>, Error> {
        let Some(tenant) = self.tenant(id).await? else { return Ok(None) };
        let Some(domain) = tenant.primary_domain().cloned() else { return Ok(None) };
        let now = self.clock.now(id);
        Ok(Some(Cx { tenant, domain: Arc::new(domain), now, client }))
    }

    /// A tenant.
    #[boxed]
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Arc<Tenant>>, Error> {
        if let Some(known) = self.tenancy.tenants.get(&id) {
            return Ok(known);
        }
        let found = match self.store.tenant(id).await? {
            Some(row) => {
                let domains = self.store.domains(id).await?;
                let has_mail_route = self.store.mail_route(id).await?.is_some();
                let own_words = Arc::new(OwnWords::of(self.store.mail_templates(id).await?));
                Some(Arc::new(Tenant { row, domains, has_mail_route, own_words }))
            }
            None => None,
        };
        self.tenancy.tenants.insert(id, found.clone());
        Ok(found)
    }

    /// The context of an application whose own pages carry the sign-in: the tenant's policy with what the application wants
    /// otherwise, its name, its origins and its host as relying party.
    pub fn cx_of_application(&self, cx: &Cx, application: &ApplicationRow) -> Cx {
        let key = (cx.tenant_id(), application.id);
        let tenant = self.tenancy.embedded.get_with(key, || Arc::new(embedded(&cx.tenant, application)));
        Cx { tenant, ..cx.clone() }
    }

    /// The enabled applications of a tenant that speak an accent.
    #[boxed]
    pub async fn applications_of_accent(&self, tenant: TenantId, accent: Accent) -> Result<Arc<Vec<Arc<ApplicationRow>>>, Error> {
        if let Some(known) = self.tenancy.accents.get(&(tenant, accent)) {
            return Ok(known);
        }
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.applications(tenant, after, 500).await?;
            found.extend(page.items.into_iter().filter(|a| a.enabled && a.settings.0.accent == accent).map(Arc::new));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let found = Arc::new(found);
        self.tenancy.accents.insert((tenant, accent), Arc::clone(&found));
        Ok(found)
    }

    /// The enabled applications of a tenant whose own pages carry the sign-in.
    #[boxed]
    pub async fn embedding_applications(&self, tenant: TenantId) -> Result<Vec<Arc<ApplicationRow>>, Error> {
        let mut out = Vec::new();
        for accent in Accent::ALL.into_iter().filter(|accent| accent.embeds_sign_in()) {
            out.extend(self.applications_of_accent(tenant, accent).await?.iter().cloned());
        }
        Ok(out)
    }

    /// An application by `client_id`, if it is enabled.
    #[boxed]
    pub async fn application(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ApplicationRow>>, Error> {
        // What a stranger sends is not worth a place in the cache, nor in a query.
        if client_id.is_empty() || client_id.len() > 128 {
            return Ok(None);
        }
        let key = (tenant, client_id.to_owned());
        if let Some(known) = self.tenancy.applications.get(&key) {
            return Ok(known);
        }
        let found = self.store.application_by_client_id(tenant, client_id).await?.filter(|a| a.enabled).map(Arc::new);
        if found.is_some() {
            self.tenancy.applications.insert(key, found.clone());
        }
        Ok(found)
    }

    /// An application, if it is enabled.
    #[boxed]
    pub async fn application_by_id(&self, tenant: TenantId, id: ApplicationId) -> Result<Option<Arc<ApplicationRow>>, Error> {
        if let Some(known) = self.tenancy.applications_by_id.get(&(tenant, id)) {
            return Ok(known);
        }
        let found = self.store.application(tenant, id).await?.filter(|a| a.enabled).map(Arc::new);
        self.tenancy.applications_by_id.insert((tenant, id), found.clone());
        Ok(found)
    }

    /// The context as an application has it: its own policy lies over the tenant's.
    pub async fn cx_under(&self, cx: &Cx, application: Option<ApplicationId>) -> Result<Cx, Error> {
        match application {
            Some(id) => Ok(cx.under(self.application_by_id(cx.tenant_id(), id).await?.as_deref())),
            None => Ok(cx.clone()),
        }
    }

    /// What one of an application's secrets must match. `fresh` asks the store, for a secret that no known one matches: it may have
    /// been made by another node a moment ago.
    pub(crate) async fn secret_digests(
        &self,
        tenant: TenantId,
        id: ApplicationId,
        fresh: bool,
    ) -> Result<Arc<SecretDigests>, Error> {
        if !fresh && let Some(Some(known)) = self.tenancy.secrets.get(&(tenant, id)) {
            return Ok(known);
        }
        let rows = self.store.application_secrets(tenant, id).await?;
        let found: Arc<SecretDigests> = Arc::new(rows.into_iter().map(|row| (row.secret_hash, row.expires_at)).collect());
        self.tenancy.secrets.insert((tenant, id), Some(Arc::clone(&found)));
        Ok(found)
    }

    /// What an application may have for itself at resource servers: no scope that a resource server does not have (any more).
    pub(crate) async fn grants_of_application(
        &self,
        tenant: TenantId,
        id: ApplicationId,
    ) -> Result<Arc<Vec<ApplicationGrantRow>>, Error> {
        if let Some(Some(known)) = self.tenancy.grants.get(&(tenant, id)) {
            return Ok(known);
        }
        let mut grants = self.store.application_grants(tenant, id).await?;
        for grant in &mut grants {
            let known = self.store.scopes(tenant, grant.resource_server_id).await?;
            grant.scopes.0.retain(|scope| known.iter().any(|one| one.value == *scope));
        }
        let found = Arc::new(grants);
        self.tenancy.grants.insert((tenant, id), Some(Arc::clone(&found)));
        Ok(found)
    }

    /// The provider metadata of the domain that was asked, as text.
    pub fn metadata_document(&self, cx: &Cx) -> Arc<str> {
        let key = format!("{} {} {}", cx.domain.accent.as_str(), cx.issuer(), cx.base());
        self.tenancy.documents.get_with_by_ref(&key, || self.discovery.document(cx).to_string().into())
    }

    /// A resource server by audience.
    #[boxed]
    pub async fn resource_server(&self, tenant: TenantId, audience: &str) -> Result<Option<Arc<ResourceServerRow>>, Error> {
        if audience.is_empty() || audience.len() > 600 {
            return Ok(None);
        }
        let key = (tenant, audience.to_owned());
        if let Some(known) = self.tenancy.resource_servers.get(&key) {
            return Ok(known);
        }
        let found = self.store.resource_server_by_audience(tenant, audience).await?.map(Arc::new);
        if found.is_some() {
            self.tenancy.resource_servers.insert(key, found.clone());
        }
        Ok(found)
    }

    /// A resource server.
    pub async fn resource_server_by_id(
        &self,
        tenant: TenantId,
        id: ResourceServerId,
    ) -> Result<Option<Arc<ResourceServerRow>>, Error> {
        if let Some(known) = self.tenancy.resource_servers_by_id.get(&(tenant, id)) {
            return Ok(known);
        }
        let found = self.store.resource_server(tenant, id).await?.map(Arc::new);
        self.tenancy.resource_servers_by_id.insert((tenant, id), found.clone());
        Ok(found)
    }
}

/// A tenant as an embedded application sees it.
fn embedded(tenant: &Tenant, application: &ApplicationRow) -> Tenant {
    let mut row = tenant.row.clone();
    let settings = &application.settings.0;
    if let Some(patch) = &settings.policy {
        match policy_with(&row.settings.0.policy, patch) {
            Ok(policy) => row.settings.0.policy = policy,
            // It was checked when it was set; what it is set on may have changed since.
            Err(error) => {
                tracing::error!(application = %application.id, %error, "an application's policy does not fit its tenant's")
            }
        }
    }
    row.name.clone_from(&application.name);
    let home = settings.home_uri.as_deref().and_then(|uri| url::Url::parse(uri).ok());
    let passkey = &mut row.settings.0.policy.passkey;
    if passkey.rp_id.is_none()
        && let Some(host) = home.as_ref().and_then(url::Url::host_str)
    {
        passkey.rp_id = Some(host.to_owned());
    }
    let addresses = settings.redirect_uris.iter().chain(&settings.home_uri).filter_map(|uri| origin(uri));
    for origin in settings.allowed_origins.iter().cloned().chain(addresses) {
        if !passkey.origins.contains(&origin) {
            passkey.origins.push(origin);
        }
    }
    Tenant { row, ..tenant.clone() }
}

/// A policy with a merge patch on it.
pub(crate) fn policy_with(policy: &Policy, patch: &serde_json::Value) -> Result<Policy, serde_json::Error> {
    let mut document = serde_json::to_value(policy)?;
    crate::directory::merge(&mut document, patch);
    serde_json::from_value(document)
}
