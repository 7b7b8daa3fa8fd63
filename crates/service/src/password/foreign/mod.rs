//! Password hashes that were made elsewhere. They come in by import only, are checked on the bounded pool, and give way to our
//! Argon2id at the first good sign-in.

mod digest;
mod text;
mod verify;

#[cfg(test)]
mod tests;

pub use digest::DigestName;
pub use text::{TextEncoding, bytes_of, hex_or_base64};

use argon2::password_hash::phc::PasswordHash;
use serde::{Deserialize, Serialize};
use text::base64_text;

/// A hash made elsewhere, with everything that is needed to check a password against it. Its JSON stands where our own PHC
/// string would stand. Byte strings are standard Base64 in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignHash {
    /// How it was made.
    #[serde(flatten)]
    pub scheme: Scheme,
    /// How the password became bytes.
    #[serde(default, skip_serializing_if = "is_utf8")]
    pub password_encoding: TextEncoding,
    /// Bytes before the password.
    #[serde(default, with = "base64_text", skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<u8>,
    /// Bytes after the password.
    #[serde(default, with = "base64_text", skip_serializing_if = "Vec::is_empty")]
    pub suffix: Vec<u8>,
}

fn one() -> u32 {
    1
}

fn is_utf8(encoding: &TextEncoding) -> bool {
    *encoding == TextEncoding::Utf8
}

/// How a hash was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
pub enum Scheme {
    /// Argon2i, Argon2d or Argon2id (RFC 9106) as a PHC string.
    Argon2 {
        /// PHC string with salt and hash.
        hash: String,
    },
    /// bcrypt in modular crypt form: `$2a$`, `$2b$` or `$2y$`. What lies beyond 72 bytes of password does not count.
    Bcrypt {
        /// The 60 characters.
        hash: String,
    },
    /// PBKDF2 (RFC 8018, section 5.2) with HMAC; the derived key is as long as the hash.
    Pbkdf2 {
        /// Of the HMAC.
        digest: DigestName,
        /// Iteration count.
        iterations: u32,
        /// Salt.
        #[serde(with = "base64_text")]
        salt: Vec<u8>,
        /// Derived key.
        #[serde(with = "base64_text")]
        hash: Vec<u8>,
    },
    /// scrypt (RFC 7914); the derived key is as long as the hash.
    Scrypt {
        /// Cost: a power of two.
        n: u64,
        /// Block size.
        r: u32,
        /// Parallelisation.
        p: u32,
        /// Salt.
        #[serde(with = "base64_text")]
        salt: Vec<u8>,
        /// Derived key.
        #[serde(with = "base64_text")]
        hash: Vec<u8>,
    },
    /// HMAC (RFC 2104) of the password.
    Hmac {
        /// Which.
        digest: DigestName,
        /// Key.
        #[serde(with = "base64_text")]
        key: Vec<u8>,
        /// The code.
        #[serde(with = "base64_text")]
        hash: Vec<u8>,
    },
    /// A digest of the password, or a chain: the digest of a digest of it.
    Digest {
        /// Which.
        digest: DigestName,
        /// Length of the chain; 1 is a plain digest.
        #[serde(default = "one")]
        rounds: u32,
        /// The result.
        #[serde(with = "base64_text")]
        hash: Vec<u8>,
    },
    /// x = H(salt ‖ password), then so many times x = H(x ‖ password), as PHPass does it.
    Phpass {
        /// Which.
        digest: DigestName,
        /// How many times.
        rounds: u32,
        /// Salt.
        #[serde(with = "base64_text")]
        salt: Vec<u8>,
        /// The beginning of the result in standard Base64, unpadded; at least 22 characters.
        hash: String,
    },
}

/// Why a hash cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignHashError {
    /// Not of the form that its scheme has.
    #[error("the password hash is malformed")]
    Malformed,
    /// The hash is so short that many passwords would fit it, or not as long as its digest.
    #[error("the password hash does not have the length of its scheme")]
    Length,
    /// Checking it would cost more than a server can give a stranger.
    #[error("the password hash has a cost that is not allowed")]
    Cost,
}

/// bcrypt's exponent: the most costs some seconds.
const BCRYPT_COST: std::ops::RangeInclusive<u32> = 4..=15;
/// KiB of memory for one check, in Argon2 and scrypt.
const MEMORY_KIB: u64 = 256 * 1024;
/// Memory times passes, in KiB.
const MEMORY_PASSES: u64 = 1024 * 1024;
/// Lanes, or scrypt's parallelisation.
const LANES: u32 = 16;
/// HMACs in one PBKDF2.
const ITERATIONS: u64 = 6_000_000;
/// Digests in one chain.
const ROUNDS: u32 = 5_000_000;
/// Shortest and longest hash in bytes.
const HASH_BYTES: std::ops::RangeInclusive<usize> = 16..=128;
/// Longest salt, key, prefix or suffix.
const SALT_BYTES: usize = 1024;

