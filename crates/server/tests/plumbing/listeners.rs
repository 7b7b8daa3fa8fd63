//! Sockets, TLS and limits, by real clients.

use std::process::Command;
use std::time::{Duration, Instant};

use doorward_server::listen::{Bound, ConnectionLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::toy::{self, Running, limits, start};

const LONG: Duration = Duration::from_secs(10);

async fn run(program: &str, arguments: Vec<String>) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

async fn curl(server: &Running, arguments: &[&str]) -> String {
    let ca = server.ca_file.display().to_string();
    let fixed = ["-sS", "--max-time", "10", "--noproxy", "*", "--cacert", &ca, "-w", " HTTP/%{http_version}"];
    run("curl", fixed.iter().chain(arguments).map(|a| (*a).to_owned()).collect()).await
}

async fn ask(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn both_schemes_both_versions_both_loopbacks() {
    let server = start(limits(), LONG).await;
    let (http, https) = (server.http, server.https);
    for (arguments, scheme, peer, version, port) in [
        (vec!["-4"], "http", "127.0.0.1", "1.1", http),
        (vec!["-6"], "http", "::1", "1.1", http),
        (vec!["-4", "--http2-prior-knowledge"], "http", "127.0.0.1", "2", http),
        (vec!["-4", "--http1.1"], "https", "127.0.0.1", "1.1", https),
        (vec!["-6", "--http2"], "https", "::1", "2", https),
    ] {
        let url = format!("{scheme}://localhost:{port}/seen");
        let mut all = arguments.clone();
        all.push(&url);
        let said = curl(&server, &all).await;
        assert_eq!(said, format!("{scheme} {peer} {peer} localhost:{port} HTTP/{version}"), "{arguments:?}");
    }
}

#[tokio::test]
async fn openssl_curl_and_rustls_trust_the_local_ca_and_no_other_name() {
    let server = start(limits(), LONG).await;
    let port = server.https;
    let ca = server.ca_file.display().to_string();
    let connect = format!("127.0.0.1:{port}");
    let s_client = |name: &str| {
        ["s_client", "-connect", &connect, "-servername", name, "-verify_hostname", name, "-CAfile", &ca, "-verify_return_error"]
            .map(str::to_owned)
            .to_vec()
    };
    let said = run("openssl", s_client("doorward.test")).await;
    assert!(said.contains("Verification: OK"), "{said}");
    let said = run("openssl", s_client("other.test")).await;
    assert!(said.contains("hostname mismatch"), "{said}");

    let resolve = format!("doorward.test:{port}:127.0.0.1");
    let url = format!("https://doorward.test:{port}/seen");
    let said = curl(&server, &["--resolve", &resolve, &url]).await;
    assert!(said.starts_with("https 127.0.0.1"), "{said}");
    let resolve = format!("other.test:{port}:127.0.0.1");
    let said = curl(&server, &["--resolve", &resolve, &format!("https://other.test:{port}/seen")]).await;
    assert!(said.contains("SSL"), "{said}");

    let pem = std::fs::read(&server.ca_file).unwrap();
    let trusting =
        reqwest::Client::builder().tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()]).no_proxy().build().unwrap();
    let url = format!("https://localhost:{port}/seen");
    assert_eq!(trusting.get(&url).send().await.unwrap().status(), 200);
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    stranger.get(&url).send().await.expect_err("the CA is not trusted by default");
}

