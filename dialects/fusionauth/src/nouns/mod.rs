//! The vendor's objects: how each is read from ours and what a change of one means for ours.

pub mod applications;
pub mod built_in;
pub mod groups;
pub mod keys;
pub mod registrations;
pub mod tenants;
pub mod users;

use crate::ids::NAMESPACE;
use doorward_service::directory::Extension;
use serde_json::Value;

/// The document that this accent keeps beside a noun.
pub fn extension(key: &'static str, document: Value) -> Extension {
    Extension { namespace: NAMESPACE, key, document }
}

/// Lays a document over another: objects member by member, the rest replaced.
pub fn lay_over(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    continue;
                }
                lay_over(base.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// Sets what stands at a dotted path, making the objects on the way.
pub fn set(document: &mut Value, path: &str, value: Value) {
    let mut at = document;
    for key in path.split('.') {
        if !at.is_object() {
            *at = Value::Object(Default::default());
        }
        let Value::Object(object) = at else { return };
        at = object.entry(key).or_insert(Value::Null);
    }
    *at = value;
}

/// Removes what stands at a dotted path.
pub fn unset(document: &mut Value, path: &str) {
    match path.rsplit_once('.') {
        Some((head, last)) => {
            if let Some(Value::Object(object)) = document.pointer_mut(&format!("/{}", head.replace('.', "/"))) {
                object.remove(last);
            }
        }
        None => {
            if let Value::Object(object) = document {
                object.remove(path);
            }
        }
    }
}
