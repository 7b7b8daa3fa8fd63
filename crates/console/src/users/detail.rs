//! All that is known of a user.

use crate::asking::{Asking, identifier_of, name_of};
use crate::audit::EventLine;
use crate::door::Answer;
use crate::told::Told;
use doorward_pages::view::{PasskeyRow, When};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::webauthn::provider;
use doorward_service::account::device_name;
use doorward_store::users::BLOCKED;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Sanctions that the page shows, the newest ones.
const MOST_SANCTIONS: usize = 20;
/// Refresh tokens that the page shows, the newest ones; to sign out everywhere ends all.
const MOST_GRANTS: usize = 50;

#[derive(Serialize)]
struct UserPage {
    id: String,
    url: String,
    /// The place of the list that the person was picked from.
    list: String,
    name: String,
    full_name: String,
    identifier: String,
    picture: Option<String>,
    blocked: bool,
    admin_role: Option<&'static str>,
    /// Whether the one who looks is trusted enough to change this account.
    changeable: bool,
    oneself: bool,
    created: i64,
    last_sign_in: Option<i64>,
    sign_ins: i64,
    has_email: bool,
    identifiers: Vec<IdentifierLine>,
    new_email: String,
    passkeys: Vec<PasskeyRow>,
    password: bool,
    /// Whether the tenant's policy lets people use passwords.
    passwords: bool,
    must_change_password: bool,
    expires: Option<i64>,
    /// Whether a sanction keeps them out now.
    suspended: bool,
    sanctions: Vec<SanctionLine>,
    sanction_reason: String,
    sanction_days: String,
    sanction_prevents: bool,
    sessions: Vec<SessionLine>,
    grants: Vec<GrantLine>,
    roles: Vec<(String, String)>,
    other_roles: Vec<(String, String)>,
    effective: Vec<String>,
    groups: Vec<(String, String)>,
    other_groups: Vec<(String, String)>,
    factors: Vec<FactorLine>,
    recovery_codes: usize,
    events: Vec<EventLine>,
}

#[derive(Serialize)]
struct IdentifierLine {
    id: String,
    kind: String,
    value: String,
    verified: bool,
    primary: bool,
}

#[derive(Serialize)]
struct FactorLine {
    id: String,
    name: String,
    confirmed: bool,
    created: i64,
    used: Option<i64>,
}

#[derive(Serialize)]
struct SanctionLine {
    id: String,
    name: String,
    reason: Option<String>,
    prevents: bool,
    active: bool,
    since: i64,
    ends: Option<i64>,
}

#[derive(Serialize)]
struct SessionLine {
    applications: Vec<String>,
    id: String,
    device: String,
    ip: String,
    seen: i64,
    since: i64,
}

/// An application that gets new tokens without the person being there.
#[derive(Serialize)]
struct GrantLine {
    id: String,
    application: String,
    since: i64,
    used: i64,
}

/// `GET /console/users/{user}`
pub async fn show(asking: Asking) -> Answer {
    let id = asking.id("user", "user")?;
    render(&asking, id, &Told::nothing()).await
}

