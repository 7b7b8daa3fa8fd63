//! A one-time password generator (RFC 6238, RFC 4226) as a value.

use super::FactorError;
use crate::secrets::random;
use crate::{Error, Service};
use data_encoding::BASE32_NOPAD;
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::factors::TotpRow;
use qrcode::QrCode;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a secret: 80 bits is what older services gave out, 160 is what RFC 4226 recommends.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 10..=128;
/// Time steps before and after that are taken too (RFC 6238, section 5.2).
const WINDOW: u16 = 1;
const PURPOSE: &str = "totp secret";

/// The hash of a generator's codes (RFC 6238, section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TotpAlgorithm {
    /// HMAC-SHA-1: what every authenticator app knows.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl TotpAlgorithm {
    /// As `otpauth:` addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// By that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|a| a.as_str() == text)
    }
}

/// A generator to be set up.
#[derive(Debug, Clone)]
pub struct NewTotp {
    /// A secret that exists already; one is made otherwise.
    pub secret: Option<Vec<u8>>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Hash of its codes.
    pub algorithm: TotpAlgorithm,
    /// Digits of a code: 6 to 8.
    pub digits: u8,
    /// Seconds of a time step: 15 to 120.
    pub period: u64,
}

impl Default for NewTotp {
    fn default() -> Self {
        Self { secret: None, name: None, algorithm: TotpAlgorithm::Sha1, digits: 6, period: 30 }
    }
}

impl NewTotp {
    pub(crate) fn check(&self) -> Result<(), FactorError> {
        let fits = self.secret.as_ref().is_none_or(|s| SECRET_BYTES.contains(&s.len()));
        if !fits {
            return Err(FactorError::Invalid("secret"));
        }
        if !(6..=8).contains(&self.digits) {
            return Err(FactorError::Invalid("digits"));
        }
        if !(15..=120).contains(&self.period) {
            return Err(FactorError::Invalid("period"));
        }
        Ok(())
    }
}

/// A generator that waits for its first code: what an authenticator app must be told.
#[derive(Clone)]
pub struct TotpEnrolment {
    /// The factor's id.
    pub id: Uuid,
    /// The secret.
    pub secret: Zeroizing<Vec<u8>>,
    /// The same for typing: Base32 without padding.
    pub secret_base32: String,
    /// `otpauth://totp/…`: the same for a camera.
    pub uri: String,
}

impl std::fmt::Debug for TotpEnrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpEnrolment").field("id", &self.id).finish_non_exhaustive()
    }
}

impl TotpEnrolment {
    /// The address as a QR code: an `svg` element.
    pub fn qr_svg(&self) -> String {
        let Ok(code) = QrCode::new(self.uri.as_bytes()) else { return String::new() };
        let drawn = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
        drawn.find("<svg").and_then(|at| drawn.get(at..)).unwrap_or_default().to_owned()
    }

    /// The secret in groups of four, for reading.
    pub fn secret_in_groups(&self) -> String {
        let letters: Vec<char> = self.secret_base32.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

/// A secret as it is shown: Base32 (RFC 4648, section 6) without padding.
pub fn base32(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// Reads a secret that somebody wrote: any case, with spaces, padded or not.
pub fn secret_of_base32(text: &str) -> Option<Vec<u8>> {
    let tidy: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != '=').collect();
    BASE32_NOPAD.decode(tidy.to_ascii_uppercase().as_bytes()).ok().filter(|s| SECRET_BYTES.contains(&s.len()))
}

pub(crate) fn new_secret() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(random::<20>().to_vec())
}

fn generator(secret: &[u8], algorithm: TotpAlgorithm, digits: i64, period: i64) -> Option<Builder> {
    let digits = u8::try_from(digits).ok().filter(|d| (6..=8).contains(d))?;
    let period = u64::try_from(period).ok().filter(|p| *p > 0)?;
    let algorithm = match algorithm {
        TotpAlgorithm::Sha1 => Algorithm::SHA1,
        TotpAlgorithm::Sha256 => Algorithm::SHA256,
        TotpAlgorithm::Sha512 => Algorithm::SHA512,
    };
    Some(
        Builder::new()
            .with_algorithm(algorithm)
            .with_digits(digits)
            .with_step_duration(period)
            .with_skew(WINDOW)
            .with_secret(Secret::new(secret.into())),
    )
}

/// The time step whose code this is, within the window.
pub(crate) fn matching_step(secret: &[u8], new: &TotpRow, code: &str, now: Timestamp) -> Option<i64> {
    let algorithm = TotpAlgorithm::parse(&new.algorithm)?;
    let totp: Totp = generator(secret, algorithm, new.digits, new.period)?.build_noncompliant();
    let step = totp.check(code, u64::try_from(now.seconds()).ok()?)?;
    i64::try_from(step).ok()
}

impl Service {
    pub(crate) fn seal_totp_secret(&self, id: Uuid, user: UserId, secret: &[u8]) -> Vec<u8> {
        self.secrets.encrypt(PURPOSE, &format!("{id}:{user}"), secret)
    }

