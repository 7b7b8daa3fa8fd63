//! The demo against a provider that says what the test wants.

mod provider;

use axum::body::Body;
use axum::http::StatusCode;
use doorward_protocol::jose::{Algorithm, SigningKey, sign_hs256};
use serde_json::json;
use url::Url;

use super::super::rig::{HOST, Rig, header_of, text_of};
use super::*;
use provider::{Fake, ID, SECRET};

const BASE: &str = "http://localhost:9011";

/// A browser at the demo: it keeps the demo's cookie.
struct Visitor {
    rig: Rig,
    router: Router<App>,
    fake: Fake,
    cookie: Option<String>,
}

impl Visitor {
    async fn new() -> Self {
        let fake = Fake::start().await;
        let config =
            DemoConfig { issuer: fake.issuer.clone(), client_id: ID.into(), client_secret: SECRET.into(), base_url: BASE.into() };
        Self { rig: Rig::start().await, router: router(config), fake, cookie: None }
    }

    async fn send(&mut self, method: &str, path: &str, more: &[(&str, &str)]) -> Response {
        let mut request = self.rig.request(method, HOST, path);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let response = self.rig.send(self.router.clone(), request.body(Body::empty()).unwrap()).await;
        let set = header_of(&response, header::SET_COOKIE);
        if let Some((cookie, _)) = set.split_once(';') {
            assert!(cookie.starts_with("dw_demo=") && set.contains("; HttpOnly") && set.contains("; SameSite=Lax"), "{set}");
            self.cookie = Some(cookie.to_owned());
        }
        response
    }

    async fn text(&mut self, path: &str) -> (StatusCode, String) {
        text_of(self.send("GET", path, &[]).await).await
    }

    /// Begins a sign-in and gives the authorization request that the browser is sent with.
    async fn begin(&mut self, path: &str) -> Request {
        let response = self.send("GET", path, &[]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let url = Url::parse(&header_of(&response, header::LOCATION)).unwrap();
        Request { pairs: url.query_pairs().into_owned().collect(), url }
    }

    /// Claims that this sign-in's ID token should have.
    async fn claims(&self, request: &Request) -> Value {
        let now = self.rig.cx(HOST).await.now.seconds();
        json!({
            "iss": self.fake.issuer, "aud": ID, "sub": "u1", "iat": now, "exp": now + 300, "auth_time": now,
            "nonce": request.get("nonce"), "amr": ["hwk"],
        })
    }

    /// Lets the provider answer with these claims, and comes back with a code.
    async fn come_back(&mut self, request: &Request, claims: Value) -> Response {
        let token = self.fake.sign(&claims);
        self.come_back_with(request, &token).await
    }

    async fn come_back_with(&mut self, request: &Request, id_token: &str) -> Response {
        let code = self.fake.give_code(request.get("code_challenge"), id_token);
        let path = format!("/demo/callback?code={code}&state={}", request.get("state"));
        self.send("GET", &path, &[]).await
    }

    async fn is_signed_in(&mut self) -> bool {
        let (status, page) = self.text("/demo").await;
        assert_eq!(status, StatusCode::OK);
        page.contains("id=\"demo-signout\"")
    }

    /// The sign-in must have failed with this, and the person must be told at the demo's home.
    async fn assert_refused(&mut self, response: Response, code: &str, what: &str) {
        assert_eq!(
            (response.status(), header_of(&response, header::LOCATION).as_str()),
            (StatusCode::SEE_OTHER, "/demo"),
            "{what}"
        );
        let (_, page) = self.text("/demo").await;
        assert!(page.contains(&format!("<code>{code}</code>")), "{what}: {page}");
        assert!(!page.contains("id=\"demo-signout\""), "{what} signed somebody in");
        // Told once.
        assert!(!self.text("/demo").await.1.contains("id=\"error\""), "{what}");
    }
}

/// An authorization request taken apart.
struct Request {
    url: Url,
    pairs: Vec<(String, String)>,
}

impl Request {
    fn find(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name}"))
    }
}

