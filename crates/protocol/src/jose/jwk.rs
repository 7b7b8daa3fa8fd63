//! Public JSON Web Keys, RFC 7517, with the members of RFC 7518, section 6 and RFC 8037, section 2.

use super::{Algorithm, JoseError, Thumbprints, VerifyingKey, encode};
use serde::{Deserialize, Serialize};

/// A public key as it travels. Unknown members are ignored (RFC 7517, section 4); a member that stands twice is an error.
///
/// This is the wire shape: nothing about it is trusted until [`VerifyingKey::from_jwk`] has accepted it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key type: `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// Intended use; `sig` or absent is accepted.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub use_: Option<String>,
    /// Intended operations, RFC 7517, section 4.3; must name `verify` if present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// Intended algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Key id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// RSA modulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA exponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// Curve: `P-256`, `P-384` or `Ed25519`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// First coordinate (EC) or the public key (OKP).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate (EC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Certificate, base64 of DER: RFC 7517, section 4.7. Told of our own keys; never read of others'.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub x5c: Option<Vec<String>>,
    /// SHA-1 of the certificate: section 4.8.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
    /// SHA-256 of the certificate: section 4.9.
    #[serde(rename = "x5t#S256", default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
}

impl Jwk {
    /// A signing key's public half from its RSA components, big-endian without leading zeros.
    pub(super) fn rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Self {
        Self { n: Some(encode(n)), e: Some(encode(e)), ..Self::for_signatures(algorithm) }
    }

    /// A signing key's public half from its coordinates, each as long as the field: RFC 7518, section 6.2.1.2.
    pub(super) fn ec(algorithm: Algorithm, crv: &str, x: &[u8], y: &[u8]) -> Self {
        Self { crv: Some(crv.to_owned()), x: Some(encode(x)), y: Some(encode(y)), ..Self::for_signatures(algorithm) }
    }

    /// A signing key's public half, RFC 8037, section 2.
    pub(super) fn okp(algorithm: Algorithm, crv: &str, x: &[u8]) -> Self {
        Self { crv: Some(crv.to_owned()), x: Some(encode(x)), ..Self::for_signatures(algorithm) }
    }

    fn for_signatures(algorithm: Algorithm) -> Self {
        Self {
            kty: algorithm.key_type().to_owned(),
            use_: Some("sig".to_owned()),
            alg: Some(algorithm.as_str().to_owned()),
            ..Self::default()
        }
    }

    /// A public key from its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) or from a certificate that holds one; `None` for
    /// kinds that are not known here.
    pub fn from_public_der(der: &[u8]) -> Option<Self> {
        use x509_parser::prelude::{FromDer as _, X509Certificate};
        use x509_parser::public_key::PublicKey;
        use x509_parser::x509::SubjectPublicKeyInfo;
        let certificate;
        let info = match SubjectPublicKeyInfo::from_der(der) {
            Ok(([], info)) => info,
            _ => {
                certificate = X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty())?.1;
                certificate.tbs_certificate.subject_pki.clone()
            }
        };
        let bits = info.subject_public_key.data.as_ref();
        // RFC 8410, section 3: id-Ed25519.
        if info.algorithm.algorithm.to_id_string() == "1.3.101.112" {
            return Some(Self::okp(Algorithm::EdDsa, "Ed25519", bits));
        }
        let unsigned = |bytes: &[u8]| bytes.iter().skip_while(|b| **b == 0).copied().collect::<Vec<_>>();
        match info.parsed().ok()? {
            PublicKey::RSA(key) => Some(Self::rsa(Algorithm::Rs256, &unsigned(key.modulus), &unsigned(key.exponent))),
            PublicKey::EC(point) => {
                let coordinates = point.data().get(1..)?;
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                match x.len() {
                    32 => Some(Self::ec(Algorithm::Es256, "P-256", x, y)),
                    48 => Some(Self::ec(Algorithm::Es384, "P-384", x, y)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The same with its certificate.
    #[must_use]
    pub fn with_certificate(mut self, der: &[u8]) -> Self {
        use base64::Engine as _;
        let Thumbprints { sha1, sha256 } = Thumbprints::of(der);
        self.x5c = Some(vec![base64::engine::general_purpose::STANDARD.encode(der)]);
        self.x5t = Some(encode(&sha1));
        self.x5t_s256 = Some(encode(&sha256));
        self
    }

    /// The SHA-256 thumbprint, base64url: RFC 7638, section 3 (and RFC 8037, section 2 for `OKP`).
    pub fn thumbprint(&self) -> Result<String, JoseError> {
        // Required members only, in lexicographic order, without white space. The values are put through the serialiser
        // because a foreign key may hold characters that need escapes.
        let members: &[(&str, Option<&str>)] = match self.kty.as_str() {
            "RSA" => &[("e", self.e.as_deref()), ("kty", Some("RSA")), ("n", self.n.as_deref())],
            "EC" => &[("crv", self.crv.as_deref()), ("kty", Some("EC")), ("x", self.x.as_deref()), ("y", self.y.as_deref())],
            "OKP" => &[("crv", self.crv.as_deref()), ("kty", Some("OKP")), ("x", self.x.as_deref())],
            _ => return Err(JoseError::UnusableKey("unknown kty")),
        };
        let mut input = String::from("{");
        for (name, value) in members {
            let value = value.ok_or(JoseError::UnusableKey("a required member is missing"))?;
            let value = serde_json::Value::from(value);
            if input.len() > 1 {
                input.push(',');
            }
            input.push_str(&format!("\"{name}\":{value}"));
        }
        input.push('}');
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, input.as_bytes());
        Ok(encode(digest.as_ref()))
    }
}

/// A JWK Set, RFC 7517, section 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys, in the publisher's order.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// The keys that can be used here. Others (encryption keys, unknown types, weak keys) are passed over, as section 5
    /// asks: one odd key must not lock out its neighbours.
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        self.keys.iter().filter_map(|jwk| VerifyingKey::from_jwk(jwk).ok()).collect()
    }
}
