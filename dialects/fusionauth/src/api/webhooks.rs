//! `/api/webhook`.

use super::not_yet;
use crate::events::{ACCENT, ASKED, envelope, transaction_of};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, instant, strip_nulls, uuid_of};
use doorward_service::Cx;
use doorward_service::webhooks::WebhookDraft;
use doorward_store::webhooks::{WebhookRow, WebhookSecrets, WebhookSettings};
use serde_json::{Value, json};
use uuid::Uuid;

const NAMES: &[(&str, &str)] = &[("url", "webhook.url"), ("headers", "webhook.headers"), ("id", "webhookId")];

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET", "") => list(call, None).await,
        ("POST", "search") => list(call, Some(call.body()?)).await,
        ("GET", _) => {
            let row = named(call).await?;
            Ok(Reply::ok(json!({ "webhook": render(call, &row)? })))
        }
        ("POST", _) => create(call).await,
        ("PUT" | "PATCH", _) => change(call).await,
        ("DELETE", _) => {
            let row = named(call).await?;
            call.service().delete_webhook(&call.host, &call.actor(), row.id).await?;
            Ok(Reply::empty())
        }
        _ => not_yet(call),
    }
}

async fn named(call: &Call) -> Result<WebhookRow, Refused> {
    call.key()?;
    let row = call.service().store.webhook(call.id(1)?).await?;
    row.filter(|w| w.settings.0.accent == ACCENT && is_shown(call, w)).ok_or(Refused::NotFound)
}

/// Whether a webhook exists for this call: a key that is bound to a tenant knows those that are told of that tenant alone.
fn is_shown(call: &Call, row: &WebhookRow) -> bool {
    call.bound().is_none_or(|own| row.settings.0.tenants == [own.0])
}

fn render(call: &Call, row: &WebhookRow) -> Result<Value, Refused> {
    let settings = &row.settings.0;
    let secrets = call.service().webhook_secrets(row)?;
    let mut out = settings.extension.clone();
    crate::nouns::set(&mut out, "id", json!(row.id.to_string()));
    crate::nouns::set(&mut out, "url", json!(row.url));
    crate::nouns::set(&mut out, "global", json!(settings.tenants.is_empty()));
    crate::nouns::set(&mut out, "tenantIds", json!(settings.tenants.iter().map(Uuid::to_string).collect::<Vec<_>>()));
    crate::nouns::set(&mut out, "connectTimeout", json!(settings.connect_seconds * 1000));
    crate::nouns::set(&mut out, "readTimeout", json!(settings.read_seconds * 1000));
    crate::nouns::set(&mut out, "headers", json!(secrets.headers));
    if let Some((user, password)) = secrets.basic {
        crate::nouns::set(&mut out, "httpAuthenticationUsername", json!(user));
        crate::nouns::set(&mut out, "httpAuthenticationPassword", json!(password));
    }
    crate::nouns::set(&mut out, "insertInstant", instant(row.created_at));
    crate::nouns::set(&mut out, "lastUpdateInstant", instant(row.updated_at));
    if out.at("data").is_none() {
        crate::nouns::set(&mut out, "data", json!({}));
    }
    strip_nulls(&mut out);
    Ok(out)
}

async fn list(call: &Call, search: Option<Value>) -> Answer {
    call.key()?;
    let mut rows = call.service().list_webhooks(ACCENT).await?;
    rows.retain(|row| is_shown(call, row));
    let all = rows.iter().map(|row| render(call, row)).collect::<Result<Vec<_>, _>>()?;
    match search {
        None => Ok(Reply::ok(json!({ "webhooks": all }))),
        Some(body) => {
            let url = body.text("search.url").map(|u| u.trim_matches('*').to_lowercase());
            let found: Vec<Value> = all
                .into_iter()
                .filter(|w| url.as_ref().is_none_or(|u| w.text("url").is_some_and(|have| have.to_lowercase().contains(u))))
                .collect();
            Ok(Reply::ok(json!({ "total": found.len(), "webhooks": found })))
        }
    }
}

