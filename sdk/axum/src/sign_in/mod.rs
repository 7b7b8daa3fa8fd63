//! Web applications: people sign in at the provider and have a session here.

mod cookies;
mod error;
mod layer;
mod local_path;
mod routes;
mod session;
mod store;
mod tokens;
mod user;

pub use error::SignInError;
pub use layer::SessionLayer;
pub use store::{MemoryStore, SessionStore, StoreError};
pub use user::{AccessTokenError, NotSignedIn, User};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use cookie::Key;
use moka::future::Cache;
use url::Url;

use self::cookies::Cookies;
use self::local_path::local_path;
use self::session::{Session, sha256};
use crate::error::ConfigError;
use crate::keys::Algorithm;
use crate::provider::{Provider, is_safe};

/// Sign-in for a web application. Cheap to clone.
///
/// ```
/// use axum::{Router, routing::get};
/// use doorward_axum::{Provider, SignIn, User};
///
/// async fn profile(user: User) -> String {
///     format!("{} <{}>", user.name().unwrap_or("?"), user.email().unwrap_or("?"))
/// }
///
/// # let cookie_secret = [7_u8; 32];
/// let provider = Provider::new("https://login.example.com")?;
/// let sign_in = SignIn::builder(provider, "my-client-id", "https://app.example.com")
///     .client_secret("my-client-secret")
///     .cookie_secret(cookie_secret)
///     .after_sign_in("/profile")
///     .build()?;
///
/// let app: Router = Router::new()
///     .route("/profile", get(profile))
///     .merge(sign_in.routes())
///     .layer(sign_in.layer());
/// # Ok::<(), doorward_axum::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SignIn(Arc<Inner>);

struct Inner {
    provider: Provider,
    client: Client,
    base_url: Url,
    paths: Paths,
    scopes: Vec<String>,
    parameters: Vec<(String, String)>,
    algorithms: Vec<Algorithm>,
    leeway: u64,
    session_lifetime: Duration,
    cookies: Cookies,
    store: Option<Arc<dyn SessionStore>>,
    error_page: Option<ErrorPage>,
    refreshed: Cache<String, Arc<Session>>,
}

type ErrorPage = Arc<dyn Fn(&SignInError) -> Response + Send + Sync>;

struct Client {
    id: String,
    secret: Option<String>,
    auth: Option<ClientAuth>,
}

struct Paths {
    login: String,
    signup: String,
    callback: String,
    logout: String,
    after_sign_in: String,
    after_sign_out: String,
}

/// How the application shows its client secret (OpenID Connect Core 1.0, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("provider", &self.0.provider).field("client_id", &self.0.client.id).finish_non_exhaustive()
    }
}

impl SignIn {
    /// Sign-in at a provider, as the client that is registered there, for the application at this address (scheme, host and port,
    /// as people type it).
    pub fn builder(provider: Provider, client_id: impl Into<String>, base_url: impl Into<String>) -> SignInBuilder {
        SignInBuilder {
            provider,
            client: Client { id: client_id.into(), secret: None, auth: None },
            base_url: base_url.into(),
            paths: Paths {
                login: "/login".into(),
                signup: "/signup".into(),
                callback: "/callback".into(),
                logout: "/logout".into(),
                after_sign_in: "/".into(),
                after_sign_out: "/".into(),
            },
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            parameters: Vec::new(),
            algorithms: Algorithm::DEFAULT.to_vec(),
            leeway: 30,
            session_lifetime: Duration::from_secs(86_400),
            cookie_name: None,
            cookie_secrets: Vec::new(),
            store: None,
            error_page: None,
        }
    }

    /// The address to register as `redirect_uri`.
    pub fn redirect_uri(&self) -> Url {
        let mut address = self.0.base_url.clone();
        address.set_path(&self.0.paths.callback);
        address
    }
}

