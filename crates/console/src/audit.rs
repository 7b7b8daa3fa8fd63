//! The audit log: what happened, who did it, and whether the chain holds.

use crate::asking::{Asking, find_user, name_of};
use crate::door::{Answer, Doors};
use crate::look;
use crate::told::{Told, Wrong};
use crate::trouble::Trouble;
use doorward_protocol::admin::Right::Read;
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_store::Page;
use doorward_store::audit::{AuditEventRow, AuditFilter};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

pub fn doors(doors: Doors) -> Doors {
    doors.page("/console/audit", Read, list).act("/console/audit/verify", Read, verify)
}

/// An event as a page shows it.
#[derive(Debug, Serialize)]
pub struct EventLine {
    /// Its name in the log.
    event: String,
    /// What happened, in words.
    words: String,
    at: i64,
    warn: bool,
    user: Option<(String, String)>,
    application: Option<(String, String)>,
    actor: Actor,
    ip: String,
    request_id: String,
    seq: Option<i64>,
    details: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize)]
struct Actor {
    kind: &'static str,
    id: String,
    name: String,
}

impl EventLine {
    /// Events with the names of whom and what they are about; each is looked up once.
    pub async fn of_all(asking: &Asking, events: Vec<AuditEventRow>) -> Result<Vec<Self>, Trouble> {
        let tenant = asking.cx().tenant_id();
        let store = &asking.service().store;
        let (mut people, mut applications): (HashMap<UserId, String>, HashMap<ApplicationId, String>) = Default::default();
        let mut keys: HashMap<Uuid, String> = HashMap::new();
        let mut lines = Vec::with_capacity(events.len());
        for row in events {
            let acting: Option<UserId> = row.actor.strip_prefix("user:").and_then(|id| id.parse().ok());
            for id in row.user_id.iter().chain(acting.iter()) {
                if !people.contains_key(id)
                    && let Some(person) = store.person(tenant, *id).await?
                {
                    people.insert(*id, name_of(&person));
                }
            }
            if let Some(id) = row.application_id
                && !applications.contains_key(&id)
                && let Some(application) = store.application(tenant, id).await?
            {
                applications.insert(id, application.name);
            }
            let key: Option<Uuid> = row.actor.split_once(':').filter(|_| acting.is_none()).and_then(|(_, id)| id.parse().ok());
            if let Some(id) = key
                && !keys.contains_key(&id)
                && let Some(key) = store.api_key(id).await?
            {
                keys.insert(id, key.name);
            }
            let person = |id: UserId| (id.to_string(), people.get(&id).cloned().unwrap_or_default());
            let actor = match (acting, row.actor.split_once(':')) {
                (Some(id), _) => Actor { kind: "administrator", id: id.to_string(), name: person(id).1 },
                (None, Some((_, id))) => {
                    let name = key.and_then(|key| keys.get(&key).cloned()).unwrap_or_else(|| id.to_owned());
                    Actor { kind: "key", id: String::new(), name }
                }
                (None, None) if row.actor == "user" => Actor { kind: "user", id: String::new(), name: String::new() },
                (None, None) => {
                    let name = look::known(&format!("actor-{}", row.actor)).unwrap_or_else(|| row.actor.clone());
                    Actor { kind: "other", id: String::new(), name }
                }
            };
            lines.push(Self {
                words: words(&row.event),
                warn: [".failed", ".refused", ".wrong", ".blocked", ".deleted", ".reused", ".given_up"]
                    .iter()
                    .any(|end| row.event.ends_with(end)),
                at: row.at.seconds(),
                user: row.user_id.map(person),
                application: row.application_id.map(|id| (id.to_string(), applications.get(&id).cloned().unwrap_or_default())),
                actor,
                ip: row.ip,
                request_id: row.request_id,
                seq: row.seq,
                details: details(&row.data.0),
                event: row.event,
            });
        }
        Ok(lines)
    }
}

/// What an event means; one without words of its own has those of its name.
fn words(event: &str) -> String {
    look::known(&format!("event-{}", event.replace(['.', '_'], "-"))).unwrap_or_else(|| {
        let text = event.replace(['.', '_'], " ");
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    })
}

fn details(data: &serde_json::Value) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    data.as_object().into_iter().flatten().map(|(name, value)| (name.replace('_', " "), text(value))).collect()
}