type Value = serde_json::Value;

#[tokio::test]
async fn a_person_signs_in_is_known_and_signs_out() {
    let mut visitor = Visitor::new().await;
    let (_, page) = visitor.text("/demo").await;
    for id in ["demo-signin", "demo-signup", "demo-protected"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}: {page}");
    }

    let request = visitor.begin("/demo/signin").await;
    assert_eq!(request.url.as_str().split('?').next().unwrap(), format!("{}/authorize", visitor.fake.issuer));
    for (name, value) in [
        ("client_id", ID),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:9011/demo/callback"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(request.get(name), value);
    }
    assert_eq!(request.find("prompt"), None);

    let before = visitor.cookie.clone();
    let claims = visitor.claims(&request).await;
    let response = visitor.come_back(&request, claims).await;
    assert_eq!((response.status(), header_of(&response, header::LOCATION).as_str()), (StatusCode::SEE_OTHER, "/demo/profile"));
    // A cookie that was planted before the sign-in is worth nothing after it.
    let after = visitor.cookie.clone();
    assert_ne!(before, after);
    visitor.cookie = before;
    assert!(!visitor.is_signed_in().await);
    visitor.cookie = after;

    let (status, page) = visitor.text("/demo/profile").await;
    assert_eq!(status, StatusCode::OK);
    for shown in ["Ada Lovelace", "ada@example.com", "data-claim=\"nonce\"", "id=\"raw-userinfo\"", "id=\"demo-profile\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let (status, page) = visitor.text("/demo/protected").await;
    assert!(status == StatusCode::OK && page.contains("id=\"protected\"") && page.contains("<code>hwk</code>"), "{page}");

    let home = visitor.send("GET", "/demo", &[]).await;
    let policy = header_of(&home, header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains(&format!("form-action 'self' {};", visitor.fake.issuer)), "{policy}");

    let response = visitor.send("POST", "/demo/signout", &[("sec-fetch-site", "same-origin")]).await;
    let out = Url::parse(&header_of(&response, header::LOCATION)).unwrap();
    let pairs: std::collections::HashMap<_, _> = out.query_pairs().into_owned().collect();
    assert!(out.as_str().starts_with(&format!("{}/logout?", visitor.fake.issuer)), "{out}");
    assert_eq!(pairs["post_logout_redirect_uri"], "http://localhost:9011/demo");
    assert_eq!(pairs["client_id"], ID);
    assert_eq!(pairs["id_token_hint"], visitor.fake.last_id_token());
    assert!(!visitor.is_signed_in().await);
}

