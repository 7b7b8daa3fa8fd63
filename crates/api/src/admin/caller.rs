//! Who asks, with which key, for which tenant.

use super::problem::Problem;
use super::rights::Right;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use doorward_httpkit::connection::{ClientIp, RequestHost, RequestId};
use doorward_protocol::ids::TenantId;
use doorward_service::directory::scopes_allow;
use doorward_service::{Client, Cx, Service};
use doorward_store::keys::ApiKeyRow;
use std::marker::PhantomData;

/// Names the tenant for a key of the whole server.
const TENANT_HEADER: &str = "doorward-tenant";

/// A request with a key that has a right, not yet about one tenant.
pub(super) struct Server<R> {
    pub(super) service: Service,
    pub(super) key: ApiKeyRow,
    pub(super) actor: String,
    pub(super) client: Client,
    _right: PhantomData<R>,
}

/// A request with a key that has a right, about a tenant.
pub(super) struct Caller<R> {
    pub(super) service: Service,
    pub(super) key: ApiKeyRow,
    pub(super) actor: String,
    pub(super) cx: Cx,
    /// A key of the whole server that named no tenant: it sees what belongs to no tenant.
    pub(super) whole_server: bool,
    _right: PhantomData<R>,
}

impl<R: Right> Server<R> {
    /// The context of a tenant that this key may touch.
    pub(super) async fn tenant(&self, id: TenantId) -> Result<Cx, Problem> {
        if self.key.tenant_id.is_some_and(|own| own != id) {
            return Err(Problem::not_found("tenant"));
        }
        self.service.admin_cx(id, self.client.clone()).await?.ok_or_else(|| Problem::not_found("tenant"))
    }

    /// Refuses a key of one tenant.
    pub(super) fn must_be_server_wide(&self) -> Result<(), Problem> {
        if self.key.tenant_id.is_none() {
            Ok(())
        } else {
            Err(Problem::forbidden("this needs a key for the whole server; this key is bound to one tenant"))
        }
    }
}

impl<R: Right> FromRequestParts<Service> for Server<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let client = client_of(parts);
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let Some(token) = authorization.and_then(bearer) else {
            return Err(Problem::unauthenticated("send Authorization: Bearer and an API key (dwk_…)"));
        };
        let Some(key) = service.authenticate_api_key(token).await? else {
            // Only failures count: a guesser is slowed down, and a program with a good key at the same address is not.
            service.limits.proof(&client.ip).map_err(Problem::too_many)?;
            return Err(Problem::unauthenticated("this API key is unknown, deleted or expired"));
        };
        service.limits.request(&format!("api_key:{}", key.id)).map_err(Problem::too_many)?;
        if !scopes_allow(&key.scopes.0, R::SCOPE) {
            return Err(Problem::forbidden(format!("this needs the scope {}", R::SCOPE)));
        }
        let actor = format!("admin:{}", key.id);
        Ok(Self { service: service.clone(), key, actor, client, _right: PhantomData })
    }
}

impl<R: Right> FromRequestParts<Service> for Caller<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let server = Server::<R>::from_request_parts(parts, service).await?;
        let named = match parts.headers.get(TENANT_HEADER) {
            None => None,
            Some(value) => {
                let text = value.to_str().map_err(|_| Problem::not_found("tenant"))?;
                let row = service.find_tenant(text).await?;
                Some(row.ok_or_else(|| Problem::not_found("tenant (Doorward-Tenant takes an id or a slug)"))?.id)
            }
        };
        let whole_server = server.key.tenant_id.is_none() && named.is_none();
        let cx = match named.or(server.key.tenant_id) {
            Some(id) => server.tenant(id).await?,
            None => {
                let of_host = service.cx(&host_of(parts), server.client.clone()).await?;
                of_host.ok_or_else(|| {
                    Problem::not_found("tenant at this host; name one with the header Doorward-Tenant: <id or slug>")
                })?
            }
        };
        let Server { service, key, actor, .. } = server;
        Ok(Self { service, key, actor, cx, whole_server, _right: PhantomData })
    }
}

/// RFC 6750, section 2.1; the scheme is compared without case (RFC 9110, section 11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

fn host_of(parts: &Parts) -> String {
    parts
        .extensions
        .get::<RequestHost>()
        .map(|h| h.0.to_string())
        .or_else(|| parts.uri.authority().map(|a| a.as_str().to_owned()))
        .or_else(|| parts.headers.get(header::HOST).and_then(|v| v.to_str().ok()).map(str::to_owned))
        .unwrap_or_default()
}

fn client_of(parts: &Parts) -> Client {
    let extensions = &parts.extensions;
    if let Some(client) = extensions.get::<Client>() {
        return client.clone();
    }
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Client {
        ip: extensions.get::<ClientIp>().map(|ip| ip.0.to_string()).unwrap_or_default(),
        user_agent: user_agent.chars().take(400).collect(),
        request_id: extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
        ..Client::default()
    }
}
