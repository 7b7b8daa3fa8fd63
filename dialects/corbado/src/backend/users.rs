//! Users.

use super::query::Query;
use super::{actor, user};
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::wire::body::Body;
use crate::wire::when;
use axum::Json;
use axum::extract::{Path, RawQuery};
use doorward_service::directory::{NewUser, UserDocument};
use doorward_store::listing::Column;
use doorward_store::users::{self, IdentifierRow, Person, UserRow};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where what only this accent knows of a user is kept.
const NAMESPACE: &str = "corbado";
/// The handle that a user of another system had.
const WEBAUTHN_ID: &str = "explicit_webauthn_id";

/// A user to be made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Create {
    status: Option<String>,
    #[serde(rename = "fullName")]
    full_name: Option<String>,
    #[serde(rename = "explicitWebauthnID")]
    explicit_webauthn_id: Option<String>,
}

/// What can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Change {
    status: Option<String>,
    #[serde(rename = "fullName")]
    full_name: Option<String>,
}

fn status(row: &UserRow) -> &'static str {
    match row.status.as_str() {
        users::BLOCKED => "disabled",
        users::PENDING => "pending",
        _ => "active",
    }
}

fn shown(row: &UserRow, webauthn_id: Option<&str>) -> Value {
    let mut out = json!({
        "userID": ids::user(row.id),
        "status": status(row),
        "updated": when::text(row.updated_at),
        "updatedMs": row.updated_at.0,
    });
    if let Some(name) = &row.name {
        out["fullName"] = json!(name);
    }
    if let Some(id) = webauthn_id {
        out["explicitWebauthnID"] = json!(id);
    }
    out
}

async fn full(project: &Project, row: &UserRow) -> Result<Value, ApiError> {
    let kept = project.service().store.metadata(project.cx.tenant_id(), NAMESPACE, row.id.0).await;
    let kept = kept.map_err(doorward_service::Error::from)?;
    let id = kept.iter().find(|(key, _)| key == WEBAUTHN_ID).and_then(|(_, value)| value.as_str());
    Ok(shown(row, id))
}

/// `POST /v2/users`
pub async fn create(project: Project, Body(body): Body<Create>) -> Result<Json<Value>, ApiError> {
    let wanted = body.status.as_deref().unwrap_or("active");
    if !matches!(wanted, "pending" | "active" | "disabled") {
        return Err(ApiError::invalid("status", "must be pending, active or disabled"));
    }
    if body.explicit_webauthn_id.as_deref().is_some_and(|id| id.is_empty() || id.len() > 64) {
        return Err(ApiError::invalid("explicitWebauthnID", "must have 1 to 64 characters"));
    }
    let service = project.service();
    let new = NewUser {
        document: UserDocument { name: body.full_name, ..UserDocument::default() },
        without_identifier: true,
        pending: wanted == "pending",
        ..NewUser::default()
    };
    let person = service.create_user(&project.cx, &actor(&project), new).await?;
    if wanted == "disabled" {
        service.block_user(&project.cx, &actor(&project), person.user.id).await?;
    }
    if let Some(id) = &body.explicit_webauthn_id {
        service.set_user_metadata(&project.cx, person.user.id, NAMESPACE, WEBAUTHN_ID, &json!(id)).await?;
    }
    Ok(Json(full(&project, &user(&project, &ids::user(person.user.id)).await?.user).await?))
}

/// `GET /v2/users/{userID}`
pub async fn show(project: Project, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let person = user(&project, &id).await?;
    Ok(Json(full(&project, &person.user).await?))
}

/// `PATCH /v2/users/{userID}`
pub async fn change(project: Project, Path(id): Path<String>, Body(body): Body<Change>) -> Result<Json<Value>, ApiError> {
    let person = user(&project, &id).await?;
    let (service, by) = (project.service(), actor(&project));
    match body.status.as_deref() {
        None => {}
        Some("disabled") => _ = service.block_user(&project.cx, &by, person.user.id).await?,
        Some("active") => _ = service.unblock_user(&project.cx, &by, person.user.id).await?,
        Some("pending") if person.user.status == users::PENDING => {}
        Some(_) => return Err(ApiError::invalid("status", "must be active or disabled")),
    }
    if let Some(name) = body.full_name {
        service.patch_user(&project.cx, &by, person.user.id, &json!({ "name": name })).await?;
    }
    show(project, Path(id)).await
}

/// `DELETE /v2/users/{userID}`
pub async fn remove(project: Project, Path(id): Path<String>) -> Result<Done, ApiError> {
    let person = user(&project, &id).await?;
    project.service().delete_user(&project.cx, &actor(&project), person.user.id).await?;
    Ok(Done)
}

/// `GET /v2/users`
pub async fn list(project: Project, RawQuery(raw): RawQuery) -> Result<Json<Value>, ApiError> {
    let query = Query::read(raw.as_deref())?;
    let listing = query.listing(|field| match field {
        "id" | "ID" | "userID" => Some(Column::Id),
        "name" | "fullName" => Some(Column::Name),
        "created" => Some(Column::CreatedAt),
        "updated" => Some(Column::UpdatedAt),
        "status" => Some(Column::Status),
        "searchValue" => Some(Column::Anything),
        _ => None,
    })?;
    let store = &project.service().store;
    let tenant = project.cx.tenant_id();
    let found = store.users_listed(tenant, &listing).await.map_err(doorward_service::Error::from)?;
    let mut out = Vec::with_capacity(found.items.len());
    for row in found.items {
        let identifiers = store.identifiers(tenant, row.id).await.map_err(doorward_service::Error::from)?;
        out.push(aggregate(&Person { user: row, identifiers }));
    }
    Ok(Json(json!({ "users": out, "paging": query.page.paging(found.total) })))
}

fn aggregate(person: &Person) -> Value {
    let of = |kind: &str| -> Vec<Value> {
        person.identifiers.iter().filter(|i| i.kind == kind).map(|row: &IdentifierRow| super::identifiers::shown(row)).collect()
    };
    let mut out = shown(&person.user, None);
    out["emailIdentifiers"] = json!(of("email"));
    out["phoneNumberIdentifiers"] = json!(of("phone"));
    out["usernameIdentifiers"] = json!(of("username"));
    out["socialAccounts"] = json!([]);
    out["created"] = json!(when::text(person.user.created_at));
    out["createdMS"] = json!(person.user.created_at.0);
    out
}