async fn draft(call: &Call, id: Uuid, wanted: &Value) -> Result<WebhookDraft, Refused> {
    let Some(url) = wanted.text("url") else { return Err(Refused::field("blank", "webhook.url", "must be given")) };
    let mut tenants: Vec<Uuid> = wanted.list("tenantIds").iter().filter_map(uuid_of).collect();
    let bound = call.bound();
    if bound.is_some() && wanted.flag("global") == Some(true) {
        return Err(Refused::field("invalid", "webhook.global", "the key of this call is bound to a tenant"));
    }
    for (n, tenant) in tenants.iter().enumerate() {
        let known = match bound {
            Some(own) => own.0 == *tenant,
            None => call.service().tenant((*tenant).into()).await?.is_some(),
        };
        if !known {
            return Err(Refused::field("doesNotExist", &format!("webhook.tenantIds[{n}]"), "there is no tenant with this id"));
        }
    }
    if let Some(own) = bound {
        tenants = vec![own.0];
    }
    let global = wanted.flag("global").unwrap_or(tenants.is_empty());
    let events: Vec<String> = match wanted.at("eventsEnabled") {
        Some(Value::Object(all)) => all.iter().filter(|(_, on)| **on == json!(true)).map(|(name, _)| name.clone()).collect(),
        _ => Vec::new(),
    };
    let mut signing_key = None;
    if wanted.flag("signatureConfiguration.enabled") == Some(true) {
        signing_key = wanted.id("signatureConfiguration.signingKeyId");
        let key = match (signing_key, bound) {
            (Some(id), Some(own)) => call.service().store.named_key(own, id).await?,
            (Some(id), None) => call.service().store.named_key_anywhere(id).await?,
            (None, _) => None,
        };
        if key.is_none_or(|k| k.private_key.is_none()) {
            return Err(Refused::field("doesNotExist", "webhook.signatureConfiguration.signingKeyId", "there is no such key"));
        }
    }
    let mut kept = wanted.clone();
    for ours in [
        "id",
        "url",
        "global",
        "tenantIds",
        "connectTimeout",
        "readTimeout",
        "headers",
        "httpAuthenticationUsername",
        "httpAuthenticationPassword",
        "insertInstant",
        "lastUpdateInstant",
    ] {
        crate::nouns::unset(&mut kept, ours);
    }
    strip_nulls(&mut kept);
    let headers = match wanted.at("headers") {
        Some(Value::Object(all)) => all.iter().filter_map(|(k, v)| v.as_str().map(|v| (k.clone(), v.to_owned()))).collect(),
        _ => Default::default(),
    };
    let basic = wanted
        .text("httpAuthenticationUsername")
        .map(|user| (user.to_owned(), wanted.text("httpAuthenticationPassword").unwrap_or_default().to_owned()));
    let seconds = |name: &str| u64::try_from(wanted.number(name).unwrap_or(5000).clamp(1000, 30_000) / 1000).unwrap_or(5);
    Ok(WebhookDraft {
        id,
        url: url.to_owned(),
        settings: WebhookSettings {
            accent: ACCENT.into(),
            tenants: if global { Vec::new() } else { tenants },
            // Nothing switched on: nothing is told, which an empty list would not say.
            events: if events.is_empty() { vec!["none".into()] } else { events },
            connect_seconds: seconds("connectTimeout"),
            read_seconds: seconds("readTimeout"),
            signing_key,
            extension: kept,
        },
        secrets: WebhookSecrets { headers, basic },
    })
}

async fn create(call: &Call) -> Answer {
    call.key()?;
    let (wanted, _) = call.wrapped("webhook")?;
    let id = match call.new_id(1, "webhookId")? {
        Some(id) => id,
        None => wanted.id("id").unwrap_or_else(crate::ids::fresh),
    };
    if call.service().store.webhook(id).await?.is_some() {
        return Err(Refused::field("duplicate", "webhookId", "a webhook with this id exists"));
    }
    put(call, id, &wanted).await
}

async fn change(call: &Call) -> Answer {
    let row = named(call).await?;
    let wanted = if call.verb == "PATCH" {
        let before = render(call, &row)?;
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ "webhook": before }))?;
        after.get("webhook").cloned().unwrap_or_default()
    } else {
        call.wrapped("webhook")?.0
    };
    put(call, row.id, &wanted).await
}

async fn put(call: &Call, id: Uuid, wanted: &Value) -> Answer {
    let draft = draft(call, id, wanted).await?;
    let row = call.service().put_webhook(&call.host, &call.actor(), draft).await.map_err(Refused::about("webhook", NAMES))?;
    Ok(Reply::ok(json!({ "webhook": render(call, &row)? })))
}

/// Asks the webhooks that may object whether something may happen.
///
/// # Errors
/// 504 when too many of them object.
pub async fn ask(call: &Call, cx: &Cx, event: &str, facts: Value) -> Result<(), Refused> {
    debug_assert!(ASKED.contains(&event), "{event} is told as if nobody had been asked");
    let service = call.service();
    let Some(transaction) = transaction_of(service, cx, event).await? else { return Ok(()) };
    let body = envelope(cx, event, &call.host.client, facts);
    let (heard, failed) = service.ask_webhooks(cx, ACCENT, event, &body).await?;
    if !transaction.is_met(heard.asked, heard.agreed) {
        let words = format!("{} of {} webhooks agreed to {event}", heard.agreed, heard.asked);
        return Err(Refused::With(504, crate::wire::Errors::general("[WebhookTransactionException]", words).body()));
    }
    service.tell_again(cx, &failed, event, &body).await?;
    Ok(())
}
