//! What must open, and everything that must not.

use super::*;
use proptest::prelude::*;

const TENANT: Uuid = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001);
const OTHER_TENANT: Uuid = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0002);
const EXPIRY: i64 = 1_795_000_000_000;
const BEFORE: i64 = EXPIRY - 1;
const SALT: [u8; SALT_LENGTH] = [9; SALT_LENGTH];

fn ring() -> KeyRing {
    KeyRing::new(2, [2; 32]).with_previous(1, [1; 32]).unwrap()
}

fn sealed() -> String {
    seal(&ring(), "authorization_code", TENANT, EXPIRY, b"state", SALT)
}

fn opened(text: &str) -> Result<Vec<u8>, SealError> {
    open(&ring(), "authorization_code", TENANT, BEFORE, text)
}

#[test]
fn opens_for_the_same_purpose_and_tenant_only() {
    let text = sealed();
    assert_eq!(opened(&text), Ok(b"state".to_vec()));
    for (purpose, tenant) in [
        ("challenge", TENANT),
        ("authorization_cod", TENANT),
        ("authorization_codes", TENANT),
        ("", TENANT),
        ("authorization_code", OTHER_TENANT),
        ("authorization_code", Uuid::nil()),
    ] {
        assert_eq!(open(&ring(), purpose, tenant, BEFORE, &text), Err(SealError::Tampered));
    }
}

#[test]
fn expires_at_the_very_millisecond() {
    let text = sealed();
    let at = |now| open(&ring(), "authorization_code", TENANT, now, &text);
    assert!(at(i64::MIN).is_ok());
    assert!(at(EXPIRY - 1).is_ok());
    assert_eq!(at(EXPIRY), Err(SealError::Expired));
    assert_eq!(at(i64::MAX), Err(SealError::Expired));
    // Only what is genuine is called expired.
    assert_eq!(open(&ring(), "other", TENANT, EXPIRY, &text), Err(SealError::Tampered));
}

#[test]
fn a_later_expiry_cannot_be_written_in() {
    let mut bytes = URL_SAFE_NO_PAD.decode(sealed()).unwrap();
    bytes[29..37].copy_from_slice(&i64::MAX.to_be_bytes());
    let text = URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(open(&ring(), "authorization_code", TENANT, EXPIRY, &text), Err(SealError::Tampered));
}

#[test]
fn an_old_key_still_opens_and_an_unknown_one_does_not() {
    let old = KeyRing::new(1, [1; 32]);
    let text = seal(&old, "authorization_code", TENANT, EXPIRY, b"state", SALT);
    assert_eq!(opened(&text), Ok(b"state".to_vec()));
    // The new ring seals under its current key.
    assert_eq!(open(&old, "authorization_code", TENANT, BEFORE, &sealed()), Err(SealError::UnknownKey));
    // Another secret under the same id.
    let impostor = KeyRing::new(2, [3; 32]);
    assert_eq!(open(&impostor, "authorization_code", TENANT, BEFORE, &sealed()), Err(SealError::Tampered));
    assert_eq!(ring().with_previous(1, [5; 32]).err(), Some(DuplicateKeyId(1)));
    assert_eq!(ring().with_previous(2, [5; 32]).err(), Some(DuplicateKeyId(2)));
    assert_eq!(ring().current_id(), 2);
}

#[test]
fn rubbish_is_malformed() {
    let text = sealed();
    let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
    for length in 0..(1 + 4 + SALT_LENGTH + 8 + 16) {
        assert_eq!(opened(&URL_SAFE_NO_PAD.encode(&bytes[..length])), Err(SealError::Malformed), "{length}");
    }
    let mut future = bytes.clone();
    future[0] = 2;
    assert_eq!(opened(&URL_SAFE_NO_PAD.encode(&future)), Err(SealError::Malformed));
    for text in [format!("{text}="), format!("{text}\n"), format!("{text}.")] {
        assert_eq!(opened(&text), Err(SealError::Malformed));
    }
}

#[test]
fn an_oversized_value_is_malformed_even_if_genuine() {
    let of = |length: usize| seal(&ring(), "authorization_code", TENANT, EXPIRY, &vec![0; length], SALT);
    // Base64 of 53 bytes of envelope and tag, plus the plaintext.
    let longest = MAX_SEALED_LENGTH / 4 * 3 - 53;
    assert_eq!(of(longest).len(), MAX_SEALED_LENGTH);
    assert!(opened(&of(longest)).is_ok());
    assert_eq!(opened(&of(longest + 1)), Err(SealError::Malformed));
}

#[test]
fn each_salt_gives_its_own_key_and_nonce() {
    let one = URL_SAFE_NO_PAD.decode(sealed()).unwrap();
    let other = seal(&ring(), "authorization_code", TENANT, EXPIRY, b"state", [8; SALT_LENGTH]);
    let other = URL_SAFE_NO_PAD.decode(other).unwrap();
    assert_ne!(one[37..42], other[37..42]);
    // Equal inputs, equal output: nothing is drawn in here.
    assert_eq!(sealed(), sealed());
    // Another class of values, same salt: another key stream.
    let resting = seal_at_rest(&ring(), "authorization_code", "", b"state", SALT);
    assert_ne!(one[37..42], resting[29..34]);
    // Another purpose, same salt: another key stream.
    let other = seal(&ring(), "challenge", TENANT, EXPIRY, b"state", SALT);
    assert_ne!(one[37..42], URL_SAFE_NO_PAD.decode(other).unwrap()[37..42]);
}

