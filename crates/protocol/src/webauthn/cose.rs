//! COSE keys of credentials: RFC 9052, section 7, RFC 9053 and RFC 8230, as narrowed by WebAuthn L3, section 5.8.5.
//!
//! A key is read strictly: exactly the parameters that its algorithm needs, the curve that section 5.8.5 names for it,
//! uncompressed points that the library finds on the curve, RSA moduli from 2048 to 8192 bits.

use aws_lc_rs::{
    encoding::AsDer,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
        RsaPublicKeyComponents, VerificationAlgorithm,
    },
};
use ciborium::Value;

use super::{
    Malformed,
    cbor::{Map, decode_all, integer},
};

/// The signature algorithms that a credential may use, by their `COSEAlgorithmIdentifier` (section 5.8.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoseAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl CoseAlgorithm {
    /// What we offer when nothing else is configured: the three that section 5.4 asks for, best first.
    pub const DEFAULT: &'static [Self] = &[Self::Es256, Self::EdDsa, Self::Rs256];

    const ALL: [Self; 7] = [Self::Es256, Self::EdDsa, Self::Es384, Self::Es512, Self::Rs256, Self::Rs384, Self::Rs512];

    /// The number in the IANA registry "COSE Algorithms".
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Es384 => -35,
            Self::Es512 => -36,
            Self::Rs256 => -257,
            Self::Rs384 => -258,
            Self::Rs512 => -259,
        }
    }

    /// The algorithm with this number, if it is one of ours.
    #[must_use]
    pub fn from_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.id() == id)
    }

    /// How signatures of this algorithm are verified; WebAuthn signatures are ASN.1 for ECDSA (section 6.5.5).
    pub(super) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Es384 => &ECDSA_P384_SHA384_ASN1,
            Self::Es512 => &ECDSA_P521_SHA512_ASN1,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

/// Why a COSE key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoseKeyError {
    /// Not a COSE key as section 5.8.5 wants it.
    Malformed(Malformed),
    /// An algorithm that is not ours.
    UnknownAlgorithm(i64),
}

impl From<Malformed> for CoseKeyError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

/// The JWA name of a stored public key's algorithm; `None` when it is no COSE key that is known here.
pub fn algorithm_name(key: &[u8]) -> Option<&'static str> {
    let key = CoseKey::parse(key).ok()?;
    Some(match key.algorithm {
        CoseAlgorithm::Es256 => "ES256",
        CoseAlgorithm::EdDsa => "EdDSA",
        CoseAlgorithm::Es384 => "ES384",
        CoseAlgorithm::Es512 => "ES512",
        CoseAlgorithm::Rs256 => "RS256",
        CoseAlgorithm::Rs384 => "RS384",
        CoseAlgorithm::Rs512 => "RS512",
    })
}

/// The numbers that other encodings of the same key are compared with.
#[derive(Debug)]
enum Parts {
    /// `0x04 || x || y`.
    Ec2(Vec<u8>),
    Okp,
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// A credential public key, checked and ready to verify.
#[derive(Debug)]
pub struct CoseKey {
    algorithm: CoseAlgorithm,
    key: ParsedPublicKey,
    parts: Parts,
}

impl CoseKey {
    /// Parses a `COSE_Key`.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseKeyError> {
        const WHAT: &str = "credentialPublicKey";
        let value = decode_all(bytes, WHAT)?;
        let map = Map::new(&value, WHAT)?;
        let alg = map.label(3).and_then(integer).ok_or(Malformed(WHAT))?;
        let algorithm = CoseAlgorithm::from_id(alg).ok_or(CoseKeyError::UnknownAlgorithm(alg))?;
        match algorithm {
            CoseAlgorithm::Es256 => Self::ec2(algorithm, map, 1, 32),
            CoseAlgorithm::Es384 => Self::ec2(algorithm, map, 2, 48),
            CoseAlgorithm::Es512 => Self::ec2(algorithm, map, 3, 66),
            CoseAlgorithm::EdDsa => Self::okp(map),
            CoseAlgorithm::Rs256 => Self::rsa(algorithm, map, &RSA_PKCS1_2048_8192_SHA256),
            CoseAlgorithm::Rs384 => Self::rsa(algorithm, map, &RSA_PKCS1_2048_8192_SHA384),
            CoseAlgorithm::Rs512 => Self::rsa(algorithm, map, &RSA_PKCS1_2048_8192_SHA512),
        }
        .map_err(CoseKeyError::from)
    }

