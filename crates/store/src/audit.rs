//! The audit log: an append-only table whose events are chained by hash, per tenant.
//!
//! An event is written in the transaction of what it tells of. Its place in the chain is given by [`chain`], which runs inside
//! the same grouped commit on SQLite (one writer: the head cannot move) and right after it on PostgreSQL, where one node at a
//! time holds the head. So sign-ins never wait for each other's audit.

use crate::engine::{Expect, Statement, StoreError, SyncConn, Value};
use crate::params;
use crate::record::{Json, record, statement};
use crate::{Page, Store, cut};
use doorward_protocol::audit::{Chained, chain_hash};
use doorward_protocol::ids::{ApplicationId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

record! {
    /// An event.
    AuditEventRow in "audit_event" by [id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// What happened, such as `sign_in.succeeded`.
        event: String,
        /// When.
        at: Timestamp,
        /// About whom.
        user_id: Option<UserId>,
        /// For which application.
        application_id: Option<ApplicationId>,
        /// Who did it: `user`, `admin:<key>`, `system`.
        actor: String,
        /// From where.
        ip: String,
        /// In which request.
        request_id: String,
        /// Details, never a secret.
        data: Json<serde_json::Value>,
        /// Place in the chain.
        seq: Option<i64>,
        /// Hash of the event before.
        prev_hash: Option<Vec<u8>>,
        /// Hash of this event.
        hash: Option<Vec<u8>>,
    }
}

impl AuditEventRow {
    /// What the hash covers, in the form that it is stored.
    fn hash_after(&self, seq: i64, prev: &[u8], data: &str) -> [u8; 32] {
        chain_hash(&Chained {
            prev,
            seq,
            id: self.id.as_bytes(),
            tenant: self.tenant_id.0.as_bytes(),
            event: &self.event,
            at: self.at.0,
            user: self.user_id.as_ref().map(|u| u.0.as_bytes().as_slice()),
            application: self.application_id.as_ref().map(|a| a.0.as_bytes().as_slice()),
            actor: &self.actor,
            ip: &self.ip,
            request_id: &self.request_id,
            data,
        })
    }
}

/// Rounds in which nothing is chained, by this node or another, before something must be wrong with the chain.
const IDLE_ROUNDS: u32 = 250;

/// Gives every unchained event its place, at most `limit` of them; returns how many. Runs inside a transaction.
pub fn chain(conn: &mut dyn SyncConn, limit: i64) -> Result<usize, StoreError> {
    use crate::Record as _;
    let rows = conn.query(&AuditEventRow::select("WHERE seq IS NULL ORDER BY id LIMIT $1"), &[Value::from(limit)])?;
    let mut heads: std::collections::HashMap<TenantId, (i64, Vec<u8>)> = std::collections::HashMap::new();
    for row in &rows {
        let event = AuditEventRow::read(row)?;
        let data = row.text("data")?;
        let head = match heads.entry(event.tenant_id) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let found =
                    conn.query("SELECT seq, hash FROM audit_head WHERE tenant_id = $1", &[Value::from(event.tenant_id.0)])?;
                let head = match found.first() {
                    Some(row) => (row.int("seq")?, row.bytes("hash")?),
                    None => (0, vec![0; 32]),
                };
                entry.insert(head)
            }
        };
        let seq = head.0 + 1;
        let hash = event.hash_after(seq, &head.1, &data).to_vec();
        conn.execute(
            "UPDATE audit_event SET seq = $2, prev_hash = $3, hash = $4 WHERE id = $1",
            &[Value::from(event.id), Value::from(seq), Value::from(head.1.as_slice()), Value::from(hash.as_slice())],
        )?;
        *head = (seq, hash);
    }
    for (tenant, (seq, hash)) in &heads {
        conn.execute(
            "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, $2, $3) ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            &[Value::from(tenant.0), Value::from(*seq), Value::from(hash.as_slice())],
        )?;
    }
    Ok(rows.len())
}

