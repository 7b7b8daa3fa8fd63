//! Error codes of OAuth 2.0 and OpenID Connect.

/// The codes that we send, letter for letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthErrorCode {
    /// RFC 6749, section 4.1.2.1 and 5.2.
    InvalidRequest,
    /// RFC 6749, section 5.2.
    InvalidClient,
    /// RFC 6749, section 5.2.
    InvalidGrant,
    /// RFC 6749, section 4.1.2.1 and 5.2.
    UnauthorizedClient,
    /// RFC 6749, section 5.2.
    UnsupportedGrantType,
    /// RFC 6749, section 4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749, section 4.1.2.1 and 5.2.
    InvalidScope,
    /// RFC 6749, section 4.1.2.1.
    AccessDenied,
    /// RFC 6749, section 4.1.2.1.
    ServerError,
    /// RFC 6749, section 4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 8707, section 2.
    InvalidTarget,
    /// RFC 6750, section 3.1.
    InvalidToken,
    /// RFC 6750, section 3.1.
    InsufficientScope,
    /// OpenID Connect Core, section 3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core, section 3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core, section 3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core, section 3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core, section 3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core, section 3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Unmet Authentication Requirements 1.0.
    UnmetAuthenticationRequirements,
    /// RFC 7009, section 2.2.1.
    UnsupportedTokenType,
    /// RFC 8628, section 3.5.
    AuthorizationPending,
    /// RFC 8628, section 3.5.
    SlowDown,
    /// RFC 8628, section 3.5.
    ExpiredToken,
    /// OAuth 2.0 for First-Party Applications (draft), section 5.2.2: more has to be proven first.
    InsufficientAuthorization,
}

impl OAuthErrorCode {
    /// The code as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InsufficientAuthorization => "insufficient_authorization",
        }
    }
}
