//! Parameters and rows: the three column types that both engines share (BIGINT, TEXT, BYTEA or BLOB).
//!
//! NULL has a type because PostgreSQL wants to know it before it plans a statement.

use std::{fmt, sync::Arc};

use uuid::Uuid;

use super::StoreError;

/// One parameter of a statement.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// BYTEA, BLOB.
    Bytes(Option<Vec<u8>>),
}

/// Prints kinds and lengths only: parameters carry hashes, secrets and personal data.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) => f.write_str("NULL"),
            Self::Int(Some(_)) => f.write_str("Int"),
            Self::Text(Some(text)) => write!(f, "Text({})", text.len()),
            Self::Bytes(Some(bytes)) => write!(f, "Bytes({})", bytes.len()),
        }
    }
}

/// A Rust type with a column type, so that its `None` is a NULL of that type.
pub trait Column: Into<Value> {
    /// NULL of this column type.
    const NULL: Value;
}

macro_rules! column {
    ($($type:ty => $variant:ident, |$value:ident| $convert:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Self::$variant(Some($convert))
            }
        }
        impl Column for $type {
            const NULL: Value = Value::$variant(None);
        }
    )*};
}

column! {
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    u16 => Int, |v| i64::from(v);
    u8 => Int, |v| i64::from(v);
    bool => Int, |v| i64::from(v);
    &str => Text, |v| v.to_owned();
    &String => Text, |v| v.clone();
    String => Text, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
    &Vec<u8> => Bytes, |v| v.clone();
    Vec<u8> => Bytes, |v| v;
    Uuid => Bytes, |v| v.as_bytes().to_vec();
    &Uuid => Bytes, |v| v.as_bytes().to_vec();
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> Column for [u8; N] {
    const NULL: Value = Value::Bytes(None);
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> Column for &[u8; N] {
    const NULL: Value = Value::Bytes(None);
}

impl<T: Column> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(T::NULL, Into::into)
    }
}

/// The parameters of a statement: `params![id, email, None::<i64>]` is `$1`, `$2`, `$3`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::engine::Value::from($value)),*]
    };
}

/// What an engine found in one column of one row.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// A type outside the shared three: reading it is an error, selecting it beside others is not.
    Foreign,
}

/// The names of the columns of one result, shared by its rows.
pub(super) type Names = Arc<[Box<str>]>;

/// One row of a result, read by column name.
#[derive(Clone)]
pub struct Row {
    names: Names,
    cells: Vec<Cell>,
}

/// Prints the column names only.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.names).finish()
    }
}

impl Row {
    pub(super) fn new(names: Names, cells: Vec<Cell>) -> Self {
        Self { names, cells }
    }

    fn cell(&self, column: &str) -> Option<&Cell> {
        // Rows are narrow: walking the names is faster than hashing them.
        let index = self.names.iter().position(|name| &**name == column)?;
        self.cells.get(index)
    }

    /// A BIGINT that is not NULL.
    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| mismatch(column))
    }

    /// A BIGINT.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.cell(column) {
            Some(Cell::Int(value)) => Ok(Some(*value)),
            Some(Cell::Null) => Ok(None),
            _ => Err(mismatch(column)),
        }
    }

    /// A TEXT that is not NULL.
    pub fn text(&self, column: &str) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or_else(|| mismatch(column))
    }

    /// A TEXT.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        match self.cell(column) {
            Some(Cell::Text(value)) => Ok(Some(value.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(mismatch(column)),
        }
    }

    /// A BYTEA or BLOB that is not NULL.
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| mismatch(column))
    }

    /// A BYTEA or BLOB.
    pub fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.cell(column) {
            Some(Cell::Bytes(value)) => Ok(Some(value.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(mismatch(column)),
        }
    }

    /// Sixteen bytes that are not NULL.
    pub fn uuid(&self, column: &str) -> Result<Uuid, StoreError> {
        self.opt_uuid(column)?.ok_or_else(|| mismatch(column))
    }

    /// Sixteen bytes.
    pub fn opt_uuid(&self, column: &str) -> Result<Option<Uuid>, StoreError> {
        match self.cell(column) {
            Some(Cell::Bytes(value)) => Uuid::from_slice(value).map(Some).map_err(|_| mismatch(column)),
            Some(Cell::Null) => Ok(None),
            _ => Err(mismatch(column)),
        }
    }

    /// A BIGINT that says yes (1) or no (0); anything else is refused.
    pub fn flag(&self, column: &str) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(mismatch(column)),
        }
    }
}

fn mismatch(column: &str) -> StoreError {
    StoreError::Type { column: column.to_owned() }
}
