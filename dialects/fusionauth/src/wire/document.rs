//! Reading JSON documents by path, with the tolerance that clients need: numbers as text, nothing instead of null.

use doorward_protocol::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Reads of a JSON value by a dotted path.
pub trait Doc {
    /// What stands at a path; null counts as absent.
    fn at(&self, path: &str) -> Option<&Value>;

    /// A text that is not empty.
    fn text(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A flag.
    fn flag(&self, path: &str) -> Option<bool> {
        match self.at(path)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A whole number, also as text.
    fn number(&self, path: &str) -> Option<i64> {
        match self.at(path)? {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// An id; text that is none gives the nil id, which nothing has.
    fn id(&self, path: &str) -> Option<Uuid> {
        self.text(path).map(|text| Uuid::parse_str(text).unwrap_or_default())
    }

    /// A list; a single text counts as one.
    fn list(&self, path: &str) -> Vec<Value> {
        match self.at(path) {
            Some(Value::Array(all)) => all.clone(),
            Some(one @ Value::String(_)) => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    /// A list of texts.
    fn texts(&self, path: &str) -> Vec<String> {
        self.list(path).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

impl Doc for Value {
    fn at(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self, |value, key| value.get(key)).filter(|value| !value.is_null())
    }
}

/// A time as this API writes it: milliseconds since the epoch.
pub fn instant(at: Timestamp) -> Value {
    Value::from(at.0)
}

/// A value as an id.
pub fn uuid_of(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| Uuid::parse_str(text).ok())
}
