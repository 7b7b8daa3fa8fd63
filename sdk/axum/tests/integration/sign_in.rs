//! Sign-in: the way through, and every way beside it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_axum::{AccessTokenError, ClientAuth, MemoryStore, SessionStore, SignIn, SignInBuilder, StoreError, User};
use serde_json::json;
use url::Url;

use crate::browser::{APP, Browser, Page};
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Key, Provider, b64};

async fn home(user: Option<User>) -> String {
    user.map_or("stranger".into(), |user| format!("{} {}", user.name().unwrap_or("?"), user.email().unwrap_or("?")))
}

async fn profile(user: User) -> String {
    user.subject().to_owned()
}

async fn call_api(user: User) -> Result<String, AccessTokenError> {
    user.access_token().await
}

fn builder(provider: &Provider) -> SignInBuilder {
    let library = provider.of_library().pause_after_failure(Duration::ZERO).build().unwrap();
    SignIn::builder(library, CLIENT_ID, APP).client_secret(CLIENT_SECRET).cookie_secret([7; 32]).after_sign_in("/profile")
}

fn app(sign_in: SignIn) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .route("/api", get(call_api).post(call_api))
        .merge(sign_in.routes())
        .layer(sign_in.layer())
}

async fn start() -> (Provider, Browser) {
    let provider = Provider::start().await;
    let browser = Browser::new(app(builder(&provider).build().unwrap()));
    (provider, browser)
}

