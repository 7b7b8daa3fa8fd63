//! The person: shown, renamed, deleted.

use super::Me;
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::session::person;
use crate::wire::body::Body;
use axum::Json;
use doorward_service::account::ProfileChange;
use doorward_store::users::Person;
use serde::Deserialize;
use serde_json::{Value, json};

/// What can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    full_name: String,
}

fn shown(person: &Person) -> Value {
    let identifiers: Vec<Value> = person
        .identifiers
        .iter()
        .map(|row| {
            json!({
                "id": ids::identifier(row.id),
                "value": row.value,
                "type": row.kind,
                // Components know `verified` only; that one of them is the primary one is for back ends.
                "status": if row.verified_at.is_some() { "verified" } else { "pending" },
            })
        })
        .collect();
    json!({
        "id": ids::user(person.user.id),
        "fullName": person.user.name.clone().unwrap_or_default(),
        "identifiers": identifiers,
        "socialAccounts": [],
    })
}

/// `GET /v2/me`
pub async fn show(project: Project) -> Result<Json<Value>, ApiError> {
    let me = Me::of(project).await?;
    Ok(Json(shown(&person(&me.project, &me.session).await?)))
}

/// `PATCH /v2/me`
pub async fn change(project: Project, Body(body): Body<Change>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    let user = person(&me.project, &me.session).await?.user;
    let profile = user.profile.0;
    let change = ProfileChange {
        name: body.full_name,
        given_name: profile.given_name.unwrap_or_default(),
        family_name: profile.family_name.unwrap_or_default(),
        locale: profile.locale.unwrap_or_default(),
        zoneinfo: profile.zoneinfo.unwrap_or_default(),
    };
    me.project.service().change_profile(&me.project.cx, &me.session, &change).await?;
    Ok(Done)
}

/// `DELETE /v2/me`
pub async fn remove(project: Project) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    let person = person(&me.project, &me.session).await?;
    let service = me.project.service();
    let typed = service.deletion_confirmation(&person);
    service.delete_account(&me.project.cx, &me.session, &typed).await?;
    Ok(Done)
}

/// `GET /v2/oidc/userInfo`
pub async fn userinfo(project: Project) -> Result<Json<Value>, ApiError> {
    let me = Me::of(project).await?;
    let person = person(&me.project, &me.session).await?;
    let mut claims = json!({ "sub": ids::user(person.user.id) });
    if let Some(email) = person.email() {
        claims["email"] = json!(email.value);
        claims["email_verified"] = json!(email.verified_at.is_some());
    }
    Ok(Json(claims))
}
