//! What forms post.

use super::render::outcome;
use super::start::flow_error;
use super::words::minutes;
use crate::faces::{error_page, fault_page};
use crate::view::ErrorReason;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::csrf::{self, CsrfError};
use doorward_httpkit::{App, Visit};
use doorward_protocol::ids::PasskeyId;
use doorward_protocol::oauth::params::Params;
use doorward_service::signin::Input;

async fn post(app: &App, visit: Visit, body: &[u8], proof: bool, input: impl FnOnce(&Params) -> Input) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(body));
    if let Err(error) = csrf::check(app, &visit, params.first("csrf")) {
        return refused(app, &visit, error);
    }
    if proof && let Err(wait) = app.service.limits.proof(&visit.cx.client.ip) {
        let reason = ErrorReason::RateLimited { minutes: minutes(wait) };
        return visit.answer(error_page(app, &visit, StatusCode::TOO_MANY_REQUESTS, reason, None, None));
    }
    let session = visit.session.clone();
    let flow = params.first("flow").unwrap_or_default();
    match app.service.answer_sign_in(&visit.cx, flow, input(&params), session.as_ref()).await {
        Ok(Ok(next)) => outcome(app, visit, next, true).await,
        Ok(Err(error)) => flow_error(app, &visit, &error),
        Err(error) => fault_page(app, &visit, &error),
    }
}

/// A form that came from elsewhere, or without its token.
pub fn refused(app: &App, visit: &Visit, error: CsrfError) -> Response {
    let reason = match error {
        CsrfError::NoCookies => ErrorReason::CookiesBlocked,
        CsrfError::OtherSite | CsrfError::Token => ErrorReason::FormExpired,
    };
    visit.answer(error_page(app, visit, StatusCode::FORBIDDEN, reason, Some("/signin".into()), None))
}

fn field(params: &Params, name: &str) -> String {
    params.first(name).unwrap_or_default().to_owned()
}

/// `POST /signin/identify`
pub async fn identify(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |p| Input::Identify { identifier: field(p, "identifier") }).await
}

/// `POST /signin/password`
pub async fn password(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::Password(field(p, "password"))).await
}

/// `POST /signin/new-password`
pub async fn new_password(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::NewPassword(field(p, "password"))).await
}

/// `POST /signin/keep-password`
pub async fn keep_password(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |_| Input::KeepPassword).await
}

/// `POST /signin/code`
pub async fn code(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::Code(field(p, "code"))).await
}

/// `POST /signin/send-code`
pub async fn send_code(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |_| Input::SendCode).await
}

/// `POST /signin/passkey`
pub async fn passkey(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::Assertion(field(p, "credential"))).await
}

/// `POST /signin/create`
pub async fn sign_up(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::SignUp {
        name: field(p, "name"),
        identifier: field(p, "identifier"),
        password: p.first("password").map(str::to_owned),
    })
    .await
}

/// `POST /signin/register`
pub async fn register(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::Registration {
        credential: field(p, "credential"),
        remove: p.all("remove").iter().filter_map(|id| id.parse::<PasskeyId>().ok()).collect(),
        silent: p.first("silent") == Some("true"),
    })
    .await
}

/// `POST /signin/skip`
pub async fn skip(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |_| Input::SkipPasskey).await
}

/// `POST /signin/passkey-started`: the page tells that the browser asks for a face, a finger or a PIN now, for the plot of the
/// console. Nothing waits for the answer.
pub async fn passkey_started(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let params = Params::parse(&String::from_utf8_lossy(&body));
    if csrf::check(&app, &visit, params.first("csrf")).is_err() {
        return visit.answer(StatusCode::FORBIDDEN);
    }
    match app.service.note_passkey_started(&visit.cx, params.first("flow").unwrap_or_default()).await {
        Ok(()) => visit.answer(StatusCode::NO_CONTENT),
        Err(error) => fault_page(&app, &visit, &error),
    }
}

/// `POST /signin/profile`
pub async fn profile(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |p| Input::Profile { name: field(p, "name") }).await
}

/// `POST /signin/account`
pub async fn account(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |_| Input::KeepAccount).await
}

/// `POST /signin/consent`
pub async fn consent(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |p| if p.first("decision") == Some("allow") { Input::Allow } else { Input::Deny }).await
}

/// `POST /signin/factor`
pub async fn factor(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::SecondFactor {
        code: field(p, "code"),
        remember: p.first("remember") == Some("true"),
    })
    .await
}

/// `POST /signin/factor/begin`
pub async fn begin_factor(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |_| Input::BeginFactor).await
}

/// `POST /signin/factor/confirm`
pub async fn confirm_factor(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, true, |p| Input::ConfirmFactor(field(p, "code"))).await
}

/// `POST /signin/factor/kept`
pub async fn codes_kept(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    post(&app, visit, &body, false, |_| Input::RecoveryCodesKept).await
}
