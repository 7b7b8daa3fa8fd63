//! Where users who fit a condition are found: an index that names them, and perhaps others. The conditions of a query that have one
//! are its sources; any of them will do, since whoever it names is judged by the whole query.

use super::SearchError;
use super::compile::{Compiler, beginning, time_column, wrong};
use super::pattern::{Case, forms};
use crate::engine::Value;
use doorward_protocol::search::{Bound, Pattern, Query, UserField};

/// Fewest characters that the index of what stands anywhere in a text knows.
const GRAM: usize = 3;

/// A selection of ids of users. They may repeat.
pub(super) struct Source {
    /// One query for each index that is asked; all of them together name everybody who fits. Each names its column `id`.
    parts: Vec<String>,
    /// The column of ids, where there is one part whose index holds them in order.
    pub(super) key: Option<&'static str>,
    /// Whether whoever it names fits.
    pub(super) exact: bool,
}

impl Source {
    fn one(sql: String) -> Self {
        Self { parts: vec![sql], key: None, exact: true }
    }

    fn inexact(self) -> Self {
        Self { exact: false, ..self }
    }

    /// All of it. Without UNION ALL, SQLite would merge the parts in the order of ids and take the index for that order in the place
    /// of the one for the text.
    pub(super) fn ids(&self) -> String {
        self.parts.join(" UNION ALL ")
    }
}

/// The conditions that all must be met.
pub(super) fn conjuncts(query: &Query<UserField>) -> Vec<&Query<UserField>> {
    match query {
        Query::And(all) => all.iter().flat_map(conjuncts).collect(),
        one => vec![one],
    }
}

impl Compiler {
    /// Where those are found who fit a condition; `None` where no index knows.
    pub(super) fn source(&mut self, query: &Query<UserField>) -> Result<Option<Source>, SearchError> {
        Ok(match query {
            Query::Or(all) if !all.is_empty() => {
                let mut both = Source { parts: Vec::new(), key: None, exact: true };
                for one in all {
                    let Some(source) = self.narrowest_part(one)? else { return Ok(None) };
                    both.parts.extend(source.parts);
                    both.exact &= source.exact;
                }
                // SQLite takes five hundred of them.
                (both.parts.len() <= 200).then_some(both)
            }
            Query::Match { field, pattern } => self.matched(field, pattern)?,
            Query::Exists(field) => self.present(field),
            Query::Range { field, from, to } => self.between(field, from, to)?,
            Query::Text(pattern) => self.words(&beginning(pattern)),
            Query::All | Query::And(_) | Query::Or(_) | Query::Not(_) => None,
        })
    }

    /// Within an alternative, the first condition that has a source stands for all that must be met.
    fn narrowest_part(&mut self, query: &Query<UserField>) -> Result<Option<Source>, SearchError> {
        let all = conjuncts(query);
        let alone = all.len() == 1;
        for one in all {
            let bound = self.params.len();
            if let Some(source) = self.source(one)? {
                return Ok(Some(if alone { source } else { source.inexact() }));
            }
            // What was bound for it is part of no text; PostgreSQL would not know its type.
            self.params.truncate(bound);
        }
        Ok(None)
    }

