//! Text that must not appear in logs, errors or dumps.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret from the configuration: prints nothing, and is wiped from memory when dropped.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Call this where it is used, not where it is passed on.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Nothing was configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
