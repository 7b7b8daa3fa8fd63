//! Codes by e-mail: guesses are counted, a code is good once, for one flow, for ten minutes.

use crate::house::{ADA, ada, cause, signed_up, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::page::Form;
use doorward_testkit::tenant::Tenant;

tests![
    the_sixth_guess_is_refused_even_if_it_is_right,
    guesses_at_once_are_counted_all,
    a_code_is_good_once,
    a_code_of_another_flow_is_wrong_here,
    a_code_lasts_ten_minutes,
    another_code_is_sent_after_a_while_and_the_old_one_is_dead,
    an_unknown_address_looks_like_a_known_one,
    a_taken_address_looks_like_a_free_one,
    the_owner_of_a_taken_address_gets_in,
    recovery_replaces_a_lost_passkey,
    who_proves_an_address_takes_it_from_whoever_did_not: { "sign_up": { "verify_email": "later" } },
];

/// Another code of as many digits.
fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { char::from(digit as u8 + 1) }).collect()
}

async fn the_sixth_guess_is_refused_even_if_it_is_right(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_in_code(ADA).await.unwrap();
    let code = tenant.mailed(ADA, "code").await.unwrap();
    for left in (1..5).rev() {
        let answer = browser.type_code(&page, &wrong(&code)).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("code-wrong")), "{left}");
    }
    let answer = browser.type_code(&page, &wrong(&code)).await.unwrap();
    assert_eq!(answer.problem().as_deref(), Some("code-expired"));
    let answer = browser.type_code(&page, &code).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("code-expired")));
    assert!(!browser.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("code.wrong").await.unwrap().len(), 5);
    let link = tenant.mailed(ADA, "link").await.unwrap();
    assert_eq!(browser.get(&link).await.unwrap().status, 410, "its link is dead too");
}

async fn guesses_at_once_are_counted_all(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_in_code(ADA).await.unwrap();
    let code = tenant.mailed(ADA, "code").await.unwrap();
    let form = page.form("/signin/code").unwrap().with("code", wrong(&code));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (browser, form) = (browser.clone(), form.clone());
        tasks.spawn(async move { browser.submit(&form).await.unwrap().status });
    }
    assert!(tasks.join_all().await.iter().all(|status| *status == 422));
    assert_eq!(tenant.audit("code.wrong").await.unwrap().len(), 5, "no more guesses than there are");
    assert_eq!(browser.type_code(&page, &code).await.unwrap().problem().as_deref(), Some("code-expired"));
}

async fn a_code_is_good_once(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_in_code(ADA).await.unwrap();
    let identity = browser.cookies();
    let code = tenant.mailed(ADA, "code").await.unwrap();
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    browser.type_code(&page, &spaced).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap(), "spaces do not matter");
    let thief = tenant.browser();
    thief.take_cookie(&identity);
    let answer = thief.type_code(&page, &code).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("code-expired")));
    assert!(!thief.is_signed_in().await.unwrap());
}

async fn a_code_of_another_flow_is_wrong_here(tenant: Tenant) {
    ada(&tenant).await;
    signed_up(&tenant, "Bob", "bob@example.org").await;
    let (first, second, bob) = (tenant.browser(), tenant.browser(), tenant.browser());
    let page = first.begin_sign_in_code(ADA).await.unwrap();
    let code = tenant.mailed(ADA, "code").await.unwrap();
    for (browser, email) in [(&second, ADA), (&bob, "bob@example.org")] {
        let other = browser.begin_sign_in_code(email).await.unwrap();
        let answer = browser.type_code(&other, &code).await.unwrap();
        assert_eq!(answer.problem().as_deref(), Some("code-wrong"), "{email}");
        assert!(!browser.is_signed_in().await.unwrap());
    }
    first.type_code(&page, &code).await.unwrap();
    assert!(first.is_signed_in().await.unwrap());
}

async fn a_code_lasts_ten_minutes(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_in_code(ADA).await.unwrap();
    let code = tenant.mailed(ADA, "code").await.unwrap();
    tenant.advance(601).await.unwrap();
    let answer = browser.type_code(&page, &code).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (422, Some("code-expired")));
    assert!(!browser.is_signed_in().await.unwrap());
}

