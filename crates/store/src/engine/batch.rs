//! A write is a value: a list of statements with what each must have done. The engine runs a batch
//! in one transaction; the first expectation that does not hold undoes all of it.
//!
//! "Only once" is an expectation: `UPDATE … WHERE consumed_at IS NULL` must have changed one row.

use std::borrow::Cow;

use super::{Row, StoreError, Value};

/// How many rows a statement must change (or, when it returns rows, return).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number, none included.
    Any,
    /// Exactly this many.
    Rows(u64),
    /// This many or more.
    AtLeast(u64),
}

impl Expect {
    pub(super) fn holds(self, rows: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Rows(wanted) => rows == wanted,
            Self::AtLeast(least) => rows >= least,
        }
    }
}

/// One statement of a batch.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text, with `$1`, `$2`, … for the parameters.
    pub sql: Cow<'static, str>,
    /// The parameters in order.
    pub params: Vec<Value>,
    /// What must be true of the number of rows.
    pub expect: Expect,
    /// The name of the expectation in [`StoreError::Guard`].
    pub label: &'static str,
    /// Whether its rows (`RETURNING`, or a SELECT inside the transaction) are part of the answer.
    pub returning: bool,
}

impl Statement {
    pub(super) fn check(&self, rows: u64) -> Result<(), StoreError> {
        if self.expect.holds(rows) { Ok(()) } else { Err(StoreError::Guard { label: self.label }) }
    }
}

/// Statements that happen together or not at all, in order.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    statements: Vec<Statement>,
}

/// The rows of the `returning` statements of a batch, in the order of those statements.
pub type Returned = Vec<Vec<Row>>;

impl From<Vec<Statement>> for Batch {
    fn from(statements: Vec<Statement>) -> Self {
        Self { statements }
    }
}

impl Batch {
    /// A batch that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A statement without an expectation.
    #[must_use]
    pub fn run(self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        self.with(Statement { sql: sql.into(), params, expect: Expect::Any, label: "", returning: false })
    }

    /// A statement that must change the expected number of rows.
    #[must_use]
    pub fn expect(self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>, expect: Expect, label: &'static str) -> Self {
        self.with(Statement { sql: sql.into(), params, expect, label, returning: false })
    }

    /// A statement whose rows are part of the answer and that must return at least one row.
    #[must_use]
    pub fn returning(self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>, label: &'static str) -> Self {
        self.with(Statement { sql: sql.into(), params, expect: Expect::AtLeast(1), label, returning: true })
    }

    /// A statement whose rows, if there are any, are part of the answer.
    #[must_use]
    pub fn returning_any(self, sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        self.with(Statement { sql: sql.into(), params, expect: Expect::Any, label: "", returning: true })
    }

    /// Adds a statement.
    #[must_use]
    pub fn with(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    /// Adds all statements of another batch.
    #[must_use]
    pub fn and(mut self, other: Batch) -> Self {
        self.statements.extend(other.statements);
        self
    }

    /// Adds a statement in place.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// The statements in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}
