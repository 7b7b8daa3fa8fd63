//! Codes at the token endpoint (RFC 6749, section 4.1.3; RFC 7636, section 4.6; RFC 9700, section 2.1.1).

use crate::house::{ADA, ada, application, cause, neighbour, tests};
use doorward_testkit::relying_party::{VERIFIER, claims};
use doorward_testkit::tenant::Tenant;

tests![
    a_code_gives_tokens_that_nobody_may_keep_in_a_cache,
    a_wrong_verifier_is_refused_and_leaves_the_code,
    a_verifier_without_challenge_is_refused,
    a_code_goes_to_the_address_it_was_sent_to,
    a_code_of_another_application,
    a_replayed_code_stops_what_it_gave,
    a_code_replayed_late_stops_what_it_gave_too,
    of_many_posts_of_one_code_at_once_none_keeps_two_grants,
    a_code_lasts_a_minute,
    a_code_of_another_tenant,
    a_code_of_a_blocked_person,
    what_is_no_token_request,
];

async fn a_code_gives_tokens_that_nobody_may_keep_in_a_cache(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    assert_eq!((tokens.text("token_type"), tokens.json["expires_in"].as_i64()), ("Bearer", Some(3600)));
    let id = claims(tokens.text("id_token"));
    assert_eq!((id["iss"].as_str(), id["aud"].as_str()), (Some(&*tenant.origin()), Some("web")));
    assert_eq!((id["email"].as_str(), id["nonce"].as_str()), (Some(ADA), Some("nonce-1")));
    let without = web.tokens(&browser, &[("scope", "openid")]).await.unwrap();
    assert_eq!(without.json["refresh_token"], serde_json::Value::Null, "no offline_access, no refresh token");
    let no_openid = web.tokens(&browser, &[("scope", "profile")]).await.unwrap();
    assert_eq!(no_openid.json["id_token"], serde_json::Value::Null);
}

async fn a_wrong_verifier_is_refused_and_leaves_the_code(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    for client_id in ["spa", "web"] {
        let app = application(&tenant, client_id);
        let code = app.code(&browser, &[]).await.unwrap();
        let wrong = VERIFIER.replace('a', "b");
        for (verifier, expected) in
            [(&*wrong, "code_verifier_wrong"), ("short", "code_verifier_wrong"), ("", "code_verifier_missing")]
        {
            assert_eq!(app.redeem_with(&code, verifier).await.unwrap().refusal(), (400, "invalid_grant"), "{verifier:?}");
            assert_eq!(cause(&tenant, "token.refused").await, expected);
        }
        assert_eq!(app.redeem(&code).await.unwrap().status, 200, "whoever has the verifier still gets the tokens");
    }
}

async fn a_verifier_without_challenge_is_refused(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = web.code(&browser, &without).await.unwrap();
    assert_eq!(web.redeem_with(&code, VERIFIER).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "code_verifier_unexpected");
    assert_eq!(web.redeem_with(&code, "").await.unwrap().status, 200);
}

async fn a_code_goes_to_the_address_it_was_sent_to(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let mut strict = application(&tenant, "strict");
    let code = strict.code(&browser, &[]).await.unwrap();
    strict.redirect_uri = "https://strict.example/second".into();
    assert_eq!(strict.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "redirect_uri_mismatch");
    let web = application(&tenant, "web");
    let code = web.code(&browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await.unwrap();
    let answer = web.token(&[("grant_type", "authorization_code"), ("code", &code)]).await.unwrap();
    assert_eq!(answer.refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "redirect_uri_missing");
}

async fn a_code_of_another_application(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (web, mut es) = (application(&tenant, "web"), application(&tenant, "es"));
    let code = web.code(&browser, &[]).await.unwrap();
    es.redirect_uri = web.redirect_uri.clone();
    assert_eq!(es.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "code_of_other_client");
    assert_eq!(web.redeem(&code).await.unwrap().status, 200, "a stranger's attempt costs the owner nothing");
    // Nor does a stranger's replay stop what the owner has.
    let code = web.code(&browser, &[]).await.unwrap();
    let tokens = web.redeem(&code).await.unwrap();
    assert_eq!(es.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert!(web.is_active(tokens.text("access_token")).await.unwrap());
}

/// Everything that a grant gave is stopped: access token, refresh token, userinfo.
async fn is_stopped(tenant: &Tenant, tokens: &doorward_testkit::relying_party::Answer) {
    let web = application(tenant, "web");
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert!(!web.is_active(access).await.unwrap());
    assert!(!web.is_active(refresh).await.unwrap());
    assert_eq!(web.userinfo(access).await.unwrap().refusal(), (401, "invalid_token"));
    assert_eq!(web.refresh(refresh).await.unwrap().refusal(), (400, "invalid_grant"));
}

async fn a_replayed_code_stops_what_it_gave(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let other = web.tokens(&browser, &[]).await.unwrap();
    let code = web.code(&browser, &[]).await.unwrap();
    let tokens = web.redeem(&code).await.unwrap();
    assert!(web.is_active(tokens.text("access_token")).await.unwrap());
    assert!(web.is_active(tokens.text("refresh_token")).await.unwrap());
    assert_eq!(web.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "code_replayed");
    assert_eq!(tenant.audit("grant.revoked").await.unwrap()[0]["reason"], "code_replayed");
    is_stopped(&tenant, &tokens).await;
    assert!(web.is_active(other.text("access_token")).await.unwrap(), "another grant of the same person goes on");
    assert!(browser.is_signed_in().await.unwrap());
}

async fn a_code_replayed_late_stops_what_it_gave_too(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let code = web.code(&browser, &[]).await.unwrap();
    let tokens = web.redeem(&code).await.unwrap();
    tenant.advance(600).await.unwrap();
    assert_eq!(web.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    is_stopped(&tenant, &tokens).await;
}

async fn of_many_posts_of_one_code_at_once_none_keeps_two_grants(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let code = web.code(&browser, &[]).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (web, code) = (web.clone(), code.clone());
        tasks.spawn(async move { web.redeem(&code).await.unwrap() });
    }
    let answers = tasks.join_all().await;
    let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(good.len(), 1);
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.refusal() == (400, "invalid_grant")));
    is_stopped(&tenant, good[0]).await;
}

