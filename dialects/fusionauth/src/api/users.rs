//! `/api/user` and `/api/user/{id}`.

use super::{not_yet, webhooks};
use crate::ids::NAMESPACE;
use crate::nouns::{tenants, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{GroupId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_service::Cx;
use doorward_service::directory::{DraftMembership, UserDraft};
use doorward_service::oauth::token::direct::{API, DirectGrant};
use doorward_store::engine::Batch;
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;
use serde_json::{Value, json};

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET", "") => look_up(call).await,
        ("GET", _) => get(call).await,
        ("POST", _) => create(call).await,
        ("PUT", _) if call.query.flag("reactivate") => reactivate(call).await,
        ("PUT" | "PATCH", _) => change(call).await,
        ("DELETE", _) => delete(call).await,
        _ => not_yet(call),
    }
}

/// The user that the path names, with the tenant.
async fn named(call: &Call) -> Result<(Cx, Person), Refused> {
    call.key()?;
    let id = call.id(1)?;
    let cx = found(call.cx(&[Some(id)]).await)?;
    let person = users::find(call.service(), &cx, id).await?;
    Ok((cx, person))
}

/// Whoever cannot be placed in a tenant is nobody: not found. A tenant that was named and is none stays an error.
pub(super) fn found(cx: Result<Cx, Refused>) -> Result<Cx, Refused> {
    match cx {
        Err(Refused::Invalid(errors)) if errors.body().to_string().contains("TenantIdRequired") => Err(Refused::NotFound),
        other => other,
    }
}

pub(super) async fn answer(call: &Call, cx: &Cx, person: &Person) -> Answer {
    Ok(Reply::ok(json!({ "user": users::render(call.service(), cx, person).await? })))
}

async fn get(call: &Call) -> Answer {
    let (cx, person) = named(call).await?;
    answer(call, &cx, &person).await
}

async fn look_up(call: &Call) -> Answer {
    let query = &call.query;
    let asked = ["email", "username", "loginId", "changePasswordId", "verificationId"]
        .iter()
        .find_map(|name| query.one(name).map(|value| (*name, value.to_owned())));
    // Without a key, the token of a person tells who is meant: themself.
    if !call.has_key() && asked.is_none() {
        let (cx, person, _) = super::jwt::holder(call).await?;
        return answer(call, &cx, &person).await;
    }
    call.key()?;
    let Some((name, value)) = asked else {
        return Err(Refused::field("missing", "loginId", "an id, e-mail address, user name or login id must be given"));
    };
    let cx = call.cx(&[]).await?;
    let types: Vec<String> = query.all("loginIdTypes").into_iter().map(str::to_owned).collect();
    let service = call.service();
    let person = match name {
        "email" => users::by_login_id(service, &cx, &users::login_ids(&value, &["email".into()])).await?,
        "username" => users::by_login_id(service, &cx, &users::login_ids(&value, &["username".into()])).await?,
        "loginId" => users::by_login_id(service, &cx, &users::login_ids(&value, &types)).await?,
        "changePasswordId" => match super::passwords::open(call, &cx, &value).await? {
            Some(id) => service.store.person(cx.tenant_id(), id.user).await?,
            None => None,
        },
        _ => match super::verification::open(call, &cx, &value).await? {
            Some(id) => service.store.person(cx.tenant_id(), id.user).await?,
            None => None,
        },
    };
    let person = person.ok_or(Refused::NotFound)?;
    answer(call, &cx, &person).await
}

/// What comes with a user that is made: its groups and, in the bodies of some callers, its memberships.
async fn companions(call: &Call, cx: &Cx, wanted: &Value, draft: &mut UserDraft) -> Result<(), Refused> {
    for membership in wanted.list("memberships") {
        let id = membership.id("groupId").unwrap_or_default();
        if call.service().store.group(cx.tenant_id(), GroupId(id)).await?.is_none() {
            return Err(Refused::field("doesNotExist", "user.memberships[].groupId", "there is no group with this id"));
        }
        draft.groups.push(GroupId(id));
    }
    for registration in wanted.list("registrations") {
        let written = crate::nouns::registrations::write(call.service(), cx, &registration).await?;
        draft.memberships.push(DraftMembership { application: written.application, roles: written.roles, data: written.data });
    }
    Ok(())
}

