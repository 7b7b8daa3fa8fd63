//! `/users/{id}/sanctions`: what was imposed on somebody.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_service::directory::PlainSanction;
use doorward_store::sanctions::SanctionRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A sanction on a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sanction {
    /// Its id.
    id: Uuid,
    /// What it is called.
    name: String,
    /// Why it was imposed.
    reason: Option<String>,
    /// Whether it keeps the user from signing in while it lasts.
    prevents_sign_in: bool,
    /// Whether it lasts.
    active: bool,
    /// Imposed at.
    created_at: String,
    /// Until when; `null`: until it is lifted.
    ends_at: Option<String>,
}

/// A sanction to impose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SanctionInput {
    /// Why, 1 to 500 characters.
    reason: String,
    /// Whether it keeps the user from signing in while it lasts. Sessions and refresh tokens end with it.
    #[serde(default)]
    prevents_sign_in: bool,
    /// Until when; without: until it is lifted.
    #[serde(default)]
    ends_at: Option<String>,
}

fn sanction(row: &SanctionRow, now: Timestamp) -> Sanction {
    Sanction {
        id: row.id,
        name: row.name().to_owned(),
        reason: row.reason().map(str::to_owned),
        prevents_sign_in: row.prevents_sign_in,
        active: row.lasts(now),
        created_at: when::rfc3339(row.created_at),
        ends_at: when::maybe(row.ends_at),
    }
}

/// Sanctions on a user, the newest first, those that are over too.
#[utoipa::path(get, path = "/users/{id}/sanctions", operation_id = "list_user_sanctions", tag = "users", responses((status = 200, body = List<Sanction>)))]
pub(super) async fn list(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<Sanction>>, Problem> {
    let all = caller.service.list_sanctions(&caller.cx, id).await?;
    Ok(List::whole(all.iter().map(|row| sanction(row, caller.cx.now)).collect()))
}

/// Impose a sanction.
#[utoipa::path(post, path = "/users/{id}/sanctions", operation_id = "impose_user_sanction", tag = "users", request_body = SanctionInput, responses((status = 201, body = Sanction)))]
pub(super) async fn impose(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<Response, Problem> {
    let SanctionInput { reason, prevents_sign_in, ends_at } = body.read()?;
    let ends_at = ends_at.map(|text| when::parse("ends_at", &text)).transpose()?;
    let new = PlainSanction { reason, prevents_sign_in, ends_at };
    let row = caller.service.sanction_user(&caller.cx, &caller.actor, id, new).await?;
    Ok(created(format!("/users/{id}/sanctions/{}", row.id), sanction(&row, caller.cx.now)))
}

/// Lift a sanction. It stays in the list.
#[utoipa::path(delete, path = "/users/{id}/sanctions/{sanction_id}", operation_id = "lift_user_sanction", tag = "users", responses((status = 204)))]
pub(super) async fn lift(caller: Caller<UsersWrite>, Ids((id, which)): Ids<(UserId, Uuid)>) -> Result<StatusCode, Problem> {
    caller.service.lift_sanction(&caller.cx, &caller.actor, id, which).await?;
    Ok(StatusCode::NO_CONTENT)
}
