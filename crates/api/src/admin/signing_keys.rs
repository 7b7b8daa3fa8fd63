//! `/signing-keys`: public halves only.

use super::body::{Body, created};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{SigningKeysRead, SigningKeysWrite};
use super::when;
use axum::Json;
use axum::response::Response;
use doorward_store::keys::SigningKeyRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signing key of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TenantSigningKey {
    /// `kid`.
    kid: String,
    /// `RS256`, `ES256` or `EdDSA`.
    alg: String,
    /// `next` will sign, `active` signs, `retired` stays published until its tokens are gone, `revoked` is published no more.
    state: String,
    /// Public JWK.
    #[schema(value_type = Object)]
    public_jwk: serde_json::Value,
    /// Made at.
    created_at: String,
    /// Retired at.
    retired_at: Option<String>,
}

/// Which key to rotate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotate {
    /// `RS256`, `ES256` or `EdDSA`.
    alg: String,
}

fn signing_key(row: SigningKeyRow) -> TenantSigningKey {
    TenantSigningKey {
        kid: row.kid,
        alg: row.alg,
        state: row.state,
        public_jwk: serde_json::from_str(&row.public_jwk).unwrap_or_default(),
        created_at: when::rfc3339(row.created_at),
        retired_at: when::maybe(row.retired_at),
    }
}

/// Signing keys, newest first.
#[utoipa::path(get, path = "/signing-keys", operation_id = "list_signing_keys", tag = "keys", responses((status = 200, body = List<TenantSigningKey>)))]
pub(super) async fn list(caller: Caller<SigningKeysRead>) -> Result<Json<List<TenantSigningKey>>, Problem> {
    let all = caller.service.list_signing_keys(&caller.cx).await?;
    Ok(List::whole(all.into_iter().map(signing_key).collect()))
}

/// Rotate the key of an algorithm: a new one signs from now on, the old one stays published.
#[utoipa::path(post, path = "/signing-keys/rotate", operation_id = "rotate_signing_key", tag = "keys", request_body = Rotate, responses((status = 201, body = TenantSigningKey)))]
pub(super) async fn rotate(caller: Caller<SigningKeysWrite>, body: Body) -> Result<Response, Problem> {
    let Rotate { alg } = body.read()?;
    let row = caller.service.rotate_signing_key_named(&caller.cx, &caller.actor, &alg).await?;
    Ok(created("/signing-keys".into(), signing_key(row)))
}
