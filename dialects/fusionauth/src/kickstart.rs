//! Kickstart files: an empty server set up by a list of calls, once.

use crate::api::api_keys::{EVERYTHING, kept_of, scopes_of};
use crate::ids::{ADMIN_APPLICATION, TENANT_MANAGER, fresh};
use crate::nouns::{built_in, tenants};
use crate::wire::Doc;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use doorward_protocol::ids::TenantId;
use doorward_service::directory::{DirectoryError, NewDoorKey, NewTenant, TenantDocument};
use doorward_service::{Client, Cx, Error, Service};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tower::ServiceExt as _;
use uuid::Uuid;

/// Why a file was not run to its end. Nothing of it is kept.
#[derive(Debug)]
pub enum KickstartError {
    /// It cannot be read, or something in it is not what it must be.
    File(String),
    /// A call was refused.
    Call {
        /// Its verb.
        method: String,
        /// Its path.
        url: String,
        /// The answer's status.
        status: u16,
        /// The answer.
        body: String,
    },
    /// A fault inside.
    Fault(Error),
}

impl std::fmt::Display for KickstartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(why) => write!(f, "kickstart: {why}"),
            Self::Call { method, url, status, body } => write!(f, "kickstart: {method} {url} was answered {status}: {body}"),
            Self::Fault(error) => write!(f, "kickstart: {error}"),
        }
    }
}

impl std::error::Error for KickstartError {}

impl From<Error> for KickstartError {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<DirectoryError> for KickstartError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Fault(error) => Self::Fault(error),
            other => Self::File(other.to_string()),
        }
    }
}

/// A file, read and with its variables filled in.
pub struct Kickstart {
    variables: BTreeMap<String, String>,
    keys: Vec<Value>,
    requests: Vec<Value>,
}

/// Where things come from that a file names.
struct Sources<'a> {
    base: PathBuf,
    env: &'a dyn Fn(&str) -> Option<String>,
    variables: BTreeMap<String, String>,
}

/// How deep files may include others.
const DEEPEST: usize = 8;

