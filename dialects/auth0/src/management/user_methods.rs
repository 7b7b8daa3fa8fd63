//! `/users/{id}/authentication-methods` and what else is about proofs: enrolments, the removal of second factors, recovery codes,
//! remembered browsers.

use super::body::{Body, Document};
use super::door::{Call, Caller};
use super::ids;
use super::people::{self, NAMES};
use super::refused::{Answer, Refused};
use crate::claims::iso;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use doorward_httpkit::App;
use doorward_protocol::ids::{PasskeyId, UserId};
use doorward_service::factor::{Factor, NewTotp, secret_of_base32};
use doorward_service::password::foreign::{TextEncoding, bytes_of};
use doorward_service::signin::relying_party;
use doorward_store::Json;
use doorward_store::passkeys::PasskeyRow;
use doorward_store::users::PasswordRow;
use serde_json::{Value, json};
use uuid::Uuid;

const NOUN: &str = "authentication method";
const PASSKEY: &str = "passkey|";
const TOTP: &str = "totp|dev_";
const PASSWORD: &str = "password|dev_";
const RECOVERY: &str = "recovery-code|dev_";

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/users/{id}/authentication-methods", get(list).post(create).delete(delete_all))
        .route("/users/{id}/authentication-methods/{method}", get(read).patch(change).delete(delete_one))
        .route("/users/{id}/authenticators", delete(delete_authenticators))
        .route("/users/{id}/enrollments", get(enrollments))
        .route("/users/{id}/multifactor/actions/invalidate-remember-browser", post(forget_browsers))
        .route("/users/{id}/multifactor/{provider}", delete(delete_provider))
        .route("/users/{id}/recovery-code-regeneration", post(new_recovery_code))
}

fn passkey(row: &PasskeyRow) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let mut out = json!({
        "id": format!("{PASSKEY}{}", ids::digits(row.id.0)),
        "type": "passkey",
        "name": row.name,
        "created_at": iso(row.created_at),
        "key_id": URL_SAFE_NO_PAD.encode(&row.credential_id),
        "public_key": STANDARD.encode(&row.public_key),
        "credential_device_type": if row.backup_eligible { "multi_device" } else { "single_device" },
        "credential_backed_up": row.backup_state,
        "transports": row.transports.0,
        "aaguid": row.aaguid.to_string(),
        "user_agent": row.created_on,
        "user_handle": URL_SAFE_NO_PAD.encode(&row.user_handle),
        "relying_party_identifier": row.rp_id,
    });
    last_used(&mut out, row.last_used_at);
    out
}

fn generator(factor: &Factor) -> Value {
    let mut out = json!({
        "id": format!("{TOTP}{}", factor.id.simple()),
        "type": "totp",
        "name": factor.name,
        "confirmed": factor.confirmed,
        "created_at": iso(factor.created_at),
    });
    last_used(&mut out, factor.last_used_at);
    out
}

fn password(row: &PasswordRow) -> Value {
    json!({ "id": format!("{PASSWORD}{}", row.user_id.0.simple()), "type": "password", "created_at": iso(row.changed_at) })
}

fn last_used(out: &mut Value, at: Option<doorward_protocol::time::Timestamp>) {
    if let (Some(out), Some(at)) = (out.as_object_mut(), at) {
        out.insert("last_auth_at".into(), json!(iso(at)));
    }
}

/// Everything that somebody can prove themselves by.
async fn methods(call: &Call, user: UserId) -> Result<Vec<Value>, Refused> {
    let (service, cx) = (call.service(), &call.cx);
    let tenant = cx.tenant_id();
    let mut out: Vec<Value> = service.store.passkeys(tenant, user).await?.iter().map(passkey).collect();
    out.extend(service.store.password(tenant, user).await?.iter().map(password));
    let factors = service.list_factors(cx, user).await?;
    out.extend(factors.totp.iter().map(generator));
    let codes = service.store.recovery_codes(tenant, user).await?;
    if let Some(oldest) = codes.iter().filter(|code| code.used_at.is_none()).map(|code| code.created_at).min() {
        let id = format!("{RECOVERY}{}", user.0.simple());
        out.push(json!({ "id": id, "type": "recovery-code", "confirmed": true, "created_at": iso(oldest) }));
    }
    Ok(out)
}

async fn list(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:authentication_methods"])?;
    let user = people::find(&call, &id).await?;
    Ok(call.query.page_of("authenticators", methods(&call, user).await?))
}

async fn find(call: &Call, user: UserId, method: &str) -> Result<Value, Refused> {
    let all = methods(call, user).await?;
    let found = all.into_iter().find(|one| one.get("id").and_then(Value::as_str) == Some(method));
    found.ok_or_else(|| Refused::absent(NOUN))
}

async fn read(caller: Caller, Path((id, method)): Path<(String, String)>) -> Answer {
    let call = caller.may(&["read:authentication_methods"])?;
    let user = people::find(&call, &id).await?;
    Ok(call.query.one(find(&call, user, &method).await?))
}

