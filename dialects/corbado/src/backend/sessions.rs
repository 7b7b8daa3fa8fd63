//! Sessions of users.

use super::actor;
use super::query::Query;
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use axum::Json;
use axum::extract::{Path, RawQuery};
use doorward_store::listing::{Column, SessionState};
use doorward_store::sessions::SessionRow;
use serde_json::{Value, json};

fn shown(project: &Project, row: &SessionRow, identifier: &str) -> Value {
    let now = project.cx.now;
    let idle = row.created_at.plus_seconds(project.policy().session.absolute_seconds) > now;
    let status = match row.ended_at {
        Some(_) => "logged_out",
        None if row.expires_at > now => "active",
        None if idle => "inactivity_reached",
        None => "expired",
    };
    json!({
        "sessionID": ids::session(row.id),
        "userID": ids::user(row.user_id),
        "identifierValue": identifier,
        "createdMs": row.created_at.0,
        "lastActionMs": row.last_seen_at.0,
        "expiresMs": row.expires_at.0,
        "status": status,
    })
}

/// `GET /v2/sessions`
pub async fn list(project: Project, RawQuery(raw): RawQuery) -> Result<Json<Value>, ApiError> {
    let mut query = Query::read(raw.as_deref())?;
    let mut state = None;
    if let Some(at) = query.filters.iter().position(|f| f.field == "status") {
        state = match query.filters.remove(at).value.as_str() {
            "active" => Some(SessionState::Live(project.cx.now)),
            "logged_out" | "revoked" => Some(SessionState::Ended),
            "expired" | "inactivity_reached" => Some(SessionState::Expired(project.cx.now)),
            _ => return Err(ApiError::invalid("filter", "no such status")),
        };
    }
    let mut listing = query.listing(|field| match field {
        "ID" | "sessionID" => Some(Column::Id),
        "userID" => Some(Column::User),
        "expires" => Some(Column::ExpiresAt),
        "lastAction" | "updated" => Some(Column::LastSeenAt),
        "created" => Some(Column::CreatedAt),
        _ => None,
    })?;
    listing.session_state = state;
    let store = &project.service().store;
    let found = store.sessions_listed(project.cx.tenant_id(), &listing).await.map_err(doorward_service::Error::from)?;
    let mut sessions = Vec::with_capacity(found.items.len());
    for row in &found.items {
        let person = store.person(project.cx.tenant_id(), row.user_id).await.map_err(doorward_service::Error::from)?;
        let identifier = person.as_ref().and_then(crate::session::login_identifier).map(|(_, value)| value);
        sessions.push(shown(&project, row, identifier.as_deref().unwrap_or_default()));
    }
    Ok(Json(json!({ "sessions": sessions, "paging": query.page.paging(found.total) })))
}

/// `POST /v2/sessions/{sessionID}/revoke`
pub async fn revoke(project: Project, Path(id): Path<String>) -> Result<Done, ApiError> {
    let unknown = || ApiError::invalid("sessionID", "does not exist");
    let id = ids::parse_session(&id).ok_or_else(unknown)?;
    let service = project.service();
    let row = service.store.session(project.cx.tenant_id(), id).await.map_err(doorward_service::Error::from)?;
    let row = row.ok_or_else(unknown)?;
    service.revoke_user_session(&project.cx, &actor(&project), row.user_id, id).await?;
    Ok(Done)
}
