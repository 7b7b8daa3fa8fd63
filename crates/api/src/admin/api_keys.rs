//! `/api-keys`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::{Asked, List, Paging};
use super::problem::Problem;
use super::rights::{ApiKeysRead, ApiKeysWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::TenantId;
use doorward_service::directory::NewApiKey;
use doorward_store::keys::ApiKeyRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A key of this API.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApiKey {
    /// Its id.
    id: Uuid,
    /// The key; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Bound to this tenant; null: the whole server.
    #[schema(value_type = Option<Uuid>)]
    tenant_id: Option<TenantId>,
    /// What it is for.
    name: String,
    /// Its last four characters.
    hint: String,
    /// What it may do.
    scopes: Vec<String>,
    /// Made at.
    created_at: String,
    /// Good until; null for ever.
    expires_at: Option<String>,
    /// Used at.
    last_used_at: Option<String>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApiKeyInput {
    /// What it is for.
    name: String,
    /// What it may do, such as `users:read`; `*` is everything. No more than the key that asks.
    scopes: Vec<String>,
    /// Good for every tenant of the server.
    #[serde(default)]
    server_wide: bool,
    /// Good until, as in RFC 3339.
    expires_at: Option<String>,
}

/// What can be changed of a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeyPatch {
    /// What it is for.
    name: Option<String>,
    /// What it may do.
    scopes: Option<Vec<String>>,
}

fn api_key(row: ApiKeyRow) -> ApiKey {
    ApiKey {
        id: row.id,
        key: None,
        tenant_id: row.tenant_id,
        name: row.name,
        hint: row.hint,
        scopes: row.scopes.0,
        created_at: when::rfc3339(row.created_at),
        expires_at: when::maybe(row.expires_at),
        last_used_at: when::maybe(row.last_used_at),
    }
}

/// Keys, oldest first; a key of one tenant sees those of its tenant.
#[utoipa::path(get, path = "/api-keys", operation_id = "list_api_keys", tag = "keys", params(Paging), responses((status = 200, body = List<ApiKey>)))]
pub(super) async fn list(caller: Caller<ApiKeysRead>, Asked(paging): Asked<Paging>) -> Result<Json<List<ApiKey>>, Problem> {
    let (after, limit) = paging.window()?;
    Ok(List::of(caller.service.list_api_keys(&caller.cx, caller.whole_server, after, limit).await?, api_key))
}

/// Make a key. The answer shows it, this once.
#[utoipa::path(post, path = "/api-keys", operation_id = "create_api_key", tag = "keys", request_body = NewApiKeyInput, responses((status = 201, body = ApiKey)))]
pub(super) async fn create(caller: Caller<ApiKeysWrite>, body: Body) -> Result<Response, Problem> {
    let NewApiKeyInput { name, scopes, server_wide, expires_at } = body.read()?;
    let expires_at = expires_at.map(|text| when::parse("expires_at", &text)).transpose()?;
    let new = NewApiKey { name, scopes, server_wide, expires_at, key: None };
    let made = caller.service.create_api_key(&caller.cx, &caller.actor, Some(&caller.key), new).await?;
    Ok(created(format!("/api-keys/{}", made.row.id), ApiKey { key: Some(made.key), ..api_key(made.row) }))
}

/// A key.
#[utoipa::path(get, path = "/api-keys/{id}", operation_id = "get_api_key", tag = "keys", responses((status = 200, body = ApiKey)))]
pub(super) async fn get(caller: Caller<ApiKeysRead>, Ids(id): Ids<Uuid>) -> Result<Json<ApiKey>, Problem> {
    Ok(Json(api_key(caller.service.get_api_key(&caller.cx, caller.whole_server, id).await?)))
}

/// Change what a key is called or may do.
#[utoipa::path(patch, path = "/api-keys/{id}", operation_id = "patch_api_key", tag = "keys", request_body(content = ApiKeyPatch, content_type = "application/merge-patch+json"), responses((status = 200, body = ApiKey)))]
pub(super) async fn patch(caller: Caller<ApiKeysWrite>, Ids(id): Ids<Uuid>, body: Body) -> Result<Json<ApiKey>, Problem> {
    let ApiKeyPatch { name, scopes } = body.read()?;
    let by = Some(&caller.key);
    Ok(Json(api_key(caller.service.update_api_key(&caller.cx, &caller.actor, by, id, name, scopes).await?.row)))
}

/// Delete a key; it works no more at once.
#[utoipa::path(delete, path = "/api-keys/{id}", operation_id = "delete_api_key", tag = "keys", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<ApiKeysWrite>, Ids(id): Ids<Uuid>) -> Result<StatusCode, Problem> {
    caller.service.delete_api_key(&caller.cx, &caller.actor, caller.whole_server, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
