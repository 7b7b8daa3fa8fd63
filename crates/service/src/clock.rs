//! The one place where time is read. Development can move a tenant's time; nothing else may.

use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use std::collections::HashMap;
use std::sync::RwLock;

/// The clock of the server and, in development, how far each tenant's is moved.
#[derive(Default)]
pub struct Clock {
    offsets: RwLock<HashMap<TenantId, i64>>,
}

impl Clock {
    /// Time of the machine.
    #[allow(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    pub fn real(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Time of a tenant.
    pub fn now(&self, tenant: TenantId) -> Timestamp {
        let offset = self.offsets.read().map_or(0, |all| all.get(&tenant).copied().unwrap_or(0));
        Timestamp(self.real().0.saturating_add(offset))
    }

    /// Moves a tenant's time by seconds, from where it is now.
    pub fn advance(&self, tenant: TenantId, seconds: i64) {
        if let Ok(mut all) = self.offsets.write() {
            let offset = all.entry(tenant).or_default();
            *offset = offset.saturating_add(seconds.saturating_mul(1000));
        }
    }

    /// Sets a tenant's time.
    pub fn set(&self, tenant: TenantId, to: Timestamp) {
        let offset = to.0.saturating_sub(self.real().0);
        if let Ok(mut all) = self.offsets.write() {
            all.insert(tenant, offset);
        }
    }

    /// Gives a tenant the machine's time back.
    pub fn reset(&self, tenant: TenantId) {
        if let Ok(mut all) = self.offsets.write() {
            all.remove(&tenant);
        }
    }
}
