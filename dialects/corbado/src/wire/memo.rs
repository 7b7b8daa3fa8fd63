//! What this surface keeps beside the flow.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a finished login says about the passkey that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// `append` or `verify`.
    pub kind: String,
    /// `local`, `cda` or `security-key`.
    pub ceremony: String,
}

/// The memo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// A passkey was made; its page is shown before the flow ends.
    pub appended: bool,
    /// The session was handed over: the process is done.
    pub finished: bool,
    /// The passkey ceremony that went well.
    pub operation: Option<Operation>,
}

impl Memo {
    /// Reads one.
    pub fn read(value: &Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }

    /// As kept.
    pub fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// How a ceremony was done, from the credential that the browser made.
pub fn ceremony(credential: &str) -> String {
    let credential: Value = serde_json::from_str(credential).unwrap_or(Value::Null);
    if credential.get("authenticatorAttachment").and_then(Value::as_str) != Some("cross-platform") {
        return "local".into();
    }
    let transports = credential.pointer("/response/transports").and_then(Value::as_array);
    let carried = |t: &Value| matches!(t.as_str(), Some("usb" | "nfc" | "ble" | "smart-card"));
    if transports.is_some_and(|all| all.iter().any(carried)) { "security-key".into() } else { "cda".into() }
}
