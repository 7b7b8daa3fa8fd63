//! How this accent speaks of people.

use doorward_protocol::ids::{SessionId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_service::claims::{AccessTokenForm, ClaimsProfile, Named, TokenFacts, directory_claims, subject_of};
use doorward_service::oauth::token::grants;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

const PROVIDER: &str = "auth0|";
/// Hexadecimal digits after the provider: the first twelve bytes of our id.
const DIGITS: usize = 24;
/// Where the ids of imported users are noted, provider and all.
pub const ALIASES: &str = "auth0";

/// The claims profile.
pub struct Auth0;

impl ClaimsProfile for Auth0 {
    fn aliases(&self) -> Option<&'static str> {
        Some(ALIASES)
    }

    fn subject(&self, user: UserId) -> String {
        let id = user.0.simple().to_string();
        format!("{PROVIDER}{}", id.get(..DIGITS).unwrap_or(&id))
    }

    fn lifetime_of_resource_server(&self) -> bool {
        true
    }

    fn user(&self, sub: &str) -> Option<Named> {
        let digits = sub
            .strip_prefix(PROVIDER)
            .filter(|d| d.len() == DIGITS && d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
        let id = uuid::Uuid::parse_str(&format!("{digits}00000000")).ok()?;
        id.as_bytes().first_chunk::<12>().map(|prefix| Named::Prefix(*prefix))
    }

    fn machine(&self, client_id: &str) -> String {
        format!("{client_id}@clients")
    }

    fn userinfo_audience(&self, issuer: &str) -> String {
        format!("{}/userinfo", issuer.trim_end_matches('/'))
    }

    fn session(&self, id: SessionId) -> String {
        id.0.simple().to_string()
    }

    fn access_token_form(&self, facts: &TokenFacts<'_>) -> AccessTokenForm {
        match facts.resource_server {
            None => AccessTokenForm::Opaque,
            Some(api) if api.settings.0.standard_tokens => AccessTokenForm::AtJwt,
            Some(_) => AccessTokenForm::Jwt,
        }
    }

    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        person_claims(facts, out);
    }

    fn shape_id_token(&self, facts: &TokenFacts<'_>, claims: &mut Map<String, Value>) {
        // Applications keep the whole token in a cookie of theirs: what nobody reads stays out of it.
        claims.remove("acr");
        if !facts.terms.amr.iter().any(|method| method == "mfa") {
            claims.remove("amr");
        }
    }

    fn access_token(&self, facts: &TokenFacts<'_>, claims: &mut Map<String, Value>) {
        directory_claims(facts, claims);
        for name in ["auth_time", "acr", "amr", "sid"] {
            claims.remove(name);
        }
        if claims.get("scope").and_then(Value::as_str) == Some("") {
            claims.remove("scope");
        }
        if facts.resource_server.is_some_and(|api| api.settings.0.standard_tokens) {
            return;
        }
        claims.remove("jti");
        if let Some(client_id) = claims.remove("client_id") {
            claims.insert("azp".into(), client_id);
        }
        let grant = match facts.grant_type {
            "client_credentials" => Some("client-credentials"),
            grants::PASSWORD => Some("password"),
            "refresh_token" => Some("refresh_token"),
            _ => None,
        };
        if let Some(grant) = grant {
            claims.insert("gty".into(), json!(grant));
        }
    }

    fn userinfo(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        person_claims(facts, out);
    }
}

/// What the granted scopes tell of a person.
fn person_claims(facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
    let Some(person) = facts.person else { return };
    let has = |scope: &str| facts.terms.scope.iter().any(|s| s == scope);
    let known = subject_of(person, String::new());
    let email = known.email.as_deref();
    if has("profile") {
        let local = email.map(|address| address.split('@').next().unwrap_or(address));
        let nickname = known.profile.nickname.as_deref().or(local).or(known.profile.preferred_username.as_deref());
        let name = known.profile.name.as_deref().or(email).or(known.phone_number.as_deref()).or(nickname).unwrap_or_default();
        let picture = known.profile.picture.clone().unwrap_or_else(|| avatar(facts.issuer, name));
        for (claim, value) in [
            ("name", Some(name)),
            ("nickname", nickname),
            ("given_name", known.profile.given_name.as_deref()),
            ("family_name", known.profile.family_name.as_deref()),
            ("picture", Some(picture.as_str())),
        ] {
            if let Some(value) = value {
                out.insert(claim.into(), json!(value));
            }
        }
        out.insert("updated_at".into(), json!(iso(known.updated_at)));
    }
    if let (true, Some(email)) = (has("email"), email) {
        out.insert("email".into(), json!(email));
        out.insert("email_verified".into(), json!(known.email_verified));
    }
    if let (true, Some(phone)) = (has("phone"), &known.phone_number) {
        out.insert("phone_number".into(), json!(phone));
        out.insert("phone_number_verified".into(), json!(known.phone_number_verified));
    }
    if let (true, Some(address)) = (has("address"), &known.profile.address) {
        out.insert("address".into(), address.clone());
    }
}

/// The address of a drawing of our own with the initials of a name.
pub fn avatar(issuer: &str, name: &str) -> String {
    let words: Vec<char> = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .flat_map(char::to_uppercase)
        .collect();
    let initials: String = match words.as_slice() {
        [] => "X".into(),
        [one] => one.to_string(),
        [first, .., last] => [*first, *last].iter().collect(),
    };
    format!("{}/avatar/{}.svg", issuer.trim_end_matches('/'), utf8_percent_encode(&initials, NON_ALPHANUMERIC))
}

/// ISO 8601 in UTC with milliseconds.
pub fn iso(at: Timestamp) -> String {
    let whole = time::OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        whole.year(),
        u8::from(whole.month()),
        whole.day(),
        whole.hour(),
        whole.minute(),
        whole.second(),
        at.0.rem_euclid(1000)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_provider_and_24_hexadecimal_digits_and_leads_back() {
        let user = UserId("0193a5f0-1b2c-7d3e-8f4a-5b6c7d8e9f00".parse().unwrap());
        assert_eq!(Auth0.subject(user), "auth0|0193a5f01b2c7d3e8f4a5b6c");
        assert_eq!(
            Auth0.user("auth0|0193a5f01b2c7d3e8f4a5b6c"),
            Some(Named::Prefix([1, 0x93, 0xa5, 0xf0, 0x1b, 0x2c, 0x7d, 0x3e, 0x8f, 0x4a, 0x5b, 0x6c]))
        );
        for bad in [
            "0193a5f01b2c7d3e8f4a5b6c",
            "auth0|0193",
            "auth0|0193A5F01B2C7D3E8F4A5B6C",
            "email|0193a5f01b2c7d3e8f4a5b6c",
            "auth0|0193a5f01b2c7d3e8f4a5b6c00",
        ] {
            assert_eq!(Auth0.user(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_picture_is_short_and_always_there() {
        assert_eq!(avatar("https://id.example/", "Ada King Lovelace"), "https://id.example/avatar/AL.svg");
        assert_eq!(avatar("https://id.example/", "ada@example.com"), "https://id.example/avatar/A.svg");
        assert_eq!(avatar("https://id.example/", "<<>>"), "https://id.example/avatar/X.svg");
        assert_eq!(avatar("https://id.example/", "田中"), "https://id.example/avatar/%E7%94%B0.svg");
    }

    #[test]
    fn times_are_text_with_milliseconds() {
        assert_eq!(iso(Timestamp(1_669_031_999_007)), "2022-11-21T11:59:59.007Z");
    }
}
