//! Two-step sign-in of one's own account.

use super::{AccountError, push_all};
use crate::boxed;
use crate::factor::{Confirmed, FactorError, Factors, NewTotp, RECOVERY_CODES, TotpEnrolment};
use crate::session::{SessionCookie, proof};
use crate::signin::Problem;
use crate::{Cx, Service};
use doorward_protocol::policy::SecondFactor;
use doorward_protocol::session::Method;
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use uuid::Uuid;

impl From<FactorError> for AccountError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::NotFound => Self::NotFound("factor"),
            FactorError::Invalid(field) => Self::Invalid(field),
            FactorError::TooMany => Self::Invalid("factor"),
            FactorError::WrongCode => Self::Refused(Problem::WrongSecondFactor),
            FactorError::UsedCode => Self::Refused(Problem::SecondFactorUsed),
            FactorError::Locked { wait } => Self::Locked { wait },
            FactorError::Fault(error) => Self::Fault(error),
        }
    }
}

impl Service {
    /// The person's second factors.
    ///
    /// # Errors
    /// [`AccountError::SecondFactorsOff`] where the tenant has none and neither has the person.
    #[boxed]
    pub async fn my_factors(&self, cx: &Cx, session: &SessionRow) -> Result<Factors, AccountError> {
        let factors = self.list_factors(cx, session.user_id).await?;
        if cx.policy().second_factor.requirement == SecondFactor::Off && !factors.any() {
            return Err(AccountError::SecondFactorsOff);
        }
        Ok(factors)
    }

    /// Begins to set up an authenticator app.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn begin_my_totp(&self, cx: &Cx, session: &SessionRow) -> Result<TotpEnrolment, AccountError> {
        if cx.policy().second_factor.requirement == SecondFactor::Off {
            return Err(AccountError::SecondFactorsOff);
        }
        self.must_be_fresh(cx, session)?;
        Ok(self.begin_totp(cx, session.user_id, NewTotp::default()).await?)
    }

    /// What an app that was begun must be told.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn my_pending_totp(&self, cx: &Cx, session: &SessionRow, id: Uuid) -> Result<Option<TotpEnrolment>, AccountError> {
        self.must_be_fresh(cx, session)?;
        Ok(self.pending_totp(cx, session.user_id, id).await?)
    }

    /// Takes the first code of an app. The session has its second factor from then on, and a new secret with it.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn confirm_my_totp(
        &self,
        cx: &Cx,
        session: &SessionRow,
        id: Uuid,
        code: &str,
    ) -> Result<(Confirmed, SessionCookie), AccountError> {
        if cx.policy().second_factor.requirement == SecondFactor::Off {
            return Err(AccountError::SecondFactorsOff);
        }
        self.must_be_fresh(cx, session)?;
        let done = self.confirming_totp(cx, "user", session.user_id, id, code).await?;
        let opened = self.open_session(cx, Some(session), session.user_id, proof(cx, Method::Totp));
        let mut batch = Batch::new();
        push_all(&mut batch, done.effects);
        push_all(&mut batch, opened.statements);
        self.store.commit(batch).await.map_err(FactorError::from)?;
        Ok((done.confirmed, opened.cookie))
    }

    /// Removes an app.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn remove_my_factor(&self, cx: &Cx, session: &SessionRow, id: Uuid) -> Result<(), AccountError> {
        self.must_be_fresh(cx, session)?;
        Ok(self.remove_factor(cx, "user", session.user_id, id).await?)
    }

    /// Makes new recovery codes.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn new_my_recovery_codes(&self, cx: &Cx, session: &SessionRow) -> Result<Vec<String>, AccountError> {
        self.must_be_fresh(cx, session)?;
        if !self.list_factors(cx, session.user_id).await?.any() {
            return Err(AccountError::NotFound("factor"));
        }
        Ok(self.new_recovery_codes(cx, "user", session.user_id, RECOVERY_CODES).await?)
    }
}
