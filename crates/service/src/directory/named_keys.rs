//! Keys with a name: made or brought along, used by the applications and webhooks that name them.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::keys::owner;
use crate::secrets::{new_id, random};
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::jose::{Algorithm, Jwk, SigningKey};
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::named_keys::NamedKeyRow;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// The word for a secret that two sides share.
pub const SECRET_ALGORITHMS: &[&str] = &["HS256", "HS384", "HS512"];

/// What a new named key is made of.
pub enum KeyMaterial {
    /// A new pair; bits for RSA.
    Generate(Algorithm, Option<u32>),
    /// A pair that was brought along, as PKCS#8.
    Pair(Algorithm, Vec<u8>),
    /// A public key that was brought along.
    Public(Jwk),
    /// A secret that was brought along, or a new one; with the name of its algorithm.
    Secret(String, Option<Vec<u8>>),
}

/// A named key to be made.
pub struct NewNamedKey {
    /// Its id; made up when absent.
    pub id: Option<Uuid>,
    /// Name shown to people.
    pub name: String,
    /// `kid`; by default the thumbprint of the key.
    pub kid: Option<String>,
    /// The key.
    pub material: KeyMaterial,
    /// What its surface keeps of it.
    pub extension: Value,
}

impl Service {
    /// Named keys of a tenant.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_named_keys(&self, cx: &Cx) -> Result<Vec<NamedKeyRow>, DirectoryError> {
        Ok(self.store.named_keys(cx.tenant_id()).await?)
    }

    /// A named key.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn get_named_key(&self, cx: &Cx, id: Uuid) -> Result<NamedKeyRow, DirectoryError> {
        self.store.named_key(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "key" })
    }

    /// Makes a named key.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_named_key(&self, cx: &Cx, actor: &str, new: NewNamedKey) -> Result<NamedKeyRow, DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", &new.name);
        if let Some(kid) = &new.kid {
            let ok = (1..=200).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_graphic());
            problems.must(ok, "kid", "must be 1 to 200 printable ASCII characters");
        }
        problems.finish()?;
        let id = new.id.unwrap_or_else(|| new_id(cx.now));
        if self.store.named_key_anywhere(id).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        let unusable = |e: doorward_protocol::jose::JoseError| DirectoryError::invalid("key", e.to_string());
        let (alg, kid, private, public) = match new.material {
            KeyMaterial::Generate(algorithm, bits) => {
                let key =
                    self.signing.run(move || SigningKey::generate_sized(algorithm, bits)).await?.map_err(Error::internal)?;
                parts(&key)
            }
            KeyMaterial::Pair(algorithm, der) => parts(&SigningKey::from_pkcs8(algorithm, &der).map_err(unusable)?),
            KeyMaterial::Public(mut jwk) => {
                let alg = doorward_protocol::jose::VerifyingKey::from_jwk(&jwk).map_err(unusable)?.algorithm();
                let kid = jwk.thumbprint().map_err(unusable)?;
                jwk.alg = Some(alg.as_str().to_owned());
                jwk.use_ = Some("sig".into());
                (alg.as_str().to_owned(), kid, None, Some(jwk))
            }
            KeyMaterial::Secret(alg, secret) => {
                let secret = secret.unwrap_or_else(|| random::<64>().to_vec());
                (alg, URL_SAFE_NO_PAD.encode(random::<12>()), Some(secret), None)
            }
        };
        let kid = new.kid.unwrap_or(kid);
        let public_jwk = match public {
            Some(mut jwk) => {
                jwk.kid = Some(kid.clone());
                Some(serde_json::to_string(&jwk).map_err(Error::internal)?)
            }
            None => None,
        };
        let row = NamedKeyRow {
            id,
            tenant_id: cx.tenant_id(),
            name: new.name.trim().to_owned(),
            alg,
            private_key: private.map(|plain| self.secrets.encrypt("named_key", &owner(cx.tenant_id(), &kid), &plain)),
            kid,
            public_jwk,
            extension: Json(new.extension),
            created_at: cx.now,
            updated_at: cx.now,
        };
        let event = Event::new("key.created").actor(actor).with("key", id.to_string()).with("alg", row.alg.as_str());
        match self.store.commit(Batch::new().with(row.insert()).with(event.statement(cx))).await {
            Ok(_) => {}
            Err(error) if error.is_unique("named_key") => {
                return Err(DirectoryError::conflict("kid", "a key with this id exists already"));
            }
            Err(error) => return Err(error.into()),
        }
        self.keys.forget(cx.tenant_id());
        Ok(row)
    }

    /// Renames a key.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn rename_named_key(&self, cx: &Cx, actor: &str, id: Uuid, name: &str) -> Result<NamedKeyRow, DirectoryError> {
        let mut problems = Problems::default();
        problems.name("name", name);
        problems.finish()?;
        let mut row = self.get_named_key(cx, id).await?;
        row.name = name.trim().to_owned();
        row.updated_at = super::revised_at(row.updated_at, cx.now);
        let event = Event::new("key.renamed").actor(actor).with("key", id.to_string());
        self.store.commit(Batch::new().with(row.update()).with(event.statement(cx))).await?;
        Ok(row)
    }

    /// Deletes a key that nobody uses.
    ///
    /// # Errors
    /// [`DirectoryError::Conflict`] while an application or webhook names it.
    #[boxed]
    pub async fn delete_named_key(&self, cx: &Cx, actor: &str, id: Uuid) -> Result<(), DirectoryError> {
        let row = self.get_named_key(cx, id).await?;
        let mut after = None;
        loop {
            let page = self.store.applications(cx.tenant_id(), after, 500).await?;
            let used = |k: Option<Uuid>| k == Some(id);
            if page.items.iter().any(|a| used(a.settings.0.access_token_key) || used(a.settings.0.id_token_key)) {
                return Err(DirectoryError::conflict("id", "an application signs with this key"));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if self.store.webhooks().await?.iter().any(|w| w.settings.0.signing_key == Some(id)) {
            return Err(DirectoryError::conflict("id", "a webhook signs with this key"));
        }
        let event = Event::new("key.deleted").actor(actor).with("key", id.to_string());
        self.store.commit(Batch::new().with(row.delete()).with(event.statement(cx))).await?;
        self.forget_named_key(cx.tenant_id(), id);
        Ok(())
    }

    /// Makes a key of another tenant usable in this one, under the same id.
    ///
    /// # Errors
    /// When the store fails or the key does not open.
    #[boxed]
    pub async fn adopt_named_key(&self, cx: &Cx, id: Uuid) -> Result<Option<NamedKeyRow>, DirectoryError> {
        if let Some(row) = self.store.named_key(cx.tenant_id(), id).await? {
            return Ok(Some(row));
        }
        let Some(found) = self.store.named_key_anywhere(id).await? else { return Ok(None) };
        let private_key = match &found.private_key {
            Some(sealed) => {
                let plain =
                    self.secrets.decrypt("named_key", &owner(found.tenant_id, &found.kid), sealed).map_err(Error::internal)?;
                Some(self.secrets.encrypt("named_key", &owner(cx.tenant_id(), &found.kid), &plain))
            }
            None => None,
        };
        let row = NamedKeyRow { tenant_id: cx.tenant_id(), private_key, ..found };
        self.store.commit(Batch::new().with(row.insert())).await?;
        self.keys.forget(cx.tenant_id());
        Ok(Some(row))
    }

    /// The secret of a named key that two sides share.
    ///
    /// # Errors
    /// When it does not open.
    pub fn named_secret(&self, row: &NamedKeyRow) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Error> {
        match (&row.private_key, &row.public_jwk) {
            (Some(sealed), None) => {
                self.secrets.decrypt("named_key", &owner(row.tenant_id, &row.kid), sealed).map(Some).map_err(Error::internal)
            }
            _ => Ok(None),
        }
    }

    /// A named key that signs, parsed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn signing_key_named(&self, cx: &Cx, id: Uuid) -> Result<Option<Arc<SigningKey>>, Error> {
        self.named_signing_key(cx.tenant_id(), id).await
    }
}

fn parts(key: &SigningKey) -> (String, String, Option<Vec<u8>>, Option<Jwk>) {
    (key.algorithm().as_str().to_owned(), key.kid().to_owned(), Some(key.to_pkcs8().to_vec()), Some(key.public_jwk()))
}
