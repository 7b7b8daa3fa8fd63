//! What was proven in a flow counts for the address, the session and the browser for which it was proven, and for nothing else.

use crate::house::{ADA, PASSWORD, ada, application, tests, with_password};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::page::{Form, Page};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![
    a_proven_address_is_the_one_that_the_account_has,
    a_flow_ends_with_its_session,
    whoever_signed_up_with_somebody_elses_address_does_not_hold_it: { "sign_up": { "verify_email": "later" } },
    who_proves_an_address_has_the_account_alone,
    a_mail_to_an_address_that_was_taken_away_is_worth_nothing,
    a_forgotten_password_is_replaced_without_the_old_one: {
        "passkey": { "enabled": false }, "password": { "enabled": true }, "sign_up": { "verify_email": "before" }
    },
];

const EVE: &str = "eve@example.org";

/// A form of a page sent to another step of the same flow.
fn sent_to(page: &Page, form: &str, action: &str) -> Form {
    let mut form = page.form(form).unwrap();
    form.action = action.into();
    form
}

async fn user_id(tenant: &Tenant, email: &str) -> String {
    let found: Value =
        tenant.admin(reqwest::Method::GET, "/users").query(&[("search", email)]).send().await.unwrap().json().await.unwrap();
    found["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn a_proven_address_is_the_one_that_the_account_has(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.begin_sign_up("Eve", EVE).await.unwrap();
    let page = browser.type_mailed_code(&page, EVE).await.unwrap();
    let other = sent_to(&page, "/signin/register", "/signin/identify").with("identifier", ADA);
    let answer = browser.go(&other).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("form-expired")), "{answer}");
    browser.skip_passkey(answer).await.unwrap();
    let addresses: Value = tenant.admin(reqwest::Method::GET, "/users").send().await.unwrap().json().await.unwrap();
    assert!(!addresses.to_string().contains(ADA), "{addresses}");
    assert!(tenant.mails(ADA).await.unwrap().is_empty());
}

async fn a_flow_ends_with_its_session(tenant: Tenant) {
    let (browser, mut authenticator) = ada(&tenant).await;
    let (web, third) = (application(&tenant, "web"), application(&tenant, "third"));
    let kept = third.authorize(&browser, &[]).await.unwrap();
    let chosen = web.authorize(&browser, &[("prompt", "select_account")]).await.unwrap();
    let stolen = browser.cookies();
    let bye = browser.get("/connect/logout").await.unwrap();
    browser.go(&bye.form("/connect/logout").unwrap()).await.unwrap();
    let thief = tenant.browser();
    for cookie in stolen.split("; ") {
        thief.take_cookie(cookie);
    }
    for (page, form) in [(&kept, "/signin/consent"), (&chosen, "/signin/account")] {
        let again = thief.open(&page.url[url::Position::BeforePath..]).await.unwrap();
        assert_eq!((again.answered("code"), again.has_form("/signin/identify")), (None, true), "{again}");
        let answer = thief.go(&page.form(form).unwrap().with("decision", "allow")).await.unwrap();
        assert_eq!((answer.answered("code"), answer.problem().as_deref()), (None, Some("form-expired")), "{answer}");
    }
    // What it was for is still to be had, by signing in.
    let again = browser.open(&kept.url[url::Position::BeforePath..]).await.unwrap();
    let page = browser.assert_passkey(&again, &mut authenticator, Bend::none()).await.unwrap();
    let done = browser.go(&page.form("/signin/consent").unwrap().with("decision", "allow")).await.unwrap();
    assert!(done.answered("code").is_some(), "{done}");
}

async fn whoever_signed_up_with_somebody_elses_address_does_not_hold_it(tenant: Tenant) {
    let (stranger, mut passkey) = (tenant.browser(), tenant.authenticator());
    let page = stranger.begin_sign_up("Not Ada", ADA).await.unwrap();
    stranger.create_passkey(&page, &mut passkey, Bend::none()).await.unwrap();
    let emails = stranger.open("/account/emails").await.unwrap();
    let add = emails.form("/account/emails/add").unwrap().with("identifier", EVE);
    let sent = stranger.go(&add).await.unwrap();
    let page = stranger.get(sent.location().unwrap()).await.unwrap();
    let code = tenant.mailed(EVE, "code").await.unwrap();
    stranger.go(&page.form("/account/emails/code").unwrap().with("code", code)).await.unwrap();
    // Proven, and Ada's not: the address that Ada proves now was a mistake in somebody else's account.
    let owner = tenant.browser();
    let page = owner.begin_sign_in_code(ADA).await.unwrap();
    let answer = owner.type_mailed_code(&page, ADA).await.unwrap();
    assert_eq!(answer.problem().as_deref(), Some("code-expired"), "{answer}");
    assert!(!owner.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("identifier.removed").await.unwrap()[0]["reason"], "proven_by_somebody_else");
    // The address is free, and the account that Ada makes with it is hers alone.
    let owner = tenant.browser();
    let page = owner.begin_sign_up("Ada", ADA).await.unwrap();
    owner.create_passkey(&page, &mut tenant.authenticator(), Bend::none()).await.unwrap();
    assert!(owner.is_signed_in().await.unwrap());
    let eve = tenant.browser();
    eve.sign_in_code(EVE).await.unwrap();
    let profile = eve.get("/account/emails").await.unwrap();
    assert!(profile.body.contains(EVE) && !profile.body.contains(ADA), "{profile}");
}

