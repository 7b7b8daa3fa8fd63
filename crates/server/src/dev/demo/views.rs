//! What the demo's pages are given.

use doorward_pages::view::{DemoClaim, DemoHomePage, DemoProfilePage, DemoProtectedPage, DemoUrls, DemoUser, When};
use serde_json::{Map, Value};

use super::sessions::SignedIn;
use super::{HOME, Refused};

fn urls() -> DemoUrls {
    DemoUrls {
        home: HOME.to_owned(),
        sign_in: "/demo/signin".to_owned(),
        sign_up: "/demo/signup".to_owned(),
        sign_out: "/demo/signout".to_owned(),
        profile: "/demo/profile".to_owned(),
        protected: "/demo/protected".to_owned(),
        account: "/account".to_owned(),
        mailbox: Some("/dev/mailbox".to_owned()),
        console: None,
    }
}

/// Home, for a person or for nobody yet.
pub(super) fn home(person: Option<&SignedIn>, refused: Option<Refused>) -> DemoHomePage {
    let (error, error_description) = refused.map(|refused| (refused.code, refused.description)).unzip();
    DemoHomePage { urls: urls(), user: person.map(user), error, error_description }
}

/// What the application learned.
pub(super) fn profile(person: &SignedIn) -> DemoProfilePage {
    let claims = person.claims.iter().map(|(name, value)| DemoClaim { name: name.clone(), value: shown(value) });
    DemoProfilePage {
        urls: urls(),
        user: user(person),
        claims: claims.collect(),
        raw_id_token: pretty(&person.claims),
        raw_userinfo: person.userinfo.as_ref().map(pretty),
    }
}

/// The page for signed-in people.
pub(super) fn protected(person: &SignedIn) -> DemoProtectedPage {
    let amr = person.claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    DemoProtectedPage {
        urls: urls(),
        user: user(person),
        auth_time: person.claims.get("auth_time").and_then(Value::as_i64).map(When),
        amr: amr.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// Words for an error that came without any (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6).
pub(super) fn words_for(error: &str) -> &'static str {
    match error {
        "access_denied" => "the sign-in was called off",
        "login_required" => "nobody is signed in at the provider",
        "consent_required" => "the provider would have to ask for consent",
        "interaction_required" | "account_selection_required" => "the provider would have to ask something first",
        "temporarily_unavailable" => "the provider has too much to do; try again in a moment",
        "server_error" => "something went wrong at the provider",
        _ => "the provider refused the request",
    }
}

/// A person may have no name and no address; a subject they always have.
fn user(person: &SignedIn) -> DemoUser {
    let claim = |name: &str| {
        let sources = [person.userinfo.as_ref(), Some(&person.claims)];
        let mut values = sources.into_iter().flatten().filter_map(|claims| claims.get(name).and_then(Value::as_str));
        values.find(|value| !value.is_empty()).map(str::to_owned)
    };
    let name = ["name", "preferred_username", "email", "sub"].into_iter().find_map(claim).unwrap_or_default();
    DemoUser { name, email: claim("email") }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pretty(claims: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(claims).unwrap_or_default()
}
