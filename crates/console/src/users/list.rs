//! The list of users.

use super::filter::Filter;
use crate::asking::{Asking, identifier_of, name_of};
use crate::door::{Answer, own};
use crate::told::Told;
use doorward_protocol::ids::UserId;
use doorward_protocol::search::{Direction, Place};
use doorward_service::directory::DirectoryError;
use doorward_store::search::{Counted, Leaf};
use doorward_store::users::{BLOCKED, Person};
use serde::Serialize;

const PAGE: u32 = 25;
/// Users are counted up to here; beyond it the exact number helps nobody.
const MANY: u32 = 1_000;

#[derive(Serialize)]
struct ListPage {
    users: Vec<Line>,
    filter: Filter,
    narrow: bool,
    everybody: bool,
    /// How many there are in all; known where the list begins.
    count: Option<i64>,
    many: bool,
    oldest_first: bool,
    roles: Vec<(String, String)>,
    groups: Vec<(String, String)>,
    /// The fields of the filter, for the form that exports what is shown.
    pairs: Vec<(String, String)>,
    previous: Option<String>,
    next: Option<String>,
    /// The other order.
    turned: String,
}

#[derive(Serialize)]
struct Line {
    url: String,
    name: String,
    identifier: String,
    verified: bool,
    blocked: bool,
    seen: Option<i64>,
}

/// `GET /console/users`
pub async fn list(asking: Asking) -> Answer {
    render(&asking, Told::nothing()).await
}

pub async fn render(asking: &Asking, mut told: Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let filter = Filter::of(asking);
    let oldest_first = asking.field("order") == "oldest";
    let direction = if oldest_first { Direction::Ascending } else { Direction::Descending };
    let user = |name: &str| asking.cursor(name).map(UserId);
    let place = match (user("after"), user("before")) {
        (Some(id), _) => Place::After(id),
        (None, Some(id)) => Place::Before(id),
        (None, None) => Place::Start,
    };
    let found = match filter.query() {
        Ok(query) => {
            match service.leaf_users(cx, &query, direction, place, PAGE).await {
                // Counted once, where the list begins, and where more follow than stand here.
                Ok(leaf) if place == Place::Start && leaf.after => {
                    service.count_users_up_to(cx, &query, MANY).await.map(|count| (leaf, Some(count)))
                }
                found => found.map(|leaf| (leaf, None)),
            }
        }
        Err(error) => Err(error),
    };
    let (leaf, count) = match found {
        Ok(found) => found,
        // A search that cannot be read finds nobody and says why.
        Err(DirectoryError::Fault(error)) => return Err(error.into()),
        Err(error) => {
            told = Told::by(&asking.sent, error)?;
            (Leaf { items: Vec::new(), before: false, after: false }, None)
        }
    };
    // Of many users, few may have been met while they were counted; a page without another behind it is all there is.
    let shown = i64::try_from(leaf.items.len()).unwrap_or(i64::MAX);
    let count = match count {
        Some(count) => Some(Counted { found: count.found.max(shown), more: count.more || count.found < shown }),
        None => (place == Place::Start).then_some(Counted { found: shown, more: false }),
    };
    let address = |more: &[(&str, &str)]| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filter.pairs()).extend_pairs(more.iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { "/console/users".to_owned() } else { format!("/console/users?{query}") }
    };
    let order = if oldest_first { "oldest" } else { "" };
    let at = |name: &'static str, person: Option<&Person>| {
        person.map(|p| address(&[("order", order), (name, &p.user.id.0.simple().to_string())]))
    };
    // A person's page leads back to this very place of the list.
    let here = address(&[("order", order), ("after", asking.field("after")), ("before", asking.field("before"))]);
    let line = |person: &Person| Line {
        url: beside(&format!("/console/users/{}", person.user.id), &here),
        name: name_of(person),
        identifier: identifier_of(person),
        verified: person.email().is_none_or(|email| email.verified_at.is_some()),
        blocked: person.user.status == BLOCKED,
        seen: person.user.last_sign_in_at.map(doorward_protocol::time::Timestamp::seconds),
    };
    let page = ListPage {
        users: leaf.items.iter().map(line).collect(),
        previous: leaf.before.then(|| at("before", leaf.items.first())).flatten(),
        next: leaf.after.then(|| at("after", leaf.items.last())).flatten(),
        turned: address(&[("order", if oldest_first { "" } else { "oldest" })]),
        many: count.is_some_and(|count| count.more),
        count: count.map(|count| count.found),
        oldest_first,
        roles: service.list_roles(cx, None, 200).await?.items.into_iter().map(|r| (r.id.to_string(), r.name)).collect(),
        groups: service.list_groups(cx, None, 200).await?.items.into_iter().map(|g| (g.id.to_string(), g.name)).collect(),
        pairs: filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        narrow: filter.is_narrow(),
        everybody: filter.is_empty(),
        filter,
    };
    asking.show_told("console/users.html", &page, &told)
}

/// The place of the list that a person's page was opened from.
pub fn place(asking: &Asking) -> String {
    let place = asking.kept("list");
    let is_list = place == "/console/users" || place.starts_with("/console/users?");
    if is_list { own(Some(&place)) } else { "/console/users".to_owned() }
}

fn beside(path: &str, place: &str) -> String {
    if place == "/console/users" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("list", place).finish();
    format!("{path}?{query}")
}
