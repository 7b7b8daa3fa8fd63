//! Section 7.1, bent one way at a time.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use ciborium::Value;
use doorward_protocol::webauthn::{
    AttestationPolicy, CoseAlgorithm, OriginRule, RegisteredCredential, RegistrationError, RegistrationExpectation,
    RegistrationResponse, RelyingParty, UserVerification, verify_registration,
};
use serde_json::json;

use crate::authenticator::{AT, BE, BS, CHALLENGE, CREDENTIAL_ID, Ceremony, ED, Key, UP, UV, cose, rp};

/// What a test may change about the expectation.
struct Policy {
    rp: RelyingParty,
    challenge: Vec<u8>,
    user_verification: UserVerification,
    algorithms: &'static [CoseAlgorithm],
    attestation: AttestationPolicy,
    user_presence_required: bool,
}

impl Policy {
    fn new() -> Self {
        Self {
            rp: rp(),
            challenge: CHALLENGE.to_vec(),
            user_verification: UserVerification::Required,
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: AttestationPolicy::Ignore,
            user_presence_required: true,
        }
    }

    fn verify(&self, response: &RegistrationResponse) -> Result<RegisteredCredential, RegistrationError> {
        let expect = RegistrationExpectation {
            challenge: &self.challenge,
            rp: &self.rp,
            user_verification: self.user_verification,
            algorithms: self.algorithms,
            attestation: &self.attestation,
            user_presence_required: self.user_presence_required,
        };
        verify_registration(&expect, response)
    }
}

fn register(ceremony: &Ceremony, policy: &Policy) -> Result<RegisteredCredential, RegistrationError> {
    policy.verify(&RegistrationResponse::from_value(&ceremony.created())?)
}

#[test]
fn a_straight_registration() {
    let key = Key::new();
    let registered = register(&key.registration(), &Policy::new()).expect("accepted");
    assert_eq!(registered.credential_id, CREDENTIAL_ID);
    assert_eq!(registered.public_key, key.cose());
    assert_eq!(registered.algorithm, CoseAlgorithm::Es256);
    assert_eq!(registered.sign_count, 0);
    assert_eq!(registered.aaguid.as_bytes(), &[7; 16]);
    assert_eq!(registered.transports, ["hybrid", "internal"]);
    assert_eq!(registered.discoverable, Some(true));
    assert!(registered.user_verified && registered.backup_eligible && registered.backup_state);
}

#[test]
fn accepted_table() {
    type Bend = fn(&mut Ceremony, &mut Policy);
    let table: [(&str, Bend); 11] = [
        ("the other exact origin", |c, _| c.origin = "https://example.org:8443".into()),
        ("no crossOrigin, as Level 1 browsers", |c, _| c.cross_origin = None),
        ("UV clear under Preferred", |c, p| {
            c.flags &= !UV;
            p.user_verification = UserVerification::Preferred;
        }),
        ("UV clear under Discouraged", |c, p| {
            c.flags &= !UV;
            p.user_verification = UserVerification::Discouraged;
        }),
        ("UP clear in a conditional create", |c, p| {
            c.flags &= !UP;
            p.user_presence_required = false;
        }),
        ("device-bound", |c, _| c.flags &= !(BE | BS)),
        ("eligible, not yet backed up", |c, _| c.flags &= !BS),
        ("a counter", |c, _| c.sign_count = u32::MAX),
        ("extension outputs", |c, _| {
            c.flags |= ED;
            c.tail = vec![0xa0];
        }),
        ("a credential id of 1023 bytes", |c, _| {
            c.credential_id = vec![1; 1023];
            c.reported_id = vec![1; 1023];
        }),
        ("localhost in development", |c, p| {
            c.origin = "http://localhost:9011".into();
            p.rp.origins.any_localhost_port = true;
        }),
    ];
    for (name, bend) in table {
        let mut ceremony = Key::new().registration();
        let mut policy = Policy::new();
        bend(&mut ceremony, &mut policy);
        if let Err(error) = register(&ceremony, &policy) {
            panic!("{name}: {error:?}");
        }
    }
}

