//! What means nothing to us but comes back as it was given, kept beside the noun that it belongs to.

use super::body::Document;
use super::door::Call;
use super::refused::Refused;
use doorward_service::directory::Extension;
use doorward_store::engine::Batch;
use doorward_store::extension::delete_extension;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whose documents these are.
pub const NAMESPACE: &str = "auth0";
/// Most bytes that are kept beside a noun.
const MOST: usize = 64 * 1024;

/// The document of a kind beside a noun.
///
/// # Errors
/// When the store fails.
pub async fn read(call: &Call, owner: Uuid, key: &str) -> Result<Map<String, Value>, Refused> {
    match call.service().store.extension(call.cx.tenant_id(), NAMESPACE, owner, key).await? {
        Some(Value::Object(all)) => Ok(all),
        _ => Ok(Map::new()),
    }
}

/// `before` with what a change says of these fields: `null` takes one away.
///
/// # Errors
/// 400 when it becomes too much.
pub fn changed(before: Map<String, Value>, change: &Document, names: &[&str]) -> Result<Map<String, Value>, Refused> {
    let mut after = before;
    for name in names {
        match change.0.get(*name) {
            None => {}
            Some(Value::Null) => _ = after.remove(*name),
            Some(value) => _ = after.insert((*name).to_owned(), value.clone()),
        }
    }
    if serde_json::to_string(&after).map_or(0, |text| text.len()) > MOST {
        return Err(Refused::body("", format!("is too large: at most {MOST} bytes of further fields are kept")));
    }
    Ok(after)
}

/// A document, to be written in the transaction of its noun.
pub fn extension(key: &'static str, document: Map<String, Value>) -> Extension {
    Extension { namespace: NAMESPACE, key, document: Value::Object(document) }
}

/// Writes a document beside a noun that is there.
///
/// # Errors
/// When the store fails.
pub async fn write(call: &Call, owner: Uuid, key: &'static str, document: Map<String, Value>) -> Result<(), Refused> {
    let statement = extension(key, document).statement(&call.cx, owner);
    call.service().store.commit(Batch::new().with(statement)).await?;
    Ok(())
}

/// Forgets what was kept beside a noun that is gone.
///
/// # Errors
/// When the store fails.
pub async fn forget(call: &Call, owner: Uuid) -> Result<(), Refused> {
    let statement = delete_extension(call.cx.tenant_id(), NAMESPACE, owner);
    call.service().store.commit(Batch::new().with(statement)).await?;
    Ok(())
}

/// Puts what was kept under what we know ourselves.
pub fn under(mut shown: Map<String, Value>, kept: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in kept {
        shown.entry(key).or_insert(value);
    }
    shown
}
