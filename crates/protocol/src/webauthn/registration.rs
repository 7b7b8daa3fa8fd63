//! Registering a credential: WebAuthn L3, section 7.1.
//!
//! Decides whether a response registers a credential. That the challenge was ours, is fresh and is spent, that the
//! credential id belongs to nobody yet, and whose credential it becomes, is the caller's.

use uuid::Uuid;

use super::{
    Malformed,
    attestation::{self, AttestationError, AttestationKind, AttestationObject, AttestationPolicy},
    authenticator_data::AuthenticatorData,
    client_data::{self, ClientData, ClientDataError},
    cose::{CoseAlgorithm, CoseKey, CoseKeyError},
    options::UserVerification,
    response::RegistrationResponse,
    rp::RelyingParty,
};

/// What the ceremony was started with.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationExpectation<'a> {
    /// The challenge that was given out.
    pub challenge: &'a [u8],
    /// The relying party.
    pub rp: &'a RelyingParty,
    /// What was asked about user verification.
    pub user_verification: UserVerification,
    /// The algorithms that were offered.
    pub algorithms: &'a [CoseAlgorithm],
    /// What is asked of attestation.
    pub attestation: &'a AttestationPolicy,
    /// False only when the credential was asked for with conditional mediation (section 5.1.3).
    pub user_presence_required: bool,
}

/// The credential record (section 4, "credential record") of a new credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCredential {
    /// The credential id, 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// The COSE key as it was received.
    pub public_key: Vec<u8>,
    /// The key's algorithm.
    pub algorithm: CoseAlgorithm,
    /// The signature counter.
    pub sign_count: u32,
    /// Whether the user was verified.
    pub user_verified: bool,
    /// Whether the credential can be backed up: a synced passkey.
    pub backup_eligible: bool,
    /// Whether it is backed up now.
    pub backup_state: bool,
    /// The authenticator's model, as it claims.
    pub aaguid: Uuid,
    /// The transports that the client reported.
    pub transports: Vec<String>,
    /// The attestation statement's format.
    pub attestation_format: String,
    /// What the attestation proves.
    pub attestation_kind: AttestationKind,
    /// Whether the credential is discoverable, when the client said.
    pub discoverable: Option<bool>,
}

/// Why a registration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Something does not have the form the specification gives it.
    #[error("malformed: {0}")]
    Malformed(&'static str),
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
    /// The authenticator data has no credential.
    #[error("no attested credential data")]
    NoCredential,
    /// The credential id is empty or longer than 1023 bytes.
    #[error("credential id has {0} bytes")]
    CredentialIdLength(usize),
    /// The client reports another credential id than the authenticator signed.
    #[error("credential id does not match the attested one")]
    CredentialIdMismatch,
    /// An algorithm that we do not know.
    #[error("algorithm {0} is not known")]
    UnknownAlgorithm(i64),
    /// An algorithm that we know and did not offer.
    #[error("algorithm {0} was not offered")]
    AlgorithmNotAllowed(i64),
    /// The attestation is not accepted.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
}

impl RegistrationError {
    /// A stable code for the audit log.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongType { .. } => "wrong_type",
            Self::ChallengeMismatch => "challenge_mismatch",
            Self::OriginMismatch { .. } => "origin_mismatch",
            Self::CrossOriginNotAllowed => "cross_origin_not_allowed",
            Self::TopOriginMismatch { .. } => "top_origin_mismatch",
            Self::RpIdHashMismatch => "rp_id_hash_mismatch",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::BackupStateWithoutEligibility => "backup_state_without_eligibility",
            Self::NoCredential => "no_credential",
            Self::CredentialIdLength(_) => "credential_id_length",
            Self::CredentialIdMismatch => "credential_id_mismatch",
            Self::UnknownAlgorithm(_) => "unknown_algorithm",
            Self::AlgorithmNotAllowed(_) => "algorithm_not_allowed",
            Self::Attestation(cause) => cause.code(),
        }
    }
}

impl From<Malformed> for RegistrationError {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Malformed(what)
    }
}

impl From<ClientDataError> for RegistrationError {
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

impl From<CoseKeyError> for RegistrationError {
    fn from(error: CoseKeyError) -> Self {
        match error {
            CoseKeyError::Malformed(malformed) => malformed.into(),
            CoseKeyError::UnknownAlgorithm(alg) => Self::UnknownAlgorithm(alg),
        }
    }
}

/// Section 7.1, from the parsing of the client data to the trust in the attestation.
pub fn verify_registration(
    expect: &RegistrationExpectation<'_>,
    response: &RegistrationResponse,
) -> Result<RegisteredCredential, RegistrationError> {
    ClientData::parse(&response.client_data_json)?.check("webauthn.create", expect.challenge, &expect.rp.origins)?;
    let object = AttestationObject::parse(&response.attestation_object)?;
    let data = AuthenticatorData::parse(&object.authenticator_data)?;
    let rp_id_hash = expect.rp.id_hash();
    if data.rp_id_hash != rp_id_hash {
        return Err(RegistrationError::RpIdHashMismatch);
    }
    if expect.user_presence_required && !data.flags.user_present() {
        return Err(RegistrationError::UserNotPresent);
    }
    if expect.user_verification == UserVerification::Required && !data.flags.user_verified() {
        return Err(RegistrationError::UserNotVerified);
    }
    if data.flags.backup_state() && !data.flags.backup_eligible() {
        return Err(RegistrationError::BackupStateWithoutEligibility);
    }
    let credential = data.attested.ok_or(RegistrationError::NoCredential)?;
    if !(1..=1023).contains(&credential.credential_id.len()) {
        return Err(RegistrationError::CredentialIdLength(credential.credential_id.len()));
    }
    if credential.credential_id != response.id {
        return Err(RegistrationError::CredentialIdMismatch);
    }
    let key = CoseKey::parse(credential.public_key)?;
    if !expect.algorithms.contains(&key.algorithm()) {
        return Err(RegistrationError::AlgorithmNotAllowed(key.algorithm().id()));
    }
    let attestation_kind = attestation::verify(
        &object,
        rp_id_hash,
        client_data::hash(&response.client_data_json),
        &credential,
        &key,
        expect.attestation,
    )?;
    Ok(RegisteredCredential {
        credential_id: credential.credential_id.to_vec(),
        public_key: credential.public_key.to_vec(),
        algorithm: key.algorithm(),
        sign_count: data.sign_count,
        user_verified: data.flags.user_verified(),
        backup_eligible: data.flags.backup_eligible(),
        backup_state: data.flags.backup_state(),
        aaguid: credential.aaguid,
        transports: response.transports.clone(),
        attestation_format: object.format,
        attestation_kind,
        discoverable: response.discoverable,
    })
}
