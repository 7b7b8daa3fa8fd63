//! What a third party may have is for the person to say (OpenID Connect Core, section 3.1.2.4).

use crate::house::{ada, application, cause, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::tenant::Tenant;

tests![
    a_third_party_is_given_what_the_person_allows_and_is_not_asked_for_twice,
    who_says_no_goes_back_with_access_denied,
    consent_can_be_asked_for_again,
    consent_needs_a_person_who_is_signed_in,
    a_claim_asked_for_by_name_needs_the_consent_that_its_scope_needs,
];

async fn a_third_party_is_given_what_the_person_allows_and_is_not_asked_for_twice(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let third = application(&tenant, "third");
    let page = third.authorize(&browser, &[("scope", "openid email")]).await.unwrap();
    let mut asked = page.all("data-scope");
    asked.sort_unstable();
    assert_eq!(asked, ["email", "openid"]);
    let allow = page.form("/signin/consent").unwrap().with("decision", "allow");
    let done = browser.go(&allow).await.unwrap();
    let tokens = third.redeem(&done.answered("code").unwrap()).await.unwrap();
    assert_eq!(tokens.text("scope"), "openid email");
    assert_eq!(tenant.audit("consent.given").await.unwrap()[0]["scopes"], serde_json::json!(["openid", "email"]));
    third.tokens(&browser, &[("scope", "openid")]).await.unwrap();
    // More than before: only what is new is asked for.
    let page = third.authorize(&browser, &[("scope", "openid email read:things")]).await.unwrap();
    assert_eq!(page.all("data-scope"), ["read:things"]);
    assert_eq!(page.answered("code"), None);
}

async fn who_says_no_goes_back_with_access_denied(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let third = application(&tenant, "third");
    for decision in ["deny", "", "allowed"] {
        let page = third.authorize(&browser, &[]).await.unwrap();
        let done = browser.go(&page.form("/signin/consent").unwrap().with("decision", decision)).await.unwrap();
        assert!(done.location().unwrap().starts_with("https://third.example/cb?"), "{done}");
        assert_eq!(done.answered("error").as_deref(), Some("access_denied"), "only a clear yes is a yes");
        assert_eq!((done.answered("state").as_deref(), done.answered("iss")), (Some("state-1"), Some(tenant.origin())));
    }
    assert_eq!(tenant.audit("consent.denied").await.unwrap().len(), 3);
    assert_eq!(tenant.audit("consent.given").await.unwrap().len(), 0);
    assert!(browser.is_signed_in().await.unwrap());
}

async fn consent_can_be_asked_for_again(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    for client_id in ["third", "web"] {
        let app = application(&tenant, client_id);
        for _ in 0..2 {
            let page = app.authorize(&browser, &[("prompt", "consent")]).await.unwrap();
            let done = browser.go(&page.form("/signin/consent").unwrap().with("decision", "allow")).await.unwrap();
            assert!(done.answered("code").is_some(), "{client_id}: {done}");
        }
    }
}

async fn a_claim_asked_for_by_name_needs_the_consent_that_its_scope_needs(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let third = application(&tenant, "third");
    let allow = async |page: &doorward_testkit::page::Page| {
        browser.go(&page.form("/signin/consent").unwrap().with("decision", "allow")).await.unwrap()
    };
    allow(&third.authorize(&browser, &[("scope", "openid")]).await.unwrap()).await;
    let asked = serde_json::json!({ "userinfo": { "email": null }, "id_token": { "birthdate": null, "acr": null } }).to_string();
    let by_name = [("scope", "openid"), ("claims", &*asked)];
    let silent = third.authorize(&browser, &[by_name[0], by_name[1], ("prompt", "none")]).await.unwrap();
    assert_eq!(silent.answered("error").as_deref(), Some("consent_required"), "{silent}");
    let page = third.authorize(&browser, &by_name).await.unwrap();
    let mut shown = page.all("data-scope");
    shown.sort_unstable();
    assert_eq!(shown, ["email", "profile"]);
    let tokens = third.redeem(&allow(&page).await.answered("code").unwrap()).await.unwrap();
    assert_eq!(tokens.text("scope"), "openid");
    assert_eq!(third.userinfo(tokens.text("access_token")).await.unwrap().text("email"), crate::house::ADA);
    assert!(third.authorize(&browser, &by_name).await.unwrap().answered("code").is_some(), "asked once");
}

async fn consent_needs_a_person_who_is_signed_in(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let browser = tenant.browser();
    let third = application(&tenant, "third");
    let page = third.authorize(&browser, &[]).await.unwrap();
    // The form of a later step with the flow of an earlier one.
    let mut jump = page.form("/signin/identify").unwrap().without("identifier").with("decision", "allow");
    jump.action = "/signin/consent".into();
    let refused = browser.go(&jump).await.unwrap();
    assert_eq!((refused.status, refused.problem().as_deref()), (422, Some("form-expired")), "{refused}");
    let page = browser.assert_passkey(&refused, &mut authenticator, Bend::none()).await.unwrap();
    assert!(page.has_form("/signin/consent"), "{page}");
    assert_eq!(cause(&tenant, "consent.given").await, "");
}
