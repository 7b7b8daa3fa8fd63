//! JSON Web Tokens, RFC 7519, signed with public-key algorithms.

use super::jws::{self, Header};
use super::{Algorithm, JoseError, SigningKey, VerifyingKey, strict_json};
use serde::Serialize;
use serde_json::{Map, Value};

/// A token that was only taken apart: every word in it is the sender's.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedJwt {
    /// The header, unverified.
    pub header: Header,
    /// The claims, unverified; always an object.
    pub claims: Value,
}

/// A token whose signature holds. Issuer, audience, type and times are still to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedJwt {
    /// The protected header.
    pub header: Header,
    /// The claims.
    pub claims: Map<String, Value>,
}

#[derive(Serialize)]
struct ProtectedHeader<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a str,
}

/// Signs claims as a compact JWT: RFC 7519, section 7.1. `typ` is explicit (`JWT`, `at+jwt`, `logout+jwt`), so that one
/// kind of token cannot be passed off as another: RFC 8725, section 3.11.
pub fn sign_jwt(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, JoseError> {
    let header = ProtectedHeader { alg: key.algorithm().as_str(), typ, kid: key.kid() };
    jws::compact(&header, claims, |input| key.sign(input))
}

/// Takes a token apart without verifying it, to learn whose keys to fetch (`iss`, `sub`, `kid`). Decide nothing on it.
pub fn decode_unverified(token: &str) -> Result<DecodedJwt, JoseError> {
    let parts = jws::parse(token)?;
    Ok(DecodedJwt { claims: Value::Object(strict_json::object(&parts.payload)?), header: parts.header })
}

/// Verifies a token's signature: RFC 7519, section 7.2. The key is found by `kid`; a token without `kid` is accepted only
/// where exactly one key fits its algorithm. `none` and the HMAC algorithms are never accepted here.
pub fn verify_jwt(token: &str, keys: &[VerifyingKey], allowed: &[Algorithm]) -> Result<VerifiedJwt, JoseError> {
    let verified = jws::verify_jws(token, keys, allowed)?;
    Ok(VerifiedJwt { claims: strict_json::object(&verified.payload)?, header: verified.header })
}

/// Checks `exp`, `nbf` and `iat` against the clock, in seconds: RFC 7519, sections 4.1.4 to 4.1.6.
///
/// `exp` is due: a token without end is not something that this server accepts. `nbf` and `iat` are checked if present.
/// A token is over at the very second of `exp` (plus leeway).
pub fn check_times(claims: &Map<String, Value>, now_seconds: i64, leeway: i64) -> Result<(), JoseError> {
    let now = now_seconds as f64;
    let leeway = leeway as f64;
    let expires = numeric_date(claims, "exp")?.ok_or(JoseError::BadTime("exp"))?;
    if now >= expires + leeway {
        return Err(JoseError::Expired);
    }
    if numeric_date(claims, "nbf")?.is_some_and(|not_before| now + leeway < not_before) {
        return Err(JoseError::NotYetValid);
    }
    if numeric_date(claims, "iat")?.is_some_and(|issued| now + leeway < issued) {
        return Err(JoseError::IssuedInFuture);
    }
    Ok(())
}

/// RFC 7519, section 2: a JSON number, possibly with a fraction. Doubles are exact to the second for longer than needed.
fn numeric_date(claims: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, JoseError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().filter(|seconds| seconds.is_finite()).map(Some).ok_or(JoseError::BadTime(name)),
    }
}
