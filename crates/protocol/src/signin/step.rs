//! What a surface must show next.

use super::state::ChangeReason;
use crate::session::Method;

/// What a code by e-mail is for. Decides the words of the mail and what the code can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// To sign in.
    SignIn,
    /// To prove an address at sign-up.
    SignUp,
    /// To prove an address of an account.
    VerifyAddress,
    /// To get back in without a passkey.
    Recover,
}

impl CodePurpose {
    /// The word stored with the code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignUp => "sign_up",
            Self::VerifyAddress => "verify_address",
            Self::Recover => "recover",
        }
    }
}

/// Why a passkey is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferReason {
    /// The account is being made.
    SignUp,
    /// Another method was used.
    AfterOtherMethod,
    /// The old one was lost.
    Recovery,
}

/// Why a flow cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockReason {
    /// The account is blocked.
    AccountBlocked,
    /// The tenant does not let strangers sign up.
    SignUpDisabled,
    /// No method that the tenant allows can be used.
    NoMethod,
    /// The application asked for an authentication context that cannot be reached.
    UnmetAuthentication,
    /// The application is for members only.
    NotAMember,
}

impl BlockReason {
    /// The word used in audit events and error pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountBlocked => "account_blocked",
            Self::SignUpDisabled => "sign_up_disabled",
            Self::NoMethod => "no_method",
            Self::UnmetAuthentication => "unmet_authentication",
            Self::NotAMember => "not_a_member",
        }
    }
}

/// The next step. Each surface renders the same ones: a page, a block, a status code, a grant's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask who they are; a passkey needs no typing.
    Identify,
    /// Choose between the signed-in account and another.
    SelectAccount,
    /// Ask for the fields of a new account.
    SignUp {
        /// Whether a password is asked for too.
        password: bool,
    },
    /// Ask for a passkey of a known account.
    ProvePasskey {
        /// Other ways.
        alternatives: Vec<Method>,
    },
    /// Ask for the password.
    ProvePassword {
        /// Other ways.
        alternatives: Vec<Method>,
    },
    /// Ask for the code that was sent by e-mail.
    ProveCode {
        /// What it is for.
        purpose: CodePurpose,
        /// Other ways.
        alternatives: Vec<Method>,
    },
    /// Ask for a second factor: a one-time password, or a recovery code in its place.
    SecondFactor {
        /// Which is asked for: [`Method::Totp`] or [`Method::RecoveryCode`].
        method: Method,
        /// Other ways; a passkey stands for both factors.
        alternatives: Vec<Method>,
    },
    /// Set up a second factor, which the tenant or the application demands.
    EnrolSecondFactor,
    /// Show the recovery codes that were just made. They are shown once.
    ShowRecoveryCodes,
    /// Ask for a new password in the place of one that must be changed.
    ChangePassword(ChangeReason),
    /// After a recovery: ask for a password in the place of one that may be forgotten. It can be declined.
    ReplacePassword,
    /// Offer to make a passkey.
    OfferPasskey {
        /// Why.
        reason: OfferReason,
        /// Whether it can be declined.
        skippable: bool,
    },
    /// All that a new account needs is known: make it. Surfaces never show this step; the use case takes it.
    CreateAccount,
    /// Ask for what the profile lacks.
    CompleteProfile,
    /// Ask whether the application may have what it asks for.
    Consent {
        /// Scopes not yet consented to.
        scopes: Vec<String>,
    },
    /// It cannot go on.
    Blocked(BlockReason),
    /// Signed in, nothing left to ask.
    Done,
}
