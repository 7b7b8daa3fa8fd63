//! The OpenID Provider: its metadata and its keys, fetched when first needed and remembered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{ConfigError, ProviderError};
use crate::keys::Keys;
use crate::remembered::{Entry, Limits, Remembered};

/// No answer of a provider is longer.
const MAX_ANSWER: usize = 1 << 20;

/// An OpenID Provider. Cheap to clone; clones share what was fetched. Nothing is fetched before it is needed, so an application
/// starts while its provider is away.
///
/// ```
/// use doorward_axum::Provider;
///
/// let provider = Provider::new("https://login.example.com")?;
/// assert_eq!(provider.issuer(), "https://login.example.com");
/// assert!(Provider::new("http://login.example.com").is_err());
/// # Ok::<(), doorward_axum::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    http: reqwest::Client,
    metadata: Remembered<Metadata>,
    keys: Remembered<Keys>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

/// Provider metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414), as far as it is used here.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    pub jwks_uri: Url,
    #[cfg(feature = "sign-in")]
    pub authorization_endpoint: Option<Url>,
    #[cfg(feature = "sign-in")]
    pub token_endpoint: Option<Url>,
    #[cfg(feature = "sign-in")]
    pub userinfo_endpoint: Option<Url>,
    #[cfg(feature = "sign-in")]
    pub end_session_endpoint: Option<Url>,
    #[cfg(feature = "sign-in")]
    pub revocation_endpoint: Option<Url>,
    /// Absent means Basic (Discovery 1.0, section 3).
    #[cfg(feature = "sign-in")]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Initiating User Registration via OpenID Connect 1.0, section 4.
    #[cfg(feature = "sign-in")]
    #[serde(default)]
    pub prompt_values_supported: Vec<String>,
    /// RFC 9207, section 3.
    #[cfg(feature = "sign-in")]
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Settings of a [`Provider`].
#[derive(Debug)]
#[must_use = "call build()"]
pub struct ProviderBuilder {
    issuer: String,
    certificates: Vec<Vec<u8>>,
    http: Option<reqwest::Client>,
    keys: Limits,
}

impl ProviderBuilder {
    /// Trusts the certificates of this PEM text besides those of the system: a local or company CA.
    pub fn trust_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates.push(pem.into());
        self
    }

    /// Asks the provider with this client. It should follow no redirects and have timeouts.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Fetches the keys again when they are this old (10 minutes): a withdrawn key is not accepted longer than that.
    pub fn keys_max_age(mut self, age: Duration) -> Self {
        self.keys.max_age = age;
        self
    }

    /// Uses the keys until they are this old (one day) while the provider cannot be reached.
    pub fn keys_max_stale(mut self, age: Duration) -> Self {
        self.keys.max_stale = age;
        self
    }

    /// Fetches the keys early at most this often in a minute (5), for tokens with a key id that is not known.
    pub fn unknown_key_fetches_per_minute(mut self, fetches: usize) -> Self {
        self.keys.early_fetches = fetches;
        self
    }

    /// After the provider could not be asked, does not ask for this long (2 seconds).
    pub fn pause_after_failure(mut self, pause: Duration) -> Self {
        self.keys.pause = pause;
        self
    }

    /// The provider; fails when a setting cannot work.
    pub fn build(self) -> Result<Provider, ConfigError> {
        let address = Url::parse(&self.issuer)
            .map_err(|_| ConfigError::NotAnAddress { setting: "the issuer", value: self.issuer.clone() })?;
        if !is_safe(&address) {
            return Err(ConfigError::NotHttps { setting: "the issuer", value: self.issuer });
        }
        // With both back ends of the JWT library in one program, somebody has to choose; whoever chose before us is right.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let http = match self.http {
            Some(http) => http,
            None => http_client(&self.certificates)?,
        };
        let metadata = Limits { max_age: Duration::from_secs(3600), max_stale: Duration::from_secs(7 * 86_400), ..self.keys };
        Ok(Provider(Arc::new(Inner {
            issuer: self.issuer,
            http,
            metadata: Remembered::new(metadata),
            keys: Remembered::new(self.keys),
        })))
    }
}

fn http_client(certificates: &[Vec<u8>]) -> Result<reqwest::Client, ConfigError> {
    let mut trusted = Vec::new();
    for pem in certificates {
        let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|error| ConfigError::Certificates(error.to_string()))?;
        if found.is_empty() {
            return Err(ConfigError::Certificates("no certificate in it".into()));
        }
        trusted.extend(found);
    }
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .tls_certs_merge(trusted)
        .build()
        .map_err(|error| ConfigError::HttpClient(error.to_string()))
}

/// HTTPS, or this machine.
pub(crate) fn is_safe(address: &Url) -> bool {
    let on_this_machine = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && on_this_machine)
}

impl Provider {
    /// The provider with this issuer, exactly as it calls itself.
    pub fn new(issuer: impl Into<String>) -> Result<Self, ConfigError> {
        Self::builder(issuer).build()
    }

