//! Counts for plots of what changes nothing else. A count that belongs to an event is written beside it ([`crate::audit::count`]); an
//! offer that was only shown would cost its page a transaction of its own, so it waits in memory for others of its kind.

use crate::{Cx, Error, Service, boxed};
use doorward_protocol::ids::TenantId;
use doorward_store::directory::{Rollup, add_rollup};
use doorward_store::engine::Batch;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Tenant, day since 1970, and what is counted.
pub type Counter = (TenantId, i64, &'static str);

/// Counts that are not written yet. A crash loses those of the last seconds.
pub struct Tally<K = Counter> {
    waiting: Mutex<BTreeMap<K, i64>>,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { waiting: Mutex::default() }
    }
}

impl<K: Ord> Tally<K> {
    pub(crate) fn add(&self, counter: K, count: i64) {
        if let Ok(mut waiting) = self.waiting.lock() {
            *waiting.entry(counter).or_default() += count;
        }
    }

    pub(crate) fn take(&self) -> BTreeMap<K, i64> {
        self.waiting.lock().map(|mut waiting| std::mem::take(&mut *waiting)).unwrap_or_default()
    }
}

impl Service {
    /// Counts one more today.
    pub(crate) fn tally(&self, cx: &Cx, name: &'static str) {
        self.tally.add((cx.tenant_id(), cx.now.seconds().div_euclid(86_400), name), 1);
    }

    /// Writes what was counted since the last call, in one transaction. What could not be written waits for the next call.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn flush_tally(&self) -> Result<(), Error> {
        let taken = self.tally.take();
        let written = self.write_tally(&taken).await;
        if written.is_err() {
            for (counter, count) in taken {
                self.tally.add(counter, count);
            }
        }
        written
    }

    async fn write_tally(&self, counts: &BTreeMap<Counter, i64>) -> Result<(), Error> {
        let mut batch = Batch::new();
        for (&(tenant, day, name), &count) in counts {
            // Of a tenant that is gone nobody reads a plot.
            if self.tenant(tenant).await?.is_some() {
                batch.push(add_rollup(tenant, day, name, count));
            }
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        Ok(())
    }

    /// Counters of a tenant's days from `from` to `to` (days since 1970, both included); those that wait on this node are in them, those
    /// on others follow within seconds.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn daily_counts(&self, cx: &Cx, from: i64, to: i64) -> Result<Vec<Rollup>, Error> {
        self.flush_tally().await?;
        Ok(self.store.rollups(cx.tenant_id(), from, to).await?)
    }
}
