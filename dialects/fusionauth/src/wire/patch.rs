//! The three kinds of PATCH, chosen by content type: the vendor's own deep merge that appends to lists, JSON Merge Patch
//! (RFC 7396) and JSON Patch (RFC 6902).

use super::{Errors, Refused};
use axum::http::{HeaderMap, header};
use doorward_service::directory::merge;
use serde_json::{Map, Value};

/// What a PATCH does to a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Deep merge; lists are joined, null removes.
    Join(Value),
    /// RFC 7396; lists are replaced.
    Merge(Value),
    /// RFC 6902.
    Steps(Vec<Value>),
}

/// The change that a request asks for.
///
/// # Errors
/// When a JSON Patch is no list.
pub fn change_of(headers: &HeaderMap, body: Value) -> Result<Change, Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (kind.as_str(), body) {
        ("application/json-patch+json", Value::Array(steps)) => Ok(Change::Steps(steps)),
        ("application/json-patch+json", _) => {
            Err(Refused::Invalid(Errors::general("[invalidJSON]", "a JSON Patch is a list of operations")))
        }
        ("application/merge-patch+json", body) => Ok(Change::Merge(body)),
        (_, body) => Ok(Change::Join(body)),
    }
}

impl Change {
    /// Applies the change to a request-shaped document.
    ///
    /// # Errors
    /// When a step of a JSON Patch cannot be taken.
    pub fn apply(&self, mut document: Value) -> Result<Value, Refused> {
        match self {
            Self::Join(patch) => join(&mut document, patch),
            Self::Merge(patch) => merge(&mut document, patch),
            Self::Steps(steps) => {
                for (n, one) in steps.iter().enumerate() {
                    step(&mut document, one)
                        .map_err(|why| Refused::Invalid(Errors::general("[invalidJSON]", format!("operation {n}: {why}"))))?;
                }
            }
        }
        Ok(document)
    }
}

