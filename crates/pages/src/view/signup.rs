//! Pages that make an account or add what it lacks.

use serde::Serialize;

use super::passkey::{PasskeyCreation, PasskeyRow};
use super::problem::Problem;

/// A password field for a new password.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PasswordRules {
    /// The least number of characters.
    pub min_length: u32,
}

/// Sign up: name and address, and a password only where the tenant's policy has one.
#[derive(Debug, Clone, Serialize)]
pub struct SignUpPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the fields go (`name`, `identifier`, `password`).
    pub submit_url: String,
    /// For people who have an account.
    pub sign_in_url: String,
    /// What was typed.
    pub name: Option<String>,
    /// What was typed.
    pub identifier: Option<String>,
    /// Whether the name must be given.
    pub name_required: bool,
    /// Asks for a password too.
    pub password: Option<PasswordRules>,
    /// Whether the next step makes a passkey, which the page then announces.
    pub passkey_next: bool,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// When the passkey is offered, which decides the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasskeyOfferVariant {
    /// The account is being made.
    SignUp,
    /// After a sign-in by password.
    AfterPassword,
    /// After a sign-in by code.
    AfterCode,
    /// After recovery: a new passkey, and old ones that can go.
    Recovery,
}

/// The offer to make a passkey.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyOfferPage {
    /// The sealed sign-in.
    pub flow: String,
    /// When it is offered.
    pub variant: PasskeyOfferVariant,
    /// The creation; the form also sends `remove` once for each old passkey that is ticked.
    pub creation: PasskeyCreation,
    /// Goes on without; none where the policy demands a passkey. The form sends `remove` too.
    pub skip_url: Option<String>,
    /// The account.
    pub identifier: String,
    /// Passkeys that the account already has, listed after recovery.
    pub existing: Vec<PasskeyRow>,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// Why a new password is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPasswordVariant {
    /// Forgotten; the address was proven.
    Reset,
    /// The old one is too old or was set by somebody else.
    Expired,
    /// The old one is in a list of leaked ones.
    Breached,
    /// Somebody was handed a link that lets them choose it.
    Ticket,
}

/// A new password.
#[derive(Debug, Clone, Serialize)]
pub struct NewPasswordPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Why.
    pub variant: NewPasswordVariant,
    /// Where the password goes (`password`).
    pub submit_url: String,
    /// The account, for the password manager.
    pub identifier: String,
    /// What the password must be like.
    pub rules: PasswordRules,
    /// Goes on with the password there is; none where it must be changed.
    pub skip_url: Option<String>,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// A field of the profile, by its standard claim or with the tenant's own label.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileField {
    /// The name of the form field; `name`, `given_name`, `family_name`, `phone_number` and `birthdate` have words of their own.
    pub name: String,
    /// The tenant's label for any other field.
    pub label: Option<String>,
    /// What is known.
    pub value: Option<String>,
    /// Whether it must be filled.
    pub required: bool,
}

/// Fields that the tenant or application demands and the account lacks.
#[derive(Debug, Clone, Serialize)]
pub struct CompleteProfilePage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the fields go, each under its name.
    pub submit_url: String,
    /// The fields.
    pub fields: Vec<ProfileField>,
    /// Why the form came back.
    pub problem: Option<Problem>,
}
