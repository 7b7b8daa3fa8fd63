//! What the scripts of a page need for a WebAuthn ceremony. It travels in the page, so autofill needs no extra call.

use serde::Serialize;

use super::when::When;

/// A passkey sign-in offered by a page.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyRequest {
    /// Where the form with `flow`, `csrf` and `credential` goes.
    pub action: String,
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3 section 5.1.9).
    pub options: serde_json::Value,
    /// Answers `{"flow": …, "options": …}` with a new challenge, before the one in the page expires.
    pub renew_url: Option<String>,
    /// For how many seconds the challenge in the page is valid.
    pub expires_in: u32,
    /// Whether to offer passkeys in the identifier field (`mediation: "conditional"`).
    pub autofill: bool,
}

/// A passkey creation offered by a page.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyCreation {
    /// Where the form with `flow`, `csrf` and `credential` goes.
    pub action: String,
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3 section 5.1.8).
    pub options: serde_json::Value,
    /// Answers `{"flow": …, "options": …}` with a new challenge, before the one in the page expires.
    pub renew_url: Option<String>,
    /// For how many seconds the challenge in the page is valid.
    pub expires_in: u32,
    /// Whether to try without a question where the browser can (`mediation: "conditional"`).
    pub silent: bool,
}

/// News for the passkey manager (WebAuthn Level 3 section 5.1.10). Binary values are base64url without padding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signals {
    /// The RP ID that the news is about.
    pub rp_id: String,
    /// The user handle, for the two signals that need it.
    pub user_id: Option<String>,
    /// A credential that was offered and is not known here: it can be forgotten.
    pub unknown_credential_id: Option<String>,
    /// All credentials of the user that are still accepted.
    pub all_accepted_credential_ids: Option<Vec<String>>,
    /// The user's present identifier.
    pub name: Option<String>,
    /// The user's present name.
    pub display_name: Option<String>,
}

/// A passkey in a list.
#[derive(Debug, Clone, Serialize)]
pub struct PasskeyRow {
    /// The id that forms send back as `passkey`.
    pub id: String,
    /// The name that the person or the provider gave it.
    pub name: String,
    /// The key of the provider's picture, such as `apple`, `google`, `windows`, `bitwarden`; unknown ones show a passkey.
    pub provider: String,
    /// When it was made.
    pub created: When,
    /// When it was last used.
    pub last_used: Option<When>,
    /// Whether it is backed up and on several devices (BS), or bound to one.
    pub synced: bool,
    /// Whether this session was begun with it.
    pub current: bool,
}
