//! A query as a condition on one row of `account`: `true` for a user who fits. It costs a few steps into indexes that lead from a user
//! to what belongs to the user, however many others fit; what finds users by an index is a [`Source`](super::source::Source).

use super::SearchError;
use super::pattern::Case;
use crate::engine::Value;
use doorward_protocol::ids::TenantId;
use doorward_protocol::search::{Bound, Direction, Pattern, Query, UserField, UserSort, moments};
use uuid::Uuid;

/// Writes conditions; nothing that a caller wrote is part of the text. `$1` is the tenant.
pub(super) struct Compiler {
    pub(super) sqlite: bool,
    pub(super) params: Vec<Value>,
}

pub(super) type Sql = Result<String, SearchError>;

pub(super) fn wrong<T>(field: &'static str, message: &'static str) -> Result<T, SearchError> {
    Err(SearchError::Value { field, message })
}

impl Compiler {
    pub(super) fn new(sqlite: bool, tenant: TenantId) -> Self {
        Self { sqlite, params: vec![Value::from(tenant.0)] }
    }

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// A column by which a single row is judged. SQLite, which counts no rows, would now and then take the column's index for
    /// the way to that row.
    fn judged(&self, column: &str) -> String {
        if self.sqlite { format!("+{column}") } else { column.to_owned() }
    }

    /// Whether the user of a row of `account` fits.
    pub(super) fn test(&mut self, query: &Query<UserField>) -> Sql {
        Ok(match query {
            Query::All => "(1 = 1)".to_owned(),
            Query::And(all) if all.is_empty() => "(1 = 1)".to_owned(),
            Query::Or(all) if all.is_empty() => "(1 = 0)".to_owned(),
            Query::And(all) => self.joined(all, " AND ")?,
            Query::Or(all) => self.joined(all, " OR ")?,
            // What has no value does not have that value.
            Query::Not(one) => format!("NOT COALESCE({}, 1 = 0)", self.test(one)?),
            Query::Match { field, pattern } => self.matching(field, pattern)?,
            Query::Exists(field) => self.exists(field)?,
            Query::Range { field, from, to } => self.range(field, from, to)?,
            Query::Text(pattern) => self.text(pattern),
        })
    }

    fn joined(&mut self, all: &[Query<UserField>], by: &str) -> Sql {
        let each: Result<Vec<String>, SearchError> = all.iter().map(|q| self.test(q)).collect();
        Ok(format!("({})", each?.join(by)))
    }

    fn has_identifier(&self, kinds: &str, condition: &str) -> String {
        let kind = self.judged("i.kind");
        format!(
            "EXISTS (SELECT 1 FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = account.id AND {kind} IN ({kinds}) AND {condition})"
        )
    }

    fn by_identifier(&mut self, kinds: &str, pattern: &Pattern) -> String {
        let condition = self.like(&self.judged("i.normal"), pattern, Case::Folded);
        self.has_identifier(kinds, &condition)
    }

    fn by_name(&mut self, column: &str, pattern: &Pattern) -> String {
        self.like(&self.judged(&format!("account.{column}")), pattern, Case::Folded)
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
                let Pattern::Exact(_) = pattern else { return wrong("email domain", "must be a whole domain") };
                let condition = self.like(&self.judged("i.domain"), pattern, Case::Folded);
                self.has_identifier("'email'", &condition)
            }
            UserField::EmailVerified => self.verified("email", flag("email_verified")?),
            UserField::PhoneVerified => self.verified("phone", flag("phone_verified")?),
            UserField::Blocked => {
                let status = if flag("blocked")? { crate::users::BLOCKED } else { crate::users::ACTIVE };
                format!("account.status = '{status}'")
            }
            UserField::HasPasskey => {
                let not = if flag("has_passkey")? { "" } else { "NOT " };
                format!("{not}EXISTS (SELECT 1 FROM passkey k WHERE k.tenant_id = $1 AND k.user_id = account.id)")
            }
            UserField::Name => self.by_name("name_key", pattern),
            UserField::GivenName => self.by_name("given_name_key", pattern),
            UserField::FamilyName => self.by_name("family_name_key", pattern),
            UserField::Nickname => self.by_name("nickname_key", pattern),
            UserField::Profile(claim) => {
                let column = self.claim(claim)?;
                self.like(&column, pattern, Case::Exact)
            }
            UserField::Id => self.id(pattern),
            UserField::CreatedAt | UserField::UpdatedAt | UserField::LastSignInAt => {
                let (name, column) = time_column(field);
                let Pattern::Exact(text) = pattern else { return wrong(name, "must be a date or a time") };
                let Some((from, to)) = moments(text) else { return wrong(name, "must be a date or a time") };
                let column = self.judged(column);
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

    fn verified(&self, kind: &str, wanted: bool) -> String {
        let is = if wanted { "IS NOT NULL" } else { "IS NULL" };
        let (primary, at) = (self.judged("i.is_primary"), self.judged("i.verified_at"));
        self.has_identifier(&format!("'{kind}'"), &format!("{primary} = 1 AND {at} {is}"))
    }

    /// The users that an id names, ours or an outward one. Few, and looked for once.
    fn id(&mut self, pattern: &Pattern) -> String {
        let named = self.named(pattern);
        format!("account.id IN ({})", named.join(" UNION ALL "))
    }

    pub(super) fn named(&mut self, pattern: &Pattern) -> Vec<String> {
        let condition = self.like("outward", pattern, Case::Exact);
        let mut parts = vec![format!("SELECT inward AS id FROM alias WHERE tenant_id = $1 AND {condition}")];
        if let Pattern::Exact(text) = pattern
            && let Ok(id) = Uuid::parse_str(text)
        {
            parts.push(format!("SELECT id FROM account WHERE tenant_id = $1 AND id = {}", self.bind(id)));
        }
        parts
    }

    /// Users linked to something that has an id and a name. The order of tables is the order in which they are read: what the user
    /// is linked to, then its name.
    fn linked(&mut self, link: &str, key: &str, table: &str, name: &str, pattern: &Pattern) -> String {
        let condition = self.link_condition(name, pattern);
        let tenant = self.judged("l.tenant_id");
        format!(
            "EXISTS (SELECT 1 FROM {link} l CROSS JOIN {table} t WHERE {tenant} = $1 AND l.user_id = account.id AND t.id = l.{key} AND {condition})"
        )
    }

    pub(super) fn link_condition(&mut self, name: &str, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Exact(text) if let Ok(id) = Uuid::parse_str(text) => {
                let (id, text) = (self.bind(id), self.bind(text.as_str()));
                format!("(t.id = {id} OR t.{name} = {text})")
            }
            _ => self.like(&format!("t.{name}"), pattern, Case::Exact),
        }
    }

