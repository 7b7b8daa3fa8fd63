//! Styles, scripts and drawings. Their address carries a version, so browsers may keep them for ever.

use crate::view::asset;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Every path.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{version}/{*path}", get(serve))
        .route("/favicon.ico", get(async || serve(Path((String::new(), "favicon.svg".into()))).await))
}

async fn serve(Path((_version, path)): Path<(String, String)>) -> Response {
    let Some(found) = asset(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = found.body.into_owned().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(found.content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
