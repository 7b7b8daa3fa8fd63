//! Users in bulk, from wherever they were before: with the ids that their applications know, with hashes that were made
//! elsewhere, with second factors. A few hundred of them are one transaction.

mod job;
mod row;
mod run;

pub use job::{ImportJob, RefusedRow, USERS_IMPORT};
pub(super) use job::{LEASE_SECONDS, finished, kept_until};
pub use row::{ImportMembership, ImportPassword, ImportTotp, ImportUser};

use super::FieldProblem;
use doorward_protocol::ids::UserId;

/// Users in one transaction.
pub(super) const BATCH: usize = 250;
/// Most users of one import.
pub const MOST_USERS: usize = 100_000;

/// How users are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// A user who is there already is changed, not refused.
    pub upsert: bool,
    /// One user who is refused refuses all.
    pub all_or_nothing: bool,
    /// Who is there is known by the e-mail address alone, and keeps identifiers and outward ids.
    pub by_email: bool,
}

/// What became of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// Made.
    Inserted(UserId),
    /// Was there and was changed.
    Updated(UserId),
    /// Not taken, and why, field by field.
    Refused(Vec<FieldProblem>),
}

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct ImportSummary {
    /// All.
    pub total: usize,
    /// Made.
    pub inserted: usize,
    /// Changed.
    pub updated: usize,
    /// Refused.
    pub failed: usize,
}

impl ImportSummary {
    /// Counts outcomes.
    pub fn of(outcomes: &[ImportOutcome]) -> Self {
        let mut out = Self::default();
        out.add(outcomes);
        out
    }

    fn add(&mut self, outcomes: &[ImportOutcome]) {
        self.total += outcomes.len();
        for one in outcomes {
            match one {
                ImportOutcome::Inserted(_) => self.inserted += 1,
                ImportOutcome::Updated(_) => self.updated += 1,
                ImportOutcome::Refused(_) => self.failed += 1,
            }
        }
    }
}
