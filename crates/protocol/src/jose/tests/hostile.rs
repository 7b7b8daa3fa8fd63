//! What an attacker can send: RFC 7515, section 10 and RFC 8725, section 2.

use super::super::*;
use super::{claims, key, token_with, verifier};
use proptest::prelude::*;
use serde_json::json;

const NOT_UNIQUE: JoseError = JoseError::Malformed("not a JSON object with unique members");
const NOT_BASE64URL: JoseError = JoseError::Malformed("not canonical base64url");
const NOT_THREE: JoseError = JoseError::Malformed("not three parts");

fn verify(token: &str) -> Result<VerifiedJwt, JoseError> {
    verify_jwt(token, &[verifier(Algorithm::Es256)], &[Algorithm::Es256])
}

fn good() -> String {
    sign_jwt(key(Algorithm::Es256), "JWT", &claims()).unwrap()
}

fn with_header(header: &str) -> Result<VerifiedJwt, JoseError> {
    verify(&token_with(key(Algorithm::Es256), header.as_bytes(), br#"{"sub":"a"}"#))
}

fn with_payload(payload: &str) -> Result<VerifiedJwt, JoseError> {
    verify(&token_with(key(Algorithm::Es256), br#"{"alg":"ES256"}"#, payload.as_bytes()))
}

#[test]
fn parts_are_exactly_three_and_canonical() {
    let token = good();
    assert!(verify(&token).is_ok());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for wrong in ["", ".", header, &format!("{header}.{payload}")] {
        assert_eq!(verify(wrong), Err(NOT_THREE), "{wrong}");
    }
    for wrong in [format!("{token}."), format!(".{token}"), format!("{token}.{payload}.{signature}")] {
        assert_eq!(verify(&wrong), Err(NOT_THREE), "{wrong}");
    }
    for wrong in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}\r\n.{signature}"),
        token.replacen('e', "+", 1),
    ] {
        assert_eq!(verify(&wrong), Err(NOT_BASE64URL), "{wrong}");
    }
    assert_eq!(verify(&format!("{header}.{payload}.")), Err(JoseError::BadSignature));
    assert!(verify(&format!("{header}..{signature}")).is_err());
    assert!(verify(&format!(".{payload}.{signature}")).is_err());
}

#[test]
fn trailing_bits_must_be_zero() {
    // 64 signature bytes leave four unused bits in the last character: one spelling of sixteen is canonical.
    let token = good();
    let last = token.chars().last().unwrap();
    let spellings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = spellings.find(last).unwrap();
    assert_eq!(index % 16, 0);
    for offset in 1..16 {
        let mut other = token[..token.len() - 1].to_owned();
        other.push(spellings.as_bytes()[index + offset] as char);
        assert_eq!(verify(&other), Err(NOT_BASE64URL));
    }
}

#[test]
fn size_is_bounded_both_ways() {
    let fill = |length: usize| json!({"fill": "x".repeat(length)});
    let key = key(Algorithm::EdDsa);
    // The longest payload that fits: payloads grow, tokens follow in steps of one base64 group.
    let longest = (MAX_TOKEN_LENGTH / 2..MAX_TOKEN_LENGTH)
        .take_while(|length| sign_jwt(key, "JWT", &fill(*length)).is_ok())
        .last()
        .unwrap();
    let token = sign_jwt(key, "JWT", &fill(longest)).unwrap();
    assert!(token.len() <= MAX_TOKEN_LENGTH && token.len() > MAX_TOKEN_LENGTH - 4);
    assert!(verify_jwt(&token, &[verifier(Algorithm::EdDsa)], &[Algorithm::EdDsa]).is_ok());
    assert_eq!(sign_jwt(key, "JWT", &fill(longest + 4)), Err(JoseError::TooLarge));

    let header = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, key.kid());
    let large = token_with(key, header.as_bytes(), fill(MAX_TOKEN_LENGTH).to_string().as_bytes());
    assert_eq!(verify_jwt(&large, &[verifier(Algorithm::EdDsa)], &[Algorithm::EdDsa]), Err(JoseError::TooLarge));
    assert_eq!(decode_unverified(&large), Err(JoseError::TooLarge));
}

#[test]
fn none_and_macs_never_verify() {
    let key = verifier(Algorithm::Rs256);
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "ES512", "PS384", "rs256"] {
        let header = encode(json!({"alg": alg, "kid": key.kid()}).to_string().as_bytes());
        let payload = encode(claims().to_string().as_bytes());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(
                verify_jwt(&token, std::slice::from_ref(&key), &Algorithm::ALL),
                Err(JoseError::UnsupportedAlgorithm),
                "{alg}"
            );
        }
    }
}

