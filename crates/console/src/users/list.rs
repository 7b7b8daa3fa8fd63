//! The list of users.

use crate::asking::{Asking, identifier_of, name_of};
use crate::door::Answer;
use doorward_store::users::{BLOCKED, Person};
use serde::Serialize;

const PAGE: u32 = 25;

#[derive(Serialize)]
struct ListPage {
    users: Vec<Line>,
    search: String,
    next: Option<String>,
    first: Option<String>,
}

#[derive(Serialize)]
struct Line {
    url: String,
    name: String,
    identifier: String,
    verified: bool,
    blocked: bool,
    created: i64,
    seen: Option<i64>,
}

/// `GET /console/users`: those one of whose identifiers begins with `q`.
pub async fn list(asking: Asking) -> Answer {
    let search = asking.field("q").to_owned();
    let after = asking.cursor("after");
    let found = Some(search.as_str()).filter(|text| !text.is_empty());
    let page = asking.service().list_users(asking.cx(), found, after, PAGE).await?;
    // A person's page leads back to this very place of the list.
    let place = address("/console/users", &search, asking.field("after"));
    let line = |person: &Person| Line {
        url: beside(&format!("/console/users/{}", person.user.id), &place),
        name: name_of(person),
        identifier: identifier_of(person),
        verified: person.email().is_none_or(|email| email.verified_at.is_some()),
        blocked: person.user.status == BLOCKED,
        created: person.user.created_at.seconds(),
        seen: person.user.last_sign_in_at.map(doorward_protocol::time::Timestamp::seconds),
    };
    let page = ListPage {
        users: page.items.iter().map(line).collect(),
        next: page.next.map(|id| address("/console/users", &search, &id.simple().to_string())),
        first: after.map(|_| address("/console/users", &search, "")),
        search,
    };
    asking.show("console/users.html", &page)
}

fn address(path: &str, search: &str, after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", search), ("after", after)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn beside(path: &str, place: &str) -> String {
    if place == "/console/users" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("list", place).finish();
    format!("{path}?{query}")
}