async fn who_proves_an_address_has_the_account_alone(tenant: Tenant) {
    // Nothing proven, two mailboxes: whoever proves one has the account, and the other mailbox opens it no longer.
    let user = json!({ "name": "Ada", "email": ADA });
    assert_eq!(tenant.admin(reqwest::Method::POST, "/users").json(&user).send().await.unwrap().status(), 201);
    let second = tenant.admin(reqwest::Method::POST, &format!("/users/{}/identifiers", user_id(&tenant, ADA).await));
    assert_eq!(second.json(&json!({ "kind": "email", "value": EVE })).send().await.unwrap().status(), 201);
    let owner = tenant.browser();
    owner.sign_in_code(ADA).await.unwrap();
    assert!(owner.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("account.claimed").await.unwrap().len(), 1);
    let eve = tenant.browser();
    eve.begin_sign_in_code(EVE).await.unwrap();
    assert!(tenant.mails(EVE).await.unwrap().is_empty(), "nobody has this address any more");
}

async fn a_mail_to_an_address_that_was_taken_away_is_worth_nothing(tenant: Tenant) {
    ada(&tenant).await;
    let id = user_id(&tenant, ADA).await;
    let other = tenant.browser();
    other.begin_sign_in_code(ADA).await.unwrap();
    let waiting = tenant.browser();
    let page = waiting.begin_sign_in_code(ADA).await.unwrap();
    let (link, code) = (tenant.mailed(ADA, "link").await.unwrap(), tenant.mailed(ADA, "code").await.unwrap());
    let path = format!("/users/{id}/identifiers");
    let listed: Value = tenant.admin(reqwest::Method::GET, &path).send().await.unwrap().json().await.unwrap();
    let new = json!({ "kind": "email", "value": "new@example.org", "verified": true, "is_primary": true });
    assert_eq!(tenant.admin(reqwest::Method::POST, &path).json(&new).send().await.unwrap().status(), 201);
    let old = listed["items"][0]["id"].as_str().unwrap();
    assert_eq!(tenant.admin(reqwest::Method::DELETE, &format!("{path}/{old}")).send().await.unwrap().status(), 204);
    assert_eq!(tenant.browser().get(&link).await.unwrap().status, 410);
    let answer = waiting.type_code(&page, &code).await.unwrap();
    assert_eq!(answer.problem().as_deref(), Some("code-expired"), "{answer}");
    assert!(!waiting.is_signed_in().await.unwrap());
}

async fn a_forgotten_password_is_replaced_without_the_old_one(tenant: Tenant) {
    let browser = with_password(tenant.browser()).await;
    // Signed in with it, it must be typed to be changed.
    let changing = |page: &Page, new: &str| page.form("/account/password").unwrap().with("password", new);
    let page = browser.open("/account/password").await.unwrap();
    assert!(page.form("/account/password").unwrap().field("current_password").is_some(), "{page}");
    let refused = browser.go(&changing(&page, "another staple under rain")).await.unwrap();
    assert_eq!(refused.problem().as_deref(), Some("password-wrong"), "{refused}");
    // Forgotten: the mailbox says who it is, and a new one is set.
    let lost = tenant.browser();
    let page = lost.open("/recover").await.unwrap();
    let page = lost.identify(&page, ADA).await.unwrap();
    lost.type_mailed_code(&page, ADA).await.unwrap();
    let page = lost.open("/account/password").await.unwrap();
    assert!(page.form("/account/password").unwrap().field("current_password").is_none(), "{page}");
    let done = lost.go(&changing(&page, "another staple under rain")).await.unwrap();
    assert_eq!(done.problem(), None, "{done}");
    assert!(!browser.is_signed_in().await.unwrap(), "the others are signed out");
    for (password, right) in [(PASSWORD, false), ("another staple under rain", true)] {
        let browser = tenant.browser();
        let page = browser.open("/signin").await.unwrap();
        let page = browser.identify(&page, ADA).await.unwrap();
        browser.go(&page.form("/signin/password").unwrap().with("password", password)).await.unwrap();
        assert_eq!(browser.is_signed_in().await.unwrap(), right, "{password}");
    }
    // The mailbox was proven just now, not some time ago.
    tenant.advance(601).await.unwrap();
    let page = lost.open("/account/password").await.unwrap();
    assert!(!page.has_form("/account/password") || page.form("/account/password").unwrap().field("current_password").is_some());
}
