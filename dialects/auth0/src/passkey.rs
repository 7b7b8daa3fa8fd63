//! `POST /passkey/register` and `/passkey/challenge`: ceremonies that an application runs by itself. Their answer goes to the
//! token endpoint.

use crate::DATABASE;
use crate::answers::{authorization, limited, readable};
use crate::dbconnections::{application, metadata};
use crate::errors::Failure;
use crate::wire::Body;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_protocol::oidc::claims::Profile;
use doorward_service::Cx;
use doorward_service::oauth::client_auth::ClientCredentials;
use doorward_service::oauth::passkeys::PasskeyCeremony;
use doorward_service::oauth::token::{TokenError, grants};
use doorward_service::secrets::new_id;
use doorward_service::signin::NewAccount;
use doorward_store::applications::ApplicationRow;
use serde_json::json;
use std::sync::Arc;

/// Options for a new passkey of somebody new.
pub async fn register(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = sign_up(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

/// Options for a passkey that somebody has.
pub async fn challenge(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = sign_in(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn sign_up(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    let (cx, application) = &allowed(app, cx, headers, body).await?;
    if !cx.policy().sign_up.enabled {
        return Err(Failure::invalid_request("Sign-up is disabled"));
    }
    let empty = serde_json::Map::new();
    let given = body.object("user_profile").unwrap_or(&empty);
    let text =
        |name: &str| given.get(name).and_then(|v| v.as_str()).filter(|v| !v.is_empty() && v.len() <= 500).map(str::to_owned);
    let mut identifiers = Vec::new();
    for (name, kind) in
        [("email", IdentifierKind::Email), ("phone_number", IdentifierKind::Phone), ("username", IdentifierKind::Username)]
    {
        let Some(value) = text(name) else { continue };
        let identifier = Identifier::of_kind(kind, &value)
            .map_err(|error| Failure::invalid_request(&format!("user_profile.{name}: {error}")))?;
        if app.service.store.identifier(cx.tenant_id(), &identifier).await.map_err(doorward_service::Error::from)?.is_some() {
            return Err(Failure::invalid_request("The user already exists."));
        }
        identifiers.push((identifier, false));
    }
    if identifiers.is_empty() {
        return Err(Failure::invalid_request("user_profile must name an email, a phone_number or a username"));
    }
    let account = NewAccount {
        user: UserId(new_id(cx.now)),
        identifiers,
        name: text("name"),
        profile: Profile {
            given_name: text("given_name"),
            family_name: text("family_name"),
            nickname: text("nickname"),
            picture: text("picture"),
            ..Default::default()
        },
        metadata: metadata(body)?,
    };
    Ok(ceremony(StatusCode::OK, &app.service.begin_passkey_sign_up(cx, application, account)?))
}

async fn sign_in(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    let (cx, application) = &allowed(app, cx, headers, body).await?;
    Ok(ceremony(StatusCode::OK, &app.service.begin_passkey_sign_in(cx, application)?))
}

/// The application, if it may run ceremonies of its own, and the request under its policy.
async fn allowed(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<(Cx, Arc<ApplicationRow>), Failure> {
    limited(app, cx)?;
    let application = if body.text("client_secret").is_some() || authorization(headers).is_some() {
        let credentials = ClientCredentials { authorization: authorization(headers), params: Some(&body.params) };
        match app.service.authenticate_client(cx, &credentials).await? {
            Ok(client) => client.application,
            Err(error) => return Err(Failure::from(&TokenError::of_client(error, authorization(headers).is_some()))),
        }
    } else {
        application(app, cx, body).await?
    };
    let settings = &application.settings.0;
    if !settings.first_party || !settings.allows_grant(grants::PASSKEY) {
        let text = "This client may not use the passkey grant";
        return Err(Failure::new(StatusCode::FORBIDDEN, "unauthorized_client", text));
    }
    if body.text("realm").is_some_and(|realm| realm != DATABASE) {
        return Err(Failure::invalid_request("Unknown realm."));
    }
    let cx = cx.under(Some(&application));
    if !cx.policy().passkey.enabled {
        return Err(Failure::invalid_request("Passkeys are disabled"));
    }
    Ok((cx, application))
}

/// What the application takes to the authenticator.
pub fn ceremony(status: StatusCode, ceremony: &PasskeyCeremony) -> Response {
    let body = json!({ "auth_session": ceremony.auth_session, "authn_params_public_key": ceremony.options });
    (status, [("cache-control", "no-store")], Json(body)).into_response()
}
