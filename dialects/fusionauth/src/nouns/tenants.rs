//! Tenants. What means something to us is read from our policy and written there when it changes; the rest comes back as it was
//! given.

use super::{lay_over, set, unset};
use crate::ids::{BUILT_IN_CONNECTOR, DEFAULT_THEME, NAMESPACE};
use crate::wire::{Doc, Refused, instant};
use doorward_protocol::policy::{PasswordPolicy, Policy, SecondFactor, VerifyEmail};
use doorward_service::directory::TenantDocument;
use doorward_service::mail::{MailRoute, MailSecurity};
use doorward_service::{Cx, Service};
use doorward_store::tenants::TenantRow;
use serde_json::{Value, json};

/// Which kind of document is kept beside a tenant.
pub const KEY: &str = "tenant";

/// The sender of a tenant that has named none.
const NOBODYS_ADDRESS: &str = "change-me@example.com";

/// What a tenant has when nobody said otherwise.
fn defaults() -> Value {
    let generator = |length: u32, kind: &str| json!({ "length": length, "type": kind });
    let (digits, letters, bytes) =
        (generator(6, "randomDigits"), generator(6, "randomAlphaNumeric"), generator(32, "randomBytes"));
    let workflow = |enabled: bool, attachment: &str| json!({ "enabled": enabled, "authenticatorAttachmentPreference": attachment, "userVerificationRequirement": "required" });
    json!({
        "state": "Active",
        "configured": true,
        "data": {},
        "themeId": DEFAULT_THEME,
        "httpSessionMaxInactiveInterval": 3600,
        "connectorPolicies": [{ "connectorId": BUILT_IN_CONNECTOR, "domains": ["*"], "migrate": false, "data": {} }],
        "jwtConfiguration": {
            "enabled": false,
            "timeToLiveInSeconds": 3600,
            "refreshTokenTimeToLiveInMinutes": 43200,
            "refreshTokenUsagePolicy": "Reusable",
            "refreshTokenExpirationPolicy": "Fixed",
            "refreshTokenSlidingWindowConfiguration": { "maximumTimeToLiveInMinutes": 43200 },
            "refreshTokenOneTimeUseConfiguration": { "gracePeriodInSeconds": 0 },
            "refreshTokenRevocationPolicy": { "onLoginPrevented": true, "onMultiFactorEnable": false, "onOneTimeTokenReuse": false, "onPasswordChanged": true },
        },
        "passwordValidationRules": {
            "minLength": 8,
            "maxLength": 256,
            "requireMixedCase": false,
            "requireNonAlpha": false,
            "requireNumber": false,
            "validateOnLogin": false,
            "disallowUserLoginId": false,
            "rememberPreviousPasswords": { "enabled": false, "count": 1 },
            "breachDetection": { "enabled": false, "matchMode": "High", "notifyUserEmailTemplateId": null, "onLogin": "Off" },
        },
        "passwordEncryptionConfiguration": {
            "encryptionScheme": "salted-pbkdf2-hmac-sha256",
            "encryptionSchemeFactor": 24000,
            "modifyEncryptionSchemeOnLogin": true,
        },
        "emailConfiguration": {
            "host": "localhost",
            "port": 25,
            "security": "NONE",
            "defaultFromEmail": NOBODYS_ADDRESS,
            "verifyEmail": false,
            "verifyEmailWhenChanged": false,
            "verificationStrategy": "ClickableLink",
            "implicitEmailVerificationAllowed": true,
            "unverified": { "allowEmailChangeWhenGated": false, "behavior": "Allow" },
        },
        "externalIdentifierConfiguration": {
            "authorizationGrantIdTimeToLiveInSeconds": 30,
            "changePasswordIdGenerator": bytes,
            "changePasswordIdTimeToLiveInSeconds": 600,
            "deviceCodeTimeToLiveInSeconds": 1800,
            "deviceUserCodeIdGenerator": letters,
            "emailVerificationIdGenerator": bytes,
            "emailVerificationIdTimeToLiveInSeconds": 86400,
            "emailVerificationOneTimeCodeGenerator": letters,
            "externalAuthenticationIdTimeToLiveInSeconds": 300,
            "oneTimePasswordTimeToLiveInSeconds": 60,
            "passwordlessLoginGenerator": bytes,
            "passwordlessLoginOneTimeCodeGenerator": letters,
            "passwordlessLoginTimeToLiveInSeconds": 180,
            "pendingAccountLinkTimeToLiveInSeconds": 3600,
            "registrationVerificationIdGenerator": bytes,
            "registrationVerificationIdTimeToLiveInSeconds": 86400,
            "registrationVerificationOneTimeCodeGenerator": letters,
            "rememberOAuthScopeConsentChoiceTimeToLiveInSeconds": 2592000,
            "samlv2AuthNRequestIdTimeToLiveInSeconds": 300,
            "setupPasswordIdGenerator": bytes,
            "setupPasswordIdTimeToLiveInSeconds": 86400,
            "trustTokenTimeToLiveInSeconds": 180,
            "twoFactorIdTimeToLiveInSeconds": 300,
            "twoFactorOneTimeCodeIdGenerator": digits,
            "twoFactorOneTimeCodeIdTimeToLiveInSeconds": 60,
            "twoFactorTrustIdTimeToLiveInSeconds": 2592000,
            "webAuthnAuthenticationChallengeTimeToLiveInSeconds": 180,
            "webAuthnRegistrationChallengeTimeToLiveInSeconds": 180,
        },
        "failedAuthenticationConfiguration": {
            "actionCancelPolicy": { "onPasswordReset": false },
            "actionDuration": 3,
            "actionDurationUnit": "MINUTES",
            "emailUser": false,
            "resetCountInSeconds": 60,
            "tooManyAttempts": 5,
        },
        "multiFactorConfiguration": {
            "loginPolicy": "Enabled",
            "authenticator": { "algorithm": "HmacSHA1", "codeLength": 6, "enabled": true, "timeStep": 30 },
            "email": { "enabled": false },
            "sms": { "enabled": false },
        },
        "webAuthnConfiguration": {
            "enabled": true,
            "debug": false,
            "bootstrapWorkflow": workflow(true, "any"),
            "reauthenticationWorkflow": workflow(true, "platform"),
        },
        "eventConfiguration": { "events": {} },
        "usernameConfiguration": { "unique": { "enabled": false, "numberOfDigits": 5, "separator": "#", "strategy": "OnCollision" } },
        "minimumPasswordAge": { "enabled": false, "seconds": 30 },
        "maximumPasswordAge": { "enabled": false, "days": 180 },
        "loginConfiguration": { "requireAuthentication": true },
        "userDeletePolicy": { "unverified": { "enabled": false, "numberOfDaysToRetain": 120 } },
        "ssoConfiguration": { "allowAccessTokenBootstrap": false, "deviceTrustTimeToLiveInSeconds": 31536000 },
        "accessControlConfiguration": {},
        "captchaConfiguration": { "captchaMethod": "GoogleRecaptchaV3", "enabled": false, "threshold": 0.5 },
        "familyConfiguration": {
            "allowChildRegistrations": true, "deleteOrphanedAccounts": false, "deleteOrphanedAccountsDays": 30, "enabled": false,
            "maximumChildAge": 12, "minimumOwnerAge": 21, "parentEmailRequired": false,
        },
        "formConfiguration": {},
        "lambdaConfiguration": {},
        "oauthConfiguration": {},
        "phoneConfiguration": {},
        "rateLimitConfiguration": {
            "failedLogin": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
            "forgotPassword": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
            "sendEmailVerification": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
            "sendPasswordless": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
            "sendRegistrationVerification": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
            "sendTwoFactor": { "enabled": false, "limit": 5, "timePeriodInSeconds": 60 },
        },
        "registrationConfiguration": {},
        "scimServerConfiguration": { "enabled": false },
    })
}

