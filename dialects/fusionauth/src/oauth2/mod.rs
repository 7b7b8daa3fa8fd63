//! `/oauth2/*` and the pages: the vendor's paths, leading to ours.

mod authorize;
mod device;
mod logout;
mod pages;
mod token;

use axum::Router;
use axum::routing::{any, get, post};
use doorward_httpkit::App;
use doorward_protocol::ids::TenantId;
use doorward_service::Cx;
use doorward_service::Service;
use uuid::Uuid;

/// The paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/oauth2/authorize", get(authorize::get).post(authorize::post))
        .route("/oauth2/register", get(authorize::register))
        .route("/oauth2/token", post(token::token).options(token::preflight))
        .route("/oauth2/introspect", post(token::introspect))
        .route("/oauth2/userinfo", get(token::userinfo).post(token::userinfo_post).options(token::preflight))
        .route("/oauth2/logout", get(logout::get).post(logout::post))
        .route("/oauth2/passwordless/{code}", get(pages::sign_in_link).post(pages::sign_in_link_post))
        .route("/oauth2/device_authorize", post(device::begin).options(token::preflight))
        .route("/oauth2/device", get(device::page))
        .route("/oauth2/device/validate", get(device::validate))
        .route("/oauth2/device/approve", any(pages::not_yet))
        .route("/oauth2/device/user-code", any(pages::not_yet))
        .route("/oauth2/{page}", any(pages::other))
        .route("/{tenant}/.well-known/openid-configuration", get(pages::discovery))
        .route("/{tenant}/.well-known/jwks.json", get(pages::jwks))
        .route("/password/forgot", get(pages::forgot))
        .route("/password/change/{id}", get(pages::change_password).post(pages::change_password_post))
        .route("/email/verify/{id}", get(pages::verify_email).post(pages::verify_email_post))
}

/// The tenant that a page or token request is about: that of its client, else the one that is named, else the host's.
pub(crate) async fn tenant_of(
    service: &Service,
    host: &Cx,
    client_id: Option<&str>,
    tenant: Option<&str>,
) -> Result<Cx, doorward_service::Error> {
    let client = client_id.and_then(|id| Uuid::parse_str(id).ok());
    let mut found = match client {
        Some(id) => service.store.tenant_of(id).await?,
        None => None,
    };
    if found.is_none()
        && let Some(id) = tenant.and_then(|id| Uuid::parse_str(id).ok())
    {
        found = service.tenant(TenantId(id)).await?.map(|t| t.row.id);
    }
    match found {
        Some(id) if id != host.tenant_id() => {
            Ok(service.admin_cx(id, host.client.clone()).await?.unwrap_or_else(|| host.clone()))
        }
        _ => Ok(host.clone()),
    }
}

/// Client ids are compared in lower case here: configuration files write them either way.
pub(crate) fn lower(id: &str) -> String {
    match Uuid::parse_str(id) {
        Ok(id) => id.to_string(),
        Err(_) => id.to_owned(),
    }
}