#[tokio::test]
async fn rfc_6749_10_12_an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let mut visitor = Visitor::new().await;
    let request = visitor.begin("/demo/signin").await;
    let ours = visitor.cookie.clone();
    let claims = visitor.claims(&request).await;
    let code = visitor.fake.give_code(request.get("code_challenge"), &visitor.fake.sign(&claims));
    let good = format!("/demo/callback?code={code}&state={}", request.get("state"));

    let other = Some(Browser::new().put_on(see_other("/")))
        .map(|response| header_of(&response, header::SET_COOKIE).split(';').next().unwrap().to_owned());
    let cases = [
        (format!("/demo/callback?code={code}"), ours.clone(), "without state"),
        (format!("/demo/callback?code={code}&state=unknown"), ours.clone(), "with an unknown state"),
        (
            "/demo/callback?error=access_denied&error_description=Call+me&state=unknown".to_owned(),
            ours.clone(),
            "with words of a stranger",
        ),
        (good.clone(), other, "in another browser"),
        (good.clone(), Some("dw_demo=a.b".into()), "with a cookie that is not ours"),
        (good.clone(), None, "without cookie"),
    ];
    for (path, cookie, what) in cases {
        visitor.cookie = cookie;
        let (status, page) = visitor.text(&path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{what}");
        assert!(page.contains("<code>invalid_state</code>") && !page.contains("Call me"), "{what}: {page}");
        assert_eq!(visitor.fake.token_requests(), 0, "{what} reached the token endpoint");
    }

    // None of these took the sign-in away from the one whose it is; once it is used, it is over.
    visitor.cookie = ours;
    assert_eq!(visitor.send("GET", &good, &[]).await.status(), StatusCode::SEE_OTHER);
    assert!(visitor.is_signed_in().await);
    assert_eq!(visitor.text(&good).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(visitor.fake.token_requests(), 1);
}

#[tokio::test]
async fn oidc_core_3_1_3_7_a_wrong_id_token_signs_nobody_in() {
    let mut visitor = Visitor::new().await;
    let now = visitor.rig.cx(HOST).await.now.seconds();
    let cases = [
        ("nonce of another sign-in", json!({ "nonce": "other" })),
        ("no nonce", json!({ "nonce": null })),
        ("issuer of somebody else", json!({ "iss": "https://evil.example" })),
        ("issuer with a slash", json!({ "iss": format!("{}/", visitor.fake.issuer) })),
        ("audience of another application", json!({ "aud": "other" })),
        ("audience that only begins alike", json!({ "aud": format!("{ID}2") })),
        ("no audience", json!({ "aud": [] })),
        ("two audiences, nobody named", json!({ "aud": [ID, "other"] })),
        ("two audiences, the other named", json!({ "aud": [ID, "other"], "azp": "other" })),
        ("another party named", json!({ "azp": "other" })),
        ("party that is no text", json!({ "azp": [ID] })),
        ("over", json!({ "iat": now - 600, "exp": now - 61 })),
        ("without end", json!({ "exp": null })),
        ("from the future", json!({ "iat": now + 120 })),
        ("without beginning", json!({ "iat": null })),
        ("about nobody", json!({ "sub": "" })),
    ];
    for (what, change) in cases {
        let request = visitor.begin("/demo/signin").await;
        let mut claims = visitor.claims(&request).await;
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        let response = visitor.come_back(&request, claims).await;
        visitor.assert_refused(response, "invalid_id_token", what).await;
    }

    // Two audiences are fine where the token says whom it was made for.
    let request = visitor.begin("/demo/signin").await;
    let mut claims = visitor.claims(&request).await;
    (claims["aud"], claims["azp"]) = (json!(["other", ID]), json!(ID));
    visitor.come_back(&request, claims).await;
    assert!(visitor.is_signed_in().await);
}

#[tokio::test]
async fn rfc_7515_5_2_an_id_token_that_the_provider_did_not_sign_signs_nobody_in() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut visitor = Visitor::new().await;
    let foreign = SigningKey::generate(Algorithm::Es256).unwrap();
    for what in ["foreign key", "foreign key under the provider's name", "no signature", "MAC with the secret", "changed claims"]
    {
        let request = visitor.begin("/demo/signin").await;
        let claims = visitor.claims(&request).await;
        let good = visitor.fake.sign(&claims);
        let parts: Vec<&str> = good.split('.').collect();
        let token = match what {
            "foreign key" => doorward_protocol::jose::sign_jwt(&foreign, "JWT", &claims).unwrap(),
            "foreign key under the provider's name" => {
                let forged = doorward_protocol::jose::sign_jwt(&foreign, "JWT", &claims).unwrap();
                format!("{}.{}.{}", parts[0], parts[1], forged.rsplit('.').next().unwrap())
            }
            "no signature" => format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1]),
            "MAC with the secret" => sign_hs256(SECRET.as_bytes(), "JWT", &claims).unwrap(),
            _ => {
                let mut other = claims.clone();
                other["sub"] = json!("u2");
                format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other.to_string()), parts[2])
            }
        };
        let response = visitor.come_back_with(&request, &token).await;
        visitor.assert_refused(response, "invalid_id_token", what).await;
    }
}

