//! The log: structured, each line with its request's id, and without secrets.
//!
//! Only what is listed in [`trace`] is written about a request. Queries, bodies, cookies and other headers carry
//! codes, tokens and passwords, so none of them is ever a field; the path is logged as the route's template, because
//! some routes carry ids and one-time links in the path.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Dispatch, Instrument, Level, field};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::targets::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt, registry};
use uuid::Uuid;

use crate::config::log::{Format, Log};
use crate::connection::{RequestId, TrustedProxy};

/// The header that carries the id to the client, and from a trusted proxy to here.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Libraries that write headers, SMTP dialogues or queries at their lower levels. The operator's filter cannot go below this.
const TALKATIVE: [&str; 6] = ["h2", "hyper", "hyper_util", "rustls", "lettre", "tokio_postgres"];

/// Makes this process log to the standard error stream.
pub fn start(config: &Log) -> anyhow::Result<()> {
    let format = match config.format {
        Format::Auto if std::io::stderr().is_terminal() => Format::Text,
        Format::Auto => Format::Json,
        format => format,
    };
    let dispatch = subscriber(format, &config.filter, std::io::stderr)?;
    tracing::dispatcher::set_global_default(dispatch)?;
    Ok(())
}

/// The subscriber that [`start`] installs, with a writer of the caller's. `Auto` is JSON here.
pub fn subscriber<W>(format: Format, filter: &str, writer: W) -> anyhow::Result<Dispatch>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let mut targets: Targets = filter.parse()?;
    for target in TALKATIVE {
        targets = targets.with_target(target, LevelFilter::INFO);
    }
    let lines = fmt::layer().with_writer(writer);
    let lines = match format {
        Format::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        Format::Auto | Format::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    Ok(Dispatch::new(registry().with(lines.with_filter(targets))))
}

/// The middleware that gives each request an id, a span and one line when it is answered.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&request);
    let route = route_of(&request);
    let span = tracing::info_span!(
        "request",
        id = %id.0,
        method = method_of(&request),
        route = &*route,
        status = field::Empty,
    );
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let _entered = span.enter();
    span.record("status", status.as_u16());
    // What is not there yet is no fault of this server's.
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        tracing::event!(Level::ERROR, milliseconds, "answered");
    } else if matches!(&*route, "/healthz" | "/readyz") {
        tracing::event!(Level::DEBUG, milliseconds, "answered");
    } else {
        tracing::event!(Level::INFO, milliseconds, "answered");
    }
    response
}

/// The route's template, never the path itself.
pub(crate) fn route_of(request: &Request) -> Arc<str> {
    request.extensions().get::<MatchedPath>().map_or_else(|| "(no route)".into(), |path| path.as_str().into())
}

/// Methods are free text to a client; anything unusual is one word in logs and metrics.
pub(crate) fn method_of(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "(other)",
    }
}

/// A client's own id is not taken: it could forge log lines or collide with another's on purpose.
fn request_id(request: &Request) -> RequestId {
    let given =
        request.extensions().get::<TrustedProxy>().and_then(|_| request.headers().get(&REQUEST_ID)?.to_str().ok()).filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        });
    match given {
        Some(id) => RequestId(id.into()),
        None => RequestId(Uuid::new_v4().simple().to_string().into()),
    }
}
