//! `/api/user/action`: sanctions of ours, in the vendor's words. What an action is and why it may be taken are documents beside them
//! ([`super::stored`]).

use super::not_yet;
use super::stored::{self, REASON, USER_ACTION};
use super::users::found;
use crate::nouns::{set, users};
use crate::wire::{Answer, Call, Doc, Errors, Refused, Reply, instant, strip_nulls};
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_service::Cx;
use doorward_service::directory::NewSanction;
use doorward_store::sanctions::SanctionRow;
use serde_json::{Value, json};

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(2)) {
        ("GET", "") => list(call).await,
        ("POST", "") => take(call).await,
        ("GET", _) => {
            let (_, row) = named(call).await?;
            Ok(Reply::ok(json!({ "action": render(&row) })))
        }
        ("PUT", _) => modify(call).await,
        ("DELETE", _) => cancel(call).await,
        _ => not_yet(call),
    }
}

/// An action that was taken, as this API shows it.
fn render(row: &SanctionRow) -> Value {
    let mut out = row.detail.0.clone();
    set(&mut out, "id", json!(row.id.to_string()));
    set(&mut out, "actioneeUserId", json!(row.user_id.to_string()));
    set(&mut out, "userActionId", json!(row.kind.to_string()));
    set(&mut out, "insertInstant", instant(row.created_at));
    if let Some(end) = row.ends_at {
        set(&mut out, "expiry", instant(end));
    }
    strip_nulls(&mut out);
    out
}

/// The body of a login that actions prevent.
///
/// # Errors
/// When the store fails.
pub async fn preventing(call: &Call, cx: &Cx, user: UserId) -> Result<Value, Refused> {
    let rows = call.service().preventing_sanctions(cx, user).await?;
    let shown = rows.iter().map(|row| {
        let all = render(row);
        let mut one = json!({ "actionId": row.id.to_string() });
        for name in [
            "actionerUserId",
            "expiry",
            "localizedName",
            "localizedOption",
            "localizedReason",
            "name",
            "option",
            "reason",
            "reasonCode",
        ] {
            set(&mut one, name, all.at(name).cloned().unwrap_or_default());
        }
        strip_nulls(&mut one);
        one
    });
    Ok(json!({ "actions": shown.collect::<Vec<_>>() }))
}

async fn named(call: &Call) -> Result<(Cx, SanctionRow), Refused> {
    call.key()?;
    let id = call.id(2)?;
    let cx = found(call.cx(&[Some(id)]).await)?;
    let row = call.service().store.sanction(cx.tenant_id(), id).await?.ok_or(Refused::NotFound)?;
    Ok((cx, row))
}

async fn list(call: &Call) -> Answer {
    call.key()?;
    let Some(user) = call.query.one("userId").and_then(|id| uuid::Uuid::parse_str(id).ok()) else {
        return Err(Refused::field("missing", "userId", "must be given"));
    };
    let cx = found(call.cx(&[Some(user)]).await)?;
    let person = users::find(call.service(), &cx, user).await?;
    let mut rows = call.service().store.sanctions(cx.tenant_id(), person.user.id).await?;
    // Whether an action of no duration is in force is a question without an answer: it is only told where nobody asks.
    if let Some(active) = call.query.one("active") {
        let active = matches!(active, "true" | "1");
        rows.retain(|row| row.ends_at.is_some() && row.lasts(cx.now) == active);
    }
    if call.query.flag("preventingLogin") {
        rows.retain(|row| row.prevents_sign_in && row.lasts(cx.now));
    }
    Ok(Reply::ok(json!({ "actions": rows.iter().map(render).collect::<Vec<_>>() })))
}

/// The word for a thing in the language of the person whom it is about.
fn localized(of: &Value, names: &str, own: &str, language: Option<&str>) -> Value {
    let language = language.map(|tag| tag.replace('-', "_"));
    let translated = language.and_then(|tag| {
        let short = tag.split('_').next().unwrap_or_default().to_owned();
        [tag, short].into_iter().find_map(|tag| of.at(names)?.get(&tag).cloned())
    });
    translated.or_else(|| of.at(own).cloned()).unwrap_or_default()
}

