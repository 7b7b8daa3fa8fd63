//! What a ceremony is started with: WebAuthn L3, sections 5.4 and 5.5, in the JSON form of sections 5.1.9 and 5.1.10.
//!
//! `PublicKeyCredential.parseCreationOptionsFromJSON()` and `parseRequestOptionsFromJSON()` take these values as they
//! are; every byte string is base64url without padding. The challenge is the caller's, and so is remembering it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{cose::CoseAlgorithm, rp::RelyingParty};

/// `UserVerificationRequirement` (section 5.8.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserVerification {
    /// Refuse without it.
    #[default]
    Required,
    /// Ask for it, accept without.
    Preferred,
    /// Ask that the user is not troubled with it.
    Discouraged,
}

impl UserVerification {
    /// The word of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// `ResidentKeyRequirement` (section 5.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResidentKey {
    /// A discoverable credential or none.
    #[default]
    Required,
    /// Discoverable where possible.
    Preferred,
    /// Not discoverable where possible.
    Discouraged,
}

impl ResidentKey {
    /// The word of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// `AuthenticatorAttachment` (section 5.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatorAttachment {
    /// Built into the device.
    Platform,
    /// Separate from it: a security key, a telephone.
    CrossPlatform,
}

impl AuthenticatorAttachment {
    /// The word of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::CrossPlatform => "cross-platform",
        }
    }
}

/// `AttestationConveyancePreference` (section 5.4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AttestationConveyance {
    /// Do not tell us about the authenticator.
    #[default]
    None,
    /// Tell us, anonymised if the client likes.
    Indirect,
    /// Tell us as the authenticator says it.
    Direct,
    /// Tell us enough to recognise the single device; for managed fleets.
    Enterprise,
}

impl AttestationConveyance {
    /// The word of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Indirect => "indirect",
            Self::Direct => "direct",
            Self::Enterprise => "enterprise",
        }
    }
}

/// `PublicKeyCredentialHint` (section 5.8.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Expect a security key.
    SecurityKey,
    /// Expect this device.
    ClientDevice,
    /// Expect another device, by QR code.
    Hybrid,
}

impl Hint {
    /// The word of the specification.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecurityKey => "security-key",
            Self::ClientDevice => "client-device",
            Self::Hybrid => "hybrid",
        }
    }
}

/// `PublicKeyCredentialUserEntity` (section 5.4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntity {
    /// The user handle: 1 to 64 random bytes that say nothing about the user (section 14.6.1).
    pub id: Vec<u8>,
    /// What tells accounts apart in a list, such as an e-mail address.
    pub name: String,
    /// What the user is called.
    pub display_name: String,
}

/// `PublicKeyCredentialDescriptor` (section 5.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialDescriptor {
    /// The credential id.
    pub id: Vec<u8>,
    /// The transports that were reported when it was registered.
    pub transports: Vec<String>,
}

impl CredentialDescriptor {
    fn to_json(&self) -> Value {
        let mut descriptor = Map::new();
        descriptor.insert("type".to_owned(), json!("public-key"));
        descriptor.insert("id".to_owned(), json!(base64url(&self.id)));
        if !self.transports.is_empty() {
            descriptor.insert("transports".to_owned(), json!(self.transports));
        }
        Value::Object(descriptor)
    }
}

/// How long a ceremony may take when nothing else is said: five minutes, the recommended default of section 15.1.
pub const DEFAULT_TIMEOUT_MS: u32 = 300_000;

/// Builds `PublicKeyCredentialCreationOptionsJSON` (section 5.1.9).
#[derive(Debug, Clone)]
pub struct CreationOptions<'a> {
    rp: &'a RelyingParty,
    user: UserEntity,
    challenge: &'a [u8],
    algorithms: &'a [CoseAlgorithm],
    timeout_ms: u32,
    exclude: Vec<CredentialDescriptor>,
    resident_key: ResidentKey,
    user_verification: UserVerification,
    attachment: Option<AuthenticatorAttachment>,
    attestation: AttestationConveyance,
    hints: Vec<Hint>,
    extensions: Map<String, Value>,
}

impl<'a> CreationOptions<'a> {
    /// Options for a discoverable, user-verified credential without attestation.
    #[must_use]
    pub fn new(rp: &'a RelyingParty, user: UserEntity, challenge: &'a [u8]) -> Self {
        let mut extensions = Map::new();
        extensions.insert("credProps".to_owned(), Value::Bool(true));
        Self {
            rp,
            user,
            challenge,
            algorithms: CoseAlgorithm::DEFAULT,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            exclude: Vec::new(),
            resident_key: ResidentKey::default(),
            user_verification: UserVerification::default(),
            attachment: None,
            attestation: AttestationConveyance::default(),
            hints: Vec::new(),
            extensions,
        }
    }

