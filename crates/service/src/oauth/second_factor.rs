//! A person who proved a first factor through an application and owes a second one. What was proven waits with the application,
//! sealed, and serves once.

use crate::boxed;
use crate::factor::NewTotp;
use crate::factor::{FactorError, RECOVERY_CODES, TotpEnrolment};
use crate::secrets::random;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_protocol::policy::SecondFactor;
use doorward_protocol::session::Proof;
use doorward_protocol::signin::{Facts, Purpose, ReturnTo, SignIn, UserFacts, second_factor_is_due};
use doorward_store::applications::ApplicationRow;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PURPOSE: &str = "second factor session";
/// Seconds that a first factor waits for the second one.
pub const WAIT_SECONDS: i64 = 600;

/// What was proven, and what was asked for with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FactorSession {
    /// Spent when tokens are given for it.
    pub id: Uuid,
    /// For which application.
    pub application: ApplicationId,
    /// Who.
    pub user: UserId,
    /// What was proven.
    pub proofs: Vec<Proof>,
    /// Scopes.
    pub scope: Vec<String>,
    /// Resource servers.
    pub audience: Vec<String>,
}

/// What an application is told when a second factor is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedFactor {
    /// Brought back with the second factor.
    pub auth_session: String,
    /// The person has a generator; otherwise one must be set up.
    pub enrolled: bool,
    /// The person has recovery codes left.
    pub recovery_codes: bool,
}

impl Service {
    /// Whether a first factor alone is not enough for tokens. `is_new`: the account comes into being with them.
    pub(crate) async fn owes_second_factor(
        &self,
        cx: &Cx,
        application: &ApplicationRow,
        user: UserId,
        proofs: &[Proof],
        is_new: bool,
    ) -> Result<bool, Error> {
        let mut state =
            SignIn::begin(Purpose::SignIn, Some(application.id), ReturnTo::Path("/account".into()), String::new(), cx.now);
        state.user = Some(user);
        state.proofs = proofs.to_vec();
        let facts = if is_new {
            let second_factor: Option<SecondFactor> = application.settings.0.second_factor;
            Facts { user: Some(UserFacts::default()), second_factor, ..Default::default() }
        } else {
            self.facts(cx, &state).await?
        };
        Ok(second_factor_is_due(&state, cx.policy(), &facts, cx.now))
    }

    /// Seals what was proven.
    pub(crate) async fn owed_factor(&self, cx: &Cx, session: &FactorSession) -> Result<OwedFactor, Error> {
        let factors = self.list_factors(cx, session.user).await?;
        Ok(OwedFactor {
            auth_session: self.secrets.seal(PURPOSE, cx.tenant_id(), cx.now.plus_seconds(WAIT_SECONDS), session)?,
            enrolled: factors.any(),
            recovery_codes: factors.recovery_codes > 0,
        })
    }

    /// Reads what [`OwedFactor::auth_session`] says; `None` when it is too old, or was used.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn open_factor_session(&self, cx: &Cx, text: &str) -> Result<Option<FactorSession>, Error> {
        let Ok(session) = self.secrets.open::<FactorSession>(PURPOSE, cx.tenant_id(), cx.now, text) else { return Ok(None) };
        let spent = self.store.is_spent(cx.tenant_id(), "second_factor", session.id.as_bytes()).await?;
        Ok((!spent).then_some(session))
    }

    /// Begins to set up a first generator, with its recovery codes. Whoever has one gives that instead: a first factor alone adds
    /// no second one.
    ///
    /// # Errors
    /// [`FactorError::TooMany`] when there is one, or a fault.
    #[boxed]
    pub async fn begin_first_totp(&self, cx: &Cx, user: UserId) -> Result<(TotpEnrolment, Vec<String>), FactorError> {
        if self.list_factors(cx, user).await?.any() {
            return Err(FactorError::TooMany);
        }
        let begun = self.begin_totp(cx, user, NewTotp::default()).await?;
        let codes = self.new_recovery_codes(cx, "user", user, RECOVERY_CODES).await?;
        Ok((begun, codes))
    }

    /// A new session for what was proven.
    pub(crate) fn factor_session(
        application: ApplicationId,
        user: UserId,
        proofs: &[Proof],
        scope: Vec<String>,
        audience: Vec<String>,
    ) -> FactorSession {
        FactorSession { id: Uuid::from_bytes(random()), application, user, proofs: proofs.to_vec(), scope, audience }
    }
}
