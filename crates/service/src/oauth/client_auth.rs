//! How a client proves who it is at the token endpoint and its kin (RFC 6749, section 2.3.1; OpenID Connect Core, section 9;
//! RFC 7523).

use crate::audit::Event;
use crate::boxed;
use crate::oauth::token::TokenError;
use crate::oauth::token::grants::DEVICE_CODE;
use crate::secrets::same;
use crate::tenancy::SecretDigests;
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::jose::{Algorithm, JwkSet, check_times, decode_unverified, verify_jwt};
use doorward_protocol::oauth::client::AuthMethod;
use doorward_protocol::oauth::params::Params;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::short_lived;
use std::sync::Arc;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ASSERTION_ALGORITHMS: &[Algorithm] = &[
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];
/// Longest life of a client assertion, in seconds: how long its `jti` must be remembered.
const ASSERTION_SECONDS: i64 = 600;

/// A client that proved itself.
#[derive(Clone)]
pub struct AuthenticatedClient {
    /// The application.
    pub application: Arc<ApplicationRow>,
    /// A statement that must be committed with whatever the proof is used for: an assertion is good once.
    pub spend: Option<doorward_store::engine::Statement>,
}

/// Why a client is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthError {
    /// Two methods at once, or a parameter twice (RFC 6749, section 2.3).
    Ambiguous,
    /// No credentials at all.
    Missing,
    /// `invalid_client`, with the cause for the log.
    Invalid(&'static str),
    /// Too many failures.
    Locked(u64),
}

/// The credentials of a request.
#[derive(Debug, Clone, Default)]
pub struct ClientCredentials<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The body.
    pub params: Option<&'a Params>,
}

impl Service {
    /// Finds out which client asks.
    #[boxed]
    pub async fn authenticate_client(
        &self,
        cx: &Cx,
        credentials: &ClientCredentials<'_>,
    ) -> Result<Result<AuthenticatedClient, ClientAuthError>, Error> {
        let empty = Params::default();
        let params = credentials.params.unwrap_or(&empty);
        let one = |name: &str| params.one(name).map_err(|_| ClientAuthError::Ambiguous);
        let read = || -> Result<_, ClientAuthError> {
            let basic = credentials.authorization.map(basic).transpose()?.flatten();
            Ok((basic, one("client_id")?, one("client_secret")?, one("client_assertion")?, one("client_assertion_type")?))
        };
        let (basic, id, secret, assertion, assertion_type) = match read() {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        if usize::from(basic.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
            return Ok(Err(ClientAuthError::Ambiguous));
        }
        if let Some(assertion) = assertion {
            if assertion_type != Some(ASSERTION_TYPE) {
                return Ok(Err(ClientAuthError::Invalid("assertion_type")));
            }
            return self.by_assertion(cx, id, assertion).await;
        }
        match (basic, id, secret) {
            (Some((basic_id, _)), Some(id), _) if basic_id != id => Ok(Err(ClientAuthError::Ambiguous)),
            (Some((id, secret)), _, _) => self.by_secret(cx, &id, &secret).await,
            (None, Some(id), Some(secret)) => self.by_secret(cx, id, secret).await,
            (None, Some(id), None) => match self.application(cx.tenant_id(), id).await? {
                Some(application)
                    if application.settings.0.is_public()
                        || (application.settings.0.secret_optional && may_come_without_secret(params)) =>
                {
                    Ok(Ok(AuthenticatedClient { application, spend: None }))
                }
                Some(_) => self.refuse_client(cx, id, "no_credentials").await,
                None => self.refuse_client(cx, id, "unknown_client").await,
            },
            (None, None, _) => Ok(Err(ClientAuthError::Missing)),
        }
    }

    /// Spends a client's assertion, where nothing else is written that it could be committed with.
    pub(crate) async fn spend_assertion(&self, client: &AuthenticatedClient) -> Result<Result<(), TokenError>, Error> {
        let Some(spend) = client.spend.clone() else { return Ok(Ok(())) };
        match self.store.commit(Batch::new().with(spend)).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if error.is_unique("spent") => Ok(Err(TokenError::replayed_assertion())),
            Err(error) => Err(error.into()),
        }
    }

