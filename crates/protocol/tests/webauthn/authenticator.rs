//! A software authenticator whose every output can be bent before it is signed.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::{Value, cbor};
use doorward_protocol::webauthn::{OriginRule, RelyingParty, StoredCredential};
use serde_json::json;

pub const CHALLENGE: &[u8] = b"a challenge of thirty-two bytes!";
pub const USER_HANDLE: &[u8] = b"user handle";
pub const CREDENTIAL_ID: &[u8] = b"credential id";

pub const UP: u8 = 0x01;
pub const UV: u8 = 0x04;
pub const BE: u8 = 0x08;
pub const BS: u8 = 0x10;
pub const AT: u8 = 0x40;
pub const ED: u8 = 0x80;

pub fn rp() -> RelyingParty {
    RelyingParty {
        id: "example.org".into(),
        name: "Example".into(),
        origins: OriginRule::exact(["https://example.org", "https://example.org:8443"]),
    }
}

/// What the browser and the authenticator are about to say.
#[derive(Clone)]
pub struct Ceremony {
    pub kind: String,
    pub challenge: Vec<u8>,
    pub origin: String,
    pub cross_origin: Option<bool>,
    pub top_origin: Option<String>,
    pub rp_id: String,
    pub flags: u8,
    pub sign_count: u32,
    pub reported_id: Vec<u8>,
    pub user_handle: Option<Vec<u8>>,
    /// Attested credential data.
    pub credential_id: Vec<u8>,
    pub cose: Vec<u8>,
    /// After everything else in the authenticator data.
    pub tail: Vec<u8>,
    pub format: String,
    pub statement: Option<Value>,
    /// Changes the signature after it was made.
    pub bend_signature: fn(&mut Vec<u8>),
    /// Changes the attestation object after it was encoded.
    pub bend_object: fn(&mut Vec<u8>),
}

pub struct Key(EcdsaKeyPair);

impl Key {
    pub fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"))
    }

    pub fn from_pkcs8(der: &[u8]) -> Self {
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).expect("a key"))
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
    }

    /// x and y.
    pub fn coordinates(&self) -> (Vec<u8>, Vec<u8>) {
        let point = self.0.public_key().as_ref();
        (point[1..33].to_vec(), point[33..].to_vec())
    }

    pub fn cose(&self) -> Vec<u8> {
        let (x, y) = self.coordinates();
        cose(&[(1, 2.into()), (3, (-7).into()), (-1, 1.into()), (-2, x.into()), (-3, y.into())])
    }

    pub fn stored(&self) -> StoredCredential {
        StoredCredential {
            credential_id: CREDENTIAL_ID.to_vec(),
            public_key: self.cose(),
            sign_count: 0,
            backup_eligible: true,
            backup_state: true,
            user_handle: USER_HANDLE.to_vec(),
            rp_id: "example.org".into(),
        }
    }

    /// A good registration of a synced passkey, attested `none`.
    pub fn registration(&self) -> Ceremony {
        Ceremony {
            kind: "webauthn.create".into(),
            challenge: CHALLENGE.to_vec(),
            origin: "https://example.org".into(),
            cross_origin: Some(false),
            top_origin: None,
            rp_id: "example.org".into(),
            flags: UP | UV | BE | BS | AT,
            sign_count: 0,
            reported_id: CREDENTIAL_ID.to_vec(),
            user_handle: None,
            credential_id: CREDENTIAL_ID.to_vec(),
            cose: self.cose(),
            tail: Vec::new(),
            format: "none".into(),
            statement: Some(Value::Map(Vec::new())),
            bend_signature: |_| {},
            bend_object: |_| {},
        }
    }

    /// A good sign-in with that passkey.
    pub fn authentication(&self) -> Ceremony {
        Ceremony {
            kind: "webauthn.get".into(),
            flags: UP | UV | BE | BS,
            user_handle: Some(USER_HANDLE.to_vec()),
            ..self.registration()
        }
    }
}

pub fn cose(entries: &[(i64, Value)]) -> Vec<u8> {
    encode(&Value::Map(entries.iter().map(|(label, value)| ((*label).into(), value.clone())).collect()))
}

pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to memory");
    bytes
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

impl Ceremony {
    pub fn client_data(&self) -> Vec<u8> {
        let mut data = json!({ "type": self.kind, "challenge": base64url(&self.challenge), "origin": self.origin });
        if let Some(cross_origin) = self.cross_origin {
            data["crossOrigin"] = json!(cross_origin);
        }
        if let Some(top_origin) = &self.top_origin {
            data["topOrigin"] = json!(top_origin);
        }
        serde_json::to_vec(&data).expect("JSON")
    }

    pub fn authenticator_data(&self) -> Vec<u8> {
        let mut data = sha256(self.rp_id.as_bytes());
        data.push(self.flags);
        data.extend_from_slice(&self.sign_count.to_be_bytes());
        if self.flags & AT != 0 {
            data.extend_from_slice(&[7; 16]);
            data.extend_from_slice(&u16::try_from(self.credential_id.len()).expect("fits").to_be_bytes());
            data.extend_from_slice(&self.credential_id);
            data.extend_from_slice(&self.cose);
        }
        data.extend_from_slice(&self.tail);
        data
    }

    pub fn signed(&self) -> Vec<u8> {
        [self.authenticator_data(), sha256(&self.client_data())].concat()
    }

    /// `RegistrationResponseJSON`.
    pub fn created(&self) -> serde_json::Value {
        let mut entries = vec![
            (cbor!("fmt").expect("text"), Value::Text(self.format.clone())),
            (cbor!("authData").expect("text"), Value::Bytes(self.authenticator_data())),
        ];
        if let Some(statement) = &self.statement {
            entries.push((cbor!("attStmt").expect("text"), statement.clone()));
        }
        let mut object = encode(&Value::Map(entries));
        (self.bend_object)(&mut object);
        json!({
            "id": base64url(&self.reported_id),
            "rawId": base64url(&self.reported_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": base64url(&self.client_data()),
                "attestationObject": base64url(&object),
                "transports": ["internal", "hybrid", "internal"],
            },
        })
    }

    /// `AuthenticationResponseJSON`.
    pub fn asserted(&self, key: &Key) -> serde_json::Value {
        let mut signature = key.sign(&self.signed());
        (self.bend_signature)(&mut signature);
        json!({
            "id": base64url(&self.reported_id),
            "rawId": base64url(&self.reported_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(&self.client_data()),
                "authenticatorData": base64url(&self.authenticator_data()),
                "signature": base64url(&signature),
                "userHandle": self.user_handle.as_deref().map(base64url),
            },
        })
    }
}
