//! `/api/webauthn`: ceremonies that a program's own pages run.

use super::{login, not_yet, users as user_calls};
use crate::nouns::{applications, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply, instant, strip_nulls};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::PasskeyId;
use doorward_protocol::session::amr;
use doorward_service::Cx;
use doorward_service::signin::{Problem, relying_party};
use doorward_store::engine::Batch;
use doorward_store::passkeys::PasskeyRow;
use doorward_store::users::Person;
use serde_json::{Value, json};

/// What challenges of this API are bound to: there is no browser of ours in these ceremonies.
const HOLDER: &str = "api ceremonies";

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("POST", "register", "start") => register_start(call).await,
        ("POST", "register", "complete") => register_complete(call).await,
        ("POST", "start", "") => start(call).await,
        ("POST", "login", "") => complete(call, true).await,
        ("POST", "assert", "") => complete(call, false).await,
        ("POST", "import", "") => import(call).await,
        ("GET", "", "") => list(call).await,
        ("DELETE", "", "") => delete_all(call).await,
        ("GET" | "DELETE", _, "") => one(call).await,
        _ => not_yet(call),
    }
}

fn render(row: &PasskeyRow) -> Value {
    let algorithm = doorward_protocol::webauthn::algorithm_name(&row.public_key).unwrap_or("ES256");
    let mut out = json!({
        "id": row.id.to_string(),
        "credentialId": URL_SAFE_NO_PAD.encode(&row.credential_id),
        "publicKey": URL_SAFE_NO_PAD.encode(&row.public_key),
        "algorithm": algorithm,
        "userId": row.user_id.to_string(),
        "tenantId": row.tenant_id.to_string(),
        "relyingPartyId": row.rp_id,
        "name": row.name,
        "displayName": row.name,
        "discoverable": true,
        "signCount": row.sign_count,
        "transports": row.transports.0,
        "attestationType": if row.attestation_format == "none" { "none" } else { "basic" },
        "authenticatorSupportsUserVerification": true,
        "userAgent": row.created_on,
        "insertInstant": instant(row.created_at),
        "lastUseInstant": row.last_used_at.map(|at| at.0),
        "data": {},
    });
    strip_nulls(&mut out);
    out
}

async fn person_of(call: &Call, body: &Value) -> Result<(Cx, Person), Refused> {
    let Some(user) = body.id("userId") else { return Err(Refused::field("missing", "userId", "must be given")) };
    let cx = user_calls::found(call.cx(&[Some(user)]).await.or_else(|refused| match refused {
        Refused::Invalid(_) if !call.has_key() => Ok(call.host.clone()),
        other => Err(other),
    }))?;
    let person = users::find(call.service(), &cx, user).await?;
    Ok((cx, person))
}

fn enabled(cx: &Cx) -> Result<(), Refused> {
    if cx.policy().passkey.enabled {
        Ok(())
    } else {
        Err(Refused::field("disabled", "webAuthnConfiguration.enabled", "passkeys are switched off for this tenant"))
    }
}

async fn register_start(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let (cx, person) = person_of(call, &body).await?;
    enabled(&cx)?;
    call.service().may_change_account(&cx, &call.actor(), person.user.id, "add_passkey").await?;
    let have = call.service().store.passkeys(cx.tenant_id(), person.user.id).await?;
    let address = body
        .text("name")
        .map(str::to_owned)
        .or_else(|| person.email().map(|e| e.value.clone()))
        .or_else(|| person.identifiers.first().map(|i| i.value.clone()))
        .unwrap_or_default();
    let name = body.text("displayName").map(str::to_owned).or_else(|| person.user.name.clone());
    let mut options = call.service().creation_options(&cx, person.user.id, &address, name.as_deref(), &have, HOLDER);
    crate::nouns::set(&mut options, "extensions", json!({ "credProps": true }));
    Ok(Reply::ok(json!({ "options": options })))
}

/// What a body says of where a ceremony ran must be what the browser signed, and one of ours.
fn check_place(call: &Call, cx: &Cx, body: &Value) -> Result<(), Refused> {
    let rp = relying_party(cx, call.service().dev);
    if let Some(id) = body.text("rpId")
        && id != rp.id
        && !cx.policy().passkey.former_rp_ids.iter().any(|f| f == id)
    {
        return Err(Refused::field("invalid", "rpId", "is not the relying party of this tenant"));
    }
    let signed = body
        .text("credential.response.clientDataJSON")
        .and_then(|t| URL_SAFE_NO_PAD.decode(t.trim_end_matches('=')).ok())
        .and_then(|b| serde_json::from_slice::<Value>(&b).ok());
    if let (Some(origin), Some(signed)) = (body.text("origin"), signed.as_ref().and_then(|s| s.text("origin")))
        && origin != signed
    {
        return Err(Refused::field("invalid", "origin", "is not the origin that the ceremony ran at"));
    }
    Ok(())
}

