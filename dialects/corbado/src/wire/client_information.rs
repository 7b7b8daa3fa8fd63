//! What components say of the device they run on. Everything is optional.

use doorward_service::signin::DeviceFacts;
use serde::Deserialize;
use serde_json::Value;

/// `clientInformation`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClientInformation {
    is_user_verifying_platform_authenticator_available: Value,
    can_use_passkeys: Value,
    /// The handle that the client was given before.
    client_env_handle: Value,
}

impl ClientInformation {
    /// The handle that the client sent.
    pub fn handle(&self) -> Option<&str> {
        self.client_env_handle.as_str().filter(|h| !h.is_empty() && h.len() <= 128)
    }

    /// What follows for the flow.
    pub fn facts(&self, handle: Option<String>) -> DeviceFacts {
        let platform = self.is_user_verifying_platform_authenticator_available.as_bool();
        DeviceFacts { passkey_possible: platform.or(self.can_use_passkeys.as_bool()), handle }
    }
}
