//! Refusals first: every rule of the parent module is broken here once.

mod hostile;
mod keys;
mod rfc_vectors;
mod times;
mod wycheproof_vectors;

use super::{Algorithm, Jwk, SigningKey, VerifyingKey, encode};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// One key per algorithm and process: making RSA keys is slow.
fn key(algorithm: Algorithm) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    KEYS.get_or_init(|| Algorithm::ALL.into_iter().map(|algorithm| SigningKey::generate(algorithm).unwrap()).collect())
        .iter()
        .find(|key| key.algorithm() == algorithm)
        .unwrap()
}

fn verifier(algorithm: Algorithm) -> VerifyingKey {
    key(algorithm).verifying_key().clone()
}

fn jwk(value: Value) -> Jwk {
    serde_json::from_value(value).unwrap()
}

fn claims() -> Value {
    json!({"iss": "https://issuer.example", "sub": "usr-1", "exp": 2_000_000_000})
}

/// A token with whatever header and payload bytes, rightly signed: what a hostile holder of a registered key can send.
fn token_with(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(&signature))
}
