//! Heavy arithmetic (password hashes, RSA signatures) on a bounded number of threads with a bounded queue, so that a storm of
//! it is refused early (503) and cheap requests stay cheap.

use crate::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// A bounded pool.
pub struct CpuPool {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl CpuPool {
    /// `threads` at once, and at most `queue` more that wait.
    pub fn new(threads: usize, queue: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(threads.max(1))), waiting: AtomicUsize::new(0), queue }
    }

    /// Runs a piece of work on the pool.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _leave = Leave(&self.waiting);
        if before > self.queue {
            metrics::counter!("doorward_cpu_pool_refused_total").increment(1);
            return Err(Error::Busy);
        }
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(Error::internal)?;
        let out = tokio::task::spawn_blocking(move || {
            let out = work();
            drop(permit);
            out
        })
        .await
        .map_err(Error::internal)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_is_refused_at_once() {
        let pool = Arc::new(CpuPool::new(1, 1));
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(move || wait.recv().is_ok()).await }
        });
        while pool.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(|| true).await }
        });
        // The one that runs, and one that waits.
        while pool.waiting.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(pool.run(|| true).await, Err(Error::Busy)));
        release.send(()).unwrap();
        assert!(first.await.unwrap().unwrap() && second.await.unwrap().unwrap());
    }
}
