//! Assertions that are not what they should be (WebAuthn Level 3, section 7.2).

use crate::house::{ADA, ada, cause, neighbour, signed_up, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::tenant::Tenant;

tests![
    every_bend_is_refused_for_its_own_cause,
    bends_of_a_device_bound_passkey,
    a_replayed_assertion_opens_no_session,
    of_two_posts_of_one_assertion_at_once_one_wins,
    a_challenge_serves_only_the_browser_and_tenant_it_was_made_for,
    a_challenge_lasts_ten_minutes,
    a_counter_that_goes_back_is_refused_when_the_passkey_cannot_have_a_copy,
    a_counter_that_goes_back_is_only_noted_when_the_passkey_is_synced,
    the_handle_of_another_user,
    a_passkey_of_another_tenant_is_unknown,
    a_step_up_takes_no_passkey_of_somebody_else,
    what_is_no_assertion,
];

/// Sends a bent assertion in a new browser and sees it refused: problem on the page, cause in the audit log, no session.
async fn refused(
    tenant: &Tenant,
    authenticator: &mut doorward_testkit::authenticator::SoftAuthenticator,
    bend: Bend,
    problem: &str,
    expected: &str,
) {
    let before = tenant.audit("sign_in.failed").await.unwrap().len();
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let page = browser.assert_passkey(&page, authenticator, bend).await.unwrap();
    assert_eq!((page.status, page.problem().as_deref()), (422, Some(problem)), "{expected}: {page}");
    assert!(!browser.is_signed_in().await.unwrap(), "{expected}");
    let events = tenant.audit("sign_in.failed").await.unwrap();
    assert_eq!(events.len(), before + 1, "{expected}");
    assert_eq!((events[0]["cause"].as_str(), events[0]["method"].as_str()), (Some(expected), Some("passkey")));
}

async fn every_bend_is_refused_for_its_own_cause(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let bend = Bend::none;
    let port = format!("{}:8443", tenant.origin());
    let table = [
        (bend().client_data_type("webauthn.create"), "passkey-rejected", "wrong_type"),
        (bend().origin("https://evil.example"), "passkey-rejected", "origin_mismatch"),
        (bend().origin(&port), "passkey-rejected", "origin_mismatch"),
        (bend().cross_origin(true), "passkey-rejected", "cross_origin_not_allowed"),
        (bend().challenge(&[7; 40]), "passkey-rejected", "challenge_unknown"),
        (bend().challenge(&[]), "passkey-rejected", "challenge_unknown"),
        (bend().rp_id("evil.example"), "passkey-rejected", "rp_id_hash_mismatch"),
        (bend().up(false), "passkey-rejected", "user_not_present"),
        (bend().uv(false), "passkey-unverified", "user_not_verified"),
        (bend().be(false).bs(false), "passkey-rejected", "backup_eligibility_changed"),
        (bend().be(false), "passkey-rejected", "backup_state_without_eligibility"),
        (bend().user_handle(None), "passkey-rejected", "user_handle_missing"),
        (bend().user_handle(Some(b"somebody")), "passkey-rejected", "user_handle_mismatch"),
        (bend().tamper_signature(), "passkey-rejected", "bad_signature"),
        (bend().credential_id(&[9; 32]), "passkey-unknown", "credential_unknown"),
    ];
    for (bend, problem, expected) in table {
        refused(&tenant, &mut authenticator, bend, problem, expected).await;
    }
    let browser = tenant.browser();
    browser.sign_in_passkey(&mut authenticator).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap(), "the passkey itself is as good as before");
}

async fn bends_of_a_device_bound_passkey(tenant: Tenant) {
    let (browser, mut authenticator) = (tenant.browser(), tenant.device_bound_authenticator());
    browser.sign_up("Ada", ADA, &mut authenticator).await.unwrap();
    let bend = Bend::none;
    refused(&tenant, &mut authenticator, bend().be(true), "passkey-rejected", "backup_eligibility_changed").await;
    refused(&tenant, &mut authenticator, bend().be(true).bs(true), "passkey-rejected", "backup_eligibility_changed").await;
    refused(&tenant, &mut authenticator, bend().bs(true), "passkey-rejected", "backup_state_without_eligibility").await;
}

async fn a_replayed_assertion_opens_no_session(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let identity = browser.cookies();
    let credential = authenticator.get(&page.passkey_options().unwrap(), Bend::none());
    let done = browser.assert(&page, &credential).await.unwrap();
    assert_eq!(done.location(), Some("/account"));
    // The same browser, after its session was lost: all that is needed to send the same bytes again.
    let thief = tenant.browser();
    thief.take_cookie(&identity);
    let again = thief.assert(&page, &credential).await.unwrap();
    assert_eq!((again.status, again.problem().as_deref()), (422, Some("passkey-expired")), "{again}");
    assert!(!thief.is_signed_in().await.unwrap());
    assert_eq!(cause(&tenant, "sign_in.refused").await, "challenge_replayed");
}

