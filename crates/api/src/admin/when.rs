//! Times in JSON: RFC 3339, in UTC.

use super::problem::Problem;
use doorward_protocol::time::Timestamp;
use doorward_service::directory::FieldProblem;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Writes a time.
pub(super) fn rfc3339(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Writes a time that may not have come.
pub(super) fn maybe(at: Option<Timestamp>) -> Option<String> {
    at.map(rfc3339)
}

/// Reads a time of a field.
pub(super) fn parse(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        let message = "must be a time as in RFC 3339, such as 2030-01-31T12:00:00Z".into();
        Problem::invalid([FieldProblem { field: field.into(), message }])
    })?;
    Ok(Timestamp(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)))
}
