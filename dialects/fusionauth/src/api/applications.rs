//! `/api/application`.

use super::not_yet;
use crate::ids::NAMESPACE;
use crate::nouns::applications::{self, KeysOf};
use crate::nouns::extension;
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of};
use doorward_protocol::ids::{ApplicationId, RoleId};
use doorward_service::Cx;
use doorward_service::directory::{ApplicationDocument, NewApplication, RoleDocument};
use doorward_store::applications::ApplicationRow;
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("GET", "", _) => list(call).await,
        ("POST", "search", _) => search(call).await,
        ("GET", _, "oauth-configuration") => oauth_configuration(call).await,
        (_, _, "scope") => not_yet(call),
        ("GET", _, "") => get(call).await,
        ("POST", _, "") => create(call).await,
        ("PUT", _, "") if call.query.flag("reactivate") => reactivate(call).await,
        ("PUT" | "PATCH", _, "") => change(call).await,
        ("DELETE", _, "") => delete(call).await,
        _ => not_yet(call),
    }
}

/// The application that the path names, with its tenant.
pub(super) async fn named(call: &Call) -> Result<(Cx, ApplicationRow), Refused> {
    call.key()?;
    let id = call.id(1)?;
    let cx = call.cx(&[Some(id)]).await.map_err(|refused| match refused {
        // Nobody's id: not found, whichever tenant was meant.
        Refused::Invalid(_) => Refused::NotFound,
        other => other,
    })?;
    let row = applications::find(call.service(), &cx, id).await?;
    Ok((cx, row))
}

async fn rendered(call: &Call, cx: &Cx, row: &ApplicationRow) -> Result<Value, Refused> {
    applications::render(call.service(), cx, row, call.has_key()).await
}

/// The tenants whose applications a list shows: the one that is meant, or all of them.
async fn tenants(call: &Call) -> Result<Vec<Cx>, Refused> {
    match call.cx(&[]).await {
        Ok(cx) => Ok(vec![cx]),
        Err(Refused::Invalid(errors)) if call.headers.contains_key("x-fusionauth-tenantid") => Err(Refused::Invalid(errors)),
        Err(Refused::Invalid(_)) => {
            let mut out = Vec::new();
            for id in call.service().store.tenant_ids().await?.into_iter().take(200) {
                out.push(call.cx_of(id).await?);
            }
            Ok(out)
        }
        Err(other) => Err(other),
    }
}

async fn list(call: &Call) -> Answer {
    call.key()?;
    let inactive = call.query.flag("inactive");
    let mut all = Vec::new();
    for cx in tenants(call).await? {
        for row in applications::all(call.service(), &cx).await?.iter().filter(|a| a.enabled != inactive) {
            all.push(rendered(call, &cx, row).await?);
        }
    }
    Ok(Reply::ok(json!({ "applications": all })))
}

async fn search(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let name = body.text("search.name").map(|n| n.trim_matches('*').to_lowercase());
    let tenant = body.id("search.tenantId");
    let state = body.text("search.state").map(str::to_owned);
    let mut all = Vec::new();
    for cx in tenants(call).await? {
        if tenant.is_some_and(|t| t != cx.tenant_id().0) {
            continue;
        }
        for row in applications::all(call.service(), &cx).await? {
            let fits = name.as_ref().is_none_or(|n| row.name.to_lowercase().contains(n))
                && state.as_ref().is_none_or(|s| (s == "Active") == row.enabled);
            if fits {
                all.push(rendered(call, &cx, &row).await?);
            }
        }
    }
    let total = all.len();
    let start = usize::try_from(body.number("search.startRow").unwrap_or(0)).unwrap_or(0);
    let most = usize::try_from(body.number("search.numberOfResults").unwrap_or(25)).unwrap_or(25);
    let page: Vec<Value> = all.into_iter().skip(start).take(most).collect();
    Ok(Reply::ok(json!({ "applications": page, "total": total })))
}

async fn get(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    Ok(Reply::ok(json!({ "application": rendered(call, &cx, &row).await? })))
}

async fn oauth_configuration(call: &Call) -> Answer {
    let id = call.id(1)?;
    let cx = call.cx_or_host(&[Some(id)]).await?;
    let row = applications::find(call.service(), &cx, id).await?;
    let shown = applications::render(call.service(), &cx, &row, call.has_key()).await?;
    Ok(Reply::ok(json!({
        "httpSessionMaxInactiveInterval": cx.policy().session.idle_seconds,
        "logoutURL": shown.at("oauthConfiguration.logoutURL"),
        "oauthConfiguration": shown.at("oauthConfiguration"),
    })))
}