#[tokio::test]
async fn oidc_core_5_3_2_userinfo_about_somebody_else_signs_nobody_in() {
    let mut visitor = Visitor::new().await;
    visitor.fake.set(|script| script.userinfo["sub"] = json!("u2"));
    let request = visitor.begin("/demo/signin").await;
    let claims = visitor.claims(&request).await;
    let response = visitor.come_back(&request, claims).await;
    visitor.assert_refused(response, "invalid_userinfo", "another subject").await;
}

#[tokio::test]
async fn an_error_of_the_provider_is_told_in_words() {
    let mut visitor = Visitor::new().await;
    for (path, error, words) in [
        ("/demo/signin", "error=access_denied&error_description=Ada+said+%3Cno%3E", "Ada said &lt;no&gt;"),
        ("/demo/silent", "error=login_required", "nobody is signed in"),
    ] {
        let request = visitor.begin(path).await;
        assert_eq!(request.find("prompt"), (path == "/demo/silent").then_some("none"));
        let response = visitor.send("GET", &format!("/demo/callback?{error}&state={}", request.get("state")), &[]).await;
        assert_eq!(header_of(&response, header::LOCATION), "/demo");
        let (_, page) = visitor.text("/demo").await;
        assert!(page.contains("id=\"error\"") && page.contains(words), "{page}");
        assert!(!visitor.text("/demo").await.1.contains("id=\"error\""), "told once");
    }
    // What the token endpoint refuses is told as well: this code was never given out.
    let request = visitor.begin("/demo/signin").await;
    let response = visitor.send("GET", &format!("/demo/callback?code=made-up&state={}", request.get("state")), &[]).await;
    visitor.assert_refused(response, "invalid_grant", "a code of nobody").await;
    let request = visitor.begin("/demo/signin").await;
    let response = visitor.send("GET", &format!("/demo/callback?state={}", request.get("state")), &[]).await;
    visitor.assert_refused(response, "invalid_response", "neither code nor error").await;
}

#[tokio::test]
async fn rfc_9207_2_4_an_answer_of_another_provider_is_refused() {
    let mut visitor = Visitor::new().await;
    let issuer = visitor.fake.issuer.clone();
    for (advertised, iss, accepted) in [
        (false, None, true),
        (false, Some("https://evil.example"), false),
        (true, None, false),
        (true, Some("https://evil.example"), false),
        (true, Some(issuer.as_str()), true),
    ] {
        visitor.fake.set(|script| script.names_itself = advertised);
        visitor.cookie = None;
        let asked = visitor.fake.token_requests();
        let request = visitor.begin("/demo/signin").await;
        let claims = visitor.claims(&request).await;
        let code = visitor.fake.give_code(request.get("code_challenge"), &visitor.fake.sign(&claims));
        let iss = iss.map(|iss| format!("&iss={iss}")).unwrap_or_default();
        let response = visitor.send("GET", &format!("/demo/callback?code={code}&state={}{iss}", request.get("state")), &[]).await;
        if accepted {
            assert!(visitor.is_signed_in().await, "{advertised} {iss}");
        } else {
            visitor.assert_refused(response, "invalid_issuer", &format!("{advertised} {iss}")).await;
            assert_eq!(visitor.fake.token_requests(), asked, "the code was sent");
        }
    }
}

#[tokio::test]
async fn discovery_4_3_a_document_of_another_issuer_or_none_starts_nothing() {
    let mut visitor = Visitor::new().await;
    visitor.fake.set(|script| script.named_issuer = Some("https://evil.example".into()));
    let (status, page) = visitor.text("/demo/signin").await;
    assert!(status == StatusCode::BAD_GATEWAY && page.contains("<code>provider_unavailable</code>"), "{page}");

    let config = DemoConfig {
        // Port 9 (discard) of this machine: nobody answers.
        issuer: "http://127.0.0.1:9".into(),
        client_id: ID.into(),
        client_secret: SECRET.into(),
        base_url: BASE.into(),
    };
    visitor.router = router(config);
    let (status, page) = visitor.text("/demo/signin").await;
    assert!(status == StatusCode::BAD_GATEWAY && page.contains("<code>provider_unavailable</code>"), "{page}");
}

