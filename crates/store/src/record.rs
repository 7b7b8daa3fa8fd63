//! Rows as structs: a macro that writes the column list, the reader and the insert of each.

use crate::engine::{Row, StoreError, Value};
use doorward_protocol::ids::{
    ApplicationId, DomainId, GrantId, GroupId, IdentifierId, PasskeyId, ResourceServerId, RoleId, SessionId, TenantId, UserId,
};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A column's type: how it is read and bound.
pub trait Field: Sized {
    /// NULL of this type; PostgreSQL wants to know which.
    const NULL: Value;
    /// Reads it; `None` for NULL.
    fn read(row: &Row, column: &str) -> Result<Option<Self>, StoreError>;
    /// Binds it.
    fn bind(&self) -> Value;
    /// Reads it where NULL is a mistake.
    fn must(row: &Row, column: &str) -> Result<Self, StoreError> {
        Self::read(row, column)?.ok_or_else(|| StoreError::Type { column: column.to_owned() })
    }
}

macro_rules! field {
    ($($type:ty, $variant:ident, $read:ident, |$from:ident| $make:expr, |$to:ident| $bind:expr;)*) => {$(
        impl Field for $type {
            const NULL: Value = Value::$variant(None);
            fn read(row: &Row, column: &str) -> Result<Option<Self>, StoreError> {
                Ok(row.$read(column)?.map(|$from| $make))
            }
            fn bind(&self) -> Value {
                let $to = self;
                Value::$variant(Some($bind))
            }
        }
    )*};
}

field! {
    i64, Int, opt_int, |v| v, |v| *v;
    bool, Int, opt_int, |v| v != 0, |v| i64::from(*v);
    Timestamp, Int, opt_int, |v| Timestamp(v), |v| v.0;
    String, Text, opt_text, |v| v, |v| v.clone();
    Vec<u8>, Bytes, opt_bytes, |v| v, |v| v.clone();
    Uuid, Bytes, opt_uuid, |v| v, |v| v.as_bytes().to_vec();
    TenantId, Bytes, opt_uuid, |v| TenantId(v), |v| v.0.as_bytes().to_vec();
    DomainId, Bytes, opt_uuid, |v| DomainId(v), |v| v.0.as_bytes().to_vec();
    ApplicationId, Bytes, opt_uuid, |v| ApplicationId(v), |v| v.0.as_bytes().to_vec();
    ResourceServerId, Bytes, opt_uuid, |v| ResourceServerId(v), |v| v.0.as_bytes().to_vec();
    RoleId, Bytes, opt_uuid, |v| RoleId(v), |v| v.0.as_bytes().to_vec();
    GroupId, Bytes, opt_uuid, |v| GroupId(v), |v| v.0.as_bytes().to_vec();
    UserId, Bytes, opt_uuid, |v| UserId(v), |v| v.0.as_bytes().to_vec();
    IdentifierId, Bytes, opt_uuid, |v| IdentifierId(v), |v| v.0.as_bytes().to_vec();
    PasskeyId, Bytes, opt_uuid, |v| PasskeyId(v), |v| v.0.as_bytes().to_vec();
    SessionId, Bytes, opt_uuid, |v| SessionId(v), |v| v.0.as_bytes().to_vec();
    GrantId, Bytes, opt_uuid, |v| GrantId(v), |v| v.0.as_bytes().to_vec();
}

impl Field for Accent {
    const NULL: Value = Value::Text(None);
    fn read(row: &Row, column: &str) -> Result<Option<Self>, StoreError> {
        let Some(text) = row.opt_text(column)? else { return Ok(None) };
        Self::parse(&text).map(Some).ok_or_else(|| StoreError::Type { column: column.to_owned() })
    }
    fn bind(&self) -> Value {
        Value::Text(Some(self.as_str().to_owned()))
    }
}

impl<T: Field> Field for Option<T> {
    const NULL: Value = T::NULL;
    fn read(row: &Row, column: &str) -> Result<Option<Self>, StoreError> {
        T::read(row, column).map(Some)
    }
    fn bind(&self) -> Value {
        self.as_ref().map_or(T::NULL, Field::bind)
    }
}

