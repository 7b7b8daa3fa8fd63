//! `/users/{id}/password`, `/users/{id}/passkeys` and `/users/{id}/sessions`.

use super::body::{Body, Ids};
use super::caller::Caller;
use super::page::List;
use super::problem::Problem;
use super::rights::{UsersRead, UsersWrite};
use super::when;
use axum::Json;
use axum::http::StatusCode;
use doorward_protocol::ids::{PasskeyId, SessionId, UserId};
use doorward_protocol::session::{acr, amr};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A password to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordInput {
    /// The password.
    password: String,
    /// Whether it must be changed at the next sign-in with it, before there is a session.
    #[serde(default)]
    must_change: bool,
}

/// A passkey of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Passkey {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: PasskeyId,
    /// Name given by its owner or by its model.
    name: String,
    /// Relying party id it belongs to.
    rp_id: String,
    /// Model of the authenticator.
    aaguid: uuid::Uuid,
    /// May be synced between devices.
    backup_eligible: bool,
    /// Is synced.
    backup_state: bool,
    /// Transports.
    transports: Vec<String>,
    /// Browser and system it was made on.
    created_on: String,
    /// Made at.
    created_at: String,
    /// Used at.
    last_used_at: Option<String>,
}

/// A browser session of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserSession {
    /// Its id: `sid`.
    #[schema(value_type = uuid::Uuid)]
    id: SessionId,
    /// Address it began from.
    ip: String,
    /// Browser it began in.
    user_agent: String,
    /// `acr` of what was proven.
    acr: &'static str,
    /// `amr` of what was proven.
    amr: Vec<&'static str>,
    /// Made at.
    created_at: String,
    /// Used at.
    last_seen_at: String,
    /// Ends at.
    expires_at: String,
}

/// Set a user's password.
#[utoipa::path(put, path = "/users/{id}/password", operation_id = "set_user_password", tag = "users", request_body = PasswordInput, responses((status = 204)))]
pub(super) async fn set_password(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>, body: Body) -> Result<StatusCode, Problem> {
    let PasswordInput { password, must_change } = body.read()?;
    if must_change {
        caller.service.set_temporary_password(&caller.cx, &caller.actor, id, &password).await?;
    } else {
        caller.service.set_user_password(&caller.cx, &caller.actor, id, &password).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take a user's password away.
#[utoipa::path(delete, path = "/users/{id}/password", operation_id = "delete_user_password", tag = "users", responses((status = 204)))]
pub(super) async fn delete_password(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.delete_user_password(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Passkeys of a user, oldest first.
#[utoipa::path(get, path = "/users/{id}/passkeys", operation_id = "list_user_passkeys", tag = "users", responses((status = 200, body = List<Passkey>)))]
pub(super) async fn passkeys(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<Passkey>>, Problem> {
    let all = caller.service.list_user_passkeys(&caller.cx, id).await?;
    let passkey = |row: doorward_store::passkeys::PasskeyRow| Passkey {
        id: row.id,
        name: row.name,
        rp_id: row.rp_id,
        aaguid: row.aaguid,
        backup_eligible: row.backup_eligible,
        backup_state: row.backup_state,
        transports: row.transports.0,
        created_on: row.created_on,
        created_at: when::rfc3339(row.created_at),
        last_used_at: when::maybe(row.last_used_at),
    };
    Ok(List::whole(all.into_iter().map(passkey).collect()))
}

/// Delete a passkey of a user.
#[utoipa::path(delete, path = "/users/{id}/passkeys/{passkey_id}", operation_id = "delete_user_passkey", tag = "users", responses((status = 204)))]
pub(super) async fn delete_passkey(
    caller: Caller<UsersWrite>,
    Ids((id, passkey)): Ids<(UserId, PasskeyId)>,
) -> Result<StatusCode, Problem> {
    caller.service.delete_user_passkey(&caller.cx, &caller.actor, id, passkey).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Live sessions of a user, the last used first.
#[utoipa::path(get, path = "/users/{id}/sessions", operation_id = "list_user_sessions", tag = "users", responses((status = 200, body = List<UserSession>)))]
pub(super) async fn sessions(caller: Caller<UsersRead>, Ids(id): Ids<UserId>) -> Result<Json<List<UserSession>>, Problem> {
    let all = caller.service.list_user_sessions(&caller.cx, id).await?;
    let session = |row: doorward_store::sessions::SessionRow| UserSession {
        id: row.id,
        acr: acr(&row.proofs.0),
        amr: amr(&row.proofs.0),
        ip: row.ip,
        user_agent: row.user_agent,
        created_at: when::rfc3339(row.created_at),
        last_seen_at: when::rfc3339(row.last_seen_at),
        expires_at: when::rfc3339(row.expires_at),
    };
    Ok(List::whole(all.into_iter().map(session).collect()))
}

/// End every session of a user and kill all of their refresh tokens.
#[utoipa::path(delete, path = "/users/{id}/sessions", operation_id = "revoke_user_sessions", tag = "users", responses((status = 204)))]
pub(super) async fn revoke_sessions(caller: Caller<UsersWrite>, Ids(id): Ids<UserId>) -> Result<StatusCode, Problem> {
    caller.service.revoke_user_sessions(&caller.cx, &caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session and kill the refresh tokens that were born of it.
#[utoipa::path(delete, path = "/users/{id}/sessions/{session_id}", operation_id = "revoke_user_session", tag = "users", responses((status = 204)))]
pub(super) async fn revoke_session(
    caller: Caller<UsersWrite>,
    Ids((id, session)): Ids<(UserId, SessionId)>,
) -> Result<StatusCode, Problem> {
    caller.service.revoke_user_session(&caller.cx, &caller.actor, id, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