#[test]
fn at_rest_is_bound_to_purpose_and_owner() {
    let bytes = seal_at_rest(&ring(), "signing_key", "tenant/key", b"secret", SALT);
    let at_rest = |purpose: &str, owner: &str| open_at_rest(&ring(), purpose, owner, &bytes).map(|plain| plain.to_vec());
    assert_eq!(at_rest("signing_key", "tenant/key"), Ok(b"secret".to_vec()));
    for (purpose, owner) in [
        ("totp", "tenant/key"),
        ("signing_key", "tenant/other"),
        ("signing_key", ""),
        // The same characters, cut elsewhere.
        ("signing_keytenant", "/key"),
        ("signing_ke", "ytenant/key"),
    ] {
        assert_eq!(at_rest(purpose, owner), Err(SealError::Tampered), "{purpose} {owner}");
    }
    assert_eq!(at_rest_key_id(&bytes), Ok(2));
    assert_eq!(at_rest_key_id(&bytes[..20]), Err(SealError::Malformed));
    let old = seal_at_rest(&KeyRing::new(1, [1; 32]), "signing_key", "tenant/key", b"old", SALT);
    assert_eq!(open_at_rest(&ring(), "signing_key", "tenant/key", &old).unwrap().as_slice(), b"old");
    assert_eq!(at_rest_key_id(&old), Ok(1));
    assert_eq!(open_at_rest(&KeyRing::new(1, [1; 32]), "signing_key", "tenant/key", &bytes).err(), Some(SealError::UnknownKey));
}

/// Purposes have keys of their own; the authenticated data tells them apart even without.
#[test]
fn authenticated_data_has_one_reading() {
    assert_ne!(resting_aad(head(1), "a", "bc"), resting_aad(head(1), "ab", "c"));
    assert_ne!(resting_aad(head(1), "a", "b"), resting_aad(head(2), "a", "b"));
    let travelling = |expiry: i64, tenant, purpose| travelling_aad(head(1), expiry.to_be_bytes(), tenant, purpose);
    assert_ne!(travelling(1, TENANT, "p"), travelling(2, TENANT, "p"));
    assert_ne!(travelling(1, TENANT, "p"), travelling(1, OTHER_TENANT, "p"));
    assert_ne!(travelling(1, TENANT, "p"), travelling(1, TENANT, "q"));
}

#[test]
fn resting_and_travelling_values_do_not_mix() {
    let resting = seal_at_rest(&ring(), "p", "", b"twenty-four bytes of it!", SALT);
    assert_eq!(open(&ring(), "p", Uuid::nil(), i64::MIN, &URL_SAFE_NO_PAD.encode(&resting)), Err(SealError::Tampered));
    let travelling = seal(&ring(), "p", Uuid::nil(), EXPIRY, b"x", SALT);
    assert_eq!(open_at_rest(&ring(), "p", "", &URL_SAFE_NO_PAD.decode(travelling).unwrap()).err(), Some(SealError::Tampered));
}

#[test]
fn derived_keys_differ_by_class_and_master() {
    let master = [1; 32];
    assert_eq!(derive(&master, "cookies"), derive(&master, "cookies"));
    assert_ne!(derive(&master, "cookies"), derive(&master, "audit"));
    assert_ne!(derive(&master, "cookies"), derive(&[2; 32], "cookies"));
    assert_ne!(derive(&master, "cookies"), master);
}

/// RFC 5869, appendix A.1: the library is called with salt, secret and info in their right places.
#[test]
fn rfc5869_appendix_a_1() {
    let salt: Vec<u8> = (0x00..=0x0c).collect();
    let info: Vec<u8> = (0xf0..=0xf9).collect();
    let (front, back) = info.split_at(3);
    let mut material = [0; 42];
    expand(&salt, &[0x0b; 22], &[front, back], &mut material);
    let hex: String = material.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?}", KeyRing::new(7, [0xab; 32]));
    assert_eq!(printed, "KeyRing { current: 7, previous: [], .. }");
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens(plain in any::<Vec<u8>>(), purpose in ".*", tenant in any::<u128>(), salt in any::<[u8; 24]>(), expiry in any::<i64>()) {
        prop_assume!(expiry > i64::MIN);
        let tenant = Uuid::from_u128(tenant);
        let text = seal(&ring(), &purpose, tenant, expiry, &plain, salt);
        prop_assert_eq!(open(&ring(), &purpose, tenant, expiry - 1, &text), Ok(plain.clone()));
        prop_assert_eq!(open(&ring(), &purpose, tenant, expiry, &text), Err(SealError::Expired));
        let bytes = seal_at_rest(&ring(), &purpose, "owner", &plain, salt);
        prop_assert_eq!(&*open_at_rest(&ring(), &purpose, "owner", &bytes).unwrap(), &plain);
    }

    #[test]
    fn each_flipped_bit_is_refused(plain in prop::collection::vec(any::<u8>(), 0..40), salt in any::<[u8; 24]>(), mask in 1_u8..) {
        let text = seal(&ring(), "p", TENANT, EXPIRY, &plain, salt);
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= mask;
            prop_assert!(open(&ring(), "p", TENANT, BEFORE, &URL_SAFE_NO_PAD.encode(&bent)).is_err(), "byte {}", at);
        }
        let bytes = seal_at_rest(&ring(), "p", "o", &plain, salt);
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= mask;
            prop_assert!(open_at_rest(&ring(), "p", "o", &bent).is_err(), "byte {}", at);
        }
        let mut longer = bytes.clone();
        longer.push(0);
        prop_assert!(open_at_rest(&ring(), "p", "o", &longer).is_err());
    }

    #[test]
    fn any_text_is_answered(text in ".{0,120}", bytes in any::<Vec<u8>>()) {
        prop_assert!(opened(&text).is_err());
        prop_assert!(open_at_rest(&ring(), "p", "o", &bytes).is_err());
    }
}
