//! Tokens that travel through the browser (OpenID Connect Core, sections 3.2 and 3.3), answers as messages, and access tokens that
//! only we can read.

use crate::house::{API, ada, application, made, tests};
use doorward_testkit::page::Page;
use doorward_testkit::relying_party::{Answer, claims, header};
use doorward_testkit::tenant::Tenant;
use serde_json::json;

tests![
    an_id_token_alone_is_bound_to_its_request,
    hybrid_answers_bind_the_code_and_the_token,
    tokens_travel_only_where_the_application_may_have_them,
    a_message_names_its_receiver_and_may_be_framed_by_nobody_else,
    an_opaque_token_says_nothing_and_serves_like_any_other,
];

fn fragment(page: &Page) -> Vec<(String, String)> {
    let to = page.location().unwrap_or_else(|| panic!("no answer but {page}")).to_owned();
    let (_, fragment) = to.split_once('#').unwrap_or_else(|| panic!("no fragment in {to}"));
    url::form_urlencoded::parse(fragment.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect()
}

fn of<'a>(all: &'a [(String, String)], name: &str) -> &'a str {
    all.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
}

async fn an_id_token_alone_is_bound_to_its_request(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = made(&tenant, json!({ "grant_types": ["implicit"] })).await;
    let page = app.authorize(&browser, &[("response_type", "id_token"), ("nonce", "n-1"), ("state", "s")]).await.unwrap();
    let answer = fragment(&page);
    assert_eq!((of(&answer, "state"), of(&answer, "code"), of(&answer, "access_token")), ("s", "", ""));
    let told = claims(of(&answer, "id_token"));
    assert_eq!((&told["nonce"], &told["aud"], told.get("at_hash")), (&json!("n-1"), &json!("made"), None));
    // Core, section 3.2.2.1: nonce is required here.
    let page = app.authorize(&browser, &[("response_type", "id_token"), ("nonce", "")]).await.unwrap();
    assert_eq!(of(&fragment(&page), "error"), "invalid_request");
    // By form post it goes to the application's own address and nowhere else.
    let changes = [("response_type", "id_token"), ("nonce", "n-2"), ("response_mode", "form_post")];
    let page = app.authorize(&browser, &changes).await.unwrap();
    let form = page.form("https://made.example/cb").unwrap();
    assert_eq!(claims(form.field("id_token").unwrap())["nonce"], "n-2");
    assert_eq!(tenant.audit("token.issued").await.unwrap()[0]["grant_type"], "implicit");
}

async fn hybrid_answers_bind_the_code_and_the_token(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = made(&tenant, json!({ "grant_types": ["authorization_code", "implicit", "refresh_token"] })).await;
    let changes = [("response_type", "code id_token token"), ("nonce", "n")];
    let answer = fragment(&app.authorize(&browser, &changes).await.unwrap());
    let told = claims(of(&answer, "id_token"));
    let hash = |text: &str| {
        use base64::Engine as _;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
    };
    assert_eq!(told["c_hash"], hash(of(&answer, "code")), "Core, section 3.3.2.11");
    assert_eq!(told["at_hash"], hash(of(&answer, "access_token")));
    assert!(!of(&answer, "scope").contains("offline_access") && of(&answer, "token_type") == "Bearer");
    assert_eq!(app.userinfo(of(&answer, "access_token")).await.unwrap().status, 200);
    let redeemed = app.redeem(of(&answer, "code")).await.unwrap();
    assert_eq!(redeemed.status, 200);
    assert_eq!(claims(redeemed.text("id_token"))["sub"], told["sub"]);
    // A code used twice stops what it came with, the token in the fragment too.
    assert_eq!(app.redeem(of(&answer, "code")).await.unwrap().refusal(), (400, "invalid_grant"));
    assert_eq!(app.userinfo(of(&answer, "access_token")).await.unwrap().status, 401);
}

async fn tokens_travel_only_where_the_application_may_have_them(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    for response_type in ["id_token", "token", "code id_token"] {
        let page = web.authorize(&browser, &[("response_type", response_type), ("nonce", "n")]).await.unwrap();
        assert_eq!(of(&fragment(&page), "error"), "unsupported_response_type", "{response_type}");
    }
    let app = made(&tenant, json!({ "grant_types": ["implicit"] })).await;
    let page = app.authorize(&browser, &[("response_type", "token"), ("response_mode", "query")]).await.unwrap();
    assert_eq!(of(&fragment(&page), "error"), "invalid_request", "never in a query");
}

async fn a_message_names_its_receiver_and_may_be_framed_by_nobody_else(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = made(&tenant, json!({ "web_origins": ["https://made.example"] })).await;
    let page = app.authorize(&browser, &[("response_mode", "web_message"), ("prompt", "none"), ("state", "s")]).await.unwrap();
    assert_eq!((page.status, page.location()), (200, None));
    assert_eq!(page.all("data-target"), ["https://made.example"]);
    let message: serde_json::Value = serde_json::from_str(&page.all("data-message")[0]).unwrap();
    assert_eq!(message["state"], "s");
    assert_eq!(app.redeem(message["code"].as_str().unwrap()).await.unwrap().status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors https://made.example;"));
    assert_eq!((page.header("x-frame-options"), page.header("cross-origin-opener-policy")), (None, Some("unsafe-none")));
    // Where the origin is not registered, nothing is sent anywhere.
    let web = application(&tenant, "web");
    let page = web.authorize(&browser, &[("response_mode", "web_message"), ("prompt", "none")]).await.unwrap();
    assert_eq!((page.status, page.location(), page.problem().as_deref()), (400, None, Some("invalid-request")));
    assert!(page.all("data-message").is_empty());
}

async fn an_opaque_token_says_nothing_and_serves_like_any_other(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = made(&tenant, json!({ "opaque_access_tokens": true })).await;
    let tokens = app.tokens(&browser, &[]).await.unwrap();
    let token = tokens.text("access_token");
    assert!(token.starts_with("dat_") && !token.contains('.') && token.len() < 500, "{token}");
    let told = app.userinfo(token).await.unwrap();
    assert_eq!((told.status, &told.json["sub"]), (200, &claims(tokens.text("id_token"))["sub"]));
    let introspected = Answer::of(app.ask("/connect/introspect", &[("token", token)])).await.unwrap();
    assert_eq!((&introspected.json["active"], introspected.text("client_id")), (&json!(true), "made"));
    // Changed or of another tenant, it is nothing.
    let bent = format!("{}{}", &token[..token.len() - 2], if token.ends_with("AA") { "BB" } else { "AA" });
    assert_eq!(app.userinfo(&bent).await.unwrap().status, 401);
    let neighbour = crate::house::neighbour(&tenant);
    let there = neighbour.http().get(neighbour.url("/connect/userinfo")).bearer_auth(token);
    assert_eq!(Answer::of(there).await.unwrap().status, 401);
    app.revoke(token).await.unwrap();
    assert_eq!(app.userinfo(token).await.unwrap().status, 401);
    // A token for an API is a JWT all the same, and one that is too old is over.
    let for_api = app.tokens(&browser, &[("resource", API)]).await.unwrap();
    assert_eq!(header(for_api.text("access_token"))["typ"], "at+jwt");
    let late = app.tokens(&browser, &[]).await.unwrap();
    tenant.advance(3601).await.unwrap();
    assert_eq!(app.userinfo(late.text("access_token")).await.unwrap().status, 401);
}
