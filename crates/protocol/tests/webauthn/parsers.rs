//! Noise: whatever arrives, the parsers answer.

use doorward_protocol::webauthn::{
    AttestationPolicy, AuthenticationExpectation, AuthenticationResponse, CoseAlgorithm, RegistrationExpectation,
    RegistrationResponse, UserVerification, authenticator_data::AuthenticatorData, client_data::ClientData, cose::CoseKey,
    rp_id_valid_for_origin, verify_authentication, verify_registration,
};
use proptest::prelude::*;

use crate::{
    authenticator::{CHALLENGE, CREDENTIAL_ID, Key, rp},
    vectors::vectors,
};

/// Some bytes replaced, and the end cut or kept.
fn damaged(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = bytes.len();
    (prop::collection::vec((0..length, any::<u8>()), 1..6), 0..=length, any::<bool>()).prop_map(move |(changes, cut, keep)| {
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if !keep {
            bytes.truncate(cut);
        }
        bytes
    })
}

fn register(client_data_json: Vec<u8>, attestation_object: Vec<u8>, challenge: &[u8]) -> bool {
    let rp = rp();
    let expect = RegistrationExpectation {
        challenge,
        rp: &rp,
        user_verification: UserVerification::Discouraged,
        algorithms: CoseAlgorithm::DEFAULT,
        attestation: &AttestationPolicy::Ignore,
        user_presence_required: true,
    };
    let response = RegistrationResponse {
        id: CREDENTIAL_ID.to_vec(),
        authenticator_attachment: None,
        client_data_json,
        attestation_object,
        transports: Vec::new(),
        discoverable: None,
    };
    verify_registration(&expect, &response).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = AuthenticatorData::parse(&bytes);
        let _ = ClientData::parse(&bytes);
        let _ = CoseKey::parse(&bytes);
        prop_assert!(RegistrationResponse::from_slice(&bytes).is_err());
        prop_assert!(AuthenticationResponse::from_slice(&bytes).is_err());
        let client_data = Key::new().registration().client_data();
        prop_assert!(!register(client_data, bytes, CHALLENGE));
    }

    #[test]
    fn arbitrary_text(rp_id in ".{0,40}", origin in ".{0,60}") {
        let _ = rp_id_valid_for_origin(&rp_id, &origin);
        let _ = rp().origins.accepts(&origin);
    }

    /// Statements of every format, damaged: certificates, TPM structures and key descriptions are reached.
    #[test]
    fn damaged_vectors(
        (challenge, response) in (0..15_usize).prop_flat_map(|at| {
            let vector = &vectors()[at];
            let challenge = vector.reg.challenge();
            let response = vector.reg.response();
            damaged(vector.reg.attestation_object())
                .prop_map(move |object| (challenge.clone(), RegistrationResponse { attestation_object: object, ..response.clone() }))
        })
    ) {
        let rp = rp();
        let expect = RegistrationExpectation {
            challenge: &challenge,
            rp: &rp,
            user_verification: UserVerification::Discouraged,
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: &AttestationPolicy::Ignore,
            user_presence_required: true,
        };
        let _ = verify_registration(&expect, &response);
    }

    /// No damage to signed bytes is ever accepted.
    #[test]
    fn damaged_assertions(at in any::<prop::sample::Index>(), byte in 1..=255_u8, which in 0..3_usize) {
        let key = Key::new();
        let ceremony = key.authentication();
        let mut response = AuthenticationResponse::from_value(&ceremony.asserted(&key)).expect("well-formed");
        let part = match which {
            0 => &mut response.authenticator_data,
            1 => &mut response.client_data_json,
            _ => &mut response.signature,
        };
        let at = at.index(part.len());
        part[at] ^= byte;
        let rp = rp();
        let expect = AuthenticationExpectation {
            challenge: CHALLENGE,
            rp: &rp,
            user_verification: UserVerification::Discouraged,
            user_handle_required: true,
            allow_credentials: &[],
        };
        prop_assert!(verify_authentication(&expect, &key.stored(), &response).is_err());
    }
}
