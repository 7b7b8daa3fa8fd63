//! A session: who signed in, until when, and the tokens. All of it is in the cookie, or in a store and the cookie has its key.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SignIn;
use super::error::SignInError;
use super::store::StoreError;
use crate::jwt::{Claims, claims_of_checked, now};

/// A random text of 256 bits.
pub(super) fn random() -> String {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 as base64url without padding.
pub(super) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// What is kept. Names are short because it may have to fit a cookie.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    /// The ID token: what it says is read from it, and sign-out sends it as a hint.
    #[serde(rename = "i")]
    pub id_token: String,
    /// What only userinfo said.
    #[serde(rename = "u", default, skip_serializing_if = "Map::is_empty")]
    pub userinfo: Map<String, Value>,
    #[serde(rename = "a")]
    pub access_token: String,
    /// When the access token ends; unknown when the provider did not say.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub access_token_ends: Option<u64>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// When the session ends.
    #[serde(rename = "e")]
    pub ends: u64,
    /// Its key in the store.
    #[serde(skip)]
    pub stored_as: Option<String>,
}

impl Session {
    /// What the ID token and userinfo say; the ID token is signed and wins.
    pub(super) fn claims(&self) -> Option<Claims> {
        let mut claims = self.userinfo.clone();
        claims.append(&mut claims_of_checked(&self.id_token)?.0);
        Some(Claims(claims))
    }
}

impl SignIn {
    /// The session of a request.
    pub(super) async fn load(&self, headers: &HeaderMap) -> Result<Option<Arc<Session>>, StoreError> {
        let cookies = &self.0.cookies;
        let Some(value) = cookies.read(headers, cookies.session()) else { return Ok(None) };
        let (stored_as, text) = match &self.0.store {
            None => (None, Some(value)),
            Some(store) => {
                let key = sha256(&value);
                let sealed = store.load(&key).await?;
                // Sealed under its key, so that whoever can write to the store cannot exchange sessions.
                (Some(value), sealed.and_then(|sealed| cookies.open(&key, &sealed)))
            }
        };
        let session = text.and_then(|text| serde_json::from_str::<Session>(&text).ok()).filter(|session| session.ends > now());
        Ok(session.map(|session| Arc::new(Session { stored_as, ..session })))
    }

    /// Keeps a session; the answer is the header that tells the browser.
    pub(super) async fn save(&self, session: &Session) -> Result<HeaderValue, SignInError> {
        let cookies = &self.0.cookies;
        let seconds = session.ends.saturating_sub(now());
        let text = serde_json::to_string(session).map_err(|error| SignInError::Store(StoreError(error.to_string())))?;
        let value = match &self.0.store {
            None => text,
            Some(store) => {
                let id = session.stored_as.clone().unwrap_or_else(random);
                let key = sha256(&id);
                let sealed = cookies.seal(&key, text).unwrap_or_default();
                store.save(&key, sealed, Duration::from_secs(seconds)).await?;
                id
            }
        };
        cookies.set(cookies.session(), value, seconds).map_err(|too_large| SignInError::SessionTooLarge { bytes: too_large.0 })
    }

    /// Forgets a session; the answer is the header that tells the browser.
    pub(super) async fn forget(&self, session: Option<&Session>) -> HeaderValue {
        if let (Some(store), Some(id)) = (&self.0.store, session.and_then(|session| session.stored_as.as_ref()))
            && let Err(error) = store.delete(&sha256(id)).await
        {
            tracing::error!(%error, "a session could not be deleted from the store");
        }
        self.0.cookies.remove(self.0.cookies.session())
    }
}
