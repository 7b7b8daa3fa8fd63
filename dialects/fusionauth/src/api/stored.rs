//! Objects that are kept and given back as they were: e-mail templates, themes, forms and their fields. Set-up files make them, so
//! refusing them would stop such files half-way; what they say is not acted on yet.

use super::not_yet;
use crate::ids::{DEFAULT_THEME, NAMESPACE};
use crate::wire::{Answer, Call, Doc, Refused, Reply, change_of, strip_nulls};
use doorward_protocol::ids::UserId;
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
}

const KINDS: [Kind; 4] = [
    Kind { one: "emailTemplate", many: "emailTemplates", key: "email template", depth: 2 },
    Kind { one: "theme", many: "themes", key: "theme", depth: 1 },
    Kind { one: "field", many: "fields", key: "form field", depth: 2 },
    Kind { one: "form", many: "forms", key: "form", depth: 1 },
];

fn kind(call: &Call) -> Option<&'static Kind> {
    let [template, theme, field, form] = &KINDS;
    match (call.part(0), call.part(1)) {
        ("email", "template") => Some(template),
        ("theme", _) => Some(theme),
        ("form", "field") => Some(field),
        ("form", _) => Some(form),
        _ => None,
    }
}

pub async fn dispatch(call: &Call) -> Answer {
    let Some(kind) = kind(call) else { return not_yet(call) };
    if matches!(call.part(kind.depth), "preview" | "search") {
        return not_yet(call);
    }
    call.key()?;
    // One list for the whole server, in its first tenant.
    let cx = call.host.clone();
    match (call.verb, call.part(kind.depth)) {
        ("GET", "") => {
            let mut all: Vec<Value> =
                call.service().store.extensions(cx.tenant_id(), NAMESPACE, kind.key).await?.into_iter().map(|(_, d)| d).collect();
            if kind.key == "theme" {
                all.insert(0, default_theme());
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
            find(call, &cx, kind, id).await?.ok_or(Refused::NotFound)?;
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

async fn find(call: &Call, cx: &Cx, kind: &Kind, id: Uuid) -> Result<Option<Value>, Refused> {
    if kind.key == "theme" && id == DEFAULT_THEME {
        return Ok(Some(default_theme()));
    }
    Ok(call.service().store.extension(cx.tenant_id(), NAMESPACE, id, kind.key).await?)
}

async fn keep(call: &Call, cx: &Cx, kind: &Kind, id: Uuid, mut document: Value, made: i64) -> Answer {
    if document.text("name").is_none() && kind.key != "form field" {
        return Err(Refused::field("blank", &format!("{}.name", kind.one), "must be given"));
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
    if all.iter().any(|(_, d)| d.text("name").is_some() && d.text("name") == wanted.text("name")) {
        return Err(Refused::field("duplicate", &format!("{}.name", kind.one), "one with this name exists"));
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
    let wanted = if call.verb == "PATCH" {
        let after = change_of(&call.headers, call.body()?)?.apply(json!({ kind.one: before }))?;
        after.get(kind.one).cloned().unwrap_or_default()
    } else {
        call.wrapped(kind.one)?.0
    };
    keep(call, cx, kind, id, wanted, made).await
}

/// Actions in force that keep somebody from signing in. None can be taken yet.
///
/// # Errors
/// When the store fails.
#[expect(clippy::unused_async, reason = "actions on users will be read from the store")]
pub async fn preventing(_call: &Call, _cx: &Cx, _user: UserId) -> Result<Option<Value>, Refused> {
    Ok(None)
}
