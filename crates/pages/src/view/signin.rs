//! Pages on the way in: who are you, and prove it.

use serde::Serialize;

use super::passkey::PasskeyRequest;
use super::problem::{Notice, Problem};

/// Which identifiers the tenant takes, which decides the words on the identifier field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentifierKind {
    /// An e-mail address.
    #[default]
    Email,
    /// An e-mail address or a user name.
    EmailOrUsername,
}

/// Sign in: the identifier with passkey autofill, and the passkey button.
#[derive(Debug, Clone, Serialize)]
pub struct SignInPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the identifier goes (`identifier`).
    pub identify_url: String,
    /// The passkey sign-in; none where the tenant does not allow it.
    pub passkey: Option<PasskeyRequest>,
    /// The sign-up page; none where it is closed.
    pub sign_up_url: Option<String>,
    /// Help for people who cannot get in.
    pub recover_url: String,
    /// What is already known or was typed.
    pub identifier: Option<String>,
    /// Which identifiers are taken.
    pub identifier_kind: IdentifierKind,
    /// Why the form came back.
    pub problem: Option<Problem>,
    /// Good news.
    pub notice: Option<Notice>,
}

/// The password of a known identifier.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the password goes (`password`).
    pub submit_url: String,
    /// Asks for a code instead; none where codes are off.
    pub send_code_url: Option<String>,
    /// The passkey instead.
    pub passkey: Option<PasskeyRequest>,
    /// Back to the identifier.
    pub change_url: String,
    /// For a forgotten password.
    pub recover_url: String,
    /// The identifier as it was typed.
    pub identifier: String,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// What a code is for, which decides the words on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePurpose {
    /// To sign in.
    SignIn,
    /// To prove the address of a new account.
    SignUp,
    /// To prove an address added in the account.
    VerifyEmail,
    /// To get back in.
    Recover,
    /// To confirm a sensitive change.
    StepUp,
}

/// A code from a mail.
#[derive(Debug, Clone, Serialize)]
pub struct CodePage {
    /// The sealed sign-in.
    pub flow: String,
    /// What the code is for.
    pub purpose: CodePurpose,
    /// Where the code goes (`code`).
    pub submit_url: String,
    /// Asks for another code.
    pub resend_url: String,
    /// Corrects the address; none where it is fixed.
    pub change_url: Option<String>,
    /// Answers whether the link in the mail was confirmed: `{"done": true, "location": …}`.
    pub status_url: Option<String>,
    /// The password instead.
    pub password_url: Option<String>,
    /// The passkey instead.
    pub passkey: Option<PasskeyRequest>,
    /// The address that the code went to.
    pub destination: String,
    /// After how many seconds another code may be asked for.
    pub resend_in: u32,
    /// For how many minutes the code is valid.
    pub valid_minutes: u32,
    /// How many digits it has.
    pub digits: u32,
    /// Why the form came back.
    pub problem: Option<Problem>,
    /// Good news.
    pub notice: Option<Notice>,
}

/// Why a signed-in person is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReauthReason {
    /// Before a sensitive change in the account.
    AccountChange,
    /// An application asked for it (`prompt=login`, `max_age`, `acr_values`).
    Application,
}

/// "Confirm it is you": the same account, a fresh proof.
#[derive(Debug, Clone, Serialize)]
pub struct ReauthPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Why.
    pub reason: ReauthReason,
    /// The person's name.
    pub name: Option<String>,
    /// The identifier.
    pub identifier: String,
    /// By passkey.
    pub passkey: Option<PasskeyRequest>,
    /// By password (`password`).
    pub password_url: Option<String>,
    /// By code.
    pub send_code_url: Option<String>,
    /// For somebody else: sign in as another person; none where it makes no sense.
    pub other_account_url: Option<String>,
    /// Not now.
    pub cancel_url: Option<String>,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// An account that this browser is signed in to.
#[derive(Debug, Clone, Serialize)]
pub struct AccountChoice {
    /// The value that the form sends as `account`.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The identifier.
    pub identifier: String,
}

/// Which account to go on with (`prompt=select_account`, OpenID Connect Core 1.0 section 3.1.2.1).
#[derive(Debug, Clone, Serialize)]
pub struct SelectAccountPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the choice goes (`account`).
    pub submit_url: String,
    /// Use another account.
    pub other_account_url: String,
    /// The accounts.
    pub accounts: Vec<AccountChoice>,
}

/// Cannot get in: asks for the address, whether or not an account exists for it.
#[derive(Debug, Clone, Serialize)]
pub struct RecoverPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the identifier goes (`identifier`).
    pub submit_url: String,
    /// Back.
    pub cancel_url: String,
    /// What is already known or was typed.
    pub identifier: Option<String>,
    /// Why the form came back.
    pub problem: Option<Problem>,
}
