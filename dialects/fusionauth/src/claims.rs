//! What the vendor's tokens say.

use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_protocol::oidc::claims;
use doorward_service::claims::{AccessTokenForm, ClaimsProfile, Named, TokenFacts, subject_of};
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;
use serde_json::{Map, Value, json};

/// The vendor's claims profile.
pub struct Vendor;

/// The vendor's word for how somebody proved who they are.
pub fn authentication_type(terms: &GrantTerms) -> &'static str {
    match terms.origin.as_deref() {
        Some("refresh_token") => return "REFRESH_TOKEN",
        Some("ping") => return "PING",
        Some("registration") => return "REGISTRATION",
        Some("user_created") => return "USER_CREATE",
        Some("one_time_password") => return "ONE_TIME_PASSWORD",
        Some("sso") => return "JWT_SSO",
        _ => {}
    }
    let has = |word: &str| terms.amr.iter().any(|a| a == word);
    if has("hwk") || has("swk") {
        "WebAuthn"
    } else if has("pwd") {
        "PASSWORD"
    } else {
        "PASSWORDLESS"
    }
}

fn about(person: &Person, out: &mut Map<String, Value>) {
    if let Some(email) = person.email() {
        out.insert("email".into(), json!(email.value));
        out.insert("email_verified".into(), json!(email.verified_at.is_some()));
    }
    let username = person.primary(IdentifierKind::Username).map(|i| i.value.clone());
    if let Some(name) = username.or_else(|| person.email().map(|e| e.value.clone())) {
        out.insert("preferred_username".into(), json!(name));
    }
}

fn membership(facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
    if facts.member {
        out.insert("applicationId".into(), json!(facts.application.id.to_string()));
        out.insert("roles".into(), json!(facts.application_roles));
    }
}

impl ClaimsProfile for Vendor {
    fn subject(&self, user: UserId) -> String {
        user.to_string()
    }

    fn user(&self, sub: &str) -> Option<Named> {
        sub.parse().ok().map(Named::User)
    }

    fn of_members(&self) -> bool {
        true
    }

    fn access_token_form(&self, _facts: &TokenFacts<'_>) -> AccessTokenForm {
        AccessTokenForm::Jwt
    }

    fn audience_is_client(&self) -> bool {
        true
    }

    fn id_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        let Some(person) = facts.person else { return };
        let everything: Vec<String> = ["profile", "email", "phone"].map(str::to_owned).to_vec();
        out.extend(claims::select(&subject_of(person, String::new()), &everything, &facts.terms.id_token_claims));
        out.remove("updated_at");
        about(person, out);
        out.insert("authenticationType".into(), json!(authentication_type(facts.terms)));
        out.insert("tid".into(), json!(facts.tenant.to_string()));
        out.insert("scope".into(), json!(facts.terms.scope.join(" ")));
        // Not of the form that access tokens have: the two are told apart by it.
        out.insert("jti".into(), json!(crate::ids::fresh().to_string()));
    }

    fn access_token(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        for ours in ["client_id", "acr", "amr", "sid"] {
            out.remove(ours);
        }
        if facts.application.client_id.is_empty() {
            out.remove("aud");
        } else {
            out.insert("aud".into(), json!(facts.application.client_id));
        }
        if let Some(person) = facts.person {
            about(person, out);
            out.insert("authenticationType".into(), json!(authentication_type(facts.terms)));
        }
        out.insert("tid".into(), json!(facts.tenant.to_string()));
        if facts.offline {
            out.insert("sid".into(), json!(facts.grant.to_string()));
        }
        membership(facts, out);
    }

    fn userinfo(&self, facts: &TokenFacts<'_>, out: &mut Map<String, Value>) {
        let Some(person) = facts.person else { return };
        let everything: Vec<String> = ["profile", "email", "phone"].map(str::to_owned).to_vec();
        out.extend(claims::select(&subject_of(person, String::new()), &everything, &facts.terms.userinfo_claims));
        out.remove("updated_at");
        about(person, out);
        membership(facts, out);
    }
}
