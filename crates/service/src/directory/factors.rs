//! Second factors of a user, as an administrator sees them.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::factor::{FactorError, Factors, NewTotp};
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::Batch;
use doorward_store::factors;
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
    #[boxed]
    pub async fn list_user_factors(&self, cx: &Cx, id: UserId) -> Result<Factors, DirectoryError> {
        self.get_user(cx, id).await?;
        Ok(self.list_factors(cx, id).await?)
    }

    /// Takes a second factor from a user, or all of them.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
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

    /// Takes a generator over whose secret the user has already: it is a factor at once.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn import_user_totp(&self, cx: &Cx, actor: &str, id: UserId, new: NewTotp) -> Result<Uuid, DirectoryError> {
        self.get_user(cx, id).await?;
        if new.secret.is_none() {
            return Err(DirectoryError::invalid("secret", "must be given"));
        }
        let mut row = self.new_totp(cx, id, new).await?;
        row.confirmed_at = Some(cx.now);
        let event = Event::new("second_factor.added").user(id).actor(actor).with("factor", row.id.to_string());
        self.store.commit(Batch::new().with(row.insert()).with(event.statement(cx))).await?;
        Ok(row.id)
    }

    /// Gives a generator of a user another name.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn rename_user_factor(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        factor: Uuid,
        name: &str,
    ) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.text("name", name, 64);
        problems.finish()?;
        self.get_user(cx, id).await?;
        let event = Event::new("second_factor.renamed").user(id).actor(actor).with("factor", factor.to_string());
        let batch = Batch::new().with(factors::rename_totp(cx.tenant_id(), id, factor, name)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Makes every browser of a user owe the second factor again.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn forget_user_browsers(&self, cx: &Cx, actor: &str, id: UserId) -> Result<(), DirectoryError> {
        self.get_user(cx, id).await?;
        let event = Event::new("second_factor.browsers_forgotten").user(id).actor(actor);
        let batch = Batch::new().with(factors::forget_browsers(cx.tenant_id(), id)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Takes the recovery codes from a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_user_recovery_codes(&self, cx: &Cx, actor: &str, id: UserId) -> Result<(), DirectoryError> {
        self.get_user(cx, id).await?;
        let event = Event::new("recovery_codes.deleted").user(id).actor(actor);
        let batch = Batch::new().with(factors::delete_recovery_codes(cx.tenant_id(), id)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }
}