#[test]
fn refused_table() {
    type Bend = fn(&mut Ceremony, &mut Policy);
    let table: [(&str, Bend, &str); 42] = [
        ("the challenge of another ceremony", |c, _| c.challenge = b"another".to_vec(), "challenge_mismatch"),
        ("a prefix of the challenge", |c, _| c.challenge.truncate(20), "challenge_mismatch"),
        ("a challenge and more", |c, _| c.challenge.push(0), "challenge_mismatch"),
        ("no challenge", |c, _| c.challenge.clear(), "challenge_mismatch"),
        ("the other ceremony", |c, _| c.kind = "webauthn.get".into(), "wrong_type"),
        ("another type", |c, _| c.kind = "payment.get".into(), "wrong_type"),
        ("another origin", |c, _| c.origin = "https://evil.test".into(), "origin_mismatch"),
        ("another port", |c, _| c.origin = "https://example.org:8444".into(), "origin_mismatch"),
        ("http", |c, _| c.origin = "http://example.org".into(), "origin_mismatch"),
        ("a subdomain", |c, _| c.origin = "https://www.example.org".into(), "origin_mismatch"),
        ("the origin with a slash", |c, _| c.origin = "https://example.org/".into(), "origin_mismatch"),
        ("localhost in production", |c, _| c.origin = "http://localhost:9011".into(), "origin_mismatch"),
        ("no origin known", |_, p| p.rp.origins = OriginRule::default(), "origin_mismatch"),
        ("a frame", |c, _| c.cross_origin = Some(true), "cross_origin_not_allowed"),
        (
            "a top-level origin without crossOrigin",
            |c, _| c.top_origin = Some("https://example.org".into()),
            "cross_origin_not_allowed",
        ),
        (
            "a frame under a stranger",
            |c, p| {
                c.cross_origin = Some(true);
                c.top_origin = Some("https://evil.test".into());
                p.rp.origins.allow_cross_origin = true;
                p.rp.origins.top_origins = vec!["https://example.com".into()];
            },
            "top_origin_mismatch",
        ),
        ("another RP ID", |c, _| c.rp_id = "www.example.org".into(), "rp_id_hash_mismatch"),
        ("our RP ID is another", |_, p| p.rp.id = "example.com".into(), "rp_id_hash_mismatch"),
        ("UP clear", |c, _| c.flags &= !UP, "user_not_present"),
        ("UV clear", |c, _| c.flags &= !UV, "user_not_verified"),
        ("BS without BE", |c, _| c.flags &= !BE, "backup_state_without_eligibility"),
        ("no credential", |c, _| c.flags &= !AT, "no_credential"),
        ("an empty credential id", |c, _| c.credential_id.clear(), "credential_id_length"),
        ("a credential id of 1024 bytes", |c, _| c.credential_id = vec![1; 1024], "credential_id_length"),
        ("another id in the JSON", |c, _| c.reported_id = b"other".to_vec(), "credential_id_mismatch"),
        ("a byte after the authenticator data", |c, _| c.tail = vec![0], "malformed"),
        ("extensions announced, not there", |c, _| c.flags |= ED, "malformed"),
        ("a byte after the object", |c, _| c.bend_object = |object| object.push(0), "malformed"),
        ("a cut object", |c, _| c.bend_object = |object| object.truncate(object.len() - 1), "malformed"),
        ("an empty object", |c, _| c.bend_object = Vec::clear, "malformed"),
        ("no statement", |c, _| c.statement = None, "malformed"),
        ("a format too long", |c, _| c.format = "x".repeat(33), "malformed"),
        ("a format with a quote", |c, _| c.format = "a\"b".into(), "malformed"),
        ("no format", |c, _| c.format.clear(), "malformed"),
        (
            "`none` with something in it",
            |c, _| c.statement = Some(Value::Map(vec![("x".into(), 1.into())])),
            "attestation_malformed",
        ),
        ("a statement that is no map", |c, _| c.statement = Some(1.into()), "attestation_malformed"),
        (
            "an unknown format where one must be known",
            |c, p| {
                c.format = "new".into();
                p.attestation = AttestationPolicy::RequireKnown;
            },
            "attestation_format_not_accepted",
        ),
        (
            "`none` where trust is asked",
            |_, p| p.attestation = AttestationPolicy::RequireTrusted { roots: vec![], now: 0 },
            "attestation_format_not_accepted",
        ),
        ("an algorithm not offered", |_, p| p.algorithms = &[CoseAlgorithm::EdDsa], "algorithm_not_allowed"),
        ("no algorithm offered", |_, p| p.algorithms = &[], "algorithm_not_allowed"),
        ("an empty key", |c, _| c.cose = cose(&[]), "malformed"),
        ("a key that is no map", |c, _| c.cose = vec![0x40], "malformed"),
    ];
    for (name, bend, code) in table {
        let mut ceremony = Key::new().registration();
        let mut policy = Policy::new();
        bend(&mut ceremony, &mut policy);
        assert_eq!(register(&ceremony, &policy).err().map(|error| error.code()), Some(code), "{name}");
    }
}

#[test]
fn a_mismatched_origin_is_named() {
    let mut ceremony = Key::new().registration();
    ceremony.origin = "https://evil.test".into();
    assert_eq!(register(&ceremony, &Policy::new()), Err(RegistrationError::OriginMismatch { got: "https://evil.test".into() }));
}

