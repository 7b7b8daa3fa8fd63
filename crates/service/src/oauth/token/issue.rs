//! What a grant is answered with: an access token (RFC 9068), and where they were granted an ID token and a refresh token.

use crate::claims::TokenFacts;
use crate::secrets::{new_id, random};
use crate::{Cx, Error, Service};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::{GrantId, SessionId};
use doorward_protocol::jose::Algorithm;
use doorward_store::applications::{ApplicationRow, ResourceServerRow};
use doorward_store::grants::{GrantTerms, RefreshTokenRow};
use doorward_store::users::Person;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A token answer (RFC 6749, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Access token.
    pub access_token: String,
    /// Its life in seconds.
    pub expires_in: i64,
    /// Granted scopes.
    pub scope: Vec<String>,
    /// Refresh token.
    pub refresh_token: Option<String>,
    /// ID token.
    pub id_token: Option<String>,
}

/// An access token of ours, read back.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Its id.
    pub id: Uuid,
    /// The grant it came from.
    pub grant: Uuid,
    /// Its claims.
    pub claims: Map<String, Value>,
}

/// What tokens are issued for.
pub(crate) struct Issue<'a> {
    pub(crate) grant: GrantId,
    pub(crate) application: &'a ApplicationRow,
    pub(crate) person: Option<&'a Person>,
    pub(crate) session: Option<SessionId>,
    pub(crate) terms: &'a GrantTerms,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) refresh_token: Option<String>,
}

