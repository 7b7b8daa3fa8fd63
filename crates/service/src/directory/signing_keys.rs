//! Signing keys of a tenant, without their private halves.

use super::DirectoryError;
use super::field::signing_alg;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::jose::Algorithm;
use doorward_store::keys::SigningKeyRow;

impl Service {
    /// The keys of a tenant, newest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_signing_keys(&self, cx: &Cx) -> Result<Vec<SigningKeyRow>, DirectoryError> {
        Ok(self.store.signing_keys(cx.tenant_id()).await?)
    }

    /// Rotates the key of an algorithm given by name; returns the new key.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn rotate_signing_key_named(&self, cx: &Cx, actor: &str, alg: &str) -> Result<SigningKeyRow, DirectoryError> {
        let unknown = |message| DirectoryError::invalid("alg", message);
        signing_alg(alg).map_err(unknown)?;
        let algorithm = Algorithm::parse(alg).map_err(|e| unknown(e.to_string()))?;
        let kid = self.rotate_signing_key(cx, algorithm, actor).await?;
        let all = self.store.signing_keys(cx.tenant_id()).await?;
        all.into_iter().find(|k| k.kid == kid).ok_or(DirectoryError::NotFound { noun: "signing key" })
    }
}
