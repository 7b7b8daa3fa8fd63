//! What can be done for a user, or to one. Nobody may do it to somebody who is trusted with more (`Asking::may_change`).

use super::detail::render;
use crate::asking::Asking;
use crate::door::Answer;
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::ids::{GrantId, GroupId, IdentifierId, PasskeyId, RoleId, SessionId, UserId};
use doorward_service::directory::{ConditionsChange, DirectoryError, Invitation, NewIdentifier, PlainSanction};
use serde_json::json;

/// Whose account it is, if the one who asks may change it.
async fn target(asking: &Asking) -> Result<UserId, Trouble> {
    let id: UserId = asking.id("user", "user")?;
    asking.service().get_user(asking.cx(), id).await?;
    asking.may_change(id).await?;
    Ok(id)
}

/// The person's page, with the place of the list that they were picked from.
fn url(asking: &Asking, id: UserId) -> String {
    asking.place(&format!("/console/users/{id}"), &["list"])
}

/// Fields of the page's forms that can be wrong.
const FIELDS: [&str; 5] = ["name", "email", "password", "reason", "days"];

/// Back to the page, with the news or with what is wrong.
async fn came_to<T: Send>(asking: &Asking, id: UserId, done: Result<T, DirectoryError>, news: &str) -> Answer {
    match done {
        Ok(_) => asking.done(&url(asking, id), news),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            // What is in the way may be about something that the page has no field for.
            for wrong in told.wrong.iter_mut().filter(|wrong| !FIELDS.contains(&wrong.field.as_str())) {
                wrong.field.clear();
            }
            render(asking, id, &told).await
        }
    }
}

/// `POST …/profile`
pub async fn profile(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let name = Some(asking.field("name")).filter(|name| !name.is_empty());
    let done = asking.service().patch_user(asking.cx(), &asking.actor(), id, &json!({ "name": name })).await;
    came_to(&asking, id, done, "user-saved").await
}

/// `POST …/status`: block, or let in again.
pub async fn status(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    if id == asking.person.user.id {
        return Err(Trouble::Refused("you cannot block yourself".into()));
    }
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    if asking.field("act") == "unblock" {
        let done = service.unblock_user(cx, &actor, id).await;
        return came_to(&asking, id, done, "user-unblocked").await;
    }
    let done = service.block_user(cx, &actor, id).await;
    came_to(&asking, id, done, "user-blocked").await
}

/// `POST …/link`: a link by mail, into the account.
pub async fn link(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let (why, news) = match asking.field("why") {
        "welcome" => (Invitation::Welcome, "invitation-sent"),
        _ => (Invitation::WayBack, "way-back-sent"),
    };
    let done = asking.service().send_sign_in_link(asking.cx(), &asking.actor(), id, why).await;
    came_to(&asking, id, done, news).await
}

/// `POST …/sessions`: signs one device out, or all.
pub async fn sessions(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    let done = if asking.field("session").is_empty() {
        service.revoke_user_sessions(cx, &actor, id).await
    } else {
        let session: SessionId = asking.field_id("session", "session")?;
        service.revoke_user_session(cx, &actor, id, session).await
    };
    came_to(&asking, id, done, "signed-out").await
}

/// `POST …/grants`: takes the access away that an application has without the person being there.
pub async fn grants(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let grant: GrantId = asking.field_id("grant", "refresh token")?;
    let done = asking.service().revoke_user_grants(asking.cx(), &asking.actor(), id, Some(grant)).await;
    came_to(&asking, id, done, "grant-ended").await
}

/// `POST …/identifiers/verify`
pub async fn verify(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let identifier: IdentifierId = asking.field_id("identifier", "identifier")?;
    let primary = asking.field("act") == "primary";
    // To choose where mail goes decides who can get in; to note that an address was proven does not.
    if primary && !asking.role.may(doorward_protocol::admin::Right::Manage) {
        return Err(Trouble::NotAllowed(doorward_protocol::admin::Right::Manage));
    }
    let verified = (!primary).then_some(true);
    let done = asking.service().change_identifier(asking.cx(), &asking.actor(), id, identifier, verified, primary).await;
    came_to(&asking, id, done, "identifier-changed").await
}

/// `POST …/identifiers/add`
pub async fn add_identifier(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let new = NewIdentifier::email(asking.field("email"), false);
    let done = asking.service().add_identifier(asking.cx(), &asking.actor(), id, &new, false).await;
    let done = done.map_err(|error| match error {
        DirectoryError::Invalid(problems) => DirectoryError::Invalid(
            problems.into_iter().map(|p| doorward_service::directory::FieldProblem { field: "email".into(), ..p }).collect(),
        ),
        other => other,
    });
    came_to(&asking, id, done, "identifier-added").await
}

/// `POST …/identifiers/remove`
pub async fn remove_identifier(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let identifier: IdentifierId = asking.field_id("identifier", "identifier")?;
    let done = asking.service().remove_identifier(asking.cx(), &asking.actor(), id, identifier).await;
    came_to(&asking, id, done, "identifier-removed").await
}

