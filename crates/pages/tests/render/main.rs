//! Every page in every state and language: it renders, it has its words, it escapes, it obeys the content policy,
//! and the ids that automation relies on are where they should be.

#![expect(clippy::panic, reason = "the functions around the tests fail by panic as the tests do")]

use doorward_pages::samples as states;

use std::collections::{BTreeMap, BTreeSet};

use doorward_pages::view::*;
use doorward_service::i18n::Locale;
use states::{full_chrome, states};

fn minimal_chrome(locale: Locale) -> Chrome {
    Chrome::new("Acme", locale, "csrf-token")
}

/// The page, with the one escape undone that is harmless and would hide paths from the tests.
fn show(page: &Page, chrome: &Chrome) -> String {
    render(page, chrome).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error))).replace("&#x2f;", "/")
}

/// Name and attributes of every opening tag, in order. The pages are our own markup, so this is enough.
fn tags(html: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((inside, _)) = piece.split_once('>') else { continue };
        if inside.starts_with(['/', '!']) {
            continue;
        }
        let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let mut attributes = BTreeMap::new();
        while !rest.trim().is_empty() {
            rest = rest.trim_start();
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(end);
            if let Some(value) = after.strip_prefix("=\"") {
                let (value, after) = value.split_once('"').expect("a closing quote");
                attributes.insert(attribute.to_owned(), value.to_owned());
                rest = after;
            } else {
                attributes.insert(attribute.to_owned(), String::new());
                rest = after;
            }
        }
        found.push((name.to_owned(), attributes));
    }
    found
}

fn ids(html: &str) -> Vec<String> {
    tags(html).into_iter().filter_map(|(_, mut attributes)| attributes.remove("id")).collect()
}

/// What the template names: every page state, with a full frame and with the least.
fn everything(mut check: impl FnMut(&str, &Page, &str)) {
    for locale in Locale::ALL {
        for state in states() {
            for chrome in [full_chrome(locale), minimal_chrome(locale)] {
                let name = format!("{} in {}", state.name, locale.tag());
                check(&name, &state.page, &show(&state.page, &chrome));
            }
        }
    }
}

#[test]
fn every_page_renders_in_every_language_with_its_own_words() {
    let keys = keys_of(Locale::En);
    everything(|name, _, html| {
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{name}");
        let (_, body) = html.split_once("<body").expect("a body");
        for text in body.split('>').filter_map(|piece| piece.split('<').next()) {
            assert!(
                !keys.contains(text.trim()) || ["or", "optional", "save", "remove", "delete"].contains(&text.trim()),
                "{name} shows the key {text}"
            );
        }
    });
}

#[test]
fn every_template_has_a_state_here() {
    let seen: BTreeSet<&str> = states().iter().map(|state| state.page.template()).collect();
    assert_eq!(seen.len(), 38, "a page without a state is a page that nobody looked at: {seen:?}");
}

fn folder(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn read_all(path: &str, ending: &str) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(path).expect("the folder is there") {
        let entry = entry.expect("an entry").path();
        if entry.is_dir() {
            text.push_str(&read_all(&entry.to_string_lossy(), ending));
        } else if entry.to_string_lossy().ends_with(ending) {
            text.push_str(&std::fs::read_to_string(&entry).expect("readable"));
            text.push('\n');
        }
    }
    text
}

/// The messages of a language: key, and the values that its words need.
fn messages_of(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in read_all(&folder(&format!("locales/{}", locale.tag())), ".ftl").lines() {
        if line.starts_with('#') {
            continue;
        }
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice in {locale:?}");
        }
        for piece in line.split('$').skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.entry(key.clone()).or_default().insert(name);
        }
    }
    found
}

fn keys_of(locale: Locale) -> BTreeSet<String> {
    messages_of(locale).into_keys().collect()
}

fn key_of(reason: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(reason).expect("a reason");
    value["key"].as_str().or(value.as_str()).expect("a key").to_owned()
}

