//! A new user.

use crate::asking::Asking;
use crate::door::Answer;
use crate::told::Told;
use doorward_service::directory::{Invitation, NewIdentifier, NewUser, UserDocument};
use serde::Serialize;

#[derive(Serialize)]
struct NewPage {
    name: String,
    email: String,
    verified: bool,
    invite: bool,
}

/// `GET /console/users/new`
pub async fn form(asking: Asking) -> Answer {
    render(&asking, &Told::nothing())
}

fn render(asking: &Asking, told: &Told) -> Answer {
    let page = NewPage {
        name: told.value("name", ""),
        email: told.value("email", ""),
        verified: told.ticked("verified", false),
        invite: told.ticked("invite", true),
    };
    asking.show_told("console/user_new.html", &page, told)
}

/// `POST /console/users/new`
pub async fn create(asking: Asking) -> Answer {
    let name = Some(asking.field("name")).filter(|name| !name.is_empty()).map(str::to_owned);
    let new = NewUser {
        document: UserDocument { name, ..UserDocument::default() },
        identifiers: vec![NewIdentifier::email(asking.field("email"), asking.ticked("verified"))],
        ..NewUser::default()
    };
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    let person = match service.create_user(cx, &actor, new).await {
        Ok(person) => person,
        Err(error) => return render(&asking, &Told::by(&asking.sent, error)?),
    };
    let url = format!("/console/users/{}", person.user.id);
    if !asking.ticked("invite") {
        return asking.done(&url, "user-created");
    }
    service.send_sign_in_link(cx, &actor, person.user.id, Invitation::Welcome).await?;
    asking.done(&url, "user-invited")
}