fn refused(problem: &Problem) -> Refused {
    let cause = match problem {
        Problem::PasskeyUnknown { .. } => return Refused::NotFound,
        Problem::PasskeyRefused { cause } => cause,
        Problem::PasskeyStale => "the challenge is too old or was used",
        Problem::UserVerificationMissing => "the authenticator did not verify its user",
        Problem::PasskeyExists => return Refused::field("duplicate", "credential.id", "this passkey is registered already"),
        _ => "the ceremony was refused",
    };
    Refused::field("invalid", "credential", cause)
}

async fn register_complete(call: &Call) -> Answer {
    call.key_if_sent()?;
    let body = call.body()?;
    let (cx, person) = person_of(call, &body).await?;
    enabled(&cx)?;
    call.service().may_change_account(&cx, &call.actor(), person.user.id, "add_passkey").await?;
    check_place(call, &cx, &body)?;
    let credential = body.at("credential").cloned().unwrap_or_default().to_string();
    let added = call.service().add_passkey(&cx, person.user.id, &credential, HOLDER, &[], false).await?;
    let row = added.map_err(|problem| refused(&problem))?;
    Ok(Reply::ok(json!({ "credential": render(&row) })))
}

async fn start(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let cx = call.cx(&[body.id("applicationId"), body.id("userId")]).await?;
    enabled(&cx)?;
    let person = match (body.id("userId"), body.text("loginId")) {
        (Some(id), _) => Some(users::find(call.service(), &cx, id).await?),
        (None, Some(login_id)) => {
            let ids = users::login_ids(login_id, &body.texts("loginIdTypes"));
            Some(users::by_login_id(call.service(), &cx, &ids).await?.ok_or(Refused::NotFound)?)
        }
        // Our own addition: nobody is named, whoever has a passkey for us may answer.
        (None, None) => None,
    };
    let allow = match &person {
        Some(person) => {
            let mut all = call.service().store.passkeys(cx.tenant_id(), person.user.id).await?;
            if let Some(id) = body.id("credentialId") {
                all.retain(|p| p.id.0 == id);
            }
            if all.is_empty() {
                return Err(Refused::field("doesNotExist", "userId", "this user has no passkey"));
            }
            all
        }
        None => Vec::new(),
    };
    Ok(Reply::ok(json!({ "options": call.service().request_options(&cx, &allow, HOLDER) })))
}

async fn complete(call: &Call, sign_in: bool) -> Answer {
    let body = call.body()?;
    let cx = call.cx_or_host(&[body.id("applicationId")]).await?;
    call.service().limits.proof(&cx.client.ip).map_err(|_| Refused::Bare(503))?;
    enabled(&cx)?;
    check_place(call, &cx, &body)?;
    let credential = body.at("credential").cloned().unwrap_or_default();
    let id = credential.text("id").and_then(|t| URL_SAFE_NO_PAD.decode(t.trim_end_matches('=')).ok()).unwrap_or_default();
    let known = call.service().store.passkey_by_credential_id(cx.tenant_id(), &id).await?;
    // A ceremony that named its user may leave the handle out: the credential tells whose it is.
    let expected = known.as_ref().map(|row| row.user_id);
    let checked = call.service().check_assertion(&cx, &credential.to_string(), HOLDER, expected).await?;
    let good = match checked {
        Ok(good) => good,
        Err(why) => {
            call.service().note_refused_passkey(&cx, &why).await?;
            return Err(refused(&why.problem));
        }
    };
    let row = known.ok_or(Refused::NotFound)?;
    if !sign_in {
        match call.service().store.commit(batch_of(good.effects)).await {
            Ok(_) => {}
            Err(error) if error.is_unique("spent") || error.is_guard("passkey.gone") => {
                return Err(refused(&Problem::PasskeyStale));
            }
            Err(error) => return Err(error.into()),
        }
        let row = call.service().store.passkey(cx.tenant_id(), row.user_id, row.id).await?.ok_or(Refused::NotFound)?;
        return Ok(Reply::ok(json!({ "credential": render(&row) })));
    }
    let person = users::find(call.service(), &cx, good.user.0).await?;
    let application = match body.id("applicationId") {
        Some(id) => Some(
            applications::find(call.service(), &cx, id)
                .await
                .map_err(|_| Refused::field("doesNotExist", "applicationId", "there is no application with this id"))?,
        ),
        None => None,
    };
    let strong = good.proof.user_verified;
    let proven = login::Proven {
        person,
        application,
        amr: amr(&[good.proof]).into_iter().map(str::to_owned).collect(),
        origin: None,
        method: "passkey",
        effects: good.effects,
        // A passkey that verified its user is two factors by itself.
        second_factor: strong,
        state: body.at("state").cloned(),
    };
    login::finish(call, &cx, proven, &body).await
}

