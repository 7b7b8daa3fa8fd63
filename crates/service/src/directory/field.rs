//! What is wrong with an input, field by field, in words for people.

use super::DirectoryError;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use url::{Host, Url};

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Path of the field, such as `redirect_uris[2]` or `policy.code.digits`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// All of them in one line.
pub(super) fn list(problems: &[FieldProblem]) -> String {
    let each: Vec<String> = problems
        .iter()
        .map(|p| if p.field.is_empty() { p.message.clone() } else { format!("{}: {}", p.field, p.message) })
        .collect();
    each.join("; ")
}

/// Collects problems, so that one answer names all of them.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.into(), message: message.into() });
    }

    /// Adds one unless a condition holds.
    pub fn must(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.add(field, message);
        }
    }

    /// A name shown to people: 1 to 200 characters, none of them a control character.
    pub fn name(&mut self, field: &str, text: &str) {
        self.must(!text.trim().is_empty(), field, "must not be empty");
        self.text(field, text, 200);
    }

    /// A text of at most `most` characters without control characters.
    pub fn text(&mut self, field: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.add(field, format!("must have at most {most} characters"));
        }
        self.must(!text.chars().any(char::is_control), field, "must not contain control characters");
    }

    /// A number within a range.
    pub fn range<T: PartialOrd + Display>(&mut self, field: &str, value: T, range: RangeInclusive<T>) {
        if !range.contains(&value) {
            self.add(field, format!("must be between {} and {}", range.start(), range.end()));
        }
    }

    /// A list of at most `most` different texts, each checked.
    pub fn each(&mut self, field: &str, items: &[String], most: usize, mut check: impl FnMut(&str) -> Result<(), String>) {
        if items.len() > most {
            self.add(field, format!("must have at most {most} entries"));
            return;
        }
        let mut seen = HashSet::new();
        for (n, item) in items.iter().enumerate() {
            if !seen.insert(item) {
                self.add(format!("{field}[{n}]"), "is in the list already");
            } else if item.len() > 2000 {
                self.add(format!("{field}[{n}]"), "must have at most 2000 characters");
            } else if let Err(message) = check(item) {
                self.add(format!("{field}[{n}]"), message);
            }
        }
    }

    /// An address that a page of ours links to or loads.
    pub fn web_address(&mut self, field: &str, text: Option<&str>) {
        if let Some(text) = text
            && let Err(message) = web_address(text)
        {
            self.add(field, message);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when there is none.
    ///
    /// # Errors
    /// All of them.
    pub fn finish(self) -> Result<(), DirectoryError> {
        if self.0.is_empty() { Ok(()) } else { Err(DirectoryError::Invalid(self.0)) }
    }
}

/// Whether a document holds the character NUL, in a key or a value. JSON may; PostgreSQL stores none and reads none.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// An https address, or http on this very machine.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    // The parser would take them, in its own spelling.
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".into());
    }
    if text.chars().count() > 2000 {
        return Err("must have at most 2000 characters".into());
    }
    let url = Url::parse(text).map_err(|_| "must be an absolute address such as https://example.org/".to_owned())?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        "http" => return Err("must begin with https://; http is for localhost only".into()),
        _ => return Err("must begin with https://".into()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or password".into());
    }
    Ok(url)
}

/// An origin (RFC 6454, section 6.2): scheme, host and port, nothing behind.
pub(super) fn origin(text: &str) -> Result<(), String> {
    let url = web_address(text)?;
    if url.origin().ascii_serialization() == text {
        Ok(())
    } else {
        Err(format!("must be an origin: {}", url.origin().ascii_serialization()))
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A scope token (RFC 6749, section 3.3).
pub(super) fn scope(text: &str) -> Result<(), String> {
    let one = doorward_protocol::oauth::scope::parse(text).is_some_and(|tokens| tokens.len() == 1 && !text.contains(' '));
    if one && text.len() <= 200 {
        Ok(())
    } else {
        Err("must be one word of printable ASCII without quotes or backslashes, at most 200 characters".into())
    }
}

/// A signature algorithm of ours.
pub(super) fn signing_alg(text: &str) -> Result<(), String> {
    let known = crate::keys::SIGNING_ALGORITHMS;
    if known.iter().any(|a| a.as_str() == text) {
        Ok(())
    } else {
        let names: Vec<&str> = known.iter().map(|a| a.as_str()).collect();
        Err(format!("must be one of {}", names.join(", ")))
    }
}
