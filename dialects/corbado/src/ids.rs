//! Outward ids: `usr-` and digits for users, other nouns with a prefix of their own. Derived from ours by rule and back.

use doorward_protocol::ids::{IdentifierId, PasskeyId, SessionId, UserId};
use uuid::Uuid;

fn decimal(prefix: &str, id: Uuid) -> String {
    format!("{prefix}{}", id.as_u128())
}

fn read(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?;
    // One spelling only: what is compared elsewhere must not have two.
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain.then(|| digits.parse::<u128>().ok().map(Uuid::from_u128)).flatten()
}

/// `usr-…`
pub fn user(id: UserId) -> String {
    decimal("usr-", id.0)
}

/// Reads a user id back, with or without its prefix: filters come without.
pub fn parse_user(text: &str) -> Option<UserId> {
    read("usr-", text).or_else(|| read("", text)).map(UserId)
}

/// `ide-…`
pub fn identifier(id: IdentifierId) -> String {
    decimal("ide-", id.0)
}

/// Reads it back.
pub fn parse_identifier(text: &str) -> Option<IdentifierId> {
    read("ide-", text).map(IdentifierId)
}

/// `cre-…`
pub fn passkey(id: PasskeyId) -> String {
    decimal("cre-", id.0)
}

/// Reads it back.
pub fn parse_passkey(text: &str) -> Option<PasskeyId> {
    read("cre-", text).map(PasskeyId)
}

/// Session ids have thirty characters.
pub fn session(id: SessionId) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut value = id.0.as_u128();
    let mut out = [b'0'; 26];
    for place in out.iter_mut().rev() {
        let digit = usize::try_from(value % 32).unwrap_or(0);
        *place = DIGITS.get(digit).copied().unwrap_or(b'0');
        value /= 32;
    }
    format!("ses-{}", out.iter().map(|b| char::from(*b)).collect::<String>())
}

/// Reads it back.
pub fn parse_session(text: &str) -> Option<SessionId> {
    let digits = text.strip_prefix("ses-").filter(|d| d.len() == 26)?;
    let mut value: u128 = 0;
    for byte in digits.bytes() {
        let digit = b"0123456789abcdefghjkmnpqrstvwxyz".iter().position(|d| *d == byte)?;
        value = value.checked_mul(32)?.checked_add(digit as u128)?;
    }
    Some(SessionId(Uuid::from_u128(value)))
}

/// `req-…`
pub fn request(id: &str) -> String {
    format!("req-{id}")
}

/// Whether a text has the form of a project id.
pub fn is_project(text: &str) -> bool {
    text.len() <= 64 && text.strip_prefix("pro-").is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::uuid;

    const ID: Uuid = uuid!("0193f2a4-7c1e-7abc-8def-0123456789ab");

    #[test]
    fn ids_are_read_back() {
        let text = user(UserId(ID));
        assert!(text.strip_prefix("usr-").unwrap().bytes().all(|b| b.is_ascii_digit()), "{text}");
        assert_eq!(parse_user(&text), Some(UserId(ID)));
        assert_eq!(parse_user(text.trim_start_matches("usr-")), Some(UserId(ID)));
        assert_eq!(parse_session(&session(SessionId(ID))), Some(SessionId(ID)));
        assert_eq!(session(SessionId(ID)).len(), 30);
        assert_eq!(parse_identifier(&identifier(IdentifierId(ID))), Some(IdentifierId(ID)));
        assert_eq!(parse_passkey(&passkey(PasskeyId(ID))), Some(PasskeyId(ID)));
    }

    #[test]
    fn other_spellings_are_no_ids() {
        for bad in ["usr-", "usr-0123", "usr-+1", "usr- 1", "ide-1", "", "usr-999999999999999999999999999999999999999999"] {
            assert_eq!(parse_user(bad), None, "{bad}");
        }
        assert_eq!(parse_session("ses-zzzzzzzzzzzzzzzzzzzzzzzzzz"), None);
    }

    #[test]
    fn project_ids_have_digits_only() {
        assert!(is_project("pro-1") && !is_project("pro-") && !is_project("pro-1a") && !is_project("1"));
    }
}
