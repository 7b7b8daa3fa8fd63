//! A browser without script: keeps cookies, reads forms and sends them, and follows redirects as long as they stay at home.

use crate::authenticator::{Bend, SoftAuthenticator};
use crate::page::{Form, Page};
use crate::tenant::Tenant;
use anyhow::{Context as _, Result, ensure};
use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::{ClientBuilder, RequestBuilder};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// What the browser calls itself.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A browser at a tenant's hosted pages. Clones share cookies, as tabs do.
#[derive(Clone)]
pub struct Browser {
    tenant: Tenant,
    http: reqwest::Client,
    jar: Arc<Jar>,
}

impl Browser {
    pub(crate) fn new(tenant: Tenant, http: ClientBuilder) -> Self {
        let jar = Arc::new(Jar::default());
        Self::with(tenant, http.cookie_provider(Arc::clone(&jar)), jar)
    }

    fn with(tenant: Tenant, http: ClientBuilder, jar: Arc<Jar>) -> Self {
        Self { tenant, http: http.user_agent(USER_AGENT).build().expect("a client without TLS"), jar }
    }

    /// The cookies that it would send, as one header.
    pub fn cookies(&self) -> String {
        let origin = url::Url::parse(&self.tenant.origin()).expect("an origin");
        self.jar.cookies(&origin).and_then(|value| value.to_str().ok().map(str::to_owned)).unwrap_or_default()
    }

    /// Takes a cookie into the jar, as `Set-Cookie` writes it.
    pub fn take_cookie(&self, cookie: &str) {
        let origin = url::Url::parse(&self.tenant.origin()).expect("an origin");
        self.jar.add_cookie_str(cookie, &origin);
    }

    /// A GET as a navigation.
    pub fn request(&self, path: &str) -> RequestBuilder {
        self.http.get(self.address(path)).header("accept", "text/html").header("sec-fetch-site", "none")
    }

    /// A POST of a form, without the headers in which a browser says where it comes from.
    pub fn post(&self, form: &Form) -> RequestBuilder {
        self.http.post(self.address(&form.action)).header("accept", "text/html").form(&form.fields)
    }

    /// Sends a request and takes the answer as it is.
    pub async fn send(&self, request: RequestBuilder) -> Result<Page> {
        let response = request.send().await?;
        let (status, url, headers) = (response.status().as_u16(), response.url().clone(), response.headers().clone());
        Ok(Page { status, url, headers, body: response.text().await? })
    }

    /// Gets a page without following.
    pub async fn get(&self, path: &str) -> Result<Page> {
        self.send(self.request(path)).await
    }

    /// Gets a page and follows.
    pub async fn open(&self, path: &str) -> Result<Page> {
        self.follow(self.get(path).await?).await
    }

    /// Sends a form as the page's own browser does, and does not follow.
    pub async fn submit(&self, form: &Form) -> Result<Page> {
        let request = self.post(form).header("sec-fetch-site", "same-origin").header("origin", self.tenant.origin());
        self.send(request).await
    }

    /// Sends a form and follows.
    pub async fn go(&self, form: &Form) -> Result<Page> {
        self.follow(self.submit(form).await?).await
    }

    /// Follows redirects between the pages of sign-in. One that leads to an application, or to a page behind sign-in, is the
    /// last: it is what a test looks at.
    pub async fn follow(&self, mut page: Page) -> Result<Page> {
        for _ in 0..10 {
            let Some(to) = page.location() else { return Ok(page) };
            let to = page.url.join(to)?;
            let within = to.origin() == page.url.origin();
            if !within || !["/signin", "/signup", "/recover", "/connect/"].iter().any(|path| to.path().starts_with(path)) {
                return Ok(page);
            }
            page = self.get(to.as_str()).await?;
        }
        anyhow::bail!("redirected without end to {page}")
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with('/') { self.tenant.url(path) } else { path.to_owned() }
    }

    /// Whether the browser has a live session.
    pub async fn is_signed_in(&self) -> Result<bool> {
        Ok(self.get("/signin").await?.location() == Some("/account"))
    }

    /// Fills in the sign-up form and goes to the page that asks for the code.
    pub async fn begin_sign_up(&self, name: &str, email: &str) -> Result<Page> {
        self.begin_sign_up_at(&self.open("/signup").await?, name, email).await
    }

