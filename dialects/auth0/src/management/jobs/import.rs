//! `POST /jobs/users-imports`: a file of users.

use super::super::body::Document;
use super::super::connections;
use super::super::door::{Call, Caller};
use super::super::people::{APP_METADATA, PROVIDER};
use super::super::refused::{Answer, Refused};
use super::super::users::{check_app_metadata, is_outward};
use super::{NAMES, NOUN, hashes, shown};
use crate::claims::{ALIASES, Auth0};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use doorward_protocol::oauth::client::Accent;
use doorward_service::claims::ClaimsProfile as _;
use doorward_service::directory::{FieldProblem, ImportJob, ImportOptions, ImportTotp, ImportUser, RefusedRow};
use doorward_service::signin::USER_METADATA;
use serde_json::{Value, json};

/// What a file may say of a user.
const MEMBERS: &[&str] = &[
    "email",
    "email_verified",
    "user_id",
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "blocked",
    "password_hash",
    "custom_password_hash",
    APP_METADATA,
    USER_METADATA,
    "mfa_factors",
];

/// What a call carries.
#[derive(Default)]
struct Form {
    users: Option<Vec<u8>>,
    connection_id: Option<String>,
    upsert: bool,
    external_id: Option<String>,
}

pub async fn create(caller: Caller, form: Result<Multipart, MultipartRejection>) -> Answer {
    let call = caller.may(&["create:users"])?;
    let form = read_form(form.map_err(|_| Refused::body("", "must be multipart/form-data"))?).await?;
    let Some(connection) = &form.connection_id else { return Err(Refused::body("connection_id", "must be given")) };
    let connection = connections::find(&call, connection)?;
    if connection != connections::Connection::Database {
        return Err(Refused::body("connection_id", "must be that of the database connection"));
    }
    let file = form.users.ok_or_else(|| Refused::body("users", "must be given"))?;
    let rows: Vec<Value> =
        serde_json::from_slice(&file).map_err(|error| Refused::body("users", format!("must be a JSON array: {error}")))?;
    if rows.is_empty() {
        return Err(Refused::body("users", "must hold at least one user"));
    }
    let mut job = ImportJob {
        options: ImportOptions { upsert: form.upsert, by_email: true, ..Default::default() },
        about: json!({ "external_id": form.external_id }),
        ..Default::default()
    };
    for row in rows {
        let label = row.get("email").and_then(Value::as_str).unwrap_or_default().to_owned();
        match read_user(&call, row).await {
            Ok(user) => job.users.push(user),
            Err(problem) => job.refused.push(RefusedRow { label, problems: vec![problem] }),
        }
    }
    let row = call.service().start_user_import(&call.cx, &call.actor, job).await.map_err(Refused::about(NOUN, NAMES))?;
    Ok((StatusCode::ACCEPTED, call.query.one(shown(&call, &row)?)).into_response())
}

async fn read_form(mut parts: Multipart) -> Result<Form, Refused> {
    let broken = |_| Refused::body("", "could not be read: the form is broken, or too large");
    let mut out = Form::default();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(broken)?;
        if name == "users" {
            out.users = Some(bytes.to_vec());
            continue;
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Refused::body(&name, "must be text"))?;
        let flag = match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" | "" => Some(false),
            _ => None,
        };
        let wrong = || Refused::body(&name, "must be true or false");
        match name.as_str() {
            "connection_id" => out.connection_id = Some(text),
            "external_id" if text.len() <= 200 => out.external_id = Some(text),
            "external_id" => return Err(Refused::body("external_id", "must have at most 200 bytes")),
            "upsert" => out.upsert = flag.ok_or_else(wrong)?,
            // Whoever asks for the job is told how it went by the job; no mail is sent.
            "send_completion_email" => _ = flag.ok_or_else(wrong)?,
            _ => return Err(Refused::body(&name, "is not known")),
        }
    }
    Ok(out)
}

