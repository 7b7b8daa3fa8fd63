//! `/connections`: the ways in. There are two: people with a password or a passkey, and people who are sent a code by e-mail.
//! Accounts are one whichever way somebody takes, so more of a kind would be the same under another name; what is set of a
//! connection is the tenant's policy of sign-in, and which clients may use it is each client's.

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::refused::{Answer, Refused};
use super::{clients, ids, kept};
use crate::{DATABASE, EMAIL};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{delete as deletes, get};
use doorward_httpkit::App;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::policy::Policy;
use doorward_service::directory::ApplicationDocument;
use doorward_store::applications::ApplicationRow;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const NOUN: &str = "connection";
/// Which kind of document is kept beside a connection.
const KEY: &str = "connection";

/// What we call otherwise.
const NAMES: &[(&str, &str)] = &[
    ("policy.password.min_length", "options.password_complexity_options.min_length"),
    ("policy.password", "options"),
    ("policy.sign_up", "options"),
    ("policy", "options"),
];

/// What comes back as it was given, beside `options`.
const KEPT: &[&str] = &["display_name", "metadata", "show_as_button"];
/// What is told, and may be sent again as it was.
const FIXED: &[&str] = &["name", "strategy", "is_domain_connection", "realms", "enabled_clients", "options"];

/// The words for how strong a password must be, weakest first: the score that it must reach.
const STRENGTHS: &[(&str, u8)] = &[("none", 0), ("low", 1), ("fair", 2), ("good", 3), ("excellent", 4)];

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// By password or passkey.
    Database,
    /// By a code sent by e-mail.
    Email,
}

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/connections", get(list).post(create))
        .route("/connections/{id}", get(read).patch(change).delete(delete))
        .route("/connections/{id}/status", get(status))
        .route("/connections/{id}/clients", get(list_clients).patch(change_clients))
        .route("/connections/{id}/users", deletes(delete_user))
}

impl Connection {
    const ALL: [Self; 2] = [Self::Database, Self::Email];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Database => DATABASE,
            Self::Email => EMAIL,
        }
    }

    /// Its strategy.
    pub fn strategy(self) -> &'static str {
        match self {
            Self::Database => "auth0",
            Self::Email => "email",
        }
    }

    /// What documents are kept under: made from the tenant's id, so that every tenant has its own.
    fn owner(self, call: &Call) -> Uuid {
        let number = match self {
            Self::Database => 1,
            Self::Email => 2,
        };
        Uuid::from_u128(call.cx.tenant_id().0.as_u128() ^ number)
    }

    /// Its id.
    pub fn id(self, call: &Call) -> String {
        format!("con_{}", ids::digits(self.owner(call)))
    }

    /// Whether the tenant has it.
    fn is_there(self, policy: &Policy) -> bool {
        match self {
            Self::Database => true,
            Self::Email => policy.code.enabled,
        }
    }

    /// Whether a client may use it.
    pub fn is_enabled_for(self, call: &Call, client: &ApplicationRow) -> bool {
        let cx = call.cx.under(Some(client));
        let policy = cx.policy();
        match self {
            Self::Database => policy.password.enabled || policy.passkey.enabled,
            Self::Email => policy.code.enabled,
        }
    }

    /// What makes a client use it or not, as a merge patch on the client's policy.
    fn policy_of_client(self, enabled: bool) -> Value {
        match (self, enabled) {
            (Self::Database, true) => json!({ "password": { "enabled": null }, "passkey": { "enabled": null } }),
            (Self::Database, false) => json!({ "password": { "enabled": false }, "passkey": { "enabled": false } }),
            (Self::Email, true) => json!({ "code": { "enabled": null } }),
            (Self::Email, false) => json!({ "code": { "enabled": false } }),
        }
    }
}

/// The connections of the tenant.
pub fn all(call: &Call) -> Vec<Connection> {
    Connection::ALL.into_iter().filter(|one| one.is_there(call.cx.policy())).collect()
}

