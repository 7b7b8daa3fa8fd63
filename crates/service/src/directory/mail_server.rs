//! A tenant's own mail server, as its owners set it. Whoever has it reads the links and codes that are mailed, those of owners
//! too: it is for those who may say who administers.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::mail::{MailRoute, MailSecurity};
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_store::engine::Batch;
use serde::{Deserialize, Serialize};

/// Tests of a mail server, an hour.
const TESTS: i64 = 20;

/// A mail server to be used.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServerDocument {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// The account, if it wants one.
    #[serde(default)]
    pub username: Option<String>,
    /// The password of that account; nothing said keeps the one it has, for the same server and account.
    #[serde(default)]
    pub password: Option<String>,
    /// The sender, `name <address>` or an address.
    #[serde(default)]
    pub from: Option<String>,
}

/// The mail server of a tenant, as anybody may see it: never its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// The account.
    pub username: Option<String>,
    /// Whether there is a password.
    pub has_password: bool,
    /// The sender.
    pub from: Option<String>,
}

impl Service {
    /// The tenant's own mail server, if it has one.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn mail_server(&self, cx: &Cx) -> Result<Option<MailServer>, DirectoryError> {
        Ok(self.mail_route(cx.tenant_id()).await?.map(|route| MailServer {
            host: route.host,
            port: route.port,
            security: route.security,
            username: route.username,
            has_password: route.password.is_some(),
            from: route.from,
        }))
    }

    /// Sends the tenant's mail by a server of its own.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_mail_server(&self, cx: &Cx, actor: &str, new: MailServerDocument) -> Result<(), DirectoryError> {
        self.may_appoint(cx, actor, None).await?;
        let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let (host, username, from) = (new.host.trim().to_owned(), tidy(new.username), tidy(new.from));
        let mut problems = Problems::default();
        let name = (1..=253).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b));
        problems.must(name, "host", "must be the name or address of a mail server");
        problems.must(new.port > 0, "port", "must be 1 to 65535");
        let fits =
            |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= 320 && !text.chars().any(char::is_control));
        problems.must(fits(&username), "username", "must have at most 320 characters");
        problems.must(
            new.password.as_ref().is_none_or(|text| text.len() <= 1000),
            "password",
            "must have at most 1000 characters",
        );
        let sender =
            from.as_ref().is_none_or(|from| fits(&Some(from.clone())) && from.parse::<lettre::message::Mailbox>().is_ok());
        problems.must(sender, "from", "must be an e-mail address, or a name and an address in angle brackets");
        let kept = self.mail_route(cx.tenant_id()).await?;
        let password = new.password.filter(|text| !text.is_empty()).or_else(|| {
            // Nobody is shown it, so nobody can give it back. To another server it is not sent.
            kept.filter(|kept| kept.host == host && kept.username == username).and_then(|kept| kept.password)
        });
        problems.must(username.is_none() || password.is_some(), "password", "must be given with the account");
        problems.must(username.is_some() || password.is_none(), "username", "must be given with the password");
        problems.finish()?;
        let route = MailRoute { host, port: new.port, security: new.security, username, password, from };
        Ok(self.set_mail_route(cx, actor, Some(&route)).await?)
    }

    /// Sends the tenant's mail as everybody's again.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_mail_server(&self, cx: &Cx, actor: &str) -> Result<(), DirectoryError> {
        self.may_appoint(cx, actor, None).await?;
        if self.mail_route(cx.tenant_id()).await?.is_none() {
            return Err(DirectoryError::NotFound { noun: "mail server" });
        }
        Ok(self.set_mail_route(cx, actor, None).await?)
    }

    /// Has the tenant's own mail server take a mail now, and tells what it answers.
    ///
    /// # Errors
    /// [`DirectoryError::Conflict`] with the words of the server, when it takes none.
    #[boxed]
    pub async fn test_mail_server(&self, cx: &Cx, actor: &str, to: &str) -> Result<(), DirectoryError> {
        self.may_appoint(cx, actor, None).await?;
        let to = Identifier::email(to).map_err(|error| DirectoryError::invalid("to", error.to_string()))?;
        let Some(route) = self.mail_route(cx.tenant_id()).await? else {
            return Err(DirectoryError::NotFound { noun: "mail server" });
        };
        if self.count(cx, "mail_server_test", TESTS, 3600).await?.is_err() {
            return Err(Error::Busy.into());
        }
        let sent = self.try_route(cx, &route, &to.value).await;
        let event = Event::new("mail_route.tested").actor(actor).with("host", route.host).with("error", sent.clone().err());
        self.store.commit(Batch::new().with(event.statement(cx))).await?;
        sent.map_err(|why| DirectoryError::conflict("host", format!("the mail server did not take the mail: {why}")))
    }
}