    /// The algorithms to offer, best first (`pubKeyCredParams`).
    #[must_use]
    pub fn algorithms(mut self, algorithms: &'a [CoseAlgorithm]) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// How long the client should wait.
    #[must_use]
    pub const fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// The credentials that the user has already, so that no authenticator is registered twice.
    #[must_use]
    pub fn exclude(mut self, credentials: Vec<CredentialDescriptor>) -> Self {
        self.exclude = credentials;
        self
    }

    /// Whether the credential must be discoverable.
    #[must_use]
    pub const fn resident_key(mut self, resident_key: ResidentKey) -> Self {
        self.resident_key = resident_key;
        self
    }

    /// Whether the user must be verified.
    #[must_use]
    pub const fn user_verification(mut self, user_verification: UserVerification) -> Self {
        self.user_verification = user_verification;
        self
    }

    /// Restrict to one kind of authenticator.
    #[must_use]
    pub const fn attachment(mut self, attachment: Option<AuthenticatorAttachment>) -> Self {
        self.attachment = attachment;
        self
    }

    /// How much to be told about the authenticator.
    #[must_use]
    pub const fn attestation(mut self, attestation: AttestationConveyance) -> Self {
        self.attestation = attestation;
        self
    }

    /// Which dialogue the browser should open with.
    #[must_use]
    pub fn hints(mut self, hints: Vec<Hint>) -> Self {
        self.hints = hints;
        self
    }

    /// Adds a client extension input beside `credProps`.
    #[must_use]
    pub fn extension(mut self, name: &str, input: Value) -> Self {
        self.extensions.insert(name.to_owned(), input);
        self
    }

    /// The options as the browser takes them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let parameters: Vec<Value> =
            self.algorithms.iter().map(|algorithm| json!({ "type": "public-key", "alg": algorithm.id() })).collect();
        let mut selection = Map::new();
        selection.insert("residentKey".to_owned(), json!(self.resident_key.as_str()));
        // For clients of Level 1, which know only this (section 5.4.4).
        let required = self.resident_key == ResidentKey::Required;
        selection.insert("requireResidentKey".to_owned(), json!(required));
        selection.insert("userVerification".to_owned(), json!(self.user_verification.as_str()));
        if let Some(attachment) = self.attachment {
            selection.insert("authenticatorAttachment".to_owned(), json!(attachment.as_str()));
        }
        json!({
            "rp": { "id": self.rp.id, "name": self.rp.name },
            "user": {
                "id": base64url(&self.user.id),
                "name": self.user.name,
                "displayName": self.user.display_name,
            },
            "challenge": base64url(self.challenge),
            "pubKeyCredParams": parameters,
            "timeout": self.timeout_ms,
            "excludeCredentials": descriptors(&self.exclude),
            "authenticatorSelection": selection,
            "hints": hints(&self.hints),
            "attestation": self.attestation.as_str(),
            "extensions": self.extensions,
        })
    }
}

/// Builds `PublicKeyCredentialRequestOptionsJSON` (section 5.1.10).
#[derive(Debug, Clone)]
pub struct RequestOptions<'a> {
    rp: &'a RelyingParty,
    challenge: &'a [u8],
    timeout_ms: u32,
    allow: Vec<CredentialDescriptor>,
    user_verification: UserVerification,
    hints: Vec<Hint>,
    extensions: Map<String, Value>,
}

impl<'a> RequestOptions<'a> {
    /// Options for any discoverable credential of the relying party, with user verification.
    #[must_use]
    pub fn new(rp: &'a RelyingParty, challenge: &'a [u8]) -> Self {
        Self {
            rp,
            challenge,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            allow: Vec::new(),
            user_verification: UserVerification::default(),
            hints: Vec::new(),
            extensions: Map::new(),
        }
    }

    /// How long the client should wait.
    #[must_use]
    pub const fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// The credentials to choose from; empty means any discoverable one.
    #[must_use]
    pub fn allow(mut self, credentials: Vec<CredentialDescriptor>) -> Self {
        self.allow = credentials;
        self
    }

    /// Whether the user must be verified.
    #[must_use]
    pub const fn user_verification(mut self, user_verification: UserVerification) -> Self {
        self.user_verification = user_verification;
        self
    }

    /// Which dialogue the browser should open with.
    #[must_use]
    pub fn hints(mut self, hints: Vec<Hint>) -> Self {
        self.hints = hints;
        self
    }

