//! Lists by filter, order and page number, for surfaces that count pages. Columns are named here and nowhere else.

use crate::engine::{StoreError, Value};
use crate::record::Record;
use crate::sessions::SessionRow;
use crate::users::{IdentifierRow, UserRow};
use crate::{Store, passkeys::PasskeyRow};
use doorward_protocol::ids::TenantId;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// The same.
    Equal,
    /// Greater.
    Greater,
    /// Less.
    Less,
}

impl Compare {
    fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::Less => "<",
        }
    }
}

/// What can be asked of a list's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Its id.
    Id,
    /// Whose user.
    User,
    /// Kind of identifier.
    Kind,
    /// Identifier, as compared.
    Normal,
    /// Name.
    Name,
    /// `status` of a user.
    Status,
    /// Made at.
    CreatedAt,
    /// Changed at.
    UpdatedAt,
    /// Used at.
    LastSeenAt,
    /// Ends at.
    ExpiresAt,
    /// A user's name, or one of their identifiers, in lower case; for filters only.
    Anything,
}

impl Column {
    fn sql(self) -> &'static str {
        match self {
            Self::Id | Self::Anything => "id",
            Self::User => "user_id",
            Self::Kind => "kind",
            Self::Normal => "normal",
            Self::Name => "name",
            Self::Status => "status",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastSeenAt => "last_seen_at",
            Self::ExpiresAt => "expires_at",
        }
    }
}

/// Which rows, in which order, which page of them.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// All must hold.
    pub filters: Vec<(Column, Compare, Value)>,
    /// Sessions by their state: `(live, ended, expired)`; for filters on sessions only.
    pub session_state: Option<SessionState>,
    /// Order; by id otherwise.
    pub sort: Option<(Column, bool)>,
    /// Rows to pass over.
    pub offset: i64,
    /// Most rows.
    pub limit: i64,
}

/// The state of a session at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Neither ended nor expired.
    Live(doorward_protocol::time::Timestamp),
    /// Ended.
    Ended,
    /// Expired without being ended.
    Expired(doorward_protocol::time::Timestamp),
}

/// A page of a list, and how many rows the whole list has.
#[derive(Debug, Clone)]
pub struct Counted<R> {
    /// Rows.
    pub items: Vec<R>,
    /// All of them.
    pub total: i64,
}

impl Listing {
    fn conditions(&self, tenant: TenantId) -> (String, Vec<Value>) {
        let mut sql = String::from("WHERE tenant_id = $1");
        let mut params: Vec<Value> = vec![tenant.0.into()];
        for (column, compare, value) in &self.filters {
            params.push(value.clone());
            let place = params.len();
            match column {
                Column::Anything => sql.push_str(&format!(
                    " AND (LOWER(name) = ${place} OR id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND normal = ${place}))"
                )),
                _ => sql.push_str(&format!(" AND {} {} ${place}", column.sql(), compare.sql())),
            }
        }
        match self.session_state {
            Some(SessionState::Live(now)) => {
                params.push(now.0.into());
                sql.push_str(&format!(" AND ended_at IS NULL AND expires_at > ${}", params.len()));
            }
            Some(SessionState::Ended) => sql.push_str(" AND ended_at IS NOT NULL"),
            Some(SessionState::Expired(now)) => {
                params.push(now.0.into());
                sql.push_str(&format!(" AND ended_at IS NULL AND expires_at <= ${}", params.len()));
            }
            None => {}
        }
        (sql, params)
    }
}

impl Store {
    async fn counted<R: Record>(&self, table: &str, tenant: TenantId, listing: &Listing) -> Result<Counted<R>, StoreError> {
        let (conditions, mut params) = listing.conditions(tenant);
        let row = self.db().query_opt(format!("SELECT COUNT(*) AS n FROM {table} {conditions}"), params.clone()).await?;
        let total = row.map_or(Ok(0), |row| row.int("n"))?;
        let order = match listing.sort {
            Some((column, descending)) => format!("{}{}, id", column.sql(), if descending { " DESC" } else { "" }),
            None => "id".to_owned(),
        };
        params.push(listing.limit.into());
        params.push(listing.offset.into());
        let (limit, offset) = (params.len() - 1, params.len());
        let tail = format!("{conditions} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}");
        Ok(Counted { items: self.list(&tail, params).await?, total })
    }

    /// Users.
    pub async fn users_listed(&self, tenant: TenantId, listing: &Listing) -> Result<Counted<UserRow>, StoreError> {
        self.counted("account", tenant, listing).await
    }

    /// Identifiers of all users.
    pub async fn identifiers_listed(&self, tenant: TenantId, listing: &Listing) -> Result<Counted<IdentifierRow>, StoreError> {
        self.counted("identifier", tenant, listing).await
    }

    /// Passkeys.
    pub async fn passkeys_listed(&self, tenant: TenantId, listing: &Listing) -> Result<Counted<PasskeyRow>, StoreError> {
        self.counted("passkey", tenant, listing).await
    }

    /// Sessions of all users, ended ones too.
    pub async fn sessions_listed(&self, tenant: TenantId, listing: &Listing) -> Result<Counted<SessionRow>, StoreError> {
        self.counted("session", tenant, listing).await
    }
}
