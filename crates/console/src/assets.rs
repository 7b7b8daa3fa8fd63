//! Style and script of the console, embedded. Their address changes with their content, so browsers keep them for ever.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Where they are, without a slash at the end.
pub fn base() -> String {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = DefaultHasher::new();
        for name in Assets::iter() {
            name.hash(&mut hasher);
            if let Some(file) = Assets::get(&name) {
                file.metadata.sha256_hash().hash(&mut hasher);
            }
        }
        format!("{:016x}", hasher.finish())
    });
    format!("/console/assets/{}", *VERSION)
}

/// Their path.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/console/assets/{version}/{file}", get(serve))
}

async fn serve(Path((_version, file)): Path<(String, String)>) -> Response {
    let kind = match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(found) = Assets::get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = found.data.into_owned().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
