//! What a person proved, when, and what that is called in tokens.

use crate::policy::SessionPolicy;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A WebAuthn assertion.
    Passkey,
    /// A password.
    Password,
    /// A one-time code or link sent by e-mail.
    EmailCode,
    /// A one-time password by time (RFC 6238). A second factor: it proves nothing alone.
    Totp,
    /// A recovery code, in the place of the second factor that was lost.
    RecoveryCode,
}

impl Method {
    /// The word used in audit events and counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Password => "password",
            Self::EmailCode => "email_code",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Whether it counts only after another proof.
    pub fn is_second_factor(self) -> bool {
        matches!(self, Self::Totp | Self::RecoveryCode)
    }
}

/// One proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// How.
    pub method: Method,
    /// When.
    pub at: Timestamp,
    /// For passkeys: whether the authenticator verified its user.
    #[serde(default)]
    pub user_verified: bool,
    /// For passkeys: whether the key cannot leave its device.
    #[serde(default)]
    pub device_bound: bool,
}

/// Authentication methods references of a set of proofs (RFC 8176, section 2), in a stable order.
pub fn amr(proofs: &[Proof]) -> Vec<&'static str> {
    let mut out = Vec::new();
    for proof in proofs {
        let values: &[&'static str] = match proof.method {
            Method::Passkey if proof.device_bound && proof.user_verified => &["hwk", "user"],
            Method::Passkey if proof.device_bound => &["hwk"],
            Method::Passkey if proof.user_verified => &["swk", "user"],
            Method::Passkey => &["swk"],
            Method::Password => &["pwd"],
            Method::EmailCode | Method::Totp | Method::RecoveryCode => &["otp"],
        };
        for value in values {
            if !out.contains(value) {
                out.push(*value);
            }
        }
    }
    // RFC 8176: "mfa" says that more than one factor was used. A passkey that verified its user is possession and
    // knowledge or inherence in one ceremony.
    let factors = proofs.iter().map(|p| p.method).collect::<std::collections::HashSet<_>>().len();
    if proofs.iter().any(|p| p.method == Method::Passkey && p.user_verified) || factors > 1 {
        out.push("mfa");
    }
    out
}

/// The authentication context class of two factors that can be phished: the policy identifier of OpenID Provider Authentication
/// Policy Extension 1.0, section 4, which is also its word in `acr_values`.
pub const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// Whether a second factor stands beside a first one, or a passkey whose authenticator verified its user stands for both.
pub fn is_multi_factor<'a>(proofs: impl IntoIterator<Item = &'a Proof>) -> bool {
    let (mut first, mut second) = (false, false);
    for proof in proofs {
        match proof.method {
            Method::Passkey if proof.user_verified => return true,
            Method::Passkey | Method::Password | Method::EmailCode => first = true,
            Method::Totp | Method::RecoveryCode => second = true,
        }
    }
    first && second
}

/// Authentication context class of a set of proofs. `phr` and `phrh` are the phishing-resistant classes registered by
/// "OpenID Connect Extended Authentication Profile (EAP) ACR Values 1.0"; two factors that can be phished are
/// [`MULTI_FACTOR`]; what is weaker gets `1`.
pub fn acr(proofs: &[Proof]) -> &'static str {
    let strong = |p: &&Proof| p.method == Method::Passkey && p.user_verified;
    if proofs.iter().filter(strong).any(|p| p.device_bound) {
        "phrh"
    } else if proofs.iter().any(|p| strong(&p)) {
        "phr"
    } else if is_multi_factor(proofs) {
        MULTI_FACTOR
    } else {
        "1"
    }
}

/// Whether proofs that give `have` satisfy a demand for `want`.
pub fn acr_satisfies(have: &str, want: &str) -> bool {
    let rank = |acr: &str| match acr {
        "phrh" => Some(4),
        "phr" => Some(3),
        MULTI_FACTOR => Some(2),
        "1" => Some(1),
        "0" => Some(0),
        _ => None,
    };
    match (rank(have), rank(want)) {
        (Some(have), Some(want)) => have >= want,
        _ => have == want,
    }
}

/// When a session that was made at `created` and last used at `seen` ends.
pub fn ends_at(policy: &SessionPolicy, created: Timestamp, seen: Timestamp) -> Timestamp {
    created.plus_seconds(policy.absolute_seconds).min(seen.plus_seconds(policy.idle_seconds))
}