/// The policy of a tenant that is made through this accent: passwords are a way in, as its clients expect.
pub fn fresh_policy() -> Policy {
    let mut policy = Policy::default();
    policy.password = lenient(&policy.password);
    policy.password.enabled = true;
    policy.sign_up.verify_email = VerifyEmail::Later;
    policy.lockout.window_seconds = 60;
    policy.lockout.wait_seconds = 180;
    policy.second_factor.requirement = SecondFactor::Optional;
    policy
}

/// Where a document says who is asked for a second factor.
pub const LOGIN_POLICY: &str = "multiFactorConfiguration.loginPolicy";

/// Who is asked for a second factor, by the vendor's word for it.
pub fn requirement_of(word: &str) -> Option<SecondFactor> {
    match word {
        "Disabled" => Some(SecondFactor::Off),
        "Enabled" => Some(SecondFactor::Optional),
        "Required" => Some(SecondFactor::Required),
        _ => None,
    }
}

/// Who is asked for a second factor in a tenant. One that asks nobody and was never told so here is taken at this accent's
/// default: whoever has one is asked.
fn asked_for(cx: &Cx, kept: &Value) -> SecondFactor {
    match cx.policy().second_factor.requirement {
        SecondFactor::Off if kept.text(LOGIN_POLICY) != Some("Disabled") => SecondFactor::Optional,
        set => set,
    }
}

