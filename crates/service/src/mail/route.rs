//! A tenant's own mail server. Its settings are encrypted as a whole; its letters go by it and by nothing else.

use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::TenantId;
use doorward_store::engine::Batch;
use doorward_store::mail::{self, MailRouteRow};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use serde::{Deserialize, Serialize};

/// What the settings are encrypted for.
const PURPOSE: &str = "mail route";

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// Not at all.
    None,
    /// STARTTLS, required (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    #[default]
    Tls,
}

/// A mail server and what is said to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRoute {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Protection.
    pub security: MailSecurity,
    /// The account, if it wants one.
    pub username: Option<String>,
    /// The password of that account.
    pub password: Option<String>,
    /// The sender; the tenant's or ours otherwise.
    pub from: Option<String>,
}

impl std::fmt::Debug for MailRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailRoute").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl MailRoute {
    pub(super) fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        let builder = match self.security {
            MailSecurity::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&self.host).map_err(|e| e.to_string())?,
            MailSecurity::StartTls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&self.host).map_err(|e| e.to_string())?
            }
            MailSecurity::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host),
        };
        let builder = builder.port(self.port);
        Ok(match (&self.username, &self.password) {
            (Some(user), Some(password)) => builder.credentials(Credentials::new(user.clone(), password.clone())).build(),
            _ => builder.build(),
        })
    }
}

impl Service {
    /// The mail server of a tenant that has one of its own.
    ///
    /// # Errors
    /// When the store fails or what is there cannot be read.
    #[boxed]
    pub async fn mail_route(&self, tenant: TenantId) -> Result<Option<MailRoute>, Error> {
        let Some(row) = self.store.mail_route(tenant).await? else { return Ok(None) };
        let plain = self.secrets.decrypt(PURPOSE, &tenant.to_string(), &row.settings).map_err(Error::internal)?;
        serde_json::from_slice(&plain).map(Some).map_err(Error::internal)
    }

    /// Gives a tenant a mail server of its own, or takes it away. What is so already is left alone.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn set_mail_route(&self, cx: &Cx, actor: &str, route: Option<&MailRoute>) -> Result<(), Error> {
        let tenant = cx.tenant_id();
        if self.mail_route(tenant).await?.as_ref() == route {
            return Ok(());
        }
        let event = Event::new("mail_route.changed").actor(actor).with("host", route.map(|r| r.host.clone()));
        let batch = match route {
            Some(route) => {
                let plain = serde_json::to_vec(route).map_err(Error::internal)?;
                let settings = self.secrets.encrypt(PURPOSE, &tenant.to_string(), &plain);
                Batch::new().with(mail::put_route(&MailRouteRow { tenant_id: tenant, settings, updated_at: cx.now }))
            }
            None => Batch::new().with(MailRouteRow { tenant_id: tenant, settings: Vec::new(), updated_at: cx.now }.delete()),
        };
        self.store.commit(batch.with(event.statement(cx))).await?;
        self.tenancy.forget();
        Ok(())
    }
}
