//! What the e-mails say: subject, text and HTML from a reason, a brand and a language.
//!
//! Every mail has one shape (heading, a sentence, a code, a button, some facts, a note), so there is one template for
//! text and one for HTML; the words are Fluent messages `<kind>-subject`, `-heading`, `-body`, `-button` and `-note`.
//! Sending, and when to send, is left to others. A link in a mail only leads to a page; the page has the button that
//! does something, because mail scanners open every link.

use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use rust_embed::RustEmbed;

use super::own_words::{Words, filled};
use crate::i18n::{Catalog, Locale};
use crate::theme::{Palette, Rgb};

/// A code, and perhaps a link that leads to the same end.
#[derive(Debug, Clone)]
pub struct Code {
    /// The digits.
    pub code: String,
    /// The page with the button.
    pub link: Option<String>,
    /// For how many minutes both are valid.
    pub minutes: u32,
}

/// Where and when something happened.
#[derive(Debug, Clone, Default)]
pub struct Circumstance {
    /// Browser and system, such as "Firefox on Windows".
    pub device: Option<String>,
    /// An address or a place.
    pub origin: Option<String>,
    /// Seconds since the Unix epoch.
    pub at: i64,
}

/// Why a mail is written.
#[derive(Debug, Clone)]
pub enum Mail {
    /// A code to sign in.
    SignInCode(Code),
    /// A code to prove an address.
    VerifyEmail(Code),
    /// A code to confirm a sensitive change.
    StepUpCode(Code),
    /// A code to get back in.
    RecoveryCode(Code),
    /// Somebody tried to sign up with the address of an account; the code signs in.
    AccountExists(Code),
    /// A link that sets a password.
    SetPassword {
        /// The page with the form.
        link: String,
        /// For how many minutes it is valid.
        minutes: u32,
    },
    /// A link that signs in.
    SignInLink {
        /// The page with the button.
        link: String,
        /// For how many minutes it is valid.
        minutes: u32,
    },
    /// A passkey was added.
    PasskeyAdded {
        /// Its name.
        passkey: String,
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the passkeys.
        account_url: String,
    },
    /// A passkey was removed.
    PasskeyRemoved {
        /// Its name.
        passkey: String,
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the passkeys.
        account_url: String,
    },
    /// A sign-in from a device that was not seen before.
    NewDevice {
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the devices.
        account_url: String,
    },
    /// The account was recovered.
    RecoveryUsed {
        /// Where and when.
        circumstance: Circumstance,
        /// The account page.
        account_url: String,
    },
    /// The primary address changed; written to the old one.
    EmailChanged {
        /// The new address.
        new_address: String,
        /// Where and when.
        circumstance: Circumstance,
        /// Help, for those who did not do this.
        help_url: Option<String>,
    },
    /// The password was set, changed or removed.
    PasswordChanged {
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the password.
        account_url: String,
    },
    /// A second factor was set up.
    FactorAdded {
        /// Its name; may be empty.
        factor: String,
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the second factors.
        account_url: String,
    },
    /// A second factor was removed.
    FactorRemoved {
        /// Its name; may be empty.
        factor: String,
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the second factors.
        account_url: String,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many are left.
        left: usize,
        /// Where and when.
        circumstance: Circumstance,
        /// The page with the second factors.
        account_url: String,
    },
    /// The account is gone.
    AccountDeleted,
    /// Somebody made an account for the reader; the link signs in once.
    Invitation {
        /// The page with the button.
        link: String,
    },
    /// An administrator sends a way back in.
    WayBack {
        /// The page with the button.
        link: String,
    },
}

/// Whose mail it is.
#[derive(Debug, Clone)]
pub struct Brand {
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's logo.
    pub logo_url: Option<String>,
    /// The tenant's colour as `#rrggbb`.
    pub color: Option<String>,
    /// Where a person gets help.
    pub support_url: Option<String>,
}

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, on one line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

#[derive(RustEmbed)]
#[folder = "src/mail/locales/"]
struct Messages;

const DEFAULT_COLOR: &str = "#0f6a64";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::load::<Messages>().expect("the embedded messages are tested"));

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|name| match name {
        "mail.txt" => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    for (name, source) in [("mail.txt", include_str!("templates/mail.txt")), ("mail.html", include_str!("templates/mail.html"))] {
        env.add_template(name, source).expect("the embedded templates are tested");
    }
    env
});