impl Service {
    /// Signs and puts together. Reads what it needs; writes nothing.
    pub(crate) async fn issue(&self, cx: &Cx, issue: Issue<'_>) -> Result<Tokens, Error> {
        let settings = &issue.application.settings.0;
        let profile = self.profiles.of(settings.accent);
        let targets = self.targets(cx, &issue.terms.audience, &issue.terms.scope).await?;
        let target: Option<Arc<ResourceServerRow>> = targets.first().cloned();
        let (mut permissions, mut roles) = (Vec::new(), Vec::new());
        if let (Some(person), Some(target)) = (issue.person, &target) {
            if target.settings.0.enforce_permissions {
                permissions = self.store.permissions(cx.tenant_id(), person.user.id, target.id).await?;
            }
            roles = self.store.effective_roles(cx.tenant_id(), person.user.id).await?.into_iter().map(|r| r.name).collect();
        }
        let (mut member, mut application_roles) = (false, Vec::new());
        if let (Some(person), true) = (issue.person, profile.of_members()) {
            member = self.store.membership(cx.tenant_id(), person.user.id, issue.application.id).await?.is_some();
            if member {
                application_roles = self.roles_in_application(cx, person.user.id, issue.application.id).await?;
            }
        }
        let facts = TokenFacts {
            application: issue.application,
            person: issue.person,
            terms: issue.terms,
            resource_server: target.as_deref(),
            permissions: &permissions,
            roles: &roles,
            member,
            application_roles: &application_roles,
            tenant: cx.tenant_id(),
            grant: issue.grant,
            offline: issue.refresh_token.is_some(),
        };
        let subject = issue.person.map_or_else(|| issue.application.client_id.clone(), |p| profile.subject(p.user.id));
        let now = cx.now.seconds();
        let lifetime = targets
            .iter()
            .filter_map(|t| t.settings.0.access_token_lifetime_seconds)
            .chain([settings.access_token_lifetime_seconds])
            .min()
            .unwrap_or(3600);
        let algorithm = |name: &str| Algorithm::parse(name).map_err(Error::internal);

        // RFC 9068, section 2.2.
        let mut access = Map::new();
        access.insert("iss".into(), json!(cx.issuer()));
        access.insert("sub".into(), json!(subject));
        let mut audience: Vec<&str> = targets.iter().map(|t| t.audience.as_str()).collect();
        if audience.is_empty() || issue.terms.scope.iter().any(|s| s == "openid") {
            // Userinfo is ours: the token says that it may be used here.
            audience.push(cx.issuer());
        }
        access.insert("aud".into(), if let [only] = audience.as_slice() { json!(only) } else { json!(audience) });
        access.insert("client_id".into(), json!(issue.application.client_id));
        access.insert("iat".into(), json!(now));
        access.insert("exp".into(), json!(now + lifetime));
        access.insert("jti".into(), json!(token_id(issue.grant)));
        access.insert("scope".into(), json!(issue.terms.scope.join(" ")));
        if issue.person.is_some() {
            access.insert("auth_time".into(), json!(issue.terms.auth_time));
            access.insert("acr".into(), json!(issue.terms.acr));
            access.insert("amr".into(), json!(issue.terms.amr));
            if let Some(session) = issue.session {
                access.insert("sid".into(), json!(session.to_string()));
            }
            if !issue.terms.userinfo_claims.is_empty() {
                access.insert("userinfo_claims".into(), json!(issue.terms.userinfo_claims));
            }
        }
        profile.access_token(&facts, &mut access);
        let access_alg =
            algorithm(target.as_ref().and_then(|t| t.settings.0.signing_alg.as_deref()).unwrap_or(&settings.signing_alg))?;
        let (access_key, _) = self.key_to_sign(cx, settings.access_token_key, access_alg).await?;
        let access_token = self.sign_with(access_key, profile.access_token_type(), Value::Object(access)).await?;

        let mut id_token = None;
        if issue.person.is_some() && issue.terms.scope.iter().any(|s| s == "openid") {
            let mut claims = Map::new();
            profile.id_token(&facts, &mut claims);
            // Core, section 2. The protocol's own claims come last: no profile overwrites them.
            claims.insert("iss".into(), json!(cx.issuer()));
            claims.insert("sub".into(), json!(subject));
            claims.insert("aud".into(), json!(issue.application.client_id));
            claims.insert("iat".into(), json!(now));
            claims.insert("exp".into(), json!(now + settings.id_token_lifetime_seconds));
            claims.insert("auth_time".into(), json!(issue.terms.auth_time));
            claims.insert("acr".into(), json!(issue.terms.acr));
            claims.insert("amr".into(), json!(issue.terms.amr));
            if let Some(nonce) = issue.nonce {
                claims.insert("nonce".into(), json!(nonce));
            }
            if let Some(session) = issue.session {
                claims.insert("sid".into(), json!(session.to_string()));
            }
            let (key, alg) = self.key_to_sign(cx, settings.id_token_key, algorithm(&settings.signing_alg)?).await?;
            claims.insert("at_hash".into(), json!(at_hash(alg, &access_token)));
            id_token = Some(self.sign_with(key, "JWT", Value::Object(claims)).await?);
        }
        Ok(Tokens {
            access_token,
            expires_in: lifetime,
            scope: issue.terms.scope.clone(),
            refresh_token: issue.refresh_token,
            id_token,
        })
    }

    /// Reads an access token of ours: signature, issuer, type and times. Whether it was revoked is for the caller to ask.
    pub async fn read_access_token(&self, cx: &Cx, token: &str) -> Result<Option<AccessToken>, Error> {
        let keys = self.keys_of(cx.tenant_id(), cx.now).await?;
        let Ok(verified) = doorward_protocol::jose::verify_jwt(token, &keys.verifying(), crate::keys::VERIFYING_ALGORITHMS)
        else {
            return Ok(None);
        };
        // RFC 9068, section 4: the type keeps ID tokens from being taken for access tokens. Accents whose access tokens are
        // plain JWTs are told apart by `jti`, which names the grant in access tokens alone.
        let typ = verified.header.typ.as_deref().unwrap_or_default();
        let plain =
            typ.eq_ignore_ascii_case("JWT") && !["nonce", "at_hash", "c_hash"].iter().any(|c| verified.claims.contains_key(*c));
        if !typ.eq_ignore_ascii_case("at+jwt") && !typ.eq_ignore_ascii_case("application/at+jwt") && !plain {
            return Ok(None);
        }
        if verified.claims.get("iss").and_then(Value::as_str) != Some(cx.issuer())
            || doorward_protocol::jose::check_times(&verified.claims, cx.now.seconds(), 0).is_err()
        {
            return Ok(None);
        }
        let Some((id, grant)) = verified.claims.get("jti").and_then(Value::as_str).and_then(parse_token_id) else {
            return Ok(None);
        };
        Ok(Some(AccessToken { id, grant, claims: verified.claims }))
    }

