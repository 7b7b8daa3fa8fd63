//! Which database: `sqlite:<path>`, `sqlite::memory:` or `postgres://…`.

use std::{fmt, path::PathBuf, str::FromStr};

use super::StoreError;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite {
        /// Where it is.
        path: PathBuf,
    },
    /// For tests: an SQLite database of its own, gone when it is closed. It is a file in the directory for
    /// temporary files, because SQLite's own in-memory databases lock and fail differently from files.
    Memory,
    /// A PostgreSQL server. `sslmode=require`, `verify-ca` and `verify-full` all verify the certificate and
    /// its name, against the public roots or the file given as `sslrootcert`.
    Postgres {
        /// The whole address, password included.
        url: String,
    },
}

/// Never prints a password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Never prints a password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Postgres { .. } => f.write_str("postgres://…"),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres { url: text.to_owned() });
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            return Err(StoreError::Config("the address must start with sqlite: or postgres://".to_owned()));
        };
        match path.strip_prefix("//").unwrap_or(path) {
            ":memory:" => Ok(Self::Memory),
            "" => Err(StoreError::Config("sqlite: needs a path".to_owned())),
            path => Ok(Self::Sqlite { path: path.into() }),
        }
    }
}
