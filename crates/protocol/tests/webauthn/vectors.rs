//! The test vectors of W3C Web Authentication Level 3, section "Test Vectors": RP ID `example.org`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use ciborium::Value;
use doorward_protocol::webauthn::{
    AttestationError, AttestationKind, AttestationPolicy, AuthenticationError, AuthenticationExpectation, AuthenticationResponse,
    CoseAlgorithm, OriginRule, RegistrationError, RegistrationExpectation, RegistrationResponse, RelyingParty, StoredCredential,
    UserVerification, authenticator_data::AuthenticatorData, verify_authentication, verify_registration,
};
use serde::Deserialize;
use serde_json::json;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::authenticator::{base64url, rp, sha256};

#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub reg: Registration,
    auth: Authentication,
}

#[derive(Deserialize)]
pub struct Registration {
    challenge: String,
    credential_id: String,
    aaguid: String,
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    #[serde(rename = "attestationObject")]
    attestation_object: String,
}

#[derive(Deserialize)]
struct Authentication {
    challenge: String,
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    signature: String,
}

pub fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../../../tests/vectors/webauthn-l3.json")).expect("the vectors")
}

pub fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
        .collect()
}

impl Registration {
    pub fn challenge(&self) -> Vec<u8> {
        hex(&self.challenge)
    }

    pub fn attestation_object(&self) -> Vec<u8> {
        hex(&self.attestation_object)
    }

    pub fn response(&self) -> RegistrationResponse {
        self.response_with(&hex(&self.attestation_object))
    }

    pub fn response_with(&self, attestation_object: &[u8]) -> RegistrationResponse {
        RegistrationResponse::from_value(&json!({
            "id": base64url(&hex(&self.credential_id)),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&hex(&self.client_data_json)),
                "attestationObject": base64url(attestation_object),
            },
        }))
        .expect("well-formed")
    }
}

impl Vector {
    fn assertion(&self) -> AuthenticationResponse {
        AuthenticationResponse::from_value(&json!({
            "id": base64url(&hex(&self.reg.credential_id)),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&hex(&self.auth.client_data_json)),
                "authenticatorData": base64url(&hex(&self.auth.authenticator_data)),
                "signature": base64url(&hex(&self.auth.signature)),
            },
        }))
        .expect("well-formed")
    }
}

const ALL: &[CoseAlgorithm] =
    &[CoseAlgorithm::Es256, CoseAlgorithm::Es384, CoseAlgorithm::Es512, CoseAlgorithm::EdDsa, CoseAlgorithm::Rs256];

fn framed_rp() -> RelyingParty {
    RelyingParty {
        origins: OriginRule {
            exact: vec!["https://example.org".into()],
            allow_cross_origin: true,
            top_origins: vec!["https://example.com".into()],
            ..OriginRule::default()
        },
        ..rp()
    }
}

/// Everything that a relying party may permit, permitted.
fn permissive<'a>(challenge: &'a [u8], rp: &'a RelyingParty) -> RegistrationExpectation<'a> {
    RegistrationExpectation {
        challenge,
        rp,
        user_verification: UserVerification::Preferred,
        algorithms: ALL,
        attestation: &AttestationPolicy::Ignore,
        user_presence_required: true,
    }
}

