//! The state that every handler is given.

use crate::Visit;
use axum::response::Response;
use doorward_protocol::oauth::authorize::UntrustedRequest;
use doorward_service::Service;
use doorward_service::oauth::authorize::Answer;
use std::sync::Arc;

/// The services, and the faces that surfaces need of each other without importing one another.
#[derive(Clone)]
pub struct App {
    /// Use cases.
    pub service: Service,
    /// The hosted pages.
    pub faces: Arc<dyn Faces>,
}

/// What a link in a mail does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailLinkAct {
    /// It signs in.
    SignIn,
    /// It proves an address.
    VerifyEmail,
    /// It lets a password be set.
    SetPassword,
}

/// The page behind a link in a mail. Looking at it changes nothing; its button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailLink {
    /// The button.
    Confirm {
        /// What it does.
        act: MailLinkAct,
        /// Where the form goes.
        submit_url: String,
        /// The address or account.
        identifier: String,
    },
    /// It is done.
    Done {
        /// What it did.
        act: MailLinkAct,
        /// Goes on here.
        continue_url: Option<String>,
    },
    /// Too old or used.
    Gone,
}

/// What other surfaces ask of the hosted pages.
pub trait Faces: Send + Sync {
    /// An authorization request that can be sent nowhere.
    fn untrusted_request(&self, visit: &Visit, error: &UntrustedRequest) -> Response;

    /// A request that makes no sense, in words for a developer.
    fn bad_request(&self, visit: &Visit, detail: &str) -> Response;

    /// A fault of ours or too much to do, as a page.
    fn fault(&self, visit: &Visit, error: &doorward_service::Error) -> Response;

    /// An answer that the browser posts (Form Post Response Mode 1.0).
    fn form_post(&self, visit: &Visit, answer: &Answer) -> Response;

    /// The form for a new password, behind a link in a mail.
    fn new_password(
        &self,
        visit: &Visit,
        submit_url: &str,
        identifier: &str,
        problem: Option<doorward_service::password::PasswordProblem>,
    ) -> Response;

    /// The page behind a link in a mail that signs in or proves an address.
    fn mail_link(&self, visit: &Visit, link: &MailLink) -> Response;

    /// An answer that a script sends to the window that opened or framed the page.
    fn web_message(&self, visit: &Visit, answer: &Answer) -> Response;

    /// Where the flow of a sign-in is shown: the page's address with the sealed flow in it.
    fn sign_in_path(&self, view: &doorward_service::signin::View) -> String;

    /// The page that asks whether to sign out.
    fn confirm_sign_out(
        &self,
        visit: &Visit,
        request: &[(String, String)],
        application: Option<&str>,
        identifier: Option<&str>,
    ) -> Response;

    /// The page after signing out.
    fn signed_out(&self, visit: &Visit, application: Option<(&str, Option<&str>)>) -> Response;
}
