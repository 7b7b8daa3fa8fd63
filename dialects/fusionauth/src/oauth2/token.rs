//! `/oauth2/token`, `/oauth2/introspect`, `/oauth2/userinfo`.

use super::{lower, tenant_of};
use crate::api::{DirectPassword, password_grant};
use crate::wire::Doc;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, cors};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_service::Cx;
use doorward_service::oauth::token::{TokenError, Tokens};
use serde_json::{Map, Value, json};

/// The answer to a browser's preflight.
pub async fn preflight() -> Response {
    cors::preflight("GET, POST", &[])
}

pub(super) fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = authorization(headers)?;
    header.get(..7).filter(|s| s.eq_ignore_ascii_case("bearer ")).and_then(|_| header.get(7..)).map(str::trim)
}

/// The client that a request names, in the form or by Basic.
fn client_of(headers: &HeaderMap, params: &Params) -> Option<String> {
    if let Some(id) = params.first("client_id") {
        return Some(lower(id));
    }
    let header = authorization(headers)?;
    let encoded = header.get(..6).filter(|s| s.eq_ignore_ascii_case("basic ")).and_then(|_| header.get(6..))?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    text.split_once(':').map(|(id, _)| lower(id))
}

/// The form with the client's id as we keep it; without what this API calls nothing.
pub(super) fn tidy(params: &Params) -> Params {
    Params::from_pairs(params.pairs().filter(|(_, v)| !matches!(*v, "null" | "undefined")).map(|(k, v)| {
        let value = if k == "client_id" { lower(v) } else { v.to_owned() };
        (k.to_owned(), value)
    }))
}

/// A request of a client: counted against the limit of its address, with the tenant that it is about.
pub(super) async fn asked(
    app: &App,
    host: &Cx,
    headers: &HeaderMap,
    params: &Params,
) -> Result<(Cx, Params, Option<String>), Refusal> {
    app.service.limits.request(&host.client.ip).map_err(Refusal::TooMany)?;
    let params = tidy(params);
    let client = client_of(headers, &params);
    let cx = tenant_of(&app.service, host, client.as_deref(), params.first("tenantId")).await?;
    Ok((cx, params, client))
}

/// Answers a token request.
pub async fn token(
    State(app): State<App>,
    Asked(host): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    let (cx, params, client) = asked(&app, &host, &headers, &params).await?;
    let answer = if params.first("grant_type") == Some("password") {
        password_grant(&app.service, &cx, authorization(&headers), &params).await?
    } else {
        app.service.token(&cx, authorization(&headers), &params).await?.map_err(DirectPassword::Refused)
    };
    let response = match answer {
        Ok(tokens) => given(&app, &cx, &tokens).await?,
        Err(DirectPassword::Refused(error)) => refused(&error),
        Err(DirectPassword::With(body)) => no_store((StatusCode::BAD_REQUEST, Json(body)).into_response()),
    };
    let allowed = match (cors::origin(&headers), &client) {
        (Some(origin), Some(client)) => app.service.origin_allowed(&cx, Some(client), origin).await?,
        _ => false,
    };
    Ok(cors::for_origin(response, &headers, allowed))
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The vendor's token answer: with the person's id and the refresh token's.
async fn given(app: &App, cx: &Cx, tokens: &Tokens) -> Result<Response, Refusal> {
    let mut body = Map::new();
    body.insert("access_token".into(), json!(tokens.access_token));
    body.insert("expires_in".into(), json!(tokens.expires_in));
    body.insert("token_type".into(), json!("Bearer"));
    body.insert("scope".into(), json!(tokens.scope.join(" ")));
    let claims = tokens
        .access_token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if let Some(user) = claims.as_ref().and_then(|c| c.text("sub")) {
        body.insert("userId".into(), json!(user));
    }
    if let Some(text) = &tokens.id_token {
        body.insert("id_token".into(), json!(text));
    }
    if let Some(text) = &tokens.refresh_token {
        body.insert("refresh_token".into(), json!(text));
        if let Some(family) = app.service.find_refresh_token(cx, text).await? {
            body.insert("refresh_token_id".into(), json!(family.id.to_string()));
        }
    }
    Ok(no_store(Json(Value::Object(body)).into_response()))
}

/// The vendor's reason, from ours.
fn reason(error: &TokenError) -> &'static str {
    match error.cause {
        "code_expired" | "code_unknown" | "code_replayed" | "code_of_other_client" => "auth_code_not_found",
        "code_verifier_missing" => "missing_code_verifier",
        "code_verifier_wrong" | "code_verifier_unexpected" => "invalid_pkce_code_verifier",
        "redirect_uri_mismatch" => "invalid_redirect_uri",
        "redirect_uri_missing" => "missing_redirect_uri",
        "unknown_client" => "invalid_client_id",
        "client_missing" | "no_credentials" => "client_authentication_missing",
        "wrong_secret" | "wrong_method" | "basic_malformed" | "client_ambiguous" | "client_locked" => {
            "invalid_client_authentication"
        }
        "grant_type_not_allowed" => "grant_type_disabled",
        "grant_type_unknown" => "invalid_grant_type",
        "account_blocked" | "user_gone" => "user_locked",
        "scope_exceeds_grant" | "scope_malformed" => "unknown_scope",
        "wrong_password" => "invalid_user_credentials",
        "sanctioned" => "login_prevented",
        "account_expired" => "user_expired",
        "password_must_change" => "change_password_administrative",
        "device_denied" | "not_a_member" => "access_denied",
        cause if cause.starts_with("refresh_") || cause.starts_with("reuse_") => "refresh_token_not_found",
        _ => "unknown",
    }
}

