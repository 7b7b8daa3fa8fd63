//! What proxies say about the client, believed only from the operator's own proxies.
//!
//! Afterwards [`ClientIp`], [`Scheme`] and [`RequestHost`] stand in the extensions, and the headers are gone, so that no
//! handler can believe one by accident: a forged `X-Forwarded-For` would dodge rate limits, a forged
//! `X-Forwarded-Host` would poison links in mail.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::connection::{ClientIp, RequestHost, Scheme, TrustedProxy};

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
/// Removed from every request. `Forwarded` (RFC 7239) is not read, so it must not survive either.
const REMOVED: [&str; 7] = [FOR, PROTO, HOST, "x-forwarded-port", "x-forwarded-prefix", "x-real-ip", "forwarded"];

/// The middleware; its state is the networks of the operator's proxies.
pub async fn resolve(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let believed = peer.is_some_and(|peer| is_trusted(&trusted, peer));
    let headers = request.headers();
    let forwarded_host = if believed { last(headers, HOST) } else { None };
    let host = forwarded_host
        .or_else(|| request.uri().authority().map(|a| a.as_str().to_owned()))
        .or_else(|| Some(headers.get(header::HOST)?.to_str().ok()?.to_owned()));
    let scheme = if believed { scheme_of(headers) } else { None };
    let client = peer.map(|peer| match believed {
        true => client_behind(headers, &trusted, peer),
        false => peer,
    });

    let extensions = request.extensions_mut();
    if let Some(client) = client {
        extensions.insert(ClientIp(client));
    }
    if let Some(host) = host {
        extensions.insert(RequestHost(host.to_ascii_lowercase().into()));
    }
    if let Some(scheme) = scheme {
        extensions.insert(scheme);
    }
    if believed {
        extensions.insert(TrustedProxy);
    }
    for name in REMOVED {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}

fn is_trusted(trusted: &[IpNet], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// The values of a header that may be repeated and may hold lists, in order.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect::<Vec<_>>()
        .into_iter()
}

/// The nearest proxy appends, so the last value is its own; earlier ones may be the client's invention.
fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    values(headers, name).next_back().filter(|value| !value.is_empty()).map(str::to_owned)
}

fn scheme_of(headers: &HeaderMap) -> Option<Scheme> {
    match last(headers, PROTO)?.to_ascii_lowercase().as_str() {
        "https" => Some(Scheme::Https),
        "http" => Some(Scheme::Http),
        _ => None,
    }
}

/// From the peer outwards, as long as each address is a proxy of ours: the first that is not is the client. What
/// cannot be read ends the walk, because everything before it is hearsay.
fn client_behind(headers: &HeaderMap, trusted: &[IpNet], peer: IpAddr) -> IpAddr {
    let mut client = peer;
    for value in values(headers, FOR).rev() {
        if !is_trusted(trusted, client) {
            break;
        }
        let Some(address) = address(value) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn client(lines: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut map = HeaderMap::new();
        for line in lines {
            map.append(FOR, HeaderValue::from_static(line));
        }
        client_behind(&map, &trusted, "10.0.0.1".parse().unwrap()).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_is_not_ours() {
        for (lines, expected) in [
            (vec![], "10.0.0.1"),
            (vec!["203.0.113.7"], "203.0.113.7"),
            (vec!["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (vec!["198.51.100.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
            (vec!["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (vec!["203.0.113.7:4711"], "203.0.113.7"),
            (vec!["[2001:db8::1]:4711"], "2001:db8::1"),
            (vec!["[2001:db8::1]"], "2001:db8::1"),
            (vec!["::ffff:203.0.113.7"], "203.0.113.7"),
            (vec!["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
            (vec!["198.51.100.1, unknown"], "10.0.0.1"),
            (vec!["198.51.100.1, unknown, fd00::5"], "fd00::5"),
        ] {
            assert_eq!(client(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_nearest_proxy_decides_the_scheme_and_the_host() {
        let map = headers(&[(PROTO, "https, http"), (HOST, "evil.example, id.example")]);
        assert_eq!(scheme_of(&map), Some(Scheme::Http));
        assert_eq!(last(&map, HOST).as_deref(), Some("id.example"));
        assert_eq!(scheme_of(&headers(&[(PROTO, "gopher")])), None);
    }
}
