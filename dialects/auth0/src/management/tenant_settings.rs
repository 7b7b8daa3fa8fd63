//! `/tenants/settings`: the tenant itself.

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::kept;
use super::refused::{Answer, Refused};
use axum::Router;
use axum::routing::get;
use doorward_httpkit::App;
use doorward_store::tenants::TenantRow;
use serde_json::{Map, Value, json};

const NOUN: &str = "tenant";
/// Which kind of document is kept beside a tenant.
const KEY: &str = "tenant_settings";
const HOUR: i64 = 3600;
/// Longest session, in hours, that is shown as whole hours.
const LONGEST: i64 = 400 * 24;

/// What we call otherwise.
const NAMES: &[(&str, &str)] = &[
    ("name", "friendly_name"),
    ("brand.logo_url", "picture_url"),
    ("brand.support_url", "support_url"),
    ("post_logout_redirect_uris", "allowed_logout_urls"),
    ("policy.session.absolute_seconds", "session_lifetime"),
    ("policy.session.idle_seconds", "idle_session_lifetime"),
];

/// What a call may set and we understand.
const OURS: &[&str] = &[
    "friendly_name",
    "picture_url",
    "support_url",
    "default_audience",
    "allowed_logout_urls",
    "session_lifetime",
    "session_lifetime_in_minutes",
    "idle_session_lifetime",
    "idle_session_lifetime_in_minutes",
];

/// What comes back as it was given.
const KEPT: &[&str] = &[
    "support_email",
    "default_directory",
    "enabled_locales",
    "default_redirection_uri",
    "flags",
    "session_cookie",
    "sessions",
    "oidc_logout",
    "device_flow",
    "error_page",
    "change_password",
    "guardian_mfa_page",
    "sandbox_version",
    "sandbox_versions_available",
    "legacy_sandbox_version",
    "pushed_authorization_requests_supported",
    "default_token_quota",
    "allow_organization_name_in_authentication_api",
    "customize_mfa_in_postlogin_action",
    "acr_values_supported",
    "mtls",
    "skip_non_verifiable_callback_uri_confirmation_prompt",
    "resource_parameter_profile",
    "authorization_response_iss_parameter_supported",
    "client_id_metadata_document_supported",
    "enable_ai_guide",
    "phone_consolidated_experience",
    "dynamic_client_registration_security_mode",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
    "country_codes",
];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new().route("/tenants/settings", get(read).patch(change))
}

async fn row(call: &Call) -> Result<TenantRow, Refused> {
    call.service().store.tenant(call.cx.tenant_id()).await?.ok_or_else(|| Refused::absent(NOUN))
}

async fn shown(call: &Call, row: &TenantRow) -> Result<Value, Refused> {
    let settings = &row.settings.0;
    let session = &settings.policy.session;
    let hours = |seconds: i64| json!(((seconds + HOUR - 1) / HOUR).max(1));
    let value = json!({
        "friendly_name": row.name,
        "picture_url": settings.brand.logo_url.clone().unwrap_or_default(),
        "support_url": settings.brand.support_url.clone().unwrap_or_default(),
        "default_audience": settings.default_audience.clone().unwrap_or_default(),
        "allowed_logout_urls": settings.post_logout_redirect_uris,
        "session_lifetime": hours(session.absolute_seconds),
        "idle_session_lifetime": hours(session.idle_seconds),
    });
    let Value::Object(out) = value else { return Ok(value) };
    let mut out = kept::under(out, kept::read(call, row.id.0, KEY).await?);
    for (name, value) in [
        ("support_email", json!("")),
        ("default_directory", json!("")),
        ("enabled_locales", json!([settings.default_locale.as_deref().unwrap_or("en")])),
        ("flags", json!({})),
        ("session_cookie", json!({ "mode": "persistent" })),
        ("oidc_logout", json!({ "rp_logout_end_session_endpoint_discovery": true })),
        ("pushed_authorization_requests_supported", json!(true)),
    ] {
        out.entry(name).or_insert(value);
    }
    Ok(Value::Object(out))
}

/// What a call sets, as a merge patch on our document. An empty text takes a setting away, as `null` does.
fn translated(body: &Document) -> Result<Value, Refused> {
    let mut patch = Map::new();
    let mut brand = Map::new();
    let mut session = Map::new();
    let text = |name: &str| body.text(name).map(|text| text.filter(|t| !t.is_empty()).map_or(Value::Null, |t| json!(t)));
    if body.has("friendly_name") {
        patch.insert("name".into(), json!(body.must("friendly_name")?));
    }
    if body.has("picture_url") {
        brand.insert("logo_url".into(), text("picture_url")?);
    }
    if body.has("support_url") {
        brand.insert("support_url".into(), text("support_url")?);
    }
    if body.has("default_audience") {
        patch.insert("default_audience".into(), text("default_audience")?);
    }
    if body.has("allowed_logout_urls") {
        patch.insert("post_logout_redirect_uris".into(), json!(body.texts("allowed_logout_urls")?.unwrap_or_default()));
    }
    for (name, ours, unit) in [
        ("session_lifetime", "absolute_seconds", HOUR),
        ("session_lifetime_in_minutes", "absolute_seconds", 60),
        ("idle_session_lifetime", "idle_seconds", HOUR),
        ("idle_session_lifetime_in_minutes", "idle_seconds", 60),
    ] {
        if let Some(number) = body.number(name, 1..=LONGEST * HOUR / unit)? {
            session.insert(ours.into(), json!(number * unit));
        }
    }
    if !brand.is_empty() {
        patch.insert("brand".into(), Value::Object(brand));
    }
    if !session.is_empty() {
        patch.insert("policy".into(), json!({ "session": session }));
    }
    Ok(Value::Object(patch))
}

async fn read(caller: Caller) -> Answer {
    let call = caller.may(&["read:tenant_settings"])?;
    let row = row(&call).await?;
    Ok(call.query.one(shown(&call, &row).await?))
}

async fn change(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["update:tenant_settings"])?;
    let body = body.read()?;
    body.only(&[OURS, KEPT])?;
    let patch = translated(&body)?;
    let owner = call.cx.tenant_id().0;
    let before = kept::read(&call, owner, KEY).await?;
    let mut kept = kept::changed(before.clone(), &body, KEPT)?;
    // Flags are switched one by one.
    if let (Some(flags), Some(have)) = (body.object("flags")?, before.get("flags").and_then(Value::as_object)) {
        let mut all = have.clone();
        all.extend(flags.0);
        kept.insert("flags".into(), Value::Object(all));
    }
    let changed = call.service().patch_tenant(&call.cx, &call.actor, &patch).await.map_err(Refused::about(NOUN, NAMES))?;
    if kept != before {
        kept::write(&call, owner, KEY, kept).await?;
    }
    Ok(call.query.one(shown(&call, &changed.row).await?))
}
