//! Who a user is: identifiers and how they are compared.

use serde::{Deserialize, Serialize};

/// The kinds of identifier that a user can sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// An e-mail address.
    Email,
    /// A user name without `@`.
    Username,
    /// A phone number in E.164 form.
    Phone,
}

impl IdentifierKind {
    /// The word stored and shown for this kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::Phone => "phone",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "email" => Some(Self::Email),
            "username" => Some(Self::Username),
            "phone" => Some(Self::Phone),
            _ => None,
        }
    }
}

/// An identifier as typed and as compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// What kind it is.
    pub kind: IdentifierKind,
    /// As the person wrote it, without surrounding space. Mail goes to this form.
    pub value: String,
    /// The form that is unique within a tenant: lower case.
    pub normal: String,
}

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing was given.
    #[error("the identifier is empty")]
    Empty,
    /// Not an address that mail could be sent to.
    #[error("not an e-mail address")]
    NotAnEmail,
    /// A user name has 2 to 64 letters, digits, dots, dashes or underscores.
    #[error("not a user name")]
    NotAUsername,
    /// A phone number starts with + and its country code.
    #[error("not a phone number")]
    NotAPhone,
    /// Longer than 254 characters (RFC 5321, section 4.5.3.1.3).
    #[error("the identifier is too long")]
    TooLong,
}

impl Identifier {
    /// Reads an e-mail address. The check is deliberately modest: one `@`, a local part and a host of dot-separated labels,
    /// no white space or control characters. Whether mail arrives is proven by sending it.
    pub fn email(text: &str) -> Result<Self, IdentifierError> {
        let value = text.trim();
        if value.is_empty() {
            return Err(IdentifierError::Empty);
        }
        if value.len() > 254 {
            return Err(IdentifierError::TooLong);
        }
        let (local, host) = value.rsplit_once('@').ok_or(IdentifierError::NotAnEmail)?;
        let plain = |c: char| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '[' | ']' | '\\' | '@')
        };
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(plain)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let host_ok = !host.is_empty()
            && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
            && host
                .split('.')
                .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
        if !local_ok || !host_ok {
            return Err(IdentifierError::NotAnEmail);
        }
        Ok(Self { kind: IdentifierKind::Email, value: value.to_owned(), normal: value.to_lowercase() })
    }

    /// Reads a user name: 2 to 64 characters, letters, digits, `.`, `-` and `_`.
    pub fn username(text: &str) -> Result<Self, IdentifierError> {
        let value = text.trim();
        if value.is_empty() {
            return Err(IdentifierError::Empty);
        }
        let length = value.chars().count();
        if !(2..=64).contains(&length) || !value.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            return Err(IdentifierError::NotAUsername);
        }
        Ok(Self { kind: IdentifierKind::Username, value: value.to_owned(), normal: value.to_lowercase() })
    }

    /// Reads a phone number in E.164 form (ITU-T E.164: at most 15 digits); spaces, dots, dashes and brackets are dropped.
    pub fn phone(text: &str) -> Result<Self, IdentifierError> {
        let value: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        if value.is_empty() {
            return Err(IdentifierError::Empty);
        }
        let digits = value.strip_prefix('+').ok_or(IdentifierError::NotAPhone)?;
        if !(6..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with('0') {
            return Err(IdentifierError::NotAPhone);
        }
        Ok(Self { kind: IdentifierKind::Phone, normal: value.clone(), value })
    }

    /// Reads whatever a person typed into the one field of the sign-in page.
    pub fn typed(text: &str) -> Result<Self, IdentifierError> {
        let trimmed = text.trim();
        if trimmed.contains('@') {
            Self::email(trimmed)
        } else if trimmed.starts_with('+') {
            Self::phone(trimmed)
        } else {
            Self::username(trimmed)
        }
    }

    /// Reads an identifier of a stated kind.
    pub fn of_kind(kind: IdentifierKind, text: &str) -> Result<Self, IdentifierError> {
        match kind {
            IdentifierKind::Email => Self::email(text),
            IdentifierKind::Username => Self::username(text),
            IdentifierKind::Phone => Self::phone(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_compared_without_case_and_kept_as_written() {
        let id = Identifier::typed("  Ada.Lovelace@Example.ORG ").unwrap();
        assert_eq!((id.value.as_str(), id.normal.as_str()), ("Ada.Lovelace@Example.ORG", "ada.lovelace@example.org"));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for bad in [
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "a@b..c",
            "a@-b.c",
            "a,b@c.d",
            "<a@b.c>",
            "a@b@c.d",
            ".a@b.c",
            "a\n@b.c",
            "a@b.c\r\nBcc: x@y.z",
        ] {
            assert!(Identifier::email(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Identifier::email(&format!("{}@b.c", "a".repeat(300))), Err(IdentifierError::TooLong));
    }

    #[test]
    fn phones_are_e164() {
        assert_eq!(Identifier::typed("+49 (30) 123-456").unwrap().normal, "+4930123456");
        for bad in ["+0123456", "+12", "+1234567890123456", "+12a45678"] {
            assert!(Identifier::phone(bad).is_err(), "{bad}");
        }
    }
}
