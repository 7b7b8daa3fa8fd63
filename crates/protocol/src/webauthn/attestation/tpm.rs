//! The TPM format: WebAuthn L3, section 8.3, with the certificate requirements of section 8.3.1 and the structures of the
//! TCG's "TPM 2.0 Library, Part 2: Structures" that it refers to.

use aws_lc_rs::{
    digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512},
    signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, VerificationAlgorithm},
};

use super::{
    super::{cbor::Map, cose::CoseAlgorithm},
    AttestationError, AttestationKind, Ceremony, leaf, x5c,
};

const TPM_GENERATED_VALUE: u32 = 0xff54_4347;
const TPM_ST_ATTEST_CERTIFY: u16 = 0x8017;
const TPM_ALG_RSA: u16 = 0x0001;
const TPM_ALG_NULL: u16 = 0x0010;
const TPM_ALG_ECC: u16 = 0x0023;
/// RSASSA-PKCS1-v1_5 with SHA-1. Attestation keys of older Windows machines sign with it; no credential may.
const COSE_RS1: i64 = -65535;

pub(super) fn verify(ceremony: &Ceremony<'_>, statement: Map<'_>) -> Result<AttestationKind, AttestationError> {
    if statement.text("ver")? != "2.0" {
        return Err(AttestationError::Invalid("ver"));
    }
    let signature = statement.bytes("sig")?;
    let cert_info = statement.bytes("certInfo")?;
    let pub_area = statement.bytes("pubArea")?;
    let alg = Algorithm::of(statement.integer("alg")?)?;
    let x5c = x5c(statement)?;

    let public = PublicArea::parse(pub_area)?;
    if !public.is(ceremony) {
        return Err(AttestationError::Invalid("pubArea is not the credential key"));
    }

    let certified = CertifyInfo::parse(cert_info)?;
    if certified.extra_data != digest::digest(alg.digest, &ceremony.signed()).as_ref() {
        return Err(AttestationError::Invalid("certInfo is not of this ceremony"));
    }
    let mut name = public.name_alg.to_be_bytes().to_vec();
    name.extend_from_slice(digest::digest(name_digest(public.name_alg)?, pub_area).as_ref());
    if certified.name != name {
        return Err(AttestationError::Invalid("certInfo does not name pubArea"));
    }

    let certificate = leaf(&x5c)?;
    certificate.verify_with(alg.verification, cert_info, signature)?;
    certificate.require_leaf()?;
    certificate.require_tpm_names()?;
    certificate.require_aaguid(ceremony.credential.aaguid)?;
    Ok(AttestationKind::BasicOrAttCa { x5c })
}

struct Algorithm {
    verification: &'static dyn VerificationAlgorithm,
    digest: &'static digest::Algorithm,
}

impl Algorithm {
    fn of(id: i64) -> Result<Self, AttestationError> {
        if id == COSE_RS1 {
            return Ok(Self { verification: &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, digest: &SHA1_FOR_LEGACY_USE_ONLY });
        }
        let unsupported = AttestationError::Invalid("alg is not supported");
        let algorithm = CoseAlgorithm::from_id(id).ok_or(unsupported.clone())?;
        let digest = match algorithm {
            CoseAlgorithm::Es256 | CoseAlgorithm::Rs256 => &SHA256,
            CoseAlgorithm::Es384 | CoseAlgorithm::Rs384 => &SHA384,
            CoseAlgorithm::Es512 | CoseAlgorithm::Rs512 => &SHA512,
            // No hash of its own, so section 8.3 cannot be followed with it.
            CoseAlgorithm::EdDsa => return Err(unsupported),
        };
        Ok(Self { verification: algorithm.verification(), digest })
    }
}

/// `TPM_ALG_ID` of the hashes that name an object.
fn name_digest(id: u16) -> Result<&'static digest::Algorithm, AttestationError> {
    match id {
        0x0004 => Ok(&SHA1_FOR_LEGACY_USE_ONLY),
        0x000b => Ok(&SHA256),
        0x000c => Ok(&SHA384),
        0x000d => Ok(&SHA512),
        _ => Err(AttestationError::Invalid("nameAlg is not supported")),
    }
}

