//! `/users`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, window};
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::user_identifiers::{UserIdentifier, identifier};
use super::{schema, when};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{GroupId, RoleId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::search::UserSearch;
use doorward_service::directory::{FieldProblem, NewIdentifier, NewUser, UserDocument, read_user_query, user_sort};
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    /// Its id: `sub` of the standard accent.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// `active` or `blocked`.
    status: String,
    /// Full name.
    name: Option<String>,
    /// Primary e-mail address.
    email: Option<String>,
    /// Whether it is proven.
    email_verified: bool,
    /// Primary user name.
    username: Option<String>,
    /// Primary phone number.
    phone_number: Option<String>,
    /// Whether it is proven.
    phone_number_verified: bool,
    /// Other claims.
    #[schema(value_type = schema::Profile)]
    profile: Profile,
    /// Every identifier, primary ones first.
    identifiers: Vec<UserIdentifier>,
    /// Last sign-in.
    last_sign_in_at: Option<String>,
    /// How many.
    sign_in_count: i64,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// A user to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUserInput {
    /// E-mail address.
    email: Option<String>,
    /// Whether it counts as proven.
    #[serde(default)]
    email_verified: bool,
    /// User name.
    username: Option<String>,
    /// Phone number in E.164 form.
    phone_number: Option<String>,
    /// Whether it counts as proven.
    #[serde(default)]
    phone_number_verified: bool,
    /// Full name.
    name: Option<String>,
    /// Other claims.
    #[serde(default)]
    #[schema(value_type = schema::Profile)]
    profile: Profile,
    /// Password; it waits when the tenant's policy has no passwords yet.
    password: Option<String>,
    /// Roles.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    role_ids: Vec<RoleId>,
    /// Groups.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    group_ids: Vec<GroupId>,
}

/// What can be changed of a user here; identifiers, roles and credentials have paths of their own.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct UserInput {
    name: Option<String>,
    #[schema(required = false)]
    profile: schema::Profile,
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct UserQuery {
    /// Beginning of an e-mail address, user name or phone number.
    search: Option<String>,
    /// Most items of the page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    after: Option<Uuid>,
}

/// Which users, by a query.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// Conditions such as `email:ada* AND NOT blocked:true`, `created_at:[2026-01-01 TO *]`, `metadata.app.plan:gold`; words
    /// without a field are looked for at the beginning of identifiers and names. Everybody when absent.
    q: Option<String>,
    /// Fields to sort by, parted by commas: `family_name,-created_at`.
    sort: Option<String>,
    /// How many are passed over.
    offset: Option<u32>,
    /// Most items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Users that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundUsers {
    /// The users of the window.
    items: Vec<User>,
    /// How many there are in all.
    total: i64,
}

fn user(person: Person) -> User {
    let primary = |kind| person.primary(kind).map(|i| (i.value.clone(), i.verified_at.is_some()));
    let email = primary(IdentifierKind::Email);
    let phone = primary(IdentifierKind::Phone);
    let username = primary(IdentifierKind::Username).map(|u| u.0);
    let row = person.user;
    User {
        id: row.id,
        status: row.status,
        name: row.name,
        email_verified: email.as_ref().is_some_and(|e| e.1),
        email: email.map(|e| e.0),
        username,
        phone_number_verified: phone.as_ref().is_some_and(|p| p.1),
        phone_number: phone.map(|p| p.0),
        profile: row.profile.0,
        identifiers: person.identifiers.into_iter().map(identifier).collect(),
        last_sign_in_at: when::maybe(row.last_sign_in_at),
        sign_in_count: row.sign_in_count,
        created_at: when::rfc3339(row.created_at),
        updated_at: when::rfc3339(row.updated_at),
    }
}

