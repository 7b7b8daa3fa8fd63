//! Section 7.2, bent one way at a time.

use doorward_protocol::webauthn::{
    AuthenticationError, AuthenticationExpectation, AuthenticationResponse, OriginRule, RelyingParty, StoredCredential,
    UserVerification, VerifiedAssertion, verify_authentication,
};
use serde_json::json;

use crate::authenticator::{AT, BE, BS, CHALLENGE, CREDENTIAL_ID, Ceremony, ED, Key, UP, UV, cose, rp};

struct Policy {
    rp: RelyingParty,
    challenge: Vec<u8>,
    user_verification: UserVerification,
    user_handle_required: bool,
    allow_credentials: Vec<Vec<u8>>,
    stored: StoredCredential,
}

impl Policy {
    fn new(key: &Key) -> Self {
        Self {
            rp: rp(),
            challenge: CHALLENGE.to_vec(),
            user_verification: UserVerification::Required,
            user_handle_required: true,
            allow_credentials: Vec::new(),
            stored: key.stored(),
        }
    }

    fn verify(&self, response: &AuthenticationResponse) -> Result<VerifiedAssertion, AuthenticationError> {
        let expect = AuthenticationExpectation {
            challenge: &self.challenge,
            rp: &self.rp,
            user_verification: self.user_verification,
            user_handle_required: self.user_handle_required,
            allow_credentials: &self.allow_credentials,
        };
        verify_authentication(&expect, &self.stored, response)
    }
}

fn bent(bend: impl FnOnce(&mut Ceremony, &mut Policy)) -> Result<VerifiedAssertion, AuthenticationError> {
    let key = Key::new();
    let mut ceremony = key.authentication();
    let mut policy = Policy::new(&key);
    bend(&mut ceremony, &mut policy);
    policy.verify(&AuthenticationResponse::from_value(&ceremony.asserted(&key))?)
}

#[test]
fn a_straight_authentication() {
    assert_eq!(
        bent(|_, _| {}),
        Ok(VerifiedAssertion {
            sign_count: 0,
            sign_count_regressed: false,
            user_verified: true,
            backup_eligible: true,
            backup_state: true,
        })
    );
}

#[test]
fn accepted_table() {
    type Bend = fn(&mut Ceremony, &mut Policy);
    let table: [(&str, Bend); 9] = [
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
        ("no user handle where the user is known", |c, p| {
            c.user_handle = None;
            p.user_handle_required = false;
        }),
        ("asked for by id", |_, p| p.allow_credentials = vec![b"x".to_vec(), CREDENTIAL_ID.to_vec()]),
        ("no longer backed up", |c, _| c.flags &= !BS),
        ("backed up since", |_, p| p.stored.backup_state = false),
        ("extension outputs", |c, _| {
            c.flags |= ED;
            c.tail = vec![0xa0];
        }),
    ];
    for (name, bend) in table {
        if let Err(error) = bent(bend) {
            panic!("{name}: {error:?}");
        }
    }
    assert!(!bent(|c, _| c.flags &= !BS).expect("accepted").backup_state);
    let unverified = bent(|c, p| {
        c.flags &= !UV;
        p.user_verification = UserVerification::Preferred;
    });
    assert!(!unverified.expect("accepted").user_verified);
}

