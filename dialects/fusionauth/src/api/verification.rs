//! `/api/user/verify-email` and `/api/user/verify-registration`.

use super::not_yet;
use crate::nouns::{registrations, tenants, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_service::Cx;
use doorward_service::mail::Letter;
use doorward_service::one_time::OneTimeError;
use doorward_store::engine::Batch;
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The purpose of ids that prove an address.
pub const EMAIL: &str = "verify address";
const REGISTRATION: &str = "verify membership";

/// What the id of a verification carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// Whose.
    pub user: UserId,
    /// Which address, as compared: another one is not proven by it.
    pub address: String,
    /// Of which application, for memberships.
    pub application: Option<ApplicationId>,
}

/// A verification that was begun.
pub struct Begun {
    /// The id.
    pub id: String,
    /// The short code that must come with it, where the tenant wants one typed.
    pub code: Option<String>,
}

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("PUT", "verify-email", "") => again(call).await,
        ("POST", "verify-email", id) => verify(call, id).await,
        ("PUT", "verify-registration", "") => registration_again(call).await,
        ("POST", "verify-registration", id) => verify_registration(call, id).await,
        _ => not_yet(call),
    }
}

/// What the id of a verification carries, if it is good.
///
/// # Errors
/// When the store fails.
pub async fn open(call: &Call, cx: &Cx, id: &str) -> Result<Option<Verification>, Refused> {
    Ok(call.service().peek_one_time_id(cx, EMAIL, id).await?)
}

/// Begins the proof of somebody's address; with a mail, when that is wanted.
///
/// # Errors
/// When the store fails.
pub async fn begin(call: &Call, cx: &Cx, person: &Person, mail: bool) -> Result<Begun, Refused> {
    let service = call.service();
    let strategy = tenants::setting(service, cx, "emailConfiguration.verificationStrategy").await?;
    let typed = strategy.as_ref().and_then(|v| v.as_str()) == Some("FormField");
    let code = service.short_code(6);
    let seconds = tenants::seconds(service, cx, "emailVerificationIdTimeToLiveInSeconds").await?;
    let address = person.email().map(|e| e.normal.clone()).unwrap_or_default();
    let carried = Verification { user: person.user.id, address, application: None };
    let id = service.one_time_id(cx, EMAIL, seconds, typed.then_some(code.as_str()), carried)?;
    if mail && let Some(email) = person.email() {
        let link = (!typed).then(|| cx.url(&format!("/email/verify/{id}")));
        let letter = Letter::VerifyAddress { code: code.clone(), link, minutes: (seconds / 60).max(1) };
        let locale = person.user.profile.0.locale.clone().unwrap_or_default();
        let statement = service.post_to(cx, &email.value, &locale, &letter)?;
        service.store.commit(Batch::new().with(statement)).await?;
    }
    Ok(Begun { id, code: typed.then_some(code) })
}

/// Asks somebody by mail to prove an address that was just written and counts as unproven.
///
/// # Errors
/// When the store fails.
pub async fn begin_where_due(call: &Call, cx: &Cx, person: &Person) -> Result<Option<Begun>, Refused> {
    if person.email().is_some_and(|e| e.verified_at.is_none()) { begin(call, cx, person, true).await.map(Some) } else { Ok(None) }
}

/// Begins the proof of somebody's membership.
///
/// # Errors
/// When the store fails.
pub async fn begin_registration(call: &Call, cx: &Cx, person: &Person, application: ApplicationId) -> Result<Begun, Refused> {
    let seconds = tenants::seconds(call.service(), cx, "registrationVerificationIdTimeToLiveInSeconds").await?;
    let address = person.email().map(|e| e.normal.clone()).unwrap_or_default();
    let carried = Verification { user: person.user.id, address, application: Some(application) };
    Ok(Begun { id: call.service().one_time_id(cx, REGISTRATION, seconds, None, carried)?, code: None })
}

async fn person_of(call: &Call, cx: &Cx) -> Result<Person, Refused> {
    let Some(email) = call.query.one("email") else { return Err(Refused::field("missing", "email", "must be given")) };
    users::by_login_id(call.service(), cx, &users::login_ids(email, &["email".into()])).await?.ok_or(Refused::NotFound)
}

