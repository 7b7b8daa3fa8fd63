//! `/api/user/forgot-password` and `/api/user/change-password`.

use super::login::{ONE_TIME_PASSWORD, OneTimePassword};
use super::not_yet;
use crate::nouns::{tenants, users};
use crate::wire::{Answer, Call, Doc, Errors, Refused, Reply};
use doorward_protocol::ids::UserId;
use doorward_service::mail::Letter;
use doorward_service::signin::DirectSignIn;
use doorward_service::{Cx, Service};
use doorward_store::engine::Batch;
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The purpose of ids that let a password be set.
pub const PURPOSE: &str = "change password";

/// What the id of a change carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangePassword {
    /// Whose password.
    pub user: UserId,
    /// What is given back.
    pub state: Option<Value>,
}

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("POST", "forgot-password", "") => forgot(call).await,
        ("POST", "change-password", "") => change(call).await,
        ("POST", "change-password", id) => change_by_id(call, id).await,
        ("GET", "change-password", _) => check(call).await,
        _ => not_yet(call),
    }
}

/// The id of a change that somebody may make.
///
/// # Errors
/// When the store fails.
pub async fn begin(service: &Service, cx: &Cx, person: &Person, state: Option<Value>) -> Result<String, Refused> {
    let seconds = tenants::seconds(service, cx, "changePasswordIdTimeToLiveInSeconds").await?;
    Ok(service.one_time_id(cx, PURPOSE, seconds, None, ChangePassword { user: person.user.id, state })?)
}

/// What an id of a change carries, if it is good.
///
/// # Errors
/// When the store fails.
pub async fn open(call: &Call, cx: &Cx, id: &str) -> Result<Option<ChangePassword>, Refused> {
    Ok(call.service().peek_one_time_id(cx, PURPOSE, id).await?)
}

/// Sends the mail that lets somebody set a first password.
///
/// # Errors
/// When the store fails.
pub async fn send_set_up(call: &Call, cx: &Cx, person: &Person) -> Result<(), Refused> {
    let seconds = tenants::seconds(call.service(), cx, "setupPasswordIdTimeToLiveInSeconds").await?;
    let carried = ChangePassword { user: person.user.id, state: None };
    let id = call.service().one_time_id(cx, PURPOSE, seconds, None, carried)?;
    send(call, cx, person, &id, seconds).await
}

async fn send(call: &Call, cx: &Cx, person: &Person, id: &str, seconds: i64) -> Result<(), Refused> {
    let Some(email) = person.email() else { return Ok(()) };
    let letter = Letter::SetPassword { link: cx.url(&format!("/password/change/{id}")), minutes: (seconds / 60).max(1) };
    let locale = person.user.profile.0.locale.clone().unwrap_or_default();
    let statement = call.service().post_to(cx, &email.value, &locale, &letter)?;
    call.service().store.commit(Batch::new().with(statement)).await?;
    Ok(())
}

async fn forgot(call: &Call) -> Answer {
    let body = call.body()?;
    let cx = call.cx_or_host(&[body.id("applicationId")]).await?;
    let by_key = call.key_if_sent()?.is_some();
    let Some(login_id) = body.text("loginId").or(body.text("email")).or(body.text("username")) else {
        return Err(Refused::field("blank", "loginId", "must be given"));
    };
    let ids = users::login_ids(login_id, &body.texts("loginIdTypes"));
    let found = users::by_login_id(call.service(), &cx, &ids).await?;
    let found = found.filter(|p| p.user.status == doorward_store::users::ACTIVE);
    let mail = body.flag("sendForgotPasswordEmail").unwrap_or(true);
    // Whoever has no key learns nothing of who has an account, nor by the number of mails that arrive.
    let bucket = format!("forgot:{}", found.as_ref().map_or_else(String::new, |p| p.user.id.to_string()));
    let allowed = call.service().count(&cx, &bucket, 20, 3600).await?.is_ok();
    let Some(person) = found else {
        return if by_key { Err(Refused::NotFound) } else { Ok(Reply::empty()) };
    };
    if by_key {
        // The id goes to the program too, which could use it itself.
        call.service().may_change_account(&cx, &call.actor(), person.user.id, "change_password_id").await?;
    }
    let id = begin(call.service(), &cx, &person, body.at("state").cloned()).await?;
    if mail && allowed {
        let seconds = tenants::seconds(call.service(), &cx, "changePasswordIdTimeToLiveInSeconds").await?;
        send(call, &cx, &person, &id, seconds).await?;
    }
    if by_key { Ok(Reply::ok(json!({ "changePasswordId": id }))) } else { Ok(Reply::empty()) }
}

