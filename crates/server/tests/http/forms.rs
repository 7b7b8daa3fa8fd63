//! Where forms come from: tokens, `Sec-Fetch-Site`, `Origin`, cookies.

use crate::house::{ADA, ada, neighbour, signed_up, tests};
use doorward_testkit::browser::Browser;
use doorward_testkit::page::{Form, Page};
use doorward_testkit::tenant::Tenant;

tests![
    a_form_without_the_browser_s_token_is_refused,
    a_form_from_another_site_is_refused,
    a_browser_without_cookies_is_told_so,
    no_page_can_be_framed_or_cached,
];

async fn refused(browser: &Browser, request: reqwest::RequestBuilder, why: &str) {
    let page = browser.send(request).await.unwrap();
    assert_eq!((page.status, page.problem().as_deref(), page.location()), (403, Some("form-expired"), None), "{why}: {page}");
}

async fn identify(browser: &Browser) -> Form {
    let page = browser.open("/signin").await.unwrap();
    page.form("/signin/identify").unwrap().with("identifier", ADA)
}

async fn a_form_without_the_browser_s_token_is_refused(tenant: Tenant) {
    let browser = tenant.browser();
    let form = identify(&browser).await;
    let foreign = browser.csrf_of(&tenant.browser()).await;
    let there = browser.csrf_of(&neighbour(&tenant).browser()).await;
    refused(&browser, browser.post(&form.clone().without("csrf")), "none").await;
    for token in [String::new(), "x".into(), foreign, there] {
        refused(&browser, browser.post(&form.clone().with("csrf", &*token)), &token).await;
    }
    // The token of another person's session, in the same browser even.
    let (signed_in, _) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let of_session = signed_in.csrf_of(&signed_in).await;
    refused(&browser, browser.post(&form.clone().with("csrf", of_session)), "of a session").await;
    assert_eq!(browser.send(browser.post(&form)).await.unwrap().status, 303, "an old browser sends no headers");
}

async fn a_form_from_another_site_is_refused(tenant: Tenant) {
    let browser = tenant.browser();
    let form = identify(&browser).await;
    for site in ["cross-site", "same-site", "nonsense"] {
        refused(&browser, browser.post(&form).header("sec-fetch-site", site), site).await;
        // The newer header is the better witness.
        refused(&browser, browser.post(&form).header("sec-fetch-site", site).header("origin", tenant.origin()), site).await;
    }
    let port = format!("{}:1", tenant.origin());
    let near = format!("{}.evil.example", tenant.origin());
    let secure = tenant.origin().replace("http:", "https:");
    for origin in ["https://evil.example", &port, &near, &secure, &neighbour(&tenant).origin()] {
        refused(&browser, browser.post(&form).header("origin", origin), origin).await;
    }
    for (name, value) in [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", &*tenant.origin())] {
        assert_eq!(browser.send(browser.post(&form).header(name, value)).await.unwrap().status, 303, "{name}: {value}");
    }
}

async fn a_browser_without_cookies_is_told_so(tenant: Tenant) {
    let browser = tenant.browser().without_cookies();
    let page = browser.open("/signin").await.unwrap();
    let form = page.form("/signin/identify").unwrap().with("identifier", ADA);
    let answer = browser.go(&form).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (403, Some("cookies-blocked")), "{answer}");
    let flow = form.field("flow").unwrap();
    let answer = browser.open(&format!("/signin?flow={flow}")).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (400, Some("cookies-blocked")), "{answer}");
}

async fn no_page_can_be_framed_or_cached(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let visitor = tenant.browser();
    let page = visitor.open("/signin").await.unwrap();
    let wrong = visitor.go(&page.form("/signin/identify").unwrap()).await.unwrap();
    let error = visitor.get("/connect/authorize").await.unwrap();
    let again = browser.open("/signin/again").await.unwrap();
    for page in [&page, &wrong, &error, &again] {
        let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{page}"));
        assert!(policy.contains("frame-ancestors 'none'"), "{page}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{page}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{page}");
        assert!(page.header("referrer-policy").is_some(), "{page}");
    }
    assert_cookies(&page);
}

/// Scripts do not read our cookies, and other sites' forms do not bring them.
fn assert_cookies(page: &Page) {
    let set: Vec<_> = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(!set.is_empty());
    for cookie in set {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    }
}
