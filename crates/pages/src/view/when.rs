//! A moment as a page shows it: in words of the reader's language, in UTC, and machine-readable beside it so that the
//! script `form.js` can say the same in the reader's own time zone.

use serde::Serialize;

/// Seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct When(pub i64);

/// The calendar fields of a moment in UTC.
pub(super) struct Civil {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
}

impl When {
    /// The calendar fields, or none for a moment outside the years that a page can show.
    pub(super) fn civil(self) -> Option<Civil> {
        let moment = time::OffsetDateTime::from_unix_timestamp(self.0).ok()?;
        Some(Civil {
            year: moment.year(),
            month: moment.month().into(),
            day: moment.day(),
            hour: moment.hour(),
            minute: moment.minute(),
            second: moment.second(),
        })
    }
}

impl Civil {
    /// RFC 3339, as the attribute `datetime` wants it.
    pub(super) fn rfc3339(&self) -> String {
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", self.year, self.month, self.day, self.hour, self.minute, self.second)
    }
}
