//! `/ticket`: what an administrator's link leads to. Looking at it changes nothing: whoever checks links for people fetches every
//! one of them. Its form sets a password or proves an address, once, and leads on to where the administrator said.

use crate::chrome::chrome;
use crate::faces::{error_page, fault_page, form_action_of, password_problem};
use crate::page::{page, page_that_leads_to};
use crate::signin::answer::refused;
use crate::signin::words::minutes;
use crate::view::{
    ErrorReason, MailLinkPage, MailLinkPurpose, MailLinkState, NewPasswordPage, NewPasswordVariant, Page, PasswordRules,
};
use axum::Router;
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use doorward_httpkit::{App, Visit, answers, csrf};
use doorward_protocol::oauth::params::Params;
use doorward_service::directory::{TicketAct, TicketDone, TicketRefusal};
use doorward_service::password::PasswordProblem;
use serde::Deserialize;
use url::Url;

/// Every path.
pub fn routes() -> Router<App> {
    Router::new().route("/ticket", get(look).post(follow))
}

#[derive(Debug, Default, Deserialize)]
struct Carried {
    t: Option<String>,
}

/// `GET /ticket`
async fn look(State(app): State<App>, visit: Visit, Query(carried): Query<Carried>) -> Response {
    let id = carried.t.unwrap_or_default();
    match app.service.look_at_ticket(&visit.cx, &id).await {
        Ok(found) => form(&app, &visit, &id, &found, None),
        Err(refusal) => gone(&app, &visit, refusal),
    }
}

/// `POST /ticket`
async fn follow(State(app): State<App>, visit: Visit, Query(carried): Query<Carried>, RawForm(body): RawForm) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    if let Err(error) = csrf::check(&app, &visit, params.first("csrf")) {
        return refused(&app, &visit, error);
    }
    if let Err(wait) = app.service.limits.proof(&visit.cx.client.ip) {
        let reason = ErrorReason::RateLimited { minutes: minutes(wait) };
        return visit.answer(error_page(&app, &visit, StatusCode::TOO_MANY_REQUESTS, reason, None, None));
    }
    let id = carried.t.unwrap_or_default();
    match app.service.use_ticket(&visit.cx, &id, params.first("password")).await {
        Ok(done) => finished(&app, &visit, &done),
        Err(TicketRefusal::Password(problem)) => match app.service.look_at_ticket(&visit.cx, &id).await {
            Ok(found) => form(&app, &visit, &id, &found, Some(problem)),
            Err(refusal) => gone(&app, &visit, refusal),
        },
        Err(refusal) => gone(&app, &visit, refusal),
    }
}

fn form(app: &App, visit: &Visit, id: &str, found: &TicketDone, problem: Option<PasswordProblem>) -> Response {
    let submit_url = format!("/ticket?{}", form_urlencoded::Serializer::new(String::new()).append_pair("t", id).finish());
    let label = found.person.email().or(found.person.identifiers.first()).map(|i| i.value.clone()).unwrap_or_default();
    let context: Page = match found.ticket.act {
        TicketAct::VerifyEmail => {
            let state = MailLinkState::Confirm {
                purpose: MailLinkPurpose::VerifyEmail,
                token: String::new(),
                submit_url,
                identifier: label,
                request: None,
            };
            MailLinkPage { state }.into()
        }
        TicketAct::SetPassword { .. } => NewPasswordPage {
            flow: String::new(),
            variant: NewPasswordVariant::Ticket,
            submit_url,
            identifier: label,
            rules: PasswordRules { min_length: visit.cx.policy().password.min_length },
            skip_url: None,
            problem: problem.map(password_problem),
        }
        .into(),
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let leads_to = found.ticket.result_url.as_deref().and_then(form_action_of);
    visit.answer(page_that_leads_to(status, &context, &chrome(app, visit, None), leads_to.as_deref()))
}

fn finished(app: &App, visit: &Visit, done: &TicketDone) -> Response {
    let (purpose, message) = match done.ticket.act {
        TicketAct::VerifyEmail => (MailLinkPurpose::VerifyEmail, "The address is verified."),
        TicketAct::SetPassword { .. } => (MailLinkPurpose::NewPassword, "The password is set."),
    };
    if let Some(Ok(mut url)) = done.ticket.result_url.as_deref().map(Url::parse) {
        url.query_pairs_mut().append_pair("success", "true").append_pair("code", "success").append_pair("message", message);
        if let Some(email) = done.person.email().filter(|_| done.ticket.tells_address) {
            url.query_pairs_mut().append_pair("email", &email.value);
        }
        return visit.answer(answers::see_other(url.as_str()));
    }
    let state = MailLinkState::Done { purpose, continue_url: Some("/signin".into()) };
    visit.answer(page(StatusCode::OK, &MailLinkPage { state }.into(), &chrome(app, visit, None)))
}

fn gone(app: &App, visit: &Visit, refusal: TicketRefusal) -> Response {
    match refusal {
        TicketRefusal::Fault(error) => fault_page(app, visit, &error),
        TicketRefusal::Gone | TicketRefusal::Password(_) => {
            let state = MailLinkState::Used { restart_url: Some("/signin".into()) };
            visit.answer(page(StatusCode::GONE, &MailLinkPage { state }.into(), &chrome(app, visit, None)))
        }
    }
}
