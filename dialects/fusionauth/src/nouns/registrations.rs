//! Registrations: memberships of applications.

use crate::wire::{Doc, Refused, instant, strip_nulls};
use doorward_protocol::ids::{ApplicationId, RoleId};
use doorward_service::directory::Member;
use doorward_service::{Cx, Service};
use serde_json::{Map, Value, json};

/// A registration as this API shows it.
pub fn render(member: &Member) -> Value {
    let mut out = match &member.row.data.0 {
        Value::Object(kept) => kept.clone(),
        _ => Map::new(),
    };
    out.entry("id").or_insert_with(|| json!(derived_id(member).to_string()));
    out.insert("applicationId".into(), json!(member.row.application_id.to_string()));
    out.insert("roles".into(), json!(member.roles.iter().map(|r| r.name.clone()).collect::<Vec<_>>()));
    out.insert("insertInstant".into(), instant(member.row.created_at));
    out.insert("lastUpdateInstant".into(), instant(member.row.updated_at));
    out.entry("data").or_insert_with(|| json!({}));
    out.entry("preferredLanguages").or_insert_with(|| json!([]));
    out.entry("tokens").or_insert_with(|| json!({}));
    out.entry("verified").or_insert(json!(true));
    out.entry("usernameStatus").or_insert(json!("ACTIVE"));
    let mut out = Value::Object(out);
    strip_nulls(&mut out);
    out
}

/// The id of a membership that was not made here: of its two halves.
fn derived_id(member: &Member) -> uuid::Uuid {
    uuid::Uuid::from_u128(member.row.user_id.0.as_u128() ^ member.row.application_id.0.as_u128())
}

/// A wanted registration.
pub struct Written {
    /// Of which application.
    pub application: ApplicationId,
    /// Its roles, when they are named.
    pub roles: Option<Vec<RoleId>>,
    /// What the application keeps.
    pub data: Value,
}

/// Reads a wanted registration.
///
/// # Errors
/// 400 for what is wrong.
pub async fn write(service: &Service, cx: &Cx, wanted: &Value) -> Result<Written, Refused> {
    let Some(application) = wanted.id("applicationId") else {
        return Err(Refused::field("missing", "registration.applicationId", "must be given"));
    };
    if super::applications::find(service, cx, application).await.is_err() {
        return Err(Refused::field("doesNotExist", "registration.applicationId", "there is no application with this id"));
    }
    let application = ApplicationId(application);
    let names = wanted.texts("roles");
    let roles = if names.is_empty() && wanted.at("roles").is_none() {
        None
    } else {
        let rename: &'static [(&'static str, &'static str)] = &[("roles", "registration.roles")];
        Some(service.roles_by_name(cx, application, &names).await.map_err(Refused::about("registration", rename))?)
    };
    let mut data = wanted.clone();
    for ours in ["applicationId", "roles", "insertInstant", "lastUpdateInstant", "lastLoginInstant"] {
        crate::nouns::unset(&mut data, ours);
    }
    if data.text("id").is_none() {
        crate::nouns::set(&mut data, "id", json!(crate::ids::fresh().to_string()));
    }
    strip_nulls(&mut data);
    Ok(Written { application, roles, data })
}
