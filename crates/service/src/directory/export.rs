//! Users in bulk, outward: a job writes them down in the form of a surface, in compressed parts that are put together when they
//! are fetched.

use super::DirectoryError;
use super::import::{LEASE_SECONDS, finished, kept_until};
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use async_trait::async_trait;
use doorward_protocol::ids::UserId;
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::users::Person;
use doorward_store::work::{self, JobOutputRow, JobRow};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, RwLock};
use tokio::sync::watch;
use uuid::Uuid;

/// The kind of these jobs.
pub const USERS_EXPORT: &str = "users_export";
/// Users in one part.
const PART: u32 = 500;
const INPUT: &str = "job input";
const OUTPUT: &str = "job output";
/// Seconds that the link to a file is good for; asking after the job makes another one.
const LINK_SECONDS: i64 = 600;

/// How a surface writes users down.
#[async_trait]
pub trait ExportForm: Send + Sync {
    /// What stands before the first user.
    fn head(&self, settings: &Value) -> Vec<u8>;

    /// Some users.
    async fn users(&self, service: &Service, cx: &Cx, people: &[Person], settings: &Value) -> Result<Vec<u8>, Error>;
}

/// The forms of this server.
#[derive(Default)]
pub struct ExportForms {
    all: RwLock<HashMap<String, Arc<dyn ExportForm>>>,
}

impl ExportForms {
    /// Registers a form; done once, at start.
    pub fn register(&self, name: &str, form: Arc<dyn ExportForm>) {
        if let Ok(mut all) = self.all.write() {
            all.insert(name.to_owned(), form);
        }
    }

    fn get(&self, name: &str) -> Option<Arc<dyn ExportForm>> {
        self.all.read().ok().and_then(|all| all.get(name).cloned())
    }
}

#[derive(Serialize, Deserialize)]
struct Input {
    form: String,
    settings: Value,
    limit: Option<u32>,
}

/// A file that may be fetched.
#[derive(Serialize, Deserialize)]
struct Link {
    job: Uuid,
}

impl Service {
    /// Puts an export on the list of work: every user, or the oldest `limit` of them.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn start_user_export(
        &self,
        cx: &Cx,
        actor: &str,
        form: &str,
        settings: Value,
        limit: Option<u32>,
        about: Value,
    ) -> Result<JobRow, DirectoryError> {
        let id = new_id(cx.now);
        let count = self.store.count_users(cx.tenant_id()).await?;
        let input = Input { form: form.to_owned(), settings, limit };
        let plain = serde_json::to_vec(&input).map_err(Error::internal)?;
        let row = JobRow {
            id,
            tenant_id: cx.tenant_id(),
            kind: USERS_EXPORT.into(),
            status: work::PENDING.into(),
            actor: actor.to_owned(),
            input: Some(self.secrets.encrypt(INPUT, &id.to_string(), &plain)),
            total: limit.map_or(count, |limit| count.min(limit.into())),
            done: 0,
            summary: Json(json!({ "about": about })),
            errors: Json(Vec::new()),
            leased_until: None,
            attempts: 0,
            created_at: cx.now,
            started_at: None,
            finished_at: None,
            expires_at: kept_until(self, cx),
        };
        self.store.commit(Batch::new().with(row.insert())).await?;
        self.job_wake.notify_one();
        Ok(row)
    }

    /// Writes a waiting export down, part by part; where it stopped it goes on.
    pub(super) async fn export_as_job(&self, mut cx: Cx, mut row: JobRow, stop: &watch::Receiver<bool>) -> Result<(), Error> {
        let input = row.input.as_deref().and_then(|sealed| self.secrets.decrypt(INPUT, &row.id.to_string(), sealed).ok());
        let input = input.and_then(|plain| serde_json::from_slice::<Input>(&plain).ok());
        let form = input.as_ref().and_then(|input| self.exports.get(&input.form));
        let (Some(input), Some(form)) = (input, form) else {
            tracing::error!(job = %row.id, "an export cannot be read");
            let before = row.done;
            let failed = finished(row, cx.now, work::FAILED);
            self.store.commit(Batch::new().with(work::progress(&failed, before))).await?;
            return Ok(());
        };
        row.status = work::RUNNING.into();
        row.started_at = row.started_at.or(Some(cx.now));
        loop {
            cx.now = self.clock.now(row.tenant_id);
            let before = row.done;
            let (after, part) = progress_of(&row);
            let left = input.limit.map_or(PART, |limit| limit.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)));
            let page = self.list_users(&cx, None, after, left.clamp(1, PART)).await.map_err(Error::internal)?;
            let mut people = page.items;
            people.truncate(left as usize);
            let mut text = if part == 0 { form.head(&input.settings) } else { Vec::new() };
            text.extend(form.users(self, &cx, &people, &input.settings).await?);
            row.done += i64::try_from(people.len()).unwrap_or_default();
            let last: Option<UserId> = people.last().map(|person| person.user.id);
            if let Some(told) = row.summary.0.as_object_mut() {
                told.insert("parts".into(), json!(part + 1));
                told.insert("after".into(), json!(last.map(|id| id.0).or(after)));
            }
            let enough = input.limit.is_some_and(|limit| row.done >= i64::from(limit));
            let going_on = !*stop.borrow();
            row.leased_until = going_on.then(|| self.clock.real().plus_seconds(LEASE_SECONDS));
            let output = JobOutputRow { job_id: row.id, part, tenant_id: row.tenant_id, content: compressed(&text)? };
            if page.next.is_none() || enough {
                row = finished(row, cx.now, work::COMPLETED);
            }
            let batch = Batch::new().with(output.insert()).with(work::progress(&row, before));
            self.store.commit(batch).await?;
            if row.finished_at.is_some() || !going_on {
                return Ok(());
            }
        }
    }

    /// What stands behind the link to the file of a finished job.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn job_file_link(&self, cx: &Cx, job: Uuid) -> Result<String, Error> {
        self.secrets.seal(OUTPUT, cx.tenant_id(), cx.now.plus_seconds(LINK_SECONDS), &Link { job })
    }

    /// The job whose file a link leads to, and the file: compressed (RFC 1952).
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn job_file(&self, cx: &Cx, link: &str) -> Result<Option<(JobRow, Vec<u8>)>, Error> {
        let Ok(link) = self.secrets.open::<Link>(OUTPUT, cx.tenant_id(), cx.now, link) else { return Ok(None) };
        let Some(row) = self.store.job(cx.tenant_id(), link.job).await? else { return Ok(None) };
        if row.status != work::COMPLETED {
            return Ok(None);
        }
        let mut file = Vec::new();
        for part in 0..progress_of(&row).1 {
            let found = self.store.job_output(cx.tenant_id(), row.id, part).await?;
            file.extend(found.map(|row| row.content).unwrap_or_default());
        }
        Ok(Some((row, file)))
    }
}

/// After which user a job goes on, and with which part.
fn progress_of(row: &JobRow) -> (Option<Uuid>, i64) {
    let told = &row.summary.0;
    let after = told.get("after").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    (after, told.get("parts").and_then(Value::as_i64).unwrap_or_default())
}

/// RFC 1952, section 2.2: members one behind the other are one file.
fn compressed(text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).and_then(|()| encoder.finish()).map_err(Error::internal)
}