/// `POST …/passkeys/remove`
pub async fn remove_passkey(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let passkey: PasskeyId = asking.field_id("passkey", "passkey")?;
    let done = asking.service().delete_user_passkey(asking.cx(), &asking.actor(), id, passkey).await;
    came_to(&asking, id, done, "passkey-removed").await
}

/// `POST …/password/set`
pub async fn set_password(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let plain = asking.sent.first("password").unwrap_or_default().to_owned();
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    let done = if asking.ticked("must_change") {
        service.set_temporary_password(cx, &actor, id, &plain).await
    } else {
        service.set_user_password(cx, &actor, id, &plain).await
    };
    came_to(&asking, id, done, "password-set").await
}

/// `POST …/password/change`: it must be changed at the next sign-in with it, or need not.
pub async fn require_password_change(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let must = asking.field("act") != "waive";
    let change = ConditionsChange { must_change_password: Some(must), ..ConditionsChange::default() };
    let done = asking.service().change_user_conditions(asking.cx(), &asking.actor(), id, change).await;
    came_to(&asking, id, done, if must { "password-change-required" } else { "password-change-waived" }).await
}

/// `POST …/sanctions`: a note, or for a time no sign-in.
pub async fn sanction(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let prevents_sign_in = asking.ticked("prevents_sign_in");
    if prevents_sign_in && id == asking.person.user.id {
        return Err(Trouble::Refused("you cannot keep yourself out".into()));
    }
    let days = asking.field("days").parse::<i64>().ok().filter(|days| (1..=3650).contains(days));
    let ends_at = days.map(|days| asking.cx().now.plus_seconds(days * 86_400));
    let new = PlainSanction { reason: asking.field("reason").to_owned(), prevents_sign_in, ends_at };
    let done = asking.service().sanction_user(asking.cx(), &asking.actor(), id, new).await;
    came_to(&asking, id, done, "sanction-imposed").await
}

/// `POST …/sanctions/lift`
pub async fn lift_sanction(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let sanction = asking.field_id("sanction", "sanction")?;
    let done = asking.service().lift_sanction(asking.cx(), &asking.actor(), id, sanction).await;
    came_to(&asking, id, done, "sanction-lifted").await
}

/// `POST …/password/remove`
pub async fn remove_password(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let done = asking.service().delete_user_password(asking.cx(), &asking.actor(), id).await;
    came_to(&asking, id, done, "password-removed").await
}

/// `POST …/factors/remove`: one second factor, or all of them with the recovery codes.
pub async fn remove_factor(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let factor = match asking.field("factor") {
        "all" => None,
        _ => Some(asking.field_id("factor", "factor")?),
    };
    let done = asking.service().delete_user_factors(asking.cx(), &asking.actor(), id, factor).await;
    came_to(&asking, id, done, "factor-removed").await
}

/// `POST …/groups`: puts the user into a group, or takes them out.
pub async fn groups(asking: Asking) -> Answer {
    let id: UserId = asking.id("user", "user")?;
    asking.service().get_user(asking.cx(), id).await?;
    let group: GroupId = asking.field_id("group", "group")?;
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    if asking.field("act") == "remove" {
        let done = service.remove_group_member(cx, &actor, group, id).await;
        return came_to(&asking, id, done, "group-member-removed").await;
    }
    let done = service.add_group_members(cx, &actor, group, &[id]).await;
    came_to(&asking, id, done, "group-member-added").await
}

/// `POST …/roles`: gives a role, or takes it away.
pub async fn roles(asking: Asking) -> Answer {
    let id: UserId = asking.id("user", "user")?;
    asking.service().get_user(asking.cx(), id).await?;
    let role: RoleId = asking.field_id("role", "role")?;
    let (service, cx, actor) = (asking.service(), asking.cx(), asking.actor());
    if asking.field("act") == "remove" {
        let done = service.remove_user_role(cx, &actor, id, role).await;
        return came_to(&asking, id, done, "role-removed").await;
    }
    let done = service.put_user_roles(cx, &actor, id, &[role], false).await;
    came_to(&asking, id, done, "role-given").await
}

/// `POST …/delete`
pub async fn delete(asking: Asking) -> Answer {
    let id = target(&asking).await?;
    let person = asking.service().get_user(asking.cx(), id).await?;
    if id == asking.person.user.id {
        return Err(Trouble::Refused("you cannot delete yourself here: your account page can".into()));
    }
    if asking.field("confirmation") != crate::asking::identifier_of(&person) {
        let told = Told::wrong(&asking.sent, "confirmation", "is not this user's address: nothing was deleted");
        return render(&asking, id, &told).await;
    }
    let done = asking.service().delete_user(asking.cx(), &asking.actor(), id).await;
    match done {
        Ok(()) => asking.done(&super::list::place(&asking), "user-deleted"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
    }
}