/// Deep merge: objects member by member, lists joined without doubles, null removes, anything else replaces.
fn join(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(key);
                } else {
                    join(target.entry(key.as_str()).or_insert(Value::Null), value);
                }
            }
        }
        (Value::Array(target), Value::Array(patch)) => {
            for one in patch {
                if !target.contains(one) {
                    target.push(one.clone());
                }
            }
        }
        (target @ Value::Null, Value::Object(_)) => {
            *target = Value::Object(Map::new());
            join(target, patch);
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// One operation of a JSON Patch (RFC 6902, section 4).
fn step(document: &mut Value, step: &Value) -> Result<(), String> {
    let text = |name: &str| step.get(name).and_then(Value::as_str).map(str::to_owned);
    let path = text("path").ok_or("path is missing")?;
    let value = || step.get("value").cloned().ok_or_else(|| "value is missing".to_owned());
    let from = || text("from").ok_or_else(|| "from is missing".to_owned());
    match text("op").as_deref() {
        Some("add") => add(document, &path, value()?),
        Some("remove") => remove(document, &path).map(|_| ()),
        Some("replace") => {
            let new = value()?;
            remove(document, &path)?;
            add(document, &path, new)
        }
        Some("move") => {
            let from = from()?;
            if path.starts_with(&format!("{from}/")) {
                return Err("a value cannot be moved into itself".into());
            }
            let moved = remove(document, &from)?;
            add(document, &path, moved)
        }
        Some("copy") => {
            let from = from()?;
            let copied = document.pointer(&from).cloned().ok_or_else(|| format!("there is nothing at {from}"))?;
            add(document, &path, copied)
        }
        Some("test") => {
            if document.pointer(&path) == Some(&value()?) {
                Ok(())
            } else {
                Err(format!("the value at {path} is another"))
            }
        }
        _ => Err("op must be add, remove, replace, move, copy or test".into()),
    }
}

/// RFC 6901: the parent of a path and the last token.
fn parent<'d>(document: &'d mut Value, path: &str) -> Result<(&'d mut Value, String), String> {
    let (head, last) = path.rsplit_once('/').ok_or("path must begin with a slash")?;
    let parent = document.pointer_mut(head).ok_or_else(|| format!("there is nothing at {head}"))?;
    Ok((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    match parent(document, path)? {
        (Value::Object(object), key) => {
            object.insert(key, value);
            Ok(())
        }
        (Value::Array(list), key) => {
            let at = if key == "-" { list.len() } else { key.parse().map_err(|_| "not a place in a list".to_owned())? };
            if at > list.len() {
                return Err("behind the end of the list".into());
            }
            list.insert(at, value);
            Ok(())
        }
        _ => Err("neither an object nor a list".into()),
    }
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    match parent(document, path)? {
        (Value::Object(object), key) => object.remove(&key).ok_or_else(|| format!("there is nothing at {path}")),
        (Value::Array(list), key) => match key.parse::<usize>() {
            Ok(at) if at < list.len() => Ok(list.remove(at)),
            _ => Err(format!("there is nothing at {path}")),
        },
        _ => Err(format!("there is nothing at {path}")),
    }
}

/// Drops members that are null, everywhere: this API leaves them out.
pub fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, v| !v.is_null());
            object.values_mut().for_each(strip_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_joined_or_replaced_by_content_type() {
        let before = json!({"a": {"list": ["x"], "gone": 1, "same": 2}});
        let patch = json!({"a": {"list": ["y", "x"], "gone": null}});
        assert_eq!(Change::Join(patch.clone()).apply(before.clone()).unwrap(), json!({"a": {"list": ["x", "y"], "same": 2}}));
        assert_eq!(Change::Merge(patch).apply(before).unwrap(), json!({"a": {"list": ["y", "x"], "same": 2}}));
    }

    /// RFC 6902, appendix A: one case for each operation, and the refusals.
    #[test]
    fn rfc6902_appendix_a() {
        let run = |document: Value, steps: Value| Change::Steps(steps.as_array().unwrap().clone()).apply(document);
        for (document, steps, after) in [
            (json!({"foo":"bar"}), json!([{"op":"add","path":"/baz","value":"qux"}]), json!({"baz":"qux","foo":"bar"})),
            (
                json!({"foo":["bar","baz"]}),
                json!([{"op":"add","path":"/foo/1","value":"qux"}]),
                json!({"foo":["bar","qux","baz"]}),
            ),
            (json!({"baz":"qux","foo":"bar"}), json!([{"op":"remove","path":"/baz"}]), json!({"foo":"bar"})),
            (json!({"foo":["bar","qux","baz"]}), json!([{"op":"remove","path":"/foo/1"}]), json!({"foo":["bar","baz"]})),
            (
                json!({"baz":"qux","foo":"bar"}),
                json!([{"op":"replace","path":"/baz","value":"boo"}]),
                json!({"baz":"boo","foo":"bar"}),
            ),
            (
                json!({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}),
                json!([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]),
                json!({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}),
            ),
            (
                json!({"foo":["all","grass","cows","eat"]}),
                json!([{"op":"move","from":"/foo/1","path":"/foo/3"}]),
                json!({"foo":["all","cows","eat","grass"]}),
            ),
            (
                json!({"foo":["bar"]}),
                json!([{"op":"add","path":"/foo/-","value":["abc","def"]}]),
                json!({"foo":["bar",["abc","def"]]}),
            ),
            (json!({"/":9,"~1":10}), json!([{"op":"test","path":"/~01","value":10}]), json!({"/":9,"~1":10})),
        ] {
            assert_eq!(run(document.clone(), steps).unwrap(), after, "{document}");
        }
        assert!(run(json!({"foo":"bar"}), json!([{"op":"add","path":"/baz/bat","value":"qux"}])).is_err());
        assert!(run(json!({"baz":"qux"}), json!([{"op":"test","path":"/baz","value":"bar"}])).is_err());
        assert!(run(json!({"baz":"qux"}), json!([{"op":"remove","path":"/nothing"}])).is_err());
    }
}
