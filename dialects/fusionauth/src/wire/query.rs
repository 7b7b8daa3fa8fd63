//! Query strings with the oddities that clients send: the words `null` and `undefined` for nothing, `true` and `false` for numbers.

use uuid::Uuid;

/// The parameters of a query string, or of a form.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads one.
    pub fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(
            pairs
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .filter(|(_, v)| !matches!(v.as_str(), "" | "null" | "undefined"))
                .collect(),
        )
    }

    /// The first value of a parameter.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// Every value of a parameter.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(k, _)| k == name).map(|(_, v)| v.as_str()).collect()
    }

    /// A flag; absent or unreadable is `false`.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.one(name), Some("true" | "1"))
    }

    /// A number. Clients write `0` as `false` and `1` as `true`.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.one(name)? {
            "false" => Some(0),
            "true" => Some(1),
            text => text.parse().ok(),
        }
    }

    /// An id; one that is none counts as unknown and gives the nil id, which nothing has.
    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.one(name).map(|text| Uuid::parse_str(text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_write_for_nothing_and_for_numbers() {
        let query = Query::parse("a=null&b=undefined&c=&offset=false&limit=true&n=25&ids=x&ids=y&on=true");
        assert_eq!((query.one("a"), query.one("b"), query.one("c")), (None, None, None));
        assert_eq!((query.number("offset"), query.number("limit"), query.number("n")), (Some(0), Some(1), Some(25)));
        assert_eq!(query.all("ids"), ["x", "y"]);
        assert!(query.flag("on") && !query.flag("n"));
    }
}
