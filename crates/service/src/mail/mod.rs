//! Mail: what is written ([`render`]) and how it leaves. A mail is put into the outbox in the transaction of what it tells of, and
//! sent by a worker afterwards; in development it goes to the mailbox table in that same transaction, unless its tenant has a mail
//! server of its own ([`MailRoute`]).

pub mod letter;
pub mod own_words;
pub mod render;
mod route;
pub mod send;

pub use letter::Letter;
pub use own_words::{OwnWords, Words};
pub use route::{MailRoute, MailSecurity};

use doorward_protocol::identity::Identifier;
use doorward_store::engine::Statement;
use std::time::Duration;

use crate::{Cx, Error, Service};

/// How mail leaves.
#[derive(Debug, Clone, Default)]
pub enum MailSettings {
    /// Into the mailbox table: development.
    #[default]
    Mailbox,
    /// By SMTP.
    Smtp {
        /// `smtp://user:password@host:port` or `smtps://…`.
        url: String,
        /// Sender, when the tenant names none.
        from: String,
        /// How long a delivery may take, from the connection to the server's word that it has the mail. Servers of tenants have as
        /// long.
        timeout: Duration,
    },
}

impl MailSettings {
    /// How long a delivery may take.
    pub(crate) fn timeout(&self) -> Duration {
        match self {
            Self::Mailbox => Duration::from_secs(20),
            Self::Smtp { timeout, .. } => *timeout,
        }
    }
}

impl Service {
    /// The statement that sends a letter with the transaction it is put into.
    pub fn post(&self, cx: &Cx, to: &Identifier, locale: &str, letter: &Letter) -> Result<Statement, Error> {
        self.post_to(cx, &to.value, locale, letter)
    }

    /// The same, to an address as it is stored.
    pub fn post_to(&self, cx: &Cx, to: &str, locale: &str, letter: &Letter) -> Result<Statement, Error> {
        let rendered = letter.render(cx, locale)?;
        match &self.mail {
            MailSettings::Mailbox if !cx.tenant.has_mail_route => Ok(send::mailbox_row(cx, to, rendered).insert()),
            MailSettings::Mailbox | MailSettings::Smtp { .. } => {
                let row = send::outbox_row(self, cx, to, rendered)?;
                self.mail_wake.notify_one();
                Ok(row.insert())
            }
        }
    }
}
