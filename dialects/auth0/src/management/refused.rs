//! Refusals as clients of this API read them: `statusCode`, `error`, `message`, `errorCode`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::Refusal;
use doorward_service::directory::DirectoryError;
use doorward_store::engine::StoreError;
use serde_json::json;

/// Why a call did not happen. Boxed, so that results stay small.
#[derive(Debug)]
pub struct Refused(Box<Told>);

#[derive(Debug)]
struct Told {
    status: StatusCode,
    code: Option<String>,
    message: String,
    retry_after: Option<u64>,
}

/// What a call gives.
pub type Answer = Result<Response, Refused>;

impl Refused {
    /// Any refusal.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Told { status, code: Some(code.to_owned()), message: message.into(), retry_after: None }))
    }

    /// 400: something is wrong with the body, which is named.
    pub fn body(field: &str, message: impl AsRef<str>) -> Self {
        let about = if field.is_empty() {
            "Payload validation error: the body".to_owned()
        } else {
            format!("Payload validation error: '{field}'")
        };
        Self::new(StatusCode::BAD_REQUEST, "invalid_body", format!("{about} {}", message.as_ref()))
    }

    /// The same about a field that stands within another.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.0.message = self.0.message.replacen("error: '", &format!("error: '{outer}."), 1);
        self
    }

    /// 400: something is wrong with the query.
    pub fn query(field: &str, message: impl AsRef<str>) -> Self {
        let text = format!("Query validation error: '{field}' {}", message.as_ref());
        Self::new(StatusCode::BAD_REQUEST, "invalid_query_string", text)
    }

    /// 400: something is wrong with the path.
    pub fn path(field: &str, message: impl AsRef<str>) -> Self {
        let text = format!("Path validation error: '{field}' {}", message.as_ref());
        Self::new(StatusCode::BAD_REQUEST, "invalid_uri", text)
    }

    /// 401.
    pub fn unauthorized(message: &str) -> Self {
        let mut out = Self::new(StatusCode::UNAUTHORIZED, "", message);
        out.0.code = None;
        out
    }

    /// 403, with the scopes any of which would do.
    pub fn scope(any_of: &[&str]) -> Self {
        let text = format!("Insufficient scope, expected any of: {}", any_of.join(","));
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", text)
    }

    /// 403: it may not be done to this one.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "operation_not_supported", message)
    }

    /// 404 of a noun: `inexistent_client`, `The client does not exist.`
    pub fn absent(noun: &str) -> Self {
        let code = format!("inexistent_{}", noun.replace([' ', '-'], "_"));
        Self::new(StatusCode::NOT_FOUND, &code, format!("The {noun} does not exist."))
    }

    /// 404 of a path.
    pub fn nowhere() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such endpoint here.")
    }

    /// 405.
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path has other methods.")
    }

    /// 409 of a noun: `client_conflict`.
    pub fn conflict(noun: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, &format!("{}_conflict", noun.replace([' ', '-'], "_")), message)
    }

    /// 429.
    pub fn too_many(wait: u64) -> Self {
        let mut out = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Global limit has been reached");
        out.0.retry_after = Some(wait);
        out
    }

    /// What it says.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Translates a refusal of the core about a noun. `names`: which field of ours is which of theirs; the longest match wins.
    pub fn about(noun: &'static str, names: &'static [(&'static str, &'static str)]) -> impl Fn(DirectoryError) -> Self {
        move |error| match error {
            DirectoryError::NotFound { noun } => Self::absent(noun),
            DirectoryError::Conflict { field, message } => {
                let message = if field.is_empty() { message } else { format!("{}: {message}", renamed(field, names)) };
                Self::conflict(noun, message)
            }
            DirectoryError::Invalid(problems) => match problems.first() {
                Some(first) => Self::body(&renamed(&first.field, names), &first.message),
                None => Self::body("", "is not valid"),
            },
            refused @ DirectoryError::Administrator { .. } => Self::forbidden(refused.to_string()),
            DirectoryError::Fault(error) => Refusal::from(error).into(),
        }
    }
}

/// `redirect_uris[2]` as `callbacks[2]`.
fn renamed(field: &str, names: &[(&str, &str)]) -> String {
    let fits =
        |ours: &&(&str, &str)| field.strip_prefix(ours.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']));
    match names.iter().filter(fits).max_by_key(|(ours, _)| ours.len()) {
        Some((ours, theirs)) => format!("{theirs}{}", field.get(ours.len()..).unwrap_or_default()),
        None => field.to_owned(),
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooMany(wait) => Self::too_many(wait),
            Refusal::UnknownHost(_) => Self::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", "No tenant is served here."),
            Refusal::Fault(error) => {
                Refusal::log(&error);
                let status = Refusal::status(&error);
                let code = if status == StatusCode::SERVICE_UNAVAILABLE { "service_unavailable" } else { "internal_error" };
                let mut out = Self::new(status, code, "Something went wrong on our side.");
                out.0.retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(2);
                out
            }
        }
    }
}

impl From<doorward_service::Error> for Refused {
    fn from(error: doorward_service::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        doorward_service::Error::from(error).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Told { status, code, message, retry_after } = *self.0;
        let reason = status.canonical_reason().unwrap_or("Error");
        let mut body = json!({ "statusCode": status.as_u16(), "error": reason, "message": message });
        if let (Some(code), Some(body)) = (code, body.as_object_mut()) {
            body.insert("errorCode".into(), json!(code));
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_that_the_caller_knows() {
        let names = [
            ("redirect_uris", "callbacks"),
            ("refresh", "refresh_token"),
            ("refresh.idle_seconds", "refresh_token.idle_token_lifetime"),
        ];
        assert_eq!(renamed("redirect_uris[2]", &names), "callbacks[2]");
        assert_eq!(renamed("refresh.idle_seconds", &names), "refresh_token.idle_token_lifetime");
        assert_eq!(renamed("refresh.rotate", &names), "refresh_token.rotate");
        assert_eq!(renamed("redirect_uris_of", &names), "redirect_uris_of");
    }
}
