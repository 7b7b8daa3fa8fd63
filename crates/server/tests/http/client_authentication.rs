//! How applications prove themselves (RFC 6749, section 2.3; RFC 7523; OpenID Connect Core, section 9).

use crate::house::{API, ASSERTION_KEY, SECRET, ada, application, cause, neighbour, tests};
use doorward_testkit::relying_party::{Answer, AssertionKey, Proof, claims, unsigned};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![
    a_secret_by_header_or_body_but_never_two_ways_at_once,
    a_wrong_secret_and_an_unknown_client_look_alike,
    a_client_that_fails_without_end_must_wait,
    an_assertion_is_good_once,
    an_assertion_must_fit,
    a_public_client_names_itself_and_no_more,
    a_machine_gets_what_it_was_granted,
    a_secret_that_was_rotated_works_until_it_ends: {},
];

const MACHINE: (&str, &str) = ("grant_type", "client_credentials");

async fn ask(tenant: &Tenant, basic: Option<(&str, &str)>, body: &[(&str, &str)]) -> Answer {
    let mut request = tenant.http().post(tenant.url("/connect/token")).form(body);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    Answer::of(request).await.unwrap()
}

async fn a_secret_by_header_or_body_but_never_two_ways_at_once(tenant: Tenant) {
    let (id, secret) = (("client_id", "web"), ("client_secret", SECRET));
    assert_eq!(ask(&tenant, Some(("web", SECRET)), &[MACHINE]).await.status, 200);
    assert_eq!(ask(&tenant, None, &[MACHINE, id, secret]).await.status, 200);
    assert_eq!(ask(&tenant, Some(("web", SECRET)), &[MACHINE, id]).await.status, 200, "the same id beside the header");
    let both = ask(&tenant, Some(("web", SECRET)), &[MACHINE, id, secret]).await;
    assert_eq!(both.refusal(), (400, "invalid_request"));
    let other = ask(&tenant, Some(("web", SECRET)), &[MACHINE, ("client_id", "es")]).await;
    assert_eq!(other.refusal(), (400, "invalid_request"));
    let twice = ask(&tenant, None, &[MACHINE, id, secret, secret]).await;
    assert_eq!(twice.refusal(), (400, "invalid_request"));
    let assertion = assertion(&tenant, &json!({})).await;
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    let mixed = ask(&tenant, Some(("web", SECRET)), &[MACHINE, kind, ("client_assertion", &assertion)]).await;
    assert_eq!(mixed.refusal(), (400, "invalid_request"));
}

async fn a_wrong_secret_and_an_unknown_client_look_alike(tenant: Tenant) {
    let wrong = ask(&tenant, Some(("web", "wrong")), &[MACHINE]).await;
    let unknown = ask(&tenant, Some(("nobody", SECRET)), &[MACHINE]).await;
    for answer in [&wrong, &unknown] {
        assert_eq!(answer.refusal(), (401, "invalid_client"));
        // RFC 6749, section 5.2: who came with a header is answered with one.
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic"));
    }
    assert_eq!(wrong.json, unknown.json);
    let posted = ask(&tenant, None, &[MACHINE, ("client_id", "web"), ("client_secret", "wrong")]).await;
    assert_eq!(posted.refusal(), (401, "invalid_client"));
    for body in [&[MACHINE, ("client_id", "web")][..], &[MACHINE]] {
        assert_eq!(ask(&tenant, None, body).await.refusal(), (401, "invalid_client"), "no credentials at all");
    }
    let causes: Vec<Value> = tenant.audit("client.refused").await.unwrap().iter().map(|e| e["cause"].clone()).collect();
    for expected in ["wrong_secret", "unknown_client", "no_credentials"] {
        assert!(causes.contains(&expected.into()), "{expected}: {causes:?}");
    }
    // The secret of one tenant's application is nothing at another tenant.
    let mut there = application(&neighbour(&tenant), "web");
    there.proof = Proof::Basic("wrong".into());
    assert_eq!(there.token(&[MACHINE]).await.unwrap().status, 401);
}

