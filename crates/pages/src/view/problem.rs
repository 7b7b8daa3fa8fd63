//! What went wrong (or right) on a page, as a reason that the page puts into words.
//!
//! A handler names the reason; the words are in the language files under `problem-…` and `notice-…`.

use serde::Serialize;

/// Why a form came back. Shown in the element with the id `error`, which takes the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "key", rename_all = "kebab-case")]
pub enum Problem {
    /// The identifier field was left empty.
    IdentifierMissing,
    /// The identifier is not an e-mail address.
    EmailInvalid,
    /// No account has this address (only where saying so gives nothing away).
    AccountUnknown,
    /// Somebody's account already uses this address (only where saying so gives nothing away).
    EmailTaken,
    /// The name field was left empty.
    NameMissing,
    /// A required field was left empty.
    FieldMissing,
    /// A field holds something it cannot hold.
    FieldInvalid,
    /// The identifier and password do not match, without saying which.
    PasswordWrong,
    /// The password field was left empty.
    PasswordMissing,
    /// The new password has fewer characters than the tenant asks for.
    PasswordTooShort {
        /// The least number of characters.
        min: u32,
    },
    /// The new password has more characters than can be taken.
    PasswordTooLong {
        /// The greatest number of characters.
        max: u32,
    },
    /// The new password has no digit, which the tenant asks for.
    PasswordNeedsNumber,
    /// The new password has not both small letters and capitals, which the tenant asks for.
    PasswordNeedsMixedCase,
    /// The new password has letters and digits alone, and the tenant asks for more.
    PasswordNeedsSymbol,
    /// The new password is easy to guess.
    PasswordWeak,
    /// The new password is in a list of leaked ones.
    PasswordBreached,
    /// The new password was used before.
    PasswordReused,
    /// The code field was left empty.
    CodeMissing,
    /// The code is not the one that was sent.
    CodeWrong {
        /// How often the person may still try with this code.
        attempts_left: u32,
    },
    /// The code is no longer valid.
    CodeExpired,
    /// Too many wrong attempts, or too many mails; wait.
    TooManyAttempts {
        /// How long to wait, in whole minutes, at least one.
        minutes: u32,
    },
    /// The mail could not be handed over.
    MailFailed,
    /// The passkey is not known here (it was removed, or belongs elsewhere).
    PasskeyUnknown,
    /// The passkey's answer did not verify.
    PasskeyRejected,
    /// The person was not verified by the device, which this tenant requires.
    PasskeyUnverified,
    /// The page sat open for too long and the challenge is gone.
    PasskeyExpired,
    /// This device already has a passkey for the account.
    PasskeyExists,
    /// The kind of passkey is not allowed by the tenant.
    PasskeyNotAllowed,
    /// The passkey belongs to another account than the one that is asked to confirm.
    PasskeyOtherAccount,
    /// New accounts are not taken at the moment.
    SignUpClosed,
    /// The form was sent without its token: the page was too old or came from elsewhere.
    FormExpired,
    /// The words typed to confirm are not the right ones.
    ConfirmationWrong,
    /// The last way to sign in cannot be removed.
    LastSignInMethod,
    /// The last owner of a tenant cannot delete their account.
    LastOwner,
    /// The primary address cannot be removed.
    PrimaryEmail,
    /// An address must be verified before it can be the primary one.
    EmailUnverified,
    /// Not a code of the person's second factor.
    FactorWrong,
    /// That code of the second factor was used before.
    FactorUsed,
}

impl Problem {
    /// One of each, so that a test can see that every reason has its words.
    pub const ALL: &'static [Problem] = &[
        Problem::IdentifierMissing,
        Problem::EmailInvalid,
        Problem::AccountUnknown,
        Problem::EmailTaken,
        Problem::NameMissing,
        Problem::FieldMissing,
        Problem::FieldInvalid,
        Problem::PasswordWrong,
        Problem::PasswordMissing,
        Problem::PasswordTooShort { min: 8 },
        Problem::PasswordTooLong { max: 128 },
        Problem::PasswordNeedsNumber,
        Problem::PasswordNeedsMixedCase,
        Problem::PasswordNeedsSymbol,
        Problem::PasswordWeak,
        Problem::PasswordBreached,
        Problem::PasswordReused,
        Problem::CodeMissing,
        Problem::CodeWrong { attempts_left: 2 },
        Problem::CodeExpired,
        Problem::TooManyAttempts { minutes: 15 },
        Problem::MailFailed,
        Problem::PasskeyUnknown,
        Problem::PasskeyRejected,
        Problem::PasskeyUnverified,
        Problem::PasskeyExpired,
        Problem::PasskeyExists,
        Problem::PasskeyNotAllowed,
        Problem::PasskeyOtherAccount,
        Problem::SignUpClosed,
        Problem::FormExpired,
        Problem::ConfirmationWrong,
        Problem::LastSignInMethod,
        Problem::LastOwner,
        Problem::PrimaryEmail,
        Problem::EmailUnverified,
        Problem::FactorWrong,
        Problem::FactorUsed,
    ];
}

/// Good news at the head of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "key", rename_all = "kebab-case")]
pub enum Notice {
    /// A new code is on its way.
    CodeSent,
    /// The profile was saved.
    ProfileSaved,
    /// An address was added and a code sent to it.
    EmailAdded,
    /// An address was verified.
    EmailVerified,
    /// Another address is now the primary one.
    EmailPrimary,
    /// An address was removed.
    EmailRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey has a new name.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The password was saved.
    PasswordSaved,
    /// The password was removed.
    PasswordRemoved,
    /// A device was signed out.
    DeviceSignedOut,
    /// All other devices were signed out.
    DevicesSignedOut,
    /// An application lost its access.
    AppDisconnected,
    /// The person signed in again and can go on.
    Confirmed,
    /// A second factor was removed.
    FactorRemoved,
}

impl Notice {
    /// One of each, so that a test can see that every piece of news has its words.
    pub const ALL: &'static [Notice] = &[
        Notice::CodeSent,
        Notice::ProfileSaved,
        Notice::EmailAdded,
        Notice::EmailVerified,
        Notice::EmailPrimary,
        Notice::EmailRemoved,
        Notice::PasskeyAdded,
        Notice::PasskeyRenamed,
        Notice::PasskeyRemoved,
        Notice::PasswordSaved,
        Notice::PasswordRemoved,
        Notice::DeviceSignedOut,
        Notice::DevicesSignedOut,
        Notice::AppDisconnected,
        Notice::Confirmed,
        Notice::FactorRemoved,
    ];
}
