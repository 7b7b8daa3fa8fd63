//! `/api/api-key`. What a key may do is kept as scopes of ours: `VERB /path` for each endpoint, one word for everything, and the
//! word of those that may make keys.

use super::not_yet;
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, instant, strip_nulls};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use doorward_service::directory::NewDoorKey;
use doorward_store::keys::ApiKeyRow;
use doorward_store::named_keys::ApiKeyDetailRow;
use serde_json::{Map, Value, json};

/// The scope of keys that may make and change keys.
pub const MANAGER: &str = "api_keys:write";
/// The scope of a key without permissions of its own: every endpoint of this API.
pub const EVERYTHING: &str = "* /api";

const NAMES: &[(&str, &str)] = &[
    ("id", "keyId"),
    ("key", "apiKey.key"),
    ("name", "apiKey.name"),
    ("scopes", "apiKey.permissions.endpoints"),
    ("expires_at", "apiKey.expirationInstant"),
];

pub async fn dispatch(call: &Call) -> Answer {
    match call.verb {
        "GET" => {
            let (row, detail) = named(call).await?;
            Ok(Reply::ok(json!({ "apiKey": render(call, &row, detail.as_ref(), true)? })))
        }
        "POST" => create(call).await,
        "PUT" | "PATCH" => change(call).await,
        "DELETE" => {
            let (row, _) = named(call).await?;
            let cx = call.host.clone();
            call.service().delete_api_key(&cx, &call.actor(), true, row.id).await?;
            Ok(Reply::empty())
        }
        _ => not_yet(call),
    }
}

async fn named(call: &Call) -> Result<(ApiKeyRow, Option<ApiKeyDetailRow>), Refused> {
    let by = call.key()?;
    let id = call.id(1)?;
    let row = call.service().store.api_key(id).await?.ok_or(Refused::NotFound)?;
    if by.tenant_id.is_some() && by.tenant_id != row.tenant_id {
        return Err(Refused::NotFound);
    }
    let detail = call.service().store.api_key_detail(id).await?;
    Ok((row, detail))
}

fn render(call: &Call, row: &ApiKeyRow, detail: Option<&ApiKeyDetailRow>, show: bool) -> Result<Value, Refused> {
    let mut out = match detail.map(|d| &d.extension.0) {
        Some(Value::Object(kept)) => kept.clone(),
        _ => Map::new(),
    };
    out.insert("id".into(), json!(row.id.to_string()));
    out.insert("name".into(), json!(row.name));
    out.insert("tenantId".into(), json!(row.tenant_id.map(|t| t.to_string())));
    out.insert("keyManager".into(), json!(row.scopes.0.iter().any(|s| s == MANAGER || s == "*")));
    out.insert("permissions".into(), permissions(&row.scopes.0));
    out.insert("insertInstant".into(), instant(row.created_at));
    out.insert("lastUpdateInstant".into(), instant(detail.map_or(row.created_at, |d| d.updated_at)));
    out.insert("expirationInstant".into(), json!(row.expires_at.map(|at| at.0)));
    out.entry("metaData").or_insert_with(|| json!({ "attributes": {} }));
    out.insert("retrievable".into(), json!(detail.is_some_and(|d| d.key_sealed.is_some())));
    if show
        && let Some(detail) = detail
        && let Some(key) = call.service().reveal_door_key(detail)?
    {
        out.insert("key".into(), json!(key));
    }
    let mut out = Value::Object(out);
    strip_nulls(&mut out);
    Ok(out)
}

/// Scopes as the vendor's map of endpoints to verbs; `null` for a key that may do everything.
fn permissions(scopes: &[String]) -> Value {
    let mut endpoints: Map<String, Value> = Map::new();
    for (verb, path) in scopes.iter().filter(|s| *s != EVERYTHING).filter_map(|s| s.split_once(' ')) {
        if let Value::Array(verbs) = endpoints.entry(path).or_insert_with(|| json!([])) {
            verbs.push(json!(verb));
        }
    }
    if endpoints.is_empty() { Value::Null } else { json!({ "endpoints": endpoints }) }
}

