//! Limits on one address, in memory: what keeps a single machine from asking without end. Limits on accounts and clients, which
//! must hold across nodes and restarts, are rows (`attempt`).

use crate::boxed;
use crate::turns::{Turn, Turns};
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::{Batch, Statement};
use doorward_store::short_lived;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Requests that one address may make.
#[derive(Debug, Clone, Copy)]
pub struct LimitSettings {
    /// Pages and token requests, per second and in a burst.
    pub requests_per_second: u32,
    /// Burst of the same.
    pub request_burst: u32,
    /// Proofs (passwords, codes, passkeys) per minute.
    pub proofs_per_minute: u32,
    /// Mails to one recipient per hour.
    pub mails_per_hour: i64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { requests_per_second: 50, request_burst: 200, proofs_per_minute: 120, mails_per_hour: 20 }
    }
}

/// What is left of a limit, for surfaces that tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests in a burst.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// Seconds until all of them are there again; where none is left, until the next one is.
    pub reset_after: u64,
}

type Told = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// The limiters.
pub struct Limits {
    requests: DefaultKeyedRateLimiter<String>,
    programs: Told,
    requests_per_second: u32,
    request_burst: u32,
    proofs: DefaultKeyedRateLimiter<String>,
    guesses: Arc<Turns>,
    /// Mails to one recipient per hour.
    pub mails_per_hour: i64,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let requests =
            Quota::per_second(at_least_one(settings.requests_per_second)).allow_burst(at_least_one(settings.request_burst));
        Self {
            requests: RateLimiter::keyed(requests),
            programs: RateLimiter::keyed(requests).with_middleware(),
            requests_per_second: settings.requests_per_second.max(1),
            request_burst: settings.request_burst.max(1),
            proofs: RateLimiter::keyed(Quota::per_minute(at_least_one(settings.proofs_per_minute))),
            guesses: Arc::default(),
            mails_per_hour: settings.mails_per_hour,
        }
    }

    /// Counts a request; `Err` carries the seconds to wait.
    pub fn request(&self, ip: &str) -> Result<(), u64> {
        Self::check(&self.requests, ip)
    }

    /// Counts a request of a program that has shown who it is; `Err` when there are none left.
    ///
    /// # Errors
    /// With how long to wait.
    pub fn program(&self, name: &str) -> Result<Budget, Budget> {
        let limit = self.request_burst;
        match self.programs.check_key(&name.to_owned()) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(limit);
                let reset_after = u64::from(limit - remaining).div_ceil(u64::from(self.requests_per_second));
                Ok(Budget { limit, remaining, reset_after })
            }
            Err(not_until) => {
                let reset_after = not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                Err(Budget { limit, remaining: 0, reset_after })
            }
        }
    }

    /// Counts a proof; `Err` carries the seconds to wait.
    pub fn proof(&self, ip: &str) -> Result<(), u64> {
        Self::check(&self.proofs, ip)
    }

    fn check(limiter: &DefaultKeyedRateLimiter<String>, ip: &str) -> Result<(), u64> {
        limiter.check_key(&network(ip)).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Forgets addresses that have been quiet.
    pub fn shrink(&self) {
        self.requests.retain_recent();
        self.programs.retain_recent();
        self.proofs.retain_recent();
    }
}

/// What counts as one address: an IPv4 address, or the /64 network that one IPv6 customer is given.
pub fn network(ip: &str) -> String {
    match ip.parse::<std::net::Ipv6Addr>() {
        Ok(v6) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => ip.to_owned(),
    }
}

/// Failed proofs on an account, as seen from one address. Held until the outcome is written.
pub struct Guessing {
    pair: String,
    account: String,
    known: bool,
    _turn: Turn,
}

