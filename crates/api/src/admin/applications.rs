//! `/applications`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{ApplicationsRead, ApplicationsWrite};
use super::{schema, when};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::ApplicationId;
use doorward_service::directory::NewApplication;
use doorward_store::applications::ApplicationRow;
use serde::Serialize;
use utoipa::ToSchema;

/// An application (OAuth client).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Application {
    /// Its id in this API.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// `client_id`.
    client_id: String,
    /// Its secret; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Name shown to people.
    name: String,
    /// Whether it may be used.
    enabled: bool,
    #[serde(flatten)]
    #[schema(value_type = schema::ApplicationSettings)]
    settings: doorward_protocol::oauth::client::ApplicationSettings,
    /// Made at.
    created_at: String,
    /// Changed at.
    updated_at: String,
}

/// What can be set of an application.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct ApplicationInput {
    /// Name shown to people.
    name: String,
    /// Whether it may be used.
    #[schema(required = false)]
    enabled: bool,
    /// Made up when absent; it cannot be changed later.
    client_id: Option<String>,
    /// When made only: a secret of your own, 16 to 256 characters.
    client_secret: Option<String>,
    #[serde(flatten)]
    settings: schema::ApplicationSettings,
}

fn application(row: ApplicationRow) -> Application {
    Application {
        id: row.id,
        client_id: row.client_id,
        client_secret: None,
        name: row.name,
        enabled: row.enabled,
        settings: row.settings.0,
        created_at: when::rfc3339(row.created_at),
        updated_at: when::rfc3339(row.updated_at),
    }
}

/// Applications, oldest first.
#[utoipa::path(get, path = "/applications", operation_id = "list_applications", tag = "applications", params(Paging), responses((status = 200, body = List<Application>)))]
pub(super) async fn list(
    caller: Caller<ApplicationsRead>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Application>>, Problem> {
    let (after, limit) = paging.window()?;
    Ok(List::of(caller.service.list_applications(&caller.cx, after, limit).await?, application))
}

/// Make an application. The answer shows its secret, this once.
#[utoipa::path(post, path = "/applications", operation_id = "create_application", tag = "applications", request_body = ApplicationInput, responses((status = 201, body = Application)))]
pub(super) async fn create(caller: Caller<ApplicationsWrite>, Body(body): Body) -> Result<Response, Problem> {
    let new = NewApplication::from_json(body)?;
    let made = caller.service.create_application(&caller.cx, &caller.actor, new).await?;
    let location = format!("/applications/{}", made.row.id);
    Ok(created(location, Application { client_secret: made.client_secret, ..application(made.row) }))
}

/// An application.
#[utoipa::path(get, path = "/applications/{id}", operation_id = "get_application", tag = "applications", responses((status = 200, body = Application)))]
pub(super) async fn get(caller: Caller<ApplicationsRead>, Ids(id): Ids<ApplicationId>) -> Result<Json<Application>, Problem> {
    Ok(Json(application(caller.service.get_application(&caller.cx, id).await?)))
}

/// Change an application by merge patch.
#[utoipa::path(patch, path = "/applications/{id}", operation_id = "patch_application", tag = "applications", request_body(content = ApplicationInput, content_type = "application/merge-patch+json"), responses((status = 200, body = Application)))]
pub(super) async fn patch(
    caller: Caller<ApplicationsWrite>,
    Ids(id): Ids<ApplicationId>,
    Body(patch): Body,
) -> Result<Json<Application>, Problem> {
    let change = caller.service.patch_application(&caller.cx, &caller.actor, id, &patch).await?;
    Ok(Json(application(change.row)))
}

/// Delete an application with its secrets, grants and refresh tokens.
#[utoipa::path(delete, path = "/applications/{id}", operation_id = "delete_application", tag = "applications", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<ApplicationsWrite>, Ids(id): Ids<ApplicationId>) -> Result<StatusCode, Problem> {
    caller.service.delete_application(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
