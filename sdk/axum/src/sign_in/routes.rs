//! `/login`, `/signup`, `/callback`, `/logout`.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::SignIn;
use super::error::{SignInError, page};
use super::local_path::local_path;
use super::session::{Session, random, sha256};
use crate::error::ProviderError;
use crate::jwt::now;

/// How long a person may take to sign in. Signing up with an address to confirm takes its time.
const PENDING_SECONDS: u64 = 3600;
/// Tabs that may be waiting at the same time.
const MAX_PENDING: usize = 5;

/// A sign-in that waits for its answer; kept by the browser, encrypted.
#[derive(Serialize, Deserialize)]
struct Pending {
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "v")]
    code_verifier: String,
    #[serde(rename = "t")]
    return_to: String,
    #[serde(rename = "e")]
    ends: u64,
}

#[derive(Deserialize)]
struct Wish {
    return_to: Option<String>,
}

/// What comes back (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207 for `iss`).
#[derive(Deserialize)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl SignIn {
    /// The routes: `GET /login`, `GET /signup`, `GET /callback` and `POST /logout`, or as the builder says. `/login` and `/signup`
    /// take `return_to`, a path of this application.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let paths = &self.0.paths;
        Router::new()
            .route(&paths.login, get(login))
            .route(&paths.signup, get(signup))
            .route(&paths.callback, get(callback))
            .route(&paths.logout, post(logout))
            .with_state(self.clone())
    }

    /// Sends the browser to the provider (OpenID Connect Core 1.0, section 3.1.2.1), with PKCE (RFC 7636).
    async fn begin(&self, headers: &HeaderMap, wish: &Wish, sign_up: bool) -> Result<Response, SignInError> {
        let metadata = self.0.provider.metadata().await?;
        let endpoint =
            metadata.authorization_endpoint.as_ref().ok_or(ProviderError::MissingEndpoint("authorization_endpoint"))?;
        let return_to = wish.return_to.as_deref().and_then(|wanted| local_path(&self.0.base_url, wanted));
        let pending = Pending {
            state: random(),
            nonce: random(),
            code_verifier: random(),
            return_to: return_to.unwrap_or_else(|| self.0.paths.after_sign_in.clone()),
            ends: now() + PENDING_SECONDS,
        };
        let mut address = endpoint.clone();
        {
            let mut query = address.query_pairs_mut();
            query.append_pair("response_type", "code");
            query.append_pair("client_id", &self.0.client.id);
            query.append_pair("redirect_uri", self.redirect_uri().as_str());
            query.append_pair("scope", &self.0.scopes.join(" "));
            query.append_pair("state", &pending.state);
            query.append_pair("nonce", &pending.nonce);
            query.append_pair("code_challenge", &sha256(&pending.code_verifier));
            query.append_pair("code_challenge_method", "S256");
            for (name, value) in &self.0.parameters {
                query.append_pair(name, value);
            }
            if sign_up {
                // Initiating User Registration via OpenID Connect 1.0; a value that is not announced may be refused. The hint is an
                // older custom, and parameters that are not known are ignored (RFC 6749, section 3.1).
                if metadata.prompt_values_supported.iter().any(|value| value == "create") {
                    query.append_pair("prompt", "create");
                }
                query.append_pair("screen_hint", "signup");
            }
        }
        let cookies = &self.0.cookies;
        let mut response = see_other(address.as_str());
        let waiting = cookies.all_pending(headers);
        if waiting.len() >= MAX_PENDING {
            for name in waiting {
                response.headers_mut().append(header::SET_COOKIE, cookies.remove(&name));
            }
        }
        let name = cookies.pending(&pending.state).ok_or(SignInError::State)?;
        let text = serde_json::to_string(&pending).map_err(|_| SignInError::State)?;
        let cookie =
            cookies.set(&name, text, PENDING_SECONDS).map_err(|too_large| SignInError::SessionTooLarge { bytes: too_large.0 })?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// The sign-in that an answer belongs to, and its cookie's name.
    fn pending(&self, headers: &HeaderMap, state: Option<&str>) -> Option<(String, Pending)> {
        let state = state?;
        let name = self.0.cookies.pending(state)?;
        let pending: Pending = serde_json::from_str(&self.0.cookies.read(headers, &name)?).ok()?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(pending.state.as_bytes(), state.as_bytes()).is_ok();
        (same && pending.ends > now()).then_some((name, pending))
    }

    /// Turns the answer into a session (OpenID Connect Core 1.0, sections 3.1.2.7 to 3.1.3.7).
    async fn finish(&self, answer: Answer, pending: &Pending) -> Result<Session, SignInError> {
        let metadata = self.0.provider.metadata().await?;
        // RFC 9207, section 2.4: an answer of another provider must not reach this one's token endpoint.
        match answer.iss.as_deref() {
            Some(iss) if iss != self.0.provider.issuer() => return Err(SignInError::Issuer),
            None if metadata.authorization_response_iss_parameter_supported => return Err(SignInError::Issuer),
            _ => {}
        }
        if let Some(code) = answer.error {
            return Err(SignInError::Refused { code, description: answer.error_description });
        }
        let code = answer.code.ok_or(SignInError::NoCode)?;
        self.redeem(&metadata, &code, &pending.code_verifier, &pending.nonce).await
    }

    fn refused(&self, error: SignInError) -> Response {
        tracing::warn!(%error, action = error.action(), "nobody was signed in");
        match &self.0.error_page {
            Some(error_page) => error_page(&error),
            None => page(error.status(), "Not signed in", error.message(), &self.0.paths.login),
        }
    }
}