    fn matched(&mut self, field: &UserField, pattern: &Pattern) -> Result<Option<Source>, SearchError> {
        let is = |wanted: bool| matches!(pattern, Pattern::Exact(text) if text.eq_ignore_ascii_case("true") == wanted);
        let in_order = |sql: &str, key| Some(Source { parts: vec![sql.to_owned()], key: Some(key), exact: true });
        Ok(match field {
            UserField::Email => self.identifiers("'email'", pattern),
            UserField::Username => self.identifiers("'username'", pattern),
            UserField::Phone => self.identifiers("'phone'", pattern),
            UserField::EmailDomain => {
                let condition = self.like("domain", pattern, Case::Folded);
                let sql = format!("SELECT user_id AS id FROM identifier WHERE tenant_id = $1 AND {condition}");
                // Several forms of a domain are several places of the index.
                let key = (forms(pattern, self.sqlite).len() == 1).then_some("user_id");
                Some(Source { parts: vec![sql], key, exact: true })
            }
            // Who is not proven, who is blocked, who has a passkey: kept in order, and often few.
            UserField::EmailVerified if is(false) => in_order(&unproven("email"), "user_id"),
            UserField::PhoneVerified if is(false) => in_order(&unproven("phone"), "user_id"),
            UserField::Blocked if is(true) => {
                in_order(&format!("SELECT id FROM account WHERE tenant_id = $1 AND status = '{}'", crate::users::BLOCKED), "id")
            }
            UserField::HasPasskey if is(true) => in_order("SELECT user_id AS id FROM passkey WHERE tenant_id = $1", "user_id"),
            UserField::Name => self.names(&["name_key"], pattern),
            UserField::GivenName => self.names(&["given_name_key"], pattern),
            UserField::FamilyName => self.names(&["family_name_key"], pattern),
            UserField::Nickname => self.names(&["nickname_key"], pattern),
            UserField::Id => Some(Source { parts: self.named(pattern), key: None, exact: true }),
            UserField::CreatedAt => {
                let range = Bound::Inclusive(match pattern {
                    Pattern::Exact(text) => text.clone(),
                    _ => return wrong("created_at", "must be a date or a time"),
                });
                self.between(field, &range, &range)?
            }
            UserField::Role => Some(self.links("user_role", "role_id", "role", "name", pattern)),
            UserField::Group => Some(self.links("group_member", "group_id", "user_group", "name", pattern)),
            UserField::Application => Some(self.links("membership", "application_id", "application", "client_id", pattern)),
            UserField::Metadata { namespace, path } => path.first().map(|key| {
                let (namespace, key) = (self.bind(namespace.as_str()), self.bind(key.as_str()));
                let sql = "SELECT owner AS id FROM metadata WHERE tenant_id = $1";
                Source::one(format!("{sql} AND namespace = {namespace} AND key = {key}")).inexact()
            }),
            UserField::EmailVerified
            | UserField::PhoneVerified
            | UserField::Blocked
            | UserField::HasPasskey
            | UserField::Profile(_)
            | UserField::UpdatedAt
            | UserField::LastSignInAt
            | UserField::SignInCount => None,
        })
    }

    fn links(&mut self, link: &str, key: &str, table: &str, name: &str, pattern: &Pattern) -> Source {
        let condition = self.link_condition(name, pattern);
        Source::one(format!(
            "SELECT l.user_id AS id FROM {link} l JOIN {table} t ON t.id = l.{key} WHERE l.tenant_id = $1 AND {condition}"
        ))
    }

    fn present(&mut self, field: &UserField) -> Option<Source> {
        let of_kind = |kind: &str| {
            Some(Source::one(format!("SELECT user_id AS id FROM identifier WHERE tenant_id = $1 AND kind = '{kind}'")))
        };
        match field {
            UserField::Username => of_kind("username"),
            UserField::Phone | UserField::PhoneVerified => of_kind("phone"),
            UserField::Metadata { namespace, path } => self
                .matched(
                    &UserField::Metadata { namespace: namespace.clone(), path: path.clone() },
                    &Pattern::Exact(String::new()),
                )
                .ok()?,
            _ => None,
        }
    }

    fn between(&mut self, field: &UserField, from: &Bound, to: &Bound) -> Result<Option<Source>, SearchError> {
        Ok(match field {
            UserField::CreatedAt => {
                let condition = self.moment_range("created_at", time_column(field).0, from, to)?;
                Some(Source::one(format!("SELECT id FROM account WHERE tenant_id = $1 AND {condition}")))
            }
            UserField::Email => Some(self.identifiers_between("'email'", from, to)),
            UserField::Username => Some(self.identifiers_between("'username'", from, to)),
            UserField::Phone => Some(self.identifiers_between("'phone'", from, to)),
            UserField::Name => Some(self.names_between("name_key", from, to)),
            UserField::GivenName => Some(self.names_between("given_name_key", from, to)),
            UserField::FamilyName => Some(self.names_between("family_name_key", from, to)),
            UserField::Nickname => Some(self.names_between("nickname_key", from, to)),
            _ => None,
        })
    }

    fn identifiers_between(&mut self, kinds: &str, from: &Bound, to: &Bound) -> Source {
        let condition = self.text_range("normal", from, to);
        Source::one(format!("SELECT user_id AS id FROM identifier WHERE tenant_id = $1 AND kind IN ({kinds}) AND {condition}"))
    }

    fn names_between(&mut self, column: &str, from: &Bound, to: &Bound) -> Source {
        let condition = self.text_range(column, from, to);
        Source::one(format!("SELECT id FROM account WHERE tenant_id = $1 AND {condition}"))
    }

