//! What can be set of a client, in their words and in ours.

use crate::management::body::Document;
use crate::management::kept as beside;
use crate::management::refused::Refused;
use crate::token::GRANTS;
use doorward_protocol::oauth::client::{Accent, ApplicationKind, ApplicationSettings, AuthMethod};
use doorward_service::oauth::token::grants;
use serde_json::{Map, Value, json};

const DAY: i64 = 86_400;
/// As good as for ever.
const FOR_EVER: i64 = 3650 * DAY;

const KINDS: &[(&str, ApplicationKind)] = &[
    ("regular_web", ApplicationKind::Web),
    ("spa", ApplicationKind::Spa),
    ("native", ApplicationKind::Native),
    ("non_interactive", ApplicationKind::Machine),
];

const METHODS: &[(&str, AuthMethod)] = &[
    ("none", AuthMethod::None),
    ("client_secret_post", AuthMethod::ClientSecretPost),
    ("client_secret_basic", AuthMethod::ClientSecretBasic),
];

/// What a call may set and we understand.
const OURS: &[&str] = &[
    "name",
    "client_secret",
    "app_type",
    "callbacks",
    "allowed_logout_urls",
    "web_origins",
    "allowed_origins",
    "grant_types",
    "token_endpoint_auth_method",
    "jwt_configuration",
    "refresh_token",
    "is_first_party",
    "logo_uri",
    "require_pushed_authorization_requests",
    "oidc_conformant",
    "client_metadata",
];

/// What comes back as it was given.
const KEPT: &[&str] = &[
    "description",
    "grant_types",
    "initiate_login_uri",
    "client_aliases",
    "allowed_clients",
    "addons",
    "mobile",
    "sso",
    "sso_disabled",
    "cross_origin_authentication",
    "cross_origin_auth",
    "cross_origin_loc",
    "custom_login_page",
    "custom_login_page_on",
    "custom_login_page_preview",
    "form_template",
    "encryption_key",
    "native_social_login",
    "fedcm_login",
    "oidc_logout",
    "oidc_backchannel_logout",
    "session_transfer",
    "is_token_endpoint_ip_header_trusted",
    "organization_usage",
    "organization_require_behavior",
    "organization_discovery_methods",
    "skip_non_verifiable_callback_uri_confirmation_prompt",
    "token_exchange",
    "par_request_expiry",
    "token_quota",
    "resource_server_identifier",
    "express_configuration",
    "redirection_policy",
    "third_party_security_mode",
    "async_approval_notification_channels",
];

/// What would make a client stricter than we can be: nothing but "off" is taken, since a switch without effect deceives.
const OFF: &[(&str, &[&str])] = &[
    ("require_proof_of_possession", &["false"]),
    ("organization_usage", &["\"deny\"", "\"allow\""]),
    ("compliance_level", &["\"none\""]),
    ("signed_request_object", &[]),
    ("default_organization", &[]),
    ("client_authentication_methods", &[]),
];

/// Refuses what is not known, and what would have no effect.
///
/// # Errors
/// 400.
pub fn known(body: &Document) -> Result<(), Refused> {
    let off: Vec<&str> = OFF.iter().map(|(name, _)| *name).collect();
    body.only(&[OURS, KEPT, &off])?;
    for (name, allowed) in OFF {
        if body.at(name).is_some_and(|value| !allowed.contains(&value.to_string().as_str())) {
            return Err(Refused::body(name, "is not supported with this value"));
        }
    }
    Ok(())
}

/// The word for a kind of program.
pub fn app_type(kind: ApplicationKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("regular_web", |(word, _)| word)
}

fn kind(body: &Document) -> Result<Option<ApplicationKind>, Refused> {
    let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
    let word = body.word("app_type", &words)?;
    Ok(word.and_then(|word| KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)))
}