/// The connection of an id.
///
/// # Errors
/// 404.
pub fn find(call: &Call, id: &str) -> Result<Connection, Refused> {
    all(call).into_iter().find(|one| one.id(call) == id).ok_or_else(|| Refused::absent(NOUN))
}

/// A connection, as it is shown.
///
/// # Errors
/// When the store fails.
pub async fn shown(call: &Call, connection: Connection) -> Result<Value, Refused> {
    let mut kept = kept::read(call, connection.owner(call), KEY).await?;
    let own = kept.remove("options").and_then(|o| o.as_object().cloned()).unwrap_or_default();
    let mut enabled = Vec::new();
    for client in clients::all(call).await? {
        if connection.is_enabled_for(call, &client) {
            enabled.push(client.client_id);
        }
    }
    let value = json!({
        "id": connection.id(call),
        "name": connection.name(),
        "strategy": connection.strategy(),
        "is_domain_connection": false,
        "realms": [connection.name()],
        "enabled_clients": enabled,
        "options": kept::under(options(connection, call.cx.policy()), own),
    });
    let Value::Object(out) = value else { return Ok(value) };
    Ok(Value::Object(kept::under(out, kept)))
}

fn options(connection: Connection, policy: &Policy) -> Map<String, Value> {
    let value = match connection {
        Connection::Database => {
            let strength = STRENGTHS.iter().rev().find(|(_, score)| *score <= policy.password.min_score);
            json!({
                "disable_signup": !policy.sign_up.enabled,
                "brute_force_protection": true,
                "passwordPolicy": strength.map_or("none", |(word, _)| word),
                "password_complexity_options": { "min_length": policy.password.min_length },
                "requires_username": policy.sign_up.identifiers.contains(&IdentifierKind::Username),
                "authentication_methods": {
                    "password": { "enabled": policy.password.enabled },
                    "passkey": { "enabled": policy.passkey.enabled },
                },
                "passkey_options": { "progressive_enrollment_enabled": policy.passkey.offer },
            })
        }
        Connection::Email => json!({
            "disable_signup": !policy.sign_up.enabled,
            "brute_force_protection": true,
            "totp": { "length": policy.code.digits, "time_step": policy.code.lifetime_seconds },
        }),
    };
    value.as_object().cloned().unwrap_or_default()
}

