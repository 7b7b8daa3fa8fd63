//! The letters that Doorward writes.

use super::Words;
use super::render::{Brand, Circumstance, Code, Mail, RenderedMail, default_words, render_mail_with};
use crate::directory::DirectoryError;
use crate::i18n::{Locale, negotiate};
use crate::{Cx, Error};

/// A mail ready to leave.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// A code to sign in.
    SignInCode {
        /// The code.
        code: String,
        /// The link, when the tenant sends one.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A code to prove an address, at sign-up or later.
    VerifyAddress {
        /// The code.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// Somebody signed up with an address that has an account.
    AccountExists {
        /// The code: it signs in.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A code to get back in.
    RecoverCode {
        /// The code.
        code: String,
        /// The link.
        link: Option<String>,
        /// How long it is good for.
        minutes: i64,
    },
    /// A link that sets a password.
    SetPassword {
        /// The link.
        link: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// A link that signs in.
    SignInLink {
        /// The link.
        link: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// A passkey was added.
    PasskeyAdded {
        /// Its name.
        passkey: String,
    },
    /// A passkey was removed.
    PasskeyRemoved {
        /// Its name.
        passkey: String,
    },
    /// A sign-in from a browser or place not seen before.
    NewSignIn {
        /// Browser and system.
        device: String,
    },
    /// The account was recovered.
    Recovered {
        /// Browser and system.
        device: String,
    },
    /// The primary address was changed; goes to the old one.
    EmailChanged {
        /// The new address, masked.
        new_address: String,
    },
    /// The password was set, changed or removed.
    PasswordChanged,
    /// A second factor was set up.
    FactorAdded {
        /// Its name.
        factor: String,
    },
    /// A second factor was removed.
    FactorRemoved {
        /// Its name.
        factor: String,
    },
    /// A recovery code was used in the place of a second factor.
    RecoveryCodeUsed {
        /// How many are left.
        left: usize,
    },
    /// The account was deleted.
    AccountDeleted,
    /// An administrator made an account for the reader.
    Invitation {
        /// The link that signs in once.
        link: String,
    },
    /// An administrator sends a way back in.
    WayBack {
        /// The link that signs in once.
        link: String,
    },
}

impl Letter {
    /// Writes it in a language.
    pub fn render(&self, cx: &Cx, locale: &str) -> Result<Rendered, Error> {
        let settings = &cx.tenant.row.settings.0;
        let default = settings.default_locale.as_deref().unwrap_or("en");
        let language = negotiate(Some(locale), None, None, default);
        let mail = self.mail(cx);
        let out = render_mail_with(&mail, &brand(cx), language, cx.tenant.own_words.get(mail.kind(), language));
        Ok(rendered(out))
    }

    /// One of each kind of mail, with values that nobody has.
    pub fn samples(cx: &Cx) -> Vec<Self> {
        let (code, minutes) = (|| "123456".to_owned(), 10);
        let link = || cx.url("/signin/link?c=example");
        let device = || "Firefox on Linux".to_owned();
        vec![
            Self::SignInCode { code: code(), link: Some(link()), minutes },
            Self::VerifyAddress { code: code(), link: Some(link()), minutes },
            Self::AccountExists { code: code(), link: Some(link()), minutes },
            Self::RecoverCode { code: code(), link: Some(link()), minutes },
            Self::SetPassword { link: link(), minutes: 60 },
            Self::SignInLink { link: link(), minutes },
            Self::Invitation { link: link() },
            Self::WayBack { link: link() },
            Self::PasskeyAdded { passkey: "iCloud Keychain".into() },
            Self::PasskeyRemoved { passkey: "iCloud Keychain".into() },
            Self::NewSignIn { device: device() },
            Self::Recovered { device: device() },
            Self::EmailChanged { new_address: "a…@example.org".into() },
            Self::PasswordChanged,
            Self::FactorAdded { factor: "Phone".into() },
            Self::FactorRemoved { factor: "Phone".into() },
            Self::RecoveryCodeUsed { left: 7 },
            Self::AccountDeleted,
        ]
    }

    /// The word of its kind.
    pub fn kind(&self, cx: &Cx) -> &'static str {
        self.mail(cx).kind()
    }

    /// What words for it can name.
    pub fn placeholders(&self, cx: &Cx) -> Vec<&'static str> {
        self.mail(cx).placeholders().into_iter().map(|(name, _)| name).collect()
    }

    /// The words that Doorward brings for it.
    pub fn default_words(&self, cx: &Cx, locale: Locale) -> Words {
        default_words(&self.mail(cx), locale)
    }

    /// Writes it with words that were not saved.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`] when they cannot be used.
    pub fn render_with(&self, cx: &Cx, locale: Locale, words: &Words) -> Result<Rendered, DirectoryError> {
        let mail = self.mail(cx);
        words.check(&mail)?;
        Ok(rendered(render_mail_with(&mail, &brand(cx), locale, Some(words))))
    }

    fn mail(&self, cx: &Cx) -> Mail {
        let code = |code: &str, link: &Option<String>, minutes: i64| Code {
            code: code.to_owned(),
            link: link.clone(),
            minutes: u32::try_from(minutes).unwrap_or(10),
        };
        let circumstance = || Circumstance {
            device: Some(crate::account::device_name(&cx.client.user_agent)),
            origin: None,
            at: cx.now.seconds(),
        };
        match self {
            Self::SignInCode { code: c, link, minutes } => Mail::SignInCode(code(c, link, *minutes)),
            Self::VerifyAddress { code: c, link, minutes } => Mail::VerifyEmail(code(c, link, *minutes)),
            Self::AccountExists { code: c, link, minutes } => Mail::AccountExists(code(c, link, *minutes)),
            Self::RecoverCode { code: c, link, minutes } => Mail::RecoveryCode(code(c, link, *minutes)),
            Self::SetPassword { link, minutes } => {
                Mail::SetPassword { link: link.clone(), minutes: u32::try_from(*minutes).unwrap_or(10) }
            }
            Self::SignInLink { link, minutes } => {
                Mail::SignInLink { link: link.clone(), minutes: u32::try_from(*minutes).unwrap_or(10) }
            }
            Self::PasskeyAdded { passkey } => Mail::PasskeyAdded {
                passkey: passkey.clone(),
                circumstance: circumstance(),
                account_url: cx.url("/account/passkeys"),
            },
            Self::PasskeyRemoved { passkey } => Mail::PasskeyRemoved {
                passkey: passkey.clone(),
                circumstance: circumstance(),
                account_url: cx.url("/account/passkeys"),
            },
            Self::NewSignIn { .. } => Mail::NewDevice { circumstance: circumstance(), account_url: cx.url("/account/devices") },
            Self::Recovered { .. } => {
                Mail::RecoveryUsed { circumstance: circumstance(), account_url: cx.url("/account/passkeys") }
            }
            Self::EmailChanged { new_address } => Mail::EmailChanged {
                new_address: new_address.clone(),
                circumstance: circumstance(),
                help_url: cx.tenant.row.settings.0.brand.support_url.clone(),
            },
            Self::PasswordChanged => {
                Mail::PasswordChanged { circumstance: circumstance(), account_url: cx.url("/account/password") }
            }
            Self::FactorAdded { factor } => Mail::FactorAdded {
                factor: factor.clone(),
                circumstance: circumstance(),
                account_url: cx.url("/account/two-step"),
            },
            Self::FactorRemoved { factor } => Mail::FactorRemoved {
                factor: factor.clone(),
                circumstance: circumstance(),
                account_url: cx.url("/account/two-step"),
            },
            Self::RecoveryCodeUsed { left } => {
                Mail::RecoveryCodeUsed { left: *left, circumstance: circumstance(), account_url: cx.url("/account/two-step") }
            }
            Self::AccountDeleted => Mail::AccountDeleted,
            Self::Invitation { link } => Mail::Invitation { link: link.clone() },
            Self::WayBack { link } => Mail::WayBack { link: link.clone() },
        }
    }
}

fn brand(cx: &Cx) -> Brand {
    let brand = &cx.tenant.row.settings.0.brand;
    Brand {
        tenant_name: cx.tenant.row.name.clone(),
        logo_url: brand.logo_url.clone(),
        color: brand.color.clone(),
        support_url: brand.support_url.clone(),
    }
}

fn rendered(out: RenderedMail) -> Rendered {
    Rendered { subject: out.subject, text: out.text, html: out.html }
}
