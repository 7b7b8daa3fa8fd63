//! One statement on one connection: parameters in, rows out, errors in our words.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use rusqlite::{
    CachedStatement, Connection, ErrorCode, ToSql, ffi,
    types::{ToSqlOutput, ValueRef},
};

use crate::engine::{
    Row, StoreError, SyncConn, Value,
    value::{Cell, Names},
};

/// Beyond this many texts the translation is not remembered: texts are few unless somebody builds them from data.
const REMEMBERED_TEXTS: usize = 4096;

/// A connection seen as [`SyncConn`].
pub(in crate::engine) struct SqliteConn<'a>(pub(in crate::engine) &'a Connection);

impl SyncConn for SqliteConn<'_> {
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        query(self.0, sql, params)
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        execute(self.0, sql, params)
    }
}

pub(super) fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
    let mut statement = prepare(connection, sql, params)?;
    let changed = statement.raw_execute().map_err(|error| refusal(connection, error))?;
    Ok(changed as u64)
}

pub(super) fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = prepare(connection, sql, params)?;
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    let mut names: Option<Names> = None;
    while let Some(row) = found.next().map_err(|error| refusal(connection, error))? {
        // Only from the first row on are the names those of the schema that is read.
        let names = names.get_or_insert_with(|| row.as_ref().column_names().into_iter().map(Box::from).collect());
        let cells = (0..names.len()).map(|index| row.get_ref(index).map(cell)).collect::<Result<Vec<_>, _>>().map_err(failure)?;
        rows.push(Row::new(names.clone(), cells));
    }
    Ok(rows)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(Cell::Foreign, |text| Cell::Text(text.to_owned())),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => Cell::Foreign,
    }
}

fn prepare<'c>(connection: &'c Connection, sql: &str, params: &[Value]) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(&numbered(sql)).map_err(failure)?;
    if statement.parameter_count() != params.len() {
        // SQLite would read what is missing as NULL.
        return Err(StoreError::Sql(format!("{} parameters given, {} wanted: {sql}", params.len(), statement.parameter_count())));
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value).map_err(failure)?;
    }
    Ok(statement)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The text with `?n` for `$n`: to SQLite `$1` is a name, numbered by where it first stands.
fn numbered(sql: &str) -> Arc<str> {
    static TEXTS: LazyLock<RwLock<HashMap<Box<str>, Arc<str>>>> = LazyLock::new(RwLock::default);
    if let Some(known) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(sql) {
        return known.clone();
    }
    let text: Arc<str> = translate(sql).into();
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    if texts.len() < REMEMBERED_TEXTS {
        texts.insert(sql.into(), text.clone());
    }
    text
}

/// Leaves literals, quoted names, comments and names with a dollar in them alone.
fn translate(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        let number = after.starts_with(|c: char| c.is_ascii_digit());
        if piece == "$" && number && !(previous.is_alphanumeric() || previous == '_') {
            out.push('?');
        } else {
            out.push_str(piece);
        }
        previous = first;
        rest = after;
    }
    out
}

/// The length of the quoted text at the start; a doubled quote inside reads as two texts, which is as good.
fn quoted(text: &str, quote: char) -> usize {
    text.char_indices().skip(1).find(|(_, c)| *c == quote).map_or(text.len(), |(at, c)| at + c.len_utf8())
}

/// An error in our words, with the index behind a refused row looked up.
fn refusal(connection: &Connection, error: rusqlite::Error) -> StoreError {
    if let rusqlite::Error::SqliteFailure(code, Some(message)) = &error
        && let Some(what) = message.strip_prefix("UNIQUE constraint failed: ")
        && code.code == ErrorCode::ConstraintViolation
    {
        return unique(connection, what).unwrap_or_else(failure);
    }
    failure(error)
}

/// An error in our words.
pub(in crate::engine) fn failure(error: rusqlite::Error) -> StoreError {
    let Some(code) = error.sqlite_error() else {
        return StoreError::Sql(error.to_string());
    };
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::ConstraintViolation if code.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::ForeignKey,
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::FileLockingProtocolFailed => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Sql(error.to_string()),
    }
}

/// SQLite names either an index of expressions (`index 'name'`) or the columns (`t.a, t.b`); we name the index.
fn unique(connection: &Connection, what: &str) -> Result<StoreError, rusqlite::Error> {
    if let Some(index) = what.strip_prefix("index '").and_then(|name| name.strip_suffix('\'')) {
        let table = connection
            .prepare_cached("SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?1")?
            .query_row([index], |row| row.get(0))?;
        return Ok(StoreError::Unique { table, constraint: index.to_owned() });
    }
    let mut table = "";
    let mut columns = Vec::new();
    for column in what.split(", ") {
        if let Some((before, after)) = column.split_once('.') {
            table = before;
            columns.push(after.to_owned());
        }
    }
    let mut constraint = format!("{table}_pkey");
    let mut indexes = connection.prepare_cached(r#"SELECT name, origin FROM pragma_index_list(?1) WHERE "unique" = 1"#)?;
    let mut members = connection.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let indexes = indexes
        .query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (name, origin) in indexes {
        let names = members.query_map([&name], |row| row.get::<_, Option<String>>(0))?.collect::<Result<Option<Vec<_>>, _>>()?;
        if names.as_ref() == Some(&columns) {
            match origin.as_str() {
                "c" => constraint = name,
                "u" => constraint = format!("{table}_{}_key", columns.join("_")),
                _ => {}
            }
            break;
        }
    }
    Ok(StoreError::Unique { table: table.to_owned(), constraint })
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn numbers_are_translated_and_nothing_else() {
        for (ours, theirs) in [
            ("a = $1 AND b=$12", "a = ?1 AND b=?12"),
            ("($2,$1,$2)", "(?2,?1,?2)"),
            ("'$1' || $1", "'$1' || ?1"),
            ("'it''s $1' || $2", "'it''s $1' || ?2"),
            ("\"a$1\" = $1", "\"a$1\" = ?1"),
            ("\"a\"\"$1\" = $1", "\"a\"\"$1\" = ?1"),
            ("a$1 = $1", "a$1 = ?1"),
            ("$1 -- it's $2\n, $3", "?1 -- it's $2\n, ?3"),
            ("$1 /* it's $2 */, $3", "?1 /* it's $2 */, ?3"),
            ("'ü$1' || $1 || 'é'", "'ü$1' || ?1 || 'é'"),
            ("$name $", "$name $"),
            ("'open $1", "'open $1"),
            ("$1 /* open $2", "?1 /* open $2"),
        ] {
            assert_eq!(translate(ours), theirs);
        }
    }
}
