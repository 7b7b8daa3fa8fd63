//! `/api/user/search`, `/api/user/bulk`, `/api/user/import`.

use super::{not_yet, users as user_calls};
use crate::nouns::users;
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use doorward_service::Cx;
use doorward_store::users::Person;
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET" | "POST", "search") => search(call).await,
        // The directory is its own index.
        ("PUT", "search") => {
            call.key()?;
            Ok(Reply::empty())
        }
        ("DELETE", "bulk") => bulk_delete(call).await,
        _ => not_yet(call),
    }
}

async fn search(call: &Call) -> Answer {
    call.key()?;
    let cx = call.cx(&[]).await?;
    let body = call.body()?;
    let mut ids: Vec<String> = call.query.all("ids").into_iter().map(str::to_owned).collect();
    ids.extend(body.texts("search.ids"));
    if !ids.is_empty() || body.at("search.ids").is_some() {
        let mut found = Vec::new();
        for id in ids.iter().filter_map(|id| Uuid::parse_str(id).ok()).take(10_000) {
            if let Some(person) = call.service().store.person(cx.tenant_id(), id.into()).await? {
                found.push(users::render(call.service(), &cx, &person).await?);
            }
        }
        let total = found.len();
        return Ok(Reply::ok(json!({ "total": total, "users": found })));
    }
    let text = body.text("search.queryString").or(call.query.one("queryString")).unwrap_or("*").to_owned();
    let most = body.number("search.numberOfResults").or(call.query.number("numberOfResults")).unwrap_or(25).clamp(0, 1000);
    let start = body.number("search.startRow").or(call.query.number("startRow")).unwrap_or(0).max(0);
    let (people, total) = matching(call, &cx, &text, start, most).await?;
    let mut shown = Vec::with_capacity(people.len());
    for person in &people {
        shown.push(users::render(call.service(), &cx, person).await?);
    }
    Ok(Reply::ok(json!({ "total": total, "users": shown })))
}

/// People whom a text finds, and how many there are.
async fn matching(call: &Call, cx: &Cx, text: &str, start: i64, most: i64) -> Result<(Vec<Person>, i64), Refused> {
    let term = text.trim().trim_matches('*').to_lowercase();
    let service = call.service();
    let mut out = Vec::new();
    let (mut seen, mut after) = (0_i64, None);
    loop {
        let page = service.list_users(cx, None, after, 500).await?;
        for person in page.items {
            let profile = &person.user.profile.0;
            let texts = [person.user.name.as_deref(), profile.given_name.as_deref(), profile.family_name.as_deref()];
            let fits = term.is_empty()
                || texts.into_iter().flatten().any(|t| t.to_lowercase().contains(&term))
                || person.identifiers.iter().any(|i| i.normal.contains(&term));
            if fits {
                if seen >= start && seen < start + most {
                    out.push(person);
                }
                seen += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok((out, seen));
        }
    }
}

async fn bulk_delete(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let cx = call.cx(&[]).await?;
    let mut ids: Vec<String> = call.query.all("userId").into_iter().map(str::to_owned).collect();
    ids.extend(body.texts("userIds"));
    let flag = |name: &str| call.query.flag(name) || body.flag(name).unwrap_or(false);
    let (dry, hard) = (flag("dryRun"), flag("hardDelete"));
    let mut people = Vec::new();
    if let Some(text) = body.text("queryString") {
        let most = body.number("limit").unwrap_or(10_000).clamp(0, 10_000);
        people = matching(call, &cx, text, 0, most).await?.0;
    }
    for id in ids.iter().filter_map(|id| Uuid::parse_str(id).ok()) {
        if let Some(person) = call.service().store.person(cx.tenant_id(), id.into()).await? {
            people.push(person);
        }
    }
    if people.is_empty() && ids.is_empty() && body.text("queryString").is_none() {
        return Err(Refused::field("missing", "userIds", "ids or a query must be given"));
    }
    if !dry {
        for person in &people {
            user_calls::remove(call, &cx, person, hard).await?;
        }
    }
    let ids: Vec<Value> = people.iter().map(|p| json!(p.user.id.to_string())).collect();
    Ok(Reply::ok(json!({ "dryRun": dry, "hardDelete": hard, "total": ids.len(), "userIds": ids })))
}
