//! The engine under every table: one SQL text for SQLite and PostgreSQL, reads as queries, writes as values.
//!
//! A use case reads, decides with a pure rule and submits one [`Batch`]; nothing asynchronous happens inside
//! a transaction, so none stays open while somebody waits for something else. A batch that was submitted runs
//! to its end even if nobody waits for the answer any more. Answers come only after the commit is durable.
//!
//! Rules for the shared SQL: columns are BIGINT, TEXT or BYTEA/BLOB; sums are cast (`CAST(SUM(n) AS BIGINT)`);
//! constraints are immediate, never deferred, because SQLite commits many batches together.

mod batch;
mod error;
mod migrate;
mod postgres;
mod sqlite;
mod url;
mod value;

use async_recursion::async_recursion;
use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

pub use batch::{Batch, Expect, Returned, Statement};
pub use error::{MigrationFault, StoreError};
pub use migrate::Migration;
pub use url::DatabaseUrl;
pub use value::{Column, Row, Value};

/// A connection inside an open transaction, without `await`. Same SQL dialect as everywhere: `$1`, `$2`, ….
pub trait SyncConn {
    /// Runs a statement that returns rows.
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError>;
    /// Runs a statement and counts the rows it changed.
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;
}

/// Work inside a grouped commit, see [`ConnectOptions::before_commit`].
pub type BeforeCommit = Arc<dyn Fn(&mut dyn SyncConn) -> Result<(), StoreError> + Send + Sync>;

/// How to connect. `Default` fits a small server.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Connections for reading.
    pub readers: usize,
    /// PostgreSQL: connections for writing. SQLite has one writer by nature.
    pub writers: usize,
    /// SQLite: batches that may wait for the writer before more are refused with [`StoreError::Busy`].
    pub queue: usize,
    /// SQLite: batches that may share one commit.
    pub group: usize,
    /// How long to wait for a lock or a free connection before [`StoreError::Busy`].
    pub wait: Duration,
    /// SQLite only: runs once in each grouped commit, after its batches and before COMMIT, on the same
    /// transaction. If it fails, the whole group fails. PostgreSQL has no grouped commit and never calls it.
    pub before_commit: Option<BeforeCommit>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { readers: 4, writers: 8, queue: 4096, group: 256, wait: Duration::from_secs(5), before_commit: None }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("readers", &self.readers)
            .field("writers", &self.writers)
            .field("queue", &self.queue)
            .field("group", &self.group)
            .field("wait", &self.wait)
            .field("before_commit", &self.before_commit.is_some())
            .finish()
    }
}

/// Counts since the connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Durable transactions. On SQLite many batches may share one.
    pub transactions_committed: u64,
    /// Batches answered, well or badly.
    pub batches: u64,
    /// Batches answered with an error.
    pub batches_failed: u64,
    /// Queries.
    pub reads: u64,
}

#[derive(Default)]
struct Counters {
    transactions_committed: AtomicU64,
    batches: AtomicU64,
    batches_failed: AtomicU64,
    reads: AtomicU64,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A database. Clones share it.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    counters: Arc<Counters>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("sqlite", &self.is_sqlite()).field("stats", &self.stats()).finish()
    }
}

impl Db {
    /// Opens the database and proves that it answers. Creates the file of an SQLite database.
    pub async fn connect(url: &DatabaseUrl, options: ConnectOptions) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let engine = match url {
            DatabaseUrl::Sqlite { path } => {
                Engine::Sqlite(sqlite::Sqlite::open(Some(path.clone()), options, counters.clone()).await?)
            }
            DatabaseUrl::Memory => Engine::Sqlite(sqlite::Sqlite::open(None, options, counters.clone()).await?),
            DatabaseUrl::Postgres { url } => Engine::Postgres(postgres::Postgres::open(url, &options, counters.clone()).await?),
        };
        Ok(Self { engine: Arc::new(engine), counters })
    }

    /// Reads. The connection refuses to write.
    pub async fn query(&self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.counters.reads.fetch_add(1, Relaxed);
        self.read(sql.into(), params).await
    }

    // Boxed, so that the engines are compiled here and not in each crate that reads.
    #[async_recursion]
    async fn read(&self, sql: Cow<'static, str>, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.query(sql, params).await,
            Engine::Postgres(engine) => engine.query(&sql, &params).await,
        }
    }

    /// Reads the first row, if there is one.
    pub async fn query_opt(&self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Writes all of the batch or nothing. Answers when it is durable.
    #[async_recursion]
    pub async fn commit(&self, batch: Batch) -> Result<Returned, StoreError> {
        let outcome = match &*self.engine {
            Engine::Sqlite(engine) => engine.commit(batch).await,
            Engine::Postgres(engine) => engine.commit(batch).await,
        };
        self.counters.batches.fetch_add(1, Relaxed);
        if outcome.is_err() {
            self.counters.batches_failed.fetch_add(1, Relaxed);
        }
        outcome
    }

    /// Brings the schema up to this binary. Safe when many nodes start at once. Returns how many migrations
    /// it applied; `applied_at` is noted with each.
    pub async fn migrate(&self, migrations: &[Migration], applied_at: i64) -> Result<usize, StoreError> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.migrate(migrations.to_vec(), applied_at).await,
            Engine::Postgres(engine) => engine.migrate(migrations, applied_at).await,
        }
    }

    /// Copies a running SQLite database to a new file, as of one moment. PostgreSQL has its own tools for this.
    pub async fn backup(&self, to: &std::path::Path) -> Result<(), StoreError> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.backup(to.to_owned()).await,
            Engine::Postgres(_) => Err(StoreError::Config("backup copies SQLite; use pg_dump for PostgreSQL".into())),
        }
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(&*self.engine, Engine::Sqlite(_))
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        Stats {
            transactions_committed: self.counters.transactions_committed.load(Relaxed),
            batches: self.counters.batches.load(Relaxed),
            batches_failed: self.counters.batches_failed.load(Relaxed),
            reads: self.counters.reads.load(Relaxed),
        }
    }

    /// Finishes what waits, writes everything into the main file and closes, for all clones. Afterwards every
    /// call answers [`StoreError::Unavailable`].
    pub async fn close(self) {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close(),
        }
    }
}