/// Every key that templates or the engine can ask for.
fn used_keys() -> BTreeSet<String> {
    let templates = read_all(&folder("templates"), ".html");
    let mut used: BTreeSet<String> =
        templates.split("t(\"").skip(1).filter_map(|piece| piece.split('"').next()).map(str::to_owned).collect();
    let mut family = |name: &str, keys: Vec<String>| {
        assert!(templates.contains(&format!("say(\"{name}\"")), "nobody says {name}");
        used.extend(keys.into_iter().map(|key| format!("{name}-{key}")));
    };
    family("problem", Problem::ALL.iter().map(key_of).collect());
    family("notice", Notice::ALL.iter().map(key_of).collect());
    family("activity", ActivityKind::ALL.iter().map(key_of).collect());
    for part in ["error-title", "error-what", "error-do"] {
        family(part, ErrorReason::all().iter().map(key_of).collect());
    }
    let purposes = || ["sign-in", "sign-up", "verify-email", "recover", "step-up"].map(str::to_owned).to_vec();
    family("code-title", purposes());
    family("code-lead", purposes());
    let offers = || ["sign-up", "after-password", "after-code", "recovery"].map(str::to_owned).to_vec();
    family("offer-title", offers());
    family("offer-lead", offers());
    family("new-password-lead", ["reset", "expired", "breached", "ticket"].map(str::to_owned).to_vec());
    let links = || ["sign-in", "verify-email", "recover"].map(str::to_owned).to_vec();
    let ends = || [links(), ["denied", "expired", "used"].map(str::to_owned).to_vec()].concat();
    family("link-title", ends());
    family("link-lead", ends());
    family("link-confirm", links());
    family("link-done-title", [links(), vec!["new-password".to_owned()]].concat());
    used.extend(["time-day", "time-moment", "time-month"].map(str::to_owned));
    used.extend(["openid", "profile", "email", "phone", "address", "offline-access"].map(|scope| format!("scope-{scope}")));
    used
}

#[test]
fn every_language_has_exactly_the_words_that_are_used() {
    let used = used_keys();
    for locale in Locale::ALL {
        let known = keys_of(locale);
        let missing: Vec<_> = used.difference(&known).collect();
        let unused: Vec<_> = known.difference(&used).collect();
        assert!(missing.is_empty() && unused.is_empty(), "{}: missing {missing:?}, unused {unused:?}", locale.tag());
        assert!(known.iter().all(|key| catalog().has(locale, key)), "{}", locale.tag());
    }
}

#[test]
fn no_language_asks_for_a_value_that_english_does_not_have() {
    let english = messages_of(Locale::En);
    for locale in Locale::ALL {
        for (key, values) in messages_of(locale) {
            let extra: Vec<_> = values.difference(&english[&key]).filter(|_| !key.starts_with("time-")).collect();
            assert!(extra.is_empty(), "{} {key}: {extra:?}", locale.tag());
            let lost: Vec<_> = english[&key].difference(&values).filter(|_| !key.starts_with("time-")).collect();
            assert!(lost.is_empty(), "{} {key} says nothing about {lost:?}", locale.tag());
        }
    }
}

