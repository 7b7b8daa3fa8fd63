//! `/users/{id}/conditions`: until when somebody may sign in, and whether with the password they have.

use super::body::{Body, Ids};
use super::caller::Caller;
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use doorward_protocol::ids::UserId;
use doorward_service::directory::{Conditions, ConditionsChange};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Conditions under which a user may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserConditions {
    /// Whether the password must be changed at the next sign-in with it, before there is a session.
    must_change_password: bool,
    /// From then on nobody signs in to the account.
    expires_at: Option<String>,
    /// Until then a sanction keeps the person from signing in.
    suspended_until: Option<String>,
}

/// What is changed of them; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserConditionsPatch {
    /// Whether the password must be changed at the next sign-in with it.
    #[serde(default)]
    must_change_password: Option<bool>,
    /// From then on nobody signs in to the account; `null`: no end.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Option<String>>,
}

fn named<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn conditions(of: Conditions) -> Json<UserConditions> {
    Json(UserConditions {
        must_change_password: of.must_change_password,
        expires_at: when::maybe(of.expires_at),
        // One that does not end by itself has no date that could be written.
        suspended_until: of
            .suspended_until
            .map(when::rfc3339)
            .map(|at| if at.is_empty() { "9999-12-31T23:59:59Z".into() } else { at }),
    })
}

/// Conditions under which a user may sign in.
#[utoipa::path(get, path = "/users/{id}/conditions", operation_id = "get_user_conditions", tag = "users", responses((status = 200, body = UserConditions)))]
pub(super) async fn get(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<UserConditions>, Problem> {
    Ok(conditions(caller.service.user_conditions(&caller.cx, id).await?))
}

/// Change them.
#[utoipa::path(patch, path = "/users/{id}/conditions", operation_id = "patch_user_conditions", tag = "users", request_body(content = UserConditionsPatch, content_type = "application/merge-patch+json"), responses((status = 200, body = UserConditions)))]
pub(super) async fn patch(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<Json<UserConditions>, Problem> {
    let UserConditionsPatch { must_change_password, expires_at } = body.read()?;
    let expires_at = match expires_at {
        Some(Some(text)) => Some(Some(when::parse("expires_at", &text)?)),
        Some(None) => Some(None),
        None => None,
    };
    let change = ConditionsChange { expires_at, must_change_password };
    Ok(conditions(caller.service.change_user_conditions(&caller.cx, &caller.actor, id, change).await?))
}
