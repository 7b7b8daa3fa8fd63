//! The way through a tenant's users to those who fit a query.
//!
//! Where an index names few, they are collected, judged and put in order. Where each index names many, the users are judged one by one in
//! the order of the list, since the next page is met soon: in windows that grow, because it is not known how soon. After each window, what
//! is still to be walked at this rate is compared with what collecting would cost. Where several indexes are narrower than that, whom all
//! of them name are collected: to judge a user costs several steps into indexes, to find one named once more a single one.

use super::SearchError;
use super::compile::Compiler;
use super::source::{Source, conjuncts};
use crate::Store;
use crate::engine::Value;
use crate::users::UserRow;
use doorward_protocol::ids::{TenantId, UserId};
use doorward_protocol::search::{Direction, Query, UserField, UserSort};

/// So many users are collected rather than looked for.
pub(super) const NARROW: i64 = 1_000;
/// So many are judged before it is asked whether to go on.
const FIRST_WINDOW: i64 = 500;
/// So much larger is the next window.
const GROWTH: i64 = 4;
/// Sources so many times as large as the narrowest one are worth reading beside it.
const BESIDE: i64 = 4;
/// Sources are told apart up to this size.
const LARGEST: i64 = 1_000_000;

/// A query of a tenant that can be asked.
pub(super) struct Search<'s> {
    store: &'s Store,
    tenant: TenantId,
    query: &'s Query<UserField>,
}

/// A condition that has a source.
pub(super) struct Narrowest<'s> {
    condition: &'s Query<UserField>,
    /// How many it names, or the size up to which they were counted.
    pub(super) size: i64,
    /// Whether it is the whole query and names nobody else.
    pub(super) alone: bool,
    in_order: bool,
}

/// A part of the list, from behind one user to another who belongs to it, in one direction.
#[derive(Clone, Copy)]
struct Stretch {
    up: bool,
    from: Option<UserId>,
    to: Option<UserId>,
}

const EVERYBODY: Stretch = Stretch { up: true, from: None, to: None };

impl<'s> Search<'s> {
    pub(super) fn new(store: &'s Store, tenant: TenantId, query: &'s Query<UserField>) -> Result<Self, SearchError> {
        if !query.is_modest() {
            return Err(SearchError::TooLarge);
        }
        let search = Self { store, tenant, query };
        // What cannot be asked is found out before anything is.
        search.compiler().test(query)?;
        Ok(search)
    }

    fn compiler(&self) -> Compiler {
        Compiler::new(self.store.db.is_sqlite(), self.tenant)
    }

    pub(super) fn is_everybody(&self) -> bool {
        *self.query == Query::All
    }

    /// The next users that fit, in order of their ids.
    pub(super) async fn next_users(&self, up: bool, from: Option<UserId>, limit: u32) -> Result<Vec<UserRow>, SearchError> {
        let all = Stretch { up, from, to: None };
        let Some(narrowest) = self.narrowest(NARROW).await? else { return self.users(&[], all, limit).await };
        if narrowest.size < NARROW {
            return self.users(&[narrowest], all, limit).await;
        }
        let road = self.road().await?;
        let mut found: Vec<UserRow> = Vec::new();
        let (mut part, mut window, mut judged) = (all, FIRST_WINDOW, 0);
        loop {
            part.to = self.milestone(road.as_ref(), part, window).await?;
            found.extend(self.users(road.as_slice(), part, limit - size_of(&found)).await?);
            if part.to.is_none() || size_of(&found) >= limit {
                return Ok(found);
            }
            judged += window;
            part = Stretch { from: part.to, to: None, ..part };
            let ahead = judged.saturating_mul(i64::from(limit - size_of(&found))) / i64::from(size_of(&found).max(1));
            if ahead > NARROW {
                let narrower = self.narrower(ahead.min(LARGEST)).await?;
                if !narrower.is_empty() {
                    found.extend(self.users(&narrower, part, limit - size_of(&found)).await?);
                    return Ok(found);
                }
            }
            window = window.saturating_mul(GROWTH);
        }
    }