#[test]
fn what_a_stranger_typed_stays_text() {
    const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut checked = 0;
    for state in states() {
        // Every string of the page becomes hostile, except the few that choose between forms of the page.
        let json = serde_json::to_value(&state.page).expect("a page");
        let names: Vec<String> = strings(&json);
        let mut chrome = full_chrome(Locale::En);
        chrome.tenant_name = EVIL.into();
        chrome.application_name = Some(EVIL.into());
        chrome.logo_url = Some(EVIL.into());
        chrome.signals.as_mut().expect("signals").name = Some(EVIL.into());
        chrome.csrf = EVIL.into();
        checked += names.len();
        let html = show(&state.page, &chrome);
        assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{}", state.name);
        assert!(!html.contains("</script> Lovelace"), "{} ends its own data block", state.name);
    }
    assert!(checked > 500);

    let mut hostile: Vec<Page> = Vec::new();
    for state in states() {
        match state.page {
            Page::SignIn(page) => hostile
                .push(SignInPage { identifier: Some(EVIL.into()), flow: EVIL.into(), identify_url: EVIL.into(), ..page }.into()),
            Page::Code(page) => hostile.push(CodePage { destination: EVIL.into(), status_url: Some(EVIL.into()), ..page }.into()),
            Page::SignUp(page) => {
                hostile.push(SignUpPage { name: Some(EVIL.into()), identifier: Some(EVIL.into()), ..page }.into())
            }
            Page::Consent(page) => hostile.push(
                ConsentPage {
                    application_name: EVIL.into(),
                    return_host: Some(EVIL.into()),
                    resource_server: Some(EVIL.into()),
                    scopes: vec![
                        ScopeLine { name: EVIL.into(), description: None },
                        ScopeLine { name: "x".into(), description: Some(EVIL.into()) },
                    ],
                    ..page
                }
                .into(),
            ),
            Page::Error(page) => {
                hostile.push(
                    ErrorPage {
                        reason: ErrorReason::RedirectUriMismatch { redirect_uri: EVIL.into() },
                        request_id: EVIL.into(),
                        ..page.clone()
                    }
                    .into(),
                );
                hostile.push(ErrorPage { reason: ErrorReason::UnknownClient { client_id: EVIL.into() }, ..page.clone() }.into());
                hostile.push(ErrorPage { reason: ErrorReason::InvalidRequest { detail: EVIL.into() }, ..page }.into());
            }
            Page::AccountPasskeys(page) => hostile.push(
                AccountPasskeysPage {
                    frame: AccountFrame {
                        name: EVIL.into(),
                        identifier: EVIL.into(),
                        picture_url: Some(EVIL.into()),
                        ..page.frame
                    },
                    passkeys: page
                        .passkeys
                        .into_iter()
                        .map(|row| PasskeyRow { name: EVIL.into(), id: EVIL.into(), provider: EVIL.into(), ..row })
                        .collect(),
                    ..page
                }
                .into(),
            ),
            Page::AccountDevices(page) => hostile.push(
                AccountDevicesPage {
                    sessions: page
                        .sessions
                        .into_iter()
                        .map(|row| SessionRow {
                            device: EVIL.into(),
                            origin: Some(EVIL.into()),
                            applications: vec![EVIL.into()],
                            ..row
                        })
                        .collect(),
                    ..page
                }
                .into(),
            ),
            Page::AccountActivity(page) => hostile.push(
                AccountActivityPage {
                    events: page
                        .events
                        .into_iter()
                        .map(|row| ActivityRow { subject: Some(EVIL.into()), device: Some(EVIL.into()), ..row })
                        .collect(),
                    ..page
                }
                .into(),
            ),
            Page::DemoProfile(page) => hostile.push(
                DemoProfilePage {
                    claims: vec![DemoClaim { name: EVIL.into(), value: EVIL.into() }],
                    raw_id_token: EVIL.into(),
                    ..page
                }
                .into(),
            ),
            Page::Mail(page) => {
                hostile.push(MailPage { subject: EVIL.into(), text: EVIL.into(), from: EVIL.into(), ..page }.into())
            }
            Page::FormPost(page) => hostile.push(FormPostPage { fields: vec![(EVIL.into(), EVIL.into())], ..page }.into()),
            _ => {}
        }
    }
    assert!(hostile.len() > 20);
    for page in hostile {
        for locale in Locale::ALL {
            let html = show(&page, &full_chrome(locale));
            assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{}", page.template());
        }
    }
}

fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(strings).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_content_policy_blocks_nothing_of_ours() {
    let assets = full_chrome(Locale::En).assets;
    everything(|name, _, html| {
        for (tag, attributes) in tags(html) {
            assert!(!attributes.contains_key("style"), "{name}: style on <{tag}>");
            assert!(!attributes.keys().any(|key| key.starts_with("on")), "{name}: a handler on <{tag}>");
            assert!(!attributes.values().any(|value| value.to_ascii_lowercase().contains("javascript:")), "{name}");
            assert!(!["style", "base", "object", "embed"].contains(&tag.as_str()), "{name}: <{tag}>");
            if tag == "script" {
                let data = attributes.get("type").is_some_and(|kind| kind == "application/json");
                let ours = attributes.get("src").is_some_and(|src| src.starts_with(&assets));
                assert!(data || ours, "{name}: an inline script");
            }
            if tag == "iframe" {
                assert_eq!(attributes.get("sandbox").map(String::as_str), Some(""), "{name}");
            }
            if tag == "form" && attributes.get("method").is_none_or(|method| method != "post") {
                panic!("{name}: a form that is not a POST");
            }
        }
    });
}

