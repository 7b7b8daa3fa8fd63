//! Ids that are good once: sealed values that a program or a mail carries, spent with their effect. Nothing is stored until then.

use crate::secrets::{random, same};
use crate::{Cx, Error, Service};
use doorward_store::engine::Statement;
use doorward_store::short_lived::spend;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    /// What is spent.
    nonce: [u8; 16],
    /// The end, for the record of its being spent.
    until: i64,
    /// Digest of a short code that must come with it.
    code: Option<Vec<u8>>,
    value: T,
}

/// An id that was opened and is good.
pub struct OneTime<T> {
    /// What it carries.
    pub value: T,
    /// Spends it; put it into the batch of its effect.
    pub spend: Statement,
}

/// Why an id that is good once is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneTimeError {
    /// Not ours, too old, or used.
    Unknown,
    /// The short code is not the one that belongs to it.
    WrongCode,
}

/// Wrong short codes before an id is dead.
const GUESSES: i64 = 5;

impl Service {
    /// Makes an id that carries a value; with a code, that must come with it.
    ///
    /// # Errors
    /// When the value cannot be sealed.
    pub fn one_time_id<T: Serialize>(
        &self,
        cx: &Cx,
        purpose: &str,
        seconds: i64,
        code: Option<&str>,
        value: T,
    ) -> Result<String, Error> {
        let nonce: [u8; 16] = random();
        let until = cx.now.plus_seconds(seconds);
        let code = code.map(|code| self.one_time_code_digest(&nonce, code));
        self.secrets.seal(purpose, cx.tenant_id(), until, &Sealed { nonce, until: until.0, code, value })
    }

    fn one_time_code_digest(&self, nonce: &[u8; 16], code: &str) -> Vec<u8> {
        self.secrets.digest("one-time code", &[nonce, code.trim().to_uppercase().as_bytes()])
    }

    /// Reads an id without using it; a short code is not asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn peek_one_time_id<T: DeserializeOwned>(&self, cx: &Cx, purpose: &str, id: &str) -> Result<Option<T>, Error> {
        let Ok(sealed) = self.secrets.open::<Sealed<T>>(purpose, cx.tenant_id(), cx.now, id) else { return Ok(None) };
        let spent = self.store.is_spent(cx.tenant_id(), purpose, &sealed.nonce).await?;
        Ok((!spent).then_some(sealed.value))
    }

    /// Opens an id to use it. A wrong short code is counted; a few of them end the id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_one_time_id<T: DeserializeOwned>(
        &self,
        cx: &Cx,
        purpose: &str,
        id: &str,
        code: Option<&str>,
    ) -> Result<Result<OneTime<T>, OneTimeError>, Error> {
        let Ok(sealed) = self.secrets.open::<Sealed<T>>(purpose, cx.tenant_id(), cx.now, id) else {
            return Ok(Err(OneTimeError::Unknown));
        };
        if self.store.is_spent(cx.tenant_id(), purpose, &sealed.nonce).await? {
            return Ok(Err(OneTimeError::Unknown));
        }
        if let Some(expected) = &sealed.code {
            let bucket = format!("one-time:{}", uuid::Uuid::from_bytes(sealed.nonce));
            if self.count(cx, &bucket, GUESSES, 30 * 86_400).await?.is_err() {
                return Ok(Err(OneTimeError::Unknown));
            }
            let right = code.is_some_and(|code| same(expected, &self.one_time_code_digest(&sealed.nonce, code)));
            if !right {
                return Ok(Err(OneTimeError::WrongCode));
            }
        }
        // Remembered a little longer than it is good for: another node's clock may be behind.
        let until = doorward_protocol::time::Timestamp(sealed.until).plus_seconds(3600);
        Ok(Ok(OneTime { value: sealed.value, spend: spend(cx.tenant_id(), purpose, &sealed.nonce, until) }))
    }

    /// A short code of letters and digits that are told apart easily.
    pub fn short_code(&self, length: usize) -> String {
        const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let mut out = String::with_capacity(length);
        while out.len() < length {
            for byte in random::<16>() {
                if out.len() < length
                    && let Some(letter) = LETTERS.get(usize::from(byte & 31))
                {
                    out.push(char::from(*letter));
                }
            }
        }
        out
    }
}