async fn change(call: &Call) -> Answer {
    let body = call.body()?;
    if let Some(id) = body.text("changePasswordId") {
        let id = id.to_owned();
        return change_by_id(call, &id).await;
    }
    // Somebody who is signed in changes their own.
    if !call.has_key() && call.bearer().is_some() {
        let (cx, person, _) = super::jwt::holder(call).await?;
        return by_old_password(call, &tenants::at_this_door(&cx), &person, &body, false).await;
    }
    let by_key = call.key_if_sent()?.is_some();
    if !by_key {
        return Err(Refused::Unauthorized);
    }
    let Some(login_id) = body.text("loginId") else { return Err(Refused::field("blank", "loginId", "must be given")) };
    let cx = tenants::at_this_door(&call.cx_or_host(&[body.id("applicationId")]).await?);
    let ids = users::login_ids(login_id, &body.texts("loginIdTypes"));
    let person = users::by_login_id(call.service(), &cx, &ids).await?.ok_or(Refused::NotFound)?;
    by_old_password(call, &cx, &person, &body, by_key).await
}

async fn by_old_password(call: &Call, cx: &Cx, person: &Person, body: &Value, by_key: bool) -> Answer {
    let mut errors = Errors::default();
    for needed in ["password", "currentPassword"] {
        if body.text(needed).is_none() {
            errors.add("blank", needed, "must be given");
        }
    }
    errors.finish()?;
    let ids: Vec<_> = person
        .identifiers
        .iter()
        .filter_map(|i| {
            let kind = doorward_protocol::identity::IdentifierKind::parse(&i.kind)?;
            doorward_protocol::identity::Identifier::of_kind(kind, &i.value).ok()
        })
        .collect();
    let old = body.text("currentPassword").unwrap_or_default();
    let effects = match call.service().check_password_directly(cx, &ids, old, None).await? {
        DirectSignIn::Right { effects, .. } => effects,
        DirectSignIn::Locked(_) => return Err(Refused::Bare(423)),
        DirectSignIn::Wrong if by_key => {
            return Err(Refused::field("invalid", "currentPassword", "is not the current password"));
        }
        DirectSignIn::Wrong => return Err(Refused::NotFound),
    };
    set(call, cx, person, body.text("password").unwrap_or_default(), effects).await?;
    Ok(Reply::empty())
}

async fn set(
    call: &Call,
    cx: &Cx,
    person: &Person,
    plain: &str,
    effects: Vec<doorward_store::engine::Statement>,
) -> Result<(), Refused> {
    let names: &'static [(&'static str, &'static str)] = &[("password", "password")];
    call.service().renew_password(cx, &call.actor(), person, plain, effects).await.map_err(|error| match &error {
        doorward_service::directory::DirectoryError::Fault(doorward_service::Error::Store(store)) if store.is_unique("spent") => {
            Refused::NotFound
        }
        _ => Refused::about("", names)(error),
    })
}

async fn change_by_id(call: &Call, id: &str) -> Answer {
    let body = call.body()?;
    let cx = tenants::at_this_door(&call.cx_or_host(&[]).await?);
    let opened = call.service().open_one_time_id::<ChangePassword>(&cx, PURPOSE, id, None).await?;
    let Ok(opened) = opened else { return Err(Refused::NotFound) };
    let Some(plain) = body.text("password") else { return Err(Refused::field("blank", "password", "must be given")) };
    let person = users::find(call.service(), &cx, opened.value.user.0).await?;
    set(call, &cx, &person, plain, vec![opened.spend]).await?;
    let seconds = tenants::seconds(call.service(), &cx, "oneTimePasswordTimeToLiveInSeconds").await?;
    let carried = OneTimePassword { user: person.user.id };
    let once = call.service().one_time_id(&cx, ONE_TIME_PASSWORD, seconds, None, carried)?;
    let mut out = json!({ "oneTimePassword": once });
    if let Some(state) = opened.value.state {
        crate::nouns::set(&mut out, "state", state);
    }
    Ok(Reply::ok(out))
}

async fn check(call: &Call) -> Answer {
    if !call.part(2).is_empty() {
        let cx = call.cx_or_host(&[]).await?;
        return match open(call, &cx, call.part(2)).await? {
            Some(_) => Ok(Reply::empty()),
            None => Err(Refused::NotFound),
        };
    }
    if !call.has_key() && call.bearer().is_some() {
        super::jwt::holder(call).await?;
        return Ok(Reply::empty());
    }
    call.key()?;
    let cx = call.cx(&[]).await?;
    // An old client says `username` for any login id.
    let Some(login_id) = call.query.one("loginId").or(call.query.one("username")) else {
        return Err(Refused::field("missing", "loginId", "must be given"));
    };
    match users::by_login_id(call.service(), &cx, &users::login_ids(login_id, &[])).await? {
        Some(_) => Ok(Reply::empty()),
        None => Err(Refused::NotFound),
    }
}
