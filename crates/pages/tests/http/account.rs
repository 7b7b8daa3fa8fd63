use super::browser::{Browser, HOST, House};
use axum::http::{StatusCode, header};
use doorward_testkit::authenticator::{Bend, SoftAuthenticator};
use serde_json::{Value, json};

const ADA: &str = "ada@example.org";
const PAGES: [&str; 8] = [
    "/account",
    "/account/emails",
    "/account/passkeys",
    "/account/password",
    "/account/devices",
    "/account/apps",
    "/account/activity",
    "/account/data",
];
const FORMS: [&str; 17] = [
    "/account",
    "/account/emails/add",
    "/account/emails/verify",
    "/account/emails/code",
    "/account/emails/send-code",
    "/account/emails/primary",
    "/account/emails/remove",
    "/account/passkeys/add",
    "/account/passkeys/rename",
    "/account/passkeys/delete",
    "/account/password",
    "/account/password/remove",
    "/account/devices/revoke",
    "/account/devices/revoke-others",
    "/account/apps/revoke",
    "/account/data/download",
    "/account/data/delete",
];

fn with_passwords() -> Value {
    json!({ "password": { "enabled": true } })
}

async fn code(house: &House, to: &str) -> String {
    let mails = house.service.store.mailbox(house.cx.tenant_id(), Some(to), 9).await.expect("store");
    mails.first().expect("a mail").subject.chars().filter(char::is_ascii_digit).collect()
}

/// Moves the clock past the time in which a proof is fresh.
fn grow_stale(house: &House) {
    house.service.clock.advance(house.cx.tenant_id(), 601);
}

#[tokio::test]
async fn every_page_is_shown_to_whoever_is_signed_in_and_to_nobody_else() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    for path in PAGES {
        let page = ada.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(page.body.contains("aria-current=\"page\"") && page.has("sign-out") && !page.has("error"), "{path}");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path}");
        let away = house.stranger().get(path).await;
        assert_eq!((away.status, away.location), (StatusCode::SEE_OTHER, format!("/signin?return_to={path}")));
    }
}

#[tokio::test]
async fn every_form_is_refused_without_its_token_or_from_elsewhere() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let good = ada.csrf().await;
    let eves = house.signed_in("eve@example.org").await.csrf().await;
    let before = house.service.store.db().stats().batches;
    for path in FORMS {
        for (token, site) in
            [("", "same-origin"), (eves.as_str(), "same-origin"), (good.as_str(), "cross-site"), (good.as_str(), "same-site")]
        {
            let refused = ada.post_with(path, &[("confirmation", ADA)], token, site).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {site}");
        }
    }
    assert_eq!(house.service.store.db().stats().batches, before);
}

#[tokio::test]
async fn every_form_sends_a_stranger_to_sign_in() {
    let house = House::new(with_passwords()).await;
    let mut stranger = house.stranger();
    // The token of a page shown before signing in is good for a post; what it may do is another matter.
    let token = stranger.get("/signin").await.between("name=\"csrf\" value=\"", "\"").unwrap();
    for path in FORMS {
        let away = stranger.post_with(path, &[], &token, "same-origin").await;
        assert_eq!(away.status, StatusCode::SEE_OTHER, "{path}");
        assert!(away.location.starts_with("/signin?return_to=/account"), "{path} {}", away.location);
    }
}

#[tokio::test]
async fn what_is_sensitive_asks_for_a_fresh_proof_and_comes_back() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    grow_stale(&house);
    let again = |path: &str| format!("/signin/again?return_to={}", path.replace('/', "%2F"));
    for (path, back) in [
        ("/account/emails/add", "/account/emails"),
        ("/account/password", "/account/password"),
        ("/account/data/download", "/account/data"),
        ("/account/data/delete", "/account/data"),
        ("/account/passkeys/add", "/account/passkeys"),
    ] {
        let fields = [("identifier", "new@example.org"), ("password", "correct horse battery staple"), ("confirmation", ADA)];
        let away = ada.post(path, &fields).await;
        assert_eq!((away.status, away.location), (StatusCode::SEE_OTHER, again(back)), "{path}");
    }
    // The page offers the way there instead of a ceremony that would be refused.
    let page = ada.get("/account/passkeys").await;
    assert!(!page.body.contains("passkey-options") && page.body.replace("&#x2f;", "/").contains("/signin/again?return_to="));
    assert_eq!(ada.get("/account/passkeys/options").await.status, StatusCode::FORBIDDEN);
    // What is not sensitive goes on.
    let saved = ada.post("/account", &[("name", "Ada")]).await;
    assert_eq!(saved.location, "/account?notice=profile-saved");
}

