//! The problem of a use case as the page's problem.

use crate::faces::password_problem;
use crate::view::Problem as Shown;
use doorward_protocol::identity::IdentifierError;
use doorward_service::signin::Problem;

/// Whole minutes, at least one.
pub fn minutes(seconds: u64) -> u32 {
    u32::try_from(seconds.div_ceil(60)).unwrap_or(u32::MAX).max(1)
}

/// The words for a problem.
pub fn shown(problem: &Problem) -> Shown {
    match problem {
        Problem::Identifier(IdentifierError::Empty) => Shown::IdentifierMissing,
        Problem::Identifier(_) => Shown::EmailInvalid,
        Problem::NameMissing => Shown::NameMissing,
        Problem::Password(problem) => password_problem(*problem),
        Problem::SamePassword => Shown::PasswordReused,
        Problem::WrongPassword => Shown::PasswordWrong,
        Problem::WrongCode { left } => Shown::CodeWrong { attempts_left: u32::try_from(*left).unwrap_or(0) },
        Problem::CodeDead => Shown::CodeExpired,
        Problem::CodeTooSoon { .. } => Shown::TooManyAttempts { minutes: 1 },
        Problem::LinkNotConfirmed => Shown::CodeMissing,
        Problem::PasskeyUnknown { .. } => Shown::PasskeyUnknown,
        Problem::PasskeyRefused { cause: "user_handle_mismatch" } => Shown::PasskeyRejected,
        Problem::PasskeyRefused { cause: "aaguid_not_allowed" | "algorithm_not_allowed" } => Shown::PasskeyNotAllowed,
        Problem::PasskeyRefused { .. } => Shown::PasskeyRejected,
        Problem::PasskeyStale => Shown::PasskeyExpired,
        Problem::UserVerificationMissing => Shown::PasskeyUnverified,
        Problem::PasskeyExists => Shown::PasskeyExists,
        Problem::Locked { wait } => Shown::TooManyAttempts { minutes: minutes(*wait) },
        Problem::OutOfTurn | Problem::Expired => Shown::FormExpired,
        Problem::AccountUnknown => Shown::AccountUnknown,
        Problem::AccountTaken => Shown::EmailTaken,
        // Hosted pages have a form of their own; this one is for components.
        Problem::Fields { name_missing: true, .. } => Shown::NameMissing,
        Problem::Fields { .. } => Shown::EmailInvalid,
        Problem::WrongSecondFactor => Shown::FactorWrong,
        Problem::SecondFactorUsed => Shown::FactorUsed,
        Problem::OtherUser => Shown::PasskeyOtherAccount,
    }
}