/// The time of the last proof: `auth_time` (OpenID Connect Core, section 2). A second factor makes nothing fresh by itself.
pub fn auth_time(proofs: &[Proof]) -> Option<Timestamp> {
    proofs.iter().filter(|p| !p.method.is_second_factor()).map(|p| p.at).max()
}

/// Whether the last proof is recent enough for a sensitive change: younger than `fresh_seconds`.
pub fn is_fresh(proofs: &[Proof], policy: &SessionPolicy, now: Timestamp) -> bool {
    auth_time(proofs).is_some_and(|at| now.seconds_since(at) < policy.fresh_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(method: Method, uv: bool, bound: bool) -> Proof {
        Proof { method, at: Timestamp(0), user_verified: uv, device_bound: bound }
    }

    #[test]
    fn amr_follows_the_proofs() {
        assert_eq!(amr(&[proof(Method::Passkey, true, false)]), ["swk", "user", "mfa"]);
        assert_eq!(amr(&[proof(Method::Passkey, false, true)]), ["hwk"]);
        assert_eq!(amr(&[proof(Method::Password, false, false)]), ["pwd"]);
        assert_eq!(amr(&[proof(Method::Password, false, false), proof(Method::EmailCode, false, false)]), ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn a_second_factor_counts_beside_a_first() {
        let (pwd, totp) = (proof(Method::Password, false, false), proof(Method::Totp, false, false));
        let (mail, recovery) = (proof(Method::EmailCode, false, false), proof(Method::RecoveryCode, false, false));
        let touch = proof(Method::Passkey, false, true);
        assert_eq!(amr(&[pwd.clone(), totp.clone()]), ["pwd", "otp", "mfa"]);
        assert_eq!(amr(&[mail.clone(), totp.clone()]), ["otp", "mfa"]);
        for two in [[&pwd, &totp], [&mail, &recovery], [&touch, &totp]] {
            let two: Vec<Proof> = two.into_iter().cloned().collect();
            assert!(is_multi_factor(&two) && acr(&two) == MULTI_FACTOR, "{two:?}");
        }
        for one in [vec![pwd.clone(), mail], vec![totp.clone()], vec![totp.clone(), recovery], vec![touch]] {
            assert!(!is_multi_factor(&one) && acr(&one) == "1", "{one:?}");
        }
        assert!(acr_satisfies("phr", MULTI_FACTOR) && acr_satisfies(MULTI_FACTOR, "1") && !acr_satisfies(MULTI_FACTOR, "phr"));
        assert!(!acr_satisfies("1", MULTI_FACTOR));
        let later = Proof { at: Timestamp(9), ..totp };
        assert_eq!(auth_time(&[pwd, later]), Some(Timestamp(0)));
    }

    #[test]
    fn acr_needs_user_verification() {
        assert_eq!(acr(&[proof(Method::Passkey, false, true)]), "1");
        assert_eq!(acr(&[proof(Method::Passkey, true, true)]), "phrh");
        assert!(acr_satisfies("phrh", "phr") && !acr_satisfies("1", "phr") && !acr_satisfies("phr", "urn:other"));
    }

    #[test]
    fn a_session_ends_at_the_nearer_limit() {
        let policy = SessionPolicy { idle_seconds: 10, absolute_seconds: 25, fresh_seconds: 1 };
        assert_eq!(ends_at(&policy, Timestamp(0), Timestamp(5_000)), Timestamp(15_000));
        assert_eq!(ends_at(&policy, Timestamp(0), Timestamp(20_000)), Timestamp(25_000));
    }

    #[test]
    fn fresh_is_what_was_proven_a_short_while_ago() {
        let policy = SessionPolicy { idle_seconds: 1, absolute_seconds: 1, fresh_seconds: 600 };
        let at = |seconds| Proof { at: Timestamp::from_seconds(seconds), ..proof(Method::Passkey, true, false) };
        let now = Timestamp::from_seconds(1_000);
        assert!(is_fresh(&[at(401)], &policy, now));
        assert!(!is_fresh(&[at(400)], &policy, now));
        // The latest counts, wherever it stands.
        assert!(is_fresh(&[at(900), at(1)], &policy, now) && is_fresh(&[at(1), at(900)], &policy, now));
        assert!(!is_fresh(&[], &policy, now));
    }
}
