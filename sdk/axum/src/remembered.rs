//! One document of the provider, remembered: fetched once however many ask at the same time, used for a while after it grew
//! old when the provider cannot be reached, and not asked for again and again when it cannot be had.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::error::ProviderError;

/// How long documents are kept, and how often they may be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Older than this, the document is fetched again.
    pub max_age: Duration,
    /// Up to this age it is used when it cannot be fetched again.
    pub max_stale: Duration,
    /// After a failure, nobody asks for this long.
    pub pause: Duration,
    /// How many early fetches (see [`Remembered::newer`]) are made in a minute.
    pub early_fetches: usize,
}

const MINUTE: Duration = Duration::from_secs(60);

/// A fetched document.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub value: Arc<T>,
    pub at: Instant,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), at: self.at }
    }
}

/// What only the one who fetches looks at.
#[derive(Default)]
struct Flight {
    failed: Option<(Instant, ProviderError)>,
    early: Vec<Instant>,
}

pub(crate) struct Remembered<T> {
    limits: Limits,
    entry: RwLock<Option<Entry<T>>>,
    flight: Mutex<Flight>,
}

impl<T> Remembered<T> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, entry: RwLock::new(None), flight: Mutex::default() }
    }

    fn peek(&self) -> Option<Entry<T>> {
        self.entry.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Entry<T>> {
        self.peek().filter(|entry| entry.at.elapsed() < self.limits.max_age)
    }

    fn usable(&self) -> Option<Entry<T>> {
        self.peek().filter(|entry| entry.at.elapsed() < self.limits.max_stale)
    }

    /// The document.
    pub(crate) async fn get<F, Answer>(&self, fetch: F) -> Result<Entry<T>, ProviderError>
    where
        F: FnOnce() -> Answer,
        Answer: Future<Output = Result<T, ProviderError>>,
    {
        if let Some(entry) = self.fresh() {
            return Ok(entry);
        }
        let mut flight = match self.usable() {
            // An old document is better than a queue: one fetches, the others go on with what there is.
            Some(old) => match self.flight.try_lock() {
                Ok(flight) => flight,
                Err(_) => return Ok(old),
            },
            None => self.flight.lock().await,
        };
        if let Some(entry) = self.fresh() {
            return Ok(entry);
        }
        if let Some((at, error)) = &flight.failed
            && at.elapsed() < self.limits.pause
        {
            return self.usable().ok_or_else(|| error.clone());
        }
        self.fetch(&mut flight, fetch).await
    }

    /// A document newer than the one of `seen`, because that one lacked something. Strangers can ask for this (with a made-up
    /// key id), so it is done a few times in a minute only; otherwise the answer is the document as it is.
    pub(crate) async fn newer<F, Answer>(&self, seen: Instant, fetch: F) -> Result<Entry<T>, ProviderError>
    where
        F: FnOnce() -> Answer,
        Answer: Future<Output = Result<T, ProviderError>>,
    {
        let mut flight = self.flight.lock().await;
        if let Some(entry) = self.peek()
            && entry.at > seen
        {
            return Ok(entry);
        }
        flight.early.retain(|at| at.elapsed() < MINUTE);
        let paused = flight.failed.as_ref().is_some_and(|(at, _)| at.elapsed() < self.limits.pause);
        if (paused || flight.early.len() >= self.limits.early_fetches)
            && let Some(entry) = self.usable()
        {
            return Ok(entry);
        }
        flight.early.push(Instant::now());
        self.fetch(&mut flight, fetch).await
    }

    async fn fetch<F, Answer>(&self, flight: &mut Flight, fetch: F) -> Result<Entry<T>, ProviderError>
    where
        F: FnOnce() -> Answer,
        Answer: Future<Output = Result<T, ProviderError>>,
    {
        match fetch().await {
            Ok(value) => {
                let entry = Entry { value: Arc::new(value), at: Instant::now() };
                *self.entry.write().unwrap_or_else(PoisonError::into_inner) = Some(entry.clone());
                flight.failed = None;
                Ok(entry)
            }
            Err(error) => {
                flight.failed = Some((Instant::now(), error.clone()));
                let old = self.usable();
                if old.is_some() {
                    tracing::warn!(%error, action = error.action(), "the provider could not be asked; what it said before is used on");
                }
                old.ok_or(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LIMITS: Limits = Limits {
        max_age: Duration::from_secs(600),
        max_stale: Duration::from_secs(6000),
        pause: Duration::from_secs(600),
        early_fetches: 2,
    };

    fn failure() -> ProviderError {
        ProviderError::Unreachable { url: "https://login.example".into(), cause: "refused".into() }
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cause_one_fetch() {
        let remembered = Arc::new(Remembered::new(LIMITS));
        let fetches = Arc::new(AtomicUsize::new(0));
        let asking: Vec<_> = (0..20)
            .map(|_| {
                let (remembered, fetches) = (Arc::clone(&remembered), Arc::clone(&fetches));
                tokio::spawn(async move {
                    let fetch = || async {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Ok(fetches.fetch_add(1, Ordering::SeqCst))
                    };
                    *remembered.get(fetch).await.unwrap().value
                })
            })
            .collect();
        for asked in asking {
            assert_eq!(asked.await.unwrap(), 0);
        }
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn after_a_failure_nobody_asks_for_a_while() {
        let remembered = Remembered::<u8>::new(LIMITS);
        assert_eq!(remembered.get(|| async { Err(failure()) }).await.unwrap_err(), failure());
        let error = remembered.get(|| async { panic!("asked again") }).await.unwrap_err();
        assert_eq!(error, failure());
    }

    #[tokio::test]
    async fn an_old_document_is_used_while_the_provider_is_away_but_not_for_ever() {
        let old = |max_stale| Limits { max_age: Duration::ZERO, max_stale, ..LIMITS };
        let remembered = Remembered::new(old(Duration::from_secs(60)));
        remembered.get(|| async { Ok(1) }).await.unwrap();
        assert_eq!(*remembered.get(|| async { Err(failure()) }).await.unwrap().value, 1);

        let remembered = Remembered::new(old(Duration::ZERO));
        remembered.get(|| async { Ok(1) }).await.unwrap();
        assert_eq!(remembered.get(|| async { Err(failure()) }).await.unwrap_err(), failure());
    }

    #[tokio::test]
    async fn early_fetches_are_counted() {
        let remembered = Remembered::new(LIMITS);
        let first = remembered.get(|| async { Ok(0) }).await.unwrap();
        let second = remembered.newer(first.at, || async { Ok(1) }).await.unwrap();
        assert_eq!(*second.value, 1);
        // Who saw the first is given the second without a fetch.
        assert_eq!(*remembered.newer(first.at, || async { panic!("fetched") }).await.unwrap().value, 1);
        let third = remembered.newer(second.at, || async { Ok(2) }).await.unwrap();
        assert_eq!(*remembered.newer(third.at, || async { panic!("fetched") }).await.unwrap().value, 2);
    }
}
