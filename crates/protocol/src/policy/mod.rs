//! What a tenant demands of sign-in. Plain values with defaults that a new tenant can live with.

use crate::identity::IdentifierKind;
use serde::{Deserialize, Serialize};

/// The policy of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Who may sign up and what is asked.
    pub sign_up: SignUpPolicy,
    /// Whether pages may say that an account exists or does not. Off by default: user enumeration.
    pub reveal_accounts: bool,
    /// Passkeys.
    pub passkey: PasskeyPolicy,
    /// Passwords.
    pub password: PasswordPolicy,
    /// One-time codes and links by e-mail.
    pub code: CodePolicy,
    /// Browser sessions.
    pub session: SessionPolicy,
    /// Limits on guessing.
    pub lockout: LockoutPolicy,
    /// Second factors.
    pub second_factor: SecondFactorPolicy,
}

/// When an e-mail address given at sign-up must be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyEmail {
    /// Before the account exists. The only choice that does not tell strangers which addresses have accounts.
    #[default]
    Before,
    /// Right after the passkey was made, before sign-up ends.
    During,
    /// A mail is sent; sign-up ends without waiting for it.
    Later,
    /// No mail is sent at sign-up; the first sign-in after it asks for the proof.
    AtSignIn,
    /// It need not be.
    Never,
}

impl VerifyEmail {
    /// Whether somebody who signs in with an address that nobody proved is asked to prove it.
    pub fn asks_at_sign_in(self) -> bool {
        matches!(self, Self::Before | Self::During | Self::AtSignIn)
    }

    /// Whether a mail goes out for an account that was made without the proof.
    pub fn mails_after_sign_up(self) -> bool {
        !matches!(self, Self::AtSignIn | Self::Never)
    }
}

/// Who may sign up and what is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUpPolicy {
    /// Whether strangers may make an account.
    pub enabled: bool,
    /// Whether a name must be given.
    pub name_required: bool,
    /// When the address must be proven.
    pub verify_email: VerifyEmail,
    /// What a new account is known by: each must be given. Hosted pages ask for an e-mail address whatever stands here;
    /// components in an application's own page ask for all of them.
    pub identifiers: Vec<IdentifierKind>,
    /// Fewest characters of a user name that a person chooses.
    pub username_min_length: u32,
    /// Most characters of a user name that a person chooses.
    pub username_max_length: u32,
}

impl Default for SignUpPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            name_required: true,
            verify_email: VerifyEmail::Before,
            identifiers: vec![IdentifierKind::Email],
            username_min_length: 2,
            username_max_length: 64,
        }
    }
}

/// Passkey policy; names follow WebAuthn Level 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeyPolicy {
    /// Whether passkeys may be used at all.
    pub enabled: bool,
    /// The relying party id; empty means the host of the domain asked.
    pub rp_id: Option<String>,
    /// Earlier relying party ids whose passkeys still work while people move.
    pub former_rp_ids: Vec<String>,
    /// Origins besides our own domains that may run a ceremony (applications' pages, `android:apk-key-hash:…`).
    pub origins: Vec<String>,
    /// `required` (default), `preferred` or `discouraged`.
    pub user_verification: UserVerificationPolicy,
    /// Offer a passkey after another method was used.
    pub offer: bool,
    /// Days before a declined offer is made again.
    pub offer_again_after_days: u32,
    /// Create a passkey silently after a password sign-in where the browser can (conditional create).
    pub conditional_create: bool,
    /// `none` asks for no attestation; `direct` asks for it and stores the format; `trusted` refuses what has no trusted root.
    pub attestation: AttestationChoice,
    /// Base64 DER certificates that `trusted` attestation must chain to.
    pub attestation_roots: Vec<String>,
    /// When not empty, only authenticators with these AAGUIDs may be enrolled.
    pub allowed_aaguids: Vec<uuid::Uuid>,
}

impl Default for PasskeyPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            rp_id: None,
            former_rp_ids: Vec::new(),
            origins: Vec::new(),
            user_verification: UserVerificationPolicy::Required,
            offer: true,
            offer_again_after_days: 30,
            conditional_create: true,
            attestation: AttestationChoice::None,
            attestation_roots: Vec::new(),
            allowed_aaguids: Vec::new(),
        }
    }
}

