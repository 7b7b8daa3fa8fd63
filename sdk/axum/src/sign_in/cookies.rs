//! Encrypted cookies. AES-256-GCM by the crate `cookie`, which binds a value to its name.

use cookie::{Cookie, CookieJar, Key, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// A cookie with its attributes is kept up to this size by every browser (RFC 6265, section 6.1).
const MAX_COOKIE: usize = 4093;

/// Seals values and writes cookies.
pub(super) struct Cookies {
    /// The first seals, all open.
    keys: Vec<Key>,
    /// Whether the application is on HTTPS. Then cookies are `Secure` and their names start with `__Host-`, so that no other
    /// host of the domain can set them (RFC 6265bis, section 4.1.3.2).
    secure: bool,
    name: String,
}

/// A cookie that browsers would drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge(pub usize);

impl Cookies {
    pub(super) fn new(keys: Vec<Key>, secure: bool, name: &str) -> Self {
        Self { keys, secure, name: if secure { format!("__Host-{name}") } else { name.to_owned() } }
    }

    /// The name of the session's cookie.
    pub(super) fn session(&self) -> &str {
        &self.name
    }

    /// The name of the cookie that waits for the answer to one sign-in. People have several tabs.
    pub(super) fn pending(&self, state: &str) -> Option<String> {
        let label = state.get(..12).filter(|label| label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'))?;
        Some(format!("{}.{label}", self.name))
    }

    /// Names of all cookies that wait for answers.
    pub(super) fn all_pending(&self, headers: &HeaderMap) -> Vec<String> {
        let ours = |name: &str| name.strip_prefix(&self.name).is_some_and(|rest| rest.starts_with('.'));
        cookies(headers).filter(|cookie| ours(cookie.name())).map(|cookie| cookie.name().to_owned()).collect()
    }

    /// The value of a cookie of the request, if it was sealed here under that name.
    pub(super) fn read(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        cookies(headers).filter(|cookie| cookie.name() == name).find_map(|cookie| self.open(name, cookie.value()))
    }

    /// Seals a value under a name.
    pub(super) fn seal(&self, name: &str, value: String) -> Option<String> {
        let mut jar = CookieJar::new();
        jar.private_mut(self.keys.first()?).add(Cookie::new(name.to_owned(), value));
        jar.get(name).map(|sealed| sealed.value().to_owned())
    }

    /// Opens what was sealed under a name.
    pub(super) fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let jar = CookieJar::new();
        let cookie = || Cookie::new(name.to_owned(), sealed.to_owned());
        self.keys.iter().find_map(|key| jar.private(key).decrypt(cookie())).map(|cookie| cookie.value().to_owned())
    }

    /// A `Set-Cookie` header with a sealed value. `Lax`, because the provider's answer is a navigation from another site.
    pub(super) fn set(&self, name: &str, value: String, seconds: u64) -> Result<HeaderValue, TooLarge> {
        let sealed = self.seal(name, value).unwrap_or_default();
        let header = self.header(name, sealed, i64::try_from(seconds).unwrap_or(i64::MAX));
        if header.len() > MAX_COOKIE { Err(TooLarge(header.len())) } else { Ok(header) }
    }

    /// A `Set-Cookie` header that removes a cookie.
    pub(super) fn remove(&self, name: &str) -> HeaderValue {
        self.header(name, String::new(), 0)
    }

    fn header(&self, name: &str, value: String, seconds: i64) -> HeaderValue {
        let cookie = Cookie::build((name.to_owned(), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .max_age(cookie::time::Duration::seconds(seconds))
            .build();
        HeaderValue::from_str(&cookie.to_string()).expect("names are checked at start, values are base64")
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| Cookie::split_parse(line).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(secure: bool) -> Cookies {
        Cookies::new(vec![Key::generate()], secure, "s")
    }

    fn sent(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn attributes() {
        let secure = cookies(true);
        let header = secure.set(secure.session(), "v".into(), 60).unwrap();
        let header = header.to_str().unwrap();
        assert!(header.starts_with("__Host-s="), "{header}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=60"] {
            assert!(header.contains(attribute), "{header}");
        }
        assert!(!header.contains("Domain"));
        let plain = cookies(false);
        let header = plain.set(plain.session(), "v".into(), 60).unwrap();
        assert!(header.to_str().unwrap().starts_with("s=") && !header.to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn what_was_changed_is_nothing() {
        let ours = cookies(false);
        let header = ours.set("s", "value".into(), 60).unwrap();
        assert_eq!(ours.read(&sent(&header), "s").as_deref(), Some("value"));
        assert_eq!(cookies(false).read(&sent(&header), "s"), None, "another key");

        let sealed = header.to_str().unwrap().split(';').next().unwrap()[2..].to_owned();
        assert_eq!(ours.open("t", &sealed), None, "another name");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last characters may carry bits that mean nothing; what opens must be the value.
            assert!(ours.open("s", &changed).is_none_or(|opened| opened == "value" && at + 3 >= sealed.len()), "{at}");
        }
    }

    #[test]
    fn an_older_key_still_opens() {
        let (old, new) = (Key::generate(), Key::generate());
        let sealed = Cookies::new(vec![old.clone()], false, "s").seal("s", "v".into()).unwrap();
        let both = Cookies::new(vec![new.clone(), old], false, "s");
        assert_eq!(both.open("s", &sealed).as_deref(), Some("v"));
        let newly = both.seal("s", "v".into()).unwrap();
        assert_eq!(Cookies::new(vec![new], false, "s").open("s", &newly).as_deref(), Some("v"));
    }

    #[test]
    fn too_large_is_said() {
        let ours = cookies(true);
        assert!(ours.set("s", "a".repeat(2900), 60).is_ok());
        assert!(matches!(ours.set("s", "a".repeat(3100), 60), Err(TooLarge(size)) if size > 4093));
    }

    #[test]
    fn a_pending_cookie_s_name_is_made_of_harmless_letters() {
        let ours = cookies(true);
        assert_eq!(ours.pending("abcDEF-_0123456").as_deref(), Some("__Host-s.abcDEF-_0123"));
        for bad in ["", "short", "a=b; Path=/x12345", "ääääääääääää", "abc\r\nSet-Cook"] {
            assert_eq!(ours.pending(bad), None, "{bad:?}");
        }
    }
}
