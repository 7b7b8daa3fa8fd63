//! What the use of a refresh token means.

use doorward_protocol::oauth::client::RefreshPolicy;
use doorward_protocol::time::Timestamp;
use doorward_store::grants::{RefreshFamilyRow, RefreshTokenRow};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Use it up and give its successor.
    Rotate,
    /// It is not rotated: give it back.
    Keep,
    /// It was used a moment ago: give the same successor again.
    Again,
    /// It was used before: the family ends.
    Reuse {
        /// Which rule said so.
        rule: &'static str,
    },
    /// It is over.
    Refuse {
        /// Why.
        cause: &'static str,
    },
}

/// Decides. `successor_used_at` is when the token's successor was itself used, if it was.
pub(super) fn decide(
    token: &RefreshTokenRow,
    family: &RefreshFamilyRow,
    successor_used_at: Option<Timestamp>,
    policy: &RefreshPolicy,
    now: Timestamp,
) -> Decision {
    if family.revoked_at.is_some() {
        return Decision::Refuse { cause: "refresh_family_revoked" };
    }
    if family.expires_at <= now {
        return Decision::Refuse { cause: "refresh_family_expired" };
    }
    match token.used_at {
        None if token.expires_at <= now => Decision::Refuse { cause: "refresh_token_expired" },
        None if policy.rotate => Decision::Rotate,
        None => Decision::Keep,
        // The holder of the successor has used it: whoever comes with the predecessor now is behind by two, which no lost
        // answer explains.
        Some(_) if successor_used_at.is_some() => Decision::Reuse { rule: "reuse_after_successor" },
        Some(used) if now.0.saturating_sub(used.0) <= policy.overlap_seconds.saturating_mul(1000) => Decision::Again,
        Some(_) => Decision::Reuse { rule: "reuse_after_overlap" },
    }
}
