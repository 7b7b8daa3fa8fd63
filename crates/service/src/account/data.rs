//! Download my data (GDPR, articles 15 and 20): everything that is kept about the person, and no key or secret.

use super::{AccountError, device_name};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::time::Timestamp;
use doorward_store::audit::AuditEventRow;
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Most events in a download: beyond it the oldest are left out, and the document says so.
const MOST_EVENTS: usize = 10_000;

impl Service {
    /// Everything about the person as one document. That it was taken is an event of its own.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn my_data(&self, cx: &Cx, session: &SessionRow) -> Result<Value, AccountError> {
        self.must_be_fresh(cx, session)?;
        let (tenant, user) = (cx.tenant_id(), session.user_id);
        let person = self.account(cx, session).await?;
        let event = Event::new("data.downloaded").user(user).statement(cx);
        self.store.commit(Batch::new().with(event)).await?;
        let identifiers: Vec<Value> = person
            .identifiers
            .iter()
            .map(|i| {
                json!({
                    "kind": i.kind, "value": i.value, "primary": i.is_primary,
                    "verified_at": i.verified_at.map(text), "created_at": text(i.created_at),
                })
            })
            .collect();
        let passkeys: Vec<Value> = self
            .my_passkeys(cx, session)
            .await?
            .iter()
            .map(|p| {
                json!({
                    "name": p.name, "rp_id": p.rp_id, "aaguid": p.aaguid.to_string(), "transports": p.transports.0,
                    "backup_eligible": p.backup_eligible, "backed_up": p.backup_state, "created_on": p.created_on,
                    "created_at": text(p.created_at), "last_used_at": p.last_used_at.map(text),
                })
            })
            .collect();
        let sessions: Vec<Value> = self
            .my_devices(cx, session)
            .await?
            .iter()
            .map(|d| {
                json!({
                    "device": device_name(&d.session.user_agent), "user_agent": d.session.user_agent, "ip": d.session.ip,
                    "created_at": text(d.session.created_at), "last_seen_at": text(d.session.last_seen_at),
                    "expires_at": text(d.session.expires_at), "applications": d.applications,
                })
            })
            .collect();
        let apps = self.my_apps(cx, session).await?;
        let applications: Vec<Value> = apps
            .iter()
            .map(|a| {
                json!({
                    "name": a.application.name, "client_id": a.application.client_id, "scopes": a.scopes,
                    "since": text(a.since), "last_used_at": a.last_used.map(text),
                })
            })
            .collect();
        let password = self.store.password(tenant, user).await?;
        let factors = self.list_factors(cx, user).await?;
        let browsers = self.store.trusted_browsers(tenant, user, cx.now).await?;
        let roles: Vec<String> = self.store.effective_roles(tenant, user).await?.into_iter().map(|r| r.name).collect();
        let groups: Vec<String> = self.store.user_groups(tenant, user).await?.into_iter().map(|g| g.name).collect();
        let (activity, complete) = self.all_activity(cx, session).await?;
        Ok(json!({
            "tenant": cx.tenant.row.name,
            "issuer": cx.issuer(),
            "taken_at": text(cx.now),
            "profile": {
                "id": user.to_string(),
                "name": person.user.name,
                "claims": person.user.profile.0,
                "created_at": text(person.user.created_at),
                "updated_at": text(person.user.updated_at),
                "last_sign_in_at": person.user.last_sign_in_at.map(text),
                "sign_in_count": person.user.sign_in_count,
            },
            "identifiers": identifiers,
            "passkeys": passkeys,
            "two_step": {
                "authenticator_apps": factors.totp.iter().filter(|f| f.confirmed).map(|f| json!({
                    "name": f.name, "created_at": text(f.created_at), "last_used_at": f.last_used_at.map(text),
                })).collect::<Vec<_>>(),
                "recovery_codes_left": factors.recovery_codes,
                "remembered_browsers": browsers.iter().map(|b| json!({
                    "user_agent": b.user_agent, "since": text(b.created_at), "until": text(b.expires_at),
                })).collect::<Vec<_>>(),
            },
            "password": { "set": password.is_some(), "changed_at": password.map(|p| text(p.changed_at)) },
            "sessions": sessions,
            "applications": applications,
            "roles": roles,
            "groups": groups,
            "activity": activity,
            "activity_complete": complete,
        }))
    }

    async fn all_activity(&self, cx: &Cx, session: &SessionRow) -> Result<(Vec<Value>, bool), AccountError> {
        let mut out = Vec::new();
        let mut before = None;
        loop {
            let page = self.store.audit_events(cx.tenant_id(), None, Some(session.user_id), before, 500).await?;
            out.extend(page.items.iter().map(event));
            before = page.next;
            if before.is_none() {
                return Ok((out, true));
            }
            if out.len() >= MOST_EVENTS {
                return Ok((out, false));
            }
        }
    }
}

fn event(row: &AuditEventRow) -> Value {
    json!({ "event": row.event, "at": text(row.at), "ip": row.ip, "details": row.data.0 })
}

/// RFC 3339, in UTC.
fn text(at: Timestamp) -> String {
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(at.seconds()) else { return String::new() };
    let (date, time) = (moment.date(), moment.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::text;
    use doorward_protocol::time::Timestamp;

    #[test]
    fn rfc3339_section_5_6() {
        assert_eq!(text(Timestamp::from_seconds(1_795_230_384)), "2026-11-21T03:06:24Z");
    }
}
