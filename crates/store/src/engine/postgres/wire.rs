//! Values, rows and errors between us and the PostgreSQL protocol.

use std::{error::Error as _, fmt::Write as _, io};

use tokio_postgres::{
    Error, Row as PgRow,
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use crate::engine::{
    Row, StoreError, Value,
    value::{Cell, Names},
};

/// The parameter types, told to the server so that it never guesses from the context.
pub(super) fn types(params: &[Value]) -> Vec<Type> {
    params
        .iter()
        .map(|value| match value {
            Value::Int(_) => Type::INT8,
            Value::Text(_) => Type::TEXT,
            Value::Bytes(_) => Type::BYTEA,
        })
        .collect()
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

pub(super) fn rows(rows: &[PgRow]) -> Vec<Row> {
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let names: Names = first.columns().iter().map(|column| Box::from(column.name())).collect();
    rows.iter()
        .map(|row| {
            let cells = row.columns().iter().enumerate().map(|(index, column)| cell(row, index, column.type_())).collect();
            Row::new(names.clone(), cells)
        })
        .collect()
}

fn cell(row: &PgRow, index: usize, kind: &Type) -> Cell {
    match *kind {
        Type::INT8 => read(row, index, Cell::Int),
        Type::INT4 => read(row, index, |value: i32| Cell::Int(value.into())),
        Type::INT2 => read(row, index, |value: i16| Cell::Int(value.into())),
        Type::BOOL => read(row, index, |value: bool| Cell::Int(value.into())),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => read(row, index, Cell::Text),
        Type::BYTEA => read(row, index, Cell::Bytes),
        _ => Cell::Foreign,
    }
}

fn read<'r, T: FromSql<'r>>(row: &'r PgRow, index: usize, cell: impl FnOnce(T) -> Cell) -> Cell {
    match row.try_get::<_, Option<T>>(index) {
        Ok(Some(value)) => cell(value),
        Ok(None) => Cell::Null,
        Err(_) => Cell::Foreign,
    }
}

/// The error with its causes. Never the detail of a database error: it quotes rows.
pub(super) fn describe(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Whether the connection broke, so that the server's answer is not known.
pub(super) fn lost(error: &Error) -> bool {
    match error.code() {
        Some(code) => code.code().starts_with("08") || code.code().starts_with("57P"),
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<io::Error>()),
    }
}

/// An error in our words.
pub(in crate::engine) fn failure(error: &Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        return if lost(error) { StoreError::Unavailable(describe(error)) } else { StoreError::Sql(describe(error)) };
    };
    let code = refusal.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return StoreError::Unique {
            table: refusal.table().unwrap_or_default().to_owned(),
            constraint: refusal.constraint().unwrap_or_default().to_owned(),
        };
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return StoreError::ForeignKey;
    }
    match code.code() {
        // Lock timeout, statement timeout, serialization failure, deadlock.
        "55P03" | "57014" | "40001" | "40P01" => StoreError::Busy,
        // Connection, resources (disk full), shutdown, I/O.
        code if ["08", "53", "57P", "58", "XX"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(describe(error))
        }
        _ => StoreError::Sql(describe(error)),
    }
}
