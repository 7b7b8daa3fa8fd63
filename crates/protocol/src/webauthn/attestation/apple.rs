//! Apple's anonymous format: WebAuthn L3, section 8.8.

use x509_parser::{
    der_parser::{
        asn1_rs::{Any, FromDer, OctetString, Sequence},
        oid,
    },
    prelude::X509Extension,
};

use super::{
    super::{cbor::Map, rp::sha256},
    AttestationError, AttestationKind, Ceremony, leaf, x5c,
};

pub(super) fn verify(ceremony: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    let x5c = x5c(statement)?;
    let certificate = leaf(&x5c)?;
    let extension =
        certificate.extension(&oid!(1.2.840.113635.100.8.2))?.ok_or(AttestationError::Invalid("the certificate has no nonce"))?;
    if nonce(extension)? != sha256(&ceremony.signed()) {
        return Err(AttestationError::Invalid("the nonce is not of this ceremony"));
    }
    if !ceremony.key.same_as(certificate.spki()) {
        return Err(AttestationError::Invalid("the certificate is not the credential key's"));
    }
    Ok(AttestationKind::AnonCa { x5c })
}

/// `SEQUENCE { [1] EXPLICIT OCTET STRING }`.
fn nonce<'a>(extension: &X509Extension<'a>) -> Result<&'a [u8], AttestationError> {
    const WHAT: AttestationError = AttestationError::Malformed("Apple nonce");
    let (rest, sequence) = Sequence::from_der(extension.value).map_err(|_| WHAT)?;
    if !rest.is_empty() {
        return Err(WHAT);
    }
    let inside: &'a [u8] = match sequence.content {
        std::borrow::Cow::Borrowed(inside) => inside,
        std::borrow::Cow::Owned(_) => return Err(WHAT),
    };
    let (rest, tagged) = Any::from_der(inside).map_err(|_| WHAT)?;
    if !rest.is_empty() || tagged.header.tag().0 != 1 || !tagged.header.is_contextspecific() {
        return Err(WHAT);
    }
    let (rest, nonce) = OctetString::from_der(tagged.data).map_err(|_| WHAT)?;
    match nonce.into_cow() {
        std::borrow::Cow::Borrowed(nonce) if rest.is_empty() => Ok(nonce),
        _ => Err(WHAT),
    }
}
