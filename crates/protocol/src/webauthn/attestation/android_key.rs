//! The Android key format: WebAuthn L3, section 8.4, with the certificate requirements of section 8.4.1.

use x509_parser::der_parser::{
    asn1_rs::{Any, FromDer, Tag},
    oid,
};

use super::{super::cbor::Map, AttestationError, AttestationKind, Ceremony, algorithm, leaf, x5c};

const WHAT: AttestationError = AttestationError::Malformed("Android key description");

pub(super) fn verify(ceremony: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    let algorithm = algorithm(statement)?;
    let signature = statement.bytes("sig")?;
    let x5c = x5c(statement)?;
    let certificate = leaf(&x5c)?;
    certificate.verify(algorithm, &ceremony.signed(), signature)?;
    if !ceremony.key.same_as(certificate.spki()) {
        return Err(AttestationError::Invalid("the certificate is not the credential key's"));
    }
    let extension = certificate
        .extension(&oid!(1.3.6.1.4.1.11129.2.1.17))?
        .ok_or(AttestationError::Invalid("the certificate has no key description"))?;
    let description = KeyDescription::parse(extension.value)?;
    if description.challenge != ceremony.client_data_hash {
        return Err(AttestationError::Invalid("the key description is not of this ceremony"));
    }
    let lists = [description.software, description.hardware];
    if lists.iter().any(|list| list.all_applications) {
        return Err(AttestationError::Invalid("the key is for all applications"));
    }
    // The union of both lists, as section 8.4 has it where the trusted environment is not insisted on.
    let origins: Vec<u64> = lists.iter().filter_map(|list| list.origin).collect();
    let purposes: Vec<&[u64]> =
        lists.iter().map(|list| list.purposes.as_slice()).filter(|purposes| !purposes.is_empty()).collect();
    if origins.iter().any(|origin| *origin != KM_ORIGIN_GENERATED) {
        return Err(AttestationError::Invalid("the key was not generated in the keystore"));
    }
    if purposes.iter().any(|list| *list != [KM_PURPOSE_SIGN]) {
        return Err(AttestationError::Invalid("the key is not for signing"));
    }
    if origins.is_empty() || purposes.is_empty() {
        // Signed by the right key for this ceremony, but silent about the hardware (as the specification's own test
        // vector is): no attestation of anything. A policy that wants attestation refuses it.
        return Ok(AttestationKind::Uncertain);
    }
    Ok(AttestationKind::BasicOrAttCa { x5c })
}

const KM_PURPOSE_SIGN: u64 = 2;
const KM_ORIGIN_GENERATED: u64 = 0;
const TAG_PURPOSE: u32 = 1;
const TAG_ALL_APPLICATIONS: u32 = 600;
const TAG_ORIGIN: u32 = 702;

/// The parts of Android's `KeyDescription` that section 8.4 looks at.
struct KeyDescription<'a> {
    challenge: &'a [u8],
    software: AuthorizationList,
    hardware: AuthorizationList,
}

#[derive(Default)]
struct AuthorizationList {
    all_applications: bool,
    origin: Option<u64>,
    purposes: Vec<u64>,
}

impl<'a> KeyDescription<'a> {
    /// attestationVersion, attestationSecurityLevel, keymasterVersion, keymasterSecurityLevel, attestationChallenge,
    /// uniqueId, softwareEnforced, teeEnforced.
    fn parse(der: &'a [u8]) -> Result<Self, AttestationError> {
        let (rest, outer) = Any::from_der(der).map_err(|_| WHAT)?;
        if !rest.is_empty() || outer.tag() != Tag::Sequence {
            return Err(WHAT);
        }
        let fields = elements(outer.data)?;
        let [_, _, _, _, challenge, _, software, hardware, ..] = fields.as_slice() else {
            return Err(WHAT);
        };
        if challenge.tag() != Tag::OctetString {
            return Err(WHAT);
        }
        Ok(Self {
            challenge: challenge.data,
            software: AuthorizationList::parse(software)?,
            hardware: AuthorizationList::parse(hardware)?,
        })
    }
}

impl AuthorizationList {
    fn parse(list: &Any<'_>) -> Result<Self, AttestationError> {
        if list.tag() != Tag::Sequence {
            return Err(WHAT);
        }
        let mut parsed = Self::default();
        for field in elements(list.data)? {
            if !field.header.is_contextspecific() {
                return Err(WHAT);
            }
            match field.tag().0 {
                TAG_ALL_APPLICATIONS => parsed.all_applications = true,
                TAG_ORIGIN => parsed.origin = Some(integer(&whole(field.data)?)?),
                TAG_PURPOSE => {
                    let set = whole(field.data)?;
                    if set.tag() != Tag::Set {
                        return Err(WHAT);
                    }
                    parsed.purposes = elements(set.data)?.iter().map(integer).collect::<Result<_, _>>()?;
                }
                _ => {}
            }
        }
        Ok(parsed)
    }
}

fn elements(mut der: &[u8]) -> Result<Vec<Any<'_>>, AttestationError> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (rest, element) = Any::from_der(der).map_err(|_| WHAT)?;
        found.push(element);
        der = rest;
    }
    Ok(found)
}

fn whole(der: &[u8]) -> Result<Any<'_>, AttestationError> {
    match Any::from_der(der) {
        Ok(([], element)) => Ok(element),
        _ => Err(WHAT),
    }
}

fn integer(element: &Any<'_>) -> Result<u64, AttestationError> {
    element.as_u64().map_err(|_| WHAT)
}
