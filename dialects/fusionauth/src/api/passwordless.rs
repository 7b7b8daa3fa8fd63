//! `/api/passwordless`: a code or link instead of a password.

use super::{login, not_yet};
use crate::nouns::{applications, tenants, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_service::Cx;
use doorward_service::mail::Letter;
use doorward_store::engine::Batch;
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The purpose of ids that sign in once.
pub const PURPOSE: &str = "passwordless sign-in";

/// What such an id carries.
#[derive(Serialize, Deserialize)]
pub struct Passwordless {
    /// Who signs in.
    pub user: UserId,
    /// To which application.
    pub application: ApplicationId,
    /// What is given back.
    pub state: Option<Value>,
    /// The short code that must come with it, for the mail that tells it.
    #[serde(default)]
    pub short: Option<String>,
}

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("POST", "start") => start(call).await,
        ("POST", "send") => send(call).await,
        ("POST", "login") => sign_in(call).await,
        _ => not_yet(call),
    }
}

/// Who is meant by a body, and for which application.
async fn meant(call: &Call, body: &Value) -> Result<(Cx, Option<Person>, ApplicationId), Refused> {
    let Some(application) = body.id("applicationId") else {
        return Err(Refused::field("missing", "applicationId", "must be given"));
    };
    let cx = call.cx_or_host(&[Some(application)]).await?;
    let row = applications::find(call.service(), &cx, application)
        .await
        .map_err(|_| Refused::field("doesNotExist", "applicationId", "there is no application with this id"))?;
    let kept = applications::kept(call.service(), &row).await?;
    if kept.flag("passwordlessConfiguration.enabled") != Some(true) {
        return Err(Refused::field("disabled", "applicationId", "this application has no sign-in without password"));
    }
    let Some(login_id) = body.text("loginId") else { return Err(Refused::field("blank", "loginId", "must be given")) };
    let ids = users::login_ids(login_id, &body.texts("loginIdTypes"));
    let person = users::by_login_id(call.service(), &cx, &ids).await?;
    Ok((cx, person.filter(|p| p.user.status == doorward_store::users::ACTIVE), ApplicationId(application)))
}

async fn begin(
    call: &Call,
    cx: &Cx,
    person: &Person,
    application: ApplicationId,
    body: &Value,
    typed: bool,
) -> Result<(String, Option<String>), Refused> {
    let short = typed.then(|| call.service().short_code(6));
    let seconds = tenants::seconds(call.service(), cx, "passwordlessLoginTimeToLiveInSeconds").await?;
    let carried = Passwordless { user: person.user.id, application, state: body.at("state").cloned(), short: short.clone() };
    let id = call.service().one_time_id(cx, PURPOSE, seconds, short.as_deref(), carried)?;
    Ok((id, short))
}

async fn start(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let (cx, person, application) = meant(call, &body).await?;
    let person = person.ok_or(Refused::NotFound)?;
    call.service().may_change_account(&cx, &call.actor(), person.user.id, "sign_in_code").await?;
    let typed = body.text("loginStrategy") == Some("FormField");
    let (id, short) = begin(call, &cx, &person, application, &body, typed).await?;
    let mut out = json!({ "code": id });
    if let Some(short) = short {
        crate::nouns::set(&mut out, "oneTimeCode", json!(short));
    }
    Ok(Reply::ok(out))
}

async fn mail(call: &Call, cx: &Cx, person: &Person, id: &str, short: Option<String>) -> Result<(), Refused> {
    let Some(email) = person.email() else { return Ok(()) };
    let bucket = format!("passwordless:{}", person.user.id);
    if call.service().count(cx, &bucket, 20, 3600).await?.is_err() {
        return Ok(());
    }
    let seconds = tenants::seconds(call.service(), cx, "passwordlessLoginTimeToLiveInSeconds").await?;
    let minutes = (seconds / 60).max(1);
    let letter = match short {
        Some(code) => Letter::SignInCode { code, link: None, minutes },
        None => Letter::SignInLink { link: cx.url(&format!("/oauth2/passwordless/{id}")), minutes },
    };
    let locale = person.user.profile.0.locale.clone().unwrap_or_default();
    let statement = call.service().post_to(cx, &email.value, &locale, &letter)?;
    call.service().store.commit(Batch::new().with(statement)).await?;
    Ok(())
}

async fn send(call: &Call) -> Answer {
    let body = call.body()?;
    let Some(code) = body.text("code") else {
        // The old form: it says nothing of who has an account.
        let (cx, person, application) = meant(call, &body).await?;
        if let Some(person) = person {
            // With a link: nobody is told the id that a typed code would have to come with.
            let (id, _) = begin(call, &cx, &person, application, &body, false).await?;
            mail(call, &cx, &person, &id, None).await?;
        }
        return Ok(Reply::empty());
    };
    let cx = call.cx_or_host(&[]).await?;
    let carried: Passwordless = call.service().peek_one_time_id(&cx, PURPOSE, code).await?.ok_or(Refused::NotFound)?;
    let person = users::find(call.service(), &cx, carried.user.0).await?;
    mail(call, &cx, &person, code, carried.short).await?;
    Ok(Reply::empty())
}

async fn sign_in(call: &Call) -> Answer {
    let body = call.body()?;
    let cx = call.cx_or_host(&[body.id("applicationId")]).await?;
    call.service().limits.proof(&cx.client.ip).map_err(|_| Refused::Bare(503))?;
    let Some(code) = body.text("code") else { return Err(Refused::field("blank", "code", "must be given")) };
    let opened = call.service().open_one_time_id::<Passwordless>(&cx, PURPOSE, code, body.text("oneTimeCode")).await?;
    let Ok(opened) = opened else { return Err(Refused::NotFound) };
    let person = users::find(call.service(), &cx, opened.value.user.0).await?;
    let row = applications::find(call.service(), &cx, opened.value.application.0).await?;
    let mut effects = vec![opened.spend];
    let implicit = tenants::setting(call.service(), &cx, "emailConfiguration.implicitEmailVerificationAllowed").await?;
    if implicit.and_then(|v| v.as_bool()) != Some(false)
        && let Some(email) = person.email().filter(|e| e.verified_at.is_none())
        && let Ok(address) = doorward_protocol::identity::Identifier::email(&email.value)
    {
        effects.push(doorward_store::users::verify_identifier(cx.tenant_id(), person.user.id, &address, cx.now));
    }
    let proven = login::Proven {
        person,
        application: Some(row),
        amr: vec!["otp".into()],
        origin: None,
        method: "email_code",
        effects,
        second_factor: false,
        state: opened.value.state,
    };
    login::finish(call, &cx, proven, &body).await
}