impl Mail {
    /// Its word in templates and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Mail::SignInCode(_) => "sign-in",
            Mail::VerifyEmail(_) => "verify",
            Mail::StepUpCode(_) => "step-up",
            Mail::RecoveryCode(_) => "recovery",
            Mail::AccountExists(_) => "exists",
            Mail::SetPassword { .. } => "set-password",
            Mail::SignInLink { .. } => "sign-in-link",
            Mail::PasskeyAdded { .. } => "passkey-added",
            Mail::PasskeyRemoved { .. } => "passkey-removed",
            Mail::NewDevice { .. } => "new-device",
            Mail::RecoveryUsed { .. } => "recovery-used",
            Mail::EmailChanged { .. } => "email-changed",
            Mail::PasswordChanged { .. } => "password-changed",
            Mail::FactorAdded { .. } => "factor-added",
            Mail::FactorRemoved { .. } => "factor-removed",
            Mail::RecoveryCodeUsed { .. } => "recovery-code-used",
            Mail::AccountDeleted => "deleted",
            Mail::Invitation { .. } => "invitation",
            Mail::WayBack { .. } => "way-back",
        }
    }

    fn code(&self) -> Option<&Code> {
        match self {
            Mail::SignInCode(code)
            | Mail::VerifyEmail(code)
            | Mail::StepUpCode(code)
            | Mail::RecoveryCode(code)
            | Mail::AccountExists(code) => Some(code),
            Mail::SetPassword { .. }
            | Mail::SignInLink { .. }
            | Mail::PasskeyAdded { .. }
            | Mail::PasskeyRemoved { .. }
            | Mail::PasswordChanged { .. }
            | Mail::NewDevice { .. }
            | Mail::RecoveryUsed { .. }
            | Mail::EmailChanged { .. }
            | Mail::Invitation { .. }
            | Mail::WayBack { .. }
            | Mail::FactorAdded { .. }
            | Mail::FactorRemoved { .. }
            | Mail::RecoveryCodeUsed { .. }
            | Mail::AccountDeleted => None,
        }
    }

    /// Where the button leads.
    fn link(&self) -> Option<&str> {
        match self {
            Mail::SignInCode(code)
            | Mail::VerifyEmail(code)
            | Mail::StepUpCode(code)
            | Mail::RecoveryCode(code)
            | Mail::AccountExists(code) => code.link.as_deref(),
            Mail::SetPassword { link, .. } | Mail::SignInLink { link, .. } => Some(link),
            Mail::PasskeyAdded { account_url, .. }
            | Mail::PasskeyRemoved { account_url, .. }
            | Mail::NewDevice { account_url, .. }
            | Mail::RecoveryUsed { account_url, .. }
            | Mail::PasswordChanged { account_url, .. }
            | Mail::FactorAdded { account_url, .. }
            | Mail::FactorRemoved { account_url, .. }
            | Mail::RecoveryCodeUsed { account_url, .. } => Some(account_url),
            Mail::EmailChanged { help_url, .. } => help_url.as_deref(),
            Mail::Invitation { link } | Mail::WayBack { link } => Some(link),
            Mail::AccountDeleted => None,
        }
    }

    /// What a tenant's own words can name in it; the tenant itself besides.
    pub fn placeholders(&self) -> Vec<(&'static str, String)> {
        let mut out = vec![("tenant", String::new())];
        if let Some(code) = self.code() {
            out.extend([("code", code.code.clone()), ("minutes", code.minutes.to_string())]);
        }
        if let Mail::SetPassword { minutes, .. } | Mail::SignInLink { minutes, .. } = self {
            out.push(("minutes", minutes.to_string()));
        }
        if let Mail::RecoveryCodeUsed { left, .. } = self {
            out.push(("left", left.to_string()));
        }
        out
    }

    /// What it is about: the passkey's name, the new address.
    fn subject_matter(&self) -> Option<(&'static str, &str)> {
        match self {
            Mail::PasskeyAdded { passkey, .. } | Mail::PasskeyRemoved { passkey, .. } => Some(("fact-passkey", passkey)),
            Mail::EmailChanged { new_address, .. } => Some(("fact-address", new_address)),
            Mail::FactorAdded { factor, .. } | Mail::FactorRemoved { factor, .. } => {
                Some(("fact-factor", factor.as_str())).filter(|(_, name)| !name.is_empty())
            }
            Mail::SetPassword { .. }
            | Mail::SignInLink { .. }
            | Mail::SignInCode(_)
            | Mail::VerifyEmail(_)
            | Mail::StepUpCode(_)
            | Mail::RecoveryCode(_)
            | Mail::AccountExists(_)
            | Mail::NewDevice { .. }
            | Mail::RecoveryUsed { .. }
            | Mail::PasswordChanged { .. }
            | Mail::Invitation { .. }
            | Mail::WayBack { .. }
            | Mail::RecoveryCodeUsed { .. }
            | Mail::AccountDeleted => None,
        }
    }

    fn circumstance(&self) -> Option<&Circumstance> {
        match self {
            Mail::PasskeyAdded { circumstance, .. }
            | Mail::PasskeyRemoved { circumstance, .. }
            | Mail::NewDevice { circumstance, .. }
            | Mail::RecoveryUsed { circumstance, .. }
            | Mail::EmailChanged { circumstance, .. }
            | Mail::FactorAdded { circumstance, .. }
            | Mail::FactorRemoved { circumstance, .. }
            | Mail::RecoveryCodeUsed { circumstance, .. }
            | Mail::PasswordChanged { circumstance, .. } => Some(circumstance),
            Mail::SetPassword { .. }
            | Mail::SignInLink { .. }
            | Mail::SignInCode(_)
            | Mail::VerifyEmail(_)
            | Mail::StepUpCode(_)
            | Mail::RecoveryCode(_)
            | Mail::AccountExists(_)
            | Mail::Invitation { .. }
            | Mail::WayBack { .. }
            | Mail::AccountDeleted => None,
        }
    }
}

