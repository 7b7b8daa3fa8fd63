//! `/users/import` and `/jobs`.

use super::body::{Body, Ids};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_service::directory::{ImportJob, ImportOptions, ImportUser};
use doorward_store::work::JobRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Users to be imported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportInput {
    /// At most 100,000 of them; the guide on imports tells what each may carry.
    #[schema(value_type = Vec<Object>)]
    users: Vec<ImportUser>,
    /// A user who is there already is changed, not refused.
    #[serde(default)]
    upsert: bool,
    /// One user who is refused refuses all.
    #[serde(default)]
    all_or_nothing: bool,
}

/// Long work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Job {
    /// Its id.
    id: Uuid,
    /// What it does: `users_import`.
    kind: String,
    /// `pending`, `running`, `completed` or `failed`.
    status: String,
    /// How many items.
    total: i64,
    /// How many of them are through.
    done: i64,
    /// Numbers of an import: `total`, `inserted`, `updated`, `failed`.
    #[schema(value_type = Object)]
    summary: Value,
    /// What was refused: `index`, `user` and its `errors`, each with `field` and `message`.
    #[schema(value_type = Vec<Object>)]
    errors: Vec<Value>,
    /// Asked at.
    created_at: String,
    /// Begun at.
    started_at: Option<String>,
    /// Finished at.
    finished_at: Option<String>,
}

fn job(row: JobRow) -> Job {
    Job {
        id: row.id,
        kind: row.kind,
        status: row.status,
        total: row.total,
        done: row.done,
        summary: row.summary.0,
        errors: row.errors.0,
        created_at: when::rfc3339(row.created_at),
        started_at: when::maybe(row.started_at),
        finished_at: when::maybe(row.finished_at),
    }
}

/// Import users: answers with a job to ask after.
#[utoipa::path(post, path = "/users/import", operation_id = "import_users", tag = "users", request_body = ImportInput, responses((status = 202, body = Job)))]
pub(super) async fn import(caller: Caller<UsersWrite>, body: Body) -> Result<Response, Problem> {
    let ImportInput { users, upsert, all_or_nothing } = body.read()?;
    let options = ImportOptions { upsert, all_or_nothing, ..Default::default() };
    let work = ImportJob { users, options, ..Default::default() };
    let row = caller.service.start_user_import(&caller.cx, &caller.actor, work).await?;
    let location = [(header::LOCATION, format!("/admin/v1/jobs/{}", row.id))];
    Ok((StatusCode::ACCEPTED, location, Json(job(row))).into_response())
}

/// Jobs, oldest first. They are kept for a week.
#[utoipa::path(get, path = "/jobs", operation_id = "list_jobs", tag = "jobs", params(Paging), responses((status = 200, body = List<Job>)))]
pub(super) async fn list(caller: Caller<UsersRead>, Asked(paging): Asked<Paging>) -> Result<Json<List<Job>>, Problem> {
    let (after, limit) = paging.window()?;
    Ok(List::of(caller.service.list_jobs(&caller.cx, after, limit).await?, job))
}

/// A job.
#[utoipa::path(get, path = "/jobs/{id}", operation_id = "get_job", tag = "jobs", responses((status = 200, body = Job)))]
pub(super) async fn get(caller: Caller<UsersRead>, Ids(id): Ids<Uuid>) -> Result<Json<Job>, Problem> {
    Ok(Json(job(caller.service.job(&caller.cx, id).await?)))
}