/// What a permissive relying party concludes from each vector.
#[test]
fn permissive_policy_accepts_all_but_ed448() {
    enum Kind {
        None,
        SelfAttestation,
        BasicOrAttCa,
        AnonCa,
        Uncertain,
    }
    // name, format, kind, algorithm, UV at registration, BE, BS at registration, BS at authentication
    let table = [
        ("none-es256", "none", Kind::None, CoseAlgorithm::Es256, false, true, true, true),
        ("packed-self-es256", "packed", Kind::SelfAttestation, CoseAlgorithm::Es256, true, true, true, false),
        ("none-es256-crossOrigin", "none", Kind::None, CoseAlgorithm::Es256, true, false, false, false),
        ("none-es256-topOrigin", "none", Kind::None, CoseAlgorithm::Es256, false, false, false, false),
        ("none-es256-long-credential-id", "none", Kind::None, CoseAlgorithm::Es256, false, true, false, false),
        ("packed-es256", "packed", Kind::BasicOrAttCa, CoseAlgorithm::Es256, true, true, false, false),
        ("packed-es384", "packed", Kind::BasicOrAttCa, CoseAlgorithm::Es384, false, true, true, false),
        ("packed-es512", "packed", Kind::BasicOrAttCa, CoseAlgorithm::Es512, true, true, false, true),
        ("packed-rs256", "packed", Kind::BasicOrAttCa, CoseAlgorithm::Rs256, true, true, true, true),
        ("packed-eddsa", "packed", Kind::BasicOrAttCa, CoseAlgorithm::EdDsa, false, false, false, false),
        ("tpm-es256", "tpm", Kind::BasicOrAttCa, CoseAlgorithm::Es256, true, true, false, false),
        // Its key description has empty authorization lists: nothing is claimed about the hardware.
        ("android-key-es256", "android-key", Kind::Uncertain, CoseAlgorithm::Es256, true, true, true, false),
        ("apple-es256", "apple", Kind::AnonCa, CoseAlgorithm::Es256, false, true, false, false),
        ("fido-u2f-es256", "fido-u2f", Kind::BasicOrAttCa, CoseAlgorithm::Es256, false, false, false, false),
    ];
    let vectors = vectors();
    assert_eq!(vectors.len(), table.len() + 1, "one more is Ed448");
    for (name, format, kind, algorithm, user_verified, backup_eligible, backed_up, backed_up_later) in table {
        let vector = vectors.iter().find(|vector| vector.name == name).expect(name);
        let rp = framed_rp();
        let challenge = vector.reg.challenge();
        let registered = verify_registration(&permissive(&challenge, &rp), &vector.reg.response()).expect(name);
        assert_eq!(registered.credential_id, hex(&vector.reg.credential_id), "{name}");
        assert_eq!(registered.aaguid.as_bytes().as_slice(), hex(&vector.reg.aaguid), "{name}");
        assert_eq!(registered.attestation_format, format, "{name}");
        assert_eq!(registered.algorithm, algorithm, "{name}");
        assert_eq!(registered.user_verified, user_verified, "{name}: UV");
        assert_eq!(registered.backup_eligible, backup_eligible, "{name}: BE");
        assert_eq!(registered.backup_state, backed_up, "{name}: BS");
        let expected_kind = match kind {
            Kind::None => AttestationKind::None,
            Kind::SelfAttestation => AttestationKind::SelfAttestation,
            Kind::BasicOrAttCa => AttestationKind::BasicOrAttCa { x5c: x5c(&vector.reg) },
            Kind::AnonCa => AttestationKind::AnonCa { x5c: x5c(&vector.reg) },
            Kind::Uncertain => AttestationKind::Uncertain,
        };
        assert_eq!(registered.attestation_kind, expected_kind, "{name}");

        let stored = StoredCredential {
            credential_id: registered.credential_id,
            public_key: registered.public_key,
            sign_count: registered.sign_count,
            backup_eligible: registered.backup_eligible,
            backup_state: registered.backup_state,
            user_handle: b"somebody".to_vec(),
            rp_id: "example.org".into(),
        };
        let expect = AuthenticationExpectation {
            challenge: &hex(&vector.auth.challenge),
            rp: &rp,
            user_verification: UserVerification::Preferred,
            user_handle_required: false,
            allow_credentials: &[],
        };
        let verified = verify_authentication(&expect, &stored, &vector.assertion()).expect(name);
        assert_eq!(verified.backup_state, backed_up_later, "{name}: BS at authentication");
        assert!(!verified.sign_count_regressed, "{name}");

        let mut bent = vector.assertion();
        *bent.signature.last_mut().expect("not empty") ^= 1;
        assert_eq!(
            verify_authentication(&expect, &stored, &bent),
            Err(AuthenticationError::BadSignature),
            "{name}: a bent signature"
        );
    }
}

