//! Migrations: forward only, the same history everywhere, safe when nodes start together.

use doorward_store::{
    engine::{Batch, ConnectOptions, Db, Migration, MigrationFault, StoreError},
    params,
};
use tokio::task::JoinSet;

use crate::database::{each, each_address};

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    sqlite: "CREATE TABLE a (id BIGINT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n-- ; a comment\n",
    postgres: "CREATE TABLE a (id BIGINT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n-- ; a comment\n",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    sqlite: "CREATE TABLE b (id BIGINT); INSERT INTO a VALUES (2);",
    postgres: "CREATE TABLE b (id BIGINT); INSERT INTO a VALUES (2);",
};
const BROKEN: Migration = Migration {
    version: 3,
    name: "broken",
    sqlite: "CREATE TABLE c (id BIGINT); INSERT INTO nowhere VALUES (1);",
    postgres: "CREATE TABLE c (id BIGINT); INSERT INTO nowhere VALUES (1);",
};

async fn ids(db: &Db) -> Vec<i64> {
    let rows = db.query("SELECT id FROM a ORDER BY id", params![]).await.expect("a");
    rows.iter().map(|row| row.int("id").expect("id")).collect()
}

fn refusal(version: i64, fault: MigrationFault) -> Result<usize, StoreError> {
    Err(StoreError::Migration { version, fault })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_runs_once() {
    each(async |db| {
        assert_eq!(db.migrate(&[FIRST], 10).await, Ok(1));
        assert_eq!(db.migrate(&[FIRST], 11).await, Ok(0));
        assert_eq!(db.migrate(&[FIRST, SECOND], 12).await, Ok(1));
        assert_eq!(db.migrate(&[FIRST, SECOND], 13).await, Ok(0));
        assert_eq!(ids(&db).await, [1, 2]);
        let sql = "SELECT version, name, applied_at FROM schema_migration ORDER BY version";
        let rows = db.query(sql, params![]).await.expect("history");
        let history: Vec<_> = rows
            .iter()
            .map(|row| (row.int("version").unwrap(), row.text("name").unwrap(), row.int("applied_at").unwrap()))
            .collect();
        assert_eq!(history, [(1, "first".to_owned(), 10), (2, "second".to_owned(), 12)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_history_is_refused_and_nothing_is_touched() {
    each(async |db| {
        assert_eq!(db.migrate(&[FIRST, SECOND], 1).await, Ok(2));
        let edited = Migration { sqlite: "SELECT 1", postgres: "SELECT 1", ..FIRST };
        assert_eq!(db.migrate(&[edited, SECOND], 2).await, refusal(1, MigrationFault::ChecksumChanged));
        assert_eq!(db.migrate(&[FIRST], 2).await, refusal(2, MigrationFault::DatabaseNewer));
        let older = Migration { version: 0, ..BROKEN };
        assert_eq!(db.migrate(&[older, FIRST, SECOND], 2).await, refusal(0, MigrationFault::OutOfOrder));
        assert_eq!(db.migrate(&[FIRST, SECOND, SECOND], 2).await, refusal(2, MigrationFault::OutOfOrder));
        // A checkout with other line ends is the same text.
        let carriage = "CREATE TABLE a (id BIGINT PRIMARY KEY);\r\nINSERT INTO a VALUES (1);\r\n-- ; a comment\r\n";
        let windows = Migration { sqlite: carriage, postgres: carriage, ..FIRST };
        assert_eq!(db.migrate(&[windows, SECOND], 2).await, Ok(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_one_leaves_nothing_behind() {
    each(async |db| {
        assert!(matches!(db.migrate(&[FIRST, SECOND, BROKEN], 1).await, Err(StoreError::Sql(_))));
        assert_eq!(ids(&db).await, [1, 2], "those before it stay");
        assert!(db.query("SELECT id FROM c", params![]).await.is_err(), "half of it stays");
        // Here it is the note of it that fails.
        let forgetful = "CREATE TABLE c (id BIGINT); DROP TABLE schema_migration";
        let forgetful = Migration { sqlite: forgetful, postgres: forgetful, ..BROKEN };
        assert!(matches!(db.migrate(&[FIRST, SECOND, forgetful], 1).await, Err(StoreError::Sql(_))));
        assert!(db.query("SELECT id FROM c", params![]).await.is_err(), "a migration without its note stays");
        let fixed = Migration { sqlite: "CREATE TABLE c (id BIGINT)", postgres: "CREATE TABLE c (id BIGINT)", ..BROKEN };
        assert_eq!(db.migrate(&[FIRST, SECOND, fixed], 2).await, Ok(1));
        db.commit(Batch::new().run("INSERT INTO c (id) VALUES (1)", params![])).await.expect("writes go on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_together_migrate_once() {
    each_address(async |url| {
        let mut nodes = JoinSet::new();
        for _ in 0..6 {
            let url = url.clone();
            nodes.spawn(async move {
                let db = Db::connect(&url, ConnectOptions::default()).await.expect("connect");
                let applied = db.migrate(&[FIRST, SECOND], 1).await.expect("migrate");
                assert_eq!(ids(&db).await, [1, 2]);
                db.close().await;
                applied
            });
        }
        assert_eq!(nodes.join_all().await.iter().sum::<usize>(), 2);
    })
    .await;
}