async fn take(call: &Call) -> Answer {
    call.key()?;
    let (wanted, _) = call.wrapped("action")?;
    let mut errors = Errors::default();
    for needed in ["actioneeUserId", "actionerUserId", "userActionId"] {
        if wanted.text(needed).is_none() {
            errors.add("missing", &format!("action.{needed}"), "must be given");
        }
    }
    errors.finish()?;
    let (actionee, actioner) = (wanted.id("actioneeUserId").unwrap_or_default(), wanted.id("actionerUserId").unwrap_or_default());
    let absent = |name: &str| Refused::field("doesNotExist", &format!("action.{name}"), "there is none with this id");
    let cx = call.cx(&[Some(actionee)]).await?;
    let service = call.service();
    let person = users::find(service, &cx, actionee).await.map_err(|_| absent("actioneeUserId"))?;
    users::find(service, &cx, actioner).await.map_err(|_| absent("actionerUserId"))?;
    let kind = wanted.id("userActionId").unwrap_or_default();
    let definition = stored::document(call, USER_ACTION, kind).await?.filter(|d| d.flag("active") != Some(false));
    let definition = definition.ok_or_else(|| absent("userActionId"))?;
    let language = person.user.profile.0.locale.as_deref();

    let temporal = definition.flag("temporal") == Some(true);
    let ends_at = match (temporal, wanted.number("expiry")) {
        (true, None) => return Err(Refused::field("missing", "action.expiry", "must be given for this action")),
        (true, Some(at)) if at <= cx.now.0 => return Err(Refused::field("invalid", "action.expiry", "is in the past")),
        (true, Some(at)) => Some(Timestamp(at)),
        (false, _) => None,
    };
    let mut detail = json!({
        "actionerUserId": actioner.to_string(),
        "applicationIds": wanted.texts("applicationIds"),
        "comment": wanted.text("comment"),
        "emailUserOnEnd": wanted.flag("emailUser").unwrap_or(false),
        "notifyUserOnEnd": wanted.flag("notifyUser").unwrap_or(false),
        "endEventSent": false,
        "name": definition.text("name"),
        "localizedName": localized(&definition, "localizedNames", "name", language),
    });
    if let Some(option) = wanted.text("option") {
        let options = definition.list("options");
        let Some(known) = options.iter().find(|one| one.text("name") == Some(option)) else {
            return Err(Refused::field("invalid", "action.option", "this action has no such option"));
        };
        set(&mut detail, "option", json!(option));
        set(&mut detail, "localizedOption", localized(known, "localizedNames", "name", language));
    }
    if let Some(reason) = wanted.id("reasonId") {
        let reason = stored::document(call, REASON, reason).await?.ok_or_else(|| absent("reasonId"))?;
        set(&mut detail, "reason", reason.at("text").cloned().unwrap_or_default());
        set(&mut detail, "reasonCode", reason.at("code").cloned().unwrap_or_default());
        set(&mut detail, "localizedReason", localized(&reason, "localizedTexts", "text", language));
    }
    strip_nulls(&mut detail);
    let new = NewSanction {
        id: crate::ids::fresh(),
        user: person.user.id,
        kind,
        // What has no duration can keep nobody out.
        prevents_sign_in: temporal && definition.flag("preventLogin") == Some(true),
        detail,
        ends_at,
    };
    let row = service.impose_sanction(&cx, &call.actor(), new).await?;
    Ok(Reply::ok(json!({ "action": render(&row) })))
}

/// What an action was before a change of it, as its history tells it.
fn remember(row: &SanctionRow, now: Timestamp, wanted: &Value) -> Value {
    let mut detail = row.detail.0.clone();
    let mut items = detail.list("history.historyItems");
    let mut item = json!({
        "actionerUserId": detail.text("actionerUserId"),
        "comment": detail.text("comment"),
        "createInstant": instant(now),
        "expiry": row.ends_at.map(instant),
    });
    strip_nulls(&mut item);
    items.push(item);
    // The log of one action is no place to fill a database.
    let extra = items.len().saturating_sub(100);
    items.drain(..extra);
    set(&mut detail, "history", json!({ "historyItems": items }));
    for name in ["actionerUserId", "comment"] {
        if let Some(text) = wanted.text(name) {
            set(&mut detail, name, json!(text));
        }
    }
    detail
}

async fn modify(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    let (wanted, _) = call.wrapped("action")?;
    if !row.lasts(cx.now) || row.ends_at.is_none() {
        return Err(Refused::field("invalid", "actionId", "this action is over"));
    }
    let ends_at = match wanted.number("expiry") {
        Some(at) if at <= cx.now.0 => return Err(Refused::field("invalid", "action.expiry", "is in the past")),
        Some(at) => Some(Timestamp(at)),
        None => row.ends_at,
    };
    let detail = remember(&row, cx.now, &wanted);
    let row = call.service().change_sanction(&cx, &call.actor(), row.id, ends_at, detail).await?;
    Ok(Reply::ok(json!({ "action": render(&row) })))
}

async fn cancel(call: &Call) -> Answer {
    let (cx, row) = named(call).await?;
    let body = call.body()?;
    let wanted = body.at("action").cloned().unwrap_or_default();
    if !row.lasts(cx.now) || row.ends_at.is_none() {
        return Err(Refused::field("invalid", "actionId", "this action is over"));
    }
    let detail = remember(&row, cx.now, &wanted);
    let row = call.service().change_sanction(&cx, &call.actor(), row.id, Some(cx.now), detail).await?;
    Ok(Reply::ok(json!({ "action": render(&row) })))
}
