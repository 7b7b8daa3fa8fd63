//! Accounts and codes that an application asks for, without a page of ours: a sign-up by API, a code to carry back.

use super::code::{NewCode, locale_of};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::{ApplicationId, IdentifierId, UserId};
use doorward_protocol::oauth::authorize::AuthorizationRequest;
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{CodePurpose, Purpose, ReturnTo, SignIn};
use doorward_store::engine::{Batch, StoreError};
use doorward_store::short_lived::delete_code;
use doorward_store::users::{self, IdentifierRow, Person, UserRow};
use doorward_store::{Json, directory};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// An account to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewAccount {
    /// The id that it will have: the handle of its passkeys.
    pub user: UserId,
    /// Identifiers, and whether each was proven.
    pub identifiers: Vec<(Identifier, bool)>,
    /// Name.
    pub name: Option<String>,
    /// The rest of the profile.
    pub profile: Profile,
    /// What the application wants to keep with it.
    pub metadata: Map<String, Value>,
}

impl NewAccount {
    /// One with an e-mail address and nothing else.
    pub fn of_email(cx: &Cx, email: Identifier, verified: bool) -> Self {
        Self {
            user: UserId(new_id(cx.now)),
            identifiers: vec![(email, verified)],
            name: None,
            profile: Profile::default(),
            metadata: Map::new(),
        }
    }
}

impl Service {
    /// The statements of a new account, and the person it is.
    pub(crate) fn new_account(&self, cx: &Cx, new: NewAccount, application: ApplicationId) -> (Person, Batch) {
        let tenant = cx.tenant_id();
        let user = UserRow {
            id: new.user,
            tenant_id: tenant,
            status: users::ACTIVE.into(),
            name: new.name,
            profile: Json(new.profile),
            passkey_declined_at: None,
            last_sign_in_at: None,
            sign_in_count: 0,
            created_at: cx.now,
            updated_at: cx.now,
        };
        let mut batch = Batch::new().with(user.insert());
        let mut identifiers: Vec<IdentifierRow> = Vec::new();
        for (identifier, verified) in new.identifiers {
            let row = IdentifierRow {
                id: IdentifierId(new_id(cx.now)),
                tenant_id: tenant,
                user_id: user.id,
                kind: identifier.kind.as_str().into(),
                value: identifier.value,
                normal: identifier.normal,
                verified_at: verified.then_some(cx.now),
                is_primary: !identifiers.iter().any(|have| have.kind == identifier.kind.as_str()),
                created_at: cx.now,
            };
            batch.push(row.insert());
            identifiers.push(row);
        }
        for (key, value) in &new.metadata {
            batch.push(directory::put_metadata(tenant, USER_METADATA, user.id.0, key, value));
        }
        batch.push(Event::new("user.created").user(user.id).application(application).actor("client").statement(cx));
        batch.push(directory::add_rollup(tenant, cx.now.seconds().div_euclid(86_400), "sign_up", 1));
        (Person { user, identifiers }, batch)
    }

    /// Mails a person whose address is not proven what proves it.
    #[boxed]
    pub async fn ask_to_verify(&self, cx: &Cx, person: &Person) -> Result<Batch, Error> {
        let Some(email) = person.email().filter(|email| email.verified_at.is_none()).map(super::code::as_identifier) else {
            return Ok(Batch::new());
        };
        let new = NewCode {
            purpose: CodePurpose::VerifyAddress,
            user: Some(person.user.id),
            to: Some(email.clone()),
            about: email,
            taken: false,
            link: true,
            locale: locale_of(cx, Some(person)),
        };
        Ok(self.new_code(cx, new, None).await?.map(|(_, batch)| batch).unwrap_or_default())
    }

    /// Mails a way back in to whoever has an address. Nobody is told whether somebody has; `Err` carries the seconds to wait.
    #[boxed]
    pub async fn mail_recovery(
        &self,
        cx: &Cx,
        address: &str,
        application: Option<ApplicationId>,
    ) -> Result<Result<(), u64>, Error> {
        let Ok(identifier) = Identifier::email(address) else { return Ok(Ok(())) };
        let person = match self.store.identifier(cx.tenant_id(), &identifier).await? {
            Some(row) => self.store.person(cx.tenant_id(), row.user_id).await?,
            None => None,
        };
        let Some(person) = person.filter(|p| p.user.status == users::ACTIVE) else { return Ok(Ok(())) };
        let path = if cx.policy().password.enabled { "/account" } else { "/account/passkeys" };
        let mut state = SignIn::begin(Purpose::Recover, application, ReturnTo::Path(path.into()), String::new(), cx.now);
        state.identifier = Some(identifier.clone());
        // It is the password that they ask for.
        state.method = Some(Method::Password);
        let new = NewCode {
            purpose: CodePurpose::Recover,
            user: Some(person.user.id),
            to: Some(identifier.clone()),
            about: identifier,
            taken: false,
            link: true,
            locale: locale_of(cx, Some(&person)),
        };
        match self.new_code(cx, new, Some(&state)).await? {
            Err(wait) => Ok(Err(wait)),
            Ok((row, mut batch)) => {
                let event = Event::new("code.sent").user(person.user.id).application(application).actor("client");
                batch.push(event.with("purpose", row.purpose.as_str()).statement(cx));
                self.store.commit(batch).await?;
                Ok(Ok(()))
            }
        }
    }

