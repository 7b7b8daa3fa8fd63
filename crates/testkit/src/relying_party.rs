//! An application: asks for authorization, exchanges codes, refreshes, introspects.

use crate::browser::Browser;
use crate::page::Page;
use crate::tenant::Tenant;
use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// A PKCE verifier (RFC 7636, section 4.1) good enough for tests: nobody else is to guess it.
pub const VERIFIER: &str = "a-verifier-of-tests-that-is-long-enough-for-rfc-7636";

/// The challenge of [`VERIFIER`] or another one.
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// How an application proves who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A public client.
    None,
    /// `client_secret_basic`.
    Basic(String),
    /// `client_secret_post`.
    Post(String),
}

/// An answer of an endpoint for programs.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; null when it is no JSON.
    pub json: Value,
}

impl Answer {
    /// Sends a request.
    pub async fn of(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, json: serde_json::from_slice(&response.bytes().await?).unwrap_or_default() })
    }

    /// A member that is text; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status and error code, as tests compare them.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.text("error"))
    }
}

/// An application of a tenant.
#[derive(Clone)]
pub struct RelyingParty {
    /// The tenant.
    pub tenant: Tenant,
    /// `client_id`.
    pub client_id: String,
    /// How it proves itself.
    pub proof: Proof,
    /// Where answers go.
    pub redirect_uri: String,
    /// What it asks for.
    pub scope: String,
}

impl RelyingParty {
    /// The parameters of an authorization request, with PKCE.
    pub fn request(&self) -> Vec<(String, String)> {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", &challenge(VERIFIER)),
            ("code_challenge_method", "S256"),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The path of an authorization request in which some parameters are others; an empty value takes one away.
    pub fn authorize_path(&self, changes: &[(&str, &str)]) -> String {
        let mut request = self.request();
        for (name, value) in changes {
            request.retain(|(have, _)| have != name);
            if !value.is_empty() {
                request.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(request).finish();
        format!("/connect/authorize?{query}")
    }

    /// Sends a browser to the authorization endpoint; the last page it sees.
    pub async fn authorize(&self, browser: &Browser, changes: &[(&str, &str)]) -> Result<Page> {
        browser.open(&self.authorize_path(changes)).await
    }

    /// A code for whoever is signed in at the browser.
    pub async fn code(&self, browser: &Browser, changes: &[(&str, &str)]) -> Result<String> {
        let page = self.authorize(browser, changes).await?;
        page.answered("code").with_context(|| format!("no code but {page}"))
    }

    /// A request of this application to an endpoint for programs.
    pub fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
        let mut form: Vec<(&str, &str)> = parameters.to_vec();
        let request = self.tenant.http().post(self.tenant.url(path));
        match &self.proof {
            Proof::Basic(secret) => request.basic_auth(&self.client_id, Some(secret)).form(&form),
            Proof::Post(secret) => {
                form.extend([("client_id", self.client_id.as_str()), ("client_secret", secret)]);
                request.form(&form)
            }
            Proof::None => {
                form.push(("client_id", &self.client_id));
                request.form(&form)
            }
        }
    }

    /// The token endpoint.
    pub async fn token(&self, parameters: &[(&str, &str)]) -> Result<Answer> {
        Answer::of(self.ask("/connect/token", parameters)).await
    }

    /// Exchanges a code that was asked for with [`VERIFIER`].
    pub async fn redeem(&self, code: &str) -> Result<Answer> {
        self.redeem_with(code, VERIFIER).await
    }

    /// Exchanges a code with a verifier; none when empty.
    pub async fn redeem_with(&self, code: &str, verifier: &str) -> Result<Answer> {
        let mut parameters = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.redirect_uri)];
        if !verifier.is_empty() {
            parameters.push(("code_verifier", verifier));
        }
        self.token(&parameters).await
    }

    /// Tokens for whoever is signed in at the browser.
    pub async fn tokens(&self, browser: &Browser, changes: &[(&str, &str)]) -> Result<Answer> {
        let answer = self.redeem(&self.code(browser, changes).await?).await?;
        ensure!(answer.status == 200, "no tokens but {answer:?}");
        Ok(answer)
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, token: &str) -> Result<Answer> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Whether introspection calls a token active.
    pub async fn is_active(&self, token: &str) -> Result<bool> {
        let answer = Answer::of(self.ask("/connect/introspect", &[("token", token)])).await?;
        answer.json["active"].as_bool().with_context(|| format!("no introspection but {answer:?}"))
    }

    /// Revokes a token.
    pub async fn revoke(&self, token: &str) -> Result<Answer> {
        Answer::of(self.ask("/connect/revoke", &[("token", token)])).await
    }

    /// Userinfo with a token in the header.
    pub async fn userinfo(&self, token: &str) -> Result<Answer> {
        Answer::of(self.tenant.http().get(self.tenant.url("/connect/userinfo")).bearer_auth(token)).await
    }
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let bytes = token.split('.').nth(index).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// An ES256 key of an application that proves itself with assertions (RFC 7523).
pub struct AssertionKey {
    key: EcdsaKeyPair,
}

impl AssertionKey {
    /// A new key.
    pub fn generate() -> Result<Self> {
        Ok(Self { key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).context("a key")? })
    }

    /// Its public half as a JWK set, for registration.
    pub fn jwks(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let half = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "assertion", "x": half(1..33), "y": half(33..65) }] })
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "assertion" });
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), text.as_bytes()).context("a signature")?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

/// Claims as a token with `alg` none and no signature (RFC 7519, section 6.1).
pub fn unsigned(claims: &Value) -> String {
    let header = json!({ "alg": "none", "typ": "JWT" });
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}
