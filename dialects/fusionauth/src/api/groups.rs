//! `/api/group`.

use super::{not_yet, users as user_calls, webhooks};
use crate::ids::NAMESPACE;
use crate::nouns::{extension, groups};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, uuid_of};
use doorward_protocol::ids::{GroupId, RoleId, UserId};
use doorward_service::Cx;
use doorward_service::directory::GroupDocument;
use doorward_store::directory::{GroupMemberRow, GroupRow};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const NAMES: &[(&str, &str)] = &[("id", "groupId"), ("name", "group.name"), ("role_ids", "roleIds"), ("user_ids", "members")];

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("GET", "", _) => list(call).await,
        ("POST", "search", _) => search(call).await,
        ("POST", "member", "search") => search_members(call).await,
        ("POST" | "PUT", "member", _) => put_members(call).await,
        ("DELETE", "member", _) => delete_members(call).await,
        ("GET", _, _) => {
            let (_, row) = named(call).await?;
            Ok(Reply::ok(json!({ "group": groups::render(call.service(), &row).await? })))
        }
        ("POST", _, _) => create(call).await,
        ("PUT" | "PATCH", _, _) => change(call).await,
        ("DELETE", _, _) => delete(call).await,
        _ => not_yet(call),
    }
}

async fn named(call: &Call) -> Result<(Cx, GroupRow), Refused> {
    call.key()?;
    let id = call.id(1)?;
    let cx = user_calls::found(call.cx(&[Some(id)]).await)?;
    let row = call.service().get_group(&cx, GroupId(id)).await?;
    Ok((cx, row))
}

async fn every(call: &Call, cx: &Cx) -> Result<Vec<GroupRow>, Refused> {
    let mut out = Vec::new();
    let mut after = None;
    loop {
        let page = call.service().list_groups(cx, after, 500).await?;
        out.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(out);
        }
    }
}

async fn list(call: &Call) -> Answer {
    call.key()?;
    let cx = call.cx(&[]).await?;
    let mut all = Vec::new();
    for row in every(call, &cx).await? {
        all.push(groups::render(call.service(), &row).await?);
    }
    Ok(Reply::ok(json!({ "groups": all })))
}

async fn search(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let cx = call.cx(&[body.id("search.tenantId")]).await?;
    let name = body.text("search.name").map(|n| n.trim_matches('*').to_lowercase());
    let rows: Vec<GroupRow> =
        every(call, &cx).await?.into_iter().filter(|g| name.as_ref().is_none_or(|n| g.name.to_lowercase().contains(n))).collect();
    let (page, total) = page_of(rows, &body);
    let mut shown = Vec::new();
    for row in page {
        shown.push(groups::render(call.service(), &row).await?);
    }
    Ok(Reply::ok(json!({ "groups": shown, "total": total })))
}

fn page_of<T>(all: Vec<T>, body: &Value) -> (Vec<T>, usize) {
    let total = all.len();
    let start = usize::try_from(body.number("search.startRow").unwrap_or(0)).unwrap_or(0);
    let most = usize::try_from(body.number("search.numberOfResults").unwrap_or(25)).unwrap_or(25);
    (all.into_iter().skip(start).take(most).collect(), total)
}

fn document(wanted: &Value) -> Result<(GroupDocument, Value), Refused> {
    let Some(name) = wanted.text("name") else { return Err(Refused::field("blank", "group.name", "must be given")) };
    let mut kept = wanted.clone();
    for ours in ["id", "tenantId", "name", "roles", "insertInstant", "lastUpdateInstant"] {
        crate::nouns::unset(&mut kept, ours);
    }
    Ok((GroupDocument { name: name.to_owned(), description: String::new() }, kept))
}

fn role_ids(body: &Value) -> Option<Vec<RoleId>> {
    body.at("roleIds")?;
    Some(body.list("roleIds").iter().filter_map(uuid_of).map(RoleId).collect())
}

async fn create(call: &Call) -> Answer {
    call.key()?;
    let (wanted, body) = call.wrapped("group")?;
    let id = call.new_id(1, "groupId")?.or(wanted.id("id")).unwrap_or_else(crate::ids::fresh);
    let roles = role_ids(&body);
    let cx = call.cx(&[roles.as_ref().and_then(|r| r.first()).map(|r| r.0), wanted.id("tenantId")]).await?;
    if call.service().store.group(cx.tenant_id(), GroupId(id)).await?.is_some() {
        return Err(Refused::field("duplicate", "groupId", "a group with this id exists"));
    }
    let (document, kept) = document(&wanted)?;
    webhooks::ask(call, &cx, "group.create", json!({ "group": wanted })).await?;
    let kept = extension(groups::KEY, kept);
    let row = call
        .service()
        .put_group(&cx, &call.actor(), GroupId(id), document, roles.as_deref(), Some(&kept))
        .await
        .map_err(Refused::about("group", NAMES))?;
    Ok(Reply::ok(json!({ "group": groups::render(call.service(), &row).await? })))
}

