//! Roles: bundles of permissions, and who has them.

use super::PAGE;
use crate::asking::{Asking, find_user, identifier_of, name_of};
use crate::door::Answer;
use crate::told::{Told, revision};
use crate::trouble::Trouble;
use doorward_protocol::ids::{ApplicationId, ResourceServerId, RoleId, UserId};
use doorward_service::directory::{Permission, RoleDocument};
use doorward_store::directory::RoleRow;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    description: String,
    /// The name of its application; none: of the tenant.
    application: Option<String>,
    is_default: bool,
}

async fn line(asking: &Asking, row: &RoleRow) -> Result<Line, Trouble> {
    let application = match row.application_id {
        Some(id) => Some(asking.service().get_application(asking.cx(), id).await?.name),
        None => None,
    };
    Ok(Line {
        id: row.id.to_string(),
        name: row.name.clone(),
        description: row.description.clone(),
        application,
        is_default: row.is_default,
    })
}

#[derive(Serialize)]
struct ListPage {
    roles: Vec<Line>,
    next: Option<String>,
    later: bool,
}

/// `GET /console/roles`
pub async fn list(asking: Asking) -> Answer {
    let after = asking.cursor("after");
    let page = asking.service().list_roles(asking.cx(), after, PAGE).await?;
    let mut roles = Vec::new();
    for row in &page.items {
        roles.push(line(&asking, row).await?);
    }
    let next = page.next.map(|id| format!("/console/roles?after={}", id.simple()));
    asking.show("console/roles.html", &ListPage { roles, next, later: after.is_some() })
}

#[derive(Serialize)]
struct NewPage {
    name: String,
    description: String,
    application: String,
    applications: Vec<(String, String)>,
}

/// `GET /console/roles/new`
pub async fn form(asking: Asking) -> Answer {
    new(&asking, &Told::nothing()).await
}

async fn new(asking: &Asking, told: &Told) -> Answer {
    let applications = asking.service().list_applications(asking.cx(), None, 200).await?.items;
    let page = NewPage {
        name: told.value("name", ""),
        description: told.value("description", ""),
        application: told.value("application", ""),
        applications: applications.into_iter().map(|a| (a.id.to_string(), a.name)).collect(),
    };
    asking.show_told("console/role_new.html", &page, told)
}

/// `POST /console/roles/new`
pub async fn create(asking: Asking) -> Answer {
    let application_id: Option<ApplicationId> = match asking.field("application") {
        "" => None,
        _ => Some(asking.field_id("application", "application")?),
    };
    let document = RoleDocument {
        name: asking.field("name").to_owned(),
        description: asking.field("description").to_owned(),
        application_id,
        is_default: false,
    };
    match asking.service().create_role(asking.cx(), &asking.actor(), document).await {
        Ok(row) => asking.done(&format!("/console/roles/{}", row.id), "role-created"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            new(&asking, &told).await
        }
    }
}

#[derive(Serialize)]
struct RolePage {
    role: Line,
    /// Which version of the role, and of what it holds, the forms show.
    revision: String,
    held: String,
    name: String,
    description: String,
    is_default: bool,
    apis: Vec<ApiLine>,
    members: Vec<MemberLine>,
    next: Option<String>,
    later: bool,
    identifier: String,
}

#[derive(Serialize)]
struct ApiLine {
    id: String,
    name: String,
    audience: String,
    permissions: Vec<(String, String, bool)>,
}

#[derive(Serialize)]
struct MemberLine {
    id: String,
    name: String,
    identifier: String,
}

/// `GET /console/roles/{role}`
pub async fn show(asking: Asking) -> Answer {
    let id = asking.id("role", "role")?;
    render(&asking, id, &Told::nothing()).await
}

