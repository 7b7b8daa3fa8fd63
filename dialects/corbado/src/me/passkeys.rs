//! Passkeys of the person: listed, added, deleted.

use super::Me;
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::wire::blocks::challenge;
use crate::wire::body::Body;
use crate::wire::client_information::ClientInformation;
use crate::wire::paging::whole;
use crate::wire::passkey::passkey;
use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of both steps.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Append {
    client_information: ClientInformation,
    attestation_response: String,
}

/// `GET /v2/me/passkeys`
pub async fn list(project: Project) -> Result<Json<Value>, ApiError> {
    let me = Me::of(project).await?;
    let rows = me.project.service().my_passkeys(&me.project.cx, &me.session).await?;
    let passkeys: Vec<Value> = rows.iter().map(passkey).collect();
    Ok(Json(json!({ "passkeys": passkeys, "paging": whole(rows.len()) })))
}

/// `POST /v2/me/passkeys/append/start`
pub async fn append_start(project: Project, Body(body): Body<Append>) -> Result<Json<Value>, ApiError> {
    let me = Me::of(project).await?;
    let options = me.project.service().my_creation_options(&me.project.cx, &me.session).await?;
    let mut answer = json!({ "attestationOptions": challenge(&options) });
    if body.client_information.handle().is_none() {
        answer["newClientEnvHandle"] = json!(doorward_service::secrets::token::<18>("env-"));
    }
    Ok(Json(answer))
}

/// `POST /v2/me/passkeys/append/finish`
pub async fn append_finish(project: Project, Body(body): Body<Append>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    let service = me.project.service();
    service.limits.proof(&me.project.cx.client.ip).map_err(ApiError::too_many)?;
    let device = body.client_information.handle().map(|handle| service.device_digest(&me.project.cx, handle));
    service.add_my_passkey_on(&me.project.cx, &me.session, &body.attestation_response, device.as_deref()).await?;
    Ok(Done)
}

/// `DELETE /v2/me/passkeys/{id}`
pub async fn remove(project: Project, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let me = Me::of(project).await?;
    let row = ids::parse_passkey(&id).ok_or_else(|| ApiError::invalid("credentialID", "does not exist"))?;
    me.project.service().delete_passkey(&me.project.cx, &me.session, row).await?;
    Ok(Json(json!({ "id": id })))
}
