//! Request bodies: JSON, tolerant of what clients add, strict about what it is.

use crate::errors::ApiError;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

/// Largest body; the largest honest one, a registration with a certificate chain, is far smaller.
const LARGEST: usize = 128 * 1024;

/// A body. An empty one counts as an empty object.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let Ok(collected) = Limited::new(request.into_body(), LARGEST).collect().await else {
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", "the body is too large"));
        };
        let bytes = collected.to_bytes();
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            let mut refused = ApiError::bad_request("validation_error", "the body is not what this endpoint takes");
            refused.validation.push(("body".into(), error.to_string()));
            refused
        })
    }
}
