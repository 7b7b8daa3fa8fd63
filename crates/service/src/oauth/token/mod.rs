//! The token endpoint. The pipeline owns client authentication, the right to use a grant, limits, audit and the answer, so that a
//! grant cannot forget them; a grant says who gets what and what is spent for it.

mod access_token;
pub mod direct;
pub mod grants;
mod issue;
mod person;

use crate::boxed;
pub use access_token::AccessToken;
pub(crate) use grants::authorization_code::LONGEST_ACCESS_TOKEN;
pub(crate) use issue::Issue;
pub use issue::Tokens;
pub(crate) use issue::parse_refresh as parse_refresh_token;

use super::client_auth::{AuthenticatedClient, ClientAuthError, ClientCredentials};
use super::second_factor::OwedFactor;
use crate::audit::Event;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use std::borrow::Cow;

/// Why there is no token. The code goes to the client, the cause to the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    /// Code of RFC 6749, section 5.2.
    pub code: OAuthErrorCode,
    /// Words for the developer.
    pub description: Cow<'static, str>,
    /// Stable word for the log.
    pub cause: &'static str,
    /// The client sent an Authorization header: the answer names the scheme (RFC 6749, section 5.2).
    pub challenge: bool,
    /// Seconds to wait, when the limit was the reason.
    pub retry_after: Option<u64>,
    /// The second factor that is owed, when that is the reason.
    pub owed: Option<OwedFactor>,
}

impl TokenError {
    /// A refusal.
    pub fn new(code: OAuthErrorCode, description: impl Into<Cow<'static, str>>, cause: &'static str) -> Self {
        Self { code, description: description.into(), cause, challenge: false, retry_after: None, owed: None }
    }

    /// The same client assertion came twice at once.
    pub(crate) fn replayed_assertion() -> Self {
        Self::new(OAuthErrorCode::InvalidClient, "client authentication failed", "assertion_replayed")
    }

    /// From a refused client.
    pub fn of_client(error: ClientAuthError, with_header: bool) -> Self {
        let mut out = match error {
            ClientAuthError::Ambiguous => {
                Self::new(OAuthErrorCode::InvalidRequest, "the client must authenticate in exactly one way", "client_ambiguous")
            }
            ClientAuthError::Missing => {
                Self::new(OAuthErrorCode::InvalidClient, "client authentication is missing", "client_missing")
            }
            ClientAuthError::Invalid(cause) => Self::new(OAuthErrorCode::InvalidClient, "client authentication failed", cause),
            ClientAuthError::Locked(wait) => {
                let mut locked =
                    Self::new(OAuthErrorCode::InvalidClient, "too many failed attempts; try again later", "client_locked");
                locked.retry_after = Some(wait);
                locked
            }
        };
        out.challenge = with_header;
        out
    }
}

/// What a grant is given.
pub struct TokenRequest<'a> {
    /// The client, proven.
    pub client: AuthenticatedClient,
    /// The parameters.
    pub params: &'a Params,
}

impl TokenRequest<'_> {
    /// A parameter that may be sent once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, TokenError> {
        self.params.one(name).map_err(|_| {
            TokenError::new(OAuthErrorCode::InvalidRequest, "a parameter was sent more than once", "parameter_repeated")
        })
    }

    /// A parameter that must be sent.
    pub fn must(&self, name: &'static str, missing: &'static str) -> Result<&str, TokenError> {
        self.one(name)?.ok_or_else(|| TokenError::new(OAuthErrorCode::InvalidRequest, missing, "parameter_missing"))
    }
}

impl Service {
    /// Answers a token request.
    #[boxed]
    pub async fn token(
        &self,
        cx: &Cx,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Result<Tokens, TokenError>, Error> {
        let credentials = ClientCredentials { authorization, params: Some(params) };
        let client = match self.authenticate_client(cx, &credentials).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(TokenError::of_client(error, authorization.is_some()))),
        };
        let application = client.application.id;
        // What it wants otherwise than its tenant counts here too.
        let cx = &cx.under(Some(&client.application));
        let request = TokenRequest { client, params };
        let grant_type = match request.must("grant_type", "grant_type is missing") {
            Ok(grant_type) => grant_type.to_owned(),
            Err(error) => return Ok(Err(error)),
        };
        let known = grants::find(&grant_type);
        let Some(grant) = known else {
            return Ok(Err(TokenError::new(
                OAuthErrorCode::UnsupportedGrantType,
                "this grant_type is not supported",
                "grant_type_unknown",
            )));
        };
        // A second factor completes a grant that was allowed.
        let allowed = grant == grants::Grant::SecondFactor || request.client.application.settings.0.allows_grant(&grant_type);
        let answer = if allowed {
            grant.run(self, cx, &request).await?
        } else {
            Err(TokenError::new(
                OAuthErrorCode::UnauthorizedClient,
                "this application may not use this grant_type",
                "grant_type_not_allowed",
            ))
        };
        if let Err(error) = &answer {
            let event = Event::new("token.refused")
                .application(application)
                .actor("client")
                .with("grant_type", grant.name())
                .with("cause", error.cause)
                .with("error", error.code.as_str());
            self.store.commit(doorward_store::engine::Batch::new().with(event.statement(cx))).await?;
        }
        let outcome = if answer.is_ok() { "issued" } else { "refused" };
        metrics::counter!("doorward_tokens_total", "grant_type" => grant.name(), "outcome" => outcome).increment(1);
        Ok(answer)
    }
}