/// What our default policy says: user verification, no frames, ES256, EdDSA or RS256.
#[test]
fn default_policy_table() {
    let wrong = |name: &str| -> Option<RegistrationError> {
        match name {
            // UV is clear in these.
            "none-es256"
            | "none-es256-long-credential-id"
            | "packed-es384"
            | "packed-eddsa"
            | "packed-ed448"
            | "apple-es256"
            | "fido-u2f-es256" => Some(RegistrationError::UserNotVerified),
            // Made in a frame of another origin.
            "none-es256-crossOrigin" | "none-es256-topOrigin" => Some(RegistrationError::CrossOriginNotAllowed),
            // Not offered by default.
            "packed-es512" => Some(RegistrationError::AlgorithmNotAllowed(-36)),
            "packed-self-es256" | "packed-es256" | "packed-rs256" | "tpm-es256" | "android-key-es256" => None,
            other => panic!("{other} is not in the table"),
        }
    };
    let rp = RelyingParty { origins: OriginRule::exact(["https://example.org"]), ..rp() };
    for vector in vectors() {
        let expect = RegistrationExpectation {
            challenge: &vector.reg.challenge(),
            rp: &rp,
            user_verification: UserVerification::default(),
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: &AttestationPolicy::default(),
            user_presence_required: true,
        };
        assert_eq!(verify_registration(&expect, &vector.reg.response()).err(), wrong(&vector.name), "{}", vector.name);
    }
}

/// The attestation is required to be of a known format, and then to be trusted: the leaf itself is made the anchor.
#[test]
fn stricter_attestation_policies_table() {
    let rp = framed_rp();
    let now = 1_767_225_600;
    for vector in vectors().iter().filter(|vector| vector.name != "packed-ed448") {
        let name = &vector.name;
        let challenge = vector.reg.challenge();
        let response = vector.reg.response();
        let verify = |attestation: &AttestationPolicy| {
            let expect = RegistrationExpectation { attestation, ..permissive(&challenge, &rp) };
            verify_registration(&expect, &response).map(|registered| registered.attestation_kind).map_err(|error| error.code())
        };
        let known = verify(&AttestationPolicy::RequireKnown);
        let roots = x5c_or_none(&vector.reg);
        let trusted = verify(&AttestationPolicy::RequireTrusted { roots, now });
        let stranger = verify(&AttestationPolicy::RequireTrusted { roots: Vec::new(), now });
        let too_early = verify(&AttestationPolicy::RequireTrusted { roots: x5c_or_none(&vector.reg), now: 1_600_000_000 });
        match name.as_str() {
            "android-key-es256" => {
                assert_eq!(known, Err("attestation_invalid"), "{name}");
                assert_eq!(trusted, Err("attestation_invalid"), "{name}");
            }
            none if none.starts_with("none-") || none == "packed-self-es256" => {
                assert!(known.is_ok(), "{name}");
                assert_eq!(trusted, Err("attestation_format_not_accepted"), "{name}");
            }
            _ => {
                assert!(known.is_ok(), "{name}");
                assert_eq!(trusted, known, "{name}");
                assert_eq!(stranger, Err("attestation_untrusted"), "{name}");
                assert_eq!(too_early, Err("attestation_untrusted"), "{name}");
            }
        }
    }
}

/// Ed448 is no algorithm of ours: refused by name. The vector's signatures are checked all the same, with other means.
#[test]
fn ed448_is_refused_by_name_and_its_signatures_are_good() {
    use ed448_goldilocks::{Signature, VerifyingKey};

    let vectors = vectors();
    let vector = vectors.iter().find(|vector| vector.name == "packed-ed448").expect("in the vectors");
    let rp = rp();
    let challenge = vector.reg.challenge();
    assert_eq!(
        verify_registration(&permissive(&challenge, &rp), &vector.reg.response()),
        Err(RegistrationError::UnknownAlgorithm(-53))
    );

    let object = object(&vector.reg);
    let auth_data = entry(&object, "authData").as_bytes().expect("bytes");
    let statement = entry(&object, "attStmt");
    let signature = entry(statement, "sig").as_bytes().expect("bytes");
    let signed = [auth_data.as_slice(), &sha256(&hex(&vector.reg.client_data_json))].concat();
    let chain = x5c(&vector.reg);
    let (_, certificate) = X509Certificate::from_der(&chain[0]).expect("a certificate");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, certificate.public_key().raw)
        .verify(&signed, signature)
        .expect("the attestation signature");

    let parsed = AuthenticatorData::parse(auth_data).expect("well-formed");
    let cose: Value = ciborium::from_reader(parsed.attested.expect("attested").public_key).expect("CBOR");
    let x = cose
        .as_map()
        .and_then(|map| map.iter().find(|(label, _)| *label == Value::from(-2)))
        .and_then(|(_, x)| x.as_bytes())
        .expect("x");
    let key = VerifyingKey::from_bytes(x.as_slice().try_into().expect("57 bytes")).expect("a point");
    let signed = [hex(&vector.auth.authenticator_data), sha256(&hex(&vector.auth.client_data_json))].concat();
    let signature = Signature::try_from(hex(&vector.auth.signature).as_slice()).expect("114 bytes");
    key.verify_raw(&signature, &signed).expect("the assertion signature");
    assert!(key.verify_raw(&signature, &signed[1..]).is_err(), "over something else");
}