#[test]
fn an_unknown_format_proves_nothing_and_is_passed_over() {
    let mut ceremony = Key::new().registration();
    ceremony.format = "new-format".into();
    ceremony.statement = Some(Value::Bytes(vec![1]));
    let registered = register(&ceremony, &Policy::new()).expect("accepted");
    assert_eq!(registered.attestation_format, "new-format");
    assert_eq!(registered.attestation_kind, doorward_protocol::webauthn::AttestationKind::Uncertain);
}

/// Section 5.8.5 on keys.
#[test]
fn cose_keys_table() {
    let (x, y) = Key::new().coordinates();
    let ed25519 = Ed25519KeyPair::generate().expect("a key").public_key().as_ref().to_vec();
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let off_curve = {
        let mut y = y.clone();
        y[31] ^= 1;
        y
    };
    let mut modulus = vec![0xff; 256];
    let ec2 = |kty: i64, alg: i64, crv: i64, x: &[u8], y: Value| {
        vec![(1, kty.into()), (3, alg.into()), (-1, crv.into()), (-2, bytes(x)), (-3, y)]
    };
    let okp = |crv: i64, x: &[u8]| vec![(1, 1.into()), (3, (-8).into()), (-1, crv.into()), (-2, bytes(x))];
    let rsa = |alg: i64, n: &[u8], e: &[u8]| vec![(1, 3.into()), (3, alg.into()), (-1, bytes(n)), (-2, bytes(e))];
    let e = [1, 0, 1];
    type Row = (&'static str, Vec<(i64, Value)>, Option<&'static str>);
    let mut table: Vec<Row> = vec![
        ("P-256", ec2(2, -7, 1, &x, bytes(&y)), None),
        ("Ed25519", okp(6, &ed25519), None),
        ("RSA 2048", rsa(-257, &modulus, &e), None),
        ("ES256 with the type OKP", ec2(1, -7, 1, &x, bytes(&y)), Some("malformed")),
        ("ES256 on P-384", ec2(2, -7, 2, &x, bytes(&y)), Some("malformed")),
        ("ES256 on secp256k1", ec2(2, -7, 8, &x, bytes(&y)), Some("malformed")),
        ("ES384 with a P-256 key", ec2(2, -35, 2, &x, bytes(&y)), Some("malformed")),
        ("off the curve", ec2(2, -7, 1, &x, bytes(&off_curve)), Some("malformed")),
        ("the origin", ec2(2, -7, 1, &[0; 32], bytes(&[0; 32])), Some("malformed")),
        ("compressed", ec2(2, -7, 1, &x, Value::Bool(true)), Some("malformed")),
        ("a short x", ec2(2, -7, 1, &x[1..], bytes(&y)), Some("malformed")),
        ("a long y", ec2(2, -7, 1, &x, bytes(&[&[0], y.as_slice()].concat())), Some("malformed")),
        // Side by side they are the point all the same.
        (
            "x short by the byte that y is long",
            ec2(2, -7, 1, &x[..31], bytes(&[&x[31..], y.as_slice()].concat())),
            Some("malformed"),
        ),
        ("alg as text", vec![(1, 2.into()), (3, "ES256".into())], Some("malformed")),
        ("no alg", vec![(1, 2.into()), (-1, 1.into()), (-2, bytes(&x)), (-3, bytes(&y))], Some("malformed")),
        ("ES256K", ec2(2, -47, 8, &x, bytes(&y)), Some("unknown_algorithm")),
        ("RS1", rsa(-65535, &modulus, &e), Some("unknown_algorithm")),
        ("a MAC", vec![(1, 4.into()), (3, 5.into()), (-1, bytes(&x))], Some("unknown_algorithm")),
        ("EdDSA on Ed448", okp(7, &[1; 57]), Some("malformed")),
        ("EdDSA on X25519", okp(4, &ed25519), Some("malformed")),
        ("a short Ed25519 key", okp(6, &ed25519[1..]), Some("malformed")),
        ("RSA 1024", rsa(-257, &modulus[..128], &e), Some("malformed")),
        ("RSA 8200", rsa(-257, &[0xff; 1025], &e), Some("malformed")),
        ("RSA with a leading zero", rsa(-257, &[&[0], modulus.as_slice()].concat(), &e), Some("malformed")),
        ("RSA with a long exponent", rsa(-257, &modulus, &[1; 9]), Some("malformed")),
        ("RSA without an exponent", rsa(-257, &modulus, &[]), Some("malformed")),
        ("RS384, known and not offered", rsa(-258, &modulus, &e), Some("algorithm_not_allowed")),
    ];
    modulus[0] = 0x7f;
    table.push(("RSA 2047", rsa(-257, &modulus, &e), Some("malformed")));
    let mut extra = ec2(2, -7, 1, &x, bytes(&y));
    extra.push((4, Value::Array(vec![1.into()])));
    table.push(("key_ops, which section 5.8.5 forbids", extra, Some("malformed")));
    let mut twice = ec2(2, -7, 1, &x, bytes(&y));
    twice.push((3, (-7).into()));
    table.push(("alg twice", twice, Some("malformed")));
    for (name, entries, refusal) in table {
        let mut ceremony = Key::new().registration();
        ceremony.cose = cose(&entries);
        let verdict = register(&ceremony, &Policy::new()).err().map(|error| error.code());
        assert_eq!(verdict, refusal, "{name}");
    }
}

