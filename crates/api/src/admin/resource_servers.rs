//! `/resource-servers`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{ResourceServersRead, ResourceServersWrite, Right};
use super::{schema, when};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::ResourceServerId;
use doorward_service::directory::{self, ResourceServerDocument};
use doorward_store::applications::ResourceServerSettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A resource server (an API that takes our access tokens).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResourceServer {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: ResourceServerId,
    /// `aud` of its tokens.
    audience: String,
    /// Name shown to people.
    name: String,
    /// Scopes; also the permissions that roles can hold.
    scopes: Vec<Scope>,
    #[serde(flatten)]
    #[schema(value_type = schema::ResourceServerSettings)]
    settings: ResourceServerSettings,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// A scope of a resource server.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Scope {
    /// Its value in `scope`.
    value: String,
    /// Words for the consent page.
    #[serde(default)]
    description: String,
}

/// What can be set of a resource server.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct ResourceServerInput {
    /// `aud` of its tokens; it cannot be changed.
    audience: String,
    /// Name shown to people.
    name: Option<String>,
    /// Scopes; a list in a patch replaces the one before.
    #[schema(required = false)]
    scopes: Vec<Scope>,
    #[serde(flatten)]
    settings: schema::ResourceServerSettings,
}

async fn load<R: Right>(caller: &Caller<R>, id: ResourceServerId) -> Result<ResourceServer, Problem> {
    let (row, scopes) = caller.service.get_resource_server(&caller.cx, id).await?;
    let ResourceServerDocument { audience, name, scopes, settings } = ResourceServerDocument::of(&row, &scopes);
    Ok(ResourceServer {
        id,
        audience,
        name,
        scopes: scopes.into_iter().map(|directory::Scope { value, description }| Scope { value, description }).collect(),
        settings,
        created_at: when::rfc3339(row.created_at),
        updated_at: when::rfc3339(row.updated_at),
    })
}

/// Resource servers, oldest first.
#[utoipa::path(get, path = "/resource-servers", operation_id = "list_resource_servers", tag = "resource servers", params(Paging), responses((status = 200, body = List<ResourceServer>)))]
pub(super) async fn list(
    caller: Caller<ResourceServersRead>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<ResourceServer>>, Problem> {
    let (after, limit) = paging.window()?;
    let page = caller.service.list_resource_servers(&caller.cx, after, limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(load(&caller, row.id).await?);
    }
    Ok(Json(List { items, next_cursor: page.next }))
}

/// Make a resource server with its scopes.
#[utoipa::path(post, path = "/resource-servers", operation_id = "create_resource_server", tag = "resource servers", request_body = ResourceServerInput, responses((status = 201, body = ResourceServer)))]
pub(super) async fn create(caller: Caller<ResourceServersWrite>, Body(body): Body) -> Result<Response, Problem> {
    let new = ResourceServerDocument::from_json(body)?;
    let row = caller.service.create_resource_server(&caller.cx, &caller.actor, new).await?;
    Ok(created(format!("/resource-servers/{}", row.id), load(&caller, row.id).await?))
}

/// A resource server.
#[utoipa::path(get, path = "/resource-servers/{id}", operation_id = "get_resource_server", tag = "resource servers", responses((status = 200, body = ResourceServer)))]
pub(super) async fn get(
    caller: Caller<ResourceServersRead>,
    Ids(id): Ids<ResourceServerId>,
) -> Result<Json<ResourceServer>, Problem> {
    Ok(Json(load(&caller, id).await?))
}

/// Change a resource server by merge patch. A scope that is gone from the list is taken from roles and users too.
#[utoipa::path(patch, path = "/resource-servers/{id}", operation_id = "patch_resource_server", tag = "resource servers", request_body(content = ResourceServerInput, content_type = "application/merge-patch+json"), responses((status = 200, body = ResourceServer)))]
pub(super) async fn patch(
    caller: Caller<ResourceServersWrite>,
    Ids(id): Ids<ResourceServerId>,
    Body(patch): Body,
) -> Result<Json<ResourceServer>, Problem> {
    caller.service.patch_resource_server(&caller.cx, &caller.actor, id, &patch).await?;
    Ok(Json(load(&caller, id).await?))
}

/// Delete a resource server with its scopes, permissions and grants.
#[utoipa::path(delete, path = "/resource-servers/{id}", operation_id = "delete_resource_server", tag = "resource servers", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<ResourceServersWrite>, Ids(id): Ids<ResourceServerId>) -> Result<StatusCode, Problem> {
    caller.service.delete_resource_server(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
