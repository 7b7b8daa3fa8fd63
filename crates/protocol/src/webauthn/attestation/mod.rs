//! Attestation statements: WebAuthn L3, section 8, and the steps of section 7.1 that judge them.
//!
//! A statement is verified whenever its format is known, whatever the policy: a statement that lies is no ceremony that
//! went well. The policy decides what else is accepted (unknown formats, missing trust). Most relying parties ask for no
//! attestation and get the format `none`; passkeys that are synced have nothing else to give.

mod android_key;
mod apple;
mod certificate;
mod fido_u2f;
mod packed;
mod tpm;

use ciborium::Value;

use self::certificate::Certificate;
use super::{
    Malformed,
    authenticator_data::AttestedCredentialData,
    cbor::{Map, integer},
    cose::{CoseAlgorithm, CoseKey},
};

/// Certificates in one statement; real chains have three.
const MAX_CHAIN: usize = 6;

/// What is asked of an attestation statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AttestationPolicy {
    /// Statements of known formats must verify, formats that are not known are passed over, nothing need be trusted.
    #[default]
    Ignore,
    /// The format must be a known one (`none` is) and the statement must verify in full.
    RequireKnown,
    /// The statement must verify and its certificates must lead to one of the roots.
    RequireTrusted {
        /// DER of the trust anchors: roots, or the attestation certificates themselves.
        roots: Vec<Vec<u8>>,
        /// Seconds since the Unix epoch, for the validity of certificates.
        now: i64,
    },
}

/// What a verified statement says about where the key came from (section 6.5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttestationKind {
    /// Nothing.
    None,
    /// The credential key signed for itself: proof of possession and nothing more.
    SelfAttestation,
    /// A certified attestation key signed. The certificates, leaf first, are trusted only if the policy demanded it.
    BasicOrAttCa {
        /// DER of the chain, leaf first.
        x5c: Vec<Vec<u8>>,
    },
    /// An anonymisation authority certified the credential key itself (Apple).
    AnonCa {
        /// DER of the chain, leaf first.
        x5c: Vec<Vec<u8>>,
    },
    /// A statement that does not tell: an unknown format, or hardware claims left out.
    Uncertain,
}

impl AttestationKind {
    /// The certificates behind the statement, leaf first.
    #[must_use]
    pub fn x5c(&self) -> Option<&[Vec<u8>]> {
        match self {
            Self::BasicOrAttCa { x5c } | Self::AnonCa { x5c } => Some(x5c),
            Self::None | Self::SelfAttestation | Self::Uncertain => None,
        }
    }
}

/// Why an attestation is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// The statement does not have the form of its format.
    #[error("attestation statement is malformed: {0}")]
    Malformed(&'static str),
    /// A check of the format's verification procedure failed.
    #[error("attestation statement is invalid: {0}")]
    Invalid(&'static str),
    /// The statement's signature does not verify.
    #[error("attestation signature does not verify")]
    BadSignature,
    /// The policy does not accept the format.
    #[error("attestation format {format} is not accepted")]
    FormatNotAccepted {
        /// The format's identifier.
        format: String,
    },
    /// The certificates do not lead to a trust anchor.
    #[error("attestation is not trusted: {0}")]
    Untrusted(&'static str),
}

impl AttestationError {
    /// A stable code for the audit log.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "attestation_malformed",
            Self::Invalid(_) => "attestation_invalid",
            Self::BadSignature => "attestation_bad_signature",
            Self::FormatNotAccepted { .. } => "attestation_format_not_accepted",
            Self::Untrusted(_) => "attestation_untrusted",
        }
    }
}

impl From<Malformed> for AttestationError {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Malformed(what)
    }
}

/// What every verification procedure of section 8 is given.
struct Ceremony<'a> {
    authenticator_data: &'a [u8],
    rp_id_hash: [u8; 32],
    client_data_hash: [u8; 32],
    credential: &'a AttestedCredentialData<'a>,
    key: &'a CoseKey,
}

