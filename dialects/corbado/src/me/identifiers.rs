//! Identifiers of the person.

use super::Me;
use crate::errors::{ApiError, Done};
use crate::ids;
use crate::project::Project;
use crate::wire::body::Body;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::IdentifierId;
use serde::Deserialize;

/// The body of every call here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identifier {
    #[serde(rename = "identifierID")]
    identifier_id: String,
    #[serde(rename = "identifierType")]
    identifier_type: String,
    value: String,
    code: String,
}

impl Identifier {
    fn id(&self) -> Result<IdentifierId, ApiError> {
        ids::parse_identifier(&self.identifier_id).ok_or_else(|| ApiError::invalid("identifierID", "does not exist"))
    }

    fn kind(&self) -> Result<IdentifierKind, ApiError> {
        IdentifierKind::parse(&self.identifier_type)
            .filter(|kind| *kind != IdentifierKind::Phone)
            .ok_or_else(|| ApiError::invalid("identifierType", "must be email or username"))
    }
}

/// `POST /v2/me/identifier`
pub async fn add(project: Project, Body(body): Body<Identifier>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    me.project.service().add_my_identifier(&me.project.cx, &me.session, body.kind()?, &body.value).await?;
    Ok(Done)
}

/// `PATCH /v2/me/identifier`: another user name in the place of one; its id is new.
pub async fn change(project: Project, Body(body): Body<Identifier>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    if body.kind()? != IdentifierKind::Username {
        return Err(ApiError::invalid("identifierType", "only user names can be changed"));
    }
    me.project.service().change_my_username(&me.project.cx, &me.session, body.id()?, &body.value).await?;
    Ok(Done)
}

/// `DELETE /v2/me/identifier`
pub async fn remove(project: Project, Body(body): Body<Identifier>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    me.project.service().remove_my_identifier(&me.project.cx, &me.session, body.id()?).await?;
    Ok(Done)
}

/// `POST /v2/me/identifier/verify/start`
pub async fn verify_start(project: Project, Body(body): Body<Identifier>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    me.project.service().verify_email(&me.project.cx, &me.session, body.id()?).await?;
    Ok(Done)
}

/// `POST /v2/me/identifier/verify/finish`
pub async fn verify_finish(project: Project, Body(body): Body<Identifier>) -> Result<Done, ApiError> {
    let me = Me::of(project).await?;
    me.project.service().limits.proof(&me.project.cx.client.ip).map_err(ApiError::too_many)?;
    me.project.service().prove_my_email(&me.project.cx, &me.session, body.id()?, &body.code).await?;
    Ok(Done)
}
