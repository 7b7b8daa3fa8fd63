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
    a_token_ends_with_the_account,
    resources_narrow_what_was_granted,
    a_resource_server_is_the_same_by_its_scope_as_by_its_name: { "password": { "enabled": true } },
    a_token_for_the_application_itself_can_be_revoked,
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
    for token in [tokens.text("id_token"), "x"] {
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
        tenant.http().post(&url).bearer_auth(access).form(&[("x", "y")]),
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

async fn a_token_ends_with_the_account(tenant: Tenant) {
    use reqwest::Method;
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let token = async || web.tokens(&browser, &[("scope", "openid")]).await.unwrap().text("access_token").to_owned();
    let good = async |token: &str| (web.is_active(token).await.unwrap(), web.userinfo(token).await.unwrap().status == 200);
    let kept = token().await;
    let id = claims(&kept)["sub"].as_str().unwrap().to_owned();
    let path = |tail: &str| format!("/users/{id}{tail}");
    assert_eq!(good(&kept).await, (true, true));
    for (end, lives) in [(json!({ "expires_at": "2001-01-01T00:00:00Z" }), false), (json!({ "expires_at": null }), true)] {
        assert_eq!(tenant.admin(Method::PATCH, &path("/conditions")).json(&end).send().await.unwrap().status(), 200);
        assert_eq!(good(&kept).await, (lives, lives), "{end}");
    }
    assert!(tenant.admin(Method::POST, &path("/block")).send().await.unwrap().status().is_success());
    assert_eq!(good(&kept).await, (false, false));
    assert!(tenant.admin(Method::POST, &path("/unblock")).send().await.unwrap().status().is_success());
    assert_eq!(good(&kept).await, (true, true));
    assert_eq!(tenant.admin(Method::DELETE, &path("")).send().await.unwrap().status(), 204);
    assert_eq!(good(&kept).await, (false, false));
    // A machine's is about nobody, and goes on.
    let machine = web.token(&[("grant_type", "client_credentials")]).await.unwrap();
    assert!(web.is_active(machine.text("access_token")).await.unwrap());
}

async fn resources_narrow_what_was_granted(tenant: Tenant) {
    let other = "https://other.example/";
    let more = json!({ "audience": other, "name": "Other", "scopes": [{ "value": "read:other", "description": "Read" }] });
    let made = tenant.admin(reqwest::Method::POST, "/resource-servers").json(&more).send().await.unwrap();
    assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let scope = ("scope", "offline_access read:things read:other");
    let redeem = async |resource: &[&str]| {
        let code = web.code(&browser, &[scope]).await.unwrap();
        let mut body = vec![("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*web.redirect_uri)];
        body.push(("code_verifier", doorward_testkit::relying_party::VERIFIER));
        body.extend(resource.iter().map(|one| ("resource", *one)));
        web.token(&body).await.unwrap()
    };
    let whole = redeem(&[]).await;
    let both = claims(whole.text("access_token"))["aud"].clone();
    assert!(
        both.as_array().is_some_and(|all| all.len() == 2 && all.contains(&json!(API)) && all.contains(&json!(other))),
        "{both}"
    );
    assert_eq!(redeem(&["https://nobody.example/"]).await.refusal(), (400, "invalid_target"));
    let one = redeem(&[API]).await;
    let told = claims(one.text("access_token"));
    assert_eq!((&told["aud"], &told["scope"]), (&json!(API), &json!("offline_access read:things")));
    // The refresh token is good for all that was granted (RFC 8707, section 2.2).
    let refresh = async |token: &str, resource: &str| {
        web.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("resource", resource)]).await.unwrap()
    };
    let next = refresh(one.text("refresh_token"), other).await;
    assert_eq!(claims(next.text("access_token"))["aud"], other);
    let refused = refresh(next.text("refresh_token"), "https://nobody.example/").await;
    assert_eq!(refused.refusal(), (400, "invalid_target"));
    assert_eq!(refresh(next.text("refresh_token"), API).await.status, 200, "a refusal spends nothing");
}

async fn a_resource_server_is_the_same_by_its_scope_as_by_its_name(tenant: Tenant) {
    use reqwest::Method;
    let (browser, _) = ada(&tenant).await;
    let listed: Value = tenant.admin(Method::GET, "/resource-servers").send().await.unwrap().json().await.unwrap();
    let path = format!("/resource-servers/{}", listed["items"][0]["id"].as_str().unwrap());
    let set = async |settings: Value| {
        assert_eq!(tenant.admin(Method::PATCH, &path).json(&settings).send().await.unwrap().status(), 200, "{settings}");
    };
    set(json!({ "allow_offline_access": false })).await;
    let web = application(&tenant, "web");
    let scope = ("scope", "openid offline_access read:things");
    for more in [&[][..], &[("resource", API)]] {
        let changes: Vec<(&str, &str)> = std::iter::once(scope).chain(more.iter().copied()).collect();
        assert_eq!(web.tokens(&browser, &changes).await.unwrap().text("refresh_token"), "", "{more:?}");
    }
    set(json!({ "allow_offline_access": true, "require_consent": true })).await;
    let user = json!({ "email": "bob@example.org", "email_verified": true, "password": crate::house::PASSWORD });
    assert_eq!(tenant.admin(Method::POST, "/users").json(&user).send().await.unwrap().status(), 201);
    let direct = crate::house::made(&tenant, json!({ "grant_types": ["password"] })).await;
    let grant = [
        ("grant_type", "password"),
        ("username", "bob@example.org"),
        ("password", crate::house::PASSWORD),
        ("scope", "openid read:things"),
    ];
    for more in [&[][..], &[("resource", API)]] {
        let body: Vec<(&str, &str)> = grant.iter().chain(more).copied().collect();
        assert_eq!(direct.token(&body).await.unwrap().text("error"), "access_denied", "{more:?}");
    }
}

async fn a_token_for_the_application_itself_can_be_revoked(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = crate::house::made(&tenant, json!({ "accent": "fusionauth" })).await;
    let token = app.tokens(&browser, &[]).await.unwrap().text("access_token").to_owned();
    assert_eq!(claims(&token)["aud"], "made");
    assert_eq!(app.userinfo(&token).await.unwrap().status, 200);
    // Another application's word does nothing.
    application(&tenant, "web").revoke(&token).await.unwrap();
    assert_eq!(app.userinfo(&token).await.unwrap().status, 200);
    app.revoke(&token).await.unwrap();
    assert_eq!(app.userinfo(&token).await.unwrap().status, 401);
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