/// The settings of a new client of a kind, before the rest is applied.
///
/// # Errors
/// 400.
pub fn of_kind(body: &Document) -> Result<ApplicationSettings, Refused> {
    let kind = kind(body)?.unwrap_or(ApplicationKind::Web);
    let method = match kind {
        ApplicationKind::Spa | ApplicationKind::Native => AuthMethod::None,
        ApplicationKind::Web | ApplicationKind::Machine => AuthMethod::ClientSecretPost,
    };
    let public = body.text("token_endpoint_auth_method")?.map_or(method == AuthMethod::None, |word| word == "none");
    let grant_types: &[&str] = match kind {
        ApplicationKind::Machine => &["client_credentials"],
        _ if public => &["authorization_code", "implicit", "refresh_token"],
        _ => &["authorization_code", "implicit", "refresh_token", "client_credentials"],
    };
    Ok(ApplicationSettings {
        kind,
        accent: Accent::Auth0,
        token_endpoint_auth_method: method,
        grant_types: grant_types.iter().map(|one| (*one).to_owned()).collect(),
        // What applications of this accent were written for.
        require_pkce: false,
        opaque_access_tokens: true,
        access_token_lifetime_seconds: DAY,
        id_token_lifetime_seconds: 36_000,
        ..ApplicationSettings::default()
    })
}

/// The core's words for grants; those that it has no word for are left out.
fn core_grants(wanted: &[String]) -> Vec<String> {
    const SAME: &[&str] =
        &["authorization_code", "implicit", "refresh_token", "client_credentials", grants::PASSWORD, grants::DEVICE_CODE];
    let mut out: Vec<String> = Vec::new();
    for one in wanted {
        let core = GRANTS.iter().find(|(theirs, core)| theirs == one && *core != grants::SECOND_FACTOR).map(|(_, core)| *core);
        let core = core.or_else(|| SAME.iter().find(|same| *same == one).copied());
        if let Some(core) = core
            && !out.iter().any(|have| have == core)
        {
            out.push(core.to_owned());
        }
    }
    out
}

fn vendor_grants(settings: &ApplicationSettings, given: Option<&Value>) -> Vec<String> {
    let given: Option<Vec<String>> = given.and_then(|list| serde_json::from_value(list.clone()).ok());
    if let Some(given) = given
        && core_grants(&given) == settings.grant_types
    {
        return given;
    }
    let word = |core: &String| match core.as_str() {
        // What both sides call the same.
        grants::PASSWORD => grants::PASSWORD.to_owned(),
        core => GRANTS.iter().find(|(_, known)| *known == core).map_or(core, |(theirs, _)| theirs).to_owned(),
    };
    settings.grant_types.iter().map(word).collect()
}

/// What we know ourselves, as it is shown.
pub fn shown(settings: &ApplicationSettings, kept: &Map<String, Value>) -> Map<String, Value> {
    let refresh = &settings.refresh;
    let method = METHODS.iter().find(|(_, known)| *known == settings.token_endpoint_auth_method).map(|(word, _)| *word);
    let value = json!({
        "app_type": app_type(settings.kind),
        "callbacks": settings.redirect_uris,
        "allowed_logout_urls": settings.post_logout_redirect_uris,
        "web_origins": settings.web_origins,
        "allowed_origins": settings.allowed_origins,
        "grant_types": vendor_grants(settings, kept.get("grant_types")),
        "jwt_configuration": {
            "alg": settings.signing_alg,
            "lifetime_in_seconds": settings.id_token_lifetime_seconds,
            "secret_encoded": false,
        },
        "refresh_token": {
            "rotation_type": if refresh.rotate { "rotating" } else { "non-rotating" },
            "expiration_type": if refresh.absolute_seconds >= FOR_EVER { "non-expiring" } else { "expiring" },
            "leeway": refresh.overlap_seconds,
            "token_lifetime": refresh.absolute_seconds,
            "idle_token_lifetime": refresh.idle_seconds,
            "infinite_token_lifetime": refresh.absolute_seconds >= FOR_EVER,
            "infinite_idle_token_lifetime": refresh.idle_seconds >= FOR_EVER,
        },
        "is_first_party": settings.first_party,
        "oidc_conformant": true,
        "require_pushed_authorization_requests": settings.require_pushed_authorization_requests,
        "require_proof_of_possession": false,
    });
    let Value::Object(mut out) = value else { return Map::new() };
    if let Some(method) = method {
        out.insert("token_endpoint_auth_method".into(), json!(method));
    }
    if let Some(logo) = &settings.logo_uri {
        out.insert("logo_uri".into(), json!(logo));
    }
    out
}

