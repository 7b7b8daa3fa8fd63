//! `/api/tenant`.

use super::not_yet;
use crate::nouns::applications::{KeysOf, check_keys};
use crate::nouns::{extension, tenants};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of};
use doorward_protocol::ids::TenantId;
use doorward_service::Cx;
use doorward_service::directory::{NewTenant, TenantDocument};
use serde_json::{Value, json};

const NAMES: &[(&str, &str)] = &[
    ("slug", "tenant.name"),
    ("issuer", "tenant.issuer"),
    ("id", "tenantId"),
    ("policy.password.min_length", "tenant.passwordValidationRules.minLength"),
    ("policy.password.max_length", "tenant.passwordValidationRules.maxLength"),
    ("policy.passkey.rp_id", "tenant.webAuthnConfiguration.relyingPartyId"),
];

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET", "") => list(call).await,
        ("POST", "search") => search(call).await,
        ("GET", "password-validation-rules") => rules(call).await,
        ("GET", _) => get(call).await,
        ("POST", _) => create(call).await,
        ("PUT" | "PATCH", _) => change(call).await,
        ("DELETE", _) => delete(call).await,
        _ => not_yet(call),
    }
}

/// The tenants that a key sees, the first one first.
async fn visible(call: &Call) -> Result<Vec<Cx>, Refused> {
    let key = call.key()?;
    let mut ids = call.service().store.tenant_ids().await?;
    ids.retain(|id| key.tenant_id.is_none_or(|own| own == *id));
    let mut out = Vec::with_capacity(ids.len());
    for id in ids.into_iter().take(1000) {
        out.push(call.cx_of(id).await?);
    }
    out.sort_by_key(|cx| (cx.tenant.row.slug != "default", cx.tenant.row.created_at));
    Ok(out)
}

async fn list(call: &Call) -> Answer {
    let mut all = Vec::new();
    for cx in visible(call).await? {
        all.push(tenants::render(call.service(), &cx).await?);
    }
    Ok(Reply::ok(json!({ "tenants": all })))
}

async fn search(call: &Call) -> Answer {
    let body = call.body()?;
    let name = body.text("search.name").map(|n| n.trim_matches('*').to_lowercase());
    let mut all = Vec::new();
    for cx in visible(call).await? {
        if name.as_ref().is_none_or(|name| cx.tenant.row.name.to_lowercase().contains(name)) {
            all.push(tenants::render(call.service(), &cx).await?);
        }
    }
    let total = all.len();
    let start = usize::try_from(body.number("search.startRow").unwrap_or(0)).unwrap_or(0);
    let most = usize::try_from(body.number("search.numberOfResults").unwrap_or(25)).unwrap_or(25);
    let page: Vec<Value> = all.into_iter().skip(start).take(most).collect();
    Ok(Reply::ok(json!({ "tenants": page, "total": total })))
}

/// The tenant that the path names, if the key may see it.
async fn named(call: &Call) -> Result<Cx, Refused> {
    let key = call.key()?;
    let id = TenantId(call.id(1)?);
    if key.tenant_id.is_some_and(|own| own != id) {
        return Err(Refused::NotFound);
    }
    call.cx_of(id).await
}

async fn get(call: &Call) -> Answer {
    let cx = named(call).await?;
    Ok(Reply::ok(json!({ "tenant": tenants::render(call.service(), &cx).await? })))
}

