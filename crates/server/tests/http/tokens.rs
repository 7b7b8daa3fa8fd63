//! Introspection (RFC 7662), userinfo (OpenID Connect Core, section 5.3) and what scopes and `claims` put into them.

use crate::house::{ADA, API, ada, application, tests};
use doorward_testkit::relying_party::{Answer, claims};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![
    introspection_tells_its_own_application,
    userinfo_takes_an_access_token_and_nothing_else,
    scopes_decide_what_is_told,
    single_claims_can_be_asked_for,
    a_token_for_an_api_is_for_that_api,
    an_access_token_ends,
];

async fn introspection_tells_its_own_application(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    let ask = async |token: &str| Answer::of(web.ask("/connect/introspect", &[("token", token)])).await.unwrap();
    let told = ask(tokens.text("access_token")).await;
    assert_eq!(told.header("cache-control"), Some("no-store"));
    assert_eq!((told.text("client_id"), told.text("token_type"), told.text("iss")), ("web", "Bearer", &*tenant.origin()));
    let sub = claims(tokens.text("id_token"))["sub"].clone();
    assert_eq!(told.json["sub"], sub);
    let told = ask(tokens.text("refresh_token")).await;
    assert_eq!((&told.json["active"], &told.json["sub"]), (&json!(true), &sub));
    for token in [tokens.text("id_token"), "x", ""] {
        assert_eq!(ask(token).await.json, json!({ "active": false }), "{token:.20}");
    }
    let missing = Answer::of(web.ask("/connect/introspect", &[])).await.unwrap();
    assert_eq!(missing.refusal(), (400, "invalid_request"));
    let nobody = tenant.http().post(tenant.url("/connect/introspect")).form(&[("token", tokens.text("access_token"))]);
    assert_eq!(Answer::of(nobody).await.unwrap().refusal(), (401, "invalid_client"));
}

async fn userinfo_takes_an_access_token_and_nothing_else(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    let access = tokens.text("access_token");
    let url = tenant.url("/connect/userinfo");
    let got = web.userinfo(access).await.unwrap();
    assert_eq!((got.status, got.text("email")), (200, ADA));
    assert_eq!(got.json["sub"], claims(tokens.text("id_token"))["sub"]);
    let posted = [
        tenant.http().post(&url).bearer_auth(access),
        tenant.http().post(&url).form(&[("access_token", access)]),
        tenant.http().get(&url).header("authorization", format!("bEARER {access}")),
    ];
    for request in posted {
        assert_eq!(Answer::of(request).await.unwrap().json, got.json);
    }
    // RFC 6750, section 2.3 is not offered: tokens in addresses end up in logs.
    let in_query = Answer::of(tenant.http().get(&url).query(&[("access_token", access)])).await.unwrap();
    assert_eq!((in_query.status, in_query.header("www-authenticate")), (401, Some("Bearer realm=\"doorward\"")));
    for wrong in [tokens.text("id_token"), tokens.text("refresh_token"), "x", &access[..access.len() - 4]] {
        let answer = web.userinfo(wrong).await.unwrap();
        assert_eq!(answer.refusal(), (401, "invalid_token"), "{wrong:.20}");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    }
    let without = web.tokens(&browser, &[("scope", "profile email")]).await.unwrap();
    assert_eq!(web.userinfo(without.text("access_token")).await.unwrap().refusal(), (403, "insufficient_scope"));
}

async fn scopes_decide_what_is_told(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    for (scope, has_name, has_email) in [
        ("openid", false, false),
        ("openid profile", true, false),
        ("openid email", false, true),
        ("openid profile email", true, true),
    ] {
        let tokens = web.tokens(&browser, &[("scope", scope)]).await.unwrap();
        let info = web.userinfo(tokens.text("access_token")).await.unwrap().json;
        for told in [claims(tokens.text("id_token")), info] {
            assert_eq!(told["name"].as_str(), has_name.then_some("Ada Lovelace"), "{scope}");
            assert_eq!(told["email"].as_str(), has_email.then_some(ADA), "{scope}");
            assert_eq!(told["email_verified"].as_bool(), has_email.then_some(true), "{scope}");
        }
        assert_eq!(claims(tokens.text("access_token"))["email"], Value::Null, "an API is told nothing about the person");
    }
}

async fn single_claims_can_be_asked_for(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let asked = json!({ "id_token": { "email": null }, "userinfo": { "name": { "essential": true } } }).to_string();
    let tokens = web.tokens(&browser, &[("scope", "openid"), ("claims", &asked)]).await.unwrap();
    let id = claims(tokens.text("id_token"));
    let info = web.userinfo(tokens.text("access_token")).await.unwrap().json;
    assert_eq!((id["email"].as_str(), id["name"].as_str()), (Some(ADA), None));
    assert_eq!((info["email"].as_str(), info["name"].as_str()), (None, Some("Ada Lovelace")));
    // Core, section 5.5.1: another person than the one asked for is no answer.
    let other = json!({ "id_token": { "sub": { "value": "00000000-0000-0000-0000-000000000000" } } }).to_string();
    let page = web.authorize(&browser, &[("prompt", "none"), ("claims", &other)]).await.unwrap();
    assert_eq!(page.answered("error").as_deref(), Some("login_required"));
}

async fn a_token_for_an_api_is_for_that_api(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let audience = |token: &str| claims(token)["aud"].clone();
    let tokens = web.tokens(&browser, &[("scope", "read:things"), ("resource", API)]).await.unwrap();
    assert_eq!(audience(tokens.text("access_token")), API);
    assert_eq!(web.userinfo(tokens.text("access_token")).await.unwrap().refusal(), (403, "insufficient_scope"));
    let tokens = web.tokens(&browser, &[("scope", "openid read:things"), ("resource", API)]).await.unwrap();
    assert_eq!(audience(tokens.text("access_token")), json!([API, tenant.origin()]));
    assert_eq!(web.userinfo(tokens.text("access_token")).await.unwrap().status, 200);
    assert_eq!(claims(tokens.text("id_token"))["aud"], "web");
}

async fn an_access_token_ends(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    tenant.advance(3590).await.unwrap();
    assert!(web.is_active(tokens.text("access_token")).await.unwrap());
    tenant.advance(11).await.unwrap();
    assert!(!web.is_active(tokens.text("access_token")).await.unwrap());
    assert_eq!(web.userinfo(tokens.text("access_token")).await.unwrap().refusal(), (401, "invalid_token"));
}
