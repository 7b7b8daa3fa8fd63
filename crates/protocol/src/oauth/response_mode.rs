//! How an authorization answer travels (OAuth 2.0 Multiple Response Type Encoding Practices; Form Post Response Mode).

use serde::{Deserialize, Serialize};

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect address: the default for `code`.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// As a form that the browser posts.
    FormPost,
    /// As a message to the window that opened or framed the page (draft-sakimura-oauth-wmrm).
    WebMessage,
}

impl ResponseMode {
    /// Reads the parameter.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            "web_message" => Some(Self::WebMessage),
            _ => None,
        }
    }
}
