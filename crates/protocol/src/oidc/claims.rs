//! Claims about a person (OpenID Connect Core, section 5) and which of them a request is given.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the directory knows about a person, in the names of Core, section 5.1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Casual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Short name that the person likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Page about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// BCP 47 language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Postal address (Core, section 5.1.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Value>,
}

/// A person as the claims rules see one.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// `sub`.
    pub sub: String,
    /// Profile.
    pub profile: Profile,
    /// Primary address.
    pub email: Option<String>,
    /// Whether it was proven.
    pub email_verified: bool,
    /// Primary phone number.
    pub phone_number: Option<String>,
    /// Whether it was proven.
    pub phone_number_verified: bool,
    /// Last change of the record.
    pub updated_at: Timestamp,
}

/// The claims that `profile` asks for (Core, section 5.4).
const PROFILE_CLAIMS: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

/// Every claim that discovery lists (Core, section 5.1).
pub fn supported() -> Vec<&'static str> {
    let mut all = vec![
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "azp",
        "sid",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
        "address",
    ];
    all.extend_from_slice(PROFILE_CLAIMS);
    all
}

/// The scope that gives a claim about a person (Core, section 5.4); `None` for a claim that no scope gives.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    match claim {
        "email" | "email_verified" => Some("email"),
        "phone_number" | "phone_number_verified" => Some("phone"),
        "address" => Some("address"),
        other => PROFILE_CLAIMS.contains(&other).then_some("profile"),
    }
}

/// Everything known about a subject, by claim name.
fn all_claims(subject: &Subject) -> Map<String, Value> {
    let mut out = match serde_json::to_value(&subject.profile) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    if let Some(email) = &subject.email {
        out.insert("email".into(), json!(email));
        out.insert("email_verified".into(), json!(subject.email_verified));
    }
    if let Some(phone) = &subject.phone_number {
        out.insert("phone_number".into(), json!(phone));
        out.insert("phone_number_verified".into(), json!(subject.phone_number_verified));
    }
    out.insert("updated_at".into(), json!(subject.updated_at.seconds()));
    out
}

/// The claims that scopes and single requests give (Core, sections 5.4 and 5.5), without `sub`.
pub fn select(subject: &Subject, scope: &[String], single: &[String]) -> Map<String, Value> {
    let has = |name: &str| scope.iter().any(|s| s == name);
    let mut all = all_claims(subject);
    all.retain(|name, _| scope_of(name).is_some_and(has) || single.contains(name));
    all
}

/// `claims` of a request (Core, section 5.5): which single claims go where. Values asked for `acr` count as `acr_values`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Names asked for in the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// Names asked for from userinfo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    /// `acr` that the ID token must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub essential_acr: Vec<String>,
    /// `sub` that the answer must be about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
}

impl ClaimsRequest {
    /// Reads the JSON text. Unknown claims are ignored (Core, section 5.5.1).
    pub fn parse(text: &str) -> Result<Self, String> {
        let Ok(Value::Object(root)) = serde_json::from_str::<Value>(text) else {
            return Err("claims is not a JSON object".into());
        };
        let mut out = Self::default();
        for (place, names) in [("id_token", &mut out.id_token), ("userinfo", &mut out.userinfo)] {
            match root.get(place) {
                None | Some(Value::Null) => {}
                Some(Value::Object(map)) => names.extend(map.keys().filter(|k| k.len() <= 64).cloned()),
                Some(_) => return Err(format!("claims.{place} is not a JSON object")),
            }
        }
        if let Some(Value::Object(acr)) = root.get("id_token").and_then(|t| t.get("acr"))
            && acr.get("essential") == Some(&Value::Bool(true))
        {
            let one = acr.get("value").and_then(Value::as_str).map(str::to_owned);
            let many =
                acr.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned));
            out.essential_acr = one.into_iter().chain(many).collect();
        }
        out.sub = root
            .get("id_token")
            .and_then(|t| t.get("sub"))
            .and_then(|s| s.get("value"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Subject {
        Subject {
            sub: "1".into(),
            profile: Profile {
                name: Some("Ada".into()),
                locale: Some("en".into()),
                address: Some(json!({"country": "UK"})),
                ..Default::default()
            },
            email: Some("ada@example.org".into()),
            email_verified: true,
            updated_at: Timestamp(5_000),
            ..Default::default()
        }
    }

    #[test]
    fn core_section_5_4_scopes_give_their_claims() {
        let of = |scope: &[&str]| {
            let scope: Vec<String> = scope.iter().map(|s| (*s).into()).collect();
            let mut names = select(&ada(), &scope, &[]).keys().cloned().collect::<Vec<_>>();
            // Whether a JSON map keeps an order is another crate's choice.
            names.sort();
            names
        };
        assert_eq!(of(&["openid"]), Vec::<String>::new());
        assert_eq!(of(&["openid", "email"]), ["email", "email_verified"]);
        assert_eq!(of(&["openid", "profile"]), ["locale", "name", "updated_at"]);
        assert_eq!(of(&["openid", "address", "phone"]), ["address"]);
    }

    #[test]
    fn core_section_5_5_single_claims() {
        let request = ClaimsRequest::parse(
            r#"{"id_token":{"email":null,"acr":{"essential":true,"values":["phr"]}},"userinfo":{"name":{"essential":true}}}"#,
        )
        .unwrap();
        let mut asked = request.id_token.clone();
        asked.sort();
        assert_eq!(asked, ["acr", "email"]);
        assert_eq!(request.essential_acr, ["phr"]);
        assert_eq!(select(&ada(), &[], &request.userinfo).keys().collect::<Vec<_>>(), ["name"]);
        assert!(ClaimsRequest::parse("{\"id_token\":3}").is_err());
    }
}
