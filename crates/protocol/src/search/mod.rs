//! Searching users: a query as a tree, and a reader of the syntax that most people know.

mod lucene;

pub use lucene::{Lucene, Operator, SyntaxError};

use crate::ids::UserId;
use crate::time::Timestamp;

/// Deepest nesting of a query.
pub const DEEPEST: usize = 16;
/// Most conditions in a query.
pub const MOST_TERMS: usize = 128;

/// A query over fields of type `F`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query<F> {
    /// Everything.
    All,
    /// All of these; of none: everything.
    And(Vec<Query<F>>),
    /// One of these; of none: nothing.
    Or(Vec<Query<F>>),
    /// Not this.
    Not(Box<Query<F>>),
    /// A field that fits a pattern.
    Match {
        /// Which.
        field: F,
        /// What it must look like.
        pattern: Pattern,
    },
    /// A field that has a value.
    Exists(F),
    /// A field between two values.
    Range {
        /// Which.
        field: F,
        /// From where.
        from: Bound,
        /// To where.
        to: Bound,
    },
    /// Words without a field: identifiers and names are looked at.
    Text(Pattern),
}

/// What a value must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Like this.
    Exact(String),
    /// Beginning with this.
    Prefix(String),
    /// With this anywhere in it.
    Contains(String),
    /// With any characters in the places between the pieces; at least two pieces, empty ones at an open end.
    Pieces(Vec<String>),
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// None.
    Open,
    /// This value belongs to it.
    Inclusive(String),
    /// This value does not.
    Exclusive(String),
}

/// What a user can be searched by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserField {
    /// Our id, or an outward id that is stored as an alias.
    Id,
    /// Any e-mail address. Case does not matter.
    Email,
    /// The part of an e-mail address behind the `@`.
    EmailDomain,
    /// Any user name. Case does not matter.
    Username,
    /// Any phone number.
    Phone,
    /// Whether the primary e-mail address is proven: `true` or `false`. Whoever has none fits neither.
    EmailVerified,
    /// Whether the primary phone number is proven.
    PhoneVerified,
    /// Full name. Case of ASCII letters does not matter, here and in the names below.
    Name,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// Nickname.
    Nickname,
    /// Another claim of the profile, as it is written.
    Profile(String),
    /// Whether the user is blocked: `true` or `false`.
    Blocked,
    /// Whether the user has a passkey: `true` or `false`.
    HasPasskey,
    /// Made at: a date, a time (RFC 3339) or milliseconds since 1970, here and in the times below.
    CreatedAt,
    /// Changed at.
    UpdatedAt,
    /// Last sign-in.
    LastSignInAt,
    /// How many.
    SignInCount,
    /// A role that the user has directly, by id or name.
    Role,
    /// A group, by id or name.
    Group,
    /// An application that the user is a member of, by id or client id.
    Application,
    /// Metadata: lists are looked through, other values compared as they are.
    Metadata {
        /// Namespace.
        namespace: String,
        /// The key, and the way into its document.
        path: Vec<String>,
    },
}

/// What a list of users can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSort {
    /// Our id: the order in which users were made.
    Id,
    /// Primary e-mail address.
    Email,
    /// Primary user name.
    Username,
    /// Full name.
    Name,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// Date of birth.
    Birthdate,
    /// Made at.
    CreatedAt,
    /// Changed at.
    UpdatedAt,
    /// Last sign-in.
    LastSignInAt,
    /// How many sign-ins.
    SignInCount,
}

/// Which users, in which order, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSearch {
    /// Which.
    pub query: Query<UserField>,
    /// In which order; the id decides last.
    pub sort: Vec<(UserSort, Direction)>,
    /// How many are passed over.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
    /// How far those who fit are counted; `None`: to the end. Counting many takes longer than finding some of them.
    pub counted_to: Option<u32>,
}

/// Where a page of users begins, in the order in which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// At the beginning.
    #[default]
    Start,
    /// Behind this user.
    After(UserId),
    /// Before this user: the page that ends there.
    Before(UserId),
}

impl UserSearch {
    /// The first fifty in order of creation.
    pub fn new(query: Query<UserField>) -> Self {
        Self { query, sort: Vec::new(), offset: 0, limit: 50, counted_to: None }
    }
}

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// The least first.
    #[default]
    Ascending,
    /// The greatest first.
    Descending,
}

impl<F> Query<F> {
    /// The same query over other fields; the first field that cannot be translated ends it.
    ///
    /// # Errors
    /// What `translate` says of that field.
    pub fn translate<G, E>(self, translate: &mut impl FnMut(F) -> Result<G, E>) -> Result<Query<G>, E> {
        fn each<F, G, E>(all: Vec<Query<F>>, translate: &mut impl FnMut(F) -> Result<G, E>) -> Result<Vec<Query<G>>, E> {
            all.into_iter().map(|query| query.translate(translate)).collect()
        }
        Ok(match self {
            Self::All => Query::All,
            Self::And(all) => Query::And(each(all, translate)?),
            Self::Or(all) => Query::Or(each(all, translate)?),
            Self::Not(one) => Query::Not(Box::new(one.translate(translate)?)),
            Self::Match { field, pattern } => Query::Match { field: translate(field)?, pattern },
            Self::Exists(field) => Query::Exists(translate(field)?),
            Self::Range { field, from, to } => Query::Range { field: translate(field)?, from, to },
            Self::Text(pattern) => Query::Text(pattern),
        })
    }

