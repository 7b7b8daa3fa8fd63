//! `/api/user/registration`.

use super::{not_yet, users as user_calls, webhooks};
use crate::nouns::{registrations, tenants, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_service::Cx;
use doorward_service::directory::{DraftMembership, Member, UserDraft};
use doorward_service::oauth::token::direct::{API, DirectGrant};
use doorward_store::engine::Batch;
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;
use serde_json::{Value, json};

const NAMES: &[(&str, &str)] =
    &[("member", "registration.applicationId"), ("data", "registration.data"), ("roles", "registration.roles")];

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(3)) {
        ("POST", "") => create(call).await,
        ("GET", id) if !id.is_empty() => {
            let (_, _, member) = named(call, call.id(3)?).await?;
            Ok(Reply::ok(json!({ "registration": registrations::render(&member) })))
        }
        ("PUT" | "PATCH", "") => change(call).await,
        ("DELETE", id) if !id.is_empty() => delete(call).await,
        _ => not_yet(call),
    }
}

async fn named(call: &Call, application: uuid::Uuid) -> Result<(Cx, Person, Member), Refused> {
    call.key()?;
    let id = call.id(2)?;
    let cx = user_calls::found(call.cx(&[Some(id), Some(application)]).await)?;
    let person = users::find(call.service(), &cx, id).await?;
    let member = call.service().get_member(&cx, person.user.id, ApplicationId(application)).await?;
    Ok((cx, person, member))
}

async fn create(call: &Call) -> Answer {
    call.key()?;
    let (wanted, body) = call.wrapped("registration")?;
    let id = call.new_id(2, "userId")?;
    let cx = call.cx(&[wanted.id("applicationId"), id]).await?;
    let cx = tenants::at_this_door(&cx);
    let service = call.service();
    let written = registrations::write(service, &cx, &wanted).await?;
    let asked = |user: Value| json!({ "registration": wanted, "applicationId": written.application.to_string(), "user": user });
    let (person, made) = match body.at("user") {
        Some(user) => {
            if let Some(id) = id
                && service.store.user(cx.tenant_id(), UserId(id)).await?.is_some()
            {
                return Err(Refused::field("duplicate", "userId", "a user with this id exists"));
            }
            let draft = user_calls::draft(call, &cx, id, user, &body).await?;
            let chosen = draft.id.unwrap_or_else(|| UserId(crate::ids::fresh()));
            let mut shown = user.clone();
            crate::nouns::unset(&mut shown, "password");
            crate::nouns::set(&mut shown, "id", json!(chosen.to_string()));
            webhooks::ask(call, &cx, "user.create", json!({ "user": shown })).await?;
            webhooks::ask(call, &cx, "user.registration.create", asked(shown)).await?;
            let mut draft = UserDraft { id: Some(chosen), ..draft };
            draft.memberships.push(DraftMembership {
                application: written.application,
                roles: written.roles,
                data: written.data,
            });
            let person =
                service.create_whole_user(&cx, &call.actor(), draft).await.map_err(Refused::about("user", users::NAMES))?;
            super::verification::begin_where_due(call, &cx, &person).await?;
            if body.flag("sendSetPasswordEmail") == Some(true) {
                super::passwords::send_set_up(call, &cx, &person).await?;
            }
            (person, true)
        }
        None => {
            let Some(id) = id else { return Err(Refused::field("missing", "userId", "a user or the id of one must be given")) };
            let person = users::find(service, &cx, id).await.map_err(|refused| match refused {
                Refused::NotFound => Refused::field("doesNotExist", "userId", "there is no user with this id"),
                other => other,
            })?;
            webhooks::ask(call, &cx, "user.registration.create", asked(users::render(service, &cx, &person).await?)).await?;
            service
                .add_member(&cx, &call.actor(), person.user.id, written.application, written.roles.as_deref(), written.data)
                .await
                .map_err(Refused::about("registration", NAMES))?;
            (person, false)
        }
    };
    let member = service.get_member(&cx, person.user.id, written.application).await?;
    let mut out = json!({ "registration": registrations::render(&member) });
    if made {
        crate::nouns::set(&mut out, "user", users::render(service, &cx, &person).await?);
        let application = service.get_application(&cx, written.application).await?;
        let direct = DirectGrant {
            grant_type: API,
            session: None,
            application: Some(&application),
            accent: Accent::Fusionauth,
            person: &person,
            terms: GrantTerms { auth_time: cx.now.seconds(), origin: Some("registration".into()), ..Default::default() },
            refresh: false,
            lifetime: 3600,
            effects: Batch::new(),
        };
        let given = service.grant_directly(&cx, direct).await?;
        crate::nouns::set(&mut out, "token", json!(given.tokens.access_token));
        crate::nouns::set(&mut out, "tokenExpirationInstant", json!(cx.now.plus_seconds(given.tokens.expires_in).0));
    }
    Ok(Reply::ok(out))
}

async fn change(call: &Call) -> Answer {
    let body = call.body()?;
    let application = match &body {
        Value::Array(_) => call.query.id("applicationId"),
        body => body.id("registration.applicationId"),
    };
    let Some(application) = application else {
        return Err(Refused::field("missing", "registration.applicationId", "must be given"));
    };
    let (cx, person, member) = named(call, application).await?;
    let before = registrations::render(&member);
    let mut wanted = if call.verb == "PATCH" {
        let after = change_of(&call.headers, body)?.apply(json!({ "registration": before }))?;
        after.get("registration").cloned().unwrap_or_default()
    } else {
        call.wrapped("registration")?.0
    };
    for stays in ["id", "verified"] {
        if wanted.at(stays).is_none() {
            crate::nouns::set(&mut wanted, stays, before.at(stays).cloned().unwrap_or_default());
        }
    }
    let written = registrations::write(call.service(), &cx, &wanted).await?;
    let user = users::render(call.service(), &cx, &person).await?;
    let asked = json!({ "registration": wanted, "original": before, "applicationId": application.to_string(), "user": user });
    webhooks::ask(call, &cx, "user.registration.update", asked).await?;
    let roles = written.roles.unwrap_or_default();
    let member = call
        .service()
        .change_member(&cx, &call.actor(), person.user.id, written.application, Some(&roles), written.data)
        .await
        .map_err(Refused::about("registration", NAMES))?;
    Ok(Reply::ok(json!({ "registration": registrations::render(&member) })))
}

async fn delete(call: &Call) -> Answer {
    let (cx, person, member) = named(call, call.id(3)?).await?;
    let user = users::render(call.service(), &cx, &person).await?;
    let asked = json!({ "registration": registrations::render(&member), "user": user });
    webhooks::ask(call, &cx, "user.registration.delete", asked).await?;
    call.service()
        .remove_member(&cx, &call.actor(), person.user.id, member.row.application_id)
        .await
        .map_err(Refused::about("registration", NAMES))?;
    Ok(Reply::empty())
}