    async fn by_secret(&self, cx: &Cx, id: &str, secret: &str) -> Result<Result<AuthenticatedClient, ClientAuthError>, Error> {
        let Some(application) = self.application(cx.tenant_id(), id).await? else {
            return self.refuse_client(cx, id, "unknown_client").await;
        };
        // The header and the body are taken alike: developers are seldom asked which one their library uses.
        if !matches!(
            application.settings.0.token_endpoint_auth_method,
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost
        ) {
            return self.refuse_client(cx, id, "wrong_method").await;
        }
        let digest = self.client_secret_digest(cx.tenant_id(), secret);
        let fits = |known: &SecretDigests| {
            known.iter().any(|(hash, expires)| expires.is_none_or(|at| at > cx.now) && same(hash, &digest))
        };
        if fits(&*self.secret_digests(cx.tenant_id(), application.id, false).await?)
            || fits(&*self.secret_digests(cx.tenant_id(), application.id, true).await?)
        {
            Ok(Ok(AuthenticatedClient { application, spend: None }))
        } else {
            self.refuse_client(cx, id, "wrong_secret").await
        }
    }

    /// The digest of a client secret, as rows hold it.
    pub fn client_secret_digest(&self, tenant: doorward_protocol::ids::TenantId, secret: &str) -> Vec<u8> {
        self.secrets.digest("client_secret", &[tenant.0.as_bytes(), secret.as_bytes()])
    }

    /// RFC 7523, section 3.
    async fn by_assertion(
        &self,
        cx: &Cx,
        id: Option<&str>,
        assertion: &str,
    ) -> Result<Result<AuthenticatedClient, ClientAuthError>, Error> {
        let Ok(decoded) = decode_unverified(assertion) else { return Ok(Err(ClientAuthError::Invalid("assertion_malformed"))) };
        let text = |name: &str| decoded.claims.get(name).and_then(|v| v.as_str());
        let Some(client_id) = text("iss").filter(|iss| text("sub") == Some(*iss) && id.is_none_or(|id| id == *iss)) else {
            return Ok(Err(ClientAuthError::Invalid("assertion_subject")));
        };
        let Some(application) = self.application(cx.tenant_id(), client_id).await? else {
            return self.refuse_client(cx, client_id, "unknown_client").await;
        };
        let settings = &application.settings.0;
        let keys = match (&settings.token_endpoint_auth_method, &settings.jwks) {
            (AuthMethod::PrivateKeyJwt, Some(jwks)) => {
                serde_json::from_value::<JwkSet>(jwks.clone()).map_err(Error::internal)?.verifying_keys()
            }
            _ => return self.refuse_client(cx, client_id, "wrong_method").await,
        };
        let Ok(verified) = verify_jwt(assertion, &keys, ASSERTION_ALGORITHMS) else {
            return self.refuse_client(cx, client_id, "assertion_signature").await;
        };
        if check_times(&verified.claims, cx.now.seconds(), 30).is_err() {
            return self.refuse_client(cx, client_id, "assertion_times").await;
        }
        let expires = verified.claims.get("exp").and_then(serde_json::Value::as_f64).unwrap_or(0.0);
        if expires - cx.now.seconds() as f64 > ASSERTION_SECONDS as f64 + 30.0 {
            return self.refuse_client(cx, client_id, "assertion_lives_too_long").await;
        }
        // The audience is this server: its issuer (RFC 7523bis insists on that one) or, as older clients write, the token endpoint
        // or that of pushed requests (RFC 9126, section 2), by the names that discovery gives them or by our own.
        let document = self.discovery.document(cx);
        let listed = |name: &str, aud: &str| document.get(name).and_then(|url| url.as_str()) == Some(aud);
        let accepted = |aud: &str| {
            aud == cx.issuer()
                || aud == format!("{}/", cx.issuer().trim_end_matches('/'))
                || listed("token_endpoint", aud)
                || listed("pushed_authorization_request_endpoint", aud)
                || ["/connect/token", "/connect/par"].iter().any(|path| aud == cx.url(path))
        };
        let audience_fits = match verified.claims.get("aud") {
            Some(serde_json::Value::String(aud)) => accepted(aud),
            Some(serde_json::Value::Array(all)) => all.iter().any(|aud| aud.as_str().is_some_and(accepted)),
            _ => false,
        };
        if !audience_fits {
            return self.refuse_client(cx, client_id, "assertion_audience").await;
        }
        let Some(jti) = verified.claims.get("jti").and_then(|v| v.as_str()).filter(|jti| !jti.is_empty()) else {
            return self.refuse_client(cx, client_id, "assertion_without_jti").await;
        };
        let spent_id = self.secrets.digest("client assertion", &[application.id.0.as_bytes(), jti.as_bytes()]);
        if self.store.is_spent(cx.tenant_id(), "client_assertion", &spent_id).await? {
            return self.refuse_client(cx, client_id, "assertion_replayed").await;
        }
        let spend =
            short_lived::spend(cx.tenant_id(), "client_assertion", &spent_id, cx.now.plus_seconds(ASSERTION_SECONDS + 60));
        Ok(Ok(AuthenticatedClient { application, spend: Some(spend) }))
    }

