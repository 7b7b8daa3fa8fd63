//! OAuth answers over HTTP: authorization answers in query, fragment and form_post; token errors; bearer challenges.

use crate::{App, Visit, csrf};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::response_mode::ResponseMode;
use doorward_service::oauth::authorize::Answer;
use doorward_service::oauth::device::DeviceAuthorization;
use doorward_service::oauth::token::{TokenError, Tokens};
use serde_json::{Map, Value, json};

/// Content policy of HTML: nothing but our own files; no inline script, no framing, no `<base>`. Tenants' logos may come from any
/// HTTPS address.
pub const HTML_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self' data: https:; font-src 'self'; connect-src 'self'; form-action 'self'; \
frame-ancestors 'none'; base-uri 'none'";

/// Sends a browser elsewhere with a GET, whatever brought it here.
pub fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_str(to) {
        Ok(value) => {
            response.headers_mut().insert(header::LOCATION, value);
        }
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

/// Longest form that is repeated as a GET, in bytes.
const LONGEST_REPEATED: usize = 6000;

/// A form that another site posts comes without our cookies, which are `SameSite=Lax`: it is asked for again as a GET, which brings
/// them. This answer sets none: those that were made for the request without cookies would take the place of the browser's own.
/// `None` for a form of our own pages, and for one too long for an address.
pub fn repeated_as_get(visit: &Visit, path: &str, body: &str) -> Option<Response> {
    let foreign = csrf::same_site(&visit.headers, &visit.origin).is_err();
    (foreign && body.len() < LONGEST_REPEATED).then(|| no_store(see_other(&format!("{path}?{body}"))))
}

/// Sends an authorization answer on its way.
pub fn authorization(app: &App, visit: &Visit, answer: &Answer) -> Response {
    let encoded = || form_urlencoded::Serializer::new(String::new()).extend_pairs(&answer.params).finish();
    let uri = &answer.redirect_uri;
    let to = match answer.response_mode {
        ResponseMode::FormPost => return visit.answer(app.faces.form_post(visit, answer)),
        ResponseMode::WebMessage => return visit.answer(app.faces.web_message(visit, answer)),
        // RFC 6749, section 3.1.2: a query that is registered stays.
        ResponseMode::Query => format!("{uri}{}{}", if uri.contains('?') { '&' } else { '?' }, encoded()),
        ResponseMode::Fragment => format!("{uri}#{}", encoded()),
    };
    visit.answer(see_other(&to))
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// RFC 6749, section 5.1.
pub fn tokens(tokens: &Tokens) -> Response {
    let mut body = Map::new();
    body.insert("access_token".into(), json!(tokens.access_token));
    body.insert("token_type".into(), json!("Bearer"));
    body.insert("expires_in".into(), json!(tokens.expires_in));
    body.insert("scope".into(), json!(tokens.scope.join(" ")));
    if let Some(refresh) = &tokens.refresh_token {
        body.insert("refresh_token".into(), json!(refresh));
    }
    if let Some(id_token) = &tokens.id_token {
        body.insert("id_token".into(), json!(id_token));
    }
    no_store(Json(Value::Object(body)).into_response())
}

/// RFC 8628, section 3.2.
pub fn device(device: &DeviceAuthorization) -> Response {
    no_store(
        Json(json!({
            "device_code": device.device_code,
            "user_code": device.user_code,
            "verification_uri": device.verification_uri,
            "verification_uri_complete": device.verification_uri_complete,
            "expires_in": device.expires_in,
            "interval": device.interval,
        }))
        .into_response(),
    )
}

/// RFC 6749, section 5.2.
pub fn token_error(error: &TokenError) -> Response {
    let status = match error.code {
        // RFC 8628, section 3.5, says it with the status of the others.
        OAuthErrorCode::SlowDown => StatusCode::BAD_REQUEST,
        _ if error.retry_after.is_some() => StatusCode::TOO_MANY_REQUESTS,
        OAuthErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut body = json!({ "error": error.code.as_str(), "error_description": error.description });
    // OAuth 2.0 for First-Party Applications (draft), section 5.2.2.
    if let (Some(owed), Value::Object(body)) = (&error.owed, &mut body) {
        body.insert("auth_session".into(), json!(owed.auth_session));
        body.insert("enrolled".into(), json!(owed.enrolled));
    }
    let mut response = no_store((status, Json(body)).into_response());
    if status == StatusCode::UNAUTHORIZED && error.challenge {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"doorward\", charset=\"UTF-8\""));
    }
    if let Some(wait) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// RFC 6750, section 3.
pub fn bearer_challenge(code: Option<OAuthErrorCode>) -> Response {
    let (status, text) = match code {
        None => (StatusCode::UNAUTHORIZED, None),
        Some(OAuthErrorCode::InsufficientScope) => {
            (StatusCode::FORBIDDEN, Some(("insufficient_scope", "the token does not have the scope for this")))
        }
        Some(_) => (StatusCode::UNAUTHORIZED, Some(("invalid_token", "the token is expired, revoked or not ours"))),
    };
    let mut response = match text {
        None => status.into_response(),
        Some((error, description)) => (status, Json(json!({ "error": error, "error_description": description }))).into_response(),
    };
    let challenge = match text {
        None => "Bearer realm=\"doorward\"".to_owned(),
        Some((error, description)) => {
            format!("Bearer realm=\"doorward\", error=\"{error}\", error_description=\"{description}\"")
        }
    };
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    no_store(response)
}
