//! Second factors of a user: one-time passwords by time (RFC 6238), recovery codes, remembered browsers. Use cases without
//! pages and without sessions: sign-in, the account page, the management API and further surfaces all come through here.

mod check;
pub(crate) mod enrol;
mod recovery;
mod totp;
mod trust;

use crate::boxed;
pub use check::{FactorKind, GoodFactor};
pub use enrol::Confirmed;
pub use recovery::RECOVERY_CODES;
pub use totp::{NewTotp, TotpAlgorithm, TotpEnrolment, base32, secret_of_base32};

use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::engine::StoreError;
use doorward_store::factors::{NOT_PENDING, TotpRow};
use uuid::Uuid;

/// Most generators of one user.
const MOST: usize = 10;

/// Why a use case here did not happen. Nothing of it was kept but the count of a wrong guess.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The user has no such factor, or there is no such user.
    #[error("no such factor")]
    NotFound,
    /// The secret or the name is not one that can be taken.
    #[error("{0} is not valid")]
    Invalid(&'static str),
    /// The user has as many as one can have.
    #[error("too many factors")]
    TooMany,
    /// The code is wrong.
    #[error("wrong code")]
    WrongCode,
    /// The code is right and was taken before.
    #[error("the code was used")]
    UsedCode,
    /// Too many wrong codes.
    #[error("too many attempts")]
    Locked {
        /// Seconds to wait.
        wait: u64,
    },
    /// A fault inside.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl From<StoreError> for FactorError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Guard { label } if *label == NOT_PENDING || *label == "totp.gone" => Self::NotFound,
            StoreError::Guard { label } if *label == doorward_store::factors::REPLAYED => Self::UsedCode,
            StoreError::Guard { label } if *label == doorward_store::factors::CODE_USED => Self::UsedCode,
            StoreError::ForeignKey => Self::NotFound,
            _ => Self::Fault(error.into()),
        }
    }
}

/// A one-time password generator, as its owner and administrators see it: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: Uuid,
    /// Name; may be empty.
    pub name: String,
    /// Hash of its codes.
    pub algorithm: TotpAlgorithm,
    /// Digits of a code.
    pub digits: u8,
    /// Seconds of a time step.
    pub period: u64,
    /// Whether a first code has confirmed it; until then it is no factor.
    pub confirmed: bool,
    /// Begun at.
    pub created_at: Timestamp,
    /// Used at.
    pub last_used_at: Option<Timestamp>,
}

impl Factor {
    fn of(row: &TotpRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            algorithm: TotpAlgorithm::parse(&row.algorithm).unwrap_or_default(),
            digits: u8::try_from(row.digits).unwrap_or(6),
            period: u64::try_from(row.period).unwrap_or(30),
            confirmed: row.confirmed_at.is_some(),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// The second factors of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Factors {
    /// Generators, oldest first; also those that wait for their first code.
    pub totp: Vec<Factor>,
    /// Recovery codes that were not used yet.
    pub recovery_codes: usize,
}

impl Factors {
    /// Whether the user can give a second factor.
    pub fn any(&self) -> bool {
        self.totp.iter().any(|f| f.confirmed)
    }
}

impl Service {
    /// The second factors of a user.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_factors(&self, cx: &Cx, user: UserId) -> Result<Factors, Error> {
        let totp = self.store.totp(cx.tenant_id(), user).await?;
        let codes = self.store.recovery_codes(cx.tenant_id(), user).await?;
        Ok(Factors {
            totp: totp.iter().map(Factor::of).collect(),
            recovery_codes: codes.iter().filter(|c| c.used_at.is_none()).count(),
        })
    }
}
