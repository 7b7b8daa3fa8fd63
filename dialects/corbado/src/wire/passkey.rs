//! A passkey in lists.

use super::when;
use crate::ids;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::webauthn::provider;
use doorward_store::passkeys::PasskeyRow;
use serde_json::{Value, json};

/// The entry of a list. `aaguidDetails` and `transport` are always there: components read them unguarded.
pub fn passkey(row: &PasskeyRow) -> Value {
    let (browser, system) = row.created_on.split_once(" on ").unwrap_or((row.created_on.as_str(), ""));
    let name = provider(row.aaguid).map_or_else(|| row.name.clone(), |p| p.name.to_owned());
    let used = row.last_used_at.unwrap_or(row.created_at);
    json!({
        "id": ids::passkey(row.id),
        "credentialID": URL_SAFE_NO_PAD.encode(&row.credential_id),
        "attestationType": row.attestation_format,
        "transport": row.transports.0,
        "backupEligible": row.backup_eligible,
        "backupState": row.backup_state,
        "authenticatorAAGUID": row.aaguid.to_string(),
        "aaguidDetails": { "name": name, "iconLight": "", "iconDark": "", "aaguid": row.aaguid.to_string() },
        "sourceOS": system,
        "sourceBrowser": browser,
        "created": when::text(row.created_at),
        "createdMs": row.created_at.0,
        "lastUsed": when::text(used),
        "lastUsedMs": used.0,
        "status": "active",
        "tags": if row.backup_eligible { json!(["synced"]) } else { json!([]) },
    })
}
