//! `/client-grants`: what a client may have at an API for itself.

use super::body::Body;
use super::door::{Call, Caller};
use super::refused::{Answer, Refused};
use super::{clients, ids, resource_servers};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_service::directory::Grant;
use doorward_store::applications::ApplicationGrantRow;
use serde_json::{Value, json};
use std::collections::HashMap;

const NOUN: &str = "client grant";
const NAMES: &[(&str, &str)] = &[("scopes", "scope"), ("resource_server_id", "audience")];
/// What we do not do: nothing but "off" is taken.
const OFF: &[(&str, &str)] = &[("organization_usage", "deny"), ("subject_type", "client")];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/client-grants", get(list).post(create))
        .route("/client-grants/{id}", get(read).patch(change).delete(delete))
}

fn shown(row: &ApplicationGrantRow, client_id: &str, audience: &str) -> Value {
    json!({
        "id": ids::grant(row.application_id, row.resource_server_id),
        "client_id": client_id,
        "audience": audience,
        "scope": row.scopes.0,
        "subject_type": "client",
        "organization_usage": "deny",
        "allow_any_organization": false,
    })
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(&["read:client_grants"])?;
    let store = &call.service().store;
    let tenant = call.cx.tenant_id();
    let clients: HashMap<_, _> = clients::all(&call).await?.into_iter().map(|row| (row.id, row.client_id)).collect();
    let servers: HashMap<_, _> = resource_servers::all(&call).await?.into_iter().map(|row| (row.id, row.audience)).collect();
    let (client, audience) = (call.query.text("client_id"), call.query.text("audience"));
    let mut out = Vec::new();
    // Grants for people's tokens, or with organizations, are not made here.
    let none = call.query.text("subject_type").is_some_and(|t| t != "client")
        || call.query.flag("allow_any_organization")? == Some(true);
    for row in store.application_grants_of_tenant(tenant).await?.iter().filter(|_| !none) {
        let (Some(client_id), Some(aud)) = (clients.get(&row.application_id), servers.get(&row.resource_server_id)) else {
            continue;
        };
        if client.is_none_or(|wanted| wanted == client_id) && audience.is_none_or(|wanted| wanted == aud) {
            out.push(shown(row, client_id, aud));
        }
    }
    call.query.part_of("client_grants", "id", out)
}

/// The grant of an id, with its client and audience.
async fn find(call: &Call, id: &str) -> Result<(ApplicationGrantRow, String, String), Refused> {
    let (application, server) = ids::of_grant(id)?;
    let (store, tenant) = (&call.service().store, call.cx.tenant_id());
    let absent = || Refused::absent(NOUN);
    let row = store.application_grants(tenant, application).await?.into_iter().find(|row| row.resource_server_id == server);
    let row = row.ok_or_else(absent)?;
    let client = clients::visible(store.application(tenant, application).await?).ok_or_else(absent)?;
    let server = store.resource_server(tenant, server).await?.ok_or_else(absent)?;
    Ok((row, client.client_id, server.audience))
}

async fn read(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:client_grants"])?;
    let (row, client_id, audience) = find(&call, &id).await?;
    Ok(call.query.one(shown(&row, &client_id, &audience)))
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:client_grants"])?;
    let body = body.read()?;
    body.only(&[&[
        "client_id",
        "audience",
        "scope",
        "organization_usage",
        "allow_any_organization",
        "subject_type",
        "allow_all_scopes",
        "authorization_details_types",
    ]])?;
    only_off(&body)?;
    let client = clients::find(&call, body.must("client_id")?).await?;
    let (server, known) = resource_servers::find(&call, body.must("audience")?).await?;
    let scopes = match (body.texts("scope")?, body.flag("allow_all_scopes")?) {
        (Some(scopes), None | Some(false)) => scopes,
        (None, Some(true)) => known.iter().map(|s| s.value.clone()).collect(),
        (Some(_), Some(true)) => return Err(Refused::body("scope", "must be absent with allow_all_scopes")),
        (None, None | Some(false)) => return Err(Refused::body("scope", "must be given")),
    };
    let have = call.service().store.application_grants(call.cx.tenant_id(), client.id).await?;
    if have.iter().any(|row| row.resource_server_id == server.id) {
        return Err(Refused::conflict(NOUN, "The client has a grant for this audience already."));
    }
    let grant = Grant { resource_server: server.id, scopes };
    let made = call.service().put_application_grant(&call.cx, &call.actor, client.id, grant).await;
    let (row, _) = made.map_err(Refused::about(NOUN, NAMES))?;
    Ok((StatusCode::CREATED, call.query.one(shown(&row, &client.client_id, &server.audience))).into_response())
}

fn only_off(body: &super::body::Document) -> Result<(), Refused> {
    for (name, off) in OFF {
        if body.text(name)?.is_some_and(|text| text != *off) {
            return Err(Refused::body(name, format!("must be {off}: nothing else is supported")));
        }
    }
    if body.flag("allow_any_organization")? == Some(true) {
        return Err(Refused::body("allow_any_organization", "is not supported"));
    }
    if body.texts("authorization_details_types")?.is_some_and(|all| !all.is_empty()) {
        return Err(Refused::body("authorization_details_types", "is not supported"));
    }
    Ok(())
}

async fn change(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:client_grants"])?;
    let body = body.read()?;
    body.only(&[&["scope", "organization_usage", "allow_any_organization", "allow_all_scopes", "authorization_details_types"]])?;
    only_off(&body)?;
    let (row, client_id, audience) = find(&call, &id).await?;
    let scopes = match (body.texts("scope")?, body.flag("allow_all_scopes")?) {
        (scopes, None | Some(false)) => scopes.unwrap_or_else(|| row.scopes.0.clone()),
        (None, Some(true)) => {
            let known = call.service().store.scopes(call.cx.tenant_id(), row.resource_server_id).await?;
            known.into_iter().map(|s| s.value).collect()
        }
        (Some(_), Some(true)) => return Err(Refused::body("scope", "must be absent with allow_all_scopes")),
    };
    let grant = Grant { resource_server: row.resource_server_id, scopes };
    let put = call.service().put_application_grant(&call.cx, &call.actor, row.application_id, grant).await;
    let (row, _) = put.map_err(Refused::about(NOUN, NAMES))?;
    Ok(call.query.one(shown(&row, &client_id, &audience)))
}

async fn delete(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:client_grants"])?;
    let (row, _, _) = find(&call, &id).await?;
    let gone = call.service().delete_application_grant(&call.cx, &call.actor, row.application_id, row.resource_server_id).await;
    gone.map_err(Refused::about(NOUN, NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
