//! Passkey ceremonies that an application runs by itself: it asks for options, lets the authenticator answer, and brings the answer
//! to the token endpoint. What lies between travels with it, sealed.

use crate::boxed;
use crate::secrets::token;
use crate::signin::NewAccount;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_store::applications::ApplicationRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const PURPOSE: &str = "passkey session";

/// What a ceremony is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To make an account.
    SignUp(Box<NewAccount>),
    /// To add a passkey to an account.
    Enrol(UserId),
}

/// A ceremony under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasskeySession {
    /// For which application; `None` for the person's own account.
    pub application: Option<ApplicationId>,
    /// What for.
    pub errand: Errand,
    /// Whom the challenge is bound to.
    pub holder: String,
}

/// What an application takes to its authenticator.
#[derive(Debug, Clone)]
pub struct PasskeyCeremony {
    /// Brought back with the answer.
    pub auth_session: String,
    /// Options for `navigator.credentials` and its kin.
    pub options: Value,
}

impl Service {
    /// Begins a sign-in.
    pub fn begin_passkey_sign_in(&self, cx: &Cx, application: &ApplicationRow) -> Result<PasskeyCeremony, Error> {
        let holder = token::<18>("");
        let options = self.request_options(cx, &[], &holder);
        self.ceremony(cx, PasskeySession { application: Some(application.id), errand: Errand::SignIn, holder }, options)
    }

    /// Begins a sign-up. Whether the identifiers are free is decided when the account is made.
    pub fn begin_passkey_sign_up(
        &self,
        cx: &Cx,
        application: &ApplicationRow,
        account: NewAccount,
    ) -> Result<PasskeyCeremony, Error> {
        let holder = token::<18>("");
        let label = account.identifiers.first().map(|(identifier, _)| identifier.value.clone()).unwrap_or_default();
        let options = self.creation_options(cx, account.user, &label, account.name.as_deref(), &[], &holder);
        let errand = Errand::SignUp(Box::new(account));
        self.ceremony(cx, PasskeySession { application: Some(application.id), errand, holder }, options)
    }

    /// Begins to add a passkey to an account.
    #[boxed]
    pub async fn begin_passkey_enrolment(&self, cx: &Cx, user: UserId) -> Result<Option<PasskeyCeremony>, Error> {
        let Some(person) = self.store.person(cx.tenant_id(), user).await? else { return Ok(None) };
        let have = self.store.passkeys(cx.tenant_id(), user).await?;
        let holder = token::<18>("");
        let label = person.email().or(person.identifiers.first()).map(|i| i.value.clone()).unwrap_or_default();
        let options = self.creation_options(cx, user, &label, person.user.name.as_deref(), &have, &holder);
        self.ceremony(cx, PasskeySession { application: None, errand: Errand::Enrol(user), holder }, options).map(Some)
    }

    fn ceremony(&self, cx: &Cx, session: PasskeySession, options: Value) -> Result<PasskeyCeremony, Error> {
        let until = cx.now.plus_seconds(crate::challenge::CHALLENGE_SECONDS);
        Ok(PasskeyCeremony { auth_session: self.secrets.seal(PURPOSE, cx.tenant_id(), until, &session)?, options })
    }

    /// Reads what [`PasskeyCeremony::auth_session`] says. It is spent with its challenge.
    pub fn open_passkey_session(&self, cx: &Cx, text: &str) -> Option<PasskeySession> {
        self.secrets.open(PURPOSE, cx.tenant_id(), cx.now, text).ok()
    }
}