    /// RFC 9053, section 7.1.1: `kty` 2, `crv`, `x`, `y`.
    fn ec2(algorithm: CoseAlgorithm, map: Map<'_>, crv: i64, size: usize) -> Result<Self, Malformed> {
        shape(map, 2, 5, "EC2 key parameters")?;
        if map.label(-1).and_then(integer) != Some(crv) {
            return Err(Malformed("EC2 key: curve does not fit the algorithm"));
        }
        let x = bytes(map, -2, "EC2 key: x")?;
        // A sign bit instead of y is a compressed point, which section 5.8.5 forbids.
        let y = bytes(map, -3, "EC2 key: y")?;
        if x.len() != size || y.len() != size {
            return Err(Malformed("EC2 key: coordinate length"));
        }
        let point = [&[4], x, y].concat();
        let key = ParsedPublicKey::new(algorithm.verification(), &point)
            .map_err(|_| Malformed("EC2 key: point is not on the curve"))?;
        Ok(Self { algorithm, key, parts: Parts::Ec2(point) })
    }

    /// RFC 9053, section 7.2: `kty` 1, `crv` 6 (Ed25519), `x`.
    fn okp(map: Map<'_>) -> Result<Self, Malformed> {
        shape(map, 1, 4, "OKP key parameters")?;
        if map.label(-1).and_then(integer) != Some(6) {
            return Err(Malformed("OKP key: curve does not fit the algorithm"));
        }
        let x = bytes(map, -2, "OKP key: x")?;
        if x.len() != 32 {
            return Err(Malformed("OKP key: x length"));
        }
        let key = ParsedPublicKey::new(&ED25519, x).map_err(|_| Malformed("OKP key: x"))?;
        Ok(Self { algorithm: CoseAlgorithm::EdDsa, key, parts: Parts::Okp })
    }

    /// RFC 8230, section 4: `kty` 3, `n`, `e`.
    fn rsa(algorithm: CoseAlgorithm, map: Map<'_>, parameters: &'static RsaParameters) -> Result<Self, Malformed> {
        shape(map, 3, 4, "RSA key parameters")?;
        let n = bytes(map, -1, "RSA key: n")?;
        let e = bytes(map, -2, "RSA key: e")?;
        // 2048 bits fill 256 bytes to the top bit; a shorter modulus can be factored.
        let long_enough = match n {
            [first, ..] if n.len() == 256 => *first >= 0x80,
            _ => (257..=1024).contains(&n.len()),
        };
        if !long_enough {
            return Err(Malformed("RSA key: modulus size"));
        }
        if e.len() > 8 {
            return Err(Malformed("RSA key: exponent size"));
        }
        let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(|_| Malformed("RSA key"))?;
        Ok(Self { algorithm, key, parts: Parts::Rsa { n: n.to_vec(), e: e.to_vec() } })
    }

    /// The algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> CoseAlgorithm {
        self.algorithm
    }

    /// Whether `signature` over `message` is this key's.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }

    /// `0x04 || x || y`, the form of FIDO U2F, for keys on P-256.
    pub(super) fn p256_point(&self) -> Option<&[u8]> {
        match &self.parts {
            Parts::Ec2(point) if self.algorithm == CoseAlgorithm::Es256 => Some(point),
            _ => None,
        }
    }

    /// Whether this is the point with these coordinates, with or without leading zeros.
    pub(super) fn is_ec2(&self, x: &[u8], y: &[u8]) -> bool {
        let Parts::Ec2(point) = &self.parts else {
            return false;
        };
        let Some((_, coordinates)) = point.split_first() else {
            return false;
        };
        let (ours_x, ours_y) = coordinates.split_at(coordinates.len() / 2);
        same_number(ours_x, x) && same_number(ours_y, y)
    }

    /// Whether this is the RSA key with these numbers, with or without leading zeros.
    pub(super) fn is_rsa(&self, modulus: &[u8], exponent: &[u8]) -> bool {
        match &self.parts {
            Parts::Rsa { n, e } => same_number(n, modulus) && same_number(e, exponent),
            _ => false,
        }
    }

    /// Whether a certificate's `SubjectPublicKeyInfo` carries the same key.
    pub(super) fn same_as(&self, spki: &[u8]) -> bool {
        let Ok(other) = ParsedPublicKey::new(self.algorithm.verification(), spki) else {
            return false;
        };
        match (self.key.as_der(), other.as_der()) {
            (Ok(ours), Ok(theirs)) => ours.as_ref() == theirs.as_ref(),
            _ => false,
        }
    }
}

/// Section 5.8.5: a key holds `kty`, `alg`, the required parameters of its type, and nothing else.
fn shape(map: Map<'_>, kty: i64, entries: usize, what: &'static str) -> Result<(), Malformed> {
    if map.label(1).and_then(integer) == Some(kty) && map.len() == entries { Ok(()) } else { Err(Malformed(what)) }
}

fn same_number(one: &[u8], other: &[u8]) -> bool {
    fn digits(bytes: &[u8]) -> impl Iterator<Item = &u8> {
        bytes.iter().skip_while(|byte| **byte == 0)
    }
    digits(one).eq(digits(other))
}

fn bytes<'a>(map: Map<'a>, label: i64, what: &'static str) -> Result<&'a [u8], Malformed> {
    map.label(label).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(Malformed(what))
}
