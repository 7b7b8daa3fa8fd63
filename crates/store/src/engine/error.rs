//! What can go wrong between a use case and its rows, in words that are the same on both engines.
//!
//! Private causes stand in the text of the variants; a surface shows none of it to a client.

/// A store operation that did not happen. Whatever the variant, nothing of the batch was kept, except
/// after [`StoreError::Unavailable`] on PostgreSQL while COMMIT was under way: there the outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// An expectation of the batch did not hold; the label names it.
    #[error("guard `{label}` did not hold")]
    Guard {
        /// The label given with the expectation.
        label: &'static str,
    },
    /// A unique index refused a row.
    #[error("unique constraint `{constraint}` of `{table}`")]
    Unique {
        /// The table that refused the row.
        table: String,
        /// The name of the index. For a nameless constraint PostgreSQL's default name on both engines:
        /// `<table>_pkey` or `<table>_<columns>_key`.
        constraint: String,
    },
    /// A row names another row that is not there, or is named by one that still is.
    #[error("foreign key violated")]
    ForeignKey,
    /// Too much is waiting already, or a lock was not granted in time. Worth another try a little later.
    #[error("the store is busy")]
    Busy,
    /// The database cannot be reached, or its disk is full or broken.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The engine refused the statement. A defect of ours.
    #[error("statement refused: {0}")]
    Sql(String),
    /// A column is missing, NULL where it must not be, or of another type. A defect of ours.
    #[error("column `{column}` has another type or is missing")]
    Type {
        /// The column that was asked for.
        column: String,
    },
    /// The database address or an option makes no sense.
    #[error("database settings: {0}")]
    Config(String),
    /// The schema of this database does not fit this binary.
    #[error("migration {version}: {fault}")]
    Migration {
        /// The version at which the two disagree.
        version: i64,
        /// How they disagree.
        fault: MigrationFault,
    },
}

/// Why the embedded migrations do not fit a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MigrationFault {
    /// The text of an applied migration is not the text in this binary.
    #[error("its text changed after it was applied")]
    ChecksumChanged,
    /// The database has a migration that this binary does not know.
    #[error("the database is newer than this program")]
    DatabaseNewer,
    /// The embedded list is not strictly ascending, or a pending migration is older than an applied one.
    #[error("out of order")]
    OutOfOrder,
    /// After the script, a row names a row that is not there.
    #[error("it leaves rows that name missing rows")]
    ForeignKey,
}

impl StoreError {
    /// True when a unique index of this table refused the row.
    pub fn is_unique(&self, table: &str) -> bool {
        matches!(self, Self::Unique { table: t, .. } if t == table)
    }

    /// True when this very unique index refused the row.
    pub fn is_unique_index(&self, index: &str) -> bool {
        matches!(self, Self::Unique { constraint, .. } if constraint == index)
    }

    /// True when the database could not be reached or could not keep anything.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// True when the guard with this label did not hold.
    pub fn is_guard(&self, label: &str) -> bool {
        matches!(self, Self::Guard { label: l } if *l == label)
    }
}