/// Who is asked for a second factor at a tenant's applications that say nothing of it.
///
/// # Errors
/// When the store fails.
pub async fn second_factor(service: &Service, cx: &Cx) -> Result<SecondFactor, Refused> {
    let kept = service.store.extension(cx.tenant_id(), NAMESPACE, cx.tenant_id().0, KEY).await?;
    Ok(asked_for(cx, &kept.unwrap_or_default()))
}

/// The rules for new passwords that clients of this accent count on, where a tenant has not set its own.
fn lenient(policy: &PasswordPolicy) -> PasswordPolicy {
    PasswordPolicy { min_length: 8, max_length: 256, min_score: 0, ..policy.clone() }
}

/// The same context, with the password rules that hold at this API: the tenant's own, or, where nobody touched them, this
/// accent's.
pub fn at_this_door(cx: &Cx) -> Cx {
    let policy = cx.policy();
    let untouched = PasswordPolicy { enabled: policy.password.enabled, ..PasswordPolicy::default() } == policy.password;
    if !untouched {
        return cx.clone();
    }
    let mut policy = policy.clone();
    policy.password = lenient(&policy.password);
    cx.with_policy(policy)
}

/// A tenant as this API shows it.
///
/// # Errors
/// When the store fails.
pub async fn render(service: &Service, cx: &Cx) -> Result<Value, Refused> {
    let row = &cx.tenant.row;
    let mut out = defaults();
    let kept = service.store.extension(row.id, NAMESPACE, row.id.0, KEY).await?.unwrap_or_default();
    if kept.is_object() {
        lay_over(&mut out, &kept);
    }
    let word = match asked_for(cx, &kept) {
        SecondFactor::Off => "Disabled",
        SecondFactor::Optional => "Enabled",
        SecondFactor::Required => "Required",
    };
    set(&mut out, LOGIN_POLICY, json!(word));
    set(&mut out, "id", json!(row.id.to_string()));
    set(&mut out, "name", json!(shown_name(row)));
    set(&mut out, "issuer", json!(cx.issuer()));
    set(&mut out, "insertInstant", instant(row.created_at));
    set(&mut out, "lastUpdateInstant", instant(row.updated_at));
    let policy = at_this_door(cx);
    let policy = policy.policy();
    set(&mut out, "passwordValidationRules.minLength", json!(policy.password.min_length));
    set(&mut out, "passwordValidationRules.maxLength", json!(policy.password.max_length));
    set(&mut out, "passwordValidationRules.requireNumber", json!(policy.password.require_number));
    set(&mut out, "passwordValidationRules.requireMixedCase", json!(policy.password.require_mixed_case));
    set(&mut out, "passwordValidationRules.requireNonAlpha", json!(policy.password.require_symbol));
    set(&mut out, "failedAuthenticationConfiguration.tooManyAttempts", json!(policy.lockout.attempts));
    set(&mut out, "failedAuthenticationConfiguration.resetCountInSeconds", json!(policy.lockout.window_seconds));
    let minutes = policy.lockout.wait_seconds % 60 == 0;
    let (unit, duration) =
        if minutes { ("MINUTES", policy.lockout.wait_seconds / 60) } else { ("SECONDS", policy.lockout.wait_seconds) };
    set(&mut out, "failedAuthenticationConfiguration.actionDuration", json!(duration));
    set(&mut out, "failedAuthenticationConfiguration.actionDurationUnit", json!(unit));
    set(&mut out, "httpSessionMaxInactiveInterval", json!(policy.session.idle_seconds));
    set(&mut out, "webAuthnConfiguration.enabled", json!(policy.passkey.enabled));
    if let Some(rp_id) = &policy.passkey.rp_id {
        set(&mut out, "webAuthnConfiguration.relyingPartyId", json!(rp_id));
    }
    set(&mut out, "webAuthnConfiguration.relyingPartyName", json!(row.name));
    crate::wire::strip_nulls(&mut out);
    Ok(out)
}