    /// Whether it is small enough to be asked: its depth and the number of its conditions.
    pub fn is_modest(&self) -> bool {
        self.depth() <= DEEPEST && self.terms() <= MOST_TERMS
    }

    fn depth(&self) -> usize {
        match self {
            Self::And(all) | Self::Or(all) => 1 + all.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(one) => 1 + one.depth(),
            Self::All | Self::Match { .. } | Self::Exists(_) | Self::Range { .. } | Self::Text(_) => 1,
        }
    }

    fn terms(&self) -> usize {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().map(Self::terms).sum(),
            Self::Not(one) => one.terms(),
            Self::All | Self::Match { .. } | Self::Exists(_) | Self::Range { .. } | Self::Text(_) => 1,
        }
    }
}

impl Pattern {
    /// Reads `*` as any characters; `\\` takes the meaning from the character behind it.
    pub fn with_stars(text: &str) -> Self {
        let mut pieces = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '*' => pieces.push(String::new()),
                '\\' => pieces.last_mut().into_iter().for_each(|p| p.extend(chars.next())),
                other => pieces.last_mut().into_iter().for_each(|p| p.push(other)),
            }
        }
        Self::of_pieces(pieces)
    }

    pub(crate) fn of_pieces(pieces: Vec<String>) -> Self {
        match pieces.as_slice() {
            [one] => Self::Exact(one.clone()),
            [head, tail] if tail.is_empty() => Self::Prefix(head.clone()),
            [head, middle, tail] if head.is_empty() && tail.is_empty() => Self::Contains(middle.clone()),
            _ => Self::Pieces(pieces),
        }
    }
}

/// The moments that a text names: a day (`2026-11-21`), a month, a year, a moment (RFC 3339) or milliseconds since 1970. A range,
/// from the first that belongs to it to the first that does not.
pub fn moments(text: &str) -> Option<(Timestamp, Timestamp)> {
    const DAY: i64 = 86_400_000;
    let digits = |part: &str, count: usize| {
        (part.len() == count && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i64>().ok()).flatten()
    };
    let text = text.trim();
    if text.len() > 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        let ms = text.parse::<i64>().ok()?;
        return Some((Timestamp(ms), Timestamp(ms.checked_add(1)?)));
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|p| digits(p, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|p| digits(p, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() || month.is_some_and(|m| !(1..=12).contains(&m)) {
        return None;
    }
    let (from, to) = match (month, day) {
        (None, _) => (days(year, 1, 1), days(year + 1, 1, 1)),
        (Some(12), None) => (days(year, 12, 1), days(year + 1, 1, 1)),
        (Some(month), None) => (days(year, month, 1), days(year, month + 1, 1)),
        (Some(month), Some(day)) => {
            let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
            let at = days(year, month, 1) + day - 1;
            if day < 1 || at >= next {
                return None;
            }
            (at, at + 1)
        }
    };
    let Some(time) = time else { return Some((Timestamp(from * DAY), Timestamp(to * DAY))) };
    day?;
    let at = from * DAY + time_of_day(time)?;
    Some((Timestamp(at), Timestamp(at + 1)))
}

/// Milliseconds since midnight UTC; RFC 3339, section 5.6, seconds and offset may be absent.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, "Z"),
    };
    let offset = match offset.chars().next()? {
        'Z' | 'z' => (offset.len() == 1).then_some(0)?,
        sign => {
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let minutes = hours.parse::<u8>().ok()? as i64 * 60 + minutes.parse::<u8>().ok()? as i64;
            if sign == '-' { -minutes } else { minutes }
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(|p| p.parse::<u8>().ok().filter(|_| p.len() == 2).map(i64::from));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 60 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + thousandths.parse::<i64>().ok()?)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last one.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_section_5_8_and_what_is_shorter() {
        let at = |text: &str| moments(text).map(|(from, to)| (from.0, to.0 - from.0));
        assert_eq!(at("1985-04-12T23:20:50.52Z"), Some((482_196_050_520, 1)));
        assert_eq!(at("1996-12-19T16:39:57-08:00"), Some((851_042_397_000, 1)));
        assert_eq!(at("1937-01-01T12:00:27.87+00:20"), Some((-1_041_337_172_130, 1)));
        assert_eq!(at("2026-11-21"), Some((1_795_219_200_000, 86_400_000)));
        assert_eq!(at("2024-02-29"), Some((1_709_164_800_000, 86_400_000)));
        assert_eq!(at("2026-02"), Some((1_769_904_000_000, 28 * 86_400_000)));
        assert_eq!(at("2026"), Some((1_767_225_600_000, 365 * 86_400_000)));
        assert_eq!(at("1795219200000"), Some((1_795_219_200_000, 1)));
        for bad in [
            "",
            "x",
            "2026-13",
            "2026-02-29",
            "2026-1-1",
            "2026-01-01T25:00:00Z",
            "2026-01T10:00:00Z",
            "2026-01-01Tx",
            "2026-01-01-01",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn stars_part_a_pattern() {
        let s = |text: &str| text.to_owned();
        assert_eq!(Pattern::with_stars("ada"), Pattern::Exact(s("ada")));
        assert_eq!(Pattern::with_stars("ada*"), Pattern::Prefix(s("ada")));
        assert_eq!(Pattern::with_stars("*ada*"), Pattern::Contains(s("ada")));
        assert_eq!(Pattern::with_stars("a*a"), Pattern::Pieces(vec![s("a"), s("a")]));
        assert_eq!(Pattern::with_stars("a\\*a"), Pattern::Exact(s("a*a")));
    }
}
