//! The body of a call: a JSON object whose members are read one by one, each named when it is wrong.

use super::refused::Refused;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::ops::RangeInclusive;

/// A body that was sent. It is read after the scopes were looked at: whoever may not call need not know what is wrong with it.
pub struct Body(Result<Vec<u8>, Refused>);

/// The members of a body. `null` counts as absent, except where a change takes something away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let other = !kind.is_empty() && !kind.to_ascii_lowercase().contains("json");
        let bytes = match axum::body::Bytes::from_request(request, state).await {
            Ok(bytes) if other && !bytes.is_empty() => {
                let text = "The body must be JSON: send Content-Type: application/json.";
                return Ok(Self(Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_body", text))));
            }
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_body", "The body is too large."))
            }
            Err(_) => Err(Refused::body("", "could not be read")),
        };
        Ok(Self(bytes))
    }
}

impl Body {
    /// The object.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn read(self) -> Result<Document, Refused> {
        match serde_json::from_slice(&self.0?) {
            Ok(Value::Object(all)) => Ok(Document(all)),
            Ok(_) => Err(Refused::body("", "must be a JSON object")),
            Err(error) => Err(Refused::body("", format!("is not JSON: {error}"))),
        }
    }

    /// The object; none at all is an empty one.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn read_or_empty(self) -> Result<Document, Refused> {
        match self.0 {
            Ok(bytes) if bytes.trim_ascii().is_empty() => Ok(Document::default()),
            other => Self(other).read(),
        }
    }

    /// A list, for the few calls that take one.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn list(self) -> Result<Vec<Value>, Refused> {
        match serde_json::from_slice(&self.0?) {
            Ok(Value::Array(all)) => Ok(all),
            Ok(_) => Err(Refused::body("", "must be a JSON array")),
            Err(error) => Err(Refused::body("", format!("is not JSON: {error}"))),
        }
    }
}

impl Document {
    /// A member that is not null.
    pub fn at(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether a member was sent, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Refuses what is not among these names, and so misspellings.
    ///
    /// # Errors
    /// 400.
    pub fn only(&self, names: &[&[&str]]) -> Result<(), Refused> {
        match self.0.keys().find(|key| !names.iter().any(|some| some.contains(&key.as_str()))) {
            Some(key) => Err(Refused::body(key, "is not known")),
            None => Ok(()),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.at(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refused::body(name, "must be a string")),
        }
    }

    /// A text that must be there and hold something.
    ///
    /// # Errors
    /// 400.
    pub fn must(&self, name: &str) -> Result<&str, Refused> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(Refused::body(name, "must not be empty")),
            None => Err(Refused::body(name, "must be given")),
        }
    }

    /// A flag.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.at(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Refused::body(name, "must be true or false")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn number(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Refused> {
        let Some(value) = self.at(name) else { return Ok(None) };
        // Some libraries write every number as a float.
        let whole = value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64);
        match value.as_i64().or(whole) {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Refused::body(name, format!("must be a whole number between {} and {}", range.start(), range.end()))),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Refused> {
        let Some(value) = self.at(name) else { return Ok(None) };
        let wrong = || Refused::body(name, "must be an array of strings");
        let all = value.as_array().ok_or_else(wrong)?;
        all.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
    }

    /// A list of objects.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn objects(&self, name: &str) -> Result<Option<Vec<Self>>, Refused> {
        let Some(value) = self.at(name) else { return Ok(None) };
        let wrong = || Refused::body(name, "must be an array of objects");
        let all = value.as_array().ok_or_else(wrong)?;
        all.iter().map(|one| one.as_object().cloned().map(Self).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
    }

    /// An object.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn object(&self, name: &str) -> Result<Option<Self>, Refused> {
        match self.at(name) {
            None => Ok(None),
            Some(Value::Object(all)) => Ok(Some(Self(all.clone()))),
            Some(_) => Err(Refused::body(name, "must be an object")),
        }
    }

    /// One of a few words.
    ///
    /// # Errors
    /// 400 when it is none of them.
    pub fn word<'d>(&'d self, name: &str, known: &[&str]) -> Result<Option<&'d str>, Refused> {
        match self.text(name)? {
            Some(word) if !known.contains(&word) => Err(Refused::body(name, format!("must be one of {}", known.join(", ")))),
            other => Ok(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        Body(Ok(value.to_string().into_bytes())).read().unwrap()
    }

    #[test]
    fn members_are_checked_and_null_is_absent() {
        let all = document(json!({ "name": "a", "n": 3, "flag": true, "list": ["x"], "no": null, "empty": " " }));
        assert_eq!(all.must("name").unwrap(), "a");
        assert_eq!(all.number("n", 0..=5).unwrap(), Some(3));
        assert_eq!(all.texts("list").unwrap().unwrap(), ["x"]);
        assert!(all.at("no").is_none() && all.has("no"));
        assert!(all.must("no").is_err() && all.must("empty").is_err());
        assert_eq!(document(json!({ "n": 3.0 })).number("n", 0..=5).unwrap(), Some(3));
        assert!(document(json!({ "n": 3.5 })).number("n", 0..=5).is_err());
        assert!(all.number("n", 0..=2).is_err() && all.text("flag").is_err() && all.texts("name").is_err());
        assert!(all.only(&[&["name", "n", "flag"], &["list", "no"]]).is_err());
        assert!(Body(Ok(b"[1]".to_vec())).read().is_err() && Body(Ok(b"{".to_vec())).read().is_err());
        assert_eq!(Body(Ok(Vec::new())).read_or_empty().unwrap(), Document::default());
    }
}
