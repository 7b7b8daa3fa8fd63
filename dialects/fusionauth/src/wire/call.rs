//! One call of the API: who asks, about which tenant, with what.

use super::{Errors, Query, Refused};
use axum::http::{HeaderMap, header};
use doorward_httpkit::App;
use doorward_protocol::ids::TenantId;
use doorward_service::{Cx, Service};
use doorward_store::keys::ApiKeyRow;
use serde_json::Value;
use uuid::Uuid;

/// Whose call it is.
#[derive(Debug, Clone)]
pub enum Caller {
    /// No key was sent.
    Nobody,
    /// A good key.
    Key(Box<ApiKeyRow>),
    /// A key that is unknown, over, or may not do this.
    Refused,
}

/// A call.
pub struct Call {
    /// The server.
    pub app: App,
    /// Verb.
    pub verb: &'static str,
    /// The path behind `/api`, in parts.
    pub path: Vec<String>,
    /// Query.
    pub query: Query,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as it came.
    pub raw: Vec<u8>,
    /// The tenant and domain of the host that was asked.
    pub host: Cx,
    /// Who asks.
    pub caller: Caller,
    /// Whether it came by https.
    pub secure: bool,
}

impl Call {
    /// The services.
    pub fn service(&self) -> &Service {
        &self.app.service
    }

    /// Part of the path.
    pub fn part(&self, n: usize) -> &str {
        self.path.get(n).map_or("", String::as_str)
    }

    /// Part of the path as an id. Upper case is read too; what is no id is nobody's: not found.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn id(&self, n: usize) -> Result<Uuid, Refused> {
        Uuid::parse_str(self.part(n)).map_err(|_| Refused::NotFound)
    }

    /// The id that a new thing is to have: the last part of the path, if there is one.
    ///
    /// # Errors
    /// When it is no id.
    pub fn new_id(&self, n: usize, field: &str) -> Result<Option<Uuid>, Refused> {
        match self.path.get(n) {
            None => Ok(None),
            Some(text) => Uuid::parse_str(text).map(Some).map_err(|_| Refused::field("couldNotConvert", field, "must be a UUID")),
        }
    }

    /// The body as JSON; an empty one is an empty object.
    ///
    /// # Errors
    /// 400 when it is not JSON.
    pub fn body(&self) -> Result<Value, Refused> {
        if self.raw.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Object(Default::default()));
        }
        serde_json::from_slice(&self.raw)
            .map_err(|e| Refused::Invalid(Errors::general("[invalidJSON]", format!("the body is not JSON: {e}"))))
    }

    /// An object of the body, such as `{"user": {…}}`.
    ///
    /// # Errors
    /// 400 when it is not there.
    pub fn wrapped(&self, name: &str) -> Result<(Value, Value), Refused> {
        let body = self.body()?;
        match body.get(name) {
            Some(Value::Object(object)) => Ok((Value::Object(object.clone()), body)),
            _ => Err(Refused::field("missing", name, format!("the body must hold an object {name}"))),
        }
    }

    /// The key of this call.
    ///
    /// # Errors
    /// 401 without a good one.
    pub fn key(&self) -> Result<&ApiKeyRow, Refused> {
        match &self.caller {
            Caller::Key(key) => Ok(key),
            Caller::Nobody | Caller::Refused => Err(Refused::Unauthorized),
        }
    }

    /// The tenant that the key of this call is bound to; `None` for a key of the whole server, and without a key.
    pub fn bound(&self) -> Option<TenantId> {
        match &self.caller {
            Caller::Key(key) => key.tenant_id,
            Caller::Nobody | Caller::Refused => None,
        }
    }

    /// Whether a good key was sent.
    pub fn has_key(&self) -> bool {
        matches!(self.caller, Caller::Key(_))
    }

    /// A key, if one was sent; a bad one is refused all the same.
    ///
    /// # Errors
    /// 401 with a bad one.
    pub fn key_if_sent(&self) -> Result<Option<&ApiKeyRow>, Refused> {
        match &self.caller {
            Caller::Key(key) => Ok(Some(key)),
            Caller::Nobody => Ok(None),
            Caller::Refused => Err(Refused::Unauthorized),
        }
    }

    /// Who did it, for the audit log.
    pub fn actor(&self) -> String {
        match &self.caller {
            Caller::Key(key) => format!("api_key:{}", key.id),
            Caller::Nobody | Caller::Refused => "client".into(),
        }
    }

    /// A bearer token, from the header or the cookie.
    pub fn bearer(&self) -> Option<String> {
        let header = self.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) {
            return header.get(7..).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        }
        if self.has_key() { None } else { self.cookie("access_token") }
    }

    /// A cookie that was sent.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        all.flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(k, v)| *k == name && !v.is_empty())
            .map(|(_, v)| v.to_owned())
    }

    /// The tenant of this call: that of its key, the one that the header names, the one that owns something the call names, or
    /// the only one there is.
    ///
    /// # Errors
    /// 400 when that leaves several.
    pub async fn cx(&self, hints: &[Option<Uuid>]) -> Result<Cx, Refused> {
        if let Some(tenant) = self.bound() {
            return self.cx_of(tenant).await;
        }
        if let Some(sent) = self.headers.get("x-fusionauth-tenantid").and_then(|v| v.to_str().ok()).filter(|t| !t.is_empty()) {
            let unknown = || Refused::Invalid(Errors::general("[InvalidTenantId]", "there is no tenant with this id"));
            let id = Uuid::parse_str(sent.trim()).map_err(|_| unknown())?;
            return match self.service().tenant(TenantId(id)).await? {
                Some(_) => self.cx_of(TenantId(id)).await,
                None => Err(unknown()),
            };
        }
        for hint in hints.iter().flatten() {
            if let Some(tenant) = self.service().store.tenant_of(*hint).await? {
                return self.cx_of(tenant).await;
            }
        }
        let tenants = self.service().store.tenants(None, 2).await?;
        match tenants.items.as_slice() {
            [only] => self.cx_of(only.id).await,
            _ => Err(Refused::Invalid(Errors::general(
                "[TenantIdRequired]",
                "there are several tenants: send the header X-FusionAuth-TenantId or use a key that is bound to one",
            ))),
        }
    }

    /// The same for anonymous calls of people's programs: the tenant of the host when nothing else tells.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cx_or_host(&self, hints: &[Option<Uuid>]) -> Result<Cx, Refused> {
        match self.cx(hints).await {
            Err(Refused::Invalid(_)) if !self.has_key() => Ok(self.host.clone()),
            other => other,
        }
    }

    /// The context of a tenant: the host's own domain where it is one of the tenant's.
    ///
    /// # Errors
    /// [`Refused::NotFound`] when it is gone.
    pub async fn cx_of(&self, tenant: TenantId) -> Result<Cx, Refused> {
        if tenant == self.host.tenant_id() {
            return Ok(self.host.clone());
        }
        self.service().admin_cx(tenant, self.host.client.clone()).await?.ok_or(Refused::NotFound)
    }
}
