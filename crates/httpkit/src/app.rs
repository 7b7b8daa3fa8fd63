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
