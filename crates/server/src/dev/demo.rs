//! The demo application: a relying party that uses nothing but OpenID Connect over HTTP, as anybody's application would.
//!
//! It follows OpenID Connect Core 1.0, section 3.1 (authorization code flow, with PKCE) and RP-Initiated Logout 1.0. Who
//! signed in is remembered here, under a cookie of the demo's own; the sessions of the provider are never looked at.
//! What it shares with the server is the tenant's name, for the page, and the tenant's time, which a test may have moved.

mod id_token;
mod provider;
mod sessions;
mod views;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{Query, RawQuery};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use doorward_httpkit::answers::see_other;
use doorward_httpkit::{App, Asked, csrf};
use doorward_service::Cx;
use doorward_service::secrets::token;
use serde::Deserialize;
use url::form_urlencoded;

use id_token::Expected;
use provider::{Provider, Redeemed};
use sessions::{Browser, Pending, Sessions, SignedIn};

/// The demo's home.
pub const HOME: &str = "/demo";

/// What the demo is registered as.
#[derive(Clone)]
pub struct DemoConfig {
    /// The issuer, exactly.
    pub issuer: String,
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`, for `client_secret_basic`.
    pub client_secret: String,
    /// Where the demo is reached, without a slash at the end: `http://localhost:9011`. Registered with the provider are
    /// `redirect_uri` `<base_url>/demo/callback` and `post_logout_redirect_uri` `<base_url>/demo`.
    pub base_url: String,
}

/// The demo and what it remembers.
struct Demo {
    config: DemoConfig,
    provider: Provider,
    sessions: Sessions,
}

/// Why a person is not signed in, as RFC 6749, section 4.1.2.1 tells it: a code and words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused {
    code: String,
    description: String,
}

impl Refused {
    fn new(code: &str, description: impl Into<String>) -> Self {
        Self { code: code.to_owned(), description: description.into() }
    }
}

/// `/demo` and its pages.
pub fn router(config: DemoConfig) -> Router<App> {
    let demo = Arc::new(Demo { provider: Provider::new(&config), sessions: Sessions::default(), config });
    Router::new()
        .route(HOME, get(home))
        .route("/demo/signin", get(sign_in))
        .route("/demo/signup", get(sign_up))
        .route("/demo/silent", get(silent))
        .route("/demo/callback", get(callback))
        .route("/demo/profile", get(profile))
        .route("/demo/protected", get(protected))
        .route("/demo/signout", post(sign_out))
        .layer(Extension(demo))
}

type TheDemo = Extension<Arc<Demo>>;

async fn home(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    let browser = Browser::read(&headers);
    let refused = browser.as_ref().and_then(|browser| demo.sessions.take_refusal(browser));
    demo.home(&cx, StatusCode::OK, browser.as_ref(), refused)
}

async fn sign_in(Extension(demo): TheDemo, Asked(cx): Asked, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    demo.start(&cx, &headers, "/demo/signin", "/demo/profile", &wishes(query.as_deref())).await
}

async fn sign_up(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    // OpenID Connect Prompt Create 1.0.
    demo.start(&cx, &headers, "/demo/signup", "/demo/profile", &[("prompt".into(), "create".into())]).await
}

async fn silent(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    demo.start(&cx, &headers, "/demo/silent", "/demo/profile", &[("prompt".into(), "none".into())]).await
}

async fn profile(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    match demo.signed_in(&headers) {
        Some(person) => demo.page(&cx, StatusCode::OK, views::profile(&person)),
        None => demo.start(&cx, &headers, "/demo/profile", "/demo/profile", &[]).await,
    }
}

async fn protected(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    match demo.signed_in(&headers) {
        Some(person) => demo.page(&cx, StatusCode::OK, views::protected(&person)),
        None => demo.start(&cx, &headers, "/demo/protected", "/demo/protected", &[]).await,
    }
}

async fn callback(Extension(demo): TheDemo, Asked(cx): Asked, Query(answer): Query<Answer>, headers: HeaderMap) -> Response {
    let browser = Browser::read(&headers);
    let pending = match demo.sessions.take_pending(answer.state.as_deref(), browser.as_ref()) {
        Ok(pending) => pending,
        // Nothing of such an answer is shown: anybody can send a person here with an error of their own words.
        Err(refused) => return demo.home(&cx, StatusCode::BAD_REQUEST, browser.as_ref(), Some(refused)),
    };
    match demo.finish(&cx, &answer, &pending).await {
        Ok(person) => demo.sessions.sign_in(pending.browser, person).put_on(see_other(pending.return_to)),
        Err(refused) => {
            demo.sessions.remember_refusal(&pending.browser, refused);
            see_other(HOME)
        }
    }
}

async fn sign_out(Extension(demo): TheDemo, Asked(cx): Asked, headers: HeaderMap) -> Response {
    let browser = Browser::read(&headers);
    if csrf::same_site(&headers, &demo.config.base_url).is_err() {
        let refused = Refused::new("invalid_request", "sign out with the button on this page");
        return demo.home(&cx, StatusCode::FORBIDDEN, browser.as_ref(), Some(refused));
    }
    let Some(person) = browser.as_ref().and_then(|browser| demo.sessions.sign_out(browser)) else { return see_other(HOME) };
    match demo.provider.discover().await.and_then(|metadata| metadata.end_session(&demo.config, &person.id_token)) {
        Ok(address) => see_other(&address),
        Err(refused) => demo.home(&cx, StatusCode::BAD_GATEWAY, None, Some(refused)),
    }
}

