//! Applications. What means something to us becomes our settings; the rest comes back as it was given.

use super::tenants::LOGIN_POLICY;
use super::{extension, lay_over, set, tenants, unset};
use crate::ids::NAMESPACE;
use crate::wire::{Call, Doc, Errors, Refused, instant, strip_nulls};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::{Accent, ApplicationKind, ApplicationSettings, AuthMethod, Membership};
use doorward_protocol::policy::{SecondFactor, VerifyEmail};
use doorward_service::directory::ApplicationDocument;
use doorward_service::oauth::token::grants;
use doorward_service::{Cx, Service};
use doorward_store::applications::ApplicationRow;
use doorward_store::directory::RoleRow;
use serde_json::{Value, json};
use uuid::Uuid;

/// Which kind of document is kept beside an application.
pub const KEY: &str = "application";
/// Which kind of document is kept beside a role.
pub const ROLE_KEY: &str = "role";

/// The vendor's names of grants that mean something to us.
const GRANTS: &[&str] = &["authorization_code", "refresh_token", grants::DEVICE_CODE];

fn defaults() -> Value {
    let field = |enabled: bool| json!({ "enabled": enabled, "required": false });
    json!({
        "active": true,
        "state": "Active",
        "data": {},
        "verifyRegistration": false,
        "oauthConfiguration": {
            "authorizedOriginURLs": [],
            "authorizedRedirectURLs": [],
            "authorizedURLValidationPolicy": "ExactMatch",
            "clientAuthenticationPolicy": "Required",
            "consentMode": "AlwaysPrompt",
            "debug": false,
            "enabledGrants": ["authorization_code", "refresh_token"],
            "generateRefreshTokens": true,
            "logoutBehavior": "AllApplications",
            "proofKeyForCodeExchangePolicy": "NotRequired",
            "providedScopePolicy": {
                "address": field(false), "email": field(true), "phone": field(false), "profile": field(true),
            },
            "relationship": "FirstParty",
            "requireClientAuthentication": true,
            "requireRegistration": false,
            "scopeHandlingPolicy": "Compatibility",
            "unknownScopePolicy": "Allow",
        },
        "jwtConfiguration": {
            "enabled": false,
            "refreshTokenExpirationPolicy": "Fixed",
            "refreshTokenTimeToLiveInMinutes": 43200,
            "refreshTokenUsagePolicy": "Reusable",
            "refreshTokenSlidingWindowConfiguration": { "maximumTimeToLiveInMinutes": 43200 },
            "timeToLiveInSeconds": 3600,
        },
        "loginConfiguration": { "allowTokenRefresh": false, "generateRefreshTokens": false, "requireAuthentication": true },
        "passwordlessConfiguration": { "enabled": false },
        "webAuthnConfiguration": {
            "enabled": true,
            "bootstrapWorkflow": { "enabled": true },
            "reauthenticationWorkflow": { "enabled": true },
        },
        // Without a policy for logins: that of the tenant counts.
        "multiFactorConfiguration": { "trustPolicy": "Any", "email": {}, "sms": {} },
        "registrationConfiguration": {
            "enabled": false,
            "type": "basic",
            "loginIdType": "email",
            "confirmPassword": false,
            "birthDate": field(false), "firstName": field(false), "fullName": field(false), "lastName": field(false),
            "middleName": field(false), "mobilePhone": field(false), "preferredLanguages": field(false),
        },
        "registrationDeletePolicy": { "unverified": { "enabled": false, "numberOfDaysToRetain": 120 } },
        "unverified": { "behavior": "Allow" },
        "emailConfiguration": {},
        "lambdaConfiguration": {},
        "formConfiguration": {},
        "externalIdentifierConfiguration": {},
        "accessControlConfiguration": {},
        "authenticationTokenConfiguration": { "enabled": false },
        "samlv2Configuration": { "enabled": false },
        "scopes": [],
    })
}

/// A role as this API shows it.
pub fn render_role(row: &RoleRow, kept: Option<&Value>) -> Value {
    json!({
        "id": row.id.to_string(),
        "name": row.name,
        "description": if row.description.is_empty() { Value::Null } else { json!(row.description) },
        "isDefault": row.is_default,
        "isSuperRole": kept.and_then(|k| k.flag("isSuperRole")).unwrap_or(false),
        "insertInstant": instant(row.created_at),
        "lastUpdateInstant": instant(row.updated_at),
    })
}

