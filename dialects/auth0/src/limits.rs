//! The three headers that clients read when they are told to wait.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Puts them on every 429, whoever said it: how many, how many left (none), and when to come back, in seconds since 1970.
pub async fn tell(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        let headers = response.headers_mut();
        let wait = headers.get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(1);
        headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from(wait));
        headers.entry(LIMIT).or_insert(HeaderValue::from_static("1"));
        headers.entry(REMAINING).or_insert(HeaderValue::from_static("0"));
        headers.entry(RESET).or_insert(HeaderValue::from(seconds_from_now(wait)));
    }
    response
}

/// By the machine's clock and not the tenant's: the client compares it with its own.
#[allow(clippy::disallowed_methods, reason = "a client counts down to it by its own clock")]
pub fn seconds_from_now(wait: u64) -> u64 {
    let now = SystemTime::now() + Duration::from_secs(wait);
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::response::IntoResponse as _;
    use axum::routing::get;
    use axum::{Router, middleware};
    use tower::ServiceExt as _;

    async fn headers(wait: Option<&'static str>, status: StatusCode) -> axum::http::HeaderMap {
        let handler = async move || {
            let mut response = status.into_response();
            if let Some(wait) = wait {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(wait));
            }
            response
        };
        let router: Router = Router::new().route("/", get(handler)).layer(middleware::from_fn(tell));
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().headers().clone()
    }

    #[tokio::test]
    async fn every_429_says_how_long() {
        for (wait, at_least) in [(Some("30"), 30), (None, 1), (Some("soon"), 1)] {
            let told = headers(wait, StatusCode::TOO_MANY_REQUESTS).await;
            let reset: u64 = told[RESET].to_str().unwrap().parse().unwrap();
            assert!(reset >= seconds_from_now(0) + at_least - 1 && reset <= seconds_from_now(0) + at_least + 5);
            assert_eq!((told[LIMIT].to_str().unwrap(), told[REMAINING].to_str().unwrap()), ("1", "0"));
            assert!(told.contains_key(header::RETRY_AFTER));
        }
        assert!(!headers(None, StatusCode::OK).await.contains_key(RESET));
    }
}
