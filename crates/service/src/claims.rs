//! Claims profiles: how an accent names a person and what it puts into tokens. The standard one is OpenID Connect as specified;
//! a dialect registers its own and changes nothing else.

use doorward_protocol::ids::UserId;
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
    /// For whom.
    pub application: &'a ApplicationRow,
    /// About whom; `None` for client credentials.
    pub person: Option<&'a Person>,
    /// Terms of the grant.
    pub terms: &'a GrantTerms,
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

/// How an accent speaks of people.
pub trait ClaimsProfile: Send + Sync {
    /// `sub`.
    fn subject(&self, user: UserId) -> String;

    /// Whether its tokens speak of memberships and of an application's own roles.
    fn of_members(&self) -> bool {
        false
    }

    /// `typ` of its access tokens (RFC 9068, section 2.1).
    fn access_token_type(&self) -> &'static str {
        "at+jwt"
    }

    /// Whether `aud` of an access token is the application that it was given to.
    fn audience_is_client(&self) -> bool {
        false
    }

    /// Reads [`Self::subject`] back.
    fn user(&self, sub: &str) -> Option<UserId>;

    /// Claims of an ID token besides the protocol's own.
    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>);

    /// Claims of an access token besides those of RFC 9068.
    fn access_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>);

    /// The answer of userinfo besides `sub`.
    fn userinfo(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>);
}

/// OpenID Connect as specified.
pub struct Standard;

impl ClaimsProfile for Standard {
    fn subject(&self, user: UserId) -> String {
        user.to_string()
    }

    fn user(&self, sub: &str) -> Option<UserId> {
        sub.parse().ok()
    }

    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        if let Some(person) = facts.person {
            // Core, section 5.4: with an access token beside it, scope claims may wait for userinfo. Clients that never ask
            // there are many, so the ID token carries them too.
            out.extend(claims::select(&subject_of(person, String::new()), &facts.terms.scope, &facts.terms.id_token_claims));
        }
    }

    fn access_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        if facts.resource_server.is_some_and(|r| r.settings.0.enforce_permissions) {
            out.insert("permissions".into(), json!(facts.permissions));
        }
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

/// The profiles of this server.
pub struct Profiles {
    all: RwLock<HashMap<Accent, Arc<dyn ClaimsProfile>>>,
    standard: Arc<dyn ClaimsProfile>,
}

impl Default for Profiles {
    fn default() -> Self {
        Self { all: RwLock::default(), standard: Arc::new(Standard) }
    }
}

impl Profiles {
    /// Registers an accent's profile; done once, at start.
    pub fn register(&self, accent: Accent, profile: Arc<dyn ClaimsProfile>) {
        if let Ok(mut all) = self.all.write() {
            all.insert(accent, profile);
        }
    }

    /// The profile of an accent; the standard one when it has none of its own.
    pub fn of(&self, accent: Accent) -> Arc<dyn ClaimsProfile> {
        self.all.read().ok().and_then(|all| all.get(&accent).cloned()).unwrap_or_else(|| Arc::clone(&self.standard))
    }
}