/// Writes a mail.
///
/// # Panics
/// When an embedded template or language file is broken, which the tests find.
#[must_use]
pub fn render_mail(mail: &Mail, brand: &Brand, locale: Locale) -> RenderedMail {
    render_mail_with(mail, brand, locale, None)
}

/// Writes a mail, with a tenant's own words where it has some.
///
/// # Panics
/// When an embedded template or language file is broken, which the tests find.
#[must_use]
pub fn render_mail_with(mail: &Mail, brand: &Brand, locale: Locale, own: Option<&Words>) -> RenderedMail {
    let kind = mail.kind();
    let mut args = FluentArgs::new();
    // A name that carries a line break could otherwise begin a new header or a forged paragraph.
    let tenant = one_line(&brand.tenant_name);
    args.set("tenant", tenant.clone());
    if let Some(code) = mail.code() {
        args.set("code", code.code.clone());
        args.set("minutes", i64::from(code.minutes));
    }
    if let Mail::SetPassword { minutes, .. } | Mail::SignInLink { minutes, .. } = mail {
        args.set("minutes", i64::from(*minutes));
    }
    if let Mail::RecoveryCodeUsed { left, .. } = mail {
        args.set("left", *left);
    }
    let text = |key: &str| CATALOG.text(locale, key, &args);
    let part = |part: &str| text(&format!("{kind}-{part}"));

    let mut values = mail.placeholders();
    if let Some((_, name)) = values.iter_mut().find(|(name, _)| *name == "tenant") {
        name.clone_from(&tenant);
    }
    let own = own.map(|own| (filled(&own.subject, &values), filled(&own.body, &values)));
    let subject = own.as_ref().map_or_else(|| part("subject"), |(subject, _)| subject.clone());
    let paragraphs: Vec<String> = match &own {
        Some((_, body)) => body.replace("\r\n", "\n").split("\n\n").map(one_line).filter(|part| !part.is_empty()).collect(),
        None => vec![part("body")],
    };

    let mut facts: Vec<(String, String)> = Vec::new();
    if let Some((label, value)) = mail.subject_matter() {
        facts.push((text(label), one_line(value)));
    }
    if let Some(circumstance) = mail.circumstance() {
        for (label, value) in [("fact-device", &circumstance.device), ("fact-origin", &circumstance.origin)] {
            if let Some(value) = value {
                facts.push((text(label), one_line(value)));
            }
        }
        facts.push((text("fact-time"), moment(locale, circumstance.at)));
    }

    let palette = Palette::light(
        brand.color.as_deref().and_then(Rgb::parse).or_else(|| Rgb::parse(DEFAULT_COLOR)).expect("the default colour is one"),
    );
    let context = context! {
        lang => locale.tag(),
        dir => locale.dir(),
        tenant,
        logo_url => brand.logo_url.clone(),
        support_url => brand.support_url.clone(),
        support => text("support"),
        accent => palette.accent.hex(),
        on_accent => palette.on_accent.hex(),
        color_link => palette.link.hex(),
        heading => part("heading"),
        paragraphs,
        code => mail.code().map(|code| code.code.clone()),
        validity => mail.code().map(|_| text("validity")),
        link => mail.link(),
        button => mail.link().map(|_| part("button")),
        or_link => mail.code().and(mail.link()).map(|_| text("or-link")),
        facts,
        note => part("note"),
        sender => text("sender"),
    };
    let render = |template: &str| {
        TEMPLATES.get_template(template).and_then(|found| found.render(&context)).expect("the embedded templates are tested")
    };
    RenderedMail { subject: one_line(&subject), text: without_gaps(&render("mail.txt")), html: render("mail.html") }
}

/// The words that Doorward brings for a kind of mail, with placeholders in the place of values.
#[must_use]
pub fn default_words(mail: &Mail, locale: Locale) -> Words {
    let mut args = FluentArgs::new();
    for (name, _) in mail.placeholders() {
        args.set(name, format!("{{{{ {name} }}}}"));
    }
    let text = |part: &str| CATALOG.text(locale, &format!("{}-{part}", mail.kind()), &args);
    Words { subject: text("subject"), body: text("body") }
}

/// Parts that a mail lacks leave empty lines behind; one is enough.
fn without_gaps(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.dedup_by(|next, line| next.is_empty() && line.is_empty());
    lines.join("\n").trim().to_owned() + "\n"
}

fn one_line(text: &str) -> String {
    text.split(char::is_control).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The moment in UTC, in the reader's language; a mail has no script to do better.
fn moment(locale: Locale, at: i64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(at).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let mut args = FluentArgs::new();
    args.set("year", moment.year().to_string());
    args.set("month", i64::from(u8::from(moment.month())));
    args.set("day", i64::from(moment.day()));
    args.set("time", format!("{:02}:{:02}", moment.hour(), moment.minute()));
    CATALOG.text(locale, "moment", &args)
}

#[cfg(test)]
mod tests;
