//! HS256 tokens keyed by a client's secret (OpenID Connect Core 1.0, section 10.1), for accents whose applications ask for
//! them. Kept apart from [`super::verify_jwt`], and without a key type in common, so that a public key can never be taken
//! for a MAC secret: RFC 8725, section 2.1.

use super::jws;
use super::jwt::VerifiedJwt;
use super::{JoseError, strict_json};
use aws_lc_rs::hmac;
use serde::Serialize;

const ALG: &str = "HS256";

#[derive(Serialize)]
struct ProtectedHeader<'a> {
    alg: &'static str,
    typ: &'a str,
}

/// Signs claims with HMAC SHA-256. The secret's bytes are the key; fewer than 32 are refused (RFC 7518, section 3.2).
pub fn sign_hs256(secret: &[u8], typ: &str, claims: &impl Serialize) -> Result<String, JoseError> {
    let key = key(secret)?;
    jws::compact(&ProtectedHeader { alg: ALG, typ }, claims, |input| Ok(hmac::sign(&key, input).as_ref().to_vec()))
}

/// Verifies an HS256 token with the secret of the one client that it must come from. `kid` is not looked at. The library
/// compares in constant time and takes only the whole MAC.
pub fn verify_hs256(secret: &[u8], token: &str) -> Result<VerifiedJwt, JoseError> {
    let key = key(secret)?;
    let parts = jws::parse(token)?;
    if parts.header.alg != ALG {
        return Err(JoseError::AlgorithmMismatch);
    }
    hmac::verify(&key, parts.signing_input, &parts.signature).map_err(|_| JoseError::BadSignature)?;
    Ok(VerifiedJwt { claims: strict_json::object(&parts.payload)?, header: parts.header })
}

fn key(secret: &[u8]) -> Result<hmac::Key, JoseError> {
    if secret.len() < 32 {
        return Err(JoseError::UnusableKey("an HS256 secret needs 32 bytes"));
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret))
}
