//! Redirect addresses with wildcards, for applications that ask for them. RFC 9700, section 2.1, wants exact comparison, and so does
//! every application that says nothing; whoever says otherwise gets as little of it as is useful: a `*` stands for at least one
//! character and never crosses into another part of the address.
//!
//! It may stand once in the first label of a host that has two more, for a whole port, once in each segment of the path, and for a
//! whole value of the query.

use super::redirect_uri::{RedirectUriError, check_registration, split};
use url::Url;

/// The parts of an address, as they are written.
struct Parts<'a> {
    scheme: &'a str,
    labels: Vec<&'a str>,
    port: Option<&'a str>,
    segments: Vec<&'a str>,
    query: Option<Vec<(&'a str, Option<&'a str>)>>,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let (scheme, authority, rest) = split(text)?;
    // An IPv6 address has colons of its own, and no labels: there is no place for a wildcard in it but the port.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let query = query.map(|query| {
        query.split('&').map(|pair| pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)))).collect()
    });
    Some(Parts { scheme, labels: host.split('.').collect(), port, segments: path.split('/').collect(), query })
}

/// Checks an address before it is registered for an application that may use wildcards.
///
/// # Errors
/// When a wildcard stands where none may, or the address could not be registered with letters in its place.
pub fn check(text: &str) -> Result<(), RedirectUriError> {
    if !text.contains('*') {
        return check_registration(text, false);
    }
    let wrong = Err(RedirectUriError::WildcardPlace);
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    let Some(parts) = parts(text) else { return wrong };
    let once = |text: &str| text.matches('*').count() <= 1;
    let Some((first, others)) = parts.labels.split_first() else { return wrong };
    let host = once(first) && others.iter().all(|label| !label.contains('*')) && (!first.contains('*') || others.len() >= 2);
    let port = parts.port.is_none_or(|port| port == "*" || !port.contains('*'));
    let path = parts.segments.iter().all(|segment| once(segment));
    let query = parts
        .query
        .iter()
        .flatten()
        .all(|(name, value)| !name.contains('*') && value.is_none_or(|value| value == "*" || !value.contains('*')));
    if parts.scheme.contains('*') || !host || !port || !path || !query {
        return wrong;
    }
    check_registration(&text.replace(":*", ":1").replace('*', "x"), false)
}

/// Whether an address is one that a pattern stands for.
pub fn fits(pattern: &str, asked: &str) -> bool {
    // What browsers read as something else than what is written here is not compared at all.
    if !pattern.contains('*') || asked.contains(['#', '\\', '\t', '\n', '\r', ' ', '*']) {
        return false;
    }
    let Ok(url) = Url::parse(asked) else { return false };
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let (Some(pattern), Some(asked)) = (parts(pattern), parts(asked)) else { return false };
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    // No dot and no percent sign: `..`, however it is written, is another path.
    let segment = |c: char| c.is_ascii_alphanumeric() || "-_~!$'()+,;=@".contains(c);
    let value = |c: char| segment(c) || c == '%';
    let same_list = |one: &[&str], other: &[&str], allowed: &dyn Fn(char) -> bool| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| stands_for(one, other, allowed))
    };
    let port = match (pattern.port, asked.port) {
        (Some("*"), Some(port)) => !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()),
        (one, other) => one == other,
    };
    let query = match (&pattern.query, &asked.query) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((name, one), (other_name, other))| {
                    name == other_name
                        && match (one, other) {
                            (Some(one), Some(other)) => stands_for(one, other, &value),
                            (one, other) => one == other,
                        }
                })
        }
        _ => false,
    };
    pattern.scheme == asked.scheme
        && same_list(&pattern.labels, &asked.labels, &label)
        && port
        && same_list(&pattern.segments, &asked.segments, &segment)
        && query
}

