//! `/users/{id}/roles` and `/users/{id}/permissions`.

use super::body::{Body, Ids};
use super::caller::Caller;
use super::page::{Asked, List};
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::roles::{Permission, Permissions, Role, role};
use axum::Json;
use axum::http::StatusCode;
use doorward_protocol::ids::{RoleId, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

/// Roles.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleIds {
    /// Their ids.
    #[schema(value_type = Vec<uuid::Uuid>)]
    pub(super) role_ids: Vec<RoleId>,
}

/// Roles that a user has directly.
#[utoipa::path(get, path = "/users/{id}/roles", operation_id = "list_user_roles", tag = "users", responses((status = 200, body = List<Role>)))]
pub(super) async fn roles(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<Role>>, Problem> {
    let all = caller.service.list_user_roles(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(role).collect()))
}

/// Give a user roles besides those they have.
#[utoipa::path(post, path = "/users/{id}/roles", operation_id = "add_user_roles", tag = "users", request_body = RoleIds, responses((status = 204)))]
pub(super) async fn add_roles(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<StatusCode, Problem> {
    let RoleIds { role_ids } = body.read()?;
    caller.service.put_user_roles(&caller.cx, &caller.actor, id, &role_ids, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the roles of a user: these and no others.
#[utoipa::path(put, path = "/users/{id}/roles", operation_id = "set_user_roles", tag = "users", request_body = RoleIds, responses((status = 204)))]
pub(super) async fn set_roles(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<StatusCode, Problem> {
    let RoleIds { role_ids } = body.read()?;
    caller.service.put_user_roles(&caller.cx, &caller.actor, id, &role_ids, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a role from a user.
#[utoipa::path(delete, path = "/users/{id}/roles/{role_id}", operation_id = "remove_user_role", tag = "users", responses((status = 204)))]
pub(super) async fn remove_role(
    caller: Caller<UsersWrite>,
    Ids((id, role)): Ids<(UserId, RoleId)>,
) -> Result<StatusCode, Problem> {
    caller.service.remove_user_role(&caller.cx, &caller.actor, id, role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Permissions that a user holds directly.
#[utoipa::path(get, path = "/users/{id}/permissions", operation_id = "list_user_permissions", tag = "users", responses((status = 200, body = List<Permission>)))]
pub(super) async fn permissions(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<Permission>>, Problem> {
    let all = caller.service.list_user_permissions(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(Permission::of).collect()))
}

/// Give a user permissions besides those they hold.
#[utoipa::path(post, path = "/users/{id}/permissions", operation_id = "add_user_permissions", tag = "users", request_body = Permissions, responses((status = 204)))]
pub(super) async fn add_permissions(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<StatusCode, Problem> {
    let wanted = body.read::<Permissions>()?.list();
    caller.service.put_user_permissions(&caller.cx, &caller.actor, id, &wanted, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the permissions that a user holds directly: these and no others.
#[utoipa::path(put, path = "/users/{id}/permissions", operation_id = "set_user_permissions", tag = "users", request_body = Permissions, responses((status = 204)))]
pub(super) async fn set_permissions(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<StatusCode, Problem> {
    let wanted = body.read::<Permissions>()?.list();
    caller.service.put_user_permissions(&caller.cx, &caller.actor, id, &wanted, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a permission from a user.
#[utoipa::path(delete, path = "/users/{id}/permissions", operation_id = "delete_user_permission", tag = "users", params(Permission), responses((status = 204)))]
pub(super) async fn delete_permission(
    caller: Caller<UsersWrite>,
    Ids(id): Ids<UserId>,
    Asked(permission): Asked<Permission>,
) -> Result<StatusCode, Problem> {
    caller.service.delete_user_permission(&caller.cx, &caller.actor, id, &permission.one()).await?;
    Ok(StatusCode::NO_CONTENT)
}
