//! Objects that are kept and given back as they were: e-mail templates, themes, forms and their fields, which set-up files make and
//! whose words are not acted on yet; and what user actions and their reasons are, which is read when somebody is actioned.

use super::not_yet;
use crate::ids::{DEFAULT_THEME, NAMESPACE};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, strip_nulls};
use doorward_service::Cx;
use doorward_service::directory::Extension;
use serde_json::{Value, json};
use uuid::Uuid;

/// One kind of object: its words in bodies, its key in our metadata, and how many parts of the path name it.
struct Kind {
    one: &'static str,
    many: &'static str,
    key: &'static str,
    depth: usize,
    /// What it is called by; unique, and never empty.
    name: &'static str,
    /// A first deletion only puts it to sleep.
    sleeps: bool,
}

const KINDS: [Kind; 6] = [
    Kind { one: "emailTemplate", many: "emailTemplates", key: "email template", depth: 2, name: "name", sleeps: false },
    Kind { one: "theme", many: "themes", key: "theme", depth: 1, name: "name", sleeps: false },
    Kind { one: "field", many: "fields", key: "form field", depth: 2, name: "", sleeps: false },
    Kind { one: "form", many: "forms", key: "form", depth: 1, name: "name", sleeps: false },
    Kind { one: "userAction", many: "userActions", key: USER_ACTION, depth: 1, name: "name", sleeps: true },
    Kind { one: "userActionReason", many: "userActionReasons", key: REASON, depth: 1, name: "text", sleeps: false },
];

/// The kind of document that says what a user action is.
pub const USER_ACTION: &str = "user action";
/// The kind of document that says why somebody may be actioned.
pub const REASON: &str = "user action reason";

fn kind(call: &Call) -> Option<&'static Kind> {
    let [template, theme, field, form, action, reason] = &KINDS;
    match (call.part(0), call.part(1)) {
        ("email", "template") => Some(template),
        ("theme", _) => Some(theme),
        ("form", "field") => Some(field),
        ("form", _) => Some(form),
        ("user-action", _) => Some(action),
        ("user-action-reason", _) => Some(reason),
        _ => None,
    }
}

fn asleep(document: &Value) -> bool {
    document.flag("active") == Some(false)
}

pub async fn dispatch(call: &Call) -> Answer {
    let Some(kind) = kind(call) else { return not_yet(call) };
    if matches!(call.part(kind.depth), "preview" | "search") {
        return not_yet(call);
    }
    call.key()?;
    // One list for the whole server, in its first tenant.
    let cx = call.host.clone();
    if call.verb != "GET" && call.bound().is_some_and(|own| own != cx.tenant_id()) {
        return Err(Refused::Unauthorized);
    }
    match (call.verb, call.part(kind.depth)) {
        ("GET", "") => {
            let mut all: Vec<Value> =
                call.service().store.extensions(cx.tenant_id(), NAMESPACE, kind.key).await?.into_iter().map(|(_, d)| d).collect();
            if kind.key == "theme" {
                all.insert(0, default_theme());
            }
            if kind.sleeps {
                let wanted = call.query.flag("inactive");
                all.retain(|one| asleep(one) == wanted);
            }
            Ok(Reply::ok(json!({ kind.many: all })))
        }
        ("GET", _) => {
            let id = call.id(kind.depth)?;
            let found = find(call, &cx, kind, id).await?.ok_or(Refused::NotFound)?;
            Ok(Reply::ok(json!({ kind.one: found })))
        }
        ("POST", _) => create(call, &cx, kind).await,
        ("PUT" | "PATCH", _) => change(call, &cx, kind).await,
        ("DELETE", _) => {
            let id = call.id(kind.depth)?;
            let mut found = find(call, &cx, kind, id).await?.ok_or(Refused::NotFound)?;
            if kind.sleeps && !call.query.flag("hardDelete") {
                crate::nouns::set(&mut found, "active", json!(false));
                let made = found.number("insertInstant").unwrap_or(cx.now.0);
                keep(call, &cx, kind, id, found, made).await?;
                return Ok(Reply::empty());
            }
            if id == DEFAULT_THEME {
                return Err(Refused::field("invalid", "themeId", "this theme cannot be deleted"));
            }
            call.service().drop_documents(&cx, NAMESPACE, id).await?;
            Ok(Reply::empty())
        }
        _ => not_yet(call),
    }
}