/// The draft of a new user.
///
/// # Errors
/// 400 for what is wrong.
pub(super) async fn draft(
    call: &Call,
    cx: &Cx,
    id: Option<uuid::Uuid>,
    wanted: &Value,
    body: &Value,
) -> Result<UserDraft, Refused> {
    let must_verify = tenants::setting(call.service(), cx, "emailConfiguration.verifyEmail").await?;
    let must_verify = must_verify.and_then(|v| v.as_bool()).unwrap_or(false);
    let verified = !must_verify || body.flag("skipVerification").unwrap_or(false);
    let mut draft = users::write(wanted, verified)?;
    if draft.password.is_none() && body.flag("sendSetPasswordEmail") != Some(true) {
        return Err(Refused::field("blank", "user.password", "must be given, unless a mail asks the person to set one"));
    }
    draft.id = id.or(wanted.id("id")).map(UserId);
    companions(call, cx, wanted, &mut draft).await?;
    Ok(draft)
}

async fn create(call: &Call) -> Answer {
    call.key()?;
    let (wanted, body) = call.wrapped("user")?;
    let id = call.new_id(1, "userId")?;
    let cx = call.cx(&[body.id("applicationId"), wanted.id("tenantId")]).await?;
    let cx = tenants::at_this_door(&cx);
    let draft = draft(call, &cx, id, &wanted, &body).await?;
    let chosen = draft.id.unwrap_or_else(|| UserId(crate::ids::fresh()));
    let draft = UserDraft { id: Some(chosen), ..draft };
    let mut asked = wanted.clone();
    crate::nouns::unset(&mut asked, "password");
    crate::nouns::set(&mut asked, "id", json!(chosen.to_string()));
    webhooks::ask(call, &cx, "user.create", json!({ "user": asked })).await?;
    let person =
        call.service().create_whole_user(&cx, &call.actor(), draft).await.map_err(Refused::about("user", users::NAMES))?;
    let mut out = json!({ "user": users::render(call.service(), &cx, &person).await? });
    let (token, expires) = token_of(call, &cx, &person, "user_created").await?;
    crate::nouns::set(&mut out, "token", json!(token));
    crate::nouns::set(&mut out, "tokenExpirationInstant", expires);
    ask_to_verify(call, &cx, &person, &mut out).await?;
    if body.flag("sendSetPasswordEmail") == Some(true) {
        super::passwords::send_set_up(call, &cx, &person).await?;
    }
    Ok(Reply::ok(out))
}

/// Asks for the proof of an address that was just written, where it counts as unproven; the answer names the id.
async fn ask_to_verify(call: &Call, cx: &Cx, person: &Person, out: &mut Value) -> Result<(), Refused> {
    let Some(begun) = super::verification::begin_where_due(call, cx, person).await? else { return Ok(()) };
    crate::nouns::set(out, "emailVerificationId", json!(begun.id));
    if let Some(code) = begun.code {
        crate::nouns::set(out, "emailVerificationOneTimeCode", json!(code));
    }
    Ok(())
}

/// A token that says who somebody is, for no application.
pub(super) async fn token_of(call: &Call, cx: &Cx, person: &Person, origin: &str) -> Result<(String, Value), Refused> {
    let lifetime = tenants::setting(call.service(), cx, "jwtConfiguration.timeToLiveInSeconds").await?;
    let lifetime = lifetime.and_then(|v| v.as_i64()).unwrap_or(3600).clamp(60, 30 * 86_400);
    let direct = DirectGrant {
        grant_type: API,
        session: None,
        application: None,
        accent: Accent::Fusionauth,
        person,
        terms: GrantTerms { auth_time: cx.now.seconds(), origin: Some(origin.to_owned()), ..Default::default() },
        refresh: false,
        lifetime,
        effects: Batch::new(),
    };
    let given = call.service().grant_directly(cx, direct).await?;
    Ok((given.tokens.access_token, json!(cx.now.plus_seconds(lifetime).0)))
}

