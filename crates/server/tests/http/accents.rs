//! Every endpoint of every accent answers on every domain; which discovery document a domain serves is its own affair.

use crate::house::{made, tests};
use doorward_testkit::relying_party::claims;
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};

tests![
    every_path_answers_on_every_domain,
    the_domain_decides_its_document_and_issuer,
    a_key_set_for_clients_of_old_holds_rsa_keys_only,
    addresses_are_compared_as_the_accent_says,
    the_resource_server_of_an_accent_comes_with_its_domain,
];

/// The host of a second domain of the tenant, whose accent is `auth0`.
async fn second_domain(tenant: &Tenant) -> String {
    let all: Value = tenant.admin(reqwest::Method::GET, "/tenants?limit=100").send().await.unwrap().json().await.unwrap();
    let own = |one: &&Value| one["slug"] == tenant.slug();
    let id = all["items"].as_array().unwrap().iter().find(own).unwrap_or_else(|| panic!("{all}"));
    let host = format!("login.{}", tenant.host());
    let new = json!({ "host": host, "issuer": format!("http://{host}/"), "accent": "auth0" });
    let path = format!("/tenants/{}/domains", id["id"].as_str().unwrap());
    let answer = tenant.admin(reqwest::Method::POST, &path).json(&new).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    host
}

async fn every_path_answers_on_every_domain(tenant: Tenant) {
    let there = second_domain(&tenant).await;
    let standard = [
        ("GET", "/connect/authorize"),
        ("POST", "/connect/token"),
        ("POST", "/connect/par"),
        ("POST", "/connect/device"),
        ("GET", "/connect/userinfo"),
        ("GET", "/connect/logout"),
        ("GET", "/signin"),
        ("GET", "/activate"),
        ("GET", "/.well-known/openid-configuration"),
    ];
    for host in [tenant.host(), &there] {
        for (method, path) in standard.iter().chain(doorward_dialect_auth0::PATHS) {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let url = tenant.url(&path.replace("{id}", "x"));
            let answer = tenant.http().request(method.clone(), url).header("host", host).send().await.unwrap();
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            assert!(
                status != 405 && !(status == 404 && text.contains("\"not_found\"") && !path.contains("{id}")),
                "{method} {path} at {host}: {status} {text}"
            );
        }
    }
}

async fn the_domain_decides_its_document_and_issuer(tenant: Tenant) {
    let there = second_domain(&tenant).await;
    let read = async |host: &str| -> Value {
        let url = tenant.url("/.well-known/openid-configuration");
        tenant.http().get(url).header("host", host).send().await.unwrap().json().await.unwrap()
    };
    let own = read(tenant.host()).await;
    assert_eq!((&own["issuer"], &own["token_endpoint"]), (&json!(tenant.origin()), &json!(tenant.url("/connect/token"))));
    let theirs = read(&there).await;
    assert_eq!(theirs["issuer"], format!("http://{there}/"));
    assert_eq!(theirs["token_endpoint"], format!("http://{there}/oauth/token"));
    assert_eq!(theirs["end_session_endpoint"], format!("http://{there}/oidc/logout"));
    for name in
        ["authorization_endpoint", "jwks_uri", "userinfo_endpoint", "revocation_endpoint", "device_authorization_endpoint"]
    {
        assert!(theirs[name].as_str().is_some_and(|url| url.starts_with(&format!("http://{there}/"))), "{name}");
    }
    // The same application gets tokens of whichever issuer it asks.
    let app = made(&tenant, json!({ "grant_types": ["client_credentials"] })).await;
    let form = [("grant_type", "client_credentials"), ("client_id", "made"), ("client_secret", crate::house::SECRET)];
    for (host, issuer) in [(tenant.host(), tenant.origin()), (&there, format!("http://{there}/"))] {
        let request = tenant.http().post(tenant.url("/connect/token")).header("host", host).form(&form);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(claims(answer["access_token"].as_str().unwrap())["iss"], issuer);
    }
    drop(app);
}

async fn a_key_set_for_clients_of_old_holds_rsa_keys_only(tenant: Tenant) {
    let there = second_domain(&tenant).await;
    let (browser, _) = crate::house::ada(&tenant).await;
    // Applications with other algorithms bring their keys into being.
    for client_id in ["es", "ed", "web"] {
        crate::house::application(&tenant, client_id).tokens(&browser, &[]).await.unwrap();
    }
    let keys = async |host: &str| -> Vec<String> {
        let url = tenant.url("/.well-known/jwks.json");
        let set: Value = tenant.http().get(url).header("host", host).send().await.unwrap().json().await.unwrap();
        // Each is there once more, or soon will be: for the next rotation.
        let mut all: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all.dedup();
        all
    };
    let own = keys(tenant.host()).await;
    assert_eq!(own, ["ES256", "EdDSA", "RS256"]);
    assert_eq!(keys(&there).await, ["RS256"]);
    // A client of 2022 reads the whole document or nothing: it knows no key type but those of its time, and any other one is the
    // end of it.
    let read = async |host: &str| {
        let url = tenant.url("/.well-known/jwks.json");
        let text = tenant.http().get(url).header("host", host).send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<jsonwebtoken::jwk::JwkSet>(&text)
    };
    let checked = |set: &jsonwebtoken::jwk::JwkSet, token: &str| {
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let jsonwebtoken::jwk::AlgorithmParameters::RSA(rsa) = &set.find(&kid).unwrap().algorithm else { panic!("no RSA key") };
        let key = jsonwebtoken::DecodingKey::from_rsa_components(&rsa.n, &rsa.e).unwrap();
        let mut expected = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        expected.set_audience(&[crate::house::API]);
        let told = jsonwebtoken::decode::<Value>(token, &key, &expected).unwrap().claims;
        assert_eq!(told["azp"], "made");
        kid
    };
    let app = made(&tenant, json!({ "accent": "auth0" })).await;
    let wanted = [("resource", crate::house::API)];
    let before = app.tokens(&browser, &wanted).await.unwrap();
    let old = checked(&read(&there).await.unwrap(), before.text("access_token"));
    // It goes on through rotations, with the keys of tokens from before them.
    for _ in 0..2 {
        let rotated = tenant.admin(reqwest::Method::POST, "/signing-keys/rotate").json(&json!({ "alg": "RS256" }));
        assert!(rotated.send().await.unwrap().status().is_success());
        let after = app.tokens(&browser, &wanted).await.unwrap();
        let set = read(&there).await.unwrap();
        assert_ne!(checked(&set, after.text("access_token")), old);
        assert_eq!(checked(&set, before.text("access_token")), old);
    }
}

