//! `/clients`: applications of this accent.

mod settings;

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::refused::{Answer, Refused};
use super::{connections, ids, kept};
use crate::claims::iso;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use doorward_httpkit::App;
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::Accent;
use doorward_service::directory::{ApplicationDocument, NewApplication};
use doorward_service::secrets::{new_id, random};
use doorward_store::applications::ApplicationRow;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const NOUN: &str = "client";
/// Which kind of document is kept beside a client.
const KEY: &str = "client";
/// Reading is for those who may read clients, or their secrets.
const READ: &[&str] = &["read:clients", "read:client_keys"];
const SECRET: &str = "read:client_keys";

/// What we call otherwise.
const NAMES: &[(&str, &str)] = &[
    ("redirect_uris", "callbacks"),
    ("post_logout_redirect_uris", "allowed_logout_urls"),
    ("kind", "app_type"),
    ("id_token_lifetime_seconds", "jwt_configuration.lifetime_in_seconds"),
    ("signing_alg", "jwt_configuration.alg"),
    ("refresh", "refresh_token"),
    ("refresh.overlap_seconds", "refresh_token.leeway"),
    ("refresh.idle_seconds", "refresh_token.idle_token_lifetime"),
    ("refresh.absolute_seconds", "refresh_token.token_lifetime"),
    ("first_party", "is_first_party"),
];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/clients", get(list).post(create))
        .route("/clients/{id}", get(read).patch(change).delete(delete))
        .route("/clients/{id}/rotate-secret", post(rotate))
        .route("/clients/{id}/connections", get(of_client))
}

/// An application that this API shows: one of this accent.
pub fn visible(row: Option<ApplicationRow>) -> Option<ApplicationRow> {
    row.filter(|row| row.settings.0.accent == Accent::Auth0)
}

/// Every client of the tenant, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn all(call: &Call) -> Result<Vec<ApplicationRow>, Refused> {
    let (mut out, mut after) = (Vec::new(), None);
    loop {
        let page = call.service().store.applications(call.cx.tenant_id(), after, 500).await?;
        out.extend(page.items.into_iter().filter_map(|row| visible(Some(row))));
        after = page.next;
        if after.is_none() {
            return Ok(out);
        }
    }
}

/// The client of a `client_id`.
///
/// # Errors
/// 404.
pub async fn find(call: &Call, client_id: &str) -> Result<ApplicationRow, Refused> {
    let absent = || Refused::absent(NOUN);
    if client_id.is_empty() || client_id.len() > 128 {
        return Err(absent());
    }
    let row = call.service().store.application_by_client_id(call.cx.tenant_id(), client_id).await?;
    visible(row).ok_or_else(absent)
}

async fn shown(call: &Call, row: &ApplicationRow, secret: Option<&str>) -> Result<Value, Refused> {
    let kept = kept::read(call, row.id.0, KEY).await?;
    let mut out = settings::shown(&row.settings.0, &kept);
    out.insert("client_id".into(), json!(row.client_id));
    out.insert("name".into(), json!(row.name));
    out.insert("tenant".into(), json!(call.cx.tenant.row.slug));
    out.insert("global".into(), json!(false));
    out.insert("created_at".into(), json!(iso(row.created_at)));
    out.insert("updated_at".into(), json!(iso(row.updated_at)));
    let secret = match secret {
        Some(secret) => Some(secret.to_owned()),
        None if call.holds(SECRET) => call.service().reveal_application_secret(&call.cx, row.id).await?,
        None => None,
    };
    if let Some(secret) = secret {
        out.insert("client_secret".into(), json!(secret));
    }
    Ok(Value::Object(kept::under(out, kept)))
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(READ)?;
    let first_party = call.query.flag("is_first_party")?;
    // The one client that stands for all of them is the vendor's own.
    let none = call.query.flag("is_global")? == Some(true);
    let types: Option<Vec<&str>> = call.query.text("app_type").map(|list| list.split(',').collect());
    let mut rows = all(&call).await?;
    rows.retain(|row| {
        let settings = &row.settings.0;
        !none
            && first_party.is_none_or(|wanted| settings.first_party == wanted)
            && types.as_ref().is_none_or(|types| types.contains(&settings::app_type(settings.kind)))
    });
    let (paging, total) = (call.query.paging(), rows.len());
    let mut page = Vec::new();
    for row in rows.iter().skip(paging.offset()).take(paging.per_page) {
        page.push(shown(&call, row, None).await?);
    }
    Ok(call.query.page("clients", page, total))
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(READ)?;
    let row = find(&call, &id).await?;
    Ok(call.query.one(shown(&call, &row, None).await?))
}