/// What comes back to `/demo/callback` (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207 for `iss`).
#[derive(Debug, Default, Deserialize)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Parameters that `/demo/signin` hands on, so that they can be tried by hand.
fn wishes(query: Option<&str>) -> Vec<(String, String)> {
    const HANDED_ON: [&str; 5] = ["prompt", "max_age", "login_hint", "ui_locales", "acr_values"];
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
    pairs.filter(|(name, _)| HANDED_ON.contains(&name.as_str())).collect()
}

impl Demo {
    /// Sends the browser to the provider (OpenID Connect Core 1.0, section 3.1.2.1).
    async fn start(
        &self,
        cx: &Cx,
        headers: &HeaderMap,
        here: &str,
        return_to: &'static str,
        wishes: &[(String, String)],
    ) -> Response {
        // The answer comes back to the registered address; a cookie of another host would not be there.
        if let Some(address) = self.at_home(cx, here) {
            return see_other(&address);
        }
        let metadata = match self.provider.discover().await {
            Ok(metadata) => metadata,
            Err(refused) => return self.home(cx, StatusCode::BAD_GATEWAY, Browser::read(headers).as_ref(), Some(refused)),
        };
        let browser = Browser::read(headers).unwrap_or_else(Browser::new);
        let pending = Pending {
            browser: browser.clone(),
            nonce: token::<32>(""),
            code_verifier: token::<32>(""),
            max_age: wishes.iter().find(|(name, _)| name == "max_age").and_then(|(_, value)| value.parse().ok()),
            return_to,
        };
        let state = token::<32>("");
        let address = metadata.authorization(&self.config, &state, &pending, wishes);
        self.sessions.wait_for(&state, pending);
        browser.put_on(see_other(&address))
    }

    /// This page's address where the demo is registered, if the request came to another host.
    fn at_home(&self, cx: &Cx, here: &str) -> Option<String> {
        let base = url::Url::parse(&self.config.base_url).ok()?;
        let asked = cx.domain.host.split(':').next().unwrap_or_default();
        (base.host_str() != Some(asked)).then(|| format!("{}{here}", self.config.base_url))
    }

    /// Turns the provider's answer into a person (OpenID Connect Core 1.0, sections 3.1.2.7 to 3.1.3.7 and 5.3).
    async fn finish(&self, cx: &Cx, answer: &Answer, pending: &Pending) -> Result<SignedIn, Refused> {
        let metadata = self.provider.discover().await?;
        // RFC 9207, section 2.4: an answer of another provider must not reach this one's token endpoint.
        match &answer.iss {
            Some(iss) if *iss != self.config.issuer => {
                return Err(Refused::new("invalid_issuer", "the answer is another provider's"));
            }
            None if metadata.names_itself => return Err(Refused::new("invalid_issuer", "the answer does not name its provider")),
            _ => {}
        }
        if let Some(error) = &answer.error {
            return Err(Refused::new(
                error,
                answer.error_description.clone().unwrap_or_else(|| views::words_for(error).to_owned()),
            ));
        }
        let code = answer.code.as_deref().ok_or_else(|| Refused::new("invalid_response", "the answer carries no code"))?;
        let Redeemed { id_token, access_token } = self.provider.redeem(&metadata, code, &pending.code_verifier).await?;
        let keys = self.provider.keys(&metadata).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: &pending.nonce,
            max_age: pending.max_age,
            now: cx.now.seconds(),
        };
        let claims = id_token::verify(&id_token, &keys.verifying_keys(), &expected)?;
        let userinfo = self.provider.userinfo(&metadata, &access_token).await?;
        // Section 5.3.2: tokens may have been swapped; the answer must be about the same person.
        if userinfo.as_ref().is_some_and(|info| info.get("sub") != claims.get("sub")) {
            return Err(Refused::new("invalid_userinfo", "userinfo speaks of somebody else than the ID token"));
        }
        Ok(SignedIn { id_token, claims, userinfo })
    }

    fn signed_in(&self, headers: &HeaderMap) -> Option<Arc<SignedIn>> {
        self.sessions.signed_in(&Browser::read(headers)?)
    }

    fn home(&self, cx: &Cx, status: StatusCode, browser: Option<&Browser>, refused: Option<Refused>) -> Response {
        let person = browser.and_then(|browser| self.sessions.signed_in(browser));
        self.page(cx, status, views::home(person.as_deref(), refused))
    }

    /// A page whose form may lead to the provider: browsers hold redirects after a form to `form-action` too.
    fn page(&self, cx: &Cx, status: StatusCode, page: impl Into<doorward_pages::view::Page>) -> Response {
        let mut response = super::page(cx, status, page);
        let origin = url::Url::parse(&self.config.issuer).map(|issuer| issuer.origin().ascii_serialization()).unwrap_or_default();
        let policy = crate::security_headers::HTML_POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}
