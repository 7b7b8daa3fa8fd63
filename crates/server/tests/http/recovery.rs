//! Coming back through the mailbox: what is offered for the next time.

use crate::house::{ADA, PASSWORD, application, tests, with_password};
use doorward_testkit::browser::Browser;
use doorward_testkit::page::{Form, Page};
use doorward_testkit::tenant::Tenant;

tests![
    a_forgotten_password_is_asked_for_anew: {
        "password": { "enabled": true }, "sign_up": { "verify_email": "before" }
    },
    a_new_password_is_for_a_recovery_alone: {
        "password": { "enabled": true }, "sign_up": { "verify_email": "before" }
    },
    an_unknown_address_is_said_where_accounts_are_revealed: { "reveal_accounts": true },
];

const NEW: &str = "another staple under rain";

/// To the page after the code.
async fn back_in(tenant: &Tenant) -> (Browser, Page) {
    let browser = tenant.browser();
    let page = browser.open("/recover").await.unwrap();
    let page = browser.identify(&page, ADA).await.unwrap();
    let page = browser.type_mailed_code(&page, ADA).await.unwrap();
    (browser, page)
}

async fn opens(tenant: &Tenant, password: &str) -> bool {
    let browser = tenant.browser();
    let page = browser.identify(&browser.open("/signin").await.unwrap(), ADA).await.unwrap();
    browser.go(&page.form("/signin/password").unwrap().with("password", password)).await.unwrap();
    browser.is_signed_in().await.unwrap()
}

async fn a_forgotten_password_is_asked_for_anew(tenant: Tenant) {
    let other = with_password(tenant.browser()).await;
    let (browser, page) = back_in(&tenant).await;
    // A passkey is offered first; then the password may be kept.
    let page = browser.skip_passkey(page).await.unwrap();
    let form = page.form("/signin/new-password").unwrap();
    let kept = browser.go(&Form { action: "/signin/keep-password".into(), ..form }).await.unwrap();
    assert_eq!((kept.location(), kept.problem()), (Some("/account"), None), "{kept}");
    assert!(other.is_signed_in().await.unwrap());

    let (browser, page) = back_in(&tenant).await;
    let page = browser.skip_passkey(page).await.unwrap();
    let set = |page: &Page, password: &str| page.form("/signin/new-password").unwrap().with("password", password);
    let refused = browser.go(&set(&page, "1234")).await.unwrap();
    assert_eq!(refused.problem().as_deref(), Some("password-too-short"), "{refused}");
    assert!(other.is_signed_in().await.unwrap() && opens(&tenant, PASSWORD).await);
    let done = browser.go(&set(&refused, NEW)).await.unwrap();
    assert_eq!((done.location(), done.problem()), (Some("/account"), None), "{done}");
    assert!(browser.is_signed_in().await.unwrap());
    assert!(!other.is_signed_in().await.unwrap(), "whoever had the old password is signed out");
    assert!(!opens(&tenant, PASSWORD).await && opens(&tenant, NEW).await);
    assert_eq!(tenant.audit("password.changed").await.unwrap().len(), 1);
    // Once: the page is still there for whoever goes back to it.
    let again = browser.go(&set(&refused, PASSWORD)).await.unwrap();
    assert_eq!((again.location(), again.has_form("/signin/new-password")), (Some("/account"), false), "{again}");
    assert!(!opens(&tenant, PASSWORD).await && opens(&tenant, NEW).await);
    assert_eq!(tenant.audit("password.changed").await.unwrap().len(), 1);
}

async fn a_new_password_is_for_a_recovery_alone(tenant: Tenant) {
    let owner = with_password(tenant.browser()).await;
    // A code at sign-in proves the same mailbox, but nobody said that the password was forgotten.
    let browser = tenant.browser();
    let page = application(&tenant, "third").authorize(&browser, &[]).await.unwrap();
    let page = browser.identify(&page, ADA).await.unwrap();
    let page = browser.go(&page.form("/signin/send-code").unwrap()).await.unwrap();
    let consent = browser.type_mailed_code(&page, ADA).await.unwrap();
    let form = Form { action: "/signin/new-password".into(), ..consent.form("/signin/consent").unwrap() };
    let refused = browser.go(&form.with("password", NEW)).await.unwrap();
    assert!(refused.status == 422 && refused.has_form("/signin/consent"), "{refused}");
    // In a recovery: not before the code, and not without the session that the code opened.
    let thief = tenant.browser();
    let page = thief.identify(&thief.open("/recover").await.unwrap(), ADA).await.unwrap();
    let early = Form { action: "/signin/new-password".into(), ..page.form("/signin/code").unwrap() };
    assert_eq!(thief.go(&early.with("password", NEW)).await.unwrap().problem().as_deref(), Some("form-expired"));
    let (left, page) = back_in(&tenant).await;
    let page = left.skip_passkey(page).await.unwrap();
    let open = page.form("/signin/new-password").unwrap().with("password", NEW);
    let bye = left.get("/connect/logout").await.unwrap();
    left.go(&bye.form("/connect/logout").unwrap()).await.unwrap();
    left.go(&open).await.unwrap();
    assert!(!left.is_signed_in().await.unwrap());
    assert!(opens(&tenant, PASSWORD).await && !opens(&tenant, NEW).await);
    assert!(owner.is_signed_in().await.unwrap());
    assert!(tenant.audit("password.changed").await.unwrap().is_empty());
}

async fn an_unknown_address_is_said_where_accounts_are_revealed(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.identify(&browser.open("/signin").await.unwrap(), "nobody@example.org").await.unwrap();
    assert_eq!((page.status, page.problem().as_deref()), (422, Some("account-unknown")), "{page}");
    assert_eq!(page.form("/signin/identify").unwrap().field("identifier"), Some("nobody@example.org"));
    let refused = browser.go(&page.form("/signin/identify").unwrap().with("identifier", "not an address")).await.unwrap();
    assert_eq!(refused.problem().as_deref(), Some("email-invalid"), "{refused}");
}
