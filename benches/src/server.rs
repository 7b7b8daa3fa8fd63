//! The server under measurement: started, waited for, asked for its counters, stopped.

use crate::http::{Ask, Connection};
use crate::process;
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The password of every person that the driver's seed makes.
pub const PASSWORD: &str = "plum harbour lantern 58";
/// Longest wait for a start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the driver needs of the info file.
#[derive(Debug, Clone, Deserialize)]
pub struct Info {
    /// Base address.
    pub http_url: String,
    /// Metrics.
    pub metrics_url: Option<String>,
    /// Key for the management API.
    pub admin_api_key: String,
    /// The seeded application.
    pub standard: Application,
}

/// An application.
#[derive(Debug, Clone, Deserialize)]
pub struct Application {
    /// Id.
    pub client_id: String,
    /// Secret.
    pub client_secret: String,
    /// Callbacks.
    pub redirect_uris: Vec<String>,
}

impl Info {
    /// Reads it, and refuses whatever is not on this machine.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let info: Self = serde_json::from_slice(&text)?;
        for url in [Some(&info.http_url), info.metrics_url.as_ref()].into_iter().flatten() {
            let url = url::Url::parse(url)?;
            let host = url.host_str().unwrap_or_default();
            ensure!(["localhost", "127.0.0.1", "[::1]"].contains(&host), "{host}: only a server on this machine is measured");
        }
        Ok(info)
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        authority(&self.http_url)
    }
}

fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// How long a start took.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Until the info file was there.
    pub info: Duration,
    /// Until `/readyz` said yes.
    pub ready: Duration,
}

/// A running server.
pub struct Server {
    /// What it told.
    pub info: Info,
    /// Its process, when known.
    pub pid: Option<u32>,
    /// How long it took to start.
    pub start: Option<Start>,
    child: Option<Child>,
}

/// The binary that is measured: the one named, or the one beside this program.
pub fn binary(named: Option<&Path>) -> Result<PathBuf> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("doorward"),
    };
    ensure!(
        path.exists(),
        "{} is not there: build it first (cargo build --release -p doorward-server), or name one with --server",
        path.display()
    );
    Ok(path)
}

/// Seed of the measurements: passwords allowed, and people who have one.
pub fn write_seed(path: &Path, people: u64) -> Result<()> {
    let users: Vec<_> = (0..people)
        .map(|n| {
            json!({ "email": password_person(n), "email_verified": true, "name": format!("Person {n}"), "password": PASSWORD })
        })
        .collect();
    let seed = json!({ "tenant": [{ "slug": "default", "policy": { "password": { "enabled": true } }, "user": users }] });
    std::fs::write(path, seed.to_string())?;
    Ok(())
}

/// The address of the n-th person with a password.
pub fn password_person(n: u64) -> String {
    format!("password-{n}@bench.example")
}

impl Server {
    /// Starts one on free ports with its data in `folder`.
    pub async fn start(binary: &Path, folder: &Path, database: Option<&str>, seed: Option<&Path>) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let info_file = folder.join("info.json");
        _ = std::fs::remove_file(&info_file);
        let log = std::fs::File::create(folder.join("server.log"))?;
        let mut command = Command::new(binary);
        command.args(["dev", "--http-port", "0", "--https-port", "0", "--log", "warn", "--log-format", "json"]);
        command.arg("--data-dir").arg(folder.join("data")).arg("--info").arg(&info_file);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        if let Some(seed) = seed {
            command.arg("--seed").arg(seed);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let begun = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        while !info_file.exists() {
            if let Some(status) = child.try_wait()? {
                let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
                bail!("the server stopped ({status}): {log}");
            }
            ensure!(begun.elapsed() < PATIENCE, "the server did not start");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let told = begun.elapsed();
        // Held from here on, so that a failure below stops the process too.
        let mut server = Self { info: Info::read(&info_file)?, pid: Some(child.id()), start: None, child: Some(child) };
        let mut connection = Connection::to(&server.info.authority());
        while !matches!(connection.send(Ask::get("/readyz")).await, Ok(reply) if reply.status == 200) {
            ensure!(begun.elapsed() < PATIENCE, "the server does not get ready");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.start = Some(Start { info: told, ready: begun.elapsed() });
        Ok(server)
    }

    /// One that runs already, and goes on running.
    pub fn running(info: &Path, pid: Option<u32>) -> Result<Self> {
        Ok(Self { info: Info::read(info)?, pid, start: None, child: None })
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::to(&self.info.authority())
    }

    /// Its CPU time so far.
    pub fn cpu(&self) -> Option<Duration> {
        self.pid.and_then(|pid| process::cpu(pid).ok())
    }

    /// What its database did so far.
    pub async fn counters(&self) -> Result<Option<Counters>> {
        let Some(url) = &self.info.metrics_url else { return Ok(None) };
        let reply = Connection::to(&authority(url)).send(Ask::get("/metrics")).await?.expect(200)?;
        let text = reply.text();
        let value = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            Ok(line.with_context(|| format!("no {name} in the metrics"))?.trim().parse()?)
        };
        Ok(Some(Counters {
            transactions: value("doorward_store_transactions_total")?,
            batches: value("doorward_store_batches_total")?,
            reads: value("doorward_store_reads_total")?,
        }))
    }

    /// Asks it to stop and waits for it.
    pub async fn stop(mut self) -> Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        // The standard library knows only how to kill, and a stop must close the database.
        Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().context("cannot run kill")?;
        let begun = Instant::now();
        while child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < PATIENCE, "the server does not stop");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.child = None;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// Counters of the database.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    /// Durable transactions.
    pub transactions: f64,
    /// Batches.
    pub batches: f64,
    /// Queries.
    pub reads: f64,
}

impl Counters {
    /// The difference for each of `n` flows.
    #[must_use]
    pub fn each(self, before: Self, n: f64) -> Self {
        Self {
            transactions: (self.transactions - before.transactions) / n,
            batches: (self.batches - before.batches) / n,
            reads: (self.reads - before.reads) / n,
        }
    }
}
