//! Password hashes as import files write them.

use super::super::body::Document;
use super::super::refused::Refused;
use doorward_service::directory::ImportPassword;
use doorward_service::password::foreign::{DigestName, ForeignHash, Scheme, TextEncoding, bytes_of};

/// The digests of `hmac`.
const HMAC: &[&str] = &["md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"];
/// The plain digests.
const PLAIN: &[&str] = &["md4", "md5", "sha1", "sha256", "sha512"];

/// `password_hash` or `custom_password_hash` of a user, if there is one.
///
/// # Errors
/// What is wrong with it.
pub fn read(user: &Document) -> Result<Option<ImportPassword>, Refused> {
    match (user.text("password_hash")?, user.object("custom_password_hash")?) {
        (Some(_), Some(_)) => Err(Refused::body("custom_password_hash", "must not stand beside password_hash")),
        (Some(hash), None) if !hash.starts_with("$2a$") && !hash.starts_with("$2b$") => {
            Err(Refused::body("password_hash", "must be a bcrypt hash that begins with $2a$ or $2b$"))
        }
        (Some(hash), None) => Ok(Some(ImportPassword::Modular(hash.to_owned()))),
        (None, Some(custom)) => custom_hash(&custom).map(ImportPassword::Hash).map(Some),
        (None, None) => Ok(None),
    }
}

fn wrong<T>(field: &str, message: impl AsRef<str>) -> Result<T, Refused> {
    Err(Refused::body(&format!("custom_password_hash.{field}"), message))
}

/// Salt before and behind the password.
type Around = (Vec<u8>, Vec<u8>);

fn custom_hash(custom: &Document) -> Result<ForeignHash, Refused> {
    custom.only(&[&["algorithm", "hash", "salt", "password", "keylen", "cost", "blockSize", "parallelization"]])?;
    let algorithm = custom.must("algorithm")?;
    let Some(hash) = custom.object("hash")? else { return wrong("hash", "must be given") };
    hash.only(&[&["value", "encoding", "digest", "key"]])?;
    let value = hash.must("value")?;
    let salt = custom.object("salt")?;
    if salt.is_some() && ["argon2", "pbkdf2", "ldap"].contains(&algorithm) {
        return wrong("salt", format!("must be absent: {algorithm} carries its salt in the hash"));
    }
    let password_encoding = password_encoding(custom)?;
    let mut out: ForeignHash = match algorithm {
        "argon2" | "bcrypt" | "pbkdf2" | "ldap" => {
            if hash.text("encoding")?.is_some_and(|encoding| encoding != "utf8") {
                return wrong("hash.encoding", "must be utf8");
            }
            let fits = match algorithm {
                "argon2" => value.starts_with("$argon2"),
                "bcrypt" => ["$2a$", "$2b$", "$2y$"].iter().any(|head| value.starts_with(head)),
                "pbkdf2" => value.starts_with("$pbkdf2-"),
                _ => value.starts_with('{'),
            };
            if !fits {
                return wrong("hash.value", format!("is no hash of {algorithm}"));
            }
            ForeignHash::modular(value).or_else(|error| wrong("hash.value", error.to_string()))?
        }
        "scrypt" => scrypt(custom, &hash, value, salt.as_ref())?.into(),
        "hmac" => {
            let digest = digest(&hash, HMAC)?;
            let Some(key) = hash.object("key")? else { return wrong("hash.key", "must be given") };
            key.only(&[&["value", "encoding"]])?;
            let key = bytes(key.must("value")?, key.text("encoding")?.unwrap_or("utf8"), "hash.key")?;
            Scheme::Hmac { digest, key, hash: hash_bytes(&hash, value)? }.into()
        }
        plain if PLAIN.contains(&plain) => {
            let Some(digest) = DigestName::parse(plain) else { return wrong("algorithm", "is not known") };
            Scheme::Digest { digest, rounds: 1, hash: hash_bytes(&hash, value)? }.into()
        }
        _ => return wrong("algorithm", "is not known"),
    };
    // scrypt's salt is a parameter of its own; elsewhere it stands beside the password.
    if algorithm != "scrypt"
        && let Some(salt) = &salt
    {
        (out.prefix, out.suffix) = around(salt)?;
    }
    out.password_encoding = password_encoding;
    out.check().or_else(|error| wrong("hash", error.to_string()))?;
    Ok(out)
}

fn scrypt(custom: &Document, hash: &Document, value: &str, salt: Option<&Document>) -> Result<Scheme, Refused> {
    let Some(length) = custom.number("keylen", 16..=128)? else { return wrong("keylen", "must be given") };
    let hash = hash_bytes(hash, value)?;
    if usize::try_from(length).ok() != Some(hash.len()) {
        return wrong("keylen", "is not the length of the hash");
    }
    let number = |name: &str, default: u32| -> Result<u32, Refused> {
        let given = custom.number(name, 1..=i64::from(u32::MAX))?;
        Ok(given.and_then(|n| u32::try_from(n).ok()).unwrap_or(default))
    };
    let salt = match salt {
        Some(salt) => {
            let (prefix, suffix) = around(salt)?;
            [prefix, suffix].concat()
        }
        None => Vec::new(),
    };
    Ok(Scheme::Scrypt {
        n: number("cost", 16_384)?.into(),
        r: number("blockSize", 8)?,
        p: number("parallelization", 1)?,
        salt,
        hash,
    })
}

