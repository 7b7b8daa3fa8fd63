//! What is known so far about a person who is signing in. It travels with the client, sealed; nothing of it is stored.

use crate::identity::{Identifier, IdentifierKind};
use crate::ids::{ApplicationId, SessionId, UserId};
use crate::oauth::authorize::AuthorizationRequest;
use crate::policy::SecondFactor;
use crate::session::{Method, Proof};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why somebody is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To make an account.
    SignUp,
    /// To prove again who they are, before something sensitive.
    StepUp,
    /// To get back in without the passkey.
    Recover,
}

/// Where the flow leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnTo {
    /// Back to an application with a code.
    Authorization(Box<AuthorizationRequest>),
    /// To a path of ours, such as the account page.
    Path(String),
    /// Nowhere: components in this page of the application carry the flow, and go on when it is done.
    Page(String),
}

/// A passkey that was made during sign-up, before its account exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPasskey {
    /// WebAuthn credential id.
    pub credential_id: Vec<u8>,
    /// COSE_Key.
    pub public_key: Vec<u8>,
    /// Signature counter.
    pub sign_count: u32,
    /// BE flag.
    pub backup_eligible: bool,
    /// BS flag.
    pub backup_state: bool,
    /// UV flag at creation.
    pub user_verified: bool,
    /// AAGUID.
    pub aaguid: Uuid,
    /// Transports as the browser named them.
    pub transports: Vec<String>,
    /// Attestation format.
    pub attestation_format: String,
    /// The relying party id it belongs to.
    pub rp_id: String,
    /// `platform` or `cross-platform`, when the client said.
    #[serde(default)]
    pub attachment: Option<String>,
}

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Why.
    pub purpose: Purpose,
    /// For which application; `None` for our own pages.
    pub application: Option<ApplicationId>,
    /// Where it leads.
    pub return_to: ReturnTo,
    /// Digest of the browser's own cookie: a flow works only in the browser that began it.
    pub browser: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What the person typed.
    pub identifier: Option<Identifier>,
    /// The name given at sign-up.
    pub name: Option<String>,
    /// The hash of a password chosen at sign-up, kept until the account exists.
    pub password_hash: Option<String>,
    /// The user, once proven or, for a step-up, known from the session.
    pub user: Option<UserId>,
    /// The id that a new account will have: its bytes are the user handle of a passkey made before the account exists.
    pub new_user: Option<UserId>,
    /// Proofs given in this flow, or taken from the session when a single sign-on needs no new one.
    pub proofs: Vec<Proof>,
    /// The address that a code proved in this flow, in its normal form.
    #[serde(default)]
    pub proven_address: Option<String>,
    /// The way that the person chose.
    pub method: Option<Method>,
    /// The row of the code that was sent last.
    pub code_challenge: Option<Uuid>,
    /// A passkey made in this flow whose account does not exist yet.
    pub passkey: Option<NewPasskey>,
    /// A passkey was made and stored in this flow.
    pub passkey_created: bool,
    /// The offer of a passkey was declined.
    pub passkey_declined: bool,
    /// The account was chosen (`prompt=select_account`).
    pub account_chosen: bool,
    /// Consent was given in this flow.
    pub consented: bool,
    /// Consent was refused in this flow.
    pub denied: bool,
    /// An identifier to fill in: `login_hint`, or what was typed before the flow began again.
    pub login_hint: Option<String>,
    /// The session that the flow made or continues.
    pub session: Option<SessionId>,
    /// The second factor that is being set up, not confirmed yet.
    #[serde(default)]
    pub enrolment: Option<Uuid>,
    /// Recovery codes that were made in this flow and not yet seen.
    #[serde(default)]
    pub recovery_codes: Vec<String>,
    /// Further identifiers given at sign-up.
    #[serde(default)]
    pub more_identifiers: Vec<Identifier>,
    /// The process that keeps this flow for a client that holds only its name.
    #[serde(default)]
    pub process: Option<Uuid>,
    /// Whether the client said that a passkey can be made and used on its device; `None`: it did not say.
    #[serde(default)]
    pub passkey_possible: Option<bool>,
    /// Digest of the handle by which the client knows its device again.
    #[serde(default)]
    pub device: Option<String>,
    /// In a recovery: the password was replaced, or the person keeps the one there is.
    #[serde(default)]
    pub password_settled: bool,
    /// The password is being changed in this very answer. It never travels.
    #[serde(skip)]
    pub password_renewed: bool,
}

