//! `/logs`: the audit log in this API's words.

mod search;
mod types;

use super::door::{Call, Caller};
use super::ids;
use super::query::Query;
use super::refused::{Answer, Refused};
use crate::claims::iso;
use crate::{DATABASE, EMAIL};
use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::time::Timestamp;
use doorward_store::audit::AuditEventRow;
use search::Wanted;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Reading is for those who may read logs, or those of people.
const READ: &[&str] = &["read:logs", "read:logs_users"];
/// Most entries that pages reach; a checkpoint has no end.
const MOST: usize = 1000;
/// Most events that one search looks at.
const MOST_SEEN: usize = 20_000;
/// Events that are read at a time.
const STEP: u32 = 500;

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new().route("/logs", get(list)).route("/logs/{id}", get(read))
}

/// An entry, with the time that searches compare.
pub struct Entry {
    at: Timestamp,
    body: Map<String, Value>,
}

/// Names that stand in many entries, read once.
#[derive(Default)]
struct Names {
    clients: HashMap<ApplicationId, Option<(String, String)>>,
    users: HashMap<UserId, (String, Option<String>)>,
}

impl Names {
    async fn client(&mut self, call: &Call, id: ApplicationId) -> Result<Option<(String, String)>, Refused> {
        if let Some(known) = self.clients.get(&id) {
            return Ok(known.clone());
        }
        let row = call.service().store.application(call.cx.tenant_id(), id).await?;
        let name = row.map(|row| (row.client_id, row.name));
        self.clients.insert(id, name.clone());
        Ok(name)
    }

    async fn user(&mut self, call: &Call, id: UserId) -> Result<(String, Option<String>), Refused> {
        if let Some(known) = self.users.get(&id) {
            return Ok(known.clone());
        }
        let subject = call.service().subject(&call.cx, Accent::Auth0, id).await?;
        let name = if call.holds("read:logs_users") {
            let person = call.service().store.person(call.cx.tenant_id(), id).await?;
            person.and_then(|p| p.email().map(|e| e.value.clone()).or(p.user.name.clone()).filter(|n| !n.is_empty()))
        } else {
            None
        };
        self.users.insert(id, (subject.clone(), name.clone()));
        Ok((subject, name))
    }
}

/// An event as an entry.
async fn entry(call: &Call, names: &mut Names, row: &AuditEventRow) -> Result<Entry, Refused> {
    let data = |name: &str| row.data.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (kind, words) = types::of(&row.event, &row.actor, &row.data.0);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| _ = out.insert(name.to_owned(), value);
    let id = ids::digits(row.id);
    put("_id", json!(id));
    put("log_id", json!(id));
    put("date", json!(iso(row.at)));
    put("type", json!(kind));
    put("description", json!(words));
    put("ip", json!(row.ip));
    put("hostname", json!(call.cx.domain.host));
    put("isMobile", json!(false));
    if let Some(agent) = data("user_agent") {
        put("user_agent", json!(agent));
    }
    let actor = row.actor.strip_prefix("application:");
    let client = match (row.application_id, actor) {
        // Whoever called, where somebody did; the client that it was about stands in the details.
        (_, Some(client_id)) => Some((client_id.to_owned(), None)),
        (Some(id), None) => names.client(call, id).await?.map(|(client_id, name)| (client_id, Some(name))),
        (None, None) => None,
    };
    if let Some((client_id, name)) = client {
        put("client_id", json!(client_id));
        if let Some(name) = name {
            put("client_name", json!(name));
        }
    }
    if let Some(user) = row.user_id {
        let (subject, name) = names.user(call, user).await?;
        put("user_id", json!(subject));
        if let Some(name) = name {
            put("user_name", json!(name));
        }
    }
    if let Some(method) = data("method") {
        let (connection, strategy) = match method {
            "email_code" | "code" | "link" => (EMAIL, "email"),
            _ => (DATABASE, "auth0"),
        };
        put("connection", json!(connection));
        put("strategy", json!(strategy));
        put("strategy_type", json!(if connection == EMAIL { "passwordless" } else { "database" }));
    }
    for name in ["audience", "scope"] {
        if let Some(text) = data(name) {
            put(name, json!(text));
        }
    }
    let mut details = row.data.0.clone();
    if let Some(details) = details.as_object_mut() {
        details.remove("user_agent");
        details.insert("event".into(), json!(row.event));
        details.insert("actor".into(), json!(row.actor));
        if !row.request_id.is_empty() {
            details.insert("request_id".into(), json!(row.request_id));
        }
    }
    put("details", details);
    Ok(Entry { at: row.at, body: out })
}

