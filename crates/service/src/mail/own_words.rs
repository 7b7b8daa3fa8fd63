//! A tenant's own words for its mails: a subject and a body for a kind of mail in a language. They may hold placeholders such as
//! `{{ tenant }}`, and nothing else that a template can do: no expression, no condition, no loop.

use super::render::Mail;
use crate::directory::{DirectoryError, Problems};
use crate::i18n::Locale;
use doorward_store::mail::MailTemplateRow;
use std::collections::{BTreeMap, HashMap};

/// Longest subject.
const LONGEST_SUBJECT: usize = 200;
/// Longest body.
const LONGEST_BODY: usize = 4000;

/// Words for one kind of mail in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Subject.
    pub subject: String,
    /// Body; an empty line parts paragraphs.
    pub body: String,
}

/// All the words of a tenant.
#[derive(Debug, Default)]
pub struct OwnWords {
    words: HashMap<(String, String), Words>,
}

impl OwnWords {
    pub(crate) fn of(rows: Vec<MailTemplateRow>) -> Self {
        let words = rows.into_iter().map(|row| ((row.kind, row.locale), Words { subject: row.subject, body: row.body }));
        Self { words: words.collect() }
    }

    /// The words for a kind of mail in a language, if the tenant has its own.
    pub fn get(&self, kind: &str, locale: Locale) -> Option<&Words> {
        self.words.get(&(kind.to_owned(), locale.tag().to_owned()))
    }
}

impl Words {
    /// Whether they can be used for a mail.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn check(&self, mail: &Mail) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.must(!self.subject.contains(['\r', '\n']), "subject", "must be one line");
        for (field, text, longest) in [("subject", &self.subject, LONGEST_SUBJECT), ("body", &self.body, LONGEST_BODY)] {
            problems.must(!text.trim().is_empty(), field, "must not be empty");
            problems.must(text.chars().count() <= longest, field, "is too long");
            if let Err(message) = names(text).and_then(|names| known(&names, mail)) {
                problems.add(field, message);
            }
        }
        problems.finish()
    }
}

fn known(names: &[&str], mail: &Mail) -> Result<(), String> {
    let values = mail.placeholders();
    match names.iter().find(|name| !values.iter().any(|(known, _)| known == *name)) {
        None => Ok(()),
        Some(name) => {
            let all: Vec<String> = values.iter().map(|(known, _)| format!("{{{{ {known} }}}}")).collect();
            Err(format!("this mail has no {{{{ {name} }}}}; it has {}", all.join(", ")))
        }
    }
}

/// The names of the placeholders of a text; `Err` when it holds anything else that a template would act on.
fn names(text: &str) -> Result<Vec<&str>, String> {
    if text.contains("{%") || text.contains("{#") {
        return Err("may hold placeholders only, no {% … %} and no {# … #}".into());
    }
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or("has a {{ without its }}")?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err(format!("“{name}” is no placeholder"));
        }
        names.push(name);
        rest = behind;
    }
    Ok(names)
}

/// A text with its placeholders filled in. What cannot be filled in was refused when it was saved; should one slip through, the
/// mail still says the rest.
pub(super) fn filled(text: &str, values: &[(&'static str, String)]) -> String {
    let mut env = minijinja::Environment::empty();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let context: BTreeMap<&'static str, String> = values.iter().cloned().collect();
    if names(text).is_err() {
        return text.to_owned();
    }
    env.render_str(text, context).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::render::Code;

    fn code() -> Mail {
        Mail::SignInCode(Code { code: "123456".into(), link: None, minutes: 10 })
    }

    fn check(subject: &str, body: &str) -> Result<(), String> {
        Words { subject: subject.into(), body: body.into() }.check(&code()).map_err(|e| e.to_string())
    }

    #[test]
    fn placeholders_of_this_mail_are_taken_and_nothing_else() {
        check("{{ code }} for {{tenant}}", "Hello,\n\nyour code is {{ code }}, good for {{ minutes }} minutes.").unwrap();
        for bad in [
            "{% for x in range(1000000) %}a{% endfor %}",
            "{# note #}",
            "{{ code * 99999999 }}",
            "{{ code|upper }}",
            "{{ tenant.secret }}",
            "{{ left }}",
            "{{ code",
            "{{ }}",
            "",
        ] {
            assert!(check("Subject", bad).is_err(), "{bad}");
        }
        assert!(check("two\nlines", "body").unwrap_err().contains("one line"));
        assert!(check(&"x".repeat(201), "body").is_err() && check("x", &"x".repeat(4001)).is_err());
        assert!(check("{{ left }}", "x").unwrap_err().contains("it has {{ tenant }}, {{ code }}, {{ minutes }}"));
    }

    #[test]
    fn values_are_text_and_never_templates() {
        let values = [("tenant", "{{ code }}".to_owned()), ("code", "123456".to_owned())];
        assert_eq!(filled("{{ tenant }}: {{ code }}", &values), "{{ code }}: 123456");
    }
}
