//! `POST /api/user/import`: many users at once, all of them or none.

use crate::ids::NAMESPACE;
use crate::nouns::{registrations, tenants, users};
use crate::wire::{Answer, Call, Doc, Errors, Refused, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::ids::{GroupId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_service::Cx;
use doorward_service::directory::{
    DraftPassword, ImportMembership, ImportOptions, ImportOutcome, ImportPassword, ImportTotp, ImportUser,
};
use doorward_service::factor::base32;
use doorward_service::password::foreign::{DigestName, ForeignHash, Scheme, TextEncoding, bytes_of, hex_or_base64};
use serde_json::Value;
use std::collections::BTreeMap;

/// Iterations when a hash does not say how many.
const FACTOR: u32 = 24_000;

/// Takes users over.
pub async fn import(call: &Call) -> Answer {
    call.key()?;
    let body = call.body()?;
    let all = match body.at("users") {
        Some(Value::Array(all)) if !all.is_empty() => all.clone(),
        _ => return Err(Refused::field("missing", "users", "must hold at least one user")),
    };
    let cx = call.cx(&[]).await?;
    let cx = tenants::at_this_door(&cx);
    let mut rows = Vec::with_capacity(all.len());
    for (n, wanted) in all.iter().enumerate() {
        rows.push(row(call, &cx, n, wanted, &body).await?);
    }
    let options = ImportOptions { all_or_nothing: true, ..Default::default() };
    let outcomes =
        call.service().import_users(&cx, &call.actor(), &rows, options).await.map_err(Refused::about("", users::NAMES))?;
    let mut errors = Errors::default();
    for (n, outcome) in outcomes.iter().enumerate() {
        let ImportOutcome::Refused(problems) = outcome else { continue };
        // Rows that were refused for another's sake say nothing of themselves.
        for problem in problems.iter().filter(|p| !p.field.is_empty()).take(5) {
            let kind =
                if problem.message.contains("exist") || problem.message.contains("taken") { "duplicate" } else { "invalid" };
            let field = match problem.field.as_str() {
                "phone_number" => "phoneNumber",
                other => other,
            };
            errors.add(kind, &format!("users[{n}].{field}"), problem.message.clone());
        }
    }
    errors.finish()?;
    Ok(Reply::empty())
}

async fn row(call: &Call, cx: &Cx, n: usize, wanted: &Value, body: &Value) -> Result<ImportUser, Refused> {
    let draft = users::write(wanted, true)?;
    let mut out = ImportUser {
        id: wanted.id("id").map(UserId),
        name: draft.document.name,
        profile: draft.document.profile,
        // Unlike anywhere else, nobody is active unless that is said.
        blocked: wanted.flag("active") != Some(true),
        expires_at: draft.expires_at,
        change_password: draft.change_password,
        created_at: wanted.number("insertInstant").map(Timestamp),
        ..Default::default()
    };
    for one in draft.identifiers {
        match one.kind {
            doorward_protocol::identity::IdentifierKind::Email => {
                (out.email, out.email_verified) = (Some(one.value), Some(one.verified))
            }
            doorward_protocol::identity::IdentifierKind::Username => out.username = Some(one.value),
            doorward_protocol::identity::IdentifierKind::Phone => {
                (out.phone_number, out.phone_number_verified) = (Some(one.value), one.verified);
            }
        }
    }
    if let Some(kept) = draft.extension {
        out.metadata.insert(NAMESPACE.into(), BTreeMap::from([(users::KEY.to_owned(), kept.document)]));
    }
    if let Some(DraftPassword::Plain(text)) = draft.password {
        out.password = Some(password(n, wanted, body, &text)?);
    }
    for method in wanted.list("twoFactor.methods") {
        if let Some(secret) = method.text("secret").and_then(|s| STANDARD.decode(s).ok()) {
            out.totp.push(ImportTotp {
                secret: base32(&secret),
                name: method.text("name").map(str::to_owned),
                algorithm: Default::default(),
                digits: 6,
                period: 30,
            });
        }
    }
    for registration in wanted.list("registrations") {
        let written = registrations::write(call.service(), cx, &registration).await?;
        match written.roles {
            Some(roles) => out.role_ids.extend(roles),
            None => {
                let all = call.service().store.application_roles(cx.tenant_id(), written.application).await?;
                out.role_ids.extend(all.into_iter().filter(|r| r.is_default).map(|r| r.id));
            }
        }
        out.memberships.push(ImportMembership { application_id: written.application, data: written.data });
    }
    out.group_ids.extend(wanted.list("memberships").iter().filter_map(|m| m.id("groupId")).map(GroupId));
    Ok(out)
}

/// A password: as it was typed, or a hash in one of the vendor's schemes.
fn password(n: usize, wanted: &Value, body: &Value, text: &str) -> Result<ImportPassword, Refused> {
    let either = |name: &str| wanted.text(name).or(body.text(name)).map(str::to_owned);
    let Some(scheme) = either("encryptionScheme") else { return Ok(ImportPassword::Plain(text.to_owned())) };
    let factor = wanted.number("factor").or(body.number("factor")).and_then(|f| u32::try_from(f).ok()).filter(|f| *f > 0);
    let salt_text = wanted.text("salt").unwrap_or_default();
    let bad = |field: &str, words: &str| Refused::field("couldNotConvert", &format!("users[{n}].{field}"), words);
    let salt = || bytes_of(salt_text, TextEncoding::Base64).ok_or_else(|| bad("salt", "must be Base64"));
    let hash = |length: usize| hex_or_base64(text, length).ok_or_else(|| bad("password", "is no hash of this scheme"));
    let pbkdf2 = |digest, length| -> Result<ForeignHash, Refused> {
        Ok(Scheme::Pbkdf2 { digest, iterations: factor.unwrap_or(FACTOR), salt: salt()?, hash: hash(length)? }.into())
    };
    let chained = |digest, length| -> Result<ForeignHash, Refused> {
        let rounds = factor.unwrap_or(20_000);
        Ok(ForeignHash { suffix: salt()?, ..Scheme::Digest { digest, rounds, hash: hash(length)? }.into() })
    };
    let phpass = |digest| -> ForeignHash {
        let rounds = factor.unwrap_or(8192);
        Scheme::Phpass { digest, rounds, salt: salt_text.as_bytes().to_vec(), hash: text.trim_end_matches('=').to_owned() }.into()
    };
    let made = match scheme.as_str() {
        "salted-pbkdf2-hmac-sha256" => pbkdf2(DigestName::Sha256, 32)?,
        "salted-pbkdf2-hmac-sha256-512" => pbkdf2(DigestName::Sha256, 64)?,
        "salted-pbkdf2-hmac-sha512-512" => pbkdf2(DigestName::Sha512, 64)?,
        "bcrypt" => ForeignHash::bcrypt_parts(factor.unwrap_or(10), salt_text, text)
            .map_err(|_| bad("password", "is no bcrypt hash of 31 characters with a salt of 22"))?,
        "salted-sha256" => chained(DigestName::Sha256, 32)?,
        "salted-md5" => chained(DigestName::Md5, 16)?,
        "salted-hmac-sha256" => Scheme::Hmac { digest: DigestName::Sha256, key: salt()?, hash: hash(32)? }.into(),
        "phpass-md5" => phpass(DigestName::Md5),
        "phpass-sha512" | "phppass-sha512" => phpass(DigestName::Sha512),
        _ => return Err(Refused::field("invalid", "encryptionScheme", format!("{scheme} is not known"))),
    };
    Ok(ImportPassword::Hash(made))
}
