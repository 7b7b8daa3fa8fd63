//! `doorward dev` as a child process, on free ports, with a data folder and a database of its own.

use crate::tenant::Tenant;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the server, and ends it when the standard input closes: so it ends with its tests, however they end.
const LEASH: &str = r#"exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3 >/dev/null; kill $server 2>/dev/null) & wait $server"#;

/// Where rows live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// A database of its own on the server that `DOORWARD_TEST_POSTGRES` names.
    Postgres,
}

impl Engine {
    /// The engines to test with. PostgreSQL is among them when `DOORWARD_TEST_POSTGRES` (`postgres://user@host:port/db`) names
    /// one; with `DOORWARD_REQUIRE_POSTGRES=1` its absence is a failure.
    pub fn available() -> Result<Vec<Self>> {
        if std::env::var_os("DOORWARD_TEST_POSTGRES").is_some() {
            return Ok(vec![Self::Sqlite, Self::Postgres]);
        }
        if std::env::var("DOORWARD_REQUIRE_POSTGRES").is_ok_and(|value| value == "1") {
            bail!("DOORWARD_REQUIRE_POSTGRES=1 but DOORWARD_TEST_POSTGRES is not set");
        }
        Ok(vec![Self::Sqlite])
    }

    /// Its name in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A running server. Dropping it stops it and removes its data.
pub struct DevServer {
    child: Child,
    binary: std::path::PathBuf,
    info: Value,
    address: SocketAddr,
    data: TempDir,
    _database: Option<PostgresDatabase>,
}

impl DevServer {
    /// Starts `binary` with a seed (the declarative file as JSON) and waits until it answers.
    pub async fn start(binary: &Path, engine: Engine, seed: &Value) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("doorward-http-").tempdir()?;
        let (info_file, seed_file, log_file) = (data.path().join("info.json"), data.path().join("seed.json"), data.path().join("log"));
        std::fs::write(&seed_file, serde_json::to_vec(seed)?)?;
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(PostgresDatabase::create().await?),
        };
        let mut command = Command::new("sh");
        command.args(["-c", LEASH, "leash"]).arg(binary).args(["dev", "--http-port", "0", "--https-port", "0"]);
        command.args(["--log", "warn", "--log-format", "json", "--metrics-port", "none", "--data-dir"]).arg(data.path().join("data"));
        command.arg("--info").arg(&info_file).arg("--seed").arg(&seed_file);
        if let Some(database) = &database {
            command.args(["--database", &database.url]);
        }
        let log = std::fs::File::create(&log_file)?;
        let mut child = command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).spawn().context("sh")?;
        let started = Instant::now();
        let info: Value = loop {
            if let Ok(text) = std::fs::read(&info_file) {
                break serde_json::from_slice(&text)?;
            }
            if child.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                bail!("the server did not start:\n{}", std::fs::read_to_string(&log_file).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let port = info["http_url"].as_str().and_then(|url| url.rsplit_once(':')?.1.parse().ok()).context("http_url")?;
        Ok(Self {
            child,
            binary: binary.to_owned(),
            info,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            data,
            _database: database,
        })
    }

    /// The tenant of the seed that has this slug and is served at `http://<host>`. Hosts need no name service: the browser
    /// and the relying party of the tenant know where to go.
    pub fn tenant(self: &Arc<Self>, slug: &str, host: &str) -> Tenant {
        Tenant::new(Arc::clone(self), slug.to_owned(), host.to_owned())
    }

    /// What the server wrote with `--info`.
    pub fn info(&self) -> &Value {
        &self.info
    }

    /// Where it listens for plain HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs another command of the binary on the data of this server and gives its output.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.binary).args(arguments).arg("--data-dir").arg(self.data.path().join("data")).output()?;
        if !output.status.success() {
            bail!("doorward {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What the server has logged so far, warnings and worse.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A database that goes away with its value.
struct PostgresDatabase {
    admin: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    async fn create() -> Result<Self> {
        let admin = std::env::var("DOORWARD_TEST_POSTGRES").context("DOORWARD_TEST_POSTGRES")?;
        let name = format!("doorward_http_{}", Uuid::new_v4().simple());
        run(&admin, &format!("CREATE DATABASE {name}")).await?;
        let mut url = url::Url::parse(&admin)?;
        url.set_path(&name);
        Ok(Self { url: url.into(), admin, name })
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (admin, sql) = (self.admin.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A value may be dropped inside and outside of a runtime; a thread of its own is neither.
        let done = std::thread::spawn(move || -> Result<()> {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&admin, &sql))
        });
        if !matches!(done.join(), Ok(Ok(()))) {
            eprintln!("the database {} was not removed", self.name);
        }
    }
}

async fn run(url: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("the PostgreSQL of DOORWARD_TEST_POSTGRES")?;
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.with_context(|| sql.to_owned())?;
    drop(client);
    connection.await??;
    Ok(())
}