/// Neither `<` nor `>` may stand in a name, as the vendor has it.
fn named(body: &Document, before: Option<&str>) -> Result<String, Refused> {
    let name = match (body.at("name"), before) {
        (None, Some(before)) if !body.has("name") => before,
        _ => body.must("name")?,
    };
    if name.contains(['<', '>']) {
        return Err(Refused::body("name", "must not contain < or >"));
    }
    Ok(name.to_owned())
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:clients"])?;
    let body = body.read()?;
    settings::known(&body)?;
    let name = named(&body, None)?;
    let mut wanted = settings::of_kind(&body)?;
    settings::apply(&mut wanted, &body)?;
    let kept = settings::kept(Map::new(), &body)?;
    let new = NewApplication {
        // Letters and digits alone, as clients of this API expect.
        client_id: Some(ids::digits(Uuid::from_bytes(random()))),
        document: ApplicationDocument { name, enabled: true, settings: wanted },
        client_secret: body.text("client_secret")?.map(str::to_owned),
    };
    let extension = kept::extension(KEY, kept);
    let id = ApplicationId(new_id(call.cx.now));
    let made = call.service().create_whole_application(&call.cx, &call.actor, id, new, Some(&extension)).await;
    let made = made.map_err(Refused::about(NOUN, NAMES))?;
    let body = shown(&call, &made.row, made.client_secret.as_deref()).await?;
    Ok((StatusCode::CREATED, call.query.one(body)).into_response())
}

async fn change(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:clients"])?;
    let body = body.read()?;
    settings::known(&body)?;
    let secret = body.text("client_secret")?;
    if secret.is_some() {
        call.must_hold(&["update:client_keys"])?;
    }
    let row = find(&call, &id).await?;
    let name = named(&body, Some(&row.name))?;
    let mut wanted = row.settings.0.clone();
    settings::apply(&mut wanted, &body)?;
    let kept = settings::kept(kept::read(&call, row.id.0, KEY).await?, &body)?;
    let document = ApplicationDocument { name, enabled: row.enabled, settings: wanted };
    let extension = kept::extension(KEY, kept);
    let put = call.service().put_application(&call.cx, &call.actor, row.id, document, secret, Some(&extension)).await;
    let row = put.map_err(Refused::about(NOUN, NAMES))?;
    Ok(call.query.one(shown(&call, &row, None).await?))
}

async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:clients"])?;
    // What is gone already is as wanted.
    let row = match find(&call, &id).await {
        Ok(row) => row,
        Err(refused) if refused.status() == StatusCode::NOT_FOUND => return Ok(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => return Err(refused),
    };
    let gone = call.service().delete_whole_application(&call.cx, &call.actor, row.id, kept::NAMESPACE).await;
    gone.map_err(Refused::about(NOUN, NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn rotate(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["update:client_keys"])?;
    let row = find(&call, &id).await?;
    // The earlier secret ends at once: whoever calls this fears that somebody has it.
    let made = call.service().rotate_application_secret(&call.cx, &call.actor, row.id, None, 0).await;
    let made = made.map_err(Refused::about(NOUN, NAMES))?;
    Ok(call.query.one(shown(&call, &row, Some(&made.plain)).await?))
}

async fn of_client(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:connections"])?;
    let row = find(&call, &id).await?;
    let strategies = call.query.all("strategy");
    let mut out = Vec::new();
    for connection in connections::all(&call) {
        let wanted = strategies.is_empty() || strategies.contains(&connection.strategy());
        if wanted && connection.is_enabled_for(&call, &row) {
            out.push(connections::shown(&call, connection).await?);
        }
    }
    call.query.part_of("connections", "id", out)
}
