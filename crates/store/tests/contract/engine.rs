//! What a use case may rely on, whichever engine is below.

use std::time::Duration;

use doorward_store::{
    engine::{Batch, ConnectOptions, Db, Expect, StoreError, Value},
    params,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::database::{each, each_address};

async fn run(db: &Db, sql: &'static str) {
    db.commit(Batch::new().run(sql, params![])).await.expect(sql);
}

async fn count(db: &Db, table: &str) -> i64 {
    let rows = db.query(format!("SELECT COUNT(*) AS n FROM {table}"), params![]).await.expect("count");
    rows[0].int("n").expect("n")
}

/// Blobs have another name on each engine; migrations have two files, tests have this.
fn blob(db: &Db) -> &'static str {
    if db.is_sqlite() { "BLOB" } else { "BYTEA" }
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_nulls_make_the_round_trip() {
    each(async |db| {
        let table = format!("CREATE TABLE item (i BIGINT, t TEXT, b {})", blob(&db));
        db.commit(Batch::new().run(table, params![])).await.expect("table");
        let insert = "INSERT INTO item (i, t, b) VALUES ($1, $2, $3)";
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let texts = ["", "it's $1", "ü–\u{10348}"];
        for (int, text) in [i64::MIN, 0, i64::MAX].into_iter().zip(texts) {
            let batch = Batch::new().run(insert, params![int, text, id]);
            db.commit(batch).await.expect("insert");
        }
        let nulls = params![None::<i64>, None::<String>, None::<Uuid>];
        db.commit(Batch::new().run(insert, nulls)).await.expect("nulls");

        let rows = db.query("SELECT i, t, b FROM item WHERE i IS NOT NULL ORDER BY i", params![]).await.expect("rows");
        let ints: Vec<_> = rows.iter().map(|row| row.int("i").expect("i")).collect();
        assert_eq!(ints, [i64::MIN, 0, i64::MAX]);
        let read: Vec<_> = rows.iter().map(|row| row.text("t").expect("t")).collect();
        assert_eq!(read, texts);
        assert_eq!(rows[0].uuid("b"), Ok(id));
        assert_eq!(rows[0].bytes("b"), Ok(id.as_bytes().to_vec()));

        let sql = "SELECT i, t, b FROM item WHERE i IS NULL";
        let row = db.query_opt(sql, params![]).await.expect("query").expect("row");
        assert_eq!((row.opt_int("i"), row.opt_text("t"), row.opt_bytes("b")), (Ok(None), Ok(None), Ok(None)));
        assert_eq!(row.opt_uuid("b"), Ok(None));
        let wrong = |column: &str| StoreError::Type { column: column.to_owned() };
        assert_eq!(row.int("i"), Err(wrong("i")), "NULL where a number must be");
        assert_eq!(row.uuid("b"), Err(wrong("b")));
        assert_eq!(rows[0].text("i"), Err(wrong("i")), "a number is not a text");
        assert_eq!(rows[0].opt_int("t"), Err(wrong("t")));
        assert_eq!(rows[0].opt_int("nothing"), Err(wrong("nothing")));
        assert_eq!(rows[0].flag("i"), Err(wrong("i")), "neither yes nor no");

        assert!(db.query_opt("SELECT i FROM item WHERE i = $1", params![7_i64]).await.expect("query").is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_mean_the_same_wherever_they_stand() {
    each(async |db| {
        let sql = "SELECT $2 AS second, $1 AS first, $2 AS again, '$1' AS literal, (1 = 1) AS yes,
                          CAST(SUM($3) AS BIGINT) AS total, $4 AS bytes, $5 AS none_given";
        let values = params!["one", "two", true, [1_u8, 2].as_slice(), None::<&str>];
        let row = db.query_opt(sql, values).await.expect("query").expect("row");
        assert_eq!(row.text("first").as_deref(), Ok("one"));
        assert_eq!(row.text("second").as_deref(), Ok("two"));
        assert_eq!(row.text("again").as_deref(), Ok("two"));
        assert_eq!(row.text("literal").as_deref(), Ok("$1"));
        assert_eq!(row.flag("yes"), Ok(true));
        assert_eq!(row.int("total"), Ok(1));
        assert_eq!(row.bytes("bytes"), Ok(vec![1, 2]));
        assert_eq!(row.opt_text("none_given"), Ok(None));

        let missing = db.query("SELECT $1 AS a, $2 AS b", params!["one"]).await;
        assert!(matches!(missing, Err(StoreError::Sql(_))), "{missing:?}");
        let nonsense = db.query("SELEKT", params![]).await;
        assert!(matches!(nonsense, Err(StoreError::Sql(_))), "{nonsense:?}");
    })
    .await;
}

#[test]
fn debugging_prints_no_values() {
    let values = params!["secret", [7_u8; 3], 42_i64, None::<String>];
    assert_eq!(format!("{values:?}"), "[Text(6), Bytes(3), Int, NULL]");
    assert_eq!(values[2], Value::Int(Some(42)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_guard_undoes_its_batch_and_no_other() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT PRIMARY KEY)").await;
        let mut tasks = JoinSet::new();
        for id in 0..100_i64 {
            let db = db.clone();
            tasks.spawn(async move {
                let mut batch = Batch::new().run("INSERT INTO item (id) VALUES ($1)", params![id]);
                if id % 2 == 1 {
                    let sql = "UPDATE item SET id = id WHERE id = $1";
                    batch = batch.expect(sql, params![-1_i64], Expect::Rows(1), "item exists");
                }
                // What comes after a failed guard must not happen either, nor hide it.
                batch = batch.run("INSERT INTO item (id) VALUES ($1)", params![id + 1000]);
                (id, db.commit(batch).await)
            });
        }
        for (id, outcome) in tasks.join_all().await {
            if id % 2 == 1 {
                assert_eq!(outcome.unwrap_err(), StoreError::Guard { label: "item exists" });
            } else {
                assert!(outcome.is_ok(), "{outcome:?}");
            }
        }
        let rows = db.query("SELECT id FROM item ORDER BY id", params![]).await.expect("rows");
        let ids: Vec<_> = rows.iter().map(|row| row.int("id").expect("id")).collect();
        let kept: Vec<_> = (0..100).step_by(2).chain((1000..1100).step_by(2)).collect();
        assert_eq!(ids, kept);
        let stats = db.stats();
        assert_eq!((stats.batches, stats.batches_failed), (101, 50));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expectations_count_rows() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT)").await;
        run(&db, "INSERT INTO item (id) VALUES (1), (1), (2)").await;
        for (id, expect, holds) in [
            (1, Expect::Rows(2), true),
            (1, Expect::Rows(1), false),
            (1, Expect::Rows(3), false),
            (1, Expect::AtLeast(2), true),
            (1, Expect::AtLeast(1), true),
            (1, Expect::AtLeast(3), false),
            (3, Expect::Rows(0), true),
            (3, Expect::AtLeast(1), false),
            (3, Expect::Any, true),
        ] {
            let batch = Batch::new().expect("UPDATE item SET id = id WHERE id = $1", params![id], expect, "rows");
            assert_eq!(db.commit(batch).await.is_ok(), holds, "{id} {expect:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn returned_rows_come_in_the_order_of_their_statements() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT PRIMARY KEY, t TEXT)").await;
        let insert = "INSERT INTO item (id, t) VALUES ($1, $2) RETURNING id";
        let batch = Batch::new()
            .returning(insert, params![1_i64, "a"], "inserted")
            .run("UPDATE item SET t = 'b'", params![])
            .returning("SELECT t FROM item", params![], "seen inside")
            .returning_any("DELETE FROM item WHERE id = 9 RETURNING id", params![]);
        let returned = db.commit(batch).await.expect("commit");
        assert_eq!(returned.len(), 3);
        assert_eq!(returned[0][0].int("id"), Ok(1));
        assert_eq!(returned[1][0].text("t").as_deref(), Ok("b"));
        assert!(returned[2].is_empty());

        let single = Batch::new().returning_any("UPDATE item SET t = 'c' RETURNING t", params![]);
        assert_eq!(db.commit(single).await.expect("single")[0][0].text("t").as_deref(), Ok("c"));
        let nobody = Batch::new().returning("UPDATE item SET t = 'd' WHERE id = 9 RETURNING t", params![], "found");
        assert_eq!(db.commit(nobody).await.unwrap_err(), StoreError::Guard { label: "found" });
        assert!(db.commit(Batch::new()).await.expect("empty").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_names_table_and_index() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT PRIMARY KEY, a TEXT UNIQUE, b TEXT, c TEXT, d TEXT, UNIQUE (b, c))").await;
        run(&db, "CREATE UNIQUE INDEX item_by_d ON item (d) WHERE d <> ''").await;
        run(&db, "CREATE UNIQUE INDEX item_by_lower ON item (LOWER(a), LOWER(b))").await;
        run(&db, "CREATE UNIQUE INDEX item_by_b_d ON item (b, d)").await;
        let insert = "INSERT INTO item (id, a, b, c, d) VALUES ($1, $2, $3, $4, $5)";
        db.commit(Batch::new().run(insert, params![1_i64, "a", "b", "c", "d"])).await.expect("first");
        for (row, index) in [
            (params![1_i64, "2", "2", "2", "2"], "item_pkey"),
            (params![2_i64, "a", "2", "2", "2"], "item_a_key"),
            (params![2_i64, "2", "b", "c", "2"], "item_b_c_key"),
            (params![2_i64, "2", "2", "2", "d"], "item_by_d"),
            (params![2_i64, "A", "B", "2", "2"], "item_by_lower"),
        ] {
            let other = Batch::new().run("INSERT INTO item (id) VALUES (77)", params![]).run(insert, row);
            let error = db.commit(other).await.unwrap_err();
            assert_eq!(error, StoreError::Unique { table: "item".into(), constraint: index.into() });
            assert!(error.is_unique("item") && error.is_unique_index(index));
            assert!(!error.is_unique("other") && !error.is_unique_index("other"));
        }
        assert_eq!(count(&db, "item").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_parent_is_a_foreign_key_error() {
    each(async |db| {
        run(&db, "CREATE TABLE parent (id BIGINT PRIMARY KEY)").await;
        run(&db, "CREATE TABLE child (id BIGINT NOT NULL REFERENCES parent (id))").await;
        let batch = Batch::new().run("INSERT INTO child (id) VALUES (1)", params![]);
        assert_eq!(db.commit(batch).await.unwrap_err(), StoreError::ForeignKey);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_that_race_one_wins() {
    each(async |db| {
        run(&db, "CREATE TABLE spent (id BIGINT PRIMARY KEY)").await;
        run(&db, "CREATE TABLE effect (task BIGINT PRIMARY KEY)").await;
        let mut tasks = JoinSet::new();
        for task in 0..64_i64 {
            let db = db.clone();
            tasks.spawn(async move {
                let batch = Batch::new().run("INSERT INTO effect (task) VALUES ($1)", params![task]).expect(
                    "INSERT INTO spent (id) VALUES (1)",
                    params![],
                    Expect::Rows(1),
                    "not spent",
                );
                db.commit(batch).await
            });
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert!(error.is_unique("spent"), "{error:?}");
        }
        assert_eq!(count(&db, "effect").await, 1);

        run(&db, "CREATE TABLE code (id BIGINT PRIMARY KEY, consumed_at BIGINT)").await;
        run(&db, "INSERT INTO code (id) VALUES (1)").await;
        let mut tasks = JoinSet::new();
        for task in 0..64_i64 {
            let db = db.clone();
            tasks.spawn(async move {
                let sql = "UPDATE code SET consumed_at = $1 WHERE id = 1 AND consumed_at IS NULL RETURNING id";
                db.commit(Batch::new().returning(sql, params![task], "not consumed")).await
            });
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| error.is_guard("not consumed")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_cannot_write() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT)").await;
        for sql in ["INSERT INTO item (id) VALUES (1) RETURNING id", "DELETE FROM item", "CREATE TABLE other (id BIGINT)"] {
            let outcome = db.query(sql, params![]).await;
            assert!(matches!(outcome, Err(StoreError::Sql(_))), "{sql}: {outcome:?}");
        }
        assert_eq!(count(&db, "item").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_ends_even_if_its_caller_went_away() {
    each(async |db| {
        run(&db, "CREATE TABLE item (id BIGINT)").await;
        for id in 0..50_i64 {
            let insert = "INSERT INTO item (id) VALUES ($1)";
            let batch = Batch::new().run(insert, params![id]).run(insert, params![id]);
            let commit = db.commit(batch);
            tokio::select! {
                biased;
                outcome = commit => { outcome.expect("commit"); }
                () = std::future::ready(()) => {}
            }
        }
        // The connections are as good as new.
        let mut tasks = JoinSet::new();
        for id in 100..150_i64 {
            let db = db.clone();
            tasks.spawn(async move { db.commit(Batch::new().run("INSERT INTO item (id) VALUES ($1)", params![id])).await });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        let all = async {
            while count(&db, "item").await < 150 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all).await.expect("all batches were run");
        assert_eq!(count(&db, "item").await, 150);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_reopening() {
    each_address(async |url| {
        let db = Db::connect(&url, ConnectOptions::default()).await.expect("connect");
        run(&db, "CREATE TABLE item (id BIGINT PRIMARY KEY)").await;
        let mut tasks = JoinSet::new();
        for id in 0..200_i64 {
            let db = db.clone();
            tasks.spawn(async move { db.commit(Batch::new().run("INSERT INTO item (id) VALUES ($1)", params![id])).await });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        // Seen by a second connection while the first is still open, and after it was closed.
        let second = Db::connect(&url, ConnectOptions::default()).await.expect("second");
        assert_eq!(count(&second, "item").await, 200);
        second.close().await;
        let clone = db.clone();
        db.close().await;
        for outcome in [
            clone.query("SELECT 1 AS one", params![]).await.map(drop),
            clone.commit(Batch::new().run("DELETE FROM item", params![])).await.map(drop),
        ] {
            assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        }
        let again = Db::connect(&url, ConnectOptions::default()).await.expect("again");
        assert_eq!(count(&again, "item").await, 200);
        again.close().await;
    })
    .await;
}
