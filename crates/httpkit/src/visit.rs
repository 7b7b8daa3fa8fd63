//! Who asks: the tenant of the host, the client, and on pages the browser and its session.

use crate::connection::{ClientIp, RequestHost, RequestId, Scheme};
use crate::cookies::Cookies;
use crate::{App, Refusal};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorward_service::i18n::{Locale, negotiate};
use doorward_service::session::SessionCookie;
use doorward_service::signin::View;
use doorward_service::{Client, Cx};
use doorward_store::sessions::SessionRow;

/// Reads who asks from a request: what the server has put into its extensions, and a few headers. The host, the client, and
/// whether they came by https.
pub fn client_of(parts: &Parts) -> (String, Client, bool) {
    let extensions = &parts.extensions;
    let text = |name: header::HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let host = extensions
        .get::<RequestHost>()
        .map(|h| h.0.to_string())
        .or_else(|| parts.uri.authority().map(|a| a.as_str().to_owned()))
        .or_else(|| text(header::HOST).map(str::to_owned))
        .unwrap_or_default();
    let client = Client {
        ip: extensions.get::<ClientIp>().map(|ip| ip.0.to_string()).unwrap_or_default(),
        user_agent: text(header::USER_AGENT).unwrap_or_default().chars().take(400).collect(),
        request_id: extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
        browser: String::new(),
        locale: negotiate(None, None, text(header::ACCEPT_LANGUAGE), "en").tag().to_owned(),
    };
    (host, client, extensions.get::<Scheme>() == Some(&Scheme::Https))
}

/// Puts [`Client`] into a request's extensions, for surfaces that have extractors of their own.
pub async fn tell_client(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (_, client, _) = client_of(&parts);
    parts.extensions.insert(client);
    next.run(axum::extract::Request::from_parts(parts, body)).await
}

/// A request of a program: the tenant and the client, no cookies.
pub struct Asked(pub Cx);

impl FromRequestParts<App> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let (host, client, _) = client_of(parts);
        match app.service.cx(&host, client).await? {
            Some(cx) => Ok(Self(cx)),
            None => Err(Refusal::UnknownHost(host)),
        }
    }
}

/// A request of a browser.
#[derive(Clone)]
pub struct Visit {
    /// Tenant, time, client.
    pub cx: Cx,
    /// Cookies of the request and of the answer.
    pub cookies: Cookies,
    /// The live session.
    pub session: Option<SessionRow>,
    /// The browser sent its own cookie: it keeps cookies.
    pub keeps_cookies: bool,
    /// By https.
    pub secure: bool,
    /// Language of the page.
    pub locale: Locale,
    /// The origin that our pages have here, as a browser writes it.
    pub origin: String,
    /// The headers, for checks of forms.
    pub headers: HeaderMap,
    /// Path and query of the page, when it was asked for by GET.
    pub page: Option<String>,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let (host, client, secure) = client_of(parts);
        if let Err(wait) = app.service.limits.request(&client.ip) {
            return Err(Refusal::TooMany(wait));
        }
        let Some(mut cx) = app.service.cx(&host, client).await? else { return Err(Refusal::UnknownHost(host)) };
        let mut cookies = Cookies::read(parts.headers.get_all(header::COOKIE).iter(), secure);
        let keeps_cookies = cookies.get("browser").is_some();
        let browser = cookies.browser();
        cx.client.browser = browser_digest(app, &cx, &browser);
        let session = app.service.session(&cx, cookies.get("session")).await?;
        let query = parts.uri.query().unwrap_or_default();
        let ui_locales = doorward_protocol::oauth::params::Params::parse(query).first("ui_locales").map(str::to_owned);
        let accept = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        let default = cx.tenant.row.settings.0.default_locale.clone().unwrap_or_else(|| "en".into());
        let locale = negotiate(ui_locales.as_deref(), cookies.get("lang"), accept, &default);
        if let Some(picked) = ui_locales.as_deref().and_then(|list| list.split_ascii_whitespace().find_map(Locale::matching)) {
            // A language chosen in the menu stays chosen.
            cookies.set("lang", picked.tag(), 365 * 86_400);
        }
        cx.client.locale = locale.tag().to_owned();
        let page = (parts.method == axum::http::Method::GET)
            .then(|| parts.uri.path_and_query().map_or_else(String::new, |p| p.as_str().to_owned()));
        let scheme = if secure { "https" } else { "http" };
        let origin = format!("{scheme}://{}", host.to_ascii_lowercase());
        Ok(Self { cx, cookies, session, keeps_cookies, secure, locale, origin, headers: parts.headers.clone(), page })
    }
}

fn browser_digest(app: &App, cx: &Cx, browser: &str) -> String {
    use base64::Engine as _;
    let mut digest = app.service.secrets.digest("browser", &[cx.tenant_id().0.as_bytes(), browser.as_bytes()]);
    digest.truncate(18);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}

impl Visit {
    /// Sets the session cookie that a use case made.
    pub fn remember(&mut self, cookie: Option<&SessionCookie>) {
        if let Some(cookie) = cookie {
            self.cookies.set("session", &cookie.value, cookie.expires_at.seconds_since(self.cx.now));
        }
    }

    /// The session for a request that must show nothing (`prompt=none`): also the one that a frame in another site's page
    /// brings.
    pub async fn silent_session(&self, app: &App) -> Result<Option<SessionRow>, doorward_service::Error> {
        match &self.session {
            Some(session) => Ok(Some(session.clone())),
            None => app.service.session(&self.cx, self.cookies.get("silent")).await,
        }
    }

    /// Shows the language that the waiting request asks for, unless the person has picked one.
    pub fn adopt_language(&mut self, view: &View) {
        if self.cookies.get("lang").is_none()
            && let Some(list) = view.state.request().and_then(|r| r.ui_locales.as_deref())
            && let Some(locale) = list.split_ascii_whitespace().find_map(Locale::matching)
        {
            self.locale = locale;
            self.cx.client.locale = locale.tag().to_owned();
        }
    }

    /// Puts the cookies on an answer. Whatever depends on a session is for nobody's cache.
    pub fn answer(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        for cookie in self.cookies.headers() {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}
