//! The mailbox: every mail that development would have sent, as pages for people and as JSON for tests.

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use doorward_httpkit::{App, Asked, Refusal};
use doorward_pages::view::{MailPage, MailRow, MailboxPage, When};
use doorward_protocol::time::Timestamp;
use doorward_service::Cx;
use doorward_store::mail::MailboxRow;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Most mails that one answer holds.
const MOST: u32 = 500;

/// Frames the mail; the rest is what every page has.
const MAIL_PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The mail itself is markup of somebody else's making: an origin of its own, no script, no form, whoever opens it and however.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; form-action 'none'; \
base-uri 'none'; frame-ancestors 'self'";

/// `/dev/mailbox` and what hangs on it, each for the tenant of the host.
pub fn router() -> Router<App> {
    Router::new()
        .route("/dev/mailbox", get(list))
        .route("/dev/mailbox.json", get(list_json))
        .route("/dev/mailbox/{id}", get(mail))
        .route("/dev/mailbox/{id}/html", get(mail_html))
}

#[derive(Deserialize)]
struct Asking {
    to: Option<String>,
    limit: Option<u32>,
}

async fn rows(app: &App, cx: &Cx, asking: &Asking) -> Result<Vec<MailboxRow>, Refusal> {
    // Addresses are stored in lower case.
    let to = asking.to.as_deref().map(|to| to.trim().to_lowercase());
    let limit = asking.limit.unwrap_or(50).clamp(1, MOST);
    Ok(app.service.store.mailbox(cx.tenant_id(), to.as_deref(), limit).await.map_err(doorward_service::Error::from)?)
}

async fn list(
    State(app): State<App>,
    Asked(cx): Asked,
    Query(asking): Query<Asking>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let rows = rows(&app, &cx, &asking).await?;
    if wants_json(&headers) {
        return Ok(as_json(&rows));
    }
    let mails = rows.iter().map(|row| MailRow {
        url: format!("/dev/mailbox/{}", row.id),
        to: row.recipient.clone(),
        subject: row.subject.clone(),
        at: When(row.received_at.seconds()),
        code: code(&row.body_text).map(str::to_owned),
    });
    let shown = MailboxPage {
        mails: mails.collect(),
        json_url: "/dev/mailbox.json".to_owned(),
        home_url: Some(super::demo::HOME.to_owned()),
    };
    Ok(super::page(&cx, StatusCode::OK, shown))
}

async fn list_json(State(app): State<App>, Asked(cx): Asked, Query(asking): Query<Asking>) -> Result<Response, Refusal> {
    Ok(as_json(&rows(&app, &cx, &asking).await?))
}

/// A program that asks for JSON gets it under the page's address too; a browser always names HTML.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

fn as_json(rows: &[MailboxRow]) -> Response {
    let messages: Vec<Value> = rows.iter().map(message).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "messages": messages }))).into_response()
}

fn message(row: &MailboxRow) -> Value {
    json!({
        "id": row.id,
        "to": row.recipient,
        "subject": row.subject,
        "text": row.body_text,
        "html": row.body_html,
        "code": code(&row.body_text),
        "link": link(&row.body_text),
        "received_at": rfc3339(row.received_at),
    })
}

async fn find(app: &App, cx: &Cx, id: &str) -> Result<Option<MailboxRow>, Refusal> {
    let Ok(id) = Uuid::parse_str(id) else { return Ok(None) };
    Ok(app.service.store.mailbox_mail(cx.tenant_id(), id).await.map_err(doorward_service::Error::from)?)
}

async fn mail(State(app): State<App>, Asked(cx): Asked, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(row) = find(&app, &cx, &id).await? else { return Ok(none()) };
    let shown = MailPage {
        mailbox_url: "/dev/mailbox".to_owned(),
        from: cx.tenant.row.settings.0.mail_from.clone().unwrap_or_else(|| cx.tenant.row.name.clone()),
        to: row.recipient,
        subject: row.subject,
        at: When(row.received_at.seconds()),
        code: code(&row.body_text).map(str::to_owned),
        link: link(&row.body_text).map(str::to_owned),
        html_url: (!row.body_html.is_empty()).then(|| format!("/dev/mailbox/{}/html", row.id)),
        text: row.body_text,
    };
    Ok(([(header::CONTENT_SECURITY_POLICY, MAIL_PAGE_POLICY)], super::page(&cx, StatusCode::OK, shown)).into_response())
}

async fn mail_html(State(app): State<App>, Asked(cx): Asked, Path(id): Path<String>) -> Result<Response, Refusal> {
    let Some(row) = find(&app, &cx, &id).await? else { return Ok(none()) };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Html(row.body_html)).into_response())
}

fn none() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found", "error_description": "the mailbox has no such mail" })))
        .into_response()
}

/// The code of a mail: four to ten digits that have a line to themselves. A year or a number of minutes within a sentence
/// is no code, nor are the digits of an address.
fn code(text: &str) -> Option<&str> {
    let digits = |line: &&str| (4..=10).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(str::trim).find(digits)
}

/// The link of a mail that signs in: the first address whose path ends in `/signin/link`.
fn link(text: &str) -> Option<&str> {
    let ours = |address: &&str| {
        (address.starts_with("http://") || address.starts_with("https://"))
            && address.split(['?', '#']).next().is_some_and(|path| path.ends_with("/signin/link"))
    };
    text.split_whitespace().map(|word| word.trim_matches(['<', '>', '(', ')', '"'])).find(ours)
}

/// RFC 3339, in UTC with milliseconds. Null where a moved clock has left the years that it can tell.
fn rfc3339(at: Timestamp) -> Option<String> {
    let moment = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000).ok()?;
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second, milli) = moment.to_hms_milli();
    let month = u8::from(month);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

#[cfg(test)]
mod tests;
