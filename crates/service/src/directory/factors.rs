//! Second factors of a user, as an administrator sees them.

use super::DirectoryError;
use crate::factor::{FactorError, Factors};
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use uuid::Uuid;

impl From<FactorError> for DirectoryError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::NotFound => Self::NotFound { noun: "factor" },
            FactorError::Invalid(field) => Self::invalid(field, "is not valid"),
            FactorError::TooMany => Self::conflict("factor", "a user can have at most 10 factors"),
            FactorError::WrongCode | FactorError::UsedCode => Self::invalid("code", "is not right"),
            FactorError::Locked { .. } => Self::Fault(Error::Busy),
            FactorError::Fault(error) => Self::Fault(error),
        }
    }
}

impl Service {
    /// Second factors of a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn list_user_factors(&self, cx: &Cx, id: UserId) -> Result<Factors, DirectoryError> {
        self.get_user(cx, id).await?;
        Ok(self.list_factors(cx, id).await?)
    }

    /// Takes a second factor from a user, or all of them.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn delete_user_factors(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        factor: Option<Uuid>,
    ) -> Result<(), DirectoryError> {
        self.get_user(cx, id).await?;
        match factor {
            Some(factor) => self.remove_factor(cx, actor, id, factor).await?,
            None => self.remove_all_factors(cx, actor, id).await?,
        }
        Ok(())
    }
}