impl Service {
    /// Whether this address may try to prove who `subject` is (a user's id, or the digest of an identifier that nobody has);
    /// `Err` carries the seconds to wait.
    ///
    /// Failures are counted for the pair of account and address, and for the account over all addresses it has never signed in
    /// from. So a stranger who fails on purpose locks out himself and other strangers, never the owner at a place the owner
    /// has been before; and the owner's passkey is not subject to this at all, since there is nothing in it to guess.
    ///
    /// Guesses that are counted together come one after the other on a node: many at once would all find the count as it was.
    pub async fn may_guess(&self, cx: &Cx, user: Option<UserId>, subject: &str) -> Result<Result<Guessing, u64>, Error> {
        let lockout = &cx.policy().lockout;
        let network = network(&cx.client.ip);
        let pair = format!("pair:{subject}:{network}");
        let account = format!("account:{subject}");
        let wait = |until: doorward_protocol::time::Timestamp| until.seconds_since(cx.now).max(1).unsigned_abs();
        let known = match user {
            Some(user) => self.store.user_known_at(cx.tenant_id(), user, &cx.client.ip).await?,
            None => false,
        };
        let counted_together = if known { &pair } else { &account };
        let turn = self.limits.guesses.take(format!("{}:{counted_together}", cx.tenant_id())).await;
        let (failures, until) = self.store.failures(cx.tenant_id(), &pair, cx.now).await?;
        if failures >= lockout.attempts {
            return Ok(Err(wait(until)));
        }
        if !known {
            let (failures, until) = self.store.failures(cx.tenant_id(), &account, cx.now).await?;
            if failures >= lockout.account_attempts {
                return Ok(Err(wait(until)));
            }
        }
        Ok(Ok(Guessing { pair, account, known, _turn: turn }))
    }

    /// The statements that count a failure.
    pub fn guess_failed(&self, cx: &Cx, guessing: &Guessing) -> Vec<Statement> {
        let lockout = &cx.policy().lockout;
        // Failures are counted over the window, from the first on; whoever reaches the limit waits from the last.
        let (ends, locked) = (cx.now.plus_seconds(lockout.window_seconds), cx.now.plus_seconds(lockout.wait_seconds));
        let count = |bucket: &str, limit| short_lived::count_guess(cx.tenant_id(), bucket, cx.now, ends, limit, locked);
        let mut out = vec![count(&guessing.pair, lockout.attempts)];
        if !guessing.known {
            out.push(count(&guessing.account, lockout.account_attempts));
        }
        out
    }

    /// The statement that forgets failures after a success.
    pub fn guess_succeeded(&self, cx: &Cx, guessing: &Guessing) -> Statement {
        short_lived::clear_failures(cx.tenant_id(), &guessing.pair)
    }

    /// Counts something in a bucket unless it is over its limit; `Err` carries the seconds to wait.
    #[boxed]
    pub async fn count(&self, cx: &Cx, bucket: &str, limit: i64, window_seconds: i64) -> Result<Result<(), u64>, Error> {
        let (count, until) = self.store.failures(cx.tenant_id(), bucket, cx.now).await?;
        if count >= limit {
            return Ok(Err(until.seconds_since(cx.now).max(1).unsigned_abs()));
        }
        let batch =
            Batch::new().with(short_lived::count_failure(cx.tenant_id(), bucket, cx.now, cx.now.plus_seconds(window_seconds)));
        self.store.commit(batch).await?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ipv6_customer_is_one_address() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_program_is_told_what_is_left() {
        let limits = Limits::new(LimitSettings { requests_per_second: 1, request_burst: 3, ..Default::default() });
        let left: Vec<u32> = (0..3).map(|_| limits.program("one").unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let over = limits.program("one").unwrap_err();
        assert!((over.limit, over.remaining) == (3, 0) && over.reset_after >= 1);
        assert_eq!(limits.program("two").unwrap(), Budget { limit: 3, remaining: 2, reset_after: 1 });
    }

    #[test]
    fn a_burst_ends() {
        let limits = Limits::new(LimitSettings { requests_per_second: 1, request_burst: 3, ..Default::default() });
        assert!((0..3).all(|_| limits.request("192.0.2.1").is_ok()));
        assert!(limits.request("192.0.2.1").is_err_and(|wait| wait >= 1));
        assert!(limits.request("192.0.2.2").is_ok());
    }
}