/// A user of the file, or what is wrong with it.
async fn read_user(call: &Call, row: Value) -> Result<ImportUser, FieldProblem> {
    let Value::Object(all) = row else { return Err(FieldProblem { field: String::new(), message: "must be an object".into() }) };
    let mut user =
        user_of(&Document(all)).map_err(|refused| FieldProblem { field: String::new(), message: refused.message().into() })?;
    if let Some(id) = user.aliases.get(ALIASES) {
        // Where the id follows from somebody's own, only they may bring it, and need not.
        let found = call.service().user_of_subject(&call.cx, Accent::Auth0, id).await;
        let holder = found.map_err(|_| FieldProblem { field: "user_id".into(), message: "could not be looked up".into() })?;
        if let Some(holder) = holder
            && Auth0.subject(holder) == *id
        {
            let person = call.service().get_user(&call.cx, holder).await.ok();
            let address = user.email.as_deref().unwrap_or_default().trim().to_lowercase();
            if person.and_then(|p| p.email().map(|email| email.normal.clone())) != Some(address) {
                return Err(FieldProblem { field: "user_id".into(), message: "is the id of another user".into() });
            }
            user.aliases.clear();
        }
    }
    Ok(user)
}

fn user_of(row: &Document) -> Result<ImportUser, Refused> {
    row.only(&[MEMBERS])?;
    let text = |name: &str| row.text(name).map(|text| text.map(str::to_owned));
    let mut out = ImportUser {
        email: Some(row.must("email")?.to_owned()),
        email_verified: row.flag("email_verified")?,
        username: text("username")?,
        name: text("name")?,
        blocked: row.flag("blocked")?.unwrap_or(false),
        password: hashes::read(row)?,
        ..Default::default()
    };
    out.profile.given_name = text("given_name")?;
    out.profile.family_name = text("family_name")?;
    out.profile.nickname = text("nickname")?;
    out.profile.picture = text("picture")?;
    if let Some(id) = row.text("user_id")? {
        if !is_outward(id) {
            return Err(Refused::body("user_id", "must be 1 to 200 characters of printable ASCII, without its provider"));
        }
        out.aliases.insert(ALIASES.into(), format!("{PROVIDER}|{id}"));
    }
    for namespace in [USER_METADATA, APP_METADATA] {
        let all = row.object(namespace)?.unwrap_or_default().0;
        if namespace == APP_METADATA {
            check_app_metadata(&all)?;
        }
        let values = all.into_iter().filter(|(_, value)| !value.is_null()).collect();
        out.metadata.insert(namespace.to_owned(), values);
    }
    let factors = row.objects("mfa_factors")?.unwrap_or_default();
    if row.at("mfa_factors").is_some() && !(1..=10).contains(&factors.len()) {
        return Err(Refused::body("mfa_factors", "must have between 1 and 10 entries"));
    }
    for factor in &factors {
        if factor.0.len() != 1 {
            return Err(Refused::body("mfa_factors", "must be objects with one member each"));
        }
        factor.only(&[&["totp", "phone", "email"]])?;
        let Some(totp) = factor.object("totp")? else {
            return Err(Refused::body("mfa_factors", "can be totp only: there are no second factors by phone or e-mail here"));
        };
        totp.only(&[&["secret"]])?;
        out.totp.push(ImportTotp {
            secret: totp.must("secret")?.to_owned(),
            name: None,
            algorithm: Default::default(),
            digits: 6,
            period: 30,
        });
    }
    Ok(out)
}

/// A refusal of a job as it is shown.
pub fn refusal(entry: &Value) -> Value {
    let problems = entry.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let errors: Vec<Value> = problems
        .iter()
        .map(|one| {
            let (field, message) = (text(one, "field"), text(one, "message"));
            let code =
                if message.contains("exists") || message.contains("stands twice") { "DUPLICATED_USER" } else { "INVALID_FORMAT" };
            let path = if field.is_empty() { String::new() } else { format!("/{}", field.replace('.', "/")) };
            let message = if field.is_empty() { message } else { format!("{field} {message}") };
            json!({ "code": code, "message": message, "path": path })
        })
        .collect();
    json!({ "user": { "email": text(entry, "user") }, "errors": errors })
}