#[tokio::test]
async fn the_profile_is_saved_or_comes_back_with_what_was_typed() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let saved = ada.post("/account", &[("name", "Countess"), ("locale", "de"), ("zoneinfo", "Europe/London")]).await;
    assert_eq!((saved.status, saved.location.as_str()), (StatusCode::SEE_OTHER, "/account?notice=profile-saved"));
    let page = ada.get(&saved.location).await;
    assert!(page.body.contains("value=\"Countess\"") && page.body.contains("Your profile is saved."));
    assert_eq!(page.block("signals")["displayName"], "Countess");
    let back = ada.post("/account", &[("name", ""), ("family_name", "Lovelace")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(back.reason().as_deref(), Some("name-missing"));
    assert!(back.body.contains("value=\"Lovelace\""));
    // Only known news can be put on a page by its address.
    assert!(!ada.get("/account?notice=call-this-number").await.body.contains("call-this-number\">"));
}

#[tokio::test]
async fn an_address_is_added_proven_made_primary_and_the_old_one_removed() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let junk = ada.post("/account/emails/add", &[("identifier", "no address")]).await;
    assert_eq!((junk.status, junk.reason().as_deref()), (StatusCode::UNPROCESSABLE_ENTITY, Some("email-invalid")));
    assert!(junk.body.contains("value=\"no address\""));
    let added = ada.post("/account/emails/add", &[("identifier", "new@example.org")]).await;
    assert!(added.location.starts_with("/account/emails/verify?flow="), "{}", added.location);
    let page = ada.get(&added.location).await;
    assert!(page.has("code") && page.has("send-code") && page.body.contains("new@example.org"));
    let flow = page.between("name=\"flow\" value=\"", "\"").unwrap();
    let empty = ada.post("/account/emails/code", &[("flow", &flow), ("code", " ")]).await;
    assert_eq!(empty.reason().as_deref(), Some("code-missing"));
    let right = code(&house, "new@example.org").await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let refused = ada.post("/account/emails/code", &[("flow", &flow), ("code", wrong)]).await;
    assert_eq!((refused.status, refused.reason().as_deref()), (StatusCode::UNPROCESSABLE_ENTITY, Some("code-wrong")));
    // Somebody else's session makes nothing of the id in the address.
    let mut eve = house.signed_in("eve@example.org").await;
    assert_eq!(eve.get(&added.location).await.status, StatusCode::NOT_FOUND);
    assert_eq!(eve.post("/account/emails/code", &[("flow", &flow), ("code", &right)]).await.status, StatusCode::NOT_FOUND);
    let proven = ada.post("/account/emails/code", &[("flow", &flow), ("code", &right)]).await;
    assert_eq!(proven.location, "/account/emails?notice=email-verified");
    let list = ada.get(&proven.location).await;
    let id_of = |address: &str| {
        let (_, row) = list.body.split_once(&format!("data-email=\"{address}\"")).unwrap();
        row.split_once("name=\"email\" value=\"").and_then(|(_, r)| r.split_once('"')).map(|(id, _)| id.to_owned()).unwrap()
    };
    let id = id_of("new@example.org");
    let primary = ada.post("/account/emails/primary", &[("email", &id)]).await;
    assert_eq!(primary.location, "/account/emails?notice=email-primary");
    assert_eq!(ada.get(&primary.location).await.block("signals")["name"], "new@example.org");
    let refused = ada.post("/account/emails/remove", &[("email", &id)]).await;
    assert_eq!(refused.reason().as_deref(), Some("primary-email"));
    let list = ada.get("/account/emails").await;
    let (_, row) = list.body.split_once(&format!("data-email=\"{ADA}\"")).unwrap();
    let old = row.split_once("name=\"email\" value=\"").and_then(|(_, r)| r.split_once('"')).unwrap().0.to_owned();
    let removed = ada.post("/account/emails/remove", &[("email", &old)]).await;
    assert_eq!(removed.location, "/account/emails?notice=email-removed");
    assert!(!ada.get("/account/emails").await.body.contains(ADA));
}

