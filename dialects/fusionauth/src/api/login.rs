//! `/api/login` and `/api/logout`: what comes of a proof, as the vendor's statuses.

use super::{jwt, not_yet, passwords, user_actions, users as user_calls, verification};
use crate::nouns::{applications, registrations, tenants, users};
use crate::wire::{Answer, Call, Doc, Errors, Refused, Reply};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_service::Cx;
use doorward_service::oauth::token::direct::{API, DirectGrant};
use doorward_service::signin::{DirectSignIn, Standing};
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Statement;
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The purpose of ids that sign in once after a password was set.
pub const ONE_TIME_PASSWORD: &str = "one-time password";

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(0), call.part(1)) {
        ("POST", "login", "") => password(call).await,
        ("PUT", "login", _) => ping(call).await,
        ("POST", "logout", "") => log_out(call).await,
        _ => not_yet(call),
    }
}

/// Somebody who proved who they are, by whatever method.
pub struct Proven {
    /// Who.
    pub person: Person,
    /// For which application.
    pub application: Option<ApplicationRow>,
    /// `amr` of the proof.
    pub amr: Vec<String>,
    /// How it came about, where `amr` does not tell it.
    pub origin: Option<&'static str>,
    /// The word for the audit log.
    pub method: &'static str,
    /// What is committed with it.
    pub effects: Vec<Statement>,
    /// A second factor was proven too, or is remembered.
    pub second_factor: bool,
    /// What is given back.
    pub state: Option<Value>,
}

/// The application that a body names.
///
/// # Errors
/// 400 when there is none with that id.
pub async fn application(call: &Call, cx: &Cx, body: &Value) -> Result<Option<ApplicationRow>, Refused> {
    let Some(id) = body.id("applicationId") else { return Ok(None) };
    match applications::find(call.service(), cx, id).await {
        Ok(row) if row.enabled => Ok(Some(row)),
        _ => Err(Refused::field("doesNotExist", "applicationId", "there is no application with this id")),
    }
}

/// What an application keeps that only this accent reads.
///
/// # Errors
/// When the store fails.
pub async fn application_kept(service: &doorward_service::Service, row: &ApplicationRow) -> Result<Value, Refused> {
    applications::kept(service, row).await
}

/// Whether this login must come with a key.
async fn check_key(call: &Call, cx: &Cx, application: Option<&ApplicationRow>) -> Result<(), Refused> {
    if call.key_if_sent()?.is_some() {
        return Ok(());
    }
    let needed = match application {
        Some(row) => applications::kept(call.service(), row).await?.flag("loginConfiguration.requireAuthentication"),
        None => tenants::setting(call.service(), cx, "loginConfiguration.requireAuthentication").await?.and_then(|v| v.as_bool()),
    };
    if needed.unwrap_or(true) { Err(Refused::Unauthorized) } else { Ok(()) }
}

/// What a one-time password carries.
#[derive(Serialize, Deserialize)]
pub struct OneTimePassword {
    /// Whose.
    pub user: UserId,
}

async fn password(call: &Call) -> Answer {
    let body = call.body()?;
    let cx = call.cx_or_host(&[body.id("applicationId")]).await?;
    call.service().limits.proof(&cx.client.ip).map_err(|_| Refused::Bare(503))?;
    let application = application(call, &cx, &body).await?;
    check_key(call, &cx, application.as_ref()).await?;
    let service = call.service();
    if let Some(id) = body.text("oneTimePassword") {
        let opened = service.open_one_time_id::<OneTimePassword>(&cx, ONE_TIME_PASSWORD, id, None).await?;
        let Ok(opened) = opened else { return Err(Refused::NotFound) };
        let person = users::find(service, &cx, opened.value.user.0).await?;
        let proven = Proven {
            person,
            application,
            amr: vec!["pwd".into()],
            origin: Some("one_time_password"),
            method: "password",
            effects: vec![opened.spend],
            second_factor: false,
            state: None,
        };
        return finish(call, &cx, proven, &body).await;
    }
    let mut errors = Errors::default();
    for needed in ["loginId", "password"] {
        if body.text(needed).is_none() {
            errors.add("blank", needed, "must be given");
        }
    }
    errors.finish()?;
    let ids = users::login_ids(body.text("loginId").unwrap_or_default(), &body.texts("loginIdTypes"));
    let plain = body.text("password").unwrap_or_default();
    let id = application.as_ref().map(|a| a.id);
    match service.check_password_directly(&cx, &ids, plain, id).await? {
        DirectSignIn::Wrong => Err(Refused::NotFound),
        DirectSignIn::Locked(_) => Err(Refused::Bare(423)),
        DirectSignIn::Right { person, proof, effects } => {
            let proven = Proven {
                person: *person,
                application,
                amr: doorward_protocol::session::amr(&[proof]).into_iter().map(str::to_owned).collect(),
                origin: None,
                method: "password",
                effects,
                second_factor: false,
                state: body.at("state").cloned(),
            };
            finish(call, &cx, proven, &body).await
        }
    }
}

