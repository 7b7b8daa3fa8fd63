//! Who may read answers from a browser's script (Fetch, CORS protocol).

use crate::house::{ada, application, tests};
use doorward_testkit::relying_party::{Answer, VERIFIER};
use doorward_testkit::tenant::Tenant;
use reqwest::Method;

tests![
    public_documents_are_for_everybody,
    tokens_are_readable_for_the_application_s_own_origins,
    a_preflight_is_answered_without_credentials,
    pages_are_readable_for_nobody,
];

const ALLOW: &str = "access-control-allow-origin";

async fn public_documents_are_for_everybody(tenant: Tenant) {
    for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let request = tenant.http().get(tenant.url(path)).header("origin", "https://anybody.example");
        let answer = Answer::of(request).await.unwrap();
        assert_eq!((answer.status, answer.header(ALLOW)), (200, Some("*")), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
}

async fn tokens_are_readable_for_the_application_s_own_origins(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let spa = application(&tenant, "spa");
    for (origin, allowed) in [
        ("https://spa.example", true),
        ("https://elsewhere.example", true),
        ("https://web.example", false),
        ("https://evil.example", false),
        ("https://spa.example.evil.example", false),
        ("http://spa.example", false),
        ("null", false),
    ] {
        let code = spa.code(&browser, &[]).await.unwrap();
        let grant = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
        let answer = Answer::of(spa.ask("/connect/token", &grant).header("origin", origin)).await.unwrap();
        assert_eq!(answer.status, 200, "{origin}: the header guards reading, not doing");
        assert_eq!(answer.header(ALLOW), allowed.then_some(origin), "{origin}");
        assert!(answer.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")), "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    // Refusals too, or a script would see nothing but a network error.
    let refused = Answer::of(spa.ask("/connect/token", &[]).header("origin", "https://spa.example")).await.unwrap();
    assert_eq!((refused.status, refused.header(ALLOW)), (400, Some("https://spa.example")));
    let refused =
        Answer::of(spa.ask("/connect/revoke", &[("token", "x")]).header("origin", "https://evil.example")).await.unwrap();
    assert_eq!(refused.header(ALLOW), None);
}

async fn a_preflight_is_answered_without_credentials(tenant: Tenant) {
    for path in ["/connect/token", "/connect/userinfo", "/connect/revoke"] {
        let request = tenant.http().request(Method::OPTIONS, tenant.url(path)).header("origin", "https://spa.example");
        let request = request.header("access-control-request-method", "POST");
        let answer = Answer::of(request.header("access-control-request-headers", "authorization")).await.unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.status);
        assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{path}");
    }
}

async fn pages_are_readable_for_nobody(tenant: Tenant) {
    let browser = tenant.browser();
    for path in ["/signin", "/signup", "/recover", &application(&tenant, "spa").authorize_path(&[])] {
        let page = browser.send(browser.request(path).header("origin", "https://spa.example")).await.unwrap();
        assert_eq!(page.header(ALLOW), None, "{path}");
    }
}