#[test]
fn refused_table() {
    type Bend = fn(&mut Ceremony, &mut Policy);
    let table: [(&str, Bend, &str); 37] = [
        ("the challenge of another ceremony", |c, _| c.challenge = b"another".to_vec(), "challenge_mismatch"),
        ("a replay after a new challenge", |_, p| p.challenge[0] ^= 1, "challenge_mismatch"),
        ("no challenge", |c, _| c.challenge.clear(), "challenge_mismatch"),
        (
            "no challenge on either side",
            |c, p| {
                c.challenge.clear();
                p.challenge.clear();
            },
            "challenge_mismatch",
        ),
        ("the other ceremony", |c, _| c.kind = "webauthn.create".into(), "wrong_type"),
        ("another origin", |c, _| c.origin = "https://evil.test".into(), "origin_mismatch"),
        ("another port", |c, _| c.origin = "https://example.org:8444".into(), "origin_mismatch"),
        ("http", |c, _| c.origin = "http://example.org".into(), "origin_mismatch"),
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
            },
            "top_origin_mismatch",
        ),
        ("another RP ID", |c, _| c.rp_id = "evil.test".into(), "rp_id_hash_mismatch"),
        ("a credential of another RP ID", |_, p| p.stored.rp_id = "example.com".into(), "rp_id_mismatch"),
        ("UP clear", |c, _| c.flags &= !UP, "user_not_present"),
        (
            "UP clear, whatever is asked about UV",
            |c, p| {
                c.flags &= !UP;
                p.user_verification = UserVerification::Discouraged;
            },
            "user_not_present",
        ),
        ("UV clear", |c, _| c.flags &= !UV, "user_not_verified"),
        ("BS without BE", |c, _| c.flags &= !BE, "backup_state_without_eligibility"),
        ("BE gone", |c, _| c.flags &= !(BE | BS), "backup_eligibility_changed"),
        (
            "BE come",
            |_, p| {
                p.stored.backup_eligible = false;
                p.stored.backup_state = false;
            },
            "backup_eligibility_changed",
        ),
        ("another user's handle", |c, _| c.user_handle = Some(b"somebody".to_vec()), "user_handle_mismatch"),
        (
            "another user's handle where the user is known",
            |c, p| {
                c.user_handle = Some(b"somebody".to_vec());
                p.user_handle_required = false;
            },
            "user_handle_mismatch",
        ),
        ("no user handle", |c, _| c.user_handle = None, "user_handle_missing"),
        ("an empty user handle", |c, _| c.user_handle = Some(Vec::new()), "user_handle_missing"),
        ("another credential", |c, _| c.reported_id = b"other".to_vec(), "credential_id_mismatch"),
        ("a credential not asked for", |_, p| p.allow_credentials = vec![b"x".to_vec()], "credential_not_allowed"),
        ("a flipped bit in the signature", |c, _| c.bend_signature = |s| s[10] ^= 1, "bad_signature"),
        ("a cut signature", |c, _| c.bend_signature = |s| s.truncate(s.len() - 1), "bad_signature"),
        ("a byte after the signature", |c, _| c.bend_signature = |s| s.push(0), "bad_signature"),
        ("no signature", |c, _| c.bend_signature = Vec::clear, "bad_signature"),
        ("r and s of zero", |c, _| c.bend_signature = |s| *s = vec![0x30, 6, 2, 1, 0, 2, 1, 0], "bad_signature"),
        ("another's key", |_, p| p.stored.public_key = Key::new().cose(), "bad_signature"),
        ("a key that cannot be read", |_, p| p.stored.public_key.truncate(70), "malformed"),
        (
            "a key of an unknown algorithm",
            |_, p| p.stored.public_key = cose(&[(1, 2.into()), (3, (-47).into())]),
            "unknown_algorithm",
        ),
        ("a byte after the authenticator data", |c, _| c.tail = vec![0], "malformed"),
        ("extensions announced, not there", |c, _| c.flags |= ED, "malformed"),
        (
            "credential data announced, cut off",
            |c, _| {
                c.flags |= AT;
                c.cose = vec![0xa1];
            },
            "malformed",
        ),
    ];
    for (name, bend, code) in table {
        assert_eq!(bent(bend).err().map(|error| error.code()), Some(code), "{name}");
    }
}

/// Each part of what is signed, changed after signing.
#[test]
fn everything_is_signed() {
    let key = Key::new();
    let mut ceremony = key.authentication();
    ceremony.sign_count = 7;
    let honest = AuthenticationResponse::from_value(&ceremony.asserted(&key)).expect("well-formed");
    let policy = Policy::new(&key);
    assert!(policy.verify(&honest).is_ok());

    let mut counter = honest.clone();
    *counter.authenticator_data.last_mut().expect("a counter") ^= 8;
    assert_eq!(policy.verify(&counter), Err(AuthenticationError::BadSignature));

    let mut flags = honest.clone();
    flags.authenticator_data[32] ^= BS;
    assert_eq!(policy.verify(&flags), Err(AuthenticationError::BadSignature));

    let mut client_data = honest;
    client_data.client_data_json.push(b' ');
    assert_eq!(policy.verify(&client_data), Err(AuthenticationError::BadSignature));
}

