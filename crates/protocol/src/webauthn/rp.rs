//! Who the relying party is and from which origins it may be spoken for: WebAuthn L3, sections 5.1.2, 5.11, 13.4.9.
//!
//! Origins are compared as strings and exactly: no prefixes, no patterns, no normalising. A list of several origins is
//! how related origins, several ports and native applications are admitted.

use aws_lc_rs::digest;
use url::{Host, Url};

/// A relying party: the RP ID that credentials are scoped to, its name, and the origins that may use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The RP ID, a lower-case host name (section 4, "Relying Party Identifier").
    pub id: String,
    /// The name that the authenticator shows (section 5.4.1).
    pub name: String,
    /// The origins that are believed.
    pub origins: OriginRule,
}

impl RelyingParty {
    /// SHA-256 of the RP ID, as authenticator data carries it (section 6.1, `rpIdHash`).
    #[must_use]
    pub fn id_hash(&self) -> [u8; 32] {
        sha256(self.id.as_bytes())
    }
}

/// Which origins a ceremony may come from (sections 7.1 and 7.2, the steps on `origin`, `crossOrigin`, `topOrigin`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginRule {
    /// Origins believed as they are written, such as `https://example.org` or `android:apk-key-hash:…`.
    pub exact: Vec<String>,
    /// Believe `localhost` on every port, over http and https. For development only.
    pub any_localhost_port: bool,
    /// Accept ceremonies inside a frame whose ancestors are of another origin.
    pub allow_cross_origin: bool,
    /// The top-level origins under which such a frame is accepted, when the browser names the top-level origin.
    pub top_origins: Vec<String>,
}

impl OriginRule {
    /// A rule that believes exactly these origins.
    #[must_use]
    pub fn exact<I, S>(origins: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self { exact: origins.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Whether `origin` may speak for the relying party.
    #[must_use]
    pub fn accepts(&self, origin: &str) -> bool {
        self.exact.iter().any(|known| known == origin) || (self.any_localhost_port && is_localhost(origin))
    }

    /// Whether `origin` may be the top-level origin around a frame of the relying party.
    #[must_use]
    pub fn accepts_top(&self, origin: &str) -> bool {
        self.top_origins.iter().any(|known| known == origin)
    }
}

/// `http://localhost`, `https://localhost`, and either with a port as browsers write it.
fn is_localhost(origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix("http://localhost").or_else(|| origin.strip_prefix("https://localhost")) else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|number| number != 0 && number.to_string() == port))
}

/// Whether a browser would let `origin` use `rp_id` without a related-origins file (section 5.1.3, step 8):
/// a secure context whose host equals the RP ID or lies under it.
///
/// There is no public suffix list here, so `co.uk` passes as an RP ID; browsers refuse it. A single label such as
/// `com` is accepted only as the host itself. Application origins (`android:…`) have no host: always `false`.
#[must_use]
pub fn rp_id_valid_for_origin(rp_id: &str, origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else {
        return false;
    };
    // An origin has no path, user or query, and is written in its one canonical form.
    if url.origin().ascii_serialization() != origin {
        return false;
    }
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    let secure = match url.scheme() {
        "https" => true,
        "http" => host == "localhost" || host.ends_with(".localhost"),
        _ => false,
    };
    if !secure || !matches!(Host::parse(rp_id), Ok(Host::Domain(parsed)) if parsed == rp_id) {
        return false;
    }
    if host == rp_id {
        return true;
    }
    let parent = rp_id.contains('.') || rp_id == "localhost";
    parent && !rp_id.starts_with('.') && host.strip_suffix(rp_id).is_some_and(|labels| labels.ends_with('.'))
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rp_id_for_origin_section_5_1_3() {
        let cases = [
            ("example.org", "https://example.org", true),
            ("example.org", "https://example.org:8443", true),
            ("example.org", "https://login.example.org", true),
            ("example.org", "https://a.b.example.org", true),
            ("localhost", "http://localhost:9011", true),
            ("localhost", "http://acme.localhost:9011", true),
            ("localhost", "https://localhost:9443", true),
            ("intranet", "https://intranet", true),
            ("login.example.org", "https://example.org", false),
            ("example.org", "http://example.org", false),
            ("example.org", "https://notexample.org", false),
            ("example.org", "https://example.org.evil.test", false),
            ("example.org", "https://example.org/", false),
            ("example.org", "https://user@example.org", false),
            ("example.org", "https://EXAMPLE.org", false),
            ("EXAMPLE.org", "https://example.org", false),
            (".example.org", "https://login.example.org", false),
            ("", "https://example.org", false),
            ("org", "https://example.org", false),
            ("127.0.0.1", "https://127.0.0.1", false),
            ("127.0.0.1", "http://127.0.0.1:8080", false),
            ("example.org", "android:apk-key-hash:abc", false),
            ("example.org", "ftp://example.org", false),
            ("example.org", "", false),
        ];
        for (rp_id, origin, valid) in cases {
            assert_eq!(rp_id_valid_for_origin(rp_id, origin), valid, "{rp_id} for {origin}");
        }
    }

    #[test]
    fn origins_are_exact() {
        let rule = OriginRule::exact(["https://example.org", "android:apk-key-hash:q83v"]);
        let cases = [
            ("https://example.org", true),
            ("android:apk-key-hash:q83v", true),
            ("https://example.org:443", false),
            ("https://example.org/", false),
            ("http://example.org", false),
            ("https://www.example.org", false),
            ("https://example.org.evil.test", false),
            ("https://Example.org", false),
            ("android:apk-key-hash:q83vX", false),
            ("http://localhost:3000", false),
            ("", false),
        ];
        for (origin, accepted) in cases {
            assert_eq!(rule.accepts(origin), accepted, "{origin}");
        }
    }

    #[test]
    fn any_localhost_port_is_localhost_only() {
        let rule = OriginRule { any_localhost_port: true, ..OriginRule::default() };
        let cases = [
            ("http://localhost", true),
            ("http://localhost:3000", true),
            ("https://localhost:9443", true),
            ("http://localhost:", false),
            ("http://localhost:0", false),
            ("http://localhost:080", false),
            ("http://localhost:+80", false),
            ("http://localhost:99999", false),
            ("http://localhost:80/", false),
            ("http://localhost.evil.test", false),
            ("http://localhost:80@evil.test", false),
            ("http://localhostx:80", false),
            ("http://evil.test", false),
        ];
        for (origin, accepted) in cases {
            assert_eq!(rule.accepts(origin), accepted, "{origin}");
        }
    }
}
