//! APIs: who they are (audience), what can be allowed (permissions), how their tokens are.

use super::PAGE;
use crate::asking::Asking;
use crate::door::Answer;
use crate::told::{Span, Told, revision};
use crate::trouble::Trouble;
use doorward_protocol::ids::ResourceServerId;
use doorward_service::directory::ResourceServerDocument;
use doorward_store::applications::ResourceServerRow;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    audience: String,
}

impl Line {
    fn of(row: &ResourceServerRow) -> Self {
        Self { id: row.id.to_string(), name: row.name.clone(), audience: row.audience.clone() }
    }
}

#[derive(Serialize)]
struct ListPage {
    apis: Vec<Line>,
    next: Option<String>,
    later: bool,
}

/// `GET /console/apis`
pub async fn list(asking: Asking) -> Answer {
    let after = asking.cursor("after");
    let page = asking.service().list_resource_servers(asking.cx(), after, PAGE).await?;
    let next = page.next.map(|id| format!("/console/apis?after={}", id.simple()));
    asking.show("console/apis.html", &ListPage { apis: page.items.iter().map(Line::of).collect(), next, later: after.is_some() })
}

#[derive(Serialize)]
struct NewPage {
    name: String,
    audience: String,
}

/// `GET /console/apis/new`
pub async fn form(asking: Asking) -> Answer {
    new(&asking, &Told::nothing())
}

fn new(asking: &Asking, told: &Told) -> Answer {
    asking.show_told(
        "console/api_new.html",
        &NewPage { name: told.value("name", ""), audience: told.value("audience", "") },
        told,
    )
}

/// `POST /console/apis/new`
pub async fn create(asking: Asking) -> Answer {
    let mut document = json!({ "audience": asking.field("audience") });
    if !asking.field("name").is_empty() {
        document["name"] = asking.field("name").into();
    }
    let made = match ResourceServerDocument::from_json(document) {
        Ok(new) => asking.service().create_resource_server(asking.cx(), &asking.actor(), new).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(row) => asking.done(&format!("/console/apis/{}", row.id), "api-created"),
        Err(error) => new(&asking, &Told::by(&asking.sent, error)?),
    }
}

#[derive(Serialize)]
struct ApiPage {
    /// Which version of the settings the form shows.
    revision: String,
    api: Line,
    name: String,
    permissions: Vec<PermissionLine>,
    value: String,
    description: String,
    enforce_permissions: bool,
    allow_offline_access: bool,
    require_consent: bool,
    minutes: String,
}

#[derive(Serialize)]
struct PermissionLine {
    value: String,
    description: String,
    /// Names of the roles that hold it.
    roles: Vec<String>,
}

/// `GET /console/apis/{api}`
pub async fn show(asking: Asking) -> Answer {
    let id = asking.id("api", "API")?;
    render(&asking, id, &Told::nothing()).await
}

async fn render(asking: &Asking, id: ResourceServerId, told: &Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let (row, scopes) = service.get_resource_server(cx, id).await?;
    let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for role in service.list_roles(cx, None, 200).await?.items {
        for permission in service.list_role_permissions(cx, role.id).await?.into_iter().filter(|p| p.resource_server == id) {
            holders.entry(permission.scope).or_default().push(role.name.clone());
        }
    }
    let s = &row.settings.0;
    let (adding, settings) = (told.part("permissions"), told.part("settings"));
    let page = ApiPage {
        revision: revision(row.updated_at),
        name: settings.value("name", row.name.clone()),
        permissions: scopes
            .into_iter()
            .map(|s| PermissionLine {
                roles: holders.remove(&s.value).unwrap_or_default(),
                value: s.value,
                description: s.description,
            })
            .collect(),
        value: adding.value("value", ""),
        description: adding.value("description", ""),
        enforce_permissions: settings.ticked("enforce_permissions", s.enforce_permissions),
        allow_offline_access: settings.ticked("allow_offline_access", s.allow_offline_access),
        require_consent: settings.ticked("require_consent", s.require_consent),
        minutes: settings.value("minutes", minutes(s.access_token_lifetime_seconds).map(Span::shown).unwrap_or_default()),
        api: Line::of(&row),
    };
    asking.show_told("console/api.html", &page, told)
}

