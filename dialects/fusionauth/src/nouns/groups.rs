//! Groups and their members.

use super::applications::render_role;
use crate::ids::NAMESPACE;
use crate::wire::{Refused, instant};
use doorward_protocol::ids::GroupId;
use doorward_service::Service;
use doorward_store::directory::{GroupMemberRow, GroupRow};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which kind of document is kept beside a group.
pub const KEY: &str = "group";

/// A group as this API shows it, with its roles by application.
///
/// # Errors
/// When the store fails.
pub async fn render(service: &Service, row: &GroupRow) -> Result<Value, Refused> {
    let mut roles: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for role in service.store.group_roles(row.tenant_id, row.id).await? {
        if let Some(application) = role.application_id {
            roles.entry(application.to_string()).or_default().push(render_role(&role, None));
        }
    }
    let kept = service.store.extension(row.tenant_id, NAMESPACE, row.id.0, KEY).await?;
    let mut out = match kept {
        Some(Value::Object(kept)) => kept,
        _ => Map::new(),
    };
    out.insert("id".into(), json!(row.id.to_string()));
    out.insert("tenantId".into(), json!(row.tenant_id.to_string()));
    out.insert("name".into(), json!(row.name));
    out.insert("roles".into(), json!(roles));
    out.insert("insertInstant".into(), instant(row.created_at));
    out.insert("lastUpdateInstant".into(), instant(row.updated_at));
    out.entry("data").or_insert_with(|| json!({}));
    let mut out = Value::Object(out);
    crate::wire::strip_nulls(&mut out);
    Ok(out)
}

/// The id of a membership: of its two halves, since ours has none of its own.
pub fn member_id(row: &GroupMemberRow) -> uuid::Uuid {
    uuid::Uuid::from_u128(row.user_id.0.as_u128() ^ row.group_id.0.as_u128().rotate_left(1))
}

/// A member as this API shows it.
pub fn render_member(row: &GroupMemberRow, with_user: bool) -> Value {
    let mut out = json!({
        "id": member_id(row).to_string(),
        "groupId": row.group_id.to_string(),
        "insertInstant": instant(row.created_at),
        "data": {},
    });
    if let (true, Value::Object(out)) = (with_user, &mut out) {
        out.insert("userId".into(), json!(row.user_id.to_string()));
    }
    out
}

/// Every member of a group, at most ten thousand.
///
/// # Errors
/// When the store fails.
pub async fn members(service: &Service, row: &GroupRow) -> Result<Vec<GroupMemberRow>, Refused> {
    let mut out = Vec::new();
    let mut after = None;
    loop {
        let page = service.store.group_members(row.tenant_id, GroupId(row.id.0), after, 1000).await?;
        out.extend(page.items);
        after = page.next;
        if after.is_none() || out.len() >= 10_000 {
            return Ok(out);
        }
    }
}