pub async fn render(asking: &Asking, id: UserId, told: &Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let tenant = cx.tenant_id();
    let person = service.get_user(cx, id).await?;
    let role = service.administrator(cx, id).await?;
    let have = service.list_user_roles(cx, id).await?;
    let all_roles = service.list_roles(cx, None, 200).await?.items;
    let in_groups = service.store.user_groups(tenant, id).await?;
    let all_groups = service.list_groups(cx, None, 200).await?.items;
    let factors = service.list_user_factors(cx, id).await?;
    let mut sessions = Vec::new();
    for session in service.list_user_sessions(cx, id).await? {
        let mut applications = Vec::new();
        for application in service.store.session_applications(tenant, session.id).await? {
            applications.extend(service.store.application(tenant, application).await?.map(|a| a.name));
        }
        sessions.push(SessionLine {
            applications,
            id: session.id.to_string(),
            device: device_name(&session.user_agent),
            ip: session.ip,
            seen: session.last_seen_at.seconds(),
            since: session.created_at.seconds(),
        });
    }
    let mut names: BTreeMap<ApplicationId, String> = BTreeMap::new();
    let mut grants = Vec::new();
    for family in service.list_user_grants(cx, id).await?.into_iter().take(MOST_GRANTS) {
        let application = match names.entry(family.application_id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let row = service.store.application(tenant, family.application_id).await?;
                new.insert(row.map(|a| a.name).unwrap_or_default()).clone()
            }
        };
        grants.push(GrantLine {
            id: family.id.to_string(),
            application,
            since: family.created_at.seconds(),
            used: family.last_used_at.seconds(),
        });
    }
    let conditions = service.user_conditions(cx, id).await?;
    let sanctions = service.list_sanctions(cx, id).await?;
    let sanctioning = told.part("sanction");
    let events = service.list_audit_events(cx, None, Some(id), None, 15).await?;
    let page = UserPage {
        url: format!("/console/users/{id}"),
        list: super::list::place(asking),
        name: name_of(&person),
        full_name: told.part("profile").value("name", person.user.name.clone().unwrap_or_default()),
        identifier: identifier_of(&person),
        picture: person.user.profile.0.picture.clone(),
        blocked: person.user.status == BLOCKED,
        admin_role: role.map(doorward_protocol::admin::AdminRole::as_str),
        changeable: asking.role.may_change(role),
        oneself: asking.person.user.id == id,
        created: person.user.created_at.seconds(),
        last_sign_in: person.user.last_sign_in_at.map(doorward_protocol::time::Timestamp::seconds),
        sign_ins: person.user.sign_in_count,
        has_email: person.email().is_some(),
        identifiers: person
            .identifiers
            .iter()
            .map(|i| IdentifierLine {
                id: i.id.to_string(),
                kind: i.kind.clone(),
                value: i.value.clone(),
                verified: i.verified_at.is_some(),
                primary: i.is_primary,
            })
            .collect(),
        new_email: told.part("identifiers").value("email", ""),
        passkeys: service
            .list_user_passkeys(cx, id)
            .await?
            .into_iter()
            .map(|row| PasskeyRow {
                id: row.id.to_string(),
                name: row.name,
                provider: provider(row.aaguid).map_or("passkey", |p| p.icon).to_owned(),
                created: When(row.created_at.seconds()),
                last_used: row.last_used_at.map(|at| When(at.seconds())),
                synced: row.backup_eligible,
                current: false,
            })
            .collect(),
        password: service.store.password(tenant, id).await?.is_some(),
        passwords: cx.policy().password.enabled,
        must_change_password: conditions.must_change_password,
        expires: conditions.expires_at.map(doorward_protocol::time::Timestamp::seconds),
        suspended: conditions.suspended_until.is_some(),
        sanctions: sanctions
            .into_iter()
            .take(MOST_SANCTIONS)
            .map(|row| SanctionLine {
                name: row.name().to_owned(),
                reason: row.reason().map(str::to_owned),
                prevents: row.prevents_sign_in,
                active: row.lasts(cx.now),
                since: row.created_at.seconds(),
                ends: row.ends_at.map(doorward_protocol::time::Timestamp::seconds),
                id: row.id.to_string(),
            })
            .collect(),
        sanction_reason: sanctioning.value("reason", ""),
        sanction_days: sanctioning.value("days", "7"),
        sanction_prevents: sanctioning.ticked("prevents_sign_in", true),
        sessions,
        grants,
        other_roles: all_roles
            .iter()
            .filter(|r| !have.iter().any(|h| h.id == r.id))
            .map(|r| (r.id.to_string(), r.name.clone()))
            .collect(),
        effective: service
            .store
            .effective_roles(tenant, id)
            .await?
            .into_iter()
            .filter(|r| !have.iter().any(|h| h.id == r.id))
            .map(|r| r.name)
            .collect(),
        roles: have.into_iter().map(|r| (r.id.to_string(), r.name)).collect(),
        other_groups: all_groups
            .into_iter()
            .filter(|g| !in_groups.iter().any(|h| h.id == g.id))
            .map(|g| (g.id.to_string(), g.name))
            .collect(),
        groups: in_groups.into_iter().map(|g| (g.id.to_string(), g.name)).collect(),
        factors: factors
            .totp
            .into_iter()
            .map(|f| FactorLine {
                id: f.id.to_string(),
                name: f.name,
                confirmed: f.confirmed,
                created: f.created_at.seconds(),
                used: f.last_used_at.map(doorward_protocol::time::Timestamp::seconds),
            })
            .collect(),
        recovery_codes: factors.recovery_codes,
        events: EventLine::of_all(asking, events.items).await?,
        id: id.to_string(),
    };
    asking.show_told("console/user.html", &page, told)
}
