//! ID token validation, OpenID Connect Core 1.0, section 3.1.3.7.

use doorward_protocol::jose::{Algorithm, VerifyingKey, check_times, verify_jwt};
use serde_json::{Map, Value};

use super::Refused;

/// Seconds that the clocks of provider and application may differ.
const LEEWAY: i64 = 60;

/// Algorithms that the provider may sign with; `none` and MACs are not among them.
const ALLOWED: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) max_age: Option<i64>,
    pub(super) now: i64,
}

/// The claims of a token that passes every check.
pub(super) fn verify(token: &str, keys: &[VerifyingKey], expected: &Expected<'_>) -> Result<Map<String, Value>, Refused> {
    let refuse = |why: String| Refused::new("invalid_id_token", why);
    let claims = verify_jwt(token, keys, &ALLOWED).map_err(|error| refuse(format!("the ID token: {error}")))?.claims;
    check(&claims, expected).map_err(|why| refuse(format!("the ID token: {why}")))?;
    Ok(claims)
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), String> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("iss is not the provider".into());
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&expected.client_id) {
        return Err("aud is not this application".into());
    }
    // Steps 4 and 5: where others are meant too, the token must say that it was made for this application.
    let azp = claims.get("azp").map(|azp| azp.as_str() == Some(expected.client_id));
    if azp == Some(false) || (audiences.len() > 1 && azp.is_none()) {
        return Err("azp is not this application".into());
    }
    check_times(claims, expected.now, LEEWAY).map_err(|error| error.to_string())?;
    if claims.get("iat").is_none() {
        return Err("iat is missing".into());
    }
    if text("nonce") != Some(expected.nonce) {
        return Err("nonce is not the one that was sent".into());
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err("sub is missing".into());
    }
    // Step 13.
    if let Some(max_age) = expected.max_age {
        let auth_time = claims.get("auth_time").and_then(Value::as_i64).ok_or("auth_time is missing")?;
        if expected.now.saturating_sub(auth_time) > max_age.saturating_add(LEEWAY) {
            return Err("the sign-in is older than max_age".into());
        }
    }
    Ok(())
}
