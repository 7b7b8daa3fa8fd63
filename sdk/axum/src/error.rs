//! What can go wrong, and what to do about it.

use thiserror::Error;

/// A setting that cannot work. Found when the application starts, not when the first person comes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An address is not one.
    #[error("{setting} is not an address: {value:?}")]
    NotAnAddress {
        /// Which setting.
        setting: &'static str,
        /// What it is.
        value: String,
    },
    /// An address must be HTTPS, unless it is on this machine.
    #[error("{setting} must be https: {value}")]
    NotHttps {
        /// Which setting.
        setting: &'static str,
        /// What it is.
        value: String,
    },
    /// The application's address has a path, query or fragment.
    #[error("the application's address must be scheme, host and port only: {0}")]
    BaseUrlHasPath(String),
    /// A local path is not one.
    #[error("{setting} must be a path of this application, such as \"/profile\": {value:?}")]
    NotALocalPath {
        /// Which setting.
        setting: &'static str,
        /// What it is.
        value: String,
    },
    /// The secret that cookies are encrypted with is missing or short.
    #[error("the cookie secret has {0} bytes; at least 32 random ones are needed")]
    WeakCookieSecret(usize),
    /// Neither audience nor algorithm may be empty.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// Certificates that are to be trusted cannot be read.
    #[error("the certificates to trust cannot be read: {0}")]
    Certificates(String),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    HttpClient(String),
}

impl ConfigError {
    /// What to do about it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::NotAnAddress { .. } => "give an absolute address such as https://login.example.com",
            Self::NotHttps { .. } => "use https; plain http is accepted for localhost, 127.0.0.1 and [::1] only",
            Self::BaseUrlHasPath(_) => "give the address that people type, without a path: https://app.example.com",
            Self::NotALocalPath { .. } => "start it with one slash, without scheme and host",
            Self::WeakCookieSecret(_) => "make one with `openssl rand -hex 32` and keep it the same over restarts",
            Self::Empty(_) => "set it",
            Self::Certificates(_) => "give PEM text with one or more BEGIN CERTIFICATE blocks",
            Self::HttpClient(_) => "see the cause; building your own reqwest::Client and handing it over may help",
        }
    }
}

/// The provider could not be asked, or its answer could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// No answer.
    #[error("no answer from {url}: {cause}")]
    Unreachable {
        /// Whom we asked.
        url: String,
        /// Why not.
        cause: String,
    },
    /// An answer with an unexpected status.
    #[error("{url} answered with status {status}")]
    Status {
        /// Whom we asked.
        url: String,
        /// What it answered.
        status: u16,
    },
    /// An answer that is not what the specification says.
    #[error("the answer of {url} is not usable: {cause}")]
    Malformed {
        /// Whom we asked.
        url: String,
        /// What is wrong.
        cause: String,
    },
    /// OpenID Connect Discovery 1.0, section 4.3: the document names another issuer.
    #[error("the configured issuer is {configured}, the provider calls itself {announced}")]
    IssuerMismatch {
        /// What we were told.
        configured: String,
        /// What the document says.
        announced: String,
    },
    /// An endpoint of an HTTPS provider is plain HTTP.
    #[error("the provider's {0} is not https")]
    InsecureEndpoint(&'static str),
    /// An endpoint that is needed here is not offered.
    #[error("the provider has no {0}")]
    MissingEndpoint(&'static str),
}

impl ProviderError {
    /// What to do about it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                "check that the provider runs and is reached from here, and that its certificate is trusted (a local CA must be given)"
            }
            Self::Status { .. } => {
                "check the issuer: its address followed by /.well-known/openid-configuration must open in a browser"
            }
            Self::Malformed { .. } => "check that the issuer is an OpenID provider and not a page before it",
            Self::IssuerMismatch { .. } => "set the issuer to exactly what the provider calls itself, to the last slash",
            Self::InsecureEndpoint(_) => "configure the provider's public address as https",
            Self::MissingEndpoint(_) => "use a provider or an application type that offers it",
        }
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// Not a JSON Web Token that is signed with an algorithm of public keys.
    #[error("the token is not a signed JSON Web Token")]
    Malformed,
    /// Longer than any honest token.
    #[error("the token is too long")]
    TooLong,
    /// Signed with an algorithm that is not accepted here.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// A JWT of another kind, such as a logout token.
    #[error("the token is of another type")]
    Type,
    /// No published key has the token's key id.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// `iss` is somebody else.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` is somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// A claim is missing or not of its type.
    #[error("the token's claim {0} is missing or malformed")]
    Claim(&'static str),
    /// `nonce` is not the one that this browser was sent with (OpenID Connect Core 1.0, section 3.1.3.7).
    #[error("the token answers another sign-in")]
    Nonce,
    /// `azp` names another application.
    #[error("the token was made for another application")]
    AuthorizedParty,
    /// The token is bound to a key of its owner (`cnf`: DPoP, mutual TLS) and was sent without a proof.
    #[error("the token is bound to a key, and no proof came with it")]
    Bound,
}

/// A token was refused, or could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is at fault.
    #[error(transparent)]
    Fault(#[from] TokenFault),
    /// The provider's keys could not be had.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}
