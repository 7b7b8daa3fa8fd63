//! Pages that a GET shows. None of them writes anything that matters: mail scanners, prefetchers and reloads are harmless.

use super::render::outcome;
use crate::faces::{error_page, fault_page};
use crate::view::ErrorReason;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Visit};
use doorward_protocol::session::Method;
use doorward_protocol::signin::{Purpose, ReturnTo};
use doorward_service::signin::{FlowError, Input, PasskeyOptions, Start};
use serde::Deserialize;
use serde_json::json;

/// What a page's address may carry.
#[derive(Debug, Default, Deserialize)]
pub struct FlowQuery {
    flow: Option<String>,
    return_to: Option<String>,
    to: Option<String>,
    login_hint: Option<String>,
}

/// A path of ours, and nothing that a browser could take for another host.
pub fn own_path(text: Option<&str>) -> String {
    text.filter(|path| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && path.len() <= 500
            && path.bytes().all(|b| b.is_ascii_graphic())
    })
    .unwrap_or("/account")
    .to_owned()
}

/// `GET /signin`
pub async fn sign_in(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    show(&app, visit, query, Purpose::SignIn).await
}

/// `GET /signup`
pub async fn sign_up(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    show(&app, visit, query, Purpose::SignUp).await
}

/// `GET /recover`
pub async fn recover(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    show(&app, visit, query, Purpose::Recover).await
}

/// `GET /signin/again`: prove it again before something sensitive.
pub async fn again(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    let purpose = if visit.session.is_some() { Purpose::StepUp } else { Purpose::SignIn };
    show(&app, visit, FlowQuery { flow: None, ..query }, purpose).await
}

async fn show(app: &App, visit: Visit, query: FlowQuery, purpose: Purpose) -> Response {
    let session = visit.session.clone();
    let Some(flow) = query.flow else {
        let start = Start {
            purpose,
            application: None,
            return_to: ReturnTo::Path(own_path(query.return_to.as_deref())),
            hint: query.login_hint,
        };
        return match app.service.begin_sign_in(&visit.cx, start, session.as_ref()).await {
            Ok(begun) => outcome(app, visit, begun, false).await,
            Err(error) => fault_page(app, &visit, &error),
        };
    };
    match app.service.describe_sign_in(&visit.cx, &flow, session.as_ref()).await {
        Ok(Ok(described)) => outcome(app, visit, described, false).await,
        Ok(Err(error)) => flow_error(app, &visit, &error),
        Err(error) => fault_page(app, &visit, &error),
    }
}

/// A flow that cannot go on, as a page that says what to do.
pub fn flow_error(app: &App, visit: &Visit, error: &FlowError) -> Response {
    let reason = match error {
        // The cookie that binds the flow was set a moment ago and did not come back.
        FlowError::NoCookies => ErrorReason::CookiesBlocked,
        FlowError::OtherBrowser if !visit.keeps_cookies => ErrorReason::CookiesBlocked,
        FlowError::OtherBrowser | FlowError::Malformed | FlowError::Expired(_) => ErrorReason::FlowExpired,
    };
    visit.answer(error_page(app, visit, StatusCode::BAD_REQUEST, reason, Some("/signin".into()), None))
}

/// `GET /signin/switch`: the same errand by another way.
pub async fn switch(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    let input = match query.to.as_deref() {
        Some("signup") => Input::ToSignUp,
        Some("recover") => Input::ToRecover,
        Some("password") => Input::Choose(Method::Password),
        Some("recovery-code") => Input::Choose(Method::RecoveryCode),
        Some("app-code") => Input::Choose(Method::Totp),
        _ => Input::ChangeAccount,
    };
    let session = visit.session.clone();
    match app.service.answer_sign_in(&visit.cx, &query.flow.unwrap_or_default(), input, session.as_ref()).await {
        Ok(Ok(next)) => outcome(&app, visit, next, true).await,
        Ok(Err(error)) => flow_error(&app, &visit, &error),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

/// `GET /signin/renew`: a new challenge for a page that has been open for a while.
pub async fn renew(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    match app.service.renew_passkey_options(&visit.cx, &query.flow.unwrap_or_default(), visit.session.as_ref()).await {
        Ok(Some((flow, PasskeyOptions::Assertion(options) | PasskeyOptions::Registration(options)))) => {
            visit.answer(Json(json!({ "flow": flow, "options": options })))
        }
        Ok(None) => visit.answer(StatusCode::GONE.into_response()),
        Err(error) => visit.answer(doorward_httpkit::Refusal::from(error)),
    }
}

/// `GET /signin/status`: whether the link in the mail was confirmed elsewhere.
pub async fn status(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    let flow = query.flow.unwrap_or_default();
    match app.service.link_confirmed(&visit.cx, &flow).await {
        Ok(done) => {
            visit.answer(Json(json!({ "done": done, "location": done.then(|| format!("/signin/confirmed?flow={flow}")) })))
        }
        Err(error) => visit.answer(doorward_httpkit::Refusal::from(error)),
    }
}

/// `GET /signin/confirmed`: goes on after that. What was confirmed was confirmed by a post; the flow is bound to this browser.
pub async fn confirmed(State(app): State<App>, visit: Visit, Query(query): Query<FlowQuery>) -> Response {
    let session = visit.session.clone();
    match app.service.answer_sign_in(&visit.cx, &query.flow.unwrap_or_default(), Input::LinkConfirmed, session.as_ref()).await {
        Ok(Ok(next)) => outcome(&app, visit, next, true).await,
        Ok(Err(error)) => flow_error(&app, &visit, &error),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_ours_are_followed() {
        assert_eq!(own_path(Some("/account/emails?x=1")), "/account/emails?x=1");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "account", "", "/a b", "/\u{0}"] {
            assert_eq!(own_path(Some(bad)), "/account", "{bad}");
        }
    }
}
