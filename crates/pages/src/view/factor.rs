//! The second factor: asked for, set up, and its recovery codes.

use serde::Serialize;

use super::account::AccountFrame;
use super::passkey::PasskeyRequest;
use super::problem::Problem;
use super::when::When;

/// The second factor of somebody who gave the first.
#[derive(Debug, Clone, Serialize)]
pub struct SecondFactorPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the code goes (`code`, `remember`).
    pub submit_url: String,
    /// A recovery code is asked for, not one from the app.
    pub recovery: bool,
    /// The other of the two; none where there is none.
    pub other_url: Option<String>,
    /// A passkey instead, which is both factors.
    pub passkey: Option<PasskeyRequest>,
    /// Back to the identifier.
    pub change_url: String,
    /// Who signs in.
    pub identifier: String,
    /// Digits of a code from the app; 0 where that differs.
    pub digits: u8,
    /// Days for which this browser may be remembered; 0: it may not.
    pub remember_days: u32,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// What an authenticator app must be told.
#[derive(Debug, Clone, Serialize)]
pub struct FactorSecret {
    /// The QR code as a `data:` address.
    pub qr: String,
    /// The secret for typing.
    pub secret: String,
    /// `otpauth://totp/…`, for an app on the same device.
    pub uri: String,
}

/// A second factor is set up because the tenant or the application demands one.
#[derive(Debug, Clone, Serialize)]
pub struct FactorSetupPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Hands out a secret.
    pub begin_url: String,
    /// Where the first code goes (`code`).
    pub submit_url: String,
    /// The secret, once it was handed out.
    pub secret: Option<FactorSecret>,
    /// Sign in as somebody else.
    pub change_url: String,
    /// Who signs in.
    pub identifier: String,
    /// Why the form came back.
    pub problem: Option<Problem>,
}

/// Recovery codes, shown once.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryCodesPage {
    /// The sealed sign-in.
    pub flow: String,
    /// Where the person goes on.
    pub submit_url: String,
    /// The codes.
    pub codes: Vec<String>,
}

/// An authenticator app of the account.
#[derive(Debug, Clone, Serialize)]
pub struct FactorRow {
    /// The value that forms send as `factor`.
    pub id: String,
    /// Its name; none where the owner gave none.
    pub name: Option<String>,
    /// Set up at.
    pub created: When,
    /// Used at.
    pub last_used: Option<When>,
}

/// Two-step sign-in of the account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountFactorsPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The apps.
    pub factors: Vec<FactorRow>,
    /// Whether everybody here must have one.
    pub required: bool,
    /// The id of the app that is being set up.
    pub pending: String,
    /// What that app must be told.
    pub secret: Option<FactorSecret>,
    /// Hands out a secret.
    pub begin_url: String,
    /// Where its first code goes (`code`, `factor`).
    pub submit_url: String,
    /// Removes one (`factor`).
    pub remove_url: String,
    /// Makes new recovery codes.
    pub new_codes_url: String,
    /// Recovery codes that are left.
    pub codes_left: u32,
    /// Recovery codes that were just made.
    pub codes: Vec<String>,
    /// Asks for a fresh sign-in, when one is needed before anything can be changed.
    pub confirm_url: Option<String>,
}