fn digest(hash: &Document, known: &[&str]) -> Result<DigestName, Refused> {
    let Some(name) = hash.text("digest")? else { return wrong("hash.digest", "must be given") };
    match known.contains(&name).then(|| DigestName::parse(name)).flatten() {
        Some(digest) => Ok(digest),
        None => wrong("hash.digest", format!("must be one of {}", known.join(", "))),
    }
}

fn hash_bytes(hash: &Document, value: &str) -> Result<Vec<u8>, Refused> {
    match hash.text("encoding")?.unwrap_or("hex") {
        encoding @ ("hex" | "base64") => bytes(value, encoding, "hash.value"),
        _ => wrong("hash.encoding", "must be hex or base64"),
    }
}

fn bytes(text: &str, encoding: &str, field: &str) -> Result<Vec<u8>, Refused> {
    let encoding = TextEncoding::parse(encoding);
    match encoding.and_then(|encoding| bytes_of(text, encoding)) {
        Some(bytes) => Ok(bytes),
        None => wrong(field, "cannot be read in its encoding"),
    }
}

fn around(salt: &Document) -> Result<Around, Refused> {
    salt.only(&[&["value", "encoding", "position"]])?;
    let value = bytes(salt.text("value")?.unwrap_or_default(), salt.text("encoding")?.unwrap_or("utf8"), "salt.value")?;
    match salt.text("position")?.unwrap_or("prefix") {
        "prefix" => Ok((value, Vec::new())),
        "suffix" => Ok((Vec::new(), value)),
        _ => wrong("salt.position", "must be prefix or suffix"),
    }
}

fn password_encoding(custom: &Document) -> Result<TextEncoding, Refused> {
    let Some(password) = custom.object("password")? else { return Ok(TextEncoding::Utf8) };
    password.only(&[&["encoding"]])?;
    let encoding = password.text("encoding")?.unwrap_or("utf8");
    match TextEncoding::parse(encoding).filter(|known| !matches!(known, TextEncoding::Hex | TextEncoding::Base64)) {
        Some(known) => Ok(known),
        None => wrong("password.encoding", "must be one of ascii, utf8, utf16le, ucs2, latin1, binary"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read_value(user: Value) -> Result<Option<ImportPassword>, Refused> {
        let Value::Object(all) = user else { panic!("not an object") };
        read(&Document(all))
    }

    #[test]
    fn what_is_no_hash_of_its_algorithm_is_refused() {
        let md5 = "5d41402abc4b2a76b9719d911017c592";
        for bad in [
            json!({ "password_hash": "$2y$10$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG" }),
            json!({ "password_hash": "$2b$10$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG", "custom_password_hash": { "algorithm": "md5", "hash": { "value": md5 } } }),
            json!({ "custom_password_hash": { "algorithm": "md5" } }),
            json!({ "custom_password_hash": { "algorithm": "md6", "hash": { "value": md5 } } }),
            json!({ "custom_password_hash": { "algorithm": "sha1", "hash": { "value": md5, "encoding": "hex" } } }),
            json!({ "custom_password_hash": { "algorithm": "md5", "hash": { "value": md5, "encoding": "utf8" } } }),
            json!({ "custom_password_hash": { "algorithm": "md5", "hash": { "value": md5 }, "salt": { "value": "x", "position": "middle" } } }),
            json!({ "custom_password_hash": { "algorithm": "md5", "hash": { "value": md5 }, "rounds": 3 } }),
            json!({ "custom_password_hash": { "algorithm": "hmac", "hash": { "value": md5, "digest": "md5" } } }),
            json!({ "custom_password_hash": { "algorithm": "hmac", "hash": { "value": md5, "digest": "blake2", "key": { "value": "k" } } } }),
            json!({ "custom_password_hash": { "algorithm": "scrypt", "hash": { "value": md5, "encoding": "hex" }, "keylen": 32 } }),
            json!({ "custom_password_hash": { "algorithm": "scrypt", "hash": { "value": md5, "encoding": "hex" } } }),
            json!({ "custom_password_hash": { "algorithm": "ldap", "hash": { "value": "{CRYPT}abc" } } }),
            json!({ "custom_password_hash": { "algorithm": "argon2", "hash": { "value": "{SSHA}abc" } } }),
            json!({ "custom_password_hash": { "algorithm": "pbkdf2", "hash": { "value": "$pbkdf2-sha256$i=1000,l=32$c2FsdA$c2FsdA" } } }),
        ] {
            assert!(read_value(bad.clone()).is_err(), "{bad}");
        }
        assert!(read_value(json!({ "email": "x" })).unwrap().is_none());
        assert!(read_value(json!({ "custom_password_hash": { "algorithm": "md5", "hash": { "value": md5.to_uppercase(), "encoding": "hex" } } })).is_ok());
    }
}
