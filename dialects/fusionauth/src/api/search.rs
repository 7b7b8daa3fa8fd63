//! `/api/user/search`, `/api/user/bulk`, `/api/user/import`.

use super::{not_yet, users as user_calls};
use crate::ids::NAMESPACE;
use crate::nouns::users;
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use doorward_protocol::search::{Direction, Lucene, Pattern, Query, UserField, UserSearch, UserSort};
use doorward_service::Cx;
use doorward_store::users::Person;
use serde_json::{Value, json};
use uuid::Uuid;

/// How far people are counted for a call that does not ask for an accurate total.
const COUNTED_TO: u32 = 10_000;

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET" | "POST", "search") => search(call).await,
        // The directory is its own index.
        ("PUT", "search") => {
            call.key()?;
            Ok(Reply::empty())
        }
        ("DELETE", "bulk") => bulk_delete(call).await,
        ("POST", "import") => super::import::import(call).await,
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
    if body.at("search.query").is_some() {
        return Err(no_documents("search.query"));
    }
    let text = body.text("search.queryString").or(call.query.one("queryString")).unwrap_or("*").to_owned();
    let most = body.number("search.numberOfResults").or(call.query.number("numberOfResults")).unwrap_or(25).clamp(0, 1000);
    let start = body.number("search.startRow").or(call.query.number("startRow")).unwrap_or(0).max(0);
    let sort = order(&body)?;
    // As the vendor's search engine: counted to ten thousand, unless a call wants to know better.
    let accurate = body.flag("search.accurateTotal").or(Some(call.query.flag("accurateTotal"))).unwrap_or(false);
    let counted_to = (!accurate).then_some(COUNTED_TO);
    let (people, total) = matching(call, &cx, &text, start, most, sort, counted_to).await?;
    let mut shown = Vec::with_capacity(people.len());
    for person in &people {
        shown.push(users::render(call.service(), &cx, person).await?);
    }
    Ok(Reply::ok(json!({ "total": total, "users": shown })))
}

/// Queries of the vendor's search engine as documents are not read: what they leave out would be found, or deleted.
fn no_documents(field: &str) -> Refused {
    Refused::field("invalid", field, "queries in JSON are not read here; send a queryString")
}

/// People whom a query finds, and how many there are.
async fn matching(
    call: &Call,
    cx: &Cx,
    text: &str,
    start: i64,
    most: i64,
    sort: Vec<(UserSort, Direction)>,
    counted_to: Option<u32>,
) -> Result<(Vec<Person>, i64), Refused> {
    let query = read_query(text)?;
    let search = UserSearch {
        query,
        sort,
        offset: u32::try_from(start).unwrap_or(u32::MAX),
        limit: u32::try_from(most.clamp(0, 1000)).unwrap_or(1000),
        counted_to,
    };
    let names: &'static [(&'static str, &'static str)] =
        &[("q", "search.queryString"), ("limit", "search.numberOfResults"), ("offset", "search.startRow")];
    let found = call.service().search_users(cx, &search).await.map_err(Refused::about("search", names))?;
    Ok((found.items, found.total))
}

/// A query string: everything, one term that is looked for in names and addresses, or the syntax of the vendor's search engine.
fn read_query(text: &str) -> Result<Query<UserField>, Refused> {
    let text = text.trim();
    if text.is_empty() || text == "*" {
        return Ok(Query::All);
    }
    let plain = !text.contains([':', '(', ')', '"', '*', '?']) && ![" AND ", " OR ", "NOT "].iter().any(|w| text.contains(w));
    if plain {
        return Ok(Query::Text(Pattern::Contains(text.to_owned())));
    }
    let bad = |words: String| Refused::field("invalid", "search.queryString", words);
    let query = Lucene::default().parse(text).map_err(|e| bad(e.to_string()))?;
    upside_down(query).translate(&mut |name: String| field(&name).ok_or_else(|| bad(format!("no such field: {name}"))))
}

