//! What can go wrong with a sign-in, as an error and as a page.

use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};
use thiserror::Error;

use super::store::StoreError;
use crate::error::{ProviderError, TokenFault, VerifyError};

/// Why a person is not signed in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The answer belongs to no sign-in that this browser is waiting for: it took too long, was used already, or is somebody's trick.
    #[error("the answer belongs to no sign-in of this browser")]
    State,
    /// RFC 9207: the answer is another provider's.
    #[error("the answer is another provider's")]
    Issuer,
    /// The answer has neither code nor error.
    #[error("the answer carries no code")]
    NoCode,
    /// The provider refused (RFC 6749, sections 4.1.2.1 and 5.2).
    #[error("the provider refused: {code}{}", .description.as_ref().map(|d| format!(" ({d})")).unwrap_or_default())]
    Refused {
        /// `error`.
        code: String,
        /// `error_description`.
        description: Option<String>,
    },
    /// The ID token is not good.
    #[error("the ID token is not good: {0}")]
    IdToken(TokenFault),
    /// Userinfo is about somebody else (OpenID Connect Core 1.0, section 5.3.2).
    #[error("userinfo is about somebody else")]
    Userinfo,
    /// The provider could not be asked.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The session does not fit a cookie.
    #[error("the session takes {bytes} bytes, and browsers drop cookies of more than 4093")]
    SessionTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The session could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<VerifyError> for SignInError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Fault(fault) => Self::IdToken(fault),
            VerifyError::Provider(error) => Self::Provider(error),
        }
    }
}

impl SignInError {
    /// What the developer or operator can do about it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::State => {
                "sign in again; if it happens always, the callback is reached under another host than the application's address"
            }
            Self::Issuer => "set the issuer to the provider that this application is registered with",
            Self::NoCode => "check that the application is registered for the authorization code flow",
            Self::Refused { code, .. } => match code.as_str() {
                "invalid_client" | "unauthorized_client" => "check client id, client secret and how the client authenticates",
                "invalid_grant" => "sign in again: the code or token was used, or is too old",
                "redirect_uri_mismatch" => "register the callback address with the provider, letter for letter",
                "invalid_scope" | "invalid_target" => "check scopes and audience against what the provider has",
                _ => "see the description",
            },
            Self::IdToken(TokenFault::Expired | TokenFault::NotYetValid) => "check the clocks of provider and application",
            Self::IdToken(TokenFault::Algorithm) => {
                "let the provider sign this application's ID tokens with an accepted algorithm"
            }
            Self::IdToken(_) | Self::Userinfo => "check that issuer and client id belong together",
            Self::Provider(error) => error.action(),
            Self::SessionTooLarge { .. } => "keep sessions in a store (SignInBuilder::session_store), or ask for fewer scopes",
            Self::Store(_) => "check the session store",
        }
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::State | Self::Issuer | Self::NoCode => StatusCode::BAD_REQUEST,
            Self::Refused { code, .. } if code == "access_denied" => StatusCode::FORBIDDEN,
            Self::Refused { code, .. } if code == "invalid_grant" => StatusCode::BAD_REQUEST,
            Self::Refused { .. } | Self::IdToken(_) | Self::Userinfo => StatusCode::BAD_GATEWAY,
            Self::Provider(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SessionTooLarge { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Words for the person at the browser.
    pub fn message(&self) -> &'static str {
        match self {
            Self::State => "This sign-in took too long or was finished already.",
            Self::Refused { code, .. } if code == "access_denied" => "You did not sign in.",
            Self::Refused { code, .. } if code == "login_required" || code == "interaction_required" => {
                "You need to sign in first."
            }
            Self::Provider(_) | Self::Store(_) => "Sign-in is not available at the moment.",
            _ => "Something went wrong while signing in.",
        }
    }
}

/// The page that is shown unless [`SignInBuilder::error_page`](super::SignInBuilder::error_page) says otherwise. It shows nothing
/// that came with the request.
impl IntoResponse for SignInError {
    fn into_response(self) -> Response {
        // Whoever tries again asks for the same page.
        page(self.status(), "Not signed in", self.message(), "")
    }
}

pub(super) fn page(status: StatusCode, title: &str, message: &str, login: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <main><h1>{title}</h1><p id=\"error\" role=\"alert\">{message}</p>\
         <p><a id=\"try-again\" href=\"{login}\">Try again</a> · <a href=\"/\">Home</a></p></main></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Html(html)).into_response()
}