async fn change(call: &Call) -> Answer {
    let (cx, person) = named(call).await?;
    let cx = tenants::at_this_door(&cx);
    let before = users::render(call.service(), &cx, &person).await?;
    let wanted = if call.verb == "PATCH" {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "user": before }))?;
        after.get("user").cloned().unwrap_or_default()
    } else {
        let mut wanted = call.wrapped("user")?.0;
        // Whether somebody is active or proven is no property of the form that people fill in: it stays unless it is said.
        for stays in ["active"] {
            if wanted.at(stays).is_none() {
                crate::nouns::set(&mut wanted, stays, before.at(stays).cloned().unwrap_or_default());
            }
        }
        wanted
    };
    let same_email = wanted.text("email").map(str::to_lowercase).as_deref() == before.text("email");
    let proven = person.email().is_some_and(|e| e.verified_at.is_some());
    let must_verify = tenants::setting(call.service(), &cx, "emailConfiguration.verifyEmailWhenChanged").await?;
    let must_verify = must_verify.and_then(|v| v.as_bool()).unwrap_or(false);
    let mut wanted = wanted;
    if call.verb == "PATCH" && !same_email {
        crate::nouns::unset(&mut wanted, "verified");
    }
    let draft = users::write(&wanted, if same_email { proven } else { !must_verify })?;
    let mut asked = wanted.clone();
    crate::nouns::unset(&mut asked, "password");
    crate::nouns::set(&mut asked, "id", json!(person.user.id.to_string()));
    webhooks::ask(call, &cx, "user.update", json!({ "original": before, "user": asked })).await?;
    let person =
        call.service().put_user(&cx, &call.actor(), person.user.id, draft).await.map_err(Refused::about("user", users::NAMES))?;
    let mut out = json!({ "user": users::render(call.service(), &cx, &person).await? });
    if !same_email {
        ask_to_verify(call, &cx, &person, &mut out).await?;
    }
    Ok(Reply::ok(out))
}

async fn reactivate(call: &Call) -> Answer {
    let (cx, person) = named(call).await?;
    call.service().unblock_user(&cx, &call.actor(), person.user.id).await.map_err(Refused::about("user", users::NAMES))?;
    let person = users::find(call.service(), &cx, person.user.id.0).await?;
    answer(call, &cx, &person).await
}

async fn delete(call: &Call) -> Answer {
    let (cx, person) = named(call).await?;
    let hard = call.query.flag("hardDelete") || call.body()?.flag("hardDelete").unwrap_or(false);
    remove(call, &cx, &person, hard).await?;
    Ok(Reply::empty())
}

/// Takes a user away: for good, or so that it can come back.
pub(super) async fn remove(call: &Call, cx: &Cx, person: &Person, hard: bool) -> Result<(), Refused> {
    let shown = json!({ "user": { "id": person.user.id.to_string(), "email": person.email().map(|e| e.normal.clone()),
        "username": person.primary(IdentifierKind::Username).map(|u| u.value.clone()) } });
    webhooks::ask(call, cx, if hard { "user.delete" } else { "user.deactivate" }, shown).await?;
    if hard {
        call.service().delete_user(cx, &call.actor(), person.user.id).await.map_err(Refused::about("user", users::NAMES))?;
        call.service().drop_documents(cx, NAMESPACE, person.user.id.0).await.map_err(Refused::about("user", users::NAMES))?;
    } else {
        call.service().block_user(cx, &call.actor(), person.user.id).await.map_err(Refused::about("user", users::NAMES))?;
    }
    Ok(())
}
