//! `/users` and `/users-by-email`: listed, made, read, changed, deleted.

use super::body::{Body, Document};
use super::connections::{self, Connection};
use super::door::{Call, Caller};
use super::people::{self, APP_METADATA, NAMES, PROVIDER};
use super::refused::{Answer, Refused};
use super::{logs, user_search};
use crate::DATABASE;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::search::{Query, UserSearch};
use doorward_service::directory::{
    DirectoryError, IdentifierChange, MetadataChange, NewIdentifier, NewUser, UserChange, UserDocument,
};
use doorward_service::signin::USER_METADATA;
use doorward_store::users::Person;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const NOUN: &str = "user";
/// Members of a body that name a person.
const NAMED: &[&str] = &["name", "given_name", "family_name", "nickname", "picture"];
const COMMON: &[&str] = &[
    "connection",
    "email",
    "email_verified",
    "phone_number",
    "phone_verified",
    "username",
    "password",
    "blocked",
    "verify_email",
    USER_METADATA,
    APP_METADATA,
];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(read).patch(change).delete(delete))
        .route("/users/{id}/logs", get(user_logs))
        .route("/users-by-email", get(by_email))
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(&["read:users"])?;
    let query = &call.query;
    if query.text("search_engine").is_some_and(|engine| engine != "v3") {
        return Err(Refused::query("search_engine", "must be v3"));
    }
    let mut search = UserSearch::new(match query.text("q") {
        Some(text) => user_search::read(&call, text).await?,
        None => Query::All,
    });
    if query.text("connection").is_some_and(|name| name != DATABASE) {
        search.query = Query::Or(Vec::new());
    }
    if let Some(text) = query.text("sort") {
        search.sort = vec![user_search::sort(text)?];
    }
    let paging = query.paging();
    search.offset = u32::try_from(paging.offset()).unwrap_or(u32::MAX);
    search.limit = u32::try_from(paging.per_page).unwrap_or_default();
    // A call that is not told a total needs none.
    search.counted_to = (!paging.include_totals).then_some(0);
    let found = call.service().search_users(&call.cx, &search).await.map_err(|error| match error {
        DirectoryError::Invalid(problems) => {
            let first = problems.first().map(|p| (p.field.as_str(), p.message.as_str())).unwrap_or_default();
            Refused::query(if first.0 == "offset" { "page" } else { first.0 }, first.1)
        }
        other => Refused::about(NOUN, NAMES)(other),
    })?;
    let items = people::all_shown(&call, &found.items).await?;
    Ok(query.page("users", items, usize::try_from(found.total).unwrap_or_default()))
}

async fn by_email(caller: Caller) -> Answer {
    let call = caller.may(&["read:users"])?;
    let email = call.query.must("email")?;
    let Ok(email) = Identifier::email(email) else { return Err(Refused::query("email", "must be an e-mail address")) };
    let (store, tenant) = (&call.service().store, call.cx.tenant_id());
    let owner = store.identifier(tenant, &email).await?;
    let found = store.people(tenant, &owner.map(|row| row.user_id).into_iter().collect::<Vec<_>>()).await?;
    let items = people::all_shown(&call, &found).await?;
    Ok(axum::Json(items.into_iter().map(|item| call.query.shown(item)).collect::<Vec<_>>()).into_response())
}

async fn user_logs(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:logs", "read:logs_users"])?;
    let user = people::find(&call, &id).await?;
    logs::page(&call, Some(user)).await
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:users"])?;
    let person = people::person(&call, &id).await?;
    Ok(call.query.one(people::shown(&call, &person).await?))
}

/// The connection of a name.
fn named(call: &Call, name: &str) -> Result<Connection, Refused> {
    let found = connections::all(call).into_iter().find(|one| one.name() == name);
    found.ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, "inexistent_connection", "The connection does not exist."))
}