/// One step of chaining as a batch for PostgreSQL, made from rows read before; the guard on the head makes two nodes that
/// try at once harmless: one of them starts again.
fn chain_batch(events: &[(AuditEventRow, String)], head: Option<(i64, Vec<u8>)>, tenant: TenantId) -> Vec<Statement> {
    let (mut seq, mut prev) = head.clone().unwrap_or((0, vec![0; 32]));
    let mut out = Vec::with_capacity(events.len() + 1);
    let mut updates = Vec::with_capacity(events.len());
    for (event, data) in events {
        seq += 1;
        let hash = event.hash_after(seq, &prev, data).to_vec();
        updates.push(statement(
            "UPDATE audit_event SET seq = $2, prev_hash = $3, hash = $4 WHERE id = $1 AND seq IS NULL",
            params![event.id, seq, prev.as_slice(), hash.as_slice()],
            Expect::Rows(1),
            "audit.chained",
        ));
        prev = hash;
    }
    out.push(match head {
        None => statement(
            "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, $2, $3)",
            params![tenant.0, seq, prev],
            Expect::Any,
            "audit.head",
        ),
        Some((old, _)) => statement(
            "UPDATE audit_head SET seq = $2, hash = $3 WHERE tenant_id = $1 AND seq = $4",
            params![tenant.0, seq, prev, old],
            Expect::Rows(1),
            "audit.head",
        ),
    });
    out.extend(updates);
    out
}

/// Which events are looked for; what is not said is any.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditFilter<'a> {
    /// What happened.
    pub event: Option<&'a str>,
    /// About whom.
    pub user: Option<UserId>,
    /// Who did it.
    pub actor: Option<&'a str>,
    /// From then on.
    pub since: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
}

/// The smallest id that is made at a moment: the first 48 bits are the milliseconds (RFC 9562, section 5.7).
fn first_id(at: Timestamp) -> Uuid {
    Uuid::from_u128(u128::from(at.0.clamp(0, (1 << 48) - 1).unsigned_abs()) << 80)
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Events whose place was checked.
    pub checked: u64,
    /// Events not chained yet.
    pub unchained: u64,
    /// The head: sequence number and hash, to be kept elsewhere and compared later.
    pub head: Option<(i64, Vec<u8>)>,
    /// The first fault.
    pub fault: Option<String>,
}

impl Store {
    /// Events of a tenant, newest first: of a kind, about somebody, or all; `before` is the cursor.
    pub async fn audit_events(
        &self,
        tenant: TenantId,
        event: Option<&str>,
        user: Option<UserId>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<AuditEventRow>, StoreError> {
        let wanted = AuditFilter { event, user, ..AuditFilter::default() };
        self.search_audit_events(tenant, &wanted, before, limit).await
    }

    /// Events of a tenant that fit, newest first; `before` is the cursor.
    pub async fn search_audit_events(
        &self,
        tenant: TenantId,
        wanted: &AuditFilter<'_>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<AuditEventRow>, StoreError> {
        let mut before = before.unwrap_or(Uuid::max());
        if let Some(until) = wanted.until {
            before = before.min(first_id(until));
        }
        let mut tail = "WHERE tenant_id = $1 AND id < $2".to_owned();
        let mut params = params![tenant.0, before, i64::from(limit) + 1];
        let mut and = |condition: &str, value: Value| {
            params.push(value);
            tail.push_str(&format!(" AND {condition} ${}", params.len()));
        };
        if let Some(event) = wanted.event {
            and("event =", event.into());
        }
        if let Some(user) = wanted.user {
            and("user_id =", user.0.into());
        }
        if let Some(actor) = wanted.actor {
            and("actor =", actor.into());
        }
        if let Some(since) = wanted.since {
            and("id >=", first_id(since).into());
        }
        tail.push_str(" ORDER BY id DESC LIMIT $3");
        let items = self.list(&tail, params).await?;
        Ok(cut(items, limit, |e: &AuditEventRow| e.id))
    }

    /// One event of a tenant.
    pub async fn audit_event(&self, tenant: TenantId, id: Uuid) -> Result<Option<AuditEventRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await
    }

    /// Events of a tenant in the order of the chain, behind a place in it. Nothing is ever added before what was read, so a
    /// reader who keeps the last place misses none.
    pub async fn audit_events_chained_after(
        &self,
        tenant: TenantId,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<AuditEventRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3", params![tenant.0, seq, i64::from(limit)]).await
    }

