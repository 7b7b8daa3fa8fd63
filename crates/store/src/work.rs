//! Jobs: long work that a caller asks after.

use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use crate::{Page, Store};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

/// Waits for a worker.
pub const PENDING: &str = "pending";
/// A worker is at it.
pub const RUNNING: &str = "running";
/// Done; what was refused is in its errors.
pub const COMPLETED: &str = "completed";
/// It could not be done.
pub const FAILED: &str = "failed";

record! {
    /// A job.
    JobRow in "job" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose.
        tenant_id: TenantId,
        /// What it does, such as `users_import`.
        kind: String,
        /// `pending`, `running`, `completed` or `failed`.
        status: String,
        /// Who asked.
        actor: String,
        /// What it works on, encrypted; gone when it is finished.
        input: Option<Vec<u8>>,
        /// How many items.
        total: i64,
        /// How many of them are through.
        done: i64,
        /// Numbers and whatever else its kind tells of it.
        summary: Json<serde_json::Value>,
        /// What was refused, one entry an item.
        errors: Json<Vec<serde_json::Value>>,
        /// A worker has it until.
        leased_until: Option<Timestamp>,
        /// How often a worker has begun since it last moved.
        attempts: i64,
        /// Asked at.
        created_at: Timestamp,
        /// Begun at.
        started_at: Option<Timestamp>,
        /// Finished at.
        finished_at: Option<Timestamp>,
        /// Kept until.
        expires_at: Timestamp,
    }
}

record! {
    /// A part of what a job makes.
    JobOutputRow in "job_output" by [tenant_id, job_id, part] {
        /// Of which job.
        job_id: Uuid,
        /// Its place.
        part: i64,
        /// Whose tenant.
        tenant_id: TenantId,
        /// The bytes.
        content: Vec<u8>,
    }
}

/// The guard of [`lease`].
pub const LEASED: &str = "job.leased";
/// The guard of [`progress`].
pub const MOVED: &str = "job.moved";

/// Takes a job for a while, by the clock of the machine; the guard fails when another worker has it.
pub fn lease(row: &JobRow, now: Timestamp, until: Timestamp) -> Statement {
    statement(
        "UPDATE job SET leased_until = $3, status = 'running', attempts = attempts + 1 WHERE id = $1 AND tenant_id = $2 AND finished_at IS NULL AND (leased_until IS NULL OR leased_until <= $4)",
        params![row.id, row.tenant_id.0, until.0, now.0],
        Expect::Rows(1),
        LEASED,
    )
}

/// Notes how far a job has come, in the transaction of what was done; the guard fails when another worker did it.
pub fn progress(row: &JobRow, before: i64) -> Statement {
    use crate::record::Field as _;
    statement(
        "UPDATE job SET status = $3, done = $4, summary = $5, errors = $6, leased_until = $7, attempts = 0, started_at = $8, finished_at = $9, input = $10 WHERE id = $1 AND tenant_id = $2 AND done = $11 AND finished_at IS NULL",
        vec![
            row.id.bind(),
            row.tenant_id.bind(),
            row.status.bind(),
            row.done.bind(),
            row.summary.bind(),
            row.errors.bind(),
            row.leased_until.bind(),
            row.started_at.bind(),
            row.finished_at.bind(),
            row.input.bind(),
            before.bind(),
        ],
        Expect::Rows(1),
        MOVED,
    )
}

impl Store {
    /// A job.
    pub async fn job(&self, tenant: TenantId, id: Uuid) -> Result<Option<JobRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// Jobs of a tenant, oldest first.
    pub async fn jobs(&self, tenant: TenantId, after: Option<Uuid>, limit: u32) -> Result<Page<JobRow>, StoreError> {
        self.page(tenant.0, after, limit, |j: &JobRow| j.id).await
    }

    /// The job that has waited longest and that no worker has.
    pub async fn waiting_job(&self, now: Timestamp) -> Result<Option<JobRow>, StoreError> {
        self.find(
            "WHERE finished_at IS NULL AND (leased_until IS NULL OR leased_until <= $1) ORDER BY id LIMIT 1",
            params![now.0],
        )
        .await
    }

    /// A part of what a job made.
    pub async fn job_output(&self, tenant: TenantId, job: Uuid, part: i64) -> Result<Option<JobOutputRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND job_id = $2 AND part = $3", params![tenant.0, job, part]).await
    }
}
