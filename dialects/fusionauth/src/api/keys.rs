//! `/api/key`.

use super::not_yet;
use crate::nouns::keys;
use crate::wire::{Answer, Call, Doc, Refused, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::jose::{Algorithm, Jwk};
use doorward_service::Cx;
use doorward_service::directory::{KeyMaterial, NewNamedKey, SECRET_ALGORITHMS};
use serde_json::{Value, json};

const NAMES: &[(&str, &str)] = &[("id", "keyId"), ("kid", "key.kid"), ("key", "key.publicKey")];

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1)) {
        ("GET", "") => list(call, None).await,
        ("POST", "search") => list(call, Some(call.body()?)).await,
        ("POST", "generate") => generate(call).await,
        ("POST", "import") => import(call).await,
        ("GET", _) => get(call).await,
        ("PUT", _) => rename(call).await,
        ("DELETE", _) => delete(call).await,
        _ => not_yet(call),
    }
}

async fn cx(call: &Call) -> Result<Cx, Refused> {
    call.key()?;
    // Keys of a server with several tenants: without further word, those of the first.
    match call.cx(&[call.path.last().and_then(|p| uuid::Uuid::parse_str(p).ok())]).await {
        Err(Refused::Invalid(_)) => Ok(call.host.clone()),
        other => other,
    }
}

async fn list(call: &Call, search: Option<Value>) -> Answer {
    let cx = cx(call).await?;
    let mut all: Vec<Value> = call.service().list_named_keys(&cx).await?.iter().map(keys::render).collect();
    all.extend(call.service().store.signing_keys(cx.tenant_id()).await?.iter().map(keys::render_own));
    all.extend(keys::shadows());
    let Some(search) = search else { return Ok(Reply::ok(json!({ "keys": all }))) };
    let wanted = |key: &Value, field: &str, asked: &str| {
        search.text(asked).is_none_or(|text| {
            key.text(field).is_some_and(|have| have.to_lowercase().contains(&text.trim_matches('*').to_lowercase()))
        })
    };
    all.retain(|key| {
        wanted(key, "name", "search.name") && wanted(key, "type", "search.type") && wanted(key, "algorithm", "search.algorithm")
    });
    let total = all.len();
    let start = usize::try_from(search.number("search.startRow").unwrap_or(0)).unwrap_or(0);
    let most = usize::try_from(search.number("search.numberOfResults").unwrap_or(25)).unwrap_or(25);
    let page: Vec<Value> = all.into_iter().skip(start).take(most).collect();
    Ok(Reply::ok(json!({ "keys": page, "total": total })))
}

async fn get(call: &Call) -> Answer {
    let cx = cx(call).await?;
    let id = call.id(1)?;
    if let Some(row) = call.service().store.named_key(cx.tenant_id(), id).await? {
        return Ok(Reply::ok(json!({ "key": keys::render(&row) })));
    }
    let own = call.service().store.signing_keys(cx.tenant_id()).await?;
    if let Some(row) = own.iter().find(|row| keys::own_id(row) == id) {
        return Ok(Reply::ok(json!({ "key": keys::render_own(row) })));
    }
    let shadow = keys::shadows().into_iter().find(|k| k.id("id") == Some(id)).ok_or(Refused::NotFound)?;
    Ok(Reply::ok(json!({ "key": shadow })))
}

async fn generate(call: &Call) -> Answer {
    let cx = cx(call).await?;
    let (key, _) = call.wrapped("key")?;
    let Some(name) = key.text("name").map(str::to_owned) else {
        return Err(Refused::field("blank", "key.name", "must be given"));
    };
    let algorithm = key.text("algorithm").unwrap_or_default().to_owned();
    let material = match algorithm.as_str() {
        "" => return Err(Refused::field("blank", "key.algorithm", "must be given")),
        hmac if SECRET_ALGORITHMS.contains(&hmac) => KeyMaterial::Secret(algorithm.clone(), None),
        "RS256" | "RS384" | "RS512" => {
            let bits = match key.number("length") {
                Some(bits @ (2048 | 3072 | 4096)) => u32::try_from(bits).ok(),
                Some(_) => return Err(Refused::field("invalid", "key.length", "must be 2048, 3072 or 4096")),
                None => return Err(Refused::field("missing", "key.length", "must be given for RSA keys")),
            };
            KeyMaterial::Generate(known(&algorithm)?, bits)
        }
        "Ed25519" => KeyMaterial::Generate(Algorithm::EdDsa, None),
        _ => KeyMaterial::Generate(known(&algorithm)?, None),
    };
    let issuer = key.text("issuer").unwrap_or(cx.issuer()).to_owned();
    let new = NewNamedKey {
        id: call.new_id(2, "keyId")?.or(key.id("id")),
        name,
        kid: key.text("kid").map(str::to_owned),
        material,
        extension: json!({ "issuer": issuer }),
    };
    let row = call.service().create_named_key(&cx, &call.actor(), new).await.map_err(Refused::about("key", NAMES))?;
    Ok(Reply::ok(json!({ "key": keys::render(&row) })))
}

