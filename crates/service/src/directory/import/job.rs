//! An import as a job: asked for now, done by a worker, and taken up where it stopped when the server did.

use super::run::Known;
use super::{BATCH, ImportOptions, ImportOutcome, ImportSummary, ImportUser, MOST_USERS};
use crate::audit::Event;
use crate::boxed;
use crate::directory::export::USERS_EXPORT;
use crate::directory::{DirectoryError, FieldProblem};
use crate::secrets::new_id;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::work::{self, JobRow};
use doorward_store::{Json, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The kind of these jobs.
pub const USERS_IMPORT: &str = "users_import";
/// Days that a job is kept.
const KEPT_DAYS: i64 = 7;
/// Seconds that a worker has for one batch before another may think that it died.
pub(in crate::directory) const LEASE_SECONDS: i64 = 300;
/// How often a job is begun before it is given up, unless it moves in between.
const ATTEMPTS: i64 = 5;
/// Most refusals that a job tells of.
const MOST_ERRORS: usize = 5000;
const PURPOSE: &str = "job input";

/// An import that a worker does.
#[derive(Debug, Clone, Default)]
pub struct ImportJob {
    /// The users.
    pub users: Vec<ImportUser>,
    /// How they are imported.
    pub options: ImportOptions,
    /// Users whom the caller could not even read: they count as refused.
    pub refused: Vec<RefusedRow>,
    /// What the caller wants to be told of the job again.
    pub about: Value,
}

/// A user whom the caller could not read.
#[derive(Debug, Clone)]
pub struct RefusedRow {
    /// Whom a report names.
    pub label: String,
    /// Why.
    pub problems: Vec<FieldProblem>,
}

#[derive(Serialize, Deserialize)]
struct Input {
    options: ImportOptions,
    users: Vec<ImportUser>,
}

impl Service {
    /// Puts an import on the list of work.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn start_user_import(&self, cx: &Cx, actor: &str, job: ImportJob) -> Result<JobRow, DirectoryError> {
        let ImportJob { users, options, refused, about } = job;
        if users.len() + refused.len() > MOST_USERS {
            return Err(DirectoryError::invalid("users", format!("must have at most {MOST_USERS} entries")));
        }
        let id = new_id(cx.now);
        let total = i64::try_from(users.len()).unwrap_or(i64::MAX);
        let event = Event::new("users.import_asked")
            .actor(actor)
            .with("job", id.to_string())
            .with("users", total)
            .with("upsert", options.upsert);
        let plain = Zeroizing::new(serde_json::to_vec(&Input { options, users }).map_err(Error::internal)?);
        let summary = ImportSummary { total: refused.len(), failed: refused.len(), ..Default::default() };
        let mut summary = json!(summary);
        if let (Some(told), false) = (summary.as_object_mut(), about.is_null()) {
            told.insert("about".into(), about);
        }
        let errors = refused.iter().take(MOST_ERRORS).map(|one| entry(None, &one.label, &one.problems)).collect();
        let row = JobRow {
            id,
            tenant_id: cx.tenant_id(),
            kind: USERS_IMPORT.into(),
            status: work::PENDING.into(),
            actor: actor.to_owned(),
            input: Some(self.secrets.encrypt(PURPOSE, &id.to_string(), &plain)),
            total,
            done: 0,
            summary: Json(summary),
            errors: Json(errors),
            leased_until: None,
            attempts: 0,
            created_at: cx.now,
            started_at: None,
            finished_at: None,
            expires_at: kept_until(self, cx),
        };
        self.store.commit(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        self.job_wake.notify_one();
        Ok(row)
    }

    /// A job.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn job(&self, cx: &Cx, id: Uuid) -> Result<JobRow, DirectoryError> {
        self.store.job(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "job" })
    }

    /// Jobs, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_jobs(&self, cx: &Cx, after: Option<Uuid>, limit: u32) -> Result<Page<JobRow>, DirectoryError> {
        Ok(self.store.jobs(cx.tenant_id(), after, limit).await?)
    }

    /// Does the job that has waited longest; `false` when there is none.
    ///
    /// # Errors
    /// When something inside fails; the job is taken up again when its lease is over, some times.
    #[boxed]
    pub async fn run_waiting_job(&self, stop: &watch::Receiver<bool>) -> Result<bool, Error> {
        let now = self.clock.real();
        let Some(row) = self.store.waiting_job(now).await? else { return Ok(false) };
        match self.store.commit(Batch::new().with(work::lease(&row, now, now.plus_seconds(LEASE_SECONDS)))).await {
            Ok(_) => {}
            Err(error) if error.is_guard(work::LEASED) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
        let Some(cx) = self.admin_cx(row.tenant_id, Client::default()).await? else { return Ok(true) };
        let (tenant, id) = (row.tenant_id, row.id);
        let outcome = if row.attempts < ATTEMPTS {
            self.run_job(cx, row, stop).await
        } else {
            // Whoever began it did not live to tell.
            Err(Error::internal("no worker came to an end"))
        };
        let Err(error) = outcome else { return Ok(true) };
        // What does not move is not begun for ever: it would keep a worker from the others each time.
        if let Some(row) = self.store.job(tenant, id).await?
            && row.finished_at.is_none()
            && row.attempts >= ATTEMPTS
        {
            tracing::error!(job = %id, %error, "a job was given up");
            let (before, now) = (row.done, self.clock.now(tenant));
            let mut failed = finished(row, now, work::FAILED);
            // The fault may speak of the database; it is for whoever reads the log.
            let message = format!("it was begun {ATTEMPTS} times without getting on; the log of the server tells why");
            failed.errors.0.push(entry(None, "", &[FieldProblem { field: String::new(), message }]));
            self.store.commit(Batch::new().with(work::progress(&failed, before))).await?;
            return Ok(true);
        }
        Err(error)
    }

    async fn run_job(&self, cx: Cx, row: JobRow, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        if row.kind == USERS_EXPORT {
            return self.export_as_job(cx, row, stop).await;
        }
        let input = row
            .input
            .as_deref()
            .and_then(|sealed| self.secrets.decrypt(PURPOSE, &row.id.to_string(), sealed).ok())
            .and_then(|plain| serde_json::from_slice::<Input>(&plain).ok())
            .filter(|_| row.kind == USERS_IMPORT);
        let Some(input) = input else {
            tracing::error!(job = %row.id, kind = row.kind, "a job cannot be read");
            let before = row.done;
            let failed = finished(row, cx.now, work::FAILED);
            self.store.commit(Batch::new().with(work::progress(&failed, before))).await?;
            return Ok(());
        };
        self.import_as_job(cx, row, input, stop).await
    }

    async fn import_as_job(&self, mut cx: Cx, mut row: JobRow, input: Input, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        let mut known = Known::default();
        row.status = work::RUNNING.into();
        row.started_at = row.started_at.or(Some(cx.now));
        let size = if input.options.all_or_nothing { input.users.len().max(1) } else { BATCH };
        loop {
            cx.now = self.clock.now(row.tenant_id);
            let done = usize::try_from(row.done).unwrap_or(usize::MAX);
            let rest = input.users.get(done..).unwrap_or_default();
            let part = rest.get(..size.min(rest.len())).unwrap_or_default();
            let lease = (!*stop.borrow()).then(|| self.clock.real().plus_seconds(LEASE_SECONDS));
            let last = part.len() == rest.len();
            let (before, finish) = (row.clone(), last.then_some(cx.now));
            let note = |outcomes: &[ImportOutcome]| {
                let next = after(&before, done, part, outcomes, lease, finish);
                vec![work::progress(&next, before.done)]
            };
            let outcomes = match self.import_batch(&cx, &before.actor, part, input.options, &mut known, &note).await {
                Ok(outcomes) => outcomes,
                Err(DirectoryError::Fault(error)) => return Err(error),
                Err(error) => return Err(Error::internal(error)),
            };
            let next = after(&row, done, part, &outcomes, lease, finish);
            row = next;
            if row.finished_at.is_some() || lease.is_none() {
                return Ok(());
            }
        }
    }
}