    /// The source that names fewest, counted up to `most`; the first of those that name more.
    pub(super) async fn narrowest(&self, most: i64) -> Result<Option<Narrowest<'s>>, SearchError> {
        let mut best: Option<Narrowest<'s>> = None;
        for mut one in self.sources()? {
            let most = best.as_ref().map_or(most, |best| best.size);
            one.size = self.size(one.condition, most).await?;
            if best.as_ref().is_none_or(|best| one.size < best.size) {
                best = Some(one);
            }
        }
        Ok(best)
    }

    /// The sources that name fewer than `most`, and are not much larger than the narrowest of them.
    async fn narrower(&self, most: i64) -> Result<Vec<Narrowest<'s>>, SearchError> {
        let (mut sources, mut smallest) = (self.sources()?, most);
        for one in &mut sources {
            one.size = self.size(one.condition, most.min(smallest.saturating_mul(BESIDE)).max(1)).await?;
            smallest = smallest.min(one.size);
        }
        sources.retain(|one| one.size < most && one.size < smallest.saturating_mul(BESIDE).max(1));
        sources.sort_by_key(|one| one.size);
        Ok(sources)
    }

    fn sources(&self) -> Result<Vec<Narrowest<'s>>, SearchError> {
        let mut sources = Vec::new();
        let conditions = conjuncts(self.query);
        let single = conditions.len() == 1;
        for condition in conditions {
            if let Some(source) = self.compiler().source(condition)? {
                let (alone, in_order) = (single && source.exact, source.key.is_some());
                sources.push(Narrowest { condition, size: 0, alone, in_order });
            }
        }
        Ok(sources)
    }

    async fn size(&self, condition: &Query<UserField>, most: i64) -> Result<i64, SearchError> {
        let mut sql = self.compiler();
        let ids = source(&mut sql, condition)?.ids();
        let most = sql.bind(most);
        self.number(format!("SELECT COUNT(*) AS n FROM (SELECT id FROM ({ids}) AS named LIMIT {most}) AS found"), sql.params)
            .await
    }

    /// The narrowest source that can be walked in the order of the list; none: the list itself.
    async fn road(&self) -> Result<Option<Narrowest<'s>>, SearchError> {
        let mut roads: Vec<Narrowest<'s>> = self.sources()?.into_iter().filter(|source| source.in_order).collect();
        if roads.len() > 1 {
            for one in &mut roads {
                one.size = self.size(one.condition, LARGEST / 10).await?;
            }
        }
        Ok(roads.into_iter().min_by_key(|source| source.size))
    }

    /// The user with whom a window ends; `None` where the road ends before.
    async fn milestone(&self, road: Option<&Narrowest<'s>>, part: Stretch, window: i64) -> Result<Option<UserId>, SearchError> {
        let mut sql = self.compiler();
        let (ids, key) = match road {
            Some(road) => {
                let source = source(&mut sql, road.condition)?;
                (source.ids(), source.key.unwrap_or("id"))
            }
            None => ("SELECT id FROM account WHERE tenant_id = $1".to_owned(), "id"),
        };
        let range = stretch(&mut sql, key, part);
        let (way, skipped) = (way(part.up), sql.bind(window - 1));
        let row =
            self.store.db.query_opt(format!("{ids}{range} ORDER BY {key} {way} LIMIT 1 OFFSET {skipped}"), sql.params).await?;
        Ok(row.map(|row| row.uuid("id").map(UserId)).transpose()?)
    }

    /// Users of a stretch that fit; with sources, only those whom all of them name.
    async fn users(&self, named: &[Narrowest<'s>], part: Stretch, limit: u32) -> Result<Vec<UserRow>, SearchError> {
        let mut sql = self.compiler();
        let condition = self.fitting(&mut sql, named, part)?;
        let (way, limit) = (way(part.up), sql.bind(i64::from(limit)));
        let tail = format!("WHERE {condition} ORDER BY account.id {way} LIMIT {limit}");
        Ok(self.store.list(&tail, sql.params).await?)
    }

    /// Users that fit, in any order.
    pub(super) async fn window(
        &self,
        named: &[Narrowest<'s>],
        sort: &[(UserSort, Direction)],
        offset: u32,
        limit: u32,
    ) -> Result<Vec<UserRow>, SearchError> {
        let mut sql = self.compiler();
        let condition = self.fitting(&mut sql, named, EVERYBODY)?;
        let order = sql.order(sort, !named.is_empty());
        let (limit, offset) = (sql.bind(i64::from(limit)), sql.bind(i64::from(offset)));
        let tail = format!("WHERE {condition} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        Ok(self.store.list(&tail, sql.params).await?)
    }

    /// How many fit, counted up to `most` where it is given.
    pub(super) async fn count(&self, named: &[Narrowest<'s>], most: Option<i64>) -> Result<i64, SearchError> {
        let mut sql = self.compiler();
        let mut all = match named {
            [named] if named.alone => {
                format!("SELECT DISTINCT id FROM ({}) AS named", source(&mut sql, named.condition)?.ids())
            }
            named => {
                let condition = self.fitting(&mut sql, named, EVERYBODY)?;
                format!("SELECT account.id FROM account WHERE {condition}")
            }
        };
        if let Some(most) = most {
            all.push_str(&format!(" LIMIT {}", sql.bind(most)));
        }
        self.number(format!("SELECT COUNT(*) AS n FROM ({all}) AS found"), sql.params).await
    }

    /// How many of the first users of the list, so many at most, fit; and whether there are further users.
    pub(super) async fn count_first(&self, most: u32) -> Result<(i64, bool), SearchError> {
        let road = self.road().await?;
        let to = self.milestone(road.as_ref(), EVERYBODY, i64::from(most)).await?;
        let part = Stretch { to, ..EVERYBODY };
        let mut sql = self.compiler();
        let condition = self.fitting(&mut sql, road.as_slice(), part)?;
        let counted = self.number(format!("SELECT COUNT(*) AS n FROM account WHERE {condition}"), sql.params).await?;
        Ok((counted, to.is_some()))
    }

    /// Who fits, of a stretch; with sources, of those whom all of them name.
    fn fitting(&self, sql: &mut Compiler, named: &[Narrowest<'s>], part: Stretch) -> Result<String, SearchError> {
        let mut out = format!("account.tenant_id = $1{}", stretch(sql, "account.id", part));
        let mut all = Vec::new();
        for one in named {
            let source = source(sql, one.condition)?;
            // SQLite would read all of a source that is walked; its own stretch keeps it to the window.
            let within = source.key.map(|key| stretch(sql, key, part)).unwrap_or_default();
            all.push(format!("{}{within}", source.ids()));
        }
        let ids = match all.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => {
                let several: Vec<String> =
                    several.iter().enumerate().map(|(n, ids)| format!("SELECT id FROM ({ids}) AS named{n}")).collect();
                Some(several.join(" INTERSECT "))
            }
        };
        if let Some(ids) = ids {
            // PostgreSQL would join, in an order that depends on what it believes of the tables; so the ids are read once, first.
            out.push_str(&match sql.sqlite {
                true => format!(" AND account.id IN ({ids})"),
                false => format!(" AND account.id = ANY (ARRAY({ids}))"),
            });
        }
        // All whom a source names that stands for the whole query fit.
        if !matches!(named, [one] if one.alone) {
            out.push_str(&format!(" AND {}", sql.test(self.query)?));
        }
        Ok(out)
    }

    async fn number(&self, sql: String, params: Vec<Value>) -> Result<i64, SearchError> {
        let row = self.store.db.query_opt(sql, params).await?;
        Ok(row.map_or(Ok(0), |row| row.int("n"))?)
    }
}

fn source(sql: &mut Compiler, condition: &Query<UserField>) -> Result<Source, SearchError> {
    // It had one when it was chosen.
    sql.source(condition)?.ok_or(SearchError::TooLarge)
}

fn stretch(sql: &mut Compiler, key: &str, part: Stretch) -> String {
    let (behind, until) = if part.up { (">", "<=") } else { ("<", ">=") };
    let mut out = String::new();
    for (id, sign) in [(part.from, behind), (part.to, until)] {
        if let Some(id) = id {
            out.push_str(&format!(" AND {key} {sign} {}", sql.bind(id.0)));
        }
    }
    out
}

fn way(up: bool) -> &'static str {
    if up { "ASC" } else { "DESC" }
}

fn size_of(found: &[UserRow]) -> u32 {
    u32::try_from(found.len()).unwrap_or(u32::MAX)
}
