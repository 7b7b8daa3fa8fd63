//! Which users a list shows. All of it stands in the address, so that a list can be kept, sent and come back to.

use crate::asking::Asking;
use doorward_protocol::search::{Bound, Pattern, Query, UserField};
use doorward_service::directory::{DirectoryError, read_user_query};
use serde::Serialize;

/// What was asked for, field by field, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    pub q: String,
    pub status: String,
    pub email: String,
    pub passkey: String,
    pub role: String,
    pub group: String,
    pub from: String,
    pub to: String,
}

/// The fields of the address that make a filter. Forms have a field `from` of their own: where they stand.
const FIELDS: [&str; 8] = ["q", "status", "email", "passkey", "role", "group", "created_from", "created_to"];

impl Filter {
    pub fn of(asking: &Asking) -> Self {
        let field = |name: &str| asking.field(name).chars().take(300).collect::<String>();
        let one = |name: &str, known: &[&str]| Some(field(name)).filter(|v| known.contains(&v.as_str())).unwrap_or_default();
        Self {
            q: field("q"),
            status: one("status", &["active", "blocked"]),
            email: one("email", &["proven", "unproven"]),
            passkey: one("passkey", &["with", "without"]),
            role: field("role"),
            group: field("group"),
            from: field("created_from"),
            to: field("created_to"),
        }
    }

    fn value(&self, field: &str) -> &str {
        match field {
            "q" => &self.q,
            "status" => &self.status,
            "email" => &self.email,
            "passkey" => &self.passkey,
            "role" => &self.role,
            "group" => &self.group,
            "created_from" => &self.from,
            _ => &self.to,
        }
    }

    /// Whether everybody is shown.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything but words is asked for.
    pub fn is_narrow(&self) -> bool {
        *self != Self { q: self.q.clone(), ..Self::default() }
    }

    /// The fields that are set, for an address or a form.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        FIELDS.into_iter().map(|name| (name, self.value(name))).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The query, or what is wrong with the words.
    pub fn query(&self) -> Result<Query<UserField>, DirectoryError> {
        let mut all = words(&self.q)?;
        let is = |field, value: &str| Query::Match { field, pattern: Pattern::Exact(value.to_owned()) };
        match self.status.as_str() {
            "blocked" => all.push(is(UserField::Blocked, "true")),
            "active" => all.push(is(UserField::Blocked, "false")),
            _ => {}
        }
        match self.email.as_str() {
            "proven" => all.push(is(UserField::EmailVerified, "true")),
            "unproven" => all.push(is(UserField::EmailVerified, "false")),
            _ => {}
        }
        match self.passkey.as_str() {
            "with" => all.push(is(UserField::HasPasskey, "true")),
            "without" => all.push(is(UserField::HasPasskey, "false")),
            _ => {}
        }
        if !self.role.is_empty() {
            all.push(is(UserField::Role, &self.role));
        }
        if !self.group.is_empty() {
            all.push(is(UserField::Group, &self.group));
        }
        if !self.from.is_empty() || !self.to.is_empty() {
            let bound = |text: &str| if text.is_empty() { Bound::Open } else { Bound::Inclusive(text.to_owned()) };
            all.push(Query::Range { field: UserField::CreatedAt, from: bound(&self.from), to: bound(&self.to) });
        }
        Ok(match all.len() {
            0 => Query::All,
            1 => all.remove(0),
            _ => Query::And(all),
        })
    }
}

/// Words are the beginnings of identifiers and names, and all of them must fit. Where a field is named, the text is a query.
fn words(text: &str) -> Result<Vec<Query<UserField>>, DirectoryError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let names_a_field = |word: &str| {
        word.trim_start_matches(['-', '!', '(']).split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        })
    };
    if text.split_whitespace().any(names_a_field) {
        return Ok(vec![read_user_query(text)?]);
    }
    Ok(text.split_whitespace().map(|word| Query::Text(Pattern::with_stars(word))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(q: &str) -> Result<Query<UserField>, DirectoryError> {
        Filter { q: q.into(), ..Filter::default() }.query()
    }

    fn text(word: &str) -> Query<UserField> {
        Query::Text(Pattern::Exact(word.into()))
    }

    #[test]
    fn words_are_words_and_fields_are_fields() {
        assert_eq!(with("").unwrap(), Query::All);
        assert_eq!(with("ada").unwrap(), text("ada"));
        // No operator: a person who types two words means both.
        assert_eq!(with("ada lovelace").unwrap(), Query::And(vec![text("ada"), text("lovelace")]));
        assert_eq!(with("ada+x@example.org").unwrap(), text("ada+x@example.org"));
        let domain = Query::Match { field: UserField::EmailDomain, pattern: Pattern::Exact("example.org".into()) };
        assert_eq!(with("email_domain:example.org").unwrap(), domain);
        for wrong in ["nickname2:x", "email:", "created_at:[2026"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_chosen_is_added_to_what_is_typed() {
        let filter = Filter { q: "ada".into(), status: "blocked".into(), from: "2026-01-01".into(), ..Filter::default() };
        let Query::And(all) = filter.query().unwrap() else { panic!("all of them") };
        assert_eq!(all.len(), 3);
        assert_eq!(filter.pairs(), [("q", "ada"), ("status", "blocked"), ("created_from", "2026-01-01")]);
        assert!(filter.is_narrow() && !Filter { q: "ada".into(), ..Filter::default() }.is_narrow());
    }
}