impl Ceremony<'_> {
    /// `authenticatorData || clientDataHash`, what most formats sign.
    fn signed(&self) -> Vec<u8> {
        [self.authenticator_data, &self.client_data_hash].concat()
    }
}

/// An attestation object (section 6.5.4) taken apart.
pub(super) struct AttestationObject {
    pub(super) format: String,
    pub(super) statement: Value,
    pub(super) authenticator_data: Vec<u8>,
}

impl AttestationObject {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        const WHAT: &str = "attestationObject";
        let value = super::cbor::decode_all(bytes, WHAT)?;
        let map = Map::new(&value, WHAT)?;
        let format = map.text("fmt")?;
        // Section 8.1: identifiers are at most 32 printable octets without backslash or double quote.
        let printable = format.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'"');
        if format.is_empty() || format.len() > 32 || !printable {
            return Err(Malformed("attestation format identifier"));
        }
        Ok(Self {
            format: format.to_owned(),
            statement: map.text_key("attStmt").ok_or(Malformed(WHAT))?.clone(),
            authenticator_data: map.bytes("authData")?.to_vec(),
        })
    }
}

/// The steps of section 7.1 on `fmt`, `attStmt` and the trust in them.
pub(super) fn verify(
    object: &AttestationObject,
    rp_id_hash: [u8; 32],
    client_data_hash: [u8; 32],
    credential: &AttestedCredentialData<'_>,
    key: &CoseKey,
    policy: &AttestationPolicy,
) -> Result<AttestationKind, AttestationError> {
    let ceremony = Ceremony { authenticator_data: &object.authenticator_data, rp_id_hash, client_data_hash, credential, key };
    let refused = || AttestationError::FormatNotAccepted { format: object.format.clone() };
    let verify = match object.format.as_str() {
        "none" => none,
        "packed" => packed::verify,
        "tpm" => tpm::verify,
        "android-key" => android_key::verify,
        "apple" => apple::verify,
        "fido-u2f" => fido_u2f::verify,
        _ if *policy == AttestationPolicy::Ignore => return Ok(AttestationKind::Uncertain),
        _ => return Err(refused()),
    };
    let statement = Map::new(&object.statement, "attStmt")?;
    let kind = verify(&ceremony, statement)?;
    if *policy == AttestationPolicy::Ignore {
        return Ok(kind);
    }
    if kind == AttestationKind::Uncertain {
        return Err(AttestationError::Invalid("the statement leaves out what must be proven"));
    }
    if let AttestationPolicy::RequireTrusted { roots, now } = policy {
        certificate::verify_chain(kind.x5c().ok_or_else(refused)?, roots, *now)?;
    }
    Ok(kind)
}

/// Section 8.7: the statement is an empty map.
fn none(_: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    if statement.len() == 0 { Ok(AttestationKind::None) } else { Err(AttestationError::Malformed("none")) }
}

/// The signature algorithm of a statement.
fn algorithm(statement: Map<'_>) -> Result<CoseAlgorithm, AttestationError> {
    let id = statement.text_key("alg").and_then(integer).ok_or(AttestationError::Malformed("alg"))?;
    CoseAlgorithm::from_id(id).ok_or(AttestationError::Invalid("alg is not supported"))
}

/// The certificates of a statement, leaf first.
fn x5c(statement: Map<'_>) -> Result<Vec<Vec<u8>>, AttestationError> {
    const WHAT: AttestationError = AttestationError::Malformed("x5c");
    let chain = statement.text_key("x5c").and_then(Value::as_array).ok_or(WHAT)?;
    if !(1..=MAX_CHAIN).contains(&chain.len()) {
        return Err(WHAT);
    }
    chain.iter().map(|certificate| certificate.as_bytes().cloned().ok_or(WHAT)).collect()
}

/// The first certificate of a chain.
fn leaf(x5c: &[Vec<u8>]) -> Result<Certificate<'_>, AttestationError> {
    Certificate::parse(x5c.first().ok_or(AttestationError::Malformed("x5c"))?)
}