#[tokio::test]
async fn the_protected_page_starts_the_sign_in_and_comes_back() {
    let mut visitor = Visitor::new().await;
    for (path, back) in
        [("/demo/protected", "/demo/protected"), ("/demo/profile", "/demo/profile"), ("/demo/signup", "/demo/profile")]
    {
        visitor.cookie = None;
        let request = visitor.begin(path).await;
        assert_eq!(request.find("prompt"), (path == "/demo/signup").then_some("create"));
        let claims = visitor.claims(&request).await;
        let response = visitor.come_back(&request, claims).await;
        assert_eq!(header_of(&response, header::LOCATION), back, "{path}");
    }
}

#[tokio::test]
async fn two_tabs_both_arrive() {
    let mut visitor = Visitor::new().await;
    let (first, second) = (visitor.begin("/demo/signin").await, visitor.begin("/demo/protected").await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(first.get(name), second.get(name), "{name}");
    }
    for (request, back) in [(second, "/demo/protected"), (first, "/demo/profile")] {
        let claims = visitor.claims(&request).await;
        let response = visitor.come_back(&request, claims).await;
        assert_eq!(header_of(&response, header::LOCATION), back);
        assert!(visitor.is_signed_in().await);
    }
}

#[tokio::test]
async fn wishes_are_handed_on_and_max_age_is_held_to() {
    let mut visitor = Visitor::new().await;
    let path =
        "/demo/signin?prompt=login&max_age=100&login_hint=a%40b.example&ui_locales=de&acr_values=x&redirect_uri=evil&state=1";
    let request = visitor.begin(path).await;
    for (name, value) in
        [("prompt", "login"), ("max_age", "100"), ("login_hint", "a@b.example"), ("ui_locales", "de"), ("acr_values", "x")]
    {
        assert_eq!(request.get(name), value);
    }
    for name in ["redirect_uri", "state"] {
        assert_eq!(request.pairs.iter().filter(|(key, _)| key == name).count(), 1, "{name}");
    }
    for (age, accepted) in [(Some(161), false), (None, false), (Some(100), true)] {
        let request = visitor.begin(path).await;
        let mut claims = visitor.claims(&request).await;
        match age {
            Some(age) => claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - age),
            None => drop(claims.as_object_mut().unwrap().remove("auth_time")),
        }
        let response = visitor.come_back(&request, claims).await;
        if accepted {
            assert!(visitor.is_signed_in().await);
        } else {
            visitor.assert_refused(response, "invalid_id_token", &format!("{age:?}")).await;
        }
    }
}

#[tokio::test]
async fn a_moved_clock_is_the_demos_too() {
    let mut visitor = Visitor::new().await;
    let tenant = visitor.rig.cx(HOST).await.tenant_id();
    visitor.rig.app.service.clock.advance(tenant, 30 * 86_400);
    let request = visitor.begin("/demo/signin").await;
    let claims = visitor.claims(&request).await;
    visitor.come_back(&request, claims).await;
    assert!(visitor.is_signed_in().await);
}

#[tokio::test]
async fn another_site_cannot_sign_a_person_out() {
    let mut visitor = Visitor::new().await;
    let request = visitor.begin("/demo/signin").await;
    let claims = visitor.claims(&request).await;
    visitor.come_back(&request, claims).await;
    for from in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "http://localhost:3000")] {
        assert_eq!(visitor.send("POST", "/demo/signout", &[from]).await.status(), StatusCode::FORBIDDEN, "{from:?}");
    }
    assert_eq!(visitor.send("GET", "/demo/signout", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(visitor.is_signed_in().await);
}

#[tokio::test]
async fn a_sign_in_at_another_host_moves_to_the_registered_one_first() {
    let visitor = Visitor::new().await;
    let response = visitor.rig.get(visitor.router.clone(), super::super::rig::OTHER_HOST, "/demo/protected").await;
    assert_eq!(header_of(&response, header::LOCATION), "http://localhost:9011/demo/protected");
    assert_eq!(header_of(&response, header::SET_COOKIE), "");
}
