//! Claims profiles: how an accent names a person and what it puts into tokens. The standard one is OpenID Connect as specified;
//! a dialect registers its own and changes nothing else.

use crate::boxed;
use crate::directory::ResourceServerDocument;
use crate::signin::MailLinks;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::{SessionId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oidc::claims::{self, Subject};
use doorward_store::applications::{ApplicationRow, ResourceServerRow};
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// What a token is about.
pub struct TokenFacts<'a> {
    /// The issuer, exactly.
    pub issuer: &'a str,
    /// For whom.
    pub application: &'a ApplicationRow,
    /// The grant that gives it: a name of [`crate::oauth::token::grants`], or `implicit`.
    pub grant_type: &'a str,
    /// About whom; `None` for client credentials.
    pub person: Option<&'a Person>,
    /// Terms of the grant.
    pub terms: &'a GrantTerms,
    /// The session it comes from.
    pub session: Option<SessionId>,
    /// The resource server of an access token, when it is one of ours.
    pub resource_server: Option<&'a ResourceServerRow>,
    /// Permissions that the person holds there.
    pub permissions: &'a [String],
    /// Names of roles that the person has.
    pub roles: &'a [String],
    /// Whether the person is a member of the application.
    pub member: bool,
    /// Names of the application's own roles that the person has, directly or through groups. Known where [`ClaimsProfile::of_members`].
    pub application_roles: &'a [String],
    /// Whose tenant.
    pub tenant: doorward_protocol::ids::TenantId,
    /// The grant that the token comes from.
    pub grant: doorward_protocol::ids::GrantId,
    /// Whether the grant has refresh tokens.
    pub offline: bool,
}

/// What an access token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokenForm {
    /// A JWT of RFC 9068.
    AtJwt,
    /// A JWT of the type `JWT`, in the accent's own claims.
    Jwt,
    /// A sealed text that only we can read.
    Opaque,
}

/// Which user an outward id of an accent names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// This one.
    User(UserId),
    /// The one whose id begins with these bytes.
    Prefix([u8; 12]),
}

/// How an accent speaks of people, and what its tokens look like.
pub trait ClaimsProfile: Send + Sync {
    /// Where ids that people keep from elsewhere are noted; they stand in for [`Self::subject`]. `None`: there are none.
    fn aliases(&self) -> Option<&'static str> {
        None
    }

    /// `sub` of a user without such an id.
    fn subject(&self, user: UserId) -> String;

    /// Whether its tokens speak of memberships and of an application's own roles.
    fn of_members(&self) -> bool {
        false
    }

    /// Whether `aud` of an access token is the application that it was given to.
    fn audience_is_client(&self) -> bool {
        false
    }

    /// Whether a resource server that says how long its access tokens live decides alone; otherwise they live no longer than the
    /// application's do.
    fn lifetime_of_resource_server(&self) -> bool {
        false
    }

    /// Reads [`Self::subject`] back.
    fn user(&self, sub: &str) -> Option<Named>;

    /// `sub` of an application that speaks for itself.
    fn machine(&self, client_id: &str) -> String {
        client_id.to_owned()
    }

    /// `aud` of access tokens that userinfo takes.
    fn userinfo_audience(&self, issuer: &str) -> String {
        issuer.to_owned()
    }

    /// `sid`.
    fn session(&self, id: SessionId) -> String {
        id.to_string()
    }

    /// What an access token looks like.
    fn access_token_form(&self, facts: &TokenFacts<'_>) -> AccessTokenForm {
        if facts.resource_server.is_none() && facts.application.settings.0.opaque_access_tokens {
            AccessTokenForm::Opaque
        } else {
            AccessTokenForm::AtJwt
        }
    }

    /// Claims of an ID token besides the protocol's own.
    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>);

    /// The whole of an ID token: optional claims may be dropped. What [`crate::oauth::token`] must hold to is put back.
    fn shape_id_token(&self, _facts: &TokenFacts<'_>, _claims: &mut Map<String, Value>) {}

    /// The claims of an access token, those of RFC 9068 among them.
    fn access_token(&self, facts: &TokenFacts<'_>, claims: &mut Map<String, Value>);

    /// The answer of userinfo besides `sub`.
    fn userinfo(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>);
}

/// The claims that every access token for a person gains by what the directory says.
pub fn directory_claims(facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
    if facts.resource_server.is_some_and(|r| r.settings.0.lists_permissions()) {
        out.insert("permissions".into(), json!(facts.permissions));
    }
}

/// OpenID Connect as specified.
pub struct Standard;

impl ClaimsProfile for Standard {
    fn subject(&self, user: UserId) -> String {
        user.to_string()
    }

    fn user(&self, sub: &str) -> Option<Named> {
        sub.parse().ok().map(Named::User)
    }

    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        if let Some(person) = facts.person {
            // Core, section 5.4: with an access token beside it, scope claims may wait for userinfo. Clients that never ask
            // there are many, so the ID token carries them too.
            out.extend(claims::select(&subject_of(person, String::new()), &facts.terms.scope, &facts.terms.id_token_claims));
        }
    }

    fn access_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        directory_claims(facts, out);
        // RFC 9068, section 2.2.3.1.
        if !facts.roles.is_empty() && facts.resource_server.is_some() {
            out.insert("roles".into(), json!(facts.roles));
        }
    }

    fn userinfo(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        if let Some(person) = facts.person {
            out.extend(claims::select(&subject_of(person, String::new()), &facts.terms.scope, &facts.terms.userinfo_claims));
        }
    }
}