/// 303, never kept by caches.
fn see_other(address: &str) -> Response {
    let mut response = Redirect::to(address).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn login(State(sign_in): State<SignIn>, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    sign_in.begin(&headers, &wish, false).await.unwrap_or_else(|error| sign_in.refused(error))
}

async fn signup(State(sign_in): State<SignIn>, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    sign_in.begin(&headers, &wish, true).await.unwrap_or_else(|error| sign_in.refused(error))
}

async fn callback(State(sign_in): State<SignIn>, Query(answer): Query<Answer>, headers: HeaderMap) -> Response {
    let before = sign_in.load(&headers).await.ok().flatten();
    let Some((name, pending)) = sign_in.pending(&headers, answer.state.as_deref()) else {
        // Nothing of such an answer is used or shown. Whoever is signed in pressed reload or the back button.
        return match before {
            Some(_) => see_other(&sign_in.0.paths.after_sign_in),
            None => sign_in.refused(SignInError::State),
        };
    };
    let kept = match sign_in.finish(answer, &pending).await {
        Ok(session) => sign_in.save(&session).await,
        Err(error) => Err(error),
    };
    let mut response = match kept {
        Ok(cookie) => {
            // A session of the store gets a new id with each sign-in; the one before is over.
            if before.is_some() {
                sign_in.forget(before.as_deref()).await;
            }
            let mut response = see_other(&pending.return_to);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => sign_in.refused(error),
    };
    // Good or bad, an answer is taken once.
    response.headers_mut().append(header::SET_COOKIE, sign_in.0.cookies.remove(&name));
    response
}

/// Forgets the session and signs out at the provider (OpenID Connect RP-Initiated Logout 1.0).
async fn logout(State(sign_in): State<SignIn>, headers: HeaderMap) -> Response {
    if !same_origin(&headers, &sign_in.0.base_url.origin().ascii_serialization()) {
        return (StatusCode::FORBIDDEN, "sign out with the button of this application").into_response();
    }
    let session = sign_in.load(&headers).await.ok().flatten();
    let home = &sign_in.0.paths.after_sign_out;
    let address = match &session {
        Some(session) => sign_in.end_session(session).await,
        None => None,
    };
    let mut response = see_other(address.as_ref().map_or(home, |address| address));
    response.headers_mut().append(header::SET_COOKIE, sign_in.forget(session.as_deref()).await);
    response
}

impl SignIn {
    async fn end_session(&self, session: &Session) -> Option<String> {
        let metadata = match self.0.provider.metadata().await {
            Ok(metadata) => metadata,
            Err(error) => {
                tracing::warn!(%error, "signed out here only");
                return None;
            }
        };
        if let Some(refresh_token) = &session.refresh_token {
            self.revoke(&metadata, refresh_token);
        }
        let mut address = metadata.end_session_endpoint.clone()?;
        let back = self.0.base_url.join(&self.0.paths.after_sign_out).ok()?;
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", &session.id_token)
            .append_pair("client_id", &self.0.client.id)
            .append_pair("post_logout_redirect_uri", back.as_str());
        Some(address.into())
    }
}

/// Whether a form was sent by this application's own page. Clients without a browser send neither header, and no cookies either.
fn same_origin(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == b"same-origin" || site == b"none",
        (None, Some(origin)) => origin == own.as_bytes(),
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Provider;

    /// The browser's headers with a sign-in that waits until `ends`.
    fn waiting(sign_in: &SignIn, state: &str, ends: u64) -> HeaderMap {
        let (nonce, code_verifier, return_to) = (random(), random(), "/".to_owned());
        let pending = Pending { state: state.to_owned(), nonce, code_verifier, return_to, ends };
        let cookies = &sign_in.0.cookies;
        let name = cookies.pending(state).unwrap();
        let sealed = cookies.seal(&name, serde_json::to_string(&pending).unwrap()).unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("{name}={sealed}")).unwrap())])
    }

    #[test]
    fn an_answer_must_have_the_whole_state_and_come_in_time() {
        let provider = Provider::new("https://login.example.com").unwrap();
        let sign_in = SignIn::builder(provider, "c", "https://app.example.com").cookie_secret([1; 32]).build().unwrap();
        let state = random();
        let headers = waiting(&sign_in, &state, now() + 60);
        assert!(sign_in.pending(&headers, Some(&state)).is_some());
        // The cookie's name has the beginning only.
        let other = format!("{}{}", &state[..20], &random()[20..]);
        assert!(sign_in.pending(&headers, Some(&other)).is_none());
        assert!(sign_in.pending(&headers, Some(&state[..20])).is_none());
        assert!(sign_in.pending(&headers, None).is_none());
        assert!(sign_in.pending(&waiting(&sign_in, &state, now() - 1), Some(&state)).is_none());
    }
}
