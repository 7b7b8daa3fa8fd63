//! Users found by a query. The tree becomes one condition with bound values; nothing that a caller wrote is part of the text.

use crate::Store;
use crate::engine::{StoreError, Value};
use crate::record::Record as _;
use crate::users::{IdentifierRow, Person, UserRow};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::search::{Bound, Direction, Pattern, Place, Query, UserField, UserSearch, UserSort, moments};
use std::collections::HashMap;
use uuid::Uuid;

/// Greater than every character: the end of a range of texts with one beginning.
const LAST: char = '\u{10ffff}';

/// Why a query cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Too deep, or too many conditions.
    #[error("the query is too large")]
    TooLarge,
    /// A field cannot hold such a value, or cannot be compared that way.
    #[error("{field}: {message}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        message: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The users of the window, with identifiers.
    pub items: Vec<Person>,
    /// How many there are in all.
    pub total: i64,
}

/// A page of users in the order in which they were made.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Its users, with identifiers.
    pub items: Vec<Person>,
    /// Whether there are users before it.
    pub before: bool,
    /// Whether there are users behind it.
    pub after: bool,
}

impl Store {
    /// A page of the users that fit a query, by where it begins or ends: it costs the same at any depth.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn leaf_users(
        &self,
        tenant: TenantId,
        query: &Query<UserField>,
        direction: Direction,
        place: Place,
        limit: u32,
    ) -> Result<Leaf, SearchError> {
        let mut sql = self.compiler(tenant);
        let condition = sql.whole(query)?;
        // To the page before, one walks backwards.
        let backwards = matches!(place, Place::Before(_));
        let up = (direction == Direction::Ascending) != backwards;
        let (sign, way) = if up { (">", "ASC") } else { ("<", "DESC") };
        let from = match place {
            Place::Start => String::new(),
            Place::After(id) | Place::Before(id) => format!("AND account.id {sign} {}", sql.bind(id.0)),
        };
        // One more than asked for tells whether there are more that way.
        let most = sql.bind(i64::from(limit) + 1);
        let tail = format!("WHERE account.tenant_id = $1 AND {condition} {from} ORDER BY account.id {way} LIMIT {most}");
        let mut users: Vec<UserRow> = self.list(&tail, sql.params).await?;
        let more = users.len() > limit as usize;
        users.truncate(limit as usize);
        if backwards {
            users.reverse();
        }
        let items = self.with_identifiers(tenant, users).await?;
        let (before, after) = match place {
            Place::Start => (false, more),
            Place::After(_) => (true, more),
            Place::Before(_) => (more, true),
        };
        Ok(Leaf { items, before, after })
    }

    /// How many users fit a query, counted up to `most`.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn count_users_up_to(&self, tenant: TenantId, query: &Query<UserField>, most: u32) -> Result<i64, SearchError> {
        let mut sql = self.compiler(tenant);
        let condition = sql.whole(query)?;
        let most = sql.bind(i64::from(most));
        let counted = format!(
            "SELECT COUNT(*) AS n FROM (SELECT 1 FROM account WHERE account.tenant_id = $1 AND {condition} LIMIT {most}) AS found"
        );
        let count = self.db.query_opt(counted, sql.params).await?;
        Ok(count.map_or(Ok(0), |row| row.int("n"))?)
    }

    fn compiler(&self, tenant: TenantId) -> Compiler {
        Compiler { sqlite: self.db.is_sqlite(), params: vec![Value::from(tenant.0)] }
    }

    /// Users of a tenant that fit a query.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn search_users(&self, tenant: TenantId, search: &UserSearch) -> Result<Found, SearchError> {
        let mut sql = self.compiler(tenant);
        let condition = sql.whole(&search.query)?;
        let counted = format!("SELECT COUNT(*) AS n FROM account WHERE account.tenant_id = $1 AND {condition}");
        let count = self.db.query_opt(counted, sql.params.clone()).await?;
        let total = count.map_or(Ok(0), |row| row.int("n"))?;
        let order = sql.order(&search.sort);
        let (limit, offset) = (sql.bind(i64::from(search.limit)), sql.bind(i64::from(search.offset)));
        let tail = format!("WHERE account.tenant_id = $1 AND {condition} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        let users: Vec<UserRow> = self.list(&tail, sql.params).await?;
        Ok(Found { items: self.with_identifiers(tenant, users).await?, total })
    }

    /// Users with their identifiers, by one more query for all of them.
    pub async fn with_identifiers(&self, tenant: TenantId, users: Vec<UserRow>) -> Result<Vec<Person>, StoreError> {
        let mut by_user: HashMap<UserId, Vec<IdentifierRow>> = HashMap::new();
        for part in users.chunks(500) {
            let mut params = vec![Value::from(tenant.0)];
            let ids: Vec<Uuid> = part.iter().map(|user| user.id.0).collect();
            let places = crate::places(&mut params, &ids);
            let tail = format!("WHERE tenant_id = $1 AND user_id IN ({places}) ORDER BY is_primary DESC, id");
            let rows = self.db.query(IdentifierRow::select(&tail), params).await?;
            for row in &rows {
                let row = IdentifierRow::read(row)?;
                by_user.entry(row.user_id).or_default().push(row);
            }
        }
        Ok(users.into_iter().map(|user| Person { identifiers: by_user.remove(&user.id).unwrap_or_default(), user }).collect())
    }
}

