//! SQLite: a pool of readers and one writer thread over the same file in WAL mode.
//!
//! Memory-mapped reads stay off: an I/O error in a mapping kills the process, in a read it is an error.

mod statement;
mod writer;

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use deadpool::managed::{self, Metrics, PoolError, RecycleResult};
use rusqlite::{Connection, OpenFlags};
use tokio::{sync::oneshot, task::spawn_blocking};

use self::writer::{Job, Writer};
use super::{Batch, ConnectOptions, Counters, Migration, Returned, Row, StoreError, Value, migrate};

pub(super) use statement::{SqliteConn, failure};

/// Statements that stay prepared in the writer; a reader keeps fewer because there are several.
const WRITER_STATEMENTS: usize = 256;
const READER_STATEMENTS: usize = 128;

/// A read may take this many spans of SQLite's machine (steps of some tens of nanoseconds) on the thread that asks. One that takes more
/// is stopped and begun again on a thread of its own, so that a long list delays nobody else. A prepared statement counts on from its
/// last use: the first span may be short, hence more than one.
const SHORT_READ_SPANS: u32 = 3;
const SPAN: i32 = 2_000;
/// No limit.
const ENDLESS: u32 = u32::MAX;

pub(super) struct Sqlite {
    readers: managed::Pool<Readers>,
    /// `None` only while being dropped.
    jobs: Option<SyncSender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    temporary: bool,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the file, or one of its own when there is no path.
    pub(super) async fn open(
        path: Option<PathBuf>,
        options: ConnectOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let temporary = path.is_none();
        let (path, directory) = match path {
            Some(path) => (path, None),
            None => {
                let directory = TemporaryDirectory::create().map_err(unavailable)?;
                (directory.0.join("doorward.db"), Some(directory))
            }
        };
        let wait = options.wait;
        let connection = spawn_blocking({
            let path = path.clone();
            move || open_writer(&path, wait, temporary)
        })
        .await
        .map_err(unavailable)??;

        let readers = managed::Pool::builder(Readers { path: path.clone(), wait })
            .max_size(options.readers.max(1))
            .wait_timeout(Some(wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(unavailable)?;
        drop(readers.get().await.map_err(pool_failure)?);

        let (jobs, waiting) = sync_channel(options.queue.max(1));
        let writer = Writer {
            connection,
            jobs: waiting,
            group: options.group.max(1),
            before_commit: options.before_commit,
            counters,
            directory,
        };
        let thread =
            std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || writer.run()).map_err(unavailable)?;
        Ok(Self { readers, jobs: Some(jobs), thread: Mutex::new(Some(thread)), temporary, path })
    }

    pub(super) async fn query(&self, sql: Cow<'static, str>, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let reader = self.readers.get().await.map_err(pool_failure)?;
        // Most reads take less time than a change of threads would.
        reader.patience.store(SHORT_READ_SPANS, Relaxed);
        match statement::query(&reader.connection, &sql, &params) {
            Err(_) if reader.patience.load(Relaxed) == 0 => {
                reader.patience.store(ENDLESS, Relaxed);
                spawn_blocking(move || statement::query(&reader.connection, &sql, &params)).await.map_err(unavailable)?
            }
            answer => answer,
        }
    }

    pub(super) async fn commit(&self, batch: Batch) -> Result<Returned, StoreError> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.try_send(Job::Commit { batch, reply }).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => closed(),
        })?;
        answer.await.map_err(|_| closed())?
    }

    pub(super) async fn migrate(&self, migrations: Vec<Migration>, applied_at: i64) -> Result<usize, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Run(Box::new(move |connection| {
            // Nobody listens any more when the caller went away; the schema is up to date all the same.
            let _ = reply.send(migrate::sqlite(connection, &migrations, applied_at));
        })))
        .await?;
        answer.await.map_err(|_| closed())?
    }

    /// Copies the database, as of one moment, to a file that does not exist yet. On a connection of its own: the writer must
    /// not wait for it, and the readers may not write.
    pub(super) async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        let from = self.path.clone();
        spawn_blocking(move || {
            create_private(&to).map_err(unavailable)?;
            let connection =
                Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                    .map_err(unavailable)?;
            connection.execute("VACUUM INTO ?1", [to.display().to_string()]).map(|_| ()).map_err(unavailable)
        })
        .await
        .map_err(unavailable)?
    }

    pub(super) async fn close(&self) {
        self.readers.close();
        let (reply, answer) = oneshot::channel();
        if self.submit(Job::Close(reply)).await.is_ok() {
            // An error means that the writer had stopped before.
            let _ = answer.await;
        }
    }

    /// Waits for room in the queue, unlike a commit.
    async fn submit(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.clone().ok_or_else(closed)?;
        spawn_blocking(move || jobs.send(job).map_err(|_| closed())).await.map_err(unavailable)?
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.jobs = None;
        if self.temporary
            && let Ok(mut thread) = self.thread.lock()
            && let Some(thread) = thread.take()
        {
            // The writer removes its directory last; leaving earlier would litter the disk of a test machine.
            let _ = thread.join();
        }
    }
}