async fn change(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    let before = groups::render(call.service(), &row).await?;
    let held: Vec<String> =
        call.service().store.group_roles(cx.tenant_id(), row.id).await?.iter().map(|r| r.id.to_string()).collect();
    let (wanted, roles) = if call.verb == "PATCH" {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "group": before, "roleIds": held }))?;
        (after.get("group").cloned().unwrap_or_default(), role_ids(&after))
    } else {
        let (wanted, body) = call.wrapped("group")?;
        (wanted, Some(role_ids(&body).unwrap_or_default()))
    };
    let (document, kept) = document(&wanted)?;
    webhooks::ask(call, &cx, "group.update", json!({ "group": wanted, "original": before })).await?;
    let kept = extension(groups::KEY, kept);
    let row = call
        .service()
        .put_group(&cx, &call.actor(), row.id, document, roles.as_deref(), Some(&kept))
        .await
        .map_err(Refused::about("group", NAMES))?;
    Ok(Reply::ok(json!({ "group": groups::render(call.service(), &row).await? })))
}

async fn delete(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    webhooks::ask(call, &cx, "group.delete", json!({ "group": groups::render(call.service(), &row).await? })).await?;
    call.service().delete_group(&cx, &call.actor(), row.id).await.map_err(Refused::about("group", NAMES))?;
    call.service().drop_documents(&cx, NAMESPACE, row.id.0).await.map_err(Refused::about("group", NAMES))?;
    Ok(Reply::empty())
}

/// `{"members": {groupId: [{userId, …}]}}`, as ids.
fn members_of(body: &Value) -> Result<Vec<(Uuid, Vec<UserId>)>, Refused> {
    let Some(Value::Object(all)) = body.at("members") else {
        return Err(Refused::field("missing", "members", "must be an object of groups"));
    };
    let mut out = Vec::new();
    for (group, list) in all {
        let id =
            Uuid::parse_str(group).map_err(|_| Refused::field("couldNotConvert", "members", "groups are named by their ids"))?;
        let users = list.as_array().into_iter().flatten();
        let users = users.filter_map(|one| uuid_of(one).or_else(|| one.id("userId"))).map(UserId).collect();
        out.push((id, users));
    }
    Ok(out)
}

async fn put_members(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let wanted = members_of(&body)?;
    let mut out: Map<String, Value> = Map::new();
    for (group, users) in wanted {
        let cx = call.cx(&[Some(group)]).await?;
        let Some(row) = call.service().store.group(cx.tenant_id(), GroupId(group)).await? else {
            return Err(Refused::field("doesNotExist", "members", format!("there is no group {group}")));
        };
        let name = if call.verb == "PUT" { "group.member.update" } else { "group.member.add" };
        webhooks::ask(call, &cx, name, json!({ "group": groups::render(call.service(), &row).await? })).await?;
        call.service().add_group_members(&cx, &call.actor(), row.id, &users).await.map_err(Refused::about("", NAMES))?;
        if call.verb == "PUT" {
            for member in groups::members(call.service(), &row).await? {
                if !users.contains(&member.user_id) {
                    call.service().remove_group_member(&cx, &call.actor(), row.id, member.user_id).await?;
                }
            }
        }
        let members = groups::members(call.service(), &row).await?;
        let shown: Vec<Value> =
            members.iter().filter(|m| users.contains(&m.user_id)).map(|m| groups::render_member(m, true)).collect();
        out.insert(group.to_string(), Value::Array(shown));
    }
    Ok(Reply::ok(json!({ "members": out })))
}

async fn delete_members(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let mut doomed: Vec<GroupMemberRow> = Vec::new();
    if body.at("members").is_some() {
        for (group, users) in members_of(&body)? {
            let cx = user_calls::found(call.cx(&[Some(group)]).await)?;
            let row = call.service().get_group(&cx, GroupId(group)).await?;
            doomed.extend(groups::members(call.service(), &row).await?.into_iter().filter(|m| users.contains(&m.user_id)));
        }
    } else {
        let ids: Vec<Uuid> = body.list("memberIds").iter().filter_map(uuid_of).collect();
        let (group, user) = (call.query.id("groupId"), call.query.id("userId"));
        if ids.is_empty() && group.is_none() && user.is_none() {
            return Err(Refused::field("missing", "memberIds", "members must be named"));
        }
        let cx = user_calls::found(call.cx(&[group, user]).await)?;
        for row in every(call, &cx).await? {
            let all = groups::members(call.service(), &row).await?;
            doomed.extend(all.into_iter().filter(|m| {
                if ids.is_empty() {
                    group.is_none_or(|g| m.group_id.0 == g) && user.is_none_or(|u| m.user_id.0 == u)
                } else {
                    ids.contains(&groups::member_id(m))
                }
            }));
        }
    }
    for member in doomed {
        let cx = call.cx_of(member.tenant_id).await?;
        call.service().remove_group_member(&cx, &call.actor(), member.group_id, member.user_id).await?;
    }
    Ok(Reply::empty())
}

async fn search_members(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let (group, user) = (body.id("search.groupId"), body.id("search.userId"));
    let cx = call.cx(&[group, user, body.id("search.tenantId")]).await?;
    let mut found = Vec::new();
    for row in every(call, &cx).await?.iter().filter(|g| group.is_none_or(|id| g.id.0 == id)) {
        let all = groups::members(call.service(), row).await?;
        found.extend(all.into_iter().filter(|m| user.is_none_or(|u| m.user_id.0 == u)));
    }
    let (page, total) = page_of(found, &body);
    let shown: Vec<Value> = page.iter().map(|m| groups::render_member(m, true)).collect();
    Ok(Reply::ok(json!({ "members": shown, "total": total })))
}
