//! Surfaces of development.

use axum::Router;
use doorward_httpkit::App;

/// Every path of development.
pub fn routes(_http_url: &str, _client_id: &str, _client_secret: &str) -> Router<App> {
    Router::new()
}
