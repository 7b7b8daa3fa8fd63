//! `/resource-servers`: APIs and their permissions.

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::refused::{Answer, Refused};
use super::{door, ids, kept};
use crate::{me, mfa};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_protocol::ids::ResourceServerId;
use doorward_service::directory::ResourceServerDocument;
use doorward_store::applications::{ResourceServerRow, ScopeRow};
use serde_json::{Map, Value, json};

const NOUN: &str = "resource server";
/// Which kind of document is kept beside a resource server.
const KEY: &str = "resource_server";

/// What we call otherwise.
const NAMES: &[(&str, &str)] = &[
    ("audience", "identifier"),
    ("access_token_lifetime_seconds", "token_lifetime"),
    ("enforce_permissions", "enforce_policies"),
    ("require_consent", "skip_consent_for_verifiable_first_party_clients"),
];

/// What a call may set and we understand.
const OURS: &[&str] = &[
    "name",
    "scopes",
    "signing_alg",
    "allow_offline_access",
    "skip_consent_for_verifiable_first_party_clients",
    "token_lifetime",
    "enforce_policies",
    "token_dialect",
];

/// What comes back as it was given.
const KEPT: &[&str] = &["token_lifetime_for_web", "signing_secret", "consent_policy", "subject_type_authorization", "client_id"];

/// What would change how tokens are made, which we do not do: nothing but "off" is taken.
const OFF: &[&str] = &["token_encryption", "proof_of_possession", "authorization_details", "allow_online_access"];

const DIALECTS: &[&str] = &["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/resource-servers", get(list).post(create))
        .route("/resource-servers/{id}", get(read).patch(change).delete(delete))
}

/// Whether it is one of ours: its scopes are what our own endpoints ask for.
fn is_system(call: &Call, audience: &str) -> bool {
    let of = |issuer: &str| [door::audience(issuer), me::audience(issuer), mfa::audience(issuer)];
    call.cx.tenant.domains.iter().any(|domain| of(&domain.issuer).iter().any(|one| one == audience))
}

/// Every resource server of the tenant, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn all(call: &Call) -> Result<Vec<ResourceServerRow>, Refused> {
    let (mut out, mut after) = (Vec::new(), None);
    loop {
        let page = call.service().store.resource_servers(call.cx.tenant_id(), after, 500).await?;
        out.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(out);
        }
    }
}

/// The one with an id or an identifier.
///
/// # Errors
/// 404.
pub async fn find(call: &Call, name: &str) -> Result<(ResourceServerRow, Vec<ScopeRow>), Refused> {
    let (store, tenant) = (&call.service().store, call.cx.tenant_id());
    let mut found = match ids::of_digits(name) {
        Some(id) => store.resource_server(tenant, ResourceServerId(id)).await?,
        None => None,
    };
    if found.is_none() && !name.is_empty() && name.len() <= 600 {
        found = store.resource_server_by_audience(tenant, name).await?;
    }
    let row = found.ok_or_else(|| Refused::absent(NOUN))?;
    let scopes = store.scopes(tenant, row.id).await?;
    Ok((row, scopes))
}

async fn shown(call: &Call, row: &ResourceServerRow, scopes: &[ScopeRow]) -> Result<Value, Refused> {
    let settings = &row.settings.0;
    let dialect = match (settings.standard_tokens, settings.lists_permissions()) {
        (false, false) => "access_token",
        (false, true) => "access_token_authz",
        (true, false) => "rfc9068_profile",
        (true, true) => "rfc9068_profile_authz",
    };
    let lifetime = settings.access_token_lifetime_seconds.unwrap_or(86_400);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| _ = out.insert(name.to_owned(), value);
    put("id", json!(ids::resource_server(row.id)));
    put("name", json!(row.name));
    put("identifier", json!(row.audience));
    put("is_system", json!(is_system(call, &row.audience)));
    let one = |s: &ScopeRow| match s.description.as_str() {
        "" => json!({ "value": s.value }),
        text => json!({ "value": s.value, "description": text }),
    };
    put("scopes", scopes.iter().map(one).collect());
    put("signing_alg", json!(settings.signing_alg.as_deref().unwrap_or("RS256")));
    put("allow_offline_access", json!(settings.allow_offline_access));
    put("skip_consent_for_verifiable_first_party_clients", json!(!settings.require_consent));
    put("token_lifetime", json!(lifetime));
    put("enforce_policies", json!(settings.enforce_permissions));
    put("token_dialect", json!(dialect));
    let mut out = kept::under(out, kept::read(call, row.id.0, KEY).await?);
    out.entry("token_lifetime_for_web").or_insert(json!(lifetime.min(7200)));
    Ok(Value::Object(out))
}

