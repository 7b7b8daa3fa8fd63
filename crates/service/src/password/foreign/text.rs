//! How bytes and passwords are written where a hash came from.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How text stands for bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, little end first.
    Utf16le,
    /// The low byte of each UTF-16 unit: what some runtimes call `latin1`, `binary` and `ascii`.
    Latin1,
    /// Hexadecimal digits, upper or lower case. Not for passwords.
    Hex,
    /// Base64, standard or for URLs, padded or not. Not for passwords.
    Base64,
}

impl TextEncoding {
    /// By the names that runtimes give them.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf8" | "utf-8" => Self::Utf8,
            "utf16le" | "utf-16le" | "ucs2" | "ucs-2" => Self::Utf16le,
            "latin1" | "binary" | "ascii" => Self::Latin1,
            "hex" => Self::Hex,
            "base64" | "base64url" => Self::Base64,
            _ => return None,
        })
    }

    /// A password as bytes.
    pub(super) fn password(self, text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Utf16le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Latin1 => text.encode_utf16().map(|unit| unit.to_le_bytes()[0]).collect(),
            Self::Utf8 | Self::Hex | Self::Base64 => text.as_bytes().to_vec(),
        })
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// The bytes that a text stands for.
pub fn bytes_of(text: &str, encoding: TextEncoding) -> Option<Vec<u8>> {
    match encoding {
        TextEncoding::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        TextEncoding::Base64 => LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok(),
        TextEncoding::Utf8 | TextEncoding::Utf16le | TextEncoding::Latin1 => Some(encoding.password(text).to_vec()),
    }
}

/// Bytes of a known length, written in hexadecimal or Base64.
pub fn hex_or_base64(text: &str, length: usize) -> Option<Vec<u8>> {
    [TextEncoding::Hex, TextEncoding::Base64].into_iter().find_map(|e| bytes_of(text, e).filter(|b| b.len() == length))
}

/// Byte strings as Base64 in JSON.
pub(super) mod base64_text {
    use super::{TextEncoding, bytes_of};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        bytes_of(&text, TextEncoding::Base64).ok_or_else(|| de::Error::custom("must be Base64"))
    }
}
