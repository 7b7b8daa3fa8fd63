//! `/users/{id}/identifiers`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{IdentifierId, UserId};
use doorward_service::directory::NewIdentifier;
use doorward_store::users::IdentifierRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An e-mail address, user name or phone number of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserIdentifier {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: IdentifierId,
    /// `email`, `username` or `phone`.
    kind: String,
    /// As written.
    value: String,
    /// Whether it is proven.
    verified: bool,
    /// Proven at.
    verified_at: Option<String>,
    /// The one of its kind that is used.
    is_primary: bool,
    /// Made at.
    created_at: String,
}

/// An identifier to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierInput {
    /// `email`, `username` or `phone`.
    #[schema(value_type = String)]
    kind: IdentifierKind,
    /// As written.
    value: String,
    /// Whether it counts as proven.
    #[serde(default)]
    verified: bool,
    /// Make it the one of its kind that is used.
    #[serde(default)]
    is_primary: bool,
}

/// What can be changed of an identifier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierPatch {
    /// Whether it counts as proven.
    verified: Option<bool>,
    /// Only `true`: another one becomes primary by saying so of it.
    #[serde(default)]
    is_primary: bool,
}

pub(super) fn identifier(row: IdentifierRow) -> UserIdentifier {
    UserIdentifier {
        id: row.id,
        kind: row.kind,
        value: row.value,
        verified: row.verified_at.is_some(),
        verified_at: when::maybe(row.verified_at),
        is_primary: row.is_primary,
        created_at: when::rfc3339(row.created_at),
    }
}

/// Identifiers of a user, primary ones first.
#[utoipa::path(get, path = "/users/{id}/identifiers", operation_id = "list_user_identifiers", tag = "users", responses((status = 200, body = List<UserIdentifier>)))]
pub(super) async fn list(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<UserIdentifier>>, Problem> {
    let person = caller.service.get_user(&caller.cx, id).await?;
    Ok(List::whole(person.identifiers.into_iter().map(identifier).collect()))
}

/// Add an identifier.
#[utoipa::path(post, path = "/users/{id}/identifiers", operation_id = "add_user_identifier", tag = "users", request_body = IdentifierInput, responses((status = 201, body = UserIdentifier)))]
pub(super) async fn add(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<Response, Problem> {
    let IdentifierInput { kind, value, verified, is_primary } = body.read()?;
    let new = NewIdentifier { kind, value, verified };
    let row = caller.service.add_identifier(&caller.cx, &caller.actor, id, &new, is_primary).await?;
    Ok(created(format!("/users/{id}/identifiers/{}", row.id), identifier(row)))
}

/// Mark an identifier as proven or not, or make it the primary one of its kind.
#[utoipa::path(patch, path = "/users/{id}/identifiers/{identifier_id}", operation_id = "patch_user_identifier", tag = "users", request_body(content = IdentifierPatch, content_type = "application/merge-patch+json"), responses((status = 200, body = UserIdentifier)))]
pub(super) async fn patch(
    caller: Caller<UsersWrite>,
    Ids((id, which)): Ids<(UserId, IdentifierId)>,
    body: Body,
) -> Result<Json<UserIdentifier>, Problem> {
    let IdentifierPatch { verified, is_primary } = body.read()?;
    let row = caller.service.change_identifier(&caller.cx, &caller.actor, id, which, verified, is_primary).await?;
    Ok(Json(identifier(row)))
}

/// Take an identifier from a user; the last one stays.
#[utoipa::path(delete, path = "/users/{id}/identifiers/{identifier_id}", operation_id = "delete_user_identifier", tag = "users", responses((status = 204)))]
pub(super) async fn delete(
    caller: Caller<UsersWrite>,
    Ids((id, which)): Ids<(UserId, IdentifierId)>,
) -> Result<StatusCode, Problem> {
    caller.service.remove_identifier(&caller.cx, &caller.actor, id, which).await?;
    Ok(StatusCode::NO_CONTENT)
}
