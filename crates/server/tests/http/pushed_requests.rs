//! Pushed authorization requests (RFC 9126).

use crate::house::{ada, application, made, neighbour, tests};
use doorward_testkit::relying_party::{Answer, RelyingParty, challenge};
use doorward_testkit::tenant::Tenant;
use serde_json::json;

tests![
    a_pushed_request_counts_instead_of_the_address,
    it_is_bound_to_its_client_and_its_minute,
    what_would_be_refused_later_is_refused_at_once,
    an_application_can_insist_on_it,
];

async fn push(app: &RelyingParty, changes: &[(&str, &str)]) -> Answer {
    let mut request = app.request();
    for (name, value) in changes {
        request.retain(|(known, _)| known != name);
        if !value.is_empty() {
            request.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let form: Vec<(&str, &str)> =
        request.iter().filter(|(name, _)| name != "client_id").map(|(k, v)| (k.as_str(), v.as_str())).collect();
    Answer::of(app.ask("/connect/par", &form)).await.unwrap()
}

fn path(client_id: &str, request_uri: &str, more: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client_id)
        .append_pair("request_uri", request_uri)
        .finish();
    format!("/connect/authorize?{query}{more}")
}

async fn a_pushed_request_counts_instead_of_the_address(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let pushed = push(&web, &[("state", "pushed")]).await;
    assert_eq!((pushed.status, pushed.header("cache-control")), (201, Some("no-store")));
    assert!(pushed.json["expires_in"].as_i64().is_some_and(|s| (5..=600).contains(&s)), "section 2.2");
    let uri = pushed.text("request_uri");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let page = browser.get(&path("web", uri, "&state=address&scope=openid")).await.unwrap();
    assert_eq!(page.answered("state").as_deref(), Some("pushed"), "section 4: what stands beside it is ignored");
    let code = page.answered("code").unwrap();
    assert_eq!(web.redeem(&code).await.unwrap().status, 200);
}

async fn it_is_bound_to_its_client_and_its_minute(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let uri = push(&web, &[]).await.text("request_uri").to_owned();
    let there = neighbour(&tenant).browser();
    for (who, path) in [
        (&browser, path("third", &uri, "")),
        (&browser, path("web", "urn:ietf:params:oauth:request_uri:x", "")),
        (&there, path("web", &uri, "")),
    ] {
        let page = who.get(&path).await.unwrap();
        assert_eq!((page.status, page.location(), page.problem().as_deref()), (400, None, Some("invalid-request")), "{path}");
    }
    tenant.advance(61).await.unwrap();
    let page = browser.get(&path("web", &uri, "")).await.unwrap();
    assert_eq!((page.status, page.location()), (400, None));
}

async fn what_would_be_refused_later_is_refused_at_once(tenant: Tenant) {
    let web = application(&tenant, "web");
    // Section 2.3: with the codes of the authorization endpoint. Scopes that nobody defines are looked at with the person: their
    // refusal waits.
    for (changes, code) in [
        ([("redirect_uri", "https://evil.example/cb")], "invalid_request"),
        ([("response_type", "id_token")], "unsupported_response_type"),
        ([("scope", "openid \"")], "invalid_scope"),
        ([("resource", "relative")], "invalid_target"),
        ([("request", "a.b.c")], "request_not_supported"),
        ([("request_uri", "urn:ietf:params:oauth:request_uri:x")], "invalid_request"),
    ] {
        assert_eq!(push(&web, &changes).await.refusal(), (400, code), "{changes:?}");
    }
    let nobody = tenant.http().post(tenant.url("/connect/par")).form(&[("client_id", "web"), ("response_type", "code")]);
    assert_eq!(Answer::of(nobody).await.unwrap().refusal(), (401, "invalid_client"));
    let other = Answer::of(web.ask("/connect/par", &[("client_id", "third"), ("response_type", "code")])).await.unwrap();
    assert_eq!(other.refusal().0, 400, "two clients in one request");
}

async fn an_application_can_insist_on_it(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let app = made(&tenant, json!({ "require_pushed_authorization_requests": true })).await;
    let page = app.authorize(&browser, &[]).await.unwrap();
    assert_eq!(page.answered("error").as_deref(), Some("invalid_request"));
    let pushed = push(&app, &[("code_challenge", &challenge("another verifier that is long enough for the rules"))]).await;
    let page = browser.get(&path("made", pushed.text("request_uri"), "")).await.unwrap();
    assert!(page.answered("code").is_some());
}
