//! The part of the Lucene query syntax that user searches are written in: `field:value`, `"a phrase"`, `*`, AND, OR, NOT, `+`,
//! `-`, parentheses, `field:(a OR b)`, `[a TO b]`, `{a TO b}`, `>=`, `_exists_:field`. Boosts are read and pass without effect;
//! fuzzy terms and regular expressions are refused.

use super::{Bound, DEEPEST, MOST_TERMS, Pattern, Query};

/// Longest query, in bytes.
const LONGEST: usize = 4096;

/// Which operator stands where none is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operator {
    /// OR, as Lucene has it.
    #[default]
    Or,
    /// AND.
    And,
}

/// Why a text is not a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {at})")]
pub struct SyntaxError {
    /// What is wrong.
    pub message: &'static str,
    /// After how many characters.
    pub at: usize,
}

/// A reader of queries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lucene {
    /// Which operator stands where none is written.
    pub default: Operator,
}

impl Lucene {
    /// Reads a query; its fields are names still.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(self, text: &str) -> Result<Query<String>, SyntaxError> {
        if text.len() > LONGEST {
            return Err(SyntaxError { message: "the query is too long", at: LONGEST });
        }
        let mut reader = Reader { chars: text.chars().collect(), at: 0, default: self.default, terms: 0 };
        reader.space();
        if reader.is_over() {
            return Ok(Query::All);
        }
        let query = reader.either(0)?;
        reader.space();
        if reader.is_over() { Ok(query) } else { reader.fail("a closing parenthesis without an opening one") }
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    default: Operator,
    terms: usize,
}

/// How a term was written.
enum Term {
    Phrase(String),
    Word(Vec<String>),
}

impl Term {
    fn pattern(self) -> Pattern {
        match self {
            Self::Phrase(text) => Pattern::Exact(text),
            Self::Word(pieces) => Pattern::of_pieces(pieces),
        }
    }

    fn is_star(&self) -> bool {
        matches!(self, Self::Word(pieces) if pieces.len() == 2 && pieces.iter().all(String::is_empty))
    }
}

