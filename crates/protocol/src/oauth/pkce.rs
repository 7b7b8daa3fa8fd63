//! Proof Key for Code Exchange (RFC 7636). Only `S256`: `plain` protects nothing that the authorization request has not shown.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// An `S256` code challenge: 43 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

/// Why a challenge or verifier is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// RFC 7636, section 4.4.1: the transform is not supported.
    #[error("code_challenge_method must be S256")]
    Method,
    /// Not the base64url form of a SHA-256 digest.
    #[error("code_challenge is not a base64url SHA-256 digest")]
    Challenge,
    /// RFC 7636, section 4.1: 43 to 128 unreserved characters.
    #[error("code_verifier must be 43 to 128 unreserved characters")]
    Verifier,
    /// RFC 7636, section 4.6.
    #[error("code_verifier does not match the code_challenge")]
    Mismatch,
    /// A challenge was sent and now there is no verifier.
    #[error("code_verifier is missing")]
    Missing,
    /// No challenge was sent and now there is a verifier: a sign of a downgraded request (OAuth 2.1, section 4.1.3).
    #[error("code_verifier was sent for a request without code_challenge")]
    Unexpected,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` (RFC 7636, section 4.3).
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceError> {
        // Section 4.3 makes `plain` the default when no method is named, so a missing method is a refusal too.
        if method != Some("S256") {
            return Err(PkceError::Method);
        }
        match URL_SAFE_NO_PAD.decode(challenge) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(PkceError::Challenge),
        }
    }
}

/// RFC 7636, section 4.6: whether the verifier is the one that the challenge was made from.
pub fn verify(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), PkceError> {
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(PkceError::Unexpected),
        (Some(_), None) => return Err(PkceError::Missing),
        (Some(challenge), Some(verifier)) => (challenge, verifier),
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
        return Err(PkceError::Verifier);
    }
    let made = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    if bool::from(made.as_bytes().ct_eq(challenge.0.as_bytes())) { Ok(()) } else { Err(PkceError::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc7636_appendix_b() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert_eq!(verify(Some(&challenge), Some(VERIFIER)), Ok(()));
        assert_eq!(verify(Some(&challenge), Some(&VERIFIER.replace('d', "e"))), Err(PkceError::Mismatch));
        assert_eq!(verify(Some(&challenge), None), Err(PkceError::Missing));
        assert_eq!(verify(Some(&challenge), Some("short")), Err(PkceError::Verifier));
        assert_eq!(verify(None, Some(VERIFIER)), Err(PkceError::Unexpected));
    }

    #[test]
    fn rfc7636_section_4_4_1_plain_is_refused() {
        assert_eq!(CodeChallenge::parse(VERIFIER, Some("plain")), Err(PkceError::Method));
        assert_eq!(CodeChallenge::parse(CHALLENGE, None), Err(PkceError::Method));
        assert_eq!(CodeChallenge::parse("abc", Some("S256")), Err(PkceError::Challenge));
        assert_eq!(CodeChallenge::parse(&format!("{CHALLENGE}="), Some("S256")), Err(PkceError::Challenge));
    }
}