/// `TPMT_PUBLIC` of a signing key.
struct PublicArea<'a> {
    name_alg: u16,
    key: PublicKey<'a>,
}

enum PublicKey<'a> {
    Rsa { exponent: u32, modulus: &'a [u8] },
    Ecc { curve: u16, x: &'a [u8], y: &'a [u8] },
}

impl<'a> PublicArea<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, AttestationError> {
        let mut reader = Reader(bytes, "pubArea");
        let kind = reader.u16()?;
        let name_alg = reader.u16()?;
        reader.take(4)?; // objectAttributes
        reader.sized()?; // authPolicy
        // A signing key wraps nothing, so it has no symmetric algorithm and no details of one.
        if reader.u16()? != TPM_ALG_NULL {
            return Err(AttestationError::Invalid("pubArea: symmetric"));
        }
        // Every signing scheme is followed by its hash.
        if reader.u16()? != TPM_ALG_NULL {
            reader.take(2)?;
        }
        let key = match kind {
            TPM_ALG_RSA => {
                reader.take(2)?; // keyBits
                let exponent = match reader.u32()? {
                    // Part 2, section 12.2.3.5: zero stands for the default.
                    0 => 65537,
                    exponent => exponent,
                };
                PublicKey::Rsa { exponent, modulus: reader.sized()? }
            }
            TPM_ALG_ECC => {
                let curve = reader.u16()?;
                if reader.u16()? != TPM_ALG_NULL {
                    return Err(AttestationError::Invalid("pubArea: kdf"));
                }
                PublicKey::Ecc { curve, x: reader.sized()?, y: reader.sized()? }
            }
            _ => return Err(AttestationError::Invalid("pubArea: type")),
        };
        reader.end()?;
        Ok(Self { name_alg, key })
    }

    /// Whether this is the credential key.
    fn is(&self, ceremony: &Ceremony<'_>) -> bool {
        match self.key {
            PublicKey::Rsa { exponent, modulus } => ceremony.key.is_rsa(modulus, &exponent.to_be_bytes()),
            PublicKey::Ecc { curve, x, y } => {
                let algorithm = match curve {
                    0x0003 => CoseAlgorithm::Es256,
                    0x0004 => CoseAlgorithm::Es384,
                    0x0005 => CoseAlgorithm::Es512,
                    _ => return false,
                };
                ceremony.key.algorithm() == algorithm && ceremony.key.is_ec2(x, y)
            }
        }
    }
}

/// `TPMS_ATTEST` of the type `TPMS_CERTIFY_INFO`.
struct CertifyInfo<'a> {
    extra_data: &'a [u8],
    name: &'a [u8],
}

impl<'a> CertifyInfo<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, AttestationError> {
        let mut reader = Reader(bytes, "certInfo");
        if reader.u32()? != TPM_GENERATED_VALUE {
            return Err(AttestationError::Invalid("certInfo: magic"));
        }
        if reader.u16()? != TPM_ST_ATTEST_CERTIFY {
            return Err(AttestationError::Invalid("certInfo: type"));
        }
        reader.sized()?; // qualifiedSigner
        let extra_data = reader.sized()?;
        reader.take(17 + 8)?; // clockInfo, firmwareVersion
        let name = reader.sized()?;
        reader.sized()?; // qualifiedName
        reader.end()?;
        Ok(Self { extra_data, name })
    }
}

/// Big-endian fields, some of them preceded by their length in two bytes.
struct Reader<'a>(&'a [u8], &'static str);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], AttestationError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(AttestationError::Malformed(self.1))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, AttestationError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(AttestationError::Malformed(self.1))?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*taken))
    }

    fn u32(&mut self) -> Result<u32, AttestationError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(AttestationError::Malformed(self.1))?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*taken))
    }

    fn sized(&mut self) -> Result<&'a [u8], AttestationError> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    fn end(&self) -> Result<(), AttestationError> {
        if self.0.is_empty() { Ok(()) } else { Err(AttestationError::Malformed(self.1)) }
    }
}
