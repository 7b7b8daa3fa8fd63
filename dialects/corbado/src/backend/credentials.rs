//! Passkeys of users.

use super::query::Query;
use super::{actor, user};
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::wire::passkey::passkey;
use axum::Json;
use axum::extract::{Path, RawQuery};
use doorward_store::listing::{Column, Compare};
use serde_json::{Value, json};

/// `GET /v2/users/{userID}/credentials`
pub async fn list(project: Project, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Result<Json<Value>, ApiError> {
    let person = user(&project, &id).await?;
    let query = Query::read(raw.as_deref())?;
    let mut listing = query.listing(|field| match field {
        "userID" => Some(Column::User),
        "created" => Some(Column::CreatedAt),
        _ => None,
    })?;
    listing.filters.push((Column::User, Compare::Equal, person.user.id.0.into()));
    let found = project.service().store.passkeys_listed(project.cx.tenant_id(), &listing).await;
    let found = found.map_err(doorward_service::Error::from)?;
    let credentials: Vec<Value> = found.items.iter().map(passkey).collect();
    Ok(Json(json!({ "credentials": credentials, "paging": query.page.paging(found.total) })))
}

/// `DELETE /v2/users/{userID}/credentials/{credentialID}`
pub async fn remove(project: Project, Path((id, which)): Path<(String, String)>) -> Result<Done, ApiError> {
    let person = user(&project, &id).await?;
    let passkey = ids::parse_passkey(&which).ok_or_else(|| ApiError::invalid("credentialID", "does not exist"))?;
    project.service().delete_user_passkey(&project.cx, &actor(&project), person.user.id, passkey).await?;
    Ok(Done)
}
