//! `/roles` and the permissions that they hold.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{RolesRead, RolesWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::{ApplicationId, ResourceServerId, RoleId};
use doorward_service::directory::{self, RoleDocument};
use doorward_store::directory::RoleRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A role, of the tenant or of one application.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Role {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: RoleId,
    /// Of which application; null: of the tenant.
    #[schema(value_type = Option<uuid::Uuid>)]
    application_id: Option<ApplicationId>,
    /// Name.
    name: String,
    /// Words.
    description: String,
    /// Given to every new member of its application.
    is_default: bool,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// What can be set of a role.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct RoleInput {
    name: String,
    #[schema(required = false)]
    description: String,
    /// Of which application; it cannot be changed.
    application_id: Option<uuid::Uuid>,
    #[schema(required = false)]
    is_default: bool,
}

/// A scope of a resource server that somebody holds.
#[derive(Debug, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Permission {
    /// Where.
    #[schema(value_type = uuid::Uuid)]
    #[param(value_type = uuid::Uuid)]
    resource_server_id: ResourceServerId,
    /// Which scope of it.
    scope: String,
}

/// A list of permissions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Permissions {
    permissions: Vec<Permission>,
}

impl Permissions {
    pub(super) fn list(self) -> Vec<directory::Permission> {
        self.permissions.into_iter().map(Permission::one).collect()
    }
}

impl Permission {
    pub(super) fn one(self) -> directory::Permission {
        directory::Permission { resource_server: self.resource_server_id, scope: self.scope }
    }

    pub(super) fn of(one: directory::Permission) -> Self {
        Self { resource_server_id: one.resource_server, scope: one.scope }
    }
}

pub(super) fn role(row: RoleRow) -> Role {
    Role {
        id: row.id,
        application_id: row.application_id,
        name: row.name,
        description: row.description,
        is_default: row.is_default,
        created_at: when::rfc3339(row.created_at),
        updated_at: when::rfc3339(row.updated_at),
    }
}

/// Roles, oldest first.
#[utoipa::path(get, path = "/roles", operation_id = "list_roles", tag = "roles", params(Paging), responses((status = 200, body = List<Role>)))]
pub(super) async fn list(caller: Caller<RolesRead>, Asked(paging): Asked<Paging>) -> Result<Json<List<Role>>, Problem> {
    let (after, limit) = paging.window()?;
    Ok(List::of(caller.service.list_roles(&caller.cx, after, limit).await?, role))
}

/// Make a role.
#[utoipa::path(post, path = "/roles", operation_id = "create_role", tag = "roles", request_body = RoleInput, responses((status = 201, body = Role)))]
pub(super) async fn create(caller: Caller<RolesWrite>, Body(body): Body) -> Result<Response, Problem> {
    let new = RoleDocument::from_json(body)?;
    let row = caller.service.create_role(&caller.cx, &caller.actor, new).await?;
    Ok(created(format!("/roles/{}", row.id), role(row)))
}

/// A role.
#[utoipa::path(get, path = "/roles/{id}", operation_id = "get_role", tag = "roles", responses((status = 200, body = Role)))]
pub(super) async fn get(caller: Caller<RolesRead>, Ids(id): Ids<RoleId>) -> Result<Json<Role>, Problem> {
    Ok(Json(role(caller.service.get_role(&caller.cx, id).await?)))
}

/// Change a role by merge patch.
#[utoipa::path(patch, path = "/roles/{id}", operation_id = "patch_role", tag = "roles", request_body(content = RoleInput, content_type = "application/merge-patch+json"), responses((status = 200, body = Role)))]
pub(super) async fn patch(caller: Caller<RolesWrite>, Ids(id): Ids<RoleId>, Body(patch): Body) -> Result<Json<Role>, Problem> {
    Ok(Json(role(caller.service.patch_role(&caller.cx, &caller.actor, id, &patch).await?.row)))
}

/// Delete a role; users and groups lose it.
#[utoipa::path(delete, path = "/roles/{id}", operation_id = "delete_role", tag = "roles", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<RolesWrite>, Ids(id): Ids<RoleId>) -> Result<StatusCode, Problem> {
    caller.service.delete_role(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Permissions of a role.
#[utoipa::path(get, path = "/roles/{id}/permissions", operation_id = "list_role_permissions", tag = "roles", responses((status = 200, body = List<Permission>)))]
pub(super) async fn permissions(caller: Caller<RolesRead>, Ids(id): Ids<RoleId>) -> Result<Json<List<Permission>>, Problem> {
    let all = caller.service.list_role_permissions(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(Permission::of).collect()))
}

/// Give a role permissions besides those it has.
#[utoipa::path(post, path = "/roles/{id}/permissions", operation_id = "add_role_permissions", tag = "roles", request_body = Permissions, responses((status = 204)))]
pub(super) async fn add_permissions(caller: Caller<RolesWrite>, Ids(id): Ids<RoleId>, body: Body) -> Result<StatusCode, Problem> {
    let wanted = body.read::<Permissions>()?.list();
    caller.service.put_role_permissions(&caller.cx, &caller.actor, id, &wanted, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the permissions of a role: these and no others.
#[utoipa::path(put, path = "/roles/{id}/permissions", operation_id = "set_role_permissions", tag = "roles", request_body = Permissions, responses((status = 204)))]
pub(super) async fn set_permissions(caller: Caller<RolesWrite>, Ids(id): Ids<RoleId>, body: Body) -> Result<StatusCode, Problem> {
    let wanted = body.read::<Permissions>()?.list();
    caller.service.put_role_permissions(&caller.cx, &caller.actor, id, &wanted, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a permission from a role.
#[utoipa::path(delete, path = "/roles/{id}/permissions", operation_id = "delete_role_permission", tag = "roles", params(Permission), responses((status = 204)))]
pub(super) async fn delete_permission(
    caller: Caller<RolesWrite>,
    Ids(id): Ids<RoleId>,
    Asked(permission): Asked<Permission>,
) -> Result<StatusCode, Problem> {
    caller.service.delete_role_permission(&caller.cx, &caller.actor, id, &permission.one()).await?;
    Ok(StatusCode::NO_CONTENT)
}
