//! `/roles`: roles of the tenant, what they may, and who has them.

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::people::{self, Beside};
use super::permissions::{self, Servers};
use super::refused::{Answer, Refused};
use super::{ids, query};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_protocol::ids::{RoleId, UserId};
use doorward_service::directory::RoleDocument;
use doorward_store::directory::RoleRow;
use serde_json::{Map, Value, json};

const NOUN: &str = "role";
const NAMES: &[(&str, &str)] = &[];
/// Roles read at once.
const AT_ONCE: u32 = 500;

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/roles", get(list).post(create))
        .route("/roles/{id}", get(read).patch(change).delete(delete))
        .route("/roles/{id}/permissions", get(list_permissions).post(add_permissions).delete(remove_permissions))
        .route("/roles/{id}/users", get(list_users).post(add_users).delete(remove_users))
}

/// A role.
pub fn shown(row: &RoleRow) -> Value {
    json!({ "id": ids::role(row.id), "name": row.name, "description": row.description })
}

/// The roles of a list that are the tenant's: those of single applications are not known here.
pub fn of_tenant(rows: Vec<RoleRow>) -> Vec<RoleRow> {
    rows.into_iter().filter(|row| row.application_id.is_none()).collect()
}

async fn find(call: &Call, id: &str) -> Result<RoleRow, Refused> {
    let row = call.service().store.role(call.cx.tenant_id(), ids::of_role(id)?).await?;
    row.filter(|row| row.application_id.is_none()).ok_or_else(|| Refused::absent(NOUN))
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(&["read:roles"])?;
    let filter = call.query.text("name_filter").map(str::to_lowercase);
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = call.service().list_roles(&call.cx, after, AT_ONCE).await.map_err(Refused::about(NOUN, NAMES))?;
        let fits = |row: &RoleRow| filter.as_ref().is_none_or(|text| row.name.to_lowercase().contains(text.as_str()));
        all.extend(of_tenant(page.items).iter().filter(|row| fits(row)).map(shown));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(call.query.page_of("roles", all))
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:roles"])?;
    let body = body.read()?;
    body.only(&[&["name", "description"]])?;
    let new = RoleDocument {
        name: body.must("name")?.to_owned(),
        description: body.text("description")?.unwrap_or_default().to_owned(),
        ..Default::default()
    };
    let row = call.service().create_role(&call.cx, &call.actor, new).await.map_err(Refused::about(NOUN, NAMES))?;
    Ok(call.query.one(shown(&row)))
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:roles"])?;
    Ok(call.query.one(shown(&find(&call, &id).await?)))
}

async fn change(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:roles"])?;
    let body = body.read()?;
    body.only(&[&["name", "description"]])?;
    let row = find(&call, &id).await?;
    let mut patch = Map::new();
    for name in ["name", "description"] {
        if let Some(text) = body.text(name)? {
            patch.insert(name.into(), json!(text));
        }
    }
    let changed = call.service().patch_role(&call.cx, &call.actor, row.id, &Value::Object(patch)).await;
    Ok(call.query.one(shown(&changed.map_err(Refused::about(NOUN, NAMES))?.row)))
}