#[derive(Serialize)]
struct AuditPage {
    events: Vec<EventLine>,
    event: String,
    user: String,
    actor: String,
    since: String,
    until: String,
    /// Whether anything is asked for.
    narrow: bool,
    next: Option<String>,
    first: Option<String>,
    checked: Option<Checked>,
    /// Kinds of events to choose from, with what they mean.
    known: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Checked {
    events: u64,
    head: Option<String>,
    seq: i64,
    fault: Option<String>,
}

/// Kinds of events that are offered to search for; any other can be typed.
const KNOWN: &[&str] = &[
    "sign_in.succeeded",
    "sign_in.failed",
    "sign_in.refused",
    "user.created",
    "user.blocked",
    "user.deleted",
    "account.recovered",
    "passkey.created",
    "passkey.deleted",
    "password.changed",
    "application.created",
    "application.updated",
    "application.deleted",
    "application_secret.rotated",
    "api_key.created",
    "api_key.deleted",
    "administrator.set",
    "administrator.removed",
    "signing_key.rotated",
    "tenant.updated",
    "role.created",
    "user.roles_changed",
    "consent.given",
    "session.ended",
];

/// `GET /console/audit`
async fn list(asking: Asking) -> Answer {
    render(&asking, None).await
}

/// `POST /console/audit/verify`: a walk over the whole chain.
async fn verify(asking: Asking) -> Answer {
    let report = asking.service().verify_audit_chain(asking.cx()).await?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let checked = Checked {
        events: report.checked,
        seq: report.head.as_ref().map_or(0, |(seq, _)| *seq),
        head: report.head.as_ref().map(|(_, hash)| hex(hash)),
        fault: report.fault,
    };
    render(&asking, Some(checked)).await
}

/// Actors that are no person.
const WORDS: [&str; 4] = ["user", "client", "command", "system"];

/// What a search asks for, as it was typed.
const ASKED: [&str; 5] = ["event", "user", "actor", "since", "until"];

async fn render(asking: &Asking, checked: Option<Checked>) -> Answer {
    let [event, user, actor, since, until] = ASKED.map(|name| asking.kept(name));
    let after = asking.cursor("after");
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut problem = |field: &str, message: &str| wrong.push(Wrong { field: field.to_owned(), message: message.to_owned() });
    let about = person(asking, &user).await?;
    if about.is_none() && !user.is_empty() {
        problem("user", "is no user's id, address or user name here");
    }
    let by = match person(asking, &actor).await? {
        // Somebody may have one of these words as user name; the log means no person by it.
        _ if WORDS.contains(&actor.as_str()) => Some(actor.clone()),
        Some(id) => Some(format!("user:{id}")),
        // Who is no person stands in the log by a word: `system`, `command`, `admin:<id of a key>`.
        None if !actor.contains('@') && !actor.is_empty() => Some(actor.clone()),
        None => None,
    };
    if by.is_none() && !actor.is_empty() {
        problem("actor", "is no administrator's id, address or user name here");
    }
    let [from, to] = [("since", &since, 0), ("until", &until, 1)].map(|(field, text, days)| {
        let day = day(text);
        if day.is_none() && !text.is_empty() {
            problem(field, "must be a day such as 2030-01-31");
        }
        day.map(|day| day.plus_seconds(days * 86_400))
    });
    let wanted = AuditFilter {
        event: Some(event.as_str()).filter(|text| !text.is_empty()),
        user: about,
        actor: by.as_deref(),
        since: from,
        until: to,
    };
    // What happened to nobody is nothing, not everything.
    let found = if wrong.is_empty() {
        asking.service().search_audit_events(asking.cx(), &wanted, after, 50).await?
    } else {
        Page { items: Vec::new(), next: None }
    };
    let asked = [("event", &event), ("user", &user), ("actor", &actor), ("since", &since), ("until", &until)];
    let address = |after: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in asked.iter().map(|(name, value)| (*name, value.as_str())).chain([("after", after)]) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/console/audit?{}", query.finish())
    };
    let page = AuditPage {
        next: found.next.map(|id| address(&id.simple().to_string())),
        first: after.map(|_| address("")),
        events: EventLine::of_all(asking, found.items).await?,
        checked,
        known: KNOWN.iter().map(|event| (*event, words(event))).collect(),
        narrow: asked.iter().any(|(_, value)| !value.is_empty()),
        event,
        user,
        actor,
        since,
        until,
    };
    asking.show_told("console/audit.html", &page, &Told { wrong, ..Told::nothing() })
}

/// Somebody by id, address or user name.
async fn person(asking: &Asking, typed: &str) -> Result<Option<UserId>, Trouble> {
    match typed.strip_prefix("user:").unwrap_or(typed).parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) if typed.is_empty() => Ok(None),
        Err(_) => find_user(asking, typed).await,
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse::<u8>().ok()?, parts.next()?.parse().ok()?);
    let date = time::Date::from_calendar_date(year, month.try_into().ok()?, day).ok().filter(|_| parts.next().is_none())?;
    Some(Timestamp(date.midnight().assume_utc().unix_timestamp().checked_mul(1000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(day("1970-01-02"), Some(Timestamp(86_400_000)));
        for wrong in ["", "yesterday", "2030-13-01", "2030-02-30", "2030-01", "2030-01-01-01"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
