//! Userinfo (OpenID Connect Core, section 5.3).

use crate::boxed;
use crate::claims::TokenFacts;
use crate::oauth::token::AccessToken;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::client::Accent;
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
    #[boxed]
    pub async fn userinfo(&self, cx: &Cx, token: Option<&str>) -> Result<Result<Value, UserinfoError>, Error> {
        let Some(token) = token else { return Ok(Err(UserinfoError::Missing)) };
        let Some(access) = self.read_access_token(cx, token).await? else { return Ok(Err(UserinfoError::Invalid)) };
        let Some(application) = self.application(cx.tenant_id(), access.client_id()).await? else {
            return Ok(Err(UserinfoError::Invalid));
        };
        let accent = application.settings.0.accent;
        let profile = self.profiles.of(accent);
        let scope = access.scope();
        // The token must be meant for us, not only made by us.
        let by_client = profile.audience_is_client() && access.text("aud") == application.client_id;
        let for_us = by_client || access.is_for(&profile.userinfo_audience(cx.issuer())) || access.is_for(cx.issuer());
        if !for_us || !scope.iter().any(|s| s == "openid") {
            return Ok(Err(UserinfoError::Insufficient));
        }
        let Some(user) = self.user_of_token(cx, &access, accent).await? else { return Ok(Err(UserinfoError::Invalid)) };
        let Some(person) = self.store.person_of_token(cx.tenant_id(), user, access.id, access.grant, cx.now).await? else {
            return Ok(Err(UserinfoError::Invalid));
        };
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
            issuer: cx.issuer(),
            grant_type: "",
            session: None,
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
        out.insert("sub".into(), json!(access.text("sub")));
        Ok(Ok(Value::Object(out)))
    }

    /// Whom a token is about; `None` for a machine's, and for somebody who is not there.
    pub(crate) async fn user_of_token(&self, cx: &Cx, access: &AccessToken, accent: Accent) -> Result<Option<UserId>, Error> {
        match access.user {
            Some(user) => Ok(Some(user)),
            None => self.user_of_subject(cx, accent, access.text("sub")).await,
        }
    }

    /// Whether any application lets a browser page of this origin call token and userinfo endpoints, or, with an id, this one.
    #[boxed]
    pub async fn origin_allowed(&self, cx: &Cx, client_id: Option<&str>, origin: &str) -> Result<bool, Error> {
        match client_id {
            Some(id) => Ok(self.application(cx.tenant_id(), id).await?.is_some_and(|a| a.settings.0.allows_origin(origin))),
            None => Ok(true),
        }
    }
}