/// An application as this API shows it; with its secret for those who hold a key.
///
/// # Errors
/// When the store fails.
pub async fn render(service: &Service, cx: &Cx, row: &ApplicationRow, secret: bool) -> Result<Value, Refused> {
    let mut out = defaults();
    if let Some(kept) = service.store.extension(row.tenant_id, NAMESPACE, row.id.0, KEY).await? {
        lay_over(&mut out, &kept);
    }
    let settings = &row.settings.0;
    set(&mut out, "id", json!(row.id.to_string()));
    set(&mut out, "tenantId", json!(row.tenant_id.to_string()));
    set(&mut out, "name", json!(row.name));
    set(&mut out, "active", json!(row.enabled));
    set(&mut out, "state", json!(if row.enabled { "Active" } else { "Inactive" }));
    set(&mut out, "insertInstant", instant(row.created_at));
    set(&mut out, "lastUpdateInstant", instant(row.updated_at));
    set(&mut out, "oauthConfiguration.clientId", json!(row.client_id));
    set(&mut out, "oauthConfiguration.authorizedRedirectURLs", json!(settings.redirect_uris));
    set(&mut out, "oauthConfiguration.authorizedOriginURLs", json!(settings.allowed_origins));
    if secret && let Some(plain) = service.reveal_application_secret(cx, row.id).await? {
        set(&mut out, "oauthConfiguration.clientSecret", json!(plain));
    }
    let roles = service.store.application_roles(row.tenant_id, row.id).await?;
    let mut shown = Vec::with_capacity(roles.len());
    for role in &roles {
        let kept = service.store.extension(row.tenant_id, NAMESPACE, role.id.0, ROLE_KEY).await?;
        shown.push(render_role(role, kept.as_ref()));
    }
    set(&mut out, "roles", json!(shown));
    strip_nulls(&mut out);
    Ok(out)
}

/// A wanted application: our settings, its secret, and what comes back as it was given.
pub struct Written {
    /// What can be set of it.
    pub document: ApplicationDocument,
    /// Its secret, when one is named.
    pub secret: Option<String>,
    /// The rest.
    pub kept: Value,
}

/// Which keys a caller may have tokens signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOf {
    /// Those of any tenant; one of another is used here too from then on.
    Server,
    /// The tenant's own: the caller is bound to it.
    Tenant,
}

impl KeysOf {
    /// Those that a call may name.
    pub fn call(call: &Call) -> Self {
        if call.bound().is_some() { Self::Tenant } else { Self::Server }
    }
}

/// Reads a wanted application. `before`: what it is so far; what has no name here stays.
///
/// # Errors
/// 400 for what is wrong.
pub async fn write(
    service: &Service,
    cx: &Cx,
    keys: KeysOf,
    before: Option<&ApplicationRow>,
    wanted: &Value,
) -> Result<Written, Refused> {
    let Some(name) = wanted.text("name") else {
        return Err(Refused::field("blank", "application.name", "must be given"));
    };
    let mut full = defaults();
    lay_over(&mut full, wanted);
    if let Some(list) = wanted.at("oauthConfiguration.enabledGrants") {
        set(&mut full, "oauthConfiguration.enabledGrants", list.clone());
    }
    if full.flag("verifyRegistration") == Some(true) && full.text("verificationEmailTemplateId").is_none() {
        return Err(Refused::field(
            "missing",
            "application.verificationEmailTemplateId",
            "must be given when registrations are verified",
        ));
    }
    if full.text(LOGIN_POLICY).is_some_and(|word| tenants::requirement_of(word).is_none()) {
        let field = format!("application.{LOGIN_POLICY}");
        return Err(Refused::field("invalid", &field, "must be Disabled, Enabled or Required"));
    }
    let mut settings = before.map(|row| row.settings.0.clone()).unwrap_or_default();
    let was = match before {
        Some(row) => kept(service, row).await?,
        None => Value::Null,
    };
    if keys == KeysOf::Tenant {
        // Those of a configuration that is switched off too: whoever switches it on may be allowed more.
        check_keys(service, cx, keys, "application", &full).await?;
    }
    translate(service, cx, keys, &was, &full, &mut settings).await?;
    let mut kept = full.clone();
    for path in ["id", "tenantId", "name", "active", "state", "insertInstant", "lastUpdateInstant", "roles"] {
        unset(&mut kept, path);
    }
    for path in ["clientId", "clientSecret", "authorizedRedirectURLs", "authorizedOriginURLs"] {
        unset(&mut kept, &format!("oauthConfiguration.{path}"));
    }
    strip_nulls(&mut kept);
    Ok(Written {
        document: ApplicationDocument { name: name.to_owned(), enabled: full.flag("active").unwrap_or(true), settings },
        secret: wanted.text("oauthConfiguration.clientSecret").map(str::to_owned),
        kept,
    })
}

