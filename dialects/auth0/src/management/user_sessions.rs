//! Sessions and refresh tokens: of a user, and by their own ids.

use super::body::Body;
use super::door::{Call, Caller};
use super::ids;
use super::people::{self, Beside};
use super::refused::{Answer, Refused};
use crate::claims::iso;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use doorward_httpkit::App;
use doorward_protocol::ids::{ApplicationId, GrantId, SessionId, UserId};
use doorward_store::grants::RefreshFamilyRow;
use doorward_store::sessions::SessionRow;
use doorward_store::users::Person;
use serde_json::{Value, json};
use std::collections::HashMap;

const SESSION: &str = "session";
const TOKEN: &str = "refresh token";
const NAMES: &[(&str, &str)] = &[];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/users/{id}/sessions", get(list_sessions).delete(end_sessions))
        .route("/users/{id}/refresh-tokens", get(list_tokens).delete(revoke_tokens))
        .route("/users/{id}/revoke-access", post(revoke_access))
        .route("/sessions/{id}", get(read_session).delete(end_session))
        .route("/sessions/{id}/revoke", post(revoke_session))
        .route("/refresh-tokens", get(tokens_of))
        .route("/refresh-tokens/{id}", get(read_token).delete(revoke_token))
}

/// What applications are called, read once each.
#[derive(Default)]
struct Clients(HashMap<ApplicationId, Option<String>>);

impl Clients {
    async fn client_id(&mut self, call: &Call, id: ApplicationId) -> Result<Option<String>, Refused> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let found = call.service().store.application(call.cx.tenant_id(), id).await?.map(|row| row.client_id);
        self.0.insert(id, found.clone());
        Ok(found)
    }
}

async fn subject(call: &Call, person: &Person) -> Result<String, Refused> {
    let beside = Beside::read(call.service(), &call.cx, std::slice::from_ref(person)).await?;
    Ok(beside.subject(person.user.id))
}

async fn session(call: &Call, clients: &mut Clients, subject: &str, row: &SessionRow) -> Result<Value, Refused> {
    let mut used = Vec::new();
    for id in call.service().store.session_applications(call.cx.tenant_id(), row.id).await? {
        used.extend(clients.client_id(call, id).await?.map(|client_id| json!({ "client_id": client_id })));
    }
    let methods: Vec<Value> = row
        .proofs
        .0
        .iter()
        .map(|proof| json!({ "name": proof.method.as_str(), "timestamp": iso(proof.at), "type": proof.method.as_str() }))
        .collect();
    let idle = call.cx.policy().session.idle_seconds;
    Ok(json!({
        "id": ids::digits(row.id.0),
        "user_id": subject,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.last_seen_at),
        "authenticated_at": iso(row.proofs.0.iter().map(|proof| proof.at).max().unwrap_or(row.created_at)),
        "last_interacted_at": iso(row.last_seen_at),
        "idle_expires_at": iso(row.last_seen_at.plus_seconds(idle).min(row.expires_at)),
        "expires_at": iso(row.expires_at),
        "device": {
            "initial_ip": row.ip,
            "initial_user_agent": row.user_agent,
            "last_ip": row.ip,
            "last_user_agent": row.user_agent,
        },
        "clients": used,
        "authentication": { "methods": methods },
    }))
}

async fn token(call: &Call, clients: &mut Clients, subject: &str, row: &RefreshFamilyRow) -> Result<Value, Refused> {
    let application = call.service().store.application(call.cx.tenant_id(), row.application_id).await?;
    let rotating = application.is_some_and(|row| row.settings.0.refresh.rotate);
    let audiences: Vec<Value> = row
        .terms
        .0
        .audience
        .iter()
        .map(|audience| json!({ "audience": audience, "scopes": row.terms.0.scope.join(" ") }))
        .collect();
    let mut out = json!({
        "id": ids::digits(row.id.0),
        "user_id": subject,
        "client_id": clients.client_id(call, row.application_id).await?,
        "session_id": row.session_id.map(|id| ids::digits(id.0)),
        "rotating": rotating,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "resource_servers": audiences,
    });
    if let (Some(out), true) = (out.as_object_mut(), row.last_used_at > row.created_at) {
        out.insert("last_exchanged_at".into(), json!(iso(row.last_used_at)));
    }
    Ok(out)
}

async fn list_sessions(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:sessions", "read:users"])?;
    let person = people::person(&call, &id).await?;
    let subject = subject(&call, &person).await?;
    let rows = call.service().list_user_sessions(&call.cx, person.user.id).await.map_err(Refused::about(SESSION, NAMES))?;
    let (mut clients, mut out) = (Clients::default(), Vec::new());
    for row in &rows {
        out.push(session(&call, &mut clients, &subject, row).await?);
    }
    always_by_checkpoint(&call, "sessions", out)
}

