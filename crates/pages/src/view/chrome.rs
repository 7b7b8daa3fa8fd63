//! What every page has around its own content: the tenant's face, the language, the protection token, the foot.

use doorward_service::i18n::Locale;
use serde::Serialize;

use super::assets::assets_version;
use super::passkey::Signals;

/// Light, dark, or as the device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device says (`prefers-color-scheme`).
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// One entry of the menu of languages.
#[derive(Debug, Clone, Serialize)]
pub struct LanguageLink {
    /// The BCP 47 tag.
    pub tag: &'static str,
    /// The language's own name.
    pub endonym: &'static str,
    /// The address of this page in that language.
    pub url: String,
}

/// The frame of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Chrome {
    /// The tenant's name as people know it.
    pub tenant_name: String,
    /// The tenant's logo; without one, a tile with the first letter of the name is shown.
    pub logo_url: Option<String>,
    /// The tenant's colour as `#rrggbb`; anything else is passed over.
    pub color: Option<String>,
    /// Light, dark or as the device says.
    pub theme: Theme,
    /// The language of the page.
    pub locale: Locale,
    /// The application that waits for the sign-in, if one does.
    pub application_name: Option<String>,
    /// The token that every form sends back as `csrf`.
    pub csrf: String,
    /// Where the assets are, without a slash at the end.
    pub assets: String,
    /// In dev only: the mailbox, offered on pages that wait for a code.
    pub dev_mailbox_url: Option<String>,
    /// Where a person gets help from the tenant.
    pub support_url: Option<String>,
    /// The tenant's privacy notice.
    pub privacy_url: Option<String>,
    /// The tenant's terms of use.
    pub terms_url: Option<String>,
    /// The menu of languages; empty for none.
    pub languages: Vec<LanguageLink>,
    /// Only to be looked at: the page has no script.
    pub inert: bool,
    /// News for the person's passkey manager, told by script (WebAuthn Level 3 section 5.1.10).
    pub signals: Option<Signals>,
}

impl Chrome {
    /// A frame with nothing optional in it and the embedded assets.
    #[must_use]
    pub fn new(tenant_name: impl Into<String>, locale: Locale, csrf: impl Into<String>) -> Chrome {
        Chrome {
            tenant_name: tenant_name.into(),
            logo_url: None,
            color: None,
            theme: Theme::Auto,
            locale,
            application_name: None,
            csrf: csrf.into(),
            assets: format!("/assets/{}", assets_version()),
            dev_mailbox_url: None,
            support_url: None,
            privacy_url: None,
            terms_url: None,
            languages: Vec::new(),
            inert: false,
            signals: None,
        }
    }
}
