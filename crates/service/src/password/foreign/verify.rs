//! Whether a password fits a hash made elsewhere.

use super::{ForeignHash, Scheme};
use crate::secrets::same;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

impl ForeignHash {
    /// Checks a password. Heavy: run it on the bounded pool. A hash that is not allowed fits nothing.
    pub fn verify(&self, password: &str) -> bool {
        if self.check().is_err() {
            return false;
        }
        let mut text = Zeroizing::new(self.prefix.clone());
        text.extend_from_slice(&self.password_encoding.password(password));
        text.extend_from_slice(&self.suffix);
        match &self.scheme {
            Scheme::Argon2 { hash } => argon2(&text, hash).unwrap_or(false),
            Scheme::Bcrypt { hash } => bcrypt::verify(text.as_slice(), hash).unwrap_or(false),
            Scheme::Pbkdf2 { digest, iterations, salt, hash } => same(hash, &digest.pbkdf2(&text, salt, *iterations, hash.len())),
            Scheme::Scrypt { n, r, p, salt, hash } => {
                let mut out = vec![0; hash.len()];
                let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
                let done =
                    scrypt::Params::new(log_n, *r, *p).is_ok_and(|params| scrypt::scrypt(&text, salt, &params, &mut out).is_ok());
                done && same(hash, &out)
            }
            Scheme::Hmac { digest, key, hash } => same(hash, &digest.hmac(key, &text)),
            Scheme::Digest { digest, rounds, hash } => {
                let mut out = digest.of(&[&text]);
                for _ in 1..*rounds {
                    out = digest.of(&[&out]);
                }
                same(hash, &out)
            }
            Scheme::Phpass { digest, rounds, salt, hash } => {
                let mut out = digest.of(&[salt, &text]);
                for _ in 0..*rounds {
                    out = digest.of(&[&out, &text]);
                }
                let shown = STANDARD_NO_PAD.encode(out);
                shown.get(..hash.len()).is_some_and(|head| same(head.as_bytes(), hash.as_bytes()))
            }
        }
    }
}

/// Argon2 with its own parameters. A string without `v` is of the first version (the PHC string format says so).
fn argon2(password: &[u8], hash: &str) -> Option<bool> {
    let parsed = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).ok()?;
    let version = match parsed.version {
        Some(version) => Version::try_from(version).ok()?,
        None => Version::V0x10,
    };
    let params = Params::try_from(&parsed).ok()?;
    let (salt, expected) = (parsed.salt?, parsed.hash?);
    let mut out = vec![0; expected.as_bytes().len()];
    Argon2::new(algorithm, version, params).hash_password_into(password, &salt, &mut out).ok()?;
    Some(same(expected.as_bytes(), &out))
}