fn default_theme() -> Value {
    json!({ "id": DEFAULT_THEME.to_string(), "name": "Default", "type": "advanced", "data": {}, "templates": {}, "insertInstant": 0, "lastUpdateInstant": 0 })
}

/// A document of a kind by its id.
///
/// # Errors
/// When the store fails.
pub async fn document(call: &Call, key: &'static str, id: Uuid) -> Result<Option<Value>, Refused> {
    Ok(call.service().store.extension(call.host.tenant_id(), NAMESPACE, id, key).await?)
}

async fn find(call: &Call, cx: &Cx, kind: &Kind, id: Uuid) -> Result<Option<Value>, Refused> {
    if kind.key == "theme" && id == DEFAULT_THEME {
        return Ok(Some(default_theme()));
    }
    Ok(call.service().store.extension(cx.tenant_id(), NAMESPACE, id, kind.key).await?)
}

async fn keep(call: &Call, cx: &Cx, kind: &Kind, id: Uuid, mut document: Value, made: i64) -> Answer {
    if !kind.name.is_empty() && document.text(kind.name).is_none() {
        return Err(Refused::field("blank", &format!("{}.{}", kind.one, kind.name), "must be given"));
    }
    if kind.sleeps {
        for (flag, default) in [("active", true), ("temporal", false), ("preventLogin", false), ("sendEndEvent", false)] {
            let given = document.flag(flag).unwrap_or(default);
            crate::nouns::set(&mut document, flag, json!(given));
        }
    }
    crate::nouns::set(&mut document, "id", json!(id.to_string()));
    crate::nouns::set(&mut document, "insertInstant", json!(made));
    crate::nouns::set(&mut document, "lastUpdateInstant", json!(cx.now.0));
    strip_nulls(&mut document);
    if document.to_string().len() > 4 * 1024 * 1024 {
        return Err(Refused::field("tooLong", kind.one, "is too large to be kept"));
    }
    let kept = Extension { namespace: NAMESPACE, key: kind.key, document: document.clone() };
    call.service().keep_document(cx, id, &kept).await?;
    Ok(Reply::ok(json!({ kind.one: document })))
}

async fn create(call: &Call, cx: &Cx, kind: &'static Kind) -> Answer {
    let (mut wanted, body) = call.wrapped(kind.one)?;
    let field = format!("{}Id", kind.one);
    let id = match call.new_id(kind.depth, &field)? {
        Some(id) => id,
        None => wanted.id("id").unwrap_or_else(crate::ids::fresh),
    };
    if find(call, cx, kind, id).await?.is_some() {
        return Err(Refused::field("duplicate", &field, "one with this id exists"));
    }
    let all = call.service().store.extensions(cx.tenant_id(), NAMESPACE, kind.key).await?;
    for unique in [kind.name, "code"] {
        let taken = |d: &Value| d.text(unique).is_some() && d.text(unique) == wanted.text(unique);
        if all.iter().any(|(_, d)| taken(d)) {
            return Err(Refused::field("duplicate", &format!("{}.{unique}", kind.one), "there is one with this already"));
        }
    }
    let source = ["sourceThemeId", "sourceEmailTemplateId"].iter().find_map(|name| body.id(name));
    if let Some(source) = source
        && let Some(mut base) = find(call, cx, kind, source).await?
    {
        crate::nouns::lay_over(&mut base, &wanted);
        wanted = base;
    }
    keep(call, cx, kind, id, wanted, cx.now.0).await
}

async fn change(call: &Call, cx: &Cx, kind: &'static Kind) -> Answer {
    let id = call.id(kind.depth)?;
    let before = find(call, cx, kind, id).await?.ok_or(Refused::NotFound)?;
    if id == DEFAULT_THEME {
        return Err(Refused::field("invalid", "themeId", "this theme cannot be changed"));
    }
    let made = before.number("insertInstant").unwrap_or(cx.now.0);
    let wanted = if kind.sleeps && call.query.flag("reactivate") {
        let mut after = before;
        crate::nouns::set(&mut after, "active", json!(true));
        after
    } else if call.verb == "PATCH" {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ kind.one: before }))?;
        after.get(kind.one).cloned().unwrap_or_default()
    } else {
        call.wrapped(kind.one)?.0
    };
    keep(call, cx, kind, id, wanted, made).await
}