/// A person as the claims rules see one.
pub fn subject_of(person: &Person, sub: String) -> Subject {
    use doorward_protocol::identity::IdentifierKind;
    let email = person.email();
    let phone = person.primary(IdentifierKind::Phone);
    let mut profile = person.user.profile.0.clone();
    profile.name = profile.name.or_else(|| person.user.name.clone());
    profile.preferred_username =
        profile.preferred_username.or_else(|| person.primary(IdentifierKind::Username).map(|u| u.value.clone()));
    Subject {
        sub,
        profile,
        email: email.map(|e| e.value.clone()),
        email_verified: email.is_some_and(|e| e.verified_at.is_some()),
        phone_number: phone.map(|p| p.value.clone()),
        phone_number_verified: phone.is_some_and(|p| p.verified_at.is_some()),
        updated_at: person.user.updated_at,
    }
}

/// The resource servers that an accent's own endpoints are, by the issuer of a domain.
pub type BuiltIn = fn(&str) -> Vec<ResourceServerDocument>;

/// The profiles of this server, how accents write links of mails, and which resource servers come with them.
pub struct Profiles {
    links: RwLock<HashMap<Accent, Arc<dyn MailLinks>>>,
    resource_servers: RwLock<HashMap<Accent, BuiltIn>>,
    all: RwLock<HashMap<Accent, Arc<dyn ClaimsProfile>>>,
    standard: Arc<dyn ClaimsProfile>,
}

impl Default for Profiles {
    fn default() -> Self {
        Self {
            links: RwLock::default(),
            resource_servers: RwLock::default(),
            all: RwLock::default(),
            standard: Arc::new(Standard),
        }
    }
}

impl Profiles {
    /// Registers an accent's profile; done once, at start.
    pub fn register(&self, accent: Accent, profile: Arc<dyn ClaimsProfile>) {
        if let Ok(mut all) = self.all.write() {
            all.insert(accent, profile);
        }
    }

    /// Registers how an accent writes links of mails, where an application's own page carries the flow; done once, at start.
    pub fn register_links(&self, accent: Accent, links: Arc<dyn MailLinks>) {
        if let Ok(mut all) = self.links.write() {
            all.insert(accent, links);
        }
    }

    /// How an accent writes links of mails.
    pub fn links_of(&self, accent: Accent) -> Option<Arc<dyn MailLinks>> {
        self.links.read().ok().and_then(|all| all.get(&accent).cloned())
    }

    /// Registers which resource servers come with an accent; done once, at start.
    pub fn register_resource_servers(&self, accent: Accent, built_in: BuiltIn) {
        if let Ok(mut all) = self.resource_servers.write() {
            all.insert(accent, built_in);
        }
    }

    /// The resource servers that come with an accent on a domain with this issuer.
    pub fn resource_servers_of(&self, accent: Accent, issuer: &str) -> Vec<ResourceServerDocument> {
        let built_in = self.resource_servers.read().ok().and_then(|all| all.get(&accent).copied());
        built_in.map(|of| of(issuer)).unwrap_or_default()
    }

    /// The profile of an accent; the standard one when it has none of its own.
    pub fn of(&self, accent: Accent) -> Arc<dyn ClaimsProfile> {
        self.all.read().ok().and_then(|all| all.get(&accent).cloned()).unwrap_or_else(|| Arc::clone(&self.standard))
    }
}

impl Service {
    /// `sub` of a user in an accent: the id that the user was imported with, or one that follows from ours.
    #[boxed]
    pub async fn subject(&self, cx: &Cx, accent: Accent, user: UserId) -> Result<String, Error> {
        let profile = self.profiles.of(accent);
        if let Some(namespace) = profile.aliases()
            && let Some(alias) = self.store.alias_of(cx.tenant_id(), namespace, user.0).await?
        {
            return Ok(alias);
        }
        Ok(profile.subject(user))
    }

    /// Whom a `sub` of an accent names; `None` also for somebody who is not there.
    #[boxed]
    pub async fn user_of_subject(&self, cx: &Cx, accent: Accent, sub: &str) -> Result<Option<UserId>, Error> {
        let profile = self.profiles.of(accent);
        if let Some(namespace) = profile.aliases()
            && sub.len() <= 300
            && let Some(user) = self.store.by_alias(cx.tenant_id(), namespace, sub).await?
        {
            return Ok(Some(UserId(user)));
        }
        match profile.user(sub) {
            None => Ok(None),
            Some(Named::User(user)) => Ok(Some(user)),
            Some(Named::Prefix(prefix)) => {
                let Some(user) = self.store.user_by_id_prefix(cx.tenant_id(), prefix).await? else { return Ok(None) };
                // Whoever was imported with an id of their own has no other.
                let aliased = match profile.aliases() {
                    Some(namespace) => self.store.alias_of(cx.tenant_id(), namespace, user.0).await?.is_some(),
                    None => false,
                };
                Ok((!aliased).then_some(user))
            }
        }
    }
}