/// What comes of a proof: tokens, or what is still in the way.
///
/// # Errors
/// The vendor's statuses for what cannot be helped.
pub async fn finish(call: &Call, cx: &Cx, proven: Proven, body: &Value) -> Answer {
    let service = call.service();
    let person = &proven.person;
    let id = proven.application.as_ref().map(|a| a.id);
    let refuse = |cause: &'static str, effects: Vec<Statement>| service.refuse_directly(cx, person.user.id, id, cause, effects);
    match service.standing(cx, person).await? {
        Standing::Good => {}
        Standing::Blocked => {
            refuse("account_blocked", proven.effects).await?;
            return Err(Refused::NotFound);
        }
        Standing::Expired => {
            refuse("account_expired", proven.effects).await?;
            return Err(Refused::Bare(410));
        }
        Standing::Suspended => {
            refuse("sanctioned", proven.effects).await?;
            return Err(Refused::With(409, user_actions::preventing(call, cx, person.user.id).await?));
        }
        Standing::ChangePassword(reason) => {
            refuse("password_must_change", proven.effects).await?;
            let change = passwords::begin(service, cx, person, proven.state.clone()).await?;
            let mut out = json!({ "changePasswordId": change, "changePasswordReason": users::reason_word(&reason) });
            put_state(&mut out, proven.state.as_ref());
            return Ok(Reply::with(203, out));
        }
    }
    if !proven.second_factor
        && let Some(challenge) = super::second_factor_due(call, cx, &proven, body).await?
    {
        refuse("second_factor_due", proven.effects).await?;
        return Ok(Reply::with(242, challenge));
    }
    let user = users::render(service, cx, person).await?;
    let must_verify = tenants::setting(service, cx, "emailConfiguration.verifyEmail").await?.and_then(|v| v.as_bool());
    if must_verify == Some(true) && person.email().is_some_and(|e| e.verified_at.is_none()) {
        refuse("address_not_proven", proven.effects).await?;
        let begun = verification::begin(call, cx, person, false).await?;
        let (token, expires) = user_calls::token_of(call, cx, person, "password").await?;
        let out = json!({ "user": user, "token": token, "tokenExpirationInstant": expires, "emailVerificationId": begun.id });
        return Ok(Reply::with(212, out));
    }
    let member = match id {
        Some(id) => service.get_member(cx, person.user.id, id).await.ok(),
        None => None,
    };
    let kept = match &proven.application {
        Some(row) => applications::kept(service, row).await?,
        None => Value::Null,
    };
    if let Some(member) = &member
        && kept.flag("verifyRegistration") == Some(true)
        && registrations::render(member).flag("verified") == Some(false)
    {
        refuse("registration_not_proven", proven.effects).await?;
        let begun = verification::begin_registration(call, cx, person, member.row.application_id).await?;
        return Ok(Reply::with(213, json!({ "user": user, "registrationVerificationId": begun.id })));
    }
    let registered = id.is_none() || member.is_some();
    let status = if registered { 200 } else { 202 };
    let mut effects = proven.effects;
    effects.extend(service.sign_in_records(cx, person.user.id, id, proven.method));
    let refresh = registered && kept.flag("loginConfiguration.generateRefreshTokens") == Some(true);
    let lifetime = tenants::setting(service, cx, "jwtConfiguration.timeToLiveInSeconds").await?;
    let direct = DirectGrant {
        grant_type: API,
        session: None,
        application: proven.application.as_ref().filter(|_| registered || id.is_some()),
        accent: Accent::Fusionauth,
        person,
        terms: GrantTerms {
            scope: if refresh { vec!["offline_access".into()] } else { Vec::new() },
            auth_time: cx.now.seconds(),
            amr: proven.amr,
            origin: proven.origin.map(str::to_owned),
            ..Default::default()
        },
        refresh,
        lifetime: lifetime.and_then(|v| v.as_i64()).unwrap_or(3600).clamp(60, 30 * 86_400),
        effects: effects.into(),
    };
    let given = match service.grant_directly(cx, direct).await {
        Ok(given) => given,
        // Used a moment ago by another call, or blocked meanwhile.
        Err(doorward_service::Error::Store(error)) if error.is_unique("spent") || error.is_guard("user.not_active") => {
            return Err(Refused::NotFound);
        }
        Err(error) => return Err(error.into()),
    };
    let person = users::find(service, cx, person.user.id.0).await?;
    let mut out = json!({ "user": users::render(service, cx, &person).await? });
    put_state(&mut out, proven.state.as_ref());
    let mut reply_cookies = Vec::new();
    if body.flag("noJWT") != Some(true) {
        let tokens = &given.tokens;
        crate::nouns::set(&mut out, "token", json!(tokens.access_token));
        crate::nouns::set(&mut out, "tokenExpirationInstant", json!(cx.now.plus_seconds(tokens.expires_in).0));
        reply_cookies.push(cookie(call, "access_token", &tokens.access_token, None));
        if let Some(text) = &tokens.refresh_token {
            crate::nouns::set(&mut out, "refreshToken", json!(text));
            crate::nouns::set(&mut out, "refreshTokenId", json!(given.grant.to_string()));
            reply_cookies.push(cookie(call, "refresh_token", text, Some(30 * 86_400)));
        }
    }
    if let Some(trust) = super::new_trust(call, cx, &person, body, proven.second_factor).await? {
        crate::nouns::set(&mut out, "twoFactorTrustId", json!(trust));
        reply_cookies.push(cookie(call, "fusionauth.trust", &trust, Some(30 * 86_400)));
    }
    let mut reply = Reply::with(status, out);
    reply.cookies = reply_cookies;
    Ok(reply)
}

