//! The look and the words: a typed page in, HTML out.
//!
//! A handler fills one of the context structs and a [`Chrome`] and calls [`render`]. Templates are minijinja with
//! escaping always on; words are Fluent messages. The pages obey this content policy, and a test holds them to it:
//! `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self';
//! frame-ancestors 'none'; base-uri 'none'`, with `form-action` as the handler needs it and `frame-src 'self'` on the
//! one page that shows a mail.

mod account;
mod assets;
mod chrome;
mod consent;
mod demo;
mod device;
mod engine;
mod factor;
mod icons;
mod passkey;
mod problem;
mod signin;
mod signup;
mod theme;
mod when;

use minijinja::value::Serde;
use serde::Serialize;

pub use account::*;
pub use assets::{Asset, asset, asset_names, assets_version};
pub use chrome::{Chrome, LanguageLink, Theme};
pub use consent::*;
pub use demo::*;
pub use device::*;
pub use engine::{Surface, catalog};
pub use factor::*;
pub use passkey::*;
pub use problem::{Notice, Problem};
pub use signin::*;
pub use signup::*;
pub use theme::theme_css;
pub use when::When;

/// Why a page could not be rendered: a mistake in a template, which the tests are there to find first.
#[derive(Debug, thiserror::Error)]
#[error("the template {template} does not render")]
pub struct RenderError {
    template: &'static str,
    #[source]
    cause: minijinja::Error,
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident($context:ty) => $template:literal,)*) => {
        /// Every page there is, each with its context.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Page {
            $($(#[$doc])* $name($context),)*
        }

        impl Page {
            /// The template that shows the page.
            #[must_use]
            pub fn template(&self) -> &'static str {
                match self {
                    $(Page::$name(_) => $template,)*
                }
            }
        }

        $(impl From<$context> for Page {
            fn from(context: $context) -> Page {
                Page::$name(context)
            }
        })*
    };
}

pages! {
    /// Sign in.
    SignIn(SignInPage) => "signin.html",
    /// Password.
    Password(PasswordPage) => "password.html",
    /// Code from a mail.
    Code(CodePage) => "code.html",
    /// Confirm it is you.
    Reauth(ReauthPage) => "reauth.html",
    /// Second factor.
    SecondFactor(SecondFactorPage) => "second_factor.html",
    /// Set up a second factor.
    FactorSetup(FactorSetupPage) => "factor_setup.html",
    /// Recovery codes.
    RecoveryCodes(RecoveryCodesPage) => "recovery_codes.html",
    /// Choose an account.
    SelectAccount(SelectAccountPage) => "select_account.html",
    /// Cannot get in.
    Recover(RecoverPage) => "recover.html",
    /// Sign up.
    SignUp(SignUpPage) => "signup.html",
    /// Make a passkey.
    PasskeyOffer(PasskeyOfferPage) => "passkey_offer.html",
    /// Choose a new password.
    NewPassword(NewPasswordPage) => "new_password.html",
    /// Fill what is missing.
    CompleteProfile(CompleteProfilePage) => "complete_profile.html",
    /// Consent.
    Consent(ConsentPage) => "consent.html",
    /// Confirm sign-out.
    SignOut(SignOutPage) => "signout.html",
    /// Signed out.
    SignedOut(SignedOutPage) => "signed_out.html",
    /// A link in a mail.
    MailLink(MailLinkPage) => "mail_link.html",
    /// An answer by form.
    FormPost(FormPostPage) => "form_post.html",
    /// Device: its code.
    DeviceCode(DeviceCodePage) => "device_code.html",
    /// Device: allow it?
    DeviceConfirm(DeviceConfirmPage) => "device_confirm.html",
    /// Device: answered.
    DeviceDone(DeviceDonePage) => "device_done.html",
    /// An answer by message.
    WebMessage(WebMessagePage) => "web_message.html",
    /// An error.
    Error(ErrorPage) => "error.html",
    /// Account: profile.
    AccountProfile(AccountProfilePage) => "account/profile.html",
    /// Account: e-mail addresses.
    AccountEmails(AccountEmailsPage) => "account/emails.html",
    /// Account: passkeys.
    AccountPasskeys(AccountPasskeysPage) => "account/passkeys.html",
    /// Account: password.
    AccountPassword(AccountPasswordPage) => "account/password.html",
    /// Account: two-step sign-in.
    AccountFactors(AccountFactorsPage) => "account/two_step.html",
    /// Account: devices.
    AccountDevices(AccountDevicesPage) => "account/devices.html",
    /// Account: applications.
    AccountApps(AccountAppsPage) => "account/apps.html",
    /// Account: activity.
    AccountActivity(AccountActivityPage) => "account/activity.html",
    /// Account: data.
    AccountData(AccountDataPage) => "account/data.html",
    /// Account: gone.
    AccountDeleted(AccountDeletedPage) => "account/deleted.html",
    /// Demo: home.
    DemoHome(DemoHomePage) => "demo/home.html",
    /// Demo: profile.
    DemoProfile(DemoProfilePage) => "demo/profile.html",
    /// Demo: protected page.
    DemoProtected(DemoProtectedPage) => "demo/protected.html",
    /// Dev: mailbox.
    Mailbox(MailboxPage) => "dev/mailbox.html",
    /// Dev: one mail.
    Mail(MailPage) => "dev/mail.html",
}

/// Renders a page.
///
/// # Errors
/// When the template is broken; the tests render every page in every language.
pub fn render(page: &Page, chrome: &Chrome) -> Result<String, RenderError> {
    fill(&engine::environment(chrome.locale), page.template(), page, (), chrome)
}

impl Surface {
    /// Renders a template of this surface; `frame` is what all of its pages have in common.
    ///
    /// # Errors
    /// When the template is broken.
    pub fn render(
        &self,
        template: &'static str,
        page: impl Serialize,
        frame: impl Serialize,
        chrome: &Chrome,
    ) -> Result<String, RenderError> {
        fill(&self.environment(chrome.locale), template, page, frame, chrome)
    }
}

fn fill(
    environment: &minijinja::Environment<'_>,
    template: &'static str,
    page: impl Serialize,
    frame: impl Serialize,
    chrome: &Chrome,
) -> Result<String, RenderError> {
    let context = minijinja::context! {
        chrome => Serde(chrome),
        page => Serde(page),
        frame => Serde(frame),
        lang => chrome.locale.tag(),
        dir => chrome.locale.dir(),
        theme_css => chrome.color.as_deref().and_then(theme::theme_path),
        monogram => monogram(&chrome.tenant_name),
    };
    environment.get_template(template).and_then(|found| found.render(context)).map_err(|cause| RenderError { template, cause })
}

/// The first letter of a name, for the tile that stands in for a missing logo or picture.
fn monogram(name: &str) -> String {
    name.chars().find(|letter| letter.is_alphanumeric()).map(|letter| letter.to_uppercase().to_string()).unwrap_or_default()
}
