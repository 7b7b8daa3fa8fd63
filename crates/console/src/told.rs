//! What the page has to tell besides its own content: why a form came back, with every field that is wrong, and what was typed.

use doorward_protocol::oauth::params::Params;
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
