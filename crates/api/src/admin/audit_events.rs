//! `/audit-events`.

use super::caller::Caller;
use super::page::{Asked, List, window};
use super::problem::Problem;
use super::rights::AuditEventsRead;
use super::when;
use axum::Json;
use doorward_protocol::ids::UserId;
use doorward_store::audit::{AuditEventRow, AuditFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEvent {
    /// Its id.
    id: Uuid,
    /// What happened, such as `user.created`.
    #[serde(rename = "type")]
    kind: String,
    /// When.
    time: String,
    /// About whom.
    user_id: Option<Uuid>,
    /// For which application.
    application_id: Option<Uuid>,
    /// Who did it: `user`, `admin:<id of the key>`, `system`.
    actor: String,
    /// From where.
    ip: String,
    /// In which request.
    request_id: String,
    /// Details, never a secret.
    #[schema(value_type = Object)]
    data: serde_json::Value,
    /// Place in the chain.
    seq: Option<i64>,
    /// Hash, in hexadecimal.
    hash: Option<String>,
}

/// What a walk along the chain found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChainCheck {
    /// Nothing is wrong.
    ok: bool,
    /// Events whose place was checked.
    checked: u64,
    /// Events that have no place yet.
    unchained: u64,
    /// Place of the last event.
    head_seq: Option<i64>,
    /// Its hash, in hexadecimal: keep it elsewhere and compare it later.
    head_hash: Option<String>,
    /// The first fault.
    fault: Option<String>,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EventQuery {
    /// Only this type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Only about this user.
    user_id: Option<Uuid>,
    /// Only what this one did, as `actor` says it: `user:<id>`, `admin:<id of the key>`, `system`.
    actor: Option<String>,
    /// Only from this moment on.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Only before this moment.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Most items of the page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    after: Option<Uuid>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn event(row: AuditEventRow) -> AuditEvent {
    AuditEvent {
        id: row.id,
        kind: row.event,
        time: when::rfc3339(row.at),
        user_id: row.user_id.map(|u| u.0),
        application_id: row.application_id.map(|a| a.0),
        actor: row.actor,
        ip: row.ip,
        request_id: row.request_id,
        data: row.data.0,
        seq: row.seq,
        hash: row.hash.as_deref().map(hex),
    }
}

/// Events, newest first.
#[utoipa::path(get, path = "/audit-events", operation_id = "list_audit_events", tag = "audit", params(EventQuery), responses((status = 200, body = List<AuditEvent>)))]
pub(super) async fn list(
    caller: Caller<AuditEventsRead>,
    Asked(query): Asked<EventQuery>,
) -> Result<Json<List<AuditEvent>>, Problem> {
    let (after, limit) = window(query.after, query.limit)?;
    let time = |field, text: Option<&str>| text.map(|text| when::parse(field, text)).transpose();
    let wanted = AuditFilter {
        event: query.kind.as_deref(),
        user: query.user_id.map(UserId),
        actor: query.actor.as_deref(),
        since: time("since", query.since.as_deref())?,
        until: time("until", query.until.as_deref())?,
    };
    Ok(List::of(caller.service.search_audit_events(&caller.cx, &wanted, after, limit).await?, event))
}

/// Walk along the chain of the tenant.
#[utoipa::path(get, path = "/audit-events/verify", operation_id = "verify_audit_chain", tag = "audit", responses((status = 200, body = ChainCheck)))]
pub(super) async fn verify(caller: Caller<AuditEventsRead>) -> Result<Json<ChainCheck>, Problem> {
    let report = caller.service.verify_audit_chain(&caller.cx).await?;
    Ok(Json(ChainCheck {
        ok: report.fault.is_none(),
        checked: report.checked,
        unchained: report.unchained,
        head_seq: report.head.as_ref().map(|(seq, _)| *seq),
        head_hash: report.head.as_ref().map(|(_, hash)| hex(hash)),
        fault: report.fault,
    }))
}
