//! The token endpoint, the ID token, userinfo.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::error::SignInError;
use super::session::{Session, sha256};
use super::{ClientAuth, SignIn};
use crate::error::{ProviderError, TokenFault};
use crate::jwt::{self, Claims, Expected, now};
use crate::provider::{Metadata, json, parse, send};

/// RFC 6749, section 5.1, and OpenID Connect Core 1.0, section 3.1.3.3.
#[derive(Clone, Deserialize)]
struct Tokens {
    access_token: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
}

/// RFC 6749, section 5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

/// RFC 6749, section 2.3.1: both halves are form-encoded before they become Basic.
fn encoded(half: &str) -> String {
    byte_serialize(half.as_bytes()).collect()
}

fn needed<'a>(endpoint: &'a Option<Url>, name: &'static str) -> Result<&'a Url, ProviderError> {
    endpoint.as_ref().ok_or(ProviderError::MissingEndpoint(name))
}

impl SignIn {
    /// A form for an endpoint of the provider, with this application's authentication.
    fn authenticated(&self, metadata: &Metadata, endpoint: &Url, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let client = &self.0.client;
        let request = self.0.provider.http_client().post(endpoint.clone());
        let offered = metadata.token_endpoint_auth_methods_supported.as_deref();
        let offers = |method: &str| offered.is_none_or(|methods| methods.iter().any(|offered| offered == method));
        let auth = client.auth.unwrap_or(if offers("client_secret_basic") { ClientAuth::Basic } else { ClientAuth::Post });
        let mut form: Vec<(&str, &str)> = form.to_vec();
        match (&client.secret, auth) {
            (Some(secret), ClientAuth::Basic) => {
                return request.basic_auth(encoded(&client.id), Some(encoded(secret))).form(&form);
            }
            (Some(secret), ClientAuth::Post) => form.extend([("client_id", client.id.as_str()), ("client_secret", secret)]),
            (None, _) => form.push(("client_id", &client.id)),
        }
        request.form(&form)
    }

