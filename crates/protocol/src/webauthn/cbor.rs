//! Bounded reading of the CBOR (RFC 8949) that authenticators send.
//!
//! Decoding is ciborium's; this module adds what a verifier needs on top: where one value ends, no trailing bytes,
//! shallow nesting, and no map with the same key twice (CTAP 2.1, section 8, forbids it, and two readers that each
//! take another of two entries would disagree about what was signed).

use ciborium::Value;

use super::Malformed;

/// Attestation statements nest four levels at most; deeper input is an attack on the stack.
const MAX_DEPTH: usize = 12;
/// The largest map of the specification has seven entries; the bound keeps the check for duplicates cheap.
const MAX_ENTRIES: usize = 64;

/// Decodes the value at the start of `bytes` and returns it with the bytes after it.
pub(super) fn decode_prefix<'a>(bytes: &'a [u8], what: &'static str) -> Result<(Value, &'a [u8]), Malformed> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|_| Malformed(what))?;
    Ok((value, rest))
}

/// Decodes `bytes` as exactly one value.
pub(super) fn decode_all(bytes: &[u8], what: &'static str) -> Result<Value, Malformed> {
    match decode_prefix(bytes, what)? {
        (value, []) => Ok(value),
        _ => Err(Malformed(what)),
    }
}

/// A map whose keys are known to be distinct.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map<'a> {
    entries: &'a [(Value, Value)],
    what: &'static str,
}

impl<'a> Map<'a> {
    /// Reads `value` as a map with distinct keys.
    pub(super) fn new(value: &'a Value, what: &'static str) -> Result<Self, Malformed> {
        let Value::Map(entries) = value else {
            return Err(Malformed(what));
        };
        if entries.len() > MAX_ENTRIES {
            return Err(Malformed(what));
        }
        let repeated =
            entries.iter().enumerate().any(|(at, (key, _))| entries.iter().skip(at + 1).any(|(other, _)| other == key));
        if repeated {
            return Err(Malformed(what));
        }
        Ok(Self { entries, what })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The value under a text key.
    pub(super) fn text_key(&self, key: &str) -> Option<&'a Value> {
        self.find(|candidate| candidate.as_text() == Some(key))
    }

    /// The value under an integer key, as COSE labels are (RFC 9052, section 1.4).
    pub(super) fn label(&self, label: i64) -> Option<&'a Value> {
        self.find(|candidate| integer(candidate) == Some(label))
    }

    /// The byte string under a text key.
    pub(super) fn bytes(&self, key: &str) -> Result<&'a [u8], Malformed> {
        self.text_key(key).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(Malformed(self.what))
    }

    /// The text under a text key.
    pub(super) fn text(&self, key: &str) -> Result<&'a str, Malformed> {
        self.text_key(key).and_then(Value::as_text).ok_or(Malformed(self.what))
    }

    /// The integer under a text key.
    pub(super) fn integer(&self, key: &str) -> Result<i64, Malformed> {
        self.text_key(key).and_then(integer).ok_or(Malformed(self.what))
    }

    fn find(&self, matches: impl Fn(&Value) -> bool) -> Option<&'a Value> {
        self.entries.iter().find(|(key, _)| matches(key)).map(|(_, value)| value)
    }
}

/// The value as an integer, if it is one and fits.
pub(super) fn integer(value: &Value) -> Option<i64> {
    value.as_integer().and_then(|integer| i64::try_from(integer).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_ends_where_it_ends() {
        let (value, rest) = decode_prefix(&[0xa1, 0x01, 0x42, 7, 8, 0xff, 0x00], "x").expect("a map");
        assert_eq!(rest, [0xff, 0x00]);
        let map = Map::new(&value, "x").expect("distinct keys");
        assert_eq!(map.label(1).and_then(Value::as_bytes), Some(&vec![7_u8, 8]));
        assert_eq!(map.label(2), None);
    }

    #[test]
    fn bent_cbor_is_refused() {
        let deep: Vec<u8> = std::iter::repeat_n(0x81, 64).chain([0x00]).collect();
        let cases: [(&str, &[u8]); 7] = [
            ("nothing", &[]),
            ("cut in a byte string", &[0x42, 1]),
            ("a length of 2^63", &[0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            ("an array of 2^40", &[0x9b, 0, 0, 1, 0, 0, 0, 0, 0]),
            ("a stop code", &[0xff]),
            ("trailing bytes", &[0x00, 0x00]),
            ("deep nesting", &deep),
        ];
        for (name, bytes) in cases {
            assert_eq!(decode_all(bytes, "x"), Err(Malformed("x")), "{name}");
        }
    }

    #[test]
    fn a_map_has_64_entries_at_most() {
        let map = |entries: i64| Value::Map((0..entries).map(|key| (key.into(), Value::Null)).collect());
        assert!(Map::new(&map(64), "x").is_ok());
        assert_eq!(Map::new(&map(65), "x").err(), Some(Malformed("x")));
    }

    #[test]
    fn a_key_twice_is_refused() {
        let value = decode_all(&[0xa2, 0x01, 0x02, 0x01, 0x03], "x").expect("well-formed");
        assert_eq!(Map::new(&value, "x").err(), Some(Malformed("x")));
    }
}
