//! `/healthz` (the process answers) and `/readyz` (it can serve: not stopping, and the database answers).

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::get;
use tokio::sync::watch;

type Check = dyn Fn() -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>> + Send + Sync;

const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// Answers both questions, on the public listeners and on the one for operations.
#[derive(Clone)]
pub struct Health {
    stopping: watch::Receiver<bool>,
    check: Arc<Check>,
}

impl Health {
    /// `stopping` comes from [`crate::listen::Server::stopping`]; `check` asks the store.
    pub fn new<F>(stopping: watch::Receiver<bool>, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { stopping, check: Arc::new(move || Box::pin(check())) }
    }

    /// The two routes.
    pub fn router(&self) -> Router {
        let health = self.clone();
        Router::new().route("/healthz", get(move || async move { ([NO_STORE], "ok\n") })).route(
            "/readyz",
            get(move || async move {
                let (status, text) = health.ready().await;
                (status, [NO_STORE], text)
            }),
        )
    }

    /// The cause goes to the log only: the answer is public.
    async fn ready(&self) -> (StatusCode, &'static str) {
        if *self.stopping.borrow() {
            return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
        }
        match (self.check)().await {
            Ok(()) => (StatusCode::OK, "ready\n"),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "not ready");
                (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
            }
        }
    }
}
