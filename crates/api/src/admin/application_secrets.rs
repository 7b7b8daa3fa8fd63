//! `/applications/{id}/secrets`.

use super::body::{Body, Ids, created};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{ApplicationsRead, ApplicationsWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_protocol::ids::ApplicationId;
use doorward_service::directory::GRACE_SECONDS;
use doorward_store::applications::ApplicationSecretRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A secret of an application.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationSecret {
    /// Its id.
    id: Uuid,
    /// The secret; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Its last four characters.
    hint: String,
    /// Made at.
    created_at: String,
    /// Good until; null for ever.
    expires_at: Option<String>,
}

/// How to rotate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateSecret {
    /// Seconds that earlier secrets go on working; a day when absent.
    #[serde(default = "grace")]
    grace_seconds: i64,
    /// A secret of your own, 16 to 256 characters; made up when absent.
    #[serde(default)]
    client_secret: Option<String>,
}

fn grace() -> i64 {
    GRACE_SECONDS
}

fn secret(row: ApplicationSecretRow) -> ApplicationSecret {
    ApplicationSecret {
        id: row.id,
        client_secret: None,
        hint: row.hint,
        created_at: when::rfc3339(row.created_at),
        expires_at: when::maybe(row.expires_at),
    }
}

/// Live secrets, newest first; never the secrets themselves.
#[utoipa::path(get, path = "/applications/{id}/secrets", operation_id = "list_application_secrets", tag = "applications", responses((status = 200, body = List<ApplicationSecret>)))]
pub(super) async fn list(
    caller: Caller<ApplicationsRead>,
    Ids(id): Ids<ApplicationId>,
) -> Result<Json<List<ApplicationSecret>>, Problem> {
    let all = caller.service.list_application_secrets(&caller.cx, id).await?;
    Ok(List::whole(all.into_iter().map(secret).collect()))
}

/// Give an application a new secret, shown this once; earlier ones work for their grace time.
#[utoipa::path(post, path = "/applications/{id}/secrets", operation_id = "rotate_application_secret", tag = "applications", request_body = RotateSecret, responses((status = 201, body = ApplicationSecret)))]
pub(super) async fn rotate(
    caller: Caller<ApplicationsWrite>,
    Ids(id): Ids<ApplicationId>,
    body: Body,
) -> Result<Response, Problem> {
    let RotateSecret { grace_seconds, client_secret } = body.read()?;
    let (service, cx) = (&caller.service, &caller.cx);
    let made = service.rotate_application_secret(cx, &caller.actor, id, client_secret, grace_seconds).await?;
    let location = format!("/applications/{id}/secrets/{}", made.row.id);
    Ok(created(location, ApplicationSecret { client_secret: Some(made.plain), ..secret(made.row) }))
}

/// End a secret at once.
#[utoipa::path(delete, path = "/applications/{id}/secrets/{secret_id}", operation_id = "delete_application_secret", tag = "applications", responses((status = 204)))]
pub(super) async fn delete(
    caller: Caller<ApplicationsWrite>,
    Ids((id, secret)): Ids<(ApplicationId, Uuid)>,
) -> Result<StatusCode, Problem> {
    caller.service.delete_application_secret(&caller.cx, &caller.actor, id, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