#[tokio::test]
async fn a_slow_client_is_cut_off_whatever_it_has_sent() {
    let server = start(limits(), LONG).await;
    for (what, port, sent) in [
        ("nothing", server.http, &b""[..]),
        ("half a request", server.http, b"GET /seen HTTP/1.1\r\nHost: local"),
        ("half an HTTP/2 preface", server.http, b"PRI * HT"),
        ("a whole preface and no request", server.http, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        ("no TLS hello", server.https, b""),
        ("half a TLS hello", server.https, b"\x16\x03\x01\x02\0\x01"),
    ] {
        let began = Instant::now();
        let said = ask(port, sent).await;
        assert!(began.elapsed() >= Duration::from_millis(250), "{what}: cut too early");
        assert!(began.elapsed() < LONG, "{what}: kept for {:?}", began.elapsed());
        assert!(!said.contains("200 OK"), "{what}: {said}");
    }
}

#[tokio::test]
async fn a_request_that_takes_longer_than_the_header_timeout_is_answered() {
    let server = start(limits(), LONG).await;
    let hold = server.hold.clone();
    tokio::spawn(async move {
        hold.entered.notified().await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        hold.release.notify_one();
    });
    let said = ask(server.http, b"GET /hold HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(said.ends_with("held"), "{said}");
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let server = start(limits(), LONG).await;
    let request = |lines: &str| format!("GET /seen HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n");
    let said = ask(server.http, request(&"A: b\r\n".repeat(10)).as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let said = ask(server.http, request(&"A: b\r\n".repeat(30)).as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
    let said = ask(server.http, request(&format!("A: {}\r\n", "b".repeat(9000))).as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let one = ConnectionLimits { max_connections: 1, header_read_timeout: LONG, ..limits() };
    let server = start(one, LONG).await;
    let url = |port| format!("http://127.0.0.1:{port}/seen");
    let first = TcpStream::connect(("127.0.0.1", server.http)).await.unwrap();
    // The listener for operations has a gate of its own.
    let health = format!("http://127.0.0.1:{}/healthz", server.operations);
    assert!(curl(&server, &[&health]).await.starts_with("ok"));
    let waiting = tokio::time::timeout(Duration::from_millis(400), reqwest::get(url(server.http))).await;
    assert!(waiting.is_err(), "the second connection was served beside the first");
    drop(first);
    let answered = tokio::time::timeout(LONG, reqwest::get(url(server.http))).await.expect("its turn came");
    assert_eq!(answered.unwrap().status(), 200);
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let bound = Bound::localhost(0).await.unwrap();
    let port = bound.port().unwrap();
    let error = Bound::localhost(port).await.unwrap_err().to_string();
    assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
    assert_eq!(bound.local_addresses().len(), 2, "this machine has an IPv6 loopback");

    // The IPv4 half of a port that is taken on IPv6 may happen to be another program's: then another port is tried.
    let mut error = String::new();
    for _ in 0..50 {
        let taken = Bound::addresses(&["[::1]:0".parse().unwrap()]).await.unwrap();
        let port = taken.port().unwrap();
        error = Bound::localhost(port).await.unwrap_err().to_string();
        if error.contains(&format!("[::1]:{port}")) {
            return;
        }
    }
    panic!("another program would get half of the browsers: {error}");
}

#[tokio::test]
async fn certificates_are_replaced_while_serving() {
    use doorward_server::{ca::LocalCa, certificates::Certificates};
    let data = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(data.path(), toy::now()).unwrap();
    let files = ca.leaf(&[], toy::now()).unwrap();
    let certificates = Certificates::load(vec![files]).unwrap();
    let watching = tokio::spawn(certificates.clone().watch(Duration::from_millis(50)));
    let tls = certificates.server_config().unwrap();
    let bound = Bound::localhost(0).await.unwrap();
    let port = bound.port().unwrap();
    let mut server = doorward_server::listen::Server::new(limits());
    server.https(bound, toy::router(&toy::Hold::default()), tls);
    let (_stop, asked) = tokio::sync::mpsc::channel(1);
    let stopping = doorward_server::listen::Stopping { delay: Duration::ZERO, deadline: LONG };
    let serving = tokio::spawn(server.run(asked, stopping));

    let ca_file = ca.certificate_file().display().to_string();
    let ask = |name: &str| {
        let arguments =
            ["-sS", "--noproxy", "*", "--cacert", &ca_file, "--resolve", &format!("{name}:{port}:127.0.0.1")].map(str::to_owned);
        let mut arguments = arguments.to_vec();
        arguments.push(format!("https://{name}:{port}/page"));
        run("curl", arguments)
    };
    assert!(ask("new.test").await.contains("SSL"));
    // The watcher must have looked once before the files change.
    tokio::time::sleep(Duration::from_millis(20)).await;
    ca.leaf(&["new.test".to_owned()], toy::now()).unwrap();
    let began = Instant::now();
    while !ask("new.test").await.contains("hello") {
        assert!(began.elapsed() < LONG, "the new certificate is not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    watching.abort();
    serving.abort();
}
