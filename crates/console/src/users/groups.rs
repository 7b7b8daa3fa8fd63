//! Groups: people who get roles together.

use crate::asking::{Asking, find_user, identifier_of, name_of};
use crate::door::Answer;
use crate::told::Told;
use doorward_protocol::ids::{GroupId, RoleId, UserId};
use doorward_service::directory::GroupDocument;
use serde::Serialize;
use serde_json::json;

const PAGE: u32 = 25;

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    description: String,
    roles: Vec<String>,
}

#[derive(Serialize)]
struct ListPage {
    groups: Vec<Line>,
    next: Option<String>,
    later: bool,
}

/// `GET /console/groups`
pub async fn list(asking: Asking) -> Answer {
    let after = asking.cursor("after");
    let page = asking.service().list_groups(asking.cx(), after, PAGE).await?;
    let mut groups = Vec::new();
    for row in page.items {
        let roles = asking.service().list_group_roles(asking.cx(), row.id).await?;
        groups.push(Line {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            roles: roles.into_iter().map(|role| role.name).collect(),
        });
    }
    let next = page.next.map(|id| format!("/console/groups?after={}", id.simple()));
    asking.show("console/groups.html", &ListPage { groups, next, later: after.is_some() })
}

#[derive(Serialize)]
struct NewPage {
    name: String,
    description: String,
}

/// `GET /console/groups/new`
pub async fn form(asking: Asking) -> Answer {
    new(&asking, &Told::nothing())
}

fn new(asking: &Asking, told: &Told) -> Answer {
    let page = NewPage { name: told.value("name", ""), description: told.value("description", "") };
    asking.show_told("console/group_new.html", &page, told)
}

/// `POST /console/groups/new`
pub async fn create(asking: Asking) -> Answer {
    let document = GroupDocument { name: asking.field("name").to_owned(), description: asking.field("description").to_owned() };
    match asking.service().create_group(asking.cx(), &asking.actor(), document).await {
        Ok(row) => asking.done(&format!("/console/groups/{}", row.id), "group-created"),
        Err(error) => new(&asking, &Told::by(&asking.sent, error)?),
    }
}

#[derive(Serialize)]
struct GroupPage {
    id: String,
    url: String,
    title: String,
    name: String,
    description: String,
    members: Vec<Member>,
    next: Option<String>,
    later: bool,
    identifier: String,
    roles: Vec<(String, String)>,
    other_roles: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Member {
    id: String,
    name: String,
    identifier: String,
}

/// `GET /console/groups/{group}`
pub async fn show(asking: Asking) -> Answer {
    let id = asking.id("group", "group")?;
    render(&asking, id, &Told::nothing()).await
}

async fn render(asking: &Asking, id: GroupId, told: &Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let row = service.get_group(cx, id).await?;
    let after = asking.cursor("members");
    let rows = service.list_group_members(cx, id, after, PAGE).await?;
    let mut members = Vec::new();
    for member in rows.items {
        if let Some(person) = service.store.person(cx.tenant_id(), member.user_id).await? {
            members.push(Member { id: person.user.id.to_string(), name: name_of(&person), identifier: identifier_of(&person) });
        }
    }
    let have = service.list_group_roles(cx, id).await?;
    let all = service.list_roles(cx, None, 200).await?.items;
    let (settings, adding) = (told.part("settings"), told.part("members"));
    let page = GroupPage {
        id: id.to_string(),
        url: format!("/console/groups/{id}"),
        name: settings.value("name", row.name.clone()),
        description: settings.value("description", row.description.clone()),
        title: row.name,
        next: rows.next.map(|next| format!("/console/groups/{id}?members={}", next.simple())),
        later: after.is_some(),
        members,
        identifier: adding.value("identifier", ""),
        other_roles: all.into_iter().filter(|r| !have.iter().any(|h| h.id == r.id)).map(|r| (r.id.to_string(), r.name)).collect(),
        roles: have.into_iter().map(|r| (r.id.to_string(), r.name)).collect(),
    };
    asking.show_told("console/group.html", &page, told)
}

/// `POST /console/groups/{group}`
pub async fn save(asking: Asking) -> Answer {
    let id: GroupId = asking.id("group", "group")?;
    let patch = json!({ "name": asking.field("name"), "description": asking.field("description") });
    match asking.service().patch_group(asking.cx(), &asking.actor(), id, &patch).await {
        Ok(_) => asking.done(&format!("/console/groups/{id}"), "group-saved"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
    }
}

/// `POST /console/groups/{group}/members`: adds somebody, or takes them out.
pub async fn members(asking: Asking) -> Answer {
    let id: GroupId = asking.id("group", "group")?;
    asking.service().get_group(asking.cx(), id).await?;
    let actor = asking.actor();
    if asking.field("act") == "remove" {
        let user: UserId = asking.field_id("user", "user")?;
        asking.service().get_user(asking.cx(), user).await?;
        asking.service().remove_group_member(asking.cx(), &actor, id, user).await?;
        return asking.done(&asking.place(&format!("/console/groups/{id}"), &["members"]), "group-member-removed");
    }
    let Some(user) = find_user(&asking, asking.field("identifier")).await? else {
        let told =
            Told::wrong(&asking.sent, "identifier", "belongs to nobody here: check the spelling, or create the user first");
        return render(&asking, id, &told).await;
    };
    asking.service().add_group_members(asking.cx(), &actor, id, &[user]).await?;
    asking.done(&asking.place(&format!("/console/groups/{id}"), &["members"]), "group-member-added")
}

/// `POST /console/groups/{group}/roles`: gives the group a role, or takes it away.
pub async fn roles(asking: Asking) -> Answer {
    let id: GroupId = asking.id("group", "group")?;
    asking.service().get_group(asking.cx(), id).await?;
    let role: RoleId = asking.field_id("role", "role")?;
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    if asking.field("act") == "remove" {
        service.remove_group_role(cx, &actor, id, role).await?;
        return asking.done(&format!("/console/groups/{id}"), "role-removed");
    }
    service.put_group_roles(cx, &actor, id, &[role], false).await?;
    asking.done(&format!("/console/groups/{id}"), "role-given")
}

/// `POST /console/groups/{group}/delete`
pub async fn delete(asking: Asking) -> Answer {
    let id: GroupId = asking.id("group", "group")?;
    asking.service().delete_group(asking.cx(), &asking.actor(), id).await?;
    asking.done("/console/groups", "group-deleted")
}