/// What a call sets, as a merge patch on our document.
fn translated(body: &Document, new: bool) -> Result<Map<String, Value>, Refused> {
    let mut out = Map::new();
    if let Some(name) = body.text("name")? {
        out.insert("name".into(), json!(name));
    }
    if let Some(scopes) = body.objects("scopes")? {
        let mut all = Vec::with_capacity(scopes.len());
        for (n, scope) in scopes.iter().enumerate() {
            let at = |_| Refused::body(&format!("scopes[{n}].value"), "must be given");
            let value = scope.must("value").map_err(at)?;
            all.push(json!({ "value": value, "description": scope.text("description")?.unwrap_or_default() }));
        }
        out.insert("scopes".into(), Value::Array(all));
    }
    if let Some(alg) = body.text("signing_alg")? {
        if alg != "RS256" {
            return Err(Refused::body("signing_alg", "must be RS256: other algorithms are not supported"));
        }
        out.insert("signing_alg".into(), json!(alg));
    }
    if let Some(flag) = body.flag("allow_offline_access")? {
        out.insert("allow_offline_access".into(), json!(flag));
    }
    if let Some(flag) = body.flag("skip_consent_for_verifiable_first_party_clients")? {
        out.insert("require_consent".into(), json!(!flag));
    }
    if let Some(seconds) = body.number("token_lifetime", 60..=2_592_000)? {
        out.insert("access_token_lifetime_seconds".into(), json!(seconds));
    }
    if let Some(flag) = body.flag("enforce_policies")? {
        out.insert("enforce_permissions".into(), json!(flag));
    }
    let dialect = body.word("token_dialect", DIALECTS)?.or(new.then_some("access_token"));
    if let Some(dialect) = dialect {
        out.insert("standard_tokens".into(), json!(dialect.starts_with("rfc9068")));
        out.insert("list_permissions".into(), json!(dialect.ends_with("_authz")));
    }
    for name in OFF {
        if body.at(name).is_some_and(|value| *value != json!(false)) {
            return Err(Refused::body(name, "is not supported"));
        }
    }
    Ok(out)
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(&["read:resource_servers"])?;
    let wanted: Vec<&str> = call.query.all("identifiers").into_iter().flat_map(|one| one.split(',')).collect();
    let mut rows = all(&call).await?;
    rows.retain(|row| wanted.is_empty() || wanted.contains(&row.audience.as_str()));
    let (paging, total) = (call.query.paging(), rows.len());
    let mut page = Vec::new();
    for row in rows.iter().skip(paging.offset()).take(paging.per_page) {
        let scopes = call.service().store.scopes(row.tenant_id, row.id).await?;
        page.push(shown(&call, row, &scopes).await?);
    }
    Ok(call.query.page("resource_servers", page, total))
}

async fn read(caller: Caller, Path(name): Path<String>) -> Answer {
    let call = caller.may(&["read:resource_servers"])?;
    let (row, scopes) = find(&call, &name).await?;
    Ok(call.query.one(shown(&call, &row, &scopes).await?))
}

async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:resource_servers"])?;
    let body = body.read()?;
    body.only(&[OURS, KEPT, OFF, &["identifier", "id"]])?;
    let mut new = translated(&body, true)?;
    new.insert("audience".into(), json!(body.must("identifier")?));
    let kept = kept::changed(Map::new(), &body, KEPT)?;
    let about = Refused::about(NOUN, NAMES);
    let document = ResourceServerDocument::from_json(Value::Object(new)).map_err(&about)?;
    let row = call.service().create_resource_server(&call.cx, &call.actor, document).await.map_err(&about)?;
    if !kept.is_empty() {
        kept::write(&call, row.id.0, KEY, kept).await?;
    }
    let (row, scopes) = find(&call, &row.audience).await?;
    Ok((StatusCode::CREATED, call.query.one(shown(&call, &row, &scopes).await?)).into_response())
}

async fn change(caller: Caller, Path(name): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:resource_servers"])?;
    let body = body.read()?;
    body.only(&[OURS, KEPT, OFF])?;
    let (row, _) = find(&call, &name).await?;
    refuse_system(&call, &row)?;
    let patch = translated(&body, false)?;
    let before = kept::read(&call, row.id.0, KEY).await?;
    let kept = kept::changed(before.clone(), &body, KEPT)?;
    let about = Refused::about(NOUN, NAMES);
    call.service().patch_resource_server(&call.cx, &call.actor, row.id, &Value::Object(patch)).await.map_err(about)?;
    if kept != before {
        kept::write(&call, row.id.0, KEY, kept).await?;
    }
    let (row, scopes) = find(&call, &row.audience).await?;
    Ok(call.query.one(shown(&call, &row, &scopes).await?))
}

async fn delete(caller: Caller, Path(name): Path<String>) -> Answer {
    let call = caller.may(&["delete:resource_servers"])?;
    // What is gone already is as wanted.
    let row = match find(&call, &name).await {
        Ok((row, _)) => row,
        Err(refused) if refused.status() == StatusCode::NOT_FOUND => return Ok(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => return Err(refused),
    };
    refuse_system(&call, &row)?;
    call.service().delete_resource_server(&call.cx, &call.actor, row.id).await.map_err(Refused::about(NOUN, NAMES))?;
    kept::forget(&call, row.id.0).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn refuse_system(call: &Call, row: &ResourceServerRow) -> Result<(), Refused> {
    if is_system(call, &row.audience) {
        return Err(Refused::forbidden("A system resource server can be neither changed nor deleted."));
    }
    Ok(())
}