/// A document in a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned> Field for Json<T> {
    const NULL: Value = Value::Text(None);
    fn read(row: &Row, column: &str) -> Result<Option<Self>, StoreError> {
        let Some(text) = row.opt_text(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(|value| Some(Self(value))).map_err(|_| StoreError::Type { column: column.to_owned() })
    }
    fn bind(&self) -> Value {
        // Our documents are structs of strings, numbers and lists: they always serialise.
        Value::Text(Some(serde_json::to_string(&self.0).expect("a document of plain values serialises")))
    }
}

/// A row of one table.
pub trait Record: Sized {
    /// `SELECT columns FROM table` and a tail.
    fn select(tail: &str) -> String;
    /// Reads one.
    fn read(row: &Row) -> Result<Self, StoreError>;
}

/// Writes a row struct with its reader, `insert` and, where `by` names the key columns, `update` and `delete`.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident in $table:literal by [$($key:ident),+] { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),* }

        impl $crate::Record for $name {
            fn select(tail: &str) -> String {
                static HEAD: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    format!("SELECT {} FROM {} ", [$(stringify!($field)),*].join(", "), $table)
                });
                format!("{}{tail}", *HEAD)
            }
            fn read(row: &$crate::engine::Row) -> Result<Self, $crate::engine::StoreError> {
                Ok(Self { $($field: <$type as $crate::record::Field>::must(row, stringify!($field))?),* })
            }
        }

        #[allow(dead_code)]
        impl $name {
            fn bound(&self) -> Vec<(&'static str, $crate::engine::Value)> {
                vec![$((stringify!($field), $crate::record::Field::bind(&self.$field))),*]
            }

            /// Inserts this row.
            pub fn insert(&self) -> $crate::engine::Statement {
                static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    let columns = [$(stringify!($field)),*];
                    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
                    format!("INSERT INTO {} ({}) VALUES ({})", $table, columns.join(", "), places.join(", "))
                });
                $crate::record::statement(SQL.as_str(), self.bound().into_iter().map(|(_, v)| v).collect(), $crate::engine::Expect::Any, concat!($table, ".insert"))
            }

            /// Writes every column of this row; a guard fails when it is gone.
            pub fn update(&self) -> $crate::engine::Statement {
                static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    let keys = [$(stringify!($key)),+];
                    let columns = [$(stringify!($field)),*];
                    let set: Vec<String> = columns.iter().enumerate().filter(|(_, c)| !keys.contains(c)).map(|(n, c)| format!("{c} = ${}", n + 1)).collect();
                    let by: Vec<String> = columns.iter().enumerate().filter(|(_, c)| keys.contains(c)).map(|(n, c)| format!("{c} = ${}", n + 1)).collect();
                    format!("UPDATE {} SET {} WHERE {}", $table, set.join(", "), by.join(" AND "))
                });
                $crate::record::statement(SQL.as_str(), self.bound().into_iter().map(|(_, v)| v).collect(), $crate::engine::Expect::Rows(1), concat!($table, ".gone"))
            }

            /// Deletes this row; a guard fails when it is gone already.
            pub fn delete(&self) -> $crate::engine::Statement {
                let keys = [$(stringify!($key)),+];
                let by: Vec<String> = keys.iter().enumerate().map(|(n, c)| format!("{c} = ${}", n + 1)).collect();
                let params = vec![$($crate::record::Field::bind(&self.$key)),+];
                $crate::record::statement(format!("DELETE FROM {} WHERE {}", $table, by.join(" AND ")), params, $crate::engine::Expect::Rows(1), concat!($table, ".gone"))
            }
        }
    };
}
pub(crate) use record;

/// A statement without returned rows.
pub(crate) fn statement(
    sql: impl Into<std::borrow::Cow<'static, str>>,
    params: Vec<Value>,
    expect: crate::engine::Expect,
    label: &'static str,
) -> crate::engine::Statement {
    crate::engine::Statement { sql: sql.into(), params, expect, label, returning: false }
}
