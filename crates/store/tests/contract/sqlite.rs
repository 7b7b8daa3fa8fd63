//! What only SQLite promises: grouped commits, the hook inside them, and a writer that survives.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    mpsc::channel,
};

use doorward_store::{
    engine::{Batch, BeforeCommit, ConnectOptions, DatabaseUrl, Db, Migration, MigrationFault, StoreError},
    params,
};
use tokio::task::JoinSet;

use crate::database::Directory;

const INSERT: &str = "INSERT INTO item (id) VALUES ($1)";

async fn with_hook(url: &DatabaseUrl, queue: usize, before_commit: BeforeCommit) -> Db {
    let options = ConnectOptions { before_commit: Some(before_commit), queue, ..ConnectOptions::default() };
    let db = Db::connect(url, options).await.expect("connect");
    let tables = Batch::new()
        .run("CREATE TABLE item (id BIGINT PRIMARY KEY, data BLOB)", params![])
        .run("CREATE TABLE seal (items BIGINT)", params![]);
    db.commit(tables).await.expect("tables");
    db
}

async fn count(db: &Db, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    db.query(sql, params![]).await.expect("count")[0].int("n").expect("n")
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_arrive_together_share_a_commit() {
    let directory = Directory::create();
    let db = with_hook(&directory.url(), 4096, Arc::new(|_| Ok(()))).await;
    let before = db.stats();
    let mut tasks = JoinSet::new();
    for id in 0..500_i64 {
        let db = db.clone();
        tasks.spawn(async move { db.commit(Batch::new().run(INSERT, params![id])).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    let after = db.stats();
    let (batches, commits) = (after.batches - before.batches, after.transactions_committed - before.transactions_committed);
    assert_eq!((batches, count(&db, "item").await), (500, 500));
    assert!(commits * 2 < batches, "{commits} commits for {batches} batches");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hook_sees_the_whole_group_and_writes_with_it() {
    let directory = Directory::create();
    let calls = Arc::new(AtomicU64::new(0));
    let broken = Arc::new(AtomicBool::new(false));
    let hook: BeforeCommit = {
        let (calls, broken) = (calls.clone(), broken.clone());
        Arc::new(move |open| {
            calls.fetch_add(1, SeqCst);
            let rows = open.query("SELECT COUNT(*) AS n FROM item WHERE id >= $1", &params![0_i64])?;
            let items = rows[0].int("n")?;
            assert_eq!(open.execute("INSERT INTO seal (items) VALUES ($1)", &params![items])?, 1);
            if broken.load(SeqCst) { Err(StoreError::Sql("broken".to_owned())) } else { Ok(()) }
        })
    };
    let db = with_hook(&directory.url(), 4096, hook).await;
    let mut tasks = JoinSet::new();
    for id in 0..100_i64 {
        let db = db.clone();
        tasks.spawn(async move { db.commit(Batch::new().run(INSERT, params![id])).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    let sealed = db.query("SELECT MAX(items) AS n FROM seal", params![]).await.expect("seal");
    assert_eq!(sealed[0].int("n"), Ok(100));
    assert_eq!(calls.load(SeqCst), db.stats().transactions_committed);
    assert_eq!(count(&db, "seal").await, calls.load(SeqCst) as i64);

    broken.store(true, SeqCst);
    let outcome = db.commit(Batch::new().run(INSERT, params![1000_i64])).await;
    assert_eq!(outcome.unwrap_err(), StoreError::Sql("broken".to_owned()));
    assert_eq!(count(&db, "item").await, 100, "without its seal nothing is kept");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_inside_a_transaction_undoes_it_and_the_writer_lives_on() {
    let directory = Directory::create();
    let panics = Arc::new(AtomicBool::new(false));
    let hook: BeforeCommit = {
        let panics = panics.clone();
        Arc::new(move |_| {
            assert!(!panics.swap(false, SeqCst), "on purpose");
            Ok(())
        })
    };
    let db = with_hook(&directory.url(), 16, hook).await;
    panics.store(true, SeqCst);
    let outcome = db.commit(Batch::new().run(INSERT, params![1_i64])).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    db.commit(Batch::new().run(INSERT, params![2_i64])).await.expect("lives on");
    assert_eq!(count(&db, "item").await, 1);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_busy_and_close_finishes_what_waits() {
    let directory = Directory::create();
    let (entered, wait_entered) = channel();
    let (release, wait_release) = channel::<()>();
    let gate = Mutex::new(Some((entered, wait_release)));
    let armed = Arc::new(AtomicBool::new(false));
    let hook: BeforeCommit = {
        let armed = armed.clone();
        Arc::new(move |_| {
            if armed.load(SeqCst)
                && let Some((entered, release)) = gate.lock().unwrap().take()
            {
                entered.send(()).unwrap();
                release.recv().unwrap();
            }
            Ok(())
        })
    };
    let db = with_hook(&directory.url(), 2, hook).await;
    armed.store(true, SeqCst);
    let submit = |id: i64| {
        let db = db.clone();
        tokio::spawn(async move { db.commit(Batch::new().run(INSERT, params![id])).await })
    };
    let first = submit(1);
    tokio::task::spawn_blocking(move || wait_entered.recv().unwrap()).await.unwrap();
    // The writer is inside a commit; two may wait, of three more one is refused.
    let rest: Vec<_> = (2..5).map(submit).collect();
    while db.stats().batches_failed == 0 {
        tokio::task::yield_now().await;
    }
    let closing = tokio::spawn(db.clone().close());
    release.send(()).unwrap();
    closing.await.unwrap();
    first.await.unwrap().expect("first");
    let mut refused = 0;
    for task in rest {
        match task.await.unwrap() {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, StoreError::Busy);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 1);
    let again = Db::connect(&directory.url(), ConnectOptions::default()).await.expect("again");
    assert_eq!(count(&again, "item").await, 3);
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_batch_and_nothing_else() {
    let directory = Directory::create();
    let db = with_hook(&directory.url(), 4096, Arc::new(|_| Ok(()))).await;
    let pages = async |limit: i64| {
        let sql = format!("PRAGMA max_page_count = {limit}");
        db.commit(Batch::new().returning_any(sql, params![])).await.expect("limit");
    };
    pages(40).await;
    let mut tasks = JoinSet::new();
    for id in 0..100_i64 {
        let db = db.clone();
        tasks.spawn(async move {
            let sql = "INSERT INTO item (id, data) VALUES ($1, $2)";
            (id, db.commit(Batch::new().run(sql, params![id, vec![0_u8; 8192]])).await)
        });
    }
    let mut kept = 0;
    for (id, outcome) in tasks.join_all().await {
        let row = db.query_opt("SELECT id FROM item WHERE id = $1", params![id]).await.expect("read");
        assert_eq!(row.is_some(), outcome.is_ok(), "answer and disk disagree about {id}: {outcome:?}");
        match outcome {
            Ok(_) => kept += 1,
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}"),
        }
    }
    assert!(kept < 20, "the disk was never full");
    pages(10_000).await;
    db.commit(Batch::new().run(INSERT, params![1000_i64])).await.expect("there is room again");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_others_refer_to_can_be_rebuilt() {
    let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.expect("connect");
    let step = |version, sqlite| Migration { version, name: "step", sqlite, postgres: "" };
    let first = step(
        1,
        "CREATE TABLE parent (id BIGINT PRIMARY KEY); CREATE TABLE child (id BIGINT REFERENCES parent (id));
         INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1)",
    );
    let rebuild = step(
        2,
        "CREATE TABLE parent_new (id BIGINT PRIMARY KEY, name TEXT); INSERT INTO parent_new (id) SELECT id FROM parent;
         DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent",
    );
    assert_eq!(db.migrate(&[first, rebuild], 1).await, Ok(2));
    let orphan = Batch::new().run("INSERT INTO child VALUES (2)", params![]);
    assert_eq!(db.commit(orphan).await.unwrap_err(), StoreError::ForeignKey, "the keys are watched again");
    let bad = step(3, "DELETE FROM parent");
    let fault = MigrationFault::ForeignKey;
    assert_eq!(db.migrate(&[first, rebuild, bad], 1).await, Err(StoreError::Migration { version: 3, fault }));
    assert_eq!(count(&db, "parent").await, 1);
    let orphan = Batch::new().run("INSERT INTO child VALUES (2)", params![]);
    assert_eq!(db.commit(orphan).await.unwrap_err(), StoreError::ForeignKey);
    db.close().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::create();
    let db = with_hook(&directory.url(), 16, Arc::new(|_| Ok(()))).await;
    let files: Vec<_> = std::fs::read_dir(&directory.0).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 1, "the log stands beside the file");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
    db.close().await;
    let left = std::fs::read_dir(&directory.0).unwrap().count();
    assert_eq!(left, 1, "after close everything is in the main file");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_read_and_printed_without_its_password() {
    assert_eq!("sqlite::memory:".parse(), Ok(DatabaseUrl::Memory));
    for text in ["sqlite:/var/lib/d.db", "sqlite:///var/lib/d.db"] {
        assert_eq!(text.parse(), Ok(DatabaseUrl::Sqlite { path: "/var/lib/d.db".into() }));
    }
    let url: DatabaseUrl = "postgres://u:secret@h/d".parse().unwrap();
    assert!(!format!("{url} {url:?}").contains("secret"));
    for text in ["", "mysql://h/d", "sqlite:", "/var/lib/d.db"] {
        assert!(matches!(text.parse::<DatabaseUrl>(), Err(StoreError::Config(_))), "{text}");
    }
    for query in ["sslmode=maybe", "sslrootcert=/nowhere", "sslmode=verify-full&sslrootcert=/nowhere"] {
        let url = DatabaseUrl::Postgres { url: format!("postgres://u@127.0.0.1:1/d?{query}") };
        let outcome = Db::connect(&url, ConnectOptions::default()).await;
        assert!(matches!(outcome, Err(StoreError::Config(_))), "{query}: {outcome:?}");
    }
    let nobody = DatabaseUrl::Postgres { url: "postgres://u@127.0.0.1:1/d".to_owned() };
    let outcome = Db::connect(&nobody, ConnectOptions::default()).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_may_be_opened_by_many_at_once() {
    for _ in 0..40 {
        let directory = Directory::create();
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let url = directory.url();
            tasks.spawn(async move { Db::connect(&url, ConnectOptions::default()).await.map(drop) });
        }
        for outcome in tasks.join_all().await {
            assert_eq!(outcome, Ok(()));
        }
    }
}

/// One thread runs everything: what it does while a read lasts shows that the read is elsewhere.
#[tokio::test(flavor = "current_thread")]
async fn a_long_read_delays_nobody() {
    const COUNT: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) AS n FROM n";
    let directory = Directory::create();
    let db = Db::connect(&directory.url(), ConnectOptions { readers: 1, ..ConnectOptions::default() }).await.expect("connect");
    let ran = Arc::new(AtomicU64::new(0));
    let other = tokio::spawn({
        let ran = ran.clone();
        async move {
            loop {
                ran.fetch_add(1, SeqCst);
                tokio::task::yield_now().await;
            }
        }
    });
    // Short and long in turn, on one connection with one prepared statement: none is cut, whatever was counted before.
    for (rows, elsewhere) in [(10, false), (1_000_000, true), (10, false), (300, false), (1_000_000, true)] {
        tokio::task::yield_now().await;
        let before = ran.load(SeqCst);
        assert_eq!(db.query(COUNT, params![rows]).await.expect("count")[0].int("n").expect("n"), rows);
        assert_eq!(ran.load(SeqCst) > before, elsewhere, "{rows}");
    }
    other.abort();
    db.close().await;
}

#[tokio::test]
async fn plans_do_not_come_from_when_the_database_was_small() {
    let directory = Directory::create();
    let open = async || Db::connect(&directory.url(), ConnectOptions::default()).await.expect("connect");
    let row = |n: i64| Batch::new().run("INSERT INTO thing (id, owner, word) VALUES ($1, $2, $3)", params![n, n / 2, n]);
    let db = open().await;
    let table = "CREATE TABLE thing (id BIGINT PRIMARY KEY, owner BIGINT, word BIGINT, UNIQUE (owner, word))";
    db.commit(Batch::new().run(table, params![]).run("CREATE INDEX thing_of ON thing (owner, id)", params![]))
        .await
        .expect("table");
    db.commit(row(1)).await.expect("row");
    // The connection that closes looks at the tables that it searched.
    let touch = Batch::new().run("UPDATE thing SET word = word WHERE owner = $1 AND id > $2", params![0, 0]);
    db.commit(touch).await.expect("touch");
    db.close().await;
    let db = open().await;
    let statistics = db.query("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'", params![]).await.expect("schema");
    assert!(statistics.is_empty());
    db.close().await;
}
