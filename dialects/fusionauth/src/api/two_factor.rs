//! `/api/two-factor` and `/api/user/two-factor`.

use super::{jwt, login, not_yet, users as user_calls};
use crate::nouns::{applications, tenants, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::policy::SecondFactor;
use doorward_service::directory::DirectoryError;
use doorward_service::factor::{FactorError, FactorKind, NewTotp, base32, secret_of_base32};
use doorward_service::secrets::random;
use doorward_service::{Cx, Service};
use doorward_store::applications::ApplicationRow;
use doorward_store::users::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const PURPOSE: &str = "second factor due";
const STEP_UP: &str = "second factor asked for";
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

#[derive(Serialize, Deserialize)]
struct Due {
    user: UserId,
    application: Option<ApplicationId>,
    amr: Vec<String>,
    state: Option<Value>,
    /// Asked for by a program, for something else than signing in.
    step_up: bool,
}

pub async fn dispatch(call: &Call) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (call.verb, path.as_slice()) {
        ("GET", ["two-factor", "secret"]) => secret(call).await,
        ("POST", ["two-factor", "login"]) => sign_in(call).await,
        ("POST", ["two-factor", "start"]) => start(call).await,
        ("POST", ["two-factor", "send"]) => {
            call.key()?;
            Err(no_messages())
        }
        ("POST", ["two-factor", "send", _]) => Err(no_messages()),
        ("GET", ["two-factor", "status", _]) | ("POST", ["two-factor", "status"]) => status(call).await,
        ("GET", ["user", "two-factor", "recovery-code", _]) => {
            let (cx, person) = named(call, 3).await?;
            call.service().may_change_account(&cx, &call.actor(), person.user.id, "read_recovery_codes").await?;
            Ok(Reply::ok(json!({ "recoveryCodes": call.service().recovery_codes(&cx, person.user.id).await? })))
        }
        ("POST", ["user", "two-factor", "recovery-code", _]) => {
            let (cx, person) = named(call, 3).await?;
            let codes =
                call.service().new_recovery_codes(&cx, &call.actor(), person.user.id, RECOVERY_CODES).await.map_err(refused)?;
            Ok(Reply::ok(json!({ "recoveryCodes": codes })))
        }
        ("POST", ["user", "two-factor", _]) => enable(call).await,
        ("DELETE", ["user", "two-factor", _]) => disable(call).await,
        _ => not_yet(call),
    }
}

/// Codes by e-mail and telephone are no second factor here.
fn no_messages() -> Refused {
    Refused::field("invalid", "method", "only authenticator apps are a second factor on this server")
}

fn refused(error: FactorError) -> Refused {
    match error {
        FactorError::NotFound => Refused::NotFound,
        FactorError::WrongCode | FactorError::UsedCode => Refused::Bare(421),
        FactorError::Locked { .. } => Refused::Bare(423),
        FactorError::Invalid(field) => Refused::field("invalid", field, "is not one that can be taken"),
        FactorError::TooMany => Refused::field("tooMany", "method", "the user has as many as one can have"),
        FactorError::Administrator(role) => DirectoryError::Administrator { role }.into(),
        FactorError::Fault(error) => Refused::Fault(error),
    }
}

async fn named(call: &Call, n: usize) -> Result<(Cx, Person), Refused> {
    call.key()?;
    let id = call.id(n)?;
    let cx = user_calls::found(call.cx(&[Some(id)]).await)?;
    let person = users::find(call.service(), &cx, id).await?;
    Ok((cx, person))
}

