//! Where a person goes after signing in: a place of this application and nowhere else.

use url::{Position, Url};

/// Longer places are not remembered.
const MAX: usize = 1024;

/// The path, query and fragment of an address that is surely of this application, as browsers will read it.
pub(super) fn local_path(base: &Url, wanted: &str) -> Option<String> {
    let starts_well = wanted.starts_with('/') && !wanted.starts_with("//");
    // Browsers take a backslash for a slash and drop tabs and line ends.
    if !starts_well || wanted.len() > MAX || wanted.chars().any(|c| c == '\\' || c.is_control()) {
        return None;
    }
    let joined = base.join(wanted).ok()?;
    let path = &joined[Position::BeforePath..];
    // "/.//evil.example" has become "//evil.example", which names a host.
    (joined.origin() == base.origin() && !path.starts_with("//")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_of_this_application() {
        let base = Url::parse("https://app.example.com").unwrap();
        for (wanted, path) in [
            ("/", "/"),
            ("/a/b?c=d&e=//f#g", "/a/b?c=d&e=//f#g"),
            ("/a/../b", "/b"),
            ("/ä?ö", "/%C3%A4?%C3%B6"),
            ("/@evil.example", "/@evil.example"),
            ("/https://evil.example", "/https://evil.example"),
        ] {
            assert_eq!(local_path(&base, wanted).as_deref(), Some(path), "{wanted}");
        }
        for evil in [
            "",
            "a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:/evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            " //evil.example",
            ".evil.example",
            "@evil.example",
        ] {
            assert_eq!(local_path(&base, evil), None, "{evil:?}");
        }
        assert_eq!(local_path(&base, &format!("/{}", "a".repeat(MAX))), None);
    }
}
