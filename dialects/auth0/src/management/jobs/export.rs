//! `POST /jobs/users-exports`: users as lines of JSON or as a table.

use super::super::body::Body;
use super::super::door::Caller;
use super::super::people::Beside;
use super::super::refused::{Answer, Refused};
use super::{NAMES, NOUN, connection, shown};
use async_trait::async_trait;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use doorward_service::directory::ExportForm;
use doorward_service::{Cx, Error, Service};
use doorward_store::users::Person;
use serde_json::{Map, Value, json};

/// The name of this form.
pub const FORM: &str = "auth0";
/// The columns of a table when the call names none.
const COLUMNS: &[&str] = &[
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "blocked",
    "created_at",
    "updated_at",
    "last_login",
    "logins_count",
];
/// Most fields.
const MOST: usize = 100;

pub async fn create(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["read:users"])?;
    let body = body.read_or_empty()?;
    body.only(&[&["connection_id", "format", "limit", "fields"]])?;
    connection(&call, body.text("connection_id")?)?;
    let format = body.word("format", &["json", "csv"])?.unwrap_or("json");
    let limit = body.number("limit", 1..=i64::from(u32::MAX))?.and_then(|limit| u32::try_from(limit).ok());
    let mut fields = Vec::new();
    for field in body.objects("fields")?.unwrap_or_default() {
        field.only(&[&["name", "export_as"]])?;
        let name = field.must("name")?;
        let shown = field.text("export_as")?.filter(|text| !text.is_empty()).unwrap_or(name);
        if name.len() > 200 || shown.len() > 200 {
            return Err(Refused::body("fields", "must have names of at most 200 bytes"));
        }
        fields.push(json!([name, shown]));
    }
    if fields.len() > MOST {
        return Err(Refused::body("fields", format!("must have at most {MOST} entries")));
    }
    if format == "csv" && fields.is_empty() {
        fields = COLUMNS.iter().map(|name| json!([name, name])).collect();
    }
    let settings = json!({ "format": format, "fields": fields });
    let about = json!({ "format": format });
    let row = call.service().start_user_export(&call.cx, &call.actor, FORM, settings, limit, about).await;
    let row = row.map_err(Refused::about(NOUN, NAMES))?;
    Ok((StatusCode::CREATED, call.query.one(shown(&call, &row)?)).into_response())
}

/// One line a user.
pub struct Lines;

fn is_table(settings: &Value) -> bool {
    settings.get("format").and_then(Value::as_str) == Some("csv")
}

/// Names of fields, and what they are called in the file.
fn fields(settings: &Value) -> Vec<(&str, &str)> {
    let all = settings.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|one| Some((one.get(0)?.as_str()?, one.get(1)?.as_str()?))).collect()
}

/// `user_metadata.plan`, `identities[0].connection`: the way into a user.
fn at<'v>(user: &'v Value, way: &str) -> Option<&'v Value> {
    let mut here = user;
    for step in way.split('.') {
        let (name, index) = match step.split_once('[') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(']')?.parse::<usize>().ok()?)),
            None => (step, None),
        };
        here = here.get(name)?;
        if let Some(index) = index {
            here = here.get(index)?;
        }
    }
    Some(here)
}

/// RFC 4180, with a guard: what a spreadsheet would take for a formula begins with an apostrophe.
fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let is_number = value.is_some_and(Value::is_number);
    let text = if !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn line(user: Value, settings: &Value) -> String {
    let fields = fields(settings);
    if is_table(settings) {
        let cells: Vec<String> = fields.iter().map(|(name, _)| cell(at(&user, name))).collect();
        return format!("{}\r\n", cells.join(","));
    }
    if fields.is_empty() {
        return format!("{user}\n");
    }
    let chosen = fields.iter().filter_map(|(name, shown)| Some(((*shown).to_owned(), at(&user, name)?.clone())));
    format!("{}\n", Value::Object(chosen.collect::<Map<_, _>>()))
}

#[async_trait]
impl ExportForm for Lines {
    fn head(&self, settings: &Value) -> Vec<u8> {
        if !is_table(settings) {
            return Vec::new();
        }
        let names: Vec<String> = fields(settings).iter().map(|(_, shown)| cell(Some(&json!(shown)))).collect();
        format!("{}\r\n", names.join(",")).into_bytes()
    }

    async fn users(&self, service: &Service, cx: &Cx, people: &[Person], settings: &Value) -> Result<Vec<u8>, Error> {
        let beside = Beside::read(service, cx, people).await?;
        Ok(people.iter().map(|person| line(beside.user(cx, person), settings)).collect::<String>().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_no_formula() {
        for (value, expected) in [
            (json!("=1+1"), "'=1+1"),
            (json!("+49 30"), "'+49 30"),
            (json!("@x"), "'@x"),
            (json!("-1,5"), "\"'-1,5\""),
            (json!(-3), "-3"),
            (json!("a \"b\", c"), "\"a \"\"b\"\", c\""),
            (json!({ "plan": "gold" }), "\"{\"\"plan\"\":\"\"gold\"\"}\""),
            (json!(true), "true"),
            (Value::Null, ""),
        ] {
            assert_eq!(cell(Some(&value)), expected);
        }
    }

    #[test]
    fn fields_are_chosen_and_named() {
        let user = json!({ "email": "a@x", "user_metadata": { "plan": "gold" }, "identities": [{ "connection": "db" }] });
        let settings = json!({ "format": "json", "fields": [["email", "mail"], ["user_metadata.plan", "plan"], ["identities[0].connection", "c"], ["nothing.there", "n"]] });
        let written = line(user.clone(), &settings);
        let expected = json!({ "mail": "a@x", "plan": "gold", "c": "db" });
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected);
        assert!(written.ends_with('\n') && written.trim_end().lines().count() == 1, "one line each: {written}");
        let table =
            json!({ "format": "csv", "fields": [["email", "mail"], ["nothing", "n"], ["identities[0].connection", "c"]] });
        assert_eq!(line(user, &table), "a@x,,db\r\n");
        assert_eq!(Lines.head(&table), b"mail,n,c\r\n");
    }
}
