//! The writer thread: whatever waits together is committed together.
//!
//! Each batch has a savepoint of its own, so one that fails leaves the others alone. Nothing gathers on purpose:
//! while one commit is being made durable, the next group assembles itself in the queue.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::Ordering::Relaxed,
        mpsc::{Receiver, TryRecvError},
    },
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{SqliteConn, TemporaryDirectory, failure, statement};
use crate::engine::{Batch, BeforeCommit, Counters, Returned, StoreError};

type Reply = oneshot::Sender<Result<Returned, StoreError>>;

/// What the writer can be asked to do, in order of arrival.
pub(super) enum Job {
    /// Run a batch and answer when it is durable.
    Commit { batch: Batch, reply: Reply },
    /// Use the connection outside of any transaction.
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
    /// Stop, tidy up, close.
    Close(oneshot::Sender<()>),
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) jobs: Receiver<Job>,
    pub(super) group: usize,
    pub(super) before_commit: Option<BeforeCommit>,
    pub(super) counters: Arc<Counters>,
    /// Removed after the connection is closed.
    pub(super) directory: Option<TemporaryDirectory>,
}

impl Writer {
    /// Ends when it is told to, or when nobody can ask for anything any more.
    pub(super) fn run(mut self) {
        let mut next = None;
        let mut asked = None;
        while let Some(job) = next.take().or_else(|| self.jobs.recv().ok()) {
            match job {
                Job::Commit { batch, reply } => {
                    let mut batches = vec![batch];
                    let mut replies = vec![reply];
                    while batches.len() < self.group {
                        match self.jobs.try_recv() {
                            Ok(Job::Commit { batch, reply }) => {
                                batches.push(batch);
                                replies.push(reply);
                            }
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                        }
                    }
                    for (reply, outcome) in replies.into_iter().zip(self.commit(&batches)) {
                        // A caller that went away does not want the answer; the batch counts all the same.
                        let _ = reply.send(outcome);
                    }
                }
                Job::Run(work) => {
                    let connection = &mut self.connection;
                    let outcome = catch_unwind(AssertUnwindSafe(|| work(connection)));
                    self.leave_transaction();
                    if outcome.is_err() {
                        tracing::error!("work on the writer's connection panicked");
                    }
                }
                Job::Close(reply) => {
                    asked = Some(reply);
                    break;
                }
            }
        }
        self.finish();
        if let Some(reply) = asked {
            // The one who asked may have given up waiting.
            let _ = reply.send(());
        }
    }

    /// One answer for each batch. Whatever happens, no transaction stays open and the thread lives on.
    fn commit(&self, batches: &[Batch]) -> Vec<Result<Returned, StoreError>> {
        let outcomes = catch_unwind(AssertUnwindSafe(|| self.transact(batches)));
        self.leave_transaction();
        let outcomes = outcomes.unwrap_or_else(|_| Err(StoreError::Unavailable("panicked inside a transaction".to_owned())));
        outcomes.unwrap_or_else(|error| {
            tracing::warn!(%error, batches = batches.len(), "no batch of this group was kept");
            vec![Err(error); batches.len()]
        })
    }

    /// `Err` when the group as a whole failed.
    fn transact(&self, batches: &[Batch]) -> Result<Vec<Result<Returned, StoreError>>, StoreError> {
        let alone = batches.len() == 1;
        self.control("BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::with_capacity(batches.len());
        for batch in batches {
            if !alone {
                self.control("SAVEPOINT batch")?;
            }
            let outcome = apply(&self.connection, batch);
            if self.connection.is_autocommit() {
                // On a full disk or an I/O error SQLite gives up the whole transaction, so the batches before
                // this one are lost as well.
                return Err(outcome.err().unwrap_or_else(lost));
            }
            if !alone {
                if outcome.is_err() {
                    self.control("ROLLBACK TO batch")?;
                }
                self.control("RELEASE batch")?;
            }
            outcomes.push(outcome);
        }
        if outcomes.iter().all(Result::is_err) {
            return Ok(outcomes);
        }
        if let Some(work) = &self.before_commit {
            work(&mut SqliteConn(&self.connection))?;
            if self.connection.is_autocommit() {
                return Err(lost());
            }
        }
        self.control("COMMIT")?;
        self.counters.transactions_committed.fetch_add(1, Relaxed);
        Ok(outcomes)
    }

    fn control(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.raw_execute()).map(drop).map_err(failure)
    }

    fn leave_transaction(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.control("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
        }
    }

    fn finish(self) {
        // No statistics are kept: those of a young database, where every index looks alike, would choose its plans when it has grown.
        // Without them the planner goes by the columns of the indexes, whatever the size.
        let tidy = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        if let Err(error) = tidy {
            tracing::warn!(%error, "the write-ahead log stays for the next start");
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "closing the database");
        }
        drop(self.directory);
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("the engine gave up the transaction".to_owned())
}

/// Runs the statements of one batch inside the open transaction, up to the first that fails.
fn apply(connection: &Connection, batch: &Batch) -> Result<Returned, StoreError> {
    let mut returned = Vec::new();
    for step in batch.statements() {
        if step.returning {
            let rows = statement::query(connection, &step.sql, &step.params)?;
            step.check(rows.len() as u64)?;
            returned.push(rows);
        } else {
            step.check(statement::execute(connection, &step.sql, &step.params)?)?;
        }
    }
    Ok(returned)
}