    /// Adds a client extension input.
    #[must_use]
    pub fn extension(mut self, name: &str, input: Value) -> Self {
        self.extensions.insert(name.to_owned(), input);
        self
    }

    /// The options as the browser takes them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "challenge": base64url(self.challenge),
            "timeout": self.timeout_ms,
            "rpId": self.rp.id,
            "allowCredentials": descriptors(&self.allow),
            "userVerification": self.user_verification.as_str(),
            "hints": hints(&self.hints),
            "extensions": self.extensions,
        })
    }
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn descriptors(credentials: &[CredentialDescriptor]) -> Vec<Value> {
    credentials.iter().map(CredentialDescriptor::to_json).collect()
}

fn hints(hints: &[Hint]) -> Vec<&'static str> {
    hints.iter().map(|hint| hint.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webauthn::rp::OriginRule;

    fn rp() -> RelyingParty {
        RelyingParty { id: "example.org".into(), name: "Example".into(), origins: OriginRule::default() }
    }

    #[test]
    fn creation_options_section_5_1_9() {
        let rp = rp();
        let user = UserEntity { id: vec![0xfb, 0xff], name: "ada@example.org".into(), display_name: "Ada".into() };
        let plain = CreationOptions::new(&rp, user, &[0xff, 0xee, 0xdd, 0xcc]);
        assert_eq!(
            plain.to_json(),
            json!({
                "rp": { "id": "example.org", "name": "Example" },
                "user": { "id": "-_8", "name": "ada@example.org", "displayName": "Ada" },
                "challenge": "_-7dzA",
                "pubKeyCredParams": [
                    { "type": "public-key", "alg": -7 },
                    { "type": "public-key", "alg": -8 },
                    { "type": "public-key", "alg": -257 },
                ],
                "timeout": 300_000,
                "excludeCredentials": [],
                "authenticatorSelection": {
                    "residentKey": "required",
                    "requireResidentKey": true,
                    "userVerification": "required",
                },
                "hints": [],
                "attestation": "none",
                "extensions": { "credProps": true },
            })
        );
        let full = plain
            .algorithms(&[CoseAlgorithm::Es512])
            .timeout_ms(1000)
            .exclude(vec![
                CredentialDescriptor { id: vec![1], transports: vec!["internal".into(), "hybrid".into()] },
                CredentialDescriptor { id: vec![2], transports: vec![] },
            ])
            .resident_key(ResidentKey::Preferred)
            .user_verification(UserVerification::Discouraged)
            .attachment(Some(AuthenticatorAttachment::CrossPlatform))
            .attestation(AttestationConveyance::Direct)
            .hints(vec![Hint::SecurityKey, Hint::Hybrid, Hint::ClientDevice])
            .extension("minPinLength", json!(true))
            .to_json();
        assert_eq!(full["pubKeyCredParams"], json!([{ "type": "public-key", "alg": -36 }]));
        assert_eq!(full["timeout"], 1000);
        assert_eq!(
            full["excludeCredentials"],
            json!([
                { "type": "public-key", "id": "AQ", "transports": ["internal", "hybrid"] },
                { "type": "public-key", "id": "Ag" },
            ])
        );
        assert_eq!(
            full["authenticatorSelection"],
            json!({
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": "discouraged",
                "authenticatorAttachment": "cross-platform",
            })
        );
        assert_eq!(full["attestation"], "direct");
        assert_eq!(full["hints"], json!(["security-key", "hybrid", "client-device"]));
        assert_eq!(full["extensions"], json!({ "credProps": true, "minPinLength": true }));
    }

    #[test]
    fn request_options_section_5_1_10() {
        let rp = rp();
        let plain = RequestOptions::new(&rp, &[0xff, 0xee, 0xdd, 0xcc]);
        assert_eq!(
            plain.to_json(),
            json!({
                "challenge": "_-7dzA",
                "timeout": 300_000,
                "rpId": "example.org",
                "allowCredentials": [],
                "userVerification": "required",
                "hints": [],
                "extensions": {},
            })
        );
        let full = plain
            .timeout_ms(1000)
            .allow(vec![CredentialDescriptor { id: vec![1], transports: vec!["usb".into()] }])
            .user_verification(UserVerification::Preferred)
            .hints(vec![Hint::ClientDevice])
            .extension("x", json!({}))
            .to_json();
        assert_eq!(full["allowCredentials"], json!([{ "type": "public-key", "id": "AQ", "transports": ["usb"] }]));
        assert_eq!(full["userVerification"], "preferred");
        assert_eq!(full["hints"], json!(["client-device"]));
        assert_eq!(full["extensions"], json!({ "x": {} }));
        assert_eq!(full["timeout"], 1000);
    }
}
