//! A browser's WebAuthn client with a software authenticator that holds one passkey.

use anyhow::{Result, anyhow};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use serde_json::{Value, json};
use url::Url;

/// Somebody who always touches and always verifies.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// One person's device.
pub struct Device {
    origin: Url,
    held: Option<Passkey>,
}

impl Device {
    /// Without a passkey yet.
    pub fn new(origin: &str) -> Result<Self> {
        Ok(Self { origin: Url::parse(origin)?, held: None })
    }

    fn authenticator(&self) -> Authenticator<Option<Passkey>, Willing, RustCryptoBackend> {
        Authenticator::new(Aaguid::new_empty(), self.held.clone(), Willing, RustCryptoBackend)
    }

    /// Answers `navigator.credentials.create()`: the credential as JSON.
    pub async fn create(&mut self, options: &Value) -> Result<String> {
        let options: CredentialCreationOptions = serde_json::from_value(json!({ "publicKey": options }))?;
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let made = client.register(&self.origin, options, DefaultClientData).await.map_err(|e| anyhow!("{e:?}"))?;
        self.held = client.authenticator().store().clone();
        Ok(serde_json::to_string(&made)?)
    }

    /// Answers `navigator.credentials.get()`: the assertion as JSON.
    pub async fn get(&mut self, options: &Value) -> Result<String> {
        let options: CredentialRequestOptions = serde_json::from_value(json!({ "publicKey": options }))?;
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let made = client.authenticate(&self.origin, options, DefaultClientData).await.map_err(|e| anyhow!("{e:?}"))?;
        self.held = client.authenticator().store().clone();
        Ok(serde_json::to_string(&made)?)
    }
}