/// How a job stands after some more of its users.
fn after(
    row: &JobRow,
    from: usize,
    part: &[ImportUser],
    outcomes: &[ImportOutcome],
    leased_until: Option<Timestamp>,
    finished_at: Option<Timestamp>,
) -> JobRow {
    let mut next = row.clone();
    let mut summary: ImportSummary = serde_json::from_value(row.summary.0.clone()).unwrap_or_default();
    summary.add(outcomes);
    // What else stands there is the caller's.
    if let (Value::Object(told), Value::Object(counted)) = (&mut next.summary.0, json!(summary)) {
        told.extend(counted);
    }
    for (n, (user, outcome)) in part.iter().zip(outcomes).enumerate() {
        if let ImportOutcome::Refused(problems) = outcome
            && next.errors.0.len() < MOST_ERRORS
        {
            next.errors.0.push(entry(Some(from + n), &user.label(), problems));
        }
    }
    next.done += i64::try_from(part.len()).unwrap_or_default();
    next.leased_until = leased_until;
    match finished_at {
        Some(now) => finished(next, now, work::COMPLETED),
        None => next,
    }
}

/// What a job tells of a user who was refused.
fn entry(index: Option<usize>, label: &str, problems: &[FieldProblem]) -> Value {
    let problems: Vec<Value> = problems.iter().map(|p| json!({ "field": p.field, "message": p.message })).collect();
    match index {
        Some(index) => json!({ "index": index, "user": label, "errors": problems }),
        None => json!({ "user": label, "errors": problems }),
    }
}

/// How long a job that is asked for now is kept, by the machine's clock too: a tenant's may have been moved back.
pub(in crate::directory) fn kept_until(service: &Service, cx: &Cx) -> Timestamp {
    service.clock.real().max(cx.now).plus_seconds(KEPT_DAYS * 86_400)
}

pub(in crate::directory) fn finished(mut row: JobRow, now: Timestamp, status: &str) -> JobRow {
    row.status = status.into();
    row.finished_at = Some(now);
    row.leased_until = None;
    row.input = None;
    row
}
