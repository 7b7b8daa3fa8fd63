//! Prometheus metrics: requests by route, the database's work, and the process.
//!
//! Labels come from small closed sets (route templates, known methods, status classes), so that a stranger cannot
//! grow the server's memory by asking for many paths.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use doorward_store::engine::Db;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::logs::{method_of, route_of};
use crate::process;

const REQUESTS: &str = "doorward_http_requests_total";
const DURATION: &str = "doorward_http_request_duration_seconds";
const IN_FLIGHT: &str = "doorward_http_requests_in_flight";
const RESIDENT: &str = "process_resident_memory_bytes";
const OPEN_FILES: &str = "process_open_fds";
const UPTIME: &str = "process_uptime_seconds";
const TRANSACTIONS: &str = "doorward_store_transactions_total";
const BATCHES: &str = "doorward_store_batches_total";
const BATCHES_FAILED: &str = "doorward_store_batches_failed_total";
const READS: &str = "doorward_store_reads_total";

/// Seconds. The small ones tell cached answers from signatures, the large ones password hashing from trouble.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    started: Instant,
    database: Option<Db>,
}

impl Metrics {
    /// Installs the recorder for the whole process; a second call fails.
    pub fn install() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
        describe_counter!(REQUESTS, "Requests answered, by route, method and status class.");
        describe_histogram!(DURATION, "Seconds until the answer began.");
        describe_gauge!(IN_FLIGHT, "Requests being answered.");
        describe_gauge!(RESIDENT, "Resident memory.");
        describe_gauge!(OPEN_FILES, "Open file descriptors.");
        describe_gauge!(UPTIME, "Seconds since the process started.");
        gauge!("doorward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        describe_counter!(TRANSACTIONS, "Durable transactions; on SQLite batches that arrive together share one.");
        describe_counter!(BATCHES, "Writes that were answered, well or badly.");
        describe_counter!(BATCHES_FAILED, "Writes that were answered with an error.");
        describe_counter!(READS, "Queries.");
        Ok(Self { handle, started: Instant::now(), database: None })
    }

    /// These metrics with the work of a database, read at each scrape.
    #[must_use]
    pub fn of_database(mut self, database: Db) -> Self {
        self.database = Some(database);
        self
    }

    /// The text exposition format.
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats by definition")]
    pub fn render(&self) -> String {
        if let Some(bytes) = process::resident_bytes() {
            gauge!(RESIDENT).set(bytes as f64);
        }
        if let Some(files) = process::open_files() {
            gauge!(OPEN_FILES).set(files as f64);
        }
        if let Some(database) = &self.database {
            let stats = database.stats();
            counter!(TRANSACTIONS).absolute(stats.transactions_committed);
            counter!(BATCHES).absolute(stats.batches);
            counter!(BATCHES_FAILED).absolute(stats.batches_failed);
            counter!(READS).absolute(stats.reads);
        }
        gauge!(UPTIME).set(self.started.elapsed().as_secs_f64());
        self.handle.render()
    }

    /// `GET /metrics`.
    pub fn router(&self) -> Router {
        let metrics = self.clone();
        let render = move || async move {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], metrics.render())
        };
        Router::new().route("/metrics", get(render))
    }

    /// Drains histogram samples when nobody scrapes, so that they do not pile up. Never returns.
    pub async fn upkeep(self) {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tick.tick().await;
            self.handle.run_upkeep();
        }
    }
}

/// The middleware that counts and times requests.
pub async fn measure(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = route_of(&request);
    let method = method_of(&request);
    let in_flight = InFlight::new();
    let response = next.run(request).await;
    drop(in_flight);
    let status = match response.status().as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status).increment(1);
    histogram!(DURATION, "route" => route, "method" => method).record(began.elapsed());
    response
}

/// Counts down also when the client goes away and the request is dropped half way.
struct InFlight;

impl InFlight {
    fn new() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}
