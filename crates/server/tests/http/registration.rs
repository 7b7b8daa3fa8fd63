//! New credentials that are not what they should be (WebAuthn Level 3, section 7.1).

use crate::house::{ADA, cause, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::browser::Browser;
use doorward_testkit::page::Page;
use doorward_testkit::tenant::Tenant;

tests![
    every_bend_is_refused_for_its_own_cause,
    a_challenge_serves_only_its_browser_its_person_and_ten_minutes,
    the_same_answer_twice_makes_one_account,
];

/// A browser at the page that offers a passkey in sign-up.
async fn offered(tenant: &Tenant, email: &str) -> (Browser, Page) {
    let browser = tenant.browser();
    let page = browser.begin_sign_up("Ada", email).await.unwrap();
    let page = browser.type_mailed_code(&page, email).await.unwrap();
    assert!(page.has_form("/signin/register"), "{page}");
    (browser, page)
}

async fn every_bend_is_refused_for_its_own_cause(tenant: Tenant) {
    let (browser, page) = offered(&tenant, ADA).await;
    let bend = Bend::none;
    let table = [
        (bend().client_data_type("webauthn.get"), "passkey-rejected", "wrong_type"),
        (bend().origin("https://evil.example"), "passkey-rejected", "origin_mismatch"),
        (bend().cross_origin(true), "passkey-rejected", "cross_origin_not_allowed"),
        (bend().challenge(&[7; 40]), "passkey-rejected", "challenge_unknown"),
        (bend().rp_id("evil.example"), "passkey-rejected", "rp_id_hash_mismatch"),
        (bend().up(false), "passkey-rejected", "user_not_present"),
        (bend().uv(false), "passkey-unverified", "user_not_verified"),
        (bend().device_bound().bs(true), "passkey-rejected", "backup_state_without_eligibility"),
        (bend().credential_id(&[9; 32]), "passkey-rejected", "credential_id_mismatch"),
    ];
    for (bend, problem, expected) in table {
        let answer = browser.create_passkey(&page, &mut tenant.authenticator(), bend).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some(problem)), "{expected}: {answer}");
        assert_eq!(cause(&tenant, "passkey.refused").await, expected);
        assert!(!browser.is_signed_in().await.unwrap(), "{expected}");
        assert_eq!(tenant.audit("user.created").await.unwrap().len(), 0, "{expected}");
    }
    let mut authenticator = tenant.authenticator();
    browser.create_passkey(&page, &mut authenticator, bend()).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap(), "an honest one is taken on the same page");
}

async fn a_challenge_serves_only_its_browser_its_person_and_ten_minutes(tenant: Tenant) {
    let (browser, page) = offered(&tenant, ADA).await;
    let (_, elsewhere) = offered(&tenant, "bob@example.org").await;
    let options = page.passkey_options().unwrap();
    let mut authenticator = tenant.authenticator();
    // Another person in another browser; then what an assertion would be asked for.
    let of_sign_in = browser.open("/signin").await.unwrap();
    for other in [&elsewhere, &of_sign_in] {
        let mut bent = options.clone();
        bent["challenge"] = other.passkey_options().unwrap()["challenge"].clone();
        let answer = browser.register(&page, &authenticator.create(&bent, Bend::none())).await.unwrap();
        assert_eq!(answer.problem().as_deref(), Some("passkey-rejected"));
        assert_eq!(cause(&tenant, "passkey.refused").await, "challenge_unknown");
    }
    let credential = authenticator.create(&options, Bend::none());
    tenant.advance(601).await.unwrap();
    let answer = browser.register(&page, &credential).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("passkey-expired")));
    assert_eq!(cause(&tenant, "passkey.refused").await, "challenge_expired");
    browser.create_passkey(&answer, &mut authenticator, Bend::none()).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
}

async fn the_same_answer_twice_makes_one_account(tenant: Tenant) {
    let (browser, page) = offered(&tenant, ADA).await;
    let credential = tenant.authenticator().create(&page.passkey_options().unwrap(), Bend::none());
    let form = page.form("/signin/register").unwrap().with("credential", credential.to_string());
    let (one, two) = tokio::join!(browser.submit(&form), browser.submit(&form));
    let mut statuses = [one.unwrap().status, two.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303, "one of them goes on");
    let again = browser.submit(&form).await.unwrap();
    assert!(again.status < 500, "{again}");
    assert_eq!(tenant.audit("user.created").await.unwrap().len(), 1);
    assert_eq!(tenant.audit("passkey.created").await.unwrap().len(), 1);
}
