//! `/applications/{id}/grants`: what a machine may have at a resource server.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{ApplicationsRead, ApplicationsWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::{ApplicationId, ResourceServerId};
use doorward_service::directory::Grant;
use doorward_store::applications::ApplicationGrantRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an application may have at a resource server by client credentials.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationGrant {
    /// Where.
    #[schema(value_type = uuid::Uuid)]
    resource_server_id: ResourceServerId,
    /// Scopes.
    scopes: Vec<String>,
    /// Made at.
    created_at: String,
}

/// A grant to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantInput {
    /// Where.
    #[schema(value_type = uuid::Uuid)]
    resource_server_id: ResourceServerId,
    /// Scopes of that resource server.
    scopes: Vec<String>,
}

fn grant(row: ApplicationGrantRow) -> ApplicationGrant {
    ApplicationGrant {
        resource_server_id: row.resource_server_id,
        scopes: row.scopes.0,
        created_at: when::rfc3339(row.created_at),
    }
}

/// Grants of an application.
#[utoipa::path(get, path = "/applications/{id}/grants", operation_id = "list_application_grants", tag = "applications", responses((status = 200, body = List<ApplicationGrant>)))]
pub(super) async fn list(
    caller: Caller<ApplicationsRead>,
    Ids(id): Ids<ApplicationId>,
) -> Result<Json<List<ApplicationGrant>>, Problem> {
    let all = caller.service.list_application_grants(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(grant).collect()))
}

/// Set what an application may have at a resource server; one before is replaced.
#[utoipa::path(post, path = "/applications/{id}/grants", operation_id = "put_application_grant", tag = "applications", request_body = GrantInput, responses((status = 201, body = ApplicationGrant)))]
pub(super) async fn put(caller: Caller<ApplicationsWrite>, Ids(id): Ids<ApplicationId>, body: Body) -> Result<Response, Problem> {
    let GrantInput { resource_server_id, scopes } = body.read()?;
    let wanted = Grant { resource_server: resource_server_id, scopes };
    let (row, _) = caller.service.put_application_grant(&caller.cx, &caller.actor, id, wanted).await?;
    Ok(created(format!("/applications/{id}/grants/{resource_server_id}"), grant(row)))
}

/// Take a grant back.
#[utoipa::path(delete, path = "/applications/{id}/grants/{resource_server_id}", operation_id = "delete_application_grant", tag = "applications", responses((status = 204)))]
pub(super) async fn delete(
    caller: Caller<ApplicationsWrite>,
    Ids((id, resource_server)): Ids<(ApplicationId, ResourceServerId)>,
) -> Result<StatusCode, Problem> {
    caller.service.delete_application_grant(&caller.cx, &caller.actor, id, resource_server).await?;
    Ok(StatusCode::NO_CONTENT)
}
