//! One server for all tests of an engine, and in it one tenant for each test.

use doorward_testkit::authenticator::SoftAuthenticator;
use doorward_testkit::browser::Browser;
use doorward_testkit::relying_party::{AssertionKey, Proof, RelyingParty};
use doorward_testkit::server::{DevServer, Engine};
use doorward_testkit::tenant::Tenant;
use serde_json::{Value, json};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use tokio::sync::OnceCell;

/// The secret of every application that has one.
pub const SECRET: &str = "a-secret-of-tests-0123456789";
/// The audience of the API.
pub const API: &str = "https://api.example/";
/// The address of the person that most tests are about.
pub const ADA: &str = "ada@example.org";
/// A password that a policy accepts.
pub const PASSWORD: &str = "violet staple under rain";

/// The key of the application `jwt`.
pub static ASSERTION_KEY: LazyLock<AssertionKey> = LazyLock::new(|| AssertionKey::generate().unwrap());

/// A test: its name, the policy of its tenant, what it does.
#[derive(Clone)]
pub struct Test {
    pub name: String,
    pub policy: Value,
    pub run: fn(Tenant) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// The list of a module's tests; a policy after a name is the one of the test's tenant.
macro_rules! tests {
    ($($name:ident $(: $policy:tt)?),* $(,)?) => {
        pub fn tests() -> Vec<crate::house::Test> {
            vec![$(crate::house::Test {
                name: concat!(module_path!(), "::", stringify!($name)).replace("http::", ""),
                policy: serde_json::json!({ $("policy": $policy)? })["policy"].clone(),
                run: |tenant| Box::pin($name(tenant)),
            }),*]
        }
    };
}
pub(crate) use tests;

/// The server of an engine; started by the first test that needs it.
pub struct House {
    engine: Engine,
    names: Vec<String>,
    seed: Value,
    server: OnceCell<Arc<DevServer>>,
}

impl House {
    pub fn new(engine: Engine, tests: &[Test]) -> Self {
        let names: Vec<String> = tests.iter().map(|test| test.name.clone()).collect();
        let own = tests.iter().enumerate().map(|(number, test)| tenant(&format!("t{number}"), &test.name, &test.policy));
        let tenants: Vec<Value> = own.chain([tenant("neighbour", "Neighbour", &Value::Null)]).collect();
        Self { engine, names, seed: json!({ "tenant": tenants }), server: OnceCell::new() }
    }

    /// Runs a test on its tenant.
    pub async fn run(&self, test: &Test) {
        let binary = Path::new(env!("CARGO_BIN_EXE_doorward"));
        let start = async || DevServer::start(binary, self.engine, &self.seed).await.map(Arc::new);
        let server = self.server.get_or_try_init(start).await.unwrap();
        let number = self.names.iter().position(|name| *name == test.name).unwrap();
        let slug = format!("t{number}");
        let tenant = server.tenant(&slug, &host(&slug));
        (test.run)(tenant).await;
    }

    /// Errors that the server has logged.
    pub fn faults(&self) -> Vec<String> {
        let log = self.server.get().map(|server| server.log()).unwrap_or_default();
        log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).map(str::to_owned).collect()
    }
}

fn host(slug: &str) -> String {
    format!("{slug}.localhost")
}

/// Another tenant, which all tests share and none changes.
pub fn neighbour(tenant: &Tenant) -> Tenant {
    tenant.server().tenant("neighbour", &host("neighbour"))
}

