//! What a grant is answered with: an access token (RFC 9068), and where they were granted an ID token and a refresh token.

use super::access_token::{GRANT_CLAIM, token_id};
use crate::claims::{AccessTokenForm, ClaimsProfile, TokenFacts};
use crate::secrets::{new_id, random};
use crate::{Cx, Error, Service};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::{GrantId, SessionId};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::oauth::response_type::ResponseType;
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

/// Tokens that travel through the browser (OpenID Connect Core, sections 3.2.2.5 and 3.3.2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BrowserTokens {
    pub(crate) access_token: Option<(String, i64)>,
    pub(crate) id_token: Option<String>,
}

/// What tokens are issued for.
pub(crate) struct Issue<'a> {
    pub(crate) grant: GrantId,
    pub(crate) grant_type: &'a str,
    pub(crate) application: &'a ApplicationRow,
    pub(crate) person: Option<&'a Person>,
    pub(crate) session: Option<SessionId>,
    pub(crate) terms: &'a GrantTerms,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) refresh_token: Option<String>,
}

/// An [`Issue`] with what had to be read for it.
struct Ready<'a> {
    issue: &'a Issue<'a>,
    profile: Arc<dyn ClaimsProfile>,
    targets: Vec<Arc<ResourceServerRow>>,
    permissions: Vec<String>,
    roles: Vec<String>,
    subject: String,
    member: bool,
    application_roles: Vec<String>,
}

