//! A body in JSON or as a form: some libraries send the one, some the other, to the same endpoints.

use crate::errors::Failure;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use doorward_protocol::oauth::params::Params;
use serde_json::{Map, Value};

/// The members of a body. What is `null` or empty counts as absent.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Texts, numbers and booleans, as parameters.
    pub params: Params,
    /// Objects and lists.
    pub nested: Map<String, Value>,
}

impl Body {
    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.first(name)
    }

    /// A text that must be there.
    pub fn must(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::invalid_request(&format!("Missing required parameter: {name}")))
    }

    /// An object.
    pub fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.nested.get(name).and_then(Value::as_object)
    }

    /// The words of a list, or of a text with spaces between them.
    pub fn words(&self, name: &str) -> Vec<String> {
        match self.nested.get(name).and_then(Value::as_array) {
            Some(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            None => self.text(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn from_json(bytes: &[u8]) -> Result<Self, Failure> {
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(bytes) else {
            return Err(Failure::invalid_request("The body must be a JSON object"));
        };
        let mut pairs = Vec::new();
        let mut nested = Map::new();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::String(text) => pairs.push((name, text)),
                Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
                Value::Array(_) | Value::Object(_) => _ = nested.insert(name, value),
            }
        }
        Ok(Self { params: Params::from_pairs(pairs), nested })
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let json = content_type.to_ascii_lowercase().contains("json");
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|rejection| {
            let status =
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { rejection.status() } else { StatusCode::BAD_REQUEST };
            Failure::new(status, "invalid_request", "The body could not be read")
        })?;
        if json || bytes.trim_ascii_start().starts_with(b"{") {
            return Self::from_json(&bytes);
        }
        Ok(Self { params: Params::parse(&String::from_utf8_lossy(&bytes)), nested: Map::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_and_empty_members_are_absent() {
        let body = json!({ "grant_type": "password", "audience": null, "scope": "", "organization": null, "n": 3, "b": true, "x": { "y": 1 }, "l": ["otp"] });
        let body = Body::from_json(body.to_string().as_bytes()).unwrap();
        assert_eq!(body.params.pairs().collect::<Vec<_>>(), [("b", "true"), ("grant_type", "password"), ("n", "3")]);
        assert_eq!(body.object("x").unwrap()["y"], 1);
        assert_eq!(body.words("l"), ["otp"]);
        assert!(Body::from_json(b"[1]").is_err() && Body::from_json(b"{").is_err());
    }
}