pub(super) fn refused(error: &TokenError) -> Response {
    let status = match error.code {
        // RFC 8628, section 3.5, says it with the status of the others.
        OAuthErrorCode::SlowDown => StatusCode::BAD_REQUEST,
        _ if error.retry_after.is_some() => StatusCode::TOO_MANY_REQUESTS,
        OAuthErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": error.code.as_str(), "error_description": error.description, "error_reason": reason(error) });
    no_store((status, Json(body)).into_response())
}

/// Says whether a token is good. One that was given to another client is none of this one's business.
pub async fn introspect(
    State(app): State<App>,
    Asked(host): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    let (cx, params, client) = asked(&app, &host, &headers, &params).await?;
    let Some(text) = params.first("token") else {
        return Ok((StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request", "error_reason": "missing_token" })))
            .into_response());
    };
    let read = app.service.read_access_token(&cx, text).await?;
    let Some(token) = read else { return Ok(Json(json!({ "active": false })).into_response()) };
    let mine = token.claims.get("aud").and_then(Value::as_str) == client.as_deref();
    if !mine {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    if app.service.store.is_revoked(cx.tenant_id(), token.id, token.grant).await.map_err(doorward_service::Error::from)? {
        return Ok(Json(json!({ "active": false })).into_response());
    }
    let mut out = token.claims;
    out.insert("active".into(), json!(true));
    Ok(no_store(Json(Value::Object(out)).into_response()))
}

async fn about(app: &App, host: &Cx, token: Option<&str>) -> Result<Response, Refusal> {
    app.service.limits.request(&host.client.ip).map_err(Refusal::TooMany)?;
    let claimed = token.and_then(|t| doorward_protocol::jose::decode_unverified(t).ok());
    let tenant = claimed.as_ref().and_then(|c| c.claims.text("tid")).map(str::to_owned);
    let cx = tenant_of(&app.service, host, None, tenant.as_deref()).await?;
    Ok(match app.service.userinfo(&cx, token).await? {
        Ok(claims) => no_store(Json(claims).into_response()),
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    })
}

/// With the token in the header.
pub async fn userinfo(State(app): State<App>, Asked(host): Asked, headers: HeaderMap) -> Result<Response, Refusal> {
    let response = about(&app, &host, bearer(&headers)).await?;
    Ok(cors::for_origin(response, &headers, true))
}

/// With the token in the header or the form.
pub async fn userinfo_post(
    State(app): State<App>,
    Asked(host): Asked,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    let response = about(&app, &host, bearer(&headers).or(params.first("access_token"))).await?;
    Ok(cors::for_origin(response, &headers, true))
}
