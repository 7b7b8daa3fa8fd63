//! Attestation certificates: WebAuthn L3, sections 8.2.1 and 8.3.1, and the path to a trust anchor (RFC 5280, section 6).
//!
//! Parsing is x509-parser's and signatures are the library's. The path is the one in `x5c`, in its order; revocation and
//! name constraints are not looked at, and a certificate that marks something we do not know as critical is refused.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use uuid::Uuid;
use x509_parser::{
    certificate::X509Certificate,
    der_parser::{
        asn1_rs::{FromDer, OctetString},
        oid,
    },
    extensions::{GeneralName, ParsedExtension, X509Extension},
    oid_registry::Oid,
    time::ASN1Time,
    x509::{AttributeTypeAndValue, X509Version},
};

use super::{super::cose::CoseAlgorithm, AttestationError};

const WHAT: AttestationError = AttestationError::Malformed("certificate");

/// A parsed certificate.
pub(super) struct Certificate<'a> {
    der: &'a [u8],
    parsed: X509Certificate<'a>,
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, AttestationError> {
        match X509Certificate::from_der(der) {
            Ok(([], parsed)) => Ok(Self { der, parsed }),
            _ => Err(WHAT),
        }
    }

    /// DER of the `SubjectPublicKeyInfo`.
    pub(super) fn spki(&self) -> &'a [u8] {
        self.parsed.tbs_certificate.subject_pki.raw
    }

    /// The extension with this identifier; twice the same is refused.
    pub(super) fn extension(&self, id: &Oid<'_>) -> Result<Option<&X509Extension<'a>>, AttestationError> {
        self.parsed.tbs_certificate.get_extension_unique(id).map_err(|_| WHAT)
    }

    /// Whether the certified key made this signature.
    pub(super) fn verify(&self, algorithm: CoseAlgorithm, message: &[u8], signature: &[u8]) -> Result<(), AttestationError> {
        self.verify_with(algorithm.verification(), message, signature)
    }

    pub(super) fn verify_with(
        &self,
        algorithm: &'static dyn VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AttestationError> {
        UnparsedPublicKey::new(algorithm, self.spki()).verify(message, signature).map_err(|_| AttestationError::BadSignature)
    }

    /// Version 3, and not an authority (sections 8.2.1 and 8.3.1).
    pub(super) fn require_leaf(&self) -> Result<(), AttestationError> {
        if self.parsed.version() != X509Version::V3 {
            return Err(AttestationError::Invalid("certificate: version"));
        }
        match self.parsed.basic_constraints() {
            Ok(Some(constraints)) if !constraints.value.ca => Ok(()),
            _ => Err(AttestationError::Invalid("certificate: basic constraints")),
        }
    }

    /// Section 8.2.1: country, organisation, the literal unit, common name.
    pub(super) fn require_packed_subject(&self) -> Result<(), AttestationError> {
        let subject = self.parsed.subject();
        let country = text(subject.iter_country())
            .is_some_and(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let organization = text(subject.iter_organization()).is_some_and(|name| !name.is_empty());
        let unit = text(subject.iter_organizational_unit()) == Some("Authenticator Attestation");
        let common_name = text(subject.iter_common_name()).is_some_and(|name| !name.is_empty());
        if country && organization && unit && common_name {
            Ok(())
        } else {
            Err(AttestationError::Invalid("certificate: subject"))
        }
    }

    /// `id-fido-gen-ce-aaguid`: where present, it is not critical and names the model in the authenticator data.
    pub(super) fn require_aaguid(&self, aaguid: Uuid) -> Result<(), AttestationError> {
        let Some(extension) = self.extension(&oid!(1.3.6.1.4.1.45724.1.1.4))? else {
            return Ok(());
        };
        let named = match OctetString::from_der(extension.value) {
            Ok(([], octets)) => octets.as_cow().as_ref() == aaguid.as_bytes(),
            _ => false,
        };
        if named && !extension.critical { Ok(()) } else { Err(AttestationError::Invalid("certificate: AAGUID")) }
    }

    /// Section 8.3.1: no subject; the TPM's maker, model and version as alternative name; the purpose of an
    /// attestation identity key.
    pub(super) fn require_tpm_names(&self) -> Result<(), AttestationError> {
        if self.parsed.subject().iter().next().is_some() {
            return Err(AttestationError::Invalid("certificate: subject"));
        }
        let Ok(Some(alternative)) = self.parsed.subject_alternative_name() else {
            return Err(AttestationError::Invalid("certificate: alternative name"));
        };
        let complete = alternative.value.general_names.iter().any(|name| {
            let GeneralName::DirectoryName(name) = name else {
                return false;
            };
            [oid!(2.23.133.2.1), oid!(2.23.133.2.2), oid!(2.23.133.2.3)].iter().all(|id| name.iter_by_oid(id).next().is_some())
        });
        if !complete {
            return Err(AttestationError::Invalid("certificate: alternative name"));
        }
        match self.parsed.extended_key_usage() {
            Ok(Some(usage)) if usage.value.other.contains(&oid!(2.23.133.8.3)) => Ok(()),
            _ => Err(AttestationError::Invalid("certificate: key usage")),
        }
    }

    fn valid_at(&self, now: ASN1Time) -> bool {
        self.parsed.validity().is_valid_at(now)
    }

    /// Whether `issuer` issued this certificate: names and signature.
    fn issued_by(&self, issuer: &Certificate<'_>) -> bool {
        let outer = &self.parsed.signature_algorithm;
        if outer != &self.parsed.tbs_certificate.signature || self.parsed.issuer().as_raw() != issuer.parsed.subject().as_raw() {
            return false;
        }
        let signature = self.parsed.signature_value.data.as_ref();
        chain_algorithms(&outer.algorithm)
            .iter()
            .any(|algorithm| issuer.verify_with(*algorithm, self.parsed.tbs_certificate.as_ref(), signature).is_ok())
    }

    /// Whether this may issue a certificate with `below` authorities between it and the leaf.
    fn may_issue(&self, below: usize) -> bool {
        let authority = matches!(
            self.parsed.basic_constraints(),
            Ok(Some(constraints)) if constraints.value.ca
                && constraints
                    .value
                    .path_len_constraint
                    .is_none_or(|limit| usize::try_from(limit).is_ok_and(|limit| below <= limit))
        );
        authority
            && match self.parsed.key_usage() {
                Ok(Some(usage)) => usage.value.key_cert_sign(),
                Ok(None) => true,
                Err(_) => false,
            }
    }

    /// RFC 5280, section 4.2: what is critical and not understood must be refused.
    fn critical_extensions_known(&self) -> bool {
        self.parsed.extensions().iter().all(|extension| {
            !extension.critical
                || matches!(
                    extension.parsed_extension(),
                    ParsedExtension::BasicConstraints(_)
                        | ParsedExtension::KeyUsage(_)
                        | ParsedExtension::ExtendedKeyUsage(_)
                        | ParsedExtension::SubjectAlternativeName(_)
                        | ParsedExtension::CertificatePolicies(_)
                )
        })
    }
}

/// Follows `x5c` from its leaf until a certificate is a trust anchor or was issued by one.
pub(super) fn verify_chain(x5c: &[Vec<u8>], roots: &[Vec<u8>], now: i64) -> Result<(), AttestationError> {
    let now = ASN1Time::from_timestamp(now).map_err(|_| AttestationError::Untrusted("the time"))?;
    let roots = roots
        .iter()
        .map(|der| Certificate::parse(der))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| AttestationError::Untrusted("a trust anchor cannot be read"))?;
    let chain = x5c.iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
    for (at, certificate) in chain.iter().enumerate() {
        if !certificate.valid_at(now) {
            return Err(AttestationError::Untrusted("a certificate is not valid now"));
        }
        if !certificate.critical_extensions_known() {
            return Err(AttestationError::Untrusted("a critical extension is not known"));
        }
        // The certificate before this one was issued by it, so it must be an authority; the leaf issued nothing.
        if at > 0 && !certificate.may_issue(at - 1) {
            return Err(AttestationError::Untrusted("an issuer may not issue"));
        }
        let anchored = roots
            .iter()
            .any(|root| root.der == certificate.der || (certificate.issued_by(root) && root.valid_at(now) && root.may_issue(at)));
        if anchored {
            return Ok(());
        }
        match chain.get(at + 1) {
            Some(issuer) if certificate.issued_by(issuer) => {}
            Some(_) => return Err(AttestationError::Untrusted("the chain is broken")),
            None => break,
        }
    }
    Err(AttestationError::Untrusted("no trust anchor"))
}

