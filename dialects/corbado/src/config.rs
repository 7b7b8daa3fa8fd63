//! What components and back ends ask before anything else.

use crate::errors::ApiError;
use crate::project::{Project, tenant_of};
use crate::session::cookie_lifetime;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::App;
use doorward_httpkit::visit::client_of;
use doorward_protocol::identity::IdentifierKind;
use serde_json::{Value, json};

/// `GET /v2/session-config`: the cookie that the page sets for itself, under its old name and its new one.
pub async fn session(project: Project) -> Json<Value> {
    let cookie = json!({
        "domain": project.cookie_domain(),
        "secure": project.cookie_secure(),
        "sameSite": project.settings().embedded.cookie_same_site.as_str(),
        "path": "/",
        "lifetimeSeconds": cookie_lifetime(&project),
    });
    Json(json!({
        "useSessionManagement": true,
        "sessionTokenCookieConfig": cookie,
        "shortSessionCookieConfig": cookie,
        "frontendApiUrl": project.api_url(),
    }))
}

/// `GET /v2/process-config`
pub async fn process(project: Project) -> Json<Value> {
    Json(json!({ "useServerSideProcessId": false, "frontendApiUrl": project.api_url() }))
}

/// `GET /v2/user-details-config`
pub async fn user_details(project: Project) -> Json<Value> {
    let policy = &project.policy().sign_up;
    let identifiers: Vec<Value> = policy
        .identifiers
        .iter()
        .filter(|kind| **kind != IdentifierKind::Phone)
        .map(|kind| json!({ "type": kind.as_str() }))
        .collect();
    Json(json!({ "fullNameRequired": policy.name_required, "identifiers": identifiers }))
}

/// `GET /.well-known/jwks`: the RSA keys of the tenant; clients of this accent know no others.
pub async fn jwks(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (host, client, _) = client_of(&parts);
    match keys(&app, &host, client).await {
        Ok(document) => {
            let cache = (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
            doorward_httpkit::cors::public(([cache], Json(document)).into_response())
        }
        Err(error) => crate::errors::finish(error.into_response(), "", std::time::Duration::ZERO),
    }
}

async fn keys(app: &App, host: &str, client: doorward_service::Client) -> Result<Value, ApiError> {
    let found = tenant_of(&app.service, host, client).await?;
    let (cx, _) = found.ok_or_else(|| ApiError::not_found("no tenant is served at this host"))?;
    let keys = app.service.keys_of(cx.tenant_id(), cx.now).await?;
    let mut document: Value = serde_json::from_str(&keys.document).map_err(doorward_service::Error::internal)?;
    if let Some(all) = document.get_mut("keys").and_then(Value::as_array_mut) {
        all.retain(|key| key.get("kty").and_then(Value::as_str) == Some("RSA"));
    }
    Ok(document)
}
