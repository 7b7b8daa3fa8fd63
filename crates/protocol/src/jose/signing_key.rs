//! Private keys, parsed once: PKCS#8 (RFC 5208) in rows, JWK thumbprints (RFC 7638) as `kid`.

use super::{Algorithm, JoseError, Jwk, VerifyingKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use std::fmt;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;
use zeroize::Zeroizing;

/// A parsed private key with its algorithm, `kid` and public half. `Send + Sync`; share it behind an `Arc`.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    public: Jwk,
    verifying: VerifyingKey,
    pub(super) key: Pair,
}

pub(super) enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// How each algorithm's keys are made and used.
enum Kind {
    Rsa(&'static dyn RsaEncoding),
    Ec(&'static EcdsaSigningAlgorithm),
    Ed25519,
}

fn kind(algorithm: Algorithm) -> Kind {
    match algorithm {
        Algorithm::Rs256 => Kind::Rsa(&RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Kind::Rsa(&RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Kind::Rsa(&RSA_PKCS1_SHA512),
        Algorithm::Ps256 => Kind::Rsa(&RSA_PSS_SHA256),
        Algorithm::Es256 => Kind::Ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Kind::Ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::EdDsa => Kind::Ed25519,
    }
}

impl SigningKey {
    /// Makes a key; RSA keys have 2048 bits. The library draws from the system's generator. RSA takes a good fraction of
    /// a second of CPU: not on a request path.
    pub fn generate(algorithm: Algorithm) -> Result<Self, JoseError> {
        let pair = match kind(algorithm) {
            Kind::Rsa(encoding) => RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(pair, encoding)),
            Kind::Ec(curve) => EcdsaKeyPair::generate(curve).map(Pair::Ec),
            Kind::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Self::new(algorithm, pair.map_err(|_| JoseError::KeyGeneration)?)
    }

    /// The same with a size for RSA keys: 2048 (also when not given), 3072 or 4096 bits.
    pub fn generate_sized(algorithm: Algorithm, bits: Option<u32>) -> Result<Self, JoseError> {
        let size = match bits {
            None | Some(2048) => KeySize::Rsa2048,
            Some(3072) => KeySize::Rsa3072,
            Some(4096) => KeySize::Rsa4096,
            Some(_) => return Err(JoseError::UnusableKey("RSA keys have 2048, 3072 or 4096 bits")),
        };
        match kind(algorithm) {
            Kind::Rsa(encoding) => {
                Self::new(algorithm, Pair::Rsa(RsaKeyPair::generate(size).map_err(|_| JoseError::KeyGeneration)?, encoding))
            }
            Kind::Ec(_) | Kind::Ed25519 => Self::generate(algorithm),
        }
    }

    /// The same key under another `kid`: one that its owner published before it came here.
    #[must_use]
    pub fn with_kid(mut self, kid: &str) -> Self {
        self.kid = kid.to_owned();
        self.public.kid = Some(self.kid.clone());
        self
    }

    /// Reads an unencrypted PKCS#8 key. The same limits hold as for a key that is only verified with.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, JoseError> {
        let pair = match kind(algorithm) {
            Kind::Rsa(encoding) => RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(pair, encoding)),
            Kind::Ec(curve) => EcdsaKeyPair::from_pkcs8(curve, der).map(Pair::Ec),
            Kind::Ed25519 => Ed25519KeyPair::from_pkcs8(der).map(Pair::Ed25519),
        };
        Self::new(algorithm, pair.map_err(|_| JoseError::UnusableKey("not a PKCS#8 key for this algorithm"))?)
    }

    fn new(algorithm: Algorithm, key: Pair) -> Result<Self, JoseError> {
        let mut public = match &key {
            Pair::Rsa(pair, _) => {
                let (_, components) = RSAPublicKey::from_der(pair.public_key().as_ref())
                    .map_err(|_| JoseError::UnusableKey("RSA public key does not encode"))?;
                Jwk::rsa(algorithm, unsigned(components.modulus), unsigned(components.exponent))
            }
            Pair::Ec(pair) => {
                let crv = if algorithm == Algorithm::Es384 { "P-384" } else { "P-256" };
                // SEC 1, section 2.3.3: 0x04, then two coordinates of equal length.
                let coordinates = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                Jwk::ec(algorithm, crv, x, y)
            }
            Pair::Ed25519(pair) => Jwk::okp(algorithm, "Ed25519", pair.public_key().as_ref()),
        };
        let kid = public.thumbprint()?;
        public.kid = Some(kid.clone());
        // A key that our own verifier would refuse must not sign anything either.
        let verifying = VerifyingKey::from_jwk_for(&public, algorithm)?;
        Ok(Self { algorithm, kid, public, verifying, key })
    }

    /// The key as PKCS#8 version 1, which other tools read too. Wiped from memory when dropped.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let document = match &self.key {
            Pair::Rsa(pair, _) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map(|der| Zeroizing::new(der.as_ref().to_vec())),
            Pair::Ec(pair) => pair.to_pkcs8v1().map(|der| Zeroizing::new(der.as_ref().to_vec())),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| Zeroizing::new(der.as_ref().to_vec())),
        };
        document.expect("encoding a key that was parsed fails only when memory runs out")
    }

    /// The RFC 7638 thumbprint (SHA-256, base64url), so that equal keys have equal ids on every node.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that this key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half, with `use`, `alg` and `kid`: what a JWK Set publishes.
    pub fn public_jwk(&self) -> Jwk {
        self.public.clone()
    }

    /// The public half, parsed.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A raw signature in JWS form.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        // The library asks for a generator for the sake of an older interface and uses its own.
        let random = SystemRandom::new();
        match &self.key {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).map_err(|_| JoseError::Signing)?;
                Ok(signature)
            }
            Pair::Ec(pair) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(|_| JoseError::Signing)
            }
            Pair::Ed25519(pair) => {
                pair.try_sign(message).map(|signature| signature.as_ref().to_vec()).map_err(|_| JoseError::Signing)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("algorithm", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// DER keeps a zero byte before a set top bit; JWK's Base64urlUInt does not (RFC 7518, section 2).
fn unsigned(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] => rest,
        all => all,
    }
}
