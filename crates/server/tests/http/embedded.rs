//! Sign-in carried by an application's own page, over HTTP as its components speak: processes, sessions, bent passkeys, other
//! tenants. What the real components do with it is for the journeys.

use crate::house::{ADA, cause, neighbour, tests};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_testkit::authenticator::{Bend, SoftAuthenticator};
use doorward_testkit::tenant::Tenant;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// The secret of the project `pro-7`.
pub const API_SECRET: &str = "corbado1_of-tests-0123456789";
/// A page of the application.
const ORIGIN: &str = "https://pro-7.example";

tests![
    a_passkey_signs_up_and_in,
    bent_registrations_make_no_account,
    bent_assertions_open_no_session,
    a_challenge_serves_its_process_only,
    processes_sessions_and_secrets_stay_in_their_tenant,
    the_host_may_name_the_project,
    a_session_ends_in_time_and_by_sign_out,
    keys_are_published_before_they_sign,
    association_files_follow_the_tenant,
];

/// The components of one page.
struct Page {
    tenant: Tenant,
    token: Option<String>,
}

impl Page {
    fn new(tenant: &Tenant) -> Self {
        Self { tenant: tenant.clone(), token: None }
    }

    async fn send(&self, method: Method, path: &str, body: Value, secret: Option<&str>) -> (StatusCode, Value) {
        let mut request = self.tenant.http().request(method, self.tenant.url(path)).json(&body);
        request = request.header("x-corbado-projectid", "pro-7").header("origin", ORIGIN);
        if let Some(token) = &self.token {
            request = request.header("x-corbado-process-id", token);
        }
        if let Some(secret) = secret {
            request = request.bearer_auth(secret);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(Method::POST, path, body, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    async fn block(&self, path: &str, body: Value) -> Value {
        self.post(path, body).await["blockBody"].clone()
    }

    async fn begin(&mut self, preferred: &str) -> Value {
        let body = json!({ "clientInformation": { "isUserVerifyingPlatformAuthenticatorAvailable": true }, "preferredBlock": preferred });
        let answer = self.post("/v2/auth/process/init", body).await;
        self.token = answer["token"].as_str().map(str::to_owned);
        answer["processResponse"]["blockBody"].clone()
    }

    async fn sign_up_form(&mut self, email: &str) -> Value {
        self.begin("signup-init").await;
        let block = self
            .block(
                "/v2/auth/signup/init",
                json!({ "identifiers": [{ "type": "email", "identifier": email }], "fullName": "Ada Lovelace" }),
            )
            .await;
        assert_eq!(block["block"], "passkey-append", "{block}");
        block
    }

    async fn register(&self, block: &Value, authenticator: &mut SoftAuthenticator, bend: Bend) -> Value {
        let credential = authenticator.create(&options(&block["data"]["challenge"]), bend);
        self.block("/v2/auth/passkey/append/finish", json!({ "signedChallenge": credential.to_string() })).await
    }

    async fn log_in_form(&mut self, email: &str) -> Value {
        self.begin("login-init").await;
        let block = self.block("/v2/auth/login/init", json!({ "identifierValue": email, "isPhone": false })).await;
        assert_eq!(block["block"], "passkey-verify", "{block}");
        block
    }

    async fn assert(&self, block: &Value, authenticator: &mut SoftAuthenticator, bend: Bend) -> Value {
        let credential = authenticator.get(&options(&block["data"]["challenge"]), bend);
        self.block("/v2/auth/passkey/login/finish", json!({ "signedChallenge": credential.to_string() })).await
    }

    async fn me(&self, secret: &str) -> StatusCode {
        self.send(Method::GET, "/v2/me", json!({}), Some(secret)).await.0
    }
}

/// The options in a text of JSON, as components take them.
fn options(challenge: &Value) -> Value {
    let text: Value = serde_json::from_str(challenge.as_str().unwrap()).unwrap();
    text["publicKey"].clone()
}

/// Signs up with a passkey; what `completed` says.
async fn signed_up(tenant: &Tenant, email: &str, authenticator: &mut SoftAuthenticator) -> Value {
    let mut page = Page::new(tenant);
    let block = page.sign_up_form(email).await;
    let block = page.register(&block, authenticator, Bend::none()).await;
    assert_eq!(block["block"], "passkey-appended", "{block}");
    let block = page.block("/v2/auth/block/skip", json!({})).await;
    assert_eq!(block["block"], "completed", "{block}");
    block["data"].clone()
}

async fn a_passkey_signs_up_and_in(tenant: Tenant) {
    let mut authenticator = tenant.authenticator();
    let done = signed_up(&tenant, ADA, &mut authenticator).await;
    assert_eq!(done["passkeyOperation"]["operationType"], "append");
    assert_eq!(done["passkeyOperation"]["identifierValue"], ADA);
    let mut page = Page::new(&tenant);
    let block = page.log_in_form(ADA).await;
    let block = page.assert(&block, &mut authenticator, Bend::none()).await;
    assert_eq!(
        (block["block"].as_str(), block["data"]["passkeyOperation"]["operationType"].as_str()),
        (Some("completed"), Some("verify"))
    );
    // Without a name, as autofill does.
    let block = page.begin("login-init").await;
    let credential = authenticator.get(&options(&block["data"]["conditionalUIChallenge"]), Bend::none());
    let answer = page.block("/v2/auth/passkey/mediation/finish", json!({ "signedChallenge": credential.to_string() })).await;
    assert_eq!(answer["block"], "completed");
}

async fn bent_registrations_make_no_account(tenant: Tenant) {
    let bend = Bend::none;
    let table = [
        (bend().origin("https://evil.example"), "passkey_refused", "origin_mismatch"),
        (bend().rp_id("evil.example"), "passkey_refused", "rp_id_hash_mismatch"),
        (bend().client_data_type("webauthn.get"), "passkey_refused", "wrong_type"),
        (bend().uv(false), "user_verification_required", "user_not_verified"),
        (bend().challenge(&[7; 40]), "passkey_refused", "challenge_unknown"),
    ];
    for (bend, code, expected) in table {
        let mut page = Page::new(&tenant);
        let block = page.sign_up_form(ADA).await;
        let block = page.register(&block, &mut tenant.authenticator(), bend).await;
        assert_eq!(
            (block["block"].as_str(), block["error"]["code"].as_str()),
            (Some("passkey-append"), Some(code)),
            "{expected}"
        );
        assert_eq!(cause(&tenant, "passkey.refused").await, expected);
    }
    assert!(tenant.audit("user.created").await.unwrap().is_empty());
}

async fn bent_assertions_open_no_session(tenant: Tenant) {
    let mut authenticator = tenant.authenticator();
    signed_up(&tenant, ADA, &mut authenticator).await;
    let before = tenant.audit("sign_in.succeeded").await.unwrap().len();
    let bend = Bend::none;
    let table = [
        (bend().origin("https://evil.example"), "passkey_refused", "origin_mismatch"),
        (bend().rp_id("evil.example"), "passkey_refused", "rp_id_hash_mismatch"),
        (bend().uv(false), "user_verification_required", "user_not_verified"),
        (bend().user_handle(Some(b"somebody")), "passkey_refused", "user_handle_mismatch"),
        (bend().tamper_signature(), "passkey_refused", "bad_signature"),
        (bend().credential_id(&[9; 32]), "passkey_unknown", "credential_unknown"),
    ];
    for (bend, code, expected) in table {
        let mut page = Page::new(&tenant);
        let block = page.log_in_form(ADA).await;
        let block = page.assert(&block, &mut authenticator, bend).await;
        assert_eq!(
            (block["block"].as_str(), block["error"]["code"].as_str()),
            (Some("passkey-verify"), Some(code)),
            "{expected}"
        );
        assert_eq!(cause(&tenant, "sign_in.failed").await, expected);
    }
    assert_eq!(tenant.audit("sign_in.succeeded").await.unwrap().len(), before);
}

async fn a_challenge_serves_its_process_only(tenant: Tenant) {
    let mut authenticator = tenant.authenticator();
    signed_up(&tenant, ADA, &mut authenticator).await;
    let mut mine = Page::new(&tenant);
    let block = mine.log_in_form(ADA).await;
    let credential = authenticator.get(&options(&block["data"]["challenge"]), Bend::none());
    let body = json!({ "signedChallenge": credential.to_string() });
    // In somebody else's process it is nothing.
    let mut theirs = Page::new(&tenant);
    theirs.log_in_form(ADA).await;
    assert_eq!(theirs.block("/v2/auth/passkey/login/finish", body.clone()).await["error"]["code"], "passkey_refused");
    assert_eq!(mine.block("/v2/auth/passkey/login/finish", body.clone()).await["block"], "completed");
    // The same answer opens nothing twice.
    let sessions = tenant.audit("sign_in.succeeded").await.unwrap().len();
    let again = mine.block("/v2/auth/passkey/login/finish", body).await;
    assert_eq!(again["continueOnOtherDevice"]["reason"], "process-already-completed", "{again}");
    assert_eq!(tenant.audit("sign_in.succeeded").await.unwrap().len(), sessions);
}

async fn processes_sessions_and_secrets_stay_in_their_tenant(tenant: Tenant) {
    let mut authenticator = tenant.authenticator();
    let done = signed_up(&tenant, ADA, &mut authenticator).await;
    let secret = done["refreshToken"].as_str().unwrap();
    let mut page = Page::new(&tenant);
    page.sign_up_form("bo@example.org").await;
    // The neighbour has a project of the same id.
    let elsewhere = Page { tenant: neighbour(&tenant), token: page.token.clone() };
    let (status, answer) = elsewhere.send(Method::GET, "/v2/auth/process", json!({}), None).await;
    assert_eq!((status, answer["error"]["type"].as_str()), (StatusCode::BAD_REQUEST, Some("process_not_available")));
    assert_eq!(elsewhere.me(secret).await, StatusCode::UNAUTHORIZED);
    assert_eq!(page.me(secret).await, StatusCode::OK);
    // Nor does it know the user.
    let user: Value = page.send(Method::GET, "/v2/me", json!({}), Some(secret)).await.1;
    let basic = format!("Basic {}", STANDARD.encode(format!("pro-7:{API_SECRET}")));
    let ask = async |tenant: &Tenant| {
        let path = format!("/v2/users/{}", user["id"].as_str().unwrap());
        tenant.http().get(tenant.url(&path)).header("authorization", &basic).send().await.unwrap().status()
    };
    assert_eq!(ask(&tenant).await, StatusCode::OK);
    assert_eq!(ask(&neighbour(&tenant)).await, StatusCode::BAD_REQUEST);
    assert_eq!(page.send(Method::GET, "/v2/auth/process", json!({}), None).await.0, StatusCode::OK);
}

async fn the_host_may_name_the_project(tenant: Tenant) {
    let (_, port) = tenant.server().address().to_string().rsplit_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let ask = async |host: String, header: Option<&str>| {
        let mut request = tenant.http().get(format!("http://127.0.0.1:{port}/v2/session-config")).header("host", host);
        if let Some(project) = header {
            request = request.header("x-corbado-projectid", project);
        }
        request.send().await.unwrap().status()
    };
    let host = tenant.host().to_owned();
    assert_eq!(ask(format!("pro-7.{host}"), None).await, StatusCode::OK);
    assert_eq!(ask(format!("pro-7.{host}"), Some("pro-7")).await, StatusCode::OK);
    assert_eq!(ask(format!("pro-8.{host}"), None).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask(host.clone(), None).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask(format!("evil.{host}"), Some("pro-7")).await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("pro-7.elsewhere.example".into(), Some("pro-7")).await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("pro-7.".into(), Some("pro-7")).await, StatusCode::MISDIRECTED_REQUEST);
}

async fn a_session_ends_in_time_and_by_sign_out(tenant: Tenant) {
    let mut authenticator = tenant.authenticator();
    let first = signed_up(&tenant, ADA, &mut authenticator).await["refreshToken"].as_str().unwrap().to_owned();
    let mut page = Page::new(&tenant);
    let block = page.log_in_form(ADA).await;
    let second = page.assert(&block, &mut authenticator, Bend::none()).await["data"]["refreshToken"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    // One device's sign-out is not the other's.
    assert_eq!(page.send(Method::POST, "/v2/me/logout", json!({}), Some(&first)).await.0, StatusCode::OK);
    assert_eq!((page.me(&first).await, page.me(&second).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    // Three days without use.
    tenant.advance(3 * 86_400 + 60).await.unwrap();
    assert_eq!(page.me(&second).await, StatusCode::UNAUTHORIZED);
}

async fn keys_are_published_before_they_sign(tenant: Tenant) {
    let keys = async || -> Vec<String> {
        let document: Value = tenant.http().get(tenant.url("/.well-known/jwks")).send().await.unwrap().json().await.unwrap();
        document["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    signed_up(&tenant, ADA, &mut tenant.authenticator()).await;
    let mut before = keys().await;
    for _ in 0..200 {
        if before.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        before = keys().await;
    }
    assert_eq!(before.len(), 2, "the next key is published");
    let rotated: Value = tenant
        .admin(Method::POST, "/signing-keys/rotate")
        .json(&json!({ "alg": "RS256" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let kid = rotated["kid"].as_str().unwrap_or_else(|| panic!("{rotated}"));
    assert!(before.iter().any(|known| known == kid), "whoever had the key set before knows the key that signs now");
    assert_eq!(keys().await.len(), 3);
}

async fn association_files_follow_the_tenant(tenant: Tenant) {
    let get = async |path: &str| -> Value {
        tenant.http().get(tenant.url(path)).send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    };
    assert_eq!(get("/.well-known/assetlinks.json").await, json!([]));
    let fingerprint = (0..32).map(|n| format!("{n:02X}")).collect::<Vec<_>>().join(":");
    let apps = json!({
        "android": [{ "package_name": "com.example.app", "sha256_cert_fingerprints": [fingerprint] }],
        "apple": ["ABCDE12345.com.example.app"],
    });
    let found: Value = tenant.admin(Method::GET, "/tenants").send().await.unwrap().json().await.unwrap();
    let all = found["items"].as_array().unwrap();
    let id = all.iter().find(|t| t["slug"] == tenant.slug()).unwrap()["id"].as_str().unwrap().to_owned();
    let patch = async |native_apps: Value| {
        let body = json!({ "native_apps": native_apps });
        tenant.admin(Method::PATCH, &format!("/tenants/{id}")).json(&body).send().await.unwrap().status()
    };
    assert_eq!(patch(apps).await, StatusCode::OK);
    let links = get("/.well-known/assetlinks.json").await;
    assert_eq!(links[0]["target"]["package_name"], "com.example.app");
    assert_eq!(links[0]["target"]["sha256_cert_fingerprints"][0], fingerprint.as_str());
    assert!(links[0]["relation"].as_array().unwrap().contains(&json!("delegate_permission/common.get_login_creds")));
    let apple = get("/.well-known/apple-app-site-association").await;
    assert_eq!(apple["webcredentials"]["apps"], json!(["ABCDE12345.com.example.app"]));
    // The application's pages may run ceremonies under this id too.
    let related = get("/.well-known/webauthn").await;
    assert!(related["origins"].as_array().unwrap().contains(&json!(ORIGIN)), "{related}");
    for bad in [
        json!({ "android": [{ "package_name": "a b", "sha256_cert_fingerprints": [] }] }),
        json!({ "android": [{ "package_name": "a.b", "sha256_cert_fingerprints": ["AB:CD"] }] }),
        json!({ "apple": ["com.example.app"] }),
    ] {
        assert!(patch(bad.clone()).await.is_client_error(), "{bad}");
    }
    // An app that is signed with that certificate can sign in.
    let mut page = Page::new(&tenant);
    let block = page.sign_up_form(ADA).await;
    let origin = "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let answer = page.register(&block, &mut tenant.authenticator(), Bend::none().origin(origin)).await;
    assert_eq!(answer["block"], "passkey-appended", "{answer}");
}
