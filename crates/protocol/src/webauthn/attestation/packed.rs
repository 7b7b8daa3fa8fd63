//! The packed format: WebAuthn L3, section 8.2, with the certificate requirements of section 8.2.1.

use super::{super::cbor::Map, AttestationError, AttestationKind, Ceremony, algorithm, leaf, x5c};

pub(super) fn verify(ceremony: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    let algorithm = algorithm(statement)?;
    let signature = statement.bytes("sig")?;
    let signed = ceremony.signed();
    if statement.text_key("x5c").is_none() {
        // Self attestation: the credential key signs for itself.
        if algorithm != ceremony.key.algorithm() {
            return Err(AttestationError::Invalid("alg is not the credential key's algorithm"));
        }
        return if ceremony.key.verifies(&signed, signature) {
            Ok(AttestationKind::SelfAttestation)
        } else {
            Err(AttestationError::BadSignature)
        };
    }
    let x5c = x5c(statement)?;
    let certificate = leaf(&x5c)?;
    certificate.verify(algorithm, &signed, signature)?;
    certificate.require_leaf()?;
    certificate.require_packed_subject()?;
    certificate.require_aaguid(ceremony.credential.aaguid)?;
    Ok(AttestationKind::BasicOrAttCa { x5c })
}
