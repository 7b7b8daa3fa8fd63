//! Rows in SQLite and PostgreSQL. One SQL text for both engines; a write is a value (a [`engine::Batch`]) that a use case
//! composes and the engine commits as one transaction.

pub mod engine;

pub mod account;
pub mod administrators;
pub mod applications;
pub mod audit;
pub mod conditions;
pub mod device;
pub mod directory;
pub mod extension;
pub mod factors;
pub mod grants;
pub mod keys;
pub mod listing;
pub mod mail;
pub mod named_keys;
pub mod passkeys;
pub mod people;
pub mod processes;
mod record;
pub mod revision;
pub mod sanctions;
pub mod search;
pub mod sessions;
pub mod short_lived;
pub mod tenants;
pub mod users;
pub mod webhooks;
pub mod work;

pub use record::{Json, Record};

use engine::{Batch, Db, Migration, Row, StoreError, Value};

/// The migrations of this binary, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "core",
        sqlite: include_str!("../migrations/sqlite/0001_core.sql"),
        postgres: include_str!("../migrations/postgres/0001_core.sql"),
    },
    Migration {
        version: 2,
        name: "factors",
        sqlite: include_str!("../migrations/sqlite/0002_factors.sql"),
        postgres: include_str!("../migrations/postgres/0002_factors.sql"),
    },
    Migration {
        version: 3,
        name: "processes",
        sqlite: include_str!("../migrations/sqlite/0003_processes.sql"),
        postgres: include_str!("../migrations/postgres/0003_processes.sql"),
    },
    Migration {
        version: 4,
        name: "authorization",
        sqlite: include_str!("../migrations/sqlite/0004_authorization.sql"),
        postgres: include_str!("../migrations/postgres/0004_authorization.sql"),
    },
    Migration {
        version: 5,
        name: "extensions",
        sqlite: include_str!("../migrations/sqlite/0005_extensions.sql"),
        postgres: include_str!("../migrations/postgres/0005_extensions.sql"),
    },
    Migration {
        version: 6,
        name: "administrators",
        sqlite: include_str!("../migrations/sqlite/0006_administrators.sql"),
        postgres: include_str!("../migrations/postgres/0006_administrators.sql"),
    },
    Migration {
        version: 7,
        name: "certificates",
        sqlite: include_str!("../migrations/sqlite/0007_certificates.sql"),
        postgres: include_str!("../migrations/postgres/0007_certificates.sql"),
    },
    Migration {
        version: 8,
        name: "job_output",
        sqlite: include_str!("../migrations/sqlite/0008_job_output.sql"),
        postgres: include_str!("../migrations/postgres/0008_job_output.sql"),
    },
    Migration {
        version: 9,
        name: "sanctions",
        sqlite: include_str!("../migrations/sqlite/0009_sanctions.sql"),
        postgres: include_str!("../migrations/postgres/0009_sanctions.sql"),
    },
    Migration {
        version: 10,
        name: "console",
        sqlite: include_str!("../migrations/sqlite/0010_console.sql"),
        postgres: include_str!("../migrations/postgres/0010_console.sql"),
    },
    Migration {
        version: 11,
        name: "search",
        sqlite: include_str!("../migrations/sqlite/0011_search.sql"),
        postgres: include_str!("../migrations/postgres/0011_search.sql"),
    },
    Migration {
        version: 12,
        name: "index",
        sqlite: include_str!("../migrations/sqlite/0012_index.sql"),
        postgres: include_str!("../migrations/postgres/0012_index.sql"),
    },
    Migration {
        version: 13,
        name: "rows_of_a_user",
        sqlite: include_str!("../migrations/sqlite/0013_rows_of_a_user.sql"),
        postgres: include_str!("../migrations/postgres/0013_rows_of_a_user.sql"),
    },
];

/// The one door to the database.
#[derive(Clone)]
pub struct Store {
    db: Db,
}

/// A page of a list: its items and the cursor of the next page.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give this as `after` to go on; `None` at the end.
    pub next: Option<uuid::Uuid>,
}

impl Store {
    /// Wraps a connected and migrated database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The engine, for statistics and closing.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Commits a batch; answers after it is durable.
    pub async fn commit(&self, batch: Batch) -> Result<Vec<Vec<Row>>, StoreError> {
        self.db.commit(batch).await
    }

    /// Copies a running SQLite database to a new file, as of one moment.
    pub async fn backup(&self, to: &std::path::Path) -> Result<(), StoreError> {
        self.db.backup(to).await
    }

    /// The rows of `R` that a `WHERE …` tail selects.
    pub(crate) async fn list<R: Record>(&self, tail: &str, params: Vec<Value>) -> Result<Vec<R>, StoreError> {
        let rows = self.db.query(R::select(tail), params).await?;
        rows.iter().map(R::read).collect()
    }

    /// The row of `R` that a `WHERE …` tail selects.
    pub(crate) async fn find<R: Record>(&self, tail: &str, params: Vec<Value>) -> Result<Option<R>, StoreError> {
        self.db.query_opt(R::select(tail), params).await?.as_ref().map(R::read).transpose()
    }

    /// Rows of a tenant after a cursor, oldest first; `id` is the cursor. Asks for one more than `limit` to know whether there are more.
    pub(crate) async fn page<R: Record>(
        &self,
        tenant: uuid::Uuid,
        after: Option<uuid::Uuid>,
        limit: u32,
        id: impl Fn(&R) -> uuid::Uuid,
    ) -> Result<Page<R>, StoreError> {
        let items = self
            .list::<R>(
                "WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                params![tenant, after.unwrap_or(uuid::Uuid::nil()), i64::from(limit) + 1],
            )
            .await?;
        Ok(cut(items, limit, id))
    }
}

/// Binds values and answers their places, for a list in SQL.
pub(crate) fn places<V: Into<Value> + Copy>(params: &mut Vec<Value>, values: &[V]) -> String {
    let each: Vec<String> = values
        .iter()
        .map(|value| {
            params.push((*value).into());
            format!("${}", params.len())
        })
        .collect();
    each.join(", ")
}

/// Cuts a list that was asked for with one row too many.
pub(crate) fn cut<R>(mut items: Vec<R>, limit: u32, id: impl Fn(&R) -> uuid::Uuid) -> Page<R> {
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = if more { items.last().map(&id) } else { None };
    Page { items, next }
}