    /// Identifiers and names that a word begins.
    fn words(&mut self, pattern: &Pattern) -> Option<Source> {
        const KINDS: &str = "'email', 'username', 'phone'";
        const NAMES: [&str; 4] = ["name_key", "given_name_key", "family_name_key", "nickname_key"];
        if let Reach::Anywhere(pieces) = reach(pattern)
            && self.sqlite
        {
            return self.grams(&pieces);
        }
        let mut all = self.identifiers(KINDS, pattern)?;
        let names = self.names(&NAMES, pattern)?;
        all.exact &= names.exact;
        all.parts.extend(names.parts);
        Some(all)
    }

    fn identifiers(&mut self, kinds: &str, pattern: &Pattern) -> Option<Source> {
        let (pattern, exact) = match (reach(pattern), self.sqlite) {
            (Reach::Anywhere(pieces), true) => return self.grams(&pieces),
            (Reach::Nowhere, _) => return None,
            (Reach::From(head), _) => (Pattern::Prefix(head), false),
            (Reach::All | Reach::Anywhere(_), _) => (pattern.clone(), true),
        };
        let condition = self.like("normal", &pattern, Case::Folded);
        let sql = format!("SELECT user_id AS id FROM identifier WHERE tenant_id = $1 AND kind IN ({kinds}) AND {condition}");
        Some(Source { exact, ..Source::one(sql) })
    }

    fn names(&mut self, columns: &[&str], pattern: &Pattern) -> Option<Source> {
        let (pattern, exact) = match (reach(pattern), self.sqlite) {
            (Reach::Anywhere(pieces), true) => return self.grams(&pieces),
            (Reach::Nowhere, _) => return None,
            (Reach::From(head), _) => (Pattern::Prefix(head), false),
            (Reach::All | Reach::Anywhere(_), _) => (pattern.clone(), true),
        };
        let mut parts = Vec::new();
        for column in columns {
            let condition = self.like(column, &pattern, Case::Folded);
            parts.push(format!("SELECT id FROM account WHERE tenant_id = $1 AND {condition}"));
        }
        Some(Source { parts, key: None, exact })
    }

    /// SQLite's index of what stands anywhere in identifiers and names. It knows no tenants, no fields and no order of its pieces.
    fn grams(&mut self, pieces: &[String]) -> Option<Source> {
        let mut ways = Vec::new();
        for form in forms(&Pattern::Pieces(pieces.to_vec()), true) {
            let Pattern::Pieces(pieces) = form else { continue };
            let mut grams = Vec::new();
            for piece in &pieces {
                let chars: Vec<char> = piece.chars().collect();
                grams.extend(
                    chars.windows(GRAM).map(|gram| format!("\"{}\"", gram.iter().collect::<String>().replace('"', "\"\""))),
                );
            }
            grams.sort_unstable();
            grams.dedup();
            if grams.is_empty() {
                return None;
            }
            ways.push(format!("({})", grams.join(" AND ")));
        }
        let asked = self.bind(Value::from(ways.join(" OR ").as_str()));
        Some(
            Source::one(format!(
                "SELECT s.user_id AS id FROM searchable_infix f CROSS JOIN searchable s WHERE f.searchable_infix MATCH {asked} AND s.doc = f.rowid AND s.tenant_id = $1"
            ))
            .inexact(),
        )
    }
}

/// How far an index leads to the texts that fit a pattern.
enum Reach {
    /// It is the beginning, or all of it.
    All,
    /// A part of the pattern is the beginning of the text.
    From(String),
    /// One of these pieces is long enough to be looked for anywhere.
    Anywhere(Vec<String>),
    /// Too little is known of the text.
    Nowhere,
}

fn reach(pattern: &Pattern) -> Reach {
    let pieces = match pattern {
        Pattern::Exact(_) => return Reach::All,
        Pattern::Prefix(text) if text.is_empty() => return Reach::Nowhere,
        Pattern::Prefix(_) => return Reach::All,
        Pattern::Contains(text) => vec![text.clone()],
        Pattern::Pieces(pieces) => pieces.clone(),
    };
    let head = pieces.first().filter(|head| !head.is_empty() && matches!(pattern, Pattern::Pieces(_))).cloned();
    let known = pieces.iter().any(|piece| piece.chars().count() >= GRAM) && !pieces.iter().any(|piece| piece.contains('\0'));
    match head {
        // The longest beginning is no better than a few characters inside; either will do.
        Some(head) if head.chars().count() >= GRAM || !known => Reach::From(head),
        _ if known => Reach::Anywhere(pieces),
        _ => Reach::Nowhere,
    }
}

fn unproven(kind: &str) -> String {
    format!(
        "SELECT user_id AS id FROM identifier WHERE tenant_id = $1 AND kind = '{kind}' AND is_primary = 1 AND verified_at IS NULL"
    )
}