#[test]
fn every_asset_that_a_page_names_is_there() {
    let base = format!("{}/", full_chrome(Locale::En).assets);
    let mut seen = BTreeSet::new();
    everything(|name, _, html| {
        for (_, attributes) in tags(html) {
            for key in ["src", "href"] {
                if let Some(path) = attributes.get(key).and_then(|value| value.strip_prefix(&base)) {
                    assert!(asset(path).is_some(), "{name}: {path}");
                    seen.insert(path.to_owned());
                }
            }
        }
    });
    assert!(seen.len() > 10, "{seen:?}");
    for name in asset_names().filter(|name| name.ends_with(".js")) {
        let text = asset(&name).map(|file| String::from_utf8_lossy(&file.body).into_owned()).expect("a script");
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            let path = import.rsplit("./").next().and_then(|rest| rest.split('"').next()).expect("a relative import");
            assert!(asset(path).is_some(), "{name} imports {path}");
        }
    }
    assert!(asset("../Cargo.toml").is_none() && asset("theme/red.css").is_none() && asset("nothing.css").is_none());
    assert!(asset("theme/0f6a64.css").is_some());
    assert_eq!(assets_version().len(), 16);
}

#[test]
fn ids_are_unique_and_every_form_is_protected_and_labelled() {
    everything(|name, page, html| {
        let all = ids(html);
        let unique: BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len(), "{name}: {all:?}");
        let tags = tags(html);
        let labels: BTreeSet<_> =
            tags.iter().filter(|(tag, _)| tag == "label").filter_map(|(_, attributes)| attributes.get("for")).collect();
        for (tag, attributes) in &tags {
            let hidden = attributes.get("type").is_some_and(|kind| kind == "hidden") || attributes.contains_key("aria-hidden");
            if ["input", "select"].contains(&tag.as_str()) && !hidden {
                let id = attributes.get("id").unwrap_or_else(|| panic!("{name}: a field without id"));
                assert!(labels.contains(id), "{name}: #{id} has no label");
            }
            if let Some(target) = attributes.get("aria-describedby") {
                for id in target.split_ascii_whitespace() {
                    assert!(all.iter().any(|known| known == id), "{name}: described by #{id}, which is not there");
                }
            }
        }
        if !matches!(page, Page::FormPost(_)) {
            let forms = html.matches("<form ").count();
            assert_eq!(html.matches("name=\"csrf\"").count(), forms, "{name}: a form without its token");
        }
        assert_eq!(tags.iter().filter(|(tag, _)| tag == "h1").count(), 1, "{name}: one heading");
        assert!(tags.iter().filter(|(_, attributes)| attributes.contains_key("autofocus")).count() <= 1, "{name}");
    });
}

#[test]
fn the_error_element_exists_exactly_while_there_is_an_error() {
    everything(|name, page, html| {
        let json = serde_json::to_value(page).expect("a page");
        let problem = !json["problem"].is_null()
            || !json["frame"]["problem"].is_null()
            || matches!(page, Page::Error(_))
            || !json["error"].is_null();
        let shown: Vec<_> =
            tags(html).into_iter().filter(|(_, attributes)| attributes.get("id").is_some_and(|id| id == "error")).collect();
        assert_eq!(shown.len(), usize::from(problem), "{name}");
        for (_, attributes) in shown {
            assert_eq!(attributes.get("role").map(String::as_str), Some("alert"), "{name}");
            assert!(attributes.contains_key("autofocus") && attributes.contains_key("tabindex"), "{name}");
        }
    });
}

