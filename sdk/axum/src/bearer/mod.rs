//! APIs: access tokens in the `Authorization` header (RFC 6750), checked with the provider's published keys.

mod error;
mod extract;
mod guard;

pub use error::BearerError;
pub use extract::{Authorized, Bearer, Requirement};
pub use guard::{Guarded, RequireLayer, Requirements};

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, header};

use crate::error::{ConfigError, VerifyError};
use crate::jwt::{self, Claims, Expected};
use crate::keys::Algorithm;
use crate::provider::Provider;

/// Types of tokens that are taken for access tokens: RFC 9068, section 4, and the older custom to say nothing in particular.
const TYPES: [&str; 2] = ["at+jwt", "JWT"];

/// An API and the tokens it accepts. Cheap to clone; put it into the router's state and take [`Bearer`] or [`Authorized`] as a
/// handler's argument.
///
/// ```
/// use axum::{Json, Router, routing::get};
/// use doorward_axum::{Api, Bearer, Provider};
///
/// async fn me(token: Bearer) -> Json<serde_json::Value> {
///     Json(serde_json::json!({ "sub": token.subject(), "scopes": token.scopes() }))
/// }
///
/// let provider = Provider::new("https://login.example.com")?;
/// let api = Api::builder(provider, "https://api.example.com").build()?;
/// let app: Router = Router::new().route("/me", get(me)).with_state(api);
/// # Ok::<(), doorward_axum::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Api(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: Provider,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    leeway: u64,
    realm: Option<String>,
    typed_only: bool,
}

/// Settings of an [`Api`].
#[derive(Debug)]
#[must_use = "call build()"]
pub struct ApiBuilder(Inner);

impl ApiBuilder {
    /// Accepts tokens for this audience too.
    pub fn also_audience(mut self, audience: impl Into<String>) -> Self {
        self.0.audience.push(audience.into());
        self
    }

    /// Accepts these algorithms: [`Algorithm::DEFAULT`] unless said otherwise.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.0.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Seconds that the provider's clock and this one may differ: 30.
    pub fn leeway_seconds(mut self, seconds: u64) -> Self {
        self.0.leeway = seconds;
        self
    }

    /// Names the API in challenges: `WWW-Authenticate: Bearer realm="…"`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.0.realm = Some(realm.into());
        self
    }

    /// Accepts tokens with `typ: at+jwt` only (RFC 9068, section 4). Not every provider sends it.
    pub fn typed_tokens_only(mut self) -> Self {
        self.0.typed_only = true;
        self
    }

    /// The API; fails when a setting cannot work.
    pub fn build(self) -> Result<Api, ConfigError> {
        if self.0.audience.iter().any(String::is_empty) {
            return Err(ConfigError::Empty("the API's audience"));
        }
        if self.0.algorithms.is_empty() {
            return Err(ConfigError::Empty("the list of algorithms"));
        }
        Ok(Api(Arc::new(self.0)))
    }
}

impl Api {
    /// An API that accepts the provider's tokens for this audience.
    pub fn builder(provider: Provider, audience: impl Into<String>) -> ApiBuilder {
        ApiBuilder(Inner {
            provider,
            audience: vec![audience.into()],
            algorithms: Algorithm::DEFAULT.to_vec(),
            leeway: 30,
            realm: None,
            typed_only: false,
        })
    }

    /// Checks a token that came some other way than in a header, such as the first message of a socket.
    pub async fn verify(&self, token: &str) -> Result<AccessToken, BearerError> {
        let expected = Expected {
            audience: &self.0.audience,
            algorithms: &self.0.algorithms,
            leeway: self.0.leeway,
            types: if self.0.typed_only { &TYPES[..1] } else { &TYPES },
        };
        let claims = match jwt::verify(&self.0.provider, token, &expected).await {
            Ok(claims) => claims,
            Err(VerifyError::Fault(fault)) => return Err(self.refuse(BearerError::invalid_token(fault))),
            Err(VerifyError::Provider(error)) => return Err(self.refuse(BearerError::unavailable(error))),
        };
        // RFC 7800, section 3: who sends it must prove that the key is theirs, and a bearer proves nothing.
        if claims.as_map().contains_key("cnf") {
            return Err(self.refuse(BearerError::invalid_token(crate::TokenFault::Bound)));
        }
        Ok(AccessToken { scopes: scopes(&claims), permissions: claims.words("permissions"), claims })
    }