async fn a_code_lasts_a_minute(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let code = web.code(&browser, &[]).await.unwrap();
    tenant.advance(61).await.unwrap();
    assert_eq!(web.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "code_expired");
    assert_eq!(tenant.audit("grant.revoked").await.unwrap().len(), 0, "late is not twice");
    let code = web.code(&browser, &[]).await.unwrap();
    tenant.advance(55).await.unwrap();
    assert_eq!(web.redeem(&code).await.unwrap().status, 200);
}

async fn a_code_of_another_tenant(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let (here, there) = (application(&tenant, "web"), application(&neighbour(&tenant), "web"));
    let code = here.code(&browser, &[]).await.unwrap();
    // The same client_id, secret and addresses there: nothing but the tenant differs.
    assert_eq!(there.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    let tokens = here.redeem(&code).await.unwrap();
    assert_eq!(tokens.status, 200);
    assert_eq!(there.refresh(tokens.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    for token in ["access_token", "refresh_token"] {
        assert!(!there.is_active(tokens.text(token)).await.unwrap());
        assert_eq!(there.revoke(tokens.text(token)).await.unwrap().status, 200);
        assert!(here.is_active(tokens.text(token)).await.unwrap(), "{token}");
    }
    assert_eq!(there.userinfo(tokens.text("access_token")).await.unwrap().status, 401);
}

async fn a_code_of_a_blocked_person(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    let code = web.code(&browser, &[]).await.unwrap();
    let id = claims(tokens.text("id_token"))["sub"].as_str().unwrap().to_owned();
    let blocked = tenant.admin(reqwest::Method::POST, &format!("/users/{id}/block")).send().await.unwrap();
    assert!(blocked.status().is_success());
    assert_eq!(web.redeem(&code).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(web.refresh(tokens.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(web.userinfo(tokens.text("access_token")).await.unwrap().status, 401);
    let page = web.authorize(&browser, &[]).await.unwrap();
    assert_eq!(page.answered("code"), None, "{page}");
}

async fn what_is_no_token_request(tenant: Tenant) {
    let web = application(&tenant, "web");
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[], "invalid_request"),
        (&[("grant_type", "urn:example:magic"), ("username", "a"), ("password", "b")], "unsupported_grant_type"),
        (&[("grant_type", "password"), ("username", "a"), ("password", "b")], "unauthorized_client"),
        (&[("grant_type", "authorization_code")], "invalid_request"),
        (&[("grant_type", "authorization_code"), ("code", "x"), ("code", "y")], "invalid_request"),
        (&[("grant_type", "authorization_code"), ("code", "x")], "invalid_grant"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "drt_x")], "invalid_grant"),
    ];
    for (parameters, expected) in table {
        assert_eq!(web.token(parameters).await.unwrap().refusal(), (400, *expected), "{parameters:?}");
    }
    let strict = application(&tenant, "strict");
    let answer = strict.token(&[("grant_type", "client_credentials")]).await.unwrap();
    assert_eq!(answer.refusal(), (400, "unauthorized_client"));
    // The endpoint takes POST alone (RFC 6749, section 3.2).
    let got = tenant.http().get(tenant.url("/connect/token")).send().await.unwrap();
    assert_eq!(got.status(), 405);
}
