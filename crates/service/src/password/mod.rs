//! Passwords: Argon2id (RFC 9106) with 19 MiB, two passes, one lane; constant work for people who do not exist.
//! Hashes that were made elsewhere are checked too ([`foreign`]), until the first good sign-in.

pub mod foreign;

use crate::{Cx, Error, Service};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use doorward_protocol::policy::PasswordPolicy;
use doorward_store::users::Person;
use foreign::ForeignHash;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Memory in KiB, passes, lanes: the first recommendation of the OWASP password storage guide.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(COST.0, COST.1, COST.2, None).unwrap_or_default())
}

/// The hash that stands in for people who do not exist or have no password, so that the answer takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&crate::secrets::token::<24>("")).unwrap_or_default());

fn hash_now(password: &str) -> Result<String, Error> {
    let salt: [u8; 16] = crate::secrets::random();
    hasher().hash_password_with_salt(password.as_bytes(), &salt).map(|h| h.to_string()).map_err(Error::internal)
}

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than the policy wants.
    TooShort {
        /// The policy's least.
        least: u32,
    },
    /// More characters than the policy allows.
    TooLong {
        /// The policy's most.
        most: u32,
    },
    /// Without a kind of character that the policy wants.
    Lacks(Lack),
    /// Too easily guessed.
    TooWeak,
}

/// A kind of character that a new password must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// A digit.
    Number,
    /// Small letters and capitals.
    MixedCase,
    /// Something that is neither letter nor digit.
    Symbol,
}

/// Whether a new password is good enough for somebody with an account.
pub fn check_for(cx: &Cx, person: &Person, password: &str) -> Result<(), PasswordProblem> {
    let mut about: Vec<&str> = person.identifiers.iter().map(|i| i.normal.as_str()).collect();
    about.extend(person.user.name.as_deref());
    about.push(&cx.tenant.row.name);
    check(password, &cx.policy().password, &about)
}

/// Whether a new password is good enough. What the person told us of themselves counts as easily guessed.
pub fn check(password: &str, policy: &PasswordPolicy, about: &[&str]) -> Result<(), PasswordProblem> {
    let length = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
    if length < policy.min_length {
        return Err(PasswordProblem::TooShort { least: policy.min_length });
    }
    if length > policy.max_length {
        return Err(PasswordProblem::TooLong { most: policy.max_length });
    }
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    for (wanted, there, lack) in [
        (policy.require_number, has(char::is_numeric), Lack::Number),
        (policy.require_mixed_case, has(char::is_lowercase) && has(char::is_uppercase), Lack::MixedCase),
        (policy.require_symbol, has(|c| !c.is_alphanumeric()), Lack::Symbol),
    ] {
        if wanted && !there {
            return Err(PasswordProblem::Lacks(lack));
        }
    }
    // The estimator's work grows with length; what lies beyond a hundred characters adds nothing to the answer.
    let shown: String = password.chars().take(100).collect();
    let estimate = zxcvbn::zxcvbn(&shown, about);
    if u8::from(estimate.score()) < policy.min_score { Err(PasswordProblem::TooWeak) } else { Ok(()) }
}

impl Service {
    /// Hashes a new password on the bounded pool.
    pub async fn hash_password(&self, password: &str) -> Result<String, Error> {
        let password = Zeroizing::new(password.to_owned());
        self.hashing.run(move || hash_now(&password)).await?
    }

    /// Checks a password; `None` stands for somebody who has none, and takes as long.
    pub async fn verify_password(&self, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        if password.len() > LONGEST {
            return Ok(false);
        }
        let password = Zeroizing::new(password.to_owned());
        let hash = hash.map(str::to_owned);
        self.hashing.run(move || fits(&password, hash.as_deref())).await
    }

    /// Our own hash of a password that was just found to fit a hash made elsewhere; `None` for a hash that is ours. When the pool
    /// is too busy for it the old hash stays for another time.
    pub async fn renewed_hash(&self, password: &str, hash: &str) -> Result<Option<String>, Error> {
        if ForeignHash::of_stored(hash).is_none() {
            return Ok(None);
        }
        match self.hash_password(password).await {
            Ok(hash) => Ok(Some(hash)),
            Err(Error::Busy) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Longest password that is looked at, in bytes.
const LONGEST: usize = 4096;

fn fits(password: &str, hash: Option<&str>) -> bool {
    let ours =
        |text: &str| PasswordHash::new(text).is_ok_and(|parsed| hasher().verify_password(password.as_bytes(), &parsed).is_ok());
    match hash {
        None => {
            ours(&NOBODY);
            false
        }
        Some(text) => match ForeignHash::of_stored(text) {
            None => ours(text),
            // Some foreign hashes are quick; a refusal must not be quicker than one for somebody who does not exist.
            Some(foreign) => {
                let fits = foreign.verify(password);
                if !fits {
                    ours(&NOBODY);
                }
                fits
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        let policy = PasswordPolicy { enabled: true, ..Default::default() };
        assert_eq!(check("short", &policy, &[]), Err(PasswordProblem::TooShort { least: 10 }));
        assert_eq!(check("passwordpassword", &policy, &[]), Err(PasswordProblem::TooWeak));
        assert_eq!(
            check("ada.lovelace1815", &policy, &["ada.lovelace1815@example.org", "ada.lovelace1815"]),
            Err(PasswordProblem::TooWeak)
        );
        assert_eq!(check(&"x".repeat(300), &policy, &[]), Err(PasswordProblem::TooLong { most: 256 }));
        assert_eq!(check("correct horse battery staple", &policy, &[]), Ok(()));
    }

    #[test]
    fn kinds_of_characters_are_asked_for_where_the_policy_does() {
        let policy = PasswordPolicy {
            require_number: true,
            require_mixed_case: true,
            require_symbol: true,
            ..PasswordPolicy { enabled: true, ..Default::default() }
        };
        let lacks = |password| check(password, &policy, &[]);
        assert_eq!(lacks("Correct horse battery staple"), Err(PasswordProblem::Lacks(Lack::Number)));
        for one_case in ["correct horse battery 7", "CORRECT HORSE BATTERY 7"] {
            assert_eq!(lacks(one_case), Err(PasswordProblem::Lacks(Lack::MixedCase)));
        }
        assert_eq!(lacks("CorrectHorseBatteryStaple7"), Err(PasswordProblem::Lacks(Lack::Symbol)));
        for good in ["Correct horse battery 7", "Ärmel und Übermut ٣"] {
            assert_eq!(lacks(good), Ok(()));
        }
    }

    #[test]
    fn hashes_are_argon2id_with_our_cost() {
        let hash = hash_now("pw").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
