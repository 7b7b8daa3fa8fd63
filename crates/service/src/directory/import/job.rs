//! An import as a job: asked for now, done by a worker, and taken up where it stopped when the server did.

use super::run::Known;
use super::{BATCH, ImportOptions, ImportOutcome, ImportSummary, ImportUser, MOST_USERS};
use crate::directory::DirectoryError;
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
const LEASE_SECONDS: i64 = 300;
/// Most refusals that a job tells of.
const MOST_ERRORS: usize = 5000;
const PURPOSE: &str = "job input";

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
    pub async fn start_user_import(
        &self,
        cx: &Cx,
        actor: &str,
        users: Vec<ImportUser>,
        options: ImportOptions,
    ) -> Result<JobRow, DirectoryError> {
        if users.len() > MOST_USERS {
            return Err(DirectoryError::invalid("users", format!("must have at most {MOST_USERS} entries")));
        }
        let id = new_id(cx.now);
        let total = i64::try_from(users.len()).unwrap_or(i64::MAX);
        let plain = Zeroizing::new(serde_json::to_vec(&Input { options, users }).map_err(Error::internal)?);
        let row = JobRow {
            id,
            tenant_id: cx.tenant_id(),
            kind: USERS_IMPORT.into(),
            status: work::PENDING.into(),
            actor: actor.to_owned(),
            input: Some(self.secrets.encrypt(PURPOSE, &id.to_string(), &plain)),
            total,
            done: 0,
            summary: Json(json!(ImportSummary::default())),
            errors: Json(Vec::new()),
            leased_until: None,
            created_at: cx.now,
            started_at: None,
            finished_at: None,
            expires_at: self.clock.real().max(cx.now).plus_seconds(KEPT_DAYS * 86_400),
        };
        self.store.commit(Batch::new().with(row.insert())).await?;
        self.job_wake.notify_one();
        Ok(row)
    }

    /// A job.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn job(&self, cx: &Cx, id: Uuid) -> Result<JobRow, DirectoryError> {
        self.store.job(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "job" })
    }

    /// Jobs, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_jobs(&self, cx: &Cx, after: Option<Uuid>, limit: u32) -> Result<Page<JobRow>, DirectoryError> {
        Ok(self.store.jobs(cx.tenant_id(), after, limit).await?)
    }

    /// Does the job that has waited longest; `false` when there is none.
    ///
    /// # Errors
    /// When something inside fails; the job is taken up again when its lease is over.
    pub async fn run_waiting_job(&self, stop: &watch::Receiver<bool>) -> Result<bool, Error> {
        let now = self.clock.real();
        let Some(row) = self.store.waiting_job(now).await? else { return Ok(false) };
        match self.store.commit(Batch::new().with(work::lease(&row, now, now.plus_seconds(LEASE_SECONDS)))).await {
            Ok(_) => {}
            Err(error) if error.is_guard(work::LEASED) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
        let Some(cx) = self.admin_cx(row.tenant_id, Client::default()).await? else { return Ok(true) };
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
            return Ok(true);
        };
        self.import_as_job(cx, row, input, stop).await?;
        Ok(true)
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
    next.summary = Json(json!(summary));
    for (n, (user, outcome)) in part.iter().zip(outcomes).enumerate() {
        if let ImportOutcome::Refused(problems) = outcome
            && next.errors.0.len() < MOST_ERRORS
        {
            let problems: Vec<Value> = problems.iter().map(|p| json!({ "field": p.field, "message": p.message })).collect();
            next.errors.0.push(json!({ "index": from + n, "user": user.label(), "errors": problems }));
        }
    }
    next.done += i64::try_from(part.len()).unwrap_or_default();
    next.leased_until = leased_until;
    match finished_at {
        Some(now) => finished(next, now, work::COMPLETED),
        None => next,
    }
}

fn finished(mut row: JobRow, now: Timestamp, status: &str) -> JobRow {
    row.status = status.into();
    row.finished_at = Some(now);
    row.leased_until = None;
    row.input = None;
    row
}