/// A user's second factors as this API shows them. Secrets never.
///
/// # Errors
/// When the store fails.
pub async fn render(service: &Service, cx: &Cx, user: UserId) -> Result<Value, Refused> {
    let factors = service.list_factors(cx, user).await?;
    let methods: Vec<Value> = factors
        .totp
        .iter()
        .filter(|f| f.confirmed)
        .map(|f| {
            json!({
                "id": f.id.to_string(),
                "method": "authenticator",
                "name": f.name,
                "authenticator": { "algorithm": format!("Hmac{}", f.algorithm.as_str()), "codeLength": f.digits, "timeStep": f.period },
                "lastUsed": f.last_used_at.is_some(),
            })
        })
        .collect();
    let codes: Vec<Value> = Vec::new();
    Ok(json!({ "methods": methods, "recoveryCodes": codes }))
}

async fn secret(call: &Call) -> Answer {
    if !call.has_key() {
        jwt::holder(call).await?;
    }
    let bytes: [u8; 20] = random();
    Ok(Reply::ok(json!({ "secret": STANDARD.encode(bytes), "secretBase32Encoded": base32(&bytes) })))
}

/// Whose second factor a call is about: the one that the path names, by whoever has a key or is that person.
async fn own_or_named(call: &Call) -> Result<(Cx, Person), Refused> {
    if call.has_key() {
        return named(call, 2).await;
    }
    let (cx, person, _) = jwt::holder(call).await?;
    if call.id(2)? != person.user.id.0 {
        return Err(Refused::Unauthorized);
    }
    Ok((cx, person))
}

async fn enable(call: &Call) -> Answer {
    let (cx, person) = own_or_named(call).await?;
    let body = call.body()?;
    match body.text("method").unwrap_or("authenticator") {
        "authenticator" => {}
        _ => return Err(no_messages()),
    }
    let given = match (body.text("secretBase32Encoded"), body.text("secret")) {
        (Some(text), _) => secret_of_base32(text),
        (None, Some(text)) => STANDARD.decode(text).ok(),
        (None, None) => None,
    };
    let Some(given) = given else { return Err(Refused::field("blank", "secret", "must be given, in Base64 or Base32")) };
    let Some(code) = body.text("code") else { return Err(Refused::field("blank", "code", "must be given")) };
    let new = NewTotp { secret: Some(given), name: body.text("name").map(str::to_owned), ..Default::default() };
    let done = call.service().add_totp(&cx, &call.actor(), person.user.id, new, code).await.map_err(refused)?;
    let mut out = json!({});
    if !done.recovery_codes.is_empty() {
        crate::nouns::set(&mut out, "recoveryCodes", json!(done.recovery_codes));
    }
    Ok(Reply::ok(out))
}

async fn disable(call: &Call) -> Answer {
    let (cx, person) = own_or_named(call).await?;
    let body = call.body()?;
    let user = person.user.id;
    let code = call.query.one("code").or(body.text("code")).map(str::to_owned);
    let Some(code) = code else { return Err(Refused::field("blank", "code", "must be given")) };
    let id = call.query.id("methodId").or(body.id("methodId"));
    let factors = call.service().list_factors(&cx, user).await?;
    if id.is_some_and(|id| !factors.totp.iter().any(|f| f.id == id)) {
        return Err(Refused::field("doesNotExist", "methodId", "there is no such method"));
    }
    if let Ok(()) = call.service().verify_factor(&cx, user, &code, FactorKind::Totp).await.map(|_| ()) {
        match id {
            Some(id) => call.service().remove_factor(&cx, &call.actor(), user, id).await.map_err(refused)?,
            None => call.service().remove_all_factors(&cx, &call.actor(), user).await.map_err(refused)?,
        }
        return Ok(Reply::empty());
    }
    // A recovery code takes every method away.
    call.service().verify_factor(&cx, user, &code, FactorKind::RecoveryCode).await.map_err(refused)?;
    call.service().remove_all_factors(&cx, &call.actor(), user).await.map_err(refused)?;
    Ok(Reply::empty())
}

fn trusted(cx: &Cx, id: &str) -> Cx {
    let mut out = cx.clone();
    out.client.browser = format!("trust:{id}");
    out
}

