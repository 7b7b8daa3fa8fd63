//! What only PostgreSQL can do to us: conflicts, lost connections, other nodes that migrate.

use doorward_store::{
    engine::{Batch, ConnectOptions, Db, Expect, StoreError},
    params,
};

use crate::database::Schema;

async fn connected() -> Option<(Schema, Db)> {
    let schema = Schema::create().await?;
    let options = ConnectOptions { writers: 1, readers: 1, wait: std::time::Duration::from_secs(1), ..Default::default() };
    let db = Db::connect(&schema.url(), options).await.expect("connect");
    Some((schema, db))
}

async fn run(db: &Db, sql: &'static str) {
    db.commit(Batch::new().run(sql, params![])).await.expect(sql);
}

/// Raises 40001 as often as told, counted outside of the transaction.
const FLAKY: &str = "CREATE FUNCTION flaky(times BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $body$
    BEGIN IF nextval('attempt') <= times THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END IF; RETURN 1; END $body$";

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_tried_once_more_and_then_busy() {
    let Some((schema, db)) = connected().await else { return };
    schema
        .run(async move {
            run(&db, "CREATE TABLE item (id BIGINT)").await;
            run(&db, "CREATE SEQUENCE attempt").await;
            run(&db, FLAKY).await;
            let call = "INSERT INTO item (id) SELECT flaky($1)";
            let pair = |times: i64| {
                let expect = Expect::Rows(1);
                Batch::new().run("INSERT INTO item (id) VALUES (0)", params![]).expect(call, params![times], expect, "one")
            };
            db.commit(pair(1)).await.expect("second attempt of two statements");
            run(&db, "ALTER SEQUENCE attempt RESTART").await;
            db.commit(Batch::new().run(call, params![1_i64])).await.expect("second attempt of one statement");
            let rows = db.query("SELECT id FROM item ORDER BY id", params![]).await.expect("rows");
            let ids: Vec<_> = rows.iter().map(|row| row.int("id").unwrap()).collect();
            assert_eq!(ids, [0, 1, 1], "the first attempts left nothing");
            run(&db, "ALTER SEQUENCE attempt RESTART").await;
            assert_eq!(db.commit(pair(2)).await.unwrap_err(), StoreError::Busy);
            db.commit(pair(0)).await.expect("the connection is usable");
        })
        .await;
}

/// Ends its own connection the first time, counted outside of the transaction.
const SUICIDAL: &str = "CREATE FUNCTION suicidal() RETURNS BIGINT LANGUAGE plpgsql AS $body$
    BEGIN IF nextval('attempt') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN 1; END $body$";

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_commit_is_tried_again_and_one_lost_during_it_is_not() {
    let Some((schema, db)) = connected().await else { return };
    schema
        .run(async move {
            run(&db, "CREATE TABLE item (id BIGINT)").await;
            run(&db, "CREATE SEQUENCE attempt").await;
            run(&db, SUICIDAL).await;
            let call = "INSERT INTO item (id) SELECT suicidal()";
            let zero = "INSERT INTO item (id) VALUES (0)";
            let pair = Batch::new().run(zero, params![]).expect(call, params![], Expect::Rows(1), "one");
            db.commit(pair).await.expect("second attempt");
            let rows = db.query("SELECT id FROM item ORDER BY id", params![]).await.expect("rows");
            assert_eq!(rows.iter().map(|row| row.int("id").unwrap()).collect::<Vec<_>>(), [0, 1]);

            run(&db, "ALTER SEQUENCE attempt RESTART").await;
            // One statement commits itself, so the answer that never came may have been a yes.
            let outcome = db.commit(Batch::new().run(call, params![])).await;
            assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
            let rows = db.query("SELECT last_value AS n FROM attempt", params![]).await.expect("sequence");
            assert_eq!(rows[0].int("n"), Ok(1), "it ran once");
            db.commit(Batch::new().run(zero, params![])).await.expect("a new connection");
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_replaced() {
    let Some((schema, db)) = connected().await else { return };
    let kill =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%broken_item%'";
    run(&db, "CREATE TABLE broken_item (id BIGINT)").await;
    for round in 0..5_i64 {
        let insert = "INSERT INTO broken_item (id) VALUES ($1)";
        let pair = Batch::new().run(insert, params![round]).expect(insert, params![round], Expect::Rows(1), "one");
        db.commit(pair).await.expect("write");
        let rows = db.query("SELECT id FROM broken_item", params![]).await.expect("read");
        assert_eq!(rows.len() as i64, 2 * (round + 1));
        schema.admin(kill).await;
    }
    schema.run(async {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_change_under_a_prepared_statement() {
    let Some((schema, db)) = connected().await else { return };
    run(&db, "CREATE TABLE item (id BIGINT)").await;
    let insert = || {
        let sql = "INSERT INTO item (id) VALUES (1) RETURNING *";
        Batch::new().returning(sql, params![], "one").run("SELECT 1", params![])
    };
    let select = "SELECT * FROM item";
    db.commit(insert()).await.expect("insert");
    db.query(select, params![]).await.expect("select");
    schema.admin(&format!("ALTER TABLE {}.item ADD COLUMN name TEXT", schema.name())).await;
    let returned = db.commit(insert()).await.expect("insert after the change");
    assert_eq!(returned[0][0].opt_text("name"), Ok(None));
    let rows = db.query(select, params![]).await.expect("select after the change");
    assert_eq!((rows.len(), rows[0].opt_text("name")), (2, Ok(None)));
    schema.run(async {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_not_granted_in_time_is_busy() {
    let Some((schema, db)) = connected().await else { return };
    run(&db, "CREATE TABLE item (id BIGINT)").await;
    let other = Db::connect(&schema.url(), ConnectOptions::default()).await.expect("connect");
    // Far longer than the other waits for a lock, on a busy machine too.
    let hold = tokio::spawn(async move {
        let batch = Batch::new()
            .run("LOCK TABLE item IN ACCESS EXCLUSIVE MODE", params![])
            .returning_any("SELECT CAST(pg_sleep(10) AS TEXT) AS slept", params![]);
        other.commit(batch).await
    });
    let locked = "SELECT COUNT(*) AS n FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'item'::regclass::oid";
    while db.query(locked, params![]).await.expect("locks")[0].int("n") == Ok(0) {
        tokio::task::yield_now().await;
    }
    let outcome = db.commit(Batch::new().run("INSERT INTO item (id) VALUES (1)", params![])).await;
    assert_eq!(outcome.unwrap_err(), StoreError::Busy);
    hold.await.unwrap().expect("holder");
    schema.run(async {}).await;
}
