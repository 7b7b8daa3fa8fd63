//! Self-signed certificates of signing keys, for clients that read a key from `x5c` (RFC 7517, section 4.7) or from a PEM file.
//! They say nothing about anybody: a name, a time and the public half.

use super::signing_key::Pair;
use super::{Algorithm, JoseError, SigningKey};
use crate::time::Timestamp;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::KeyPair as _;
use rcgen::{CertificateParams, DistinguishedName, DnType, PublicKeyData, SerialNumber, SignatureAlgorithm};
use time::{Duration, OffsetDateTime};

/// Days that a certificate names as its life. Whether a key is still good is decided by its owner, not by this.
const DAYS: i64 = 4745;

/// The digests that a certificate is named by (RFC 7517, sections 4.8 and 4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbprints {
    /// SHA-1, for `x5t`.
    pub sha1: Vec<u8>,
    /// SHA-256, for `x5t#S256`.
    pub sha256: Vec<u8>,
}

impl Thumbprints {
    /// Of a certificate in DER form.
    pub fn of(certificate: &[u8]) -> Self {
        let of = |algorithm| digest(algorithm, certificate).as_ref().to_vec();
        Self { sha1: of(&SHA1_FOR_LEGACY_USE_ONLY), sha256: of(&SHA256) }
    }
}

/// An RSA key as the maker of certificates sees it.
struct Rsa<'k> {
    key: &'k SigningKey,
    public: &'k [u8],
}

impl PublicKeyData for Rsa<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for Rsa<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.key.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

impl SigningKey {
    /// A certificate of this key in DER form (RFC 5280), good from a time on. The same key and time give the same certificate:
    /// RSASSA-PKCS1-v1_5 draws no randomness.
    ///
    /// # Errors
    /// For keys of another algorithm than RS256.
    pub fn certificate(&self, from: Timestamp) -> Result<Vec<u8>, JoseError> {
        let Pair::Rsa(pair, _) = &self.key else { return Err(JoseError::UnsupportedAlgorithm) };
        if self.algorithm() != Algorithm::Rs256 {
            return Err(JoseError::UnsupportedAlgorithm);
        }
        let public = pair.public_key().as_ref();
        let mut params = CertificateParams::default();
        // RFC 5280, section 4.1.2.2: positive, at most twenty bytes.
        let mut serial = digest(&SHA256, public).as_ref().get(..16).unwrap_or_default().to_vec();
        if let Some(first) = serial.first_mut() {
            *first = (*first & 0x7f) | 0x40;
        }
        params.serial_number = Some(SerialNumber::from(serial));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, self.kid().chars().take(64).collect::<String>());
        let from = OffsetDateTime::from_unix_timestamp(from.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        params.not_before = from;
        params.not_after = from + Duration::days(DAYS);
        let made = params.self_signed(&Rsa { key: self, public }).map_err(|_| JoseError::Signing)?;
        Ok(made.der().to_vec())
    }
}