impl Reader {
    fn fail<T>(&self, message: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { message, at: self.at })
    }

    fn is_over(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// An operator, which must stand apart from what follows.
    fn word(&mut self, word: &str) -> bool {
        let end = self.at + word.chars().count();
        let there = self.chars.get(self.at..end).is_some_and(|found| found.iter().copied().eq(word.chars()));
        let apart = !word.chars().all(char::is_alphabetic)
            || self.chars.get(end).is_none_or(|c| c.is_whitespace() || *c == '(' || *c == ')');
        if there && apart {
            self.at = end;
        }
        there && apart
    }

    fn count(&mut self) -> Result<(), SyntaxError> {
        self.terms += 1;
        if self.terms > MOST_TERMS { self.fail("too many conditions") } else { Ok(()) }
    }

    fn either(&mut self, depth: usize) -> Result<Query<String>, SyntaxError> {
        if depth > DEEPEST {
            return self.fail("nested too deeply");
        }
        let mut all = vec![self.both(depth)?];
        loop {
            self.space();
            if self.is_over() || self.peek() == Some(')') {
                break;
            }
            // What is left between two terms is OR, written or not: AND was taken by the term before.
            let _ = self.word("OR") || self.word("||");
            all.push(self.both(depth)?);
        }
        Ok(one_or(all, Query::Or))
    }

    fn both(&mut self, depth: usize) -> Result<Query<String>, SyntaxError> {
        let mut all = vec![self.unary(depth)?];
        loop {
            self.space();
            if self.is_over() || self.peek() == Some(')') {
                break;
            }
            let before = self.at;
            if self.word("OR") || self.word("||") {
                self.at = before;
                break;
            }
            let written = self.word("AND") || self.word("&&");
            // A term that is forbidden or required takes part in whatever stands beside it.
            let marked = matches!(self.peek(), Some('-' | '+' | '!')) || self.next_is_not();
            if !written && !marked && self.default == Operator::Or {
                break;
            }
            all.push(self.unary(depth)?);
        }
        Ok(one_or(all, Query::And))
    }

    fn next_is_not(&mut self) -> bool {
        let before = self.at;
        let found = self.word("NOT");
        self.at = before;
        found
    }

    fn unary(&mut self, depth: usize) -> Result<Query<String>, SyntaxError> {
        if depth > DEEPEST {
            return self.fail("nested too deeply");
        }
        self.space();
        if self.word("NOT") || self.take('!') || self.take('-') {
            return Ok(Query::Not(Box::new(self.unary(depth + 1)?)));
        }
        self.take('+');
        let query = if self.take('(') {
            let inner = self.either(depth + 1)?;
            self.closing()?;
            inner
        } else {
            self.clause(depth)?
        };
        self.boost()?;
        Ok(query)
    }

    fn closing(&mut self) -> Result<(), SyntaxError> {
        self.space();
        if self.take(')') { Ok(()) } else { self.fail("a parenthesis is not closed") }
    }

    fn boost(&mut self) -> Result<(), SyntaxError> {
        if self.peek() == Some('~') {
            return self.fail("fuzzy terms are not supported");
        }
        if self.take('^') {
            while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
                self.at += 1;
            }
        }
        Ok(())
    }

    fn clause(&mut self, depth: usize) -> Result<Query<String>, SyntaxError> {
        self.count()?;
        let term = self.term()?;
        if !self.take(':') {
            return Ok(if term.is_star() { Query::All } else { Query::Text(term.pattern()) });
        }
        let any_field = term.is_star();
        let field = match term {
            Term::Word(pieces) if pieces.len() == 1 || any_field => pieces.concat(),
            _ => return self.fail("a field cannot have this name"),
        };
        if field == "_exists_" {
            return Ok(Query::Exists(self.name()?));
        }
        self.value(if any_field { None } else { Some(&field) }, depth)
    }

    fn name(&mut self) -> Result<String, SyntaxError> {
        match self.term()? {
            Term::Phrase(name) => Ok(name),
            Term::Word(pieces) if pieces.len() == 1 => Ok(pieces.concat()),
            Term::Word(_) => self.fail("a field cannot have this name"),
        }
    }

    /// What stands behind the colon of a field.
    fn value(&mut self, field: Option<&str>, depth: usize) -> Result<Query<String>, SyntaxError> {
        self.space();
        let named = |pattern| match field {
            Some(field) => Query::Match { field: field.to_owned(), pattern },
            None => Query::Text(pattern),
        };
        match (self.peek(), field) {
            (Some('('), _) => {
                self.at += 1;
                let inner = self.either(depth + 1)?;
                self.closing()?;
                Ok(match field {
                    Some(field) => give(inner, field),
                    None => inner,
                })
            }
            (Some('[' | '{'), Some(field)) => self.range(field),
            (Some('>' | '<'), Some(field)) => self.comparison(field),
            _ => {
                let term = self.term()?;
                Ok(match (term.is_star(), field) {
                    (true, None) => Query::All,
                    (true, Some(field)) => Query::Exists(field.to_owned()),
                    (false, _) => named(term.pattern()),
                })
            }
        }
    }

    fn comparison(&mut self, field: &str) -> Result<Query<String>, SyntaxError> {
        let greater = self.take('>') || !self.take('<');
        let inclusive = self.take('=');
        let value = self.end_of_range()?;
        let bound = match value {
            None => return self.fail("a comparison needs a value"),
            Some(value) if inclusive => Bound::Inclusive(value),
            Some(value) => Bound::Exclusive(value),
        };
        let (from, to) = if greater { (bound, Bound::Open) } else { (Bound::Open, bound) };
        Ok(Query::Range { field: field.to_owned(), from, to })
    }

    fn range(&mut self, field: &str) -> Result<Query<String>, SyntaxError> {
        let bound = |value: Option<String>, inclusive: bool| match value {
            None => Bound::Open,
            Some(value) if inclusive => Bound::Inclusive(value),
            Some(value) => Bound::Exclusive(value),
        };
        let inclusive = self.take('[');
        if !inclusive {
            self.take('{');
        }
        let from = bound(self.end_of_range()?, inclusive);
        self.space();
        if !self.word("TO") {
            return self.fail("a range needs TO between its ends");
        }
        let value = self.end_of_range()?;
        self.space();
        let to = if self.take(']') {
            bound(value, true)
        } else if self.take('}') {
            bound(value, false)
        } else {
            return self.fail("a range is not closed");
        };
        Ok(Query::Range { field: field.to_owned(), from, to })
    }

    /// A value at the end of a range; `None` for `*`.
    fn end_of_range(&mut self) -> Result<Option<String>, SyntaxError> {
        self.space();
        if self.take('"') {
            return self.quoted().map(Some);
        }
        let mut value = String::new();
        while let Some(c) = self.peek() {
            match c {
                _ if c.is_whitespace() => break,
                ']' | '}' | ')' => break,
                '\\' => {
                    self.at += 1;
                    let Some(escaped) = self.peek() else { return self.fail("nothing stands behind the backslash") };
                    value.push(escaped);
                }
                _ => value.push(c),
            }
            self.at += 1;
        }
        match value.as_str() {
            "" => self.fail("a value is missing"),
            "*" => Ok(None),
            _ => Ok(Some(value)),
        }
    }

    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return self.fail("a quotation mark is not closed") };
            self.at += 1;
            match c {
                '"' => return Ok(text),
                '\\' => {
                    let Some(escaped) = self.peek() else { return self.fail("nothing stands behind the backslash") };
                    self.at += 1;
                    text.push(escaped);
                }
                other => text.push(other),
            }
        }
    }

    fn term(&mut self) -> Result<Term, SyntaxError> {
        self.space();
        if self.take('"') {
            return self.quoted().map(Term::Phrase);
        }
        let begin = self.at;
        let mut pieces = vec![String::new()];
        while let Some(c) = self.peek() {
            match c {
                _ if c.is_whitespace() => break,
                '(' | ')' | ':' | '"' | '^' | '~' => break,
                '?' => return self.fail("the wildcard for one character is not supported"),
                '/' if self.at == begin => return self.fail("regular expressions are not supported"),
                '[' | ']' | '{' | '}' => return self.fail("a bracket must stand behind a field or a backslash"),
                '*' => pieces.push(String::new()),
                '\\' => {
                    self.at += 1;
                    let Some(escaped) = self.peek() else { return self.fail("nothing stands behind the backslash") };
                    pieces.last_mut().into_iter().for_each(|piece| piece.push(escaped));
                }
                _ => pieces.last_mut().into_iter().for_each(|piece| piece.push(c)),
            }
            self.at += 1;
        }
        if self.at == begin {
            return self.fail("a value is missing");
        }
        let raw: String = self.chars.get(begin..self.at).unwrap_or_default().iter().collect();
        if ["AND", "OR", "NOT", "TO", "&&", "||"].contains(&raw.as_str()) {
            return self.fail("an operator stands where a value should");
        }
        Ok(Term::Word(pieces))
    }
}