    /// The same, with settings.
    pub fn builder(issuer: impl Into<String>) -> ProviderBuilder {
        let keys = Limits {
            max_age: Duration::from_secs(600),
            max_stale: Duration::from_secs(86_400),
            pause: Duration::from_secs(2),
            early_fetches: 5,
        };
        ProviderBuilder { issuer: issuer.into(), certificates: Vec::new(), http: None, keys }
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The HTTP client that asks it: it trusts the same certificates.
    pub fn http_client(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Asks for the metadata, so that a wrong issuer is found at start. Not needed: everything is fetched when first used.
    pub async fn check(&self) -> Result<(), ProviderError> {
        self.metadata().await.map(|_| ())
    }

    /// OpenID Connect Discovery 1.0, section 4.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        let entry = self.0.metadata.get(|| self.discover()).await?;
        Ok(entry.value)
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let address = format!("{}/.well-known/openid-configuration", self.0.issuer.trim_end_matches('/'));
        let metadata: Metadata = json(self.0.http.get(&address), &address).await?;
        if metadata.issuer != self.0.issuer {
            return Err(ProviderError::IssuerMismatch { configured: self.0.issuer.clone(), announced: metadata.issuer });
        }
        let mut endpoints = vec![("jwks_uri", Some(&metadata.jwks_uri))];
        #[cfg(feature = "sign-in")]
        endpoints.extend([
            ("authorization_endpoint", metadata.authorization_endpoint.as_ref()),
            ("token_endpoint", metadata.token_endpoint.as_ref()),
            ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
            ("end_session_endpoint", metadata.end_session_endpoint.as_ref()),
            ("revocation_endpoint", metadata.revocation_endpoint.as_ref()),
        ]);
        for (name, address) in endpoints.drain(..) {
            if address.is_some_and(|address| !is_safe(address)) {
                return Err(ProviderError::InsecureEndpoint(name));
            }
        }
        Ok(metadata)
    }

    /// The published keys.
    pub(crate) async fn keys(&self) -> Result<Entry<Keys>, ProviderError> {
        self.0.keys.get(|| self.fetch_keys()).await
    }

    /// The published keys, fetched again if there were none newer than `seen` and it was not done too often.
    pub(crate) async fn newer_keys(&self, seen: &Entry<Keys>) -> Result<Entry<Keys>, ProviderError> {
        self.0.keys.newer(seen.at, || self.fetch_keys()).await
    }

    async fn fetch_keys(&self) -> Result<Keys, ProviderError> {
        let address = self.metadata().await?.jwks_uri.clone();
        let document: serde_json::Value = json(self.0.http.get(address.clone()), address.as_str()).await?;
        Keys::parse(&document)
            .ok_or_else(|| ProviderError::Malformed { url: address.to_string(), cause: "there is no list of keys".into() })
    }
}

/// Sends a request and reads its JSON answer, when it is a good one.
pub(crate) async fn json<T: DeserializeOwned>(request: reqwest::RequestBuilder, url: &str) -> Result<T, ProviderError> {
    let (status, body) = send(request, url).await?;
    if status != 200 {
        return Err(ProviderError::Status { url: url.to_owned(), status });
    }
    parse(&body, url)
}

/// Reads JSON.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8], url: &str) -> Result<T, ProviderError> {
    // The words of serde name the field and the place, never the value of a secret.
    serde_json::from_slice(body).map_err(|error| ProviderError::Malformed {
        url: url.to_owned(),
        cause: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// Sends a request; status and body.
pub(crate) async fn send(request: reqwest::RequestBuilder, url: &str) -> Result<(u16, Vec<u8>), ProviderError> {
    let unreachable =
        |error: reqwest::Error| ProviderError::Unreachable { url: url.to_owned(), cause: reasons(error.without_url()) };
    let mut answer = request.header("accept", "application/json").send().await.map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ProviderError::Malformed { url: url.to_owned(), cause: "it is too long".into() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok((answer.status().as_u16(), body))
}

/// An error with what caused it: "certificate unknown" helps where "error sending request" does not.
fn reasons(error: reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://login.example.com/",
            "http://localhost:9011",
            "http://a.localhost:1",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            assert!(Provider::new(good).is_ok(), "{good}");
        }
        for bad in ["http://login.example.com", "http://localhost.example.com", "http://192.168.0.1", "ftp://localhost"] {
            assert!(matches!(Provider::new(bad), Err(ConfigError::NotHttps { .. })), "{bad}");
        }
        assert!(matches!(Provider::new("login.example.com"), Err(ConfigError::NotAnAddress { .. })));
    }

    #[test]
    fn certificates_must_be_certificates() {
        let refused = Provider::builder("https://login.example.com").trust_certificates("no PEM").build();
        assert!(matches!(refused, Err(ConfigError::Certificates(_))));
    }
}
