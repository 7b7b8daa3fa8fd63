//! The team: who may administer the tenant, and how far. Owners decide; everybody else sees whom to ask.

use crate::asking::{Asking, find_user, identifier_of, name_of};
use crate::door::{Answer, Doors};
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::admin::Right::{Own, Read};
use doorward_protocol::ids::UserId;
use doorward_service::directory::{DirectoryError, FieldProblem};
use serde::Serialize;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/team", Read, show)
        .sensitive("/console/team/add", Own, add)
        .sensitive("/console/team/change", Own, change)
        .sensitive("/console/team/remove", Own, remove)
}

#[derive(Serialize)]
struct TeamPage {
    team: Vec<Line>,
    roles: [&'static str; 4],
    identifier: String,
    role: String,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    identifier: String,
    role: &'static str,
    /// Whether nobody has proven the address yet that the person is known by.
    unproven: bool,
    since: i64,
    oneself: bool,
}

const ROLES: [&str; 4] = ["viewer", "support", "admin", "owner"];

/// `GET /console/team`
async fn show(asking: Asking) -> Answer {
    render(&asking, &Told::nothing()).await
}

async fn render(asking: &Asking, told: &Told) -> Answer {
    let all = asking.service().list_administrators(asking.cx()).await?;
    let team = all
        .iter()
        .map(|one| Line {
            id: one.person.user.id.to_string(),
            name: name_of(&one.person),
            identifier: identifier_of(&one.person),
            role: one.role.as_str(),
            unproven: one.person.email().is_some_and(|email| email.verified_at.is_none()),
            since: one.since.seconds(),
            oneself: one.person.user.id == asking.person.user.id,
        })
        .collect();
    let adding = told.part("add");
    let page = TeamPage { team, roles: ROLES, identifier: adding.value("identifier", ""), role: adding.value("role", "admin") };
    asking.show_told("console/team.html", &page, told)
}

fn role(asking: &Asking) -> Result<AdminRole, Trouble> {
    AdminRole::parse(asking.field("role")).ok_or(Trouble::NotFound("role"))
}

/// `POST /console/team/add`
async fn add(asking: Asking) -> Answer {
    let role = role(&asking)?;
    // Who is there already would have their role changed by a form that says "add".
    if let Some(user) = find_user(&asking, asking.field("identifier")).await?
        && asking.service().administrator(asking.cx(), user).await?.is_some()
    {
        let told = Told::wrong(&asking.sent, "identifier", "is on the team already: change the role in the list above");
        return render(&asking, &told).await;
    }
    let done = asking.service().invite_administrator(asking.cx(), &asking.actor(), asking.field("identifier"), None, role).await;
    let done = done.map_err(|error| match error {
        DirectoryError::Invalid(problems) => {
            DirectoryError::Invalid(problems.into_iter().map(|p| FieldProblem { field: "identifier".into(), ..p }).collect())
        }
        DirectoryError::Conflict { field: "email", message } => DirectoryError::Conflict { field: "identifier", message },
        other => other,
    });
    came_to(&asking, done, "team-added").await
}

/// `POST /console/team/change`
async fn change(asking: Asking) -> Answer {
    let user: UserId = asking.field_id("user", "user")?;
    let done = asking.service().put_administrator(asking.cx(), &asking.actor(), user, role(&asking)?).await;
    came_to(&asking, done, "team-changed").await
}

/// `POST /console/team/remove`
async fn remove(asking: Asking) -> Answer {
    let user: UserId = asking.field_id("user", "user")?;
    let done = asking.service().remove_administrator(asking.cx(), &asking.actor(), user).await;
    came_to(&asking, done, "team-removed").await
}

async fn came_to<T: Send>(asking: &Asking, done: Result<T, DirectoryError>, news: &str) -> Answer {
    match done {
        Ok(_) => asking.done("/console/team", news),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            // The list has as many fields for a role as it has people.
            for wrong in told.wrong.iter_mut().filter(|wrong| wrong.field == "role") {
                wrong.field.clear();
            }
            render(asking, &told).await
        }
    }
}
