//! Who may call: a program with an access token for this API. Every answer tells it what is left of its limit.

use super::query::Query;
use super::refused::Refused;
use crate::answers::bearer;
use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked};
use doorward_service::limits::Budget;
use doorward_service::{Cx, Service};
use std::sync::{Arc, OnceLock};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The audience of tokens for this API on a domain.
pub fn audience(issuer: &str) -> String {
    format!("{}/api/v2/", issuer.trim_end_matches('/'))
}

/// A program with a good token. It can do nothing before its scopes are looked at: [`Self::may`].
pub struct Caller(Call);

/// A call that is allowed.
#[derive(Clone)]
pub struct Call {
    /// The server.
    pub app: App,
    /// Tenant, domain, time.
    pub cx: Cx,
    /// What the query says.
    pub query: Query,
    /// Who does it, for the audit log.
    pub actor: String,
    scopes: Vec<String>,
}

impl Caller {
    /// The call, if the token carries one of these scopes.
    ///
    /// # Errors
    /// 403.
    pub fn may(self, any_of: &[&str]) -> Result<Call, Refused> {
        if any_of.iter().any(|scope| self.0.holds(scope)) { Ok(self.0) } else { Err(Refused::scope(any_of)) }
    }
}

impl Call {
    /// The services.
    pub fn service(&self) -> &Service {
        &self.app.service
    }

    /// Whether the token carries a scope.
    pub fn holds(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    /// Asks for a scope besides: for a part of the body, say.
    ///
    /// # Errors
    /// 403.
    pub fn must_hold(&self, any_of: &[&str]) -> Result<(), Refused> {
        if any_of.iter().any(|scope| self.holds(scope)) { Ok(()) } else { Err(Refused::scope(any_of)) }
    }
}

/// What a program has left, told by whoever counts and read by whoever answers.
#[derive(Clone, Default)]
struct Slate(Arc<OnceLock<Budget>>);

impl FromRequestParts<App> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let Asked(cx) = Asked::from_request_parts(parts, app).await?;
        let service = &app.service;
        let refused = |message| {
            // Only failures count for the address: programs with good tokens have a limit of their own.
            match service.limits.request(&cx.client.ip) {
                Ok(()) => Refused::unauthorized(message),
                Err(wait) => Refused::too_many(wait),
            }
        };
        let Some(token) = bearer(&parts.headers) else { return Err(refused("Missing authentication")) };
        let Some(access) = service.read_access_token(&cx, token).await? else { return Err(refused("Invalid token")) };
        if !access.is_for(&audience(cx.issuer())) {
            return Err(refused("Bad audience"));
        }
        if service.store.is_revoked(cx.tenant_id(), access.id, access.grant).await? {
            return Err(refused("Invalid token"));
        }
        let client_id = access.text("client_id").to_owned();
        // A program that was deleted or switched off is out at once, whatever its token says.
        let program = service.application(cx.tenant_id(), &client_id).await?;
        let Some(program) = program.filter(|row| row.enabled) else { return Err(refused("Invalid token")) };
        // A person's token is not for this door: whoever may sign in could ask for any scope that this API defines.
        if access.text("sub") != service.profiles.of(program.settings.0.accent).machine(&client_id) {
            return Err(refused("Invalid token"));
        }
        let counted = service.limits.program(&format!("{}:{}", cx.tenant_id(), program.id));
        if let Some(slate) = parts.extensions.get::<Slate>() {
            let (Ok(budget) | Err(budget)) = counted;
            _ = slate.0.set(budget);
        }
        counted.map_err(|budget| Refused::too_many(budget.reset_after))?;
        let query = Query::read(parts.uri.query().unwrap_or_default())?;
        let actor = format!("application:{client_id}");
        Ok(Self(Call { app: app.clone(), cx, query, actor, scopes: access.scope() }))
    }
}

/// Most bytes of a body that are read before anything is decided.
const READ_AHEAD: u64 = 64 * 1024;

/// Reads a short body whole. A refusal would leave it unread, and the connection would be closed under a program that sends its
/// next call on it.
async fn read_ahead(request: Request) -> Result<Request, Refused> {
    if request.body().size_hint().upper().is_none_or(|most| most == 0 || most > READ_AHEAD) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| Refused::body("", "could not be read"))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Puts the three headers on every answer to a program that is known.
pub async fn tell(mut request: Request, next: Next) -> Response {
    let slate = Slate::default();
    request.extensions_mut().insert(slate.clone());
    let mut response = match read_ahead(request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    if let Some(budget) = slate.0.get() {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(budget.limit));
        headers.insert(REMAINING, HeaderValue::from(budget.remaining));
        headers.insert(RESET, HeaderValue::from(crate::limits::seconds_from_now(budget.reset_after)));
    }
    response
}

/// What a path that is not built answers, to those who may ask.
pub async fn nowhere(_: Caller) -> Refused {
    Refused::nowhere()
}

/// What a path answers to a method that it does not have.
pub async fn method(_: Caller) -> Refused {
    Refused::method()
}
