//! `[stop]`: the graceful stop.

use std::time::Duration;

use super::settings::settings;
use crate::listen::Stopping;

settings! {
    /// What happens on SIGTERM and Ctrl-C: `/readyz` refuses, after `delay_seconds` no connection is accepted any
    /// more, requests in flight are finished, the database is closed. A second signal cuts this short.
    pub struct Stop in "stop" {
        /// Seconds that requests are still accepted, for balancers that find out by polling `/readyz`.
        delay_seconds: u64 [0 ..= 300] = 0,
        /// Seconds that requests in flight may take after that.
        deadline_seconds: u64 [0 ..= 600] = 25,
    }
}

impl Stop {
    /// As the listeners take it.
    pub fn stopping(&self) -> Stopping {
        Stopping { delay: Duration::from_secs(self.delay_seconds), deadline: Duration::from_secs(self.deadline_seconds) }
    }

    fn check_more(&self, _problems: &mut Vec<String>) {}
}
