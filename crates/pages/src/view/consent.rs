//! Pages at the edge to applications: consent, sign-out, links in mails, errors.

use serde::Serialize;

use super::when::When;

/// A scope in words.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeLine {
    /// The scope; `openid profile email phone address offline_access` have words of their own.
    pub name: String,
    /// What the resource server says about it.
    pub description: Option<String>,
}

/// Consent (OpenID Connect Core 1.0 section 3.1.2.4).
#[derive(Debug, Clone, Serialize)]
pub struct ConsentPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the answer goes (`decision` = `allow` or `deny`).
    pub submit_url: String,
    /// The application's name.
    pub application_name: String,
    /// Its logo.
    pub application_logo_url: Option<String>,
    /// The host that the person returns to.
    pub return_host: Option<String>,
    /// The account.
    pub identifier: String,
    /// The API that the scopes are for, if not only the standard ones.
    pub resource_server: Option<String>,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// The application's privacy notice.
    pub privacy_url: Option<String>,
    /// The application's terms.
    pub terms_url: Option<String>,
}

/// "Do you want to sign out?" (OpenID Connect RP-Initiated Logout 1.0 section 2).
#[derive(Debug, Clone, Serialize)]
pub struct SignOutPage {
    /// The sealed request.
    pub flow: String,
    /// Where the confirmation goes.
    pub submit_url: String,
    /// Stay signed in.
    pub cancel_url: Option<String>,
    /// The account.
    pub identifier: Option<String>,
}

/// Signed out.
#[derive(Debug, Clone, Serialize)]
pub struct SignedOutPage {
    /// Sign in again.
    pub sign_in_url: Option<String>,
    /// Back to the application.
    pub return_url: Option<String>,
}

/// An answer to an application that a script sends as a message (draft-sakimura-oauth-wmrm).
#[derive(Debug, Clone, Serialize)]
pub struct WebMessagePage {
    /// The message, as JSON.
    pub message: String,
    /// The origin that may read it.
    pub target: String,
}

/// What a link in a mail will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailLinkPurpose {
    /// Sign in.
    SignIn,
    /// Verify an address.
    VerifyEmail,
    /// Get back in.
    Recover,
    /// Choose a password: said when it is done.
    NewPassword,
}

/// The device that asked for the mail, shown to a person who opens the link elsewhere.
#[derive(Debug, Clone, Serialize)]
pub struct RequestDetails {
    /// Browser and system, such as "Firefox on Windows".
    pub device: String,
    /// Where the request came from, as far as that is known: an address or a place.
    pub origin: Option<String>,
    /// When it was asked for.
    pub at: When,
}

/// What the link's page shows. A GET never consumes anything; the button does.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum MailLinkState {
    /// The link is good and waits for the button.
    Confirm {
        /// What it will do.
        purpose: MailLinkPurpose,
        /// The token, sent back as `token`.
        token: String,
        /// Where the confirmation goes (`decision` = `confirm` or `deny`).
        submit_url: String,
        /// The address or account.
        identifier: String,
        /// Set when another browser asked for the mail.
        request: Option<RequestDetails>,
    },
    /// It worked.
    Done {
        /// What it did.
        purpose: MailLinkPurpose,
        /// Goes on here; none when the first browser goes on by itself.
        continue_url: Option<String>,
    },
    /// The person said that they did not ask for it; nothing was done.
    Denied,
    /// Too old.
    Expired {
        /// Starts again.
        restart_url: Option<String>,
    },
    /// Used before.
    Used {
        /// Starts again.
        restart_url: Option<String>,
    },
}

/// The page behind a link in a mail.
#[derive(Debug, Clone, Serialize)]
pub struct MailLinkPage {
    /// What it shows.
    #[serde(flatten)]
    pub state: MailLinkState,
}

/// An answer to the application by form (OAuth 2.0 Form Post Response Mode), sent by script or by the button.
#[derive(Debug, Clone, Serialize)]
pub struct FormPostPage {
    /// The redirect address.
    pub action: String,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
}

/// Why a page cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "key", rename_all = "kebab-case")]
pub enum ErrorReason {
    /// No such `client_id`.
    UnknownClient {
        /// What was received.
        client_id: String,
    },
    /// The `redirect_uri` is not registered.
    RedirectUriMismatch {
        /// What was received.
        redirect_uri: String,
    },
    /// There is no `redirect_uri`.
    RedirectUriMissing,
    /// The request makes no sense and cannot be sent back.
    InvalidRequest {
        /// The parameter or rule, in the specification's words.
        detail: String,
    },
    /// The sign-in took too long, or its page was left behind.
    FlowExpired,
    /// The browser keeps no cookies.
    CookiesBlocked,
    /// Too many requests.
    RateLimited {
        /// How long to wait, in whole minutes, at least one.
        minutes: u32,
    },
    /// Too many failed attempts on this account.
    AccountLocked {
        /// How long to wait, in whole minutes, at least one.
        minutes: u32,
    },
    /// The tenant has switched the account off.
    AccountDisabled,
    /// The application is for its members only, and this person is none.
    NotAMember,
    /// The tenant or application does not let this account in.
    AccessDenied,
    /// The form was sent without its token.
    FormExpired,
    /// No such page.
    NotFound,
    /// Too busy at the moment.
    Busy,
    /// Our fault.
    ServerError,
}

impl ErrorReason {
    /// One of each, so that a test can see that every reason has its words.
    #[must_use]
    pub fn all() -> Vec<ErrorReason> {
        vec![
            ErrorReason::UnknownClient { client_id: "shop-web".into() },
            ErrorReason::RedirectUriMismatch { redirect_uri: "http://localhost:3000/callback".into() },
            ErrorReason::RedirectUriMissing,
            ErrorReason::InvalidRequest { detail: "response_type".into() },
            ErrorReason::FlowExpired,
            ErrorReason::CookiesBlocked,
            ErrorReason::RateLimited { minutes: 5 },
            ErrorReason::AccountLocked { minutes: 15 },
            ErrorReason::AccountDisabled,
            ErrorReason::NotAMember,
            ErrorReason::AccessDenied,
            ErrorReason::FormExpired,
            ErrorReason::NotFound,
            ErrorReason::Busy,
            ErrorReason::ServerError,
        ]
    }
}

/// An error that says what to do.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// Why.
    pub reason: ErrorReason,
    /// For the logs: shown small, to be quoted.
    pub request_id: String,
    /// Tries again, or starts again.
    pub retry_url: Option<String>,
    /// Back to the application or the front door.
    pub home_url: Option<String>,
    /// Where a developer registers what is missing, if that may be shown.
    pub settings_url: Option<String>,
}
