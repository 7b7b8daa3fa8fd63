//! `response_type` (RFC 6749, section 3.1.1; OAuth 2.0 Multiple Response Type Encoding Practices 1.0).

use super::response_mode::ResponseMode;
use serde::{Deserialize, Serialize};

/// What an authorization answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseType {
    /// An authorization code.
    pub code: bool,
    /// An ID token.
    pub id_token: bool,
    /// An access token.
    pub token: bool,
}

impl Default for ResponseType {
    fn default() -> Self {
        Self::CODE
    }
}

impl ResponseType {
    /// The code flow.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };

    /// Reads the parameter: words in any order, each once.
    pub fn parse(text: &str) -> Option<Self> {
        let mut out = Self { code: false, id_token: false, token: false };
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let place = match word {
                "code" => &mut out.code,
                "id_token" => &mut out.id_token,
                "token" => &mut out.token,
                _ => return None,
            };
            if std::mem::replace(place, true) {
                return None;
            }
        }
        (out.code || out.id_token || out.token).then_some(out)
    }

    /// Whether tokens travel through the browser (OpenID Connect Core, sections 3.2 and 3.3).
    pub fn gives_tokens(self) -> bool {
        self.id_token || self.token
    }

    /// How an answer travels unless the request says otherwise (Multiple Response Types, sections 2.1 and 5).
    pub fn default_mode(self) -> ResponseMode {
        if self.gives_tokens() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiple_response_types_section_5() {
        assert_eq!(ResponseType::parse("code"), Some(ResponseType::CODE));
        let hybrid = ResponseType { code: true, id_token: true, token: false };
        assert_eq!(ResponseType::parse("code id_token"), Some(hybrid));
        assert_eq!(ResponseType::parse("id_token code"), Some(hybrid));
        assert_eq!(hybrid.default_mode(), ResponseMode::Fragment);
        assert_eq!(ResponseType::CODE.default_mode(), ResponseMode::Query);
        for bad in ["", "none", "code code", "code,id_token", "CODE"] {
            assert_eq!(ResponseType::parse(bad), None, "{bad}");
        }
    }
}
