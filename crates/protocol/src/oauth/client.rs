//! Clients (our applications) and how they prove who they are (RFC 6749, section 2.3; OpenID Connect Core, section 9).

use crate::oauth::redirect_uri::{RedirectUriError, Tolerance};
use serde::{Deserialize, Serialize};

/// What kind of program an application is. Decides defaults and whether it can keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// Runs on a server.
    #[default]
    Web,
    /// Runs in a browser.
    Spa,
    /// Runs on a person's device.
    Native,
    /// No people: machine to machine.
    Machine,
}

/// Which claims profile and defaults an application speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accent {
    /// OpenID Connect as specified.
    #[default]
    Standard,
    /// As Auth0's clients expect.
    Auth0,
    /// As FusionAuth's clients expect.
    Fusionauth,
    /// As Corbado's clients expect.
    Corbado,
}

impl Accent {
    /// Every accent.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Auth0, Self::Fusionauth, Self::Corbado];

    /// The word in settings and rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Auth0 => "auth0",
            Self::Fusionauth => "fusionauth",
            Self::Corbado => "corbado",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|accent| accent.as_str() == text)
    }

    /// Whether its clients may read RSA keys only (a key set with others is no use to them).
    pub const fn reads_rsa_only(self) -> bool {
        matches!(self, Self::Auth0)
    }

    /// Whether its clients expect scopes that nobody defines to be left out (RFC 6749, section 3.3, allows that) instead of
    /// refused.
    pub const fn drops_unknown_scopes(self) -> bool {
        matches!(self, Self::Auth0)
    }

    /// Whether the sign-in of its applications stands in their own pages, which run ceremonies under our relying party id or
    /// their own, and call us under a name of theirs.
    pub const fn embeds_sign_in(self) -> bool {
        matches!(self, Self::Corbado)
    }

    /// What applications of an accent were written for, where that is not what others begin with: settings by their names.
    pub fn application_defaults(self) -> Vec<(&'static str, serde_json::Value)> {
        match self {
            Self::Auth0 => vec![
                ("require_pkce", false.into()),
                ("opaque_access_tokens", true.into()),
                ("access_token_lifetime_seconds", 86_400.into()),
                ("id_token_lifetime_seconds", 36_000.into()),
            ],
            Self::Standard | Self::Fusionauth | Self::Corbado => Vec::new(),
        }
    }

    /// What a client id must begin with, digits following, where an accent's clients insist on a form.
    pub fn client_id_prefix(self) -> Option<&'static str> {
        (self == Self::Corbado).then_some("pro-")
    }

    /// What a secret must begin with, where an accent's clients insist on it.
    pub fn secret_prefix(self) -> &'static str {
        if self == Self::Corbado { "corbado1_" } else { "" }
    }

    /// Whether a client id has the form that the accent's clients take.
    pub fn takes_client_id(self, client_id: &str) -> bool {
        let Some(prefix) = self.client_id_prefix() else { return true };
        client_id.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// `token_endpoint_auth_method` (RFC 7591, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A public client.
    None,
    /// The secret in the Authorization header.
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
}

/// Refresh tokens of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefreshPolicy {
    /// Each use gives a new token (RFC 9700, section 4.14.2).
    pub rotate: bool,
    /// Seconds in which a used token answers again with the same successor: two tabs, a lost answer.
    pub overlap_seconds: i64,
    /// Seconds without use after which a family ends.
    pub idle_seconds: i64,
    /// Seconds after which a family ends in any case.
    pub absolute_seconds: i64,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self { rotate: true, overlap_seconds: 30, idle_seconds: 14 * 86_400, absolute_seconds: 90 * 86_400 }
    }
}

/// Whether an application asks who its members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// Everybody of the tenant may sign in; nobody need be a member.
    #[default]
    Open,
    /// Whoever signs in becomes a member.
    Join,
    /// Only members get in; somebody else must make them one.
    Required,
}

/// `SameSite` of a cookie (RFC 6265bis, section 4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameSite {
    /// With navigations to the site, and within it.
    #[default]
    Lax,
    /// Within the site only.
    Strict,
    /// Always; needs `Secure`.
    None,
}

