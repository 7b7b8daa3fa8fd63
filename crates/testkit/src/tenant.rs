//! A tenant as its neighbours see it: its address, its mailbox, its clock, its audit log.

use crate::authenticator::SoftAuthenticator;
use crate::browser::Browser;
use crate::server::DevServer;
use anyhow::{Context as _, Result};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A tenant of a running server. Clones share the server.
#[derive(Clone)]
pub struct Tenant {
    server: Arc<DevServer>,
    slug: String,
    host: String,
    http: reqwest::Client,
}

impl Tenant {
    pub(crate) fn new(server: Arc<DevServer>, slug: String, host: String) -> Self {
        let http = client(&server, &host, Ipv4Addr::LOCALHOST.into()).build().expect("a client without TLS");
        Self { server, slug, host, http }
    }

    /// The server.
    pub fn server(&self) -> &Arc<DevServer> {
        &self.server
    }

    /// Its slug.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its host, which is the RP ID of its passkeys too.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its origin, which is its issuer too.
    pub fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// A client of programs: no cookies, follows nothing.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        self.browser_at(Ipv4Addr::LOCALHOST)
    }

    /// A new browser at another address of this machine, such as `127.0.0.2`.
    pub fn browser_at(&self, address: Ipv4Addr) -> Browser {
        Browser::new(self.clone(), self.client(address))
    }

    pub(crate) fn client(&self, from: Ipv4Addr) -> reqwest::ClientBuilder {
        client(&self.server, &self.host, from.into())
    }

    /// A new authenticator of synced passkeys, in a browser at this tenant.
    pub fn authenticator(&self) -> SoftAuthenticator {
        SoftAuthenticator::new(self.origin(), &*self.host)
    }

    /// The same with passkeys that are bound to a device.
    pub fn device_bound_authenticator(&self) -> SoftAuthenticator {
        SoftAuthenticator::device_bound(self.origin(), &*self.host)
    }

    /// Moves the tenant's time.
    pub async fn advance(&self, seconds: i64) -> Result<()> {
        self.http
            .post(self.url("/dev/clock"))
            .json(&json!({ "advance_seconds": seconds }))
            .send()
            .await?
            .error_for_status()
            .context("the clock")?;
        Ok(())
    }

    /// The tenant's time in seconds since 1970.
    pub async fn now(&self) -> Result<i64> {
        let told: Value = self.http.get(self.url("/dev/clock")).send().await?.error_for_status()?.json().await?;
        told["now"].as_i64().context("now")
    }

    /// The mails that an address got, newest first.
    pub async fn mails(&self, to: &str) -> Result<Vec<Value>> {
        let address = self.url("/dev/mailbox.json");
        let told: Value = self.http.get(address).query(&[("to", to)]).send().await?.error_for_status()?.json().await?;
        Ok(told["messages"].as_array().cloned().unwrap_or_default())
    }

    /// The newest mail of an address; waits a while for one that is on its way. `field` is `code` or `link`.
    pub async fn mailed(&self, to: &str, field: &str) -> Result<String> {
        for _ in 0..200 {
            let newest = self.mails(to).await?.into_iter().find_map(|mail| mail[field].as_str().map(str::to_owned));
            if let Some(found) = newest {
                return Ok(found);
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        anyhow::bail!("no mail with a {field} for {to}")
    }

    /// A request to the management API about this tenant, with a key that may do everything.
    pub fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        let key = self.server.info()["admin_api_key"].as_str().unwrap_or_default();
        let request = self.http.request(method, self.url(&format!("/admin/v1{path}")));
        request.bearer_auth(key).header("doorward-tenant", &self.slug)
    }

    /// The audit events of one kind, newest first: their details, with `user_id` and `ip` beside them.
    pub async fn audit(&self, event: &str) -> Result<Vec<Value>> {
        let query = [("type", event), ("limit", "200")];
        let page = self.admin(Method::GET, "/audit-events").query(&query).send().await?.error_for_status()?;
        let page: Value = page.json().await?;
        let flat = page["items"].as_array().context("items")?.iter().map(|event| {
            let mut data = event["data"].clone();
            for beside in ["user_id", "ip"] {
                data[beside] = event[beside].clone();
            }
            data
        });
        Ok(flat.collect())
    }
}

fn client(server: &DevServer, host: &str, from: IpAddr) -> reqwest::ClientBuilder {
    reqwest::Client::builder().redirect(Policy::none()).no_proxy().resolve(host, server.address()).local_address(from)
}
