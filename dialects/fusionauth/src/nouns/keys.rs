//! Keys: named keys of ours, the keys that a tenant signs with by itself, and the vendor's three "client secret" keys.

use crate::ids::SHADOW_KEYS;
use crate::wire::{Refused, instant};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_protocol::jose::Jwk;
use doorward_service::{Cx, Service};
use doorward_store::keys::SigningKeyRow;
use doorward_store::named_keys::NamedKeyRow;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A named key as this API shows it. Private halves and secrets never.
pub fn render(row: &NamedKeyRow) -> Value {
    let mut out = match &row.extension.0 {
        Value::Object(kept) => kept.clone(),
        _ => Map::new(),
    };
    out.insert("id".into(), json!(row.id.to_string()));
    out.insert("name".into(), json!(row.name));
    out.insert("kid".into(), json!(row.kid));
    out.insert("algorithm".into(), json!(vendor_algorithm(&row.alg)));
    out.insert("hasPrivateKey".into(), json!(row.private_key.is_some()));
    out.insert("insertInstant".into(), instant(row.created_at));
    out.insert("lastUpdateInstant".into(), instant(row.updated_at));
    describe(&mut out, &row.alg, row.public_jwk.as_deref());
    Value::Object(out)
}

/// A key that a tenant signs with by itself.
pub fn render_own(row: &SigningKeyRow) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(own_id(row).to_string()));
    out.insert("name".into(), json!(format!("{} signing key ({})", row.alg, row.state)));
    out.insert("kid".into(), json!(row.kid));
    out.insert("algorithm".into(), json!(vendor_algorithm(&row.alg)));
    out.insert("hasPrivateKey".into(), json!(true));
    out.insert("insertInstant".into(), instant(row.created_at));
    out.insert("lastUpdateInstant".into(), instant(row.retired_at.unwrap_or(row.created_at)));
    describe(&mut out, &row.alg, Some(&row.public_jwk));
    Value::Object(out)
}

/// The id that a tenant's own key goes by here: derived from its `kid`.
pub fn own_id(row: &SigningKeyRow) -> Uuid {
    let bytes = URL_SAFE_NO_PAD.decode(&row.kid).unwrap_or_default();
    let first: [u8; 16] = bytes.get(..16).and_then(|b| b.try_into().ok()).unwrap_or_default();
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

/// The vendor's three keys that stand for "the client's secret".
pub fn shadows() -> Vec<Value> {
    SHADOW_KEYS
        .iter()
        .map(|(id, alg)| {
            json!({
                "id": id.to_string(), "name": format!("{alg} with the client secret"), "algorithm": alg, "type": "HMAC",
                "kid": id.simple().to_string().get(..10), "hasPrivateKey": true, "length": 256,
            })
        })
        .collect()
}

fn describe(out: &mut Map<String, Value>, alg: &str, public_jwk: Option<&str>) {
    let jwk = public_jwk.and_then(|text| serde_json::from_str::<Jwk>(text).ok());
    let Some(jwk) = jwk else {
        out.insert("type".into(), json!("HMAC"));
        return;
    };
    let bits = match alg {
        "ES256" => 256,
        "ES384" => 384,
        "EdDSA" => 255,
        _ => jwk.n.as_deref().and_then(|n| URL_SAFE_NO_PAD.decode(n).ok()).map_or(0, |n| n.len() * 8),
    };
    out.insert("type".into(), json!(jwk.kty));
    out.insert("length".into(), json!(bits));
    if let Some(pem) = pem(&jwk) {
        out.insert("publicKey".into(), json!(pem));
    }
}

/// The vendor's name of an algorithm: EdDSA goes by its curve there.
pub fn vendor_algorithm(alg: &str) -> &str {
    if alg == "EdDSA" { "Ed25519" } else { alg }
}

/// A public key in PEM: SubjectPublicKeyInfo (RFC 5280, section 4.1).
pub fn pem(jwk: &Jwk) -> Option<String> {
    let bytes = |text: &Option<String>| text.as_deref().and_then(|t| URL_SAFE_NO_PAD.decode(t).ok());
    // The algorithm identifiers of RFC 3279, RFC 5480 and RFC 8410, as they are always encoded.
    let (identifier, key): (&[u8], Vec<u8>) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes(&jwk.n)?, bytes(&jwk.e)?);
            let body = [integer(&n), integer(&e)].concat();
            (&[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00], tagged(0x30, &body))
        }
        ("EC", Some("P-256")) => (
            &[
                0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                0x01, 0x07,
            ],
            [vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat(),
        ),
        ("EC", Some("P-384")) => (
            &[0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
            [vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat(),
        ),
        ("OKP", Some("Ed25519")) => (&[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70], bytes(&jwk.x)?),
        _ => return None,
    };
    let bits = tagged(0x03, &[vec![0], key].concat());
    let der = tagged(0x30, &[identifier.to_vec(), bits].concat());
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    Some(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n")))
}

/// One DER element (X.690, section 8.1).
fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = body.len();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend(bytes);
        }
    }
    out.extend_from_slice(body);
    out
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    if bytes.first().is_some_and(|b| b & 0x80 != 0) { tagged(0x02, &[&[0], bytes].concat()) } else { tagged(0x02, bytes) }
}

/// Every public key of a tenant, as PEM by `kid`.
///
/// # Errors
/// When the store fails.
pub async fn public_keys(service: &Service, cx: &Cx) -> Result<Vec<(String, String)>, Refused> {
    let mut out = Vec::new();
    for row in service.store.named_keys(cx.tenant_id()).await? {
        if let Some(pem) = row.public_jwk.as_deref().and_then(|t| serde_json::from_str::<Jwk>(t).ok()).and_then(|j| pem(&j)) {
            out.push((row.kid, pem));
        }
    }
    for row in service.store.signing_keys(cx.tenant_id()).await? {
        if let Some(pem) = serde_json::from_str::<Jwk>(&row.public_jwk).ok().and_then(|j| pem(&j)) {
            out.push((row.kid, pem));
        }
    }
    Ok(out)
}