async fn of_two_posts_of_one_assertion_at_once_one_wins(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let credential = authenticator.get(&page.passkey_options().unwrap(), Bend::none());
    let form = page.form("/signin/passkey").unwrap().with("credential", credential.to_string());
    let (one, two) = tokio::join!(browser.submit(&form), browser.submit(&form));
    let mut statuses = [one.unwrap().status, two.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    assert_eq!(tenant.audit("sign_in.succeeded").await.unwrap().len(), 2, "the sign-up and one sign-in");
}

async fn a_challenge_serves_only_the_browser_and_tenant_it_was_made_for(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let (here, there) = (tenant.browser(), tenant.browser());
    let neighbour = neighbour(&tenant);
    let mine = here.open("/signin").await.unwrap();
    for other in [there.open("/signin").await.unwrap(), neighbour.browser().open("/signin").await.unwrap()] {
        let mut options = mine.passkey_options().unwrap();
        options["challenge"] = other.passkey_options().unwrap()["challenge"].clone();
        let credential = authenticator.get(&options, Bend::none());
        let page = here.assert(&mine, &credential).await.unwrap();
        assert_eq!(page.problem().as_deref(), Some("passkey-rejected"));
        assert_eq!(cause(&tenant, "sign_in.failed").await, "challenge_unknown");
        assert!(!here.is_signed_in().await.unwrap());
    }
}

async fn a_challenge_lasts_ten_minutes(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let credential = authenticator.get(&page.passkey_options().unwrap(), Bend::none());
    tenant.advance(601).await.unwrap();
    let refused = browser.assert(&page, &credential).await.unwrap();
    assert_eq!((refused.status, refused.problem().as_deref()), (422, Some("passkey-expired")));
    assert_eq!(cause(&tenant, "sign_in.failed").await, "challenge_expired");
    assert!(!browser.is_signed_in().await.unwrap());
    // The page that says so carries a new one; so does the address that a script asks.
    let done = browser.assert_passkey(&refused, &mut authenticator, Bend::none()).await.unwrap();
    assert_eq!(done.location(), Some("/account"));
    let page = browser.open("/signin").await;
    assert!(page.is_ok());

    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let credential = authenticator.get(&page.passkey_options().unwrap(), Bend::none());
    tenant.advance(590).await.unwrap();
    assert_eq!(browser.assert(&page, &credential).await.unwrap().location(), Some("/account"));
}

async fn a_counter_that_goes_back_is_refused_when_the_passkey_cannot_have_a_copy(tenant: Tenant) {
    let (browser, mut authenticator) = (tenant.browser(), tenant.device_bound_authenticator());
    browser.sign_up("Ada", ADA, &mut authenticator).await.unwrap();
    let browser = tenant.browser();
    browser.sign_in_passkey(&mut authenticator).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    let last = authenticator.credentials[0].sign_count;
    assert!(last >= 2);
    for old in [last, last - 1, 0] {
        refused(&tenant, &mut authenticator, Bend::none().sign_count(old), "passkey-rejected", "sign_count_regressed").await;
    }
    let browser = tenant.browser();
    browser.sign_in_passkey(&mut authenticator).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap(), "the one that counts on is the real one");
}

async fn a_counter_that_goes_back_is_only_noted_when_the_passkey_is_synced(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    for (count, noted) in [(5, 0), (3, 1)] {
        let browser = tenant.browser();
        let page = browser.open("/signin").await.unwrap();
        browser.assert_passkey(&page, &mut authenticator, Bend::none().sign_count(count)).await.unwrap();
        assert!(browser.is_signed_in().await.unwrap());
        assert_eq!(tenant.audit("passkey.counter_regressed").await.unwrap().len(), noted);
    }
}

async fn the_handle_of_another_user(tenant: Tenant) {
    let (_, mut ada) = ada(&tenant).await;
    let (_, bob) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let handle = bob.credentials[0].user_handle.clone();
    let bend = Bend::none().user_handle(Some(&handle));
    refused(&tenant, &mut ada, bend, "passkey-rejected", "user_handle_mismatch").await;
}

async fn a_passkey_of_another_tenant_is_unknown(tenant: Tenant) {
    let (browser, mut authenticator) = {
        let neighbour = neighbour(&tenant);
        let email = format!("{}@example.org", tenant.slug());
        signed_up(&neighbour, "Somebody", &email).await
    };
    // An authenticator that ignores what the passkey is for.
    authenticator.credentials[0].rp_id = tenant.host().to_owned();
    authenticator.origin = tenant.origin();
    refused(&tenant, &mut authenticator, Bend::none(), "passkey-unknown", "credential_unknown").await;
    // Nor does the session of one tenant count at another.
    let visitor = tenant.browser();
    visitor.take_cookie(browser.cookies().split("; ").find(|c| c.starts_with("dw_session")).unwrap());
    assert!(!visitor.is_signed_in().await.unwrap());
}

async fn a_step_up_takes_no_passkey_of_somebody_else(tenant: Tenant) {
    let (browser, mut own) = ada(&tenant).await;
    let (_, mut other) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let page = browser.open("/signin/again?return_to=/account/emails").await.unwrap();
    let mut options = page.passkey_options().unwrap();
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1, "only her own is asked for");
    options["allowCredentials"] = serde_json::json!([]);
    let refused = browser.assert(&page, &other.get(&options, Bend::none())).await.unwrap();
    assert_eq!((refused.status, refused.problem().as_deref()), (422, Some("passkey-other-account")));
    assert_eq!(cause(&tenant, "step_up.refused").await, "other_user");
    let done = browser.assert_passkey(&refused, &mut own, Bend::none()).await.unwrap();
    assert_eq!(done.location(), Some("/account/emails"));
}

async fn what_is_no_assertion(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let form = page.form("/signin/passkey").unwrap();
    for junk in ["", "{}", "[]", "null", "{\"id\":1}", &"x".repeat(20_000)] {
        let answer = browser.go(&form.clone().with("credential", junk)).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("passkey-rejected")), "{junk:.20}");
        assert_eq!(cause(&tenant, "sign_in.failed").await, "malformed");
    }
}