/// Applies what a call says; what it does not mention stays.
///
/// # Errors
/// 400.
pub fn apply(settings: &mut ApplicationSettings, body: &Document) -> Result<(), Refused> {
    if let Some(kind) = kind(body)? {
        settings.kind = kind;
    }
    for (name, list) in [
        ("callbacks", &mut settings.redirect_uris),
        ("allowed_logout_urls", &mut settings.post_logout_redirect_uris),
        ("web_origins", &mut settings.web_origins),
        ("allowed_origins", &mut settings.allowed_origins),
    ] {
        if body.has(name) {
            *list = without_doubles(body.texts(name)?.unwrap_or_default());
        }
    }
    if let Some(wanted) = body.texts("grant_types")? {
        settings.grant_types = core_grants(&wanted);
    }
    let words: Vec<&str> = METHODS.iter().map(|(word, _)| *word).collect();
    if let Some(word) = body.word("token_endpoint_auth_method", &words)? {
        settings.token_endpoint_auth_method =
            METHODS.iter().find(|(known, _)| *known == word).map_or(AuthMethod::None, |(_, m)| *m);
    }
    if let Some(flag) = body.flag("is_first_party")? {
        settings.first_party = flag;
    }
    if body.has("logo_uri") {
        settings.logo_uri = body.text("logo_uri")?.filter(|uri| !uri.is_empty()).map(str::to_owned);
    }
    if let Some(flag) = body.flag("require_pushed_authorization_requests")? {
        settings.require_pushed_authorization_requests = flag;
    }
    if body.flag("oidc_conformant")? == Some(false) {
        return Err(Refused::body("oidc_conformant", "must be true: there is no other mode"));
    }
    if let Some(jwt) = body.object("jwt_configuration")? {
        let inner = |refused: Refused| refused.within("jwt_configuration");
        if jwt.text("alg").map_err(inner)?.is_some_and(|alg| alg != "RS256") {
            return Err(Refused::body("jwt_configuration.alg", "must be RS256: other algorithms are not supported"));
        }
        if let Some(seconds) = jwt.number("lifetime_in_seconds", 60..=DAY).map_err(inner)? {
            settings.id_token_lifetime_seconds = seconds;
        }
    }
    if let Some(refresh) = body.object("refresh_token")? {
        refresh_token(settings, &refresh).map_err(|refused| refused.within("refresh_token"))?;
    }
    Ok(())
}

fn refresh_token(settings: &mut ApplicationSettings, body: &Document) -> Result<(), Refused> {
    let refresh = &mut settings.refresh;
    if let Some(word) = body.word("rotation_type", &["rotating", "non-rotating"])? {
        refresh.rotate = word == "rotating";
    }
    if let Some(seconds) = body.number("leeway", 0..=300)? {
        refresh.overlap_seconds = seconds;
    }
    let endless = body.word("expiration_type", &["expiring", "non-expiring"])? == Some("non-expiring");
    let whole = body.number("token_lifetime", 60..=FOR_EVER)?;
    let idle = body.number("idle_token_lifetime", 60..=FOR_EVER)?;
    match body.flag("infinite_token_lifetime")? {
        Some(true) => refresh.absolute_seconds = FOR_EVER,
        _ if endless => refresh.absolute_seconds = FOR_EVER,
        _ => refresh.absolute_seconds = whole.unwrap_or(refresh.absolute_seconds),
    }
    match body.flag("infinite_idle_token_lifetime")? {
        Some(true) => refresh.idle_seconds = FOR_EVER,
        _ if endless => refresh.idle_seconds = idle.unwrap_or(FOR_EVER),
        _ => refresh.idle_seconds = idle.unwrap_or(refresh.idle_seconds),
    }
    // A token that is not used ends with its family at the latest.
    refresh.idle_seconds = refresh.idle_seconds.min(refresh.absolute_seconds);
    Ok(())
}

/// What comes back as it was given. `client_metadata` is merged, since programs write one key of it at a time.
///
/// # Errors
/// 400.
pub fn kept(before: Map<String, Value>, body: &Document) -> Result<Map<String, Value>, Refused> {
    let mut after = beside::changed(before, body, KEPT)?;
    if let Some(change) = body.object("client_metadata")? {
        let mut metadata = after.get("client_metadata").and_then(Value::as_object).cloned().unwrap_or_default();
        for (key, value) in change.0 {
            match value {
                Value::Null => _ = metadata.remove(&key),
                Value::String(text) if text.chars().count() <= 255 && key.chars().count() <= 255 => {
                    metadata.insert(key, json!(text));
                }
                _ => {
                    let field = format!("client_metadata.{key}");
                    return Err(Refused::body(&field, "must be a string of at most 255 characters"));
                }
            }
        }
        if metadata.len() > 10 {
            return Err(Refused::body("client_metadata", "must have at most 10 keys"));
        }
        after.insert("client_metadata".into(), Value::Object(metadata));
    } else if body.has("client_metadata") {
        after.remove("client_metadata");
    }
    Ok(after)
}