fn batch_of(statements: Vec<doorward_store::engine::Statement>) -> Batch {
    statements.into_iter().fold(Batch::new(), Batch::with)
}

async fn list(call: &Call) -> Answer {
    call.key()?;
    let Some(user) = call.query.id("userId") else { return Err(Refused::field("missing", "userId", "must be given")) };
    let cx = user_calls::found(call.cx(&[Some(user)]).await)?;
    let person = users::find(call.service(), &cx, user).await?;
    let all = call.service().store.passkeys(cx.tenant_id(), person.user.id).await?;
    Ok(Reply::ok(json!({ "credentials": all.iter().map(render).collect::<Vec<_>>() })))
}

async fn one(call: &Call) -> Answer {
    call.key()?;
    let id = call.id(1)?;
    let cx = user_calls::found(call.cx(&[Some(id)]).await)?;
    let row = call.service().store.passkey_by_id(cx.tenant_id(), PasskeyId(id)).await?.ok_or(Refused::NotFound)?;
    if call.verb == "GET" {
        return Ok(Reply::ok(json!({ "credential": render(&row) })));
    }
    call.service().delete_user_passkey(&cx, &call.actor(), row.user_id, row.id).await?;
    Ok(Reply::empty())
}

async fn delete_all(call: &Call) -> Answer {
    call.key()?;
    let Some(user) = call.query.id("userId") else { return Err(Refused::field("missing", "userId", "must be given")) };
    let cx = user_calls::found(call.cx(&[Some(user)]).await)?;
    let person = users::find(call.service(), &cx, user).await?;
    for row in call.service().store.passkeys(cx.tenant_id(), person.user.id).await? {
        call.service().delete_user_passkey(&cx, &call.actor(), person.user.id, row.id).await?;
    }
    Ok(Reply::empty())
}

async fn import(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let all = body.list("credentials");
    if all.is_empty() {
        return Err(Refused::field("missing", "credentials", "must hold at least one credential"));
    }
    let first = all.first().and_then(|c| c.id("userId"));
    let cx = user_calls::found(call.cx(&[first]).await)?;
    let mut rows = Vec::new();
    for (n, one) in all.iter().enumerate() {
        let bytes = |name: &str| {
            one.text(name)
                .and_then(|t| URL_SAFE_NO_PAD.decode(t.trim_end_matches('=').replace('+', "-").replace('/', "_")).ok())
                .filter(|b| !b.is_empty())
                .ok_or_else(|| Refused::field("couldNotConvert", &format!("credentials[{n}].{name}"), "must be base64url"))
        };
        let user = one.id("userId").unwrap_or_default();
        let person = users::find(call.service(), &cx, user)
            .await
            .map_err(|_| Refused::field("doesNotExist", &format!("credentials[{n}].userId"), "there is no user with this id"))?;
        let public_key = bytes("publicKey")?;
        if doorward_protocol::webauthn::algorithm_name(&public_key).is_none() {
            return Err(Refused::field("couldNotConvert", &format!("credentials[{n}].publicKey"), "must be a COSE key"));
        }
        let rp = relying_party(&cx, call.service().dev);
        rows.push(PasskeyRow {
            id: PasskeyId(one.id("id").unwrap_or_else(crate::ids::fresh)),
            tenant_id: cx.tenant_id(),
            user_id: person.user.id,
            credential_id: bytes("credentialId")?,
            user_handle: person.user.id.0.as_bytes().to_vec(),
            public_key,
            rp_id: one.text("relyingPartyId").map_or(rp.id, str::to_owned),
            sign_count: one.number("signCount").unwrap_or(0).clamp(0, i64::from(u32::MAX)),
            backup_eligible: one.flag("backupEligible").unwrap_or(false),
            backup_state: one.flag("backupState").unwrap_or(false),
            aaguid: uuid::Uuid::nil(),
            transports: doorward_store::Json(one.texts("transports")),
            attestation_format: "none".into(),
            name: one.text("displayName").or(one.text("name")).unwrap_or("Passkey").chars().take(100).collect(),
            created_at: cx.now,
            last_used_at: None,
            created_on: one.text("userAgent").unwrap_or_default().chars().take(100).collect(),
        });
    }
    call.service().import_passkeys(&cx, &call.actor(), rows).await?;
    Ok(Reply::empty())
}
