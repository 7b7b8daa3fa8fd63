//! Which project a request is for. The host decides the tenant, as everywhere; the project id in the header, or for calls without
//! headers of their own the first label of the host, names the application.

use crate::errors::ApiError;
use crate::ids::is_project;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use doorward_httpkit::App;
use doorward_protocol::oauth::client::{Accent, ApplicationSettings};
use doorward_protocol::oauth::redirect_uri;
use doorward_protocol::policy::Policy;
use doorward_service::{Client, Cx, Service};
use doorward_store::applications::ApplicationRow;
use std::sync::Arc;
use url::Url;

/// The header with the project id.
pub const PROJECT_HEADER: &str = "x-corbado-projectid";

/// A request for a project.
#[derive(Clone)]
pub struct Project {
    /// The services.
    pub app: App,
    /// The context, with the application's policy in it.
    pub cx: Cx,
    /// The application.
    pub application: Arc<ApplicationRow>,
    /// `Origin` of the page that asks, when it is one of the application's.
    pub origin: Option<String>,
    /// Headers.
    pub headers: HeaderMap,
    /// By https.
    pub secure: bool,
}

/// The tenant of a host, which may carry a project id as its first label; and that project id.
pub async fn tenant_of(service: &Service, host: &str, client: Client) -> Result<Option<(Cx, Option<String>)>, ApiError> {
    let (label, rest) = host.split_once('.').unwrap_or_default();
    let label = Some(label.to_owned()).filter(|label| is_project(label));
    if let Some(cx) = service.cx(host, client.clone()).await? {
        return Ok(Some((cx, label)));
    }
    match label {
        Some(label) => Ok(service.cx(rest, client).await?.map(|cx| (cx, Some(label)))),
        None => Ok(None),
    }
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

impl Project {
    /// Finds the project of a request.
    pub async fn find(app: &App, parts: &Parts, cx: Cx, label: Option<String>, secure: bool) -> Result<Self, ApiError> {
        let named = text(&parts.headers, PROJECT_HEADER).map(str::to_owned).or(label);
        let id = named.filter(|id| is_project(id)).ok_or_else(unknown)?;
        let application = app.service.application(cx.tenant_id(), &id).await?;
        let application = application.filter(|a| a.settings.0.accent == Accent::Corbado).ok_or_else(unknown)?;
        Ok(Self::of(app, &cx, application, &parts.headers, secure))
    }

    /// The project of an application.
    pub fn of(app: &App, cx: &Cx, application: Arc<ApplicationRow>, headers: &HeaderMap, secure: bool) -> Self {
        let mut cx = app.service.cx_of_application(cx, &application);
        // Components have no field for a password, whatever the tenant's own pages offer.
        if cx.policy().password.enabled {
            let tenant = Arc::make_mut(&mut cx.tenant);
            tenant.row.settings.0.policy.password.enabled = false;
        }
        let origin = text(headers, "origin").filter(|origin| application.settings.0.allows_origin(origin)).map(str::to_owned);
        Self { app: app.clone(), cx, application, origin, headers: headers.clone(), secure }
    }

    /// The services.
    pub fn service(&self) -> &Service {
        &self.app.service
    }

    /// The project id.
    pub fn id(&self) -> &str {
        &self.application.client_id
    }

    /// Settings of the application.
    pub fn settings(&self) -> &ApplicationSettings {
        &self.application.settings.0
    }

    /// The policy, with what the application wants otherwise.
    pub fn policy(&self) -> &Policy {
        self.cx.policy()
    }

    /// Where its pages reach us.
    pub fn api_url(&self) -> String {
        self.settings().embedded.api_url.clone().unwrap_or_else(|| self.cx.url(""))
    }

    /// `iss` of its session tokens.
    pub fn issuer(&self) -> String {
        self.settings().embedded.issuer.clone().unwrap_or_else(|| self.api_url())
    }

    /// The page that its components stand in: the application's own address, or the page that asks.
    pub fn page(&self) -> String {
        let origin = || self.origin.as_ref().map(|origin| format!("{origin}/"));
        self.settings().home_uri.clone().or_else(origin).unwrap_or_else(|| self.cx.url("/account"))
    }

    /// Host and scheme of that page.
    fn page_url(&self) -> Option<Url> {
        let known = self.settings().home_uri.clone().or_else(|| self.origin.clone());
        let known = known.or_else(|| self.settings().redirect_uris.first().and_then(|uri| redirect_uri::origin(uri)));
        Url::parse(&known.unwrap_or_else(|| self.api_url())).ok()
    }

    /// `Domain` of the session cookie.
    pub fn cookie_domain(&self) -> String {
        let host = || self.page_url().and_then(|url| url.host_str().map(str::to_owned));
        self.settings().embedded.cookie_domain.clone().or_else(host).unwrap_or_default()
    }

    /// `Secure` of the session cookie.
    pub fn cookie_secure(&self) -> bool {
        let https = || self.page_url().is_some_and(|url| url.scheme() == "https");
        self.settings().embedded.cookie_secure.unwrap_or_else(https)
    }
}

fn unknown() -> ApiError {
    ApiError::bad_request("invalid_project_id", "no project with this id is served here")
}
