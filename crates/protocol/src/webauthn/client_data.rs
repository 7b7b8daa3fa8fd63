//! Client data: WebAuthn L3, section 5.8.1, and the checks on it that sections 7.1 and 7.2 share.
//!
//! What the browser says about the ceremony. It is signed over, so it is the one place where the page's origin is proven.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{
    Malformed,
    rp::{OriginRule, sha256},
};

/// How much of a foreign string an error carries: enough to recognise an origin, too little to flood a log.
const QUOTED: usize = 200;

/// `CollectedClientData` (section 5.8.1). Members that later versions add are ignored, as the section demands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ClientData {
    /// `webauthn.create` or `webauthn.get`.
    #[serde(rename = "type")]
    pub ceremony: String,
    /// The challenge in base64url without padding.
    pub challenge: String,
    /// The origin of the caller.
    pub origin: String,
    /// Whether the caller sat in a frame under another origin.
    #[serde(rename = "crossOrigin", default)]
    pub cross_origin: Option<bool>,
    /// The top-level origin, when the caller sat in such a frame and the browser is new enough to say.
    #[serde(rename = "topOrigin", default)]
    pub top_origin: Option<String>,
}

/// Why client data is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientDataError {
    /// The other ceremony's data.
    WrongType {
        /// What it called itself.
        got: String,
    },
    /// Another challenge than the one that was given out.
    ChallengeMismatch,
    /// An origin that may not speak for the relying party.
    OriginMismatch {
        /// The origin it came from.
        got: String,
    },
    /// A frame under another origin where none is allowed.
    CrossOriginNotAllowed,
    /// A frame under a top-level origin that is not on the list.
    TopOriginMismatch {
        /// The top-level origin it came from.
        got: String,
    },
}

impl ClientData {
    /// Parses `clientDataJSON` (section 5.8.1.2): UTF-8 with or without a byte order mark.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let text = std::str::from_utf8(json).map_err(|_| Malformed("clientDataJSON"))?;
        serde_json::from_str(text).map_err(|_| Malformed("clientDataJSON"))
    }

    /// The steps of sections 7.1 and 7.2 on `type`, `challenge`, `origin`, `crossOrigin` and `topOrigin`, in order.
    pub fn check(&self, ceremony: &str, challenge: &[u8], origins: &OriginRule) -> Result<(), ClientDataError> {
        if self.ceremony != ceremony {
            return Err(ClientDataError::WrongType { got: quoted(&self.ceremony) });
        }
        // An empty challenge would make every ceremony replayable: the caller forgot to set one.
        let expected = URL_SAFE_NO_PAD.encode(challenge);
        let equal = expected.as_bytes().ct_eq(self.challenge.as_bytes());
        if challenge.is_empty() || !bool::from(equal) {
            return Err(ClientDataError::ChallengeMismatch);
        }
        if !origins.accepts(&self.origin) {
            return Err(ClientDataError::OriginMismatch { got: quoted(&self.origin) });
        }
        let framed = self.cross_origin == Some(true) || self.top_origin.is_some();
        if framed && !origins.allow_cross_origin {
            return Err(ClientDataError::CrossOriginNotAllowed);
        }
        match &self.top_origin {
            Some(top) if !origins.accepts_top(top) => Err(ClientDataError::TopOriginMismatch { got: quoted(top) }),
            _ => Ok(()),
        }
    }
}

/// The hash that authenticators sign: SHA-256 of the bytes as they were received.
pub(super) fn hash(client_data_json: &[u8]) -> [u8; 32] {
    sha256(client_data_json)
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_section_5_8_1() {
        let good = [
            r#"{"type":"webauthn.get","challenge":"AA","origin":"https://example.org"}"#,
            r#"{"origin":"https://example.org","challenge":"AA","type":"webauthn.get","crossOrigin":false,"new":{"a":[1]}}"#,
            "\u{feff}{\"type\":\"webauthn.get\",\"challenge\":\"AA\",\"origin\":\"https://example.org\"}",
        ];
        for json in good {
            assert!(ClientData::parse(json.as_bytes()).is_ok(), "{json}");
        }
        let bad: [&[u8]; 8] = [
            b"",
            b"null",
            br#"{"type":"webauthn.get","challenge":"AA"}"#,
            br#"{"type":"webauthn.get","challenge":"AA","origin":1}"#,
            br#"{"type":"webauthn.get","challenge":"AA","origin":"o"} x"#,
            br#"{"type":"webauthn.get","challenge":"AA","origin":"o","crossOrigin":"false"}"#,
            // Two readers that each believe another of the two would disagree about who signed.
            br#"{"type":"webauthn.get","challenge":"AA","origin":"a","origin":"b"}"#,
            b"{\"type\":\"webauthn.get\",\"challenge\":\"AA\",\"origin\":\"\xff\"}",
        ];
        for json in bad {
            assert!(ClientData::parse(json).is_err(), "{json:?}");
        }
    }

    #[test]
    fn an_empty_challenge_matches_nothing() {
        let data = ClientData::parse(br#"{"type":"webauthn.get","challenge":"","origin":"o"}"#).expect("well-formed");
        assert_eq!(data.check("webauthn.get", b"", &OriginRule::exact(["o"])), Err(ClientDataError::ChallengeMismatch));
    }

    #[test]
    fn a_quoted_origin_is_short() {
        let origin = "x".repeat(5000);
        let data =
            ClientData { ceremony: "webauthn.get".into(), challenge: "AQ".into(), origin, cross_origin: None, top_origin: None };
        let Err(ClientDataError::OriginMismatch { got }) = data.check("webauthn.get", &[1], &OriginRule::default()) else {
            panic!("accepted");
        };
        assert_eq!(got.len(), QUOTED);
    }
}