#[test]
fn automation_ids_are_on_the_right_pages() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("signin", &["identifier", "continue", "passkey-signin", "sign-up", "recover"], &["password", "code", "error"]),
        ("signin-minimal", &["identifier", "continue", "error"], &["passkey-signin", "sign-up"]),
        ("password", &["password", "continue", "send-code", "passkey-signin"], &["identifier", "error"]),
        ("password-minimal", &["password", "continue"], &["send-code", "passkey-signin"]),
        ("code-signin", &["code", "continue", "send-code", "dev-mailbox"], &["password"]),
        ("reauth", &["password", "continue", "send-code", "passkey-signin"], &["identifier"]),
        ("select-account", &["continue", "other-account"], &[]),
        ("recover", &["identifier", "continue"], &["password"]),
        ("signup", &["name", "identifier", "continue"], &["password"]),
        ("signup-password", &["name", "identifier", "password", "continue", "error"], &[]),
        ("offer-signup", &["passkey-create"], &["passkey-skip", "error"]),
        ("offer-password", &["passkey-create", "passkey-skip"], &[]),
        ("offer-recovery", &["passkey-create", "passkey-skip", "remove-1"], &[]),
        ("new-password-reset", &["password", "continue", "keep-password"], &["error"]),
        ("new-password-breached", &["password", "continue"], &["keep-password"]),
        ("complete-profile", &["name", "continue", "error"], &[]),
        ("consent", &["consent-allow", "consent-deny"], &[]),
        ("signout", &["signout-confirm"], &[]),
        ("link-signin", &["continue"], &["deny"]),
        ("link-signin-other", &["continue", "deny"], &[]),
        ("form-post", &["continue"], &[]),
        ("error-server-error", &["error", "retry", "request-id"], &[]),
        ("account-profile", &["name", "continue", "sign-out"], &[]),
        ("account-emails", &["identifier", "continue"], &["error"]),
        ("account-passkeys", &["passkey-create"], &[]),
        ("account-passkeys-minimal", &["passkey-create"], &[]),
        ("account-password", &["current-password", "password", "continue"], &[]),
        ("factor", &["code", "continue", "remember", "use-recovery-code", "passkey-signin"], &["error", "send-code"]),
        ("factor-minimal", &["code", "continue", "error"], &["remember", "use-recovery-code", "passkey-signin"]),
        ("factor-recovery", &["code", "continue", "use-app"], &["passkey-signin"]),
        ("factor-setup-begin", &["continue"], &["code", "qr"]),
        ("factor-setup", &["qr", "secret", "code", "continue"], &["error"]),
        ("recovery-codes", &["recovery-codes", "codes-copy", "codes-print", "continue"], &[]),
        ("account-two-step", &["add-factor", "remove-factor-1", "new-codes", "codes-left"], &["code", "qr", "recovery-codes"]),
        ("account-two-step-setup", &["qr", "secret", "code", "continue"], &["add-factor"]),
        ("account-two-step-codes", &["recovery-codes", "codes-copy"], &[]),
        ("account-data", &["download", "confirmation", "delete-confirm"], &[]),
        ("mail", &["code", "link"], &[]),
        ("mailbox", &["code", "mail-count", "mails"], &[]),
        ("demo-home", &["demo-signin", "demo-signup", "demo-protected"], &["demo-signout", "demo-profile", "error"]),
        ("demo-home-signed-in", &["demo-signout", "demo-profile", "demo-protected"], &["demo-signin", "demo-signup"]),
        ("demo-home-error", &["demo-signin", "error"], &[]),
        ("demo-profile", &["demo-signout", "claims"], &[]),
        ("demo-protected", &["demo-signout", "protected"], &[]),
    ];
    let all = states();
    for (name, there, absent) in table {
        let state = all.iter().find(|state| state.name == *name).unwrap_or_else(|| panic!("no state {name}"));
        let ids = ids(&show(&state.page, &full_chrome(Locale::En)));
        for id in *there {
            assert!(ids.iter().any(|known| known == id), "{name} lacks #{id}");
        }
        for id in *absent {
            assert!(!ids.iter().any(|known| known == id), "{name} has #{id}");
        }
    }
}

#[test]
fn without_script_password_and_code_still_work() {
    // What needs script is marked, and noscript.css hides the mark; what is left must be plain forms.
    let hidden = asset("noscript.css").map(|file| String::from_utf8_lossy(&file.body).into_owned()).expect("noscript.css");
    assert!(hidden.contains(".dw-needs-script"));
    for name in ["signin", "password", "code-signin", "signup-password", "recover", "factor", "factor-setup", "recovery-codes"] {
        let state = states().into_iter().find(|state| state.name == name).expect("the state");
        let html = show(&state.page, &minimal_chrome(Locale::En));
        let (_, field) = tags(&html)
            .into_iter()
            .find(|(_, attributes)| attributes.get("id").is_some_and(|id| id == "continue"))
            .expect("a button");
        assert_eq!(field.get("type").map(String::as_str), Some("submit"), "{name}");
        assert!(!field.get("class").is_some_and(|class| class.contains("dw-needs-script")), "{name}");
        for passkey in
            tags(&html).into_iter().filter(|(_, attributes)| attributes.get("id").is_some_and(|id| id == "passkey-form"))
        {
            assert!(passkey.1.get("class").is_some_and(|class| class.contains("dw-needs-script")), "{name}");
        }
    }
}

#[test]
fn the_tenants_colour_comes_as_a_stylesheet_and_nonsense_does_not() {
    let page = states().remove(0).page;
    let mut chrome = minimal_chrome(Locale::En);
    assert!(!show(&page, &chrome).contains("/theme/"));
    chrome.color = Some("#1F6FEB".into());
    assert!(show(&page, &chrome).contains("/theme/1f6feb.css"));
    chrome.color = Some("red;}*{display:none".into());
    assert!(!show(&page, &chrome).contains("/theme/"));
}
