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
    /// Scheme and host are compared without regard to case, and `*` may stand in the first label of a registered host.
    pub lenient_host: bool,
    /// Registered addresses may be patterns ([`super::wildcard`]).
    pub wildcards: bool,
    /// Query and fragment of the address asked for do not count, and no path is the same as `/`.
    pub lenient_end: bool,
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
    /// A wildcard where none may stand.
    #[error(
        "a wildcard may stand in the first label of a host with three, for a port, once in a segment, and for a value of the query"
    )]
    WildcardPlace,
}

/// Checks an address before it is registered. `wildcards`: one `*` may stand in the first label of a host that has two more.
pub fn check_registration(text: &str, wildcards: bool) -> Result<(), RedirectUriError> {
    if wildcards && text.contains('*') {
        let filled = text.replacen('*', "x", 1);
        let labels = split(text).map(|(_, host, _)| host.split('.').collect::<Vec<_>>()).unwrap_or_default();
        let first = labels.first().is_some_and(|label| label.contains('*'));
        // The last two labels at least are somebody's own domain.
        if filled.contains('*') || !first || labels.len() < 3 || !(text.starts_with("https://") || text.starts_with("http://")) {
            return Err(RedirectUriError::Wildcard);
        }
        return check_registration(&filled, false);
    }
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

/// Whether an address is of the machine that asks for it: a loopback address, or a name of `localhost` (RFC 6761, section 6.3).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether `asked` is one of the registered addresses.
pub fn is_registered(asked: &str, registered: &[String], tolerance: Tolerance) -> bool {
    // A pattern is no address, not even the one that it looks like.
    if registered.iter().any(|one| one == asked && !one.contains('*')) {
        return true;
    }
    if tolerance.wildcards && registered.iter().any(|one| super::wildcard::fits(one, asked)) {
        return true;
    }
    // Everything below needs the parsed form, and a fragment is never allowed in it.
    let Ok(url) = Url::parse(asked) else { return false };
    if (tolerance.lenient_host || tolerance.lenient_end) && registered.iter().any(|one| is_like(one, asked, &url, tolerance)) {
        return true;
    }
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

/// Scheme, authority and the rest of an address, as they are written.
pub(super) fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, rest.get(..end)?, rest.get(end..)?))
}

/// The comparison of accents that are lenient about the host or the end of an address. The path is compared letter for letter.
fn is_like(registered: &str, asked: &str, url: &Url, tolerance: Tolerance) -> bool {
    // What browsers read as something else than what is written here is not compared at all.
    if asked.contains(['\\', '\t', '\n', '\r']) || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let (Some((scheme, host, end)), Some((their_scheme, their_host, their_end))) = (split(registered), split(asked)) else {
        return false;
    };
    let hosts = if tolerance.lenient_host {
        scheme.eq_ignore_ascii_case(their_scheme) && host_is_like(host, their_host)
    } else {
        scheme == their_scheme && host == their_host
    };
    let ends = if tolerance.lenient_end {
        let path = |text: &'_ str| {
            let path = text.split(['?', '#']).next().unwrap_or_default();
            if path.is_empty() { "/".to_owned() } else { path.to_owned() }
        };
        path(end) == path(their_end)
    } else {
        end == their_end && !asked.contains('#')
    };
    hosts && ends
}