async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:roles"])?;
    let row = find(&call, &id).await?;
    call.service().delete_role(&call.cx, &call.actor, row.id).await.map_err(Refused::about(NOUN, NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_permissions(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:roles"])?;
    let row = find(&call, &id).await?;
    let held = call.service().list_role_permissions(&call.cx, row.id).await.map_err(Refused::about(NOUN, NAMES))?;
    let mut servers = Servers::default();
    let mut out = Vec::new();
    for one in &held {
        out.extend(servers.shown(&call, one).await?.map(Value::Object));
    }
    Ok(call.query.page_of("permissions", out))
}

async fn add_permissions(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:roles"])?;
    let row = find(&call, &id).await?;
    let wanted = permissions::read(&call, &body.read()?).await?;
    let put = call.service().put_role_permissions(&call.cx, &call.actor, row.id, &wanted, false).await;
    put.map_err(Refused::about(NOUN, permissions::NAMES))?;
    Ok(StatusCode::CREATED.into_response())
}

async fn remove_permissions(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:roles"])?;
    let row = find(&call, &id).await?;
    let unwanted = permissions::read(&call, &body.read()?).await?;
    let held = call.service().list_role_permissions(&call.cx, row.id).await.map_err(Refused::about(NOUN, NAMES))?;
    for one in unwanted.iter().filter(|one| held.contains(one)) {
        let gone = call.service().delete_role_permission(&call.cx, &call.actor, row.id, one).await;
        gone.map_err(Refused::about(NOUN, permissions::NAMES))?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_users(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:users", "read:role_members"])?;
    let row = find(&call, &id).await?;
    let service = call.service();
    let told = |people: &[doorward_store::users::Person], beside: &Beside| -> Vec<Value> {
        people.iter().map(|person| people::member(beside, &call.cx, person)).collect()
    };
    if let Some(query::Checkpoint { from, take }) = call.query.checkpoint()? {
        let after = match from {
            Some(from) => Some(ids::of_digits(&from).ok_or_else(|| Refused::query("from", "is not a checkpoint of this list"))?),
            None => None,
        };
        let page = service.list_role_members(&call.cx, row.id, after, u32::try_from(take).unwrap_or(AT_ONCE)).await;
        let page = page.map_err(Refused::about(NOUN, NAMES))?;
        let beside = Beside::read(service, &call.cx, &page.items).await?;
        return Ok(call.query.part("users", told(&page.items, &beside), page.next.map(ids::digits)));
    }
    let paging = call.query.paging();
    let offset = u32::try_from(paging.offset()).unwrap_or(u32::MAX);
    let limit = u32::try_from(paging.per_page).unwrap_or_default();
    let (people, total) =
        service.role_members_from(&call.cx, row.id, offset, limit).await.map_err(Refused::about(NOUN, NAMES))?;
    let beside = Beside::read(service, &call.cx, &people).await?;
    Ok(call.query.page("users", told(&people, &beside), usize::try_from(total).unwrap_or_default()))
}

/// The users that a body names.
async fn named(call: &Call, body: &Document) -> Result<Vec<UserId>, Refused> {
    body.only(&[&["users"]])?;
    let all = body.texts("users")?.ok_or_else(|| Refused::body("users", "must be given"))?;
    if all.is_empty() || all.len() > 1000 {
        return Err(Refused::body("users", "must have between 1 and 1000 entries"));
    }
    let mut out = Vec::with_capacity(all.len());
    for id in &all {
        out.push(people::find(call, id).await?);
    }
    Ok(out)
}

async fn add_users(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:roles", "create:role_members"])?;
    let row = find(&call, &id).await?;
    for user in named(&call, &body.read()?).await? {
        let put = call.service().put_user_roles(&call.cx, &call.actor, user, &[row.id], false).await;
        put.map_err(Refused::about(NOUN, NAMES))?;
    }
    Ok(StatusCode::OK.into_response())
}

async fn remove_users(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:roles", "delete:role_members"])?;
    let row = find(&call, &id).await?;
    for user in named(&call, &body.read()?).await? {
        take_role(&call, user, row.id).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a role from somebody who has it.
///
/// # Errors
/// When the core refuses.
pub async fn take_role(call: &Call, user: UserId, role: RoleId) -> Result<(), Refused> {
    let have = call.service().list_user_roles(&call.cx, user).await.map_err(Refused::about(NOUN, NAMES))?;
    if have.iter().any(|row| row.id == role) {
        let gone = call.service().remove_user_role(&call.cx, &call.actor, user, role).await;
        gone.map_err(Refused::about(NOUN, NAMES))?;
    }
    Ok(())
}

/// The roles that a body names.
///
/// # Errors
/// 400, and 404 for a role that is not there.
pub async fn named_roles(call: &Call, body: &Document) -> Result<Vec<RoleId>, Refused> {
    body.only(&[&["roles"]])?;
    let all = body.texts("roles")?.ok_or_else(|| Refused::body("roles", "must be given"))?;
    if all.is_empty() || all.len() > 50 {
        return Err(Refused::body("roles", "must have between 1 and 50 entries"));
    }
    let mut out: Vec<RoleId> = Vec::with_capacity(all.len());
    for id in &all {
        out.push(find(call, id).await?.id);
    }
    Ok(out)
}