fn tenant(slug: &str, name: &str, policy: &Value) -> Value {
    let secret = |mut application: Value| {
        application["client_secret"] = json!(SECRET);
        application
    };
    let application = |client_id: &str, settings: Value| {
        let mut all = json!({
            "client_id": client_id,
            "name": format!("The application {client_id}"),
            "redirect_uris": [redirect_uri(client_id)],
            "post_logout_redirect_uris": [format!("https://{client_id}.example/bye")],
        });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        all
    };
    let mut out = json!({
        "slug": slug,
        "name": name,
        "domain": [{ "host": host(slug), "issuer": format!("http://{}", host(slug)), "primary": true }],
        "resource_server": [{
            "audience": API,
            "name": "Things",
            "scopes": [
                { "value": "read:things", "description": "Read things" },
                { "value": "write:things", "description": "Write things" },
            ],
        }],
        "application": [
            secret(application("web", json!({
                "require_pkce": false,
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "grants": [{ "audience": API, "scopes": ["read:things"] }],
            }))),
            secret(application("strict", json!({
                "token_endpoint_auth_method": "client_secret_post",
                "redirect_uris": [redirect_uri("strict"), "https://strict.example/second"],
            }))),
            secret(application("third", json!({ "first_party": false }))),
            secret(application("es", json!({ "signing_alg": "ES256" }))),
            secret(application("ed", json!({ "signing_alg": "EdDSA" }))),
            application("spa", json!({
                "kind": "spa",
                "token_endpoint_auth_method": "none",
                "allowed_origins": ["https://elsewhere.example"],
            })),
            application("jwt", json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": ASSERTION_KEY.jwks(),
                "grant_types": ["authorization_code", "client_credentials"],
                "grants": [{ "audience": API, "scopes": ["read:things"] }],
            })),
            application("pro-7", json!({
                "client_secret": crate::embedded::API_SECRET,
                "accent": "corbado",
                "embedded": { "reveal_session_secret": true },
                "policy": { "reveal_accounts": true, "sign_up": { "verify_email": "never" }, "code": { "link": false } },
            })),
        ],
    });
    if !policy.is_null() {
        out["policy"] = policy.clone();
    }
    out
}

fn redirect_uri(client_id: &str) -> String {
    format!("https://{client_id}.example/cb")
}

/// An application of every tenant.
pub fn application(tenant: &Tenant, client_id: &str) -> RelyingParty {
    let proof = match client_id {
        "spa" | "jwt" => Proof::None,
        "strict" => Proof::Post(SECRET.into()),
        _ => Proof::Basic(SECRET.into()),
    };
    RelyingParty {
        tenant: tenant.clone(),
        client_id: client_id.into(),
        proof,
        redirect_uri: redirect_uri(client_id),
        scope: "openid profile email offline_access".into(),
    }
}

/// An application of this test's own, with a secret and these settings.
pub async fn made(tenant: &Tenant, settings: Value) -> RelyingParty {
    let mut all = json!({
        "name": "Made",
        "client_id": "made",
        "client_secret": SECRET,
        "redirect_uris": [redirect_uri("made")],
    });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let answer = tenant.admin(reqwest::Method::POST, "/applications").json(&all).send().await.unwrap();
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    RelyingParty {
        tenant: tenant.clone(),
        client_id: "made".into(),
        proof: Proof::Basic(SECRET.into()),
        redirect_uri: redirect_uri("made"),
        scope: "openid profile email offline_access".into(),
    }
}

/// Ada, signed up with a passkey and signed in.
pub async fn ada(tenant: &Tenant) -> (Browser, SoftAuthenticator) {
    signed_up(tenant, "Ada Lovelace", ADA).await
}

/// Somebody, signed up with a passkey and signed in.
pub async fn signed_up(tenant: &Tenant, name: &str, email: &str) -> (Browser, SoftAuthenticator) {
    let (browser, mut authenticator) = (tenant.browser(), tenant.authenticator());
    browser.sign_up(name, email, &mut authenticator).await.unwrap();
    (browser, authenticator)
}

/// Ada, signed up in a browser with a password and without a passkey.
pub async fn with_password(browser: Browser) -> Browser {
    let page = browser.open("/signup").await.unwrap();
    let form = page.form("/signin/create").unwrap().with("name", "Ada").with("identifier", ADA).with("password", PASSWORD);
    let page = browser.go(&form).await.unwrap();
    let page = browser.type_mailed_code(&page, ADA).await.unwrap();
    browser.skip_passkey(page).await.unwrap();
    assert!(browser.is_signed_in().await.unwrap());
    browser
}

/// The cause that the newest audit event of a kind names.
pub async fn cause(tenant: &Tenant, event: &str) -> String {
    let newest = tenant.audit(event).await.unwrap().into_iter().next().unwrap_or_default();
    newest["cause"].as_str().unwrap_or_default().to_owned()
}
