//! `/users/{id}/roles` and `/users/{id}/permissions`: what somebody has directly, and what comes of it.

use super::body::Body;
use super::door::{Call, Caller};
use super::people::{self, NAMES};
use super::permissions::{self, Servers};
use super::refused::{Answer, Refused};
use super::{ids, roles};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_protocol::ids::UserId;
use doorward_service::directory::Permission;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOUN: &str = "user";

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/users/{id}/roles", get(list_roles).post(add_roles).delete(remove_roles))
        .route("/users/{id}/permissions", get(list_permissions).post(add_permissions).delete(remove_permissions))
}

async fn list_roles(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:users", "read:roles", "read:role_members"])?;
    let user = people::find(&call, &id).await?;
    let held = call.service().list_user_roles(&call.cx, user).await.map_err(Refused::about(NOUN, NAMES))?;
    Ok(call.query.page_of("roles", roles::of_tenant(held).iter().map(roles::shown).collect()))
}

async fn add_roles(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:users", "create:role_members"])?;
    let user = people::find(&call, &id).await?;
    let wanted = roles::named_roles(&call, &body.read()?).await?;
    let put = call.service().put_user_roles(&call.cx, &call.actor, user, &wanted, false).await;
    put.map_err(Refused::about(NOUN, NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn remove_roles(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:users", "delete:role_members"])?;
    let user = people::find(&call, &id).await?;
    for role in roles::named_roles(&call, &body.read()?).await? {
        roles::take_role(&call, user, role).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Every permission of somebody with where it comes from.
async fn held(call: &Call, user: UserId) -> Result<BTreeMap<Permission, Vec<Value>>, Refused> {
    let (service, cx) = (call.service(), &call.cx);
    let mut out: BTreeMap<Permission, Vec<Value>> = BTreeMap::new();
    for one in service.list_user_permissions(cx, user).await.map_err(Refused::about(NOUN, NAMES))? {
        out.entry(one).or_default().push(json!({ "source_id": "", "source_name": "", "source_type": "DIRECT" }));
    }
    for role in service.store.effective_roles(cx.tenant_id(), user).await? {
        let source = json!({ "source_id": ids::role(role.id), "source_name": role.name, "source_type": "ROLE" });
        for one in service.list_role_permissions(cx, role.id).await.map_err(Refused::about(NOUN, NAMES))? {
            out.entry(one).or_default().push(source.clone());
        }
    }
    Ok(out)
}

async fn list_permissions(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:users"])?;
    let user = people::find(&call, &id).await?;
    let mut servers = Servers::default();
    let mut out = Vec::new();
    for (one, sources) in held(&call, user).await? {
        if let Some(mut shown) = servers.shown(&call, &one).await? {
            shown.insert("sources".into(), Value::Array(sources));
            out.push(Value::Object(shown));
        }
    }
    Ok(call.query.page_of("permissions", out))
}

async fn add_permissions(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:users"])?;
    let user = people::find(&call, &id).await?;
    let wanted = permissions::read(&call, &body.read()?).await?;
    let put = call.service().put_user_permissions(&call.cx, &call.actor, user, &wanted, false).await;
    put.map_err(Refused::about(NOUN, permissions::NAMES))?;
    Ok(StatusCode::CREATED.into_response())
}

async fn remove_permissions(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["update:users"])?;
    let user = people::find(&call, &id).await?;
    let unwanted = permissions::read(&call, &body.read()?).await?;
    let direct = call.service().list_user_permissions(&call.cx, user).await.map_err(Refused::about(NOUN, NAMES))?;
    for one in unwanted.iter().filter(|one| direct.contains(one)) {
        let gone = call.service().delete_user_permission(&call.cx, &call.actor, user, one).await;
        gone.map_err(Refused::about(NOUN, permissions::NAMES))?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