    async fn token(&self, metadata: &Metadata, form: &[(&str, &str)]) -> Result<Tokens, SignInError> {
        let endpoint = needed(&metadata.token_endpoint, "token_endpoint")?;
        let (status, body) = send(self.authenticated(metadata, endpoint, form), endpoint.as_str()).await?;
        if status == 200 {
            return Ok(parse(&body, endpoint.as_str())?);
        }
        match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) => Err(SignInError::Refused { code: refusal.error, description: refusal.error_description }),
            Err(_) => Err(ProviderError::Status { url: endpoint.to_string(), status }.into()),
        }
    }

    /// OpenID Connect Core 1.0, section 3.1.3.7.
    async fn id_token(&self, token: &str) -> Result<Claims, SignInError> {
        let client_id = &self.0.client.id;
        let expected = Expected {
            audience: std::slice::from_ref(client_id),
            algorithms: &self.0.algorithms,
            leeway: self.0.leeway,
            types: &["JWT"],
        };
        let claims = jwt::verify(&self.0.provider, token, &expected).await?;
        if claims.text("sub").is_none_or(str::is_empty) {
            return Err(SignInError::IdToken(TokenFault::Claim("sub")));
        }
        let several = claims.get::<Vec<String>>("aud").is_some_and(|audience| audience.len() > 1);
        match claims.text("azp") {
            Some(azp) if azp != client_id => Err(SignInError::IdToken(TokenFault::AuthorizedParty)),
            None if several => Err(SignInError::IdToken(TokenFault::AuthorizedParty)),
            _ => Ok(claims),
        }
    }

    /// A code for a session (OpenID Connect Core 1.0, section 3.1.3).
    pub(super) async fn redeem(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        nonce: &str,
    ) -> Result<Session, SignInError> {
        let redirect_uri = self.redirect_uri();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        let tokens = self.token(metadata, &form).await?;
        let id_token = tokens.id_token.ok_or(SignInError::IdToken(TokenFault::Malformed))?;
        let claims = self.id_token(&id_token).await?;
        if claims.text("nonce") != Some(nonce) {
            return Err(SignInError::IdToken(TokenFault::Nonce));
        }
        let userinfo = self.userinfo(metadata, &claims, &tokens.access_token).await?;
        Ok(Session {
            id_token,
            userinfo,
            access_token: tokens.access_token,
            access_token_ends: tokens.expires_in.map(|seconds| now().saturating_add(seconds)),
            refresh_token: tokens.refresh_token,
            ends: now().saturating_add(self.0.session_lifetime.as_secs()),
            stored_as: None,
        })
    }

    /// Claims that were asked for and may come here only (OpenID Connect Core 1.0, section 5.4).
    async fn userinfo(
        &self,
        metadata: &Metadata,
        claims: &Claims,
        access_token: &str,
    ) -> Result<Map<String, Value>, SignInError> {
        let asked = |scope: &str| self.0.scopes.iter().any(|asked| asked == scope);
        let lacks = |scope: &str, names: &[&str]| asked(scope) && !names.iter().any(|name| claims.as_map().contains_key(*name));
        let thin = lacks("profile", &["name", "preferred_username", "nickname"]) || lacks("email", &["email"]);
        let Some(endpoint) = metadata.userinfo_endpoint.as_ref().filter(|_| thin) else { return Ok(Map::new()) };
        let request = self.0.provider.http_client().get(endpoint.clone()).bearer_auth(access_token);
        let mut userinfo: Map<String, Value> = json(request, endpoint.as_str()).await?;
        if userinfo.get("sub").and_then(Value::as_str) != claims.text("sub") {
            return Err(SignInError::Userinfo);
        }
        userinfo.retain(|name, _| !claims.as_map().contains_key(name));
        Ok(userinfo)
    }

    /// A session with new tokens (RFC 6749, section 6; OpenID Connect Core 1.0, section 12). Two tabs have the same refresh token
    /// and want a new access token at the same time: one asks, and for a minute both get that answer. Otherwise the provider
    /// would take the second use for theft.
    pub(super) async fn refresh(&self, session: &Arc<Session>, refresh_token: &str) -> Result<Arc<Session>, Arc<SignInError>> {
        let key = sha256(refresh_token);
        self.0.refreshed.try_get_with(key, self.refreshed(session, refresh_token)).await
    }

    async fn refreshed(&self, session: &Session, refresh_token: &str) -> Result<Arc<Session>, SignInError> {
        let metadata = self.0.provider.metadata().await?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        let tokens = self.token(&metadata, &form).await?;
        let mut fresh = session.clone();
        if let Some(id_token) = tokens.id_token {
            // Section 12.2: it must be about the same person.
            let claims = self.id_token(&id_token).await?;
            let before = session.claims();
            if claims.text("sub") != before.as_ref().and_then(|before| before.text("sub")) {
                return Err(SignInError::Userinfo);
            }
            fresh.id_token = id_token;
        }
        fresh.access_token = tokens.access_token;
        fresh.access_token_ends = tokens.expires_in.map(|seconds| now().saturating_add(seconds));
        if tokens.refresh_token.is_some() {
            fresh.refresh_token = tokens.refresh_token;
        }
        Ok(Arc::new(fresh))
    }

    /// RFC 7009: a refresh token that nobody holds any more should not work any more. Done beside the answer; the session is gone
    /// whether it succeeds or not.
    pub(super) fn revoke(&self, metadata: &Metadata, refresh_token: &str) {
        let Some(endpoint) = metadata.revocation_endpoint.clone() else { return };
        let form = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        let request = self.authenticated(metadata, &endpoint, &form);
        tokio::spawn(async move {
            match send(request, endpoint.as_str()).await {
                Ok((200, _)) => {}
                Ok((status, _)) => tracing::warn!(status, "the refresh token was not revoked"),
                Err(error) => tracing::warn!(%error, "the refresh token was not revoked"),
            }
        });
    }
}