/// Whether a host (with its port) is the registered one, in which `*` stands for one label or a part of it.
fn host_is_like(registered: &str, asked: &str) -> bool {
    let (registered, asked) = (registered.to_ascii_lowercase(), asked.to_ascii_lowercase());
    if registered == asked {
        return true;
    }
    let (Some((label, rest)), Some((their_label, their_rest))) = (registered.split_once('.'), asked.split_once('.')) else {
        return false;
    };
    let Some((before, after)) = label.split_once('*') else { return false };
    rest == their_rest
        && rest.contains('.')
        && !rest.contains('*')
        && their_label.len() > before.len() + after.len()
        && their_label.starts_with(before)
        && their_label.ends_with(after)
        && their_label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether an origin is one that is registered with a wildcard in its first label.
pub fn host_matches(registered: &str, origin: &str) -> bool {
    match (split(registered), split(origin)) {
        (Some((scheme, host, "" | "/")), Some((their_scheme, their_host, ""))) => {
            scheme.eq_ignore_ascii_case(their_scheme) && host_is_like(host, their_host)
        }
        _ => false,
    }
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
        let loopback = Tolerance { any_loopback_port: true, ..Tolerance::default() };
        assert!(is_registered("http://127.0.0.1:51004/cb", &registered, loopback));
        assert!(!is_registered("http://127.0.0.1:51004/other", &registered, loopback));
        assert!(!is_registered("http://localhost:51004/cb", &registered, loopback));
        assert!(!is_registered("http://127.0.0.1:51004/cb", &registered, Tolerance::default()));
    }

    #[test]
    fn development_takes_any_localhost_port_and_nothing_else() {
        let dev = Tolerance { any_localhost: true, ..Tolerance::default() };
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
    fn a_lenient_host_ignores_case_and_takes_one_label_for_a_wildcard() {
        let lenient = Tolerance { lenient_host: true, ..Tolerance::default() };
        let registered = list(&["https://App.example/Callback", "https://*.apps.example/cb", "https://pre-*-x.shop.example/cb"]);
        for good in ["HTTPS://app.EXAMPLE/Callback", "https://one.apps.example/cb", "https://pre-1-x.shop.example/cb"] {
            assert!(is_registered(good, &registered, lenient), "{good}");
        }
        for bad in [
            "https://app.example/callback",
            "https://app.example/Callback/",
            "https://app.example/Callback?x=1",
            "https://app.example/Callback#x",
            "http://app.example/Callback",
            "https://app.example:8443/Callback",
            "https://two.one.apps.example/cb",
            "https://apps.example/cb",
            "https://.apps.example/cb",
            "https://evil.example/.apps.example/cb",
            "https://evil.example\\.apps.example/cb",
            "https://x@one.apps.example/cb",
            "https://pre--x.shop.example/cb",
            "https://pre-x.shop.example/cb",
        ] {
            assert!(!is_registered(bad, &registered, lenient), "{bad}");
        }
        assert!(!is_registered("https://one.apps.example/cb", &registered, Tolerance::default()));
        assert!(host_matches("https://*.apps.example", "https://one.apps.example"));
        assert!(!host_matches("https://*.apps.example", "https://one.apps.example.evil.example"));
    }

    #[test]
    fn a_lenient_end_ignores_query_and_fragment_and_takes_no_path_for_a_slash() {
        let lenient = Tolerance { lenient_host: true, lenient_end: true, ..Tolerance::default() };
        let registered = list(&["http://localhost:4040", "https://app.example/bye"]);
        for good in
            ["http://localhost:4040/", "http://LOCALHOST:4040?x=1", "http://localhost:4040/#top", "https://app.example/bye?a=b"]
        {
            assert!(is_registered(good, &registered, lenient), "{good}");
        }
        for bad in ["http://localhost:4041/", "http://localhost:4040/x", "https://app.example/Bye", "https://app.example/bye/"] {
            assert!(!is_registered(bad, &registered, lenient), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_may_stand_in_one_place_only() {
        for good in ["https://*.app.example/cb", "https://pre-*.app.example/cb", "http://*.dev.localhost:3000/cb"] {
            assert_eq!(check_registration_text(good), Ok(()), "{good}");
        }
        for bad in [
            "https://*.example/cb",
            "https://*/cb",
            "https://a.*.example/cb",
            "https://*.*.app.example/",
            "https://a.b.example/*",
        ] {
            assert_eq!(check_registration_text(bad), Err(RedirectUriError::Wildcard), "{bad}");
        }
        assert_eq!(check_registration("https://*.app.example/cb", false), Err(RedirectUriError::Wildcard));
    }

    fn check_registration_text(text: &str) -> Result<(), RedirectUriError> {
        check_registration(text, true)
    }

    #[test]
    fn what_may_be_registered() {
        for good in ["https://a.example/cb?x=1", "http://localhost:3000/cb", "http://127.0.0.1/cb", "com.example.app:/cb"] {
            assert_eq!(check_registration(good, false), Ok(()), "{good}");
        }
        assert_eq!(check_registration("/cb", false), Err(RedirectUriError::NotAbsolute));
        assert_eq!(check_registration("https://a.example/#x", false), Err(RedirectUriError::Fragment));
        assert_eq!(check_registration("http://a.example/cb", false), Err(RedirectUriError::PlainHttp));
        assert_eq!(check_registration("javascript:alert(1)", false), Err(RedirectUriError::Scheme));
        assert_eq!(check_registration("myapp:/cb", false), Err(RedirectUriError::Scheme));
        assert_eq!(check_registration("https://u:p@a.example/", false), Err(RedirectUriError::Credentials));
        assert_eq!(check_registration("https://*.a.example/", false), Err(RedirectUriError::Wildcard));
    }
}
