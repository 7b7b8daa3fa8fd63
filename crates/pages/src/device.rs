//! `/activate`: where a person types the code that a device shows (RFC 8628, section 3.3).

use crate::chrome::chrome;
use crate::faces::{error_page, fault_page};
use crate::page::page;
use crate::signin::flow_path;
use crate::signin::words::minutes;
use crate::view::{DeviceCodePage, DeviceConfirmPage, DeviceDonePage, ErrorReason, Problem, ScopeLine};
use axum::Router;
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use doorward_httpkit::csrf::{self, CsrfError};
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::oauth::params::Params;
use doorward_protocol::signin::{Purpose, ReturnTo};
use doorward_service::Error;
use doorward_service::oauth::device::{TypedCode, WaitingDevice};
use doorward_service::signin::{Outcome, Start};
use doorward_store::sessions::SessionRow;
use serde::Deserialize;
use std::sync::Arc;

/// Every path.
pub fn routes() -> Router<App> {
    Router::new().route("/activate", get(show).post(typed)).route("/activate/answer", post(answer))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    user_code: Option<String>,
}

/// `GET /activate`: the form, or for somebody signed in who brings a code the question.
async fn show(State(app): State<App>, visit: Visit, Query(asked): Query<Asked>) -> Response {
    match (asked.user_code.filter(|code| !code.is_empty()), visit.session.clone()) {
        (Some(code), Some(session)) => ask(&app, &visit, &code, &session).await.unwrap_or_else(|e| fault_page(&app, &visit, &e)),
        (code, _) => form(&app, &visit, code, None, StatusCode::OK),
    }
}

fn form(app: &App, visit: &Visit, code: Option<String>, problem: Option<Problem>, status: StatusCode) -> Response {
    let code = code.map(|code| code.chars().take(16).collect());
    let context = DeviceCodePage { code, submit_url: "/activate".into(), problem };
    visit.answer(page(status, &context.into(), &chrome(app, visit, None)))
}

/// `POST /activate`: a code was typed. Whoever is not signed in does that first.
async fn typed(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    if let Err(error) = csrf::check(&app, &visit, params.first("csrf")) {
        return refused(&app, &visit, error);
    }
    let code = params.first("user_code").unwrap_or_default().to_owned();
    if let Some(session) = visit.session.clone() {
        return ask(&app, &visit, &code, &session).await.unwrap_or_else(|e| fault_page(&app, &visit, &e));
    }
    match app.service.typed_device_code(&visit.cx, &code).await {
        Ok(TypedCode::Waiting(device)) => sign_in(&app, visit, &code, &device).await,
        Ok(other) => wrong(&app, &visit, code, &other),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

/// Sign-in as the application on the device has it, and back here.
async fn sign_in(app: &App, visit: Visit, code: &str, device: &WaitingDevice) -> Response {
    let here = format!("/activate?user_code={}", form_urlencoded::byte_serialize(code.as_bytes()).collect::<String>());
    let start = Start {
        purpose: Purpose::SignIn,
        application: Some(Arc::clone(&device.application)),
        return_to: ReturnTo::Path(here.clone()),
        hint: None,
    };
    match app.service.begin_sign_in(&visit.cx, start, None).await {
        Ok(Outcome::Show(view)) => visit.answer(answers::see_other(&flow_path(&view))),
        Ok(Outcome::Finished(_)) => visit.answer(answers::see_other(&here)),
        Err(error) => fault_page(app, &visit, &error),
    }
}

fn wrong(app: &App, visit: &Visit, code: String, typed: &TypedCode) -> Response {
    let (problem, status) = match typed {
        TypedCode::Locked(wait) => (Problem::TooManyAttempts { minutes: minutes(*wait) }, StatusCode::TOO_MANY_REQUESTS),
        TypedCode::Waiting(_) | TypedCode::Unknown => (Problem::CodeExpired, StatusCode::UNPROCESSABLE_ENTITY),
    };
    form(app, visit, Some(code), Some(problem), status)
}

async fn ask(app: &App, visit: &Visit, code: &str, session: &SessionRow) -> Result<Response, Error> {
    let device = match app.service.typed_device_code(&visit.cx, code).await? {
        TypedCode::Waiting(device) => *device,
        other => return Ok(wrong(app, visit, code.to_owned(), &other)),
    };
    let context = DeviceConfirmPage {
        code: code.chars().take(16).collect(),
        application_name: device.application.name.clone(),
        identifier: app.service.account_label(&visit.cx, session.user_id).await?.unwrap_or_default(),
        scopes: lines(app, visit, &device).await?,
        submit_url: "/activate/answer".into(),
    };
    Ok(visit.answer(page(StatusCode::OK, &context.into(), &chrome(app, visit, Some(&device.application)))))
}

async fn lines(app: &App, visit: &Visit, device: &WaitingDevice) -> Result<Vec<ScopeLine>, Error> {
    let mut described = Vec::new();
    for audience in &device.audience {
        if let Some(target) = app.service.resource_server(visit.cx.tenant_id(), audience).await? {
            described.extend(app.service.store.scopes(visit.cx.tenant_id(), target.id).await?);
        }
    }
    Ok(device
        .scope
        .iter()
        .map(|name| ScopeLine {
            name: name.clone(),
            description: described.iter().find(|s| s.value == *name).map(|s| s.description.clone()).filter(|d| !d.is_empty()),
        })
        .collect())
}

/// `POST /activate/answer`.
async fn answer(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    if let Err(error) = csrf::check(&app, &visit, params.first("csrf")) {
        return refused(&app, &visit, error);
    }
    let code = params.first("user_code").unwrap_or_default().to_owned();
    let Some(session) = visit.session.clone() else { return form(&app, &visit, Some(code), None, StatusCode::OK) };
    let allowed = params.first("decision") == Some("allow");
    let done = async {
        match app.service.typed_device_code(&visit.cx, &code).await? {
            TypedCode::Waiting(device) if app.service.answer_device(&visit.cx, &device, &session, allowed).await? => {
                Ok(page(StatusCode::OK, &DeviceDonePage { allowed }.into(), &chrome(&app, &visit, None)))
            }
            other => Ok(wrong(&app, &visit, code.clone(), &other)),
        }
    };
    match done.await {
        Ok(response) => visit.answer(response),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

fn refused(app: &App, visit: &Visit, error: CsrfError) -> Response {
    let reason = match error {
        CsrfError::NoCookies => ErrorReason::CookiesBlocked,
        CsrfError::OtherSite | CsrfError::Token => ErrorReason::FormExpired,
    };
    visit.answer(error_page(app, visit, StatusCode::FORBIDDEN, reason, Some("/activate".into()), None))
}
