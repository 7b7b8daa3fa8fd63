//! Documents: JSON in, typed values or problems with the path of the field out; merge patches (RFC 7396).

use super::{DirectoryError, FieldProblem};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Applies a merge patch (RFC 7396, section 2).
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (key, value) in patch {
            if value.is_null() {
                target.remove(key);
            } else {
                merge(target.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
    }
}

/// Reads a document; what does not fit is named by its path.
///
/// # Errors
/// [`DirectoryError::Invalid`] with one problem.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, DirectoryError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        DirectoryError::Invalid(vec![problem(if path == "." { "" } else { &path }, &error.into_inner().to_string())])
    })
}

/// A problem from a message of the reader, which names unknown and missing fields in its words only.
pub(crate) fn problem(path: &str, message: &str) -> FieldProblem {
    let named = ["unknown field `", "missing field `"]
        .iter()
        .find_map(|head| message.strip_prefix(head))
        .and_then(|rest| rest.split('`').next());
    let field = match named {
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
        _ => path.to_owned(),
    };
    let message = if message.starts_with("missing field") { "must be given" } else { message };
    FieldProblem { field, message: message.to_owned() }
}

/// Parts the named keys from the rest of an object, for documents that are flat outside and two structs inside.
///
/// # Errors
/// When it is no object.
pub(crate) fn split(value: Value, keys: &[&str]) -> Result<(Value, Value), DirectoryError> {
    let Value::Object(all) = value else { return Err(DirectoryError::invalid("", "must be an object")) };
    let (mut own, mut rest) = (Map::new(), Map::new());
    for (key, value) in all {
        if keys.contains(&key.as_str()) {
            own.insert(key, value)
        } else {
            rest.insert(key, value)
        };
    }
    Ok((Value::Object(own), Value::Object(rest)))
}

/// Puts two objects together again.
pub(super) fn join(mut own: Value, rest: Value) -> Value {
    if let (Value::Object(own), Value::Object(rest)) = (&mut own, rest) {
        own.extend(rest);
    }
    own
}

/// A document of ours as JSON.
pub(super) fn json<T: serde::Serialize>(document: &T) -> Result<Value, DirectoryError> {
    serde_json::to_value(document).map_err(|e| crate::Error::internal(e).into())
}

/// The patched form of a document, and the names of the fields that differ.
pub(super) fn patched(before: Value, patch: &Value) -> Result<(Value, Vec<String>), DirectoryError> {
    if !patch.is_object() {
        return Err(DirectoryError::invalid("", "must be an object"));
    }
    let mut after = before.clone();
    merge(&mut after, patch);
    let mut fields = Vec::new();
    differing(&before, &after, "", &mut fields);
    Ok((after, fields))
}

/// The fields in which two documents differ, each by its whole path; a list is one field.
fn differing(old: &Value, new: &Value, path: &str, fields: &mut Vec<String>) {
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        if old != new {
            fields.push(path.to_owned());
        }
        return;
    };
    let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in after {
        differing(before.get(key).unwrap_or(&Value::Null), value, &under(key), fields);
    }
    fields.extend(before.iter().filter(|(key, value)| !value.is_null() && !after.contains_key(*key)).map(|(key, _)| under(key)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_changed_is_named_by_its_whole_path() {
        let before = json!({ "name": "a", "policy": { "password": { "enabled": false, "min_length": 8 }, "code": { "digits": 6 } }, "gone": 1, "list": [{ "a": 1 }] });
        let patch =
            json!({ "policy": { "password": { "enabled": true } }, "gone": null, "list": [{ "a": 2 }], "new": { "x": 1 } });
        let (_, mut fields) = patched(before, &patch).unwrap();
        fields.sort();
        assert_eq!(fields, ["gone", "list", "new", "policy.password.enabled"]);
    }

    #[test]
    fn rfc7396_appendix_a() {
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let mut got = target.clone();
            merge(&mut got, &patch);
            assert_eq!(got, result, "{target} + {patch}");
        }
    }
}
