//! The link in a mail: looking consumes nothing, and pressing the button signs nobody in anywhere else.

use crate::house::{ADA, ada, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::tenant::Tenant;

tests![
    looking_consumes_nothing_and_the_button_goes_on_here,
    in_another_browser_sign_in_ends_there,
    in_another_browser_sign_up_goes_on_in_the_first,
    a_link_is_good_once_and_not_for_long,
    who_did_not_ask_can_say_no,
    what_is_no_link,
    the_link_to_the_console_signs_in_once,
];

async fn looking_consumes_nothing_and_the_button_goes_on_here(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    browser.begin_sign_in_code(ADA).await.unwrap();
    let link = tenant.mailed(ADA, "link").await.unwrap();
    let scanner = tenant.browser();
    for _ in 0..5 {
        for visitor in [&scanner, &browser] {
            let page = visitor.get(&link).await.unwrap();
            assert_eq!((page.status, page.location()), (200, None));
            assert!(!visitor.is_signed_in().await.unwrap());
        }
    }
    let page = browser.get(&link).await.unwrap();
    let page = browser.go(&page.form("/signin/link").unwrap()).await.unwrap();
    browser.skip_passkey(page).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    assert!(!scanner.is_signed_in().await.unwrap());
}

async fn in_another_browser_sign_in_ends_there(tenant: Tenant) {
    ada(&tenant).await;
    // Somebody began a sign-in with Ada's address, and hopes that she presses the button for him.
    let (stranger, ada) = (tenant.browser(), tenant.browser());
    let waiting = stranger.begin_sign_in_code(ADA).await.unwrap();
    let link = tenant.mailed(ADA, "link").await.unwrap();
    let page = ada.get(&link).await.unwrap();
    assert!(page.attribute("deny", "value").is_some(), "she is told that it was asked for elsewhere: {page}");
    let page = ada.go(&page.form("/signin/link").unwrap()).await.unwrap();
    ada.skip_passkey(page).await.unwrap();
    assert!(ada.is_signed_in().await.unwrap());
    let flow = waiting.form("/signin/code").unwrap().field("flow").unwrap().to_owned();
    stranger.open(&format!("/signin/confirmed?flow={flow}")).await.unwrap();
    assert!(!stranger.is_signed_in().await.unwrap());
}

async fn in_another_browser_sign_up_goes_on_in_the_first(tenant: Tenant) {
    let (first, phone) = (tenant.browser(), tenant.browser());
    let waiting = first.begin_sign_up("Ada", ADA).await.unwrap();
    let flow = waiting.form("/signin/code").unwrap().field("flow").unwrap().to_owned();
    let status = async || first.get(&format!("/signin/status?flow={flow}")).await.unwrap().body;
    assert!(status().await.contains("\"done\":false"));
    let early = first.open(&format!("/signin/confirmed?flow={flow}")).await.unwrap();
    assert_eq!(early.status, 422, "nobody has confirmed yet");
    let page = phone.get(&tenant.mailed(ADA, "link").await.unwrap()).await.unwrap();
    let done = phone.go(&page.form("/signin/link").unwrap()).await.unwrap();
    assert_eq!((done.status, phone.is_signed_in().await.unwrap()), (200, false));
    assert!(status().await.contains("\"done\":true"));
    // The phone's flow is not this one's: the address alone opens nothing.
    assert_eq!(phone.open(&format!("/signin/confirmed?flow={flow}")).await.unwrap().status, 400);
    let page = first.open(&format!("/signin/confirmed?flow={flow}")).await.unwrap();
    first.create_passkey(&page, &mut tenant.authenticator(), Bend::none()).await.unwrap();
    assert!(first.is_signed_in().await.unwrap());
    assert!(!phone.is_signed_in().await.unwrap());
}

async fn a_link_is_good_once_and_not_for_long(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    browser.begin_sign_in_code(ADA).await.unwrap();
    let link = tenant.mailed(ADA, "link").await.unwrap();
    let other = tenant.browser();
    let form = other.get(&link).await.unwrap().form("/signin/link").unwrap();
    let page = browser.get(&link).await.unwrap();
    browser.go(&page.form("/signin/link").unwrap()).await.unwrap();
    assert_eq!(other.go(&form).await.unwrap().status, 410);
    assert_eq!(other.get(&link).await.unwrap().status, 410);
    assert!(!other.is_signed_in().await.unwrap());

    let browser = tenant.browser();
    browser.begin_sign_up("Bob", "bob@example.org").await.unwrap();
    let link = tenant.mailed("bob@example.org", "link").await.unwrap();
    tenant.advance(601).await.unwrap();
    assert_eq!(browser.get(&link).await.unwrap().status, 410);
}

async fn who_did_not_ask_can_say_no(tenant: Tenant) {
    ada(&tenant).await;
    let (stranger, ada) = (tenant.browser(), tenant.browser());
    stranger.begin_sign_in_code(ADA).await.unwrap();
    let page = ada.get(&tenant.mailed(ADA, "link").await.unwrap()).await.unwrap();
    let page = ada.go(&page.form("/signin/link").unwrap().with("decision", "deny")).await.unwrap();
    assert_eq!(page.status, 200);
    assert!(!ada.is_signed_in().await.unwrap());
    assert!(!stranger.is_signed_in().await.unwrap());
}

async fn what_is_no_link(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    browser.begin_sign_in_code(ADA).await.unwrap();
    let link = tenant.mailed(ADA, "link").await.unwrap();
    let (cut, _) = link.split_at(link.len() - 6);
    let forged = format!("{cut}AAAAAA");
    for (bad, status) in [(cut, 404), (&*forged, 404), ("/signin/link", 404), ("/signin/link?c=x&t=y", 404)] {
        assert_eq!(browser.get(bad).await.unwrap().status, status, "{bad}");
    }
    let page = browser.get(&link).await.unwrap();
    let form = page.form("/signin/link").unwrap();
    for bad in ["", "x", "x.y", "."] {
        assert_eq!(browser.go(&form.clone().with("token", bad)).await.unwrap().status, 404, "{bad:?}");
    }
    let foreign = browser.send(browser.post(&form).header("sec-fetch-site", "cross-site")).await.unwrap();
    assert_eq!(foreign.status, 403);
    let without = browser.go(&form.without("csrf")).await.unwrap();
    assert_eq!(without.status, 403);
    assert!(!browser.is_signed_in().await.unwrap());
}

async fn the_link_to_the_console_signs_in_once(tenant: Tenant) {
    // The one that `doorward admin-link` prints, for the first user of a tenant.
    let made = tenant.admin(reqwest::Method::POST, "/users").json(&serde_json::json!({ "email": ADA, "email_verified": true }));
    let made = made.send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    let printed = tenant.server().command(&["admin-link", "--tenant", tenant.slug(), ADA]);
    let printed =
        printed.or_else(|_| tenant.server().command(&["admin-link", "--tenant", tenant.slug(), "--email", ADA])).unwrap();
    let link = printed.split_whitespace().find(|word| word.contains("/signin/link")).unwrap().to_owned();
    let (browser, thief) = (tenant.browser(), tenant.browser());
    let page = browser.get(&link).await.unwrap();
    let page = browser.go(&page.form("/signin/link").unwrap()).await.unwrap();
    browser.skip_passkey(page).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    assert_eq!(thief.get(&link).await.unwrap().status, 410);
}
