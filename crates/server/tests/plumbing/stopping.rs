//! The graceful stop.

use std::time::{Duration, Instant};

use doorward_server::listen::{ConnectionLimits, Stopped, signals};

use crate::toy::{limits, start};

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn what_is_in_flight_is_finished_and_nothing_new_is_taken() {
    // Idle connections must be closed by the stop, not by their own time.
    let patient = ConnectionLimits { header_read_timeout: Duration::from_secs(3600), ..limits() };
    let server = start(patient, LONG).await;
    let url = |port: u16, path: &str| format!("http://127.0.0.1:{port}{path}");
    let idle = reqwest::Client::new();
    assert_eq!(idle.get(url(server.http, "/page")).send().await.unwrap().status(), 200);
    let held = tokio::spawn(reqwest::get(url(server.http, "/hold")));
    server.hold.entered.notified().await;
    let ready = || reqwest::get(url(server.operations, "/readyz"));
    assert_eq!(ready().await.unwrap().status(), 200);

    server.stop.send(()).await.unwrap();
    let began = Instant::now();
    while reqwest::get(url(server.http, "/page")).await.is_ok() {
        assert!(began.elapsed() < LONG, "connections are still accepted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = ready().await.expect("operations stay until the end");
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (503, "stopping\n"));
    assert!(!server.stopped.is_finished());

    server.hold.release.notify_one();
    assert_eq!(held.await.unwrap().unwrap().text().await.unwrap(), "held");
    // The idle connection of the first client does not hold the stop up.
    assert_eq!(tokio::time::timeout(LONG, server.stopped).await.unwrap().unwrap(), Stopped::Drained);
}

#[tokio::test]
async fn the_deadline_ends_the_waiting() {
    let server = start(limits(), Duration::from_millis(200)).await;
    let held = tokio::spawn(reqwest::get(format!("http://127.0.0.1:{}/hold", server.http)));
    server.hold.entered.notified().await;
    server.stop.send(()).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, server.stopped).await.unwrap().unwrap(), Stopped::CutOff);
    held.await.unwrap().expect_err("its connection is gone");
}

#[tokio::test]
async fn a_cut_off_reaches_requests_of_http_2() {
    let server = start(limits(), Duration::from_millis(100)).await;
    let url = format!("http://127.0.0.1:{}/hold", server.http);
    // It must not give up by itself while the handler's end is waited for.
    let arguments = ["-sS", "--noproxy", "*", "--max-time", "60", "--http2-prior-knowledge", &url];
    let mut curl = std::process::Command::new("curl").args(arguments).stderr(std::process::Stdio::null()).spawn().unwrap();
    server.hold.entered.notified().await;
    server.stop.send(()).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, server.stopped).await.unwrap().unwrap(), Stopped::CutOff);
    let left = tokio::time::timeout(LONG, server.hold.left.notified()).await;
    curl.kill().unwrap();
    curl.wait().unwrap();
    left.expect("the handler still runs");
}

#[tokio::test]
async fn a_second_signal_ends_the_waiting() {
    let server = start(limits(), Duration::from_secs(3600)).await;
    let held = tokio::spawn(reqwest::get(format!("http://127.0.0.1:{}/hold", server.http)));
    server.hold.entered.notified().await;
    server.stop.send(()).await.unwrap();
    server.stop.send(()).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, server.stopped).await.unwrap().unwrap(), Stopped::CutOff);
    held.await.unwrap().expect_err("its connection is gone");
}

#[tokio::test]
#[cfg(unix)]
async fn sigterm_and_sigint_ask_for_a_stop() {
    let mut asked = signals().unwrap();
    for name in ["TERM", "INT"] {
        let kill = format!("kill -{name} {}", std::process::id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        tokio::time::timeout(LONG, asked.recv()).await.expect(name).expect(name);
    }
}