impl Ready<'_> {
    fn facts<'a>(&'a self, cx: &'a Cx) -> TokenFacts<'a> {
        TokenFacts {
            issuer: cx.issuer(),
            application: self.issue.application,
            grant_type: self.issue.grant_type,
            person: self.issue.person,
            terms: self.issue.terms,
            session: self.issue.session,
            resource_server: self.targets.first().map(|t| &**t),
            permissions: &self.permissions,
            roles: &self.roles,
            member: self.member,
            application_roles: &self.application_roles,
            tenant: cx.tenant_id(),
            grant: self.issue.grant,
            offline: self.issue.refresh_token.is_some(),
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Error> {
    Algorithm::parse(name).map_err(Error::internal)
}

impl Service {
    /// Signs and puts together. Reads what it needs; writes nothing.
    pub(crate) async fn issue(&self, cx: &Cx, issue: Issue<'_>) -> Result<Tokens, Error> {
        let ready = self.ready(cx, &issue).await?;
        let (access_token, expires_in) = self.access_token(cx, &ready).await?;
        let mut id_token = None;
        if issue.person.is_some() && issue.terms.scope.iter().any(|s| s == "openid") {
            id_token = Some(self.id_token(cx, &ready, Some(&access_token), None).await?);
        }
        let scope = issue.terms.scope.clone();
        Ok(Tokens { access_token, expires_in, scope, refresh_token: issue.refresh_token, id_token })
    }

    /// The same for the authorization endpoint: what `response_type` asks for, bound to the code beside it.
    pub(crate) async fn issue_through_browser(
        &self,
        cx: &Cx,
        issue: Issue<'_>,
        response_type: ResponseType,
        code: Option<&str>,
    ) -> Result<BrowserTokens, Error> {
        let ready = self.ready(cx, &issue).await?;
        let access_token = if response_type.token { Some(self.access_token(cx, &ready).await?) } else { None };
        let mut id_token = None;
        if response_type.id_token {
            let beside = access_token.as_ref().map(|(token, _)| token.as_str());
            id_token = Some(self.id_token(cx, &ready, beside, code).await?);
        }
        Ok(BrowserTokens { access_token, id_token })
    }

    async fn ready<'a>(&self, cx: &Cx, issue: &'a Issue<'a>) -> Result<Ready<'a>, Error> {
        let accent = issue.application.settings.0.accent;
        let profile = self.profiles.of(accent);
        let targets = self.targets(cx, &issue.terms.audience, &issue.terms.scope).await?;
        let (mut permissions, mut roles) = (Vec::new(), Vec::new());
        if let (Some(person), Some(target)) = (issue.person, targets.first()) {
            if target.settings.0.lists_permissions() {
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
        let subject = match issue.person {
            Some(person) => self.subject(cx, accent, person.user.id).await?,
            None => profile.machine(&issue.application.client_id),
        };
        Ok(Ready { issue, profile, targets, permissions, roles, subject, member, application_roles })
    }

    /// RFC 9068, section 2.2, and what the accent makes of it.
    async fn access_token(&self, cx: &Cx, ready: &Ready<'_>) -> Result<(String, i64), Error> {
        let Ready { issue, profile, targets, .. } = ready;
        let settings = &issue.application.settings.0;
        let facts = ready.facts(cx);
        let form = profile.access_token_form(&facts);
        let now = cx.now.seconds();
        let own = settings.access_token_lifetime_seconds;
        let lifetime = match targets.iter().filter_map(|t| t.settings.0.access_token_lifetime_seconds).min() {
            Some(wanted) if profile.lifetime_of_resource_server() => wanted,
            Some(wanted) => wanted.min(own),
            None => own,
        };
        if form == AccessTokenForm::Opaque {
            return Ok((self.opaque_access_token(cx, issue, now + lifetime)?, lifetime));
        }
        let mut access = Map::new();
        access.insert("iss".into(), json!(cx.issuer()));
        access.insert("sub".into(), json!(ready.subject));
        let userinfo = profile.userinfo_audience(cx.issuer());
        let mut audience: Vec<&str> = targets.iter().map(|t| t.audience.as_str()).collect();
        if audience.is_empty() || (issue.person.is_some() && issue.terms.scope.iter().any(|s| s == "openid")) {
            // Userinfo is ours: the token says that it may be used here.
            audience.push(&userinfo);
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
                access.insert("sid".into(), json!(profile.session(session)));
            }
            if !issue.terms.userinfo_claims.is_empty() {
                access.insert("userinfo_claims".into(), json!(issue.terms.userinfo_claims));
            }
        }
        profile.access_token(&facts, &mut access);
        let of_target = targets.first().and_then(|t| t.settings.0.signing_alg.as_deref());
        let alg = algorithm(of_target.unwrap_or(&settings.signing_alg))?;
        let typ = match form {
            AccessTokenForm::Jwt => {
                access.insert(GRANT_CLAIM.into(), json!(URL_SAFE_NO_PAD.encode(issue.grant.0.as_bytes())));
                "JWT"
            }
            _ => "at+jwt",
        };
        let (key, _) = self.key_to_sign(cx, settings.access_token_key, alg).await?;
        Ok((self.sign_with(key, typ, Value::Object(access)).await?, lifetime))
    }

    /// Core, section 2.
    async fn id_token(
        &self,
        cx: &Cx,
        ready: &Ready<'_>,
        access_token: Option<&str>,
        code: Option<&str>,
    ) -> Result<String, Error> {
        let Ready { issue, profile, .. } = ready;
        let settings = &issue.application.settings.0;
        let (key, alg) = self.key_to_sign(cx, settings.id_token_key, algorithm(&settings.signing_alg)?).await?;
        let now = cx.now.seconds();
        let facts = ready.facts(cx);
        let mut claims = Map::new();
        profile.id_token(&facts, &mut claims);
        claims.insert("auth_time".into(), json!(issue.terms.auth_time));
        claims.insert("acr".into(), json!(issue.terms.acr));
        claims.insert("amr".into(), json!(issue.terms.amr));
        if let Some(session) = issue.session {
            claims.insert("sid".into(), json!(profile.session(session)));
        }
        profile.shape_id_token(&facts, &mut claims);
        // What the protocol insists on comes last: no profile overwrites it.
        claims.insert("iss".into(), json!(cx.issuer()));
        claims.insert("sub".into(), json!(ready.subject));
        claims.insert("aud".into(), json!(issue.application.client_id));
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now + settings.id_token_lifetime_seconds));
        for (name, value) in [
            ("nonce", issue.nonce.map(str::to_owned)),
            ("at_hash", access_token.map(|t| half_hash(alg, t))),
            ("c_hash", code.map(|c| half_hash(alg, c))),
        ] {
            match value {
                Some(value) => claims.insert(name.into(), json!(value)),
                None => claims.remove(name),
            };
        }
        self.sign_with(key, "JWT", Value::Object(claims)).await
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

/// `at_hash` and `c_hash` (Core, sections 3.1.3.6 and 3.3.2.11): the left half of the digest that belongs to the signature
/// algorithm. For EdDSA with Ed25519 the specification's errata name SHA-512.
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs384 | Algorithm::Es384 => digest::digest(&digest::SHA384, text.as_bytes()),
        Algorithm::EdDsa | Algorithm::Rs512 => digest::digest(&digest::SHA512, text.as_bytes()),
        _ => digest::digest(&digest::SHA256, text.as_bytes()),
    };
    let bytes = hash.as_ref();
    URL_SAFE_NO_PAD.encode(bytes.get(..bytes.len() / 2).unwrap_or_default())
}