#[tokio::test]
async fn a_taken_address_is_named_only_where_the_policy_says_so() {
    let open = House::new(json!({ "reveal_accounts": true })).await;
    let _eve = open.signed_in("eve@example.org").await;
    let said = open.signed_in(ADA).await.post("/account/emails/add", &[("identifier", "eve@example.org")]).await;
    assert_eq!(said.reason().as_deref(), Some("email-taken"));
    let closed = House::new(json!({})).await;
    let _eve = closed.signed_in("eve@example.org").await;
    let hidden = closed.signed_in(ADA).await.post("/account/emails/add", &[("identifier", "eve@example.org")]).await;
    assert!(hidden.location.starts_with("/account/emails/verify?flow="), "{}", hidden.location);
}

async fn add_passkey(ada: &mut Browser<'_>) -> Value {
    let page = ada.get("/account/passkeys").await;
    let options = page.block("passkey-options");
    let mut device = SoftAuthenticator::new(format!("http://{HOST}"), "localhost");
    let credential = device.create(&options, Bend::none());
    let added = ada.post("/account/passkeys/add", &[("credential", &credential.to_string()), ("flow", "")]).await;
    assert_eq!(added.location, "/account/passkeys?notice=passkey-added", "{}", added.body);
    credential
}

#[tokio::test]
async fn a_passkey_is_added_renamed_and_deleted_and_the_manager_is_told() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let credential = add_passkey(&mut ada).await;
    let page = ada.get("/account/passkeys?notice=passkey-added").await;
    let signals = page.block("signals");
    assert_eq!(signals["allAcceptedCredentialIds"], json!([credential["id"]]));
    assert_eq!(
        (&signals["rpId"], &signals["name"], &signals["displayName"]),
        (&json!("localhost"), &json!(ADA), &json!("Ada Lovelace"))
    );
    // Options made later know what is there, and belong to the same user handle.
    let renewed = ada.get("/account/passkeys/options").await;
    let renewed: Value = serde_json::from_str(&renewed.body).unwrap();
    assert_eq!(renewed["options"]["excludeCredentials"][0]["id"], credential["id"]);
    assert_eq!(renewed["options"]["user"]["id"], signals["userId"]);
    assert_ne!(renewed["options"]["challenge"], page.block("passkey-options")["challenge"]);
    let id = page.between("data-passkey=\"", "\"").unwrap();
    let renamed = ada.post("/account/passkeys/rename", &[("passkey", &id), ("name", "Blue key")]).await;
    assert_eq!(renamed.location, "/account/passkeys?notice=passkey-renamed");
    assert!(ada.get("/account/passkeys").await.body.contains("<bdi>Blue key</bdi>"));
    let mut eve = house.signed_in("eve@example.org").await;
    for path in ["/account/passkeys/rename", "/account/passkeys/delete"] {
        let foreign = eve.post(path, &[("passkey", &id), ("name", "Mine")]).await;
        assert_eq!(foreign.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let deleted = ada.post("/account/passkeys/delete", &[("passkey", &id)]).await;
    assert_eq!(deleted.location, "/account/passkeys?notice=passkey-removed");
    assert_eq!(ada.get(&deleted.location).await.block("signals")["allAcceptedCredentialIds"], json!([]));
}

#[tokio::test]
async fn the_last_way_to_sign_in_has_no_button_and_stays() {
    let house = House::new(json!({ "code": { "enabled": false } })).await;
    let mut ada = house.signed_in(ADA).await;
    add_passkey(&mut ada).await;
    let page = ada.get("/account/passkeys").await;
    assert!(!page.body.replace("&#x2f;", "/").contains("/account/passkeys/delete"));
    let id = page.between("data-passkey=\"", "\"").unwrap();
    let refused = ada.post("/account/passkeys/delete", &[("passkey", &id)]).await;
    assert_eq!(refused.reason().as_deref(), Some("last-sign-in-method"));
    // Without passwords there is no such page, and no way to it.
    assert!(!page.body.replace("&#x2f;", "/").contains("href=\"/account/password\""));
    assert_eq!(ada.get("/account/password").await.status, StatusCode::NOT_FOUND);
    let off = ada.post("/account/password", &[("password", "correct horse battery staple")]).await;
    assert_eq!(off.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_password_is_set_changed_and_removed() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    assert!(!ada.get("/account/password").await.has("current-password"));
    let weak = ada.post("/account/password", &[("password", "short")]).await;
    assert_eq!(weak.reason().as_deref(), Some("password-too-short"));
    let empty = ada.post("/account/password", &[]).await;
    assert_eq!(empty.reason().as_deref(), Some("password-missing"));
    let set = ada.post("/account/password", &[("password", "correct horse battery staple")]).await;
    assert_eq!(set.location, "/account/password?notice=password-saved");
    assert!(ada.get("/account/password").await.has("current-password"));
    let new = "seven purple lamps under water";
    let wrong = ada.post("/account/password", &[("password", new), ("current_password", "wrong")]).await;
    assert_eq!(wrong.reason().as_deref(), Some("password-wrong"));
    assert!(!wrong.body.contains(new));
    let changed = ada.post("/account/password", &[("password", new), ("current_password", "correct horse battery staple")]).await;
    assert_eq!(changed.location, "/account/password?notice=password-saved");
    let removed = ada.post("/account/password/remove", &[]).await;
    assert_eq!(removed.location, "/account/password?notice=password-removed");
}

#[tokio::test]
async fn devices_and_activity_show_what_happened() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let own = ada.session.as_ref().unwrap().id.to_string();
    let mut eve = house.signed_in("eve@example.org").await;
    let page = ada.get("/account/devices").await;
    assert!(page.body.contains(&format!("data-session=\"{own}\"")) && !page.has("revoke-others"));
    let foreign = eve.post("/account/devices/revoke", &[("session", &own)]).await;
    assert_eq!(foreign.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ada.get("/account").await.status, StatusCode::OK);
    let others = ada.post("/account/devices/revoke-others", &[]).await;
    assert_eq!(others.location, "/account/devices?notice=devices-signed-out");
    let activity = ada.get("/account/activity").await;
    assert!(activity.body.contains("Account created") && activity.body.contains("Device signed out"), "{}", activity.body);
    assert!(activity.body.contains("Firefox on Linux"));
    let none = ada.post("/account/apps/revoke", &[("application", "nonsense")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_data_come_as_a_file() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    let file = ada.post("/account/data/download", &[]).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"my-data.json\"");
    assert_eq!(file.headers[header::CACHE_CONTROL], "no-store");
    let data: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(data["identifiers"][0]["value"], ADA);
}

#[tokio::test]
async fn an_account_is_deleted_by_typing_its_address() {
    let house = House::new(with_passwords()).await;
    let mut ada = house.signed_in(ADA).await;
    add_passkey(&mut ada).await;
    let handle = ada.get("/account/passkeys").await.block("signals")["userId"].clone();
    let refused = ada.post("/account/data/delete", &[("confirmation", "yes")]).await;
    assert_eq!((refused.status, refused.reason().as_deref()), (StatusCode::UNPROCESSABLE_ENTITY, Some("confirmation-wrong")));
    let cookie = ada.cookies["dw_session"].clone();
    let gone = ada.post("/account/data/delete", &[("confirmation", ADA)]).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.body);
    let signals = gone.block("signals");
    assert_eq!((&signals["allAcceptedCredentialIds"], &signals["userId"]), (&json!([]), &handle));
    assert!(!ada.cookies.contains_key("dw_session"));
    // The old cookie opens nothing.
    ada.cookies.insert("dw_session".into(), cookie);
    assert_eq!(ada.get("/account").await.location, "/signin?return_to=/account");
}
