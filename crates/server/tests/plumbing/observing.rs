//! Log, metrics, health, headers and proxies, without sockets.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{Request, Response, response::Parts};
use doorward_server::config::log::Format;
use doorward_server::connection::Scheme;
use doorward_server::health::Health;
use doorward_server::logs;
use doorward_server::metrics::Metrics;
use doorward_server::security_headers::HTML_POLICY;
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use serde_json::Value;

use crate::toy::{Hold, call, router, stack};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Logs of this thread; tests here run on a runtime of one thread.
fn listen_to(format: Format) -> (Written, tracing::dispatcher::DefaultGuard) {
    let written = Written::default();
    let writer = written.clone();
    let dispatch = logs::subscriber(format, "trace", move || writer.clone()).unwrap();
    (written, tracing::dispatcher::set_default(&dispatch))
}

fn toy() -> Router {
    stack().wrap(router(&Hold::default()))
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).map(|value| value.to_str().unwrap())
}

fn get(path: &str) -> axum::http::request::Builder {
    Request::get(path)
}

#[tokio::test]
async fn no_secret_of_a_request_reaches_the_log() {
    for format in [Format::Json, Format::Text] {
        let (written, _guard) = listen_to(format);
        let request = Request::post("/users/hunter2?code=hunter2&state=hunter2")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "Bearer hunter2")
            .header("cookie", "session=hunter2")
            .header("referer", "https://a.example/?token=hunter2")
            .header("user-agent", "hunter2")
            .header("x-request-id", "hunter2")
            .header("x-forwarded-host", "hunter2");
        let (parts, _) = call(&toy(), "203.0.113.9", request, "password=hunter2").await;
        assert_eq!(parts.status, 201);
        call(&toy(), "203.0.113.9", get("/nowhere/hunter2?x=hunter2"), "").await;
        call(&toy(), "203.0.113.9", Request::builder().method("HUNTER2").uri("/page"), "").await;
        let text = written.text();
        assert_eq!(text.matches("answered").count(), 3, "{text}");
        assert!(!text.to_lowercase().contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_line_says_what_was_answered() {
    let (written, _guard) = listen_to(Format::Json);
    let request = Request::post("/users/7").header("content-type", "application/x-www-form-urlencoded");
    let (parts, _) = call(&toy(), "203.0.113.9", request, "").await;
    let id = header(&parts, "x-request-id").unwrap();
    let lines = written.lines();
    let line = lines.iter().find(|line| line["message"] == "answered").unwrap();
    assert_eq!(line["span"]["id"], id);
    assert_eq!(line["span"]["method"], "POST");
    assert_eq!(line["span"]["route"], "/users/{id}");
    assert_eq!(line["span"]["status"], 201);
    assert!(line["milliseconds"].as_f64().unwrap() >= 0.0);
}

#[tokio::test]
async fn what_is_not_there_yet_is_no_error_of_this_server() {
    let (written, _guard) = listen_to(Format::Json);
    for (path, level) in [("/later", "INFO"), ("/full", "ERROR"), ("/page", "INFO")] {
        let before = written.lines().len();
        call(&toy(), "203.0.113.9", get(path), "").await;
        let lines = written.lines();
        let line = lines[before..].iter().find(|line| line["message"] == "answered").unwrap();
        assert_eq!(line["level"], level, "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_with_headers_and_its_text_stays_inside() {
    let (written, _guard) = listen_to(Format::Json);
    let (parts, body) = call(&toy(), "203.0.113.9", get("/panic"), "").await;
    assert_eq!((parts.status.as_u16(), body.as_str()), (500, "internal error\n"));
    assert_eq!(header(&parts, "x-content-type-options"), Some("nosniff"));
    assert!(!written.text().contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_is_ended() {
    let (parts, _) = call(&toy(), "203.0.113.9", get("/slow"), "").await;
    assert_eq!(parts.status, 503);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let form = || Request::post("/users/7").header("content-type", "application/x-www-form-urlencoded");
    let (parts, _) = call(&toy(), "203.0.113.9", form(), &"a".repeat(1000)).await;
    assert_eq!(parts.status, 201);
    let (parts, _) = call(&toy(), "203.0.113.9", form(), &"a".repeat(1001)).await;
    assert_eq!(parts.status, 413);
}

#[tokio::test]
async fn a_request_id_is_taken_from_our_proxies_only() {
    let with = |id: &'static str| get("/page").header("x-request-id", id);
    let answer = |parts: Parts| header(&parts, "x-request-id").unwrap().to_owned();
    let (parts, _) = call(&toy(), "10.0.0.1", with("abc-1"), "").await;
    assert_eq!(answer(parts), "abc-1");
    for (peer, id) in [("203.0.113.9", "abc-1"), ("10.0.0.1", "a b"), ("10.0.0.1", ""), ("10.0.0.1", "a\"b")] {
        let (parts, _) = call(&toy(), peer, with(id), "").await;
        let made = answer(parts);
        assert!(made.len() == 32 && made != id, "{peer} {id:?}: {made}");
    }
}

#[tokio::test]
async fn what_proxies_say_counts_from_our_proxies_only() {
    let request = || {
        get("/seen")
            .header("host", "Inner:9011")
            .header("x-forwarded-for", "198.51.100.1, 203.0.113.7")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "ID.example.com")
            .extension(Scheme::Http)
    };
    let (_, body) = call(&toy(), "10.0.0.1", request(), "").await;
    assert_eq!(body, "https 10.0.0.1 203.0.113.7 id.example.com");
    let (_, body) = call(&toy(), "192.0.2.1", request(), "").await;
    assert_eq!(body, "http 192.0.2.1 192.0.2.1 inner:9011");
    for peer in ["10.0.0.1", "192.0.2.1"] {
        let headers = get("/headers")
            .header("x-forwarded-for", "1.2.3.4")
            .header("forwarded", "for=1.2.3.4")
            .header("x-real-ip", "1.2.3.4");
        let (_, body) = call(&toy(), peer, headers, "").await;
        assert!(!body.contains("1.2.3.4"), "{peer}: {body}");
    }
}

#[tokio::test]
async fn pages_get_their_headers_and_handlers_may_differ() {
    let secure = |path| get(path).extension(Scheme::Https);
    let (parts, _) = call(&toy(), "203.0.113.9", secure("/page"), "").await;
    for (name, value) in [
        ("content-security-policy", HTML_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("strict-transport-security", "max-age=63072000"),
    ] {
        assert_eq!(header(&parts, name), Some(value), "{name}");
    }
    let permissions = header(&parts, "permissions-policy").unwrap();
    assert!(
        permissions.contains("publickey-credentials-get=(self)") && permissions.contains("publickey-credentials-create=(self)")
    );
    assert!(!HTML_POLICY.contains("unsafe"));

    let (parts, _) = call(&toy(), "203.0.113.9", secure("/own"), "").await;
    assert_eq!(header(&parts, "content-security-policy"), Some("mine"));
    assert_eq!(header(&parts, "referrer-policy"), Some("no-referrer"));
    assert_eq!(parts.headers.get_all("content-security-policy").iter().count(), 1);

    let (parts, _) = call(&toy(), "203.0.113.9", get("/page").extension(Scheme::Http), "").await;
    assert_eq!(header(&parts, "strict-transport-security"), None, "RFC 6797, section 7.2");
    let (parts, _) = call(&toy(), "203.0.113.9", secure("/headers"), "").await;
    assert_eq!(header(&parts, "content-security-policy"), None, "not a page");

    let mut development = stack();
    development.hsts = doorward_server::security_headers::Hsts::DEVELOPMENT;
    let (parts, _) = call(&development.wrap(router(&Hold::default())), "203.0.113.9", secure("/page"), "").await;
    assert_eq!(header(&parts, "strict-transport-security"), None, "it would break plain HTTP on localhost");
}

#[tokio::test]
async fn metrics_count_by_route_and_strangers_cannot_add_labels() {
    let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
    let metrics = Metrics::install().unwrap().of_database(db.clone());
    db.commit(Batch::new().run("CREATE TABLE door (id BIGINT NOT NULL)", vec![])).await.unwrap();
    db.commit(Batch::new().run("INSERT INTO no_such_table VALUES (1)", vec![])).await.unwrap_err();
    for _ in 0..3 {
        db.query("SELECT id FROM door", vec![]).await.unwrap();
    }
    let stats = db.stats();
    assert!(stats.transactions_committed >= 1);
    for _ in 0..3 {
        call(&toy(), "203.0.113.9", get("/page?secret=hunter2"), "").await;
    }
    for n in 0..5 {
        call(&toy(), "203.0.113.9", get(&format!("/nowhere/{n}")), "").await;
        call(&toy(), "203.0.113.9", Request::builder().method(format!("M{n}").as_str()).uri("/page"), "").await;
    }
    let (parts, text) = call(&metrics.router(), "127.0.0.1", get("/metrics"), "").await;
    assert_eq!(header(&parts, "content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let value = |line: &str| -> f64 {
        let found = text.lines().find_map(|l| l.strip_prefix(line));
        found.unwrap_or_else(|| panic!("{line} is missing in {text}")).trim().parse().unwrap()
    };
    // Other tests of this process count too, so exact numbers are for routes that only this one asks so often.
    assert!(value(r#"doorward_http_requests_total{route="/page",method="GET",status="2xx"}"#) >= 3.0);
    assert!(value(r#"doorward_http_requests_total{route="(no route)",method="GET",status="4xx"}"#) >= 5.0);
    assert!(value(r#"doorward_http_requests_total{route="/page",method="(other)",status="4xx"}"#) >= 5.0);
    assert!(value(r#"doorward_http_request_duration_seconds_count{route="/page",method="GET"}"#) >= 3.0);
    assert!(text.contains(r#"doorward_http_request_duration_seconds_bucket{route="/page",method="GET",le="0.0005"}"#));
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("process_uptime_seconds") >= 0.0);
    // The space keeps `…_batches_total` from being found as the beginning of another name.
    assert_eq!(value("doorward_store_transactions_total "), stats.transactions_committed as f64);
    assert_eq!(value("doorward_store_batches_total "), 2.0);
    assert_eq!(value("doorward_store_batches_failed_total "), 1.0);
    assert_eq!(value("doorward_store_reads_total "), 3.0);
    assert!(!text.contains("hunter2") && !text.contains("nowhere"), "{text}");
}

#[tokio::test]
async fn readiness_follows_the_store_and_the_stop_and_tells_nobody_why() {
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let up = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let asked = up.clone();
    let health = Health::new(stopping, move || {
        let up = asked.load(std::sync::atomic::Ordering::Relaxed);
        async move { if up { Ok(()) } else { Err(anyhow::anyhow!("postgres://hunter2")) } }
    });
    let router = health.router();
    let ask = |path| {
        let router = router.clone();
        async move {
            let (parts, body): (Parts, String) = call(&router, "127.0.0.1", get(path), "").await;
            (Response::from_parts(parts, ()).status().as_u16(), body)
        }
    };
    assert_eq!(ask("/readyz").await, (200, "ready\n".to_owned()));
    up.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(ask("/readyz").await, (503, "not ready\n".to_owned()));
    assert_eq!(ask("/healthz").await, (200, "ok\n".to_owned()));
    up.store(true, std::sync::atomic::Ordering::Relaxed);
    stop.send_replace(true);
    assert_eq!(ask("/readyz").await, (503, "stopping\n".to_owned()));
}