impl Sources<'_> {
    fn read(&self, name: &str) -> Result<String, KickstartError> {
        let path = self.base.join(name.trim());
        std::fs::read_to_string(&path).map_err(|e| KickstartError::File(format!("cannot read {}: {e}", path.display())))
    }

    /// Fills in what a text names: `#{name}`, `#{ENV.X}`, `#{UUID()}` and `@{file}`. `\#{` stands for itself.
    fn text(&self, text: &str) -> Result<String, KickstartError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['#', '@']) {
            let (before, from) = rest.split_at(at);
            let opened = from.get(1..2) == Some("{");
            let Some(end) = from.find('}').filter(|_| opened) else {
                out.push_str(before);
                out.push_str(from.get(..1).unwrap_or_default());
                rest = from.get(1..).unwrap_or_default();
                continue;
            };
            let name = from.get(2..end).unwrap_or_default();
            rest = from.get(end + 1..).unwrap_or_default();
            if let Some(plain) = before.strip_suffix('\\') {
                out.push_str(plain);
                out.push_str(from.get(..=end).unwrap_or_default());
                continue;
            }
            out.push_str(before);
            if from.starts_with('@') {
                out.push_str(&self.read(name)?);
            } else {
                out.push_str(&self.value(name.trim())?);
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn value(&self, name: &str) -> Result<String, KickstartError> {
        if name.eq_ignore_ascii_case("UUID()") {
            return Ok(fresh().to_string());
        }
        if let Some(variable) = name.strip_prefix("ENV.") {
            return (self.env)(variable)
                .ok_or_else(|| KickstartError::File(format!("the environment variable {variable} is not set")));
        }
        self.variables.get(name).cloned().ok_or_else(|| KickstartError::File(format!("there is no variable {name}")))
    }

    /// Fills a document in; `&{file}` as a whole value is the JSON of that file.
    fn fill(&self, value: Value, depth: usize) -> Result<Value, KickstartError> {
        if depth > DEEPEST {
            return Err(KickstartError::File("files include one another too deeply".into()));
        }
        Ok(match value {
            Value::String(text) => match text.strip_prefix("&{").and_then(|t| t.strip_suffix('}')) {
                Some(name) => {
                    let included = serde_json::from_str(&self.read(name)?)
                        .map_err(|e| KickstartError::File(format!("{name} is not JSON: {e}")))?;
                    self.fill(included, depth + 1)?
                }
                None => Value::String(self.text(&text)?),
            },
            Value::Array(all) => Value::Array(all.into_iter().map(|one| self.fill(one, depth)).collect::<Result<_, _>>()?),
            Value::Object(all) => {
                Value::Object(all.into_iter().map(|(key, one)| Ok((self.text(&key)?, self.fill(one, depth)?))).collect::<Result<
                    _,
                    KickstartError,
                >>(
                )?)
            }
            other => other,
        })
    }
}

impl Kickstart {
    /// Reads a file. `env` finds variables of the environment.
    ///
    /// # Errors
    /// [`KickstartError::File`].
    pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, KickstartError> {
        let text =
            std::fs::read_to_string(path).map_err(|e| KickstartError::File(format!("cannot read {}: {e}", path.display())))?;
        let file: Value =
            serde_json::from_str(&text).map_err(|e| KickstartError::File(format!("{} is not JSON: {e}", path.display())))?;
        let mut sources = Sources { base: path.parent().unwrap_or(Path::new(".")).to_owned(), env, variables: BTreeMap::new() };
        // A variable may name one before it; its UUID stays what it was when it was read.
        if let Some(Value::Object(all)) = file.at("variables") {
            let mut left: Vec<(&String, &Value)> = all.iter().collect();
            // Members of a JSON object have no order: those that can be filled in go first, round after round.
            while !left.is_empty() {
                let before = left.len();
                let mut last = None;
                left.retain(|(name, value)| {
                    let filled = match value {
                        Value::String(text) => sources.text(text),
                        other => Ok(other.to_string()),
                    };
                    match filled {
                        Ok(text) => {
                            sources.variables.insert((*name).clone(), text);
                            false
                        }
                        Err(error) => {
                            last = Some(error);
                            true
                        }
                    }
                });
                if left.len() == before {
                    return Err(last.unwrap_or(KickstartError::File("variables name one another in a circle".into())));
                }
            }
        }
        let own = |name: &str, default: Uuid| {
            sources.variables.get(name).and_then(|text| Uuid::parse_str(text).ok()).unwrap_or(default).to_string()
        };
        let tenant = own("defaultTenantId", fresh());
        let manager = own("tenantManagerApplicationId", TENANT_MANAGER);
        let mut built_in = vec![
            ("FUSIONAUTH_APPLICATION_ID".to_owned(), ADMIN_APPLICATION.to_string()),
            ("FUSIONAUTH_TENANT_ID".to_owned(), tenant),
            ("TENANT_MANAGER_ID".to_owned(), manager.clone()),
            ("FUSIONAUTH_TENANT_MANAGER_APPLICATION_ID".to_owned(), manager),
            ("FUSIONAUTH_DEFAULT_SIGNING_KEY_ID".to_owned(), fresh().to_string()),
        ];
        for name in ["FORM[adminUser]", "FORM[adminRegistration]"] {
            built_in.push((format!("FUSIONAUTH_{name}_ID"), fresh().to_string()));
        }
        for name in
            ["OpenIDReconcile", "SAMLv2Reconcile", "AppleReconcile", "FacebookReconcile", "GoogleReconcile", "TwitterReconcile"]
        {
            built_in.push((format!("FUSIONAUTH_LAMBDA[{name}]_ID"), fresh().to_string()));
        }
        for (name, value) in built_in {
            sources.variables.entry(name).or_insert(value);
        }
        let keys = match sources.fill(file.get("apiKeys").cloned().unwrap_or_default(), 0)? {
            Value::Array(keys) if !keys.is_empty() => keys,
            _ => return Err(KickstartError::File("apiKeys must hold at least one key".into())),
        };
        if keys.first().is_some_and(|key| key.at("tenantId").is_some()) {
            return Err(KickstartError::File("the first of apiKeys must be good for every tenant".into()));
        }
        let requests = match sources.fill(file.get("requests").cloned().unwrap_or_else(|| json!([])), 0)? {
            Value::Array(requests) => requests,
            _ => return Err(KickstartError::File("requests must be a list".into())),
        };
        Ok(Self { variables: sources.variables, keys, requests })
    }

    /// Makes the first tenant, under the id that the file gives it, at this address.
    ///
    /// # Errors
    /// See [`KickstartError`].
    pub async fn prepare(&self, service: &Service, host: &str, base: &str) -> Result<(), KickstartError> {
        let id = self.variables.get("FUSIONAUTH_TENANT_ID").and_then(|text| Uuid::parse_str(text).ok());
        let mut document = TenantDocument { slug: "default".into(), name: "Default".into(), ..Default::default() };
        document.policy = tenants::fresh_policy();
        let new =
            NewTenant { id: id.map(TenantId), document, domain: Some((host.to_owned(), base.to_owned(), None)), extension: None };
        service.create_whole_tenant(Client::default(), "kickstart", new).await?;
        Ok(())
    }

    /// Makes the keys and makes the calls, in order. On the first call that is refused everything is undone: the server is as
    /// empty as before.
    ///
    /// # Errors
    /// See [`KickstartError`].
    pub async fn run(&self, service: &Service, cx: &Cx, router: &Router) -> Result<usize, KickstartError> {
        match self.try_run(service, cx, router).await {
            Ok(calls) => Ok(calls),
            Err(error) => {
                for key in service.store.api_keys(None, None, 10_000).await.map_err(Error::from)?.items {
                    service.delete_api_key(cx, "kickstart", true, key.id).await?;
                }
                for id in service.store.tenant_ids().await.map_err(Error::from)? {
                    if let Some(cx) = service.admin_cx(id, Client::default()).await? {
                        service.delete_tenant(&cx, "kickstart").await?;
                    }
                }
                Err(error)
            }
        }
    }

    async fn try_run(&self, service: &Service, cx: &Cx, router: &Router) -> Result<usize, KickstartError> {
        let id =
            |name: &str, default: Uuid| self.variables.get(name).and_then(|text| Uuid::parse_str(text).ok()).unwrap_or(default);
        built_in::make(service, cx, ADMIN_APPLICATION, id("TENANT_MANAGER_ID", TENANT_MANAGER))
            .await
            .map_err(|_| KickstartError::File("the applications that come with the server could not be made".into()))?;
        let mut first = None;
        for (n, wanted) in self.keys.iter().enumerate() {
            let Some(key) = wanted.text("key") else {
                return Err(KickstartError::File(format!("apiKeys[{n}].key must be given")));
            };
            let mut scopes = scopes_of(wanted, wanted.flag("keyManager").unwrap_or(false) || n == 0);
            if n == 0 && !scopes.iter().any(|s| s == EVERYTHING) {
                scopes.push(EVERYTHING.into());
            }
            let new = NewDoorKey {
                id: wanted.id("id"),
                key: Some(key.to_owned()),
                name: wanted.text("name").or(wanted.text("description")).unwrap_or("Kickstart").to_owned(),
                tenant: wanted.id("tenantId").map(TenantId),
                scopes,
                expires_at: None,
                retrievable: true,
                extension: kept_of(wanted),
            };
            // A key of a tenant that the calls make comes after them.
            if new.tenant.is_some_and(|t| t != cx.tenant_id()) {
                continue;
            }
            service.create_door_key(cx, "kickstart", new).await?;
            first = first.or_else(|| Some(key.to_owned()));
        }
        let key = first.ok_or_else(|| KickstartError::File("apiKeys must hold at least one key".into()))?;
        for request in &self.requests {
            self.call(cx, router, &key, request).await?;
        }
        for wanted in self.keys.iter().filter(|k| k.id("tenantId").is_some_and(|t| t != cx.tenant_id().0)) {
            let new = NewDoorKey {
                id: wanted.id("id"),
                key: wanted.text("key").map(str::to_owned),
                name: wanted.text("name").or(wanted.text("description")).unwrap_or("Kickstart").to_owned(),
                tenant: wanted.id("tenantId").map(TenantId),
                scopes: scopes_of(wanted, wanted.flag("keyManager").unwrap_or(false)),
                expires_at: None,
                retrievable: true,
                extension: kept_of(wanted),
            };
            service.create_door_key(cx, "kickstart", new).await?;
        }
        Ok(self.requests.len())
    }

    async fn call(&self, cx: &Cx, router: &Router, key: &str, request: &Value) -> Result<(), KickstartError> {
        let method = request.text("method").unwrap_or("POST").to_uppercase();
        let sent = request.text("url").unwrap_or_default();
        if !matches!(method.as_str(), "POST" | "PUT" | "PATCH") {
            return Err(KickstartError::File(format!("{method} {sent}: only POST, PUT and PATCH are allowed")));
        }
        let url = format!("/{}", sent.trim_start_matches('/'));
        let mut builder = Request::builder()
            .method(method.as_str())
            .uri(&url)
            .header(header::HOST, cx.domain.host.as_str())
            .header(header::AUTHORIZATION, key)
            .header(header::CONTENT_TYPE, request.text("contentType").unwrap_or("application/json"));
        if let Some(tenant) = request.text("tenantId") {
            builder = builder.header("X-FusionAuth-TenantId", tenant);
        }
        let body = request.get("body").map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let http = builder.body(body).map_err(|e| KickstartError::File(format!("{method} {url}: {e}")))?;
        let response = match router.clone().oneshot(http).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        if (200..300).contains(&status) {
            tracing::info!(%method, %url, status, "kickstart");
            return Ok(());
        }
        let body = String::from_utf8_lossy(&bytes).chars().take(2000).collect();
        Err(KickstartError::Call { method, url, status, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources<'a>(dir: &Path, env: &'a dyn Fn(&str) -> Option<String>) -> Sources<'a> {
        Sources { base: dir.to_owned(), env, variables: [("name".to_owned(), "value".to_owned())].into() }
    }

    #[test]
    fn what_a_text_names_is_filled_in() {
        let dir = std::env::temp_dir();
        let env = |name: &str| (name == "HOME_TOWN").then(|| "Paris".to_owned());
        let s = sources(&dir, &env);
        assert_eq!(s.text("a #{name} b#{ENV.HOME_TOWN}").unwrap(), "a value bParis");
        assert_eq!(s.text(r"\#{name} #5 @home").unwrap(), "#{name} #5 @home");
        assert!(s.text("#{nobody}").is_err() && s.text("#{ENV.NOBODY}").is_err());
        assert!(Uuid::parse_str(&s.text("#{UUID()}").unwrap()).is_ok());
    }
}
