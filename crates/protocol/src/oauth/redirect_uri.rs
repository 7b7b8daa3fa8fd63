//! Redirect addresses. RFC 9700, section 2.1: exact string comparison, with the one exception of RFC 8252, section 7.3 for
//! loopback addresses, whose port a native application cannot know beforehand.

use url::{Host, Url};

/// How a list of registered addresses is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tolerance {
    /// RFC 8252, section 7.3: `http://127.0.0.1` and `http://[::1]` match with any port.
    pub any_loopback_port: bool,
    /// Development only: `http://localhost` matches with any port and any path.
    pub any_localhost: bool,
}

/// Why an address cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Not an absolute address.
    #[error("not an absolute address")]
    NotAbsolute,
    /// RFC 6749, section 3.1.2: no fragment.
    #[error("an address must not contain a fragment (#…)")]
    Fragment,
    /// Clear text over a network.
    #[error("http is allowed only for localhost; use https")]
    PlainHttp,
    /// `javascript:`, `data:` and their kind.
    #[error("this scheme cannot receive an answer")]
    Scheme,
    /// `https://user:password@host`.
    #[error("an address must not contain a user name or password")]
    Credentials,
    /// A wildcard.
    #[error("an address is compared exactly; wildcards are not allowed")]
    Wildcard,
}

/// Checks an address before it is registered.
pub fn check_registration(text: &str) -> Result<(), RedirectUriError> {
    let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    if text.contains('*') {
        return Err(RedirectUriError::Wildcard);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectUriError::Credentials);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(RedirectUriError::PlainHttp),
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about" | "ws" | "wss" | "ftp" => Err(RedirectUriError::Scheme),
        // RFC 8252, section 7.1: a private-use scheme is a reversed domain name, so it contains a dot.
        scheme if scheme.contains('.') => Ok(()),
        _ => Err(RedirectUriError::Scheme),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether `asked` is one of the registered addresses.
pub fn is_registered(asked: &str, registered: &[String], tolerance: Tolerance) -> bool {
    if registered.iter().any(|one| one == asked) {
        return true;
    }
    // Everything below needs the parsed form, and a fragment is never allowed in it.
    let Ok(url) = Url::parse(asked) else { return false };
    if asked.contains('#') || !url.username().is_empty() || url.password().is_some() || url.scheme() != "http" {
        return false;
    }
    if tolerance.any_localhost && matches!(url.host(), Some(Host::Domain("localhost"))) {
        return true;
    }
    let is_ip = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    if tolerance.any_loopback_port && is_ip && is_loopback(&url) {
        return registered.iter().filter_map(|one| Url::parse(one).ok()).any(|one| {
            one.scheme() == "http" && one.host() == url.host() && one.path() == url.path() && one.query() == url.query()
        });
    }
    false
}

/// The origin (RFC 6454) of an address, as a browser writes it.
pub fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(all: &[&str]) -> Vec<String> {
        all.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn rfc9700_section_2_1_comparison_is_exact() {
        let registered = list(&["https://app.example/callback"]);
        assert!(is_registered("https://app.example/callback", &registered, Tolerance::default()));
        for bad in [
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://APP.example/callback",
            "https://app.example:443/callback",
            "https://app.example/callback/../other",
            "https://app.example.evil.example/callback",
            "https://app.example@evil.example/callback",
            "http://app.example/callback",
            "",
        ] {
            assert!(!is_registered(bad, &registered, Tolerance::default()), "{bad}");
        }
    }

    #[test]
    fn rfc8252_section_7_3_loopback_ports_vary_for_addresses_only() {
        let registered = list(&["http://127.0.0.1/cb", "http://localhost/cb"]);
        let loopback = Tolerance { any_loopback_port: true, any_localhost: false };
        assert!(is_registered("http://127.0.0.1:51004/cb", &registered, loopback));
        assert!(!is_registered("http://127.0.0.1:51004/other", &registered, loopback));
        assert!(!is_registered("http://localhost:51004/cb", &registered, loopback));
        assert!(!is_registered("http://127.0.0.1:51004/cb", &registered, Tolerance::default()));
    }

    #[test]
    fn development_takes_any_localhost_port_and_nothing_else() {
        let dev = Tolerance { any_loopback_port: false, any_localhost: true };
        assert!(is_registered("http://localhost:3000/callback", &[], dev));
        for bad in [
            "http://localhost.evil.example/cb",
            "https://evil.example/localhost",
            "http://localhost@evil.example/",
            "http://localhost:3000/#x",
            "javascript:localhost",
        ] {
            assert!(!is_registered(bad, &[], dev), "{bad}");
        }
    }

    #[test]
    fn what_may_be_registered() {
        for good in ["https://a.example/cb?x=1", "http://localhost:3000/cb", "http://127.0.0.1/cb", "com.example.app:/cb"] {
            assert_eq!(check_registration(good), Ok(()), "{good}");
        }
        assert_eq!(check_registration("/cb"), Err(RedirectUriError::NotAbsolute));
        assert_eq!(check_registration("https://a.example/#x"), Err(RedirectUriError::Fragment));
        assert_eq!(check_registration("http://a.example/cb"), Err(RedirectUriError::PlainHttp));
        assert_eq!(check_registration("javascript:alert(1)"), Err(RedirectUriError::Scheme));
        assert_eq!(check_registration("myapp:/cb"), Err(RedirectUriError::Scheme));
        assert_eq!(check_registration("https://u:p@a.example/"), Err(RedirectUriError::Credentials));
        assert_eq!(check_registration("https://*.a.example/"), Err(RedirectUriError::Wildcard));
    }
}