async fn another_code_is_sent_after_a_while_and_the_old_one_is_dead(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_in_code(ADA).await.unwrap();
    let old = tenant.mailed(ADA, "code").await.unwrap();
    let mails = async || tenant.mails(ADA).await.unwrap().len();
    let before = mails().await;
    let resend = page.form("/signin/send-code").unwrap();
    assert_eq!(browser.go(&resend).await.unwrap().status, 422);
    assert_eq!(mails().await, before, "too soon");
    tenant.advance(31).await.unwrap();
    let page = browser.go(&resend).await.unwrap();
    assert_eq!(page.status, 200, "{page}");
    for _ in 0..100 {
        if mails().await > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let new = tenant.mailed(ADA, "code").await.unwrap();
    assert_ne!(new, old);
    assert_eq!(browser.type_code(&page, &old).await.unwrap().problem().as_deref(), Some("code-wrong"));
    browser.type_code(&page, &new).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
}

/// A page without what is new on each: tokens, options, addresses typed.
fn skeleton(page: &doorward_testkit::page::Page, email: &str) -> (u16, Vec<(String, Vec<String>)>, usize) {
    let forms = page.forms().into_iter().map(|Form { action, fields }| {
        (action.split('?').next().unwrap().to_owned(), fields.into_iter().map(|(name, _)| name).collect())
    });
    let words = page.body.replace(email, "");
    (page.status, forms.collect(), words.split_whitespace().filter(|word| !word.contains("value=")).count())
}

async fn an_unknown_address_looks_like_a_known_one(tenant: Tenant) {
    ada(&tenant).await;
    for path in ["/signin", "/recover"] {
        let mut seen = Vec::new();
        for email in [ADA, "nobody@example.org"] {
            let browser = tenant.browser();
            let page = browser.identify(&browser.open(path).await.unwrap(), email).await.unwrap();
            let answer = browser.type_code(&page, "000000").await.unwrap();
            seen.push((skeleton(&page, email), skeleton(&answer, email), answer.problem()));
        }
        assert_eq!(seen[0], seen[1], "{path}");
    }
    assert!(tenant.mails("nobody@example.org").await.unwrap().is_empty());
}

async fn a_taken_address_looks_like_a_free_one(tenant: Tenant) {
    ada(&tenant).await;
    let mut seen = Vec::new();
    for email in [ADA, "free@example.org"] {
        let browser = tenant.browser();
        let page = browser.begin_sign_up("Somebody", email).await.unwrap();
        let answer = browser.type_code(&page, "000000").await.unwrap();
        seen.push((skeleton(&page, email), skeleton(&answer, email), answer.problem()));
    }
    assert_eq!(seen[0], seen[1]);
}

async fn the_owner_of_a_taken_address_gets_in(tenant: Tenant) {
    ada(&tenant).await;
    let browser = tenant.browser();
    let page = browser.begin_sign_up("Another Name", ADA).await.unwrap();
    let page = browser.type_mailed_code(&page, ADA).await.unwrap();
    browser.skip_passkey(page).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("user.created").await.unwrap().len(), 1, "no second account");
}

async fn recovery_replaces_a_lost_passkey(tenant: Tenant) {
    let (_, mut lost) = ada(&tenant).await;
    let (browser, mut authenticator) = (tenant.browser(), tenant.authenticator());
    let page = browser.identify(&browser.open("/recover").await.unwrap(), ADA).await.unwrap();
    let page = browser.type_mailed_code(&page, ADA).await.unwrap();
    let old = page.attribute("remove-1", "value").unwrap_or_else(|| panic!("{page}"));
    let mut options = page.passkey_options().unwrap();
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1));
    options["excludeCredentials"] = serde_json::json!([]);
    let credential = authenticator.create(&options, Bend::none());
    let form = page.form("/signin/register").unwrap().with("credential", credential.to_string()).with("remove", old);
    browser.go(&form).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("passkey.deleted").await.unwrap()[0]["reason"], "recovery");
    let with_old = tenant.browser();
    let answer = with_old.sign_in_passkey(&mut lost).await.unwrap();
    assert_eq!(answer.problem().as_deref(), Some("passkey-unknown"));
    assert_eq!(cause(&tenant, "sign_in.failed").await, "credential_unknown");
    let with_new = tenant.browser();
    with_new.sign_in_passkey(&mut authenticator).await.unwrap();
    assert!(with_new.is_signed_in().await.unwrap());
}

async fn who_proves_an_address_takes_it_from_whoever_did_not(tenant: Tenant) {
    // A stranger signs up with Ada's address, proves nothing, and waits.
    let (stranger, mut passkey) = (tenant.browser(), tenant.authenticator());
    let page = stranger.begin_sign_up("Not Ada", ADA).await.unwrap();
    stranger.create_passkey(&page, &mut passkey, Bend::none()).await.unwrap();
    assert!(stranger.is_signed_in().await.unwrap());
    let owner = tenant.browser();
    owner.sign_in_code(ADA).await.unwrap();
    assert!(owner.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("account.claimed").await.unwrap().len(), 1);
    assert!(!stranger.is_signed_in().await.unwrap());
    let again = tenant.browser().sign_in_passkey(&mut passkey).await.unwrap();
    assert_eq!(again.problem().as_deref(), Some("passkey-unknown"));
}
