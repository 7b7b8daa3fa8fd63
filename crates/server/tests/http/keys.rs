//! Signing keys: what is published verifies what was signed, before and after a rotation (Discovery 1.0; RFC 7517).

use crate::house::{ada, application, tests};
use doorward_protocol::jose::{Algorithm, JwkSet, verify_jwt};
use doorward_testkit::relying_party::{Answer, header};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![each_algorithm_verifies_with_what_is_published, a_rotation_keeps_old_tokens_valid, discovery_tells_the_truth];

async fn jwks(tenant: &Tenant) -> Value {
    Answer::of(tenant.http().get(tenant.url("/.well-known/jwks.json"))).await.unwrap().json
}

fn verifies(jwks: &Value, token: &str) -> bool {
    let keys = serde_json::from_value::<JwkSet>(jwks.clone()).unwrap().verifying_keys();
    verify_jwt(token, &keys, &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]).is_ok()
}

async fn each_algorithm_verifies_with_what_is_published(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    for (client_id, alg) in [("web", "RS256"), ("es", "ES256"), ("ed", "EdDSA")] {
        let app = application(&tenant, client_id);
        let tokens = app.tokens(&browser, &[]).await.unwrap();
        let published = jwks(&tenant).await;
        for token in ["id_token", "access_token"] {
            assert_eq!(header(tokens.text(token))["alg"], alg);
            assert!(verifies(&published, tokens.text(token)), "{alg} {token}");
        }
        assert_eq!(header(tokens.text("access_token"))["typ"], "at+jwt");
        assert_eq!(app.userinfo(tokens.text("access_token")).await.unwrap().status, 200);
        assert!(app.is_active(tokens.text("access_token")).await.unwrap());
    }
    for key in jwks(&tenant).await["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key[private], Value::Null, "a private member is published: {private}");
        }
        assert_eq!(key["use"], "sig");
    }
}

async fn a_rotation_keeps_old_tokens_valid(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    for (client_id, alg) in [("web", "RS256"), ("es", "ES256"), ("ed", "EdDSA")] {
        let app = application(&tenant, client_id);
        let old = app.tokens(&browser, &[]).await.unwrap();
        let rotated =
            tenant.admin(reqwest::Method::POST, "/signing-keys/rotate").json(&json!({ "alg": alg })).send().await.unwrap();
        assert!(rotated.status().is_success(), "{}", rotated.text().await.unwrap());
        let new = app.tokens(&browser, &[]).await.unwrap();
        assert_ne!(header(new.text("id_token"))["kid"], header(old.text("id_token"))["kid"], "{alg}");
        let published = jwks(&tenant).await;
        for tokens in [&old, &new] {
            assert!(verifies(&published, tokens.text("id_token")), "{alg}");
            assert_eq!(app.userinfo(tokens.text("access_token")).await.unwrap().status, 200, "{alg}");
            let silent = [("prompt", "none"), ("id_token_hint", tokens.text("id_token"))];
            assert!(app.authorize(&browser, &silent).await.unwrap().answered("code").is_some(), "{alg}");
        }
    }
}

async fn discovery_tells_the_truth(tenant: Tenant) {
    let answer = Answer::of(tenant.http().get(tenant.url("/.well-known/openid-configuration"))).await.unwrap();
    assert_eq!(answer.text("issuer"), tenant.origin());
    for endpoint in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let status = tenant.http().post(answer.text(endpoint)).form(&[("token", "x")]).send().await.unwrap().status().as_u16();
        assert_eq!(status, 401, "{endpoint}: it is there and asks who is there");
    }
    for endpoint in ["jwks_uri", "end_session_endpoint"] {
        assert_eq!(tenant.http().get(answer.text(endpoint)).send().await.unwrap().status(), 200, "{endpoint}");
    }
    assert_eq!(tenant.http().get(answer.text("userinfo_endpoint")).send().await.unwrap().status(), 401);
    assert_eq!(tenant.http().get(answer.text("authorization_endpoint")).send().await.unwrap().status(), 400);
    // RFC 8414, section 2: where a key is a way to prove oneself, the algorithms are listed.
    for (name, methods) in answer.json.as_object().unwrap() {
        let Some(endpoint) = name.strip_suffix("_auth_methods_supported") else { continue };
        if methods.as_array().unwrap().contains(&"private_key_jwt".into()) {
            let algorithms = &answer.json[format!("{endpoint}_auth_signing_alg_values_supported")];
            assert!(algorithms.as_array().is_some_and(|all| !all.is_empty()), "{endpoint}");
        }
    }
}