    /// Chains what is not chained yet: PostgreSQL's half of the work, and a repair after a crash on either engine.
    pub async fn chain_audit(&self) -> Result<usize, StoreError> {
        use crate::Record as _;
        let rows = self.db.query(AuditEventRow::select("WHERE seq IS NULL ORDER BY id LIMIT 500"), params![]).await?;
        let mut by_tenant: std::collections::BTreeMap<TenantId, Vec<(AuditEventRow, String)>> = std::collections::BTreeMap::new();
        for row in &rows {
            let event = AuditEventRow::read(row)?;
            by_tenant.entry(event.tenant_id).or_default().push((event, row.text("data")?));
        }
        let mut done = 0;
        for (tenant, events) in by_tenant {
            let head = self.db.query_opt("SELECT seq, hash FROM audit_head WHERE tenant_id = $1", params![tenant.0]).await?;
            let head = head.map(|row| Ok::<_, StoreError>((row.int("seq")?, row.bytes("hash")?))).transpose()?;
            let mut batch = crate::engine::Batch::new();
            for one in chain_batch(&events, head, tenant) {
                batch.push(one);
            }
            match self.db.commit(batch).await {
                Ok(_) => done += events.len(),
                // Another node was quicker; the next round sees what is left.
                Err(StoreError::Guard { .. } | StoreError::Unique { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Chains until nothing is left of what was written before the call. Another node that chains at the same time wins some of the
    /// rounds: that is a reason to look again.
    ///
    /// # Errors
    /// When the store fails, and [`StoreError::Busy`] when for a while no event could be chained.
    pub async fn chain_all_audit(&self) -> Result<(), StoreError> {
        let newest = "SELECT id FROM audit_event WHERE seq IS NULL ORDER BY id DESC LIMIT 1";
        let Some(newest) = self.db.query_opt(newest, params![]).await? else { return Ok(()) };
        let newest = newest.uuid("id")?;
        let (mut before, mut idle) = (i64::MAX, 0);
        loop {
            self.chain_audit().await?;
            let left = "SELECT COUNT(*) AS n FROM audit_event WHERE seq IS NULL AND id <= $1";
            let left = self.db.query_opt(left, params![newest]).await?.map_or(Ok(0), |row| row.int("n"))?;
            if left == 0 {
                return Ok(());
            }
            if left < before {
                (before, idle) = (left, 0);
            } else if idle < IDLE_ROUNDS {
                idle += 1;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            } else {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Walks the chain of a tenant from its beginning (or from where retention cut it) to its head.
    pub async fn verify_audit(&self, tenant: TenantId) -> Result<ChainReport, StoreError> {
        use crate::Record as _;
        let mut report = ChainReport { checked: 0, unchained: 0, head: None, fault: None };
        let mut after = 0_i64;
        let mut prev: Option<Vec<u8>> = None;
        'walk: loop {
            let rows = self
                .db
                .query(
                    AuditEventRow::select("WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT 1000"),
                    params![tenant.0, after],
                )
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let event = AuditEventRow::read(row)?;
                let (seq, stored_prev, hash) = (row.int("seq")?, row.bytes("prev_hash")?, row.bytes("hash")?);
                let expected_prev = match &prev {
                    Some(prev) => prev.clone(),
                    None if seq == 1 => vec![0; 32],
                    None => stored_prev.clone(),
                };
                if prev.is_some() && seq != after + 1 {
                    report.fault = Some(format!("event {} is missing: the chain goes from {after} to {seq}", after + 1));
                    break 'walk;
                }
                if stored_prev != expected_prev {
                    report.fault = Some(format!("event {seq} ({}) does not follow the event before it", event.id));
                    break 'walk;
                }
                if event.hash_after(seq, &stored_prev, &row.text("data")?).as_slice() != hash.as_slice() {
                    report.fault = Some(format!("event {seq} ({}) was changed after it was written", event.id));
                    break 'walk;
                }
                report.checked += 1;
                after = seq;
                prev = Some(hash);
            }
        }
        let head = self.db.query_opt("SELECT seq, hash FROM audit_head WHERE tenant_id = $1", params![tenant.0]).await?;
        report.head = head.map(|row| Ok::<_, StoreError>((row.int("seq")?, row.bytes("hash")?))).transpose()?;
        if report.fault.is_none()
            && let Some((seq, hash)) = &report.head
            && (*seq != after || prev.as_ref() != Some(hash))
        {
            report.fault = Some(format!("the chain ends at {after} but its head says {seq}: events were cut off"));
        }
        let unchained = self
            .db
            .query_opt("SELECT COUNT(*) AS n FROM audit_event WHERE tenant_id = $1 AND seq IS NULL", params![tenant.0])
            .await?;
        report.unchained = unchained.map_or(Ok(0), |row| row.int("n"))?.unsigned_abs();
        Ok(report)
    }
}