/// Whether a second factor is due after a first one; the answer that asks for it.
///
/// # Errors
/// When the store fails.
pub async fn due(call: &Call, cx: &Cx, proven: &login::Proven, body: &Value) -> Result<Option<Value>, Refused> {
    let trust = body.text("twoFactorTrustId").map(str::to_owned).or_else(|| call.cookie("fusionauth.trust"));
    let owed = owed(call.service(), cx, proven.into(), trust.as_deref()).await?;
    Ok(owed.map(|Owed { id, methods }| {
        if methods.is_empty() {
            json!({ "twoFactorId": id, "configurableMethods": ["authenticator"] })
        } else {
            json!({ "twoFactorId": id, "methods": methods })
        }
    }))
}

/// What was proven so far.
pub struct FirstFactor<'a> {
    /// Whose it is.
    pub user: UserId,
    /// For which application.
    pub application: Option<&'a ApplicationRow>,
    /// `amr` of the proof.
    pub amr: &'a [String],
    /// What is given back.
    pub state: Option<&'a Value>,
}

impl<'a> From<&'a login::Proven> for FirstFactor<'a> {
    fn from(proven: &'a login::Proven) -> Self {
        Self {
            user: proven.person.user.id,
            application: proven.application.as_ref(),
            amr: &proven.amr,
            state: proven.state.as_ref(),
        }
    }
}

/// A second factor that is owed.
pub struct Owed {
    /// Brought back with it.
    pub id: String,
    /// What the person has; none: one must be set up.
    pub methods: Vec<Value>,
}

/// The second factor that somebody owes after a first one, if any.
///
/// # Errors
/// When the store fails.
pub async fn owed(service: &Service, cx: &Cx, first: FirstFactor<'_>, trust: Option<&str>) -> Result<Option<Owed>, Refused> {
    let asked = requirement(service, cx, first.application).await?;
    if asked == SecondFactor::Off {
        return Ok(None);
    }
    let methods = render(service, cx, first.user).await?.list("methods");
    if let Some(trust) = trust
        && service.browser_is_remembered(&trusted(cx, trust), first.user).await?
    {
        return Ok(None);
    }
    if methods.is_empty() && asked != SecondFactor::Required {
        return Ok(None);
    }
    let seconds = tenants::seconds(service, cx, "twoFactorIdTimeToLiveInSeconds").await?;
    let carried = Due {
        user: first.user,
        application: first.application.map(|a| a.id),
        amr: first.amr.to_vec(),
        state: first.state.cloned(),
        step_up: false,
    };
    Ok(Some(Owed { id: service.one_time_id(cx, PURPOSE, seconds, None, carried)?, methods }))
}

/// Who is asked for a second factor: whom the application's document names, or else the tenant's, and never fewer than our own
/// pages ask.
async fn requirement(service: &Service, cx: &Cx, application: Option<&ApplicationRow>) -> Result<SecondFactor, Refused> {
    let tenant = tenants::second_factor(service, cx).await?;
    let Some(row) = application else { return Ok(tenant) };
    let own = applications::kept(service, row).await?;
    let own = own.text(tenants::LOGIN_POLICY).and_then(tenants::requirement_of);
    let pages = cx.under(Some(row)).policy().second_factor.requirement.max(row.settings.0.second_factor.unwrap_or_default());
    Ok(own.unwrap_or(tenant).max(pages))
}

/// The id by which a program is remembered, for somebody who gave a second factor and asks for that.
///
/// # Errors
/// When the store fails.
pub async fn new_trust(call: &Call, cx: &Cx, person: &Person, body: &Value, proven: bool) -> Result<Option<String>, Refused> {
    if !proven || body.flag("trustComputer") != Some(true) {
        return Ok(None);
    }
    let id = doorward_service::secrets::token::<32>("");
    call.service().remember_browser(&trusted(cx, &id), person.user.id).await?;
    Ok(Some(id))
}