async fn create(caller: Caller, Path(id): Path<String>, body: Body) -> Answer {
    let call = caller.may(&["create:authentication_methods"])?;
    let body = body.read()?;
    let user = people::find(&call, &id).await?;
    let made = match body.must("type")? {
        "totp" => make_totp(&call, user, &body).await?,
        "passkey" => make_passkey(&call, user, &body).await?,
        _ => return Err(Refused::body("type", "must be totp or passkey: nothing else is supported")),
    };
    Ok((StatusCode::CREATED, call.query.one(find(&call, user, &made).await?)).into_response())
}

async fn make_totp(call: &Call, user: UserId, body: &Document) -> Result<String, Refused> {
    body.only(&[&["type", "name", "totp_secret"]])?;
    let secret = secret_of_base32(body.must("totp_secret")?);
    let secret = secret.ok_or_else(|| Refused::body("totp_secret", "must be Base32 of 10 to 128 bytes"))?;
    let new = NewTotp { secret: Some(secret.to_vec()), name: body.text("name")?.map(str::to_owned), ..Default::default() };
    let made = call.service().import_user_totp(&call.cx, &call.actor, user, new).await;
    Ok(format!("{TOTP}{}", made.map_err(Refused::about(NOUN, &[("secret", "totp_secret")]))?.simple()))
}

async fn make_passkey(call: &Call, user: UserId, body: &Document) -> Result<String, Refused> {
    const MEMBERS: &[&str] = &[
        "type",
        "name",
        "key_id",
        "public_key",
        "relying_party_identifier",
        "user_handle",
        "transports",
        "aaguid",
        "user_agent",
        "credential_device_type",
        "credential_backed_up",
        "identity_user_id",
    ];
    body.only(&[MEMBERS])?;
    let bytes = |name: &str, longest: usize| -> Result<Option<Vec<u8>>, Refused> {
        let Some(text) = body.text(name)? else { return Ok(None) };
        let read = bytes_of(text, TextEncoding::Base64).filter(|bytes| (1..=longest).contains(&bytes.len()));
        read.map(Some).ok_or_else(|| Refused::body(name, "must be Base64"))
    };
    let must = |name: &'static str, found: Option<Vec<u8>>| found.ok_or_else(|| Refused::body(name, "must be given"));
    let public_key = must("public_key", bytes("public_key", 2048)?)?;
    if doorward_protocol::webauthn::algorithm_name(&public_key).is_none() {
        return Err(Refused::body("public_key", "must be a COSE key of a known algorithm"));
    }
    let device = body.word("credential_device_type", &["single_device", "multi_device"])?;
    let aaguid = match body.text("aaguid")? {
        Some(text) => Uuid::parse_str(text).map_err(|_| Refused::body("aaguid", "must be a UUID"))?,
        None => Uuid::nil(),
    };
    let name: String = body.text("name")?.unwrap_or("Passkey").chars().filter(|c| !c.is_control()).take(100).collect();
    let rp_id = match body.text("relying_party_identifier")? {
        Some(text) if text.len() <= 255 && !text.is_empty() => text.to_owned(),
        Some(_) => return Err(Refused::body("relying_party_identifier", "must be a domain")),
        None => relying_party(&call.cx, call.service().dev).id,
    };
    let transports = body.texts("transports")?.unwrap_or_default();
    if transports.len() > 10 || transports.iter().any(|one| one.len() > 32) {
        return Err(Refused::body("transports", "must have at most 10 short words"));
    }
    let row = PasskeyRow {
        id: PasskeyId(doorward_service::secrets::new_id(call.cx.now)),
        tenant_id: call.cx.tenant_id(),
        user_id: user,
        credential_id: must("key_id", bytes("key_id", 1023)?)?,
        user_handle: bytes("user_handle", 64)?.unwrap_or_else(|| user.0.as_bytes().to_vec()),
        public_key,
        rp_id,
        sign_count: 0,
        backup_eligible: device == Some("multi_device"),
        backup_state: body.flag("credential_backed_up")?.unwrap_or(false),
        aaguid,
        transports: Json(transports),
        attestation_format: "none".into(),
        name,
        created_at: call.cx.now,
        last_used_at: None,
        created_on: body.text("user_agent")?.unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect(),
    };
    let id = format!("{PASSKEY}{}", ids::digits(row.id.0));
    let made = call.service().import_passkeys(&call.cx, &call.actor, vec![row]).await;
    made.map_err(Refused::about(NOUN, &[("credentials", "key_id")]))?;
    Ok(id)
}

/// What an id of a method names.
enum Named {
    Passkey(PasskeyId),
    Totp(Uuid),
    Password,
    Recovery,
}

fn named(user: UserId, id: &str) -> Result<Named, Refused> {
    let of = |head: &str| id.strip_prefix(head).and_then(ids::of_digits);
    let theirs = |head: &str| of(head) == Some(user.0);
    if let Some(id) = of(PASSKEY) {
        Ok(Named::Passkey(PasskeyId(id)))
    } else if let Some(id) = of(TOTP) {
        Ok(Named::Totp(id))
    } else if theirs(PASSWORD) {
        Ok(Named::Password)
    } else if theirs(RECOVERY) {
        Ok(Named::Recovery)
    } else {
        Err(Refused::absent(NOUN))
    }
}