    pub(crate) fn open_totp_secret(&self, row: &TotpRow) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.secrets.decrypt(PURPOSE, &format!("{}:{}", row.id, row.user_id), &row.secret).map_err(Error::internal)
    }

    /// What an authenticator app must be told of a generator. `issuer` and `account` are what it shows.
    pub(crate) fn enrolment(&self, row: &TotpRow, issuer: &str, account: &str) -> Result<TotpEnrolment, Error> {
        let secret = self.open_totp_secret(row)?;
        let algorithm = TotpAlgorithm::parse(&row.algorithm).unwrap_or_default();
        // A colon parts issuer and account in the address.
        let plain = |text: &str| text.replace(':', " ").trim().to_owned();
        let account = Some(plain(account)).filter(|a| !a.is_empty()).unwrap_or_else(|| "account".into());
        let totp = generator(&secret, algorithm, row.digits, row.period)
            .ok_or_else(|| Error::internal("a generator with impossible parameters"))?
            .with_issuer(Some(plain(issuer)))
            .with_account_name(account)
            .build_noncompliant();
        let uri = totp.to_url().map_err(Error::internal)?;
        Ok(TotpEnrolment { id: row.id, secret_base32: base32(&secret), secret, uri })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::ids::TenantId;

    fn row(algorithm: TotpAlgorithm, digits: i64) -> TotpRow {
        TotpRow {
            id: Uuid::nil(),
            tenant_id: TenantId(Uuid::nil()),
            user_id: UserId(Uuid::nil()),
            name: String::new(),
            secret: Vec::new(),
            algorithm: algorithm.as_str().into(),
            digits,
            period: 30,
            last_step: 0,
            created_at: Timestamp(0),
            confirmed_at: None,
            last_used_at: None,
        }
    }

    /// RFC 6238, appendix B.
    #[test]
    fn rfc6238_appendix_b() {
        let seed = |length: usize| b"1234567890".iter().copied().cycle().take(length).collect::<Vec<u8>>();
        for (seconds, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            for (algorithm, length, code) in
                [(TotpAlgorithm::Sha1, 20, sha1), (TotpAlgorithm::Sha256, 32, sha256), (TotpAlgorithm::Sha512, 64, sha512)]
            {
                let row = row(algorithm, 8);
                let at = |s: i64| matching_step(&seed(length), &row, code, Timestamp::from_seconds(s));
                assert_eq!(at(seconds), Some(seconds / 30), "{algorithm:?} {seconds}");
                let begin = seconds / 30 * 30;
                // One step of tolerance on each side, and no more.
                assert_eq!(at(begin + 59), Some(seconds / 30));
                assert_eq!(at(begin + 60), None);
                assert_eq!(at(begin - 30), Some(seconds / 30));
                assert_eq!(at(begin - 31), None);
            }
        }
    }

    /// RFC 4226, appendix D: six digits are the last of the same number.
    #[test]
    fn rfc4226_appendix_d() {
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, code) in codes.into_iter().enumerate() {
            let now = Timestamp::from_seconds(step as i64 * 30);
            let row = row(TotpAlgorithm::Sha1, 6);
            assert_eq!(matching_step(b"12345678901234567890", &row, code, now), Some(step as i64));
            assert_eq!(matching_step(b"12345678901234567891", &row, code, now), None);
            assert_eq!(matching_step(b"12345678901234567890", &row, &format!("+{}", &code[1..]), now), None);
        }
    }

    #[test]
    fn secrets_are_read_as_people_write_them() {
        let secret = b"12345678901234567890".to_vec();
        assert_eq!(base32(&secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====",
        ] {
            assert_eq!(secret_of_base32(text).as_ref(), Some(&secret));
        }
        for text in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJ1GEZDGNBVGY3TQOJQ"] {
            assert_eq!(secret_of_base32(text), None, "{text}");
        }
    }
}