    /// Counts the failure and says nothing of its cause outside.
    async fn refuse_client(
        &self,
        cx: &Cx,
        client_id: &str,
        cause: &'static str,
    ) -> Result<Result<AuthenticatedClient, ClientAuthError>, Error> {
        let application = self.application(cx.tenant_id(), client_id).await?.map(|a| a.id);
        let network = crate::limits::network(&cx.client.ip);
        let bucket = format!("client:{}:{network}", application.map_or_else(String::new, |a| a.to_string()));
        let lockout = &cx.policy().lockout;
        let (failures, until) = self.store.failures(cx.tenant_id(), &bucket, cx.now).await?;
        if failures >= lockout.account_attempts {
            return Ok(Err(ClientAuthError::Locked(until.seconds_since(cx.now).max(1).unsigned_abs())));
        }
        let batch = Batch::new()
            .with(short_lived::count_failure(cx.tenant_id(), &bucket, cx.now, cx.now.plus_seconds(lockout.window_seconds)))
            .with(Event::new("client.refused").application(application).actor("client").with("cause", cause).statement(cx));
        self.store.commit(batch).await?;
        Ok(Err(ClientAuthError::Invalid(cause)))
    }
}

/// OAuth 2.1, section 7.5.1: whoever has no secret proves with PKCE that the code is theirs; a refresh token is its own proof.
fn may_come_without_secret(params: &Params) -> bool {
    match params.first("grant_type") {
        Some("authorization_code") => params.first("code_verifier").is_some(),
        Some("refresh_token") => true,
        // RFC 8628, section 5.6: devices keep no secrets, and the code is the proof.
        Some(DEVICE_CODE) => true,
        // Introspection and revocation are for clients that prove who they are.
        _ => false,
    }
}

/// RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. `Ok(None)`: the header is of another kind.
fn basic(header: &str) -> Result<Option<(String, String)>, ClientAuthError> {
    let Some(encoded) = header.get(..6).filter(|scheme| scheme.eq_ignore_ascii_case("basic ")).and_then(|_| header.get(6..))
    else {
        return Ok(None);
    };
    let bad = || ClientAuthError::Invalid("basic_malformed");
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let (id, secret) = text.split_once(':').ok_or_else(bad)?;
    let decode = |part: &str| {
        let joined = format!("v={}", part.replace('&', "%26").replace('=', "%3D"));
        url::form_urlencoded::parse(joined.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
    };
    Ok(Some((decode(id), decode(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_section_2_3_1_basic_is_form_encoded() {
        let header = format!("Basic {}", STANDARD.encode("my%20app:p%3Ass+w%2Brd%25"));
        assert_eq!(basic(&header), Ok(Some(("my app".into(), "p:ss w+rd%".into()))));
        assert_eq!(basic("Bearer abc"), Ok(None));
        assert_eq!(basic("Basic !!!"), Err(ClientAuthError::Invalid("basic_malformed")));
        assert_eq!(basic(&format!("Basic {}", STANDARD.encode("nocolon"))), Err(ClientAuthError::Invalid("basic_malformed")));
    }
}
