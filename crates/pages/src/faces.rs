//! What other surfaces ask of the hosted pages, and errors on pages.

use crate::chrome::chrome;
use crate::page::{page, page_that_leads_to};
use crate::signin::flow_path;
use crate::view::{
    ErrorPage, ErrorReason, FormPostPage, MailLinkPage, MailLinkPurpose, MailLinkState, NewPasswordPage, NewPasswordVariant,
    Page, PasswordRules, Problem, SignOutPage, SignedOutPage, WebMessagePage,
};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use doorward_httpkit::app::{Faces, MailLink, MailLinkAct};
use doorward_httpkit::{App, Refusal, Visit};
use doorward_protocol::oauth::authorize::UntrustedRequest;
use doorward_protocol::oauth::redirect_uri::origin;
use doorward_service::oauth::authorize::Answer;
use doorward_service::password::{Lack, PasswordProblem};
use doorward_service::signin::View;
use doorward_service::{Error, Service};
use std::sync::Arc;

/// The hosted pages as other surfaces see them.
pub struct HostedPages {
    service: Service,
}

impl HostedPages {
    /// The state for every surface: the services and these pages.
    pub fn app(service: Service) -> App {
        App { faces: Arc::new(Self { service: service.clone() }), service }
    }

    fn app_again(&self) -> App {
        Self::app(self.service.clone())
    }
}

/// Why a password came back.
pub(crate) fn password_problem(problem: PasswordProblem) -> Problem {
    match problem {
        PasswordProblem::TooShort { least } => Problem::PasswordTooShort { min: least },
        PasswordProblem::TooLong { most } => Problem::PasswordTooLong { max: most },
        PasswordProblem::Lacks(Lack::Number) => Problem::PasswordNeedsNumber,
        PasswordProblem::Lacks(Lack::MixedCase) => Problem::PasswordNeedsMixedCase,
        PasswordProblem::Lacks(Lack::Symbol) => Problem::PasswordNeedsSymbol,
        PasswordProblem::TooWeak => Problem::PasswordWeak,
    }
}

