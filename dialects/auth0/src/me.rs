//! The My Account API `/me/v1`, as far as passkeys go: a person's own, by an access token for the audience `{issuer}me/`.

use crate::answers::{bearer, limited};
use crate::claims::iso;
use crate::errors::Failure;
use crate::passkey::ceremony;
use crate::wire::Body;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, cors};
use doorward_protocol::ids::{PasskeyId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_service::oauth::passkeys::Errand;
use doorward_service::signin::Problem;
use doorward_service::{Cx, Error};
use doorward_store::passkeys::PasskeyRow;
use serde_json::{Value, json};

/// The scopes that this API knows.
pub const SCOPES: &[&str] = &[
    "create:me:authentication_methods",
    "read:me:authentication_methods",
    "update:me:authentication_methods",
    "delete:me:authentication_methods",
    "read:me:factors",
];

/// The audience of its tokens on a domain.
pub fn audience(issuer: &str) -> String {
    format!("{}/me/", issuer.trim_end_matches('/'))
}

/// Whose token it is, if it carries the scope.
async fn person(app: &App, cx: &Cx, headers: &HeaderMap, scope: &str) -> Result<UserId, Failure> {
    limited(app, cx)?;
    let unauthorized = || Failure::new(StatusCode::UNAUTHORIZED, "invalid_token", "Invalid token");
    let token = bearer(headers).ok_or_else(unauthorized)?;
    let access = app.service.read_access_token(cx, token).await?.ok_or_else(unauthorized)?;
    if !access.is_for(&audience(cx.issuer()))
        || app.service.store.is_revoked(cx.tenant_id(), access.id, access.grant).await.map_err(Error::from)?
    {
        return Err(unauthorized());
    }
    if !access.scope().iter().any(|held| held == scope) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "insufficient_scope", &format!("Insufficient scope, expected {scope}")));
    }
    app.service.user_of_subject(cx, Accent::Auth0, access.text("sub")).await?.ok_or_else(unauthorized)
}

fn reply(headers: &HeaderMap, answer: Result<Response, Failure>) -> Response {
    // A token is sent on purpose, never by itself as a cookie is: whoever holds it may read the answer.
    cors::for_origin(answer.unwrap_or_else(Failure::into_problem), headers, true)
}

/// `POST /me/v1/authentication-methods`: begins to add a passkey.
pub async fn begin(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        let user = person(&app, &cx, &headers, "create:me:authentication_methods").await?;
        if body.text("type") != Some("passkey") {
            return Err(Failure::invalid_request("Only passkeys can be added here"));
        }
        let begun = app.service.begin_passkey_enrolment(&cx, user).await?;
        let begun = begun.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "not_found", "The user does not exist"))?;
        let mut response = ceremony(StatusCode::ACCEPTED, &begun);
        // The last part of this address comes back in the next call.
        if let Ok(location) = HeaderValue::from_str(&cx.url("/me/v1/authentication-methods/passkey|new")) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    };
    reply(&headers, answer.await)
}

/// `POST /me/v1/authentication-methods/{id}/verify`: adds it.
pub async fn verify(
    State(app): State<App>,
    Asked(cx): Asked,
    headers: HeaderMap,
    Path(_id): Path<String>,
    body: Body,
) -> Response {
    let answer = async {
        let user = person(&app, &cx, &headers, "create:me:authentication_methods").await?;
        let session = app.service.open_passkey_session(&cx, body.must("auth_session")?);
        let holder = match session {
            Some(session) if matches!(session.errand, Errand::Enrol(of) if of == user) => session.holder,
            _ => return Err(Failure::invalid_request("auth_session is unknown or expired")),
        };
        let credential = body.object("authn_response");
        let credential = credential.ok_or_else(|| Failure::invalid_request("Missing required parameter: authn_response"))?;
        let credential = Value::Object(credential.clone()).to_string();
        match app.service.add_passkey(&cx, user, &credential, &holder, &[], false).await? {
            Ok(row) => Ok((StatusCode::CREATED, Json(shown(&row))).into_response()),
            Err(Problem::PasskeyExists) => {
                Err(Failure::new(StatusCode::CONFLICT, "conflict", "The passkey is registered already"))
            }
            Err(_) => Err(Failure::invalid_request("The passkey was not accepted")),
        }
    };
    reply(&headers, answer.await)
}

/// `GET /me/v1/authentication-methods`.
pub async fn list(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap) -> Response {
    let answer = async {
        let user = person(&app, &cx, &headers, "read:me:authentication_methods").await?;
        let passkeys = app.service.store.passkeys(cx.tenant_id(), user).await.map_err(Error::from)?;
        let all: Vec<Value> = passkeys.iter().map(shown).collect();
        Ok(Json(json!({ "authentication_methods": all })).into_response())
    };
    reply(&headers, answer.await)
}

/// `DELETE /me/v1/authentication-methods/{id}`.
pub async fn delete(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let answer = async {
        let user = person(&app, &cx, &headers, "delete:me:authentication_methods").await?;
        let absent = || Failure::new(StatusCode::NOT_FOUND, "not_found", "There is no such authentication method");
        let id: PasskeyId = id.strip_prefix("passkey|").and_then(|id| id.parse().ok()).ok_or_else(absent)?;
        match app.service.delete_user_passkey(&cx, "user", user, id).await {
            Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
            Err(doorward_service::directory::DirectoryError::Fault(error)) => Err(error.into()),
            Err(_) => Err(absent()),
        }
    };
    reply(&headers, answer.await)
}

fn shown(row: &PasskeyRow) -> Value {
    json!({
        "id": format!("passkey|{}", row.id.0.simple()),
        "type": "passkey",
        "created_at": iso(row.created_at),
        "name": row.name,
        "credential_device_type": if row.backup_eligible { "multi_device" } else { "single_device" },
        "credential_backed_up": row.backup_state,
        "aaguid": row.aaguid.to_string(),
        "transports": row.transports.0,
        "relying_party_identifier": row.rp_id,
        "usage": ["primary"],
    })
}
