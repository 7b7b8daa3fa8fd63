//! Schema migrations: embedded, forward only, one transaction each, never edited once released.
//!
//! The table `schema_migration` knows which ran and what their text was. A database that a newer binary has
//! changed, or whose history differs from ours, is refused before anything is touched.

use aws_lc_rs::digest::{SHA256, digest};
use deadpool_postgres::Client;
use rusqlite::Connection;

use super::{MigrationFault, Row, StoreError, SyncConn, Value, postgres, sqlite};
use crate::params;

/// One step of the schema, the same step for both engines.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; each is greater than the one before.
    pub version: i64,
    /// A few words, for people.
    pub name: &'static str,
    /// The script for SQLite.
    pub sqlite: &'static str,
    /// The script for PostgreSQL.
    pub postgres: &'static str,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
const APPLIED: &str = "SELECT version, checksum FROM schema_migration ORDER BY version";
const RECORD: &str = "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

/// The hash of a script. Line ends do not count: a checkout may change them.
fn checksum(script: &str) -> String {
    let script = script.replace('\r', "");
    digest(&SHA256, script.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which of ours still have to run, given what the database says it has.
fn pending<'m>(
    ours: &'m [Migration],
    script: fn(&Migration) -> &'static str,
    applied: &[Row],
) -> Result<Vec<&'m Migration>, StoreError> {
    let fault = |version, fault| Err(StoreError::Migration { version, fault });
    for (earlier, later) in ours.iter().zip(ours.iter().skip(1)) {
        if earlier.version >= later.version {
            return fault(later.version, MigrationFault::OutOfOrder);
        }
    }
    let mut newest = None;
    let mut done = Vec::with_capacity(applied.len());
    for row in applied {
        let version = row.int("version")?;
        match ours.iter().find(|migration| migration.version == version) {
            None => return fault(version, MigrationFault::DatabaseNewer),
            Some(migration) if checksum(script(migration)) != row.text("checksum")? => {
                return fault(version, MigrationFault::ChecksumChanged);
            }
            Some(_) => {}
        }
        newest = newest.max(Some(version));
        done.push(version);
    }
    let pending: Vec<_> = ours.iter().filter(|migration| !done.contains(&migration.version)).collect();
    match pending.first() {
        Some(first) if Some(first.version) < newest => fault(first.version, MigrationFault::OutOfOrder),
        _ => Ok(pending),
    }
}

fn record(migration: &Migration, script: &str, applied_at: i64) -> Vec<Value> {
    params![migration.version, migration.name, checksum(script), applied_at]
}

/// On the writer's connection, outside of a transaction; the writer rolls back what an error leaves open.
pub(super) fn sqlite(connection: &Connection, ours: &[Migration], applied_at: i64) -> Result<usize, StoreError> {
    let script = |migration: &Migration| migration.sqlite;
    let run = |sql: &str| connection.execute_batch(sql).map_err(sqlite::failure);
    let mut open = sqlite::SqliteConn(connection);
    run("BEGIN IMMEDIATE")?;
    run(TABLE)?;
    let count = pending(ours, script, &open.query(APPLIED, &[])?)?.len();
    run("COMMIT")?;
    if count == 0 {
        return Ok(0);
    }
    // Rebuilding a table that others refer to needs this off, and it cannot be changed inside a transaction;
    // the check before COMMIT makes up for it. See SQLite's documentation of ALTER TABLE, section 7.
    run("PRAGMA foreign_keys = OFF")?;
    let outcome = (|| {
        let mut applied = 0;
        loop {
            run("BEGIN IMMEDIATE")?;
            let rows = open.query(APPLIED, &[])?;
            let Some(migration) = pending(ours, script, &rows)?.first().copied() else {
                run("COMMIT")?;
                return Ok(applied);
            };
            run(migration.sqlite)?;
            open.execute(RECORD, &record(migration, migration.sqlite, applied_at))?;
            if !open.query("PRAGMA foreign_key_check", &[])?.is_empty() {
                return Err(StoreError::Migration { version: migration.version, fault: MigrationFault::ForeignKey });
            }
            run("COMMIT")?;
            applied += 1;
        }
    })();
    if !connection.is_autocommit() {
        run("ROLLBACK")?;
    }
    run("PRAGMA foreign_keys = ON")?;
    outcome
}

/// On a connection of its own, which the caller throws away afterwards: that frees the advisory lock and ends
/// whatever an error left open.
pub(super) async fn postgres(client: &Client, ours: &[Migration], applied_at: i64) -> Result<usize, StoreError> {
    let script = |migration: &Migration| migration.postgres;
    let run = async |sql: &str| client.batch_execute(sql).await.map_err(|error| postgres::failure(&error));
    // The first node migrates, the others wait here without limit. One lock a schema; the number is ours.
    run("SET lock_timeout = 0; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
         SELECT pg_advisory_lock(1684369250, hashtext(current_schema()))")
    .await?;
    run("SET lock_timeout = '60s'").await?;
    run(TABLE).await?;
    let rows = postgres::query_on(client, APPLIED, &[]).await?;
    let pending = pending(ours, script, &rows)?;
    for migration in &pending {
        run("BEGIN").await?;
        run(migration.postgres).await?;
        let record = record(migration, migration.postgres, applied_at);
        postgres::query_on(client, RECORD, &record).await?;
        run("COMMIT").await?;
    }
    Ok(pending.len())
}
