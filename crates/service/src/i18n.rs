//! Words in several languages (Project Fluent) and the choice between them.
//!
//! A [`Catalog`] is loaded from files embedded at build time, `<language>/<area>.ftl`. A message that a language lacks
//! is taken from English, and a key that nobody knows is shown as itself: a page with an odd word is better than no page.
//! [`negotiate`] follows OpenID Connect Core 1.0 section 3.1.2.1 (`ui_locales`, in order of preference), then the
//! person's own earlier choice, then RFC 9110 section 12.5.4 (`Accept-Language`), then the tenant's default.
//! Where the words are used is left to others: the hosted pages and the e-mails each bring their own files.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use rust_embed::RustEmbed;
use serde::{Serialize, Serializer};
use unic_langid::LanguageIdentifier;

/// A language that the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Locale {
    /// English, the language every message exists in.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Japanese.
    Ja,
}

impl Locale {
    /// Every language, English first.
    pub const ALL: [Locale; 5] = [Locale::En, Locale::De, Locale::Fr, Locale::Es, Locale::Ja];

    /// The BCP 47 tag, which is also the name of the folder with the messages.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::De => "de",
            Locale::Fr => "fr",
            Locale::Es => "es",
            Locale::Ja => "ja",
        }
    }

    /// The language's name in itself, for a menu of languages.
    #[must_use]
    pub const fn endonym(self) -> &'static str {
        match self {
            Locale::En => "English",
            Locale::De => "Deutsch",
            Locale::Fr => "Français",
            Locale::Es => "Español",
            Locale::Ja => "日本語",
        }
    }

    /// The writing direction, as the HTML attribute `dir` wants it.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Locale::En | Locale::De | Locale::Fr | Locale::Es | Locale::Ja => "ltr",
        }
    }

    /// The language that a BCP 47 tag asks for, by its primary subtag: `de-CH` is German, `pt` is none of ours.
    #[must_use]
    pub fn matching(tag: &str) -> Option<Locale> {
        let asked: LanguageIdentifier = tag.trim().parse().ok()?;
        Locale::ALL.into_iter().find(|locale| asked.language.as_str() == locale.tag())
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag())
    }
}

/// Chooses the language of a page or a mail.
///
/// `ui_locales` is the parameter of the authorization request (space-separated tags), `cookie` the tag that the person
/// picked before, `accept_language` the header as it came, `default` the tenant's language. Input that makes no sense
/// is passed over, never refused: OpenID Connect Core says that unsupported locales are not an error.
#[must_use]
pub fn negotiate(ui_locales: Option<&str>, cookie: Option<&str>, accept_language: Option<&str>, default: &str) -> Locale {
    ui_locales
        .and_then(|list| list.split_ascii_whitespace().find_map(Locale::matching))
        .or_else(|| cookie.and_then(Locale::matching))
        .or_else(|| accept_language.and_then(from_accept_language))
        .or_else(|| Locale::matching(default))
        .unwrap_or_default()
}

