//! Sealed values: state that travels with the client (authorization request, challenge, process token, code) and secrets
//! that rest in rows. AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA256 (RFC 5869) derives for each message.
//!
//! Decides: whether a sealed value is ours, whole, for this purpose and tenant, and still in time. Leaves to callers: the
//! clock, the random salt, the master keys, and that what must happen only once is spent in the database.
//!
//! Nonces: each value is sealed under its own key *and* nonce, 44 bytes derived from a ring key, the purpose and a random
//! 24-byte salt. GCM's bound of 2^32 messages with random nonces under one key therefore never comes into play: two values
//! share a key only if two salts collide, which after 2^64 values has a chance of 2^-65. Ring keys are rotated for
//! hygiene, not to stay under a limit.
//!
//! Layout: version (1 byte), ring key id (4, big-endian), salt (24), for travelling values expiry (8, milliseconds),
//! ciphertext, tag (16). All but the salt, which is bound through the key, stands in the authenticated data, together with
//! purpose and tenant or owner, which are not carried at all.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Random bytes that a caller draws afresh for every value it seals.
pub const SALT_LENGTH: usize = 24;
/// Longest sealed text that is looked at; the largest honest one (an authorization request) is far shorter.
pub const MAX_SEALED_LENGTH: usize = 64 * 1024;

const VERSION: u8 = 1;
const KEY_ID_LENGTH: usize = 4;
const EXPIRY_LENGTH: usize = 8;
const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;
const TRAVEL: &[u8] = b"doorward sealed value v1";
const REST: &[u8] = b"doorward secret at rest v1";
const DERIVE: &[u8] = b"doorward derived key v1";

/// Why a sealed value was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a sealed value of a known version.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed under a key that the ring does not hold (any more).
    #[error("sealed under an unknown key")]
    UnknownKey,
    /// Altered, or sealed for another purpose, tenant or owner.
    #[error("sealed value does not authenticate")]
    Tampered,
    /// Genuine, but its time is over.
    #[error("sealed value has expired")]
    Expired,
}

/// Two ring keys with one id, which would make values unreadable depending on order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("key id {0} stands twice in the ring")]
pub struct DuplicateKeyId(pub u32);

/// The key that seals, and those that may still open.
#[derive(Clone)]
pub struct KeyRing {
    current: RingKey,
    previous: Vec<RingKey>,
}

#[derive(Clone)]
struct RingKey {
    id: u32,
    secret: Zeroizing<[u8; KEY_LENGTH]>,
}

impl KeyRing {
    /// A ring whose current key is `secret`.
    pub fn new(id: u32, secret: [u8; KEY_LENGTH]) -> Self {
        Self { current: RingKey::new(id, secret), previous: Vec::new() }
    }

    /// Adds a key that opens what it sealed earlier, and seals nothing more.
    pub fn with_previous(mut self, id: u32, secret: [u8; KEY_LENGTH]) -> Result<Self, DuplicateKeyId> {
        if self.find(id).is_some() {
            return Err(DuplicateKeyId(id));
        }
        self.previous.push(RingKey::new(id, secret));
        Ok(self)
    }

    /// The id of the key that seals.
    pub fn current_id(&self) -> u32 {
        self.current.id
    }

    fn find(&self, id: u32) -> Option<&RingKey> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let previous: Vec<u32> = self.previous.iter().map(|key| key.id).collect();
        formatter.debug_struct("KeyRing").field("current", &self.current.id).field("previous", &previous).finish_non_exhaustive()
    }
}

impl RingKey {
    fn new(id: u32, secret: [u8; KEY_LENGTH]) -> Self {
        Self { id, secret: Zeroizing::new(secret) }
    }

    /// The key and nonce of one message: RFC 5869, with the message's salt as salt. The purpose is in the derivation as
    /// well as in the authenticated data, so keys of different purposes are independent.
    fn for_message(&self, class: &[u8], purpose: &str, salt: &[u8; SALT_LENGTH]) -> (LessSafeKey, Nonce) {
        // Neither class is a prefix of the other, so no two inputs concatenate to the same bytes.
        let info = [class, purpose.as_bytes()];
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        let mut nonce = [0; NONCE_LENGTH];
        let mut material = Zeroizing::new([0; KEY_LENGTH + NONCE_LENGTH]);
        expand(salt, self.secret.as_slice(), &info, material.as_mut_slice());
        let (key_bytes, nonce_bytes) = material.split_at(KEY_LENGTH);
        key.copy_from_slice(key_bytes);
        nonce.copy_from_slice(nonce_bytes);
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).expect("an AES-256 key has 32 bytes");
        (LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce))
    }
}

/// A sub key of a 32-byte master key for one class of uses (`info`): RFC 5869. Different classes are independent.
pub fn derive(master: &[u8; KEY_LENGTH], info: &str) -> [u8; KEY_LENGTH] {
    let mut key = [0; KEY_LENGTH];
    expand(DERIVE, master, &[info.as_bytes()], &mut key);
    key
}

/// Seals state that a client will carry, until `expires_at_ms`. `salt` is fresh random bytes.
pub fn seal(
    ring: &KeyRing,
    purpose: &str,
    tenant: Uuid,
    expires_at_ms: i64,
    plaintext: &[u8],
    salt: [u8; SALT_LENGTH],
) -> String {
    let expiry = expires_at_ms.to_be_bytes();
    let head = head(ring.current.id);
    let aad = travelling_aad(head, expiry, tenant, purpose);
    let mut sealed = [head.as_slice(), &salt, &expiry].concat();
    sealed.extend(encrypt(&ring.current, TRAVEL, purpose, &salt, aad, plaintext));
    URL_SAFE_NO_PAD.encode(sealed)
}

