//! The provider: discovery, keys, authorization without any page, tokens, userinfo, sign-out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use url::Url;

pub const CLIENT_ID: &str = "web app";
pub const CLIENT_SECRET: &str = "secret:with/signs";
pub const AUDIENCE: &str = "https://api.example.com";

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the tokens of a test are made for the present")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

/// A signing key with its public half.
pub struct Key {
    pub kid: String,
    pub alg: &'static str,
    signer: Signer,
    pub jwk: Value,
}

impl Key {
    pub fn new(kid: &str, alg: &'static str) -> Arc<Self> {
        let (signer, mut jwk) = match alg {
            "RS256" => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let n = b64(pair.public_key().modulus().big_endian_without_leading_zero());
                let e = b64(pair.public_key().exponent().big_endian_without_leading_zero());
                (Signer::Rsa(Box::new(pair)), json!({ "kty": "RSA", "n": n, "e": e }))
            }
            "ES256" => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                let point = pair.public_key().as_ref().to_vec();
                let (x, y) = point[1..].split_at(32);
                let jwk = json!({ "kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y) });
                (Signer::Ec(Box::new(pair)), jwk)
            }
            "EdDSA" => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let x = b64(pair.public_key());
                (Signer::Ed(Box::new(pair)), json!({ "kty": "OKP", "crv": "Ed25519", "x": x }))
            }
            other => unreachable!("{other}"),
        };
        jwk["kid"] = json!(kid);
        jwk["alg"] = json!(alg);
        jwk["use"] = json!("sig");
        Arc::new(Self { kid: kid.into(), alg, signer, jwk })
    }

    /// RSA keys take a while to make; tests that need any share this one.
    pub fn shared() -> Arc<Self> {
        static KEY: OnceLock<Arc<Key>> = OnceLock::new();
        Arc::clone(KEY.get_or_init(|| Key::new("shared", "RS256")))
    }

    pub fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": self.alg, "kid": self.kid })
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(&self.header(), claims)
    }

    pub fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature = match &self.signer {
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
                signature
            }
            Signer::Ec(pair) => pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            Signer::Ed(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", b64(signature))
    }
}