/// WebAuthn user verification requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserVerificationPolicy {
    /// Ceremonies without user verification are refused.
    #[default]
    Required,
    /// Asked for, not insisted on.
    Preferred,
    /// Not asked for.
    Discouraged,
}

/// What a tenant wants to know about the authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttestationChoice {
    /// Nothing.
    #[default]
    None,
    /// Its statement, verified and kept, whoever made it.
    Direct,
    /// A statement that chains to one of the tenant's roots.
    Trusted,
}

/// Password policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Whether people may have a password. Off by default: passkeys first.
    pub enabled: bool,
    /// Fewest characters.
    pub min_length: u32,
    /// Most characters; bounds the work of hashing.
    pub max_length: u32,
    /// Least zxcvbn score, 0 to 4.
    pub min_score: u8,
    /// Whether a digit must be in it.
    pub require_number: bool,
    /// Whether small letters and capitals must be in it.
    pub require_mixed_case: bool,
    /// Whether something that is neither letter nor digit must be in it.
    pub require_symbol: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            min_length: 10,
            max_length: 256,
            min_score: 2,
            // Length and unguessability serve better (NIST SP 800-63B, section 3.1.1.2); these are for who must.
            require_number: false,
            require_mixed_case: false,
            require_symbol: false,
        }
    }
}

/// One-time codes by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodePolicy {
    /// Whether a code by e-mail is a way to sign in. Recovery and verification use codes in any case.
    pub enabled: bool,
    /// Digits in a code.
    pub digits: u32,
    /// Seconds that a code is good for.
    pub lifetime_seconds: i64,
    /// Wrong guesses before a code is dead.
    pub attempts: i64,
    /// Seconds before another may be sent.
    pub resend_after_seconds: i64,
    /// Whether mails carry a link beside the code.
    pub link: bool,
    /// Whether components in an application's own page wait for the link to be followed instead of asking for the code.
    pub by_link: bool,
}

impl Default for CodePolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            digits: 6,
            lifetime_seconds: 600,
            attempts: 5,
            resend_after_seconds: 30,
            link: true,
            by_link: false,
        }
    }
}

/// Who is asked for a second factor. A passkey whose authenticator verified its user is two factors already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody, and none can be set up.
    #[default]
    Off,
    /// Whoever has set one up.
    Optional,
    /// Everybody; who has none sets one up at the next sign-in.
    Required,
}

/// Second factors: one-time passwords by time (RFC 6238) and recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactorPolicy {
    /// Who is asked. An application may ask for more, never for less.
    pub requirement: SecondFactor,
    /// Days for which a browser may be remembered, so that it is not asked again; 0: never.
    pub remember_days: u32,
    /// Wrong codes within a quarter of an hour, from all addresses together, before an account's second factor must wait.
    pub attempts: i64,
}

impl Default for SecondFactorPolicy {
    fn default() -> Self {
        Self { requirement: SecondFactor::Off, remember_days: 30, attempts: 10 }
    }
}

/// Lifetimes of browser sessions, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionPolicy {
    /// Ends after this long without use.
    pub idle_seconds: i64,
    /// Ends after this long in any case.
    pub absolute_seconds: i64,
    /// How recent a proof must be for sensitive changes.
    pub fresh_seconds: i64,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { idle_seconds: 3 * 86_400, absolute_seconds: 30 * 86_400, fresh_seconds: 600 }
    }
}

/// Limits on guessing. Counters are kept per account *and* per address, so that a stranger who fails on purpose
/// slows down only himself: an address that the account has signed in from is never refused for another's failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LockoutPolicy {
    /// Wrong proofs by one address on one account before that pair must wait.
    pub attempts: i64,
    /// Wrong proofs on one account from all unknown addresses together before unknown addresses must wait.
    pub account_attempts: i64,
    /// Seconds in which they are counted.
    pub window_seconds: i64,
    /// Seconds to wait, once over.
    pub wait_seconds: i64,
}

impl Default for LockoutPolicy {
    fn default() -> Self {
        Self { attempts: 5, account_attempts: 50, window_seconds: 900, wait_seconds: 900 }
    }
}
