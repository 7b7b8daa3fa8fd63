//! Answers that no use case gave: no such host, too many requests, a fault inside. As JSON; the hosted pages put them on pages.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_service::Error;
use serde_json::json;

/// Why a request got no further.
#[derive(Debug)]
pub enum Refusal {
    /// No tenant has this host.
    UnknownHost(String),
    /// Too many requests from one address; seconds to wait.
    TooMany(u64),
    /// A fault inside.
    Fault(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl Refusal {
    /// Status of a fault: busy is for the client to try again, the rest is ours.
    pub fn status(error: &Error) -> StatusCode {
        match error {
            Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Error::Store(store) if store.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            Error::Store(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Writes a fault to the log; outside it is only called a fault.
    pub fn log(error: &Error) {
        match error {
            Error::Busy => tracing::warn!("too much work is waiting"),
            other => tracing::error!(error = %other, "a request failed"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, text, wait) = match self {
            Self::UnknownHost(host) => {
                (StatusCode::MISDIRECTED_REQUEST, "unknown_host", format!("no tenant is served at {host}"), None)
            }
            Self::TooMany(wait) => {
                (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many requests; try again later".to_owned(), Some(wait))
            }
            Self::Fault(error) => {
                Self::log(&error);
                let status = Self::status(&error);
                let busy = status == StatusCode::SERVICE_UNAVAILABLE;
                let (code, text) = if busy {
                    ("temporarily_unavailable", "busy; try again in a moment")
                } else {
                    ("server_error", "something went wrong on our side")
                };
                (status, code, text.to_owned(), busy.then_some(2))
            }
        };
        let mut response = (status, Json(json!({ "error": code, "error_description": text }))).into_response();
        if let Some(wait) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