#[test]
fn a_public_key_is_no_mac_secret() {
    // RFC 8725, section 2.1: every form in which the public key is published, tried as the HMAC secret.
    let jwk = key(Algorithm::Rs256).public_jwk();
    let n = jwk.n.clone().unwrap();
    let secrets = [serde_json::to_vec(&jwk).unwrap(), decode(&n).unwrap(), n.into_bytes()];
    for secret in secrets {
        let token = sign_hs256(&secret, "JWT", &claims()).unwrap();
        assert_eq!(verify_jwt(&token, &[verifier(Algorithm::Rs256)], &Algorithm::ALL), Err(JoseError::UnsupportedAlgorithm));
        // The same MAC under a header that claims a signature.
        let header = encode(json!({"alg": "RS256", "kid": jwk.kid}).to_string().as_bytes());
        let input = format!("{header}.{}", encode(claims().to_string().as_bytes()));
        let mac = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret), input.as_bytes());
        let token = format!("{input}.{}", encode(mac.as_ref()));
        assert_eq!(verify_jwt(&token, &[verifier(Algorithm::Rs256)], &Algorithm::ALL), Err(JoseError::BadSignature));
        assert_eq!(verify_hs256(&secret, &token), Err(JoseError::AlgorithmMismatch));
    }
}

#[test]
fn hs256_needs_the_whole_mac_and_a_long_secret() {
    let secret = [7; 32];
    let token = sign_hs256(&secret, "JWT", &claims()).unwrap();
    let jwt = verify_hs256(&secret, &token).unwrap();
    assert_eq!(serde_json::Value::Object(jwt.claims), claims());
    assert_eq!(verify_hs256(&[8; 32], &token), Err(JoseError::BadSignature));
    let (input, mac) = token.rsplit_once('.').unwrap();
    for cut in ["", &encode(&decode(mac).unwrap()[..16]), &encode(&decode(mac).unwrap()[..31])] {
        assert_eq!(verify_hs256(&secret, &format!("{input}.{cut}")), Err(JoseError::BadSignature));
    }
    let short = JoseError::UnusableKey("an HS256 secret needs 32 bytes");
    assert_eq!(sign_hs256(&secret[..31], "JWT", &claims()), Err(short));
    assert_eq!(verify_hs256(&secret[..31], &token), Err(short));
    assert_eq!(verify_hs256(b"", &token), Err(short));
}

#[test]
fn the_algorithm_must_be_allowed_and_be_the_keys_own() {
    let keys: Vec<_> = Algorithm::ALL.map(verifier).into();
    for signer in Algorithm::ALL {
        let token = sign_jwt(key(signer), "JWT", &claims()).unwrap();
        assert!(verify_jwt(&token, &keys, &[signer]).is_ok());
        assert_eq!(verify_jwt(&token, &keys, &[]), Err(JoseError::AlgorithmNotAllowed));
        for other in Algorithm::ALL {
            if other == signer {
                continue;
            }
            assert_eq!(verify_jwt(&token, &keys, &[other]), Err(JoseError::AlgorithmNotAllowed));
            // The right key's id and signature under another algorithm's name.
            let header = json!({"alg": other.as_str(), "kid": key(signer).kid()}).to_string();
            let token = token_with(key(signer), header.as_bytes(), b"{}");
            assert_eq!(verify_jwt(&token, &keys, &Algorithm::ALL), Err(JoseError::AlgorithmMismatch));
        }
    }
}

