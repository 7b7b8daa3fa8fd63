//! Which pages may call the API from a browser (Fetch, CORS protocol): what the system configuration says, where it is enabled. Where
//! it is not, nothing is said to browsers, and they keep answers from pages by themselves.

use super::system;
use crate::wire::{Doc, Refused};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_service::{Cx, Service};
use serde_json::Value;

/// What a page of another origin may do.
pub struct Allowed {
    settings: Value,
    origin: HeaderValue,
}

/// What is to be said to a request.
pub enum Verdict {
    /// No page of another origin asks, or nothing is configured.
    Silent,
    /// It may go on.
    Go(Allowed),
    /// It is answered at once: a preflight, or a refusal.
    Answer(Box<Response>),
}

/// Judges a request by the headers that browsers put on it.
///
/// # Errors
/// When the store fails.
pub async fn judge(service: &Service, host: &Cx, verb: &str, headers: &HeaderMap) -> Result<Verdict, Refused> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(Verdict::Silent) };
    if origin.to_str().ok() == Some(own_origin(host).as_str()) {
        return Ok(Verdict::Silent);
    }
    let settings = system::cors_settings(service, host).await?;
    if settings.flag("enabled") != Some(true) {
        return Ok(Verdict::Silent);
    }
    let listed = |list: &str, word: &str| {
        let all = settings.texts(list);
        all.iter().any(|one| one == "*" || one.eq_ignore_ascii_case(word))
    };
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let refuse = || Ok(Verdict::Answer(Box::new(StatusCode::FORBIDDEN.into_response())));
    if !listed("allowedOrigins", origin.to_str().unwrap_or_default()) {
        return refuse();
    }
    let asked = text(header::ACCESS_CONTROL_REQUEST_METHOD).to_owned();
    let wanted: Vec<String> = text(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .split(',')
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let allowed = Allowed { settings: settings.clone(), origin: origin.clone() };
    if verb != "OPTIONS" || asked.is_empty() {
        // The methods that need no preflight are for everybody who may read at all.
        let simple = matches!(verb, "GET" | "HEAD" | "POST");
        return if simple || listed("allowedMethods", verb) { Ok(Verdict::Go(allowed)) } else { refuse() };
    }
    let simple = matches!(asked.as_str(), "GET" | "HEAD" | "POST");
    if !(simple || listed("allowedMethods", &asked)) || !wanted.iter().all(|name| listed("allowedHeaders", name)) {
        return refuse();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let out = response.headers_mut();
    put(out, header::ACCESS_CONTROL_ALLOW_METHODS, &asked);
    put(out, header::ACCESS_CONTROL_ALLOW_HEADERS, &wanted.join(", "));
    let age = settings.number("preflightMaxAgeInSeconds").unwrap_or(0).clamp(0, 86_400);
    put(out, header::ACCESS_CONTROL_MAX_AGE, &age.to_string());
    Ok(Verdict::Answer(Box::new(allowed.tell(response))))
}

fn own_origin(host: &Cx) -> String {
    doorward_protocol::oauth::redirect_uri::origin(host.base()).unwrap_or_default()
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

impl Allowed {
    /// Tells the browser that the page may read this answer.
    pub fn tell(&self, mut response: Response<Body>) -> Response<Body> {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.clone());
        // Fetch, section 3.3.5: with credentials, the origin must have been named.
        let named = self.settings.texts("allowedOrigins").iter().all(|one| one != "*");
        if named && self.settings.flag("allowCredentials") == Some(true) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        let exposed = self.settings.texts("exposedHeaders").join(", ");
        if !exposed.is_empty() {
            put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
        }
        response
    }
}
