//! The device authorization grant (RFC 8628) in the standard accent.

use crate::house::{ada, application, made, tests};
use doorward_testkit::browser::Browser;
use doorward_testkit::page::Page;
use doorward_testkit::relying_party::{Answer, RelyingParty, claims};
use doorward_testkit::tenant::Tenant;
use serde_json::json;

tests![
    a_person_allows_a_device,
    a_person_says_no,
    polls_have_their_time,
    a_code_is_for_one_device_and_one_application,
    wrong_codes_are_counted,
];

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn device(tenant: &Tenant) -> (RelyingParty, Answer) {
    let app = made(tenant, json!({ "grant_types": [GRANT, "refresh_token"] })).await;
    let begun = begin(&app).await;
    (app, begun)
}

async fn begin(app: &RelyingParty) -> Answer {
    let begun = Answer::of(app.ask("/connect/device", &[("scope", "openid email offline_access")])).await.unwrap();
    assert_eq!((begun.status, begun.header("cache-control")), (200, Some("no-store")));
    begun
}

async fn poll(app: &RelyingParty, begun: &Answer) -> Answer {
    app.token(&[("grant_type", GRANT), ("device_code", begun.text("device_code"))]).await.unwrap()
}

/// What somebody signed in sees after typing the code.
async fn typed(browser: &Browser, code: &str) -> Page {
    let form = browser.get("/activate").await.unwrap().form("/activate").unwrap();
    browser.submit(&form.with("user_code", code)).await.unwrap()
}

async fn answer(browser: &Browser, code: &str, decision: &str) -> Page {
    let page = typed(browser, code).await;
    let form = page.form("/activate/answer").unwrap();
    browser.submit(&form.with("decision", decision)).await.unwrap()
}

async fn a_person_allows_a_device(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (app, begun) = device(&tenant).await;
    assert_eq!(begun.text("verification_uri"), tenant.url("/activate"));
    assert_eq!(begun.text("verification_uri_complete"), tenant.url(&format!("/activate?user_code={}", begun.text("user_code"))));
    assert_eq!((&begun.json["expires_in"], &begun.json["interval"]), (&json!(900), &json!(5)));
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "authorization_pending"));
    let sloppy = format!(" {} ", begun.text("user_code").to_lowercase().replace('-', ""));
    let done = answer(&browser, &sloppy, "allow").await;
    assert!(done.body.contains("device-allowed"), "{done}");
    let tokens = poll(&app, &begun).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(claims(tokens.text("id_token"))["email"], crate::house::ADA);
    assert!(app.refresh(tokens.text("refresh_token")).await.unwrap().status == 200);
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "invalid_grant"), "once");
    assert_eq!(typed(&browser, begun.text("user_code")).await.status, 422, "nor is the code good again");
}

async fn a_person_says_no(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (app, begun) = device(&tenant).await;
    assert!(answer(&browser, begun.text("user_code"), "deny").await.body.contains("device-denied"));
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "access_denied"));
    // Whoever is not signed in is asked to, and comes back to the question.
    let begun = begin(&app).await;
    let stranger = tenant.browser();
    let page = typed(&stranger, begun.text("user_code")).await;
    assert!(page.location().is_some_and(|to| to.starts_with("/signin?flow=")), "{page}");
}

async fn polls_have_their_time(tenant: Tenant) {
    let (app, begun) = device(&tenant).await;
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "authorization_pending"));
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "slow_down"), "section 3.5");
    tenant.advance(6).await.unwrap();
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "slow_down"), "the interval has grown");
    tenant.advance(30).await.unwrap();
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "authorization_pending"));
    tenant.advance(900).await.unwrap();
    assert_eq!(poll(&app, &begun).await.refusal(), (400, "expired_token"));
}

async fn a_code_is_for_one_device_and_one_application(tenant: Tenant) {
    let (app, begun) = device(&tenant).await;
    let web = application(&tenant, "web");
    let refused = Answer::of(web.ask("/connect/device", &[("scope", "openid")])).await.unwrap();
    assert_eq!(refused.refusal(), (400, "unauthorized_client"));
    let other = web.token(&[("grant_type", GRANT), ("device_code", begun.text("device_code"))]).await.unwrap();
    assert_eq!(other.refusal(), (400, "unauthorized_client"));
    let code = begun.text("device_code");
    let bent = format!("{}{}", &code[..code.len() - 2], if code.ends_with("AA") { "BB" } else { "AA" });
    for wrong in [bent.as_str(), "x", ""] {
        let refused = app.token(&[("grant_type", GRANT), ("device_code", wrong)]).await.unwrap();
        assert!(refused.status == 400 && refused.refusal().1 != "authorization_pending", "{refused:?}");
    }
}

async fn wrong_codes_are_counted(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (_, begun) = device(&tenant).await;
    let mut seen = Vec::new();
    for _ in 0..12 {
        let page = typed(&browser, "BBBB-BBBB").await;
        seen.push((page.status, page.problem().unwrap_or_default()));
    }
    assert_eq!(seen.first(), Some(&(422, "code-expired".into())));
    assert_eq!(seen.last(), Some(&(429, "too-many-attempts".into())));
    assert_eq!(typed(&browser, begun.text("user_code")).await.status, 429, "the right one waits too");
    tenant.advance(901).await.unwrap();
    assert_eq!(typed(&browser, "BBBB-BBBB").await.status, 422);
}