/// The vendor's map as scopes.
pub fn scopes_of(wanted: &Value, manager: bool) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(Value::Object(endpoints)) = wanted.at("permissions.endpoints") {
        for (path, verbs) in endpoints {
            for verb in verbs.as_array().into_iter().flatten().filter_map(Value::as_str) {
                out.push(format!("{verb} {path}"));
            }
        }
    }
    if out.is_empty() {
        out.push(EVERYTHING.into());
    }
    if manager {
        out.push(MANAGER.into());
    }
    out
}

/// What comes back as it was given.
pub fn kept_of(wanted: &Value) -> Value {
    let mut kept = wanted.clone();
    for ours in [
        "id",
        "key",
        "name",
        "tenantId",
        "keyManager",
        "permissions",
        "insertInstant",
        "lastUpdateInstant",
        "expirationInstant",
        "retrievable",
    ] {
        crate::nouns::unset(&mut kept, ours);
    }
    strip_nulls(&mut kept);
    kept
}

async fn create(call: &Call) -> Answer {
    let by = call.key()?;
    let (wanted, body) = call.wrapped("apiKey")?;
    let id = call.new_id(1, "keyId")?.or(wanted.id("id"));
    // An old client changes keys with this verb too.
    if let Some(id) = id
        && call.service().store.api_key(id).await?.is_some()
        && body.at("sourceKeyId").is_none()
    {
        return change(call).await;
    }
    if wanted.flag("keyManager") == Some(true) {
        return Err(Refused::field("invalid", "apiKey.keyManager", "such keys are made by a command or a kickstart file only"));
    }
    let tenant = wanted.id("tenantId").map(TenantId).or(by.tenant_id);
    if by.tenant_id.is_some() && tenant != by.tenant_id {
        return Err(Refused::Unauthorized);
    }
    if let Some(tenant) = tenant
        && call.service().tenant(tenant).await?.is_none()
    {
        return Err(Refused::field("doesNotExist", "apiKey.tenantId", "there is no tenant with this id"));
    }
    let mut scopes = scopes_of(&wanted, false);
    if let Some(source) = body.id("sourceKeyId")
        && let Some(row) = call.service().store.api_key(source).await?
    {
        scopes = row.scopes.0.into_iter().filter(|s| s != MANAGER && s != "*").collect();
    }
    let new = NewDoorKey {
        id,
        key: wanted.text("key").map(str::to_owned),
        name: wanted.text("name").or(wanted.text("metaData.attributes.description")).unwrap_or("API key").to_owned(),
        tenant,
        scopes,
        expires_at: wanted.number("expirationInstant").map(Timestamp),
        retrievable: wanted.flag("retrievable").unwrap_or(true),
        extension: kept_of(&wanted),
    };
    let (row, detail, key) =
        call.service().create_door_key(&call.host, &call.actor(), new).await.map_err(Refused::about("apiKey", NAMES))?;
    let mut shown = render(call, &row, Some(&detail), true)?;
    // Shown at least once.
    crate::nouns::set(&mut shown, "key", json!(key));
    Ok(Reply::ok(json!({ "apiKey": shown })))
}

async fn change(call: &Call) -> Answer {
    let (mut row, detail) = named(call).await?;
    let before = render(call, &row, detail.as_ref(), false)?;
    let wanted = if call.verb == "PUT" {
        call.wrapped("apiKey")?.0
    } else {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "apiKey": before }))?;
        after.get("apiKey").cloned().unwrap_or_default()
    };
    let manager = row.scopes.0.iter().any(|s| s == MANAGER);
    if row.scopes.0.iter().any(|s| s == "*") {
        return Err(Refused::field("invalid", "keyId", "this key is the management API's; it is changed there"));
    }
    row.scopes.0 = scopes_of(&wanted, manager);
    if let Some(name) = wanted.text("name") {
        row.name = name.to_owned();
    }
    row.expires_at = wanted.number("expirationInstant").map(Timestamp);
    let actor = call.actor();
    call.service().put_door_key(&call.host, &actor, &row, kept_of(&wanted)).await.map_err(Refused::about("apiKey", NAMES))?;
    let detail = call.service().store.api_key_detail(row.id).await?;
    Ok(Reply::ok(json!({ "apiKey": render(call, &row, detail.as_ref(), true)? })))
}
