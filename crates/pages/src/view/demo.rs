//! Pages of dev: the demo app and the mailbox.

use serde::Serialize;

use super::when::When;

/// The addresses of the demo app.
#[derive(Debug, Clone, Serialize)]
pub struct DemoUrls {
    /// Home.
    pub home: String,
    /// Sign in.
    pub sign_in: String,
    /// Sign up.
    pub sign_up: String,
    /// Sign out (a form).
    pub sign_out: String,
    /// Profile.
    pub profile: String,
    /// The protected page.
    pub protected: String,
    /// The account pages.
    pub account: String,
    /// The mailbox.
    pub mailbox: Option<String>,
    /// The console.
    pub console: Option<String>,
}

/// The person at the demo app.
#[derive(Debug, Clone, Serialize)]
pub struct DemoUser {
    /// Claim `name`, or what stands in for it.
    pub name: String,
    /// Claim `email`.
    pub email: Option<String>,
}

/// Home, signed in or not.
#[derive(Debug, Clone, Serialize)]
pub struct DemoHomePage {
    /// The addresses.
    pub urls: DemoUrls,
    /// Who is signed in.
    pub user: Option<DemoUser>,
    /// An OAuth error that came back, as received.
    pub error: Option<String>,
    /// What the error said about itself.
    pub error_description: Option<String>,
}

/// A claim.
#[derive(Debug, Clone, Serialize)]
pub struct DemoClaim {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

/// The profile: what the app learned.
#[derive(Debug, Clone, Serialize)]
pub struct DemoProfilePage {
    /// The addresses.
    pub urls: DemoUrls,
    /// Who is signed in.
    pub user: DemoUser,
    /// The claims of the ID token, in order.
    pub claims: Vec<DemoClaim>,
    /// The ID token's payload as received.
    pub raw_id_token: String,
    /// The answer of userinfo as received.
    pub raw_userinfo: Option<String>,
}

/// The page that only signed-in people see.
#[derive(Debug, Clone, Serialize)]
pub struct DemoProtectedPage {
    /// The addresses.
    pub urls: DemoUrls,
    /// Who is signed in.
    pub user: DemoUser,
    /// When they proved who they are (claim `auth_time`).
    pub auth_time: Option<When>,
    /// How (claim `amr`).
    pub amr: Vec<String>,
}

/// A mail in the list.
#[derive(Debug, Clone, Serialize)]
pub struct MailRow {
    /// Its page.
    pub url: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// When it was sent.
    pub at: When,
    /// The code in it.
    pub code: Option<String>,
}

/// The mailbox.
#[derive(Debug, Clone, Serialize)]
pub struct MailboxPage {
    /// The mails, newest first.
    pub mails: Vec<MailRow>,
    /// The same as JSON.
    pub json_url: String,
    /// Back to the demo.
    pub home_url: Option<String>,
}

/// One mail.
#[derive(Debug, Clone, Serialize)]
pub struct MailPage {
    /// Back to the list.
    pub mailbox_url: String,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// When it was sent.
    pub at: When,
    /// The code in it.
    pub code: Option<String>,
    /// The link in it.
    pub link: Option<String>,
    /// Answers the HTML part, shown in a frame without rights.
    pub html_url: Option<String>,
    /// The text part.
    pub text: String,
}