/// The two framed vectors against each setting of frames.
#[test]
fn frames_table() {
    let vectors = vectors();
    let find = |name: &str| vectors.iter().find(|vector| vector.name == name).expect("in the vectors");
    let rule = |allow_cross_origin, tops: &[&str]| OriginRule {
        exact: vec!["https://example.org".into()],
        any_localhost_port: false,
        allow_cross_origin,
        top_origins: tops.iter().map(|top| (*top).into()).collect(),
    };
    let table = [
        ("none-es256-crossOrigin", rule(false, &["https://example.com"]), Some("cross_origin_not_allowed")),
        // An older browser does not name the top-level origin.
        ("none-es256-crossOrigin", rule(true, &[]), None),
        ("none-es256-topOrigin", rule(false, &["https://example.com"]), Some("cross_origin_not_allowed")),
        ("none-es256-topOrigin", rule(true, &[]), Some("top_origin_mismatch")),
        ("none-es256-topOrigin", rule(true, &["https://example.com:444"]), Some("top_origin_mismatch")),
        ("none-es256-topOrigin", rule(true, &["https://example.com"]), None),
    ];
    for (name, origins, refusal) in table {
        let vector = find(name);
        let rp = RelyingParty { origins: origins.clone(), ..rp() };
        let challenge = vector.reg.challenge();
        let verified = verify_registration(&permissive(&challenge, &rp), &vector.reg.response());
        assert_eq!(verified.err().map(|error| error.code()), refusal, "{name} under {origins:?}");
    }
}

/// A statement may not verify under another vector's client data: nothing is signed over alone.
#[test]
fn attestation_is_bound_to_the_client_data() {
    let rp = framed_rp();
    for vector in vectors().iter().filter(|vector| vector.name != "packed-ed448" && !vector.name.starts_with("none-")) {
        let mut response = vector.reg.response();
        // Another member is no difference to the checks on client data, and all the difference to its hash.
        assert_eq!(response.client_data_json.pop(), Some(b'}'));
        response.client_data_json.extend_from_slice(br#","x":1}"#);
        let challenge = vector.reg.challenge();
        let refused = verify_registration(&permissive(&challenge, &rp), &response).expect_err(&vector.name);
        let expected = match vector.name.as_str() {
            "tpm-es256" => AttestationError::Invalid("certInfo is not of this ceremony"),
            "apple-es256" => AttestationError::Invalid("the nonce is not of this ceremony"),
            _ => AttestationError::BadSignature,
        };
        assert_eq!(refused, RegistrationError::Attestation(expected), "{}", vector.name);
    }
}

pub fn object(registration: &Registration) -> Value {
    ciborium::from_reader(registration.attestation_object().as_slice()).expect("CBOR")
}

pub fn entry<'a>(map: &'a Value, key: &str) -> &'a Value {
    map.as_map().and_then(|map| map.iter().find(|(name, _)| name.as_text() == Some(key))).map(|(_, value)| value).expect(key)
}

fn x5c(registration: &Registration) -> Vec<Vec<u8>> {
    entry(entry(&object(registration), "attStmt"), "x5c")
        .as_array()
        .expect("an array")
        .iter()
        .map(|certificate| certificate.as_bytes().expect("bytes").clone())
        .collect()
}

fn x5c_or_none(registration: &Registration) -> Vec<Vec<u8>> {
    let object = object(registration);
    let statement = entry(&object, "attStmt").as_map().expect("a map");
    if statement.iter().any(|(name, _)| name.as_text() == Some("x5c")) { x5c(registration) } else { Vec::new() }
}
