//! Users as this API shows them.

use super::door::Call;
use super::refused::Refused;
use crate::DATABASE;
use crate::claims::{ALIASES, Auth0, avatar, iso};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oidc::claims::Subject;
use doorward_protocol::time::Timestamp;
use doorward_service::claims::{ClaimsProfile as _, subject_of};
use doorward_service::signin::USER_METADATA;
use doorward_service::{Cx, Error, Service};
use doorward_store::people::Kept;
use doorward_store::users::{BLOCKED, Person};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// What only programs read and write about a person; one value for each key.
pub const APP_METADATA: &str = "app_metadata";
/// The provider of every identity here.
pub const PROVIDER: &str = "auth0";

/// The words of refusals of the core in this API's words.
pub const NAMES: &[(&str, &str)] = &[
    ("phone", "phone_number"),
    ("profile.given_name", "given_name"),
    ("profile.family_name", "family_name"),
    ("profile.nickname", "nickname"),
    ("profile.picture", "picture"),
    ("id", "user_id"),
    ("aliases", "user_id"),
];

/// Whom a path names.
///
/// # Errors
/// 404.
pub async fn find(call: &Call, id: &str) -> Result<UserId, Refused> {
    let found = call.service().user_of_subject(&call.cx, Accent::Auth0, id).await?;
    found.ok_or_else(|| Refused::absent("user"))
}

/// Whom a path names, with identifiers.
///
/// # Errors
/// 404.
pub async fn person(call: &Call, id: &str) -> Result<Person, Refused> {
    let user = find(call, id).await?;
    let found = call.service().store.person(call.cx.tenant_id(), user).await?;
    found.ok_or_else(|| Refused::absent("user"))
}

/// What stands beside some users, read at once.
pub struct Beside {
    subjects: HashMap<Uuid, String>,
    kept: HashMap<Uuid, Vec<Kept>>,
    passwords: HashMap<UserId, Timestamp>,
    factors: Vec<UserId>,
}

impl Beside {
    /// Reads it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(service: &Service, cx: &Cx, people: &[Person]) -> Result<Self, Error> {
        let (store, tenant) = (&service.store, cx.tenant_id());
        let ids: Vec<Uuid> = people.iter().map(|person| person.user.id.0).collect();
        Ok(Self {
            subjects: store.aliases_of_many(tenant, ALIASES, &ids).await?,
            kept: store.metadata_of(tenant, &[USER_METADATA, APP_METADATA], &ids).await?,
            passwords: store.passwords_changed_at(tenant, &ids).await?,
            factors: store.with_second_factor(tenant, &ids).await?,
        })
    }

    /// What somebody is called.
    pub fn subject(&self, user: UserId) -> String {
        self.subjects.get(&user.0).cloned().unwrap_or_else(|| Auth0.subject(user))
    }

    /// What is kept of somebody in a namespace.
    fn kept(&self, user: UserId, namespace: &str) -> Value {
        let all = self.kept.get(&user.0).map(Vec::as_slice).unwrap_or_default();
        Value::Object(
            all.iter().filter(|one| one.namespace == namespace).map(|one| (one.key.clone(), one.value.clone())).collect(),
        )
    }

    /// A user.
    pub fn user(&self, cx: &Cx, person: &Person) -> Value {
        let user = &person.user;
        let subject = self.subject(user.id);
        let known = subject_of(person, String::new());
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                out.insert(name.to_owned(), value);
            }
        };
        put("user_id", json!(subject));
        put("identities", json!([identity(&subject)]));
        if known.email.is_some() {
            put("email", json!(known.email));
            put("email_verified", json!(known.email_verified));
        }
        if known.phone_number.is_some() {
            put("phone_number", json!(known.phone_number));
            put("phone_verified", json!(known.phone_number_verified));
        }
        put("username", json!(person.primary(IdentifierKind::Username).map(|u| &u.value)));
        let (name, nickname, picture) = shown_names(cx, &known);
        put("name", json!(name));
        put("nickname", json!(nickname));
        put("picture", json!(picture));
        put("given_name", json!(known.profile.given_name));
        put("family_name", json!(known.profile.family_name));
        put(USER_METADATA, self.kept(user.id, USER_METADATA));
        put(APP_METADATA, self.kept(user.id, APP_METADATA));
        put("blocked", json!(user.status == BLOCKED));
        put("created_at", json!(iso(user.created_at)));
        put("updated_at", json!(iso(user.updated_at)));
        put("last_login", json!(user.last_sign_in_at.map(iso)));
        put("logins_count", json!(user.sign_in_count));
        // A password that came with the account was not reset.
        let reset = self.passwords.get(&user.id).filter(|at| **at > user.created_at);
        put("last_password_reset", json!(reset.map(|at| iso(*at))));
        if self.factors.contains(&user.id) {
            put("multifactor", json!(["authenticator"]));
        }
        Value::Object(out)
    }
}

/// The identity that a subject is.
pub fn identity(subject: &str) -> Value {
    let id = subject.split_once('|').map_or(subject, |(_, id)| id);
    json!({ "connection": DATABASE, "provider": PROVIDER, "user_id": id, "isSocial": false })
}

/// Name, nickname and picture, made up where nobody gave them, as in the claims.
fn shown_names(cx: &Cx, known: &Subject) -> (String, Option<String>, String) {
    let email = known.email.as_deref();
    let local = email.map(|address| address.split('@').next().unwrap_or(address));
    let nickname = known.profile.nickname.as_deref().or(local).or(known.profile.preferred_username.as_deref());
    let name = known.profile.name.as_deref().or(email).or(known.phone_number.as_deref()).or(nickname).unwrap_or_default();
    let picture = known.profile.picture.clone().unwrap_or_else(|| avatar(cx.issuer(), name));
    (name.to_owned(), nickname.map(str::to_owned), picture)
}

/// One user.
///
/// # Errors
/// When the store fails.
pub async fn shown(call: &Call, person: &Person) -> Result<Value, Refused> {
    let beside = Beside::read(call.service(), &call.cx, std::slice::from_ref(person)).await?;
    Ok(beside.user(&call.cx, person))
}

/// Some users.
///
/// # Errors
/// When the store fails.
pub async fn all_shown(call: &Call, people: &[Person]) -> Result<Vec<Value>, Refused> {
    let beside = Beside::read(call.service(), &call.cx, people).await?;
    Ok(people.iter().map(|person| beside.user(&call.cx, person)).collect())
}

/// A user as a member of something.
pub fn member(beside: &Beside, cx: &Cx, person: &Person) -> Value {
    let known = subject_of(person, String::new());
    let (name, _, picture) = shown_names(cx, &known);
    let mut out = json!({ "user_id": beside.subject(person.user.id), "name": name, "picture": picture });
    if let (Some(out), Some(email)) = (out.as_object_mut(), known.email) {
        out.insert("email".into(), json!(email));
    }
    out
}
