//! Request parameters as they arrive, with RFC 6749, section 3.1: a parameter without a value counts as omitted, and none may
//! be included more than once.

use std::collections::BTreeMap;

/// The parameters of one request.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: BTreeMap<String, Vec<String>>,
}

/// A parameter was sent more than once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} was sent more than once")]
pub struct Repeated(pub String);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text: a query string or a form body.
    pub fn parse(text: &str) -> Self {
        Self::from_pairs(form_urlencoded::parse(text.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())))
    }

    /// Collects pairs from another source.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            if !value.is_empty() {
                values.entry(name).or_default().push(value);
            }
        }
        Self { values }
    }

    /// The value of a parameter that may be sent once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        match self.values.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([value]) => Ok(Some(value)),
            Some(_) => Err(Repeated(name.to_owned())),
        }
    }

    /// The first value, for places where repetition does not matter (reading who asked, for an error page).
    pub fn first(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|all| all.first()).map(String::as_str)
    }

    /// All values of a parameter that may be repeated (`resource`, RFC 8707).
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// All pairs, in the order of their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().flat_map(|(k, all)| all.iter().map(move |v| (k.as_str(), v.as_str())))
    }
}
