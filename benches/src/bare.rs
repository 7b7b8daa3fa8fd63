//! The bare server: the same HTTP library, the same bytes, nothing else. It runs as a process of its own, because CPU time is
//! counted by process; it is this very program, started with a hidden option.

use crate::http::{Ask, Connection};
use crate::process;
use crate::server::Server;
use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse as _;
use axum::routing::get;
use hyper::body::Bytes;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Serves files (`PATH=FILE`, the first line of a file being its headers as JSON) until its standard input ends.
pub async fn serve(files: &[String]) -> Result<()> {
    let mut router = Router::new();
    for entry in files {
        let (path, file) = entry.split_once('=').context("PATH=FILE")?;
        let content = std::fs::read(file)?;
        let end = content.iter().position(|byte| *byte == b'\n').context("no headers")?;
        let (head, body) = content.split_at(end);
        let mut headers = HeaderMap::new();
        for (name, value) in serde_json::from_slice::<Vec<(String, String)>>(head)? {
            headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(&value)?);
        }
        let body = Bytes::copy_from_slice(body.get(1..).unwrap_or_default());
        router = router.route(path, get(move || async move { (headers.clone(), Body::from(body.clone())).into_response() }));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let parent_is_gone = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        _ = parent_is_gone => {}
    }
    Ok(())
}

/// A running bare server.
pub struct Bare {
    child: Child,
    authority: String,
}

impl Bare {
    /// Starts one that answers what the server answers on these paths.
    pub async fn like(server: &Server, paths: &[&str], folder: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        for (n, path) in paths.iter().enumerate() {
            let reply = server.connect().send(Ask::get(*path)).await?.expect(200)?;
            let headers: Vec<(String, String)> = reply
                .headers
                .iter()
                .filter(|(name, _)| !["date", "content-length", "connection", "transfer-encoding"].contains(&name.as_str()))
                .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
                .collect();
            let mut content = serde_json::to_vec(&headers)?;
            content.push(b'\n');
            content.extend_from_slice(&reply.body);
            let file = folder.join(format!("bare-{n}"));
            std::fs::write(&file, content)?;
            command.arg("--bare").arg(format!("{path}={}", file.display()));
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(Self { child, authority: line.trim().to_owned() })
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::to(&self.authority)
    }

    /// Its CPU time so far.
    pub fn cpu(&self) -> Option<Duration> {
        process::cpu(self.child.id()).ok()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