/// A token with the HMAC of a secret: what a library signs that can be talked into HS256.
pub fn hmac_signed(kid: &str, secret: &[u8], claims: &Value) -> String {
    let message = format!("{}.{}", b64(json!({ "typ": "JWT", "alg": "HS256", "kid": kid }).to_string()), b64(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", b64(tag))
}

#[derive(Clone)]
struct Code {
    redirect_uri: String,
    challenge: String,
    nonce: String,
}

/// What the provider does wrong, and what it saw.
#[derive(Default)]
pub struct Seen {
    pub authorizations: Vec<HashMap<String, String>>,
    pub token_requests: Vec<HashMap<String, String>>,
    pub logouts: Vec<HashMap<String, String>>,
    pub revoked: Vec<String>,
    codes: HashMap<String, Code>,
    counter: usize,
}

pub struct Inner {
    pub issuer: String,
    pub keys: Mutex<Vec<Arc<Key>>>,
    pub further_jwks: Mutex<Vec<Value>>,
    pub down: AtomicBool,
    pub token_down: AtomicBool,
    pub key_requests: AtomicUsize,
    pub discovery: Mutex<Map<String, Value>>,
    pub id_token: Mutex<Map<String, Value>>,
    pub userinfo: Mutex<Value>,
    pub expires_in: Mutex<i64>,
    pub padding: AtomicUsize,
    pub refresh_delay_ms: AtomicUsize,
    pub seen: Mutex<Seen>,
}

#[derive(Clone)]
pub struct Provider(pub Arc<Inner>);

impl std::ops::Deref for Provider {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let provider = Self(Arc::new(Inner {
            issuer,
            keys: Mutex::new(vec![Key::shared()]),
            further_jwks: Mutex::default(),
            down: AtomicBool::new(false),
            token_down: AtomicBool::new(false),
            key_requests: AtomicUsize::new(0),
            discovery: Mutex::default(),
            id_token: Mutex::default(),
            userinfo: Mutex::new(json!({})),
            expires_in: Mutex::new(3600),
            padding: AtomicUsize::new(0),
            refresh_delay_ms: AtomicUsize::new(0),
            seen: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/logout", get(logout))
            .route("/revoke", post(revoke))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    pub fn key_requests(&self) -> usize {
        self.key_requests.load(Ordering::SeqCst)
    }

    /// What the library under test is given.
    pub fn of_library(&self) -> doorward_axum::ProviderBuilder {
        doorward_axum::Provider::builder(&self.issuer)
    }

    /// Claims of a good access token.
    pub fn access_claims(&self) -> Value {
        json!({
            "iss": self.issuer, "sub": "user-1", "aud": [AUDIENCE, self.issuer], "client_id": CLIENT_ID, "jti": "1",
            "iat": now(), "exp": now() + 300, "scope": "openid read:messages", "permissions": ["read:admin-messages"],
        })
    }

    fn tokens(&self, nonce: Option<&str>) -> Value {
        let key = Arc::clone(self.keys.lock().unwrap().last().unwrap());
        let mut id_token = json!({
            "iss": self.issuer, "sub": "user-1", "aud": CLIENT_ID, "iat": now(), "exp": now() + 300,
            "name": "Ada Lovelace", "email": "ada@example.com", "email_verified": true, "padding": "x".repeat(self.padding.load(Ordering::SeqCst)),
        });
        if let Some(nonce) = nonce {
            id_token["nonce"] = json!(nonce);
        }
        for (name, value) in self.id_token.lock().unwrap().clone() {
            match value {
                Value::Null => id_token.as_object_mut().unwrap().remove(&name),
                value => id_token.as_object_mut().unwrap().insert(name, value),
            };
        }
        let mut seen = self.seen.lock().unwrap();
        seen.counter += 1;
        let header = json!({ "typ": "JWT", "alg": key.alg, "kid": key.kid });
        json!({
            "access_token": format!("access-{}", seen.counter), "token_type": "Bearer", "expires_in": *self.expires_in.lock().unwrap(),
            "refresh_token": format!("refresh-{}", seen.counter), "id_token": key.sign_with_header(&header, &id_token),
        })
    }
}

async fn discovery(State(provider): State<Provider>) -> Response {
    if provider.down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let at = |path: &str| json!(format!("{}{path}", provider.issuer));
    let mut document = Map::from_iter(
        [
            ("issuer", at("")),
            ("jwks_uri", at("/jwks")),
            ("authorization_endpoint", at("/authorize")),
            ("token_endpoint", at("/token")),
            ("userinfo_endpoint", at("/userinfo")),
            ("end_session_endpoint", at("/logout")),
            ("revocation_endpoint", at("/revoke")),
            ("prompt_values_supported", json!(["login", "create"])),
            ("authorization_response_iss_parameter_supported", json!(true)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    document.extend(provider.discovery.lock().unwrap().clone());
    Json(document).into_response()
}

async fn jwks(State(provider): State<Provider>) -> Response {
    provider.key_requests.fetch_add(1, Ordering::SeqCst);
    if provider.down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let mut keys: Vec<Value> = provider.keys.lock().unwrap().iter().map(|key| key.jwk.clone()).collect();
    keys.extend(provider.further_jwks.lock().unwrap().clone());
    Json(json!({ "keys": keys })).into_response()
}

async fn authorize(State(provider): State<Provider>, Query(query): Query<HashMap<String, String>>) -> Redirect {
    let mut seen = provider.seen.lock().unwrap();
    seen.authorizations.push(query.clone());
    let code = format!("code-{}", seen.authorizations.len());
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["response_type"], "code");
    let kept = Code {
        redirect_uri: query["redirect_uri"].clone(),
        challenge: query["code_challenge"].clone(),
        nonce: query["nonce"].clone(),
    };
    seen.codes.insert(code.clone(), kept);
    let mut back = Url::parse(&query["redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]).append_pair("iss", &provider.issuer);
    Redirect::to(back.as_str())
}

/// RFC 6749, section 2.3.1.
fn authenticated(headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET))));
    let by_header = headers.get(header::AUTHORIZATION).is_some_and(|value| *value == basic);
    by_header || form.get("client_secret").is_some_and(|secret| secret == CLIENT_SECRET)
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let refused = |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
    if provider.token_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    provider.seen.lock().unwrap().token_requests.push(form.clone());
    if !authenticated(&headers, &form) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if form["grant_type"] == "refresh_token" {
        let delay = provider.refresh_delay_ms.load(Ordering::SeqCst) as u64;
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        // Only the newest refresh token works, and only once.
        let newest = format!("refresh-{}", provider.seen.lock().unwrap().counter);
        if form["refresh_token"] != newest {
            return refused(StatusCode::BAD_REQUEST, "invalid_grant");
        }
        return Json(provider.tokens(None)).into_response();
    }
    let code = provider.seen.lock().unwrap().codes.remove(&form["code"]);
    let challenge = b64(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
    match code {
        Some(code) if code.redirect_uri == form["redirect_uri"] && code.challenge == challenge => {
            Json(provider.tokens(Some(&code.nonce))).into_response()
        }
        _ => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
    }
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let known = headers[header::AUTHORIZATION].to_str().unwrap().starts_with("Bearer access-");
    if known { Json(provider.userinfo.lock().unwrap().clone()).into_response() } else { StatusCode::UNAUTHORIZED.into_response() }
}

async fn logout(State(provider): State<Provider>, Query(query): Query<HashMap<String, String>>) -> Redirect {
    let back = Redirect::to(&query["post_logout_redirect_uri"]);
    provider.seen.lock().unwrap().logouts.push(query);
    back
}

async fn revoke(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> StatusCode {
    assert!(authenticated(&headers, &form));
    provider.seen.lock().unwrap().revoked.push(form["token"].clone());
    StatusCode::OK
}