/// The best of our languages in an `Accept-Language` header: highest weight first, the earlier one of equals,
/// and a weight of zero means "not this one" (RFC 9110 section 12.4.2).
fn from_accept_language(header: &str) -> Option<Locale> {
    let mut best: Option<(f32, Locale)> = None;
    // A header is a stranger's input: look at no more of it than a browser would ever send.
    for item in header.split(',').take(32) {
        let mut parts = item.split(';');
        let Some(locale) = parts.next().and_then(Locale::matching) else {
            continue;
        };
        let weight = match parts.find_map(|part| part.trim().strip_prefix("q=").map(str::trim)) {
            None => 1.0,
            Some(text) => match text.parse::<f32>() {
                Ok(weight) if weight > 0.0 && weight <= 1.0 => weight,
                _ => continue,
            },
        };
        if best.is_none_or(|(so_far, _)| weight > so_far) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// Why a catalog could not be loaded: a mistake in an embedded file, found by the first test that loads it.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file is not Fluent syntax.
    #[error("{file} is not valid Fluent: {cause}")]
    Syntax {
        /// The embedded path.
        file: String,
        /// What the parser said.
        cause: String,
    },
    /// Two files of one language define the same key.
    #[error("{file} repeats a key: {cause}")]
    Repeated {
        /// The embedded path.
        file: String,
        /// What the bundle said.
        cause: String,
    },
}

/// The messages of every language, ready to be formatted from any thread.
pub struct Catalog {
    bundles: BTreeMap<Locale, FluentBundle<FluentResource>>,
}

impl Catalog {
    /// Loads `<language>/*.ftl` of an embedded folder for every [`Locale`].
    ///
    /// # Errors
    /// When a file is not valid Fluent or a key is defined twice.
    pub fn load<Source: RustEmbed>() -> Result<Catalog, CatalogError> {
        let mut bundles = BTreeMap::new();
        for locale in Locale::ALL {
            let language: LanguageIdentifier = locale.tag().parse().expect("the tags of Locale are well-formed");
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            // The isolation marks of mixed-direction text end up in what people copy (addresses, codes); every
            // language here runs left to right, and pages mark foreign text with <bdi>.
            bundle.set_use_isolating(false);
            for file in Source::iter().filter(|file| belongs_to(file, locale)) {
                let Some(content) = Source::get(&file) else {
                    continue;
                };
                let source = String::from_utf8_lossy(&content.data).into_owned();
                let resource = FluentResource::try_new(source)
                    .map_err(|(_, errors)| CatalogError::Syntax { file: file.to_string(), cause: format!("{errors:?}") })?;
                bundle
                    .add_resource(resource)
                    .map_err(|errors| CatalogError::Repeated { file: file.to_string(), cause: format!("{errors:?}") })?;
            }
            bundles.insert(locale, bundle);
        }
        Ok(Catalog { bundles })
    }

    /// Whether this language itself (not its fallback) has the key.
    #[must_use]
    pub fn has(&self, locale: Locale, key: &str) -> bool {
        self.bundles.get(&locale).is_some_and(|bundle| bundle.has_message(key))
    }

    /// The message in this language, or in English, or the key itself.
    #[must_use]
    pub fn text(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> String {
        self.lookup(locale, key, args).or_else(|| self.lookup(Locale::En, key, args)).unwrap_or_else(|| {
            tracing::warn!(key, "a message is missing in every language");
            key.to_owned()
        })
    }

    fn lookup(&self, locale: Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let bundle = self.bundles.get(&locale)?;
        let message = bundle.get_message(key)?;
        let pattern = message.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors);
        if !errors.is_empty() {
            tracing::warn!(key, locale = locale.tag(), ?errors, "a message lacks a value");
        }
        Some(text.into_owned())
    }
}

fn belongs_to(file: &str, locale: Locale) -> bool {
    file.strip_suffix(".ftl").and_then(|path| path.split('/').next()).is_some_and(|folder| folder == locale.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oidc_core_3_1_2_1_ui_locales_come_first_and_in_order() {
        let none = None;
        assert_eq!(negotiate(Some("fr-CA de"), Some("es"), Some("ja"), "en"), Locale::Fr);
        assert_eq!(negotiate(Some("xx pt-BR de-AT"), Some("es"), none, "en"), Locale::De);
        // Unsupported and malformed values are not an error.
        assert_eq!(negotiate(Some("zz !!"), Some("es"), Some("ja"), "en"), Locale::Es);
    }

    #[test]
    fn the_cookie_beats_the_browser_and_the_browser_beats_the_default() {
        assert_eq!(negotiate(None, Some("ja"), Some("de"), "fr"), Locale::Ja);
        assert_eq!(negotiate(None, Some("<script>"), Some("de"), "fr"), Locale::De);
        assert_eq!(negotiate(None, None, Some("pt, it"), "fr"), Locale::Fr);
        assert_eq!(negotiate(None, None, None, "nonsense"), Locale::En);
    }

    #[test]
    fn rfc_9110_12_5_4_weights_decide_and_zero_excludes() {
        let header = |value| negotiate(None, None, Some(value), "en");
        assert_eq!(header("de;q=0.4, ja;q=0.9, fr;q=0.9"), Locale::Ja);
        assert_eq!(header("pt-BR, es-MX;q=0.8, *;q=0.1"), Locale::Es);
        assert_eq!(header("de;q=0, fr;q=0.1"), Locale::Fr);
        assert_eq!(header("de;q=0"), Locale::En);
        assert_eq!(header("de;q=abc, es;q=0.2"), Locale::Es);
        assert_eq!(header(&"xx,".repeat(10_000)), Locale::En);
    }
}
