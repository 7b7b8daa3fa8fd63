//! E-mail addresses.

use super::frame::{Asking, PageQuery, Told, again, asking, field, posting};
use super::{EMAIL_CODE, EMAILS};
use crate::faces::error_page;
use crate::view::{AccountEmailsPage, CodePage, CodePurpose, EmailRow, ErrorReason, Notice, Problem};
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::ids::IdentifierId;
use doorward_service::account::{AccountError, PendingEmail};
use doorward_service::signin::Problem as Refusal;
use uuid::Uuid;

/// `GET /account/emails`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, EMAILS).await {
        Ok(asking) => render(&asking, &Told::by(&query)).await,
        Err(response) => response,
    }
}

/// `POST /account/emails/add`: a code to a new address.
pub async fn add(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let typed = field(&params, "identifier");
    match asking.app.service.add_email(&asking.visit.cx, &asking.session, typed).await {
        Ok(pending) => to_code(&asking, &pending, Some("email-added")),
        Err(error) => came_back(&asking, error, Some(typed)).await,
    }
}

/// `POST /account/emails/verify`: a code to an address that is not proven yet.
pub async fn verify(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.verify_email(&asking.visit.cx, &asking.session, email_id(field(&params, "email"))).await {
        Ok(pending) => to_code(&asking, &pending, None),
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// `GET /account/emails/verify`: where the code is typed. The id in the address is worth nothing without the session.
pub async fn code_page(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    let asking = match asking(app, visit, EMAILS).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    let told = Told::by(&query);
    show_code(&asking, code_id(query.flow.as_deref().unwrap_or_default()), told).await
}

/// `POST /account/emails/code`
pub async fn code(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = code_id(field(&params, "flow"));
    let typed = field(&params, "code");
    if let Err(told) = asking.count_proof() {
        return show_code(&asking, id, told).await;
    }
    if typed.trim().is_empty() {
        return show_code(&asking, id, Told::wrong(Problem::CodeMissing)).await;
    }
    match asking.app.service.prove_email(&asking.visit.cx, &asking.session, id, typed).await {
        Ok(()) => asking.done(Notice::EmailVerified),
        Err(error) => code_came_back(&asking, id, error).await,
    }
}

/// `POST /account/emails/send-code`: another one.
pub async fn send_code(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = code_id(field(&params, "flow"));
    match asking.app.service.resend_email_code(&asking.visit.cx, &asking.session, id).await {
        Ok(pending) => to_code(&asking, &pending, Some("code-sent")),
        Err(error) => code_came_back(&asking, id, error).await,
    }
}

/// `POST /account/emails/primary`
pub async fn primary(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.make_email_primary(&asking.visit.cx, &asking.session, email_id(field(&params, "email"))).await {
        Ok(()) => asking.done(Notice::EmailPrimary),
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// `POST /account/emails/remove`
pub async fn remove(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, EMAILS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.remove_email(&asking.visit.cx, &asking.session, email_id(field(&params, "email"))).await {
        Ok(()) => asking.done(Notice::EmailRemoved),
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// An id that is none finds nothing.
fn email_id(text: &str) -> IdentifierId {
    text.parse().unwrap_or(IdentifierId(Uuid::nil()))
}

fn code_id(text: &str) -> Uuid {
    Uuid::parse_str(text).unwrap_or(Uuid::nil())
}

fn code_path(id: Uuid) -> String {
    format!("{EMAIL_CODE}?flow={}", id.simple())
}

fn to_code(asking: &Asking, pending: &PendingEmail, news: Option<&str>) -> Response {
    let mut path = code_path(pending.id);
    if let Some(news) = news {
        path.push_str("&notice=");
        path.push_str(news);
    }
    asking.visit.answer(answers::see_other(&path))
}

async fn came_back(asking: &Asking, error: AccountError, typed: Option<&str>) -> Response {
    match asking.refused(error) {
        Ok(told) => render(asking, &Told { typed: typed.map(str::to_owned), ..told }).await,
        Err(response) => response,
    }
}

async fn code_came_back(asking: &Asking, id: Uuid, error: AccountError) -> Response {
    match error {
        AccountError::NotFresh => asking.visit.answer(answers::see_other(&again(&code_path(id)))),
        // The button counts down by itself; to say so twice would only frighten.
        AccountError::Refused(Refusal::CodeTooSoon { .. }) => asking.visit.answer(answers::see_other(&code_path(id))),
        // The mailbox is proven and somebody's already: there is nothing left to type.
        AccountError::EmailTaken => came_back(asking, AccountError::EmailTaken, None).await,
        error => match asking.refused(error) {
            Ok(told) => show_code(asking, id, told).await,
            Err(response) => response,
        },
    }
}

async fn show_code(asking: &Asking, id: Uuid, told: Told) -> Response {
    let pending = match asking.app.service.pending_email(&asking.visit.cx, &asking.session, id).await {
        Ok(pending) => pending,
        Err(AccountError::NotFound(_)) => {
            let retry = Some(EMAILS.to_owned());
            let gone = error_page(&asking.app, &asking.visit, StatusCode::NOT_FOUND, ErrorReason::FlowExpired, retry, None);
            return asking.visit.answer(gone);
        }
        Err(error) => return came_back(asking, error, None).await,
    };
    let now = asking.visit.cx.now;
    let context = CodePage {
        flow: id.simple().to_string(),
        purpose: CodePurpose::VerifyEmail,
        submit_url: "/account/emails/code".into(),
        resend_url: "/account/emails/send-code".into(),
        change_url: Some(EMAILS.into()),
        status_url: None,
        password_url: None,
        passkey: None,
        destination: pending.address,
        resend_in: u32::try_from(pending.resend_at.seconds_since(now)).unwrap_or(0),
        valid_minutes: u32::try_from(asking.visit.cx.policy().code.lifetime_seconds / 60).unwrap_or(10),
        digits: asking.visit.cx.policy().code.digits,
        problem: told.problem,
        notice: told.notice,
    };
    asking.answer(&context.into(), &asking.chrome(), &told)
}

async fn render(asking: &Asking, told: &Told) -> Response {
    let emails = asking
        .person
        .identifiers
        .iter()
        .filter(|i| i.kind == "email")
        .map(|i| EmailRow {
            id: i.id.to_string(),
            address: i.value.clone(),
            verified: i.verified_at.is_some(),
            primary: i.is_primary,
        })
        .collect();
    let context = AccountEmailsPage {
        frame: asking.frame(told),
        emails,
        add_url: "/account/emails/add".into(),
        verify_url: EMAIL_CODE.into(),
        primary_url: "/account/emails/primary".into(),
        remove_url: "/account/emails/remove".into(),
        typed: told.typed.clone(),
    };
    let mut chrome = asking.chrome();
    if told.notice == Some(Notice::EmailPrimary) {
        // The name in the passkey manager is the primary address.
        match asking.app.service.my_passkeys(&asking.visit.cx, &asking.session).await {
            Ok(passkeys) => chrome.signals = Some(asking.signals(&passkeys)),
            Err(error) => tracing::warn!(error = %error, "no news for the passkey manager"),
        }
    }
    asking.answer(&context.into(), &chrome, told)
}