/// An error on a page: what happened, what to do, and the id to tell support.
pub fn error_page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    reason: ErrorReason,
    retry_url: Option<String>,
    home_url: Option<String>,
) -> Response {
    let wait = match &reason {
        ErrorReason::RateLimited { minutes } | ErrorReason::AccountLocked { minutes } => Some(u64::from(*minutes) * 60),
        ErrorReason::Busy => Some(2),
        _ => None,
    };
    let context = ErrorPage { reason, request_id: visit.cx.client.request_id.clone(), retry_url, home_url, settings_url: None };
    let mut response = page(status, &context.into(), &chrome(app, visit, None));
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// A fault of ours, or too much to do, as a page.
pub fn fault_page(app: &App, visit: &Visit, error: &Error) -> Response {
    Refusal::log(error);
    let status = Refusal::status(error);
    let reason = if status == StatusCode::SERVICE_UNAVAILABLE { ErrorReason::Busy } else { ErrorReason::ServerError };
    visit.answer(error_page(app, visit, status, reason, None, None))
}

impl Faces for HostedPages {
    fn untrusted_request(&self, visit: &Visit, error: &UntrustedRequest) -> Response {
        let reason = match error {
            UntrustedRequest::UnknownClient(client_id) => ErrorReason::UnknownClient { client_id: client_id.clone() },
            UntrustedRequest::RedirectUriNotRegistered(uri) => {
                ErrorReason::RedirectUriMismatch { redirect_uri: uri.chars().take(500).collect() }
            }
            UntrustedRequest::RedirectUriMissing => ErrorReason::RedirectUriMissing,
            UntrustedRequest::ClientIdMissing
            | UntrustedRequest::Repeated(_)
            | UntrustedRequest::WebMessageNotAllowed(_)
            | UntrustedRequest::PushedRequestUnknown => ErrorReason::InvalidRequest { detail: error.to_string() },
        };
        error_page(&self.app_again(), visit, StatusCode::BAD_REQUEST, reason, None, None)
    }

    fn bad_request(&self, visit: &Visit, detail: &str) -> Response {
        error_page(
            &self.app_again(),
            visit,
            StatusCode::BAD_REQUEST,
            ErrorReason::InvalidRequest { detail: detail.to_owned() },
            None,
            None,
        )
    }

    fn fault(&self, visit: &Visit, error: &Error) -> Response {
        fault_page(&self.app_again(), visit, error)
    }

    fn form_post(&self, visit: &Visit, answer: &Answer) -> Response {
        let context = FormPostPage { action: answer.redirect_uri.clone(), fields: answer.params.clone() };
        page_that_leads_to(
            StatusCode::OK,
            &Page::from(context),
            &chrome(&self.app_again(), visit, None),
            form_action_of(&answer.redirect_uri).as_deref(),
        )
    }

    fn new_password(&self, visit: &Visit, submit_url: &str, identifier: &str, problem: Option<PasswordProblem>) -> Response {
        let context = NewPasswordPage {
            flow: String::new(),
            variant: NewPasswordVariant::Reset,
            submit_url: submit_url.to_owned(),
            identifier: identifier.to_owned(),
            rules: PasswordRules { min_length: visit.cx.policy().password.min_length },
            skip_url: None,
            problem: problem.map(password_problem),
        };
        let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        page(status, &context.into(), &chrome(&self.app_again(), visit, None))
    }

    fn mail_link(&self, visit: &Visit, link: &MailLink) -> Response {
        let purpose = |act: MailLinkAct| match act {
            MailLinkAct::SignIn => MailLinkPurpose::SignIn,
            MailLinkAct::VerifyEmail => MailLinkPurpose::VerifyEmail,
            MailLinkAct::SetPassword => MailLinkPurpose::Recover,
        };
        let (status, state) = match link {
            MailLink::Confirm { act, submit_url, identifier } => (
                StatusCode::OK,
                MailLinkState::Confirm {
                    purpose: purpose(*act),
                    token: String::new(),
                    submit_url: submit_url.clone(),
                    identifier: identifier.clone(),
                    request: None,
                },
            ),
            MailLink::Done { act, continue_url } => {
                (StatusCode::OK, MailLinkState::Done { purpose: purpose(*act), continue_url: continue_url.clone() })
            }
            MailLink::Gone => (StatusCode::GONE, MailLinkState::Used { restart_url: Some("/signin".into()) }),
        };
        page(status, &MailLinkPage { state }.into(), &chrome(&self.app_again(), visit, None))
    }

    fn web_message(&self, visit: &Visit, answer: &Answer) -> Response {
        let target = origin(&answer.redirect_uri).unwrap_or_default();
        let message: serde_json::Map<String, serde_json::Value> =
            answer.params.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let context = WebMessagePage { message: serde_json::Value::Object(message).to_string(), target: target.clone() };
        let mut response = page(StatusCode::OK, &context.into(), &chrome(&self.app_again(), visit, None));
        let policy = format!(
            "default-src 'none'; script-src 'self'; img-src data:; frame-ancestors {target}; base-uri 'none'; form-action 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        open_to_opener(response)
    }

    fn sign_in_path(&self, view: &View) -> String {
        flow_path(view)
    }

    fn confirm_sign_out(
        &self,
        visit: &Visit,
        request: &[(String, String)],
        application: Option<&str>,
        identifier: Option<&str>,
    ) -> Response {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(request).finish();
        let return_to =
            request.iter().find(|(name, _)| name == "post_logout_redirect_uri").and_then(|(_, uri)| form_action_of(uri));
        let context = SignOutPage {
            flow: String::new(),
            submit_url: format!("/connect/logout?{query}"),
            cancel_url: Some("/account".into()),
            identifier: identifier.map(str::to_owned),
        };
        let mut chrome = chrome(&self.app_again(), visit, None);
        chrome.application_name = application.map(str::to_owned);
        page_that_leads_to(StatusCode::OK, &context.into(), &chrome, return_to.as_deref())
    }

    fn signed_out(&self, visit: &Visit, application: Option<(&str, Option<&str>)>) -> Response {
        let mut chrome = chrome(&self.app_again(), visit, None);
        chrome.application_name = application.map(|(name, _)| name.to_owned());
        let context = SignedOutPage {
            sign_in_url: Some("/signin".into()),
            return_url: application.and_then(|(_, home)| home.map(str::to_owned)),
        };
        page(StatusCode::OK, &context.into(), &chrome)
    }
}

/// Keeps the page in the group of the window that opened it: it waits for a message.
pub fn open_to_opener(mut response: Response) -> Response {
    response.headers_mut().insert("cross-origin-opener-policy", HeaderValue::from_static("unsafe-none"));
    response
}

/// What `form-action` must allow so that a form may lead to an address: its origin, or the scheme of a native application.
pub fn form_action_of(uri: &str) -> Option<String> {
    origin(uri).or_else(|| uri.split_once(':').map(|(scheme, _)| format!("{scheme}:")))
}
