//! Pages of lists: `{page, totalPages, totalItems}`, the first one is 1.

use serde_json::{Value, json};

/// Items of a page unless asked otherwise.
pub const PAGE_SIZE: i64 = 10;
/// Most items of a page.
pub const LARGEST_PAGE: i64 = 100;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: i64,
    /// Items on it.
    pub size: i64,
}

impl Page {
    /// From `page` and `pageSize` of a query; what makes no sense counts as absent.
    pub fn read(number: Option<&str>, size: Option<&str>) -> Self {
        let read = |text: Option<&str>| text.and_then(|t| t.parse::<i64>().ok()).filter(|n| *n >= 1);
        Self { number: read(number).unwrap_or(1).min(1_000_000), size: read(size).unwrap_or(PAGE_SIZE).min(LARGEST_PAGE) }
    }

    /// Rows before it.
    pub fn offset(self) -> i64 {
        (self.number - 1) * self.size
    }

    /// `paging`, with the page that was asked for: clients count on with it.
    pub fn paging(self, total: i64) -> Value {
        let pages = (total + self.size - 1) / self.size;
        json!({ "page": self.number, "totalPages": pages, "totalItems": total })
    }
}

/// `paging` of a list that is always whole.
pub fn whole(total: usize) -> Value {
    json!({ "page": 1, "totalPages": 1, "totalItems": total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_one() {
        let page = Page::read(Some("3"), None);
        assert_eq!((page.offset(), page.paging(22)), (20, json!({ "page": 3, "totalPages": 3, "totalItems": 22 })));
        assert_eq!(Page::read(Some("0"), Some("x")), Page { number: 1, size: 10 });
        assert_eq!(Page::read(None, Some("100000")).size, 100);
        assert_eq!(Page::read(None, None).paging(0)["totalPages"], 0);
    }
}
