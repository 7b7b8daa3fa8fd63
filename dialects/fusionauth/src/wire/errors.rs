//! The error body: field errors and general errors, each with a code and words.

use doorward_service::directory::{DirectoryError, FieldProblem};
use serde_json::{Map, Value, json};

/// An error body in the making.
#[derive(Debug, Clone, Default)]
pub struct Errors {
    fields: Vec<(String, String, String)>,
    general: Vec<(String, String)>,
}

impl Errors {
    /// One wrong field: `kind` is the word in brackets.
    pub fn field(kind: &str, field: &str, message: impl Into<String>) -> Self {
        let mut out = Self::default();
        out.add(kind, field, message);
        out
    }

    /// Something wrong about the whole.
    pub fn general(code: &str, message: impl Into<String>) -> Self {
        Self { fields: Vec::new(), general: vec![(code.to_owned(), message.into())] }
    }

    /// Adds a wrong field.
    pub fn add(&mut self, kind: &str, field: &str, message: impl Into<String>) {
        self.fields.push((field.to_owned(), format!("[{kind}]{field}"), message.into()));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.general.is_empty()
    }

    /// `Err` when something is wrong.
    ///
    /// # Errors
    /// The refusal with this body.
    pub fn finish(self) -> Result<(), super::Refused> {
        if self.is_empty() { Ok(()) } else { Err(super::Refused::Invalid(self)) }
    }

    /// The body.
    pub fn body(&self) -> Value {
        let mut fields: Map<String, Value> = Map::new();
        for (field, code, message) in &self.fields {
            let one = json!({ "code": code, "message": message });
            match fields.entry(field.as_str()).or_insert_with(|| json!([])) {
                Value::Array(all) => all.push(one),
                _ => continue,
            }
        }
        let general: Vec<Value> =
            self.general.iter().map(|(code, message)| json!({ "code": code, "message": message })).collect();
        let mut out = Map::new();
        if !fields.is_empty() {
            out.insert("fieldErrors".into(), Value::Object(fields));
        }
        if !general.is_empty() {
            out.insert("generalErrors".into(), json!(general));
        }
        Value::Object(out)
    }

    /// Problems of a use case in the vendor's field names. `rename` finds the name that the caller knows a field by.
    pub fn of(problems: &[FieldProblem], noun: &str, rename: &[(&str, &str)]) -> Self {
        let mut out = Self::default();
        for problem in problems {
            let field = translate(&problem.field, noun, rename);
            out.add(kind_of(&problem.message), &field, problem.message.clone());
        }
        if out.is_empty() {
            out.general.push(("[invalid]".into(), "the request is not valid".into()));
        }
        out
    }
}

/// The name of a field as the caller knows it: renamed by its longest known beginning, else put under the noun.
fn translate(field: &str, noun: &str, rename: &[(&str, &str)]) -> String {
    let bare = field.split('[').next().unwrap_or(field);
    let known =
        rename.iter().filter(|(ours, _)| bare == *ours || bare.starts_with(&format!("{ours}."))).max_by_key(|(o, _)| o.len());
    match known {
        Some((ours, theirs)) => format!("{theirs}{}", field.get(ours.len()..).unwrap_or_default()),
        None if noun.is_empty() || field.is_empty() => field.to_owned(),
        None => format!("{noun}.{field}"),
    }
}

/// The vendor's word for what is wrong, from our message.
fn kind_of(message: &str) -> &'static str {
    let any = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if any(&["must not be empty", "must be given", "is empty"]) {
        "blank"
    } else if any(&["e-mail address"]) && !any(&["must be given"]) {
        "notEmail"
    } else if any(&["must have at least"]) {
        "tooShort"
    } else if any(&["must have at most"]) {
        "tooLong"
    } else if any(&["must have a digit"]) {
        "requireNumber"
    } else if any(&["must have small letters and capitals"]) {
        "singleCase"
    } else if any(&["neither letter nor digit"]) {
        "onlyAlpha"
    } else if any(&["no such", "has no role"]) {
        "doesNotExist"
    } else if any(&["is taken", "exists"]) {
        "duplicate"
    } else {
        "invalid"
    }
}

/// Refusals of a use case in the vendor's words.
pub(super) fn of_directory(error: DirectoryError, noun: &str, rename: &[(&str, &str)]) -> super::Refused {
    match error {
        DirectoryError::NotFound { .. } => super::Refused::NotFound,
        DirectoryError::Conflict { field, message } => {
            let field = translate(field, noun, rename);
            if field.is_empty() {
                super::Refused::Invalid(Errors::general("[conflict]", message))
            } else {
                let kind = if message.contains("taken") || message.contains("exist") || message.contains("already") {
                    "duplicate"
                } else {
                    "invalid"
                };
                super::Refused::Invalid(Errors::field(kind, &field, message))
            }
        }
        DirectoryError::Invalid(problems) => super::Refused::Invalid(Errors::of(&problems, noun, rename)),
        refused @ DirectoryError::Administrator { .. } => {
            super::Refused::With(403, Errors::general("[administrator]", refused.to_string()).body())
        }
        DirectoryError::Fault(error) => super::Refused::Fault(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_that_the_caller_knows() {
        let rename = [("redirect_uris", "application.oauthConfiguration.authorizedRedirectURLs"), ("email", "user.email")];
        assert_eq!(
            translate("redirect_uris[1]", "application", &rename),
            "application.oauthConfiguration.authorizedRedirectURLs[1]"
        );
        assert_eq!(translate("name", "application", &rename), "application.name");
        let body = Errors::field("duplicate", "user.email", "x").body();
        assert_eq!(body, json!({"fieldErrors": {"user.email": [{"code": "[duplicate]user.email", "message": "x"}]}}));
    }
}
