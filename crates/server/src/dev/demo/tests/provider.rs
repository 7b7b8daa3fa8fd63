//! A provider on a free port: it signs what it is given and checks what an application must send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use doorward_protocol::jose::{Algorithm, JwkSet, SigningKey, sign_jwt};
use doorward_protocol::oauth::pkce::{self, CodeChallenge};
use serde_json::{Value, json};

/// `client_id`; its colon must travel encoded (RFC 6749, section 2.3.1).
pub const ID: &str = "demo:app";
/// `client_secret`, long enough for a MAC.
pub const SECRET: &str = "s3cret/with+signs and a length of more than 32";

/// What the provider says and has seen.
pub struct Script {
    pub named_issuer: Option<String>,
    pub names_itself: bool,
    pub userinfo: Value,
    codes: HashMap<String, (CodeChallenge, String)>,
    last_id_token: String,
    token_requests: usize,
}

pub struct Fake {
    pub issuer: String,
    key: Arc<SigningKey>,
    script: Arc<Mutex<Script>>,
}

#[derive(Clone)]
struct Serving {
    issuer: String,
    key: Arc<SigningKey>,
    script: Arc<Mutex<Script>>,
}

impl Fake {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            named_issuer: None,
            names_itself: false,
            userinfo: json!({ "sub": "u1", "name": "Ada Lovelace", "email": "ada@example.com" }),
            codes: HashMap::new(),
            last_id_token: String::new(),
            token_requests: 0,
        }));
        let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
        let serving = Serving { issuer: issuer.clone(), key: key.clone(), script: script.clone() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(serving);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, key, script }
    }

    pub fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    pub fn sign(&self, claims: &Value) -> String {
        sign_jwt(&self.key, "JWT", claims).unwrap()
    }

    /// A code that is worth this ID token to whoever has the verifier.
    pub fn give_code(&self, challenge: &str, id_token: &str) -> String {
        let challenge = CodeChallenge::parse(challenge, Some("S256")).unwrap();
        let mut script = self.script.lock().unwrap();
        let code = format!("code-{}", script.codes.len());
        script.codes.insert(code.clone(), (challenge, id_token.to_owned()));
        code
    }

    pub fn token_requests(&self) -> usize {
        self.script.lock().unwrap().token_requests
    }

    pub fn last_id_token(&self) -> String {
        self.script.lock().unwrap().last_id_token.clone()
    }
}

async fn discovery(State(serving): State<Serving>) -> Json<Value> {
    let at = |path: &str| format!("{}/{path}", serving.issuer);
    let script = serving.script.lock().unwrap();
    Json(json!({
        "issuer": script.named_issuer.clone().unwrap_or_else(|| serving.issuer.clone()),
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "userinfo_endpoint": at("userinfo"),
        "end_session_endpoint": at("logout"),
        "authorization_response_iss_parameter_supported": script.names_itself,
    }))
}

async fn jwks(State(serving): State<Serving>) -> Json<JwkSet> {
    Json(JwkSet { keys: vec![serving.key.public_jwk()] })
}

async fn token(
    State(serving): State<Serving>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let mut script = serving.script.lock().unwrap();
    script.token_requests += 1;
    // base64 of `demo%3Aapp:s3cret%2Fwith%2Bsigns+and+a+length+of+more+than+32`, made with another tool.
    const BASIC: &str = "Basic ZGVtbyUzQWFwcDpzM2NyZXQlMkZ3aXRoJTJCc2lnbnMrYW5kK2ErbGVuZ3RoK29mK21vcmUrdGhhbiszMg==";
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(BASIC) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" })));
    }
    let get = |name: &str| form.get(name).map(String::as_str);
    let known = get("code").and_then(|code| script.codes.remove(code));
    match known {
        Some((challenge, id_token))
            if get("grant_type") == Some("authorization_code")
                && get("redirect_uri") == Some("http://localhost:9011/demo/callback")
                && pkce::verify(Some(&challenge), get("code_verifier")).is_ok() =>
        {
            script.last_id_token.clone_from(&id_token);
            let tokens = json!({ "access_token": "at-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token });
            (StatusCode::OK, Json(tokens))
        }
        _ => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
    }
}

async fn userinfo(State(serving): State<Serving>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some("Bearer at-1") {
        return (StatusCode::UNAUTHORIZED, Json(Value::Null));
    }
    (StatusCode::OK, Json(serving.script.lock().unwrap().userinfo.clone()))
}
