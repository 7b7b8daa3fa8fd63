//! Scopes (RFC 6749, section 3.3).

/// Reads a space-separated scope parameter; keeps the order, drops repetition. `None` when a character is not allowed.
pub fn parse(text: &str) -> Option<Vec<String>> {
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    let mut out: Vec<String> = Vec::new();
    for token in text.split(' ').filter(|t| !t.is_empty()) {
        if !token.bytes().all(allowed) {
            return None;
        }
        if !out.iter().any(|have| have == token) {
            out.push(token.to_owned());
        }
    }
    Some(out)
}

/// The scopes that OpenID Connect defines (Core, sections 5.4 and 11).
pub const STANDARD: &[&str] = &["openid", "profile", "email", "phone", "address", "offline_access"];

/// Whether a scope is one of OpenID Connect's own.
pub fn is_standard(scope: &str) -> bool {
    STANDARD.contains(&scope)
}

/// Whether every scope of `narrower` is in `wider` (RFC 6749, section 6).
pub fn is_subset(narrower: &[String], wider: &[String]) -> bool {
    narrower.iter().all(|scope| wider.contains(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_section_3_3() {
        assert_eq!(parse("openid  email openid").unwrap(), ["openid", "email"]);
        assert_eq!(parse("").unwrap(), Vec::<String>::new());
        assert!(parse("open\"id").is_none() && parse("a\\b").is_none() && parse("ä").is_none() && parse("a\tb").is_none());
    }
}