/// The entries that a search wants, newest first or oldest first, at most so many of them.
async fn found(
    call: &Call,
    user: Option<UserId>,
    wanted: &Wanted,
    oldest_first: bool,
    most: usize,
) -> Result<Vec<Value>, Refused> {
    let (store, tenant) = (&call.service().store, call.cx.tenant_id());
    if oldest_first {
        store.chain_audit().await?;
    }
    // The oldest of a user are known once all are.
    let most = if oldest_first && user.is_some() { MOST } else { most };
    let mut names = Names::default();
    let (mut out, mut seen) = (Vec::new(), 0);
    let (mut before, mut behind) = (None, 0);
    while out.len() < most && seen < MOST_SEEN {
        let rows = if oldest_first && user.is_none() {
            let rows = store.audit_events_chained_after(tenant, behind, STEP).await?;
            behind = rows.last().and_then(|row| row.seq).unwrap_or(behind);
            rows
        } else {
            let page = store.audit_events(tenant, None, user, before, STEP).await?;
            before = page.items.last().map(|row| row.id);
            page.items
        };
        if rows.is_empty() {
            break;
        }
        seen += rows.len();
        for row in &rows {
            let one = entry(call, &mut names, row).await?;
            if wanted.fits(&one) {
                out.push(Value::Object(one.body));
            }
        }
    }
    if oldest_first && user.is_some() {
        out.reverse();
    }
    out.truncate(most);
    Ok(out)
}

/// Whether the oldest entry comes first.
fn oldest_first(query: &Query) -> Result<bool, Refused> {
    match query.text("sort") {
        None | Some("date:-1") => Ok(false),
        Some("date:1") => Ok(true),
        Some(_) => Err(Refused::query("sort", "must be date:-1 or date:1")),
    }
}

/// The page of entries that a call asks for, of one user or of all.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn page(call: &Call, user: Option<UserId>) -> Answer {
    let wanted = Wanted::read(call.query.text("q").or(call.query.text("search")).unwrap_or_default())?;
    let paging = call.query.paging();
    // Whoever wants no totals needs no more than the page.
    let most = if paging.include_totals { MOST } else { paging.offset().saturating_add(paging.per_page).min(MOST) };
    let all = found(call, user, &wanted, oldest_first(&call.query)?, most).await?;
    Ok(call.query.page_of("logs", all))
}

/// Entries behind another, oldest first: what a program reads that keeps a copy.
async fn behind(call: &Call, from: &str, take: usize) -> Answer {
    let (store, tenant) = (&call.service().store, call.cx.tenant_id());
    // What was written a moment ago gets its place now, where another engine gives it after the commit.
    store.chain_audit().await?;
    let id = ids::of_digits(from);
    let seen = match id {
        Some(id) => store.audit_event(tenant, id).await?.and_then(|row| row.seq),
        None => None,
    };
    let seen = seen.ok_or_else(|| Refused::query("from", "must be the log_id of an entry"))?;
    let mut names = Names::default();
    let mut out = Vec::new();
    for row in store.audit_events_chained_after(tenant, seen, u32::try_from(take).unwrap_or(STEP)).await? {
        let one = entry(call, &mut names, &row).await?;
        out.push(call.query.shown(Value::Object(one.body)));
    }
    Ok(Json(out).into_response())
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(READ)?;
    match call.query.checkpoint()? {
        Some(checkpoint) if checkpoint.from.is_some() => {
            behind(&call, checkpoint.from.as_deref().unwrap_or_default(), checkpoint.take).await
        }
        _ => page(&call, None).await,
    }
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(READ)?;
    let absent = || Refused::absent("log");
    let id = ids::of_digits(&id).ok_or_else(absent)?;
    let row = call.service().store.audit_event(call.cx.tenant_id(), id).await?.ok_or_else(absent)?;
    let entry = entry(&call, &mut Names::default(), &row).await?;
    Ok(call.query.one(Value::Object(entry.body)))
}