fn known(algorithm: &str) -> Result<Algorithm, Refused> {
    let known = [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256, Algorithm::Es384];
    known
        .into_iter()
        .find(|a| a.as_str() == algorithm)
        .ok_or_else(|| Refused::field("invalid", "key.algorithm", format!("{algorithm} is not supported")))
}

async fn import(call: &Call) -> Answer {
    let cx = cx(call).await?;
    let (key, _) = call.wrapped("key")?;
    let Some(name) = key.text("name").map(str::to_owned) else {
        return Err(Refused::field("blank", "key.name", "must be given"));
    };
    let algorithm = key.text("algorithm").map(str::to_owned);
    let material = if let Some(secret) = key.text("secret") {
        let algorithm = algorithm.unwrap_or_else(|| "HS256".into());
        if !SECRET_ALGORITHMS.contains(&algorithm.as_str()) {
            return Err(Refused::field("invalid", "key.algorithm", "a secret is for HS256, HS384 or HS512"));
        }
        KeyMaterial::Secret(algorithm, Some(secret.as_bytes().to_vec()))
    } else if let Some(pem) = key.text("privateKey") {
        let der = der_of(pem).ok_or_else(|| Refused::field("couldNotConvert", "key.privateKey", "must be PEM (PKCS#8)"))?;
        KeyMaterial::Pair(pair_algorithm(&der, algorithm.as_deref())?, der)
    } else if let Some(pem) = key.text("publicKey").or(key.text("certificate")) {
        KeyMaterial::Public(public_jwk(pem, algorithm.as_deref())?)
    } else {
        return Err(Refused::field(
            "blank",
            "key.publicKey",
            "a private key, a public key, a certificate or a secret must be given",
        ));
    };
    let new = NewNamedKey {
        id: call.new_id(2, "keyId")?.or(key.id("id")),
        name,
        kid: key.text("kid").map(str::to_owned),
        material,
        extension: json!({ "issuer": key.text("issuer").unwrap_or(cx.issuer()) }),
    };
    let row = call.service().create_named_key(&cx, &call.actor(), new).await.map_err(Refused::about("key", NAMES))?;
    Ok(Reply::ok(json!({ "key": keys::render(&row) })))
}

/// The bytes of the first PEM block.
fn der_of(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    STANDARD.decode(body).ok().filter(|der| !der.is_empty())
}

/// The algorithm of a pair: what is said, or what its kind implies.
fn pair_algorithm(der: &[u8], said: Option<&str>) -> Result<Algorithm, Refused> {
    match said {
        Some("Ed25519") => return Ok(Algorithm::EdDsa),
        Some(name) => return known(name),
        None => {}
    }
    let fits = |algorithm| doorward_protocol::jose::SigningKey::from_pkcs8(algorithm, der).is_ok();
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa]
        .into_iter()
        .find(|a| fits(*a))
        .ok_or_else(|| Refused::field("invalid", "key.privateKey", "not a key of a kind that is supported"))
}

/// A public key or the key of a certificate.
fn public_jwk(pem: &str, said: Option<&str>) -> Result<Jwk, Refused> {
    let bad = || Refused::field("couldNotConvert", "key.publicKey", "must be a public key or a certificate in PEM");
    let der = der_of(pem).ok_or_else(bad)?;
    let jwk = Jwk::from_public_der(&der).ok_or_else(bad)?;
    match said {
        Some("Ed25519") | None => Ok(jwk),
        Some(name) => Ok(Jwk { alg: Some(known(name)?.as_str().to_owned()), ..jwk }),
    }
}

async fn rename(call: &Call) -> Answer {
    let cx = cx(call).await?;
    let (key, _) = call.wrapped("key")?;
    let name = key.text("name").unwrap_or_default();
    let row =
        call.service().rename_named_key(&cx, &call.actor(), call.id(1)?, name).await.map_err(Refused::about("key", NAMES))?;
    Ok(Reply::ok(json!({ "key": keys::render(&row) })))
}

async fn delete(call: &Call) -> Answer {
    let cx = cx(call).await?;
    call.service().delete_named_key(&cx, &call.actor(), call.id(1)?).await.map_err(Refused::about("key", NAMES))?;
    Ok(Reply::empty())
}
