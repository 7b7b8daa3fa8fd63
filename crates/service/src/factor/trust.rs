//! Browsers that are not asked for a second factor for a while. A browser is known by the digest of its own cookie
//! ([`crate::Client::browser`]); a surface without cookies puts a secret of its caller's there.

use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::{Batch, Statement};
use doorward_store::factors::{TrustedBrowserRow, forget_browsers, trust_browser};

impl Service {
    /// The statements that remember this browser, if the policy lets browsers be remembered.
    pub(crate) fn remembering(&self, cx: &Cx, user: UserId) -> Vec<Statement> {
        let days = i64::from(cx.policy().second_factor.remember_days);
        if days == 0 || cx.client.browser.is_empty() {
            return Vec::new();
        }
        let row = TrustedBrowserRow {
            tenant_id: cx.tenant_id(),
            user_id: user,
            browser: cx.client.browser.clone(),
            user_agent: cx.client.user_agent.chars().take(400).collect(),
            created_at: cx.now,
            expires_at: cx.now.plus_seconds(days * 86_400),
        };
        vec![trust_browser(&row), Event::new("browser.remembered").user(user).with("days", days).statement(cx)]
    }

    /// Remembers the browser (or whatever else the caller knows by [`crate::Client::browser`]) of somebody who has just given a
    /// second factor.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn remember_browser(&self, cx: &Cx, user: UserId) -> Result<(), Error> {
        let mut batch = Batch::new();
        for one in self.remembering(cx, user) {
            batch.push(one);
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        Ok(())
    }

    /// Whether this browser is remembered for a user.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn browser_is_remembered(&self, cx: &Cx, user: UserId) -> Result<bool, Error> {
        if cx.client.browser.is_empty() || cx.policy().second_factor.remember_days == 0 {
            return Ok(false);
        }
        Ok(self.store.browser_trusted(cx.tenant_id(), user, &cx.client.browser, cx.now).await?)
    }

    /// Forgets every remembered browser of a user.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_remembered_browsers(&self, cx: &Cx, user: UserId) -> Result<(), Error> {
        let event = Event::new("browsers.forgotten").user(user);
        self.store.commit(Batch::new().with(forget_browsers(cx.tenant_id(), user)).with(event.statement(cx))).await?;
        Ok(())
    }
}