async fn create(call: &Call) -> Answer {
    let key = call.key()?;
    if key.tenant_id.is_some() {
        return Err(Refused::Unauthorized);
    }
    let (mut sent, body) = call.wrapped("tenant")?;
    let id = match call.new_id(1, "tenantId")? {
        Some(id) => id,
        None => sent.id("id").unwrap_or_else(crate::ids::fresh),
    };
    let Some(name) = sent.text("name").map(str::to_owned) else {
        return Err(Refused::field("blank", "tenant.name", "must be given"));
    };
    for cx in visible(call).await? {
        if cx.tenant.row.name.eq_ignore_ascii_case(&name) {
            return Err(Refused::field("duplicate", "tenant.name", "a tenant with this name exists"));
        }
    }
    let issuer = sent.text("issuer").map_or_else(|| call.host.base().to_owned(), str::to_owned);
    let mut wanted = tenants::fresh(&name, &issuer);
    if let Some(source) = body.id("sourceTenantId") {
        let source = call
            .cx_of(TenantId(source))
            .await
            .map_err(|_| Refused::field("doesNotExist", "sourceTenantId", "there is no tenant with this id"))?;
        wanted = tenants::render(call.service(), &source).await?;
    }
    if let Value::Object(sent) = &mut sent {
        sent.remove("id");
    }
    crate::nouns::lay_over(&mut wanted, &sent);
    let slug = format!("t-{}", id.simple());
    let mut document = TenantDocument { slug: slug.clone(), name, ..Default::default() };
    document.policy = tenants::fresh_policy();
    let written = tenants::write(document, &tenants::fresh("", ""), &wanted)?;
    // A host of its own for its pages, below the host that was asked; until somebody points that name here, it is reached by its API.
    let (scheme, host) = call.host.base().split_once("://").unwrap_or(("https", &call.host.domain.host));
    let own = format!("{}.{host}", id.simple());
    let base = format!("{scheme}://{own}");
    let new = NewTenant {
        id: Some(TenantId(id)),
        document: written.document,
        domain: Some((own, issuer.clone(), (issuer.trim_end_matches('/') != base).then_some(base))),
        extension: Some(extension(tenants::KEY, written.kept)),
    };
    let client = call.host.client.clone();
    let row = call.service().create_whole_tenant(client, &call.actor(), new).await.map_err(Refused::about("tenant", NAMES))?;
    let cx = call.cx_of(row.id).await?;
    tenants::apply_mail(call.service(), &cx, &call.actor(), written.mail).await?;
    Ok(Reply::ok(json!({ "tenant": tenants::render(call.service(), &cx).await? })))
}

async fn change(call: &Call) -> Answer {
    let cx = named(call).await?;
    let before = tenants::render(call.service(), &cx).await?;
    let after = if call.verb == "PATCH" {
        let change = change_of(&call.headers, call.body()?)?;
        let after = change.apply(json!({ "tenant": before }))?;
        after.get("tenant").cloned().unwrap_or_default()
    } else {
        let mut wanted = tenants::fresh(&cx.tenant.row.name, cx.issuer());
        let sent = call.wrapped("tenant")?.0;
        crate::nouns::lay_over(&mut wanted, &sent);
        // Passkeys hang on it: it goes when that is said, not when it is left out.
        let relying_party = "webAuthnConfiguration.relyingPartyId";
        if sent.pointer("/webAuthnConfiguration/relyingPartyId").is_none()
            && let Some(had) = before.at(relying_party)
        {
            crate::nouns::set(&mut wanted, relying_party, had.clone());
        }
        wanted
    };
    let written = tenants::write(TenantDocument::of(&cx.tenant.row), &before, &after)?;
    let keys = KeysOf::call(call);
    if keys == KeysOf::Tenant {
        check_keys(call.service(), &cx, keys, "tenant", &after).await?;
    }
    let kept = extension(tenants::KEY, written.kept);
    call.service()
        .put_tenant(&cx, &call.actor(), written.document, written.issuer.as_deref(), Some(&kept))
        .await
        .map_err(Refused::about("tenant", NAMES))?;
    tenants::apply_mail(call.service(), &cx, &call.actor(), written.mail).await?;
    // As it is now, with the issuer that the domain has now.
    let client = cx.client.clone();
    let host = cx.domain.host.clone();
    let fresh = match call.service().cx(&host, client).await? {
        Some(fresh) if fresh.tenant_id() == cx.tenant_id() => fresh,
        _ => call.cx_of(cx.tenant_id()).await?,
    };
    crate::nouns::applications::follow_tenant(call.service(), &fresh, keys, &call.actor()).await?;
    Ok(Reply::ok(json!({ "tenant": tenants::render(call.service(), &fresh).await? })))
}

async fn delete(call: &Call) -> Answer {
    let cx = named(call).await?;
    if cx.tenant_id() == call.host.tenant_id() {
        return Err(Refused::field("invalid", "tenantId", "the tenant that serves this host cannot be deleted here"));
    }
    call.service().delete_tenant(&cx, &call.actor()).await.map_err(Refused::about("tenant", NAMES))?;
    let later = call.query.flag("async") || call.body()?.flag("async").unwrap_or(false);
    Ok(Reply::bare(if later { 202 } else { 200 }))
}

async fn rules(call: &Call) -> Answer {
    let cx = match call.new_id(2, "tenantId")? {
        Some(id) => call.cx_of(TenantId(id)).await?,
        None => call.cx_or_host(&[]).await?,
    };
    let tenant = tenants::render(call.service(), &cx).await?;
    Ok(Reply::ok(json!({ "passwordValidationRules": tenant.at("passwordValidationRules").cloned().unwrap_or_default() })))
}