/// The first tenant is called Default by the vendor's scripts; ours may have been given another name for its pages.
fn shown_name(row: &TenantRow) -> String {
    row.name.clone()
}

/// What a change of a tenant means for ours.
pub struct Written {
    /// What can be set of it.
    pub document: TenantDocument,
    /// A new issuer.
    pub issuer: Option<String>,
    /// What comes back as it was given.
    pub kept: Value,
    /// Its mail server, where a change names one (or takes it away). A password that is not named stays.
    pub mail: Option<Option<MailRoute>>,
}

/// The fields that our policy has.
const OURS: &[&str] = &[
    "id",
    "name",
    "issuer",
    "insertInstant",
    "lastUpdateInstant",
    "passwordValidationRules.minLength",
    "passwordValidationRules.maxLength",
    "passwordValidationRules.requireNumber",
    "passwordValidationRules.requireMixedCase",
    "passwordValidationRules.requireNonAlpha",
    "failedAuthenticationConfiguration.tooManyAttempts",
    "failedAuthenticationConfiguration.resetCountInSeconds",
    "failedAuthenticationConfiguration.actionDuration",
    "failedAuthenticationConfiguration.actionDurationUnit",
    "httpSessionMaxInactiveInterval",
    "webAuthnConfiguration.enabled",
    "webAuthnConfiguration.relyingPartyId",
    "webAuthnConfiguration.relyingPartyName",
];

/// Rules for passwords that nothing here enforces: whoever switches one on is told so.
const UNENFORCED: &[&str] =
    &["passwordValidationRules.disallowUserLoginId", "passwordValidationRules.rememberPreviousPasswords.enabled"];