#[test]
fn kid_picks_the_key_and_doubt_is_refused() {
    let token = good();
    let es256 = verifier(Algorithm::Es256);
    let mut renamed = key(Algorithm::Es256).public_jwk();
    renamed.kid = Some("other".to_owned());
    let renamed_key = VerifyingKey::from_jwk(&renamed).unwrap();
    let allowed = [Algorithm::Es256];
    assert_eq!(verify_jwt(&token, &[], &allowed), Err(JoseError::UnknownKey));
    assert_eq!(verify_jwt(&token, std::slice::from_ref(&renamed_key), &allowed), Err(JoseError::UnknownKey));
    assert!(verify_jwt(&token, &[renamed_key.clone(), es256.clone()], &allowed).is_ok());
    assert_eq!(verify_jwt(&token, &[es256.clone(), es256.clone()], &allowed), Err(JoseError::AmbiguousKey));

    // The id of one key on the signature of another.
    let foreign = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = json!({"alg": "ES256", "kid": es256.kid()}).to_string();
    let forged = token_with(&foreign, header.as_bytes(), b"{}");
    assert_eq!(verify_jwt(&forged, &[es256.clone(), foreign.verifying_key().clone()], &allowed), Err(JoseError::BadSignature));

    // No `kid`: fine with one candidate, refused with two.
    let unnamed = token_with(key(Algorithm::Es256), br#"{"alg":"ES256"}"#, b"{}");
    assert!(verify_jwt(&unnamed, &[verifier(Algorithm::Rs256), es256.clone()], &allowed).is_ok());
    assert_eq!(verify_jwt(&unnamed, &[es256, foreign.verifying_key().clone()], &allowed), Err(JoseError::AmbiguousKey));

    // A key registered without an id answers to any.
    renamed.kid = None;
    let anonymous = VerifyingKey::from_jwk(&renamed).unwrap();
    assert!(verify_jwt(&token, &[renamed_key, anonymous], &allowed).is_ok());
}

#[test]
fn critical_headers_and_odd_members_are_refused() {
    assert!(with_header(r#"{"alg":"ES256"}"#).is_ok());
    assert!(with_header("{\"typ\":\"JWT\",\r\n \"alg\" : \"ES256\", \"x-unknown\": [1, 2.5, null, true, {}]}").is_ok());
    for header in [
        r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":null}"#,
        r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"ES256","b64":true}"#,
        r#"{"alg":"ES256","b64":false}"#,
    ] {
        assert_eq!(with_header(header), Err(JoseError::CriticalHeader), "{header}");
    }
    for header in [
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","al\u0067":"none"}"#,
        r#"{"alg":"ES256","x":{"y":1,"y":1}}"#,
        r#"{"alg":"ES256","x":[{"y":1,"y":1}]}"#,
        r#"{"alg":"ES256"}{}"#,
        r#"{"alg":"ES256"} x"#,
        r#"{"alg":"ES256",}"#,
        r#"{"alg":"ES256""#,
        r#"["ES256"]"#,
        r#""ES256""#,
        "\u{feff}{\"alg\":\"ES256\"}",
        "",
        "null",
    ] {
        assert_eq!(with_header(header), Err(NOT_UNIQUE), "{header}");
    }
    assert_eq!(with_header("{}"), Err(JoseError::Malformed("alg is missing")));
    for header in
        [r#"{"alg":256}"#, r#"{"alg":null}"#, r#"{"alg":["ES256"]}"#, r#"{"alg":"ES256","kid":7}"#, r#"{"alg":"ES256","typ":{}}"#]
    {
        let expected = JoseError::Malformed("header parameter is not a string");
        assert_eq!(with_header(header), Err(expected), "{header}");
    }
    let bytes = [br#"{"alg":"ES256","x":""#.as_slice(), &[0xff], br#""}"#].concat();
    let token = token_with(key(Algorithm::Es256), &bytes, b"{}");
    assert_eq!(verify(&token), Err(NOT_UNIQUE), "not UTF-8");
    let deep = format!(r#"{{"alg":"ES256","x":{}{}}}"#, "[".repeat(3000), "]".repeat(3000));
    assert_eq!(with_header(&deep), Err(NOT_UNIQUE), "too deep");
}

#[test]
fn keys_in_the_header_are_not_followed() {
    let attacker = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = json!({
        "alg": "ES256", "jwk": attacker.public_jwk(), "kid": key(Algorithm::Es256).kid(),
        "jku": "https://attacker.example/jwks.json", "x5u": "https://attacker.example/cert",
    });
    let token = token_with(&attacker, header.to_string().as_bytes(), b"{}");
    assert_eq!(verify(&token), Err(JoseError::BadSignature));
}

#[test]
fn claims_are_one_object_with_unique_names() {
    assert!(with_payload(r#"{"sub":"a"}"#).is_ok());
    for payload in [
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"sub":"a","s\u0075b":"a"}"#,
        r#"{"act":{"sub":"a","sub":"b"}}"#,
        r#"["a"]"#,
        r#""a""#,
        "1",
        "",
        r#"{"exp":1e999}"#,
        r#"{"sub":"a"}x"#,
    ] {
        assert_eq!(with_payload(payload), Err(NOT_UNIQUE), "{payload}");
        let token = token_with(key(Algorithm::Es256), br#"{"alg":"ES256"}"#, payload.as_bytes());
        assert_eq!(decode_unverified(&token), Err(NOT_UNIQUE), "{payload}");
    }
    for claims in [json!([1]), json!("a"), json!(null)] {
        assert_eq!(sign_jwt(key(Algorithm::Es256), "JWT", &claims), Err(JoseError::ClaimsNotObject));
    }
}

#[test]
fn decode_unverified_reads_what_verify_reads() {
    let token = good();
    let decoded = decode_unverified(&token).unwrap();
    let verified = verify(&token).unwrap();
    assert_eq!(decoded.header, verified.header);
    assert_eq!(decoded.claims, serde_json::Value::Object(verified.claims));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever single bit of the decoded header, payload or signature changes, the token is refused.
    #[test]
    fn every_part_is_covered(part in 0_usize..3, position in any::<prop::sample::Index>(), bit in 0_u8..8) {
        for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
            let token = sign_jwt(key(algorithm), "JWT", &claims()).unwrap();
            let keys = [verifier(algorithm)];
            prop_assert!(verify_jwt(&token, &keys, &[algorithm]).is_ok());
            let mut parts: Vec<Vec<u8>> = token.split('.').map(|part| decode(part).unwrap()).collect();
            let at = position.index(parts[part].len());
            parts[part][at] ^= 1 << bit;
            let bent: Vec<String> = parts.iter().map(|part| encode(part)).collect();
            prop_assert!(verify_jwt(&bent.join("."), &keys, &[algorithm]).is_err());
        }
    }

    /// No input makes the reader panic.
    #[test]
    fn any_text_is_answered(text in ".{0,80}", header in any::<Vec<u8>>(), payload in any::<Vec<u8>>()) {
        prop_assert!(verify(&text).is_err());
        prop_assert!(decode_unverified(&text).is_err());
        let token = format!("{}.{}.AAAA", encode(&header), encode(&payload));
        prop_assert!(verify(&token).is_err());
    }
}
