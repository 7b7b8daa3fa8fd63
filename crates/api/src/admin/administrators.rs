//! `/administrators`: who may administer the tenant in the console, and how far.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::problem::Problem;
use super::rights::{AdministratorsRead, AdministratorsWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_service::directory::FieldProblem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Administrator {
    /// The user.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Full name.
    name: Option<String>,
    /// Primary e-mail address.
    email: Option<String>,
    /// `owner`, `admin`, `support` or `viewer`.
    role: &'static str,
    /// Since.
    since: String,
}

/// Every administrator of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Administrators {
    /// The longest-serving first.
    items: Vec<Administrator>,
}

/// Somebody to be made an administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAdministrator {
    /// Address of a user. Who has no account yet gets one, and a link into it by mail.
    email: String,
    /// Full name, for a new account.
    name: Option<String>,
    /// `owner`, `admin`, `support` or `viewer`.
    role: String,
}

/// What an administrator may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdministratorRole {
    /// `owner`, `admin`, `support` or `viewer`.
    role: String,
}

fn role(word: &str) -> Result<AdminRole, Problem> {
    let message = "must be owner, admin, support or viewer".to_owned();
    AdminRole::parse(word).ok_or_else(|| Problem::invalid([FieldProblem { field: "role".into(), message }]))
}

async fn all<R: super::rights::Right>(caller: &Caller<R>) -> Result<Vec<Administrator>, Problem> {
    let all = caller.service.list_administrators(&caller.cx).await?;
    let one = |one: doorward_service::directory::Administrator| Administrator {
        user_id: one.person.user.id,
        email: one.person.email().map(|email| email.value.clone()),
        name: one.person.user.name,
        role: one.role.as_str(),
        since: when::rfc3339(one.since),
    };
    Ok(all.into_iter().map(one).collect())
}

async fn one<R: super::rights::Right>(caller: &Caller<R>, id: UserId) -> Result<Administrator, Problem> {
    let found = all(caller).await?.into_iter().find(|one| one.user_id == id);
    found.ok_or_else(|| Problem::not_found("administrator"))
}

/// Administrators of the tenant.
#[utoipa::path(get, path = "/administrators", operation_id = "list_administrators", tag = "administrators", responses((status = 200, body = Administrators)))]
pub(super) async fn list(caller: Caller<AdministratorsRead>) -> Result<Json<Administrators>, Problem> {
    Ok(Json(Administrators { items: all(&caller).await? }))
}

/// Make somebody an administrator by address; who has no account yet is invited by mail.
///
/// An account that has the address already must have proven it.
#[utoipa::path(post, path = "/administrators", operation_id = "invite_administrator", tag = "administrators", request_body = NewAdministrator, responses((status = 201, body = Administrator)))]
pub(super) async fn invite(caller: Caller<AdministratorsWrite>, body: Body) -> Result<Response, Problem> {
    let input: NewAdministrator = body.read()?;
    let role = role(&input.role)?;
    let id = caller.service.invite_administrator(&caller.cx, &caller.actor, &input.email, input.name, role).await?;
    Ok(created(format!("/administrators/{id}"), one(&caller, id).await?))
}

/// An administrator.
#[utoipa::path(get, path = "/administrators/{id}", operation_id = "get_administrator", tag = "administrators", responses((status = 200, body = Administrator)))]
pub(super) async fn get(caller: Caller<AdministratorsRead>, Ids(id): Ids<UserId>) -> Result<Json<Administrator>, Problem> {
    Ok(Json(one(&caller, id).await?))
}

/// Make a user an administrator, or change what one may do. The last owner stays one.
#[utoipa::path(put, path = "/administrators/{id}", operation_id = "put_administrator", tag = "administrators", request_body = AdministratorRole, responses((status = 200, body = Administrator)))]
pub(super) async fn put(
    caller: Caller<AdministratorsWrite>,
    Ids(id): Ids<UserId>,
    body: Body,
) -> Result<Json<Administrator>, Problem> {
    let input: AdministratorRole = body.read()?;
    caller.service.put_administrator(&caller.cx, &caller.actor, id, role(&input.role)?).await?;
    Ok(Json(one(&caller, id).await?))
}

/// Take somebody's place as administrator away; their account stays. The last owner stays one.
#[utoipa::path(delete, path = "/administrators/{id}", operation_id = "remove_administrator", tag = "administrators", responses((status = 204)))]
pub(super) async fn remove(caller: Caller<AdministratorsWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.remove_administrator(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
