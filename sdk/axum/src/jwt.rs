//! Checks a JSON Web Token of the provider: key, signature, type, issuer, audience, times.

use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{TokenFault, VerifyError};
use crate::keys::Algorithm;
use crate::provider::Provider;

/// No honest token is longer: a header line of 16 KiB is more than servers accept.
const MAX_TOKEN: usize = 16 * 1024;

/// What a token says: RFC 7519, section 4.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// A claim, as what you need it to be; `None` when it is missing or something else.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).and_then(|value| serde_json::from_value(value.clone()).ok())
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// All of them.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Words of a claim: a list of texts, or one text with spaces between.
    #[cfg(feature = "bearer")]
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(text)) => text.split_ascii_whitespace().map(str::to_owned).collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }
}

/// Claims tell about people, so logs that print structures do not show them.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Claims").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

/// What is demanded of a token.
pub(crate) struct Expected<'a> {
    /// `aud` must be one of these or contain one.
    pub audience: &'a [String],
    /// `alg` must be one of these.
    pub algorithms: &'a [Algorithm],
    /// Seconds that clocks may differ.
    pub leeway: u64,
    /// Values of `typ` that are accepted; a token without any is accepted when `JWT` is.
    pub types: &'a [&'a str],
}

/// Checks a token with the published keys, which are fetched again when its key is not among them.
pub(crate) async fn verify(provider: &Provider, token: &str, expected: &Expected<'_>) -> Result<Claims, VerifyError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenFault::TooLong.into());
    }
    // `none` and names that nobody knows fail here already.
    let header = decode_header(token).map_err(|_| TokenFault::Malformed)?;
    let algorithm =
        Algorithm::from_header(header.alg).filter(|a| expected.algorithms.contains(a)).ok_or(TokenFault::Algorithm)?;
    // RFC 7515, section 4.1.11: an extension that is critical and not understood.
    if header.crit.is_some() {
        return Err(TokenFault::Malformed.into());
    }
    // RFC 8725, section 3.11. The prefix may be left out (RFC 7515, section 4.1.9).
    let typ = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if !expected.types.iter().any(|accepted| accepted.eq_ignore_ascii_case(typ)) {
        return Err(TokenFault::Type.into());
    }
    let mut keys = provider.keys().await?;
    if keys.value.find(header.kid.as_deref(), algorithm).is_none() {
        keys = provider.newer_keys(&keys).await?;
    }
    let key = keys.value.find(header.kid.as_deref(), algorithm).ok_or(TokenFault::UnknownKey)?;

    let mut validation = Validation::new(header.alg);
    validation.leeway = expected.leeway;
    validation.validate_nbf = true;
    validation.set_audience(expected.audience);
    validation.set_issuer(&[provider.issuer()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    let claims: Claims = decode(token, &key.decoding, &validation).map_err(|error| fault(error.kind()))?.claims;
    // The library takes lists of issuers too; RFC 7519, section 4.1.1 does not.
    if claims.text("iss") != Some(provider.issuer()) {
        return Err(TokenFault::Issuer.into());
    }
    Ok(claims)
}

fn fault(kind: &ErrorKind) -> TokenFault {
    match kind {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::ExpiredSignature => TokenFault::Expired,
        ErrorKind::ImmatureSignature => TokenFault::NotYetValid,
        ErrorKind::InvalidIssuer => TokenFault::Issuer,
        ErrorKind::InvalidAudience => TokenFault::Audience,
        ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        ErrorKind::MissingRequiredClaim(name) | ErrorKind::InvalidClaimFormat(name) => TokenFault::Claim(match name.as_str() {
            "exp" => "exp",
            "nbf" => "nbf",
            "iss" => "iss",
            "aud" => "aud",
            _ => "set",
        }),
        _ => TokenFault::Malformed,
    }
}

/// Now, in seconds since 1970.
#[cfg(feature = "sign-in")]
pub(crate) fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

/// What a token says that was checked before: an ID token that comes back in its own encrypted cookie.
#[cfg(feature = "sign-in")]
pub(crate) fn claims_of_checked(token: &str) -> Option<Claims> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_names_and_no_values() {
        let claims = Claims(serde_json::from_str(r#"{"email":"ada@example.com"}"#).unwrap());
        assert_eq!(format!("{claims:?}"), r#"Claims(["email"])"#);
    }
}
