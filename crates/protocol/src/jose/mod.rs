//! JSON Object Signing and Encryption, signing half: JWS (RFC 7515), JWK (RFC 7517), JWA (RFC 7518), JWT (RFC 7519),
//! thumbprints (RFC 7638) and EdDSA (RFC 8037), read with the caution of RFC 8725.
//!
//! Decides: whether a compact JWS is well formed, which key may speak for it, whether its signature holds and whether its
//! time claims hold. Leaves to callers: `iss`, `aud`, `sub`, `typ` and everything else that a token's purpose asks for.
//!
//! Keys are parsed once and kept: parsing an RSA key costs more than signing with it.
//!
//! Randomness: this crate draws none itself, but the library underneath insists on its own generator for making keys,
//! for ECDSA nonces and for RSA (PSS salts and blinding), so [`SigningKey::generate`] and [`sign_jwt`] are not
//! repeatable for every algorithm. RS256 and EdDSA signatures are; nothing else here depends on chance.
//!
//! Headers that point to or carry keys (`jku`, `jwk`, `x5u`, `x5c`) are never followed: RFC 8725, section 3.10.

mod algorithm;
mod certificate;
mod hs256;
mod jwk;
mod jws;
mod jwt;
mod signing_key;
mod strict_json;
mod verifying_key;

#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;
pub use certificate::Thumbprints;
pub use hs256::{sign_hs256, verify_hs256};
pub use jwk::{Jwk, JwkSet};
pub use jws::{Header, MAX_TOKEN_LENGTH, VerifiedJws, verify_jws};
pub use jwt::{DecodedJwt, VerifiedJwt, check_times, decode_unverified, sign_jwt, verify_jwt};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why a key or a token was refused. The variant is for logs and tests; what a client learns is its caller's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// Longer than [`MAX_TOKEN_LENGTH`].
    #[error("token is too large")]
    TooLarge,
    /// Not a compact JWS of canonical parts: RFC 7515, sections 3.1 and 5.2.
    #[error("malformed token: {0}")]
    Malformed(&'static str),
    /// `none`, a MAC where a signature is due, or a name that is not known here: RFC 8725, sections 3.1 and 3.2.
    #[error("algorithm is not supported")]
    UnsupportedAlgorithm,
    /// Known, but the caller did not allow it: RFC 8725, section 3.1.
    #[error("algorithm is not allowed here")]
    AlgorithmNotAllowed,
    /// The key is meant for another algorithm than the header names: RFC 8725, section 3.1.
    #[error("algorithm does not match the key")]
    AlgorithmMismatch,
    /// A `crit` header or an extension that changes the signing input (`b64`): RFC 7515, section 4.1.11.
    #[error("critical header parameters are not understood")]
    CriticalHeader,
    /// No key answers to the token's `kid`.
    #[error("no key matches")]
    UnknownKey,
    /// Several keys could have signed, and the token does not say which: OpenID Connect Core 1.0, section 10.1.
    #[error("more than one key matches")]
    AmbiguousKey,
    /// The signature or MAC does not hold.
    #[error("signature does not verify")]
    BadSignature,
    /// The key itself is refused: RFC 7517 and 7518.
    #[error("unusable key: {0}")]
    UnusableKey(&'static str),
    /// The library could not make a key.
    #[error("key generation failed")]
    KeyGeneration,
    /// The library could not sign.
    #[error("signing failed")]
    Signing,
    /// Claims to be signed do not serialise to a JSON object: RFC 7519, section 3.
    #[error("claims are not a JSON object")]
    ClaimsNotObject,
    /// `exp` has come, or is missing: RFC 7519, section 4.1.4.
    #[error("token has expired")]
    Expired,
    /// `nbf` has not come: RFC 7519, section 4.1.5.
    #[error("token is not valid yet")]
    NotYetValid,
    /// `iat` lies in the future: RFC 7519, section 4.1.6.
    #[error("token was issued in the future")]
    IssuedInFuture,
    /// A time claim is missing where it is due, or is not a NumericDate: RFC 7519, section 2.
    #[error("bad time claim: {0}")]
    BadTime(&'static str),
}

/// base64url without padding, RFC 7515, section 2.
fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Refuses padding, line breaks and set trailing bits: two spellings of one token would defeat comparison and replay lists.
fn decode(text: &str) -> Result<Vec<u8>, JoseError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Malformed("not canonical base64url"))
}