/// What a call says of `options`, as a merge patch on the tenant's policy; and the rest, which is kept.
fn translated(connection: Connection, options: &Document) -> Result<(Value, Map<String, Value>), Refused> {
    let mut policy = json!({});
    let mut rest = options.0.clone();
    let mut set = |path: [&str; 2], value: Value| policy[path[0]][path[1]] = value;
    if let Some(off) = options.flag("disable_signup")? {
        set(["sign_up", "enabled"], json!(!off));
    }
    if options.flag("brute_force_protection")? == Some(false) {
        return Err(Refused::body("brute_force_protection", "must be true: it cannot be switched off"));
    }
    rest.remove("disable_signup");
    rest.remove("brute_force_protection");
    match connection {
        Connection::Database => {
            let words: Vec<&str> = STRENGTHS.iter().map(|(word, _)| *word).collect();
            if let Some(word) = options.word("passwordPolicy", &words)? {
                let score = STRENGTHS.iter().find(|(known, _)| *known == word).map(|(_, score)| *score);
                set(["password", "min_score"], json!(score));
            }
            if let Some(complexity) = options.object("password_complexity_options")? {
                let length = complexity.number("min_length", 1..=128);
                if let Some(length) = length.map_err(|refused| refused.within("password_complexity_options"))? {
                    set(["password", "min_length"], json!(length));
                }
            }
            if let Some(wanted) = options.flag("requires_username")? {
                let kinds =
                    if wanted { vec![IdentifierKind::Email, IdentifierKind::Username] } else { vec![IdentifierKind::Email] };
                set(["sign_up", "identifiers"], json!(kinds));
            }
            if let Some(methods) = options.object("authentication_methods")? {
                let inner = |refused: Refused| refused.within("authentication_methods");
                for (name, ours) in [("password", "password"), ("passkey", "passkey")] {
                    let method = methods.object(name).map_err(inner)?.unwrap_or_default();
                    if let Some(flag) = method.flag("enabled").map_err(|refused| refused.within(name)).map_err(inner)? {
                        set([ours, "enabled"], json!(flag));
                    }
                }
                for name in ["email_otp", "phone_otp"] {
                    let method = methods.object(name).map_err(inner)?.unwrap_or_default();
                    if method.flag("enabled").map_err(inner)? == Some(true) {
                        return Err(Refused::body(
                            &format!("authentication_methods.{name}"),
                            "is not a method of this connection",
                        ));
                    }
                }
            }
            if let Some(passkeys) = options.object("passkey_options")? {
                let flag = passkeys.flag("progressive_enrollment_enabled");
                if let Some(flag) = flag.map_err(|refused| refused.within("passkey_options"))? {
                    set(["passkey", "offer"], json!(flag));
                }
            }
            for name in ["passwordPolicy", "password_complexity_options", "requires_username", "authentication_methods"] {
                rest.remove(name);
            }
        }
        Connection::Email => {
            if let Some(totp) = options.object("totp")? {
                let inner = |refused: Refused| refused.within("totp");
                if let Some(digits) = totp.number("length", 6..=10).map_err(inner)? {
                    set(["code", "digits"], json!(digits));
                }
                if let Some(seconds) = totp.number("time_step", 60..=86_400).map_err(inner)? {
                    set(["code", "lifetime_seconds"], json!(seconds));
                }
            }
            rest.remove("totp");
        }
    }
    rest.remove("passkey_options");
    Ok((policy, rest))
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(&["read:connections"])?;
    let strategies = call.query.all("strategy");
    let name = call.query.text("name");
    let mut out = Vec::new();
    for connection in all(&call) {
        let wanted = strategies.is_empty() || strategies.contains(&connection.strategy());
        if wanted && name.is_none_or(|name| name == connection.name()) {
            out.push(shown(&call, connection).await?);
        }
    }
    call.query.part_of("connections", "id", out)
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:connections"])?;
    let connection = find(&call, &id)?;
    Ok(call.query.one(shown(&call, connection).await?))
}

/// Whether it works: what is here does.
async fn status(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:connections"])?;
    find(&call, &id)?;
    Ok(StatusCode::OK.into_response())
}

/// Sets what a body says of a connection that is there.
async fn set(call: &Call, connection: Connection, body: &Document, policy: Value) -> Result<Call, Refused> {
    let owner = connection.owner(call);
    let mut policy = policy;
    let mut kept = kept::changed(kept::read(call, owner, KEY).await?, body, KEPT)?;
    if let Some(options) = body.object("options")? {
        let (of_options, rest) = translated(connection, &options).map_err(|refused| refused.within("options"))?;
        doorward_service::directory::merge(&mut policy, &of_options);
        // Options are replaced as a whole.
        kept.insert("options".into(), Value::Object(rest));
    }
    let patch = json!({ "policy": policy });
    let changed = call.service().patch_tenant(&call.cx, &call.actor, &patch).await.map_err(Refused::about(NOUN, NAMES))?;
    kept::write(call, owner, KEY, kept).await?;
    let mut after = call.clone();
    after.cx = call.cx.with_policy(changed.row.settings.0.policy);
    if let Some(wanted) = body.texts("enabled_clients")? {
        for client in clients::all(&after).await? {
            enable(&after, connection, client.clone(), wanted.contains(&client.client_id)).await?;
        }
    }
    Ok(after)
}

