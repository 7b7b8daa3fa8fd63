//! Faults that are nobody's answer: the database is away, a row is broken, too much work waits. Surfaces show them as 503 or 500.

use doorward_store::engine::StoreError;

/// A fault inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More work than the server can take now; come back in some seconds.
    #[error("too much work is waiting")]
    Busy,
    /// The database failed.
    #[error("database: {0}")]
    Store(StoreError),
    /// Something that must be there is not, or does not open.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// An internal fault with its cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
}