struct Compiler {
    sqlite: bool,
    params: Vec<Value>,
}

type Sql = Result<String, SearchError>;

fn wrong<T>(field: &'static str, message: &'static str) -> Result<T, SearchError> {
    Err(SearchError::Value { field, message })
}

/// How a text column compares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// Stored in lower case.
    Folded,
    /// As written.
    Exact,
}

impl Compiler {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// A query that is small enough.
    fn whole(&mut self, query: &Query<UserField>) -> Sql {
        if !query.is_modest() {
            return Err(SearchError::TooLarge);
        }
        self.query(query)
    }

    fn query(&mut self, query: &Query<UserField>) -> Sql {
        Ok(match query {
            Query::All => "(1 = 1)".to_owned(),
            Query::And(all) if all.is_empty() => "(1 = 1)".to_owned(),
            Query::Or(all) if all.is_empty() => "(1 = 0)".to_owned(),
            Query::And(all) => self.joined(all, " AND ")?,
            Query::Or(all) => self.joined(all, " OR ")?,
            // What has no value does not have that value.
            Query::Not(one) => format!("NOT COALESCE({}, 1 = 0)", self.query(one)?),
            Query::Match { field, pattern } => self.matching(field, pattern)?,
            Query::Exists(field) => self.exists(field)?,
            Query::Range { field, from, to } => self.range(field, from, to)?,
            Query::Text(pattern) => self.text(pattern)?,
        })
    }

    fn joined(&mut self, all: &[Query<UserField>], by: &str) -> Sql {
        let each: Result<Vec<String>, SearchError> = all.iter().map(|q| self.query(q)).collect();
        Ok(format!("({})", each?.join(by)))
    }

    /// PostgreSQL compares texts by the database's collation unless told otherwise; ranges need the order of bytes.
    fn bytewise(&self, column: &str) -> String {
        if self.sqlite { column.to_owned() } else { format!("{column} COLLATE \"C\"") }
    }

