//! What the browser sends back: `RegistrationResponseJSON` and `AuthenticationResponseJSON` of WebAuthn L3, section 5.1.8.
//!
//! The JSON is read into bounded byte strings. Members that only repeat the signed data in a friendlier form
//! (`authenticatorData`, `publicKey`, `publicKeyAlgorithm` of a registration) are not read at all: they are not signed.
//! Members that older clients and polyfills leave out may be absent.

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::Malformed;

/// The largest response that is looked at.
pub const MAX_RESPONSE: usize = 64 * 1024;

const MAX_CREDENTIAL_ID: usize = 1023;
const MAX_CLIENT_DATA: usize = 8 * 1024;
const MAX_ATTESTATION_OBJECT: usize = 32 * 1024;
const MAX_AUTHENTICATOR_DATA: usize = 4 * 1024;
const MAX_SIGNATURE: usize = 1024;
const MAX_USER_HANDLE: usize = 64;
const MAX_TRANSPORTS: usize = 16;
const MAX_WORD: usize = 32;

/// Section 5.1.8 writes base64url without padding; polyfills have sent it with.
const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&URL_SAFE, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// A credential from `navigator.credentials.create()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationResponse {
    /// The credential id as the client reports it.
    pub id: Vec<u8>,
    /// `platform` or `cross-platform`, when the client says.
    pub authenticator_attachment: Option<String>,
    /// The bytes of `clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// The attestation object (section 6.5.4).
    pub attestation_object: Vec<u8>,
    /// The transports that the client believes the authenticator has; unique and in order.
    pub transports: Vec<String>,
    /// `credProps.rk` (section 10.1.3): whether the credential is discoverable, when the client says.
    pub discoverable: Option<bool>,
}

/// A credential from `navigator.credentials.get()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationResponse {
    /// The credential id.
    pub id: Vec<u8>,
    /// `platform` or `cross-platform`, when the client says.
    pub authenticator_attachment: Option<String>,
    /// The bytes of `clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// The bytes of the authenticator data.
    pub authenticator_data: Vec<u8>,
    /// The signature over authenticator data and the hash of the client data.
    pub signature: Vec<u8>,
    /// The user handle, when the authenticator returns one.
    pub user_handle: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialWire<R> {
    id: String,
    raw_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    authenticator_attachment: Option<String>,
    client_extension_results: Option<ExtensionResultsWire>,
    response: R,
}

#[derive(Deserialize)]
struct ExtensionResultsWire {
    #[serde(rename = "credProps")]
    cred_props: Option<CredPropsWire>,
}

#[derive(Deserialize)]
struct CredPropsWire {
    rk: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationWire {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    attestation_object: String,
    transports: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionWire {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

impl RegistrationResponse {
    /// Reads the JSON text of a credential, at most [`MAX_RESPONSE`] bytes.
    pub fn from_slice(json: &[u8]) -> Result<Self, Malformed> {
        Self::from_wire(from_slice(json)?)
    }

    /// Reads a credential that is part of a larger JSON document.
    pub fn from_value(json: &Value) -> Result<Self, Malformed> {
        Self::from_wire(from_value(json)?)
    }

    fn from_wire(wire: CredentialWire<AttestationWire>) -> Result<Self, Malformed> {
        let id = wire.credential_id()?;
        let mut transports = wire.response.transports.unwrap_or_default();
        if transports.len() > MAX_TRANSPORTS || !transports.iter().all(|word| is_word(word)) {
            return Err(Malformed("transports"));
        }
        transports.sort_unstable();
        transports.dedup();
        Ok(Self {
            id,
            authenticator_attachment: attachment(wire.authenticator_attachment)?,
            client_data_json: bytes(&wire.response.client_data_json, MAX_CLIENT_DATA, "clientDataJSON")?,
            attestation_object: bytes(&wire.response.attestation_object, MAX_ATTESTATION_OBJECT, "attestationObject")?,
            transports,
            discoverable: wire
                .client_extension_results
                .and_then(|results| results.cred_props)
                .and_then(|properties| properties.rk),
        })
    }
}

impl AuthenticationResponse {
    /// Reads the JSON text of a credential, at most [`MAX_RESPONSE`] bytes.
    pub fn from_slice(json: &[u8]) -> Result<Self, Malformed> {
        Self::from_wire(from_slice(json)?)
    }

    /// Reads a credential that is part of a larger JSON document.
    pub fn from_value(json: &Value) -> Result<Self, Malformed> {
        Self::from_wire(from_value(json)?)
    }

    fn from_wire(wire: CredentialWire<AssertionWire>) -> Result<Self, Malformed> {
        let id = wire.credential_id()?;
        let user_handle = match wire.response.user_handle {
            // Some clients write "" where there is none.
            None => None,
            Some(text) if text.is_empty() => None,
            Some(text) => Some(bytes(&text, MAX_USER_HANDLE, "userHandle")?),
        };
        Ok(Self {
            id,
            authenticator_attachment: attachment(wire.authenticator_attachment)?,
            client_data_json: bytes(&wire.response.client_data_json, MAX_CLIENT_DATA, "clientDataJSON")?,
            authenticator_data: bytes(&wire.response.authenticator_data, MAX_AUTHENTICATOR_DATA, "authenticatorData")?,
            signature: bytes(&wire.response.signature, MAX_SIGNATURE, "signature")?,
            user_handle,
        })
    }
}

impl<R> CredentialWire<R> {
    fn credential_id(&self) -> Result<Vec<u8>, Malformed> {
        if self.kind != "public-key" {
            return Err(Malformed("credential type"));
        }
        let id = bytes(&self.id, MAX_CREDENTIAL_ID, "credential id")?;
        if id.is_empty() {
            return Err(Malformed("credential id"));
        }
        match &self.raw_id {
            Some(raw_id) if bytes(raw_id, MAX_CREDENTIAL_ID, "rawId")? != id => Err(Malformed("id and rawId differ")),
            _ => Ok(id),
        }
    }
}

fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, Malformed> {
    if json.len() > MAX_RESPONSE {
        return Err(Malformed("credential is too large"));
    }
    serde_json::from_slice(json).map_err(|_| Malformed("credential JSON"))
}

fn from_value<T: DeserializeOwned>(json: &Value) -> Result<T, Malformed> {
    T::deserialize(json).map_err(|_| Malformed("credential JSON"))
}

fn bytes(text: &str, limit: usize, what: &'static str) -> Result<Vec<u8>, Malformed> {
    // Four characters carry three bytes; refusing by length first spares decoding what is too long anyway.
    if text.len() > limit.div_ceil(3) * 4 {
        return Err(Malformed(what));
    }
    let bytes = BASE64URL.decode(text).map_err(|_| Malformed(what))?;
    if bytes.len() > limit {
        return Err(Malformed(what));
    }
    Ok(bytes)
}

fn attachment(attachment: Option<String>) -> Result<Option<String>, Malformed> {
    match attachment {
        Some(word) if word.len() > MAX_WORD => Err(Malformed("authenticatorAttachment")),
        // Section 5.1: a value that is not known is treated as if it were absent.
        Some(word) if word != "platform" && word != "cross-platform" => Ok(None),
        other => Ok(other),
    }
}

fn is_word(word: &str) -> bool {
    (1..=MAX_WORD).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
