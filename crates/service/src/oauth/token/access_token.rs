//! Access tokens of ours, read back: JWTs of RFC 9068, JWTs in an accent's own claims, and sealed ones that only we can read.

use super::issue::Issue;
use crate::boxed;
use crate::secrets::random;
use crate::{Cx, Error, Service};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::{GrantId, UserId};
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const OPAQUE: &str = "access token";
const OPAQUE_PREFIX: &str = "dat_";
/// The grant that a JWT without `jti` came from, so that it stops with its grant. ID tokens never have it, which keeps them from
/// being taken for access tokens where both are of the type `JWT`.
pub(super) const GRANT_CLAIM: &str = "grant_id";

/// An access token of ours, read back.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Its id.
    pub id: Uuid,
    /// The grant it came from.
    pub grant: Uuid,
    /// Whom it is about, where it says so by our id.
    pub user: Option<UserId>,
    /// Its claims, in the names of RFC 9068.
    pub claims: Map<String, Value>,
}

impl AccessToken {
    /// A claim that is a text; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The application that it was given to. Accents whose access tokens are for the application itself name it in `aud` alone.
    pub fn client_id(&self) -> &str {
        let named = self.text("client_id");
        if named.is_empty() { self.text("aud") } else { named }
    }

    /// Whether it is meant for an audience.
    pub fn is_for(&self, audience: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(aud)) => aud == audience,
            Some(Value::Array(all)) => all.iter().any(|a| a.as_str() == Some(audience)),
            _ => false,
        }
    }

    /// Its scopes.
    pub fn scope(&self) -> Vec<String> {
        self.text("scope").split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }
}

/// What a sealed access token says; short names, since it travels in cookies of applications.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(with = "uuid::serde::simple")]
    i: Uuid,
    #[serde(with = "uuid::serde::simple")]
    g: Uuid,
    #[serde(with = "uuid::serde::simple::option", default, skip_serializing_if = "Option::is_none")]
    u: Option<Uuid>,
    c: String,
    s: String,
    t: i64,
    e: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    n: Vec<String>,
}

impl Service {
    pub(super) fn opaque_access_token(&self, cx: &Cx, issue: &Issue<'_>, expires: i64) -> Result<String, Error> {
        let sealed = Sealed {
            i: Uuid::from_bytes(random()),
            g: issue.grant.0,
            u: issue.person.map(|p| p.user.id.0),
            c: issue.application.client_id.clone(),
            s: issue.terms.scope.join(" "),
            t: cx.now.seconds(),
            e: expires,
            n: issue.terms.userinfo_claims.clone(),
        };
        let text = self.secrets.seal(OPAQUE, cx.tenant_id(), Timestamp::from_seconds(expires), &sealed)?;
        Ok(format!("{OPAQUE_PREFIX}{text}"))
    }

    async fn read_opaque(&self, cx: &Cx, text: &str) -> Result<Option<AccessToken>, Error> {
        let Ok(sealed) = self.secrets.open::<Sealed>(OPAQUE, cx.tenant_id(), cx.now, text) else { return Ok(None) };
        let Some(application) = self.application(cx.tenant_id(), &sealed.c).await? else { return Ok(None) };
        let accent = application.settings.0.accent;
        let mut claims = Map::new();
        claims.insert("iss".into(), json!(cx.issuer()));
        let subject = match sealed.u {
            Some(user) => self.subject(cx, accent, UserId(user)).await?,
            None => self.profiles.of(accent).machine(&sealed.c),
        };
        claims.insert("sub".into(), json!(subject));
        claims.insert("aud".into(), json!(self.profiles.of(accent).userinfo_audience(cx.issuer())));
        claims.insert("client_id".into(), json!(sealed.c));
        claims.insert("scope".into(), json!(sealed.s));
        claims.insert("iat".into(), json!(sealed.t));
        claims.insert("exp".into(), json!(sealed.e));
        if !sealed.n.is_empty() {
            claims.insert("userinfo_claims".into(), json!(sealed.n));
        }
        Ok(Some(AccessToken { id: sealed.i, grant: sealed.g, user: sealed.u.map(UserId), claims }))
    }

    /// Reads an access token of ours: seal or signature, issuer, type and times. Whether it was revoked is for the caller to ask.
    #[boxed]
    pub async fn read_access_token(&self, cx: &Cx, token: &str) -> Result<Option<AccessToken>, Error> {
        if let Some(text) = token.strip_prefix(OPAQUE_PREFIX) {
            return self.read_opaque(cx, text).await;
        }
        let keys = self.keys_of(cx.tenant_id(), cx.now).await?;
        let Ok(verified) = doorward_protocol::jose::verify_jwt(token, &keys.verifying(), crate::keys::VERIFYING_ALGORITHMS)
        else {
            return Ok(None);
        };
        let mut claims = verified.claims;
        if claims.get("iss").and_then(Value::as_str) != Some(cx.issuer())
            || doorward_protocol::jose::check_times(&claims, cx.now.seconds(), 0).is_err()
        {
            return Ok(None);
        }
        // RFC 9068, section 4: the type keeps ID tokens from being taken for access tokens.
        let typ = verified.header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        let named = match typ.as_str() {
            "at+jwt" | "application/at+jwt" => claims.get("jti").and_then(Value::as_str).and_then(parse_token_id),
            "jwt" => claims.remove(GRANT_CLAIM).as_ref().and_then(Value::as_str).and_then(|grant| {
                let grant = Uuid::from_slice(&URL_SAFE_NO_PAD.decode(grant).ok()?).ok()?;
                let digest = digest::digest(&digest::SHA256, token.as_bytes());
                Some((Uuid::from_slice(digest.as_ref().get(..16)?).ok()?, grant))
            }),
            _ => None,
        };
        let Some((id, grant)) = named else { return Ok(None) };
        if let Some(azp) = claims.get("azp").cloned() {
            claims.entry("client_id").or_insert(azp);
        }
        Ok(Some(AccessToken { id, grant, user: None, claims }))
    }
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