    /// A new refresh token of a family, as row and as text. A successor is derived from its predecessor, so that the same
    /// predecessor, sent again within the overlap, gives the same successor, and nothing at rest tells it.
    pub(crate) fn refresh_token_row(
        &self,
        cx: &Cx,
        family: GrantId,
        application: &ApplicationRow,
        end: doorward_protocol::time::Timestamp,
        from: Option<(Uuid, &[u8])>,
    ) -> (RefreshTokenRow, String) {
        let (id, secret) = match from {
            Some((before, secret)) => self.successor(before, secret),
            None => (new_id(cx.now), random::<32>().to_vec()),
        };
        let policy = &application.settings.0.refresh;
        let row = RefreshTokenRow {
            id,
            tenant_id: cx.tenant_id(),
            family_id: family,
            secret_hash: self.refresh_digest(id, &secret),
            created_at: cx.now,
            expires_at: cx.now.plus_seconds(policy.idle_seconds).min(end),
            used_at: None,
            successor_id: None,
        };
        (row, refresh_text(id, &secret))
    }

    /// Id and secret of what a refresh token is exchanged for.
    pub(crate) fn successor(&self, before: Uuid, secret: &[u8]) -> (Uuid, Vec<u8>) {
        let id = self.secrets.digest("refresh successor id", &[before.as_bytes(), secret]);
        let id = uuid::Builder::from_slice(id.get(..16).unwrap_or_default())
            .map(|b| b.with_version(uuid::Version::Custom).into_uuid())
            .unwrap_or_default();
        (id, self.secrets.digest("refresh successor secret", &[before.as_bytes(), secret]))
    }

    pub(crate) fn refresh_digest(&self, id: Uuid, secret: &[u8]) -> Vec<u8> {
        self.secrets.digest("refresh token", &[id.as_bytes(), secret])
    }
}

/// A refresh token as text.
pub(crate) fn refresh_text(id: Uuid, secret: &[u8]) -> String {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend_from_slice(secret);
    format!("drt_{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads [`refresh_text`] back.
pub(crate) fn parse_refresh(text: &str) -> Option<(Uuid, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix("drt_")?).ok().filter(|b| b.len() == 48)?;
    let (id, secret) = bytes.split_at(16);
    Some((Uuid::from_slice(id).ok()?, secret.to_vec()))
}

/// `jti`: the grant's id and sixteen random bytes. So a token tells which grant it came from without a claim for it, and a
/// revoked grant stops them all.
pub(super) fn token_id(grant: GrantId) -> String {
    let mut bytes = grant.0.as_bytes().to_vec();
    bytes.extend_from_slice(&random::<16>());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parse_token_id(text: &str) -> Option<(Uuid, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|b| b.len() == 32)?;
    let (grant, id) = bytes.split_at(16);
    Some((Uuid::from_slice(id).ok()?, Uuid::from_slice(grant).ok()?))
}

/// Core, section 3.1.3.6: the left half of the digest that belongs to the signature algorithm. All of ours use SHA-256, except
/// EdDSA with Ed25519, for which the specification's errata name SHA-512.
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs384 | Algorithm::Es384 => digest::digest(&digest::SHA384, access_token.as_bytes()),
        Algorithm::EdDsa | Algorithm::Rs512 => digest::digest(&digest::SHA512, access_token.as_bytes()),
        _ => digest::digest(&digest::SHA256, access_token.as_bytes()),
    };
    let bytes = hash.as_ref();
    URL_SAFE_NO_PAD.encode(bytes.get(..bytes.len() / 2).unwrap_or_default())
}
