//! `/jobs`: imports, exports and mails that a program asks for now and asks after later.

mod export;
mod hashes;
mod import;

use super::body::Body;
use super::connections::{self, Connection};
use super::door::{Call, Caller};
use super::ids;
use super::people;
use super::refused::{Answer, Refused};
use crate::claims::iso;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use doorward_httpkit::{App, Asked};
use doorward_service::Service;
use doorward_service::directory::{USERS_EXPORT, USERS_IMPORT};
use doorward_store::work::{self, JobRow};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

const NOUN: &str = "job";
const NAMES: &[(&str, &str)] = &[];
/// The longest file of an import with what is around it.
const LONGEST_IMPORT: usize = 16 * 1024 * 1024;

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/jobs/users-imports", post(import::create).layer(DefaultBodyLimit::max(LONGEST_IMPORT)))
        .route("/jobs/users-exports", post(export::create))
        .route("/jobs/verification-email", post(verification_email))
        .route("/jobs/{id}", get(read))
        .route("/jobs/{id}/errors", get(errors))
}

/// The path of files that exports made; whoever has the link may fetch it for a while.
pub fn exports() -> Router<App> {
    Router::new().route("/exports/{link}", get(fetch))
}

/// Teaches the services how this API writes users down; done once, at start.
pub fn register(service: &Service) {
    service.exports.register(export::FORM, Arc::new(export::Lines));
}

fn id_of(id: Uuid) -> String {
    format!("job_{}", ids::digits(id))
}

/// A job as it is shown.
fn shown(call: &Call, row: &JobRow) -> Result<Value, Refused> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    let kind = match row.kind.as_str() {
        USERS_IMPORT => "users_import",
        USERS_EXPORT => "users_export",
        _ => "verification_email",
    };
    let status = match row.status.as_str() {
        work::RUNNING => "processing",
        other => other,
    };
    put("id", json!(id_of(row.id)));
    put("type", json!(kind));
    put("status", json!(status));
    put("created_at", json!(iso(row.created_at)));
    if kind != "verification_email" {
        put("connection_id", json!(Connection::Database.id(call)));
        put("connection", json!(Connection::Database.name()));
        let done = if row.finished_at.is_some() || row.total == 0 { 100 } else { row.done.saturating_mul(100) / row.total };
        put("percentage_done", json!(done.clamp(0, 100)));
        if row.finished_at.is_none() {
            put("time_left_seconds", json!(1));
        }
    }
    let told = &row.summary.0;
    let about = told.get("about").cloned().unwrap_or_default();
    if kind == "users_import" {
        put("external_id", about.get("external_id").cloned().unwrap_or_default());
        let number = |name: &str| told.get(name).cloned().unwrap_or_else(|| json!(0));
        let summary = ["failed", "updated", "inserted", "total"].map(|name| (name.to_owned(), number(name)));
        put("summary", Value::Object(summary.into_iter().collect()));
    }
    if kind == "users_export" {
        put("format", about.get("format").cloned().unwrap_or_default());
        if row.status == work::COMPLETED {
            let link = call.service().job_file_link(&call.cx, row.id)?;
            put("location", json!(call.cx.url(&format!("/exports/{link}"))));
        }
    }
    Ok(Value::Object(out))
}

async fn find(call: &Call, id: &str) -> Result<JobRow, Refused> {
    let id = id.strip_prefix("job_").and_then(ids::of_digits).ok_or_else(|| Refused::absent(NOUN))?;
    call.service().job(&call.cx, id).await.map_err(Refused::about(NOUN, NAMES))
}

/// What a job may be read by: those of people's data by whoever may read people.
fn readable(call: &Call, row: &JobRow) -> Result<(), Refused> {
    if row.kind == USERS_EXPORT { call.must_hold(&["read:users"]) } else { Ok(()) }
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["create:users", "read:users"])?;
    let row = find(&call, &id).await?;
    readable(&call, &row)?;
    Ok(call.query.one(shown(&call, &row)?))
}

async fn errors(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["create:users", "read:users"])?;
    let row = find(&call, &id).await?;
    readable(&call, &row)?;
    if row.errors.0.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(axum::Json(row.errors.0.iter().map(import::refusal).collect::<Vec<_>>()).into_response())
}

async fn verification_email(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["update:users"])?;
    let body = body.read()?;
    body.only(&[&["user_id", "client_id", "identity", "organization_id"]])?;
    let person = people::person(&call, body.must("user_id")?).await?;
    if person.email().is_none() {
        return Err(Refused::new(StatusCode::BAD_REQUEST, "operation_not_supported", "The user has no e-mail address."));
    }
    let row =
        call.service().start_verification_mail(&call.cx, &call.actor, &person).await.map_err(Refused::about(NOUN, NAMES))?;
    Ok((StatusCode::CREATED, call.query.one(shown(&call, &row)?)).into_response())
}

/// The connection that a call names, if it names one.
fn connection(call: &Call, id: Option<&str>) -> Result<(), Refused> {
    if let Some(id) = id {
        connections::find(call, id)?;
    }
    Ok(())
}

/// `GET /exports/{link}`
async fn fetch(State(app): State<App>, Asked(cx): Asked, Path(link): Path<String>) -> Response {
    if let Err(wait) = app.service.limits.request(&cx.client.ip) {
        return Refused::too_many(wait).into_response();
    }
    match app.service.job_file(&cx, &link).await {
        Ok(Some((row, file))) => {
            let format = row.summary.0.pointer("/about/format").and_then(Value::as_str).unwrap_or("json");
            let name = format!("attachment; filename=\"{}.{format}.gz\"", id_of(row.id));
            let mut response = file.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Ok(None) => Refused::absent("export").into_response(),
        Err(error) => Refused::from(error).into_response(),
    }
}