impl SignIn {
    /// A new flow.
    pub fn begin(
        purpose: Purpose,
        application: Option<ApplicationId>,
        return_to: ReturnTo,
        browser: String,
        now: Timestamp,
    ) -> Self {
        Self {
            purpose,
            application,
            return_to,
            browser,
            started_at: now,
            identifier: None,
            name: None,
            password_hash: None,
            user: None,
            new_user: None,
            proofs: Vec::new(),
            proven_address: None,
            method: None,
            code_challenge: None,
            passkey: None,
            passkey_created: false,
            passkey_declined: false,
            account_chosen: false,
            consented: false,
            denied: false,
            login_hint: None,
            session: None,
            enrolment: None,
            recovery_codes: Vec::new(),
            more_identifiers: Vec::new(),
            process: None,
            passkey_possible: None,
            device: None,
            password_settled: false,
            password_renewed: false,
        }
    }

    /// The waiting authorization request, if there is one.
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match &self.return_to {
            ReturnTo::Authorization(request) => Some(request),
            ReturnTo::Path(_) | ReturnTo::Page(_) => None,
        }
    }

    /// The same errand from the beginning, in the same hands.
    #[must_use]
    pub fn anew(self, purpose: Purpose, now: Timestamp) -> Self {
        let (process, passkey_possible, device) = (self.process, self.passkey_possible, self.device);
        let fresh = Self::begin(purpose, self.application, self.return_to, self.browser, now);
        Self { login_hint: self.login_hint, process, passkey_possible, device, ..fresh }
    }

    /// Whether a code proved this address in this flow.
    pub fn has_proven(&self, address: &Identifier) -> bool {
        address.kind == IdentifierKind::Email && self.proven_address.as_deref() == Some(&address.normal)
    }

    /// Whether somebody proved who they are.
    pub fn is_authenticated(&self) -> bool {
        self.user.is_some() && !self.proofs.is_empty()
    }
}

/// Why a password must be changed at the next sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// An administrator wants it.
    Administrator,
    /// It is too old.
    Expired,
    /// It turned up in a leak.
    Breached,
    /// It does not keep to the rules any more.
    Policy,
}

impl ChangeReason {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Expired => "expired",
            Self::Breached => "breached",
            Self::Policy => "policy",
        }
    }

    /// Reads [`Self::as_str`] back; a word that nobody knows is an administrator's.
    pub fn parse(word: &str) -> Self {
        [Self::Expired, Self::Breached, Self::Policy]
            .into_iter()
            .find(|reason| reason.as_str() == word)
            .unwrap_or(Self::Administrator)
    }
}

/// What the store says about the identifier that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Knowledge {
    /// Nothing was typed, or it was not looked up.
    #[default]
    NotAsked,
    /// No account has it.
    Unknown,
    /// An account has it.
    Known {
        /// It can sign in with a passkey.
        has_passkey: bool,
        /// It can sign in with a password.
        has_password: bool,
    },
}

/// What the store says about the user of a flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFacts {
    /// May not sign in.
    pub blocked: bool,
    /// Stored passkeys.
    pub passkeys: usize,
    /// Has a password.
    pub has_password: bool,
    /// When it was set.
    pub password_changed_at: Option<Timestamp>,
    /// Has an address that was proven.
    pub email_verified: bool,
    /// Has a primary address that was not.
    pub email_unverified: bool,
    /// Has a name.
    pub has_name: bool,
    /// The application is for members only, and this is none.
    pub not_a_member: bool,
    /// Declined the offer of a passkey so recently that it is not made again.
    pub passkey_declined_recently: bool,
    /// Has a confirmed one-time password generator.
    pub has_totp: bool,
    /// Has recovery codes left.
    pub has_recovery_codes: bool,
    /// The password that was proven in this flow, which has opened no session yet, is another one by now.
    pub password_replaced: bool,
    /// Has a password that must be changed before anything else, and why.
    pub must_change_password: Option<ChangeReason>,
    /// Gave a second factor in this browser and asked for it to be remembered, not too long ago.
    pub browser_remembered: bool,
}

/// Everything that [`super::next`] needs from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// About the typed identifier.
    pub account: Knowledge,
    /// About the user, once there is one.
    pub user: Option<UserFacts>,
    /// Scopes that the person has not yet consented to for this application; empty when consent is not needed.
    pub consent_missing: Vec<String>,
    /// What the application asks for beyond the tenant's policy on second factors.
    pub second_factor: Option<SecondFactor>,
    /// The account of the typed identifier has no mailbox that a code could go to. Known only where accounts are revealed.
    pub no_mailbox: bool,
    /// Its passkeys are on other devices than the one that asks. Known only where accounts are revealed.
    pub passkey_elsewhere: bool,
}