impl From<Scheme> for ForeignHash {
    fn from(scheme: Scheme) -> Self {
        Self { scheme, password_encoding: TextEncoding::Utf8, prefix: Vec::new(), suffix: Vec::new() }
    }
}

impl ForeignHash {
    /// A bcrypt hash from its parts: the cost, the 22 characters of salt and the 31 of hash, both in bcrypt's own alphabet.
    ///
    /// # Errors
    /// When they do not make one.
    pub fn bcrypt_parts(cost: u32, salt: &str, hash: &str) -> Result<Self, ForeignHashError> {
        if salt.len() != 22 || hash.len() != 31 {
            return Err(ForeignHashError::Malformed);
        }
        Self::modular(&format!("$2b${cost:02}${salt}{hash}"))
    }

    /// A hash in one of the forms that name their scheme: PHC strings of Argon2 and PBKDF2 (`$pbkdf2-sha512$i=…,l=…$salt$hash`
    /// and the short `$pbkdf2-sha512$rounds$salt$hash`), modular crypt of bcrypt, and RFC 2307 (`{SSHA}…`).
    ///
    /// # Errors
    /// When it is none of them, or not allowed.
    pub fn modular(text: &str) -> Result<Self, ForeignHashError> {
        let text = text.trim();
        let scheme: Self = if text.starts_with("$argon2") {
            Scheme::Argon2 { hash: text.to_owned() }.into()
        } else if text.starts_with("$2") {
            Scheme::Bcrypt { hash: tidy_bcrypt(text).ok_or(ForeignHashError::Malformed)? }.into()
        } else if let Some(rest) = text.strip_prefix("$pbkdf2-") {
            pbkdf2(rest).ok_or(ForeignHashError::Malformed)?.into()
        } else if text.starts_with('{') {
            rfc2307(text).ok_or(ForeignHashError::Malformed)?
        } else {
            return Err(ForeignHashError::Malformed);
        };
        scheme.check()?;
        Ok(scheme)
    }

    /// Whether it is well formed and cheap enough to be checked. Ask before it is stored; a check asks again.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self) -> Result<(), ForeignHashError> {
        use ForeignHashError::{Cost, Length, Malformed};
        let must = |holds: bool, error| if holds { Ok(()) } else { Err(error) };
        must(self.prefix.len() <= SALT_BYTES && self.suffix.len() <= SALT_BYTES, Length)?;
        match &self.scheme {
            Scheme::Argon2 { hash } => {
                must(hash.len() <= 512, Length)?;
                let parsed = PasswordHash::new(hash).map_err(|_| Malformed)?;
                let params = argon2::Params::try_from(&parsed).map_err(|_| Malformed)?;
                must(argon2::Algorithm::try_from(parsed.algorithm.as_str()).is_ok(), Malformed)?;
                must(parsed.salt.is_some(), Malformed)?;
                let memory = u64::from(params.m_cost());
                let cheap = memory <= MEMORY_KIB && memory.saturating_mul(params.t_cost().into()) <= MEMORY_PASSES;
                must(cheap && params.p_cost() <= LANES, Cost)?;
                must(parsed.hash.is_some_and(|h| HASH_BYTES.contains(&h.len())), Length)
            }
            Scheme::Bcrypt { hash } => {
                let known = ["$2a$", "$2b$", "$2y$"].iter().any(|head| hash.starts_with(head));
                let parts: bcrypt::HashParts = hash.parse().map_err(|_| Malformed)?;
                must(known, Malformed)?;
                must(BCRYPT_COST.contains(&parts.get_cost()), Cost)
            }
            Scheme::Pbkdf2 { digest, iterations, salt, hash } => {
                must(HASH_BYTES.contains(&hash.len()) && salt.len() <= SALT_BYTES, Length)?;
                let blocks = hash.len().div_ceil(digest.len()) as u64;
                must(*iterations > 0, Malformed)?;
                must(u64::from(*iterations).saturating_mul(blocks) <= ITERATIONS, Cost)
            }
            Scheme::Scrypt { n, r, p, salt, hash } => {
                must(HASH_BYTES.contains(&hash.len()) && salt.len() <= SALT_BYTES, Length)?;
                must(n.is_power_of_two() && *n > 1 && *r > 0 && *p > 0, Malformed)?;
                let kib = n.saturating_mul(u64::from(*r)) / 8;
                must(kib <= MEMORY_KIB && *p <= LANES && *r <= 64 && kib.saturating_mul((*p).into()) <= MEMORY_PASSES, Cost)
            }
            Scheme::Hmac { digest, key, hash } => must(hash.len() == digest.len() && key.len() <= SALT_BYTES, Length),
            Scheme::Digest { digest, rounds, hash } => {
                must(hash.len() == digest.len(), Length)?;
                must(*rounds > 0, Malformed)?;
                must(*rounds <= ROUNDS, Cost)
            }
            Scheme::Phpass { digest, rounds, salt, hash } => {
                let whole = (digest.len() * 8).div_ceil(6);
                must((22..=whole).contains(&hash.len()) && salt.len() <= SALT_BYTES, Length)?;
                must(hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/'), Malformed)?;
                must(*rounds <= ROUNDS, Cost)
            }
        }
    }

