//! The MFA API `/mfa/*`: what an application does for a person who owes a second factor. The factor itself is given at the token
//! endpoint.

use crate::answers::{bearer, limited, readable};
use crate::claims::iso;
use crate::errors::Failure;
use crate::wire::Body;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, cors};
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::client::Accent;
use doorward_service::factor::FactorError;
use doorward_service::oauth::second_factor::OwedFactor;
use doorward_service::{Cx, Error};
use serde_json::{Value, json};
use uuid::Uuid;

/// The scopes of access tokens that serve here.
pub const SCOPES: &[&str] = &["enroll", "read:authenticators", "remove:authenticators"];
const OTP_ID: &str = "totp|dev_";

/// The audience of such tokens on a domain.
pub fn audience(issuer: &str) -> String {
    format!("{}/mfa/", issuer.trim_end_matches('/'))
}

/// The refusal that begins it all.
pub fn required(owed: &OwedFactor) -> Failure {
    let kinds = |all: &[(&str, bool)]| -> Vec<Value> {
        all.iter().filter(|(_, there)| *there).map(|(kind, _)| json!({ "type": kind })).collect()
    };
    let requirements = if owed.enrolled {
        json!({ "challenge": kinds(&[("otp", true), ("recovery-code", owed.recovery_codes)]) })
    } else {
        json!({ "enroll": kinds(&[("otp", true)]) })
    };
    Failure::new(StatusCode::FORBIDDEN, "mfa_required", "Multifactor authentication required")
        .with("mfa_token", json!(owed.auth_session))
        .with("mfa_requirements", requirements)
}

/// Who asks, and how sure that is.
struct Caller {
    user: UserId,
    /// By an access token, which is given only after a second factor where one is owed.
    is_sure: bool,
}

async fn caller(app: &App, cx: &Cx, headers: &HeaderMap, scope: &str) -> Result<Caller, Failure> {
    limited(app, cx)?;
    let unauthorized = || Failure::new(StatusCode::UNAUTHORIZED, "invalid_token", "Invalid token");
    let token = bearer(headers).ok_or_else(unauthorized)?;
    if let Some(session) = app.service.open_factor_session(cx, token).await? {
        return Ok(Caller { user: session.user, is_sure: false });
    }
    let Some(access) = app.service.read_access_token(cx, token).await? else {
        return Err(Failure::new(StatusCode::UNAUTHORIZED, "expired_token", "mfa_token is expired or invalid"));
    };
    if !access.is_for(&audience(cx.issuer()))
        || app.service.store.is_revoked(cx.tenant_id(), access.id, access.grant).await.map_err(Error::from)?
    {
        return Err(unauthorized());
    }
    if !access.scope().iter().any(|held| held == scope) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "insufficient_scope", &format!("Insufficient scope, expected {scope}")));
    }
    let user = app.service.user_of_subject(cx, Accent::Auth0, access.text("sub")).await?.ok_or_else(unauthorized)?;
    Ok(Caller { user, is_sure: true })
}

fn reply(headers: &HeaderMap, answer: Result<Response, Failure>) -> Response {
    // A token is sent on purpose, never by itself as a cookie is: whoever holds it may read the answer.
    cors::for_origin(answer.unwrap_or_else(IntoResponse::into_response), headers, true)
}

/// `GET /mfa/authenticators`.
pub async fn list(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap) -> Response {
    let answer = async {
        let caller = caller(&app, &cx, &headers, "read:authenticators").await?;
        let factors = app.service.list_factors(&cx, caller.user).await?;
        let mut all: Vec<Value> = Vec::new();
        for one in &factors.totp {
            all.push(json!({
                "id": format!("{OTP_ID}{}", one.id.simple()),
                "authenticator_type": "otp",
                "type": "otp",
                "active": one.confirmed,
                "name": one.name,
                "created_at": iso(one.created_at),
                "last_auth": one.last_used_at.map(iso),
            }));
        }
        if factors.any() && factors.recovery_codes > 0 {
            let id = format!("recovery-code|dev_{}", caller.user.0.simple());
            all.push(json!({ "id": id, "authenticator_type": "recovery-code", "type": "recovery-code", "active": true }));
        }
        Ok(Json(Value::Array(all)).into_response())
    };
    reply(&headers, answer.await)
}

/// `POST /mfa/associate`: begins to set up a generator of one-time passwords.
pub async fn associate(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        let caller = caller(&app, &cx, &headers, "enroll").await?;
        if !body.words("authenticator_types").iter().any(|kind| kind == "otp") {
            let text = "Only authenticator_types [\"otp\"] is available";
            return Err(Failure::new(StatusCode::BAD_REQUEST, "unsupported_challenge_type", text));
        }
        match app.service.begin_first_totp(&cx, caller.user).await {
            Ok((begun, codes)) => Ok(Json(json!({
                "authenticator_type": "otp",
                "secret": begun.secret_base32,
                "barcode_uri": begun.uri,
                "recovery_codes": codes,
            }))
            .into_response()),
            Err(FactorError::Fault(error)) => Err(error.into()),
            Err(_) => {
                let text = "The user is already enrolled; another authenticator is added on the account page";
                Err(Failure::new(StatusCode::FORBIDDEN, "access_denied", text))
            }
        }
    };
    reply(&headers, answer.await)
}

/// `POST /mfa/challenge`: which kind of second factor the person is to give.
pub async fn challenge(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        limited(&app, &cx)?;
        let session = app.service.open_factor_session(&cx, body.must("mfa_token")?).await?;
        let session =
            session.ok_or_else(|| Failure::new(StatusCode::UNAUTHORIZED, "expired_token", "mfa_token is expired or invalid"))?;
        let named = app.service.application(cx.tenant_id(), body.must("client_id")?).await?;
        if named.is_none_or(|application| application.id != session.application) {
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "invalid_client", "mfa_token is another client's"));
        }
        let kinds = body.words("challenge_type");
        if !kinds.is_empty() && !kinds.iter().any(|kind| kind == "otp") {
            let text = "None of these challenge types is available";
            return Err(Failure::new(StatusCode::BAD_REQUEST, "unsupported_challenge_type", text));
        }
        if !app.service.list_factors(&cx, session.user).await?.any() {
            let text = "User does not have any active authenticators enrolled";
            return Err(Failure::new(StatusCode::FORBIDDEN, "association_required", text));
        }
        Ok(Json(json!({ "challenge_type": "otp" })).into_response())
    };
    let answer = answer.await.unwrap_or_else(IntoResponse::into_response);
    readable(&app, &cx, &headers, body.text("client_id"), answer).await
}

/// `DELETE /mfa/authenticators/{id}`. A first factor alone removes no second one.
pub async fn delete(State(app): State<App>, Asked(cx): Asked, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let answer = async {
        let caller = caller(&app, &cx, &headers, "remove:authenticators").await?;
        if !caller.is_sure {
            let text = "An access token with the scope remove:authenticators is needed";
            return Err(Failure::new(StatusCode::FORBIDDEN, "access_denied", text));
        }
        let absent = || Failure::new(StatusCode::NOT_FOUND, "not_found", "There is no such authenticator");
        let id: Uuid = id.strip_prefix(OTP_ID).and_then(|id| id.parse().ok()).ok_or_else(absent)?;
        match app.service.remove_factor(&cx, "user", caller.user, id).await {
            Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
            Err(FactorError::Fault(error)) => Err(error.into()),
            Err(_) => Err(absent()),
        }
    };
    reply(&headers, answer.await)
}
