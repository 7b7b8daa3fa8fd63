//! `/tenants/{id}/domains` and `/domains/{id}`.

use super::body::{Body, Ids, created};
use super::caller::Server;
use super::page::List;
use super::problem::Problem;
use super::rights::{DomainsRead, DomainsWrite, Right};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::{DomainId, TenantId};
use doorward_service::Cx;
use doorward_service::directory::DomainDocument;
use doorward_store::tenants::DomainRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A host of a tenant with its issuer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Domain {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: DomainId,
    /// Whose.
    #[schema(value_type = uuid::Uuid)]
    tenant_id: TenantId,
    /// `host` or `host:port`.
    host: String,
    /// The exact issuer string.
    issuer: String,
    /// The domain that mails and links use.
    is_primary: bool,
    /// Whose discovery document it serves: `standard` or `auth0`.
    accent: &'static str,
    /// Made at.
    created_at: String,
}

/// What can be set of a domain.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "a shape is described, never made")]
pub(super) struct DomainInput {
    host: String,
    issuer: String,
    #[schema(required = false)]
    is_primary: bool,
    #[schema(required = false)]
    accent: String,
}

fn domain(row: DomainRow) -> Domain {
    Domain {
        id: row.id,
        tenant_id: row.tenant_id,
        host: row.host,
        issuer: row.issuer,
        is_primary: row.is_primary,
        accent: row.accent.as_str(),
        created_at: when::rfc3339(row.created_at),
    }
}

async fn find<R: Right>(server: &Server<R>, id: DomainId) -> Result<(Cx, DomainRow), Problem> {
    let absent = || Problem::not_found("domain");
    let row = server.service.find_domain(id).await?.ok_or_else(absent)?;
    let cx = server.tenant(row.tenant_id).await.map_err(|_| absent())?;
    Ok((cx, row))
}

/// Domains of a tenant, the primary one first.
#[utoipa::path(get, path = "/tenants/{id}/domains", operation_id = "list_domains", tag = "domains", responses((status = 200, body = List<Domain>)))]
pub(super) async fn list(server: Server<DomainsRead>, Ids(id): Ids<TenantId>) -> Result<Json<List<Domain>>, Problem> {
    server.tenant(id).await?;
    let all = server.service.list_domains(id).await?;
    Ok(List::whole(all.into_iter().map(domain).collect()))
}

/// Give a tenant a domain.
#[utoipa::path(post, path = "/tenants/{id}/domains", operation_id = "create_domain", tag = "domains", request_body = DomainInput, responses((status = 201, body = Domain)))]
pub(super) async fn create(server: Server<DomainsWrite>, Ids(id): Ids<TenantId>, Body(body): Body) -> Result<Response, Problem> {
    let cx = server.tenant(id).await?;
    let row = server.service.create_domain(&cx, &server.actor, DomainDocument::from_json(body)?).await?;
    Ok(created(format!("/domains/{}", row.id), domain(row)))
}

/// A domain.
#[utoipa::path(get, path = "/domains/{id}", operation_id = "get_domain", tag = "domains", responses((status = 200, body = Domain)))]
pub(super) async fn get(server: Server<DomainsRead>, Ids(id): Ids<DomainId>) -> Result<Json<Domain>, Problem> {
    Ok(Json(domain(find(&server, id).await?.1)))
}

/// Change a domain by merge patch.
#[utoipa::path(patch, path = "/domains/{id}", operation_id = "patch_domain", tag = "domains", request_body(content = DomainInput, content_type = "application/merge-patch+json"), responses((status = 200, body = Domain)))]
pub(super) async fn patch(
    server: Server<DomainsWrite>,
    Ids(id): Ids<DomainId>,
    Body(patch): Body,
) -> Result<Json<Domain>, Problem> {
    let (cx, _) = find(&server, id).await?;
    Ok(Json(domain(server.service.patch_domain(&cx, &server.actor, id, &patch).await?.row)))
}

/// Take a domain from its tenant.
#[utoipa::path(delete, path = "/domains/{id}", operation_id = "delete_domain", tag = "domains", responses((status = 204)))]
pub(super) async fn delete(server: Server<DomainsWrite>, Ids(id): Ids<DomainId>) -> Result<StatusCode, Problem> {
    let (cx, _) = find(&server, id).await?;
    server.service.delete_domain(&cx, &server.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
