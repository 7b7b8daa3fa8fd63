//! Times as clients show them.

use doorward_protocol::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

/// `yyyy-MM-ddTHH:mm:ss`, in UTC.
pub fn text(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    OffsetDateTime::from_unix_timestamp(at.seconds()).ok().and_then(|t| t.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_without_zone() {
        assert_eq!(text(Timestamp(1_700_000_000_123)), "2023-11-14T22:13:20");
    }
}
