//! Keys that are accepted, and keys that are not: RFC 7517, section 4 and RFC 7518, section 6.

use super::super::*;
use super::{claims, jwk, key, verifier};
use serde_json::json;

fn refused(jwk: &Jwk) -> bool {
    matches!(VerifyingKey::from_jwk(jwk), Err(JoseError::UnusableKey(_)))
}

#[test]
fn every_algorithm_signs_verifies_and_survives_pkcs8() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8()).unwrap();
        assert_eq!(again.kid(), key.kid());
        assert_eq!(again.public_jwk(), key.public_jwk());
        let token = sign_jwt(&again, "at+jwt", &claims()).unwrap();
        let jwt = verify_jwt(&token, &[verifier(algorithm)], &[algorithm]).unwrap();
        assert_eq!(jwt.header.alg, algorithm.as_str());
        assert_eq!(jwt.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(jwt.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(serde_json::Value::Object(jwt.claims), claims());
    }
}

#[test]
fn keys_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<SigningKey>();
    shared::<VerifyingKey>();
}

#[test]
fn public_jwk_says_what_it_is_for_and_nothing_private() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let value = serde_json::to_value(key.public_jwk()).unwrap();
        assert_eq!(value["use"], "sig");
        assert_eq!(value["alg"], algorithm.as_str());
        assert_eq!(value["kid"], key.kid());
        assert_eq!(key.kid(), key.public_jwk().thumbprint().unwrap());
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(value.get(private).is_none());
        }
        assert!(!format!("{key:?}").contains(&encode(&key.to_pkcs8())));
    }
    assert_eq!(key(Algorithm::Rs256).public_jwk().e.as_deref(), Some("AQAB"));
    let n = decode(&key(Algorithm::Rs256).public_jwk().n.unwrap()).unwrap();
    assert_eq!(n.len(), 256);
}

#[test]
fn pkcs8_of_another_kind_is_refused() {
    for wanted in Algorithm::ALL {
        for given in Algorithm::ALL {
            let same_kind = key(wanted).public_jwk().kty == key(given).public_jwk().kty
                && key(wanted).public_jwk().crv == key(given).public_jwk().crv;
            let accepted = SigningKey::from_pkcs8(wanted, &key(given).to_pkcs8()).is_ok();
            assert_eq!(accepted, same_kind, "{given} as {wanted}");
        }
    }
    assert!(SigningKey::from_pkcs8(Algorithm::Rs256, b"").is_err());
    let mut cut = key(Algorithm::Es256).to_pkcs8().to_vec();
    cut.pop();
    assert!(SigningKey::from_pkcs8(Algorithm::Es256, &cut).is_err());
}

#[test]
fn use_operations_algorithm_and_type_must_fit() {
    for algorithm in Algorithm::ALL {
        let good = key(algorithm).public_jwk();
        assert!(VerifyingKey::from_jwk(&good).is_ok());
        let mut bad = good.clone();
        bad.use_ = Some("enc".to_owned());
        assert!(refused(&bad));
        let mut bad = good.clone();
        bad.key_ops = Some(vec!["encrypt".to_owned()]);
        assert!(refused(&bad));
        let mut bad = good.clone();
        bad.kty = "oct".to_owned();
        assert!(refused(&bad));
        let mut bad = good.clone();
        bad.crv = Some("secp256k1".to_owned());
        assert_eq!(refused(&bad), bad.kty != "RSA");
        for name in ["none", "HS256", "ES521", "rs256", ""] {
            let mut bad = good.clone();
            bad.alg = Some(name.to_owned());
            assert_eq!(VerifyingKey::from_jwk(&bad).err(), Some(JoseError::UnsupportedAlgorithm));
        }
        for other in Algorithm::ALL {
            if other != algorithm {
                assert_eq!(VerifyingKey::from_jwk_for(&good, other).err(), Some(JoseError::AlgorithmMismatch));
            }
        }
    }
}

#[test]
fn missing_members_are_refused() {
    for algorithm in Algorithm::ALL {
        let good = key(algorithm).public_jwk();
        for name in ["n", "e", "crv", "x", "y"] {
            let mut value = serde_json::to_value(&good).unwrap();
            if value.as_object_mut().unwrap().remove(name).is_some() {
                assert!(refused(&jwk(value.clone())), "{algorithm} without {name}");
                assert!(jwk(value).thumbprint().is_err());
            }
        }
    }
}

