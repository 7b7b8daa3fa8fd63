//! `/api/application/{id}/role`.

use super::{applications::named, not_yet};
use crate::ids::NAMESPACE;
use crate::nouns::applications::{ROLE_KEY, render_role};
use crate::nouns::extension;
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of};
use doorward_protocol::ids::RoleId;
use doorward_service::directory::RoleDocument;
use doorward_store::directory::RoleRow;
use serde_json::{Value, json};

pub const NAMES: &[(&str, &str)] = &[("id", "roleId"), ("name", "role.name")];

pub async fn dispatch(call: &Call) -> Answer {
    let (cx, application) = named(call).await?;
    let service = call.service();
    let have = service.store.application_roles(cx.tenant_id(), application.id).await?;
    // A role may be named by its name too.
    let named_role = call.query.one("name");
    let found: Option<&RoleRow> = match named_role {
        Some(name) => have.iter().find(|r| r.name == name),
        None => uuid::Uuid::parse_str(call.part(3)).ok().and_then(|id| have.iter().find(|r| r.id.0 == id)),
    };
    match call.verb {
        "POST" => {
            let (role, _) = call.wrapped("role")?;
            let id = match call.new_id(3, "roleId")? {
                Some(id) => id,
                None => role.id("id").unwrap_or_else(crate::ids::fresh),
            };
            if found.is_some() {
                return Err(Refused::field("duplicate", "roleId", "a role with this id exists"));
            }
            if have.iter().any(|r| Some(r.name.as_str()) == role.text("name")) {
                return Err(Refused::field("duplicate", "role.name", "the application has a role with this name"));
            }
            put(call, &cx, application.id, id, &role).await
        }
        "PUT" | "PATCH" => {
            let row = found.ok_or(Refused::NotFound)?;
            let role = if call.verb == "PATCH" {
                let kept = service.store.extension(cx.tenant_id(), NAMESPACE, row.id.0, ROLE_KEY).await?;
                let before = json!({ "role": render_role(row, kept.as_ref()) });
                change_of(&call.headers, call.body()?)?.apply(before)?.get("role").cloned().unwrap_or_default()
            } else {
                call.wrapped("role")?.0
            };
            put(call, &cx, application.id, row.id.0, &role).await
        }
        "DELETE" => {
            let row = found.ok_or(Refused::NotFound)?;
            service.delete_role(&cx, &call.actor(), row.id).await.map_err(Refused::about("role", NAMES))?;
            service.drop_documents(&cx, NAMESPACE, row.id.0).await.map_err(Refused::about("role", NAMES))?;
            Ok(Reply::empty())
        }
        _ => not_yet(call),
    }
}

async fn put(
    call: &Call,
    cx: &doorward_service::Cx,
    application: doorward_protocol::ids::ApplicationId,
    id: uuid::Uuid,
    role: &Value,
) -> Answer {
    let Some(name) = role.text("name") else { return Err(Refused::field("blank", "role.name", "must be given")) };
    let document = RoleDocument {
        name: name.to_owned(),
        description: role.text("description").unwrap_or_default().to_owned(),
        application_id: Some(application),
        is_default: role.flag("isDefault").unwrap_or(false),
    };
    let kept = json!({ "isSuperRole": role.flag("isSuperRole").unwrap_or(false) });
    let row = call
        .service()
        .put_role(cx, &call.actor(), RoleId(id), document, Some(&extension(ROLE_KEY, kept.clone())))
        .await
        .map_err(Refused::about("role", NAMES))?;
    let mut shown = render_role(&row, Some(&kept));
    crate::wire::strip_nulls(&mut shown);
    Ok(Reply::ok(json!({ "role": shown })))
}