/// A connection that reads.
struct Reader {
    connection: Connection,
    /// How many spans of [`SPAN`] steps are left before the read is interrupted; at 0 it was.
    patience: Arc<AtomicU32>,
}

/// Makes reading connections.
struct Readers {
    path: PathBuf,
    wait: Duration,
}

impl managed::Manager for Readers {
    type Type = Reader;
    type Error = StoreError;

    async fn create(&self) -> Result<Reader, StoreError> {
        let (path, wait) = (self.path.clone(), self.wait);
        spawn_blocking(move || open_reader(&path, wait)).await.map_err(unavailable)?
    }

    /// A file does not hang up, so a used connection is as good as a new one.
    async fn recycle(&self, _: &mut Reader, _: &Metrics) -> RecycleResult<StoreError> {
        Ok(())
    }
}

fn open_writer(path: &Path, wait: Duration, temporary: bool) -> Result<Connection, StoreError> {
    create_private(path).map_err(unavailable)?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(failure)?;
    connection.busy_timeout(wait).map_err(failure)?;
    let mode = enter_wal(&connection, wait)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable("the file system cannot keep a write-ahead log".to_owned()));
    }
    // FULL makes each COMMIT durable. A temporary database has nothing to keep.
    let synchronous = if temporary { "OFF" } else { "FULL" };
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 33554432"
        ))
        .map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(WRITER_STATEMENTS);
    Ok(connection)
}

/// Changing the mode of a new file fails at once, whatever the busy timeout, when another process does the same.
fn enter_wal(connection: &Connection, wait: Duration) -> Result<String, StoreError> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failure);
        if mode != Err(StoreError::Busy) || waited >= wait {
            return mode;
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

fn open_reader(path: &Path, wait: Duration) -> Result<Reader, StoreError> {
    // Not SQLITE_OPEN_READ_ONLY: a reader of a WAL database keeps its marks in the shared index file.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(failure)?;
    connection.busy_timeout(wait).map_err(failure)?;
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -2048; PRAGMA mmap_size = 0",
        )
        .map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(READER_STATEMENTS);
    let patience = Arc::new(AtomicU32::new(ENDLESS));
    connection
        .progress_handler(
            SPAN,
            Some({
                let patience = patience.clone();
                move || {
                    let left = patience.load(Relaxed);
                    left != ENDLESS && {
                        let left = left.saturating_sub(1);
                        patience.store(left, Relaxed);
                        left == 0
                    }
                }
            }),
        )
        .map_err(failure)?;
    Ok(Reader { connection, patience })
}

/// The file holds keys and personal data: only its owner may read it. SQLite gives the files beside it the same mode.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A directory that goes away with its value.
struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn create() -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        loop {
            let name = format!("doorward-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
            let path = std::env::temp_dir().join(name);
            match builder.create(&path) {
                // Left behind by a process that had our number before us.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                outcome => return outcome.map(|()| Self(path)),
            }
        }
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // Nothing better to do about a temporary file that cannot be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn pool_failure(error: PoolError<StoreError>) -> StoreError {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(_) => StoreError::Busy,
        PoolError::Closed => closed(),
        error => unavailable(error),
    }
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn closed() -> StoreError {
    StoreError::Unavailable("closed".to_owned())
}
