//! Recovery codes: ten words of chance that stand in for a lost second factor, each once.

use super::FactorError;
use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, random};
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::{Batch, Statement};
use doorward_store::factors::{self, RecoveryCodeRow};

/// How many codes a user is given.
pub const RECOVERY_CODES: usize = 10;

/// Crockford's alphabet: no letter that reads like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PURPOSE: &str = "recovery code";

/// Ten characters of five bits each, in two halves.
fn new_code() -> String {
    let letters: String =
        random::<10>().into_iter().map(|b| char::from(*ALPHABET.get(usize::from(b & 31)).unwrap_or(&b'0'))).collect();
    let (a, b) = letters.split_at(5);
    format!("{a}-{b}")
}

/// As it is compared: what people write for what.
pub(super) fn normal(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .take(32)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

impl Service {
    pub(super) fn recovery_digest(&self, user: UserId, normal: &str) -> Vec<u8> {
        self.secrets.digest(PURPOSE, &[user.0.as_bytes(), normal.as_bytes()])
    }

    /// New codes in the place of the old ones, and the statements that write them.
    pub(crate) fn fresh_recovery_codes(&self, cx: &Cx, actor: &str, user: UserId, count: usize) -> (Vec<String>, Vec<Statement>) {
        let codes: Vec<String> = (0..count.clamp(1, 32)).map(|_| new_code()).collect();
        let mut statements = vec![factors::delete_recovery_codes(cx.tenant_id(), user)];
        for code in &codes {
            let id = new_id(cx.now);
            let row = RecoveryCodeRow {
                id,
                tenant_id: cx.tenant_id(),
                user_id: user,
                code_hash: self.recovery_digest(user, &normal(code)),
                code_sealed: self.secrets.encrypt(PURPOSE, &format!("{id}:{user}"), code.as_bytes()),
                created_at: cx.now,
                used_at: None,
            };
            statements.push(row.insert());
        }
        statements.push(Event::new("recovery_codes.made").user(user).actor(actor).with("count", codes.len()).statement(cx));
        (codes, statements)
    }

    /// Makes new recovery codes; the old ones are worth nothing from then on.
    ///
    /// # Errors
    /// [`FactorError::NotFound`] when there is no such user.
    #[boxed]
    pub async fn new_recovery_codes(&self, cx: &Cx, actor: &str, user: UserId, count: usize) -> Result<Vec<String>, FactorError> {
        let (codes, statements) = self.fresh_recovery_codes(cx, actor, user, count);
        let mut batch = Batch::new();
        for one in statements {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        Ok(codes)
    }

    /// The recovery codes that are left, in clear: for callers whose contract is to show them again.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn recovery_codes(&self, cx: &Cx, user: UserId) -> Result<Vec<String>, Error> {
        let rows = self.store.recovery_codes(cx.tenant_id(), user).await?;
        let open = |row: &RecoveryCodeRow| {
            let plain = self.secrets.decrypt(PURPOSE, &format!("{}:{}", row.id, row.user_id), &row.code_sealed);
            plain.map_err(Error::internal).and_then(|b| String::from_utf8(b.to_vec()).map_err(Error::internal))
        };
        rows.iter().filter(|row| row.used_at.is_none()).map(open).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_write_them() {
        let code = new_code();
        assert_eq!(code.len(), 11);
        assert_eq!(normal(&code), normal(&format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_eq!(normal("oIl-0a"), "0110a");
        assert_ne!(new_code(), new_code());
    }
}
