//! The JWS compact serialisation, RFC 7515, sections 3.1, 4, 5 and 7.1.

use super::{Algorithm, JoseError, VerifyingKey, decode, encode, strict_json};
use serde::Serialize;

/// Longest token that is read or made, in bytes. Headers and cookies that carry tokens are smaller than this everywhere.
pub const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// The header parameters that this server acts on: RFC 7515, section 4.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `alg`, as written; not necessarily one that is supported.
    pub alg: String,
    /// `kid`.
    pub kid: Option<String>,
    /// `typ`; RFC 8725, section 3.11 wants callers to compare it.
    pub typ: Option<String>,
}

/// A compact JWS whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedJws {
    /// The protected header.
    pub header: Header,
    /// The payload, which need not be JSON.
    pub payload: Vec<u8>,
}

/// A compact JWS taken apart, nothing verified.
pub(super) struct Parts<'token> {
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) signing_input: &'token [u8],
}

/// RFC 7515, section 5.2, steps 1 to 7, with everything refused that has a second reading.
pub(super) fn parse(token: &str) -> Result<Parts<'_>, JoseError> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(JoseError::TooLarge);
    }
    let three = JoseError::Malformed("not three parts");
    let (signing_input, signature) = token.rsplit_once('.').ok_or(three)?;
    let (header, payload) = signing_input.split_once('.').ok_or(three)?;
    if payload.contains('.') {
        return Err(three);
    }
    Ok(Parts {
        header: parse_header(&decode(header)?)?,
        payload: decode(payload)?,
        signature: decode(signature)?,
        signing_input: signing_input.as_bytes(),
    })
}

fn parse_header(bytes: &[u8]) -> Result<Header, JoseError> {
    let mut members = strict_json::object(bytes)?;
    // Sections 4.1.11 and RFC 7797: no extension is understood here, and `b64` would change what is signed.
    if members.contains_key("crit") || members.contains_key("b64") {
        return Err(JoseError::CriticalHeader);
    }
    let mut text = |name: &str| match members.remove(name) {
        None => Ok(None),
        Some(serde_json::Value::String(value)) => Ok(Some(value)),
        Some(_) => Err(JoseError::Malformed("header parameter is not a string")),
    };
    Ok(Header { alg: text("alg")?.ok_or(JoseError::Malformed("alg is missing"))?, kid: text("kid")?, typ: text("typ")? })
}

/// Verifies a compact JWS: RFC 7515, section 5.2. The algorithm must be one of `allowed` and be the chosen key's own.
pub fn verify_jws(token: &str, keys: &[VerifyingKey], allowed: &[Algorithm]) -> Result<VerifiedJws, JoseError> {
    let parts = parse(token)?;
    let algorithm = Algorithm::parse(&parts.header.alg)?;
    if !allowed.contains(&algorithm) {
        return Err(JoseError::AlgorithmNotAllowed);
    }
    let key = choose(keys, parts.header.kid.as_deref(), algorithm)?;
    key.verify(parts.signing_input, &parts.signature)?;
    Ok(VerifiedJws { header: parts.header, payload: parts.payload })
}

/// At most one key is ever tried: trying several would let an attacker shop for a weak one and multiply our work.
fn choose<'keys>(keys: &'keys [VerifyingKey], kid: Option<&str>, algorithm: Algorithm) -> Result<&'keys VerifyingKey, JoseError> {
    let named = |key: &&VerifyingKey| kid.is_some() && key.kid() == kid;
    if keys.iter().any(|key| named(&key)) {
        let fitting = keys.iter().filter(|key| named(key) && key.algorithm() == algorithm);
        return only(fitting, JoseError::AlgorithmMismatch);
    }
    // A token without `kid` may mean any key; a token with one may mean a key that was registered without.
    let fitting = keys.iter().filter(|key| (kid.is_none() || key.kid().is_none()) && key.algorithm() == algorithm);
    only(fitting, JoseError::UnknownKey)
}

fn only<'keys>(mut keys: impl Iterator<Item = &'keys VerifyingKey>, none: JoseError) -> Result<&'keys VerifyingKey, JoseError> {
    match (keys.next(), keys.next()) {
        (None, _) => Err(none),
        (Some(key), None) => Ok(key),
        (Some(_), Some(_)) => Err(JoseError::AmbiguousKey),
    }
}

/// Makes a compact JWS over claims: RFC 7515, section 5.1. `seal` turns the signing input into signature bytes.
pub(super) fn compact(
    header: &impl Serialize,
    claims: &impl Serialize,
    seal: impl FnOnce(&[u8]) -> Result<Vec<u8>, JoseError>,
) -> Result<String, JoseError> {
    let header = serde_json::to_vec(header).map_err(|_| JoseError::Signing)?;
    let claims = serde_json::to_vec(claims).map_err(|_| JoseError::ClaimsNotObject)?;
    if claims.first() != Some(&b'{') {
        return Err(JoseError::ClaimsNotObject);
    }
    let mut token = encode(&header);
    token.push('.');
    token.push_str(&encode(&claims));
    let signature = seal(token.as_bytes())?;
    token.push('.');
    token.push_str(&encode(&signature));
    // Nobody could read it back.
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(JoseError::TooLarge);
    }
    Ok(token)
}
