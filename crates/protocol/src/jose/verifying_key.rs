//! Public keys that have been checked and parsed: RFC 7517, sections 4.1 to 4.5 and RFC 7518, section 6.

use super::{Algorithm, JoseError, Jwk, decode};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ED25519_PUBLIC_KEY_LEN, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use std::fmt;

/// A parsed public key, bound to exactly one algorithm (RFC 8725, section 3.1). Cloning is cheap.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Option<String>,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// Accepts a key for the algorithm that it names, or, if it names none, for the one that its type implies:
    /// RS256 for RSA, and the curve's own for EC and OKP.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, JoseError> {
        let algorithm = match (&jwk.alg, jwk.kty.as_str(), jwk.crv.as_deref()) {
            (Some(name), _, _) => Algorithm::parse(name)?,
            (None, "RSA", _) => Algorithm::Rs256,
            (None, "EC", Some("P-256")) => Algorithm::Es256,
            (None, "EC", Some("P-384")) => Algorithm::Es384,
            (None, "OKP", Some("Ed25519")) => Algorithm::EdDsa,
            (None, _, _) => return Err(JoseError::UnusableKey("unknown kty or crv")),
        };
        Self::from_jwk_for(jwk, algorithm)
    }

    /// Accepts a key for the algorithm that its owner registered; an `alg` in the key must agree.
    pub fn from_jwk_for(jwk: &Jwk, algorithm: Algorithm) -> Result<Self, JoseError> {
        if jwk.alg.as_deref().is_some_and(|alg| alg != algorithm.as_str()) {
            return Err(JoseError::AlgorithmMismatch);
        }
        if jwk.kty != algorithm.key_type() {
            return Err(JoseError::UnusableKey("kty does not fit the algorithm"));
        }
        if jwk.use_.as_deref().is_some_and(|intended| intended != "sig") {
            return Err(JoseError::UnusableKey("use is not sig"));
        }
        if let Some(operations) = &jwk.key_ops
            && !operations.iter().any(|operation| operation == "verify")
        {
            return Err(JoseError::UnusableKey("key_ops does not name verify"));
        }
        let key = match algorithm {
            Algorithm::Rs256 => rsa(jwk, &RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(jwk, &RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(jwk, &RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(jwk, &RSA_PSS_2048_8192_SHA256),
            Algorithm::Es256 => ec(jwk, "P-256", 32, &ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => ec(jwk, "P-384", 48, &ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDsa => okp(jwk),
        }?;
        Ok(Self { algorithm, kid: jwk.kid.clone(), key })
    }

    /// The one algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key's id, if its publisher gave one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Checks a raw signature in JWS form (for ECDSA, R and S side by side: RFC 7518, section 3.4).
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        self.key.verify_sig(message, signature).map_err(|_| JoseError::BadSignature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VerifyingKey").field("algorithm", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// RFC 7518, sections 3.3 (2048 bits or more) and 6.3.1.
fn rsa(jwk: &Jwk, parameters: &'static RsaParameters) -> Result<ParsedPublicKey, JoseError> {
    let n = member(jwk.n.as_deref())?;
    let e = member(jwk.e.as_deref())?;
    // A value with leading zeros is a second spelling of the same key, with another thumbprint.
    let (Some(first), Some(last)) = (n.first(), n.last()) else {
        return Err(JoseError::UnusableKey("RSA modulus is empty"));
    };
    if *first == 0 || e.first().is_none_or(|byte| *byte == 0) {
        return Err(JoseError::UnusableKey("RSA integer has leading zeros"));
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if !(2048..=8192).contains(&bits) || last % 2 == 0 {
        return Err(JoseError::UnusableKey("RSA modulus is too short, too long or even"));
    }
    // An exponent of 1 makes every message its own signature; a huge one makes each verification a denial of service.
    if e.len() > 4 {
        return Err(JoseError::UnusableKey("RSA exponent is too large"));
    }
    let exponent = e.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if exponent < 3 || exponent % 2 == 0 {
        return Err(JoseError::UnusableKey("RSA exponent is too small or even"));
    }
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(|_| JoseError::UnusableKey("RSA key is refused"))
}

/// RFC 7518, section 6.2.1. That the point lies on the curve is checked by the library.
fn ec(jwk: &Jwk, crv: &str, length: usize, algorithm: &'static dyn VerificationAlgorithm) -> Result<ParsedPublicKey, JoseError> {
    if jwk.crv.as_deref() != Some(crv) {
        return Err(JoseError::UnusableKey("crv does not fit the algorithm"));
    }
    let x = member(jwk.x.as_deref())?;
    let y = member(jwk.y.as_deref())?;
    if x.len() != length || y.len() != length {
        return Err(JoseError::UnusableKey("coordinate has the wrong length"));
    }
    // SEC 1, section 2.3.4: an uncompressed point.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    ParsedPublicKey::new(algorithm, point).map_err(|_| JoseError::UnusableKey("point is not on the curve"))
}

/// RFC 8037, section 2.
fn okp(jwk: &Jwk) -> Result<ParsedPublicKey, JoseError> {
    if jwk.crv.as_deref() != Some("Ed25519") {
        return Err(JoseError::UnusableKey("crv does not fit the algorithm"));
    }
    let x = member(jwk.x.as_deref())?;
    if x.len() != ED25519_PUBLIC_KEY_LEN {
        return Err(JoseError::UnusableKey("public key has the wrong length"));
    }
    ParsedPublicKey::new(&ED25519, x).map_err(|_| JoseError::UnusableKey("Ed25519 key is refused"))
}

fn member(value: Option<&str>) -> Result<Vec<u8>, JoseError> {
    let text = value.ok_or(JoseError::UnusableKey("a required member is missing"))?;
    decode(text).map_err(|_| JoseError::UnusableKey("a member is not base64url"))
}
