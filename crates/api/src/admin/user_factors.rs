//! `/users/{id}/factors`.

use super::body::Ids;
use super::caller::Caller;
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use doorward_protocol::ids::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An authenticator app of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Factor {
    /// Its id.
    id: Uuid,
    /// `totp`.
    kind: &'static str,
    /// The name that its owner gave it; may be empty.
    name: String,
    /// Whether a first code has confirmed it; until then it is no factor.
    confirmed: bool,
    /// Begun at.
    created_at: String,
    /// Used at.
    last_used_at: Option<String>,
}

/// The second factors of a user. Secrets and recovery codes are never told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserFactors {
    /// Authenticator apps, oldest first.
    items: Vec<Factor>,
    /// Recovery codes that were not used yet.
    recovery_codes_left: usize,
}

/// Second factors of a user.
#[utoipa::path(get, path = "/users/{id}/factors", operation_id = "list_user_factors", tag = "users", responses((status = 200, body = UserFactors)))]
pub(super) async fn list(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<UserFactors>, Problem> {
    let factors = caller.service.list_user_factors(&caller.cx, id).await?;
    let factor = |f: doorward_service::factor::Factor| Factor {
        id: f.id,
        kind: "totp",
        name: f.name,
        confirmed: f.confirmed,
        created_at: when::rfc3339(f.created_at),
        last_used_at: when::maybe(f.last_used_at),
    };
    let recovery_codes_left = factors.recovery_codes;
    Ok(Json(UserFactors { items: factors.totp.into_iter().map(factor).collect(), recovery_codes_left }))
}

/// Take every second factor from a user, with the recovery codes and the remembered browsers.
#[utoipa::path(delete, path = "/users/{id}/factors", operation_id = "delete_user_factors", tag = "users", responses((status = 204)))]
pub(super) async fn delete_all(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.delete_user_factors(&caller.cx, &caller.actor, id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a second factor from a user.
#[utoipa::path(delete, path = "/users/{id}/factors/{factor_id}", operation_id = "delete_user_factor", tag = "users", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<UsersWrite>, Ids((id, factor)): Ids<(UserId, Uuid)>) -> Result<StatusCode, Problem> {
    caller.service.delete_user_factors(&caller.cx, &caller.actor, id, Some(factor)).await?;
    Ok(StatusCode::NO_CONTENT)
}
