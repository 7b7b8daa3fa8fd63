//! The page of a link in a mail. Looking at it changes nothing; its button does.

use super::answer::refused;
use super::render::outcome;
use crate::chrome::chrome;
use crate::faces::fault_page;
use crate::page::page;
use crate::view::{MailLinkPage, MailLinkPurpose, MailLinkState, RequestDetails, When};
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit, csrf};
use doorward_protocol::oauth::params::Params;
use doorward_service::signin::{LinkOutcome, LinkView};
use serde::Deserialize;

/// What a link carries.
#[derive(Debug, Default, Deserialize)]
pub struct LinkQuery {
    c: Option<String>,
    t: Option<String>,
}

fn purpose_of(word: &str) -> MailLinkPurpose {
    match word {
        "sign_in" => MailLinkPurpose::SignIn,
        "recover" => MailLinkPurpose::Recover,
        _ => MailLinkPurpose::VerifyEmail,
    }
}

fn show(app: &App, visit: &Visit, status: StatusCode, state: MailLinkState) -> Response {
    visit.answer(page(status, &MailLinkPage { state }.into(), &chrome(app, visit, None)))
}

fn refuse(app: &App, visit: &Visit, view: &LinkView) -> Response {
    let restart_url = Some("/signin".to_owned());
    match view {
        LinkView::Unknown => show(app, visit, StatusCode::NOT_FOUND, MailLinkState::Expired { restart_url }),
        LinkView::Dead | LinkView::Ready { .. } => show(app, visit, StatusCode::GONE, MailLinkState::Used { restart_url }),
    }
}

/// `GET /signin/link`
pub async fn look(State(app): State<App>, visit: Visit, Query(query): Query<LinkQuery>) -> Response {
    let (id, secret) = (query.c.unwrap_or_default(), query.t.unwrap_or_default());
    match app.service.describe_link(&visit.cx, &id, &secret).await {
        Ok(LinkView::Ready { purpose, address, same_browser, asked_at }) => {
            let request = (!same_browser).then(|| RequestDetails {
                device: doorward_service::account::device_name(&visit.cx.client.user_agent),
                origin: None,
                at: When(asked_at.seconds()),
            });
            let state = MailLinkState::Confirm {
                purpose: purpose_of(&purpose),
                token: format!("{id}.{secret}"),
                submit_url: "/signin/link".into(),
                identifier: address,
                request,
            };
            show(&app, &visit, StatusCode::OK, state)
        }
        Ok(other) => refuse(&app, &visit, &other),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

/// `POST /signin/link`
pub async fn confirm(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    if let Err(error) = csrf::check(&app, &visit, params.first("csrf")) {
        return refused(&app, &visit, error);
    }
    if params.first("decision") == Some("deny") {
        return show(&app, &visit, StatusCode::OK, MailLinkState::Denied);
    }
    let (id, secret) = params.first("token").and_then(|t| t.split_once('.')).unwrap_or_default();
    let session = visit.session.clone();
    match app.service.confirm_link(&visit.cx, id, secret, session.as_ref()).await {
        Ok(LinkOutcome::GoesOn(next)) => outcome(&app, visit, *next, true).await,
        Ok(LinkOutcome::GoesOnElsewhere { .. }) => {
            show(&app, &visit, StatusCode::OK, MailLinkState::Done { purpose: MailLinkPurpose::VerifyEmail, continue_url: None })
        }
        Ok(LinkOutcome::Proven { .. }) => {
            let continue_url = session.map(|_| "/account/emails".to_owned());
            show(&app, &visit, StatusCode::OK, MailLinkState::Done { purpose: MailLinkPurpose::VerifyEmail, continue_url })
        }
        Ok(LinkOutcome::Refused(view)) => refuse(&app, &visit, &view),
        Err(error) => fault_page(&app, &visit, &error),
    }
}
