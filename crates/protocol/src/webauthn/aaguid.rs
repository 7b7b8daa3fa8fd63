//! Names of passkey providers by AAGUID (WebAuthn L3, section 6.5.1), for lists of a user's passkeys.
//!
//! A convenience for people, never evidence: without verified attestation anyone can send any AAGUID.

use uuid::{Uuid, uuid};

/// What to call the place where a passkey lives, and which drawing to put beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provider {
    /// The product's name.
    pub name: &'static str,
    /// A key for a drawing; the pages own the drawings.
    pub icon: &'static str,
}

/// The provider with this AAGUID, if it is a well-known one.
#[must_use]
pub fn provider(aaguid: Uuid) -> Option<Provider> {
    PROVIDERS.iter().find(|(known, _, _)| *known == aaguid).map(|(_, name, icon)| Provider { name, icon })
}

#[rustfmt::skip]
const PROVIDERS: &[(Uuid, &str, &str)] = &[
    (uuid!("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"), "Apple Passwords", "apple"),
    (uuid!("dd4ec289-e01d-41c9-bb89-70fa845d4bf2"), "iCloud Keychain (managed)", "apple"),
    (uuid!("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"), "Google Password Manager", "google"),
    (uuid!("adce0002-35bc-c60a-648b-0b25f1f05503"), "Chrome on Mac", "google"),
    (uuid!("b5397666-4885-aa6b-cebf-e52262a439a2"), "Chromium", "browser"),
    (uuid!("771b48fd-d3d4-4f74-9232-fc157ab0507a"), "Edge on Mac", "windows"),
    (uuid!("d3452668-01fd-4c12-926c-83a4204853aa"), "Microsoft Password Manager", "windows"),
    (uuid!("08987058-cadc-4b81-b6e1-30de50dcbe96"), "Windows Hello", "windows"),
    (uuid!("9ddd1817-af5a-4672-a2b9-3e3dd95000a9"), "Windows Hello", "windows"),
    (uuid!("6028b017-b1d4-4c02-b4b3-afcdafc96bb2"), "Windows Hello", "windows"),
    (uuid!("53414d53-554e-4700-0000-000000000000"), "Samsung Pass", "phone"),
    (uuid!("bada5566-a7aa-401f-bd96-45619a55120d"), "1Password", "1password"),
    (uuid!("d548826e-79b4-db40-a3d8-11116f7e8349"), "Bitwarden", "bitwarden"),
    (uuid!("531126d6-e717-415c-9320-3d9aa6981239"), "Dashlane", "dashlane"),
    (uuid!("b84e4048-15dc-4dd0-8640-f4f60813c8af"), "NordPass", "nordpass"),
    (uuid!("50726f74-6f6e-5061-7373-50726f746f6e"), "Proton Pass", "proton"),
    (uuid!("fdb141b2-5d84-443e-8a35-4698c205a502"), "KeePassXC", "keepass"),
    (uuid!("eaecdef2-1c31-5634-8639-f1cbd9c00a08"), "KeePassDX", "keepass"),
    (uuid!("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6"), "Keeper", "vault"),
    (uuid!("f3809540-7f14-49c1-a8b3-8f813b225541"), "Enpass", "vault"),
    (uuid!("b78a0a55-6ef8-d246-a042-ba0f6d55050c"), "LastPass", "vault"),
    (uuid!("b35a26b2-8f6e-4697-ab1d-d44db4da28c6"), "Zoho Vault", "vault"),
    (uuid!("de503f9c-21a4-4f76-b4b7-558eb55c6f89"), "Devolutions", "vault"),
    (uuid!("891494da-2c90-4d31-a9cd-4eab0aed1309"), "Sésame", "vault"),
    (uuid!("cb69481e-8ff7-4039-93ec-0a2729a154a8"), "YubiKey 5", "key"),
    (uuid!("ee882879-721c-4913-9775-3dfcce97072a"), "YubiKey 5", "key"),
    (uuid!("fa2b99dc-9e39-4257-8f92-4a30d23c4118"), "YubiKey 5 NFC", "key"),
    (uuid!("2fc0579f-8113-47ea-b116-bb5a8db9202a"), "YubiKey 5 NFC", "key"),
    (uuid!("c5ef55ff-ad9a-4b9f-b580-adebafe026d0"), "YubiKey 5Ci", "key"),
    (uuid!("d8522d9f-575b-4866-88a9-ba99fa02f35b"), "YubiKey Bio", "key"),
    (uuid!("f8a011f3-8c0a-4d15-8006-17111f9edc7d"), "Security Key by Yubico", "key"),
    (uuid!("6d44ba9b-f6ec-2e49-b930-0c8fe920cb73"), "Security Key NFC by Yubico", "key"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown() {
        let apple = provider(uuid!("fbfc3007-154e-4ecc-8c0b-6e020557d7bd")).expect("known");
        assert_eq!((apple.name, apple.icon), ("Apple Passwords", "apple"));
        // Samsung's and Proton's spell their own names.
        assert_eq!(provider(Uuid::from_bytes(*b"SAMSUNG\0\0\0\0\0\0\0\0\0")).map(|known| known.name), Some("Samsung Pass"));
        assert_eq!(provider(Uuid::from_bytes(*b"ProtonPassProton")).map(|known| known.name), Some("Proton Pass"));
        // All zeros is what clients send to say nothing (section 5.4.7).
        assert_eq!(provider(Uuid::nil()), None);
    }

    #[test]
    fn each_aaguid_once() {
        let mut ids: Vec<Uuid> = PROVIDERS.iter().map(|(id, _, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), PROVIDERS.len());
    }
}
