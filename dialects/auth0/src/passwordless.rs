//! `POST /passwordless/start`: a code by e-mail that the application carries back to the token endpoint, or a link that leads
//! through our own pages.

use crate::answers::{authorization, limited, readable};
use crate::authorize::standard;
use crate::dbconnections::application;
use crate::errors::Failure;
use crate::wire::Body;
use crate::{DATABASE, EMAIL};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked};
use doorward_protocol::identity::Identifier;
use doorward_protocol::oauth::authorize::AuthorizationRequest;
use doorward_protocol::oauth::params::Params;
use doorward_service::Cx;
use doorward_service::oauth::authorize::ReadRequest;
use doorward_service::oauth::client_auth::ClientCredentials;
use doorward_service::oauth::token::TokenError;
use doorward_service::secrets::random;
use doorward_store::applications::ApplicationRow;
use serde_json::json;

/// Begins a sign-in by e-mail.
pub async fn start(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = send(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn send(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    // Who sends a secret must send the right one; applications on people's devices have none.
    let application = if body.text("client_secret").is_some() || authorization(headers).is_some() {
        let credentials = ClientCredentials { authorization: authorization(headers), params: Some(&body.params) };
        match app.service.authenticate_client(cx, &credentials).await? {
            Ok(client) => client.application,
            Err(error) => return Err(Failure::from(&TokenError::of_client(error, authorization(headers).is_some()))),
        }
    } else {
        application(app, cx, body).await?
    };
    match body.text("connection") {
        None | Some(EMAIL) => {}
        Some("sms") => return Err(Failure::invalid_request("Sign-in by text message is not available")),
        Some(DATABASE) | Some(_) => return Err(Failure::invalid_request("The connection was not found")),
    }
    let cx = &cx.under(Some(&application));
    if !cx.policy().code.enabled {
        return Err(Failure::new(StatusCode::FORBIDDEN, "unauthorized_client", "Codes by e-mail are disabled"));
    }
    let Ok(email) = Identifier::email(body.must("email")?) else {
        return Err(Failure::new(StatusCode::BAD_REQUEST, "bad.email", "The email is not valid"));
    };
    let sent = if body.text("send").is_none_or(|send| send == "link") {
        let request = request_of_link(app, cx, &application, body).await?;
        app.service.mail_sign_in_link(cx, application.id, request, &email).await?.map(|()| uuid::Uuid::from_bytes(random()))
    } else {
        app.service.mail_direct_code(cx, application.id, &email).await?
    };
    match sent {
        Ok(id) => {
            let answer = json!({ "_id": id.simple().to_string(), "email": email.value, "email_verified": false });
            Ok((StatusCode::OK, [("cache-control", "no-store")], Json(answer)).into_response())
        }
        Err(wait) => Err(Failure::too_many("too_many_requests", wait)),
    }
}

/// What a link leads back to: the application's first registered address, unless `authParams` say otherwise.
async fn request_of_link(app: &App, cx: &Cx, application: &ApplicationRow, body: &Body) -> Result<AuthorizationRequest, Failure> {
    let mut pairs = vec![("client_id".to_owned(), application.client_id.clone())];
    let empty = serde_json::Map::new();
    let sent = body.object("authParams").unwrap_or(&empty);
    for (name, value) in sent {
        if let (Some(text), true) = (value.as_str(), name != "client_id" && name != "request_uri") {
            pairs.push((name.clone(), text.to_owned()));
        }
    }
    for (name, value) in [
        ("redirect_uri", application.settings.0.redirect_uris.first().map(String::as_str)),
        ("response_type", Some("code")),
        ("scope", Some("openid profile email")),
    ] {
        if let (Some(value), false) = (value, sent.contains_key(name)) {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    match app.service.read_authorization(cx, &standard(cx, &Params::from_pairs(pairs), false), false).await? {
        ReadRequest::Good { request, .. } => Ok(*request),
        ReadRequest::Untrusted(error) => Err(Failure::invalid_request(&error.to_string())),
        ReadRequest::Refused { why, .. } => Err(Failure::invalid_request(&why.description)),
    }
}
