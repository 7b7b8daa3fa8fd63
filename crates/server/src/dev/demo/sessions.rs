//! What the demo remembers, in memory: sign-ins that are under way, who is signed in, what went wrong last. All of it is
//! bounded in number and in time, so that nobody can fill the memory of a machine by asking.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use doorward_service::secrets::{same, token};
use moka::sync::Cache;
use serde_json::{Map, Value};

use super::Refused;

/// The demo's own cookie.
const COOKIE: &str = "dw_demo";
const MOST: u64 = 10_000;
const SIGN_IN: Duration = Duration::from_secs(3600);
const SESSION: Duration = Duration::from_secs(12 * 3600);

/// What the cookie carries: a part that stays, which binds a sign-in to the browser that began it, also in several tabs; and
/// a part that is new with each sign-in, so that a planted cookie is worth nothing afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Browser {
    id: String,
    session: String,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self { id: token::<24>(""), session: token::<24>("") }
    }

    /// Reads the cookie (RFC 6265, section 5.4).
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == COOKIE)?;
        let (id, session) = value.split_once('.')?;
        // Ours are 32 characters each; what is not is not kept as a key.
        (id.len() == 32 && session.len() == 32).then(|| Self { id: id.to_owned(), session: session.to_owned() })
    }

    /// Sets the cookie with an answer. `Lax`, since the way back from the provider is a navigation from elsewhere.
    pub(super) fn put_on(&self, mut response: Response) -> Response {
        let age = SESSION.as_secs();
        let text = format!("{COOKIE}={}.{}; Path=/demo; Max-Age={age}; HttpOnly; SameSite=Lax", self.id, self.session);
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A sign-in under way, found by `state`.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) browser: Browser,
    pub(super) nonce: String,
    pub(super) code_verifier: String,
    pub(super) max_age: Option<i64>,
    pub(super) return_to: &'static str,
}

/// A person who signed in.
#[derive(Debug)]
pub(super) struct SignedIn {
    pub(super) id_token: String,
    pub(super) claims: Map<String, Value>,
    pub(super) userinfo: Option<Map<String, Value>>,
}

pub(super) struct Sessions {
    pending: Cache<String, Pending>,
    people: Cache<String, Arc<SignedIn>>,
    refusals: Cache<String, Refused>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { pending: cache(SIGN_IN), people: cache(SESSION), refusals: cache(SIGN_IN) }
    }
}

fn cache<V: Clone + Send + Sync + 'static>(life: Duration) -> Cache<String, V> {
    Cache::builder().max_capacity(MOST).time_to_live(life).build()
}

impl Sessions {
    pub(super) fn wait_for(&self, state: &str, pending: Pending) {
        self.pending.insert(state.to_owned(), pending);
    }

    /// The sign-in that an answer belongs to, once: `state` must be one that was given out, to this very browser
    /// (RFC 6749, section 10.12).
    pub(super) fn take_pending(&self, state: Option<&str>, browser: Option<&Browser>) -> Result<Pending, Refused> {
        let state = state.ok_or_else(|| Refused::new("invalid_state", "the answer carries no state"))?;
        let unknown = || Refused::new("invalid_state", "this sign-in is over or was not begun here; sign in again");
        let pending = self.pending.get(state).ok_or_else(unknown)?;
        let Some(browser) = browser else {
            return Err(Refused::new("invalid_state", "the browser sent no cookie; allow cookies and sign in again"));
        };
        if !same(pending.browser.id.as_bytes(), browser.id.as_bytes()) {
            return Err(Refused::new("invalid_state", "this sign-in was begun in another browser; sign in again"));
        }
        self.pending.remove(state).ok_or_else(unknown)
    }

    pub(super) fn signed_in(&self, browser: &Browser) -> Option<Arc<SignedIn>> {
        self.people.get(&browser.session)
    }

    /// Signs a person in under a new name; the old one is over.
    pub(super) fn sign_in(&self, browser: Browser, person: SignedIn) -> Browser {
        self.people.invalidate(&browser.session);
        let renewed = Browser { id: browser.id, session: token::<24>("") };
        self.people.insert(renewed.session.clone(), Arc::new(person));
        renewed
    }

    pub(super) fn sign_out(&self, browser: &Browser) -> Option<Arc<SignedIn>> {
        self.people.remove(&browser.session)
    }

    /// Keeps what went wrong for the next look at the demo's home.
    pub(super) fn remember_refusal(&self, browser: &Browser, refused: Refused) {
        self.refusals.insert(browser.id.clone(), refused);
    }

    pub(super) fn take_refusal(&self, browser: &Browser) -> Option<Refused> {
        self.refusals.remove(&browser.id)
    }
}
