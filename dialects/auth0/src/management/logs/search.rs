//! `q` of logs: the search syntax that most people know, over a few fields, compared exactly.

use super::Entry;
use crate::management::refused::Refused;
use doorward_protocol::search::{Bound, Lucene, Pattern, Query, moments};
use doorward_protocol::time::Timestamp;
use serde_json::Value;

/// What can be searched by.
const FIELDS: &[&str] = &[
    "client_id",
    "client_name",
    "connection",
    "connection_id",
    "description",
    "date",
    "hostname",
    "ip",
    "log_id",
    "organization_id",
    "user_id",
    "user_name",
    "user_agent",
    "strategy",
    "strategy_type",
    "type",
];
/// What words without a field are looked for in.
const WORDS: &[&str] = &["client_name", "connection", "description", "ip", "log_id", "type", "user_name"];

/// A search.
pub struct Wanted(Query<String>);

impl Wanted {
    /// Reads `q`.
    ///
    /// # Errors
    /// 400.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let wrong = |message: String| Refused::query("q", message);
        let query = Lucene::default().parse(text).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        if !query.is_modest() {
            return Err(wrong("asks for too much at once".into()));
        }
        let query = query.translate(&mut |name: String| {
            let name = if name == "_id" { "log_id".to_owned() } else { name };
            if FIELDS.contains(&name.as_str()) { Ok(name) } else { Err(wrong(format!("cannot search by {name}"))) }
        })?;
        dates(&query).map_err(wrong)?;
        Ok(Self(query))
    }

    /// Whether an entry fits.
    pub fn fits(&self, entry: &Entry) -> bool {
        fits(&self.0, entry)
    }
}

/// Every date that is asked for is one.
fn dates(query: &Query<String>) -> Result<(), String> {
    let check = |text: &str| match moments(text) {
        Some(_) => Ok(()),
        None => Err(format!("{text} is no date")),
    };
    match query {
        Query::And(all) | Query::Or(all) => all.iter().try_for_each(dates),
        Query::Not(one) => dates(one),
        Query::Range { field, from, to } if field == "date" => [from, to].into_iter().filter_map(text_of).try_for_each(check),
        Query::Match { field, pattern: Pattern::Exact(text) } if field == "date" => check(text),
        Query::Match { field, .. } if field == "date" => Err("a date takes no wildcard".into()),
        _ => Ok(()),
    }
}

fn text_of(bound: &Bound) -> Option<&str> {
    match bound {
        Bound::Open => None,
        Bound::Inclusive(text) | Bound::Exclusive(text) => Some(text),
    }
}

fn text<'e>(entry: &'e Entry, field: &str) -> Option<&'e str> {
    entry.body.get(field).and_then(Value::as_str)
}

fn fits(query: &Query<String>, entry: &Entry) -> bool {
    match query {
        Query::All => true,
        Query::And(all) => all.iter().all(|one| fits(one, entry)),
        Query::Or(all) => all.iter().any(|one| fits(one, entry)),
        Query::Not(one) => !fits(one, entry),
        Query::Match { field, pattern: Pattern::Exact(day) } if field == "date" => {
            moments(day).is_some_and(|(from, to)| from <= entry.at && entry.at < to)
        }
        Query::Match { field, pattern } => text(entry, field).is_some_and(|value| looks_like(pattern, value)),
        Query::Exists(field) => text(entry, field).is_some_and(|value| !value.is_empty()),
        Query::Range { field, from, to } if field == "date" => after(from, entry.at) && before(to, entry.at),
        Query::Range { field, from, to } => text(entry, field).is_some_and(|value| {
            let low = match from {
                Bound::Open => true,
                Bound::Inclusive(bound) => value >= bound.as_str(),
                Bound::Exclusive(bound) => value > bound.as_str(),
            };
            let high = match to {
                Bound::Open => true,
                Bound::Inclusive(bound) => value <= bound.as_str(),
                Bound::Exclusive(bound) => value < bound.as_str(),
            };
            low && high
        }),
        Query::Text(pattern) => WORDS.iter().filter_map(|field| text(entry, field)).any(|value| has_word(pattern, value)),
    }
}

/// A word without a field is one of a value's words, or the whole of it.
fn has_word(pattern: &Pattern, value: &str) -> bool {
    looks_like(pattern, value) || value.split(' ').any(|word| looks_like(pattern, word))
}

fn after(bound: &Bound, at: Timestamp) -> bool {
    match bound {
        Bound::Open => true,
        Bound::Inclusive(text) => moments(text).is_some_and(|(from, _)| at >= from),
        Bound::Exclusive(text) => moments(text).is_some_and(|(_, to)| at >= to),
    }
}

fn before(bound: &Bound, at: Timestamp) -> bool {
    match bound {
        Bound::Open => true,
        Bound::Inclusive(text) => moments(text).is_some_and(|(_, to)| at < to),
        Bound::Exclusive(text) => moments(text).is_some_and(|(from, _)| at < from),
    }
}

fn looks_like(pattern: &Pattern, value: &str) -> bool {
    match pattern {
        Pattern::Exact(text) => value == text,
        Pattern::Prefix(text) => value.starts_with(text.as_str()),
        Pattern::Contains(text) => value.contains(text.as_str()),
        Pattern::Pieces(pieces) => in_order(pieces, value),
    }
}

/// Whether the pieces stand in a value in this order, the first at its beginning and the last at its end.
fn in_order(pieces: &[String], value: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return value.is_empty() };
    let Some((last, middle)) = rest.split_last() else { return value == first };
    let Some(mut left) = value.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        match left.split_once(piece.as_str()) {
            Some((_, behind)) => left = behind,
            None => return false,
        }
    }
    left.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> Entry {
        let body = json!({
            "type": "fp", "client_id": "abc", "user_name": "Ada@example.org", "ip": "192.0.2.7",
            "description": "sign in failed: wrong password",
        });
        // 2026-11-21T09:30:00Z
        Entry { at: Timestamp(1_795_253_400_000), body: body.as_object().cloned().unwrap() }
    }

    #[test]
    fn what_fits_and_what_does_not() {
        for (q, fits) in [
            ("", true),
            ("type:fp", true),
            ("type:FP", false),
            ("type:(s OR fp)", true),
            ("NOT type:fp", false),
            ("type:fp AND client_id:\"abc\"", true),
            ("user_name:Ada*", true),
            ("user_name:ada*", false),
            ("user_name:A*@*.org", true),
            ("date:[2026-11-21 TO *]", true),
            ("date:{2026-11-21 TO *]", false),
            ("date:[* TO 2026-11-20]", false),
            ("date:[2026-11-21 TO 2026-11-21]", true),
            ("_exists_:user_id", false),
            ("_exists_:ip", true),
            ("password", true),
            ("Password", false),
        ] {
            assert_eq!(Wanted::read(q).unwrap().fits(&entry()), fits, "{q}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for q in ["nothing:x", "type:(s", "date:[yesterday TO *]", "date:2026*"] {
            assert!(Wanted::read(q).is_err(), "{q}");
        }
    }
}
