//! Keys: those that sign tokens, and those that open the management API.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::reveal;
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::admin::Right::{Manage, Own, Read};
use doorward_protocol::time::Timestamp;
use doorward_service::directory::{API_KEY_SCOPES, NewApiKey};
use serde::Serialize;
use uuid::Uuid;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/api-keys", Read, api_keys)
        .page("/console/api-keys/new", Own, new_api_key)
        .sensitive("/console/api-keys/new", Own, create_api_key)
        .sensitive("/console/api-keys/delete", Own, delete_api_key)
        .page("/console/signing-keys", Read, signing_keys)
        .sensitive("/console/signing-keys/rotate", Manage, rotate)
}

/// What a key that was just made is kept under.
const API_KEY: &str = "api_key";

#[derive(Serialize)]
struct ApiKeysPage {
    keys: Vec<ApiKeyLine>,
    /// The one that was just made, while it can be seen.
    made: Option<(String, String)>,
    next: Option<String>,
    /// Whether this is not where the list begins.
    later: bool,
    base_url: String,
}

#[derive(Serialize)]
struct ApiKeyLine {
    id: String,
    name: String,
    hint: String,
    /// Each noun with what the key may do there.
    scopes: Vec<(String, &'static str)>,
    created: i64,
    expires: Option<i64>,
    expired: bool,
    used: Option<i64>,
}

/// `GET /console/api-keys`
async fn api_keys(asking: Asking) -> Answer {
    let after = asking.cursor("after");
    let page = asking.service().list_api_keys(asking.cx(), false, after, 50).await?;
    // The newest one stands at the end of the list, which may be on another page.
    let made = match reveal::seen(&asking, API_KEY) {
        Some(seen) => {
            let key = asking.service().store.api_key(seen.id.parse().unwrap_or_default()).await?;
            key.filter(|key| key.tenant_id == Some(asking.cx().tenant_id())).map(|key| (key.name, seen.secret))
        }
        None => None,
    };
    let now = asking.cx().now;
    let page = ApiKeysPage {
        made,
        later: after.is_some(),
        next: page.next.map(|id| format!("/console/api-keys?after={}", id.simple())),
        base_url: asking.cx().url("/admin/v1"),
        keys: page
            .items
            .into_iter()
            .map(|key| ApiKeyLine {
                id: key.id.to_string(),
                name: key.name,
                hint: key.hint,
                scopes: nouns(&key.scopes.0),
                created: key.created_at.seconds(),
                expires: key.expires_at.map(Timestamp::seconds),
                expired: key.expires_at.is_some_and(|at| at <= now),
                used: key.last_used_at.map(Timestamp::seconds),
            })
            .collect(),
    };
    asking.show("console/api_keys.html", &page)
}

/// `users:read` and `users:write` are one thing to people: users, read and write.
fn nouns(scopes: &[String]) -> Vec<(String, &'static str)> {
    let mut out: Vec<(String, &'static str)> = Vec::new();
    for scope in scopes {
        let (noun, verb) = match scope.split_once(':') {
            Some((noun, "read")) => (noun, "read"),
            Some((noun, _)) => (noun, "write"),
            None => ("all", "write"),
        };
        let noun = noun.replace('_', "-");
        match out.iter_mut().find(|(known, _)| *known == noun) {
            Some((_, known)) => *known = if *known == verb { verb } else { "both" },
            None => out.push((noun, verb)),
        }
    }
    out
}

#[derive(Serialize)]
struct NewApiKeyPage {
    name: String,
    all: bool,
    /// Noun, whether reading and writing are ticked; `None` where there is no writing.
    nouns: Vec<(String, bool, Option<bool>)>,
    days: String,
}

/// `GET /console/api-keys/new`
async fn new_api_key(asking: Asking) -> Answer {
    render_new(&asking, &Told::nothing())
}

fn render_new(asking: &Asking, told: &Told) -> Answer {
    let ticked = |scope: &str| asking.sent.all("scope").iter().any(|one| one == scope);
    let nouns = API_KEY_SCOPES
        .iter()
        .filter_map(|scope| scope.strip_suffix(":read"))
        .map(|noun| {
            let write = format!("{noun}:write");
            let write = API_KEY_SCOPES.contains(&write.as_str()).then(|| ticked(&write));
            (noun.to_owned(), ticked(&format!("{noun}:read")), write)
        })
        .collect();
    let page = NewApiKeyPage { name: told.value("name", ""), all: ticked("*"), nouns, days: told.value("days", "90") };
    asking.show_told("console/api_key_new.html", &page, told)
}

/// `POST /console/api-keys/new`
async fn create_api_key(mut asking: Asking) -> Answer {
    let expires_at = match asking.field("days") {
        "" => None,
        days => match days.parse::<i64>() {
            Ok(days) if (1..=3650).contains(&days) => Some(asking.cx().now.plus_seconds(days * 86_400)),
            _ => return render_new(&asking, &Told::wrong(&asking.sent, "days", "must be between 1 and 3650, or empty for ever")),
        },
    };
    let new = NewApiKey {
        name: asking.field("name").to_owned(),
        scopes: asking.sent.all("scope").to_vec(),
        // A console is of one tenant, and so are the keys that it makes.
        server_wide: false,
        expires_at,
        key: None,
    };
    match asking.service().create_api_key(asking.cx(), &asking.actor(), None, new).await {
        Ok(made) => {
            reveal::keep_one(&mut asking, API_KEY, &made.row.id.to_string(), &made.key)?;
            asking.done("/console/api-keys", "api-key-created")
        }
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            for wrong in told.wrong.iter_mut().filter(|wrong| wrong.field == "scopes" && asking.field("scope").is_empty()) {
                "tick at least one".clone_into(&mut wrong.message);
            }
            render_new(&asking, &told)
        }
    }
}

/// `POST /console/api-keys/delete`
async fn delete_api_key(asking: Asking) -> Answer {
    let id: Uuid = asking.field_id("key", "API key")?;
    asking.service().delete_api_key(asking.cx(), &asking.actor(), false, id).await?;
    asking.done("/console/api-keys", "api-key-deleted")
}

#[derive(Serialize)]
struct SigningKeysPage {
    keys: Vec<SigningKeyLine>,
    jwks: String,
    algorithms: Vec<&'static str>,
}

#[derive(Serialize)]
struct SigningKeyLine {
    kid: String,
    alg: String,
    status: String,
    created: i64,
}

/// `GET /console/signing-keys`
async fn signing_keys(asking: Asking) -> Answer {
    let keys = asking.service().list_signing_keys(asking.cx()).await?;
    let page = SigningKeysPage {
        jwks: asking.cx().url("/.well-known/jwks.json"),
        algorithms: doorward_service::keys::SIGNING_ALGORITHMS.iter().map(|alg| alg.as_str()).collect(),
        keys: keys
            .into_iter()
            .map(|key| SigningKeyLine { kid: key.kid, alg: key.alg, status: key.state, created: key.created_at.seconds() })
            .collect(),
    };
    asking.show("console/signing_keys.html", &page)
}

/// `POST /console/signing-keys/rotate`
async fn rotate(asking: Asking) -> Answer {
    let alg = asking.field("alg").to_owned();
    asking.service().rotate_signing_key_named(asking.cx(), &asking.actor(), &alg).await.map_err(|error| match error {
        doorward_service::directory::DirectoryError::Invalid(_) => Trouble::NotFound("algorithm"),
        other => other.into(),
    })?;
    asking.done("/console/signing-keys", "signing-key-rotated")
}
