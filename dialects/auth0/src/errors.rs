//! Refusals in this accent's words and status codes.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::Refusal;
use doorward_protocol::oauth::error::OAuthErrorCode as Code;
use doorward_service::oauth::token::TokenError;
use serde_json::{Value, json};

/// A refusal with its status and body.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    body: Value,
    retry_after: Option<u64>,
    challenge: bool,
}

impl Failure {
    /// `error` and `error_description`.
    pub fn new(status: StatusCode, error: &str, description: &str) -> Self {
        let body = json!({ "error": error, "error_description": description });
        Self { status, body, retry_after: None, challenge: false }
    }

    /// 400 `invalid_request`.
    pub fn invalid_request(description: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// Beside `error` and its description.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(body) = &mut self.body {
            body.insert(name.to_owned(), value);
        }
        self
    }

    /// 429, with the seconds to wait.
    pub fn too_many(error: &str, wait: u64) -> Self {
        let mut out = Self::new(StatusCode::TOO_MANY_REQUESTS, error, "Too many requests. Try again later.");
        out.retry_after = Some(wait);
        out
    }
}

impl Failure {
    /// The same as a problem document (RFC 9457), which the My Account API's clients read.
    pub fn into_problem(self) -> Response {
        let text = |name: &str| self.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let body = json!({
            "type": text("error"),
            "status": self.status.as_u16(),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "detail": text("error_description"),
        });
        Self { body, ..self }.into_response()
    }
}

impl From<&TokenError> for Failure {
    fn from(error: &TokenError) -> Self {
        if let Some(owed) = &error.owed {
            return crate::mfa::required(owed);
        }
        if let Some(wait) = error.retry_after {
            return match error.code {
                Code::SlowDown => {
                    let mut out = Self::new(StatusCode::TOO_MANY_REQUESTS, "slow_down", &error.description);
                    out.retry_after = Some(wait);
                    out
                }
                Code::InvalidGrant => Self::too_many("too_many_attempts", wait),
                _ => Self::too_many("too_many_requests", wait),
            };
        }
        let (status, word) = match error.code {
            Code::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Code::InvalidGrant => (StatusCode::FORBIDDEN, "invalid_grant"),
            Code::UnauthorizedClient => (StatusCode::FORBIDDEN, "unauthorized_client"),
            Code::AccessDenied | Code::InvalidTarget => (StatusCode::FORBIDDEN, "access_denied"),
            Code::InvalidScope if error.cause == "scope_exceeds_grant" => (StatusCode::FORBIDDEN, "access_denied"),
            Code::AuthorizationPending | Code::ExpiredToken => (StatusCode::FORBIDDEN, error.code.as_str()),
            Code::SlowDown => (StatusCode::TOO_MANY_REQUESTS, "slow_down"),
            other => (StatusCode::BAD_REQUEST, other.as_str()),
        };
        let description = match error.cause {
            "wrong_password" => "Wrong email or password.".to_owned(),
            "resource_unknown" => error.description.replace("there is no resource server", "Service not found:"),
            "scope_exceeds_grant" | "resource_not_granted" => {
                "Client is not authorized to access this audience with this scope; it needs a client grant".to_owned()
            }
            _ => error.description.to_string(),
        };
        Self { challenge: error.challenge, ..Self::new(status, word, &description) }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooMany(wait) => Self::too_many("too_many_requests", wait),
            Refusal::UnknownHost(_) => Self::new(StatusCode::MISDIRECTED_REQUEST, "invalid_request", "no tenant is served here"),
            Refusal::Fault(error) => {
                Refusal::log(&error);
                let status = Refusal::status(&error);
                let word = if status == StatusCode::SERVICE_UNAVAILABLE { "temporarily_unavailable" } else { "server_error" };
                Self::new(status, word, "Something went wrong on our side.")
            }
        }
    }
}

impl From<doorward_service::Error> for Failure {
    fn from(error: doorward_service::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.challenge && self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"doorward\", charset=\"UTF-8\""));
        }
        response
    }
}
