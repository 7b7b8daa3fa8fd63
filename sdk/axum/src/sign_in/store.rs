//! Where sessions are kept when not in the cookie itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use thiserror::Error;

/// A store could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the session store failed: {0}")]
pub struct StoreError(pub String);

/// Keeps sessions by their key. What it is given is encrypted and its keys are hashes, so whoever reads the store can neither
/// read a session nor take one over. An implementation over a database or cache is three statements.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// The session, if there is one and it has not ended.
    async fn load(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Makes or replaces it; it ends after `lifetime`.
    async fn save(&self, key: &str, session: String, lifetime: Duration) -> Result<(), StoreError>;

    /// Forgets it.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;
}

/// Sessions in this process: for one instance, and gone with it.
#[derive(Default)]
pub struct MemoryStore {
    sessions: Mutex<HashMap<String, (Instant, String)>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, String)>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn load(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sessions = self.sessions();
        Ok(sessions.get(key).filter(|(ends, _)| *ends > Instant::now()).map(|(_, session)| session.clone()))
    }

    async fn save(&self, key: &str, session: String, lifetime: Duration) -> Result<(), StoreError> {
        let mut sessions = self.sessions();
        let now = Instant::now();
        // Sessions that nobody ends are swept when the map is about to grow.
        if sessions.len() == sessions.capacity() {
            sessions.retain(|_, (ends, _)| *ends > now);
        }
        sessions.insert(key.to_owned(), (now + lifetime, session));
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.sessions().remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sessions_end() {
        let store = MemoryStore::new();
        store.save("a", "1".into(), Duration::from_secs(60)).await.unwrap();
        store.save("b", "2".into(), Duration::ZERO).await.unwrap();
        assert_eq!(store.load("a").await.unwrap().as_deref(), Some("1"));
        assert_eq!(store.load("b").await.unwrap(), None);
        store.delete("a").await.unwrap();
        assert_eq!(store.load("a").await.unwrap(), None);
    }
}
