//! `POST /oauth/token`, in JSON or as a form.

use crate::answers::{authorization, limited, readable};
use crate::errors::Failure;
use crate::wire::Body;
use crate::{DATABASE, EMAIL};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, answers};
use doorward_protocol::oauth::params::Params;
use doorward_service::Cx;
use doorward_service::oauth::token::grants;

const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
const PASSWORDLESS: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";
const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
const WEBAUTHN: &str = "urn:okta:params:oauth:grant-type:webauthn";

/// The grants of this accent that the core calls otherwise.
pub const GRANTS: &[(&str, &str)] = &[
    (PASSWORD_REALM, grants::PASSWORD),
    (PASSWORDLESS, grants::EMAIL_CODE),
    (WEBAUTHN, grants::PASSKEY),
    (MFA_OTP, grants::SECOND_FACTOR),
    (MFA_RECOVERY_CODE, grants::SECOND_FACTOR),
];

/// Answers a token request.
pub async fn token(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = answer(&app, &cx, &headers, &body).await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

async fn answer(app: &App, cx: &Cx, headers: &HeaderMap, body: &Body) -> Result<Response, Failure> {
    limited(app, cx)?;
    let params = standard(cx, body)?;
    match app.service.token(cx, authorization(headers), &params).await? {
        Ok(tokens) => Ok(answers::tokens(&tokens)),
        Err(error) => Err(Failure::from(&error)),
    }
}

/// A request in the core's words.
fn standard(cx: &Cx, body: &Body) -> Result<Params, Failure> {
    let grant = body.must("grant_type")?;
    let known = GRANTS.iter().find(|(ours, _)| *ours == grant).map_or(grant, |(_, core)| core);
    let mut pairs: Vec<(String, String)> =
        body.params.pairs().filter(|(name, _)| *name != "grant_type").map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    pairs.push(("grant_type".into(), known.to_owned()));
    let named = body.text("audience").is_some() || body.text("resource").is_some();
    if known == grants::SECOND_FACTOR {
        pairs.push(("auth_session".into(), body.must("mfa_token")?.to_owned()));
    }
    let wants_target = !matches!(known, "authorization_code" | "refresh_token" | grants::SECOND_FACTOR);
    if wants_target && !named {
        match &cx.tenant.row.settings.0.default_audience {
            Some(audience) => pairs.push(("audience".into(), audience.clone())),
            None if known == "client_credentials" => {
                let text = "No audience parameter was provided, and no default audience has been configured";
                return Err(Failure::new(StatusCode::FORBIDDEN, "access_denied", text));
            }
            None => {}
        }
    }
    let realm_is = |name: &str| body.text("realm").is_none_or(|realm| realm == name);
    match grant {
        PASSWORD_REALM if !realm_is(DATABASE) => return Err(unknown_realm()),
        PASSWORDLESS if !realm_is(EMAIL) => return Err(unknown_realm()),
        WEBAUTHN => {
            if !realm_is(DATABASE) {
                return Err(unknown_realm());
            }
            let response = body.object("authn_response");
            let response = response.ok_or_else(|| Failure::invalid_request("Missing required parameter: authn_response"))?;
            pairs.push(("credential".into(), serde_json::Value::Object(response.clone()).to_string()));
        }
        _ => {}
    }
    Ok(Params::from_pairs(pairs))
}

fn unknown_realm() -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "invalid_request", "Unknown realm.")
}
