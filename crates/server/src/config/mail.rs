//! `[mail]`: outgoing mail.

use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;
use super::settings::{Kind, Setting, settings};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// STARTTLS, required (RFC 3207), usually port 587.
    Starttls,
    /// None. For a relay on the same machine.
    None,
}

impl Setting for Security {
    const KIND: Kind = Kind::Text;
    const NAME: &'static str = "`tls`, `starttls` or `none`";
}

settings! {
    /// Outgoing mail by SMTP. Without `host`, letters are offered to a relay on this machine (port 25) and wait in the outbox
    /// while there is none: set it before people need codes.
    pub struct Mail in "mail" {
        /// The SMTP server.
        host: Option<String> = None,
        /// The port of the SMTP server.
        port: u16 [1 ..= 65535] = 465,
        /// `tls` from the first byte, `starttls` (required, never opportunistic), or `none` for a relay on this machine.
        security: Security = Security::Tls,
        /// The account, if the server wants one.
        username: Option<String> = None,
        /// The password of that account.
        password: Secret = Secret::default(),
        /// A file that holds the password, instead of `password`.
        password_file: Option<PathBuf> = None,
        /// The sender, e.g. `Example <no-reply@example.com>`. Tenants may set their own.
        from: Option<String> = None,
        /// Seconds that one delivery to the server may take.
        timeout_seconds: u64 [1 ..= 600] = 20,
    }
}

impl Mail {
    /// The password, from wherever it is.
    pub fn read_password(&self) -> std::io::Result<Secret> {
        match &self.password_file {
            Some(path) => {
                let text = zeroize::Zeroizing::new(std::fs::read_to_string(path)?);
                Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
            }
            None => Ok(self.password.clone()),
        }
    }

    fn check_more(&self, problems: &mut Vec<String>) {
        if self.host.is_some() && self.from.is_none() {
            problems.push("mail.from: needed, because mail.host is set".to_owned());
        }
        if !self.password.is_empty() && self.password_file.is_some() {
            problems.push("mail: set only one of password and password_file".to_owned());
        }
        let password = !self.password.is_empty() || self.password_file.is_some();
        if self.username.is_some() != password {
            problems.push("mail: username and password belong together".to_owned());
        }
        let local = matches!(self.host.as_deref(), None | Some("localhost" | "127.0.0.1" | "::1"));
        if self.security == Security::None && password && !local {
            problems.push("mail.security: with `none` the password would cross the network in the clear".to_owned());
        }
    }
}