/// What is kept of a person, as it is sent.
fn kept(body: &Document, name: &str) -> Result<BTreeMap<String, Value>, Refused> {
    let all = body.object(name)?.unwrap_or_default().0;
    if name == APP_METADATA {
        check_app_metadata(&all)?;
    }
    Ok(all.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

/// Names that mean something else here.
const RESERVED: &[&str] = &[
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email_verified",
    "email",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor_last_modified",
    "multifactor",
    "updated_at",
    "user_id",
];

/// Refuses names in `app_metadata` that would be mistaken for members of the user.
///
/// # Errors
/// 400.
pub fn check_app_metadata(all: &Map<String, Value>) -> Result<(), Refused> {
    match all.keys().find(|key| RESERVED.contains(&key.as_str())) {
        Some(key) => Err(Refused::body(&format!("{APP_METADATA}.{key}"), "is a reserved name")),
        None => Ok(()),
    }
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:users"])?;
    let body = body.read()?;
    body.only(&[COMMON, NAMED, &["user_id"]])?;
    let connection = body.must("connection")?;
    match named(&call, connection)? {
        Connection::Email if body.text("email")?.is_none() => return Err(Refused::body("email", "must be given")),
        Connection::Email if body.at("password").is_some() => {
            return Err(Refused::body("password", "is not for this connection"));
        }
        Connection::Email | Connection::Database => {}
    }
    let email_verified = body.flag("email_verified")?.unwrap_or(false);
    let mut identifiers = Vec::new();
    for (name, kind, verified) in [
        ("email", IdentifierKind::Email, email_verified),
        ("username", IdentifierKind::Username, true),
        ("phone_number", IdentifierKind::Phone, body.flag("phone_verified")?.unwrap_or(false)),
    ] {
        if let Some(value) = body.text(name)? {
            identifiers.push(NewIdentifier { kind, value: value.to_owned(), verified });
        }
    }
    let text = |name: &str| body.text(name).map(|text| text.map(str::to_owned));
    let profile = Profile {
        given_name: text("given_name")?,
        family_name: text("family_name")?,
        nickname: text("nickname")?,
        picture: text("picture")?,
        ..Default::default()
    };
    let mut aliases = BTreeMap::new();
    if let Some(id) = body.text("user_id")? {
        aliases.insert(crate::claims::ALIASES.to_owned(), outward_id(&call, id).await?);
    }
    let new = NewUser {
        document: UserDocument { name: text("name")?, profile },
        identifiers,
        password: text("password")?,
        blocked: body.flag("blocked")?.unwrap_or(false),
        aliases,
        metadata: BTreeMap::from([
            (USER_METADATA.to_owned(), kept(&body, USER_METADATA)?),
            (APP_METADATA.to_owned(), kept(&body, APP_METADATA)?),
        ]),
        ..Default::default()
    };
    let wants_mail = body.flag("verify_email")?.unwrap_or(!email_verified);
    let person = call.service().create_user(&call.cx, &call.actor, new).await.map_err(why)?;
    if wants_mail {
        ask_to_verify(&call, &person).await?;
    }
    Ok((StatusCode::CREATED, call.query.one(people::shown(&call, &person).await?)).into_response())
}

/// The whole id of somebody who brings one, if nobody has it.
async fn outward_id(call: &Call, id: &str) -> Result<String, Refused> {
    if !is_outward(id) {
        return Err(Refused::body("user_id", "must be 1 to 200 characters of printable ASCII, without its provider"));
    }
    let id = format!("{PROVIDER}|{id}");
    match call.service().user_of_subject(&call.cx, Accent::Auth0, &id).await? {
        None => Ok(id),
        Some(_) => Err(taken()),
    }
}

/// Whether an id can be brought along.
pub fn is_outward(id: &str) -> bool {
    (1..=200).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

fn taken() -> Refused {
    Refused::new(StatusCode::CONFLICT, "auth0_idp_error", "The user already exists.")
}

fn why(error: DirectoryError) -> Refused {
    match error {
        DirectoryError::Conflict { field: "email" | "username" | "phone_number" | "identifier" | "id", .. } => taken(),
        other => Refused::about(NOUN, NAMES)(other),
    }
}

async fn ask_to_verify(call: &Call, person: &Person) -> Result<(), Refused> {
    let batch = call.service().ask_to_verify(&call.cx, person).await?;
    if !batch.is_empty() {
        call.service().store.commit(batch).await?;
    }
    Ok(())
}

async fn change(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:users", "update:users_app_metadata"])?;
    let body = body.read()?;
    body.only(&[COMMON, NAMED, &["client_id", "verify_phone_number"]])?;
    if body.0.keys().any(|name| name != APP_METADATA) || body.0.is_empty() {
        call.must_hold(&["update:users"])?;
    }
    let user = people::find(&call, &id).await?;
    let change = read_change(&call, user, &body).await?;
    let changed = call.service().change_user(&call.cx, &call.actor, user, &change).await.map_err(why)?;
    if body.flag("verify_email")?.unwrap_or(false) {
        ask_to_verify(&call, &changed.row).await?;
    }
    Ok(call.query.one(people::shown(&call, &changed.row).await?))
}

async fn read_change(call: &Call, user: doorward_protocol::ids::UserId, body: &Document) -> Result<UserChange, Refused> {
    let unsupported = |message: &str| Refused::new(StatusCode::BAD_REQUEST, "operation_not_supported", message);
    if let Some(name) = body.text("connection")? {
        named(call, name)?;
    }
    // What people sign in with changes one at a time.
    let moved: Vec<&str> =
        ["email", "phone_number", "username", "password"].into_iter().filter(|name| body.at(name).is_some()).collect();
    if let [first, second, ..] = moved.as_slice() {
        return Err(unsupported(&format!("Cannot update {first} and {second} simultaneously")));
    }
    let mut change = UserChange { blocked: body.flag("blocked")?, ..Default::default() };
    for (name, proof, kind) in [
        ("email", Some("email_verified"), IdentifierKind::Email),
        ("phone_number", Some("phone_verified"), IdentifierKind::Phone),
        ("username", None, IdentifierKind::Username),
    ] {
        let verified = proof.map(|proof| body.flag(proof)).transpose()?.flatten();
        let value = body.has(name).then(|| body.text(name).map(|text| text.map(str::to_owned))).transpose()?;
        if value.is_some() || verified.is_some() {
            change.identifiers.push(IdentifierChange { kind, value, verified });
        }
    }
    change.password = body.text("password")?.map(str::to_owned);
    let mut patch = Map::new();
    let mut profile = Map::new();
    for name in NAMED.iter().filter(|name| body.has(name)) {
        let value = body.text(name)?.map_or(Value::Null, |text| json!(text));
        if *name == "name" {
            patch.insert("name".into(), value)
        } else {
            profile.insert((*name).into(), value)
        };
    }
    if !profile.is_empty() {
        patch.insert("profile".into(), Value::Object(profile));
    }
    change.patch = (!patch.is_empty()).then_some(Value::Object(patch));
    for namespace in [USER_METADATA, APP_METADATA] {
        if !body.has(namespace) {
            continue;
        }
        let all = body.object(namespace)?.unwrap_or_default().0;
        if namespace == APP_METADATA {
            check_app_metadata(&all)?;
        }
        let set = |key: String, value: Value| MetadataChange { namespace, key, value: (!value.is_null()).then_some(value) };
        if all.is_empty() {
            // Nothing in the place of everything.
            let have = call.service().store.metadata(call.cx.tenant_id(), namespace, user.0).await?;
            change.metadata.extend(have.into_iter().map(|(key, _)| set(key, Value::Null)));
        }
        change.metadata.extend(all.into_iter().map(|(key, value)| set(key, value)));
    }
    Ok(change)
}

async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:users"])?;
    // Somebody who is gone already is gone.
    if let Some(user) = call.service().user_of_subject(&call.cx, Accent::Auth0, &id).await? {
        match call.service().delete_user(&call.cx, &call.actor, user).await {
            Ok(()) | Err(DirectoryError::NotFound { .. }) => {}
            Err(error) => return Err(Refused::about(NOUN, NAMES)(error)),
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
