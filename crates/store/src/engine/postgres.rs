//! PostgreSQL: a pool for reading and one for writing; each batch is a transaction at READ COMMITTED.
//!
//! The statements of a batch travel together, and COMMIT follows when all of them kept their promise: two round
//! trips however long the batch is. One statement without an expectation is its own transaction: one round trip.

mod connect;
mod wire;

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::Poll,
};

use deadpool_postgres::{Client, HookError, Pool, PoolError, TimeoutType};
use tokio_postgres::{Error, Statement as Prepared, error::SqlState, types::ToSql};

pub(super) use self::wire::failure;
use self::wire::lost;
use super::{Batch, ConnectOptions, Counters, Expect, Migration, Returned, Row, Statement, StoreError, Value, migrate};

pub(super) struct Postgres {
    readers: Pool,
    writers: Pool,
    counters: Arc<Counters>,
}

impl Postgres {
    pub(super) async fn open(url: &str, options: &ConnectOptions, counters: Arc<Counters>) -> Result<Self, StoreError> {
        let readers = connect::pool(url, options.readers, options.wait, true)?;
        let writers = connect::pool(url, options.writers, options.wait, false)?;
        drop(client(&writers).await?);
        Ok(Self { readers, writers, counters })
    }

    pub(super) async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut retried = false;
        loop {
            let client = client(&self.readers).await?;
            let error = match fetch(&client, sql, params).await {
                Ok(rows) => return Ok(rows),
                Err(error) => error,
            };
            let again = lost(&error) || stale(&client, &error);
            discard_if(lost(&error), client);
            // Reading twice does no harm.
            if retried || !again {
                return Err(failure(&error));
            }
            retried = true;
        }
    }

    pub(super) async fn commit(&self, batch: Batch) -> Result<Returned, StoreError> {
        let (pool, counters) = (self.writers.clone(), self.counters.clone());
        // A task of its own: a caller that goes away must not leave a transaction open on a pooled connection.
        let task = tokio::spawn(async move {
            let mut retried = false;
            loop {
                let client = client(&pool).await?;
                let failed = match attempt(&client, &batch).await {
                    Ok(returned) => {
                        if !batch.is_empty() {
                            counters.transactions_committed.fetch_add(1, Relaxed);
                        }
                        return Ok(returned);
                    }
                    Err(failed) => failed,
                };
                discard_if(failed.error.is_unavailable(), client);
                if retried || !failed.nothing_kept {
                    return Err(failed.error);
                }
                retried = true;
            }
        });
        task.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    pub(super) async fn migrate(&self, migrations: &[Migration], applied_at: i64) -> Result<usize, StoreError> {
        let client = client(&self.writers).await?;
        let outcome = migrate::postgres(&client, migrations, applied_at).await;
        drop(Client::take(client));
        outcome
    }

    pub(super) fn close(&self) {
        self.readers.close();
        self.writers.close();
    }
}

/// A connection that broke may not know it yet, and the pool would hand it out again.
fn discard_if(broken: bool, client: Client) {
    if broken {
        drop(Client::take(client));
    }
}

/// Why an attempt failed, and whether a second one is safe and may go better.
struct Failed {
    error: StoreError,
    nothing_kept: bool,
}

impl Failed {
    fn last(error: StoreError) -> Self {
        Self { error, nothing_kept: false }
    }
}

/// For an error that came before COMMIT was sent, or was COMMIT's own refusal.
fn nothing_kept(client: &Client, error: &Error) -> Failed {
    let again = conflict(error) || lost(error) || stale(client, error);
    Failed { error: failure(error), nothing_kept: again }
}

fn conflict(error: &Error) -> bool {
    error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE) || error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

/// After another node has migrated, a prepared `SELECT *` no longer fits its table. The statements are forgotten.
fn stale(client: &Client, error: &Error) -> bool {
    let stale = error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED);
    if stale && let Some(pool) = Client::pool(client) {
        pool.manager().statement_caches.clear();
    }
    stale
}

async fn attempt(client: &Client, batch: &Batch) -> Result<Returned, Failed> {
    let steps = batch.statements();
    let mut prepared = Vec::with_capacity(steps.len());
    for step in steps {
        prepared.push(prepare(client, &step.sql, &step.params).await.map_err(|error| nothing_kept(client, &error))?);
    }
    match (steps, prepared.as_slice()) {
        ([], _) => Ok(Vec::new()),
        ([step], [prepared]) if step.expect == Expect::Any => alone(client, step, prepared).await,
        _ => together(client, steps, &prepared).await,
    }
}