    /// Mails a code that the application will carry back; one that was sent before is void. An address that no account has gets
    /// one too where people may sign up. `Err` carries the seconds to wait.
    #[boxed]
    pub async fn mail_direct_code(
        &self,
        cx: &Cx,
        application: ApplicationId,
        email: &Identifier,
    ) -> Result<Result<Uuid, u64>, Error> {
        let id = self.direct_code_id(cx, application, email);
        let owner = match self.store.identifier(cx.tenant_id(), email).await? {
            Some(row) => self.store.person(cx.tenant_id(), row.user_id).await?,
            None => None,
        };
        let gets_one = match &owner {
            Some(person) => person.user.status == users::ACTIVE,
            None => cx.policy().sign_up.enabled,
        };
        let new = NewCode {
            purpose: CodePurpose::SignIn,
            user: owner.as_ref().map(|person| person.user.id),
            to: gets_one.then(|| email.clone()),
            about: email.clone(),
            taken: false,
            link: false,
            locale: locale_of(cx, owner.as_ref()),
        };
        let before = Batch::new().with(delete_code(cx.tenant_id(), id));
        match self.new_code_with_id(cx, id, new, None).await? {
            Err(wait) => Ok(Err(wait)),
            Ok((row, batch)) => {
                let event = Event::new("code.sent").user(row.user_id).application(application).actor("client");
                let batch = before.and(batch).with(event.with("purpose", "sign_in").with("direct", true).statement(cx));
                match self.store.commit(batch).await {
                    Ok(_) => Ok(Ok(id)),
                    // The same asked twice at once: the other's code is on its way.
                    Err(StoreError::Unique { .. }) => Ok(Ok(id)),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Mails a link that signs in and goes on to the application that asked for it. Only who has an account gets one, and nobody is
    /// told who has; `Err` carries the seconds to wait.
    #[boxed]
    pub async fn mail_sign_in_link(
        &self,
        cx: &Cx,
        application: ApplicationId,
        request: AuthorizationRequest,
        email: &Identifier,
    ) -> Result<Result<(), u64>, Error> {
        let owner = match self.store.identifier(cx.tenant_id(), email).await? {
            Some(row) => self.store.person(cx.tenant_id(), row.user_id).await?,
            None => None,
        };
        let Some(person) = owner.filter(|person| person.user.status == users::ACTIVE) else {
            // Counted like a mail that is sent: how often one may ask must not tell who has an account.
            let none = NewCode {
                purpose: CodePurpose::SignIn,
                user: None,
                to: None,
                about: email.clone(),
                taken: false,
                link: false,
                locale: locale_of(cx, None),
            };
            return match self.new_code(cx, none, None).await? {
                Err(wait) => Ok(Err(wait)),
                Ok((_, batch)) => {
                    self.store.commit(batch).await?;
                    Ok(Ok(()))
                }
            };
        };
        let return_to = ReturnTo::Authorization(Box::new(request));
        let mut state = SignIn::begin(Purpose::SignIn, Some(application), return_to, String::new(), cx.now);
        state.identifier = Some(email.clone());
        let new = NewCode {
            purpose: CodePurpose::SignIn,
            user: Some(person.user.id),
            to: Some(email.clone()),
            about: email.clone(),
            taken: false,
            link: true,
            locale: locale_of(cx, Some(&person)),
        };
        match self.new_code(cx, new, Some(&state)).await? {
            Err(wait) => Ok(Err(wait)),
            Ok((row, mut batch)) => {
                let event = Event::new("code.sent").user(row.user_id).application(application).actor("client");
                batch.push(event.with("purpose", "sign_in").with("link", true).statement(cx));
                self.store.commit(batch).await?;
                Ok(Ok(()))
            }
        }
    }

    /// One code at a time for an application and an address: its id follows from both.
    pub(crate) fn direct_code_id(&self, cx: &Cx, application: ApplicationId, email: &Identifier) -> Uuid {
        let tenant = cx.tenant_id();
        let parts: [&[u8]; 3] = [tenant.0.as_bytes(), application.0.as_bytes(), email.normal.as_bytes()];
        let digest = self.secrets.digest("direct code id", &parts);
        uuid::Builder::from_slice(digest.get(..16).unwrap_or_default())
            .map(|b| b.with_version(uuid::Version::Custom).into_uuid())
            .unwrap_or_default()
    }
}

/// Where applications' own words about people are kept: one value for each key.
pub const USER_METADATA: &str = "user_metadata";