impl SameSite {
    /// The word in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "lax",
            Self::Strict => "strict",
            Self::None => "none",
        }
    }
}

/// An application whose own pages carry the sign-in, by components that call us from there: no hosted pages, no redirects. The
/// page holds a short-lived session token; the session's secret is a cookie of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddedSettings {
    /// Where its pages reach us, without a slash at the end, on the same site as the application; `None`: the domain asked.
    pub api_url: Option<String>,
    /// `iss` of its session tokens, exactly; `None`: as `api_url`.
    pub issuer: Option<String>,
    /// Seconds that a session token is good for.
    pub session_token_lifetime_seconds: i64,
    /// `Domain` of the cookie that holds the session token; `None`: the host of the application's page.
    pub cookie_domain: Option<String>,
    /// `Secure` of that cookie; `None`: as the application's page is served.
    pub cookie_secure: Option<bool>,
    /// `SameSite` of that cookie.
    pub cookie_same_site: SameSite,
    /// Development: the session's secret is told to the page too, where scripts can read it.
    pub reveal_session_secret: bool,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            api_url: None,
            issuer: None,
            session_token_lifetime_seconds: 900,
            cookie_domain: None,
            cookie_secure: None,
            cookie_same_site: SameSite::Lax,
            reveal_session_secret: false,
        }
    }
}

/// What an application may do and how; stored as one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationSettings {
    /// Kind of program.
    pub kind: ApplicationKind,
    /// Accent.
    pub accent: Accent,
    /// Addresses that answers may go to.
    pub redirect_uris: Vec<String>,
    /// Addresses that sign-out may return to (OpenID Connect RP-Initiated Logout 1.0, section 3).
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins that may call token and userinfo endpoints from a browser.
    pub allowed_origins: Vec<String>,
    /// Origins whose pages may be sent an answer as a message (`response_mode=web_message`).
    pub web_origins: Vec<String>,
    /// Its addresses may be patterns with `*` ([`crate::oauth::wildcard`]); compared exactly otherwise.
    pub wildcard_addresses: bool,
    /// Development: any `http://localhost:<port>` address is registered.
    pub any_localhost: bool,
    /// How it authenticates at the token endpoint.
    pub token_endpoint_auth_method: AuthMethod,
    /// It may also come without its secret, as a public client does: a code is then redeemed with PKCE alone. A secret that is
    /// sent is checked all the same.
    pub secret_optional: bool,
    /// Public keys for `private_key_jwt`, a JWK set.
    pub jwks: Option<serde_json::Value>,
    /// Grants it may use.
    pub grant_types: Vec<String>,
    /// PKCE for a confidential client; public clients always need it.
    pub require_pkce: bool,
    /// Signature algorithm of its ID tokens and access tokens: `RS256`, `ES256` or `EdDSA`.
    pub signing_alg: String,
    /// Seconds.
    pub id_token_lifetime_seconds: i64,
    /// Seconds; a resource server may shorten it.
    pub access_token_lifetime_seconds: i64,
    /// The named key that signs its access tokens; the tenant's own otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_key: Option<uuid::Uuid>,
    /// The named key that signs its ID tokens; the tenant's own otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_key: Option<uuid::Uuid>,
    /// Whether it asks who its members are.
    pub membership: Membership,
    /// Access tokens that name no resource server are for us alone: they may be short and opaque instead of JWTs.
    pub opaque_access_tokens: bool,
    /// Authorization requests must be pushed first (RFC 9126, section 6).
    pub require_pushed_authorization_requests: bool,
    /// Refresh tokens.
    pub refresh: RefreshPolicy,
    /// Scopes it may ask for besides those of OpenID Connect; empty: all that its resource servers offer to everybody.
    pub allowed_scopes: Vec<String>,
    /// First-party applications skip the consent page.
    pub first_party: bool,
    /// Where its own pages begin; used when a flow cannot go back to the application.
    pub home_uri: Option<String>,
    /// Logo on consent and sign-in pages.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// `acr` values asked for when the request names none.
    pub default_acr_values: Vec<String>,
    /// Asks for more second factor than the tenant's policy does.
    pub second_factor: Option<crate::policy::SecondFactor>,
    /// What it wants otherwise than its tenant: a merge patch (RFC 7396) on the tenant's policy.
    pub policy: Option<serde_json::Value>,
    /// Embedded sign-in.
    pub embedded: EmbeddedSettings,
}

