//! Users. Name, profile, identifiers, status and conditions are ours; the rest comes back as it was given.

use super::{extension, registrations, unset};
use crate::ids::NAMESPACE;
use crate::wire::{Doc, Refused, instant, strip_nulls};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_service::directory::{DraftPassword, NewIdentifier, UserDocument, UserDraft};
use doorward_service::{Cx, Service};
use doorward_store::users::{ACTIVE, Person};
use serde_json::{Map, Value, json};

/// Which kind of document is kept beside a user.
pub const KEY: &str = "user";

/// Our field names and the vendor's.
pub const NAMES: &[(&str, &str)] = &[
    ("id", "userId"),
    ("phone_number", "user.phoneNumber"),
    ("name", "user.fullName"),
    ("profile.given_name", "user.firstName"),
    ("profile.family_name", "user.lastName"),
    ("profile.middle_name", "user.middleName"),
    ("profile.birthdate", "user.birthDate"),
    ("profile.picture", "user.imageUrl"),
    ("profile.zoneinfo", "user.timezone"),
    ("profile.locale", "user.preferredLanguages"),
    ("roles", "registration.roles"),
];

/// A user as this API shows it.
///
/// # Errors
/// When the store fails.
pub async fn render(service: &Service, cx: &Cx, person: &Person) -> Result<Value, Refused> {
    let (tenant, id) = (person.user.tenant_id, person.user.id);
    let kept = service.store.extension(tenant, NAMESPACE, id.0, KEY).await?;
    let mut out = match kept {
        Some(Value::Object(kept)) => kept,
        _ => Map::new(),
    };
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("id", json!(id.to_string()));
    put("tenantId", json!(tenant.to_string()));
    put("active", json!(person.user.status == ACTIVE));
    put("insertInstant", instant(person.user.created_at));
    put("lastUpdateInstant", instant(person.user.updated_at));
    if let Some(at) = person.user.last_sign_in_at {
        put("lastLoginInstant", instant(at));
    }
    let email = person.email();
    if let Some(email) = email {
        put("email", json!(email.normal));
    }
    if let Some(username) = person.primary(IdentifierKind::Username) {
        put("username", json!(username.value));
        put("uniqueUsername", json!(username.value));
        put("usernameStatus", json!("ACTIVE"));
    }
    if let Some(phone) = person.primary(IdentifierKind::Phone) {
        put("phoneNumber", json!(phone.value));
    }
    let verified = email.is_none_or(|e| e.verified_at.is_some());
    put("verified", json!(verified));
    if let Some(at) = email.and_then(|e| e.verified_at) {
        put("verifiedInstant", instant(at));
    }
    let profile = &person.user.profile.0;
    let named = [
        ("fullName", person.user.name.as_ref().or(profile.name.as_ref())),
        ("firstName", profile.given_name.as_ref()),
        ("lastName", profile.family_name.as_ref()),
        ("middleName", profile.middle_name.as_ref()),
        ("birthDate", profile.birthdate.as_ref()),
        ("timezone", profile.zoneinfo.as_ref()),
        ("imageUrl", profile.picture.as_ref()),
    ];
    for (key, value) in named {
        if let Some(value) = value {
            put(key, json!(value));
        }
    }
    let conditions = service.store.conditions(tenant, id).await?;
    if let Some(at) = conditions.as_ref().and_then(|c| c.expires_at) {
        put("expiry", instant(at));
    }
    let reason = conditions.and_then(|c| c.change_password);
    put("passwordChangeRequired", json!(reason.is_some()));
    if let Some(reason) = &reason {
        put("passwordChangeReason", json!(reason_word(reason)));
    }
    if let Some(password) = service.store.password(tenant, id).await? {
        put("passwordLastUpdateInstant", instant(password.changed_at));
    }
    put("identities", identities(person));
    let members = service.list_memberships(cx, id).await?;
    put("registrations", Value::Array(members.iter().map(registrations::render).collect()));
    let mut memberships = Vec::new();
    for row in service.store.group_memberships(tenant, id).await? {
        memberships.push(super::groups::render_member(&row, false));
    }
    put("memberships", Value::Array(memberships));
    out.entry("data").or_insert_with(|| json!({}));
    out.entry("preferredLanguages")
        .or_insert_with(|| json!(profile.locale.iter().map(|l| l.replace('-', "_")).collect::<Vec<_>>()));
    let mut out = Value::Object(out);
    crate::nouns::set(&mut out, "twoFactor", crate::api::second_factor(service, cx, id).await?);
    strip_nulls(&mut out);
    Ok(out)
}

fn identities(person: &Person) -> Value {
    let all = person.identifiers.iter().map(|row| {
        let kind = if row.kind == "phone" { "phoneNumber" } else { row.kind.as_str() };
        let mut one = json!({
            "type": { "name": kind },
            "value": row.normal,
            "displayValue": row.value,
            "primary": row.is_primary,
            "verified": row.verified_at.is_some(),
            "insertInstant": instant(row.created_at),
            "moderationStatus": "ACTIVE",
            "verifiedReason": if row.verified_at.is_some() { "Implicit" } else { "Pending" },
        });
        if let (Some(at), Value::Object(one)) = (row.verified_at, &mut one) {
            one.insert("verifiedInstant".into(), instant(at));
        }
        one
    });
    Value::Array(all.collect())
}

