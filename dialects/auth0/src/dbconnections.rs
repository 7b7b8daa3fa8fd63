//! `POST /dbconnections/signup` and `/dbconnections/change_password`.

use crate::DATABASE;
use crate::answers::{limited, readable};
use crate::errors::Failure;
use crate::wire::Body;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, Refusal};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oidc::claims::Profile;
use doorward_service::directory::{DirectoryError, NewIdentifier, NewUser, UserDocument};
use doorward_service::signin::USER_METADATA;
use doorward_service::{Cx, Error};
use doorward_store::applications::ApplicationRow;
use doorward_store::directory::put_metadata;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Most keys and longest value of `user_metadata` that a sign-up may bring.
const MOST_METADATA: (usize, usize) = (10, 500);

/// Makes an account with a password.
pub async fn signup(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = sign_up(&app, &cx, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

/// A refusal in both forms that libraries read.
fn refused(status: StatusCode, code: &str, description: &str) -> Failure {
    Failure::new(status, code, description)
        .with("code", json!(code))
        .with("description", json!(description))
        .with("name", json!("BadRequestError"))
        .with("statusCode", json!(status.as_u16()))
}

/// The application that a request names.
pub async fn application(app: &App, cx: &Cx, body: &Body) -> Result<Arc<ApplicationRow>, Failure> {
    let id = body.must("client_id")?;
    let found = app.service.application(cx.tenant_id(), id).await?;
    found.ok_or_else(|| Failure::new(StatusCode::UNAUTHORIZED, "invalid_client", "Unknown client"))
}

fn connection(body: &Body) -> Result<(), Failure> {
    match body.text("connection") {
        None | Some(DATABASE) => Ok(()),
        Some(_) => Err(Failure::invalid_request("The connection was not found")),
    }
}

/// `user_metadata` of a body: a few short texts.
pub fn metadata(body: &Body) -> Result<Map<String, Value>, Failure> {
    let Some(all) = body.object("user_metadata") else { return Ok(Map::new()) };
    let (keys, length) = MOST_METADATA;
    // PostgreSQL stores no NUL.
    let fits = |text: &str, most: usize| text.len() <= most && !text.contains('\0');
    let short = all.iter().all(|(key, value)| fits(key, 100) && value.as_str().is_some_and(|text| fits(text, length)));
    if all.len() > keys || !short {
        return Err(Failure::invalid_request("user_metadata must have at most 10 texts of at most 500 characters"));
    }
    Ok(all.clone())
}

async fn sign_up(app: &App, cx: &Cx, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    app.service.limits.proof(&cx.client.ip).map_err(|wait| Failure::too_many("too_many_requests", wait))?;
    let application = application(app, cx, body).await?;
    connection(body)?;
    let cx = &cx.under(Some(&application));
    let policy = cx.policy();
    if !policy.sign_up.enabled || !policy.password.enabled {
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_signup", "Sign-up with a password is disabled"));
    }
    let (email, password) = (body.must("email")?, body.must("password")?);
    let metadata = metadata(body)?;
    let mut identifiers = vec![NewIdentifier {
        kind: doorward_protocol::identity::IdentifierKind::Email,
        value: email.to_owned(),
        verified: false,
    }];
    for (name, kind) in [
        ("username", doorward_protocol::identity::IdentifierKind::Username),
        ("phone_number", doorward_protocol::identity::IdentifierKind::Phone),
    ] {
        if let Some(value) = body.text(name) {
            identifiers.push(NewIdentifier { kind, value: value.to_owned(), verified: false });
        }
    }
    let text = |name: &str| body.text(name).map(str::to_owned);
    let profile = Profile {
        given_name: text("given_name"),
        family_name: text("family_name"),
        nickname: text("nickname"),
        picture: text("picture"),
        ..Default::default()
    };
    let new = NewUser {
        document: UserDocument { name: text("name"), profile },
        identifiers,
        password: Some(password.to_owned()),
        ..Default::default()
    };
    let person = match app.service.create_user(cx, "client", new).await {
        Ok(person) => person,
        Err(error) => return Err(why(error)),
    };
    let mut batch = app.service.ask_to_verify(cx, &person).await?;
    for (key, value) in &metadata {
        batch.push(put_metadata(cx.tenant_id(), USER_METADATA, person.user.id.0, key, value));
    }
    if !batch.is_empty() {
        app.service.store.commit(batch).await.map_err(Error::from)?;
    }
    let subject = app.service.subject(cx, Accent::Auth0, person.user.id).await?;
    let mut out = Map::new();
    out.insert("_id".into(), json!(subject.split('|').next_back().unwrap_or(&subject)));
    out.insert("email".into(), json!(email));
    out.insert("email_verified".into(), json!(false));
    for name in ["username", "phone_number", "given_name", "family_name", "name", "nickname", "picture"] {
        if let Some(value) = body.text(name) {
            out.insert(name.into(), json!(value));
        }
    }
    if !metadata.is_empty() {
        out.insert("user_metadata".into(), Value::Object(metadata));
    }
    tracing::debug!(client_id = %application.client_id, "signed up by API");
    Ok((StatusCode::OK, [("cache-control", "no-store")], Json(Value::Object(out))).into_response())
}

fn why(error: DirectoryError) -> Failure {
    match error {
        DirectoryError::Conflict { message, .. } if message.contains("user name") => {
            refused(StatusCode::BAD_REQUEST, "username_exists", "The username is taken.")
        }
        DirectoryError::Conflict { .. } => refused(StatusCode::BAD_REQUEST, "user_exists", "The user already exists."),
        DirectoryError::Invalid(problems) => {
            let first = problems.first().map(|p| (p.field.as_str(), p.message.as_str())).unwrap_or_default();
            match first {
                ("password", message) => refused(StatusCode::BAD_REQUEST, "invalid_password", message),
                (field, message) => refused(StatusCode::BAD_REQUEST, "invalid_signup", &format!("{field} {message}")),
            }
        }
        DirectoryError::NotFound { .. } => refused(StatusCode::BAD_REQUEST, "invalid_signup", "Invalid sign up"),
        // Nobody is above themself.
        refused @ DirectoryError::Administrator { .. } => {
            self::refused(StatusCode::FORBIDDEN, "access_denied", &refused.to_string())
        }
        DirectoryError::Fault(error) => Refusal::from(error).into(),
    }
}

/// Mails a way to a new password. Whether anybody has the address is not told.
pub async fn change_password(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = send(&app, &cx, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn send(app: &App, cx: &Cx, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    let application = match body.text("client_id") {
        Some(_) => Some(application(app, cx, body).await?.id),
        None => None,
    };
    connection(body)?;
    match app.service.mail_recovery(cx, body.must("email")?, application).await? {
        // Too many mails to one address: also that tells nothing.
        Ok(()) | Err(_) => Ok("If an account has this address, a mail with a link is on its way.".into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_of_a_sign_up_is_a_few_short_texts() {
        let of = |value: Value| {
            let nested = [("user_metadata".to_owned(), value)].into_iter().collect();
            metadata(&Body { nested, ..Default::default() }).map(|all| all.len()).ok()
        };
        assert_eq!(of(json!({ "plan": "gold", "colour": "red" })), Some(2));
        assert_eq!(of(json!({ "plan": 1 })), None);
        assert_eq!(of(json!({ "plan": "x".repeat(501) })), None);
        // Texts that PostgreSQL could not keep.
        assert_eq!(of(json!({ "plan": "go\0ld" })), None);
        assert_eq!(of(json!({ "pl\0an": "gold" })), None);
    }
}
