//! Templates and words of the console, on the frame of the hosted pages. In English for now: whatever a person's language is, the
//! page says that it is English, so that screen readers pronounce it so.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use doorward_pages::view::{Chrome, Surface};
use doorward_service::i18n::{Catalog, Locale};
use rust_embed::RustEmbed;
use serde::Serialize;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Messages;

/// The words.
#[allow(clippy::expect_used, reason = "the embedded messages are tested")]
pub fn words() -> &'static Catalog {
    static WORDS: LazyLock<Catalog> = LazyLock::new(|| Catalog::load::<Messages>().expect("the embedded messages are tested"));
    &WORDS
}

fn template(name: &str) -> Option<String> {
    Templates::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// A page.
pub fn page(
    status: StatusCode,
    template: &'static str,
    page: &impl Serialize,
    frame: &impl Serialize,
    chrome: &Chrome,
) -> Response {
    match render(template, page, frame, chrome) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "a page does not render");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn render(
    name: &'static str,
    page: &impl Serialize,
    frame: &impl Serialize,
    chrome: &Chrome,
) -> Result<String, doorward_pages::view::RenderError> {
    static SURFACE: LazyLock<Surface> = LazyLock::new(|| Surface::new(template, words()));
    SURFACE.render(name, page, frame, chrome)
}

/// The words of a key, if it has any.
pub fn known(key: &str) -> Option<String> {
    words().has(Locale::En, key).then(|| words().text(Locale::En, key, &fluent_bundle::FluentArgs::new()))
}

/// Whether a piece of news has words; nothing else can be put on a page by its address.
pub fn is_news(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && words().has(Locale::En, &format!("news-{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every literal key of every template has its words.
    #[test]
    fn every_word_of_every_template_is_there() {
        let mut missing = BTreeSet::new();
        for name in Templates::iter() {
            let text = template(&name).expect("embedded");
            for (at, _) in text.match_indices("t(\"") {
                // `ui.text("name", …)` ends with the same letters.
                if text[..at].ends_with(char::is_alphabetic) {
                    continue;
                }
                let (key, rest) = text[at + 3..].split_once('"').expect("a closed key");
                // `t("prefix-" ~ value)` is looked at by the tests that render.
                let literal = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if literal
                    && !rest.trim_start().starts_with('~')
                    && !words().has(Locale::En, key)
                    && !doorward_pages::view::catalog().has(Locale::En, key)
                {
                    missing.insert(format!("{name}: {key}"));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn only_known_news_can_be_put_on_a_page() {
        assert!(is_news("application-created"));
        for bad in ["", "call-this-number", "Application-created", "application-created "] {
            assert!(!is_news(bad), "{bad}");
        }
    }
}
