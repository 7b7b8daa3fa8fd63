//! Errors and empty answers: one body for everything that is not a 2xx, with all five members, since clients read them unguarded.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::Refusal;
use doorward_service::Error;
use doorward_service::account::AccountError;
use doorward_service::directory::DirectoryError;
use serde_json::{Value, json};
use std::time::Duration;

/// An error on its way out; the door writes its body.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// Status.
    pub status: StatusCode,
    /// `error.type`.
    pub kind: &'static str,
    /// Words for developers.
    pub details: String,
    /// Fields that are wrong.
    pub validation: Vec<(String, String)>,
    /// Seconds to wait.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// An error.
    pub fn new(status: StatusCode, kind: &'static str, details: impl Into<String>) -> Self {
        Self { status, kind, details: details.into(), validation: Vec::new(), retry_after: None }
    }

    /// 400.
    pub fn bad_request(kind: &'static str, details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, details)
    }

    /// 400 with one wrong field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::bad_request("validation_error", "the request is not valid");
        error.validation.push((field.into(), message.into()));
        error
    }

    /// 401.
    pub fn unauthorized(details: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "login_required", details)
    }

    /// 404.
    pub fn not_found(details: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", details)
    }

    /// A process that is over, unknown, of another project or of another holder: the client begins another one.
    pub fn no_process() -> Self {
        Self::bad_request("process_not_available", "the process has ended or is not known here")
    }

    /// 429.
    pub fn too_many(wait: u64) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "too many requests; try again later");
        error.retry_after = Some(wait);
        error
    }

    /// The body.
    pub fn body(&self, request_id: &str, runtime: Duration) -> Value {
        let mut body = generic(self.status, self.status.canonical_reason().unwrap_or("error"), request_id, runtime);
        let validation: Vec<Value> =
            self.validation.iter().map(|(field, message)| json!({ "field": field, "message": message })).collect();
        body["error"] = json!({ "type": self.kind, "details": self.details, "validation": validation, "links": [] });
        body
    }
}

/// The part that every answer without a noun of its own shares.
pub fn generic(status: StatusCode, message: &str, request_id: &str, runtime: Duration) -> Value {
    json!({
        "httpStatusCode": status.as_u16(),
        "message": message,
        "requestData": { "requestID": crate::ids::request(request_id), "link": "" },
        "runtime": runtime.as_secs_f64(),
    })
}

/// An answer whose body is the generic one; the door writes it.
#[derive(Debug, Clone, Copy)]
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"doorward\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the bodies that were left open.
pub fn finish(mut response: Response, request_id: &str, runtime: Duration) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let body = Json(error.body(request_id, runtime)).into_response();
        return with_body(response, body);
    }
    if response.extensions_mut().remove::<Done>().is_some() {
        let body = Json(generic(StatusCode::OK, "OK", request_id, runtime)).into_response();
        return with_body(response, body);
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        // From a layer that knows nothing of this accent.
        let kind = if status.is_server_error() { "server_error" } else { "client_error" };
        let body = Json(ApiError::new(status, kind, "the request was refused").body(request_id, runtime)).into_response();
        return with_body(response, body);
    }
    response
}

fn with_body(response: Response, body: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let (written, body) = body.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(written.headers);
    Response::from_parts(parts, body)
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Refusal::log(&error);
        let status = Refusal::status(&error);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let mut busy = Self::new(status, "temporarily_unavailable", "busy; try again in a moment");
            busy.retry_after = Some(2);
            return busy;
        }
        Self::new(status, "server_error", "something went wrong on our side")
    }
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::NotFound { noun } => Self::invalid(field_of(noun), "does not exist"),
            DirectoryError::Conflict { field, message } => {
                Self::invalid(if field.is_empty() { "request" } else { outward(field) }, message)
            }
            DirectoryError::Invalid(problems) => {
                let mut error = Self::bad_request("validation_error", "the request is not valid");
                error.validation = problems.into_iter().map(|p| (outward(&p.field).to_owned(), p.message)).collect();
                error
            }
            refused @ DirectoryError::Administrator { .. } => Self::new(StatusCode::FORBIDDEN, "forbidden", refused.to_string()),
            DirectoryError::Fault(error) => error.into(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Fault(error) => error.into(),
            AccountError::NotFound(what) => Self::invalid(field_of(what), "does not exist"),
            AccountError::Locked { wait } => Self::too_many(wait),
            AccountError::NotFresh => {
                Self::new(StatusCode::FORBIDDEN, "login_required", "this change needs a login that is more recent")
            }
            AccountError::LastSignInMethod => Self::bad_request("last_login_method", "the last way to log in cannot be removed"),
            AccountError::Email(_) => Self::bad_request("identifier_invalid_format", "not an e-mail address"),
            AccountError::EmailTaken => Self::bad_request("identifier_already_in_use", "the identifier is in use"),
            AccountError::NameMissing => Self::invalid("fullName", "cannot be blank"),
            AccountError::Invalid(field) => Self::invalid(field, "is not valid"),
            AccountError::Refused(problem) => Self::bad_request("challenge_not_accepted", crate::wire::problem_code(&problem)),
            other => Self::bad_request("not_possible", other.to_string()),
        }
    }
}

fn field_of(noun: &str) -> &'static str {
    match noun {
        "user" | "account" => "userID",
        "identifier" | "address" | "unverified address" => "identifierID",
        "passkey" => "credentialID",
        "session" => "sessionID",
        "code" => "code",
        _ => "request",
    }
}

fn outward(field: &str) -> &str {
    match field {
        "name" => "fullName",
        "value" | "email" | "username" | "phone_number" | "identifier" => "identifierValue",
        other => other,
    }
}
