//! What stands before every handler: the project, limits, cross-origin rules, and the body of errors.

use crate::cors;
use crate::errors::{ApiError, finish};
use crate::project::{PROJECT_HEADER, Project, tenant_of, text};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::App;
use doorward_httpkit::visit::client_of;
use doorward_protocol::oauth::client::Accent;
use doorward_service::Cx;
use doorward_service::oauth::client_auth::{ClientAuthError, ClientCredentials};
use std::time::Instant;

/// Calls of components in a browser.
pub async fn frontend(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (mut parts, body) = request.into_parts();
    let (host, client, secure) = client_of(&parts);
    let request_id = client.request_id.clone();
    let headers = parts.headers.clone();
    let done = |response: Response, allowed: bool| {
        let mut response = cors::grant(finish(response, &request_id, begun.elapsed()), &headers, allowed);
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    };
    if let Err(wait) = app.service.limits.request(&client.ip) {
        return done(ApiError::too_many(wait).into_response(), false);
    }
    let (cx, label) = match tenant_of(&app.service, &host, client).await {
        Ok(Some(found)) => found,
        Ok(None) => return done(unknown_host().into_response(), false),
        Err(error) => return done(error.into_response(), false),
    };
    if parts.method == Method::OPTIONS {
        return match preflight_allowed(&app, &cx, &parts, label.as_deref()).await {
            Ok(allowed) => cors::preflight(&headers, allowed),
            Err(error) => done(error.into_response(), false),
        };
    }
    let project = match Project::find(&app, &parts, cx, label, secure).await {
        Ok(project) => project,
        Err(error) => return done(error.into_response(), false),
    };
    let allowed = project.origin.is_some();
    // A page that is not the application's has no business here, whatever it could read of the answer.
    if !allowed && headers.contains_key(header::ORIGIN) {
        let refused = ApiError::new(StatusCode::FORBIDDEN, "origin_not_allowed", "this origin is not registered for the project");
        return done(refused.into_response(), false);
    }
    parts.extensions.insert(project);
    done(next.run(Request::from_parts(parts, body)).await, allowed)
}

/// A preflight names no project in a header: where the host names none either, any project of the tenant will do, since the call
/// that follows is held to its own.
async fn preflight_allowed(app: &App, cx: &Cx, parts: &Parts, label: Option<&str>) -> Result<bool, ApiError> {
    let Some(origin) = text(&parts.headers, "origin") else { return Ok(false) };
    let all = app.service.applications_of_accent(cx.tenant_id(), Accent::Corbado).await?;
    Ok(all.iter().filter(|a| label.is_none_or(|id| id == a.client_id)).any(|a| a.settings.0.allows_origin(origin)))
}

/// Calls of the application's server.
pub async fn backend(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (mut parts, body) = request.into_parts();
    let (host, client, secure) = client_of(&parts);
    let request_id = client.request_id.clone();
    let answer = match admit(&app, &parts, &host, client, secure).await {
        Ok(project) => {
            parts.extensions.insert(project);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    };
    let mut answer = finish(answer, &request_id, begun.elapsed());
    answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

async fn admit(
    app: &App,
    parts: &Parts,
    host: &str,
    client: doorward_service::Client,
    secure: bool,
) -> Result<Project, ApiError> {
    app.service.limits.request(&client.ip).map_err(ApiError::too_many)?;
    let (cx, _) = tenant_of(&app.service, host, client).await?.ok_or_else(unknown_host)?;
    let refused = || {
        let mut error = ApiError::unauthorized("the project id and API secret are not right");
        error.kind = "invalid_credentials";
        error
    };
    let authorization =
        text(&parts.headers, "authorization").filter(|h| h.get(..6).is_some_and(|s| s.eq_ignore_ascii_case("basic ")));
    let credentials = ClientCredentials { authorization: Some(authorization.ok_or_else(refused)?), params: None };
    let proven = app.service.authenticate_client(&cx, &credentials).await?;
    let application = match proven {
        Ok(proven) => proven.application,
        Err(ClientAuthError::Locked(wait)) => return Err(ApiError::too_many(wait)),
        Err(_) => return Err(refused()),
    };
    if application.settings.0.accent != Accent::Corbado {
        return Err(refused());
    }
    if text(&parts.headers, PROJECT_HEADER).is_some_and(|named| named != application.client_id) {
        return Err(refused());
    }
    Ok(Project::of(app, &cx, application, &parts.headers, secure))
}

fn unknown_host() -> ApiError {
    ApiError::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", "no tenant is served at this host")
}

impl FromRequestParts<App> for Project {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the request passed no door"))
    }
}
