//! Authorization requests that are refused, on a page or back at the application, and those that ask the person again
//! (RFC 6749, section 4.1.2.1; OpenID Connect Core, sections 3.1.2.1 and 3.1.2.6).

use crate::house::{ADA, ada, application, neighbour, signed_up, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::page::Page;
use doorward_testkit::relying_party::{VERIFIER, challenge, claims};
use doorward_testkit::tenant::Tenant;

tests![
    before_the_address_is_proven_a_fault_is_a_page,
    the_one_registered_address_may_be_left_out,
    faults_go_back_with_error_state_and_issuer,
    answers_travel_in_query_fragment_and_form,
    pkce_is_asked_for_and_only_s256_is_taken,
    silently_nobody_is_asked_anything,
    the_answer_is_about_the_person_who_was_asked_for,
    a_second_application_asks_nothing,
    login_and_max_age_ask_again,
    select_account_asks_which,
    create_leads_to_sign_up,
    a_context_that_is_wanted_is_tried_and_one_that_is_essential_insisted_on,
    the_request_may_be_posted,
    a_hint_fills_the_field_in,
];

fn error(page: &Page) -> String {
    page.answered("error").unwrap_or_else(|| panic!("no error but {page}"))
}

async fn before_the_address_is_proven_a_fault_is_a_page(tenant: Tenant) {
    let browser = tenant.browser();
    let (web, strict) = (application(&tenant, "web"), application(&tenant, "strict"));
    let mut table = vec![
        (web.authorize_path(&[("client_id", "nobody")]), "unknown-client"),
        (web.authorize_path(&[("client_id", "")]), "invalid-request"),
        (format!("{}&client_id=spa", web.authorize_path(&[])), "invalid-request"),
        (format!("{}&redirect_uri=https://web.example/cb", web.authorize_path(&[])), "invalid-request"),
        (strict.authorize_path(&[("redirect_uri", "")]), "redirect-uri-missing"),
    ];
    let wrong = [
        "https://evil.example/cb",
        "https://web.example/cb/",
        "https://web.example/cb/../evil",
        "https://web.example/CB",
        "https://WEB.example/cb",
        "https://web.example/cb?x=1",
        "https://web.example/cb#x",
        "http://web.example/cb",
        "https://web.example:8443/cb",
        "https://web.example@evil.example/cb",
        "https://web.example.evil.example/cb",
        "https://strict.example/cb",
        "//web.example/cb",
        "javascript:alert(1)",
        "http://localhost:3000/cb",
    ];
    table.extend(wrong.iter().map(|uri| (web.authorize_path(&[("redirect_uri", uri)]), "redirect-uri-mismatch")));
    for (path, reason) in table {
        // A fault in the rest must not tempt it to answer to an address that is not proven.
        for path in [path.clone(), format!("{path}&prompt=none"), format!("{path}&response_mode=form_post&max_age=x")] {
            let page = browser.get(&path).await.unwrap();
            assert_eq!((page.status, page.location(), page.problem().as_deref()), (400, None, Some(reason)), "{path}");
            assert!(page.forms().is_empty(), "nothing on the page leads there: {path}");
        }
    }
    // The application of another tenant is nobody here, although it has the same name there.
    let theirs = tenant_only_application(&neighbour(&tenant)).await;
    let page = browser.get(&web.authorize_path(&[("client_id", &theirs)])).await.unwrap();
    assert_eq!((page.status, page.problem().as_deref()), (400, Some("unknown-client")));
}

async fn tenant_only_application(tenant: &Tenant) -> String {
    let made = serde_json::json!({ "name": "Only here", "redirect_uris": ["https://web.example/cb"] });
    let answer = tenant.admin(reqwest::Method::POST, "/applications").json(&made).send().await.unwrap();
    let answer: serde_json::Value = answer.error_for_status().unwrap().json().await.unwrap();
    answer["client_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn the_one_registered_address_may_be_left_out(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let page = web.authorize(&browser, &[("redirect_uri", ""), ("scope", "profile")]).await.unwrap();
    assert!(page.location().is_some_and(|to| to.starts_with("https://web.example/cb?code=")), "{page}");
    // RFC 6749, section 4.1.3: what was not sent need not be repeated.
    let code = page.answered("code").unwrap();
    let parameters = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    assert_eq!(web.token(&parameters).await.unwrap().status, 200);
    // Core, section 3.1.2.1: OpenID Connect wants it named.
    let page = web.authorize(&browser, &[("redirect_uri", "")]).await.unwrap();
    assert_eq!((page.status, page.location(), page.problem().as_deref()), (400, None, Some("redirect-uri-missing")));
}

async fn faults_go_back_with_error_state_and_issuer(tenant: Tenant) {
    let browser = tenant.browser();
    let web = application(&tenant, "web");
    let long = "x".repeat(2049);
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_mode", "smoke")], "invalid_request"),
        (&[("scope", "openid read:nothing")], "invalid_scope"),
        (&[("scope", "openid \"quoted\"")], "invalid_scope"),
        (&[("resource", "https://nothing.example/")], "invalid_target"),
        (&[("resource", "not-absolute")], "invalid_target"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "dance")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("claims", "{")], "invalid_request"),
        (&[("nonce", &long)], "invalid_request"),
        (&[("id_token_hint", "garbage")], "invalid_request"),
        (&[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported"),
        (&[("request_uri", "https://web.example/r")], "request_uri_not_supported"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
    ];
    for (changes, expected) in table {
        let page = web.authorize(&browser, changes).await.unwrap();
        // Multiple Response Types, section 2.1: where tokens were asked for, the fragment carries the refusal too.
        let carrier = if changes.iter().any(|(_, value)| value.contains("token")) { '#' } else { '?' };
        let there = format!("https://web.example/cb{carrier}");
        assert!(page.location().is_some_and(|to| to.starts_with(&there)), "{changes:?}: {page}");
        assert_eq!(error(&page), *expected, "{changes:?}");
        assert_eq!(page.answered("state").as_deref(), Some("state-1"), "{changes:?}");
        assert_eq!(page.answered("iss"), Some(tenant.origin()), "{changes:?}");
        assert_eq!(page.answered("code"), None);
    }
    let twice = browser.open(&format!("{}&scope=openid", web.authorize_path(&[]))).await.unwrap();
    assert_eq!(error(&twice), "invalid_request");
    let without_state = web.authorize(&browser, &[("state", ""), ("max_age", "x")]).await.unwrap();
    assert_eq!(without_state.answered("state"), None);
    // Whatever bytes the state has, they come back.
    let odd = "a b&c=d?#%2F \u{1F511}\"<>";
    let page = web.authorize(&browser, &[("state", odd), ("max_age", "x")]).await.unwrap();
    assert_eq!(page.answered("state").as_deref(), Some(odd));
}

async fn answers_travel_in_query_fragment_and_form(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    for (good, changes) in [(true, ("nonce", "n")), (false, ("max_age", "x"))] {
        let page = web.authorize(&browser, &[changes, ("response_mode", "query")]).await.unwrap();
        assert!(page.location().unwrap().starts_with("https://web.example/cb?"), "{page}");
        let page = web.authorize(&browser, &[changes, ("response_mode", "fragment")]).await.unwrap();
        assert!(page.location().unwrap().starts_with("https://web.example/cb#"), "{page}");
        assert_eq!(page.answered("state").as_deref(), Some("state-1"));
        let page = web.authorize(&browser, &[changes, ("response_mode", "form_post")]).await.unwrap();
        assert_eq!((page.status, page.location()), (200, None));
        let form = &page.forms()[0];
        assert_eq!(form.action, "https://web.example/cb");
        assert_eq!(form.field("iss"), Some(&*tenant.origin()));
        assert_eq!(form.field("state"), Some("state-1"));
        assert_eq!((form.field("code").is_some(), form.field("error").is_some()), (good, !good));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("form-action") && policy.contains("https://web.example"), "{policy}");
    }
}

async fn pkce_is_asked_for_and_only_s256_is_taken(tenant: Tenant) {
    let browser = tenant.browser();
    for client_id in ["spa", "strict", "third"] {
        let app = application(&tenant, client_id);
        let page = app.authorize(&browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await.unwrap();
        assert_eq!(error(&page), "invalid_request", "{client_id}");
        assert!(page.answered("error_description").unwrap().contains("code_challenge"), "{client_id}");
    }
    let spa = application(&tenant, "spa");
    for method in ["plain", "", "s256", "S512"] {
        for value in [VERIFIER, &challenge(VERIFIER)] {
            let changes = [("code_challenge", value), ("code_challenge_method", method)];
            assert_eq!(error(&spa.authorize(&browser, &changes).await.unwrap()), "invalid_request", "{method:?}");
        }
    }
    // A confidential client that was told so may go without.
    let web = application(&tenant, "web");
    let page = web.authorize(&browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await.unwrap();
    assert!(page.has_form("/signin/identify"), "{page}");
}

async fn silently_nobody_is_asked_anything(tenant: Tenant) {
    let web = application(&tenant, "web");
    let silent = ("prompt", "none");
    assert_eq!(error(&web.authorize(&tenant.browser(), &[silent]).await.unwrap()), "login_required");
    let (browser, _) = ada(&tenant).await;
    let tokens = web.tokens(&browser, &[silent]).await.unwrap();
    // A third party needs consent; a stale sign-in a new one; a stronger context another proof.
    let third = application(&tenant, "third");
    assert_eq!(error(&third.authorize(&browser, &[silent]).await.unwrap()), "consent_required");
    let by_code = tenant.browser();
    by_code.sign_in_code(ADA).await.unwrap();
    let page = web.authorize(&by_code, &[silent, ("acr_values", "phr")]).await.unwrap();
    assert_eq!(error(&page), "interaction_required");
    tenant.advance(10).await.unwrap();
    assert_eq!(error(&web.authorize(&browser, &[silent, ("max_age", "5")]).await.unwrap()), "login_required");
    assert!(web.authorize(&browser, &[silent, ("max_age", "3600")]).await.unwrap().answered("code").is_some());
    // Core, section 3.1.2.1: an answer about the person of the hint, or none.
    let hint = tokens.text("id_token");
    assert!(web.authorize(&browser, &[silent, ("id_token_hint", hint)]).await.unwrap().answered("code").is_some());
    let (bob, _) = signed_up(&tenant, "Bob", "bob@example.org").await;
    assert_eq!(error(&web.authorize(&bob, &[silent, ("id_token_hint", hint)]).await.unwrap()), "login_required");
    let access = tokens.text("access_token");
    assert_eq!(error(&web.authorize(&browser, &[silent, ("id_token_hint", access)]).await.unwrap()), "invalid_request");
}

async fn the_answer_is_about_the_person_who_was_asked_for(tenant: Tenant) {
    let web = application(&tenant, "web");
    let (ada_browser, mut ada_key) = ada(&tenant).await;
    let (bob_browser, mut bob_key) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let tokens = web.tokens(&ada_browser, &[]).await.unwrap();
    let sub = serde_json::json!({ "id_token": { "sub": { "value": claims(tokens.text("id_token"))["sub"] } } }).to_string();
    for asked in [("id_token_hint", tokens.text("id_token")), ("claims", &*sub)] {
        for browser in [&tenant.browser(), &bob_browser] {
            let page = web.authorize(browser, &[asked]).await.unwrap();
            let done = browser.assert_passkey(&page, &mut bob_key, Bend::none()).await.unwrap();
            assert_eq!((error(&done), done.answered("code")), ("login_required".to_owned(), None), "{asked:?}");
        }
        let browser = tenant.browser();
        let page = web.authorize(&browser, &[asked]).await.unwrap();
        let done = browser.assert_passkey(&page, &mut ada_key, Bend::none()).await.unwrap();
        assert!(done.answered("code").is_some(), "{asked:?}: {done}");
    }
}

async fn a_second_application_asks_nothing(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let first = application(&tenant, "web").tokens(&browser, &[]).await.unwrap();
    let second = application(&tenant, "spa").tokens(&browser, &[]).await.unwrap();
    let (first, second) = (claims(first.text("id_token")), claims(second.text("id_token")));
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(first["sid"], second["sid"]);
    assert_eq!(first["auth_time"], second["auth_time"]);
    assert_eq!(second["aud"], "spa");
}

async fn login_and_max_age_ask_again(tenant: Tenant) {
    let (browser, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let before = claims(web.tokens(&browser, &[]).await.unwrap().text("id_token"));
    tenant.advance(100).await.unwrap();
    for changes in [("prompt", "login"), ("max_age", "50"), ("max_age", "0")] {
        let page = web.authorize(&browser, &[changes]).await.unwrap();
        assert!(page.has_form("/signin/identify"), "{changes:?}: {page}");
        assert!(browser.is_signed_in().await.unwrap(), "to be asked again signs nobody out");
        let done = browser.assert_passkey(&page, &mut authenticator, Bend::none()).await.unwrap();
        let code = done.answered("code").unwrap_or_else(|| panic!("{changes:?}: {done}"));
        let after = claims(web.redeem(&code).await.unwrap().text("id_token"));
        assert!(after["auth_time"].as_i64().unwrap() >= before["auth_time"].as_i64().unwrap() + 100, "{changes:?}");
        assert_eq!(after["sid"], before["sid"]);
        tenant.advance(100).await.unwrap();
    }
    assert!(web.authorize(&browser, &[("max_age", "3600")]).await.unwrap().answered("code").is_some());
}

async fn select_account_asks_which(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (_, mut bob) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let web = application(&tenant, "web");
    let asked = [("prompt", "select_account")];
    let page = web.authorize(&browser, &asked).await.unwrap();
    let keep = browser.go(&page.form("/signin/account").unwrap()).await.unwrap();
    assert!(keep.answered("code").is_some(), "{keep}");
    let page = web.authorize(&browser, &asked).await.unwrap();
    let other = page.attribute("other-account", "href").unwrap();
    let page = browser.open(&other).await.unwrap();
    let done = browser.assert_passkey(&page, &mut bob, Bend::none()).await.unwrap();
    let tokens = web.redeem(&done.answered("code").unwrap()).await.unwrap();
    assert_eq!(claims(tokens.text("id_token"))["email"], "bob@example.org");
}

async fn create_leads_to_sign_up(tenant: Tenant) {
    let web = application(&tenant, "web");
    let browser = tenant.browser();
    let page = web.authorize(&browser, &[("prompt", "create")]).await.unwrap();
    let page = browser.begin_sign_up_at(&page, "Ada", ADA).await.unwrap();
    let page = browser.type_mailed_code(&page, ADA).await.unwrap();
    let done = browser.create_passkey(&page, &mut tenant.authenticator(), Bend::none()).await.unwrap();
    let tokens = web.redeem(&done.answered("code").unwrap()).await.unwrap();
    let id = claims(tokens.text("id_token"));
    assert_eq!((id["email"].as_str(), id["email_verified"].as_bool()), (Some(ADA), Some(true)));
    assert_eq!((id["name"].as_str(), id["nonce"].as_str()), (Some("Ada"), Some("nonce-1")));
}

async fn a_context_that_is_wanted_is_tried_and_one_that_is_essential_insisted_on(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let browser = tenant.browser();
    browser.sign_in_code(ADA).await.unwrap();
    let id = claims(web.tokens(&browser, &[]).await.unwrap().text("id_token"));
    assert_eq!((id["acr"].as_str(), &id["amr"]), (Some("1"), &serde_json::json!(["otp"])));
    let page = web.authorize(&browser, &[("acr_values", "phr")]).await.unwrap();
    let done = browser.assert_passkey(&page, &mut authenticator, Bend::none()).await.unwrap();
    let id = claims(web.redeem(&done.answered("code").unwrap()).await.unwrap().text("id_token"));
    assert_eq!(id["acr"], "phr");
    assert!(id["amr"].as_array().unwrap().contains(&"swk".into()), "{id}");
    // A synced passkey is not hardware-bound. Wanted: it goes on with less; essential: it does not.
    assert!(web.authorize(&browser, &[("acr_values", "phrh")]).await.unwrap().answered("code").is_some());
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["phrh"]}}}"#;
    let page = web.authorize(&browser, &[("claims", essential)]).await.unwrap();
    assert_eq!(error(&page), "unmet_authentication_requirements", "{page}");
}

async fn the_request_may_be_posted(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let form = doorward_testkit::page::Form { action: "/connect/authorize".into(), fields: web.request() };
    let from_elsewhere = browser.post(&form).header("sec-fetch-site", "cross-site").header("origin", "https://web.example");
    let page = browser.follow(browser.send(from_elsewhere).await.unwrap()).await.unwrap();
    assert!(page.answered("code").is_some(), "{page}");
    let page = browser.go(&form).await.unwrap();
    assert!(page.answered("code").is_some(), "{page}");
}

async fn a_hint_fills_the_field_in(tenant: Tenant) {
    let browser = tenant.browser();
    let page = application(&tenant, "web").authorize(&browser, &[("login_hint", "ada@example.org\"><script>")]).await.unwrap();
    assert_eq!(page.form("/signin/identify").unwrap().field("identifier"), Some("ada@example.org\"><script>"));
    assert!(!page.body.contains("\"><script>"), "escaped");
    let page = application(&tenant, "web").authorize(&browser, &[("ui_locales", "xx de en")]).await.unwrap();
    assert!(page.body.contains("<html lang=\"de\""), "{:.200}", page.body);
}
