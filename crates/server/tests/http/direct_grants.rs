//! Grants in which an application carries the proof: passwords, second factors after them.

use crate::house::{ADA, API, PASSWORD, SECRET, application, made, tests};
use doorward_testkit::relying_party::{Answer, RelyingParty, claims};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![
    a_password_is_exchanged: { "password": { "enabled": true } },
    it_must_be_allowed_and_right: { "password": { "enabled": true } },
    guessing_ends_at_the_token_endpoint_too: { "password": { "enabled": true }, "lockout": { "attempts": 3 } },
    people_without_passwords_have_none,
    a_second_factor_is_owed: { "password": { "enabled": true }, "second_factor": { "requirement": "required" } },
];

async fn app(tenant: &Tenant) -> RelyingParty {
    let made = made(tenant, json!({ "grant_types": ["password", "refresh_token"] })).await;
    let user = json!({ "email": ADA, "email_verified": true, "name": "Ada Lovelace", "password": PASSWORD });
    let answer = tenant.admin(reqwest::Method::POST, "/users").json(&user).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    made
}

async fn ask(app: &RelyingParty, password: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("grant_type", "password"), ("username", ADA), ("password", password)];
    form.extend(more);
    app.token(&form).await.unwrap()
}

async fn a_password_is_exchanged(tenant: Tenant) {
    let app = app(&tenant).await;
    let tokens = ask(&app, PASSWORD, &[("scope", "openid email offline_access")]).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let told = claims(tokens.text("id_token"));
    assert_eq!((&told["email"], &told["amr"]), (&json!(ADA), &json!(["pwd"])));
    assert_eq!(app.userinfo(tokens.text("access_token")).await.unwrap().status, 200);
    assert_eq!(app.refresh(tokens.text("refresh_token")).await.unwrap().status, 200);
    let for_api = ask(&app, PASSWORD, &[("scope", "read:things"), ("resource", API)]).await;
    assert_eq!(claims(for_api.text("access_token"))["aud"], API);
    assert_eq!(for_api.json.get("id_token"), None, "without openid");
    let events = tenant.audit("token.issued").await.unwrap();
    assert_eq!(events[0]["grant_type"], "password");
}

async fn it_must_be_allowed_and_right(tenant: Tenant) {
    let app = app(&tenant).await;
    assert_eq!(ask(&app, "wrong", &[]).await.refusal(), (400, "invalid_grant"));
    let nobody = [("grant_type", "password"), ("username", "nobody@example.org"), ("password", PASSWORD)];
    assert_eq!(app.token(&nobody).await.unwrap().refusal(), (400, "invalid_grant"), "said alike");
    assert_eq!(ask(&app, PASSWORD, &[("scope", "openid made:up")]).await.refusal(), (400, "invalid_scope"));
    assert_eq!(ask(&app, PASSWORD, &[("resource", "https://nowhere.example/")]).await.refusal(), (400, "invalid_target"));
    let web = application(&tenant, "web");
    assert_eq!(ask(&web, PASSWORD, &[]).await.refusal(), (400, "unauthorized_client"));
    // A third-party application would show nobody what it asks for.
    let third =
        json!({ "name": "T", "client_id": "t2", "client_secret": SECRET, "first_party": false, "grant_types": ["password"] });
    let answer = tenant.admin(reqwest::Method::POST, "/applications").json(&third).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let third = RelyingParty { client_id: "t2".into(), ..app };
    assert_eq!(ask(&third, PASSWORD, &[]).await.refusal(), (400, "unauthorized_client"));
}

async fn guessing_ends_at_the_token_endpoint_too(tenant: Tenant) {
    let app = app(&tenant).await;
    for _ in 0..3 {
        assert_eq!(ask(&app, "wrong", &[]).await.refusal(), (400, "invalid_grant"));
    }
    let locked = ask(&app, PASSWORD, &[]).await;
    assert_eq!(locked.status, 429);
    assert!(locked.header("retry-after").is_some_and(|wait| wait.parse::<u64>().is_ok_and(|w| w > 0)));
}

async fn people_without_passwords_have_none(tenant: Tenant) {
    let app = app(&tenant).await;
    assert_eq!(ask(&app, PASSWORD, &[]).await.refusal(), (400, "unauthorized_client"));
}

async fn a_second_factor_is_owed(tenant: Tenant) {
    let app = app(&tenant).await;
    let owed = ask(&app, PASSWORD, &[("scope", "openid")]).await;
    assert_eq!(owed.refusal(), (400, "insufficient_authorization"));
    assert_eq!(owed.json["enrolled"], json!(false));
    assert!(owed.json.get("access_token").is_none_or(Value::is_null));
    let form = [
        ("grant_type", "urn:doorward:params:oauth:grant-type:second_factor"),
        ("auth_session", owed.text("auth_session")),
        ("otp", "123456"),
    ];
    assert_eq!(app.token(&form).await.unwrap().refusal(), (400, "invalid_grant"), "nothing is set up");
    // What was proven waits for its own application only, and not for ever.
    let web = application(&tenant, "web");
    assert_eq!(web.token(&form).await.unwrap().refusal(), (400, "expired_token"));
    tenant.advance(601).await.unwrap();
    assert_eq!(app.token(&form).await.unwrap().refusal(), (400, "expired_token"));
}
