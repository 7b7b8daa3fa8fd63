//! Answers: a status and a JSON body, or none at all.

use super::Errors;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::Refusal;
use doorward_service::Error;
use doorward_service::directory::DirectoryError;
use doorward_store::engine::StoreError;
use serde_json::Value;

/// A good answer. Statuses between 200 and 299 that the registry does not know are part of this API.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Body; `None`: nothing.
    pub body: Option<Value>,
    /// `Set-Cookie` headers.
    pub cookies: Vec<String>,
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    /// 200 without a body.
    pub fn empty() -> Self {
        Self { status: 200, body: None, cookies: Vec::new() }
    }

    /// Another status with a body.
    pub fn with(status: u16, body: Value) -> Self {
        Self { status, body: Some(body), cookies: Vec::new() }
    }

    /// Another status without a body.
    pub fn bare(status: u16) -> Self {
        Self { status, body: None, cookies: Vec::new() }
    }
}

/// Why there is none.
#[derive(Debug)]
pub enum Refused {
    /// 400 with what is wrong.
    Invalid(Errors),
    /// 401: no key, a bad one, or one that may not do this.
    Unauthorized,
    /// 404: no such thing.
    NotFound,
    /// Another status without a body.
    Bare(u16),
    /// Another status with a body.
    With(u16, Value),
    /// A fault of ours.
    Fault(Error),
}

/// What a handler gives.
pub type Answer = Result<Reply, Refused>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<DirectoryError> for Refused {
    fn from(error: DirectoryError) -> Self {
        super::errors::of_directory(error, "", &[])
    }
}

impl Refused {
    /// A refusal of a use case about a noun, with the field names that the caller knows.
    pub fn about(noun: &'static str, rename: &'static [(&'static str, &'static str)]) -> impl Fn(DirectoryError) -> Self {
        move |error| super::errors::of_directory(error, noun, rename)
    }

    /// One wrong field.
    pub fn field(kind: &str, field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(Errors::field(kind, field, message))
    }
}

/// An answer over HTTP.
pub fn respond(answer: Answer) -> Response {
    match answer {
        Ok(reply) => {
            let mut response = json(reply.status, reply.body);
            for cookie in reply.cookies {
                if let Ok(value) = HeaderValue::from_str(&cookie) {
                    response.headers_mut().append(header::SET_COOKIE, value);
                }
            }
            response
        }
        Err(Refused::Invalid(errors)) => json(400, Some(errors.body())),
        Err(Refused::Unauthorized) => json(401, None),
        Err(Refused::NotFound) => json(404, None),
        Err(Refused::Bare(status)) => json(status, None),
        Err(Refused::With(status, body)) => json(status, Some(body)),
        Err(Refused::Fault(error)) => {
            Refusal::log(&error);
            let status = Refusal::status(&error);
            let (code, words) = if status == StatusCode::SERVICE_UNAVAILABLE {
                ("[busy]", "busy; try again in a moment")
            } else {
                ("[fault]", "something went wrong on our side")
            };
            let mut response = json(status.as_u16(), Some(Errors::general(code, words).body()));
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            response
        }
    }
}

fn json(status: u16, body: Option<Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(body) => {
            let mut response = Body::from(body.to_string()).into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
            response
        }
        None => Body::empty().into_response(),
    };
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