    /// RFC 6750, section 2.1: the token of the `Authorization` header. Never of the query, which ends up in logs.
    pub async fn verify_headers(&self, headers: &HeaderMap) -> Result<AccessToken, BearerError> {
        let token = bearer_token(headers).map_err(|error| self.refuse(error))?;
        self.verify(token).await
    }

    fn refuse(&self, mut error: BearerError) -> BearerError {
        error.realm.clone_from(&self.0.realm);
        tracing::debug!(%error, "a request was refused");
        error
    }
}

fn scopes(claims: &Claims) -> Vec<String> {
    // RFC 8693, section 4.2; some providers call it `scp`.
    let scopes = claims.words("scope");
    if scopes.is_empty() { claims.words("scp") } else { scopes }
}

fn bearer_token(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = sent.next() else { return Err(BearerError::missing()) };
    if sent.next().is_some() {
        return Err(BearerError::malformed("send one Authorization header"));
    }
    let value = value.to_str().map_err(|_| BearerError::malformed("the Authorization header is not text"))?;
    let Some((scheme, token)) = value.split_once(' ') else {
        return Err(if value.eq_ignore_ascii_case("bearer") {
            BearerError::malformed("there is no token after Bearer")
        } else {
            BearerError::missing()
        });
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(BearerError::missing());
    }
    // RFC 6750, section 2.1: b64token.
    let token = token.trim_start_matches(' ');
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/=".contains(&c);
    if token.is_empty() || !token.bytes().all(allowed) {
        return Err(BearerError::malformed("what follows Bearer is not a token"));
    }
    Ok(token)
}

/// An access token that was checked: made by the provider, for this API, and valid now.
#[derive(Clone)]
pub struct AccessToken {
    claims: Claims,
    scopes: Vec<String>,
    permissions: Vec<String>,
}

impl AccessToken {
    /// `sub`: whom it is about. An application that acts for itself has a subject too, often its client id.
    pub fn subject(&self) -> Option<&str> {
        self.claims.text("sub")
    }

    /// The application that got it: `client_id` (RFC 9068, section 2.2), or `azp`.
    pub fn client_id(&self) -> Option<&str> {
        self.claims.text("client_id").or_else(|| self.claims.text("azp"))
    }

    /// What the application may do, in this person's name.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether a scope was granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// `permissions`: what the person may do, at providers that say so.
    pub fn permissions(&self) -> &[String] {
        &self.permissions
    }

    /// Whether the person has a permission.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    /// Everything it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("scopes", &self.scopes)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, StatusCode};

    fn read(values: &[&str]) -> Result<String, StatusCode> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        bearer_token(&headers).map(str::to_owned).map_err(|error| error.status())
    }

    #[test]
    fn rfc_6750_section_2_1_header() {
        assert_eq!(read(&["Bearer mF_9.B5f-4.1JqM"]), Ok("mF_9.B5f-4.1JqM".into()));
        assert_eq!(read(&["bearer a"]), Ok("a".into()));
        for nothing in [&[][..], &["Basic dXNlcjpwdw=="], &["DPoP a.b.c"], &["Bearerx y"]] {
            assert_eq!(read(nothing), Err(StatusCode::UNAUTHORIZED), "{nothing:?}");
        }
        for bad in [&["Bearer"][..], &["Bearer "], &["Bearer a b"], &["Bearer a\"b"], &["Bearer a", "Bearer b"]] {
            assert_eq!(read(bad), Err(StatusCode::BAD_REQUEST), "{bad:?}");
        }
    }

    #[test]
    fn scopes_are_a_text_or_a_list() {
        let scopes = |json: &str| scopes(&Claims(serde_json::from_str(json).unwrap()));
        assert_eq!(scopes(r#"{"scope":"a  b"}"#), ["a", "b"]);
        assert_eq!(scopes(r#"{"scope":["a","b",3]}"#), ["a", "b"]);
        assert_eq!(scopes(r#"{"scp":["a"]}"#), ["a"]);
        assert!(scopes(r#"{"scope":{"a":1}}"#).is_empty());
    }
}