/// Section 6.1.1, and that synced passkeys lock nobody out.
#[test]
fn sign_count_table() {
    let regressed = |stored, received| Err(AuthenticationError::SignCountRegressed { stored, received });
    // stored, received, synced, outcome: the counter to store and whether it regressed
    let table = [
        (0, 0, false, Ok((0, false))),
        (0, 1, false, Ok((1, false))),
        (5, 6, false, Ok((6, false))),
        (5, u32::MAX, false, Ok((u32::MAX, false))),
        (5, 5, false, regressed(5, 5)),
        (5, 4, false, regressed(5, 4)),
        (5, 0, false, regressed(5, 0)),
        (u32::MAX, 0, false, regressed(u32::MAX, 0)),
        (0, 0, true, Ok((0, false))),
        (0, 1, true, Ok((1, false))),
        (5, 6, true, Ok((6, false))),
        (5, 5, true, Ok((5, true))),
        (5, 4, true, Ok((5, true))),
        (5, 0, true, Ok((5, true))),
    ];
    for (stored, received, synced, outcome) in table {
        let verdict = bent(|ceremony, policy| {
            ceremony.sign_count = received;
            policy.stored.sign_count = stored;
            if !synced {
                ceremony.flags &= !(BE | BS);
                policy.stored.backup_eligible = false;
                policy.stored.backup_state = false;
            }
        });
        let verdict = verdict.map(|verified| (verified.sign_count, verified.sign_count_regressed));
        assert_eq!(verdict, outcome, "{stored} then {received}, synced: {synced}");
    }
    // A counter is believed only when it is signed: a forgery learns nothing about it.
    let forged = bent(|ceremony, policy| {
        ceremony.bend_signature = |signature| signature[10] ^= 1;
        ceremony.flags &= !(BE | BS);
        policy.stored.backup_eligible = false;
        policy.stored.sign_count = 9;
    });
    assert_eq!(forged, Err(AuthenticationError::BadSignature));
}

/// The JSON of section 5.1.8.
#[test]
fn json_table() {
    type Bend = fn(&mut serde_json::Value);
    let key = Key::new();
    let ceremony = key.authentication();
    let good: [(&str, Bend); 4] = [
        ("as it is", |_| {}),
        ("an old polyfill", |json| {
            let object = json.as_object_mut().expect("object");
            object.remove("rawId");
            object.remove("authenticatorAttachment");
            object.remove("clientExtensionResults");
        }),
        ("an attachment that is not known", |json| json["authenticatorAttachment"] = json!("orbital")),
        ("a member from the future", |json| json["response"]["future"] = json!({ "a": [1] })),
    ];
    for (name, bend) in good {
        let mut json = ceremony.asserted(&key);
        bend(&mut json);
        let response = AuthenticationResponse::from_slice(json.to_string().as_bytes()).expect(name);
        Policy::new(&key).verify(&response).expect(name);
    }
    let bad: [(&str, Bend); 9] = [
        ("another type", |json| json["type"] = json!("password")),
        ("no signature", |json| {
            json["response"].as_object_mut().expect("object").remove("signature");
        }),
        ("a long signature", |json| json["response"]["signature"] = json!("A".repeat(1368))),
        ("long authenticator data", |json| json["response"]["authenticatorData"] = json!("A".repeat(5600))),
        ("a user handle of 65 bytes", |json| json["response"]["userHandle"] = json!("A".repeat(87))),
        ("a user handle that is a number", |json| json["response"]["userHandle"] = json!(1)),
        ("another rawId", |json| json["rawId"] = json!("AAAA")),
        ("no response", |json| json["response"] = json!(null)),
        ("an array", |json| *json = json!([])),
    ];
    for (name, bend) in bad {
        let mut json = ceremony.asserted(&key);
        bend(&mut json);
        assert!(AuthenticationResponse::from_value(&json).is_err(), "{name}");
        assert!(AuthenticationResponse::from_slice(json.to_string().as_bytes()).is_err(), "{name}");
    }
}
