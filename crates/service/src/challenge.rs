//! WebAuthn challenges that nobody stores. A challenge says of itself, under a keyed digest, when and for what it was made; what
//! is stored is only that it was spent, in the transaction of its effect.

use crate::secrets::{random, same};
use crate::{Cx, Service};
use doorward_protocol::time::Timestamp;

/// Seconds that a challenge is good for. Pages that sit open ask for a new one before that.
pub const CHALLENGE_SECONDS: i64 = 600;

/// What a challenge was made for; part of its digest, so that it serves nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony<'a> {
    /// An assertion.
    Assertion,
    /// A registration for this user handle.
    Registration(&'a [u8]),
}

/// A genuine challenge, not yet spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChallenge {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What to spend.
    pub spent_id: Vec<u8>,
    /// Until when the record of its being spent must be kept.
    pub until: Timestamp,
}

/// Why a challenge is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// Not one of ours, or for another purpose, browser or tenant.
    #[error("challenge_unknown")]
    Unknown,
    /// Too old.
    #[error("challenge_expired")]
    Expired,
}

impl ChallengeError {
    /// The audit code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "challenge_unknown",
            Self::Expired => "challenge_expired",
        }
    }
}

impl Service {
    /// Makes a challenge bound to the tenant, the ceremony and `holder` (the browser, or whoever an accent binds it to).
    pub fn new_challenge(&self, cx: &Cx, ceremony: Ceremony<'_>, holder: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(40);
        out.extend_from_slice(&random::<16>());
        out.extend_from_slice(&cx.now.0.to_be_bytes());
        let mac = self.challenge_mac(cx, ceremony, holder, &out);
        out.extend_from_slice(&mac);
        out
    }

    /// Takes a challenge back.
    pub fn check_challenge(
        &self,
        cx: &Cx,
        ceremony: Ceremony<'_>,
        holder: &str,
        bytes: &[u8],
    ) -> Result<OpenChallenge, ChallengeError> {
        let (head, mac) = bytes.split_at_checked(24).ok_or(ChallengeError::Unknown)?;
        if !same(mac, &self.challenge_mac(cx, ceremony, holder, head)) {
            return Err(ChallengeError::Unknown);
        }
        let (nonce, made) = head.split_at(16);
        let made = Timestamp(made.try_into().map_or(0, i64::from_be_bytes));
        let until = made.plus_seconds(CHALLENGE_SECONDS);
        if cx.now >= until || made > cx.now.plus_seconds(60) {
            return Err(ChallengeError::Expired);
        }
        Ok(OpenChallenge { bytes: bytes.to_vec(), spent_id: nonce.to_vec(), until })
    }

    fn challenge_mac(&self, cx: &Cx, ceremony: Ceremony<'_>, holder: &str, head: &[u8]) -> Vec<u8> {
        let (kind, handle): (&[u8], &[u8]) = match ceremony {
            Ceremony::Assertion => (b"assertion", &[]),
            Ceremony::Registration(handle) => (b"registration", handle),
        };
        let mut mac =
            self.secrets.digest("webauthn challenge", &[cx.tenant_id().0.as_bytes(), kind, handle, holder.as_bytes(), head]);
        mac.truncate(16);
        mac
    }
}