    /// As it is stored where our own hash would be.
    ///
    /// # Errors
    /// When it is not allowed.
    pub fn stored(&self) -> Result<String, ForeignHashError> {
        self.check()?;
        serde_json::to_string(self).map_err(|_| ForeignHashError::Malformed)
    }

    /// Reads what [`Self::stored`] made; `None` for our own hashes.
    pub fn of_stored(text: &str) -> Option<Self> {
        text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
    }
}

/// The last character of salt and of hash carries bits that mean nothing; some makers leave rubbish there.
fn tidy_bcrypt(text: &str) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = text.as_bytes().to_vec();
    if bytes.len() != 60 {
        return None;
    }
    for (at, mask) in [(28, 0b11_0000), (59, 0b11_1100)] {
        let place = bytes.get_mut(at)?;
        let value = ALPHABET.iter().position(|c| c == place)?;
        *place = *ALPHABET.get(value & mask)?;
    }
    String::from_utf8(bytes).ok()
}

/// What stands behind `$pbkdf2-`. Salt and hash are Base64 without padding; `.` may stand for `+`.
fn pbkdf2(rest: &str) -> Option<Scheme> {
    let parts: Vec<&str> = rest.split('$').collect();
    let (digest, params, salt, hash) = match parts.as_slice() {
        [digest, params, salt, hash] => (*digest, *params, *salt, *hash),
        [digest, salt, hash] => (*digest, "", *salt, *hash),
        _ => return None,
    };
    let bytes = |text: &str| bytes_of(&text.replace('.', "+"), TextEncoding::Base64);
    let (salt, hash) = (bytes(salt)?, bytes(hash)?);
    let (mut iterations, mut length) = (100_000, None);
    if let Ok(rounds) = params.parse() {
        (iterations, length) = (rounds, Some(hash.len()));
    } else {
        for pair in params.split(',').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("i", value) => iterations = value.parse().ok()?,
                ("l", value) => length = Some(value.parse().ok()?),
                _ => return None,
            }
        }
    }
    if length.unwrap_or(64) != hash.len() {
        return None;
    }
    Some(Scheme::Pbkdf2 { digest: DigestName::parse(digest)?, iterations, salt, hash })
}

/// RFC 2307, section 5.3, and the later digests: the salt stands behind the digest.
fn rfc2307(text: &str) -> Option<ForeignHash> {
    let (name, value) = text.strip_prefix('{')?.split_once('}')?;
    let name = name.to_ascii_uppercase();
    let (salted, digest) = match name.as_str() {
        "MD5" => (false, DigestName::Md5),
        "SMD5" => (true, DigestName::Md5),
        "SHA" | "SHA1" => (false, DigestName::Sha1),
        "SSHA" | "SSHA1" => (true, DigestName::Sha1),
        _ => match (name.strip_prefix("SSHA"), name.strip_prefix("SHA")) {
            (Some(size), _) => (true, DigestName::parse(&format!("sha{}", size.trim_start_matches('-')))?),
            (_, Some(size)) => (false, DigestName::parse(&format!("sha{}", size.trim_start_matches('-')))?),
            _ => return None,
        },
    };
    let mut hash = bytes_of(value, TextEncoding::Base64)?;
    if hash.len() < digest.len() || salted == (hash.len() == digest.len()) {
        return None;
    }
    let suffix = hash.split_off(digest.len());
    Some(ForeignHash { suffix, ..Scheme::Digest { digest, rounds: 1, hash }.into() })
}