/// Whether a part with at most one `*` stands for another.
fn stands_for(pattern: &str, asked: &str, allowed: &dyn Fn(char) -> bool) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == asked };
    let middle = asked.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    middle.is_some_and(|middle| !middle.is_empty() && middle.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_may_stand_in_four_places() {
        for good in [
            "https://app.example/cb",
            "https://*.app.example/cb",
            "https://pre-*.app.example/cb",
            "https://app.example:*/cb",
            "http://localhost:*/cb",
            "https://app.example/*/cb",
            "https://app.example/a-*/b-*",
            "https://app.example/cb?tenant=*&x=1",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "https://*/cb",
            "https://*.example/cb",
            "https://a.*.example/cb",
            "https://*.*.app.example/cb",
            "https://*-*.app.example/cb",
            "https://app.example:8*/cb",
            "https://app.example/**",
            "https://app.example/cb?*=1",
            "https://app.example/cb?x=a*",
            "*://app.example/cb",
            "*",
        ] {
            assert_eq!(check(bad), Err(RedirectUriError::WildcardPlace), "{bad}");
        }
        assert_eq!(check("https://app.example/*#x"), Err(RedirectUriError::Fragment));
        assert_eq!(check("http://*.app.example/cb"), Err(RedirectUriError::PlainHttp));
        assert_eq!(check("javascript://*.app.example/cb"), Err(RedirectUriError::Scheme));
        assert_eq!(check("https://u:p@*.app.example/"), Err(RedirectUriError::WildcardPlace));
    }

    #[test]
    fn a_wildcard_stays_in_its_part() {
        for (pattern, good) in [
            ("https://*.app.example/cb", "https://one.app.example/cb"),
            ("https://pre-*.app.example/cb", "https://pre-7.app.example/cb"),
            ("http://localhost:*/cb", "http://localhost:3000/cb"),
            ("https://app.example/*/cb", "https://app.example/tenant-1/cb"),
            ("https://app.example/cb?tenant=*&x=1", "https://app.example/cb?tenant=a%20b&x=1"),
        ] {
            assert!(fits(pattern, good), "{pattern} {good}");
        }
        for (pattern, bad) in [
            ("https://*.app.example/cb", "https://.app.example/cb"),
            ("https://*.app.example/cb", "https://app.example/cb"),
            ("https://*.app.example/cb", "https://a.b.app.example/cb"),
            ("https://*.app.example/cb", "https://evil.example/.app.example/cb"),
            ("https://*.app.example/cb", "https://evil.example?.app.example/cb"),
            ("https://*.app.example/cb", "https://evil.example#.app.example/cb"),
            ("https://*.app.example/cb", "https://evil.example\\.app.example/cb"),
            ("https://*.app.example/cb", "https://x@one.app.example/cb"),
            ("https://*.app.example/cb", "https://one.app.example:8443/cb"),
            ("https://*.app.example/cb", "http://one.app.example/cb"),
            ("https://*.app.example/cb", "https://one.app.example/cb/"),
            ("https://*.app.example/cb", "https://one.app.example/cb?x=1"),
            ("https://*.app.example/cb", "https://*.app.example/cb"),
            ("http://localhost:*/cb", "http://localhost/cb"),
            ("http://localhost:*/cb", "http://localhost:/cb"),
            ("http://localhost:*/cb", "http://localhost:3000@evil.example/cb"),
            ("http://localhost:*/cb", "http://localhost:3000.evil.example/cb"),
            ("https://app.example/*/cb", "https://app.example//cb"),
            ("https://app.example/*/cb", "https://app.example/a/b/cb"),
            ("https://app.example/*/cb", "https://app.example/../cb"),
            ("https://app.example/*/cb", "https://app.example/%2e%2e/cb"),
            ("https://app.example/*/cb", "https://app.example/a%2Fb/cb"),
            ("https://app.example/cb?tenant=*", "https://app.example/cb?tenant="),
            ("https://app.example/cb?tenant=*", "https://app.example/cb?tenant=a&x=1"),
            ("https://app.example/cb?tenant=*", "https://app.example/cb?tenant=https://evil.example"),
            ("https://app.example/cb?tenant=*", "https://app.example/cb?x=a"),
        ] {
            assert!(!fits(pattern, bad), "{pattern} {bad}");
        }
    }
}
