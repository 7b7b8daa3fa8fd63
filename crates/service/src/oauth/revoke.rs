//! Token revocation (RFC 7009).

use super::client_auth::ClientCredentials;
use super::token::{LONGEST_ACCESS_TOKEN, TokenError, parse_refresh_token};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::same;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::grants;

impl Service {
    /// Stops a token. A refresh token takes its whole family with it, access tokens included (section 2.1). A token that is
    /// unknown, or another client's, is answered like one that was stopped (section 2.2).
    #[boxed]
    pub async fn revoke(&self, cx: &Cx, authorization: Option<&str>, params: &Params) -> Result<Result<(), TokenError>, Error> {
        let client = match self.authenticate_client(cx, &ClientCredentials { authorization, params: Some(params) }).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(TokenError::of_client(error, authorization.is_some()))),
        };
        if let Err(error) = self.spend_assertion(&client).await? {
            return Ok(Err(error));
        }
        let application = client.application;
        let token = match params.one("token") {
            Ok(Some(token)) => token,
            _ => return Ok(Err(TokenError::new(OAuthErrorCode::InvalidRequest, "token is missing", "parameter_missing"))),
        };
        let tenant = cx.tenant_id();
        let event = |grant: uuid::Uuid| {
            Event::new("token.revoked").application(application.id).actor("client").with("grant", grant.to_string())
        };
        let mut batch = Batch::new();
        if let Some((id, secret)) = parse_refresh_token(token) {
            let Some(found) = self.store.refresh_token(tenant, id).await? else { return Ok(Ok(())) };
            if found.family.application_id != application.id || !same(&found.token.secret_hash, &self.refresh_digest(id, &secret))
            {
                return Ok(Ok(()));
            }
            batch.push(grants::revoke_family(tenant, found.family.id, "revoked_by_client", cx.now));
            batch.push(grants::revoke(tenant, found.family.id.0, cx.now.plus_seconds(LONGEST_ACCESS_TOKEN)));
            batch.push(event(found.family.id.0).user(found.family.user_id).with("kind", "refresh_token").statement(cx));
        } else {
            let Some(access) = self.read_access_token(cx, token).await? else { return Ok(Ok(())) };
            if access.client_id() != application.client_id {
                return Ok(Ok(()));
            }
            let until = access.claims.get("exp").and_then(serde_json::Value::as_i64).unwrap_or(0);
            batch.push(grants::revoke(tenant, access.id, Timestamp::from_seconds(until)));
            batch.push(event(access.grant).with("kind", "access_token").statement(cx));
        }
        self.store.commit(batch).await?;
        Ok(Ok(()))
    }
}
