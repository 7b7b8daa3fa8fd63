//! The query of a call: pages, fields, filters.

use super::refused::Refused;
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// Items of a page when the call does not say.
const PER_PAGE: usize = 50;
/// Most items of a page.
const MOST: usize = 100;
/// Farthest page: programs that go on behind it have lost their way.
const LAST_PAGE: usize = 1_000_000;

/// A query. What is empty counts as absent.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    paging: Paging,
    only: Option<(Vec<String>, bool)>,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Which, from 0.
    pub page: usize,
    /// How many items.
    pub per_page: usize,
    /// Whether the answer is an object with totals.
    pub include_totals: bool,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 0, per_page: PER_PAGE, include_totals: false }
    }
}

impl Paging {
    /// Items before this page.
    pub fn offset(&self) -> usize {
        self.page.saturating_mul(self.per_page)
    }
}

/// A page by checkpoint: what follows an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Behind which; `None`: from the beginning.
    pub from: Option<String>,
    /// How many.
    pub take: usize,
}

impl Query {
    /// Reads a query string. What every call may carry is checked here.
    ///
    /// # Errors
    /// 400.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let pairs = form_urlencoded::parse(text.as_bytes()).filter(|(_, value)| !value.is_empty());
        let mut out = Self { pairs: pairs.map(|(k, v)| (k.into_owned(), v.into_owned())).collect(), ..Self::default() };
        let page = out.number("page", 0..=LAST_PAGE)?.unwrap_or(0);
        // Zero items is a way to ask for totals alone.
        let per_page = out.number("per_page", 0..=MOST)?.unwrap_or(PER_PAGE);
        out.paging = Paging { page, per_page, include_totals: out.flag("include_totals")?.unwrap_or(false) };
        let include = out.flag("include_fields")?.unwrap_or(true);
        let fields =
            out.text("fields").map(|list| list.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect());
        out.only = fields.map(|fields| (fields, include));
        Ok(out)
    }

    /// A parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// 400.
    pub fn must(&self, name: &str) -> Result<&str, Refused> {
        self.text(name).ok_or_else(|| Refused::query(name, "must be given"))
    }

    /// Every value of a parameter that may stand several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// A flag.
    ///
    /// # Errors
    /// 400.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.text(name) {
            None => Ok(None),
            Some("true") | Some("True") | Some("1") => Ok(Some(true)),
            Some("false") | Some("False") | Some("0") => Ok(Some(false)),
            Some(_) => Err(Refused::query(name, "must be true or false")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// 400.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<usize>) -> Result<Option<usize>, Refused> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(Refused::query(name, format!("must be a number between {} and {}", range.start(), range.end()))),
        }
    }

    /// Which page is meant.
    pub fn paging(&self) -> Paging {
        self.paging
    }

    /// Which page by checkpoint is meant, if one is.
    ///
    /// # Errors
    /// 400.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, Refused> {
        let (from, take) = (self.text("from"), self.number("take", 1..=MOST)?);
        if from.is_none() && take.is_none() {
            return Ok(None);
        }
        Ok(Some(Checkpoint { from: from.map(str::to_owned), take: take.unwrap_or(PER_PAGE) }))
    }

    /// An item with only the fields that the call asks for.
    pub fn shown(&self, item: Value) -> Value {
        match (&self.only, item) {
            (Some((fields, include)), Value::Object(all)) => {
                Value::Object(all.into_iter().filter(|(key, _)| fields.contains(key) == *include).collect())
            }
            (_, item) => item,
        }
    }

    /// One item, as an answer.
    pub fn one(&self, item: Value) -> Response {
        Json(self.shown(item)).into_response()
    }

    /// A page that was cut by whoever read it.
    pub fn page(&self, key: &str, items: Vec<Value>, total: usize) -> Response {
        let items: Vec<Value> = items.into_iter().map(|item| self.shown(item)).collect();
        if !self.paging.include_totals {
            return Json(items).into_response();
        }
        let mut out = Map::new();
        out.insert("start".into(), json!(self.paging.offset()));
        out.insert("limit".into(), json!(self.paging.per_page));
        out.insert("length".into(), json!(items.len()));
        out.insert("total".into(), json!(total));
        out.insert(key.to_owned(), Value::Array(items));
        Json(out).into_response()
    }

    /// The page of a whole list that the call asks for.
    pub fn page_of(&self, key: &str, all: Vec<Value>) -> Response {
        let total = all.len();
        let items = all.into_iter().skip(self.paging.offset()).take(self.paging.per_page).collect();
        self.page(key, items, total)
    }

    /// A page by checkpoint that was cut by whoever read it; `next` is absent at the end.
    pub fn part(&self, key: &str, items: Vec<Value>, next: Option<String>) -> Response {
        let mut out = Map::new();
        out.insert(key.to_owned(), Value::Array(items.into_iter().map(|item| self.shown(item)).collect()));
        if let Some(next) = next {
            out.insert("next".into(), json!(next));
        }
        Json(out).into_response()
    }

    /// The part of a whole list that the call asks for, by checkpoint or by page. `id` names the field that a checkpoint holds.
    ///
    /// # Errors
    /// 400.
    pub fn part_of(&self, key: &str, id: &str, all: Vec<Value>) -> Result<Response, Refused> {
        let Some(Checkpoint { from, take }) = self.checkpoint()? else { return Ok(self.page_of(key, all)) };
        let of = |item: &Value| item.get(id).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut rest = all.into_iter();
        if let Some(from) = from {
            // The checkpoint is the last item that was seen; one that is gone since ends the list.
            _ = rest.by_ref().find(|item| of(item) == from);
        }
        let items: Vec<Value> = rest.by_ref().take(take).collect();
        let next = rest.next().and(items.last()).map(of);
        Ok(self.part(key, items, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> Value {
        serde_json::from_slice(&axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
    }

    fn items(n: usize) -> Vec<Value> {
        (0..n).map(|n| json!({ "id": format!("i{n}"), "name": n, "more": true })).collect()
    }

    #[tokio::test]
    async fn a_page_past_the_end_is_empty_and_an_object_has_totals() {
        let query = Query::read("page=1&per_page=2").unwrap();
        assert_eq!(body(query.page_of("things", items(3))).await, json!([items(3)[2]]));
        let query = Query::read("page=9&per_page=2&include_totals=true").unwrap();
        let told = body(query.page_of("things", items(3))).await;
        assert_eq!(told, json!({ "start": 18, "limit": 2, "length": 0, "total": 3, "things": [] }));
    }

    #[tokio::test]
    async fn a_checkpoint_goes_on_behind_what_was_seen() {
        let mut seen = Vec::new();
        let mut from = String::new();
        loop {
            let query = Query::read(&format!("take=2&include_totals=true&fields=id&from={from}")).unwrap();
            let told = body(query.part_of("things", "id", items(5)).unwrap()).await;
            assert!(told.get("total").is_none());
            seen.extend(told["things"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()));
            match told.get("next") {
                Some(next) => from = next.as_str().unwrap().to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, ["i0", "i1", "i2", "i3", "i4"]);
    }

    #[test]
    fn fields_are_chosen_or_left_out() {
        let item = items(1).remove(0);
        let shown = |text: &str| Query::read(text).unwrap().shown(item.clone());
        assert_eq!(shown("fields=id,name"), json!({ "id": "i0", "name": 0 }));
        assert_eq!(shown("fields=id,name&include_fields=false"), json!({ "more": true }));
        assert_eq!(shown("include_fields=true&fields="), item);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["page=-1", "per_page=101", "include_totals=maybe", "page=x", "include_fields=2"] {
            assert!(Query::read(text).is_err(), "{text}");
        }
        assert!(Query::read("take=0").unwrap().checkpoint().is_err());
    }
}
