//! What people do with their own account, one file a noun.
//!
//! Every use case is given the session of the person: whose account it is, and how long ago they proved it. What could lock the
//! owner out or let somebody else in asks for a fresh proof ([`AccountError::NotFresh`]); every change is one transaction with
//! its audit event. Audit events carry ids, never addresses or names: they outlive the account.

mod activity;
mod apps;
mod data;
mod deletion;
mod emails;
mod factors;
mod identifiers;
mod passkeys;
mod password;
mod profile;
mod sessions;

use crate::boxed;
pub use activity::{ACTIVITY_PAGE, Activity};
pub use apps::ConnectedApp;
pub use emails::PendingEmail;
pub(crate) use emails::masked;
pub use password::PasswordState;
pub use profile::ProfileChange;
pub use sessions::Device;

use crate::mail::Letter;
use crate::password::PasswordProblem;
use crate::signin::Problem;
use crate::signin::code::locale_of;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::IdentifierError;
use doorward_protocol::session::is_fresh;
use doorward_store::account::{AllowedMethods, LAST_EMAIL, LAST_METHOD};
use doorward_store::administrators::LAST_OWNER;
use doorward_store::engine::{Batch, Statement, StoreError};
use doorward_store::sessions::SessionRow;
use doorward_store::users::Person;

/// Why a change to one's own account did not happen. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The last proof is too old for this; ask for another one.
    #[error("a fresh proof is needed")]
    NotFresh,
    /// This account has no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A field holds what it cannot hold.
    #[error("{0} is not valid")]
    Invalid(&'static str),
    /// The name was left empty, and is needed.
    #[error("the name is missing")]
    NameMissing,
    /// Not an e-mail address.
    #[error(transparent)]
    Email(IdentifierError),
    /// An account has this address; said only where the tenant reveals that, or to somebody who proved the address.
    #[error("the address is taken")]
    EmailTaken,
    /// The primary address stays until another one takes its place.
    #[error("the primary address cannot be removed")]
    PrimaryEmail,
    /// Only a proven address can be the primary one.
    #[error("the address is not verified")]
    EmailUnverified,
    /// It is the last way to sign in or to get back in.
    #[error("the last way to sign in cannot be removed")]
    LastSignInMethod,
    /// The tenant has no passwords.
    #[error("passwords are not enabled")]
    PasswordsOff,
    /// The tenant has no second factors.
    #[error("second factors are not enabled")]
    SecondFactorsOff,
    /// The current password is not this one.
    #[error("wrong password")]
    WrongPassword,
    /// The new password is not good enough.
    #[error("the new password is not good enough")]
    Password(PasswordProblem),
    /// Too many attempts or mails.
    #[error("too many attempts")]
    Locked {
        /// Seconds to wait.
        wait: u64,
    },
    /// A code or a passkey was not taken.
    #[error("refused: {0:?}")]
    Refused(Problem),
    /// The last owner of a tenant stays, or nobody could administer it.
    #[error("the last owner cannot delete their account")]
    LastOwner,
    /// The words typed to confirm are not the right ones.
    #[error("the confirmation is wrong")]
    ConfirmationWrong,
    /// A fault inside.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Guard { label } if *label == LAST_METHOD || *label == LAST_EMAIL => Self::LastSignInMethod,
            StoreError::Guard { label } if *label == LAST_OWNER => Self::LastOwner,
            StoreError::Guard { label: "account.gone" } => Self::NotFound("account"),
            StoreError::Guard { label: "passkey.gone" } => Self::NotFound("passkey"),
            StoreError::Guard { label: "identifier.gone" } => Self::NotFound("address"),
            _ => Self::Fault(error.into()),
        }
    }
}

impl Service {
    /// Whether a session's last proof is recent enough for a sensitive change.
    pub fn is_fresh(&self, cx: &Cx, session: &SessionRow) -> bool {
        is_fresh(&session.proofs.0, &cx.policy().session, cx.now)
    }

    fn must_be_fresh(&self, cx: &Cx, session: &SessionRow) -> Result<(), AccountError> {
        if self.is_fresh(cx, session) { Ok(()) } else { Err(AccountError::NotFresh) }
    }

    /// Whose session it is.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the account was deleted meanwhile.
    #[boxed]
    pub async fn account(&self, cx: &Cx, session: &SessionRow) -> Result<Person, AccountError> {
        self.store.person(cx.tenant_id(), session.user_id).await?.ok_or(AccountError::NotFound("account"))
    }

    /// A notice to the primary address, if it is proven.
    fn notice(&self, cx: &Cx, person: &Person, letter: &Letter) -> Result<Option<Statement>, Error> {
        let Some(email) = person.email().filter(|e| e.verified_at.is_some()) else { return Ok(None) };
        self.post_to(cx, &email.value, &locale_of(cx, Some(person)), letter).map(Some)
    }
}

fn allowed(cx: &Cx) -> AllowedMethods {
    let policy = cx.policy();
    AllowedMethods { passkey: policy.passkey.enabled, password: policy.password.enabled, code: policy.code.enabled }
}

fn push_all(batch: &mut Batch, statements: impl IntoIterator<Item = Statement>) {
    for one in statements {
        batch.push(one);
    }
}

/// Browser and system in words, from `User-Agent`: "Firefox on Linux".
pub fn device_name(user_agent: &str) -> String {
    let has = |word: &str| user_agent.contains(word);
    let browser = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    .into_iter()
    .find(|(mark, _)| has(mark))
    .map(|(_, name)| name);
    let system = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find(|(mark, _)| has(mark))
    .map(|(_, name)| name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}
