//! Refresh tokens (RFC 6749, section 6; RFC 9700, section 4.14.2): rotation with an overlap, reuse detection, ends.

use crate::house::{ada, application, cause, tests};
use doorward_testkit::relying_party::{Answer, RelyingParty, claims};
use doorward_testkit::tenant::Tenant;

tests![
    a_token_sent_twice_at_once_gives_the_same_successor,
    thirty_two_at_once_get_the_same_successor,
    reuse_after_the_overlap_ends_the_family,
    reuse_after_the_successor_was_used_ends_the_family_at_once,
    another_application_cannot_use_a_token_nor_end_its_family,
    a_narrower_scope_is_given_and_a_wider_one_refused,
    a_family_ends_when_it_is_not_used,
    a_family_ends_in_any_case,
    a_tampered_token,
    revoking_a_refresh_token_stops_the_family,
    revoking_an_access_token_stops_that_one,
];

async fn granted(tenant: &Tenant) -> (RelyingParty, Answer) {
    let (browser, _) = ada(tenant).await;
    let web = application(tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    (web, tokens)
}

async fn good(web: &RelyingParty, token: &str) -> Answer {
    let answer = web.refresh(token).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// The family is over: none of its tokens does anything any more.
async fn is_over(web: &RelyingParty, answers: &[&Answer]) {
    for answer in answers {
        assert!(!web.is_active(answer.text("access_token")).await.unwrap());
        assert!(!web.is_active(answer.text("refresh_token")).await.unwrap());
        assert_eq!(web.userinfo(answer.text("access_token")).await.unwrap().status, 401);
        assert_eq!(web.refresh(answer.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    }
}

async fn a_token_sent_twice_at_once_gives_the_same_successor(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let second = good(&web, first.text("refresh_token")).await;
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"), "it is rotated");
    assert_eq!(claims(second.text("id_token"))["sub"], claims(first.text("id_token"))["sub"]);
    assert_eq!(claims(second.text("id_token"))["auth_time"], claims(first.text("id_token"))["auth_time"]);
    tenant.advance(29).await.unwrap();
    let again = good(&web, first.text("refresh_token")).await;
    assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
    assert_eq!(tenant.audit("refresh_token.repeated").await.unwrap().len(), 1);
    good(&web, second.text("refresh_token")).await;
}

async fn thirty_two_at_once_get_the_same_successor(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (web, token) = (web.clone(), first.text("refresh_token").to_owned());
        tasks.spawn(async move { good(&web, &token).await.text("refresh_token").to_owned() });
    }
    let mut successors = tasks.join_all().await;
    successors.sort_unstable();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_eq!(tenant.audit("refresh_token.used").await.unwrap().len(), 1);
    assert_eq!(tenant.audit("refresh_token.repeated").await.unwrap().len(), 31);
    good(&web, &successors[0]).await;
}

async fn reuse_after_the_overlap_ends_the_family(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let second = good(&web, first.text("refresh_token")).await;
    tenant.advance(31).await.unwrap();
    assert_eq!(web.refresh(first.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(tenant.audit("refresh_token.reused").await.unwrap()[0]["rule"], "reuse_after_overlap");
    is_over(&web, &[&first, &second]).await;
}

async fn reuse_after_the_successor_was_used_ends_the_family_at_once(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let second = good(&web, first.text("refresh_token")).await;
    let third = good(&web, second.text("refresh_token")).await;
    assert_eq!(web.refresh(first.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(tenant.audit("refresh_token.reused").await.unwrap()[0]["rule"], "reuse_after_successor");
    is_over(&web, &[&first, &second, &third]).await;
}

async fn another_application_cannot_use_a_token_nor_end_its_family(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    for other in ["es", "spa"] {
        let other = application(&tenant, other);
        assert_eq!(other.refresh(first.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
        assert_eq!(cause(&tenant, "token.refused").await, "refresh_token_of_other_client");
        assert_eq!(other.revoke(first.text("refresh_token")).await.unwrap().status, 200, "RFC 7009: nothing to see");
    }
    assert!(!application(&tenant, "es").is_active(first.text("refresh_token")).await.unwrap());
    assert!(web.is_active(first.text("refresh_token")).await.unwrap());
    good(&web, first.text("refresh_token")).await;
}

async fn a_narrower_scope_is_given_and_a_wider_one_refused(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let refresh = async |token: &str, scope: &str| {
        web.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await.unwrap()
    };
    for wider in ["openid phone", "openid read:things", "openid \"x\""] {
        assert_eq!(refresh(first.text("refresh_token"), wider).await.refusal(), (400, "invalid_scope"), "{wider}");
    }
    let narrow = refresh(first.text("refresh_token"), "openid").await;
    assert_eq!((narrow.status, narrow.text("scope")), (200, "openid"));
    assert_eq!(claims(narrow.text("id_token"))["email"], serde_json::Value::Null);
    // Section 6: the grant stays as wide as it was.
    let wide = good(&web, narrow.text("refresh_token")).await;
    assert_eq!(wide.text("scope"), "openid profile email offline_access");
}

async fn a_family_ends_when_it_is_not_used(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    tenant.advance(13 * 86_400).await.unwrap();
    let second = good(&web, first.text("refresh_token")).await;
    tenant.advance(13 * 86_400).await.unwrap();
    let third = good(&web, second.text("refresh_token")).await;
    tenant.advance(14 * 86_400 + 1).await.unwrap();
    assert!(!web.is_active(third.text("refresh_token")).await.unwrap());
    assert_eq!(web.refresh(third.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(cause(&tenant, "token.refused").await, "refresh_token_expired");
}

async fn a_family_ends_in_any_case(tenant: Tenant) {
    let (web, mut last) = granted(&tenant).await;
    for _ in 0..8 {
        tenant.advance(11 * 86_400).await.unwrap();
        last = good(&web, last.text("refresh_token")).await;
    }
    tenant.advance(2 * 86_400 + 1).await.unwrap();
    assert_eq!(web.refresh(last.text("refresh_token")).await.unwrap().refusal(), (400, "invalid_grant"));
}

async fn a_tampered_token(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let token = first.text("refresh_token");
    // Another last character of the secret, and the same id.
    let tampered = format!("{}{}", &token[..token.len() - 3], if token.ends_with("AAA") { "BBB" } else { "AAA" });
    for bad in [&*tampered, &token[..token.len() - 1], &token[4..], "drt_"] {
        assert_eq!(web.refresh(bad).await.unwrap().refusal(), (400, "invalid_grant"));
        assert!(!web.is_active(bad).await.unwrap());
    }
    good(&web, token).await;
}

async fn revoking_a_refresh_token_stops_the_family(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let second = good(&web, first.text("refresh_token")).await;
    assert_eq!(web.revoke(second.text("refresh_token")).await.unwrap().status, 200);
    is_over(&web, &[&first, &second]).await;
    assert_eq!(web.revoke("no token at all").await.unwrap().status, 200);
    let answer = Answer::of(web.ask("/connect/revoke", &[])).await.unwrap();
    assert_eq!(answer.refusal(), (400, "invalid_request"));
}

async fn revoking_an_access_token_stops_that_one(tenant: Tenant) {
    let (web, first) = granted(&tenant).await;
    let second = good(&web, first.text("refresh_token")).await;
    let es = application(&tenant, "es");
    assert_eq!(es.revoke(first.text("access_token")).await.unwrap().status, 200);
    assert!(web.is_active(first.text("access_token")).await.unwrap(), "another application's word does not count");
    assert_eq!(web.revoke(first.text("access_token")).await.unwrap().status, 200);
    assert!(!web.is_active(first.text("access_token")).await.unwrap());
    assert_eq!(web.userinfo(first.text("access_token")).await.unwrap().refusal(), (401, "invalid_token"));
    assert!(web.is_active(second.text("access_token")).await.unwrap());
    assert!(web.is_active(second.text("refresh_token")).await.unwrap());
}
