//! Session tokens and cookies. The page holds a short-lived JWT; the session's secret is a cookie of ours, and told to the page
//! only in development.

use crate::errors::ApiError;
use crate::ids;
use crate::project::{Project, text};
use axum::http::{HeaderMap, HeaderValue, header};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::jose::Algorithm;
use doorward_service::session::SessionCookie;
use doorward_store::sessions::SessionRow;
use doorward_store::users::Person;
use serde_json::{Map, Value, json};

/// Cookies with the session's secret: of today's clients, and of earlier ones.
const SECRET_COOKIES: [&str; 2] = ["cbo_refresh_token", "cbo_long_session"];
/// The cookie in which earlier back ends look for the session token. Clients of today do not set it any more.
const TOKEN_COOKIE: &str = "cbo_short_session";
/// Seconds that a token's cookie dies before the token: components of today cannot cope with a cookie whose token has expired.
const COOKIE_DIES_EARLIER: i64 = 5;
/// What `version` of a token says.
const TOKEN_VERSION: i64 = 2;

/// Seconds that the cookie with the session token lives.
pub fn cookie_lifetime(project: &Project) -> i64 {
    project.settings().embedded.session_token_lifetime_seconds - COOKIE_DIES_EARLIER
}

/// What a person logs in with, for tokens and for the card of the next login.
pub fn login_identifier(person: &Person) -> Option<(&'static str, String)> {
    [IdentifierKind::Email, IdentifierKind::Username, IdentifierKind::Phone]
        .into_iter()
        .find_map(|kind| person.primary(kind).map(|row| (kind.as_str(), row.value.clone())))
}

/// Signs a session token. It carries no `aud`: the clients' libraries refuse tokens with one.
pub async fn token(project: &Project, person: &Person) -> Result<String, ApiError> {
    let now = project.cx.now.seconds();
    let value = |kind| person.primary(kind).map(|row| row.value.clone()).unwrap_or_default();
    let mut claims = Map::new();
    claims.insert("iss".into(), json!(project.issuer()));
    claims.insert("sub".into(), json!(ids::user(person.user.id)));
    claims.insert("iat".into(), json!(now));
    // Libraries allow no leeway here, and clocks differ.
    claims.insert("nbf".into(), json!(now - 10));
    claims.insert("exp".into(), json!(now + project.settings().embedded.session_token_lifetime_seconds));
    claims.insert("jti".into(), json!(doorward_service::secrets::token::<18>("jti-")));
    claims.insert("name".into(), json!(person.user.name.clone().unwrap_or_default()));
    claims.insert("orig".into(), json!(login_identifier(person).map(|(_, value)| value).unwrap_or_default()));
    claims.insert("email".into(), json!(value(IdentifierKind::Email)));
    claims.insert("phone_number".into(), json!(value(IdentifierKind::Phone)));
    claims.insert("version".into(), json!(TOKEN_VERSION));
    Ok(project.service().sign(&project.cx, Algorithm::Rs256, "JWT", Value::Object(claims)).await?)
}

/// The session that a request of a signed-in person names: by the secret as a bearer token, or by cookie, which counts only for
/// calls from a page of the application.
pub async fn session(project: &Project) -> Result<SessionRow, ApiError> {
    if let Some(header) = text(&project.headers, "authorization") {
        let bearer = header.get(..7).filter(|s| s.eq_ignore_ascii_case("bearer ")).and_then(|_| header.get(7..));
        return by_secret(project, bearer).await?.ok_or_else(no_session);
    }
    if project.origin.is_none() {
        return Err(no_session());
    }
    for name in SECRET_COOKIES {
        for secret in cookies(&project.headers, name) {
            if let Some(session) = by_secret(project, Some(secret)).await? {
                return Ok(session);
            }
        }
    }
    Err(no_session())
}

async fn by_secret(project: &Project, secret: Option<&str>) -> Result<Option<SessionRow>, ApiError> {
    Ok(project.service().session_for(&project.cx, secret, project.application.id).await?)
}

fn no_session() -> ApiError {
    ApiError::unauthorized("log in first")
}

/// The person of a session.
pub async fn person(project: &Project, session: &SessionRow) -> Result<Person, ApiError> {
    let person = project.service().store.person(project.cx.tenant_id(), session.user_id).await;
    let person = person.map_err(doorward_service::Error::from)?;
    let live = |p: &Person| p.user.status != doorward_store::users::BLOCKED;
    person.filter(live).ok_or_else(no_session)
}

/// The values of a cookie: a browser sends one for each path and domain that has it.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(n, v)| *n == name && !v.is_empty()).map(|(_, v)| v).take(4).collect()
}

/// Puts the session's secret into cookies of the host that was asked: for scripts to send, not to read.
pub fn set_secret(project: &Project, out: &mut HeaderMap, secret: &SessionCookie) {
    let age = secret.expires_at.seconds_since(project.cx.now).max(0);
    for name in SECRET_COOKIES {
        append(out, format!("{name}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{}", secret.value, secure(project.secure)));
    }
}

/// Puts the session token into the cookie that earlier back ends read. Scripts of earlier components write it too, so it is
/// theirs to write.
pub fn set_token(project: &Project, out: &mut HeaderMap, token: &str) {
    let attributes = token_attributes(project);
    append(out, format!("{TOKEN_COOKIE}={token}; Max-Age={}{attributes}", cookie_lifetime(project)));
}

/// Takes all of them away.
pub fn clear(project: &Project, out: &mut HeaderMap) {
    for name in SECRET_COOKIES {
        append(out, format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{}", secure(project.secure)));
    }
    append(out, format!("{TOKEN_COOKIE}=; Max-Age=0{}", token_attributes(project)));
}

fn token_attributes(project: &Project) -> String {
    let domain = project.cookie_domain();
    // A host without dots, such as localhost, can have cookies of its own only.
    let domain = if domain.contains('.') { format!("; Domain={domain}") } else { String::new() };
    let same_site = match project.settings().embedded.cookie_same_site.as_str() {
        "strict" => "Strict",
        "none" => "None",
        _ => "Lax",
    };
    format!("; Path=/; SameSite={same_site}{domain}{}", secure(project.cookie_secure()))
}

fn secure(yes: bool) -> &'static str {
    if yes { "; Secure" } else { "" }
}

fn append(out: &mut HeaderMap, cookie: String) {
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        out.append(header::SET_COOKIE, value);
    }
}