/// Lets a client use a connection or not.
async fn enable(call: &Call, connection: Connection, client: ApplicationRow, enabled: bool) -> Result<(), Refused> {
    if connection.is_enabled_for(call, &client) == enabled {
        return Ok(());
    }
    let mut document = ApplicationDocument::of(&client);
    let mut policy = document.settings.policy.take().unwrap_or_else(|| json!({}));
    doorward_service::directory::merge(&mut policy, &connection.policy_of_client(enabled));
    document.settings.policy = Some(policy);
    let about = Refused::about(NOUN, &[("policy", "enabled_clients")]);
    call.service().put_application(&call.cx, &call.actor, client.id, document, None, None).await.map_err(about)?;
    Ok(())
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:connections"])?;
    let body = body.read()?;
    body.only(&[FIXED, KEPT])?;
    let (name, strategy) = (body.must("name")?.to_owned(), body.must("strategy")?.to_owned());
    let connection = Connection::ALL.into_iter().find(|one| one.name() == name);
    let Some(connection) = connection.filter(|one| one.strategy() == strategy) else {
        let text = format!("must be {DATABASE} of strategy auth0 or {EMAIL} of strategy email: there are no others");
        return Err(Refused::body("name", text));
    };
    if connection.is_there(call.cx.policy()) {
        return Err(Refused::conflict(NOUN, "A connection with this name exists already."));
    }
    let call = set(&call, connection, &body, json!({ "code": { "enabled": true } })).await?;
    Ok((StatusCode::CREATED, call.query.one(shown(&call, connection).await?)).into_response())
}

async fn change(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:connections"])?;
    let body = body.read()?;
    body.only(&[FIXED, KEPT])?;
    let connection = find(&call, &id)?;
    for (name, is) in [("name", connection.name()), ("strategy", connection.strategy())] {
        if body.text(name)?.is_some_and(|sent| sent != is) {
            return Err(Refused::body(name, "cannot be changed"));
        }
    }
    let call = set(&call, connection, &body, json!({})).await?;
    Ok(call.query.one(shown(&call, connection).await?))
}

async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:connections"])?;
    match find(&call, &id) {
        // What is gone already is as wanted.
        Err(_) => {}
        Ok(Connection::Database) => {
            return Err(Refused::forbidden("The database connection holds every account: it cannot be deleted."));
        }
        Ok(connection) => {
            let patch = json!({ "policy": { "code": { "enabled": false } } });
            call.service().patch_tenant(&call.cx, &call.actor, &patch).await.map_err(Refused::about(NOUN, NAMES))?;
            kept::forget(&call, connection.owner(&call)).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_clients(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:connections"])?;
    let connection = find(&call, &id)?;
    let all = clients::all(&call).await?;
    let enabled = all.into_iter().filter(|client| connection.is_enabled_for(&call, client));
    call.query.part_of("clients", "client_id", enabled.map(|client| json!({ "client_id": client.client_id })).collect())
}

async fn change_clients(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:connections"])?;
    let connection = find(&call, &id)?;
    let mut wanted = Vec::new();
    for (n, one) in body.list()?.into_iter().enumerate() {
        let Value::Object(one) = one else { return Err(Refused::body(&format!("[{n}]"), "must be an object")) };
        let one = Document(one);
        let inner = |refused: Refused| refused.within(&format!("[{n}]"));
        let client = clients::find(&call, one.must("client_id").map_err(inner)?).await?;
        let status = one.flag("status").map_err(inner)?;
        wanted.push((client, status.ok_or_else(|| Refused::body(&format!("[{n}].status"), "must be given"))?));
    }
    for (client, status) in wanted {
        enable(&call, connection, client, status).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn delete_user(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:users"])?;
    find(&call, &id)?;
    let email = call.query.must("email")?;
    let Ok(identifier) = Identifier::email(email) else { return Err(Refused::query("email", "must be an address")) };
    if let Some(found) = call.service().store.identifier(call.cx.tenant_id(), &identifier).await? {
        let gone = call.service().delete_user(&call.cx, &call.actor, found.user_id).await;
        gone.map_err(Refused::about("user", &[]))?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