/// Reads a wanted tenant. Of the fields that our policy has, only those that differ from `before` are written, so that a change
/// of one thing touches no other.
///
/// # Errors
/// 400 for what is wrong.
pub fn write(mut document: TenantDocument, before: &Value, after: &Value) -> Result<Written, Refused> {
    let changed = |path: &str| after.at(path).is_some() && before.at(path) != after.at(path);
    match after.text("name") {
        Some(name) => document.name = name.to_owned(),
        None => return Err(Refused::field("blank", "tenant.name", "must be given")),
    }
    let policy = &mut document.policy;
    let rules = "passwordValidationRules";
    for path in UNENFORCED {
        if changed(path) && after.flag(path) == Some(true) {
            return Err(Refused::field("invalid", &format!("tenant.{path}"), "is not enforced here and cannot be switched on"));
        }
    }
    let ours = ["minLength", "maxLength", "requireNumber", "requireMixedCase", "requireNonAlpha"];
    if ours.iter().any(|name| changed(&format!("{rules}.{name}"))) {
        let flag = |name: &str| after.flag(&format!("{rules}.{name}")).unwrap_or(false);
        policy.password = lenient(&policy.password);
        if let Some(least) = after.number(&format!("{rules}.minLength")) {
            policy.password.min_length = u32::try_from(least.clamp(8, 128)).unwrap_or(8);
        }
        if let Some(most) = after.number(&format!("{rules}.maxLength")) {
            policy.password.max_length = u32::try_from(most.clamp(64, 1024)).unwrap_or(256);
        }
        policy.password.require_number = flag("requireNumber");
        policy.password.require_mixed_case = flag("requireMixedCase");
        policy.password.require_symbol = flag("requireNonAlpha");
    }
    let failed = "failedAuthenticationConfiguration";
    if changed(&format!("{failed}.tooManyAttempts")) {
        policy.lockout.attempts = after.number(&format!("{failed}.tooManyAttempts")).unwrap_or(5).clamp(1, 1000);
        policy.lockout.account_attempts = policy.lockout.account_attempts.max(policy.lockout.attempts);
    }
    if changed(&format!("{failed}.resetCountInSeconds")) {
        policy.lockout.window_seconds = after.number(&format!("{failed}.resetCountInSeconds")).unwrap_or(60).clamp(1, 86_400);
    }
    if changed(&format!("{failed}.actionDuration")) || changed(&format!("{failed}.actionDurationUnit")) {
        let unit = match after.text(&format!("{failed}.actionDurationUnit")) {
            Some("SECONDS") => 1,
            Some("HOURS") => 3600,
            Some("DAYS") => 86_400,
            Some("WEEKS" | "MONTHS" | "YEARS") => 7 * 86_400,
            _ => 60,
        };
        let duration = after.number(&format!("{failed}.actionDuration")).unwrap_or(3);
        policy.lockout.wait_seconds = duration.saturating_mul(unit).clamp(1, 86_400);
    }
    if changed("httpSessionMaxInactiveInterval") {
        let idle = after.number("httpSessionMaxInactiveInterval").unwrap_or(3600).clamp(60, 400 * 86_400);
        policy.session.idle_seconds = idle;
        policy.session.absolute_seconds = policy.session.absolute_seconds.max(idle);
    }
    if changed("webAuthnConfiguration.enabled") {
        policy.passkey.enabled = after.flag("webAuthnConfiguration.enabled").unwrap_or(true);
    }
    if changed("webAuthnConfiguration.relyingPartyId")
        || before.at("webAuthnConfiguration.relyingPartyId").is_some()
            && after.text("webAuthnConfiguration.relyingPartyId").is_none()
    {
        policy.passkey.rp_id = after.text("webAuthnConfiguration.relyingPartyId").map(str::to_owned);
    }
    let word = after.text(LOGIN_POLICY).unwrap_or("Enabled");
    let Some(requirement) = requirement_of(word) else {
        return Err(Refused::field("invalid", &format!("tenant.{LOGIN_POLICY}"), "must be Disabled, Enabled or Required"));
    };
    if changed(LOGIN_POLICY) {
        policy.second_factor.requirement = requirement;
    }
    let issuer = after.text("issuer").filter(|_| changed("issuer")).map(str::to_owned);
    let watched = ["host", "port", "security", "username", "password", "defaultFromEmail", "defaultFromName"];
    let mail = if watched.iter().any(|name| before.at(&mail_path(name)) != after.at(&mail_path(name))) {
        Some(mail_route(after)?)
    } else {
        None
    };
    let mut kept = after.clone();
    for path in OURS {
        unset(&mut kept, path);
    }
    // The policy says it, but for the difference between asking nobody and never having been told.
    if requirement != SecondFactor::Off {
        unset(&mut kept, LOGIN_POLICY);
    }
    // Not kept in clear text: it is in the route.
    unset(&mut kept, &mail_path("password"));
    crate::wire::strip_nulls(&mut kept);
    Ok(Written { document, issuer, kept, mail })
}

