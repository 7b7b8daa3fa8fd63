//! Texts and what they must look like, in SQL.

use super::compile::Compiler;
use doorward_protocol::search::{Bound, Pattern};

/// Greater than every character: the end of a range of texts with one beginning.
const LAST: char = '\u{10ffff}';

/// How a text column compares.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Stored in lower case.
    Folded,
    /// As written.
    Exact,
}

impl Compiler {
    /// PostgreSQL compares texts by the database's collation unless told otherwise; ranges need the order of bytes.
    fn bytewise(&self, column: &str) -> String {
        if self.sqlite { column.to_owned() } else { format!("{column} COLLATE \"C\"") }
    }

    /// A condition on a text.
    pub(super) fn like(&mut self, column: &str, pattern: &Pattern, case: Case) -> String {
        match case {
            Case::Exact => self.like_this(column, pattern, case),
            Case::Folded => {
                let forms = forms(pattern, self.sqlite);
                let each: Vec<String> = forms.iter().map(|form| self.like_this(column, form, case)).collect();
                if each.len() > 1 { format!("({})", each.join(" OR ")) } else { each.concat() }
            }
        }
    }

    fn like_this(&mut self, column: &str, pattern: &Pattern, case: Case) -> String {
        match pattern {
            Pattern::Exact(text) => format!("{column} = {}", self.bind(text.as_str())),
            Pattern::Prefix(text) if text.is_empty() => format!("{column} IS NOT NULL"),
            Pattern::Prefix(text) => {
                let column = self.bytewise(column);
                let from = self.bind(text.as_str());
                let to = self.bind(format!("{text}{LAST}"));
                format!("({column} >= {from} AND {column} < {to})")
            }
            Pattern::Contains(text) => self.pieces(column, &[String::new(), text.clone(), String::new()], case),
            Pattern::Pieces(pieces) => self.pieces(column, pieces, case),
        }
    }

    fn pieces(&mut self, column: &str, pieces: &[String], case: Case) -> String {
        // LIKE of SQLite does not tell ASCII letters' case apart; GLOB does.
        if self.sqlite && case == Case::Exact {
            let escaped: Vec<String> = pieces.iter().map(|piece| escape(piece, &['*', '?', '['], |c| format!("[{c}]"))).collect();
            return format!("{column} GLOB {}", self.bind(escaped.join("*")));
        }
        let escaped: Vec<String> = pieces.iter().map(|piece| escape(piece, &['%', '_', '\\'], |c| format!("\\{c}"))).collect();
        format!("{column} LIKE {} ESCAPE '\\'", self.bind(escaped.join("%")))
    }

    pub(super) fn text_range(&mut self, column: &str, from: &Bound, to: &Bound) -> String {
        let fold = |bound: &Bound| match bound {
            Bound::Open => Bound::Open,
            Bound::Inclusive(text) => Bound::Inclusive(text.to_lowercase()),
            Bound::Exclusive(text) => Bound::Exclusive(text.to_lowercase()),
        };
        self.exact_range(column, &fold(from), &fold(to))
    }

    pub(super) fn exact_range(&mut self, column: &str, from: &Bound, to: &Bound) -> String {
        let mut parts = vec![format!("{column} IS NOT NULL")];
        let column = self.bytewise(column);
        for (bound, inclusive, exclusive) in [(from, ">=", ">"), (to, "<=", "<")] {
            match bound {
                Bound::Open => {}
                Bound::Inclusive(text) => parts.push(format!("{column} {inclusive} {}", self.bind(text.as_str()))),
                Bound::Exclusive(text) => parts.push(format!("{column} {exclusive} {}", self.bind(text.as_str()))),
            }
        }
        format!("({})", parts.join(" AND "))
    }
}

/// The forms in which a folded text may stand. SQLite folds ASCII letters only: others stand there as they were written, which for
/// names is in lower case but for the beginning of a word.
pub(super) fn forms(pattern: &Pattern, sqlite: bool) -> Vec<Pattern> {
    let mut forms = vec![map(pattern, |text| text.to_lowercase())];
    if sqlite {
        for form in [map(pattern, |text| text.to_ascii_lowercase()), map(pattern, initials)] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

fn map(pattern: &Pattern, change: impl Fn(&str) -> String) -> Pattern {
    match pattern {
        Pattern::Exact(text) => Pattern::Exact(change(text)),
        Pattern::Prefix(text) => Pattern::Prefix(change(text)),
        Pattern::Contains(text) => Pattern::Contains(change(text)),
        Pattern::Pieces(pieces) => Pattern::Pieces(pieces.iter().map(|piece| change(piece)).collect()),
    }
}

/// In lower case, but for the letters beyond ASCII that begin a word.
fn initials(text: &str) -> String {
    let mut begins = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if begins && !c.is_ascii() {
            out.extend(c.to_uppercase())
        } else {
            out.extend(c.to_lowercase())
        }
        begins = !c.is_alphanumeric();
    }
    out
}

fn escape(text: &str, special: &[char], with: impl Fn(char) -> String) -> String {
    text.chars().map(|c| if special.contains(&c) { with(c) } else { c.to_string() }).collect()
}
