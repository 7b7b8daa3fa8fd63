//! Everything that is made from the master key: seals for travelling state, encryption at rest, keyed digests of secrets; and
//! random bytes.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::TenantId;
use doorward_protocol::seal::{self, KeyRing, SealError};
use doorward_protocol::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicU32, Ordering};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Digests and seals.
#[derive(Clone)]
pub struct Secrets {
    travel: KeyRing,
    rest: KeyRing,
    digest: hmac::Key,
}

impl Secrets {
    /// From the master key and, after it was changed, earlier ones that may still open what they sealed. Digests are made with
    /// the oldest key, since they cannot be made anew without the secret.
    pub fn new(master: &[u8; 32], earlier: &[[u8; 32]]) -> Result<Self, crate::Error> {
        let ring = |info: &str| {
            let mut ring = KeyRing::new(key_id(master), seal::derive(master, info));
            for old in earlier {
                ring = ring.with_previous(key_id(old), seal::derive(old, info)).map_err(crate::Error::internal)?;
            }
            Ok::<_, crate::Error>(ring)
        };
        let oldest = earlier.last().unwrap_or(master);
        Ok(Self {
            travel: ring("travel")?,
            rest: ring("rest")?,
            digest: hmac::Key::new(hmac::HMAC_SHA256, &seal::derive(oldest, "digest")),
        })
    }

    /// Seals a value that a client will carry.
    pub fn seal<T: Serialize>(
        &self,
        purpose: &str,
        tenant: TenantId,
        until: Timestamp,
        value: &T,
    ) -> Result<String, crate::Error> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(crate::Error::internal)?);
        Ok(seal::seal(&self.travel, purpose, tenant.0, until.0, &plain, random()))
    }

    /// Opens what [`Self::seal`] made.
    pub fn open<T: DeserializeOwned>(
        &self,
        purpose: &str,
        tenant: TenantId,
        now: Timestamp,
        sealed: &str,
    ) -> Result<T, SealError> {
        let plain = Zeroizing::new(seal::open(&self.travel, purpose, tenant.0, now.0, sealed)?);
        serde_json::from_slice(&plain).map_err(|_| SealError::Malformed)
    }

    /// Opens a sealed value although it is over: to learn where an expired flow wanted to go, never to act on it.
    pub fn open_expired<T: DeserializeOwned>(&self, purpose: &str, tenant: TenantId, sealed: &str) -> Result<T, SealError> {
        self.open(purpose, tenant, Timestamp(i64::MIN), sealed)
    }

    /// Encrypts a secret for a row named by `owner`.
    pub fn encrypt(&self, purpose: &str, owner: &str, plain: &[u8]) -> Vec<u8> {
        seal::seal_at_rest(&self.rest, purpose, owner, plain, random())
    }

    /// Opens what [`Self::encrypt`] made.
    pub fn decrypt(&self, purpose: &str, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        seal::open_at_rest(&self.rest, purpose, owner, sealed)
    }

    /// Keyed digest of a secret for a row: without the master key a stolen table is of no use, however short the secret.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.digest);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }
}

/// Names a master key without telling anything of it.
fn key_id(master: &[u8; 32]) -> u32 {
    let named = seal::derive(master, "key id");
    u32::from_be_bytes([named[0], named[1], named[2], named[3]])
}

/// Random bytes from the operating system.
#[allow(clippy::expect_used, reason = "without randomness no request may be answered")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    aws_lc_rs::rand::fill(&mut out).expect("the operating system gives random bytes");
    out
}

/// A new id that sorts by time and, within a millisecond of one process, by order (RFC 9562, section 6.2, method 1): lists are
/// paged by id, and the audit log tells what came first. Ids are no secrets; 48 random bits keep those of other nodes apart.
pub fn new_id(now: Timestamp) -> Uuid {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let ms = u64::try_from(now.0).unwrap_or(0);
    let [_, a, b, c] = MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    // The counter's 24 bits lie around the version and variant bits: 4 and 8 before, 6 and 6 behind.
    let mut tail: [u8; 10] = random();
    tail[0] = a >> 4;
    tail[1] = (a << 4) | (b >> 4);
    tail[2] = ((b & 0x0f) << 2) | (c >> 6);
    tail[3] = (c << 2) | (tail[3] & 0x03);
    uuid::Builder::from_unix_timestamp_millis(ms, &tail).into_uuid()
}

/// A secret to show once: `bytes` random bytes in base64url.
pub fn token<const N: usize>(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<N>()))
}

/// A code of decimal digits, each equally likely.
pub fn digits(count: u32) -> String {
    let mut out = String::new();
    while out.len() < count as usize {
        // 250 is the largest multiple of ten in a byte: what is above would favour small digits.
        out.extend(random::<16>().into_iter().filter(|b| *b < 250).map(|b| char::from(b'0' + b % 10)));
    }
    out.truncate(count as usize);
    out
}

/// Compares in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    bool::from(a.ct_eq(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_master_key_still_opens_and_digests() {
        let old = Secrets::new(&[1; 32], &[]).unwrap();
        let new = Secrets::new(&[2; 32], &[[1; 32]]).unwrap();
        let tenant = TenantId(Uuid::nil());
        let sealed = old.seal("p", tenant, Timestamp(10), &"x").unwrap();
        assert_eq!(new.open::<String>("p", tenant, Timestamp(9), &sealed).unwrap(), "x");
        assert!(old.open::<String>("p", tenant, Timestamp(9), &new.seal("p", tenant, Timestamp(10), &"x").unwrap()).is_err());
        assert_eq!(old.digest("s", &[b"a", b"bc"]), new.digest("s", &[b"a", b"bc"]));
        assert_ne!(old.digest("s", &[b"a", b"bc"]), old.digest("s", &[b"ab", b"c"]));
        assert_eq!(new.open_expired::<String>("p", tenant, &sealed).unwrap(), "x");
        assert!(new.open::<String>("p", tenant, Timestamp(10), &sealed).is_err());
    }

    #[test]
    fn ids_of_one_millisecond_keep_their_order() {
        let ids: Vec<Uuid> = (0..100_000).map(|_| new_id(Timestamp(1_700_000_000_000))).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        assert!(ids.iter().all(|id| id.as_u128() >> 80 == 1_700_000_000_000));
        assert!(new_id(Timestamp(1)) < new_id(Timestamp(2)));
    }

    #[test]
    fn codes_have_their_length() {
        assert!((0..200).all(|_| digits(6).len() == 6 && digits(6).bytes().all(|b| b.is_ascii_digit())));
    }
}