fn without_doubles(all: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(all.len());
    for one in all {
        if !one.is_empty() && !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(value: Value) -> Document {
        Document(value.as_object().cloned().unwrap())
    }

    #[test]
    fn a_kind_brings_what_it_needs() {
        let machine = of_kind(&document(json!({ "app_type": "non_interactive" }))).unwrap();
        assert_eq!(
            (machine.kind, machine.grant_types.as_slice()),
            (ApplicationKind::Machine, &["client_credentials".to_owned()][..])
        );
        let spa = of_kind(&document(json!({ "app_type": "spa" }))).unwrap();
        assert!(spa.is_public() && !spa.allows_grant("client_credentials"));
        let open =
            of_kind(&document(json!({ "app_type": "native", "token_endpoint_auth_method": "client_secret_post" }))).unwrap();
        assert!(open.allows_grant("client_credentials"));
        assert!(of_kind(&document(json!({ "app_type": "toaster" }))).is_err());
    }

    #[test]
    fn grants_come_back_as_they_were_given_while_they_mean_what_is_set() {
        let given = json!([
            "authorization_code",
            "http://auth0.com/oauth/grant-type/password-realm",
            "http://auth0.com/oauth/grant-type/mfa-otp"
        ]);
        let mut settings = ApplicationSettings::default();
        apply(&mut settings, &document(json!({ "grant_types": given }))).unwrap();
        assert_eq!(settings.grant_types, ["authorization_code", "password"]);
        assert_eq!(json!(vendor_grants(&settings, Some(&given))), given);
        settings.grant_types = vec![grants::PASSKEY.to_owned(), grants::EMAIL_CODE.to_owned()];
        let words = ["urn:okta:params:oauth:grant-type:webauthn", "http://auth0.com/oauth/grant-type/passwordless/otp"];
        assert_eq!(vendor_grants(&settings, Some(&given)), words);
    }

    #[test]
    fn refresh_tokens_are_read_and_shown() {
        let mut settings = ApplicationSettings::default();
        let wanted = json!({ "rotation_type": "non-rotating", "expiration_type": "expiring", "leeway": 0, "token_lifetime": 1000, "idle_token_lifetime": 500 });
        apply(&mut settings, &document(json!({ "refresh_token": wanted }))).unwrap();
        let told = shown(&settings, &Map::new())["refresh_token"].clone();
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&told[name], value, "{name}");
        }
        apply(&mut settings, &document(json!({ "refresh_token": { "expiration_type": "non-expiring" } }))).unwrap();
        let told = shown(&settings, &Map::new())["refresh_token"].clone();
        assert_eq!((&told["infinite_token_lifetime"], &told["rotation_type"]), (&json!(true), &json!("non-rotating")));
    }

    #[test]
    fn a_switch_without_effect_is_refused() {
        for (name, value) in [
            ("require_proof_of_possession", json!(true)),
            ("organization_usage", json!("require")),
            ("signed_request_object", json!({})),
        ] {
            assert!(known(&document(json!({ name: value }))).is_err(), "{name}");
        }
        assert!(
            known(&document(
                json!({ "require_proof_of_possession": false, "organization_usage": "deny", "signed_request_object": null })
            ))
            .is_ok()
        );
        assert!(known(&document(json!({ "calbacks": [] }))).is_err());
    }

    #[test]
    fn metadata_is_merged_key_by_key() {
        let before =
            kept(Map::new(), &document(json!({ "client_metadata": { "a": "1", "b": "2" }, "description": "x" }))).unwrap();
        let after = kept(before, &document(json!({ "client_metadata": { "a": null, "c": "3" } }))).unwrap();
        assert_eq!(json!(after), json!({ "client_metadata": { "b": "2", "c": "3" }, "description": "x" }));
        assert!(kept(Map::new(), &document(json!({ "client_metadata": { "a": 1 } }))).is_err());
    }
}