async fn the_resource_server_of_an_accent_comes_with_its_domain(tenant: Tenant) {
    let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
    let all = async |path: &str| -> Vec<Value> {
        let list: Value = tenant.admin(reqwest::Method::GET, path).send().await.unwrap().json().await.unwrap();
        list["items"].as_array().unwrap().clone()
    };
    let audiences = async || all("/resource-servers?limit=200").await.iter().filter(|s| is_management(s)).count();
    fn is_management(server: &Value) -> bool {
        server["audience"].as_str().unwrap().ends_with("/api/v2/")
    }
    assert_eq!(audiences().await, 0, "a standard domain has none");
    let there = second_domain(&tenant).await;
    let _ = made(&tenant, json!({ "kind": "machine", "accent": "auth0", "redirect_uris": [] })).await;
    assert_eq!(audiences().await, 1, "the application finds it there");
    let audience = format!("http://{there}/api/v2/");
    let servers = all("/resource-servers?limit=200").await;
    let server = servers.iter().find(|s| s["audience"] == audience).unwrap_or_else(|| panic!("{servers:?}"));
    let ask = async |path: &str, body: Value| {
        let request = tenant.http().post(tenant.url(path)).header("host", &there).json(&body);
        request.send().await.unwrap()
    };
    let grant = json!({ "grant_type": "client_credentials", "client_id": "made", "client_secret": crate::house::SECRET, "audience": audience });
    // It is there, and lets nobody in who was not let in.
    assert_eq!(ask("/oauth/token", grant.clone()).await.status(), 403);
    let id = all("/applications?limit=200").await.iter().find(|a| a["client_id"] == "made").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let given = json!({ "resource_server_id": server["id"], "scopes": ["read:clients"] });
    let answer = tenant.admin(post, &format!("/applications/{id}/grants")).json(&given).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    let token: Value = ask("/oauth/token", grant).await.json().await.unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap_or_else(|| panic!("{token}")));
    let url = tenant.url("/api/v2/clients");
    let clients = tenant.http().request(get, url).header("host", &there).header("authorization", bearer).send().await.unwrap();
    assert_eq!(clients.status(), 200);
}

async fn addresses_are_compared_as_the_accent_says(tenant: Tenant) {
    let settings = json!({
        "accent": "auth0",
        "redirect_uris": ["https://made.example/cb", "https://*.previews.made.example/cb"],
        "post_logout_redirect_uris": ["https://made.example"],
    });
    let app = made(&tenant, settings).await;
    let browser = tenant.browser();
    for (uri, status) in [
        ("https://MADE.example/cb", 303),
        ("https://pr-7.previews.made.example/cb", 303),
        ("https://made.example/CB", 400),
        ("https://made.example/cb/", 400),
        ("https://a.b.previews.made.example/cb", 400),
        ("https://evil.example/.previews.made.example/cb", 400),
    ] {
        let path = app.authorize_path(&[("redirect_uri", uri)]).replace("/connect/authorize", "/authorize");
        assert_eq!(browser.get(&path).await.unwrap().status, status, "{uri}");
    }
    for (uri, to) in [
        ("https://made.example/", Some("https://made.example/")),
        ("https://made.example?x=1", Some("https://made.example?x=1")),
        ("https://made.example/elsewhere", None),
        ("https://evil.example/", None),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("returnTo", uri)
            .append_pair("client_id", "made")
            .finish();
        let page = browser.get(&format!("/v2/logout?{query}")).await.unwrap();
        assert_eq!((page.location(), page.status), (to, if to.is_some() { 303 } else { 400 }), "{uri}");
    }
    // The first registered address when none is named; nowhere without an application.
    assert_eq!(browser.get("/v2/logout?client_id=made").await.unwrap().location(), Some("https://made.example"));
    assert_eq!(browser.get("/v2/logout?returnTo=https%3A%2F%2Fmade.example").await.unwrap().status, 400);
    assert_eq!(browser.get("/v2/logout").await.unwrap().status, 200);
    // A wildcard is this accent's alone.
    let new = json!({ "name": "W", "redirect_uris": ["https://*.previews.made.example/cb"] });
    let answer = tenant.admin(reqwest::Method::POST, "/applications").json(&new).send().await.unwrap();
    assert_eq!(answer.status(), 422);
}