    /// The same on a sign-up page that is open.
    pub async fn begin_sign_up_at(&self, page: &Page, name: &str, email: &str) -> Result<Page> {
        self.go(&page.form("/signin/create")?.with("name", name).with("identifier", email)).await
    }

    /// Types the code that was mailed last.
    pub async fn type_mailed_code(&self, page: &Page, email: &str) -> Result<Page> {
        let code = self.tenant.mailed(email, "code").await?;
        self.type_code(page, &code).await
    }

    /// Types a code.
    pub async fn type_code(&self, page: &Page, code: &str) -> Result<Page> {
        self.go(&page.form("/signin/code")?.with("code", code)).await
    }

    /// Makes a passkey where the page offers it.
    pub async fn create_passkey(&self, page: &Page, authenticator: &mut SoftAuthenticator, bend: Bend) -> Result<Page> {
        let credential = authenticator.try_create(&page.passkey_options()?, bend)?;
        self.register(page, &credential).await
    }

    /// Sends a new credential.
    pub async fn register(&self, page: &Page, credential: &Value) -> Result<Page> {
        self.go(&page.form("/signin/register")?.with("credential", credential.to_string())).await
    }

    /// Signs up with a passkey; the browser is signed in then.
    pub async fn sign_up(&self, name: &str, email: &str, authenticator: &mut SoftAuthenticator) -> Result<Page> {
        let page = self.begin_sign_up(name, email).await?;
        let page = self.type_mailed_code(&page, email).await?;
        let done = self.create_passkey(&page, authenticator, Bend::none()).await?;
        ensure!(self.is_signed_in().await?, "signed up but not signed in: {done}");
        Ok(done)
    }

    /// Signs in with a passkey, honestly.
    pub async fn sign_in_passkey(&self, authenticator: &mut SoftAuthenticator) -> Result<Page> {
        let page = self.open("/signin").await?;
        self.assert_passkey(&page, authenticator, Bend::none()).await
    }

    /// Answers the passkey request of a page.
    pub async fn assert_passkey(&self, page: &Page, authenticator: &mut SoftAuthenticator, bend: Bend) -> Result<Page> {
        let credential = authenticator.try_get(&page.passkey_options()?, bend)?;
        self.assert(page, &credential).await
    }

    /// Sends an assertion.
    pub async fn assert(&self, page: &Page, credential: &Value) -> Result<Page> {
        self.go(&page.form("/signin/passkey")?.with("credential", credential.to_string())).await
    }

    /// Types an identifier on the sign-in page.
    pub async fn identify(&self, page: &Page, identifier: &str) -> Result<Page> {
        self.go(&page.form("/signin/identify")?.with("identifier", identifier)).await
    }

    /// Goes to the page that asks for a code of sign-in.
    pub async fn begin_sign_in_code(&self, email: &str) -> Result<Page> {
        let page = self.identify(&self.open("/signin").await?, email).await?;
        if page.has_form("/signin/code") {
            return Ok(page);
        }
        self.go(&page.form("/signin/send-code")?).await
    }

    /// Signs in with a code by e-mail and declines the passkey that is offered after it.
    pub async fn sign_in_code(&self, email: &str) -> Result<Page> {
        let page = self.begin_sign_in_code(email).await?;
        let page = self.type_mailed_code(&page, email).await?;
        self.skip_passkey(page).await
    }

    /// Declines a passkey if one is offered.
    pub async fn skip_passkey(&self, page: Page) -> Result<Page> {
        if !page.has_form("/signin/register") {
            return Ok(page);
        }
        let form = page.form("/signin/register").context("the offer")?;
        self.go(&Form { action: "/signin/skip".into(), ..form }).await
    }

    /// The token that another browser's forms carry.
    pub async fn csrf_of(&self, other: &Self) -> String {
        let page = other.open("/signup").await.expect("a page");
        page.forms().iter().find_map(|form| form.field("csrf").map(str::to_owned)).expect("a form with a token")
    }

    /// The same browser with cookies switched off.
    #[must_use]
    pub fn without_cookies(&self) -> Self {
        Self::with(self.tenant.clone(), self.tenant.client(Ipv4Addr::LOCALHOST), Arc::default())
    }

    /// The tenant it is at.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}
