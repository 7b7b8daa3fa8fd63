//! `[limits]`: bounds on what clients may take.

use std::time::Duration;

use super::settings::settings;
use crate::listen::ConnectionLimits;

settings! {
    /// Bounds on what clients may take.
    pub struct Limits in "limits" {
        /// Connections served at once; more wait in the kernel's queue. Each needs a file descriptor.
        max_connections: usize [16 ..= 1000000] = 10000,
        /// Seconds from accepting a connection to the first complete request header, TLS handshake included, and
        /// between requests after that. Longer than the idle time of a proxy in front avoids lost races.
        header_read_timeout_seconds: u64 [1 ..= 600] = 75,
        /// Header fields per request.
        max_headers: usize [16 ..= 1000] = 100,
        /// Bytes of a request's header. Beyond it the answer is 431.
        max_header_bytes: usize [8192 ..= 1048576] = 65536,
        /// Requests at once on one HTTP/2 connection.
        max_concurrent_streams: u32 [1 ..= 10000] = 100,
        /// Bytes of a request's body, except where an endpoint says otherwise (imports). Beyond it the answer is 413.
        max_body_bytes: usize [4096 ..= 1073741824] = 1048576,
        /// Seconds that a request may take. Beyond it the answer is 503.
        request_timeout_seconds: u64 [1 ..= 600] = 30,
    }
}

impl Limits {
    /// The part that listeners enforce.
    pub fn connections(&self) -> ConnectionLimits {
        ConnectionLimits {
            max_connections: self.max_connections,
            header_read_timeout: Duration::from_secs(self.header_read_timeout_seconds),
            max_headers: self.max_headers,
            max_header_bytes: self.max_header_bytes,
            max_concurrent_streams: self.max_concurrent_streams,
        }
    }

    fn check_more(&self, _problems: &mut Vec<String>) {}
}
