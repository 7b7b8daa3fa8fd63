//! What goes into a step and what comes out of it: the words in which every surface speaks with the sign-in.

use super::{PasskeyOptions, SecondFactorView};
use crate::password::PasswordProblem;
use crate::session::SessionCookie;
use doorward_protocol::identity::{IdentifierError, IdentifierKind};
use doorward_protocol::ids::PasskeyId;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{Purpose, ReturnTo, SignIn, Step};
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::passkeys;
use doorward_store::users::Person;
use std::sync::Arc;

/// What a person did on a step.
#[derive(Debug, Clone)]
pub enum Input {
    /// Typed an identifier.
    Identify {
        /// As typed.
        identifier: String,
    },
    /// Filled in the sign-up form.
    SignUp {
        /// Name.
        name: String,
        /// E-mail address.
        identifier: String,
        /// Password, where the policy lets people have one.
        password: Option<String>,
    },
    /// Filled in a sign-up form that asks for every identifier of the policy.
    Register {
        /// Name.
        name: String,
        /// What was typed into the field of each kind.
        identifiers: Vec<(IdentifierKind, String)>,
    },
    /// Corrects an identifier given at sign-up, before the account exists.
    ChangeIdentifier {
        /// Which.
        kind: IdentifierKind,
        /// The new one.
        value: String,
    },
    /// Chose a method.
    Choose(Method),
    /// Wants a (new) code.
    SendCode,
    /// Typed a code.
    Code(String),
    /// Came back after the link in the mail was confirmed in another browser.
    LinkConfirmed,
    /// Typed a password.
    Password(String),
    /// Chose a new password in the place of one that must be changed, or may be forgotten.
    NewPassword(String),
    /// Keeps the password, after a recovery.
    KeepPassword,
    /// Answered with an assertion: the credential as JSON.
    Assertion(String),
    /// Answered with a new credential as JSON.
    Registration {
        /// The credential.
        credential: String,
        /// Passkeys to remove, after a recovery.
        remove: Vec<PasskeyId>,
        /// Made silently (conditional create).
        silent: bool,
    },
    /// Declined the offer of a passkey.
    SkipPasskey,
    /// Gave the name that was missing.
    Profile {
        /// Name.
        name: String,
    },
    /// Goes on with the signed-in account.
    KeepAccount,
    /// Wants another account, or another identifier.
    ChangeAccount,
    /// Said yes to the application.
    Allow,
    /// Said no.
    Deny,
    /// Wants to make an account instead.
    ToSignUp,
    /// Wants to sign in instead.
    ToSignIn,
    /// Lost the passkey.
    ToRecover,
    /// Gave a second factor: a one-time password or a recovery code.
    SecondFactor {
        /// As typed.
        code: String,
        /// Wants this browser to be remembered.
        remember: bool,
    },
    /// Begins to set up a second factor.
    BeginFactor,
    /// Typed the first code of the second factor that is being set up.
    ConfirmFactor(String),
    /// Has kept the recovery codes.
    RecoveryCodesKept,
}

/// What is wrong with one identifier of a sign-up form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldIssue {
    /// Nothing was typed.
    Missing,
    /// Not an identifier of that kind.
    Invalid,
    /// An account has it; said only where the tenant reveals that. User names are always revealed: one has to choose another.
    Taken,
}

/// Why an answer was not taken. Surfaces find words for it; the audit log has the precise cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Not an identifier.
    Identifier(IdentifierError),
    /// A name is needed.
    NameMissing,
    /// Fields of a sign-up form with every identifier.
    Fields {
        /// The name is missing.
        name_missing: bool,
        /// What is wrong with which identifier.
        identifiers: Vec<(IdentifierKind, FieldIssue)>,
    },
    /// The new password is not good enough.
    Password(PasswordProblem),
    /// The new password is the one that must be changed.
    SamePassword,
    /// Wrong password, or nobody with that identifier.
    WrongPassword,
    /// Wrong code.
    WrongCode {
        /// Guesses left.
        left: i64,
    },
    /// The code is too old, used, or guessed wrong too often.
    CodeDead,
    /// Another code was asked for too soon.
    CodeTooSoon {
        /// Seconds.
        wait: i64,
    },
    /// The link in the mail has not been confirmed yet.
    LinkNotConfirmed,
    /// No such passkey here: it was deleted, or belongs elsewhere.
    PasskeyUnknown {
        /// Its credential id, for the Signal API.
        credential_id: Vec<u8>,
    },
    /// The passkey was not accepted.
    PasskeyRefused {
        /// Stable code of the cause.
        cause: &'static str,
    },
    /// The page was open too long, or the answer was sent twice.
    PasskeyStale,
    /// The authenticator did not verify its user, and must.
    UserVerificationMissing,
    /// That passkey is registered already.
    PasskeyExists,
    /// Too many failures; wait.
    Locked {
        /// Seconds.
        wait: u64,
    },
    /// Does not fit the step that the flow is at: a stale tab.
    OutOfTurn,
    /// The flow was too old and has begun again.
    Expired,
    /// No account has this identifier; said only where the tenant reveals that.
    AccountUnknown,
    /// An account has this identifier; said only where the tenant reveals that.
    AccountTaken,
    /// Signed in as somebody else than the one who must prove it again.
    OtherUser,
    /// Not a code of the person's second factor.
    WrongSecondFactor,
    /// That code was taken before; the next one will do.
    SecondFactorUsed,
}

/// What a surface shows next.
pub struct View {
    /// The sealed flow.
    pub flow: String,
    /// What is in it.
    pub state: SignIn,
    /// The step.
    pub step: Step,
    /// What went wrong with the answer before.
    pub problem: Option<Problem>,
    /// The application that waits.
    pub application: Option<Arc<ApplicationRow>>,
    /// Options for a passkey ceremony on this step.
    pub passkey: Option<PasskeyOptions>,
    /// The signed-in person, once known.
    pub person: Option<Person>,
    /// The code that was sent.
    pub code: Option<CodeView>,
    /// The passkeys of the account that was named are on other devices.
    pub passkey_elsewhere: bool,
    /// The person's passkeys, where the step is about them.
    pub passkeys: Vec<passkeys::PasskeyRow>,
    /// A new session cookie to set with this answer.
    pub session: Option<SessionCookie>,
    /// What a step about the second factor shows.
    pub second_factor: Option<SecondFactorView>,
}

/// The code that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeView {
    /// Where it was sent, as the person typed it.
    pub address: String,
    /// When another may be asked for.
    pub resend_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The link was confirmed in another browser.
    pub confirmed: bool,
}

/// The flow is over.
pub struct Finished {
    /// Where it leads.
    pub goal: Goal,
    /// A new session cookie to set.
    pub session: Option<SessionCookie>,
}

/// Where a flow leads.
pub enum Goal {
    /// An answer for an application.
    Authorization(Box<crate::oauth::authorize::Answer>),
    /// A page of ours.
    Path(String),
    /// The page of the application that carries the flow: what it came to.
    Page(Box<SignIn>),
}

/// The result of a use case here.
pub enum Outcome {
    /// Show a step.
    Show(Box<View>),
    /// Go on elsewhere.
    Finished(Box<Finished>),
}

/// How a flow begins.
pub struct Start {
    /// Why.
    pub purpose: Purpose,
    /// For which application.
    pub application: Option<Arc<ApplicationRow>>,
    /// Where it leads.
    pub return_to: ReturnTo,
    /// An identifier to fill in.
    pub hint: Option<String>,
}