async fn create(call: &Call) -> Answer {
    call.key()?;
    let (mut wanted, body) = call.wrapped("application")?;
    let id = match call.new_id(1, "applicationId")? {
        Some(id) => id,
        None => wanted.id("id").unwrap_or_else(crate::ids::fresh),
    };
    let source = body.id("sourceApplicationId");
    let cx = call.cx(&[wanted.id("tenantId"), source]).await?;
    if let Some(source) = source {
        let row = applications::find(call.service(), &cx, source)
            .await
            .map_err(|_| Refused::field("doesNotExist", "sourceApplicationId", "there is no application with this id"))?;
        let mut base = applications::render(call.service(), &cx, &row, false).await?;
        crate::nouns::lay_over(&mut base, &wanted);
        wanted = base;
    }
    name_is_free(call, &cx, &wanted, id).await?;
    let written = applications::write(call.service(), &cx, KeysOf::call(call), None, &wanted).await?;
    let new = NewApplication { client_id: Some(id.to_string()), document: written.document, client_secret: written.secret };
    let kept = extension(applications::KEY, written.kept);
    let row = call
        .service()
        .create_whole_application(&cx, &call.actor(), ApplicationId(id), new, Some(&kept))
        .await
        .map_err(Refused::about("application", applications::NAMES))?
        .row;
    put_roles(call, &cx, &row, &wanted).await?;
    Ok(Reply::ok(json!({ "application": rendered(call, &cx, &row).await? })))
}

/// Names of applications are unique within a tenant.
async fn name_is_free(call: &Call, cx: &Cx, wanted: &Value, own: Uuid) -> Result<(), Refused> {
    let name = wanted.text("name").unwrap_or_default();
    let all = applications::all(call.service(), cx).await?;
    if all.iter().any(|a| a.id.0 != own && a.name.eq_ignore_ascii_case(name)) {
        return Err(Refused::field("duplicate", "application.name", "an application with this name exists"));
    }
    Ok(())
}

/// Roles that stand in the document of an application: made or changed, never removed here.
async fn put_roles(call: &Call, cx: &Cx, row: &ApplicationRow, wanted: &Value) -> Result<(), Refused> {
    let have = call.service().store.application_roles(cx.tenant_id(), row.id).await?;
    for role in wanted.list("roles") {
        let Some(name) = role.text("name") else {
            return Err(Refused::field("blank", "application.roles[].name", "must be given"));
        };
        let known = have.iter().find(|r| Some(r.id.0) == role.id("id") || r.name == name);
        let id = known.map(|r| r.id.0).or(role.id("id")).unwrap_or_else(crate::ids::fresh);
        let document = RoleDocument {
            name: name.to_owned(),
            description: role.text("description").unwrap_or_default().to_owned(),
            application_id: Some(row.id),
            is_default: role.flag("isDefault").unwrap_or(false),
        };
        if known.is_some_and(|k| RoleDocument::of(k) == document) {
            continue;
        }
        let kept = extension(applications::ROLE_KEY, json!({ "isSuperRole": role.flag("isSuperRole").unwrap_or(false) }));
        call.service()
            .put_role(cx, &call.actor(), RoleId(id), document, Some(&kept))
            .await
            .map_err(Refused::about("role", super::roles::NAMES))?;
    }
    Ok(())
}

async fn change(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    let before = applications::render(call.service(), &cx, &row, true).await?;
    let wanted = if call.verb == "PATCH" {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "application": before }))?;
        after.get("application").cloned().unwrap_or_default()
    } else {
        call.wrapped("application")?.0
    };
    name_is_free(call, &cx, &wanted, row.id.0).await?;
    let mut written = applications::write(call.service(), &cx, KeysOf::call(call), Some(&row), &wanted).await?;
    if wanted.flag("active").is_none() {
        written.document.enabled = row.enabled;
    }
    let kept = extension(applications::KEY, written.kept);
    let row = call
        .service()
        .put_application(&cx, &call.actor(), row.id, written.document, written.secret.as_deref(), Some(&kept))
        .await
        .map_err(Refused::about("application", applications::NAMES))?;
    put_roles(call, &cx, &row, &wanted).await?;
    Ok(Reply::ok(json!({ "application": rendered(call, &cx, &row).await? })))
}

async fn set_active(call: &Call, cx: &Cx, row: &ApplicationRow, active: bool) -> Result<ApplicationRow, Refused> {
    let document = ApplicationDocument { enabled: active, ..ApplicationDocument::of(row) };
    call.service()
        .put_application(cx, &call.actor(), row.id, document, None, None)
        .await
        .map_err(Refused::about("application", applications::NAMES))
}

async fn reactivate(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    let row = set_active(call, &cx, &row, true).await?;
    Ok(Reply::ok(json!({ "application": rendered(call, &cx, &row).await? })))
}

async fn delete(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    if call.query.flag("hardDelete") {
        call.service()
            .delete_whole_application(&cx, &call.actor(), row.id, NAMESPACE)
            .await
            .map_err(Refused::about("application", applications::NAMES))?;
    } else {
        set_active(call, &cx, &row, false).await?;
    }
    Ok(Reply::empty())
}