/// The only value of an attribute, if it is text; an attribute given twice has none.
fn text<'n, 'a: 'n>(mut values: impl Iterator<Item = &'n AttributeTypeAndValue<'a>>) -> Option<&'n str> {
    let value = values.next()?.as_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The algorithms that a certificate's signature identifier may mean; the issuer's key decides which.
fn chain_algorithms(id: &Oid<'_>) -> &'static [&'static dyn VerificationAlgorithm] {
    if *id == oid!(1.2.840.10045.4.3.2) {
        &[&ECDSA_P256_SHA256_ASN1, &ECDSA_P384_SHA256_ASN1, &ECDSA_P521_SHA256_ASN1]
    } else if *id == oid!(1.2.840.10045.4.3.3) {
        &[&ECDSA_P384_SHA384_ASN1, &ECDSA_P256_SHA384_ASN1, &ECDSA_P521_SHA384_ASN1]
    } else if *id == oid!(1.2.840.10045.4.3.4) {
        &[&ECDSA_P521_SHA512_ASN1, &ECDSA_P384_SHA512_ASN1, &ECDSA_P256_SHA512_ASN1]
    } else if *id == oid!(1.2.840.113549.1.1.11) {
        &[&RSA_PKCS1_2048_8192_SHA256]
    } else if *id == oid!(1.2.840.113549.1.1.12) {
        &[&RSA_PKCS1_2048_8192_SHA384]
    } else if *id == oid!(1.2.840.113549.1.1.13) {
        &[&RSA_PKCS1_2048_8192_SHA512]
    } else if *id == oid!(1.3.101.112) {
        &[&ED25519]
    } else {
        &[]
    }
}
