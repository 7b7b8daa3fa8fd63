//! The one time type: milliseconds since the Unix epoch, passed in from outside.

use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z. Tokens carry seconds (RFC 7519, section 2, NumericDate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds since the epoch, as NumericDate claims want them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The point `seconds` after the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// This point moved by a number of seconds; saturates at the ends of the range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Seconds from `earlier` to this point; negative when `earlier` lies later.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1000)
    }
}
