//! Signing in with a credential: WebAuthn L3, section 7.2.
//!
//! Decides whether an assertion proves possession of a stored credential. That the challenge was ours, is fresh and is
//! spent, whose the credential is, and saving the new counter and backup state, is the caller's.

use super::{
    Malformed,
    authenticator_data::AuthenticatorData,
    client_data::{self, ClientData, ClientDataError},
    cose::{CoseKey, CoseKeyError},
    options::UserVerification,
    response::AuthenticationResponse,
    rp::RelyingParty,
};

/// What the ceremony was started with.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticationExpectation<'a> {
    /// The challenge that was given out.
    pub challenge: &'a [u8],
    /// The relying party.
    pub rp: &'a RelyingParty,
    /// What was asked about user verification.
    pub user_verification: UserVerification,
    /// Whether the user handle must be present: when the credential alone said who the user is (section 7.2, step 6).
    pub user_handle_required: bool,
    /// The credentials that were asked for; empty when any discoverable one would do.
    pub allow_credentials: &'a [Vec<u8>],
}

/// The credential record that the response's credential id led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredential {
    /// The credential id.
    pub credential_id: Vec<u8>,
    /// The COSE key as it was received at registration.
    pub public_key: Vec<u8>,
    /// The counter after the last ceremony.
    pub sign_count: u32,
    /// Whether the credential can be backed up; fixed at registration.
    pub backup_eligible: bool,
    /// Whether it was backed up at the last ceremony.
    pub backup_state: bool,
    /// The handle of the user whose credential it is.
    pub user_handle: Vec<u8>,
    /// The RP ID that it was registered for.
    pub rp_id: String,
}

/// A proof that verified, and what to save with the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The counter to store: it never goes down.
    pub sign_count: u32,
    /// The counter did not go up, in a credential that is synced. Worth an audit event, no reason to refuse.
    pub sign_count_regressed: bool,
    /// Whether the user was verified in this ceremony.
    pub user_verified: bool,
    /// Whether the credential is eligible for backup, unchanged.
    pub backup_eligible: bool,
    /// Whether it is backed up now.
    pub backup_state: bool,
}

/// Why an authentication is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// Something does not have the form the specification gives it.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The credential is not one that was asked for.
    #[error("credential was not asked for")]
    CredentialNotAllowed,
    /// The response is of another credential than the stored one.
    #[error("credential id does not match")]
    CredentialIdMismatch,
    /// The credential was registered for another RP ID.
    #[error("credential belongs to another RP ID")]
    RpIdMismatch,
    /// The user handle is missing where it is needed.
    #[error("no user handle")]
    UserHandleMissing,
    /// The user handle is another user's.
    #[error("user handle does not match")]
    UserHandleMismatch,
    /// The client data is of another ceremony.
    #[error("client data is of the type {got:?}")]
    WrongType {
        /// The type it has.
        got: String,
    },
    /// Another challenge.
    #[error("challenge does not match")]
    ChallengeMismatch,
    /// An origin that may not speak for the relying party.
    #[error("origin {got:?} is not allowed")]
    OriginMismatch {
        /// The origin it came from.
        got: String,
    },
    /// A frame under another origin.
    #[error("cross-origin use is not allowed")]
    CrossOriginNotAllowed,
    /// A frame under a top-level origin that is not allowed.
    #[error("top-level origin {got:?} is not allowed")]
    TopOriginMismatch {
        /// The top-level origin.
        got: String,
    },
    /// The authenticator acted for another RP ID.
    #[error("RP ID hash does not match")]
    RpIdHashMismatch,
    /// No test of user presence.
    #[error("user was not present")]
    UserNotPresent,
    /// No user verification where it is required.
    #[error("user was not verified")]
    UserNotVerified,
    /// Backed up, and yet not eligible for backup.
    #[error("backup state without backup eligibility")]
    BackupStateWithoutEligibility,
    /// Eligibility for backup is fixed at registration (section 6.1.3), and this is another.
    #[error("backup eligibility changed")]
    BackupEligibilityChanged,
    /// The stored key has an algorithm that we do not know.
    #[error("algorithm {0} is not known")]
    UnknownAlgorithm(i64),
    /// The signature is not the credential's.
    #[error("signature does not verify")]
    BadSignature,
    /// The counter of a device-bound credential did not go up: perhaps a copy of the authenticator (section 6.1.1).
    #[error("signature counter went from {stored} to {received}")]
    SignCountRegressed {
        /// The stored counter.
        stored: u32,
        /// The received counter.
        received: u32,
    },
}