/// Our settings of a whole vendor document. `was`: the document before, without its addresses; what somebody set elsewhere, and
/// this change does not name, stays.
async fn translate(
    service: &Service,
    cx: &Cx,
    keys: KeysOf,
    was: &Value,
    full: &Value,
    settings: &mut ApplicationSettings,
) -> Result<(), Refused> {
    let oauth = |name: &str| format!("oauthConfiguration.{name}");
    settings.accent = Accent::Fusionauth;
    settings.kind = ApplicationKind::Web;
    settings.first_party = full.text(&oauth("relationship")) != Some("ThirdParty");
    let returns = |redirects: &[String], logout: Option<&str>| -> Vec<String> {
        without_doubles(redirects.iter().map(String::as_str).chain(logout).map(str::to_owned).collect())
    };
    let derived = returns(&settings.redirect_uris, was.text(&oauth("logoutURL")));
    let others: Vec<String> = settings.post_logout_redirect_uris.iter().filter(|uri| !derived.contains(uri)).cloned().collect();
    settings.redirect_uris = without_doubles(full.texts(&oauth("authorizedRedirectURLs")));
    settings.allowed_origins = without_doubles(full.texts(&oauth("authorizedOriginURLs")));
    settings.post_logout_redirect_uris = returns(&settings.redirect_uris, full.text(&oauth("logoutURL")));
    settings.post_logout_redirect_uris.extend(others);
    settings.post_logout_redirect_uris = without_doubles(std::mem::take(&mut settings.post_logout_redirect_uris));
    settings.wildcard_addresses = full.text(&oauth("authorizedURLValidationPolicy")) == Some("AllowWildcards");
    // They are addresses to return to after sign-out too: what is wrong with one is said once, under the name that was sent.
    let mut errors = Errors::default();
    for (n, uri) in settings.redirect_uris.iter().enumerate() {
        if let Err(wrong) = settings.check_address(uri) {
            errors.add("invalid", &format!("application.{}[{n}]", oauth("authorizedRedirectURLs")), wrong.to_string());
        }
    }
    errors.finish()?;
    settings.grant_types = full.texts(&oauth("enabledGrants")).into_iter().filter(|g| GRANTS.contains(&g.as_str())).collect();
    settings.grant_types.dedup();
    if full.flag(&oauth("generateRefreshTokens")) == Some(false) {
        settings.grant_types.retain(|g| g != "refresh_token");
    }
    let open = match full.text(&oauth("clientAuthenticationPolicy")) {
        Some("NotRequired" | "NotRequiredWhenUsingPKCE") => true,
        Some("Required") => full.flag(&oauth("requireClientAuthentication")) == Some(false),
        _ => full.flag(&oauth("requireClientAuthentication")) == Some(false),
    };
    // A client that need not authenticate still may: its secret is kept, and checked when it is sent.
    settings.token_endpoint_auth_method = AuthMethod::ClientSecretBasic;
    settings.secret_optional = open;
    settings.require_pkce = full.text(&oauth("proofKeyForCodeExchangePolicy")) == Some("Required");
    settings.membership = match (full.flag(&oauth("requireRegistration")), full.flag("registrationConfiguration.enabled")) {
        (_, Some(true)) => Membership::Join,
        (Some(true), _) => Membership::Required,
        _ => Membership::Open,
    };
    let verify =
        tenants::setting(service, cx, "emailConfiguration.verifyEmail").await?.and_then(|v| v.as_bool()).unwrap_or(false);
    let gated = tenants::setting(service, cx, "emailConfiguration.unverified.behavior").await?;
    let gated = gated.as_ref().and_then(Value::as_str) == Some("Gated");
    let mut policy = settings.policy.take().filter(Value::is_object).unwrap_or_else(|| json!({}));
    let mut unless_set = |path: &str, same: bool, value: Value| {
        if !same || policy.at(path).is_none() {
            set(&mut policy, path, value);
        }
    };
    unless_set("password.enabled", true, json!(true));
    for (path, name, default) in [
        ("passkey.enabled", "webAuthnConfiguration.enabled", true),
        ("sign_up.enabled", "registrationConfiguration.enabled", false),
    ] {
        unless_set(path, full.flag(name) == was.flag(name), json!(full.flag(name).unwrap_or(default)));
    }
    set(&mut policy, "sign_up.verify_email", json!(if verify && gated { VerifyEmail::During } else { VerifyEmail::Later }));
    settings.policy = Some(policy);
    // What the tenant's policy asks for it asks for by itself.
    let of_tenant =
        Some(tenants::second_factor(service, cx).await?).filter(|asked| *asked > cx.policy().second_factor.requirement);
    let wanted = |document: &Value| match document.text(LOGIN_POLICY) {
        Some(word) => tenants::requirement_of(word).filter(|asked| *asked != SecondFactor::Off),
        None => of_tenant,
    };
    // Whoever must have one, since somebody else said so, goes on having to.
    let told_elsewhere = settings.second_factor == Some(SecondFactor::Required) && wanted(was) != Some(SecondFactor::Required);
    if !told_elsewhere || wanted(was) != wanted(full) {
        settings.second_factor = wanted(full);
    }
    let own = full.flag("jwtConfiguration.enabled") == Some(true);
    let tenant;
    let jwt = if own {
        full.at("jwtConfiguration").cloned().unwrap_or_default()
    } else {
        tenant = tenants::setting(service, cx, "jwtConfiguration").await?.unwrap_or_default();
        tenant
    };
    settings.access_token_lifetime_seconds = jwt.number("timeToLiveInSeconds").unwrap_or(3600).clamp(60, 30 * 86_400);
    settings.id_token_lifetime_seconds = settings.access_token_lifetime_seconds.min(86_400);
    settings.refresh.rotate = jwt.text("refreshTokenUsagePolicy") == Some("OneTimeUse");
    settings.refresh.overlap_seconds =
        jwt.number("refreshTokenOneTimeUseConfiguration.gracePeriodInSeconds").unwrap_or(0).clamp(0, 300);
    let life = jwt.number("refreshTokenTimeToLiveInMinutes").unwrap_or(43_200).saturating_mul(60).clamp(60, 3650 * 86_400);
    let most = jwt.number("refreshTokenSlidingWindowConfiguration.maximumTimeToLiveInMinutes").unwrap_or(43_200);
    settings.refresh.idle_seconds = life;
    settings.refresh.absolute_seconds = match jwt.text("refreshTokenExpirationPolicy") {
        Some("SlidingWindow") => 3650 * 86_400,
        Some("SlidingWindowWithMaximumLifetime") => most.saturating_mul(60).clamp(life, 3650 * 86_400),
        _ => life,
    };
    settings.access_token_key = key(service, cx, keys, "application", &jwt, "accessTokenKeyId").await?;
    settings.id_token_key = key(service, cx, keys, "application", &jwt, "idTokenKeyId").await?;
    Ok(())
}