async fn sign_in(call: &Call) -> Answer {
    let body = call.body()?;
    let cx = call.cx_or_host(&[body.id("applicationId")]).await?;
    call.service().limits.proof(&cx.client.ip).map_err(|_| Refused::Bare(503))?;
    let service = call.service();
    let Some(id) = body.text("twoFactorId") else { return Err(Refused::field("blank", "twoFactorId", "must be given")) };
    let Some(code) = body.text("code") else { return Err(Refused::field("blank", "code", "must be given")) };
    let opened = match service.open_one_time_id::<Due>(&cx, PURPOSE, id, None).await? {
        Ok(opened) => opened,
        Err(_) => match service.open_one_time_id::<Due>(&cx, STEP_UP, id, None).await? {
            Ok(opened) => opened,
            Err(_) => return Err(Refused::NotFound),
        },
    };
    let due = opened.value;
    let good = service.check_factor(&cx, due.user, code, FactorKind::Any).await.map_err(refused)?;
    let person = users::find(service, &cx, due.user.0).await?;
    let application = match due.application {
        Some(id) => Some(applications::find(service, &cx, id.0).await?),
        None => None,
    };
    let mut amr = due.amr;
    amr.push("otp".into());
    amr.push("mfa".into());
    let mut effects = good.effects;
    effects.push(opened.spend);
    let proven =
        login::Proven { person, application, amr, origin: None, method: "totp", effects, second_factor: true, state: due.state };
    let mut reply = login::finish(call, &cx, proven, &body).await?;
    if due.step_up
        && let Some(out) = &mut reply.body
    {
        let seconds = tenants::seconds(service, &cx, "trustTokenTimeToLiveInSeconds").await?;
        let token = service.one_time_id(&cx, "trust token", seconds, None, due.user)?;
        crate::nouns::set(out, "trustToken", json!(token));
    }
    Ok(reply)
}

async fn start(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let cx = call.cx(&[body.id("applicationId"), body.id("userId")]).await?;
    let service = call.service();
    let person = match (body.id("userId"), body.text("loginId")) {
        (Some(id), _) => users::find(service, &cx, id).await?,
        (None, Some(login_id)) => {
            users::by_login_id(service, &cx, &users::login_ids(login_id, &[])).await?.ok_or(Refused::NotFound)?
        }
        (None, None) => return Err(Refused::field("blank", "userId", "a user must be named")),
    };
    let methods = render(service, &cx, person.user.id).await?.list("methods");
    if methods.is_empty() {
        return Err(Refused::field("missing", "userId", "this user has no second factor"));
    }
    let application = login::application(call, &cx, &body).await?.map(|a| a.id);
    let seconds = tenants::seconds(service, &cx, "twoFactorIdTimeToLiveInSeconds").await?;
    let carried = Due { user: person.user.id, application, amr: Vec::new(), state: body.at("state").cloned(), step_up: true };
    let id = service.one_time_id(&cx, STEP_UP, seconds, None, carried)?;
    Ok(Reply::ok(json!({ "twoFactorId": id, "methods": methods })))
}

async fn status(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let pick = |name: &str| call.query.id(name).or_else(|| body.id(name));
    let Some(user) = pick("userId") else { return Err(Refused::field("missing", "userId", "must be given")) };
    let cx = user_calls::found(call.cx(&[Some(user), pick("applicationId")]).await)?;
    let person = users::find(call.service(), &cx, user).await?;
    let trust = if call.part(2).is_empty() { body.text("twoFactorTrustId").unwrap_or_default() } else { call.part(2) };
    let has = !render(call.service(), &cx, person.user.id).await?.list("methods").is_empty();
    let remembered = call.service().browser_is_remembered(&trusted(&cx, trust), person.user.id).await?;
    let out = json!({ "trusts": [], "twoFactorTrustId": trust });
    Ok(Reply::with(if has && !remembered { 242 } else { 200 }, out))
}