    /// A condition on a text.
    fn like(&mut self, column: &str, pattern: &Pattern, case: Case) -> String {
        match case {
            Case::Exact => self.like_this(column, pattern, case),
            Case::Folded => {
                // SQLite folds ASCII letters only: others stand there as they were written, which for names is in lower case but
                // for the beginning of a word.
                let mut forms = vec![map(pattern, |text| text.to_lowercase())];
                if self.sqlite {
                    for form in [map(pattern, |text| text.to_ascii_lowercase()), map(pattern, initials)] {
                        if !forms.contains(&form) {
                            forms.push(form);
                        }
                    }
                }
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

    fn by_identifier(&mut self, kinds: &str, pattern: &Pattern) -> String {
        let condition = self.like("normal", pattern, Case::Folded);
        format!("account.id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind IN ({kinds}) AND {condition})")
    }

    fn matching(&mut self, field: &UserField, pattern: &Pattern) -> Sql {
        let flag = |name: &'static str| match pattern {
            Pattern::Exact(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Pattern::Exact(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => wrong(name, "must be true or false"),
        };
        Ok(match field {
            UserField::Email => self.by_identifier("'email'", pattern),
            UserField::Username => self.by_identifier("'username'", pattern),
            UserField::Phone => self.by_identifier("'phone'", pattern),
            UserField::EmailDomain => {
                let Pattern::Exact(domain) = pattern else { return wrong("email domain", "must be a whole domain") };
                self.by_identifier("'email'", &Pattern::Pieces(vec![String::new(), format!("@{domain}")]))
            }
            UserField::EmailVerified => verified("email", flag("email_verified")?),
            UserField::PhoneVerified => verified("phone", flag("phone_verified")?),
            UserField::Blocked => {
                let status = if flag("blocked")? { crate::users::BLOCKED } else { crate::users::ACTIVE };
                format!("account.status = '{status}'")
            }
            UserField::HasPasskey => {
                let not = if flag("has_passkey")? { "" } else { "NOT " };
                format!("{not}EXISTS (SELECT 1 FROM passkey k WHERE k.tenant_id = $1 AND k.user_id = account.id)")
            }
            UserField::Name => self.like("account.name_key", pattern, Case::Folded),
            UserField::GivenName => self.like("account.given_name_key", pattern, Case::Folded),
            UserField::FamilyName => self.like("account.family_name_key", pattern, Case::Folded),
            UserField::Nickname => self.like("account.nickname_key", pattern, Case::Folded),
            UserField::Profile(claim) => {
                let column = self.claim(claim)?;
                self.like(&column, pattern, Case::Exact)
            }
            UserField::Id => self.id(pattern),
            UserField::CreatedAt | UserField::UpdatedAt | UserField::LastSignInAt => {
                let (name, column) = time_column(field);
                let Pattern::Exact(text) = pattern else { return wrong(name, "must be a date or a time") };
                let Some((from, to)) = moments(text) else { return wrong(name, "must be a date or a time") };
                let (from, to) = (self.bind(from.0), self.bind(to.0));
                format!("({column} >= {from} AND {column} < {to})")
            }
            UserField::SignInCount => {
                let Pattern::Exact(text) = pattern else { return wrong("sign_in_count", "must be a number") };
                let Ok(count) = text.parse::<i64>() else { return wrong("sign_in_count", "must be a number") };
                format!("account.sign_in_count = {}", self.bind(count))
            }
            UserField::Role => self.linked("user_role", "role_id", "role", "name", pattern),
            UserField::Group => self.linked("group_member", "group_id", "user_group", "name", pattern),
            UserField::Application => self.linked("membership", "application_id", "application", "client_id", pattern),
            UserField::Metadata { namespace, path } => self.metadata(namespace, path, Some(pattern))?,
        })
    }

    fn id(&mut self, pattern: &Pattern) -> String {
        let condition = self.like("outward", pattern, Case::Exact);
        let alias = format!("account.id IN (SELECT inward FROM alias WHERE tenant_id = $1 AND {condition})");
        match pattern {
            Pattern::Exact(text) if let Ok(id) = Uuid::parse_str(text) => {
                format!("({alias} OR account.id = {})", self.bind(id))
            }
            _ => alias,
        }
    }

    /// Users linked to something that has an id and a name.
    fn linked(&mut self, link: &str, key: &str, table: &str, name: &str, pattern: &Pattern) -> String {
        let condition = match pattern {
            Pattern::Exact(text) if let Ok(id) = Uuid::parse_str(text) => {
                let (id, text) = (self.bind(id), self.bind(text.as_str()));
                format!("(t.id = {id} OR t.{name} = {text})")
            }
            _ => self.like(&format!("t.{name}"), pattern, Case::Exact),
        };
        format!(
            "account.id IN (SELECT l.user_id FROM {link} l JOIN {table} t ON t.id = l.{key} WHERE l.tenant_id = $1 AND {condition})"
        )
    }

    fn exists(&mut self, field: &UserField) -> Sql {
        let has = |kind: &str| format!("account.id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind = '{kind}')");
        let linked = |table: &str| format!("account.id IN (SELECT user_id FROM {table} WHERE tenant_id = $1)");
        Ok(match field {
            UserField::Email | UserField::EmailDomain | UserField::EmailVerified => has("email"),
            UserField::Username => has("username"),
            UserField::Phone | UserField::PhoneVerified => has("phone"),
            UserField::Name => "account.name_key IS NOT NULL".to_owned(),
            UserField::GivenName => "account.given_name_key IS NOT NULL".to_owned(),
            UserField::FamilyName => "account.family_name_key IS NOT NULL".to_owned(),
            UserField::Nickname => "account.nickname_key IS NOT NULL".to_owned(),
            UserField::Profile(claim) => format!("{} IS NOT NULL", self.claim(claim)?),
            UserField::LastSignInAt => "account.last_sign_in_at IS NOT NULL".to_owned(),
            UserField::SignInCount => "account.sign_in_count > 0".to_owned(),
            UserField::Id | UserField::Blocked | UserField::HasPasskey | UserField::CreatedAt | UserField::UpdatedAt => {
                "(1 = 1)".to_owned()
            }
            UserField::Role => linked("user_role"),
            UserField::Group => linked("group_member"),
            UserField::Application => linked("membership"),
            UserField::Metadata { namespace, path } => self.metadata(namespace, path, None)?,
        })
    }

    fn range(&mut self, field: &UserField, from: &Bound, to: &Bound) -> Sql {
        match field {
            UserField::CreatedAt | UserField::UpdatedAt | UserField::LastSignInAt => {
                let (name, column) = time_column(field);
                let read = |text: &str| moments(text).map_or_else(|| wrong(name, "must be a date or a time"), Ok);
                let mut parts = vec![format!("{column} IS NOT NULL")];
                match from {
                    Bound::Open => {}
                    Bound::Inclusive(text) => parts.push(format!("{column} >= {}", self.bind(read(text)?.0.0))),
                    Bound::Exclusive(text) => parts.push(format!("{column} >= {}", self.bind(read(text)?.1.0))),
                }
                match to {
                    Bound::Open => {}
                    Bound::Inclusive(text) => parts.push(format!("{column} < {}", self.bind(read(text)?.1.0))),
                    Bound::Exclusive(text) => parts.push(format!("{column} < {}", self.bind(read(text)?.0.0))),
                }
                Ok(format!("({})", parts.join(" AND ")))
            }
            UserField::SignInCount => {
                let read = |text: &str| text.parse::<i64>().or_else(|_| wrong("sign_in_count", "must be a number"));
                let mut parts = vec!["(1 = 1)".to_owned()];
                for (bound, inclusive, exclusive) in [(from, ">=", ">"), (to, "<=", "<")] {
                    let (text, sign) = match bound {
                        Bound::Open => continue,
                        Bound::Inclusive(text) => (text, inclusive),
                        Bound::Exclusive(text) => (text, exclusive),
                    };
                    parts.push(format!("account.sign_in_count {sign} {}", self.bind(read(text)?)));
                }
                Ok(format!("({})", parts.join(" AND ")))
            }
            UserField::Email => Ok(self.identifier_range("'email'", from, to)),
            UserField::Username => Ok(self.identifier_range("'username'", from, to)),
            UserField::Phone => Ok(self.identifier_range("'phone'", from, to)),
            UserField::Name => Ok(self.text_range("account.name_key", from, to)),
            UserField::GivenName => Ok(self.text_range("account.given_name_key", from, to)),
            UserField::FamilyName => Ok(self.text_range("account.family_name_key", from, to)),
            UserField::Nickname => Ok(self.text_range("account.nickname_key", from, to)),
            UserField::Profile(claim) => {
                let column = self.claim(claim)?;
                Ok(self.exact_range(&column, from, to))
            }
            UserField::Id
            | UserField::EmailDomain
            | UserField::EmailVerified
            | UserField::PhoneVerified
            | UserField::Blocked
            | UserField::HasPasskey
            | UserField::Role
            | UserField::Group
            | UserField::Application
            | UserField::Metadata { .. } => wrong("range", "this field has no order"),
        }
    }

    fn identifier_range(&mut self, kinds: &str, from: &Bound, to: &Bound) -> String {
        let condition = self.text_range("normal", from, to);
        format!("account.id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind IN ({kinds}) AND {condition})")
    }

    fn text_range(&mut self, column: &str, from: &Bound, to: &Bound) -> String {
        let fold = |bound: &Bound| match bound {
            Bound::Open => Bound::Open,
            Bound::Inclusive(text) => Bound::Inclusive(text.to_lowercase()),
            Bound::Exclusive(text) => Bound::Exclusive(text.to_lowercase()),
        };
        self.exact_range(column, &fold(from), &fold(to))
    }

    fn exact_range(&mut self, column: &str, from: &Bound, to: &Bound) -> String {
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

    /// Identifiers and names: a word is the beginning of one of them.
    fn text(&mut self, pattern: &Pattern) -> Sql {
        let pattern = match pattern {
            Pattern::Exact(text) => Pattern::Prefix(text.clone()),
            other => other.clone(),
        };
        // A union of small answers: each of them has its index, an OR over all would have none. Without ALL, SQLite merges them in
        // the order of ids and takes the index for that order in the place of the one for the text.
        let identifier = self.like("normal", &pattern, Case::Folded);
        let mut parts = vec![format!(
            "SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind IN ('email', 'username', 'phone') AND {identifier}"
        )];
        for column in ["name_key", "given_name_key", "family_name_key", "nickname_key"] {
            let condition = self.like(column, &pattern, Case::Folded);
            parts.push(format!("SELECT id FROM account WHERE tenant_id = $1 AND {condition}"));
        }
        Ok(format!("account.id IN ({})", parts.join(" UNION ALL ")))
    }

    /// A claim of the profile as text.
    fn claim(&mut self, name: &str) -> Sql {
        if name.is_empty() || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return wrong("profile", "there is no such claim");
        }
        Ok(if self.sqlite {
            format!("(account.profile ->> {})", self.bind(format!("$.{name}")))
        } else {
            format!("(account.profile::jsonb ->> {})", self.bind(name))
        })
    }

    /// Metadata: its first name is the key of a row, the others lead into its document. The two engines have their own words for
    /// the way into a document and for each element of a list.
    fn metadata(&mut self, namespace: &str, path: &[String], pattern: Option<&Pattern>) -> Sql {
        let Some((key, inner)) = path.split_first() else { return wrong("metadata", "a key must be named") };
        if path.len() > 8 || path.iter().any(|name| name.is_empty() || name.len() > 200 || name.contains(['"', '\\', '\0'])) {
            return wrong("metadata", "there is no such key");
        }
        let (namespace, key) = (self.bind(namespace), self.bind(key.as_str()));
        let way: String = inner.iter().map(|name| format!(".\"{name}\"")).collect();
        let condition = match (pattern, self.sqlite) {
            (Some(pattern), true) => {
                let way = self.bind(format!("${way}"));
                let value = "CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(e.atom AS TEXT) END";
                let condition = self.like(value, pattern, Case::Exact);
                format!(
                    "json_type(m.value, {way}) <> 'object' AND EXISTS (SELECT 1 FROM json_each(m.value, {way}) e WHERE {condition})"
                )
            }
            (Some(pattern), false) => {
                let way = self.bind(format!("${way}[*]"));
                let condition = self.like("(e #>> '{}')", pattern, Case::Exact);
                format!(
                    "EXISTS (SELECT 1 FROM jsonb_path_query(m.value::jsonb, {way}::text::jsonpath) e WHERE jsonb_typeof(e) NOT IN ('object', 'array') AND {condition})"
                )
            }
            (None, true) => {
                let way = self.bind(format!("${way}"));
                format!(
                    "json_type(m.value, {way}) <> 'null' AND (json_type(m.value, {way}) <> 'array' OR json_array_length(m.value, {way}) > 0)"
                )
            }
            (None, false) => {
                let way = self.bind(format!("${way}[*]"));
                format!(
                    "EXISTS (SELECT 1 FROM jsonb_path_query(m.value::jsonb, {way}::text::jsonpath) e WHERE jsonb_typeof(e) <> 'null')"
                )
            }
        };
        Ok(format!(
            "account.id IN (SELECT m.owner FROM metadata m WHERE m.tenant_id = $1 AND m.namespace = {namespace} AND m.key = {key} AND {condition})"
        ))
    }

    fn order(&mut self, sort: &[(UserSort, Direction)]) -> String {
        let identifier = |kind: &str| {
            format!(
                "(SELECT i.normal FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = account.id AND i.kind = '{kind}' ORDER BY i.is_primary DESC LIMIT 1)"
            )
        };
        let mut parts = Vec::new();
        for (key, direction) in sort.iter().take(8) {
            let birthdate =
                if self.sqlite { "(account.profile ->> '$.birthdate')" } else { "(account.profile::jsonb ->> 'birthdate')" };
            let (column, nullable) = match key {
                UserSort::Id => ("account.id".to_owned(), false),
                UserSort::Email => (identifier("email"), true),
                UserSort::Username => (identifier("username"), true),
                UserSort::Name => ("account.name_key".to_owned(), true),
                UserSort::GivenName => ("account.given_name_key".to_owned(), true),
                UserSort::FamilyName => ("account.family_name_key".to_owned(), true),
                UserSort::Birthdate => (birthdate.to_owned(), true),
                UserSort::CreatedAt => ("account.created_at".to_owned(), false),
                UserSort::UpdatedAt => ("account.updated_at".to_owned(), false),
                UserSort::LastSignInAt => ("account.last_sign_in_at".to_owned(), true),
                UserSort::SignInCount => ("account.sign_in_count".to_owned(), false),
            };
            let way = if *direction == Direction::Descending { " DESC" } else { "" };
            // Users without the value come last on both engines, whatever the direction.
            parts.push(format!("{column}{way}{}", if nullable { " NULLS LAST" } else { "" }));
        }
        parts.push("account.id".to_owned());
        parts.join(", ")
    }
}

fn time_column(field: &UserField) -> (&'static str, &'static str) {
    match field {
        UserField::UpdatedAt => ("updated_at", "account.updated_at"),
        UserField::LastSignInAt => ("last_sign_in_at", "account.last_sign_in_at"),
        _ => ("created_at", "account.created_at"),
    }
}

fn verified(kind: &str, wanted: bool) -> String {
    if wanted {
        return format!(
            "EXISTS (SELECT 1 FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = account.id AND i.kind = '{kind}' AND i.is_primary = 1 AND i.verified_at IS NOT NULL)"
        );
    }
    // They are few and have an index. Whoever has no such identifier has none that is not proven either.
    format!(
        "account.id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind = '{kind}' AND is_primary = 1 AND verified_at IS NULL)"
    )
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