impl AuthenticationError {
    /// A stable code for the audit log.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::CredentialNotAllowed => "credential_not_allowed",
            Self::CredentialIdMismatch => "credential_id_mismatch",
            Self::RpIdMismatch => "rp_id_mismatch",
            Self::UserHandleMissing => "user_handle_missing",
            Self::UserHandleMismatch => "user_handle_mismatch",
            Self::WrongType { .. } => "wrong_type",
            Self::ChallengeMismatch => "challenge_mismatch",
            Self::OriginMismatch { .. } => "origin_mismatch",
            Self::CrossOriginNotAllowed => "cross_origin_not_allowed",
            Self::TopOriginMismatch { .. } => "top_origin_mismatch",
            Self::RpIdHashMismatch => "rp_id_hash_mismatch",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::BackupStateWithoutEligibility => "backup_state_without_eligibility",
            Self::BackupEligibilityChanged => "backup_eligibility_changed",
            Self::UnknownAlgorithm(_) => "unknown_algorithm",
            Self::BadSignature => "bad_signature",
            Self::SignCountRegressed { .. } => "sign_count_regressed",
        }
    }
}

impl From<Malformed> for AuthenticationError {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Malformed(what)
    }
}

impl From<ClientDataError> for AuthenticationError {
    fn from(error: ClientDataError) -> Self {
        match error {
            ClientDataError::WrongType { got } => Self::WrongType { got },
            ClientDataError::ChallengeMismatch => Self::ChallengeMismatch,
            ClientDataError::OriginMismatch { got } => Self::OriginMismatch { got },
            ClientDataError::CrossOriginNotAllowed => Self::CrossOriginNotAllowed,
            ClientDataError::TopOriginMismatch { got } => Self::TopOriginMismatch { got },
        }
    }
}

impl From<CoseKeyError> for AuthenticationError {
    fn from(error: CoseKeyError) -> Self {
        match error {
            CoseKeyError::Malformed(malformed) => malformed.into(),
            CoseKeyError::UnknownAlgorithm(alg) => Self::UnknownAlgorithm(alg),
        }
    }
}

/// Section 7.2, from the identification of the user to the signature counter.
pub fn verify_authentication(
    expect: &AuthenticationExpectation<'_>,
    stored: &StoredCredential,
    response: &AuthenticationResponse,
) -> Result<VerifiedAssertion, AuthenticationError> {
    identify(expect, stored, response)?;
    ClientData::parse(&response.client_data_json)?.check("webauthn.get", expect.challenge, &expect.rp.origins)?;
    let data = AuthenticatorData::parse(&response.authenticator_data)?;
    if data.rp_id_hash != expect.rp.id_hash() {
        return Err(AuthenticationError::RpIdHashMismatch);
    }
    if !data.flags.user_present() {
        return Err(AuthenticationError::UserNotPresent);
    }
    if expect.user_verification == UserVerification::Required && !data.flags.user_verified() {
        return Err(AuthenticationError::UserNotVerified);
    }
    if data.flags.backup_state() && !data.flags.backup_eligible() {
        return Err(AuthenticationError::BackupStateWithoutEligibility);
    }
    if data.flags.backup_eligible() != stored.backup_eligible {
        return Err(AuthenticationError::BackupEligibilityChanged);
    }
    let key = CoseKey::parse(&stored.public_key)?;
    let signed = [response.authenticator_data.as_slice(), &client_data::hash(&response.client_data_json)].concat();
    if !key.verifies(&signed, &response.signature) {
        return Err(AuthenticationError::BadSignature);
    }
    // After the signature: until then the counter is anybody's claim.
    let (sign_count, sign_count_regressed) = sign_count(stored, data.sign_count)?;
    Ok(VerifiedAssertion {
        sign_count,
        sign_count_regressed,
        user_verified: data.flags.user_verified(),
        backup_eligible: data.flags.backup_eligible(),
        backup_state: data.flags.backup_state(),
    })
}

/// Section 7.2, steps 5 and 6: the credential and the user are the ones expected.
fn identify(
    expect: &AuthenticationExpectation<'_>,
    stored: &StoredCredential,
    response: &AuthenticationResponse,
) -> Result<(), AuthenticationError> {
    if !expect.allow_credentials.is_empty() && !expect.allow_credentials.contains(&response.id) {
        return Err(AuthenticationError::CredentialNotAllowed);
    }
    if response.id != stored.credential_id {
        return Err(AuthenticationError::CredentialIdMismatch);
    }
    if stored.rp_id != expect.rp.id {
        return Err(AuthenticationError::RpIdMismatch);
    }
    match &response.user_handle {
        Some(handle) if *handle != stored.user_handle => Err(AuthenticationError::UserHandleMismatch),
        None if expect.user_handle_required => Err(AuthenticationError::UserHandleMissing),
        _ => Ok(()),
    }
}

/// Section 6.1.1: the counter to store, and whether it failed to go up.
///
/// Synced passkeys have no one counter, so a counter that stands still says nothing there and must lock nobody out.
/// In a device-bound credential it means that there are two of them.
fn sign_count(stored: &StoredCredential, received: u32) -> Result<(u32, bool), AuthenticationError> {
    let counting = stored.sign_count != 0 || received != 0;
    let regressed = counting && received <= stored.sign_count;
    if regressed && !stored.backup_eligible {
        return Err(AuthenticationError::SignCountRegressed { stored: stored.sign_count, received });
    }
    Ok((received.max(stored.sign_count), regressed))
}
