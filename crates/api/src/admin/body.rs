//! Bodies and path segments.

use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A JSON body.
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large()
            } else {
                Problem::malformed("the body ended before its time")
            }
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Problem::malformed(format!("not JSON: {error}")))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "application/merge-patch+json"
}

impl Body {
    /// Reads a document; what does not fit is named by its path.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Problem> {
        Ok(doorward_service::directory::read(self.0)?)
    }
}

/// Ids of the path. One that cannot be read names nothing, so the answer is 404.
pub(super) struct Ids<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(ids) = Path::<T>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found("id"))?;
        Ok(Self(ids))
    }
}

/// 201 with the address of what was made.
pub(super) fn created<T: Serialize>(location: String, document: T) -> Response {
    let location = [(header::LOCATION, format!("/admin/v1{location}"))];
    (StatusCode::CREATED, location, axum::Json(document)).into_response()
}
