//! `/tenants`. A key of one tenant sees and changes its own.

use super::body::{Body, Ids, created};
use super::caller::Server;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{TenantsRead, TenantsWrite};
use super::{schema, when};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::TenantId;
use doorward_service::directory::TenantDocument;
use doorward_store::tenants::{Brand, NativeApps, TenantRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tenant {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: TenantId,
    /// Short name in commands and headers.
    slug: String,
    /// Name shown to people.
    name: String,
    /// Policy of sign-in.
    #[schema(value_type = schema::Policy)]
    policy: doorward_protocol::policy::Policy,
    /// Looks.
    #[schema(value_type = schema::Brand)]
    brand: Brand,
    /// Language when the browser does not say.
    default_locale: Option<String>,
    /// Sender of mails.
    mail_from: Option<String>,
    /// Native applications that share its passkeys.
    #[schema(value_type = schema::NativeApps)]
    native_apps: NativeApps,
    /// The resource server that a request means when it names none.
    default_audience: Option<String>,
    /// Addresses that sign-out may return to when no application asked for it.
    post_logout_redirect_uris: Vec<String>,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// What can be set of a tenant.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct TenantInput {
    slug: String,
    name: String,
    #[schema(required = false)]
    policy: schema::Policy,
    #[schema(required = false)]
    brand: schema::Brand,
    #[schema(required = false)]
    default_locale: Option<String>,
    #[schema(required = false)]
    mail_from: Option<String>,
    #[schema(required = false)]
    native_apps: schema::NativeApps,
    #[schema(required = false)]
    default_audience: Option<String>,
    #[schema(required = false)]
    post_logout_redirect_uris: Vec<String>,
}

fn tenant(row: TenantRow) -> Tenant {
    let (created_at, updated_at) = (when::rfc3339(row.created_at), when::rfc3339(row.updated_at));
    let id = row.id;
    let TenantDocument {
        slug,
        name,
        policy,
        brand,
        default_locale,
        mail_from,
        native_apps,
        default_audience,
        post_logout_redirect_uris,
    } = TenantDocument::of(&row);
    Tenant {
        id,
        slug,
        name,
        policy,
        brand,
        default_locale,
        mail_from,
        native_apps,
        default_audience,
        post_logout_redirect_uris,
        created_at,
        updated_at,
    }
}

/// Tenants, oldest first.
#[utoipa::path(get, path = "/tenants", operation_id = "list_tenants", tag = "tenants", params(Paging), responses((status = 200, body = List<Tenant>)))]
pub(super) async fn list(server: Server<TenantsRead>, Asked(paging): Asked<Paging>) -> Result<Json<List<Tenant>>, Problem> {
    let (after, limit) = paging.window()?;
    if let Some(own) = server.key.tenant_id {
        let cx = server.tenant(own).await?;
        return Ok(List::whole(vec![tenant(cx.tenant.row.clone())]));
    }
    Ok(List::of(server.service.list_tenants(after, limit).await?, tenant))
}

/// Make a tenant; needs a key of the whole server.
#[utoipa::path(post, path = "/tenants", operation_id = "create_tenant", tag = "tenants", request_body = TenantInput, responses((status = 201, body = Tenant)))]
pub(super) async fn create(server: Server<TenantsWrite>, Body(body): Body) -> Result<Response, Problem> {
    server.must_be_server_wide()?;
    let new = TenantDocument::from_json(body)?;
    let row = server.service.create_tenant(server.client.clone(), &server.actor, new).await?;
    Ok(created(format!("/tenants/{}", row.id), tenant(row)))
}

/// A tenant.
#[utoipa::path(get, path = "/tenants/{id}", operation_id = "get_tenant", tag = "tenants", responses((status = 200, body = Tenant)))]
pub(super) async fn get(server: Server<TenantsRead>, Ids(id): Ids<TenantId>) -> Result<Json<Tenant>, Problem> {
    let cx = server.tenant(id).await?;
    Ok(Json(tenant(cx.tenant.row.clone())))
}

/// Change a tenant by merge patch.
#[utoipa::path(patch, path = "/tenants/{id}", operation_id = "patch_tenant", tag = "tenants", request_body(content = TenantInput, content_type = "application/merge-patch+json"), responses((status = 200, body = Tenant)))]
pub(super) async fn patch(
    server: Server<TenantsWrite>,
    Ids(id): Ids<TenantId>,
    Body(patch): Body,
) -> Result<Json<Tenant>, Problem> {
    let cx = server.tenant(id).await?;
    Ok(Json(tenant(server.service.patch_tenant(&cx, &server.actor, &patch).await?.row)))
}

/// Delete a tenant with everything in it; needs a key of the whole server.
#[utoipa::path(delete, path = "/tenants/{id}", operation_id = "delete_tenant", tag = "tenants", responses((status = 204)))]
pub(super) async fn delete(server: Server<TenantsWrite>, Ids(id): Ids<TenantId>) -> Result<StatusCode, Problem> {
    let cx = server.tenant(id).await?;
    server.must_be_server_wide()?;
    server.service.delete_tenant(&cx, &server.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