/// These lists know no page numbers.
fn always_by_checkpoint(call: &Call, key: &str, all: Vec<Value>) -> Answer {
    match call.query.checkpoint()? {
        Some(_) => call.query.part_of(key, "id", all),
        None => {
            let take = call.query.paging().per_page;
            let next = all.get(take).and(all.get(take.saturating_sub(1))).and_then(|item| item.get("id")).and_then(Value::as_str);
            let next = next.map(str::to_owned);
            Ok(call.query.part(key, all.into_iter().take(take).collect(), next))
        }
    }
}

async fn end_sessions(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:sessions"])?;
    let user = people::find(&call, &id).await?;
    let ended = call.service().revoke_user_sessions(&call.cx, &call.actor, user).await;
    ended.map_err(Refused::about(SESSION, NAMES))?;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn listed_tokens(call: &Call, person: &Person) -> Result<Vec<Value>, Refused> {
    let subject = subject(call, person).await?;
    let rows = call.service().list_user_grants(&call.cx, person.user.id).await.map_err(Refused::about(TOKEN, NAMES))?;
    let (mut clients, mut out) = (Clients::default(), Vec::new());
    let wanted = call.query.text("client_id");
    for row in &rows {
        let one = token(call, &mut clients, &subject, row).await?;
        if wanted.is_none_or(|wanted| one.get("client_id").and_then(Value::as_str) == Some(wanted)) {
            out.push(one);
        }
    }
    Ok(out)
}

async fn list_tokens(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:refresh_tokens", "read:users"])?;
    let person = people::person(&call, &id).await?;
    let all = listed_tokens(&call, &person).await?;
    always_by_checkpoint(&call, "tokens", all)
}

async fn tokens_of(caller: Caller) -> Answer {
    let call = caller.may(&["read:refresh_tokens"])?;
    let person = people::person(&call, call.query.must("user_id")?).await?;
    let all = listed_tokens(&call, &person).await?;
    always_by_checkpoint(&call, "refresh_tokens", all)
}

async fn revoke_tokens(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:refresh_tokens"])?;
    let user = people::find(&call, &id).await?;
    let gone = call.service().revoke_user_grants(&call.cx, &call.actor, user, None).await;
    gone.map_err(Refused::about(TOKEN, NAMES))?;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn revoke_access(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["delete:sessions", "delete:refresh_tokens"])?;
    let body = body.read_or_empty()?;
    body.only(&[&["session_id", "preserve_refresh_tokens"]])?;
    let user = people::find(&call, &id).await?;
    if body.flag("preserve_refresh_tokens")?.unwrap_or(false) {
        let text = "Sessions end with their refresh tokens here.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, "operation_not_supported", text));
    }
    match body.text("session_id")? {
        Some(session) => end(&call, Some(user), session).await?,
        None => {
            let ended = call.service().revoke_user_sessions(&call.cx, &call.actor, user).await;
            ended.map_err(Refused::about(SESSION, NAMES))?;
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn find_session(call: &Call, id: &str) -> Result<SessionRow, Refused> {
    let id = ids::of_digits(id).map(SessionId).ok_or_else(|| Refused::absent(SESSION))?;
    call.service().get_session(&call.cx, id).await.map_err(Refused::about(SESSION, NAMES))
}

/// Ends a session, of this user if one is named.
async fn end(call: &Call, of: Option<UserId>, id: &str) -> Result<(), Refused> {
    let row = find_session(call, id).await?;
    if of.is_some_and(|user| user != row.user_id) {
        return Err(Refused::absent(SESSION));
    }
    let ended = call.service().revoke_user_session(&call.cx, &call.actor, row.user_id, row.id).await;
    ended.map_err(Refused::about(SESSION, NAMES))
}

async fn owner(call: &Call, user: UserId) -> Result<String, Refused> {
    let person = call.service().store.person(call.cx.tenant_id(), user).await?.ok_or_else(|| Refused::absent("user"))?;
    subject(call, &person).await
}

async fn read_session(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:sessions"])?;
    let row = find_session(&call, &id).await?;
    let subject = owner(&call, row.user_id).await?;
    Ok(call.query.one(session(&call, &mut Clients::default(), &subject, &row).await?))
}

async fn end_session(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:sessions"])?;
    end(&call, None, &id).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn revoke_session(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:sessions", "delete:refresh_tokens"])?;
    end(&call, None, &id).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn find_token(call: &Call, id: &str) -> Result<RefreshFamilyRow, Refused> {
    let id = ids::of_digits(id).map(GrantId).ok_or_else(|| Refused::absent(TOKEN))?;
    call.service().get_grant(&call.cx, id).await.map_err(Refused::about(TOKEN, NAMES))
}

async fn read_token(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:refresh_tokens"])?;
    let row = find_token(&call, &id).await?;
    let subject = owner(&call, row.user_id).await?;
    Ok(call.query.one(token(&call, &mut Clients::default(), &subject, &row).await?))
}

async fn revoke_token(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:refresh_tokens"])?;
    let row = find_token(&call, &id).await?;
    let gone = call.service().revoke_user_grants(&call.cx, &call.actor, row.user_id, Some(row.id)).await;
    gone.map_err(Refused::about(TOKEN, NAMES))?;
    Ok(StatusCode::ACCEPTED.into_response())
}
