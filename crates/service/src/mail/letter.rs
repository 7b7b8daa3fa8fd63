//! The letters that Doorward writes.

use crate::{Cx, Error};

/// A mail ready to leave.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// A code to sign in.
    SignInCode {
        /// The code.
        code: String,
        /// The link, when the tenant sends one.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A code to prove an address, at sign-up or later.
    VerifyAddress {
        /// The code.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// Somebody signed up with an address that has an account.
    AccountExists {
        /// The code: it signs in.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A code to get back in.
    RecoverCode {
        /// The code.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A passkey was added.
    PasskeyAdded {
        /// Its name.
        passkey: String,
    },
    /// A passkey was removed.
    PasskeyRemoved {
        /// Its name.
        passkey: String,
    },
    /// A sign-in from a browser or place not seen before.
    NewSignIn {
        /// Browser and system.
        device: String,
    },
    /// The account was recovered.
    Recovered {
        /// Browser and system.
        device: String,
    },
    /// The primary address was changed; goes to the old one.
    EmailChanged {
        /// The new address, masked.
        new_address: String,
    },
    /// The password was set, changed or removed.
    PasswordChanged,
    /// The account was deleted.
    AccountDeleted,
}

impl Letter {
    /// Writes it in a language.
    pub fn render(&self, cx: &Cx, locale: &str) -> Result<Rendered, Error> {
        let _ = (cx, locale);
        let text = format!("{self:?}");
        Ok(Rendered { subject: "Doorward".into(), html: format!("<pre>{}</pre>", text.len()), text })
    }
}
