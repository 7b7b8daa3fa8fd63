//! Userinfo (OpenID Connect Core, section 5.3).

use crate::claims::TokenFacts;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_store::grants::GrantTerms;
use serde_json::{Map, Value, json};

/// Why there is no answer (RFC 6750, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoError {
    /// No token was sent: the answer names the scheme and no error.
    Missing,
    /// `invalid_token`.
    Invalid,
    /// `insufficient_scope`: the token has no `openid`, or is not about a person.
    Insufficient,
}

impl UserinfoError {
    /// The code, when there is one.
    pub fn code(self) -> Option<OAuthErrorCode> {
        match self {
            Self::Missing => None,
            Self::Invalid => Some(OAuthErrorCode::InvalidToken),
            Self::Insufficient => Some(OAuthErrorCode::InsufficientScope),
        }
    }
}

impl Service {
    /// Says what a token may know of its person.
    pub async fn userinfo(&self, cx: &Cx, token: Option<&str>) -> Result<Result<Value, UserinfoError>, Error> {
        let Some(token) = token else { return Ok(Err(UserinfoError::Missing)) };
        let Some(access) = self.read_access_token(cx, token).await? else { return Ok(Err(UserinfoError::Invalid)) };
        let text = |name: &str| access.claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let scope: Vec<String> = text("scope").split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
        // The token must be meant for us, not only made by us. Accents whose access tokens are for the application itself name
        // it in `aud`, and let it ask.
        let aud = text("aud");
        let client_id = if access.claims.contains_key("client_id") { text("client_id") } else { aud };
        let application = self.application(cx.tenant_id(), &client_id).await?;
        let by_client = application.as_ref().is_some_and(|a| self.profiles.of(a.settings.0.accent).audience_is_client());
        let for_us = match access.claims.get("aud") {
            Some(Value::String(aud)) => aud == cx.issuer(),
            Some(Value::Array(all)) => all.iter().any(|a| a.as_str() == Some(cx.issuer())),
            _ => false,
        };
        if !(for_us || by_client) || !scope.iter().any(|s| s == "openid") {
            return Ok(Err(UserinfoError::Insufficient));
        }
        let Some(application) = application else { return Ok(Err(UserinfoError::Invalid)) };
        let profile = self.profiles.of(application.settings.0.accent);
        let Some(user) = profile.user(&text("sub")) else { return Ok(Err(UserinfoError::Invalid)) };
        let Some((person, revoked)) = self.store.person_unless_revoked(cx.tenant_id(), user, access.id, access.grant).await?
        else {
            return Ok(Err(UserinfoError::Invalid));
        };
        if revoked || person.user.status != doorward_store::users::ACTIVE {
            return Ok(Err(UserinfoError::Invalid));
        }
        let userinfo_claims = access
            .claims
            .get("userinfo_claims")
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        let terms = GrantTerms { scope, userinfo_claims, ..Default::default() };
        let (mut member, mut application_roles) = (false, Vec::new());
        if profile.of_members() {
            member = self.store.membership(cx.tenant_id(), user, application.id).await?.is_some();
            if member {
                application_roles = self.roles_in_application(cx, user, application.id).await?;
            }
        }
        let facts = TokenFacts {
            application: &application,
            person: Some(&person),
            terms: &terms,
            resource_server: None,
            permissions: &[],
            roles: &[],
            member,
            application_roles: &application_roles,
            tenant: cx.tenant_id(),
            grant: doorward_protocol::ids::GrantId(access.grant),
            offline: false,
        };
        let mut out = Map::new();
        profile.userinfo(&facts, &mut out);
        out.insert("sub".into(), json!(profile.subject(person.user.id)));
        Ok(Ok(Value::Object(out)))
    }

    /// Whether any application lets a browser page of this origin call token and userinfo endpoints, or, with an id, this one.
    pub async fn origin_allowed(&self, cx: &Cx, client_id: Option<&str>, origin: &str) -> Result<bool, Error> {
        match client_id {
            Some(id) => Ok(self.application(cx.tenant_id(), id).await?.is_some_and(|a| a.settings.0.allows_origin(origin))),
            None => Ok(true),
        }
    }
}