/// Settings of a [`SignIn`].
#[must_use = "call build()"]
pub struct SignInBuilder {
    provider: Provider,
    client: Client,
    base_url: String,
    paths: Paths,
    scopes: Vec<String>,
    parameters: Vec<(String, String)>,
    algorithms: Vec<Algorithm>,
    leeway: u64,
    session_lifetime: Duration,
    cookie_name: Option<String>,
    cookie_secrets: Vec<Vec<u8>>,
    store: Option<Arc<dyn SessionStore>>,
    error_page: Option<ErrorPage>,
}

impl SignInBuilder {
    /// The client secret. A public client has none and relies on PKCE.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client.secret = Some(secret.into());
        self
    }

    /// How the secret is shown: Basic when the provider offers it, unless said otherwise.
    pub fn client_auth(mut self, auth: ClientAuth) -> Self {
        self.client.auth = Some(auth);
        self
    }

    /// What cookies are encrypted with: 32 random bytes or more, the same on every instance and over restarts. Needed. Called
    /// again, it adds a secret that still opens cookies but makes no new ones: put the new one first, drop the old one a day later.
    pub fn cookie_secret(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.cookie_secrets.push(secret.into());
        self
    }

    /// The scopes to ask for: `openid profile email` unless said otherwise. Add `offline_access` for a refresh token, and the scopes
    /// of your API. `openid` is always asked for.
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for access tokens for this API, in both ways that providers understand: `audience`, and `resource` (RFC 8707) when it is
    /// an absolute address. For a provider that refuses one of them, use [`Self::parameter`].
    pub fn audience(self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        // RFC 8707, section 2: an absolute URI without fragment.
        let is_uri = Url::parse(&audience).is_ok_and(|address| address.fragment().is_none());
        let builder = if is_uri { self.parameter("resource", audience.clone()) } else { self };
        builder.parameter("audience", audience)
    }

    /// Sends a further parameter with every authorization request, such as `ui_locales`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Where people go after signing in when they did not come from somewhere: `/`.
    pub fn after_sign_in(mut self, path: impl Into<String>) -> Self {
        self.paths.after_sign_in = path.into();
        self
    }

    /// Where people go after signing out: `/`. Register this address with the provider for sign-out.
    pub fn after_sign_out(mut self, path: impl Into<String>) -> Self {
        self.paths.after_sign_out = path.into();
        self
    }

    /// Other paths than `/login`, `/signup`, `/callback` and `/logout`, in this order.
    pub fn paths(mut self, login: &str, signup: &str, callback: &str, logout: &str) -> Self {
        self.paths.login = login.to_owned();
        self.paths.signup = signup.to_owned();
        self.paths.callback = callback.to_owned();
        self.paths.logout = logout.to_owned();
        self
    }

    /// How long a session lives: one day. It ends then, whatever happens; with a live session at the provider people come back
    /// without typing anything.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Keeps sessions in a store instead of in the cookie: for tokens that do not fit one, and to end sessions from the server.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The session cookie's name. Unless said otherwise it is made of the client id, so that several applications on `localhost`
    /// do not overwrite each other's (cookies know no ports). On HTTPS, `__Host-` is put before it.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = Some(name.into());
        self
    }

    /// Algorithms of ID tokens that are accepted: [`Algorithm::DEFAULT`] unless said otherwise.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Seconds that the provider's clock and this one may differ: 30.
    pub fn leeway_seconds(mut self, seconds: u64) -> Self {
        self.leeway = seconds;
        self
    }

    /// Your own page for sign-ins that fail.
    pub fn error_page(mut self, page: impl Fn(&SignInError) -> Response + Send + Sync + 'static) -> Self {
        self.error_page = Some(Arc::new(page));
        self
    }

    /// Sign-in as set; fails when a setting cannot work.
    pub fn build(self) -> Result<SignIn, ConfigError> {
        let base_url = origin(&self.base_url)?;
        if self.client.id.is_empty() {
            return Err(ConfigError::Empty("the client id"));
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::Empty("the list of algorithms"));
        }
        let paths = &self.paths;
        for (setting, value) in [
            ("the login path", &paths.login),
            ("the sign-up path", &paths.signup),
            ("the callback path", &paths.callback),
            ("the logout path", &paths.logout),
            ("the path after sign-in", &paths.after_sign_in),
            ("the path after sign-out", &paths.after_sign_out),
        ] {
            if local_path(&base_url, value).as_deref() != Some(value) {
                return Err(ConfigError::NotALocalPath { setting, value: value.clone() });
            }
        }
        if self.cookie_secrets.is_empty() {
            return Err(ConfigError::WeakCookieSecret(0));
        }
        let keys = self.cookie_secrets.iter().map(|secret| match secret.len() {
            0..32 => Err(ConfigError::WeakCookieSecret(secret.len())),
            _ => Ok(Key::derive_from(secret)),
        });
        let keys = keys.collect::<Result<Vec<Key>, _>>()?;
        let name = match self.cookie_name {
            Some(name) if is_token(&name) => name,
            Some(_) => return Err(ConfigError::Empty("the cookie name, without spaces and separators,")),
            None => format!("session-{}", &sha256(&self.client.id)[..8]),
        };
        let mut scopes = self.scopes;
        if !scopes.iter().any(|scope| scope == "openid") {
            scopes.insert(0, "openid".into());
        }
        Ok(SignIn(Arc::new(Inner {
            provider: self.provider,
            client: self.client,
            paths: self.paths,
            scopes,
            parameters: self.parameters,
            algorithms: self.algorithms,
            leeway: self.leeway,
            session_lifetime: self.session_lifetime,
            cookies: Cookies::new(keys, base_url.scheme() == "https", &name),
            store: self.store,
            error_page: self.error_page,
            refreshed: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(60)).build(),
            base_url,
        })))
    }
}

