//! The provider's published keys (RFC 7517) and the algorithms that are accepted.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};

/// An algorithm of signatures with public keys. Those with shared secrets (`HS256`) and `none` do not exist here, so a token
/// cannot ask for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// What is accepted unless said otherwise.
    pub const DEFAULT: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    pub(crate) fn from_header(alg: jsonwebtoken::Algorithm) -> Option<Self> {
        use jsonwebtoken::Algorithm as Wire;
        Some(match alg {
            Wire::RS256 => Self::Rs256,
            Wire::RS384 => Self::Rs384,
            Wire::RS512 => Self::Rs512,
            Wire::PS256 => Self::Ps256,
            Wire::PS384 => Self::Ps384,
            Wire::PS512 => Self::Ps512,
            Wire::ES256 => Self::Es256,
            Wire::ES384 => Self::Es384,
            Wire::EdDSA => Self::EdDsa,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether a key of these parameters can have made a signature of this algorithm.
    fn fits(self, parameters: &AlgorithmParameters) -> bool {
        match parameters {
            AlgorithmParameters::RSA(_) => {
                matches!(self, Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512)
            }
            AlgorithmParameters::EllipticCurve(key) => {
                matches!((self, &key.curve), (Self::Es256, EllipticCurve::P256) | (Self::Es384, EllipticCurve::P384))
            }
            AlgorithmParameters::OctetKeyPair(key) => self == Self::EdDsa && key.curve == EllipticCurve::Ed25519,
            _ => false,
        }
    }
}

/// A key that can check signatures.
pub(crate) struct Key {
    jwk: Jwk,
    pub decoding: DecodingKey,
}

/// The keys that can be used. One that is unknown, of another use or secret is passed over: it must not spoil the others.
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    pub(crate) fn parse(document: &serde_json::Value) -> Option<Self> {
        let listed = document.get("keys")?.as_array()?;
        Some(Self(listed.iter().filter_map(usable).collect()))
    }

    /// The key that made a signature. Without a key id there may be but one that fits (RFC 7515, section 6).
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| {
            algorithm.fits(&key.jwk.algorithm)
                && key.jwk.common.key_algorithm.is_none_or(|named| named.to_string() == algorithm.name())
                && (kid.is_none() || key.jwk.common.key_id.as_deref() == kid)
        });
        let found = fitting.next()?;
        (kid.is_some() || fitting.next().is_none()).then_some(found)
    }
}

fn usable(listed: &serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(listed.clone()).ok()?;
    let for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature)
        && jwk.common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let public = !matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_));
    let decoding = (for_signatures && public).then(|| DecodingKey::from_jwk(&jwk).ok())??;
    Some(Key { jwk, decoding })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // RFC 8037, appendix A.2, and RFC 7517, appendix A.1.
    const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const EC_X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
    const EC_Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

    fn keys(listed: serde_json::Value) -> Keys {
        Keys::parse(&json!({ "keys": listed })).unwrap()
    }

    #[test]
    fn a_key_that_cannot_be_used_does_not_spoil_the_others() {
        let keys = keys(json!([
            { "kty": "AKP", "alg": "ML-DSA-44", "kid": "future", "pub": "AA" },
            { "kty": "RSA", "use": "enc", "alg": "RSA-OAEP-256", "kid": "e", "n": "AQAB", "e": "AQAB" },
            { "kty": "oct", "kid": "secret", "k": "AAAA" },
            { "kid": 7 },
            "nonsense",
            { "kty": "OKP", "crv": "X25519", "kid": "agree", "x": ED_X },
            { "kty": "EC", "crv": "P-256", "kid": "sign", "key_ops": ["sign"], "x": EC_X, "y": EC_Y },
            { "kty": "OKP", "crv": "Ed25519", "kid": "good", "x": ED_X },
        ]));
        assert_eq!(keys.0.len(), 1);
        assert!(keys.find(Some("good"), Algorithm::EdDsa).is_some());
        assert!(keys.find(Some("e"), Algorithm::Rs256).is_none());
        assert!(Keys::parse(&json!({})).is_none());
    }

    #[test]
    fn a_key_is_for_its_own_algorithm_only() {
        let keys = keys(json!([
            { "kty": "EC", "crv": "P-256", "kid": "a", "x": EC_X, "y": EC_Y },
            { "kty": "RSA", "kid": "r", "alg": "PS256", "n": "AQAB", "e": "AQAB" },
        ]));
        assert!(keys.find(Some("a"), Algorithm::Es256).is_some());
        assert!(keys.find(Some("a"), Algorithm::Es384).is_none());
        assert!(keys.find(Some("a"), Algorithm::Rs256).is_none());
        assert!(keys.find(Some("r"), Algorithm::Ps256).is_some());
        assert!(keys.find(Some("r"), Algorithm::Rs256).is_none());
    }

    #[test]
    fn without_a_key_id_there_must_be_one_choice() {
        let one = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": ED_X });
        assert!(keys(json!([one])).find(None, Algorithm::EdDsa).is_some());
        assert!(keys(json!([one, one])).find(None, Algorithm::EdDsa).is_none());
    }
}
