//! The template environments, one for each language, and what templates can call:
//! `t("key", name=value)` a message; `say("problem", reason)` the message of a reason struct; `scope(line)`;
//! `when(moment)` and `day(moment)` as `<time>`; `number(count)`; `icon("name")`; `provider("key")`; `initials(name)`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use doorward_service::i18n::{Catalog, Locale};
use fluent_bundle::{FluentArgs, FluentValue};
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, HtmlEscape, UndefinedBehavior};
use rust_embed::RustEmbed;

use super::assets::provider_icon;
use super::icons::svg;
use super::monogram;
use super::when::{Civil, When};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Messages;

/// The words of the pages.
///
/// # Panics
/// When an embedded language file is broken, which the tests find.
#[must_use]
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::load::<Messages>().expect("the embedded messages are tested"));
    &CATALOG
}

/// The environment of one language. Templates are parsed when they are first used.
pub(super) fn environment(locale: Locale) -> Arc<Environment<'static>> {
    static PAGES: LazyLock<Surface> = LazyLock::new(|| Surface::new(|_| None, catalog()));
    PAGES.environment(locale)
}

/// Templates and words of another surface, which has the frame, the pictures and the words of these pages besides its own.
pub struct Surface {
    environments: BTreeMap<Locale, Arc<Environment<'static>>>,
}

impl Surface {
    /// A surface whose own templates and words go before those of the pages.
    #[must_use]
    pub fn new(templates: fn(&str) -> Option<String>, words: &'static Catalog) -> Surface {
        let environments = Locale::ALL.into_iter().map(|locale| (locale, Arc::new(build(locale, templates, words)))).collect();
        Surface { environments }
    }

    pub(super) fn environment(&self, locale: Locale) -> Arc<Environment<'static>> {
        self.environments.get(&locale).cloned().unwrap_or_else(|| Arc::new(build(locale, |_| None, catalog())))
    }
}

fn own_template(name: &str) -> Option<String> {
    Templates::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// The message of the surface, else of the pages.
fn text(words: &'static Catalog, locale: Locale, key: &str, values: &FluentArgs<'_>) -> String {
    let own = words.has(locale, key) || words.has(Locale::En, key);
    if own { words.text(locale, key, values) } else { catalog().text(locale, key, values) }
}

fn build(locale: Locale, templates: fn(&str) -> Option<String>, words: &'static Catalog) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_loader(move |name| Ok(templates(name).or_else(|| own_template(name))));
    env.add_function("t", move |key: String, args: Kwargs| {
        let mut values = FluentArgs::new();
        for name in args.args() {
            values.set(name.to_owned(), fluent(&args.get::<Value>(name)?));
        }
        Ok::<_, Error>(text(words, locale, &key, &values))
    });
    env.add_function("say", move |family: String, reason: Value| say(words, locale, &family, &reason));
    env.add_function("scope", move |line: Value| scope(locale, &line));
    env.add_function("when", move |moment: i64| time(locale, "moment", When(moment)));
    env.add_function("day", move |moment: i64| time(locale, "day", When(moment)));
    env.add_function("utc_day", move |moment: i64| utc_day(locale, When(moment)));
    env.add_function("number", move |value: i64| grouped(locale, value));
    env.add_function("icon", |name: String| {
        svg(&name)
            .map(|picture| Value::from_safe_string(picture.to_owned()))
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no icon {name}")))
    });
    env.add_function("provider", |key: String| provider_icon(&key));
    env.add_function("initials", |name: String| {
        let mut words = name.split_whitespace();
        let first = words.next().map(monogram).unwrap_or_default();
        let last = words.next_back().map(monogram).unwrap_or_default();
        format!("{first}{last}")
    });
    env
}

/// A number as the language writes it.
fn grouped(locale: Locale, value: i64) -> String {
    let language = icu_locale_core::Locale::try_from_str(locale.tag()).map(DecimalFormatterPreferences::from);
    let format = DecimalFormatter::try_new(language.unwrap_or_default(), DecimalFormatterOptions::default());
    // Every language of ours is in the data that the library carries.
    format.map_or_else(|_| value.to_string(), |format| format.format(&Decimal::from(value)).to_string())
}

/// The message `<family>-<key>` of a reason: a map with `key` and the values of the message, or the bare key.
fn say(words: &'static Catalog, locale: Locale, family: &str, reason: &Value) -> Result<String, Error> {
    let mut values = FluentArgs::new();
    let mut key = String::new();
    if reason.kind() == ValueKind::Map {
        for name in reason.try_iter()? {
            let value = reason.get_item(&name)?;
            match name.as_str() {
                Some("key") => key = value.to_string(),
                Some(name) => values.set(name.to_owned(), fluent(&value)),
                None => {}
            }
        }
    } else {
        key = reason.to_string();
    }
    Ok(text(words, locale, &format!("{family}-{key}"), &values))
}

/// A scope in words: the resource server's, else ours for the standard ones, else its name.
fn scope(locale: Locale, line: &Value) -> Result<String, Error> {
    let description = line.get_attr("description")?;
    if let Some(text) = description.as_str() {
        return Ok(text.to_owned());
    }
    let name = line.get_attr("name")?.to_string();
    let key = format!("scope-{}", name.replace('_', "-"));
    if catalog().has(Locale::En, &key) { Ok(catalog().text(locale, &key, &FluentArgs::new())) } else { Ok(name) }
}

fn time(locale: Locale, form: &str, moment: When) -> Result<Value, Error> {
    let (civil, words) = written(locale, form, moment)?;
    Ok(Value::from_safe_string(format!(
        "<time datetime=\"{}\" data-form=\"{form}\">{}</time>",
        civil.rfc3339(),
        HtmlEscape(&words)
    )))
}

/// A day that begins and ends in UTC, as counters have it. No script writes it anew for the reader's zone: west of Greenwich its
/// beginning is in the evening before.
fn utc_day(locale: Locale, moment: When) -> Result<Value, Error> {
    let (civil, words) = written(locale, "day", moment)?;
    let date = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
    Ok(Value::from_safe_string(format!("<time datetime=\"{date}\">{}</time>", HtmlEscape(&words))))
}

fn written(locale: Locale, form: &str, moment: When) -> Result<(Civil, String), Error> {
    let civil = moment.civil().ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a moment outside the calendar"))?;
    let mut values = FluentArgs::new();
    values.set("year", civil.year.to_string());
    values.set("month", i64::from(civil.month));
    values.set("day", i64::from(civil.day));
    values.set("time", format!("{:02}:{:02}", civil.hour, civil.minute));
    let words = catalog().text(locale, &format!("time-{form}"), &values);
    Ok((civil, words))
}

/// Numbers stay numbers, so that plurals work; everything else is text.
fn fluent(value: &Value) -> FluentValue<'static> {
    if value.kind() == ValueKind::Number
        && let Ok(number) = i64::try_from(value.clone())
    {
        return FluentValue::from(number);
    }
    FluentValue::from(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    // As the Unicode CLDR has them: Spanish parts no number of four digits.
    #[test]
    fn numbers_stand_as_their_language_writes_them() {
        let all = [(Locale::En, "12,345", "1,234"), (Locale::De, "12.345", "1.234"), (Locale::Es, "12.345", "1234")];
        for (locale, large, small) in
            all.into_iter().chain([(Locale::Fr, "12\u{202f}345", "1\u{202f}234"), (Locale::Ja, "12,345", "1,234")])
        {
            assert_eq!((grouped(locale, 12_345).as_str(), grouped(locale, 1_234).as_str()), (large, small), "{locale:?}");
        }
        assert_eq!(grouped(Locale::En, -7), "-7");
    }
}