async fn render(asking: &Asking, id: RoleId, told: &Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let row = service.get_role(cx, id).await?;
    let held = held(asking, id).await?;
    // What was ticked in a form that came back; else what is held.
    let sent = told.part("permissions");
    let ticked = |api: ResourceServerId, scope: &str| {
        if sent.wrong.is_empty() {
            held.contains(&(api, scope.to_owned()))
        } else {
            asking.sent.all("permission").iter().any(|one| *one == format!("{api} {scope}"))
        }
    };
    let mut apis = Vec::new();
    for server in service.list_resource_servers(cx, None, 200).await?.items {
        let (_, scopes) = service.get_resource_server(cx, server.id).await?;
        apis.push(ApiLine {
            id: server.id.to_string(),
            permissions: scopes
                .into_iter()
                .map(|s| {
                    let has = ticked(server.id, &s.value);
                    (s.value, s.description, has)
                })
                .collect(),
            name: server.name,
            audience: server.audience,
        });
    }
    let after = asking.cursor("members");
    let members = service.list_role_members(cx, id, after, 25).await?;
    let (settings, adding) = (told.part("settings"), told.part("members"));
    let page = RolePage {
        revision: revision(row.updated_at),
        held: asking.fingerprint(&held),
        name: settings.value("name", row.name.clone()),
        description: settings.value("description", row.description.clone()),
        is_default: settings.ticked("is_default", row.is_default),
        role: line(asking, &row).await?,
        apis,
        next: members.next.map(|next| format!("/console/roles/{id}?members={}", next.simple())),
        later: after.is_some(),
        members: members
            .items
            .iter()
            .map(|p| MemberLine { id: p.user.id.to_string(), name: name_of(p), identifier: identifier_of(p) })
            .collect(),
        identifier: adding.value("identifier", ""),
    };
    asking.show_told("console/role.html", &page, told)
}

type Held = BTreeSet<(ResourceServerId, String)>;

async fn held(asking: &Asking, id: RoleId) -> Result<Held, Trouble> {
    let all = asking.service().list_role_permissions(asking.cx(), id).await?;
    Ok(all.into_iter().map(|p| (p.resource_server, p.scope)).collect())
}

/// `POST /console/roles/{role}`
pub async fn save(asking: Asking) -> Answer {
    let id: RoleId = asking.id("role", "role")?;
    let row = asking.service().get_role(asking.cx(), id).await?;
    if let Some(told) = Told::overtaken(&asking.sent, &revision(row.updated_at)) {
        return render(&asking, id, &told).await;
    }
    let patch = json!({
        "name": asking.field("name"),
        "description": asking.field("description"),
        "is_default": asking.ticked("is_default"),
    });
    match asking.service().patch_role(asking.cx(), &asking.actor(), id, &patch).await {
        Ok(_) => asking.done(&format!("/console/roles/{id}"), "role-saved"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
    }
}

/// `POST /console/roles/{role}/permissions`: the whole list.
pub async fn permissions(asking: Asking) -> Answer {
    let id: RoleId = asking.id("role", "role")?;
    let mut all = Vec::new();
    for ticked in asking.sent.all("permission") {
        let parts = ticked.split_once(' ').and_then(|(api, scope)| Some((api.parse().ok()?, scope.to_owned())));
        let (resource_server, scope) = parts.ok_or(Trouble::NotFound("permission"))?;
        all.push(Permission { resource_server, scope });
    }
    asking.service().get_role(asking.cx(), id).await?;
    if let Some(told) = Told::overtaken(&asking.sent, &asking.fingerprint(&held(&asking, id).await?)) {
        return render(&asking, id, &told).await;
    }
    asking.service().put_role_permissions(asking.cx(), &asking.actor(), id, &all, true).await?;
    asking.done(&format!("/console/roles/{id}"), "permissions-saved")
}

/// `POST /console/roles/{role}/members`: gives the role to somebody, or takes it away.
pub async fn members(asking: Asking) -> Answer {
    let id: RoleId = asking.id("role", "role")?;
    let actor = asking.actor();
    if asking.field("act") == "remove" {
        let user: UserId = asking.field_id("user", "user")?;
        asking.service().remove_user_role(asking.cx(), &actor, user, id).await?;
        return asking.done(&asking.place(&format!("/console/roles/{id}"), &["members"]), "member-removed");
    }
    let found = find_user(&asking, asking.field("identifier")).await?;
    let Some(found) = found else {
        let told =
            Told::wrong(&asking.sent, "identifier", "belongs to nobody here: check the spelling, or create the user first");
        return render(&asking, id, &told).await;
    };
    asking.service().put_user_roles(asking.cx(), &actor, found, &[id], false).await?;
    asking.done(&asking.place(&format!("/console/roles/{id}"), &["members"]), "member-added")
}

/// `POST /console/roles/{role}/delete`
pub async fn delete(asking: Asking) -> Answer {
    let id: RoleId = asking.id("role", "role")?;
    asking.service().delete_role(asking.cx(), &asking.actor(), id).await?;
    asking.done("/console/roles", "role-deleted")
}