fn put_state(out: &mut Value, state: Option<&Value>) {
    if let Some(state) = state {
        crate::nouns::set(out, "state", state.clone());
    }
}

/// A cookie of this API: for the program's own host, not readable by scripts.
pub fn cookie(call: &Call, name: &str, value: &str, seconds: Option<i64>) -> String {
    let age = seconds.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let secure = if call.secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}")
}

async fn ping(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let user = if call.part(1).is_empty() { body.id("userId").unwrap_or_default() } else { call.id(1)? };
    let application = if call.part(2).is_empty() { body.id("applicationId").unwrap_or_default() } else { call.id(2)? };
    let cx = user_calls::found(call.cx(&[Some(user), Some(application)]).await)?;
    let person = users::find(call.service(), &cx, user).await?;
    call.service().may_change_account(&cx, &call.actor(), person.user.id, "sign_in").await?;
    let row = applications::find(call.service(), &cx, application).await?;
    let proven = Proven {
        person,
        application: Some(row),
        amr: Vec::new(),
        origin: Some("ping"),
        method: "ping",
        effects: Vec::new(),
        second_factor: true,
        state: None,
    };
    finish(call, &cx, proven, &body).await
}

async fn log_out(call: &Call) -> Answer {
    let body = call.body()?;
    let flag = call.query.flag("global") || body.flag("global").unwrap_or(false);
    let token =
        body.text("refreshToken").or(call.query.one("refreshToken")).map(str::to_owned).or_else(|| call.cookie("refresh_token"));
    if let Some(token) = token
        && let Some(tenant) = call.service().tenant_of_refresh_token(&token).await?
    {
        let cx = call.cx_of(tenant).await?;
        if let Some(family) = call.service().find_refresh_token(&cx, &token).await? {
            let families = if flag {
                call.service().store.refresh_families(cx.tenant_id(), family.user_id, cx.now).await?
            } else {
                vec![family.clone()]
            };
            let application: Option<ApplicationId> = (!flag).then_some(family.application_id);
            call.service().revoke_grants(&cx, &call.actor(), &families, Some(family.user_id), application, "logout").await?;
        }
    } else if flag && let Ok((cx, person, _)) = jwt::holder(call).await {
        let families = call.service().store.refresh_families(cx.tenant_id(), person.user.id, cx.now).await?;
        call.service().revoke_grants(&cx, &call.actor(), &families, Some(person.user.id), None, "logout").await?;
    }
    let mut reply = Reply::empty();
    reply.cookies = vec![cookie(call, "access_token", "", Some(0)), cookie(call, "refresh_token", "", Some(0))];
    Ok(reply)
}
