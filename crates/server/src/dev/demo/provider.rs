//! The provider as an application sees it: OpenID Connect Discovery 1.0, the token endpoint, JWKS, userinfo.
//!
//! Nothing is kept between two sign-ins: the demo is small, and the provider's keys may have been rotated a moment ago.

use std::time::Duration;

use aws_lc_rs::digest;
use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_protocol::jose::JwkSet;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::sessions::Pending;
use super::{DemoConfig, HOME, Refused};

const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: usize = 1 << 20;

/// The provider's endpoints (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    /// RFC 9207, section 3: its answers carry `iss`.
    #[serde(rename = "authorization_response_iss_parameter_supported", default)]
    pub(super) names_itself: bool,
}

/// What a code was redeemed for (OpenID Connect Core 1.0, section 3.1.3.3).
#[derive(Deserialize)]
pub(super) struct Redeemed {
    pub(super) id_token: String,
    pub(super) access_token: String,
}

/// RFC 6749, section 5.2.
#[derive(Deserialize)]
struct TokenError {
    error: String,
    error_description: Option<String>,
}

impl Metadata {
    /// The authorization request (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3).
    pub(super) fn authorization(
        &self,
        config: &DemoConfig,
        state: &str,
        pending: &Pending,
        wishes: &[(String, String)],
    ) -> String {
        let challenge = digest::digest(&digest::SHA256, pending.code_verifier.as_bytes());
        let params = [
            ("client_id", config.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", &redirect_uri(config)),
            ("scope", "openid profile email"),
            ("state", state),
            ("nonce", &pending.nonce),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256"),
        ];
        let wishes = wishes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        with_query(&self.authorization_endpoint, params.into_iter().chain(wishes))
    }

    /// The logout request (OpenID Connect RP-Initiated Logout 1.0, section 2).
    pub(super) fn end_session(&self, config: &DemoConfig, id_token: &str) -> Result<String, Refused> {
        let endpoint = self.end_session_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| trouble("the provider has no address to sign out at"))?;
        let back = format!("{}{HOME}", config.base_url);
        let params =
            [("id_token_hint", id_token), ("client_id", config.client_id.as_str()), ("post_logout_redirect_uri", back.as_str())];
        Ok(with_query(endpoint, params))
    }
}

/// A query that an endpoint already has stays (RFC 6749, section 3.1).
fn with_query<'a>(endpoint: &str, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{endpoint}{}{query}", if endpoint.contains('?') { '&' } else { '?' })
}

fn redirect_uri(config: &DemoConfig) -> String {
    format!("{}/demo/callback", config.base_url)
}

fn trouble(what: impl Into<String>) -> Refused {
    Refused::new("provider_unavailable", what)
}

/// The provider, reached by plain HTTP: in development it runs on this machine.
pub(super) struct Provider {
    config: DemoConfig,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Provider {
    pub(super) fn new(config: &DemoConfig) -> Self {
        Self { config: config.clone(), client: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub(super) async fn discover(&self) -> Result<Metadata, Refused> {
        // Discovery, section 4: a slash at the end of the issuer is taken off first.
        let address = format!("{}/.well-known/openid-configuration", self.config.issuer.trim_end_matches('/'));
        let metadata: Metadata = self.read(&address, None).await?;
        // Section 4.3: or its keys would be somebody else's.
        if metadata.issuer != self.config.issuer {
            return Err(trouble("the discovery document is another issuer's"));
        }
        Ok(metadata)
    }

    pub(super) async fn keys(&self, metadata: &Metadata) -> Result<JwkSet, Refused> {
        self.read(&metadata.jwks_uri, None).await
    }

    /// The claims of userinfo; `None` when the provider has no such endpoint.
    pub(super) async fn userinfo(&self, metadata: &Metadata, access_token: &str) -> Result<Option<Map<String, Value>>, Refused> {
        match &metadata.userinfo_endpoint {
            Some(address) => self.read(address, Some(&format!("Bearer {access_token}"))).await.map(Some),
            None => Ok(None),
        }
    }

    /// The token request (RFC 6749, section 4.1.3) with `client_secret_basic` (section 2.3.1) and the verifier (RFC 7636,
    /// section 4.5).
    pub(super) async fn redeem(&self, metadata: &Metadata, code: &str, code_verifier: &str) -> Result<Redeemed, Refused> {
        let params = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri(&self.config)),
            ("code_verifier", code_verifier),
        ];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&self.config.client_id), encoded(&self.config.client_secret));
        let authorization = format!("Basic {}", STANDARD.encode(pair));
        let (status, body) = self.ask(Method::POST, &metadata.token_endpoint, Some(&authorization), Some(form)).await?;
        if status == StatusCode::OK {
            return parse(&metadata.token_endpoint, &body);
        }
        let error: TokenError = parse(&metadata.token_endpoint, &body)?;
        Err(Refused::new(&error.error, error.error_description.unwrap_or_else(|| "the token endpoint refused the code".into())))
    }

    async fn read<T: DeserializeOwned>(&self, address: &str, authorization: Option<&str>) -> Result<T, Refused> {
        let (status, body) = self.ask(Method::GET, address, authorization, None).await?;
        if status != StatusCode::OK {
            return Err(trouble(format!("{address} answered {status}")));
        }
        parse(address, &body)
    }

    async fn ask(
        &self,
        method: Method,
        address: &str,
        authorization: Option<&str>,
        form: Option<String>,
    ) -> Result<(StatusCode, Bytes), Refused> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::warn!(address, %error, "the demo could not ask the provider");
            trouble(format!("{address} could not be asked"))
        };
        let mut request = Request::builder().method(method).uri(address).header(header::ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::from_str(authorization).map_err(|error| failed(&error))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from(form.unwrap_or_default()));
        let request = request.body(body).map_err(|error| failed(&error))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| failed(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await.map_err(|error| failed(&error))?;
            Ok((status, body.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|error| failed(&error))?
    }
}

fn parse<T: DeserializeOwned>(address: &str, body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| trouble(format!("{address} did not answer as the specification says")))
}
