//! Documents that everybody reads: provider metadata and keys. No database read once they are cached, no cookie, no limit.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, Refusal, cors};

/// Seconds that clients and proxies may keep the documents. A key is published this long before it is needed nowhere: a rotated
/// key signs at once, and a client that meets an unknown `kid` asks again.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

fn document(body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, CACHE);
    cors::public(response)
}

/// `GET /.well-known/openid-configuration` (Discovery 1.0, section 4; RFC 8414, section 3).
pub async fn metadata(State(app): State<App>, Asked(cx): Asked) -> Response {
    document(app.service.metadata_document(&cx).to_string())
}

/// `GET /.well-known/jwks.json` (RFC 7517, section 5).
pub async fn jwks(State(app): State<App>, Asked(cx): Asked) -> Result<Response, Refusal> {
    let keys = app.service.keys_of(cx.tenant_id(), cx.now).await?;
    let keys = if cx.domain.accent.reads_rsa_only() { &keys.rsa_document } else { &keys.document };
    Ok(document(keys.to_string()).into_response())
}
