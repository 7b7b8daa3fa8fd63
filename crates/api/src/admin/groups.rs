//! `/groups`, their members and the roles that they give.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{GroupsRead, GroupsWrite};
use super::roles::{Role, role};
use super::user_access::RoleIds;
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::{GroupId, RoleId, UserId};
use doorward_service::directory::GroupDocument;
use doorward_store::directory::GroupRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group of users.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Group {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: GroupId,
    /// Name.
    name: String,
    /// Words.
    description: String,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// What can be set of a group.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct GroupInput {
    name: String,
    #[schema(required = false)]
    description: String,
}

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Member {
    /// Who.
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
    /// Since.
    created_at: String,
}

/// Users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserIds {
    /// Their ids.
    #[schema(value_type = Vec<uuid::Uuid>)]
    user_ids: Vec<UserId>,
}

fn group(row: GroupRow) -> Group {
    Group {
        id: row.id,
        name: row.name,
        description: row.description,
        created_at: when::rfc3339(row.created_at),
        updated_at: when::rfc3339(row.updated_at),
    }
}

/// Groups, oldest first.
#[utoipa::path(get, path = "/groups", operation_id = "list_groups", tag = "groups", params(Paging), responses((status = 200, body = List<Group>)))]
pub(super) async fn list(caller: Caller<GroupsRead>, Asked(paging): Asked<Paging>) -> Result<Json<List<Group>>, Problem> {
    let (after, limit) = paging.window()?;
    Ok(List::of(caller.service.list_groups(&caller.cx, after, limit).await?, group))
}

/// Make a group.
#[utoipa::path(post, path = "/groups", operation_id = "create_group", tag = "groups", request_body = GroupInput, responses((status = 201, body = Group)))]
pub(super) async fn create(caller: Caller<GroupsWrite>, Body(body): Body) -> Result<Response, Problem> {
    let new = GroupDocument::from_json(body)?;
    let row = caller.service.create_group(&caller.cx, &caller.actor, new).await?;
    Ok(created(format!("/groups/{}", row.id), group(row)))
}

/// A group.
#[utoipa::path(get, path = "/groups/{id}", operation_id = "get_group", tag = "groups", responses((status = 200, body = Group)))]
pub(super) async fn get(caller: Caller<GroupsRead>, Ids(id): Ids<GroupId>) -> Result<Json<Group>, Problem> {
    Ok(Json(group(caller.service.get_group(&caller.cx, id).await?)))
}

/// Change a group by merge patch.
#[utoipa::path(patch, path = "/groups/{id}", operation_id = "patch_group", tag = "groups", request_body(content = GroupInput, content_type = "application/merge-patch+json"), responses((status = 200, body = Group)))]
pub(super) async fn patch(caller: Caller<GroupsWrite>, Ids(id): Ids<GroupId>, Body(patch): Body) -> Result<Json<Group>, Problem> {
    Ok(Json(group(caller.service.patch_group(&caller.cx, &caller.actor, id, &patch).await?.row)))
}

/// Delete a group; its members lose the roles that it gave.
#[utoipa::path(delete, path = "/groups/{id}", operation_id = "delete_group", tag = "groups", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<GroupsWrite>, Ids(id): Ids<GroupId>) -> Result<StatusCode, Problem> {
    caller.service.delete_group(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Members of a group, oldest user first.
#[utoipa::path(get, path = "/groups/{id}/members", operation_id = "list_group_members", tag = "groups", params(Paging), responses((status = 200, body = List<Member>)))]
pub(super) async fn members(
    caller: Caller<GroupsRead>,
    Ids(id): Ids<GroupId>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Member>>, Problem> {
    let (after, limit) = paging.window()?;
    let page = caller.service.list_group_members(&caller.cx, id, after, limit).await?;
    Ok(List::of(page, |row| Member { user_id: row.user_id, created_at: when::rfc3339(row.created_at) }))
}

/// Add members; those who are in the group already stay.
#[utoipa::path(post, path = "/groups/{id}/members", operation_id = "add_group_members", tag = "groups", request_body = UserIds, responses((status = 204)))]
pub(super) async fn add_members(caller: Caller<GroupsWrite>, Ids(id): Ids<GroupId>, body: Body) -> Result<StatusCode, Problem> {
    let UserIds { user_ids } = body.read()?;
    caller.service.add_group_members(&caller.cx, &caller.actor, id, &user_ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a member from a group.
#[utoipa::path(delete, path = "/groups/{id}/members/{user_id}", operation_id = "remove_group_member", tag = "groups", responses((status = 204)))]
pub(super) async fn remove_member(
    caller: Caller<GroupsWrite>,
    Ids((id, user)): Ids<(GroupId, UserId)>,
) -> Result<StatusCode, Problem> {
    caller.service.remove_group_member(&caller.cx, &caller.actor, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Roles that a group gives its members.
#[utoipa::path(get, path = "/groups/{id}/roles", operation_id = "list_group_roles", tag = "groups", responses((status = 200, body = List<Role>)))]
pub(super) async fn roles(caller: Caller<GroupsRead>, Ids(id): Ids<GroupId>) -> Result<Json<List<Role>>, Problem> {
    let all = caller.service.list_group_roles(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(role).collect()))
}

/// Let a group give more roles.
#[utoipa::path(post, path = "/groups/{id}/roles", operation_id = "add_group_roles", tag = "groups", request_body = RoleIds, responses((status = 204)))]
pub(super) async fn add_roles(caller: Caller<GroupsWrite>, Ids(id): Ids<GroupId>, body: Body) -> Result<StatusCode, Problem> {
    let RoleIds { role_ids } = body.read()?;
    caller.service.put_group_roles(&caller.cx, &caller.actor, id, &role_ids, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the roles that a group gives: these and no others.
#[utoipa::path(put, path = "/groups/{id}/roles", operation_id = "set_group_roles", tag = "groups", request_body = RoleIds, responses((status = 204)))]
pub(super) async fn set_roles(caller: Caller<GroupsWrite>, Ids(id): Ids<GroupId>, body: Body) -> Result<StatusCode, Problem> {
    let RoleIds { role_ids } = body.read()?;
    caller.service.put_group_roles(&caller.cx, &caller.actor, id, &role_ids, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a group give a role no more.
#[utoipa::path(delete, path = "/groups/{id}/roles/{role_id}", operation_id = "remove_group_role", tag = "groups", responses((status = 204)))]
pub(super) async fn remove_role(
    caller: Caller<GroupsWrite>,
    Ids((id, role)): Ids<(GroupId, RoleId)>,
) -> Result<StatusCode, Problem> {
    caller.service.remove_group_role(&caller.cx, &caller.actor, id, role).await?;
    Ok(StatusCode::NO_CONTENT)
}