async fn change(caller: Caller, Path((id, method)): Path<(String, String)>, body: Body) -> Answer {
    let call = caller.may(&["update:authentication_methods"])?;
    let body = body.read()?;
    body.only(&[&["name", "preferred_authentication_method"]])?;
    let user = people::find(&call, &id).await?;
    let name = body.must("name")?;
    let (service, cx) = (call.service(), &call.cx);
    let done = match named(user, &method)? {
        Named::Passkey(id) => service.rename_user_passkey(cx, &call.actor, user, id, name).await,
        Named::Totp(id) => service.rename_user_factor(cx, &call.actor, user, id, name).await,
        Named::Password | Named::Recovery => return Err(Refused::body("name", "is not for this kind of method")),
    };
    done.map_err(|error| match error {
        doorward_service::directory::DirectoryError::NotFound { .. } => Refused::absent(NOUN),
        other => Refused::about(NOUN, NAMES)(other),
    })?;
    Ok(call.query.one(find(&call, user, &method).await?))
}

async fn remove(call: &Call, user: UserId, method: Named) -> Result<(), Refused> {
    let (service, cx, actor) = (call.service(), &call.cx, call.actor.as_str());
    let done = match method {
        Named::Passkey(id) => service.delete_user_passkey(cx, actor, user, id).await,
        Named::Totp(id) => service.delete_user_factors(cx, actor, user, Some(id)).await,
        Named::Password => service.delete_user_password(cx, actor, user).await,
        Named::Recovery => service.delete_user_recovery_codes(cx, actor, user).await,
    };
    done.map_err(|error| match error {
        doorward_service::directory::DirectoryError::NotFound { .. } => Refused::absent(NOUN),
        other => Refused::about(NOUN, NAMES)(other),
    })
}

async fn delete_one(caller: Caller, Path((id, method)): Path<(String, String)>) -> Answer {
    let call = caller.may(&["delete:authentication_methods"])?;
    let user = people::find(&call, &id).await?;
    find(&call, user, &method).await?;
    remove(&call, user, named(user, &method)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Every passkey and second factor; the password stays.
async fn delete_all(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:authentication_methods"])?;
    let user = people::find(&call, &id).await?;
    for row in call.service().store.passkeys(call.cx.tenant_id(), user).await? {
        remove(&call, user, Named::Passkey(row.id)).await?;
    }
    delete_factors(&call, user).await
}

async fn delete_factors(call: &Call, user: UserId) -> Answer {
    let gone = call.service().delete_user_factors(&call.cx, &call.actor, user, None).await;
    gone.map_err(Refused::about(NOUN, NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn delete_authenticators(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["delete:guardian_enrollments", "delete:authentication_methods"])?;
    let user = people::find(&call, &id).await?;
    delete_factors(&call, user).await
}

async fn delete_provider(caller: Caller, Path((id, provider)): Path<(String, String)>) -> Answer {
    let call = caller.may(&["update:users"])?;
    if !["google-authenticator", "guardian", "duo"].contains(&provider.as_str()) {
        return Err(Refused::path("provider", "must be duo, google-authenticator or guardian"));
    }
    let user = people::find(&call, &id).await?;
    // Generators are what we have of these.
    if provider == "duo" { Ok(StatusCode::NO_CONTENT.into_response()) } else { delete_factors(&call, user).await }
}

async fn enrollments(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["read:users"])?;
    let user = people::find(&call, &id).await?;
    let factors = call.service().list_factors(&call.cx, user).await?;
    let all: Vec<Value> = factors
        .totp
        .iter()
        .map(|factor| {
            let mut out = json!({
                "id": format!("{TOTP}{}", factor.id.simple()),
                "status": if factor.confirmed { "confirmed" } else { "pending" },
                "type": "authenticator",
                "auth_method": "authenticator",
                "name": factor.name,
                "enrolled_at": iso(factor.created_at),
            });
            if let (Some(out), Some(at)) = (out.as_object_mut(), factor.last_used_at) {
                out.insert("last_auth".into(), json!(iso(at)));
            }
            out
        })
        .collect();
    Ok(axum::Json(all).into_response())
}

async fn forget_browsers(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["update:users"])?;
    let user = people::find(&call, &id).await?;
    let done = call.service().forget_user_browsers(&call.cx, &call.actor, user).await;
    done.map_err(Refused::about("user", NAMES))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// One code in the place of all there were: what this call has always answered.
async fn new_recovery_code(caller: Caller, Path(id): Path<String>) -> Answer {
    let call = caller.may(&["update:users"])?;
    let user = people::find(&call, &id).await?;
    let factors = call.service().list_factors(&call.cx, user).await?;
    if !factors.any() {
        let text = "The user has no second factor that a recovery code could stand in for.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, "operation_not_supported", text));
    }
    let made = call.service().new_recovery_codes(&call.cx, &call.actor, user, 1).await;
    let codes = made.map_err(|error| Refused::about("user", NAMES)(error.into()))?;
    Ok(call.query.one(json!({ "recovery_code": codes.first() })))
}
