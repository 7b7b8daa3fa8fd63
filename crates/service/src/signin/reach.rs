//! Whether a passkey can answer on the device that asks, as far as that can be known before asking: where accounts are revealed,
//! a person whose passkeys are all elsewhere is told to reach for the other device instead of failing first.

use doorward_protocol::ids::PasskeyId;
use doorward_store::passkeys::PasskeyRow;

/// What a system is part of: passkeys that are synced stay within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Apple,
    Google,
    Windows,
    Linux,
}

fn family(text: &str) -> Option<Family> {
    [
        ("Android", Family::Google),
        ("CrOS", Family::Google),
        ("ChromeOS", Family::Google),
        ("iPhone", Family::Apple),
        ("iPad", Family::Apple),
        ("Mac", Family::Apple),
        ("Windows", Family::Windows),
        ("Linux", Family::Linux),
    ]
    .into_iter()
    .find(|(mark, _)| text.contains(mark))
    .map(|(_, family)| family)
}

/// Whether `passkey` can probably answer here. In doubt it can: a ceremony that fails has a way on, one that is not offered has
/// none. `seen` says which devices passkeys of this person were seen on.
pub(super) fn within_reach(passkey: &PasskeyRow, seen: &[(PasskeyId, String)], device: Option<&str>, user_agent: &str) -> bool {
    let transports = &passkey.transports.0;
    // What is carried about can be plugged in anywhere.
    if transports.iter().any(|t| matches!(t.as_str(), "usb" | "nfc" | "ble" | "smart-card")) {
        return true;
    }
    let on = |device: &str| seen.iter().any(|(id, at)| *id == passkey.id && at == device);
    if device.is_some_and(on) {
        return true;
    }
    match (family(&passkey.created_on), family(user_agent)) {
        (Some(made), Some(here)) if made != here => {
            // Password managers and synced accounts cross systems; a key that cannot leave its device does not.
            passkey.backup_eligible && doorward_protocol::webauthn::provider(passkey.aaguid).is_some_and(|p| crosses(p.name))
        }
        // The same kind of system: a synced passkey is there too; a bound one only if this may be its device.
        _ => passkey.backup_eligible || device.is_none() || !seen.iter().any(|(id, _)| *id == passkey.id),
    }
}

/// Providers that are on every system.
fn crosses(provider: &str) -> bool {
    !["iCloud", "Apple", "Windows", "Samsung", "Chrome on Mac"].iter().any(|mark| provider.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::ids::{TenantId, UserId};
    use doorward_protocol::time::Timestamp;
    use doorward_store::Json;
    use uuid::{Uuid, uuid};

    const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/130";
    const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130";
    const ICLOUD: Uuid = uuid!("fbfc3007-154e-4ecc-8c0b-6e020557d7bd");

    fn passkey(created_on: &str, synced: bool, aaguid: Uuid, transports: &[&str]) -> PasskeyRow {
        PasskeyRow {
            id: PasskeyId(Uuid::nil()),
            tenant_id: TenantId(Uuid::nil()),
            user_id: UserId(Uuid::nil()),
            credential_id: vec![1],
            user_handle: vec![1],
            public_key: vec![1],
            rp_id: "localhost".into(),
            sign_count: 0,
            backup_eligible: synced,
            backup_state: synced,
            aaguid,
            transports: Json(transports.iter().map(|t| (*t).to_owned()).collect()),
            attestation_format: "none".into(),
            name: String::new(),
            created_at: Timestamp(0),
            last_used_at: None,
            created_on: created_on.into(),
        }
    }

    #[test]
    fn a_bound_passkey_is_on_its_device_only() {
        let bound = passkey("Chrome on Windows", false, Uuid::nil(), &["internal"]);
        let seen = [(bound.id, "laptop".to_owned())];
        assert!(within_reach(&bound, &seen, Some("laptop"), WINDOWS));
        assert!(!within_reach(&bound, &seen, Some("desktop"), WINDOWS));
        assert!(!within_reach(&bound, &seen, None, MAC));
        // Nobody knows where it is: it is tried.
        assert!(within_reach(&bound, &[], Some("desktop"), WINDOWS));
    }

    #[test]
    fn a_synced_passkey_goes_as_far_as_its_provider() {
        let icloud = passkey("Safari on iPhone", true, ICLOUD, &["internal", "hybrid"]);
        let seen = [(icloud.id, "phone".to_owned())];
        assert!(within_reach(&icloud, &seen, Some("mac"), MAC));
        assert!(!within_reach(&icloud, &seen, Some("pc"), WINDOWS));
        let bitwarden = passkey("Chrome on Mac", true, uuid!("d548826e-79b4-db40-a3d8-11116f7e8349"), &["internal"]);
        assert!(within_reach(&bitwarden, &[], Some("pc"), WINDOWS));
    }

    #[test]
    fn a_security_key_is_wherever_its_owner_is() {
        let key = passkey("Chrome on Mac", false, Uuid::nil(), &["usb"]);
        assert!(within_reach(&key, &[(key.id, "mac".to_owned())], Some("pc"), WINDOWS));
    }
}
