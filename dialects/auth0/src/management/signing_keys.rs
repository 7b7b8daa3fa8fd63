//! `/keys/signing`: the keys that sign tokens, by their certificates.

use super::door::{Call, Caller};
use super::refused::{Answer, Refused};
use crate::claims::iso;
use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use base64::Engine as _;
use doorward_httpkit::App;
use doorward_protocol::jose::{Algorithm, Thumbprints};
use doorward_store::keys::{ACTIVE, NEXT, RETIRED, REVOKED, SigningKeyRow};
use serde_json::{Map, Value, json};

const NOUN: &str = "signing key";
const READ: &[&str] = &["read:signing_keys"];

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/keys/signing", get(list))
        .route("/keys/signing/rotate", post(rotate))
        .route("/keys/signing/{kid}", get(read))
        .route("/keys/signing/{kid}/revoke", put(revoke))
}

/// The keys that tokens of this accent are signed with, newest first.
async fn all(call: &Call) -> Result<Vec<SigningKeyRow>, Refused> {
    // One is made where there is none yet.
    call.service().signing_key(call.cx.tenant_id(), Algorithm::Rs256, call.cx.now).await?;
    let mut rows = call.service().certified_keys(call.cx.tenant_id()).await?;
    rows.retain(|row| row.alg == Algorithm::Rs256.as_str());
    Ok(rows)
}

/// A certificate as text (RFC 7468).
fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn shown(row: &SigningKeyRow, all: &[SigningKeyRow]) -> Value {
    let certificate = row.certificate.as_deref().unwrap_or_default();
    let hex: Vec<String> = Thumbprints::of(certificate).sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    // The one that signed last before the one that signs.
    let last = all.iter().filter(|r| r.state == RETIRED).max_by_key(|r| r.retired_at);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| _ = out.insert(name.to_owned(), value);
    put("kid", json!(row.kid));
    put("cert", json!(pem(certificate)));
    put("fingerprint", json!(hex.join(":")));
    put("thumbprint", json!(hex.concat()));
    put("current", json!(row.state == ACTIVE));
    put("next", json!(row.state == NEXT));
    put("previous", json!(last.is_some_and(|last| last.kid == row.kid)));
    put("revoked", json!(row.state == REVOKED));
    if row.state != NEXT {
        // A key that was prepared signs from the rotation on; what it replaced knows when that was.
        let since = all.iter().filter_map(|other| other.retired_at).filter(|at| row.retired_at.is_none_or(|end| *at < end)).max();
        put("current_since", json!(iso(since.unwrap_or(row.created_at).max(row.created_at))));
    }
    if let Some(at) = row.retired_at {
        put(if row.state == REVOKED { "revoked_at" } else { "current_until" }, json!(iso(at)));
    }
    Value::Object(out)
}

async fn list(caller: Caller) -> Answer {
    let call = caller.may(READ)?;
    let all = all(&call).await?;
    // Always an array, whatever is said of totals.
    let items: Vec<Value> = all.iter().map(|row| call.query.shown(shown(row, &all))).collect();
    Ok(Json(items).into_response())
}

/// The key of a `kid` among these.
fn of<'r>(all: &'r [SigningKeyRow], kid: &str) -> Result<&'r SigningKeyRow, Refused> {
    all.iter().find(|row| row.kid == kid).ok_or_else(|| Refused::absent(NOUN))
}

fn brief(row: &SigningKeyRow) -> Value {
    json!({ "kid": row.kid, "cert": pem(row.certificate.as_deref().unwrap_or_default()) })
}

async fn read(caller: Caller, Path(kid): Path<String>) -> Answer {
    let call = caller.may(READ)?;
    let all = all(&call).await?;
    Ok(call.query.one(shown(of(&all, &kid)?, &all)))
}

async fn rotate(caller: Caller) -> Answer {
    let call = caller.may(&["create:signing_keys"])?;
    call.must_hold(&["update:signing_keys"])?;
    let kid = call.service().rotate_signing_key(&call.cx, Algorithm::Rs256, &call.actor).await?;
    let all = all(&call).await?;
    Ok((StatusCode::CREATED, Json(brief(of(&all, &kid)?))).into_response())
}

async fn revoke(caller: Caller, Path(kid): Path<String>) -> Answer {
    let call = caller.may(&["update:signing_keys"])?;
    of(&all(&call).await?, &kid)?;
    let done = call.service().revoke_signing_key(&call.cx, &call.actor, &kid).await;
    done.map_err(Refused::about(NOUN, &[]))?;
    let all = all(&call).await?;
    Ok(Json(brief(of(&all, &kid)?)).into_response())
}