/// The life of its tokens, as the form has it.
fn minutes(seconds: Option<i64>) -> Option<Span> {
    seconds.map(|seconds| Span::new(seconds, 60))
}

/// `POST /console/apis/{api}`
pub async fn save(asking: Asking) -> Answer {
    let id: ResourceServerId = asking.id("api", "API")?;
    let (row, _) = asking.service().get_resource_server(asking.cx(), id).await?;
    if let Some(told) = Told::overtaken(&asking.sent, &revision(row.updated_at)) {
        return render(&asking, id, &told).await;
    }
    let kept = minutes(row.settings.0.access_token_lifetime_seconds);
    let typed = asking.field("minutes");
    let seconds = match kept.unwrap_or(Span::new(0, 60)).typed(typed) {
        _ if typed.is_empty() => None,
        Ok(seconds) if (60..=43_200 * 60).contains(&seconds) => Some(seconds),
        _ => {
            let told = Told::wrong(&asking.sent, "minutes", "must be between 1 and 43200 minutes (30 days), or empty");
            return render(&asking, id, &told).await;
        }
    };
    let patch = json!({
        "name": asking.field("name"),
        "enforce_permissions": asking.ticked("enforce_permissions"),
        "allow_offline_access": asking.ticked("allow_offline_access"),
        "require_consent": asking.ticked("require_consent"),
        "access_token_lifetime_seconds": seconds,
    });
    match asking.service().patch_resource_server(asking.cx(), &asking.actor(), id, &patch).await {
        Ok(_) => asking.done(&format!("/console/apis/{id}"), "api-saved"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
    }
}

/// `POST /console/apis/{api}/permissions`: one more.
pub async fn add_permission(asking: Asking) -> Answer {
    let id: ResourceServerId = asking.id("api", "API")?;
    let mut document = document(&asking, id).await?;
    let (value, description) = (asking.field("value").to_owned(), asking.field("description").to_owned());
    document.scopes.push(doorward_service::directory::Scope { value, description });
    put_permissions(&asking, id, &document, "permission-added").await
}

/// `POST /console/apis/{api}/permissions/remove`: one less, for everybody and every machine that has it.
pub async fn remove_permission(asking: Asking) -> Answer {
    let id: ResourceServerId = asking.id("api", "API")?;
    let mut document = document(&asking, id).await?;
    document.scopes.retain(|scope| scope.value != asking.field("value"));
    put_permissions(&asking, id, &document, "permission-removed").await
}

async fn document(asking: &Asking, id: ResourceServerId) -> Result<ResourceServerDocument, Trouble> {
    let (row, scopes) = asking.service().get_resource_server(asking.cx(), id).await?;
    Ok(ResourceServerDocument::of(&row, &scopes))
}

async fn put_permissions(asking: &Asking, id: ResourceServerId, document: &ResourceServerDocument, news: &str) -> Answer {
    let patch = json!({ "scopes": document.scopes });
    match asking.service().patch_resource_server(asking.cx(), &asking.actor(), id, &patch).await {
        Ok(_) => asking.done(&format!("/console/apis/{id}"), news),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            // The list is kept sorted, so that its index says nothing; the one at fault is the one that was typed.
            for wrong in &mut told.wrong {
                wrong.field = "value".into();
            }
            told.wrong.dedup();
            render(asking, id, &told).await
        }
    }
}

/// `POST /console/apis/{api}/delete`
pub async fn delete(asking: Asking) -> Answer {
    let id: ResourceServerId = asking.id("api", "API")?;
    let (row, _) = asking.service().get_resource_server(asking.cx(), id).await?;
    if asking.field("confirmation") != row.name.trim() {
        let told = Told::wrong(&asking.sent, "confirmation", "is not the API's name: nothing was deleted");
        return render(&asking, id, &Told { typed: BTreeMap::new(), ..told }).await;
    }
    asking.service().delete_resource_server(asking.cx(), &asking.actor(), id).await?;
    asking.done("/console/apis", "api-deleted")
}
