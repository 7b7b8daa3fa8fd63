//! Token introspection (RFC 7662). Reads once; writes nothing but that a client's assertion is spent.

use super::client_auth::ClientCredentials;
use super::token::AccessToken;
use super::token::TokenError;
use super::token::parse_refresh_token;
use crate::boxed;
use crate::secrets::same;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use serde_json::{Map, Value, json};

impl Service {
    /// Says whether a token is good. A token that is not ours, or not this client's business, is just inactive (section 2.2).
    #[boxed]
    pub async fn introspect(
        &self,
        cx: &Cx,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Result<Value, TokenError>, Error> {
        let client = match self.authenticate_client(cx, &ClientCredentials { authorization, params: Some(params) }).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(TokenError::of_client(error, authorization.is_some()))),
        };
        // Section 2.1: who asks must be somebody. A public client proves nothing, and could ask about stolen tokens.
        if client.application.settings.0.is_public() {
            return Ok(Err(TokenError::new(OAuthErrorCode::InvalidClient, "a public client cannot introspect", "public_client")));
        }
        if let Err(error) = self.spend_assertion(&client).await? {
            return Ok(Err(error));
        }
        let token = match params.one("token") {
            Ok(Some(token)) => token,
            _ => return Ok(Err(TokenError::new(OAuthErrorCode::InvalidRequest, "token is missing", "parameter_missing"))),
        };
        let inactive = Ok(Ok(json!({ "active": false })));
        if let Some((id, secret)) = parse_refresh_token(token) {
            let Some(found) = self.store.refresh_token(cx.tenant_id(), id).await? else { return inactive };
            let live = found.token.used_at.is_none()
                && found.token.expires_at > cx.now
                && found.family.revoked_at.is_none()
                && found.family.expires_at > cx.now;
            let own = found.family.application_id == client.application.id;
            if !live || !own || !same(&found.token.secret_hash, &self.refresh_digest(id, &secret)) {
                return inactive;
            }
            return Ok(Ok(json!({
                "active": true,
                "client_id": client.application.client_id,
                "sub": self.subject(cx, client.application.settings.0.accent, found.family.user_id).await?,
                "scope": found.family.terms.0.scope.join(" "),
                "iat": found.token.created_at.seconds(),
                "exp": found.token.expires_at.seconds(),
                "iss": cx.issuer(),
                "token_type": "refresh_token",
            })));
        }
        let Some(access) = self.read_access_token(cx, token).await? else { return inactive };
        if !self.is_worth_something(cx, &access).await? {
            return inactive;
        }
        let mut out: Map<String, Value> = access.claims;
        out.remove("userinfo_claims");
        out.insert("active".into(), Value::Bool(true));
        out.insert("token_type".into(), json!("Bearer"));
        Ok(Ok(Value::Object(out)))
    }

    /// Section 4: neither revoked, nor about somebody who is gone or may not sign in any more.
    async fn is_worth_something(&self, cx: &Cx, access: &AccessToken) -> Result<bool, Error> {
        let (tenant, client_id) = (cx.tenant_id(), access.client_id());
        let accent = self.application(tenant, client_id).await?.map(|row| row.settings.0.accent).unwrap_or_default();
        if access.user.is_none() && access.text("sub") == self.profiles.of(accent).machine(client_id) {
            return Ok(!self.store.is_revoked(tenant, access.id, access.grant).await?);
        }
        let Some(user) = self.user_of_token(cx, access, accent).await? else { return Ok(false) };
        Ok(self.store.person_of_token(tenant, user, access.id, access.grant, cx.now).await?.is_some())
    }
}
