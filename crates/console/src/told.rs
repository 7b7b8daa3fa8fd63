//! What the page has to tell besides its own content: why a form came back, with every field that is wrong, and what was typed.

use doorward_protocol::oauth::params::Params;
use doorward_protocol::time::Timestamp;
use doorward_service::directory::{DirectoryError, FieldProblem};
use serde::Serialize;
use std::collections::BTreeMap;

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The name of the form's field.
    pub field: String,
    /// What is wrong, for people.
    pub message: String,
}

/// Why a form came back.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// All that is wrong.
    pub wrong: Vec<Wrong>,
    /// What was typed, by field.
    pub typed: BTreeMap<String, String>,
}

impl Told {
    /// Nothing happened yet.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Somebody else changed what the form is about after its page was shown: saved as it is, it would set that back. `now` is the
    /// revision that the page would show now.
    pub fn overtaken(form: &Params, now: &str) -> Option<Self> {
        // A form without one comes from no page of ours that has such a form.
        let read = form.first("revision")?;
        (read != now).then(|| Self::wrong(form, "", "somebody changed this meanwhile; look at it again, then save"))
    }

    /// One field is wrong.
    pub fn wrong(form: &Params, field: &str, message: &str) -> Self {
        Self { wrong: vec![Wrong { field: field.into(), message: message.into() }], typed: typed(form) }
    }

    /// A use case did not take the form; `Err` when it is not the form's fault.
    pub fn by(form: &Params, error: DirectoryError) -> Result<Self, DirectoryError> {
        let wrong = match error {
            DirectoryError::Conflict { field, message } => vec![Wrong { field: field.into(), message }],
            DirectoryError::Invalid(problems) => problems.into_iter().map(|problem| wrong(form, problem)).collect(),
            other => return Err(other),
        };
        Ok(Self { wrong, typed: typed(form) })
    }

    /// What was told of one of several forms of a page; each such form says its name in the field `form`.
    #[must_use]
    pub fn part(&self, form: &str) -> Self {
        if self.typed.get("form").is_some_and(|one| one == form) { self.clone() } else { Self::default() }
    }

    /// What to show in a field: what was typed, else what is kept.
    pub fn value(&self, field: &str, kept: impl Into<String>) -> String {
        if self.typed.is_empty() { kept.into() } else { self.typed.get(field).cloned().unwrap_or_default() }
    }

    /// Whether a box is ticked: as it was sent, else as it is kept.
    pub fn ticked(&self, field: &str, kept: bool) -> bool {
        if self.typed.is_empty() { kept } else { self.typed.contains_key(field) }
    }
}

/// A length of time as a form writes it: in whole units.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Seconds of a unit.
    unit: i64,
    /// Seconds that are kept.
    kept: i64,
}

impl Span {
    /// So many seconds, in a unit of so many.
    pub const fn new(kept: i64, unit: i64) -> Self {
        Self { unit, kept }
    }

    /// What is kept.
    pub const fn seconds(self) -> i64 {
        self.kept
    }

    /// What the form shows of it.
    pub fn shown(self) -> String {
        (self.kept / self.unit).to_string()
    }

    /// The seconds that somebody typed; `Err` when that is no number. What stands there as it was shown is what is kept, with the
    /// seconds that whole units do not show.
    pub fn typed(self, text: &str) -> Result<i64, ()> {
        if text == self.shown() {
            return Ok(self.kept);
        }
        let number = text.parse::<i64>().ok().filter(|n| (0..=1_000_000).contains(n));
        number.map(|n| n * self.unit).ok_or(())
    }
}

/// The revision of a document that knows when it was changed.
pub fn revision(at: Timestamp) -> String {
    at.0.to_string()
}

fn typed(form: &Params) -> BTreeMap<String, String> {
    form.pairs().filter(|(name, _)| *name != "csrf").map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A problem in the form's own terms: `redirect_uris[2]` is the third line of a field, and says which address it means.
fn wrong(form: &Params, problem: FieldProblem) -> Wrong {
    let FieldProblem { field, message } = problem;
    let Some((name, rest)) = field.split_once('[') else { return Wrong { field, message } };
    let line = rest.split_once(']').and_then(|(n, _)| n.parse::<usize>().ok());
    let line = line.and_then(|n| lines(form.first(name).unwrap_or_default()).into_iter().nth(n));
    let message = line.map_or(message.clone(), |line| format!("“{line}”: {message}"));
    Wrong { field: name.to_owned(), message }
}

/// The entries of a field that takes one a line. Commas and spaces part them too, since that is how people paste them.
pub fn lines(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_line_it_means() {
        let form = Params::parse("redirect_uris=https%3A%2F%2Fa.example%0D%0Ahttp%3A%2F%2Fb.example&csrf=x");
        let error = DirectoryError::Invalid(vec![FieldProblem { field: "redirect_uris[1]".into(), message: "use https".into() }]);
        let told = Told::by(&form, error).unwrap();
        assert_eq!(told.wrong, [Wrong { field: "redirect_uris".into(), message: "“http://b.example”: use https".into() }]);
        assert!(!told.typed.contains_key("csrf"));
        assert_eq!(told.value("name", "kept"), "");
        assert!(Told::by(&form, DirectoryError::NotFound { noun: "x" }).is_err());
        assert_eq!(Told::nothing().value("name", "kept"), "kept");
    }

    #[test]
    fn a_length_of_time_that_nobody_touched_is_not_cut_to_whole_units() {
        let hours = Span::new(1800, 3600);
        assert_eq!(
            (hours.shown().as_str(), hours.typed("0"), hours.typed("2"), hours.typed("x")),
            ("0", Ok(1800), Ok(7200), Err(()))
        );
        assert_eq!(Span::new(90, 60).typed("1"), Ok(90));
    }

    #[test]
    fn a_form_of_another_revision_is_overtaken() {
        let form = Params::parse("revision=7&name=a");
        assert!(Told::overtaken(&form, "7").is_none() && Told::overtaken(&Params::parse("name=a"), "7").is_none());
        assert_eq!(Told::overtaken(&form, "8").unwrap().value("name", "kept"), "a");
    }

    #[test]
    fn what_was_typed_into_one_form_is_not_shown_in_another() {
        let told = Told::wrong(&Params::parse("form=members&identifier=ada"), "identifier", "belongs to nobody");
        assert_eq!(told.part("members").value("identifier", ""), "ada");
        assert_eq!(told.part("settings").value("name", "kept"), "kept");
        assert!(told.part("settings").ticked("is_default", true));
    }

    #[test]
    fn lists_are_read_as_people_paste_them() {
        assert_eq!(lines(" a,b\r\n\nc  d,"), ["a", "b", "c", "d"]);
    }
}