/// RFC 6265, section 4.1.1: what a cookie's name is made of.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c))
}

/// An address that is an origin and nothing more.
fn origin(address: &str) -> Result<Url, ConfigError> {
    let setting = "the application's address";
    let url = Url::parse(address).map_err(|_| ConfigError::NotAnAddress { setting, value: address.to_owned() })?;
    if !is_safe(&url) {
        return Err(ConfigError::NotHttps { setting, value: address.to_owned() });
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if bare { Ok(url) } else { Err(ConfigError::BaseUrlHasPath(address.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> SignInBuilder {
        let provider = Provider::new("https://login.example.com").unwrap();
        SignIn::builder(provider, "client", "https://app.example.com").cookie_secret([1; 32])
    }

    #[test]
    fn settings_that_cannot_work_are_found_at_start() {
        let provider = || Provider::new("https://login.example.com").unwrap();
        let refused = |builder: SignInBuilder| builder.build().unwrap_err();
        assert!(matches!(refused(SignIn::builder(provider(), "c", "https://a.example")), ConfigError::WeakCookieSecret(0)));
        assert!(matches!(refused(builder().cookie_secret("short")), ConfigError::WeakCookieSecret(5)));
        assert!(matches!(refused(builder().after_sign_in("https://evil.example")), ConfigError::NotALocalPath { .. }));
        assert!(matches!(refused(builder().cookie_name("a;b")), ConfigError::Empty(_)));
        for (base_url, expected) in
            [("http://app.example.com", "https"), ("https://app.example.com/app", "scheme, host and port"), ("app", "address")]
        {
            let error = refused(SignIn::builder(provider(), "c", base_url).cookie_secret([1; 32]));
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.action().is_empty());
        }
        assert_eq!(builder().build().unwrap().redirect_uri().as_str(), "https://app.example.com/callback");
    }

    #[test]
    fn an_audience_that_is_no_address_is_not_sent_as_resource() {
        let names =
            |audience: &str| builder().audience(audience).parameters.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("https://api.example.com"), ["resource", "audience"]);
        assert_eq!(names("my api"), ["audience"]);
    }

    #[test]
    fn openid_is_always_asked_for() {
        assert_eq!(builder().scopes(["email"]).build().unwrap().0.scopes, ["openid", "email"]);
    }

    #[test]
    fn debug_shows_no_secret() {
        let sign_in = builder().client_secret("top-secret").build().unwrap();
        assert!(!format!("{sign_in:?}").contains("top-secret"));
    }
}
