//! `sort`, `filter[]`, `page` and `pageSize` of lists.

use crate::errors::ApiError;
use crate::ids;
use crate::wire::paging::Page;
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Value;
use doorward_store::listing::{Column, Compare, Listing};
use percent_encoding::percent_decode_str;

/// Most filters of a request.
const MOST_FILTERS: usize = 20;

/// One filter: `field:op:value`, the value may hold colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Field.
    pub field: String,
    /// How it is compared.
    pub compare: Compare,
    /// With what.
    pub value: String,
}

/// The query of a list.
#[derive(Debug, Clone)]
pub struct Query {
    /// Filters, all of which must hold.
    pub filters: Vec<Filter>,
    /// Field, and whether it goes down.
    pub sort: Option<(String, bool)>,
    /// Which page.
    pub page: Page,
}

impl Query {
    /// Reads one. Values are percent-encoded once; a plus sign is a plus sign.
    pub fn read(raw: Option<&str>) -> Result<Self, ApiError> {
        let (mut filters, mut sort, mut number, mut size) = (Vec::new(), None, None, None);
        for pair in raw.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| percent_decode_str(text).decode_utf8().map(|t| t.into_owned());
            let (Ok(name), Ok(value)) = (decode(name), decode(value)) else {
                return Err(ApiError::bad_request("validation_error", "the query is not UTF-8"));
            };
            match name.as_str() {
                "filter[]" | "filter" if filters.len() < MOST_FILTERS => filters.push(Filter::read(&value)?),
                "filter[]" | "filter" => return Err(ApiError::invalid("filter", "too many")),
                "sort" if value.is_empty() => {}
                "sort" => {
                    let (field, order) = value.split_once(':').unwrap_or((value.as_str(), "asc"));
                    if !matches!(order, "asc" | "desc") {
                        return Err(ApiError::invalid("sort", "must be field:asc or field:desc"));
                    }
                    sort = Some((field.to_owned(), order == "desc"));
                }
                "page" => number = Some(value),
                "pageSize" => size = Some(value),
                _ => {}
            }
        }
        Ok(Self { filters, sort, page: Page::read(number.as_deref(), size.as_deref()) })
    }

    /// The list that is meant, by the columns that its fields stand for.
    pub fn listing(&self, column: impl Fn(&str) -> Option<Column>) -> Result<Listing, ApiError> {
        let mut listing = Listing { offset: self.page.offset(), limit: self.page.size, ..Listing::default() };
        for filter in &self.filters {
            let known = column(&filter.field).ok_or_else(|| unknown("filter", &filter.field))?;
            let Some(value) = value_of(known, &filter.value) else {
                // A value that no row can have.
                listing.limit = 0;
                listing.filters.push((Column::Id, Compare::Equal, uuid::Uuid::nil().into()));
                continue;
            };
            listing.filters.push((known, filter.compare, value));
        }
        if let Some((field, descending)) = &self.sort {
            let known = column(field).filter(|c| *c != Column::Anything).ok_or_else(|| unknown("sort", field))?;
            listing.sort = Some((known, *descending));
        }
        Ok(listing)
    }
}

fn unknown(what: &str, field: &str) -> ApiError {
    ApiError::invalid(what, format!("there is no field {}", field.chars().take(40).collect::<String>()))
}

impl Filter {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut parts = text.splitn(3, ':');
        let (Some(field), Some(op), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(ApiError::invalid("filter", "must be field:op:value"));
        };
        let compare = match op {
            "eq" => Compare::Equal,
            "gt" => Compare::Greater,
            "lt" => Compare::Less,
            _ => return Err(ApiError::invalid("filter", "the operator must be eq, gt or lt")),
        };
        Ok(Self { field: field.to_owned(), compare, value: value.to_owned() })
    }
}

/// A value as the column holds it.
fn value_of(column: Column, text: &str) -> Option<Value> {
    match column {
        Column::User => ids::parse_user(text).map(|id| id.0.into()),
        Column::Id => ids::parse_user(text)
            .map(|id| id.0)
            .or_else(|| ids::parse_session(text).map(|id| id.0))
            .or_else(|| ids::parse_identifier(text).map(|id| id.0))
            .map(Into::into),
        Column::CreatedAt | Column::UpdatedAt | Column::LastSeenAt | Column::ExpiresAt => time_of(text).map(|t| t.0.into()),
        Column::Normal | Column::Anything => Some(text.trim().to_lowercase().into()),
        Column::Status => Some(if text == "disabled" { "blocked".to_owned() } else { text.to_owned() }.into()),
        Column::Kind | Column::Name => Some(text.to_owned().into()),
    }
}

/// Milliseconds since the epoch, or a time of RFC 3339, with or without its zone.
fn time_of(text: &str) -> Option<Timestamp> {
    use time::format_description::well_known::Rfc3339;
    if let Ok(ms) = text.parse::<i64>() {
        return Some(Timestamp(ms));
    }
    let read = |text: &str| time::OffsetDateTime::parse(text, &Rfc3339).ok();
    let at = read(text).or_else(|| read(&format!("{text}Z")))?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_split_at_its_first_two_colons() {
        let query = Query::read(Some("filter%5B%5D=identifierValue%3Aeq%3Aa%2Bb%3Ac%40example.com&page=2")).ok().unwrap();
        assert_eq!(query.filters[0].value, "a+b:c@example.com");
        assert_eq!(query.page.number, 2);
        // Older clients leave colons and plus signs as they are.
        let query = Query::read(Some("filter[]=userID:eq:4711&sort=")).ok().unwrap();
        assert_eq!((query.filters[0].field.as_str(), query.filters[0].value.as_str()), ("userID", "4711"));
        assert!(Query::read(Some("filter[]=userID:like:1")).is_err() && Query::read(Some("filter[]=userID")).is_err());
        assert!(Query::read(Some("sort=created:up")).is_err());
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for text in ["1700000000000", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T23:13:20+01:00"] {
            assert_eq!(time_of(text), Some(Timestamp(1_700_000_000_000)), "{text}");
        }
        assert_eq!(time_of("yesterday"), None);
    }
}