/// The vendor's word for why a password must be changed.
pub fn reason_word(reason: &str) -> &'static str {
    match reason {
        "breached" => "Breached",
        "expired" => "Expired",
        "policy" => "Validation",
        _ => "Administrative",
    }
}

fn reason_of(word: Option<&str>) -> &'static str {
    match word {
        Some("Breached") => "breached",
        Some("Expired") => "expired",
        Some("Validation") => "policy",
        _ => "administrator",
    }
}

/// Reads a wanted user. `verified`: whether a new address counts as proven without a word about it.
///
/// # Errors
/// 400 for what is wrong.
pub fn write(wanted: &Value, verified: bool) -> Result<UserDraft, Refused> {
    let mut draft = UserDraft::default();
    let text = |name: &str| wanted.text(name).map(str::to_owned);
    draft.document = UserDocument { name: text("fullName"), ..Default::default() };
    let profile = &mut draft.document.profile;
    profile.given_name = text("firstName");
    profile.family_name = text("lastName");
    profile.middle_name = text("middleName");
    profile.birthdate = text("birthDate");
    profile.zoneinfo = text("timezone");
    profile.locale = wanted.texts("preferredLanguages").first().map(|l| l.replace('_', "-"));
    // An address that our pages would not load stays with what comes back as it was given.
    let picture = text("imageUrl");
    let loadable = picture.as_deref().is_some_and(|p| p.starts_with("https://"));
    profile.picture = picture.filter(|_| loadable);
    let proven = wanted.flag("verified").unwrap_or(verified);
    if let Some(value) = text("email") {
        draft.identifiers.push(NewIdentifier::email(value, proven));
    }
    if let Some(value) = text("username") {
        draft.identifiers.push(NewIdentifier { kind: IdentifierKind::Username, value, verified: true });
    }
    if let Some(value) = text("phoneNumber") {
        draft.identifiers.push(NewIdentifier { kind: IdentifierKind::Phone, value, verified: proven });
    }
    if draft.identifiers.is_empty() {
        return Err(Refused::field("blank", "user.email", "an e-mail address, a user name or a phone number must be given"));
    }
    draft.password = text("password").map(DraftPassword::Plain);
    draft.blocked = wanted.flag("active") == Some(false);
    draft.expires_at = wanted.number("expiry").map(Timestamp);
    if wanted.flag("passwordChangeRequired") == Some(true) {
        draft.change_password = Some(reason_of(wanted.text("passwordChangeReason")).to_owned());
    }
    let mut kept = wanted.clone();
    for ours in [
        "id",
        "tenantId",
        "active",
        "insertInstant",
        "lastUpdateInstant",
        "lastLoginInstant",
        "email",
        "username",
        "uniqueUsername",
        "usernameStatus",
        "phoneNumber",
        "verified",
        "verifiedInstant",
        "fullName",
        "firstName",
        "lastName",
        "middleName",
        "birthDate",
        "timezone",
        "expiry",
        "passwordChangeRequired",
        "passwordChangeReason",
        "passwordLastUpdateInstant",
        "identities",
        "registrations",
        "memberships",
        "twoFactor",
        "password",
        "salt",
        "factor",
        "encryptionScheme",
    ] {
        unset(&mut kept, ours);
    }
    if loadable {
        unset(&mut kept, "imageUrl");
    }
    strip_nulls(&mut kept);
    draft.extension = Some(extension(KEY, kept));
    Ok(draft)
}

/// What a login id may name, in the order that it is tried.
pub fn login_ids(login_id: &str, types: &[String]) -> Vec<Identifier> {
    let wanted = |word: &str| types.is_empty() || types.iter().any(|t| t == word);
    let mut out = Vec::new();
    if wanted("email")
        && let Ok(one) = Identifier::email(login_id)
    {
        out.push(one);
    }
    if wanted("username")
        && let Ok(one) = Identifier::username(login_id)
    {
        out.push(one);
    }
    if wanted("phoneNumber")
        && let Ok(one) = Identifier::phone(login_id)
    {
        out.push(one);
    }
    out
}

/// Who has a login id.
///
/// # Errors
/// When the store fails.
pub async fn by_login_id(service: &Service, cx: &Cx, ids: &[Identifier]) -> Result<Option<Person>, Refused> {
    for identifier in ids {
        if let Some(row) = service.store.identifier(cx.tenant_id(), identifier).await? {
            return Ok(service.store.person(cx.tenant_id(), row.user_id).await?);
        }
    }
    Ok(None)
}

/// A person.
///
/// # Errors
/// [`Refused::NotFound`].
pub async fn find(service: &Service, cx: &Cx, id: uuid::Uuid) -> Result<Person, Refused> {
    service.store.person(cx.tenant_id(), UserId(id)).await?.ok_or(Refused::NotFound)
}
