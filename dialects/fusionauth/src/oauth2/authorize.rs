//! `/oauth2/authorize` and `/oauth2/register`.

use super::{lower, tenant_of};
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::oauth::authorize::UntrustedRequest;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::oauth::scope;
use doorward_service::oauth::authorize::Begun;
use serde_json::json;

/// By GET.
pub async fn get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    begin(&app, visit, query.as_deref().unwrap_or_default(), false).await
}

/// By POST: repeated as a GET, which brings our cookies.
pub async fn post(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let text = String::from_utf8_lossy(&body);
    if let Some(again) = answers::repeated_as_get(&visit, "/oauth2/authorize", &text) {
        return again;
    }
    begin(&app, visit, &text, false).await
}

/// The same, beginning with sign-up.
pub async fn register(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    begin(&app, visit, query.as_deref().unwrap_or_default(), true).await
}

/// The vendor's parameters in the standard's words. Scopes that nobody defines are left out, as its clients expect.
async fn translate(app: &App, visit: &Visit, query: &str, sign_up: bool) -> Result<Params, doorward_service::Error> {
    let sent = Params::parse(query);
    let mut known: Vec<String> =
        app.service.store.scopes_of_tenant(visit.cx.tenant_id()).await?.into_iter().map(|s| s.value).collect();
    known.extend(scope::STANDARD.iter().map(|s| (*s).to_owned()));
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut prompt = false;
    for (name, value) in sent.pairs() {
        match name {
            "client_id" => pairs.push((name.into(), lower(value))),
            "scope" => {
                let kept: Vec<&str> = value.split(' ').filter(|s| known.iter().any(|k| k == s)).collect();
                pairs.push((name.into(), kept.join(" ")));
            }
            "locale" if sent.first("ui_locales").is_none() => pairs.push(("ui_locales".into(), value.replace('_', "-"))),
            "loginId" if sent.first("login_hint").is_none() => pairs.push(("login_hint".into(), value.into())),
            "prompt" if sign_up => {
                prompt = true;
                pairs.push((name.into(), "create".into()));
            }
            // Their values mean nothing here.
            "resource" | "claims" | "acr_values" | "tenantId" | "user_code" | "idp_hint" => {}
            _ => pairs.push((name.into(), value.into())),
        }
    }
    if sign_up && !prompt {
        pairs.push(("prompt".into(), "create".into()));
    }
    Ok(Params::from_pairs(pairs))
}

async fn begin(app: &App, mut visit: Visit, query: &str, sign_up: bool) -> Response {
    let sent = Params::parse(query);
    let meant = tenant_of(&app.service, &visit.cx, sent.first("client_id"), sent.first("tenantId")).await;
    match meant {
        Ok(cx) if cx.tenant_id() != visit.cx.tenant_id() && !cx.domain.host.is_empty() => {
            // Another tenant's pages live on its own host, where its sessions and passkeys are.
            let path = if sign_up { "register" } else { "authorize" };
            return visit.answer(found(&cx.url(&format!("/oauth2/{path}?{query}"))));
        }
        Ok(_) => {}
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    }
    let params = match translate(app, &visit, query, sign_up).await {
        Ok(params) => params,
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    };
    match app.service.authorize(&visit.cx, &params, visit.session.as_ref()).await {
        Ok(Begun::Answer(mut answer)) => {
            decorate(&mut answer.params);
            answers::authorization(app, &visit, &answer)
        }
        Ok(Begun::Untrusted(error)) => {
            let wants_json = visit
                .headers
                .get(header::ACCEPT)
                .and_then(|v| v.to_str().ok())
                .is_some_and(|a| a.contains("application/json") && !a.contains("text/html"));
            if wants_json {
                return visit.answer(untrusted(&error));
            }
            visit.answer(app.faces.untrusted_request(&visit, &error))
        }
        Ok(Begun::Page(view)) => {
            visit.adopt_language(&view);
            visit.answer(answers::see_other(&app.faces.sign_in_path(&view)))
        }
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

/// A redirect by GET that the vendor's clients know: 302.
pub(super) fn found(to: &str) -> Response {
    let mut response = answers::see_other(to);
    if response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

/// What the vendor adds to an answer: a hint about the person, and to an error its own reason.
fn decorate(params: &mut Vec<(String, String)>) {
    let error = params.iter().find(|(k, _)| k == "error").map(|(_, v)| v.clone());
    match error.as_deref() {
        Some("login_required") => params.push(("error_reason".into(), "login_required".into())),
        Some("consent_required") => params.push(("error_reason".into(), "consent_required".into())),
        Some("interaction_required") => params.push(("error_reason".into(), "interaction_required".into())),
        Some("access_denied") => params.push(("error_reason".into(), "access_denied".into())),
        Some("invalid_scope") => params.push(("error_reason".into(), "unknown_scope".into())),
        Some("unsupported_response_type") => params.push(("error_reason".into(), "invalid_response_type".into())),
        Some(_) => params.push(("error_reason".into(), "unknown".into())),
        None => params.push(("userState".into(), "Authenticated".into())),
    }
}

fn untrusted(error: &UntrustedRequest) -> Response {
    let reason = match error {
        UntrustedRequest::UnknownClient(_) => "invalid_client_id",
        UntrustedRequest::ClientIdMissing => "missing_client_id",
        UntrustedRequest::RedirectUriMissing => "missing_redirect_uri",
        UntrustedRequest::RedirectUriNotRegistered(_) => "invalid_redirect_uri",
        _ => "unknown",
    };
    let body = json!({ "error": "invalid_request", "error_reason": reason, "error_description": error.to_string() });
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
