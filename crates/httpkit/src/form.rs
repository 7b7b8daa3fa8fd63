//! A form as a program posts it (RFC 6749, section 3.2), refused in the words of OAuth when it is not one.

use axum::Json;
use axum::extract::{FromRequest, RawForm, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_protocol::oauth::params::Params;
use serde_json::json;

/// The parameters of a form body.
pub struct OAuthForm(pub Params);

impl<S: Send + Sync> FromRequest<S> for OAuthForm {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match RawForm::from_request(request, state).await {
            Ok(RawForm(body)) => Ok(Self(Params::parse(&String::from_utf8_lossy(&body)))),
            Err(rejection) => {
                let description = "the body must be application/x-www-form-urlencoded";
                let status = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    rejection.status()
                } else {
                    StatusCode::BAD_REQUEST
                };
                let body = Json(json!({ "error": "invalid_request", "error_description": description }));
                Err((status, [(header::CACHE_CONTROL, "no-store")], body).into_response())
            }
        }
    }
}
