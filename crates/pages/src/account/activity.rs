//! What happened lately: audit events in words. Events that mean nothing to a person are left out.

use super::ACTIVITY;
use super::frame::{PageQuery, Told, asking};
use crate::faces::fault_page;
use crate::view::{AccountActivityPage, ActivityKind, ActivityRow, When};
use axum::extract::{Query, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_service::account::{Activity, device_name};
use doorward_store::audit::AuditEventRow;
use uuid::Uuid;

/// `GET /account/activity`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    let asking = match asking(app, visit, ACTIVITY).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    let before = query.before.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let activity = match asking.app.service.my_activity(&asking.visit.cx, &asking.session, before).await {
        Ok(activity) => activity,
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let told = Told::by(&query);
    let context = AccountActivityPage {
        frame: asking.frame(&told),
        events: activity.events.iter().filter_map(|event| row(event, &activity)).collect(),
        older_url: activity.older.map(|id| format!("{ACTIVITY}?before={}", id.simple())),
    };
    asking.answer(&context.into(), &asking.chrome(), &told)
}

fn row(event: &AuditEventRow, activity: &Activity) -> Option<ActivityRow> {
    let kind = kind(event)?;
    let data = |key: &str| event.data.0.get(key).and_then(|v| v.as_str());
    let passkey = data("passkey").and_then(|id| Uuid::parse_str(id).ok()).and_then(|id| activity.names.get(&id));
    let application = event.application_id.and_then(|id| activity.names.get(&id.0));
    let origin = Some(event.ip.clone()).filter(|ip| !ip.is_empty());
    Some(ActivityRow {
        kind,
        subject: passkey.or(application).cloned(),
        at: When(event.at.seconds()),
        device: data("user_agent").map(device_name),
        origin,
        warn: matches!(
            kind,
            ActivityKind::SignInFailed | ActivityKind::Locked | ActivityKind::Recovered | ActivityKind::FactorRefused
        ),
    })
}

fn kind(event: &AuditEventRow) -> Option<ActivityKind> {
    let data = |key: &str| event.data.0.get(key).and_then(|v| v.as_str());
    let is = |key: &str| event.data.0.get(key).and_then(serde_json::Value::as_bool) == Some(true);
    Some(match event.event.as_str() {
        "user.created" => ActivityKind::SignedUp,
        "sign_in.succeeded" if data("purpose") == Some("recover") => ActivityKind::Recovered,
        // The account was made a moment before; once is enough.
        "sign_in.succeeded" if data("purpose") == Some("sign_up") => return None,
        "sign_in.succeeded" => match data("method") {
            Some("password") => ActivityKind::SignedInPassword,
            Some("email_code") => ActivityKind::SignedInCode,
            _ => ActivityKind::SignedInPasskey,
        },
        "sign_in.refused" if data("cause") == Some("locked_out") => ActivityKind::Locked,
        "sign_in.failed" | "sign_in.refused" | "code.wrong" | "password.refused" => ActivityKind::SignInFailed,
        "account.claimed" => ActivityKind::Recovered,
        "session.ended" if data("reason") == Some("revoked") => ActivityKind::DeviceSignedOut,
        "session.all_ended" => ActivityKind::DeviceSignedOut,
        "session.ended" => ActivityKind::SignedOut,
        "passkey.created" => ActivityKind::PasskeyAdded,
        "passkey.renamed" => ActivityKind::PasskeyRenamed,
        "passkey.deleted" => ActivityKind::PasskeyRemoved,
        "password.changed" => ActivityKind::PasswordChanged,
        "password.deleted" => ActivityKind::PasswordRemoved,
        "identifier.added" => ActivityKind::EmailAdded,
        "address.proven" => ActivityKind::EmailVerified,
        "identifier.changed" if is("primary") => ActivityKind::EmailPrimary,
        "identifier.changed" if is("verified") => ActivityKind::EmailVerified,
        "identifier.removed" => ActivityKind::EmailRemoved,
        "consent.given" => ActivityKind::AppConnected,
        "consent.revoked" => ActivityKind::AppDisconnected,
        "profile.changed" | "user.updated" => ActivityKind::ProfileChanged,
        "second_factor.added" => ActivityKind::FactorAdded,
        "second_factor.removed" => ActivityKind::FactorRemoved,
        "second_factor.refused" => ActivityKind::FactorRefused,
        "recovery_code.used" => ActivityKind::RecoveryCodeUsed,
        "recovery_codes.made" => ActivityKind::RecoveryCodesMade,
        "data.downloaded" => ActivityKind::DataDownloaded,
        _ => return None,
    })
}
