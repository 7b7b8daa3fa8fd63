//! Refusals: a challenge for machines (RFC 6750, section 3) and a body for people.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use thiserror::Error;

use crate::error::{ProviderError, TokenFault};

/// Why a request was refused. As a response it has the status, the `WWW-Authenticate` challenge and a JSON body with `error` and
/// `error_description`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct BearerError {
    reason: Reason,
    pub(super) realm: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum Reason {
    #[error("there is no access token: send one as \"Authorization: Bearer …\"")]
    Missing,
    #[error("{0}")]
    Malformed(&'static str),
    #[error("{0}")]
    Token(#[from] TokenFault),
    #[error("the token does not allow this: it needs the {kind} {}", .names.join(" "))]
    Insufficient { kind: &'static str, names: Vec<String> },
    #[error("access tokens cannot be checked at the moment: {0}")]
    Unavailable(ProviderError),
}

impl BearerError {
    pub(super) fn missing() -> Self {
        Reason::Missing.into()
    }

    pub(super) fn malformed(words: &'static str) -> Self {
        Reason::Malformed(words).into()
    }

    pub(super) fn invalid_token(fault: TokenFault) -> Self {
        Reason::Token(fault).into()
    }

    pub(super) fn unavailable(error: ProviderError) -> Self {
        Reason::Unavailable(error).into()
    }

    pub(super) fn insufficient(kind: &'static str, names: &[String]) -> Self {
        Reason::Insufficient { kind, names: names.to_vec() }.into()
    }

    /// The status: 400, 401, 403, or 503 when the provider's keys cannot be had.
    pub fn status(&self) -> StatusCode {
        match self.reason {
            Reason::Missing | Reason::Token(_) => StatusCode::UNAUTHORIZED,
            Reason::Malformed(_) => StatusCode::BAD_REQUEST,
            Reason::Insufficient { .. } => StatusCode::FORBIDDEN,
            Reason::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code of the body: those of RFC 6750, section 3.1, and `missing_token` and `temporarily_unavailable` where it has none.
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::Missing => "missing_token",
            Reason::Malformed(_) => "invalid_request",
            Reason::Token(_) => "invalid_token",
            Reason::Insufficient { .. } => "insufficient_scope",
            Reason::Unavailable(_) => "temporarily_unavailable",
        }
    }

    /// What is wrong with the token, if that is the reason.
    pub fn fault(&self) -> Option<TokenFault> {
        match self.reason {
            Reason::Token(fault) => Some(fault),
            _ => None,
        }
    }

    /// Words for whoever called. The provider's address and troubles are for the log only.
    fn description(&self) -> String {
        match &self.reason {
            Reason::Unavailable(_) => "access tokens cannot be checked at the moment; try again soon".into(),
            other => other.to_string(),
        }
    }

    fn challenge(&self) -> Option<String> {
        let mut parameters = Vec::new();
        if let Some(realm) = &self.realm {
            parameters.push(("realm", realm.clone()));
        }
        match &self.reason {
            // Section 3.1: who sent nothing is told nothing more.
            Reason::Missing => {}
            Reason::Malformed(_) | Reason::Token(_) => {
                parameters.extend([("error", self.code().to_owned()), ("error_description", self.description())]);
            }
            Reason::Insufficient { names, .. } => {
                parameters.extend([("error", self.code().to_owned()), ("error_description", self.description())]);
                parameters.push(("scope", names.join(" ")));
            }
            Reason::Unavailable(_) => return None,
        }
        // Section 3 allows neither quotes nor backslashes inside.
        let quoted: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{name}=\"{}\"", value.replace(['"', '\\'], "'"))).collect();
        Some(if quoted.is_empty() { "Bearer".to_owned() } else { format!("Bearer {}", quoted.join(", ")) })
    }
}

impl From<Reason> for BearerError {
    fn from(reason: Reason) -> Self {
        Self { reason, realm: None }
    }
}

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        if let Reason::Unavailable(error) = &self.reason {
            tracing::error!(%error, action = error.action(), "access tokens cannot be checked");
        }
        let body = json!({ "error": self.code(), "error_description": self.description() });
        let mut response = (self.status(), [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
        // A header takes visible ASCII only; the words above have an ellipsis.
        let challenge = self
            .challenge()
            .map(|c| c.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '.' }).collect::<String>());
        if let Some(challenge) = challenge.and_then(|c| HeaderValue::from_str(&c).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(error: BearerError) -> String {
        error.into_response().headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned()
    }

    #[test]
    fn rfc_6750_section_3_challenges() {
        assert_eq!(challenge(BearerError::missing()), "Bearer");
        let with_realm = BearerError { realm: Some("mess\"ages".into()), ..BearerError::missing() };
        assert_eq!(challenge(with_realm), "Bearer realm=\"mess'ages\"");
        assert_eq!(
            challenge(BearerError::invalid_token(TokenFault::Expired)),
            "Bearer error=\"invalid_token\", error_description=\"the token has expired\""
        );
        let insufficient = BearerError::insufficient("permission", &["read:a".into(), "read:b".into()]);
        assert!(challenge(insufficient).ends_with("scope=\"read:a read:b\""));
    }

    #[test]
    fn the_provider_s_troubles_stay_inside() {
        let error =
            BearerError::unavailable(ProviderError::Unreachable { url: "https://10.0.0.7".into(), cause: "refused".into() });
        assert!(!error.description().contains("10.0.0.7"));
        assert!(error.into_response().headers().contains_key(header::RETRY_AFTER));
    }
}
