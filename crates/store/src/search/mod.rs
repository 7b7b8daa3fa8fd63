//! Users found by a query: a page of them, how many there are, a window in any order.

mod compile;
mod pattern;
mod source;
mod walk;

use crate::Store;
use crate::engine::{StoreError, Value};
use crate::record::Record as _;
use crate::users::{IdentifierRow, Person, UserRow};
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::search::{Direction, Place, Query, UserField, UserSearch, UserSort};
use std::collections::HashMap;
use uuid::Uuid;
use walk::{NARROW, Search};

/// Users are looked through for a count up to here: beyond it the number is worth less than the time it takes.
const LOOKED_THROUGH: u32 = 2_000;
/// The end of a window up to here is reached in the order of users, whatever fits; one that ends farther is cut out of all who fit.
const NEAR: u32 = 2_000;
/// Where a source names fewer, they are judged for a total rather than everybody.
const WORTHWHILE: i64 = 200_000;

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
    /// How many there are in all, counted as far as was asked for.
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

/// How many users fit, as far as they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// So many were found.
    pub found: i64,
    /// There may be more: counting ended before the users did.
    pub more: bool,
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
        let search = Search::new(self, tenant, query)?;
        // To the page before, one walks backwards.
        let backwards = matches!(place, Place::Before(_));
        let up = (direction == Direction::Ascending) != backwards;
        let from = match place {
            Place::Start => None,
            Place::After(id) | Place::Before(id) => Some(id),
        };
        // One more than asked for tells whether there are more that way.
        let mut users = search.next_users(up, from, limit.saturating_add(1)).await?;
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

    /// How many users fit a query, counted up to `most` and for a bounded time: where few of many fit, fewer are found than there are.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn count_users_up_to(&self, tenant: TenantId, query: &Query<UserField>, most: u32) -> Result<Counted, SearchError> {
        let search = Search::new(self, tenant, query)?;
        let most = i64::from(most);
        let narrowest = search.narrowest(NARROW).await?;
        let found = match &narrowest {
            Some(one) if one.size < NARROW || one.alone => search.count(narrowest.as_slice(), Some(most + 1)).await?,
            _ if search.is_everybody() => search.count(&[], Some(most + 1)).await?,
            _ => {
                let (found, further) = search.count_first(LOOKED_THROUGH).await?;
                return Ok(Counted { found: found.min(most), more: further || found > most });
            }
        };
        Ok(Counted { found: found.min(most), more: found > most })
    }

    /// Users of a tenant that fit a query.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn search_users(&self, tenant: TenantId, asked: &UserSearch) -> Result<Found, SearchError> {
        let search = Search::new(self, tenant, &asked.query)?;
        let end = asked.offset.saturating_add(asked.limit);
        let users = match asked.sort.as_slice() {
            [] if end <= NEAR => search.next_users(true, None, end).await?.split_off_from(asked.offset),
            [(UserSort::Id, direction), ..] if end <= NEAR => {
                search.next_users(*direction == Direction::Ascending, None, end).await?.split_off_from(asked.offset)
            }
            sort => {
                let narrowest = search.narrowest(NARROW).await?.filter(|source| source.size < NARROW);
                search.window(narrowest.as_slice(), sort, asked.offset, asked.limit).await?
            }
        };
        let total = match asked.counted_to {
            Some(0) => 0,
            counted_to => {
                let narrowest = search.narrowest(WORTHWHILE).await?.filter(|source| source.size < WORTHWHILE || source.alone);
                search.count(narrowest.as_slice(), counted_to.map(i64::from)).await?
            }
        };
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

trait SplitOffFrom {
    /// What follows the first so many.
    fn split_off_from(self, offset: u32) -> Self;
}

impl SplitOffFrom for Vec<UserRow> {
    fn split_off_from(mut self, offset: u32) -> Self {
        self.drain(..self.len().min(offset as usize));
        self
    }
}
