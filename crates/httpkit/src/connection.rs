//! What a handler may know about the connection that a request came by, as request extensions.
//!
//! `axum::extract::ConnectInfo<SocketAddr>` is the peer of the TCP connection. The types here are what the server
//! believes after it has looked at trusted proxies .

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// The scheme that the client used, as far as the server can know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, ended here or at a trusted proxy.
    Https,
}

impl Scheme {
    /// The scheme's name as it stands in a URL (RFC 9110, section 4.2).
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The address of the client: the TCP peer, or what a trusted proxy says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

/// The host and optional port that the client asked for, in lower case: what a trusted proxy says, else the
/// `:authority` of HTTP/2, else the `Host` header. Absent when there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHost(pub Arc<str>);

/// The TCP peer is a proxy of the operator's own, so its headers are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy;

/// The id that a request carries through the log and the error pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);
