//! Problem details (RFC 9457): every error of the API has this shape, with the request id that the log knows it by.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::connection::RequestId;
use doorward_service::Error;
use doorward_service::directory::{DirectoryError, FieldProblem};
use serde::Serialize;
use utoipa::ToSchema;

/// An error, as clients see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemDocument {
    /// `urn:doorward:problem:` and a word that does not change.
    #[serde(rename = "type")]
    kind: String,
    /// The same for every error of this type.
    title: &'static str,
    /// Status code.
    status: u16,
    /// What went wrong this time, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
    /// What the log knows this request by.
    request_id: String,
}

/// A wrong field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ProblemField {
    /// Path of the field, such as `redirect_uris[2]`; empty when it is about the whole.
    field: String,
    /// What is wrong with it.
    message: String,
}

/// An error on its way out. Boxed, so that results stay small.
#[derive(Debug, Clone)]
pub(super) struct Problem(Box<Told>);

#[derive(Debug, Clone)]
struct Told {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: Option<String>,
    errors: Vec<ProblemField>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self(Box::new(Told { status, kind, title, detail: None, errors: Vec::new(), header: None }))
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    fn with_header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        self.0.header = value.try_into().ok().map(|value| (name, value));
        self
    }

    pub(super) fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail("there is nothing at this path")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
    }

    pub(super) fn not_found(noun: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(format!("no such {noun}"))
    }

    /// RFC 6750, section 3.
    pub(super) fn unauthenticated(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "A valid API key is needed")
            .detail(detail)
            .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"doorward admin\"")
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The API key does not allow this").detail(detail)
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests")
            .detail(format!("try again in {seconds} seconds"))
            .with_header(header::RETRY_AFTER, seconds.to_string())
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "The request cannot be read").detail(detail)
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large").detail("at most 1 MiB is read")
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON")
            .detail("send Content-Type: application/json or application/merge-patch+json")
    }

    pub(super) fn invalid(errors: impl IntoIterator<Item = FieldProblem>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some fields are wrong");
        problem.0.errors = errors.into_iter().map(|p| ProblemField { field: p.field, message: p.message }).collect();
        problem
    }

    fn document(self, request_id: &str) -> ProblemDocument {
        let Told { status, kind, title, detail, errors, .. } = *self.0;
        ProblemDocument {
            kind: format!("urn:doorward:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail,
            errors,
            request_id: request_id.to_owned(),
        }
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::NotFound { noun } => Self::not_found(noun),
            DirectoryError::Conflict { field, message } => {
                let mut problem = Self::new(StatusCode::CONFLICT, "conflict", "Something is in the way").detail(message.as_str());
                if !field.is_empty() {
                    problem.0.errors.push(ProblemField { field: field.into(), message });
                }
                problem
            }
            DirectoryError::Invalid(problems) => Self::invalid(problems),
            refused @ DirectoryError::Administrator { .. } => {
                Self::new(StatusCode::FORBIDDEN, "administrator", "The user is an administrator").detail(refused.to_string())
            }
            DirectoryError::Fault(error) => error.into(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy")
                .detail("try again in some seconds")
                .with_header(header::RETRY_AFTER, "2"),
            other => {
                tracing::error!(error = %other, "management API");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong inside")
                    .detail("the log says more under this request id")
            }
        }
    }
}

/// Leaves the problem beside an empty body; [`complete`] writes it, since only it knows the request id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        if let Some((name, value)) = self.0.header.clone() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes problems out and forbids storing answers: they are about people.
pub(super) async fn complete(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.to_string());
    let id = id.or_else(|| request.extensions().get::<doorward_service::Client>().map(|c| c.request_id.clone()));
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = Json(problem.document(&id.unwrap_or_default())).into_response().into_body();
        response = Response::from_parts(parts, body);
        let problem_json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem_json);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