fn mail_path(name: &str) -> String {
    format!("emailConfiguration.{name}")
}

/// The mail server that a document names. The one that it has when nobody said anything is nobody's: our own settings count.
fn mail_route(document: &Value) -> Result<Option<MailRoute>, Refused> {
    let text = |name: &str| document.text(&mail_path(name)).map(str::to_owned);
    let field = |name: &str| format!("tenant.{}", mail_path(name));
    let host = text("host").unwrap_or_default();
    let port = document.number(&mail_path("port")).unwrap_or(25);
    if host.is_empty() || (host == "localhost" && port == 25 && text("username").is_none()) {
        return Ok(None);
    }
    let host_ok = host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if !host_ok {
        return Err(Refused::field("invalid", &field("host"), "must be the name of a host"));
    }
    let Some(port) = u16::try_from(port).ok().filter(|port| *port > 0) else {
        return Err(Refused::field("invalid", &field("port"), "must be between 1 and 65535"));
    };
    let security = match text("security").as_deref() {
        None | Some("NONE") => MailSecurity::None,
        Some("TLS") => MailSecurity::StartTls,
        Some("SSL") => MailSecurity::Tls,
        Some(_) => return Err(Refused::field("invalid", &field("security"), "must be NONE, SSL or TLS")),
    };
    let address = text("defaultFromEmail").filter(|address| address != NOBODYS_ADDRESS);
    if address.as_ref().is_some_and(|a| doorward_protocol::identity::Identifier::email(a).is_err()) {
        return Err(Refused::field("notEmail", &field("defaultFromEmail"), "must be an e-mail address"));
    }
    let from = address.map(|address| match text("defaultFromName") {
        Some(name) => format!("\"{}\" <{address}>", name.replace(['"', '\\', '\r', '\n'], "")),
        None => address,
    });
    Ok(Some(MailRoute { host, port, security, username: text("username"), password: text("password"), from }))
}

/// Does what a change says of a tenant's mail server.
///
/// # Errors
/// When the store fails.
pub async fn apply_mail(service: &Service, cx: &Cx, actor: &str, mail: Option<Option<MailRoute>>) -> Result<(), Refused> {
    let Some(mut route) = mail else { return Ok(()) };
    if let Some(route) = &mut route
        && route.password.is_none()
        && let Some(before) = service.mail_route(cx.tenant_id()).await?
        && before.host == route.host
        && before.username == route.username
    {
        // Nobody is shown it, so nobody can give it back. To another server it is not sent.
        route.password = before.password;
    }
    service.set_mail_route(cx, actor, route.as_ref()).await?;
    Ok(())
}

/// The document of a tenant that is about to be made.
pub fn fresh(name: &str, issuer: &str) -> Value {
    let mut out = defaults();
    set(&mut out, "name", json!(name));
    set(&mut out, "issuer", json!(issuer));
    out
}

/// A number of a tenant's settings, such as a lifetime.
///
/// # Errors
/// When the store fails.
pub async fn setting(service: &Service, cx: &Cx, path: &str) -> Result<Option<Value>, Refused> {
    let kept = service.store.extension(cx.tenant_id(), NAMESPACE, cx.tenant_id().0, KEY).await?;
    let found = kept.as_ref().and_then(|doc| doc.at(path)).cloned();
    Ok(found.or_else(|| defaults().at(path).cloned()))
}

/// The same as seconds.
///
/// # Errors
/// When the store fails.
pub async fn seconds(service: &Service, cx: &Cx, name: &str) -> Result<i64, Refused> {
    let path = format!("externalIdentifierConfiguration.{name}");
    Ok(setting(service, cx, &path).await?.and_then(|v| v.as_i64()).unwrap_or(300).clamp(1, 30 * 86_400))
}