/// Opens what [`seal`] made for the same purpose and tenant. A value is over at the very millisecond of its expiry, and
/// only a genuine value is ever called expired.
pub fn open(ring: &KeyRing, purpose: &str, tenant: Uuid, now_ms: i64, text: &str) -> Result<Vec<u8>, SealError> {
    if text.len() > MAX_SEALED_LENGTH {
        return Err(SealError::Malformed);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Malformed)?;
    let envelope = Envelope::parse(&bytes)?;
    let (expiry, ciphertext) = envelope.rest.split_first_chunk::<EXPIRY_LENGTH>().ok_or(SealError::Malformed)?;
    let aad = travelling_aad(head(envelope.key_id), *expiry, tenant, purpose);
    let plaintext = envelope.decrypt(ring, TRAVEL, purpose, aad, ciphertext)?;
    if now_ms >= i64::from_be_bytes(*expiry) {
        return Err(SealError::Expired);
    }
    Ok(plaintext)
}

/// Encrypts a secret for a row. `owner` names the row (a tenant and key id, say), so that a ciphertext moved to another
/// row does not open there. `salt` is fresh random bytes.
pub fn seal_at_rest(ring: &KeyRing, purpose: &str, owner: &str, plaintext: &[u8], salt: [u8; SALT_LENGTH]) -> Vec<u8> {
    let head = head(ring.current.id);
    let aad = resting_aad(head, purpose, owner);
    let mut sealed = [head.as_slice(), &salt].concat();
    sealed.extend(encrypt(&ring.current, REST, purpose, &salt, aad, plaintext));
    sealed
}

/// Opens what [`seal_at_rest`] made for the same purpose and owner. The plaintext is wiped from memory when dropped.
pub fn open_at_rest(ring: &KeyRing, purpose: &str, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let envelope = Envelope::parse(sealed)?;
    let aad = resting_aad(head(envelope.key_id), purpose, owner);
    envelope.decrypt(ring, REST, purpose, aad, envelope.rest).map(Zeroizing::new)
}

/// Which ring key a secret at rest needs: rotation seals anew whatever does not name [`KeyRing::current_id`].
pub fn at_rest_key_id(sealed: &[u8]) -> Result<u32, SealError> {
    Envelope::parse(sealed).map(|envelope| envelope.key_id)
}

struct Envelope<'a> {
    key_id: u32,
    salt: [u8; SALT_LENGTH],
    rest: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let (version, bytes) = bytes.split_first().ok_or(SealError::Malformed)?;
        let (key_id, bytes) = bytes.split_first_chunk::<KEY_ID_LENGTH>().ok_or(SealError::Malformed)?;
        let (salt, rest) = bytes.split_first_chunk::<SALT_LENGTH>().ok_or(SealError::Malformed)?;
        if *version != VERSION {
            return Err(SealError::Malformed);
        }
        Ok(Self { key_id: u32::from_be_bytes(*key_id), salt: *salt, rest })
    }

    fn decrypt(
        &self,
        ring: &KeyRing,
        class: &[u8],
        purpose: &str,
        aad: Vec<u8>,
        ciphertext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        if ciphertext.len() < AES_256_GCM.tag_len() {
            return Err(SealError::Malformed);
        }
        let key = ring.find(self.key_id).ok_or(SealError::UnknownKey)?;
        let (key, nonce) = key.for_message(class, purpose, &self.salt);
        let mut buffer = ciphertext.to_vec();
        let length = key.open_in_place(nonce, Aad::from(aad), &mut buffer).map_err(|_| SealError::Tampered)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

fn encrypt(key: &RingKey, class: &[u8], purpose: &str, salt: &[u8; SALT_LENGTH], aad: Vec<u8>, plaintext: &[u8]) -> Vec<u8> {
    let (key, nonce) = key.for_message(class, purpose, salt);
    // Room for the tag as well: a reallocation would leave the plaintext behind in freed memory.
    let mut buffer = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
    buffer.extend_from_slice(plaintext);
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut buffer).expect("AES-GCM refuses only messages beyond 64 GiB");
    buffer
}

fn head(key_id: u32) -> [u8; 1 + KEY_ID_LENGTH] {
    let [a, b, c, d] = key_id.to_be_bytes();
    [VERSION, a, b, c, d]
}

/// Only the last part varies in length, so the encoding has one reading.
fn travelling_aad(head: [u8; 1 + KEY_ID_LENGTH], expiry: [u8; EXPIRY_LENGTH], tenant: Uuid, purpose: &str) -> Vec<u8> {
    [head.as_slice(), &expiry, tenant.as_bytes(), purpose.as_bytes()].concat()
}

/// Two parts vary in length; the length of the first keeps `("a", "bc")` and `("ab", "c")` apart.
fn resting_aad(head: [u8; 1 + KEY_ID_LENGTH], purpose: &str, owner: &str) -> Vec<u8> {
    let purpose_length = (purpose.len() as u64).to_be_bytes();
    [head.as_slice(), &purpose_length, purpose.as_bytes(), owner.as_bytes()].concat()
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) {
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, Length(out.len()))
        .and_then(|material| material.fill(out))
        .expect("HKDF-SHA256 gives up to 8160 bytes");
}

#[cfg(test)]
mod tests;
