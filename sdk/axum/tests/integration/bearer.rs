//! Bearer tokens: what is accepted, what is refused, and when the provider is asked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use doorward_axum::{Algorithm, Api, Authorized, Bearer, Guarded, Requirement, Requirements};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::provider::{AUDIENCE, Key, Provider, b64, hmac_signed, now};

struct ReadAdminMessages;
impl Requirement for ReadAdminMessages {
    const PERMISSIONS: &'static [&'static str] = &["read:admin-messages"];
}

struct ReadMessages;
impl Requirement for ReadMessages {
    const SCOPES: &'static [&'static str] = &["read:messages"];
}

struct Answer {
    status: StatusCode,
    challenge: Option<String>,
    body: Value,
}

async fn ask_with(router: &Router, path: &str, authorization: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Answer { status, challenge, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
}

async fn ask(router: &Router, path: &str, token: &str) -> Answer {
    ask_with(router, path, Some(&format!("Bearer {token}"))).await
}

fn router(api: Api) -> Router {
    let guarded = |requirements| {
        let who = async |guarded: Option<Guarded>| Json(json!({ "sub": guarded.unwrap().subject() }));
        get(who).layer(api.require(requirements))
    };
    Router::new()
        .route("/me", get(async |token: Bearer| Json(json!({ "sub": token.subject(), "client": token.client_id() }))))
        .route("/maybe", get(async |token: Option<Bearer>| Json(json!({ "known": token.is_some() }))))
        .route("/admin", get(async |_: Authorized<ReadAdminMessages>| Json(json!({ "message": "admin" }))))
        .route("/messages", get(async |_: Authorized<ReadMessages>| Json(json!({ "message": "hello" }))))
        .route("/layered/any", guarded(Requirements::token()))
        .route("/layered/admin", guarded(Requirements::permissions(["read:admin-messages"])))
        .route("/layered/two", guarded(Requirements::permissions(["read:admin-messages", "write:admin-messages"])))
        .route("/layered/both", guarded(Requirements::scopes(["read:messages"]).and_permissions(["read:admin-messages"])))
        .with_state(api)
}

async fn start() -> (Provider, Router) {
    let provider = Provider::start().await;
    let api = Api::builder(provider.of_library().build().unwrap(), AUDIENCE).realm("messages").build().unwrap();
    (provider, router(api))
}

async fn refused(router: &Router, token: &str, why: &str) {
    let answer = ask(router, "/me", token).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{why}: {:?}", answer.body);
    assert_eq!(answer.body["error"], "invalid_token");
    let words = answer.body["error_description"].as_str().unwrap();
    assert!(words.contains(why), "expected {why:?}, got {words:?}");
    let challenge = answer.challenge.unwrap();
    assert_eq!(challenge, format!("Bearer realm=\"messages\", error=\"invalid_token\", error_description=\"{words}\""));
}

#[tokio::test]
async fn a_good_token_of_each_algorithm() {
    let (provider, router) = start().await;
    let keys = [Key::shared(), Key::new("ec", "ES256"), Key::new("ed", "EdDSA")];
    *provider.keys.lock().unwrap() = keys.to_vec();
    for key in keys {
        let answer = ask(&router, "/me", &key.sign(&provider.access_claims())).await;
        assert_eq!(
            (answer.status, answer.body),
            (StatusCode::OK, json!({ "sub": "user-1", "client": "web app" })),
            "{}",
            key.alg
        );
    }
}

#[tokio::test]
async fn no_token() {
    let (_provider, router) = start().await;
    let answer = ask_with(&router, "/me", None).await;
    assert_eq!((answer.status, answer.challenge.as_deref()), (StatusCode::UNAUTHORIZED, Some("Bearer realm=\"messages\"")));
    assert_eq!(answer.body["error"], "missing_token");
    assert_eq!(ask_with(&router, "/me", Some("Basic YTpi")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask_with(&router, "/me", Some("Bearer a b")).await.status, StatusCode::BAD_REQUEST);

    assert_eq!(ask_with(&router, "/maybe", None).await.body["known"], false);
    assert_eq!(ask_with(&router, "/maybe", Some("Bearer nonsense")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn claims_that_are_not_for_us() {
    let (provider, router) = start().await;
    let key = Key::shared();
    let changed = |name: &str, value: Value| {
        let mut claims = provider.access_claims();
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.into(), value),
        };
        key.sign(&claims)
    };
    refused(&router, &changed("iss", json!("https://evil.example")), "another issuer").await;
    refused(&router, &changed("iss", json!(format!("{}/", provider.issuer))), "another issuer").await;
    refused(&router, &changed("iss", json!([provider.issuer, "https://evil.example"])), "another issuer").await;
    refused(&router, &changed("iss", Value::Null), "claim iss").await;
    refused(&router, &changed("aud", json!("https://other.example.com")), "another audience").await;
    refused(&router, &changed("aud", json!([])), "another audience").await;
    refused(&router, &changed("aud", json!(format!("{AUDIENCE}/"))), "another audience").await;
    refused(&router, &changed("aud", Value::Null), "claim aud").await;
    refused(&router, &changed("exp", json!(now() - 40)), "expired").await;
    refused(&router, &changed("exp", json!("soon")), "claim exp").await;
    refused(&router, &changed("exp", Value::Null), "claim exp").await;
    refused(&router, &changed("nbf", json!(now() + 40)), "not valid yet").await;
    refused(&router, &changed("cnf", json!({ "jkt": "x" })), "bound to a key").await;
    // Clocks may differ by 30 seconds.
    assert_eq!(ask(&router, "/me", &changed("exp", json!(now() - 15))).await.status, StatusCode::OK);
    assert_eq!(ask(&router, "/me", &changed("nbf", json!(now() + 15))).await.status, StatusCode::OK);
    assert_eq!(ask(&router, "/me", &changed("aud", json!(AUDIENCE))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn tokens_that_are_not_what_they_say() {
    let (provider, router) = start().await;
    let key = Key::shared();
    let claims = provider.access_claims();
    let good = key.sign(&claims);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };

    let unsigned = b64(json!({ "alg": "none", "typ": "at+jwt", "kid": key.kid }).to_string());
    refused(&router, &format!("{unsigned}.{payload}."), "not a signed").await;
    refused(&router, &format!("{unsigned}.{payload}.{signature}"), "not a signed").await;
    // RFC 8725, section 2.1: the public key as the secret of an HMAC, in the forms that libraries would take it.
    for secret in [key.jwk.to_string(), key.jwk["n"].as_str().unwrap().to_owned()] {
        refused(&router, &hmac_signed(&key.kid, secret.as_bytes(), &claims), "algorithm").await;
    }
    // Another key under a known id.
    refused(&router, &Key::new("shared", "RS256").sign(&claims), "signature").await;
    // A known key under another algorithm's name.
    let renamed = |alg: &str| json!({ "typ": "at+jwt", "alg": alg, "kid": key.kid });
    refused(&router, &key.sign_with_header(&renamed("RS512"), &claims), "algorithm").await;
    refused(&router, &key.sign_with_header(&renamed("ES256"), &claims), "unknown key").await;
    // Payload and signature of different tokens.
    let mut more = claims.clone();
    more["permissions"] = json!(["everything"]);
    refused(&router, &format!("{header}.{}.{signature}", b64(more.to_string())), "signature").await;
    refused(&router, &format!("{header}.{payload}."), "signature").await;
    // Tokens for other uses, and headers that demand what nobody here understands.
    let logout = json!({ "typ": "logout+jwt", "alg": "RS256", "kid": key.kid });
    refused(&router, &key.sign_with_header(&logout, &claims), "another type").await;
    let critical = json!({ "typ": "at+jwt", "alg": "RS256", "kid": key.kid, "crit": ["b64"], "b64": false });
    refused(&router, &key.sign_with_header(&critical, &claims), "not a signed").await;
    // A key that came with the token.
    let own = Key::new("mine", "ES256");
    let brought = json!({ "typ": "at+jwt", "alg": "ES256", "kid": "mine", "jwk": own.jwk });
    refused(&router, &own.sign_with_header(&brought, &claims), "unknown key").await;
    for nonsense in ["a", "a.b.c", "....", &"x".repeat(20_000)] {
        let answer = ask(&router, "/me", nonsense).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{nonsense}");
    }
    // Good in every way, but no honest token is so long.
    more["permissions"] = json!(["x".repeat(12_400)]);
    refused(&router, &key.sign(&more), "too long").await;
    assert_eq!(ask(&router, "/me", &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn typ_may_be_absent_unless_it_must_be_there() {
    let provider = Provider::start().await;
    let library = || provider.of_library().build().unwrap();
    let relaxed = router(Api::builder(library(), AUDIENCE).build().unwrap());
    let strict = router(Api::builder(library(), AUDIENCE).typed_tokens_only().build().unwrap());
    let key = Key::shared();
    for (typ, strictly) in [(json!("JWT"), 401), (Value::Null, 401), (json!("at+jwt"), 200), (json!("application/at+JWT"), 200)] {
        let mut header = key.header();
        header["typ"] = typ.clone();
        if typ.is_null() {
            header.as_object_mut().unwrap().remove("typ");
        }
        let token = key.sign_with_header(&header, &provider.access_claims());
        assert_eq!(ask(&relaxed, "/me", &token).await.status, 200, "{typ}");
        assert_eq!(ask(&strict, "/me", &token).await.status.as_u16(), strictly, "{typ}");
    }
}

#[tokio::test]
async fn only_algorithms_that_are_asked_for() {
    let provider = Provider::start().await;
    let api = Api::builder(provider.of_library().build().unwrap(), AUDIENCE).algorithms([Algorithm::Es256]).build().unwrap();
    let error = api.verify(&Key::shared().sign(&provider.access_claims())).await.unwrap_err();
    assert_eq!(error.fault(), Some(doorward_axum::TokenFault::Algorithm));
}

#[tokio::test]
async fn scopes_and_permissions() {
    let (provider, router) = start().await;
    let with = |scope: Value, permissions: Value| {
        let mut claims = provider.access_claims();
        claims["scope"] = scope;
        claims["permissions"] = permissions;
        Key::shared().sign(&claims)
    };
    let all = with(json!("read:messages"), json!(["read:admin-messages"]));
    for path in ["/admin", "/messages", "/layered/any", "/layered/admin", "/layered/both"] {
        assert_eq!(ask(&router, path, &all).await.status, StatusCode::OK, "{path}");
        assert_eq!(ask_with(&router, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(ask(&router, "/layered/any", &all).await.body["sub"], "user-1");
    assert_eq!(ask(&router, "/layered/two", &all).await.status, StatusCode::FORBIDDEN, "one of two is not enough");
    // A permission is a whole word, and a scope of that name is no permission.
    for less in [json!([]), json!(["read:admin"]), json!(["read:admin-messages-2"]), json!({ "read:admin-messages": true })] {
        let token = with(json!("read:messages read:admin-messages"), less);
        for path in ["/admin", "/layered/admin", "/layered/both"] {
            let answer = ask(&router, path, &token).await;
            assert_eq!((answer.status, &answer.body["error"]), (StatusCode::FORBIDDEN, &json!("insufficient_scope")), "{path}");
            assert!(answer.body["error_description"].as_str().unwrap().contains("the permission read:admin-messages"));
            let challenge = answer.challenge.unwrap();
            assert!(challenge.starts_with("Bearer realm=\"messages\", error=\"insufficient_scope\""), "{challenge}");
            assert!(challenge.ends_with("scope=\"read:admin-messages\""), "{challenge}");
        }
    }
    let unscoped = with(json!("openid"), json!(["read:messages", "read:admin-messages"]));
    assert_eq!(ask(&router, "/messages", &unscoped).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(&router, "/layered/both", &unscoped).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(&router, "/layered/admin", &unscoped).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_and_found_after_rotation() {
    let (provider, router) = start().await;
    let old = Key::shared();
    assert_eq!(ask(&router, "/me", &old.sign(&provider.access_claims())).await.status, StatusCode::OK);
    assert_eq!(provider.key_requests(), 1);

    let new = Key::new("next", "ES256");
    let token = new.sign(&provider.access_claims());
    refused(&router, &token, "unknown key").await;
    assert_eq!(provider.key_requests(), 2);
    provider.keys.lock().unwrap().push(Arc::clone(&new));
    assert_eq!(ask(&router, "/me", &token).await.status, StatusCode::OK);
    assert_eq!(provider.key_requests(), 3);
    // Both keys are good now, and nothing is fetched for them.
    assert_eq!(ask(&router, "/me", &old.sign(&provider.access_claims())).await.status, StatusCode::OK);
    assert_eq!(ask(&router, "/me", &token).await.status, StatusCode::OK);
    assert_eq!(provider.key_requests(), 3);
}

#[tokio::test]
async fn made_up_key_ids_do_not_make_us_flood_the_provider() {
    let (provider, router) = start().await;
    let claims = provider.access_claims();
    for number in 0..50 {
        refused(&router, &Key::new(&format!("made-up-{number}"), "EdDSA").sign(&claims), "unknown key").await;
    }
    assert_eq!(provider.key_requests(), 1 + 5);
    assert_eq!(ask(&router, "/me", &Key::shared().sign(&claims)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_at_once_fetch_the_keys_once() {
    let (provider, router) = start().await;
    let token = Key::shared().sign(&provider.access_claims());
    let asked: Vec<_> = (0..40)
        .map(|_| {
            let (router, token) = (router.clone(), token.clone());
            tokio::spawn(async move { ask(&router, "/me", &token).await.status })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(provider.key_requests(), 1);
}

#[tokio::test]
async fn while_the_provider_is_away() {
    let provider = Provider::start().await;
    provider.down.store(true, Ordering::SeqCst);
    let library = provider.of_library().keys_max_age(Duration::ZERO).pause_after_failure(Duration::ZERO).build().unwrap();
    let router = router(Api::builder(library, AUDIENCE).build().unwrap());
    let token = Key::shared().sign(&provider.access_claims());
    let answer = ask(&router, "/me", &token).await;
    assert_eq!((answer.status, &answer.body["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("temporarily_unavailable")));
    assert!(answer.challenge.is_none());
    assert!(!answer.body.to_string().contains("localhost"), "the provider's address is nobody's business: {}", answer.body);
    // It comes, and goes again: keys that are known are used on.
    provider.down.store(false, Ordering::SeqCst);
    assert_eq!(ask(&router, "/me", &token).await.status, StatusCode::OK);
    provider.down.store(true, Ordering::SeqCst);
    assert_eq!(ask(&router, "/me", &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_with_the_cache() {
    let provider = Provider::start().await;
    let library = provider.of_library().keys_max_age(Duration::ZERO).build().unwrap();
    let router = router(Api::builder(library, AUDIENCE).realm("messages").build().unwrap());
    let token = Key::shared().sign(&provider.access_claims());
    assert_eq!(ask(&router, "/me", &token).await.status, StatusCode::OK);
    *provider.keys.lock().unwrap() = vec![Key::new("other", "EdDSA")];
    refused(&router, &token, "unknown key").await;
}

#[tokio::test]
async fn keys_of_other_kinds_in_the_list_do_no_harm() {
    let (provider, router) = start().await;
    *provider.further_jwks.lock().unwrap() = vec![
        json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AAAA" }),
        json!({ "kty": "oct", "kid": "shared", "k": "AAAA" }),
        json!({ "kty": "RSA", "use": "enc", "kid": "shared", "n": "AQAB", "e": "AQAB" }),
        json!(null),
    ];
    assert_eq!(ask(&router, "/me", &Key::shared().sign(&provider.access_claims())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_provider_with_another_name_is_not_believed() {
    let provider = Provider::start().await;
    provider.discovery.lock().unwrap().insert("issuer".into(), json!(format!("{}/", provider.issuer)));
    let library = provider.of_library().build().unwrap();
    let error = library.check().await.unwrap_err();
    assert!(
        matches!(&error, doorward_axum::ProviderError::IssuerMismatch { announced, .. } if announced.ends_with('/')),
        "{error}"
    );
    assert!(error.action().contains("exactly"));
    let api = Api::builder(library, AUDIENCE).build().unwrap();
    let error = api.verify(&Key::shared().sign(&provider.access_claims())).await.unwrap_err();
    assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_endpoint_without_tls_is_not_used() {
    let provider = Provider::start().await;
    provider.discovery.lock().unwrap().insert("jwks_uri".into(), json!("http://keys.example.com/jwks"));
    let error = provider.of_library().build().unwrap().check().await.unwrap_err();
    assert_eq!(error, doorward_axum::ProviderError::InsecureEndpoint("jwks_uri"));
}
