//! The digests that hashes made elsewhere use.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestName {
    /// RFC 1320.
    Md4,
    /// RFC 1321.
    Md5,
    /// RIPEMD-160.
    Ripemd160,
    /// FIPS 180-4.
    Sha1,
    /// FIPS 180-4.
    Sha224,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha384,
    /// FIPS 180-4.
    Sha512,
    /// ISO/IEC 10118-3.
    Whirlpool,
}

/// Runs an expression with the type of a digest.
macro_rules! with {
    ($name:expr, $type:ident => $body:expr) => {
        match $name {
            DigestName::Md4 => {
                type $type = md4::Md4;
                $body
            }
            DigestName::Md5 => {
                type $type = md5::Md5;
                $body
            }
            DigestName::Ripemd160 => {
                type $type = ripemd::Ripemd160;
                $body
            }
            DigestName::Sha1 => {
                type $type = sha1::Sha1;
                $body
            }
            DigestName::Sha224 => {
                type $type = sha2::Sha224;
                $body
            }
            DigestName::Sha256 => {
                type $type = sha2::Sha256;
                $body
            }
            DigestName::Sha384 => {
                type $type = sha2::Sha384;
                $body
            }
            DigestName::Sha512 => {
                type $type = sha2::Sha512;
                $body
            }
            DigestName::Whirlpool => {
                type $type = whirlpool::Whirlpool;
                $body
            }
        }
    };
}

impl DigestName {
    /// By name, as OpenSSL and others spell it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "md4" => Self::Md4,
            "md5" => Self::Md5,
            "ripemd160" | "rmd160" => Self::Ripemd160,
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            "whirlpool" => Self::Whirlpool,
            _ => return None,
        })
    }

    /// Bytes of its result.
    #[allow(clippy::len_without_is_empty, reason = "no digest is empty")]
    pub fn len(self) -> usize {
        with!(self, D => D::output_size())
    }

    pub(super) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        with!(self, D => {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            digest.finalize().to_vec()
        })
    }

    pub(super) fn hmac(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        with!(self, D => {
            // HMAC takes keys of any length (RFC 2104, section 2).
            let mut mac = Hmac::<D>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        })
    }

    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        with!(self, D => pbkdf2::pbkdf2_hmac::<D>(password, salt, iterations, &mut out));
        out
    }
}