fn without_doubles(all: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(all.len());
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

/// Whether a tenant's or an application's document names keys that its writer may use.
///
/// # Errors
/// 400 for a key that is not there for them.
pub async fn check_keys(service: &Service, cx: &Cx, keys: KeysOf, noun: &str, document: &Value) -> Result<(), Refused> {
    let jwt = document.at("jwtConfiguration").cloned().unwrap_or_default();
    for name in ["accessTokenKeyId", "idTokenKeyId"] {
        key(service, cx, keys, noun, &jwt, name).await?;
    }
    Ok(())
}

/// The key that a setting names: one of the tenant's, or of another tenant, which is then used here too.
async fn key(service: &Service, cx: &Cx, keys: KeysOf, noun: &str, jwt: &Value, name: &str) -> Result<Option<Uuid>, Refused> {
    let Some(id) = jwt.id(name) else { return Ok(None) };
    if crate::ids::SHADOW_KEYS.iter().any(|(shadow, _)| *shadow == id) {
        return Ok(None);
    }
    let field = format!("{noun}.jwtConfiguration.{name}");
    let found = match keys {
        KeysOf::Server => service.adopt_named_key(cx, id).await?,
        KeysOf::Tenant => service.store.named_key(cx.tenant_id(), id).await?,
    };
    match found {
        Some(row) if row.private_key.is_some() && row.public_jwk.is_some() => Ok(Some(id)),
        Some(_) => Err(Refused::field("invalid", &field, "this key cannot sign tokens")),
        None => {
            let own = service.store.signing_keys(cx.tenant_id()).await?;
            if own.iter().any(|row| super::keys::own_id(row) == id) {
                return Ok(None);
            }
            Err(Refused::Invalid(Errors::field("doesNotExist", &field, "there is no key with this id")))
        }
    }
}

/// Applications that take their lifetimes and rules from their tenant follow a change of it.
///
/// # Errors
/// When the store fails.
pub async fn follow_tenant(service: &Service, cx: &Cx, keys: KeysOf, actor: &str) -> Result<(), Refused> {
    for row in all(service, cx).await? {
        let Some(kept) = service.store.extension(row.tenant_id, NAMESPACE, row.id.0, KEY).await? else { continue };
        let mut full = kept.clone();
        set(&mut full, "oauthConfiguration.authorizedRedirectURLs", json!(row.settings.0.redirect_uris));
        set(&mut full, "oauthConfiguration.authorizedOriginURLs", json!(row.settings.0.allowed_origins));
        let mut settings = row.settings.0.clone();
        translate(service, cx, keys, &kept, &full, &mut settings).await?;
        if settings != row.settings.0 {
            let document = ApplicationDocument { name: row.name.clone(), enabled: row.enabled, settings };
            service
                .put_application(cx, actor, row.id, document, None, Some(&extension(KEY, kept)))
                .await
                .map_err(Refused::about("application", NAMES))?;
        }
    }
    Ok(())
}

/// The applications of this accent in a tenant, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn all(service: &Service, cx: &Cx) -> Result<Vec<ApplicationRow>, Refused> {
    let mut out = Vec::new();
    let mut after = None;
    loop {
        let page = service.store.applications(cx.tenant_id(), after, 500).await?;
        out.extend(page.items.into_iter().filter(|a| a.settings.0.accent == Accent::Fusionauth));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    out.sort_by_key(|a| (a.created_at, a.id));
    Ok(out)
}

/// An application of this accent.
///
/// # Errors
/// [`Refused::NotFound`].
pub async fn find(service: &Service, cx: &Cx, id: Uuid) -> Result<ApplicationRow, Refused> {
    let row = service.store.application(cx.tenant_id(), ApplicationId(id)).await?;
    row.filter(|a| a.settings.0.accent == Accent::Fusionauth).ok_or(Refused::NotFound)
}

/// What an application keeps that only this accent reads.
///
/// # Errors
/// When the store fails.
pub async fn kept(service: &Service, row: &ApplicationRow) -> Result<Value, Refused> {
    let mut out = defaults();
    if let Some(kept) = service.store.extension(row.tenant_id, NAMESPACE, row.id.0, KEY).await? {
        lay_over(&mut out, &kept);
    }
    Ok(out)
}

/// Our field names and the vendor's.
pub const NAMES: &[(&str, &str)] = &[
    ("id", "applicationId"),
    ("redirect_uris", "application.oauthConfiguration.authorizedRedirectURLs"),
    ("post_logout_redirect_uris", "application.oauthConfiguration.logoutURL"),
    ("allowed_origins", "application.oauthConfiguration.authorizedOriginURLs"),
    ("client_secret", "application.oauthConfiguration.clientSecret"),
    ("client_id", "applicationId"),
    ("grant_types", "application.oauthConfiguration.enabledGrants"),
    ("access_token_lifetime_seconds", "application.jwtConfiguration.timeToLiveInSeconds"),
    ("refresh", "application.jwtConfiguration.refreshTokenTimeToLiveInMinutes"),
];
