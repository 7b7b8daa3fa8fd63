//! `[listen]`: sockets, and which proxies are believed.

use std::net::SocketAddr;

use ipnet::IpNet;

use super::settings::settings;

settings! {
    /// Sockets, and the proxies in front of them.
    pub struct Listen in "listen" {
        /// Addresses for plain HTTP, for a proxy that ends TLS, e.g. `["127.0.0.1:9011"]`.
        http: Vec<SocketAddr> = Vec::new(),
        /// Addresses for HTTPS, e.g. `["0.0.0.0:443", "[::]:443"]`; needs `tls.certificates`.
        https: Vec<SocketAddr> = Vec::new(),
        /// Addresses for `/metrics`, `/healthz` and `/readyz` over plain HTTP. Keep them off the internet.
        metrics: Vec<SocketAddr> = Vec::new(),
        /// Networks of your own proxies. From these peers, and no others, `X-Forwarded-For`, `X-Forwarded-Proto`,
        /// `X-Forwarded-Host` and `X-Request-Id` are believed. The client is the last address in
        /// `X-Forwarded-For` that is not itself in these networks.
        trusted_proxies: Vec<IpNet> = Vec::new(),
    }
}

impl Listen {
    fn check_more(&self, problems: &mut Vec<String>) {
        if self.http.is_empty() && self.https.is_empty() {
            problems.push("listen: set http, https or both".to_owned());
        }
        if self.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
            problems.push("listen.trusted_proxies: a network of everybody would let clients choose their own address".to_owned());
        }
    }
}
