//! `/api/status`, `/api/health`, `/api/system`, `/api/system-configuration`, `/api/reactor`.

use super::not_yet;
use crate::ids::NAMESPACE;
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, strip_nulls};
use doorward_service::directory::Extension;
use doorward_service::{Cx, Service};
use serde_json::{Value, json};

/// The version of the vendor's API that newer clients are content with.
const VERSION: &str = "1.69.0";
const KEY: &str = "system configuration";

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(0), call.part(1)) {
        ("GET", "status", "") => status(call).await,
        ("GET", "health", "") => match call.service().store.tenants(None, 1).await {
            Ok(_) => Ok(Reply::empty()),
            Err(_) => Err(Refused::Bare(500)),
        },
        ("GET", "system", "version") => {
            call.key()?;
            Ok(Reply::ok(json!({ "version": VERSION })))
        }
        ("GET", "system", "reindex") => {
            call.key()?;
            // Nothing is running: there is no index beside the directory.
            Err(Refused::NotFound)
        }
        ("POST", "system", "reindex") => {
            call.key()?;
            Ok(Reply::bare(202))
        }
        ("GET", "system-configuration", "") => {
            call.key()?;
            Ok(Reply::ok(json!({ "systemConfiguration": configuration(call).await? })))
        }
        ("PUT" | "PATCH", "system-configuration", "") => change(call).await,
        ("GET", "reactor", "") => {
            call.key()?;
            let on = "ACTIVE";
            Ok(Reply::ok(json!({ "status": {
                "advancedIdentityProviders": on, "advancedLambdas": on, "advancedMultiFactorAuthentication": on,
                "advancedRegistration": on, "applicationMultiFactorAuthentication": on, "applicationThemes": on,
                "breachedPasswordDetection": on, "connectors": on, "entityManagement": on, "expiration": "2099-12-31",
                "licensed": true, "scimServer": on, "threatDetection": on, "webAuthn": on,
                "webAuthnPlatformAuthenticators": on, "webAuthnRoamingAuthenticators": on,
            } })))
        }
        _ => not_yet(call),
    }
}

async fn status(call: &Call) -> Answer {
    if call.service().store.tenants(None, 1).await.is_err() {
        return Err(Refused::With(452, json!({ "status": "down" })));
    }
    if call.has_key() {
        return Ok(Reply::ok(json!({ "status": "up", "version": VERSION, "database": "up" })));
    }
    Ok(Reply::ok(json!({ "status": "up" })))
}

fn defaults() -> Value {
    let retention = json!({ "delete": { "enabled": false, "numberOfDaysToRetain": 365 } });
    json!({
        "auditLogConfiguration": retention,
        "eventLogConfiguration": { "numberToRetain": 10000 },
        "loginRecordConfiguration": retention,
        "webhookEventLogConfiguration": { "delete": { "enabled": true, "numberOfDaysToRetain": 30 } },
        "corsConfiguration": {
            "allowCredentials": false, "allowedHeaders": [], "allowedMethods": [], "allowedOrigins": [], "debug": false,
            "enabled": false, "exposedHeaders": [], "preflightMaxAgeInSeconds": 0,
        },
        "data": {},
        "reportTimezone": "UTC",
        "trustedProxyConfiguration": { "trustPolicy": "OnlyConfigured", "trusted": [] },
        "uiConfiguration": {},
        "usageDataConfiguration": { "enabled": false },
    })
}

/// What the configuration of the system says about pages of other origins.
///
/// # Errors
/// When the store fails.
pub async fn cors_settings(service: &Service, host: &Cx) -> Result<Value, Refused> {
    let tenant = host.tenant_id();
    let kept = service.store.extension(tenant, NAMESPACE, tenant.0, KEY).await?;
    Ok(kept.and_then(|kept| kept.at("corsConfiguration").cloned()).unwrap_or_default())
}

async fn configuration(call: &Call) -> Result<Value, Refused> {
    let mut out = defaults();
    let tenant = call.host.tenant_id();
    if let Some(kept) = call.service().store.extension(tenant, NAMESPACE, tenant.0, KEY).await? {
        crate::nouns::lay_over(&mut out, &kept);
    }
    strip_nulls(&mut out);
    Ok(out)
}

async fn change(call: &Call) -> Answer {
    let key = call.key()?;
    if key.tenant_id.is_some() {
        return Err(Refused::Unauthorized);
    }
    let mut after = if call.verb == "PATCH" {
        let before = configuration(call).await?;
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "systemConfiguration": before }))?;
        after.get("systemConfiguration").cloned().unwrap_or_default()
    } else {
        let mut wanted = defaults();
        crate::nouns::lay_over(&mut wanted, &call.wrapped("systemConfiguration")?.0);
        wanted
    };
    for list in ["allowedHeaders", "allowedMethods", "allowedOrigins", "exposedHeaders"] {
        let path = format!("corsConfiguration.{list}");
        if after.at(&path).is_some_and(|v| !v.is_array()) {
            return Err(Refused::field("couldNotConvert", &format!("systemConfiguration.{path}"), "must be a list"));
        }
    }
    crate::nouns::set(&mut after, "lastUpdateInstant", json!(call.host.now.0));
    strip_nulls(&mut after);
    let tenant = call.host.tenant_id();
    let kept = Extension { namespace: NAMESPACE, key: KEY, document: after.clone() };
    call.service().keep_document(&call.host, tenant.0, &kept).await?;
    Ok(Reply::ok(json!({ "systemConfiguration": after })))
}