fn one_or(mut all: Vec<Query<String>>, many: impl FnOnce(Vec<Query<String>>) -> Query<String>) -> Query<String> {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            all.extend(last);
            many(all)
        }
    }
}

/// `field:(a OR b)`: the terms within are about the field.
fn give(query: Query<String>, field: &str) -> Query<String> {
    let each = |all: Vec<Query<String>>| all.into_iter().map(|q| give(q, field)).collect();
    match query {
        Query::Text(pattern) => Query::Match { field: field.to_owned(), pattern },
        Query::All => Query::Exists(field.to_owned()),
        Query::And(all) => Query::And(each(all)),
        Query::Or(all) => Query::Or(each(all)),
        Query::Not(one) => Query::Not(Box::new(give(*one, field))),
        other @ (Query::Match { .. } | Query::Exists(_) | Query::Range { .. }) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Query::{All, And, Exists, Not, Or, Range, Text};

    fn is(field: &str, value: &str) -> Query<String> {
        Query::Match { field: field.into(), pattern: Pattern::Exact(value.into()) }
    }

    fn word(text: &str) -> Query<String> {
        Text(Pattern::Exact(text.into()))
    }

    fn not(query: Query<String>) -> Query<String> {
        Not(Box::new(query))
    }

    fn read(text: &str) -> Query<String> {
        Lucene::default().parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn fields_and_patterns() {
        assert_eq!(read(""), All);
        assert_eq!(read(" * "), All);
        assert_eq!(read("*:*"), All);
        assert_eq!(read("email:\"ada@example.org\""), is("email", "ada@example.org"));
        assert_eq!(read("name: ada"), is("name", "ada"));
        assert_eq!(read("app_metadata.plan:gold"), is("app_metadata.plan", "gold"));
        assert_eq!(read("name:\"Ada \\\"L\\\" *\""), is("name", "Ada \"L\" *"));
        assert_eq!(read("name:Ada\\ L"), is("name", "Ada L"));
        let prefix = Query::Match { field: "name".into(), pattern: Pattern::Prefix("ad".into()) };
        assert_eq!(read("name:ad*"), prefix);
        assert_eq!(read("name:*"), Exists("name".into()));
        assert_eq!(read("_exists_:app_metadata.plan"), Exists("app_metadata.plan".into()));
        assert_eq!(read("user_id:auth0|abc"), is("user_id", "auth0|abc"));
        assert_eq!(read("email:ada-b+c@example.org^2"), is("email", "ada-b+c@example.org"));
    }

    #[test]
    fn operators_and_their_order() {
        let (a, b, c) = (word("a"), word("b"), word("c"));
        assert_eq!(read("a AND b OR c"), Or(vec![And(vec![a.clone(), b.clone()]), c.clone()]));
        assert_eq!(read("a OR b AND c"), Or(vec![a.clone(), And(vec![b.clone(), c.clone()])]));
        assert_eq!(read("a b"), Or(vec![a.clone(), b.clone()]));
        let strict = Lucene { default: Operator::And };
        assert_eq!(strict.parse("a b OR c"), Ok(Or(vec![And(vec![a.clone(), b.clone()]), c.clone()])));
        assert_eq!(read("(a || b) && !c"), And(vec![Or(vec![a.clone(), b.clone()]), not(c.clone())]));
        assert_eq!(read("a NOT b"), And(vec![a.clone(), not(b.clone())]));
        assert_eq!(read("a -b"), And(vec![a.clone(), not(b.clone())]));
        assert_eq!(read("NOT a"), not(a.clone()));
        assert_eq!(read("ANDy ORson"), Or(vec![word("ANDy"), word("ORson")]));
        assert_eq!(read("name:(a OR NOT b)"), Or(vec![is("name", "a"), not(is("name", "b"))]));
    }

    #[test]
    fn ranges() {
        let (inclusive, exclusive) = (|v: &str| Bound::Inclusive(v.into()), |v: &str| Bound::Exclusive(v.into()));
        let range = |from, to| Range { field: "n".into(), from, to };
        assert_eq!(read("n:[1 TO 5]"), range(inclusive("1"), inclusive("5")));
        assert_eq!(read("n:{1 TO 5]"), range(exclusive("1"), inclusive("5")));
        assert_eq!(read("n:[2026-01-01 TO *}"), range(inclusive("2026-01-01"), Bound::Open));
        assert_eq!(read("n:[* TO \"a b\"}"), range(Bound::Open, exclusive("a b")));
        assert_eq!(read("n:>=3"), range(inclusive("3"), Bound::Open));
        assert_eq!(read("n:<3 "), range(Bound::Open, exclusive("3")));
    }

    #[test]
    fn what_is_no_query_says_where() {
        for text in [
            "(a",
            "a)",
            "\"a",
            "a AND",
            "AND a",
            "a OR OR b",
            "name:",
            "name:[1 TO",
            "name:[1 5]",
            "name:[1 TO 5",
            "/a/",
            "a~",
            "a~2",
            "na?e",
            "n*e:x",
            "NOT",
            "a\\",
            "name:>=",
            "()",
            "[a TO b]",
        ] {
            assert!(Lucene::default().parse(text).is_err(), "{text}");
        }
        let deep = format!("{}a{}", "(".repeat(20), ")".repeat(20));
        assert_eq!(Lucene::default().parse(&deep).unwrap_err().message, "nested too deeply");
        assert!(Lucene::default().parse(&"!".repeat(4000)).is_err());
        let many = vec!["a"; 200].join(" ");
        assert_eq!(Lucene::default().parse(&many).unwrap_err().message, "too many conditions");
        assert!(Lucene::default().parse(&"a".repeat(5000)).is_err());
        assert_eq!(Lucene::default().parse("ab (").unwrap_err().at, 4);
    }

    #[test]
    fn fields_are_translated_or_refused() {
        let translated = read("a:1 AND b:2").translate(&mut |name: String| if name == "b" { Err(name) } else { Ok(1) });
        assert_eq!(translated, Err("b".to_owned()));
        let translated: Result<Query<usize>, ()> = read("a:1").translate(&mut |name: String| Ok(name.len()));
        assert_eq!(translated, Ok(Query::Match { field: 1, pattern: Pattern::Exact("1".into()) }));
    }
}
