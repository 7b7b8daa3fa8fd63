//! The FIDO U2F format: WebAuthn L3, section 8.6.

use super::{
    super::{cbor::Map, cose::CoseAlgorithm},
    AttestationError, AttestationKind, Ceremony, leaf, x5c,
};

pub(super) fn verify(ceremony: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    let signature = statement.bytes("sig")?;
    let x5c = x5c(statement)?;
    if x5c.len() != 1 {
        return Err(AttestationError::Malformed("x5c"));
    }
    let point = ceremony.key.p256_point().ok_or(AttestationError::Invalid("the credential key is not on P-256"))?;
    let signed =
        [&[0], ceremony.rp_id_hash.as_slice(), &ceremony.client_data_hash, ceremony.credential.credential_id, point].concat();
    leaf(&x5c)?.verify(CoseAlgorithm::Es256, &signed, signature)?;
    Ok(AttestationKind::BasicOrAttCa { x5c })
}