/// Users, oldest first.
#[utoipa::path(get, path = "/users", operation_id = "list_users", tag = "users", params(UserQuery), responses((status = 200, body = List<User>)))]
pub(super) async fn list(caller: Caller<UsersRead>, Asked(query): Asked<UserQuery>) -> Result<Json<List<User>>, Problem> {
    let (after, limit) = window(query.after, query.limit)?;
    let search = query.search.as_deref().filter(|text| !text.trim().is_empty());
    Ok(List::of(caller.service.list_users(&caller.cx, search, after, limit).await?, user))
}

/// Users that fit a query.
#[utoipa::path(get, path = "/users/search", operation_id = "search_users", tag = "users", params(SearchQuery), responses((status = 200, body = FoundUsers)))]
pub(super) async fn search(caller: Caller<UsersRead>, Asked(query): Asked<SearchQuery>) -> Result<Json<FoundUsers>, Problem> {
    let (_, limit) = window(None, query.limit)?;
    let wrong = |field: &str, message: String| Problem::invalid([FieldProblem { field: field.into(), message }]);
    let sort = query.sort.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let sort = sort.map(|part| user_sort(part).ok_or_else(|| wrong("sort", format!("no such field: {part}"))));
    let search = UserSearch {
        query: read_user_query(query.q.as_deref().unwrap_or_default())?,
        sort: sort.collect::<Result<_, _>>()?,
        offset: query.offset.unwrap_or(0),
        limit,
        counted_to: None,
    };
    let found = caller.service.search_users(&caller.cx, &search).await?;
    Ok(Json(FoundUsers { items: found.items.into_iter().map(user).collect(), total: found.total }))
}

/// Make a user.
#[utoipa::path(post, path = "/users", operation_id = "create_user", tag = "users", request_body = NewUserInput, responses((status = 201, body = User)))]
pub(super) async fn create(caller: Caller<UsersWrite>, body: Body) -> Result<Response, Problem> {
    let input: NewUserInput = body.read()?;
    let identifier = |kind, value: Option<String>, verified| value.map(|value| NewIdentifier { kind, value, verified });
    let new = NewUser {
        document: UserDocument { name: input.name, profile: input.profile },
        identifiers: [
            identifier(IdentifierKind::Email, input.email, input.email_verified),
            identifier(IdentifierKind::Username, input.username, true),
            identifier(IdentifierKind::Phone, input.phone_number, input.phone_number_verified),
        ]
        .into_iter()
        .flatten()
        .collect(),
        password: input.password,
        roles: input.role_ids,
        groups: input.group_ids,
        ..NewUser::default()
    };
    let person = caller.service.create_user(&caller.cx, &caller.actor, new).await?;
    Ok(created(format!("/users/{}", person.user.id), user(person)))
}

/// A user.
#[utoipa::path(get, path = "/users/{id}", operation_id = "get_user", tag = "users", responses((status = 200, body = User)))]
pub(super) async fn get(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<User>, Problem> {
    Ok(Json(user(caller.service.get_user(&caller.cx, id).await?)))
}

/// Change name and profile by merge patch.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "patch_user", tag = "users", request_body(content = UserInput, content_type = "application/merge-patch+json"), responses((status = 200, body = User)))]
pub(super) async fn patch(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, Body(patch): Body) -> Result<Json<User>, Problem> {
    caller.service.patch_user(&caller.cx, &caller.actor, id, &patch).await?;
    Ok(Json(user(caller.service.get_user(&caller.cx, id).await?)))
}

/// Delete a user with everything that is theirs.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "delete_user", tag = "users", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.delete_user(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Block a user: sessions end, refresh tokens and their access tokens die.
#[utoipa::path(post, path = "/users/{id}/block", operation_id = "block_user", tag = "users", responses((status = 204)))]
pub(super) async fn block(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.block_user(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a blocked user in again.
#[utoipa::path(post, path = "/users/{id}/unblock", operation_id = "unblock_user", tag = "users", responses((status = 204)))]
pub(super) async fn unblock(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.unblock_user(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
