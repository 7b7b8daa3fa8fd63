//! Bodies: blocks, passkeys, and what clients say of their device.

pub mod blocks;
pub mod body;
pub mod client_information;
pub mod memo;
pub mod paging;
pub mod passkey;
pub mod when;

use doorward_service::signin::Problem;

/// A word for a problem, where an answer names one that components have no text for.
pub fn problem_code(problem: &Problem) -> &'static str {
    match problem {
        Problem::WrongCode { .. } | Problem::CodeDead => "invalid_challenge_solution",
        Problem::CodeTooSoon { .. } | Problem::Locked { .. } => "too_many_requests",
        Problem::PasskeyExists => "passkey_already_exists",
        Problem::PasskeyUnknown { .. } => "passkey_unknown",
        Problem::PasskeyStale => "passkey_challenge_expired",
        Problem::UserVerificationMissing => "user_verification_required",
        Problem::PasskeyRefused { .. } => "passkey_refused",
        Problem::OtherUser => "passkey_of_other_user",
        _ => "unknown",
    }
}