impl Default for ApplicationSettings {
    fn default() -> Self {
        Self {
            kind: ApplicationKind::Web,
            accent: Accent::Standard,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            allowed_origins: Vec::new(),
            web_origins: Vec::new(),
            wildcard_addresses: false,
            any_localhost: false,
            token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
            secret_optional: false,
            jwks: None,
            grant_types: vec!["authorization_code".into(), "refresh_token".into()],
            require_pkce: true,
            signing_alg: "RS256".into(),
            id_token_lifetime_seconds: 3600,
            access_token_lifetime_seconds: 3600,
            access_token_key: None,
            id_token_key: None,
            membership: Membership::default(),
            opaque_access_tokens: false,
            require_pushed_authorization_requests: false,
            refresh: RefreshPolicy::default(),
            allowed_scopes: Vec::new(),
            first_party: true,
            home_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            default_acr_values: Vec::new(),
            second_factor: None,
            policy: None,
            embedded: EmbeddedSettings::default(),
        }
    }
}

impl ApplicationSettings {
    /// Whether this client cannot keep a secret (RFC 6749, section 2.1).
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether PKCE must be used: always for public clients (OAuth 2.1, section 7.5.1).
    pub fn pkce_required(&self) -> bool {
        self.is_public() || self.require_pkce
    }

    /// Whether a grant may be used.
    pub fn allows_grant(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|g| g == grant_type)
    }

    /// How its redirect addresses are compared.
    pub fn redirect_tolerance(&self) -> Tolerance {
        Tolerance {
            any_loopback_port: self.kind == ApplicationKind::Native,
            any_localhost: self.any_localhost,
            lenient_host: self.accent == Accent::Auth0,
            wildcards: self.wildcard_addresses,
            lenient_end: false,
        }
    }

    /// How addresses to return to after sign-out are compared.
    pub fn logout_tolerance(&self) -> Tolerance {
        Tolerance { lenient_end: self.accent == Accent::Auth0, ..self.redirect_tolerance() }
    }

    /// Whether addresses may be registered with a wildcard in their first label.
    pub fn allows_wildcards(&self) -> bool {
        self.accent == Accent::Auth0
    }

    /// Checks an address before it is registered.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn check_address(&self, text: &str) -> Result<(), RedirectUriError> {
        if self.wildcard_addresses {
            return crate::oauth::wildcard::check(text);
        }
        crate::oauth::redirect_uri::check_registration(text, self.allows_wildcards())
    }

    /// Whether an answer for this redirect address may be sent as a message to its origin.
    pub fn allows_web_message(&self, redirect_uri: &str) -> bool {
        let Some(origin) = crate::oauth::redirect_uri::origin(redirect_uri) else { return false };
        self.lists(&self.web_origins, &origin) || self.is_local(&origin)
    }

    fn lists(&self, origins: &[String], origin: &str) -> bool {
        origins.iter().any(|one| {
            one == origin
                || (self.allows_wildcards() && crate::oauth::redirect_uri::host_matches(one, origin))
                || (self.wildcard_addresses && crate::oauth::wildcard::fits(one, origin))
        })
    }

    fn is_local(&self, origin: &str) -> bool {
        self.any_localhost
            && (origin == "http://localhost"
                || origin
                    .strip_prefix("http://localhost:")
                    .is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())))
    }

    /// Whether a browser page of `origin` may call our endpoints for it: registered origins and those of its home and redirect
    /// addresses.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.lists(&self.allowed_origins, origin)
            || self.lists(&self.web_origins, origin)
            || self
                .redirect_uris
                .iter()
                .chain(&self.home_uri)
                .any(|uri| crate::oauth::redirect_uri::origin(uri).as_deref() == Some(origin))
            || self.is_local(origin)
    }
}