fn query(address: &str, name: &str) -> Option<String> {
    Url::parse(address).unwrap().query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

#[track_caller]
fn is_refused(page: &Page, status: u16, browser: &Browser) {
    assert_eq!(page.status.as_u16(), status, "{:?} {}", page.location, page.text);
    assert!(page.text.contains("id=\"try-again\""), "{}", page.text);
    assert!(browser.session().is_none(), "there is a session");
}

#[tokio::test]
async fn in_and_out() {
    let (provider, mut browser) = start().await;
    assert_eq!(browser.get("/").await.text, "stranger");
    let page = browser.sign_in("/login").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/profile"));
    assert_eq!(browser.get("/profile").await.text, "user-1");
    let home = browser.get("/").await;
    assert_eq!((home.text.as_str(), home.cache_control.as_deref()), ("Ada Lovelace ada@example.com", Some("no-store")));
    assert_eq!(browser.get("/api").await.text, "access-1");
    // Nothing waits any more, and the one cookie is as it should be.
    assert_eq!(browser.cookies.len(), 1);
    let session = browser.set.iter().find(|set| !set.contains('.') || set.contains("Max-Age=86400")).unwrap();
    assert!(session.starts_with("__Host-session-"), "{session}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=86400"] {
        assert!(session.contains(attribute), "{session}");
    }
    // Base64 hides nothing, so it is taken off first. Short words would be there by chance.
    let (_, sealed) = browser.session().unwrap();
    let sealed = String::from_utf8_lossy(&STANDARD.decode(sealed).unwrap()).into_owned();
    for secret in ["access-1", "refresh-1", "ada@example.com"] {
        assert!(!sealed.contains(secret));
    }

    let page = browser.send(Method::POST, "/logout", &[("origin", APP), ("sec-fetch-site", "same-origin")]).await;
    assert!(page.location().starts_with(&format!("{}/logout?", provider.issuer)), "{}", page.location());
    assert_eq!(query(page.location(), "post_logout_redirect_uri").unwrap(), format!("{APP}/"));
    assert_eq!(query(page.location(), "client_id").unwrap(), CLIENT_ID);
    assert_eq!(query(page.location(), "id_token_hint").unwrap().split('.').count(), 3);
    assert_eq!(browser.get("/").await.text, "stranger");
    // The revocation goes beside the answer.
    for _ in 0..100 {
        if !provider.seen.lock().unwrap().revoked.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(provider.seen.lock().unwrap().revoked, ["refresh-1"]);
}

#[tokio::test]
async fn what_the_provider_is_asked() {
    let provider = Provider::start().await;
    let sign_in = builder(&provider)
        .scopes(["profile", "read:messages"])
        .audience("https://api.example.com")
        .parameter("ui_locales", "fr")
        .build()
        .unwrap();
    let mut browser = Browser::new(app(sign_in));
    let login = browser.get("/login").await.location().to_owned();
    let signup = browser.get("/signup").await.location().to_owned();
    let asked = |name: &str| query(&login, name);
    assert_eq!(asked("redirect_uri").unwrap(), format!("{APP}/callback"));
    assert_eq!(asked("scope").unwrap(), "openid profile read:messages");
    assert_eq!(asked("client_id").unwrap(), CLIENT_ID);
    assert_eq!(
        (asked("audience"), asked("resource")),
        (Some("https://api.example.com".into()), Some("https://api.example.com".into()))
    );
    assert_eq!((asked("ui_locales"), asked("prompt"), asked("screen_hint")), (Some("fr".into()), None, None));
    assert_eq!((query(&signup, "prompt"), query(&signup, "screen_hint")), (Some("create".into()), Some("signup".into())));
    for (name, characters) in [("state", 43), ("nonce", 43), ("code_challenge", 43)] {
        assert_eq!(asked(name).unwrap().len(), characters, "{name}");
        assert_ne!(asked(name), query(&signup, name), "{name} is used once");
    }

    // A provider that does not know prompt=create might refuse it.
    let provider = Provider::start().await;
    provider.discovery.lock().unwrap().insert("prompt_values_supported".into(), json!(["login"]));
    let mut browser = Browser::new(app(builder(&provider).build().unwrap()));
    let signup = browser.get("/signup").await.location().to_owned();
    assert_eq!((query(&signup, "prompt"), query(&signup, "screen_hint")), (None, Some("signup".into())));
}

#[tokio::test]
async fn client_authentication_as_the_provider_likes_it() {
    for (methods, chosen, in_form) in [
        (json!(["client_secret_post"]), None, true),
        (json!(["client_secret_post", "client_secret_basic"]), None, false),
        (json!(["client_secret_post", "client_secret_basic"]), Some(ClientAuth::Post), true),
    ] {
        let provider = Provider::start().await;
        provider.discovery.lock().unwrap().insert("token_endpoint_auth_methods_supported".into(), methods);
        let mut builder = builder(&provider);
        if let Some(auth) = chosen {
            builder = builder.client_auth(auth);
        }
        let mut browser = Browser::new(app(builder.build().unwrap()));
        assert_eq!(browser.sign_in("/login").await.location(), "/profile");
        assert_eq!(provider.seen.lock().unwrap().token_requests[0].contains_key("client_secret"), in_form);
    }
}

#[tokio::test]
async fn people_come_back_to_where_they_were_going() {
    let (_provider, mut browser) = start().await;
    let page = browser.get("/profile?tab=2&x=%2F").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let login = page.location().to_owned();
    assert!(login.starts_with("/login?return_to="), "{login}");
    assert_eq!(browser.sign_in(&login).await.location(), "/profile?tab=2&x=%2F");
}

#[tokio::test]
async fn only_pages_are_redirected() {
    let (_provider, mut browser) = start().await;
    for headers in [&[("accept", "application/json")][..], &[("accept", "text/html"), ("sec-fetch-mode", "cors")], &[]] {
        let page = browser.send(Method::GET, "/profile", headers).await;
        assert_eq!((page.status, page.location.is_none()), (StatusCode::UNAUTHORIZED, true), "{headers:?}");
        assert!(page.text.contains("login_required"));
    }
    assert_eq!(browser.send(Method::POST, "/api", &[("accept", "text/html")]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn return_to_leads_nowhere_else() {
    let (_provider, mut browser) = start().await;
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "%2F%2Fevil.example",
        "/.//evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "%5C%5Cevil.example",
        "/a/..//evil.example",
        "",
    ] {
        let page = browser.sign_in(&format!("/login?return_to={evil}")).await;
        assert_eq!(page.location(), "/profile", "{evil}");
    }
    assert_eq!(browser.sign_in("/login?return_to=/a%3Fb=c").await.location(), "/a?b=c");
}

#[tokio::test]
async fn an_answer_to_a_sign_in_that_this_browser_never_began() {
    let (provider, mut browser) = start().await;
    // An attacker's own answer, given to a victim: login CSRF.
    let begun = browser.clone().get("/login").await;
    let callback = browser.at_provider(begun.location()).await;
    is_refused(&browser.get(&callback).await, 400, &browser);
    // The victim is waiting for an answer of their own.
    browser.get("/login").await;
    is_refused(&browser.get(&callback).await, 400, &browser);
    // The state of one sign-in with the cookie of another.
    let state = query(&format!("{APP}{callback}"), "state").unwrap();
    let (name, value) = browser.cookies.iter().next().map(|(name, value)| (name.clone(), value.clone())).unwrap();
    let other = format!("{}.{}", name.split('.').next().unwrap(), &state[..12]);
    browser.cookies.insert(other, value);
    is_refused(&browser.get(&callback).await, 400, &browser);
    for bad in [
        "/callback",
        "/callback?code=x",
        "/callback?code=x&state=",
        "/callback?code=x&state=short",
        "/callback?state=a%0d%0ab&code=x",
    ] {
        is_refused(&browser.get(bad).await, 400, &browser);
    }
    assert!(provider.seen.lock().unwrap().token_requests.is_empty(), "a code was redeemed");
}

#[tokio::test]
async fn an_answer_is_taken_once() {
    let (provider, mut browser) = start().await;
    let login = browser.get("/login").await;
    let callback = browser.at_provider(login.location()).await;
    let copied = browser.cookies.clone();
    assert_eq!(browser.get(&callback).await.location(), "/profile");
    // Reload and back button: the person stays signed in, and nothing is redeemed.
    assert_eq!(browser.get(&callback).await.location(), "/profile");
    assert_eq!(provider.seen.lock().unwrap().token_requests.len(), 1);
    // A thief with the address alone, and one with a copy of the cookies of before too.
    let mut thief = browser.clone();
    thief.cookies.clear();
    is_refused(&thief.get(&callback).await, 400, &thief);
    thief.cookies = copied;
    is_refused(&thief.get(&callback).await, 400, &thief);
    assert!(thief.cookies.is_empty(), "the answer is over");
    assert_eq!(browser.get("/profile").await.text, "user-1");
}

#[tokio::test]
async fn several_tabs() {
    let (_provider, mut browser) = start().await;
    let first = browser.get("/login?return_to=/first").await;
    let second = browser.get("/login?return_to=/second").await;
    let callback = browser.at_provider(first.location()).await;
    assert_eq!(browser.get(&callback).await.location(), "/first");
    let callback = browser.at_provider(second.location()).await;
    assert_eq!(browser.get(&callback).await.location(), "/second");
    // Who never finishes does not fill the jar.
    for _ in 0..20 {
        browser.get("/login").await;
    }
    assert!(browser.cookies.len() <= 6, "{}", browser.cookies.len());
}

#[tokio::test]
async fn id_tokens_that_are_not_good() {
    for (claim, value) in [
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("iss", json!("https://evil.example")),
        ("aud", json!("another client")),
        ("aud", json!([CLIENT_ID, "another client"])),
        ("azp", json!("another client")),
        ("exp", json!(1_700_000_000)),
        ("nbf", json!(4_000_000_000_u64)),
        ("sub", json!("")),
        ("sub", json!(null)),
    ] {
        let (provider, mut browser) = start().await;
        provider.id_token.lock().unwrap().insert(claim.into(), value.clone());
        let page = browser.sign_in("/login").await;
        is_refused(&page, 502, &browser);
        assert!(browser.cookies.is_empty(), "{claim} {value}");
    }
    let (provider, mut browser) = start().await;
    provider.id_token.lock().unwrap().extend([("aud".into(), json!([CLIENT_ID, "other"])), ("azp".into(), json!(CLIENT_ID))]);
    assert_eq!(browser.sign_in("/login").await.location(), "/profile");
}

#[tokio::test]
async fn an_id_token_with_a_key_that_is_not_published() {
    let (provider, mut browser) = start().await;
    assert_eq!(browser.sign_in("/login").await.location(), "/profile");
    browser.cookies.clear();
    // The list that is fetched has the old key only, the token is made with the new one.
    let hidden = Key::new("hidden", "ES256");
    provider.keys.lock().unwrap().push(Arc::clone(&hidden));
    assert_eq!(browser.sign_in("/login").await.location(), "/profile", "rotated keys are fetched");
    browser.cookies.clear();
    // Another key under the same id.
    let mut keys = vec![Key::shared(), hidden];
    std::mem::swap(&mut *provider.keys.lock().unwrap(), &mut keys);
    provider.keys.lock().unwrap().push(Key::new("hidden", "ES256"));
    is_refused(&browser.sign_in("/login").await, 502, &browser);
}

#[tokio::test]
async fn the_answer_of_another_provider() {
    let (_provider, mut browser) = start().await;
    let page = browser.get("/login").await;
    let callback = browser.at_provider(page.location()).await;
    let (before, _iss) = callback.split_once("&iss=").unwrap();
    let mut other = browser.clone();
    is_refused(&other.get(&format!("{before}&iss=https%3A%2F%2Fevil.example")).await, 400, &other);
    is_refused(&browser.get(before).await, 400, &browser);
}

#[tokio::test]
async fn the_provider_says_no() {
    let (_provider, mut browser) = start().await;
    for (error, status) in [("access_denied", 403), ("server_error", 502)] {
        let page = browser.get("/login").await;
        let state = query(page.location(), "state").unwrap();
        let iss = query(&format!("{APP}{}", browser.at_provider(page.location()).await), "iss").unwrap();
        let words = "%3Cscript%3Ealert(1)%3C/script%3E";
        let page = browser.get(&format!("/callback?error={error}&error_description={words}&state={state}&iss={iss}")).await;
        is_refused(&page, status, &browser);
        assert!(!page.text.contains("script"), "words of the request are shown");
    }
}

#[tokio::test]
async fn your_own_error_page() {
    let provider = Provider::start().await;
    let page = |error: &doorward_axum::SignInError| -> Response { (StatusCode::IM_A_TEAPOT, error.action()).into_response() };
    let mut browser = Browser::new(app(builder(&provider).error_page(page).build().unwrap()));
    let page = browser.get("/callback").await;
    assert_eq!(page.status, StatusCode::IM_A_TEAPOT);
    assert!(page.text.contains("sign in again"));
}

#[tokio::test]
async fn a_wrong_secret_and_a_provider_that_is_away() {
    let provider = Provider::start().await;
    let mut browser = Browser::new(app(builder(&provider).client_secret("wrong").build().unwrap()));
    is_refused(&browser.sign_in("/login").await, 502, &browser);

    let (provider, mut browser) = start().await;
    let page = browser.get("/login").await;
    let callback = browser.at_provider(page.location()).await;
    provider.token_down.store(true, Ordering::SeqCst);
    is_refused(&browser.get(&callback).await, 503, &browser);

    let (provider, mut browser) = start().await;
    provider.down.store(true, Ordering::SeqCst);
    is_refused(&browser.get("/login").await, 503, &browser);
    provider.down.store(false, Ordering::SeqCst);
    assert_eq!(browser.sign_in("/login").await.location(), "/profile");
    // Signed out here, whatever the provider does.
    provider.down.store(true, Ordering::SeqCst);
    browser.send(Method::POST, "/logout", &[]).await;
    assert_eq!(browser.get("/").await.text, "stranger");
}

#[tokio::test]
async fn cookies_that_were_changed() {
    let (_provider, mut browser) = start().await;
    browser.sign_in("/login").await;
    let (name, value) = browser.session().map(|(name, value)| (name.clone(), value.clone())).unwrap();
    for at in (0..value.len() - 4).step_by(97) {
        let mut changed = value.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        browser.cookies.insert(name.clone(), String::from_utf8(changed).unwrap());
        assert_eq!(browser.get("/").await.text, "stranger", "{at}");
    }
    for made_up in ["", "x", "e30", &b64(r#"{"i":"a.b.c","a":"x","e":99999999999}"#)] {
        browser.cookies.insert(name.clone(), made_up.into());
        assert_eq!(browser.get("/").await.text, "stranger", "{made_up}");
    }
    // A waiting sign-in's cookie under the session's name, and a session's under another application's key.
    browser.cookies.clear();
    browser.get("/login").await;
    let pending = browser.cookies.values().next().unwrap().clone();
    browser.cookies.insert(name.clone(), pending);
    assert_eq!(browser.get("/").await.text, "stranger");

    let provider = Provider::start().await;
    let sign_in = SignIn::builder(provider.of_library().build().unwrap(), CLIENT_ID, APP).cookie_secret([8; 32]).build().unwrap();
    let mut other = Browser::new(app(sign_in));
    other.cookies.insert(name, value);
    assert_eq!(other.get("/").await.text, "stranger");
}

#[tokio::test]
async fn a_session_ends() {
    let provider = Provider::start().await;
    let mut browser = Browser::new(app(builder(&provider).session_lifetime(Duration::from_secs(2)).build().unwrap()));
    browser.sign_in("/login").await;
    assert_ne!(browser.get("/").await.text, "stranger");
    // Ends are whole seconds.
    tokio::time::sleep(Duration::from_millis(3100)).await;
    // A browser that keeps cookies for ever gains nothing.
    assert_eq!(browser.get("/").await.text, "stranger");
}

#[tokio::test]
async fn signing_out_is_for_this_application_s_own_button() {
    let (_provider, mut browser) = start().await;
    browser.sign_in("/login").await;
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "https://other.example.com")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ] {
        assert_eq!(browser.send(Method::POST, "/logout", headers).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(browser.get("/logout").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_ne!(browser.get("/").await.text, "stranger");
}

#[tokio::test]
async fn an_access_token_that_is_over_is_exchanged() {
    let (provider, mut browser) = start().await;
    *provider.expires_in.lock().unwrap() = 20;
    browser.sign_in("/login").await;
    *provider.expires_in.lock().unwrap() = 3600;
    assert_eq!(browser.get("/api").await.text, "access-2");
    // The new one is in the cookie, and the person is the same.
    assert_eq!(browser.get("/api").await.text, "access-2");
    assert_eq!(browser.get("/").await.text, "Ada Lovelace ada@example.com");
    assert_eq!(provider.seen.lock().unwrap().token_requests.len(), 2);
}

#[tokio::test]
async fn several_tabs_exchange_it_once() {
    let (provider, mut browser) = start().await;
    *provider.expires_in.lock().unwrap() = 20;
    browser.sign_in("/login").await;
    *provider.expires_in.lock().unwrap() = 3600;
    provider.refresh_delay_ms.store(50, Ordering::SeqCst);
    let tabs: Vec<_> = (0..10)
        .map(|_| {
            let mut tab = browser.clone();
            tokio::spawn(async move { tab.get("/api").await.text })
        })
        .collect();
    for tab in tabs {
        assert_eq!(tab.await.unwrap(), "access-2");
    }
    // A tab that comes late with the old cookie gets the same.
    assert_eq!(browser.clone().get("/api").await.text, "access-2");
    assert_eq!(provider.seen.lock().unwrap().token_requests.len(), 2);
}

#[tokio::test]
async fn a_refused_refresh_token_leads_to_sign_in_and_back() {
    let (provider, mut browser) = start().await;
    *provider.expires_in.lock().unwrap() = 20;
    browser.sign_in("/login").await;
    // Somebody else's sign-in makes this refresh token an old one.
    browser.clone().sign_in("/login").await;
    let page = browser.get("/api?x=1").await;
    assert_eq!(page.location(), "/login?return_to=%2Fapi%3Fx%3D1");
    assert_eq!(browser.get("/").await.text, "stranger");
    *provider.expires_in.lock().unwrap() = 3600;
    assert_eq!(browser.sign_in("/login?return_to=%2Fapi%3Fx%3D1").await.location(), "/api?x=1");
}

#[tokio::test]
async fn a_refresh_while_the_provider_is_away_keeps_the_session() {
    let (provider, mut browser) = start().await;
    *provider.expires_in.lock().unwrap() = 20;
    browser.sign_in("/login").await;
    provider.token_down.store(true, Ordering::SeqCst);
    assert_eq!(browser.get("/api").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_ne!(browser.get("/").await.text, "stranger");
    provider.token_down.store(false, Ordering::SeqCst);
    assert_eq!(browser.get("/api").await.text, "access-2");
}

#[tokio::test]
async fn a_refresh_may_not_change_the_person() {
    let (provider, mut browser) = start().await;
    *provider.expires_in.lock().unwrap() = 20;
    browser.sign_in("/login").await;
    provider.id_token.lock().unwrap().insert("sub".into(), json!("user-2"));
    assert!(browser.get("/api").await.location().starts_with("/login"));
    assert_eq!(browser.get("/").await.text, "stranger");
}

#[tokio::test]
async fn userinfo_fills_what_the_id_token_lacks() {
    let (provider, mut browser) = start().await;
    provider.id_token.lock().unwrap().extend([("name".into(), json!(null)), ("email".into(), json!(null))]);
    *provider.userinfo.lock().unwrap() = json!({ "sub": "user-1", "name": "Ada L.", "email": "ada@example.org" });
    browser.sign_in("/login").await;
    assert_eq!(browser.get("/").await.text, "Ada L. ada@example.org");
    // Section 5.3.2.
    browser.cookies.clear();
    *provider.userinfo.lock().unwrap() = json!({ "sub": "user-2", "name": "Eve" });
    is_refused(&browser.sign_in("/login").await, 502, &browser);
}

#[tokio::test]
async fn a_session_that_does_not_fit_a_cookie() {
    let provider = Provider::start().await;
    provider.padding.store(4000, Ordering::SeqCst);
    let mut browser = Browser::new(app(builder(&provider).build().unwrap()));
    is_refused(&browser.sign_in("/login").await, 500, &browser);

    let store = Arc::new(MemoryStore::new());
    let mut browser = Browser::new(app(builder(&provider).session_store(Shared(Arc::clone(&store))).build().unwrap()));
    assert_eq!(browser.sign_in("/login").await.location(), "/profile");
    assert_eq!(browser.get("/profile").await.text, "user-1");
    let (_, cookie) = browser.session().unwrap();
    assert!(cookie.len() < 200, "{}", cookie.len());

    // A copy of the cookie is worth nothing once the session is over.
    let mut copy = browser.clone();
    assert_ne!(copy.get("/").await.text, "stranger");
    browser.send(Method::POST, "/logout", &[]).await;
    assert_eq!(copy.get("/").await.text, "stranger");
}

#[tokio::test]
async fn each_sign_in_has_a_new_session_id() {
    let provider = Provider::start().await;
    let mut browser = Browser::new(app(builder(&provider).session_store(MemoryStore::new()).build().unwrap()));
    browser.sign_in("/login").await;
    let mut before = browser.clone();
    browser.sign_in("/login").await;
    assert_ne!(browser.session(), before.session());
    assert_eq!(before.get("/").await.text, "stranger");
    assert_ne!(browser.get("/").await.text, "stranger");
}

#[tokio::test]
async fn a_store_sees_nothing() {
    let provider = Provider::start().await;
    let seen = Arc::new(Spy::default());
    let mut browser = Browser::new(app(builder(&provider).session_store(Shared(Arc::clone(&seen))).build().unwrap()));
    browser.sign_in("/login").await;
    let kept = seen.0.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    for secret in ["access-1", "refresh-1", "eyJ"] {
        assert!(!kept[0].1.contains(secret), "{secret}");
    }
    let (_, cookie) = browser.session().unwrap();
    assert!(!cookie.contains(&kept[0].0));
}

#[tokio::test]
async fn a_store_that_fails() {
    let provider = Provider::start().await;
    let mut browser = Browser::new(app(builder(&provider).session_store(Broken).build().unwrap()));
    is_refused(&browser.sign_in("/login").await, 503, &browser);
}

#[tokio::test]
async fn a_user_outside_of_the_layer_is_a_mistake_that_is_told() {
    let mut browser = Browser::new(Router::new().route("/profile", get(profile)));
    assert_eq!(browser.get("/profile").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

/// A store that the test can look into.
struct Shared<S>(Arc<S>);

#[async_trait]
impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.0.load(key).await
    }

    async fn save(&self, key: &str, session: String, lifetime: Duration) -> Result<(), StoreError> {
        self.0.save(key, session, lifetime).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.delete(key).await
    }
}

#[derive(Default)]
struct Spy(std::sync::Mutex<Vec<(String, String)>>);

#[async_trait]
impl SessionStore for Spy {
    async fn load(&self, _key: &str) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn save(&self, key: &str, session: String, _lifetime: Duration) -> Result<(), StoreError> {
        self.0.lock().unwrap().push((key.to_owned(), session));
        Ok(())
    }

    async fn delete(&self, _key: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

struct Broken;

#[async_trait]
impl SessionStore for Broken {
    async fn load(&self, _key: &str) -> Result<Option<String>, StoreError> {
        Err(StoreError("away".into()))
    }

    async fn save(&self, _key: &str, _session: String, _lifetime: Duration) -> Result<(), StoreError> {
        Err(StoreError("away".into()))
    }

    async fn delete(&self, _key: &str) -> Result<(), StoreError> {
        Err(StoreError("away".into()))
    }
}
