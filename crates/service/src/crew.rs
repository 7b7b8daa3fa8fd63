//! Tasks that wait for servers of others. Each is counted by whom it works for, so that a server which never answers takes a few places
//! and leaves the rest to the others.

use std::collections::HashMap;
use std::future::Future;
use tokio::task::{Id, JoinError, JoinSet};

/// Tasks under way. Dropping it ends them.
pub(crate) struct Crew<K> {
    tasks: JoinSet<()>,
    work_for: HashMap<Id, K>,
    all: usize,
    each: usize,
}

impl<K: PartialEq + Copy> Crew<K> {
    /// Room for `all` tasks, `each` of them for one and the same.
    pub(crate) fn new(all: usize, each: usize) -> Self {
        Self { tasks: JoinSet::new(), work_for: HashMap::new(), all, each }
    }

    /// How many more tasks may begin.
    pub(crate) fn room(&self) -> usize {
        self.all.saturating_sub(self.tasks.len())
    }

    /// How many more tasks may begin for one.
    pub(crate) fn room_for(&self, whom: K) -> usize {
        self.room().min(self.each.saturating_sub(self.count(whom)))
    }

    /// Those that may have no more tasks now.
    pub(crate) fn full(&self) -> Vec<K> {
        let mut full: Vec<K> = Vec::new();
        for &whom in self.work_for.values() {
            if !full.contains(&whom) && self.count(whom) >= self.each {
                full.push(whom);
            }
        }
        full
    }

    /// Begins a task.
    pub(crate) fn begin(&mut self, whom: K, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(task);
        self.work_for.insert(handle.id(), whom);
    }

    /// Waits until somebody has half of their places free again: looking for more work for each single task that ends would be waste.
    /// Never ends while nothing is under way. May be dropped at any time.
    pub(crate) async fn freed(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            if let Some(whom) = self.noted(&ended)
                && self.count(whom) <= self.each / 2
            {
                return;
            }
        }
        std::future::pending().await
    }

    /// Waits for all that is under way.
    pub(crate) async fn finish(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.noted(&ended);
        }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    fn count(&self, whom: K) -> usize {
        self.work_for.values().filter(|&&k| k == whom).count()
    }

    fn noted(&mut self, ended: &Result<(Id, ()), JoinError>) -> Option<K> {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => {
                tracing::error!(%error, "a task ended early");
                error.id()
            }
        };
        self.work_for.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_takes_a_few_places_and_leaves_the_rest() {
        let mut crew = Crew::new(5, 2);
        for _ in 0..2 {
            crew.begin("a", std::future::pending());
        }
        assert_eq!((crew.room(), crew.room_for("a"), crew.room_for("b"), crew.full()), (3, 0, 2, vec!["a"]));
        crew.begin("b", async {});
        crew.begin("b", async { panic!("a task that ends early frees its place too") });
        crew.begin("c", std::future::pending());
        assert_eq!((crew.room(), crew.room_for("c")), (0, 0));
        crew.freed().await;
        crew.freed().await;
        assert_eq!((crew.room(), crew.room_for("b"), crew.full()), (2, 2, vec!["a"]));
    }
}