/// The JSON of section 5.1.8: what may be missing, what may not, and how large it may be.
#[test]
fn json_table() {
    type Bend = fn(&mut serde_json::Value);
    let good: [(&str, Bend); 7] = [
        ("as it is", |_| {}),
        ("no rawId", |json| {
            json.as_object_mut().expect("object").remove("rawId");
        }),
        ("an old polyfill", |json| {
            let object = json.as_object_mut().expect("object");
            object.remove("authenticatorAttachment");
            object.remove("clientExtensionResults");
            object["response"].as_object_mut().expect("object").remove("transports");
        }),
        ("nulls", |json| {
            json["authenticatorAttachment"] = json!(null);
            json["clientExtensionResults"] = json!(null);
            json["response"]["transports"] = json!(null);
        }),
        ("members that repeat the signed data, and lie", |json| {
            json["response"]["publicKey"] = json!("AAAA");
            json["response"]["publicKeyAlgorithm"] = json!(-65535);
            json["response"]["authenticatorData"] = json!("AAAA");
        }),
        ("other extensions", |json| json["clientExtensionResults"] = json!({ "prf": { "enabled": true } })),
        ("padding", |json| {
            let id = format!("{}==", json["id"].as_str().expect("text").trim_end_matches('='));
            assert_eq!(id.len() % 4, 0, "a proper padding");
            json["id"] = json!(id);
        }),
    ];
    let key = Key::new();
    let mut ceremony = key.registration();
    ceremony.credential_id = vec![1; 16];
    ceremony.reported_id = vec![1; 16];
    for (name, bend) in good {
        let mut json = ceremony.created();
        bend(&mut json);
        let response = RegistrationResponse::from_slice(json.to_string().as_bytes()).expect(name);
        Policy::new().verify(&response).expect(name);
    }
    let bad: [(&str, Bend); 17] = [
        ("another type", |json| json["type"] = json!("password")),
        ("no type", |json| {
            json.as_object_mut().expect("object").remove("type");
        }),
        ("no id", |json| {
            json.as_object_mut().expect("object").remove("id");
        }),
        ("an empty id", |json| json["id"] = json!("")),
        ("an id that is a number", |json| json["id"] = json!(1)),
        ("another rawId", |json| json["rawId"] = json!("AAAA")),
        ("an id in plain base64", |json| json["id"] = json!("+/+/")),
        ("a long id", |json| {
            json["id"] = json!("A".repeat(1368));
            json["rawId"] = json!("A".repeat(1368));
        }),
        ("no clientDataJSON", |json| {
            json["response"].as_object_mut().expect("object").remove("clientDataJSON");
        }),
        ("long clientDataJSON", |json| json["response"]["clientDataJSON"] = json!("A".repeat(12_000))),
        ("a long attestationObject", |json| json["response"]["attestationObject"] = json!("A".repeat(45_000))),
        ("seventeen transports", |json| json["response"]["transports"] = json!(vec!["usb"; 17])),
        ("a long transport", |json| json["response"]["transports"] = json!(["x".repeat(33)])),
        ("a transport with markup", |json| json["response"]["transports"] = json!(["<b>"])),
        ("a transport that is a number", |json| json["response"]["transports"] = json!([1])),
        ("a long attachment", |json| json["authenticatorAttachment"] = json!("x".repeat(33))),
        ("rk that is text", |json| json["clientExtensionResults"]["credProps"]["rk"] = json!("true")),
    ];
    for (name, bend) in bad {
        let mut json = ceremony.created();
        bend(&mut json);
        assert!(RegistrationResponse::from_value(&json).is_err(), "{name}");
        assert!(RegistrationResponse::from_slice(json.to_string().as_bytes()).is_err(), "{name}");
    }
    let text = ceremony.created().to_string();
    let padded = format!("{text}{}", " ".repeat(64 * 1024 - text.len()));
    assert!(RegistrationResponse::from_slice(padded.as_bytes()).is_ok(), "64 KiB");
    assert!(RegistrationResponse::from_slice(format!("{padded} ").as_bytes()).is_err(), "64 KiB and one");
    let twice = text.replacen('{', r#"{"id":"AAAA","#, 1);
    assert!(RegistrationResponse::from_slice(twice.as_bytes()).is_err(), "id twice");
}