async fn again(call: &Call) -> Answer {
    let by_key = call.key_if_sent()?.is_some();
    let cx = call.cx_or_host(&[call.query.id("applicationId")]).await?;
    let person = match person_of(call, &cx).await {
        // Whoever has no key learns nothing of who has an account.
        Err(Refused::NotFound) if !by_key => return Ok(Reply::empty()),
        other => other?,
    };
    if by_key {
        call.service().may_change_account(&cx, &call.actor(), person.user.id, "verification_id").await?;
    }
    let mail = call.query.one("sendVerifyEmail") != Some("false");
    let bucket = format!("verify:{}", person.user.id);
    let allowed = call.service().count(&cx, &bucket, 20, 3600).await?.is_ok();
    let begun = begin(call, &cx, &person, mail && allowed).await?;
    if !by_key {
        return Ok(Reply::empty());
    }
    let mut out = json!({ "verificationId": begun.id });
    if let Some(code) = begun.code {
        crate::nouns::set(&mut out, "oneTimeCode", json!(code));
    }
    Ok(Reply::ok(out))
}

async fn verify(call: &Call, id: &str) -> Answer {
    let body = call.body()?;
    let service = call.service();
    let names: &'static [(&'static str, &'static str)] = &[];
    if let Some(user) = body.id("userId") {
        // An administrator's word.
        call.key()?;
        let cx = super::users::found(call.cx(&[Some(user)]).await)?;
        let person = users::find(service, &cx, user).await?;
        if let Some(email) = person.email() {
            service
                .change_identifier(&cx, &call.actor(), person.user.id, email.id, Some(true), false)
                .await
                .map_err(Refused::about("user", names))?;
        }
        return Ok(Reply::empty());
    }
    let id = if id.is_empty() { body.text("verificationId").unwrap_or_default() } else { id };
    let cx = call.cx_or_host(&[]).await?;
    prove_address(call, &cx, id, body.text("oneTimeCode")).await?;
    Ok(Reply::empty())
}

/// Proves the address that an id is about.
///
/// # Errors
/// 404 for an id that is not good.
pub async fn prove_address(call: &Call, cx: &Cx, id: &str, code: Option<&str>) -> Result<(), Refused> {
    let opened = call.service().open_one_time_id::<Verification>(cx, EMAIL, id, code).await?;
    let opened = match opened {
        Ok(opened) => opened,
        Err(OneTimeError::WrongCode) if code.is_some() => {
            return Err(Refused::field("invalid", "oneTimeCode", "is not the code that was sent"));
        }
        Err(_) => return Err(Refused::NotFound),
    };
    let proven = call.service().prove_address_by_id(cx, opened.value.user, &opened.value.address, opened.spend).await?;
    if proven { Ok(()) } else { Err(Refused::NotFound) }
}

async fn registration_again(call: &Call) -> Answer {
    call.key()?;
    let application = call.query.id("applicationId");
    let cx = call.cx(&[application]).await?;
    let Some(application) = application else { return Err(Refused::field("missing", "applicationId", "must be given")) };
    let person = person_of(call, &cx).await?;
    call.service().get_member(&cx, person.user.id, ApplicationId(application)).await?;
    let begun = begin_registration(call, &cx, &person, ApplicationId(application)).await?;
    Ok(Reply::ok(json!({ "verificationId": begun.id })))
}

async fn verify_registration(call: &Call, id: &str) -> Answer {
    let body = call.body()?;
    let id = if id.is_empty() { body.text("verificationId").unwrap_or_default() } else { id };
    let cx = call.cx_or_host(&[]).await?;
    let opened = call.service().open_one_time_id::<Verification>(&cx, REGISTRATION, id, None).await?;
    let Ok(opened) = opened else { return Err(Refused::NotFound) };
    let Some(application) = opened.value.application else { return Err(Refused::NotFound) };
    let user = opened.value.user;
    let member = call.service().get_member(&cx, user, application).await?;
    let mut data = registrations::render(&member);
    crate::nouns::set(&mut data, "verified", json!(true));
    crate::nouns::set(&mut data, "verifiedInstant", json!(cx.now.0));
    let written = registrations::write(call.service(), &cx, &data).await?;
    call.service().change_member(&cx, &call.actor(), user, application, None, written.data).await?;
    call.service().store.commit(Batch::new().with(opened.spend)).await?;
    Ok(Reply::empty())
}
