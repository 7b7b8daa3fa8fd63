//! One at a time for each key, on this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// Who is at it, by key. A key that nobody holds or waits for takes no room.
#[derive(Default)]
pub(crate) struct Turns {
    keys: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// A turn; it ends when this is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    key: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for one's turn.
    pub(crate) async fn take(self: &Arc<Self>, key: String) -> Turn {
        let mutex = Arc::clone(self.keys.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()).or_default());
        // Made before the wait: a caller who gives up waiting leaves no key behind either.
        let mut turn = Turn { turns: Arc::clone(self), key, guard: None };
        turn.guard = Some(mutex.lock_owned().await);
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut keys = self.turns.keys.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits holds the mutex too.
        if keys.get(&self.key).is_some_and(|mutex| Arc::strong_count(mutex) == 1) {
            keys.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_follow_each_other_and_leave_nothing_behind() {
        let turns = Arc::new(Turns::default());
        let first = turns.take("a".into()).await;
        drop(turns.take("b".into()).await);
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take("a".into()).await }
        });
        let tired = tokio::time::timeout(std::time::Duration::from_millis(20), turns.take("a".into())).await;
        assert!(tired.is_err() && !waiting.is_finished());
        drop(first);
        drop(waiting.await);
        assert!(turns.keys.lock().unwrap_or_else(PoisonError::into_inner).is_empty());
    }
}