/// `active` is what we call not blocked; a word without a field may stand anywhere in a name.
fn upside_down(query: Query<String>) -> Query<String> {
    match query {
        Query::And(all) => Query::And(all.into_iter().map(upside_down).collect()),
        Query::Or(all) => Query::Or(all.into_iter().map(upside_down).collect()),
        Query::Not(one) => Query::Not(Box::new(upside_down(*one))),
        Query::Match { field, pattern } if field == "active" => {
            Query::Not(Box::new(Query::Match { field: "blocked".into(), pattern }))
        }
        Query::Text(Pattern::Exact(text)) => Query::Text(Pattern::Contains(text)),
        other => other,
    }
}

fn field(name: &str) -> Option<UserField> {
    Some(match name {
        "id" => UserField::Id,
        "email" | "login" | "identities.value" => UserField::Email,
        "username" => UserField::Username,
        "phoneNumber" => UserField::Phone,
        "fullName" => UserField::Name,
        "firstName" => UserField::GivenName,
        "lastName" => UserField::FamilyName,
        "middleName" => UserField::Profile("middle_name".into()),
        "birthDate" => UserField::Profile("birthdate".into()),
        "timezone" => UserField::Profile("zoneinfo".into()),
        "blocked" => UserField::Blocked,
        "verified" => UserField::EmailVerified,
        "insertInstant" => UserField::CreatedAt,
        "lastUpdateInstant" => UserField::UpdatedAt,
        "lastLoginInstant" => UserField::LastSignInAt,
        "registrations.applicationId" => UserField::Application,
        "registrations.roles" => UserField::Role,
        "memberships.groupId" => UserField::Group,
        other => {
            // What only this accent keeps: `data.plan`, `mobilePhone`.
            let path: Vec<String> = std::iter::once(users::KEY).chain(other.split('.')).map(str::to_owned).collect();
            UserField::Metadata { namespace: NAMESPACE.into(), path }
        }
    })
}

/// The order that a search asks for.
fn order(body: &Value) -> Result<Vec<(UserSort, Direction)>, Refused> {
    let mut out = Vec::new();
    for one in body.list("search.sortFields") {
        let name = one.text("name").unwrap_or_default();
        let key = match name {
            "birthDate" => UserSort::Birthdate,
            "email" | "login" => UserSort::Email,
            "fullName" => UserSort::Name,
            "firstName" => UserSort::GivenName,
            "lastName" => UserSort::FamilyName,
            "id" | "tenantId" => UserSort::Id,
            "insertInstant" => UserSort::CreatedAt,
            "lastLoginInstant" => UserSort::LastSignInAt,
            "lastUpdateInstant" => UserSort::UpdatedAt,
            "username" => UserSort::Username,
            _ => return Err(Refused::field("invalid", "search.sortFields", format!("cannot be sorted by {name}"))),
        };
        out.push((key, if one.text("order") == Some("desc") { Direction::Descending } else { Direction::Ascending }));
    }
    Ok(out)
}

async fn bulk_delete(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let cx = call.cx(&[]).await?;
    let mut ids: Vec<String> = call.query.all("userId").into_iter().map(str::to_owned).collect();
    ids.extend(body.texts("userIds"));
    if body.at("query").is_some() {
        return Err(no_documents("query"));
    }
    let flag = |name: &str| call.query.flag(name) || body.flag(name).unwrap_or(false);
    let (dry, hard) = (flag("dryRun"), flag("hardDelete"));
    let mut people = Vec::new();
    if let Some(text) = body.text("queryString") {
        let most = body.number("limit").unwrap_or(10_000).clamp(0, 10_000);
        while i64::try_from(people.len()).unwrap_or(i64::MAX) < most {
            let have = i64::try_from(people.len()).unwrap_or(i64::MAX);
            let (more, _) = matching(call, &cx, text, have, (most - have).min(1000), Vec::new(), Some(0)).await?;
            if more.is_empty() {
                break;
            }
            people.extend(more);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_string_asks_for() {
        assert_eq!(read_query("*").unwrap(), Query::All);
        assert_eq!(read_query("ada").unwrap(), Query::Text(Pattern::Contains("ada".into())));
        let Query::Match { field, pattern } = read_query("email:ada@example.org").unwrap() else { panic!() };
        assert_eq!((field, pattern), (UserField::Email, Pattern::Exact("ada@example.org".into())));
        assert!(matches!(read_query("active:true AND firstName:A*").unwrap(), Query::And(all) if all.len() == 2));
        assert!(read_query("(email:").is_err());
    }
}