    fn exists(&mut self, field: &UserField) -> Sql {
        let linked = |table: &str, tenant: String| {
            format!("EXISTS (SELECT 1 FROM {table} l WHERE {tenant} = $1 AND l.user_id = account.id)")
        };
        let tenant = self.judged("l.tenant_id");
        let has_name = |column: &str, compiler: &Self| format!("{} IS NOT NULL", compiler.judged(&format!("account.{column}")));
        Ok(match field {
            UserField::Email | UserField::EmailDomain | UserField::EmailVerified => self.has_identifier("'email'", "1 = 1"),
            UserField::Username => self.has_identifier("'username'", "1 = 1"),
            UserField::Phone | UserField::PhoneVerified => self.has_identifier("'phone'", "1 = 1"),
            UserField::Name => has_name("name_key", self),
            UserField::GivenName => has_name("given_name_key", self),
            UserField::FamilyName => has_name("family_name_key", self),
            UserField::Nickname => has_name("nickname_key", self),
            UserField::Profile(claim) => format!("{} IS NOT NULL", self.claim(claim)?),
            UserField::LastSignInAt => "account.last_sign_in_at IS NOT NULL".to_owned(),
            UserField::SignInCount => "account.sign_in_count > 0".to_owned(),
            UserField::Id | UserField::Blocked | UserField::HasPasskey | UserField::CreatedAt | UserField::UpdatedAt => {
                "(1 = 1)".to_owned()
            }
            UserField::Role => linked("user_role", tenant),
            UserField::Group => linked("group_member", tenant),
            UserField::Application => linked("membership", tenant),
            UserField::Metadata { namespace, path } => self.metadata(namespace, path, None)?,
        })
    }

    fn range(&mut self, field: &UserField, from: &Bound, to: &Bound) -> Sql {
        match field {
            UserField::CreatedAt | UserField::UpdatedAt | UserField::LastSignInAt => {
                let (name, column) = time_column(field);
                self.moment_range(&self.judged(column), name, from, to)
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
            UserField::Name => Ok(self.text_range(&self.judged("account.name_key"), from, to)),
            UserField::GivenName => Ok(self.text_range(&self.judged("account.given_name_key"), from, to)),
            UserField::FamilyName => Ok(self.text_range(&self.judged("account.family_name_key"), from, to)),
            UserField::Nickname => Ok(self.text_range(&self.judged("account.nickname_key"), from, to)),
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

    pub(super) fn moment_range(&mut self, column: &str, name: &'static str, from: &Bound, to: &Bound) -> Sql {
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

    fn identifier_range(&mut self, kinds: &str, from: &Bound, to: &Bound) -> String {
        let condition = self.text_range(&self.judged("i.normal"), from, to);
        self.has_identifier(kinds, &condition)
    }

    /// Identifiers and names: a word is the beginning of one of them.
    fn text(&mut self, pattern: &Pattern) -> String {
        let pattern = beginning(pattern);
        // What costs least comes first: most names are part of the row, others of a document in it.
        let mut parts = vec![self.by_name("name_key", &pattern), self.by_identifier("'email', 'username', 'phone'", &pattern)];
        for column in ["given_name_key", "family_name_key", "nickname_key"] {
            parts.push(self.by_name(column, &pattern));
        }
        format!("({})", parts.join(" OR "))
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
            "EXISTS (SELECT 1 FROM metadata m WHERE m.tenant_id = $1 AND m.namespace = {namespace} AND m.owner = account.id AND m.key = {key} AND {condition})"
        ))
    }

    /// An order; the id decides last. Few are put in order when they were found: no index may lead to them in its place.
    pub(super) fn order(&self, sort: &[(UserSort, Direction)], few: bool) -> String {
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
            let column = if few { self.judged(&column) } else { column };
            let way = if *direction == Direction::Descending { " DESC" } else { "" };
            // Users without the value come last on both engines, whatever the direction.
            parts.push(format!("{column}{way}{}", if nullable { " NULLS LAST" } else { "" }));
        }
        parts.push("account.id".to_owned());
        parts.join(", ")
    }
}

pub(super) fn time_column(field: &UserField) -> (&'static str, &'static str) {
    match field {
        UserField::UpdatedAt => ("updated_at", "account.updated_at"),
        UserField::LastSignInAt => ("last_sign_in_at", "account.last_sign_in_at"),
        _ => ("created_at", "account.created_at"),
    }
}

/// A bare word is the beginning of something.
pub(super) fn beginning(pattern: &Pattern) -> Pattern {
    match pattern {
        Pattern::Exact(text) => Pattern::Prefix(text.clone()),
        other => other.clone(),
    }
}