/// One statement that commits itself.
async fn alone(client: &Client, step: &Statement, prepared: &Prepared) -> Result<Returned, Failed> {
    if client.is_closed() {
        return Err(Failed { error: unavailable("connection lost"), nothing_kept: true });
    }
    match send(client, step, prepared).await {
        Ok(done) => Ok(done.rows().into_iter().collect()),
        // It may have been committed before the connection broke.
        Err(error) if lost(&error) => Err(Failed::last(failure(&error))),
        Err(error) => Err(nothing_kept(client, &error)),
    }
}

/// BEGIN and all statements in one go, then COMMIT or ROLLBACK.
async fn together(client: &Client, steps: &[Statement], prepared: &[Prepared]) -> Result<Returned, Failed> {
    let mut flight: Vec<Flight<'_>> = Vec::with_capacity(steps.len() + 1);
    flight.push(Box::pin(async { client.batch_execute("BEGIN").await.map(|()| Done::Count(0)) }));
    for (step, prepared) in steps.iter().zip(prepared) {
        flight.push(Box::pin(send(client, step, prepared)));
    }
    let outcomes = in_order(flight).await;
    match judge(client, steps, outcomes) {
        Ok(returned) => match client.batch_execute("COMMIT").await {
            Ok(()) => Ok(returned),
            Err(error) if lost(&error) => Err(Failed::last(unavailable("connection lost during COMMIT, outcome unknown"))),
            Err(error) => Err(nothing_kept(client, &error)),
        },
        Err(failed) => {
            // It fails only when the connection is gone, and then there is nothing to undo.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(failed)
        }
    }
}

/// The first failure in order is the cause; statements after an error only report that the transaction is dead.
fn judge(client: &Client, steps: &[Statement], outcomes: Vec<Result<Done, Error>>) -> Result<Returned, Failed> {
    let mut returned = Vec::new();
    let mut outcomes = outcomes.into_iter();
    if let Some(Err(error)) = outcomes.next() {
        return Err(nothing_kept(client, &error));
    }
    for (step, outcome) in steps.iter().zip(outcomes) {
        let done = outcome.map_err(|error| nothing_kept(client, &error))?;
        step.check(done.count()).map_err(Failed::last)?;
        returned.extend(done.rows());
    }
    Ok(returned)
}

enum Done {
    Count(u64),
    Rows(Vec<Row>),
}

impl Done {
    fn count(&self) -> u64 {
        match self {
            Self::Count(count) => *count,
            Self::Rows(rows) => rows.len() as u64,
        }
    }

    fn rows(self) -> Option<Vec<Row>> {
        match self {
            Self::Count(_) => None,
            Self::Rows(rows) => Some(rows),
        }
    }
}

type Flight<'a> = Pin<Box<dyn Future<Output = Result<Done, Error>> + Send + 'a>>;

/// Sends all, in order, before it waits for the first answer: a request goes out when its future is first
/// polled, and answers come in the order of the requests.
async fn in_order(mut flight: Vec<Flight<'_>>) -> Vec<Result<Done, Error>> {
    let mut early: Vec<Option<Result<Done, Error>>> = Vec::with_capacity(flight.len());
    poll_fn(|context| {
        for future in &mut flight {
            early.push(match future.as_mut().poll(context) {
                Poll::Ready(outcome) => Some(outcome),
                Poll::Pending => None,
            });
        }
        Poll::Ready(())
    })
    .await;
    let mut outcomes = Vec::with_capacity(flight.len());
    for (early, future) in early.into_iter().zip(flight) {
        outcomes.push(match early {
            Some(outcome) => outcome,
            None => future.await,
        });
    }
    outcomes
}

async fn send(client: &Client, step: &Statement, prepared: &Prepared) -> Result<Done, Error> {
    let params = references(&step.params);
    if step.returning {
        let rows = client.query(prepared, &params).await?;
        Ok(Done::Rows(wire::rows(&rows)))
    } else {
        client.execute(prepared, &params).await.map(Done::Count)
    }
}

fn references(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

async fn prepare(client: &Client, sql: &str, params: &[Value]) -> Result<Prepared, Error> {
    client.prepare_typed_cached(sql, &wire::types(params)).await
}

async fn fetch(client: &Client, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
    let prepared = prepare(client, sql, params).await?;
    let rows = client.query(&prepared, &references(params)).await?;
    Ok(wire::rows(&rows))
}

/// One statement on this very connection.
pub(super) async fn query_on(client: &Client, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    fetch(client, sql, params).await.map_err(|error| failure(&error))
}

async fn client(pool: &Pool) -> Result<Client, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy,
        PoolError::Backend(error) => unavailable(wire::describe(&error)),
        PoolError::PostCreateHook(HookError::Backend(error)) => unavailable(wire::describe(&error)),
        error => unavailable(error),
    })
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
