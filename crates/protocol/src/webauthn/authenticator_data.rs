//! Authenticator data: WebAuthn L3, section 6.1, with the attested credential data of section 6.5.1.
//!
//! Parsing only; what the flags must be is decided by the ceremonies.

use uuid::Uuid;

use super::{Malformed, cbor};

/// Authenticator data, borrowed from the bytes that were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatorData<'a> {
    /// SHA-256 of the RP ID that the authenticator was asked for.
    pub rp_id_hash: [u8; 32],
    /// The flags byte.
    pub flags: Flags,
    /// The signature counter.
    pub sign_count: u32,
    /// The new credential, in a registration.
    pub attested: Option<AttestedCredentialData<'a>>,
}

/// The flags byte (section 6.1). Bits 1 and 5 are reserved and ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// UP: the user was present.
    #[must_use]
    pub const fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }
    /// UV: the user was verified.
    #[must_use]
    pub const fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }
    /// BE: the credential may be backed up (section 6.1.3).
    #[must_use]
    pub const fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }
    /// BS: the credential is backed up now (section 6.1.3).
    #[must_use]
    pub const fn backup_state(self) -> bool {
        self.0 & 0x10 != 0
    }
    /// AT: attested credential data follows.
    #[must_use]
    pub const fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }
    /// ED: extension outputs follow.
    #[must_use]
    pub const fn extensions(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// Attested credential data (section 6.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttestedCredentialData<'a> {
    /// The model of the authenticator.
    pub aaguid: Uuid,
    /// The credential id.
    pub credential_id: &'a [u8],
    /// The COSE key, as received.
    pub public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Parses authenticator data; every byte must be accounted for.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        const WHAT: Malformed = Malformed("authenticatorData");
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(WHAT)?;
        let (flags, rest) = rest.split_first().ok_or(WHAT)?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>().ok_or(WHAT)?;
        let flags = Flags(*flags);
        let mut attested = None;
        if flags.attested() {
            let (data, after) = AttestedCredentialData::parse(rest)?;
            attested = Some(data);
            rest = after;
        }
        if flags.extensions() {
            let (outputs, after) = cbor::decode_prefix(rest, "authenticatorData extensions")?;
            cbor::Map::new(&outputs, "authenticatorData extensions")?;
            rest = after;
        }
        if !rest.is_empty() {
            return Err(Malformed("authenticatorData has trailing bytes"));
        }
        Ok(Self { rp_id_hash: *rp_id_hash, flags, sign_count: u32::from_be_bytes(*sign_count), attested })
    }
}

impl<'a> AttestedCredentialData<'a> {
    fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        const WHAT: Malformed = Malformed("attestedCredentialData");
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(WHAT)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(WHAT)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (credential_id, rest) = rest.split_at_checked(length).ok_or(WHAT)?;
        // The key's length is written nowhere: it ends where its CBOR ends.
        let (_, after) = cbor::decode_prefix(rest, "credentialPublicKey")?;
        let public_key = rest.get(..rest.len().saturating_sub(after.len())).ok_or(WHAT)?;
        Ok((Self { aaguid: Uuid::from_bytes(*aaguid), credential_id, public_key }, after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(flags: u8, tail: &[u8]) -> Vec<u8> {
        let mut bytes = vec![9; 32];
        bytes.push(flags);
        bytes.extend_from_slice(&[0, 0, 1, 2]);
        bytes.extend_from_slice(tail);
        bytes
    }

    fn attested(length: [u8; 2], rest: &[u8]) -> Vec<u8> {
        [&[5; 16], length.as_slice(), rest].concat()
    }

    #[test]
    fn layout_of_section_6_1() {
        let bytes = data(0xc1, &[attested([0, 2], &[7, 8, 0xa1, 1, 2]), vec![0xa0]].concat());
        let parsed = AuthenticatorData::parse(&bytes).expect("well-formed");
        assert_eq!(parsed.rp_id_hash, [9; 32]);
        assert_eq!(parsed.sign_count, 0x0102);
        let credential = parsed.attested.expect("attested");
        assert_eq!(credential.aaguid, Uuid::from_bytes([5; 16]));
        assert_eq!(credential.credential_id, [7, 8]);
        assert_eq!(credential.public_key, [0xa1, 1, 2]);
    }

    #[test]
    fn each_flag_has_its_bit() {
        let read = |flags: Flags| {
            [
                flags.user_present(),
                flags.user_verified(),
                flags.backup_eligible(),
                flags.backup_state(),
                flags.attested(),
                flags.extensions(),
            ]
        };
        for (at, bit) in [0, 2, 3, 4, 6, 7].into_iter().enumerate() {
            let mut expected = [false; 6];
            expected[at] = true;
            assert_eq!(read(Flags(1 << bit)), expected, "bit {bit}");
        }
        assert_eq!(read(Flags(0x22)), [false; 6], "reserved bits");
    }

    #[test]
    fn bent_lengths_are_refused() {
        let whole = data(0x41, &attested([0, 2], &[7, 8, 0xa1, 1, 2]));
        for length in 0..whole.len() {
            assert!(AuthenticatorData::parse(&whole[..length]).is_err(), "cut at {length}");
        }
        let cases = [
            ("a byte after the counter", data(0x01, &[0])),
            ("a byte after the key", data(0x41, &attested([0, 2], &[7, 8, 0xa1, 1, 2, 0]))),
            ("a credential id longer than the input", data(0x41, &attested([0xff, 0xff], &[7, 8, 0xa1, 1, 2]))),
            ("extensions announced and absent", data(0x81, &[])),
            ("extensions that are no map", data(0x81, &[0x00])),
            ("extensions not announced", data(0x01, &[0xa0])),
        ];
        for (name, bytes) in cases {
            assert!(AuthenticatorData::parse(&bytes).is_err(), "{name}");
        }
    }
}