async fn a_client_that_fails_without_end_must_wait(tenant: Tenant) {
    let mut last = 401;
    for _ in 0..60 {
        last = ask(&tenant, Some(("web", "wrong")), &[MACHINE]).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(ask(&tenant, Some(("web", SECRET)), &[MACHINE]).await.status, 200, "the owner is not locked out by it");
    tenant.advance(901).await.unwrap();
    assert_eq!(ask(&tenant, Some(("web", "wrong")), &[MACHINE]).await.status, 401);
}

/// An assertion of the application `jwt` with some claims changed; null takes one away.
async fn assertion(tenant: &Tenant, changes: &Value) -> String {
    ASSERTION_KEY.sign(&assertion_claims(tenant, changes).await).unwrap()
}

async fn assertion_claims(tenant: &Tenant, changes: &Value) -> Value {
    let now = tenant.now().await.unwrap();
    let unique = std::time::Instant::now();
    let mut claims = json!({
        "iss": "jwt", "sub": "jwt", "aud": tenant.origin(), "iat": now, "exp": now + 60, "jti": format!("{unique:?}"),
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

async fn present(tenant: &Tenant, assertion: &str) -> Answer {
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    ask(tenant, None, &[MACHINE, kind, ("client_assertion", assertion)]).await
}

async fn an_assertion_is_good_once(tenant: Tenant) {
    let good = assertion(&tenant, &json!({})).await;
    assert_eq!(present(&tenant, &good).await.status, 200);
    assert_eq!(present(&tenant, &good).await.refusal(), (401, "invalid_client"));
    assert_eq!(cause(&tenant, "client.refused").await, "assertion_replayed");
    // At once as well: all but one come too late.
    let good = assertion(&tenant, &json!({})).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (tenant, good) = (tenant.clone(), good.clone());
        tasks.spawn(async move { present(&tenant, &good).await.status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    // Wherever it was used first.
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for path in ["/connect/introspect", "/connect/revoke"] {
        let spent = assertion(&tenant, &json!({})).await;
        let body = [("token", "x"), kind, ("client_assertion", &*spent)];
        let use_it = async || Answer::of(tenant.http().post(tenant.url(path)).form(&body)).await.unwrap().status;
        assert_eq!((use_it().await, use_it().await), (200, 401), "{path}");
        assert_eq!(present(&tenant, &spent).await.refusal(), (401, "invalid_client"), "{path}");
    }
    // A code is not lost when the assertion beside it was a replay.
    let (browser, _) = ada(&tenant).await;
    let jwt = application(&tenant, "jwt");
    let code = jwt.code(&browser, &[("scope", "openid")]).await.unwrap();
    let redeem = async |assertion: &str| {
        let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let verifier = ("code_verifier", doorward_testkit::relying_party::VERIFIER);
        let grant = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*jwt.redirect_uri), verifier];
        ask(&tenant, None, &[&grant[..], &[kind, ("client_assertion", assertion)]].concat()).await
    };
    assert_eq!(redeem(&good).await.refusal(), (401, "invalid_client"));
    assert_eq!(redeem(&assertion(&tenant, &json!({})).await).await.status, 200);
}

async fn an_assertion_must_fit(tenant: Tenant) {
    let now = tenant.now().await.unwrap();
    let audience = format!("{}/connect/token", tenant.origin());
    // RFC 9126, section 2.
    let pushed = format!("{}/connect/par", tenant.origin());
    let all = [json!({ "aud": audience }), json!({ "aud": pushed }), json!({ "aud": ["https://x.example", tenant.origin()] })];
    for good in all {
        assert_eq!(present(&tenant, &assertion(&tenant, &good).await).await.status, 200, "{good}");
    }
    let table = [
        (json!({ "exp": now - 60 }), "assertion_times"),
        (json!({ "nbf": now + 120 }), "assertion_times"),
        (json!({ "exp": null }), "assertion_times"),
        (json!({ "exp": now + 86_400 }), "assertion_lives_too_long"),
        (json!({ "aud": "https://other.example" }), "assertion_audience"),
        (json!({ "aud": neighbour(&tenant).origin() }), "assertion_audience"),
        (json!({ "aud": null }), "assertion_audience"),
        (json!({ "jti": null }), "assertion_without_jti"),
        (json!({ "iss": "web", "sub": "web" }), "wrong_method"),
    ];
    for (changes, expected) in table {
        let answer = present(&tenant, &assertion(&tenant, &changes).await).await;
        assert_eq!(answer.refusal(), (401, "invalid_client"), "{changes}");
        assert_eq!(cause(&tenant, "client.refused").await, expected, "{changes}");
    }
    for changes in [json!({ "sub": "web" }), json!({ "sub": null })] {
        let answer = present(&tenant, &assertion(&tenant, &changes).await).await;
        assert_eq!(answer.refusal(), (401, "invalid_client"), "{changes}");
    }
    let claims = assertion_claims(&tenant, &json!({})).await;
    let good = ASSERTION_KEY.sign(&claims).unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other_key = AssertionKey::generate().unwrap().sign(&claims).unwrap();
    for forged in [other_key, unsigned(&claims), format!("{signed}."), "a.b.c".into(), String::new()] {
        assert_eq!(present(&tenant, &forged).await.refusal(), (401, "invalid_client"), "{forged}");
    }
    let with_secret = ask(&tenant, Some(("jwt", SECRET)), &[MACHINE]).await;
    assert_eq!(with_secret.refusal(), (401, "invalid_client"), "who has a key has no secret");
}

async fn a_public_client_names_itself_and_no_more(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let spa = application(&tenant, "spa");
    let tokens = spa.tokens(&browser, &[]).await.unwrap();
    let introspected = Answer::of(spa.ask("/connect/introspect", &[("token", tokens.text("access_token"))])).await.unwrap();
    assert_eq!(introspected.refusal().1, "invalid_client");
    assert_eq!(introspected.json["active"], Value::Null);
    let with_secret = ask(&tenant, Some(("spa", SECRET)), &[("grant_type", "refresh_token")]).await;
    assert_eq!(with_secret.refusal(), (401, "invalid_client"));
    assert_eq!(spa.token(&[MACHINE]).await.unwrap().refusal(), (400, "unauthorized_client"));
    assert_eq!(spa.refresh(tokens.text("refresh_token")).await.unwrap().status, 200);
}

async fn a_machine_gets_what_it_was_granted(tenant: Tenant) {
    let web = application(&tenant, "web");
    let all = web.token(&[MACHINE]).await.unwrap();
    assert_eq!((all.status, all.text("scope")), (200, "read:things"));
    let token = claims(all.text("access_token"));
    assert_eq!((token["aud"].as_str(), token["sub"].as_str()), (Some(API), Some("web")));
    assert_eq!((&all.json["refresh_token"], &all.json["id_token"]), (&Value::Null, &Value::Null));
    assert_eq!(web.token(&[MACHINE, ("scope", "read:things"), ("audience", API)]).await.unwrap().status, 200);
    let twice = web.token(&[MACHINE, ("resource", API), ("audience", API)]).await.unwrap();
    assert_eq!(claims(twice.text("access_token"))["aud"], API, "named twice, once in the token");
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("scope", "write:things")], "invalid_scope"),
        (&[("scope", "read:things write:things")], "invalid_scope"),
        (&[("scope", "openid")], "invalid_scope"),
        (&[("resource", "https://nothing.example/")], "invalid_target"),
    ];
    for (more, expected) in table {
        let answer = web.token(&[&[MACHINE], *more].concat()).await.unwrap();
        assert_eq!(answer.refusal(), (400, *expected), "{more:?}");
    }
    // A machine is nobody: userinfo has nothing to say.
    assert_eq!(web.userinfo(all.text("access_token")).await.unwrap().refusal(), (403, "insufficient_scope"));
    assert!(web.is_active(all.text("access_token")).await.unwrap());
    tenant.advance(3601).await.unwrap();
    assert!(!web.is_active(all.text("access_token")).await.unwrap());
}

async fn a_secret_that_was_rotated_works_until_it_ends(tenant: Tenant) {
    let list: Value = tenant.admin(reqwest::Method::GET, "/applications").send().await.unwrap().json().await.unwrap();
    let web = list["items"].as_array().unwrap().iter().find(|a| a["client_id"] == "web").unwrap();
    let path = format!("/applications/{}/secrets", web["id"].as_str().unwrap());
    let made = tenant.admin(reqwest::Method::POST, &path).json(&json!({})).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());
    let made: Value = made.json().await.unwrap();
    let new = made["secret"].as_str().or(made["client_secret"].as_str()).unwrap_or_else(|| panic!("{made}")).to_owned();
    assert_eq!(ask(&tenant, Some(("web", SECRET)), &[MACHINE]).await.status, 200, "the old one, meanwhile");
    assert_eq!(ask(&tenant, Some(("web", &new)), &[MACHINE]).await.status, 200);
}
