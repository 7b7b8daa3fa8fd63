//! Identifiers of users.

use super::query::Query;
use super::{actor, user};
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::wire::body::Body;
use axum::Json;
use axum::extract::{Path, RawQuery};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::IdentifierId;
use doorward_service::directory::NewIdentifier;
use doorward_store::listing::Column;
use doorward_store::users::IdentifierRow;
use serde::Deserialize;
use serde_json::{Value, json};

/// An identifier to be added.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Create {
    identifier_type: String,
    identifier_value: String,
    status: Option<String>,
}

/// What can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Change {
    status: String,
}

/// An identifier in answers. One that nobody proved is pending, whether or not it is the primary one.
pub fn shown(row: &IdentifierRow) -> Value {
    let status = match (row.verified_at.is_some(), row.is_primary) {
        (false, _) => "pending",
        (true, true) => "primary",
        (true, false) => "verified",
    };
    json!({
        "identifierID": ids::identifier(row.id),
        "userID": ids::user(row.user_id),
        "type": row.kind,
        "value": row.value,
        "status": status,
    })
}

fn known_status(text: &str) -> Result<&str, ApiError> {
    match text {
        "pending" | "verified" | "primary" => Ok(text),
        _ => Err(ApiError::invalid("status", "must be pending, primary or verified")),
    }
}

/// `POST /v2/users/{userID}/identifiers`
pub async fn create(project: Project, Path(id): Path<String>, Body(body): Body<Create>) -> Result<Json<Value>, ApiError> {
    let person = user(&project, &id).await?;
    let kind = IdentifierKind::parse(&body.identifier_type)
        .ok_or_else(|| ApiError::invalid("identifierType", "must be email, phone or username"))?;
    if body.identifier_value.trim().is_empty() {
        return Err(ApiError::invalid("identifierValue", "cannot be blank"));
    }
    let status = known_status(body.status.as_deref().unwrap_or("pending"))?;
    let new = NewIdentifier { kind, value: body.identifier_value, verified: status != "pending" };
    let primary = status == "primary";
    let row = project.service().add_identifier(&project.cx, &actor(&project), person.user.id, &new, primary).await?;
    Ok(Json(shown(&row)))
}

fn identifier(id: &str) -> Result<IdentifierId, ApiError> {
    ids::parse_identifier(id).ok_or_else(|| ApiError::invalid("identifierID", "does not exist"))
}

/// `PATCH /v2/users/{userID}/identifiers/{identifierID}`
pub async fn change(
    project: Project,
    Path((id, which)): Path<(String, String)>,
    Body(body): Body<Change>,
) -> Result<Json<Value>, ApiError> {
    let person = user(&project, &id).await?;
    let status = known_status(&body.status)?;
    let service = project.service();
    let (verified, primary) = (Some(status != "pending"), status == "primary");
    let by = actor(&project);
    let row = service.change_identifier(&project.cx, &by, person.user.id, identifier(&which)?, verified, primary).await?;
    Ok(Json(shown(&row)))
}

/// `DELETE /v2/users/{userID}/identifiers/{identifierID}`
pub async fn remove(project: Project, Path((id, which)): Path<(String, String)>) -> Result<Done, ApiError> {
    let person = user(&project, &id).await?;
    project.service().remove_identifier(&project.cx, &actor(&project), person.user.id, identifier(&which)?).await?;
    Ok(Done)
}

/// `GET /v2/identifiers`
pub async fn list(project: Project, RawQuery(raw): RawQuery) -> Result<Json<Value>, ApiError> {
    let query = Query::read(raw.as_deref())?;
    let listing = query.listing(|field| match field {
        "userID" => Some(Column::User),
        "identifierType" | "type" => Some(Column::Kind),
        "identifierValue" | "value" => Some(Column::Normal),
        "created" => Some(Column::CreatedAt),
        _ => None,
    })?;
    let found = project.service().store.identifiers_listed(project.cx.tenant_id(), &listing).await;
    let found = found.map_err(doorward_service::Error::from)?;
    let identifiers: Vec<Value> = found.items.iter().map(shown).collect();
    Ok(Json(json!({ "identifiers": identifiers, "paging": query.page.paging(found.total) })))
}
