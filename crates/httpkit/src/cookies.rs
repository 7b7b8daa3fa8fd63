//! Our cookies. On https they carry the `__Host-` prefix: this very host, this very path, never a sibling.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Seconds that the browser's own cookie lives.
const BROWSER_SECONDS: i64 = 90 * 86_400;

/// The cookies of a request, and those that its answer sets.
#[derive(Debug, Clone, Default)]
pub struct Cookies {
    secure: bool,
    sent: Vec<(String, String)>,
    set: Vec<HeaderValue>,
}

impl Cookies {
    /// Reads the `Cookie` headers (RFC 6265, section 5.4).
    pub fn read<'a>(headers: impl Iterator<Item = &'a HeaderValue>, secure: bool) -> Self {
        let mut sent = Vec::new();
        for header in headers.filter_map(|h| h.to_str().ok()) {
            sent.extend(
                header.split(';').filter_map(|pair| pair.trim().split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())),
            );
        }
        Self { secure, sent, set: Vec::new() }
    }

    fn name(&self, short: &str) -> String {
        if self.secure { format!("__Host-dw_{short}") } else { format!("dw_{short}") }
    }

    /// A cookie of ours that was sent.
    pub fn get(&self, short: &str) -> Option<&str> {
        let name = self.name(short);
        self.sent.iter().find(|(k, _)| *k == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// Sets a cookie of ours with the answer. Scripts never read it; other sites' forms do not carry it.
    ///
    /// On https the session's value stands in a second cookie too, `silent`, which frames in other sites' pages carry. Nothing
    /// reads that one but [`crate::Visit::silent_session`], for a request that shows nothing and changes nothing.
    pub fn set(&mut self, short: &str, value: &str, max_age: i64) {
        if short == "session" && self.secure {
            let text = format!("__Host-dw_silent={value}; Path=/; Max-Age={}; HttpOnly; SameSite=None; Secure", max_age.max(0));
            self.set.extend(HeaderValue::from_str(&text));
        }
        let name = self.name(short);
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", max_age.max(0));
        if let Ok(header) = HeaderValue::from_str(&text) {
            self.set.push(header);
        }
        self.sent.retain(|(k, _)| *k != name);
        if max_age > 0 {
            self.sent.push((name, value.to_owned()));
        }
    }

    /// Takes a cookie of ours away.
    pub fn remove(&mut self, short: &str) {
        self.set(short, "", 0);
    }

    /// The `Set-Cookie` headers.
    pub fn headers(&self) -> &[HeaderValue] {
        &self.set
    }

    /// The id of this browser; made and set when it has none.
    pub fn browser(&mut self) -> String {
        if let Some(id) = self.get("browser").filter(|id| id.len() <= 64) {
            return id.to_owned();
        }
        let id = URL_SAFE_NO_PAD.encode(doorward_service::secrets::random::<18>());
        self.set("browser", &id, BROWSER_SECONDS);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_https_a_cookie_is_of_this_host_only() {
        let mut cookies = Cookies::read([HeaderValue::from_static("dw_session=plain; __Host-dw_session=safe")].iter(), true);
        assert_eq!(cookies.get("session"), Some("safe"));
        cookies.set("session", "x", 10);
        let header = cookies.headers().last().unwrap().to_str().unwrap().to_owned();
        assert_eq!(header, "__Host-dw_session=x; Path=/; Max-Age=10; HttpOnly; SameSite=Lax; Secure");
        let silent = cookies.headers().first().unwrap().to_str().unwrap().to_owned();
        assert_eq!(silent, "__Host-dw_silent=x; Path=/; Max-Age=10; HttpOnly; SameSite=None; Secure");
        cookies.remove("session");
        assert_eq!(cookies.get("session"), None);
        assert!(cookies.headers().iter().filter(|h| h.to_str().unwrap().contains("Max-Age=0")).count() == 2);
    }
}
