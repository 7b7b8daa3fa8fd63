//! Guessing at passwords: the guesser is slowed down, the owner is not.

use crate::house::{self, ADA, PASSWORD, application, cause, tests};
use doorward_testkit::browser::Browser;
use doorward_testkit::page::Page;
use doorward_testkit::tenant::Tenant;
use std::net::Ipv4Addr;

tests![
    a_guesser_is_locked_out_and_the_owner_at_a_known_address_is_not: { "password": { "enabled": true } },
    guesses_from_everywhere_lock_strangers_out_together:
        { "password": { "enabled": true }, "lockout": { "attempts": 5, "account_attempts": 8 } },
    guesses_at_once_are_no_more_than_guesses: { "password": { "enabled": true } },
    a_header_does_not_make_another_address: { "password": { "enabled": true } },
    an_unknown_account_is_locked_like_a_known_one: { "password": { "enabled": true } },
    a_password_that_is_not_allowed_is_not_taken,
    a_weak_password_is_refused: { "password": { "enabled": true } },
];

/// Ada, signed up with a password from an address that is known from then on.
async fn with_password(tenant: &Tenant, at: Ipv4Addr) -> Browser {
    house::with_password(tenant.browser_at(at)).await
}

async fn password_page(browser: &Browser, identifier: &str) -> Page {
    let page = browser.identify(&browser.open("/signin").await.unwrap(), identifier).await.unwrap();
    assert!(page.has_form("/signin/password"), "{page}");
    page
}

async fn guess(browser: &Browser, page: &Page, password: &str) -> Page {
    browser.go(&page.form("/signin/password").unwrap().with("password", password)).await.unwrap()
}

async fn guesses_at_once_are_no_more_than_guesses(tenant: Tenant) {
    with_password(&tenant, HOME).await;
    let stranger = tenant.browser_at(STRANGER);
    let form = password_page(&stranger, ADA).await.form("/signin/password").unwrap().with("password", "a wrong password");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (stranger, form) = (stranger.clone(), form.clone());
        tasks.spawn(async move { stranger.submit(&form).await.unwrap().status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
    assert!(statuses.iter().all(|status| [422, 429].contains(status)), "{statuses:?}");
}

const HOME: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

async fn a_guesser_is_locked_out_and_the_owner_at_a_known_address_is_not(tenant: Tenant) {
    with_password(&tenant, HOME).await;
    let stranger = tenant.browser_at(STRANGER);
    let page = password_page(&stranger, ADA).await;
    for _ in 0..5 {
        let answer = guess(&stranger, &page, "a wrong password").await;
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("password-wrong")));
        assert_eq!(cause(&tenant, "sign_in.failed").await, "wrong_password");
    }
    assert_eq!(tenant.audit("sign_in.failed").await.unwrap()[0]["ip"], "127.0.0.2");
    let answer = guess(&stranger, &page, PASSWORD).await;
    assert_eq!((answer.status, answer.problem().as_deref()), (429, Some("too-many-attempts")), "even the right one: {answer}");
    assert!(!stranger.is_signed_in().await.unwrap());
    assert_eq!(cause(&tenant, "sign_in.refused").await, "locked_out");
    // A new browser at the same address is the same stranger.
    let again = tenant.browser_at(STRANGER);
    assert_eq!(guess(&again, &password_page(&again, ADA).await, PASSWORD).await.status, 429);

    let owner = tenant.browser_at(HOME);
    let page = guess(&owner, &password_page(&owner, ADA).await, PASSWORD).await;
    owner.skip_passkey(page).await.unwrap();
    assert!(owner.is_signed_in().await.unwrap());

    tenant.advance(901).await.unwrap();
    let page = password_page(&stranger, ADA).await;
    assert_eq!(guess(&stranger, &page, "a wrong password").await.status, 422, "the wait is over");
    guess(&stranger, &page, PASSWORD).await;
    assert!(stranger.is_signed_in().await.unwrap());
}

async fn guesses_from_everywhere_lock_strangers_out_together(tenant: Tenant) {
    with_password(&tenant, HOME).await;
    for last in 2..10 {
        let stranger = tenant.browser_at(Ipv4Addr::new(127, 0, 0, last));
        assert_eq!(guess(&stranger, &password_page(&stranger, ADA).await, "a wrong password").await.status, 422, "{last}");
    }
    let tenth = tenant.browser_at(Ipv4Addr::new(127, 0, 0, 10));
    assert_eq!(guess(&tenth, &password_page(&tenth, ADA).await, PASSWORD).await.status, 429);
    let owner = tenant.browser_at(HOME);
    guess(&owner, &password_page(&owner, ADA).await, PASSWORD).await;
    assert!(owner.is_signed_in().await.unwrap());
}

async fn a_header_does_not_make_another_address(tenant: Tenant) {
    with_password(&tenant, HOME).await;
    let stranger = tenant.browser_at(STRANGER);
    let page = password_page(&stranger, ADA).await;
    let form = page.form("/signin/password").unwrap().with("password", "a wrong password");
    let mut statuses = Vec::new();
    for number in 0..6 {
        let request = stranger.post(&form).header("x-forwarded-for", format!("127.0.0.{}", 1 + number));
        let request = request.header("forwarded", "for=127.0.0.1").header("x-real-ip", "127.0.0.1");
        statuses.push(stranger.send(request).await.unwrap().status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    assert!(tenant.audit("sign_in.failed").await.unwrap().iter().all(|event| event["ip"] == "127.0.0.2"));
}

async fn an_unknown_account_is_locked_like_a_known_one(tenant: Tenant) {
    let stranger = tenant.browser_at(STRANGER);
    let page = password_page(&stranger, "nobody@example.org").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(guess(&stranger, &page, "a wrong password").await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    assert_eq!(cause(&tenant, "sign_in.failed").await, "no_account");
}

async fn a_password_that_is_not_allowed_is_not_taken(tenant: Tenant) {
    let browser = tenant.browser();
    let page = application(&tenant, "web").authorize(&browser, &[]).await.unwrap();
    let mut form = browser.identify(&page, ADA).await.unwrap().form("/signin/code").unwrap().with("password", PASSWORD);
    form.action = "/signin/password".into();
    let answer = browser.go(&form).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("form-expired")));
}

async fn a_weak_password_is_refused(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.open("/signup").await.unwrap();
    let form = page.form("/signin/create").unwrap().with("name", "Ada").with("identifier", ADA);
    for (password, problem) in [
        ("short", "password-too-short"),
        ("password12", "password-weak"),
        ("ada@example.org", "password-weak"),
        (&*"x".repeat(257), "password-too-long"),
    ] {
        let answer = browser.go(&form.clone().with("password", password)).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some(problem)), "{password:.20}");
        assert_eq!(answer.form("/signin/create").unwrap().field("password"), Some(""), "a password is not shown again");
    }
}