#[test]
fn rsa_integers_must_be_sane() {
    let good = key(Algorithm::Rs256).public_jwk();
    let n = decode(good.n.as_deref().unwrap()).unwrap();
    let with_n = |n: &[u8]| Jwk { n: Some(encode(n)), ..good.clone() };
    let with_e = |e: &[u8]| Jwk { e: Some(encode(e)), ..good.clone() };

    assert!(refused(&with_n(&n[..255])), "2040 bits");
    let mut short = n.clone();
    short[0] = 0x7f;
    assert!(refused(&with_n(&short)), "2047 bits");
    assert_eq!(
        VerifyingKey::from_jwk(&with_n(&[&[0], n.as_slice()].concat())).err(),
        Some(JoseError::UnusableKey("RSA integer has leading zeros"))
    );
    assert!(refused(&with_n(&[n.as_slice(), &[1]].concat().repeat(5))), "more than 8192 bits");
    let mut even = n.clone();
    even[255] &= 0xfe;
    assert!(refused(&with_n(&even)), "even");
    assert!(refused(&with_n(&[])), "empty");

    assert!(!refused(&with_e(&[3])));
    assert!(!refused(&with_e(&[0xff, 0xff, 0xff, 0xff])));
    for (e, why) in [
        (&[][..], "empty"),
        (&[0], "zero"),
        (&[1], "one"),
        (&[2], "even"),
        (&[1, 0, 0], "even"),
        (&[0, 1, 0, 1], "leading zero"),
        (&[1, 0, 0, 0, 1], "too large"),
    ] {
        assert!(refused(&with_e(e)), "{why}");
    }
    let padded = Jwk { e: Some("AQAB====".to_owned()), ..good.clone() };
    assert!(refused(&padded));
}

#[test]
fn points_must_lie_on_their_curve() {
    let good = key(Algorithm::Es256).public_jwk();
    let y = decode(good.y.as_deref().unwrap()).unwrap();
    let with_y = |y: &[u8]| Jwk { y: Some(encode(y)), ..good.clone() };
    let mut off = y.clone();
    off[31] ^= 1;
    assert!(refused(&with_y(&off)));
    assert!(refused(&with_y(&y[1..])), "short");
    assert!(refused(&with_y(&[&[0], y.as_slice()].concat())), "leading zero");
    assert!(refused(&with_y(&[0; 32])));
    let swapped = Jwk { crv: Some("P-384".to_owned()), ..good.clone() };
    assert!(refused(&swapped));
    // The right 64 bytes, cut at the wrong place: RFC 7518, section 6.2.1.2 fixes each coordinate's length.
    let x = decode(good.x.as_deref().unwrap()).unwrap();
    let cut = Jwk { x: Some(encode(&x[..31])), y: Some(encode(&[&x[31..], y.as_slice()].concat())), ..good.clone() };
    assert!(refused(&cut));
    let edwards = key(Algorithm::EdDsa).public_jwk();
    let with_x = |x: &[u8]| Jwk { x: Some(encode(x)), ..edwards.clone() };
    let x = decode(edwards.x.as_deref().unwrap()).unwrap();
    assert!(!refused(&with_x(&x)));
    assert!(refused(&with_x(&x[..31])));
    // A whole SubjectPublicKeyInfo (RFC 8410, section 4), which the library would take as well.
    let prefix = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    assert!(refused(&with_x(&[&prefix, x.as_slice()].concat())));
}

#[test]
fn a_set_passes_over_what_it_cannot_use() {
    let mut encryption = key(Algorithm::Es384).public_jwk();
    encryption.use_ = Some("enc".to_owned());
    let set = JwkSet {
        keys: vec![
            jwk(json!({"kty": "oct", "alg": "HS256"})),
            key(Algorithm::Rs256).public_jwk(),
            encryption,
            jwk(json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"})),
            key(Algorithm::EdDsa).public_jwk(),
        ],
    };
    let text = serde_json::to_string(&set).unwrap();
    let read: JwkSet = serde_json::from_str(&text).unwrap();
    let kids: Vec<_> = read.verifying_keys().iter().map(|key| key.kid().map(str::to_owned)).collect();
    assert_eq!(kids, [key(Algorithm::Rs256), key(Algorithm::EdDsa)].map(|key| Some(key.kid().to_owned())));
    assert!(serde_json::from_str::<Jwk>(r#"{"kty":"RSA","n":"AQ","n":"Ag","e":"AQAB"}"#).is_err());
}

#[test]
fn a_certificate_holds_the_key_and_its_own_signature() {
    use x509_parser::prelude::{FromDer as _, X509Certificate};
    let at = crate::time::Timestamp::from_seconds(1_790_000_000);
    let key = key(Algorithm::Rs256);
    let der = key.certificate(at).unwrap();
    assert_eq!(der, key.certificate(at).unwrap(), "every node makes the same");
    let (rest, certificate) = X509Certificate::from_der(&der).unwrap();
    assert!(rest.is_empty());
    certificate.verify_signature(None).unwrap();
    assert_eq!(certificate.validity().not_before.timestamp(), 1_790_000_000);
    assert_eq!(Jwk::from_public_der(&der).unwrap().thumbprint().unwrap(), key.kid());
    let told = key.public_jwk().with_certificate(&der);
    assert_eq!(told.x5c.as_ref().unwrap().len(), 1);
    assert_eq!(decode(told.x5t.as_deref().unwrap()).unwrap().len(), 20);
    let text = serde_json::to_string(&told).unwrap();
    assert!(text.contains("\"x5t#S256\""));
    // What others say of their keys' certificates is not looked at, whatever it is.
    let read: Jwk = serde_json::from_str(&text.replacen("\"x5c\":[", "\"x5c\":[1,", 1)).unwrap();
    assert_eq!(read, key.public_jwk());
    assert!(super::key(Algorithm::Es256).certificate(at).is_err());
}
