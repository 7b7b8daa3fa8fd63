//! Signing keys of a tenant: parsed once, cached, rotated by command.

use crate::audit::Event;
use crate::boxed;
use crate::directory::DirectoryError;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::TenantId;
use doorward_protocol::jose::{Algorithm, Jwk, JwkSet, SigningKey, VerifyingKey, sign_jwt};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::keys::{self, SigningKeyRow};
use moka::sync::Cache;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Seconds that a retired key stays published: the longest life of a token, and the hour that clients cache a key set.
pub const PUBLISHED_AFTER_RETIREMENT: i64 = 30 * 86_400 + 3600;

/// The keys of a tenant.
pub struct TenantKeys {
    active: Vec<(Algorithm, Arc<SigningKey>)>,
    /// Algorithms that have a key which is published before it signs.
    prepared: Vec<Algorithm>,
    published: Vec<(Jwk, VerifyingKey)>,
    /// The JWKS document, as it is served.
    pub document: Arc<str>,
    /// The same with RSA keys only, and their certificates: clients of some accents give up at the first key that they cannot
    /// read.
    pub rsa_document: Arc<str>,
    /// When it was put together, by the tenant's clock.
    made_at: Timestamp,
}

impl TenantKeys {
    /// The key that signs with an algorithm.
    pub fn active(&self, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        self.active.iter().find(|(a, _)| *a == algorithm).map(|(_, key)| Arc::clone(key))
    }

    /// Every key whose tokens are still good.
    pub fn verifying(&self) -> Vec<VerifyingKey> {
        self.published.iter().map(|(_, key)| key.clone()).collect()
    }
}

/// The cache.
pub struct Keys {
    tenants: Cache<TenantId, Arc<TenantKeys>>,
    parsed: Cache<(TenantId, String), Arc<SigningKey>>,
    /// Tenants whose next key is being made.
    preparing: Cache<(TenantId, String), ()>,
}

impl Keys {
    /// A rotation by another process (a command, another node) is seen within seconds; keys stay parsed for longer, since
    /// parsing one costs more than signing with it.
    pub(crate) fn new() -> Self {
        Self {
            tenants: Cache::builder().max_capacity(1000).time_to_live(Duration::from_secs(5)).build(),
            parsed: Cache::builder().max_capacity(1000).time_to_idle(Duration::from_secs(3600)).build(),
            preparing: Cache::builder().max_capacity(1000).time_to_live(Duration::from_secs(60)).build(),
        }
    }

    /// Forgets a tenant's keys after a change.
    pub fn forget(&self, tenant: TenantId) {
        self.tenants.invalidate(&tenant);
    }
}

/// The algorithms that tokens may be signed with.
pub const SIGNING_ALGORITHMS: &[Algorithm] = &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// The algorithms whose signatures are ours: those of tokens, and those that named keys may have besides.
pub const VERIFYING_ALGORITHMS: &[Algorithm] =
    &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

impl Service {
    /// The keys of a tenant.
    #[boxed]
    pub async fn keys_of(&self, tenant: TenantId, now: Timestamp) -> Result<Arc<TenantKeys>, Error> {
        // By the tenant's clock too: development moves it past the end of a key.
        if let Some(known) = self.keys.tenants.get(&tenant)
            && now.seconds_since(known.made_at).abs() < 60
        {
            return Ok(known);
        }
        let mut active: Vec<(Algorithm, Arc<SigningKey>)> = Vec::new();
        let mut prepared = Vec::new();
        let mut published = Vec::new();
        let mut certified: Vec<Jwk> = Vec::new();
        for row in self.certified_keys(tenant).await? {
            if row.state == keys::REVOKED {
                continue;
            }
            if row.retired_at.is_some_and(|at| now.seconds_since(at) > PUBLISHED_AFTER_RETIREMENT) {
                continue;
            }
            let jwk: Jwk = serde_json::from_str(&row.public_jwk).map_err(Error::internal)?;
            published.push((jwk.clone(), VerifyingKey::from_jwk(&jwk).map_err(Error::internal)?));
            if let Some(certificate) = &row.certificate {
                certified.push(jwk.with_certificate(certificate));
            }
            let algorithm = Algorithm::parse(&row.alg).map_err(Error::internal)?;
            if row.state == keys::NEXT {
                prepared.push(algorithm);
            }
            if row.state == keys::ACTIVE && !active.iter().any(|(a, _)| *a == algorithm) {
                let name = (tenant, row.kid.clone());
                let key = match self.keys.parsed.get(&name) {
                    Some(key) => key,
                    None => {
                        let plain = self
                            .secrets
                            .decrypt("signing_key", &owner(tenant, &row.kid), &row.private_key)
                            .map_err(Error::internal)?;
                        let key = Arc::new(SigningKey::from_pkcs8(algorithm, &plain).map_err(Error::internal)?);
                        self.keys.parsed.insert(name, Arc::clone(&key));
                        key
                    }
                };
                active.push((algorithm, key));
            }
        }
        for row in self.store.named_keys(tenant).await? {
            let Some(text) = &row.public_jwk else { continue };
            let jwk: Jwk = serde_json::from_str(text).map_err(Error::internal)?;
            if !published.iter().any(|(known, _): &(Jwk, VerifyingKey)| known.kid == jwk.kid) {
                published.push((jwk.clone(), VerifyingKey::from_jwk(&jwk).map_err(Error::internal)?));
            }
        }
        // Old clients read only RSA keys, and some stop at the first key they cannot read or take the first one whatever its name:
        // RSA keys stand first, of these the one that signs, and other kinds appear only once an application asks for them.
        let signs = |jwk: &Jwk| active.iter().any(|(_, key)| Some(key.kid()) == jwk.kid.as_deref());
        published.sort_by_key(|(jwk, _)| (jwk.kty != "RSA", !signs(jwk)));
        let document = serde_json::to_string(&JwkSet { keys: published.iter().map(|(jwk, _)| jwk.clone()).collect() })
            .map_err(Error::internal)?;
        let with_certificate = |jwk: &Jwk| certified.iter().find(|known| known.kid == jwk.kid).unwrap_or(jwk).clone();
        let rsa = published.iter().filter(|(jwk, _)| jwk.kty == "RSA").map(|(jwk, _)| with_certificate(jwk)).collect();
        let rsa_document = serde_json::to_string(&JwkSet { keys: rsa }).map_err(Error::internal)?;
        let (document, rsa_document) = (document.into(), rsa_document.into());
        let keys = Arc::new(TenantKeys { active, prepared, published, document, rsa_document, made_at: now });
        self.keys.tenants.insert(tenant, Arc::clone(&keys));
        Ok(keys)
    }

    /// The key that signs with an algorithm; made when there is none yet.
    #[boxed]
    pub async fn signing_key(&self, tenant: TenantId, algorithm: Algorithm, now: Timestamp) -> Result<Arc<SigningKey>, Error> {
        if let Some(key) = self.keys_of(tenant, now).await?.active(algorithm) {
            return Ok(key);
        }
        let (row, _) = self.new_signing_key(tenant, algorithm, keys::ACTIVE, now).await?;
        self.store.commit(Batch::new().with(row.insert())).await?;
        self.keys.forget(tenant);
        // Read again: where two nodes made one each, both are published and the newer one signs on every node.
        let keys = self.keys_of(tenant, now).await?;
        let key = keys.active(algorithm).ok_or_else(|| Error::internal("a signing key that was just made is not there"))?;
        self.prepare_next_key(tenant, algorithm, now).await?;
        Ok(key)
    }

    /// Publishes the key that the next rotation will use, unless there is one: clients that keep a key set for minutes then know
    /// it before the first token that it signs. Made aside; the caller does not wait.
    async fn prepare_next_key(&self, tenant: TenantId, algorithm: Algorithm, now: Timestamp) -> Result<(), Error> {
        if self.keys_of(tenant, now).await?.prepared.contains(&algorithm) {
            return Ok(());
        }
        let once = self.keys.preparing.entry((tenant, algorithm.as_str().to_owned())).or_insert(());
        if !once.is_fresh() {
            return Ok(());
        }
        let service = self.clone();
        tokio::spawn(async move {
            let made = async {
                let (row, _) = service.new_signing_key(tenant, algorithm, keys::NEXT, now).await?;
                service.store.commit(Batch::new().with(row.insert())).await?;
                service.keys.forget(tenant);
                Ok::<_, Error>(())
            };
            if let Err(error) = made.await {
                tracing::warn!(%tenant, %error, "the next signing key could not be made");
            }
        });
        Ok(())
    }

    /// The keys of a tenant, newest first, each RS256 key with its certificate: made where a key is older than certificates are.
    #[boxed]
    pub async fn certified_keys(&self, tenant: TenantId) -> Result<Vec<SigningKeyRow>, Error> {
        let mut rows = self.store.signing_keys(tenant).await?;
        for row in rows.iter_mut().filter(|row| row.certificate.is_none() && row.alg == Algorithm::Rs256.as_str()) {
            let name = owner(tenant, &row.kid);
            let plain = self.secrets.decrypt("signing_key", &name, &row.private_key).map_err(Error::internal)?;
            let from = row.created_at;
            let made =
                self.signing.run(move || SigningKey::from_pkcs8(Algorithm::Rs256, &plain).and_then(|key| key.certificate(from)));
            // The same on every node, whoever writes it first.
            let made = made.await?.map_err(Error::internal)?;
            self.store.commit(Batch::new().with(keys::certify(tenant, &row.kid, &made))).await?;
            row.certificate = Some(made);
        }
        Ok(rows)
    }

    async fn new_signing_key(
        &self,
        tenant: TenantId,
        algorithm: Algorithm,
        state: &str,
        now: Timestamp,
    ) -> Result<(SigningKeyRow, Arc<SigningKey>), Error> {
        let key = self.signing.run(move || SigningKey::generate(algorithm)).await?.map_err(Error::internal)?;
        let kid = key.kid().to_owned();
        let certificate = (algorithm == Algorithm::Rs256).then(|| key.certificate(now)).transpose().map_err(Error::internal)?;
        let row = SigningKeyRow {
            tenant_id: tenant,
            alg: algorithm.as_str().to_owned(),
            state: state.to_owned(),
            private_key: self.secrets.encrypt("signing_key", &owner(tenant, &kid), &key.to_pkcs8()),
            public_jwk: serde_json::to_string(&key.public_jwk()).map_err(Error::internal)?,
            created_at: now,
            retired_at: None,
            certificate,
            kid,
        };
        Ok((row, Arc::new(key)))
    }

    /// Rotates the key of an algorithm: a new one signs from now on, the old one stays published until its tokens are gone. Where a
    /// next key was published already, that one is the new one, and another takes its place. Returns the new `kid`.
    #[boxed]
    pub async fn rotate_signing_key(&self, cx: &Cx, algorithm: Algorithm, actor: &str) -> Result<String, Error> {
        let tenant = cx.tenant_id();
        let mut batch = Batch::new();
        let mut old = Vec::new();
        let mut next = None;
        for before in self.store.signing_keys(tenant).await? {
            if before.alg != algorithm.as_str() {
                continue;
            }
            if before.state == keys::ACTIVE {
                batch.push(keys::retire(tenant, &before.kid, cx.now));
                old.push(before.kid);
            } else if before.state == keys::NEXT {
                // The oldest one has been published for longest.
                next = Some(before.kid);
            }
        }
        let state = if next.is_some() { keys::NEXT } else { keys::ACTIVE };
        let (row, _) = self.new_signing_key(tenant, algorithm, state, cx.now).await?;
        if let Some(kid) = &next {
            batch.push(keys::activate(tenant, kid));
        }
        let kid = next.unwrap_or_else(|| row.kid.clone());
        batch.push(row.insert());
        batch.push(
            Event::new("signing_key.rotated")
                .actor(actor)
                .with("kid", kid.as_str())
                .with("retired", old)
                .with("alg", algorithm.as_str())
                .statement(cx),
        );
        self.store.commit(batch).await?;
        self.keys.forget(tenant);
        self.prepare_next_key(tenant, algorithm, cx.now).await?;
        Ok(kid)
    }

    /// Takes a key that does not sign out of the published set: from now on what it signed is refused, here at once and elsewhere as
    /// soon as the key set is read again.
    ///
    /// # Errors
    /// [`DirectoryError::NotFound`], and [`DirectoryError::Conflict`] for the key that signs.
    #[boxed]
    pub async fn revoke_signing_key(&self, cx: &Cx, actor: &str, kid: &str) -> Result<(), DirectoryError> {
        let tenant = cx.tenant_id();
        let row = self.store.signing_keys(tenant).await?.into_iter().find(|row| row.kid == kid);
        let row = row.ok_or(DirectoryError::NotFound { noun: "signing key" })?;
        let signs = || DirectoryError::conflict("kid", "this key signs: rotate first");
        match row.state.as_str() {
            keys::REVOKED => return Ok(()),
            keys::ACTIVE => return Err(signs()),
            _ => {}
        }
        let event = Event::new("signing_key.revoked").actor(actor).with("kid", kid).with("alg", row.alg.as_str());
        let batch = Batch::new().with(keys::revoke(tenant, kid, cx.now)).with(event.statement(cx));
        match self.store.commit(batch).await {
            Ok(_) => {}
            Err(error) if error.is_guard("signing_key.not_idle") => return Err(signs()),
            Err(error) => return Err(error.into()),
        }
        self.keys.forget(tenant);
        Ok(())
    }

    /// Signs claims. RSA runs on the bounded pool; the other algorithms cost microseconds and run here.
    pub async fn sign<T: Serialize + Send + 'static>(
        &self,
        cx: &Cx,
        algorithm: Algorithm,
        typ: &'static str,
        claims: T,
    ) -> Result<String, Error> {
        let key = self.signing_key(cx.tenant_id(), algorithm, cx.now).await?;
        self.sign_with(key, typ, claims).await
    }

    /// The key that an application's tokens are signed with: the one it names, else the tenant's for an algorithm. A named key
    /// that is gone is not waited for: the tenant's signs.
    #[boxed]
    pub async fn key_to_sign(
        &self,
        cx: &Cx,
        named: Option<uuid::Uuid>,
        algorithm: Algorithm,
    ) -> Result<(Arc<SigningKey>, Algorithm), Error> {
        if let Some(id) = named
            && let Some(key) = self.named_signing_key(cx.tenant_id(), id).await?
        {
            let algorithm = key.algorithm();
            return Ok((key, algorithm));
        }
        Ok((self.signing_key(cx.tenant_id(), algorithm, cx.now).await?, algorithm))
    }

    /// A named key that signs.
    pub async fn named_signing_key(&self, tenant: TenantId, id: uuid::Uuid) -> Result<Option<Arc<SigningKey>>, Error> {
        let name = (tenant, format!("named {id}"));
        if let Some(key) = self.keys.parsed.get(&name) {
            return Ok(Some(key));
        }
        let Some(row) = self.store.named_key(tenant, id).await? else { return Ok(None) };
        let (Ok(algorithm), Some(sealed)) = (Algorithm::parse(&row.alg), &row.private_key) else { return Ok(None) };
        let plain = self.secrets.decrypt("named_key", &owner(tenant, &row.kid), sealed).map_err(Error::internal)?;
        let key = Arc::new(SigningKey::from_pkcs8(algorithm, &plain).map_err(Error::internal)?.with_kid(&row.kid));
        self.keys.parsed.insert(name, Arc::clone(&key));
        Ok(Some(key))
    }

    /// Forgets a named key that was deleted.
    pub(crate) fn forget_named_key(&self, tenant: TenantId, id: uuid::Uuid) {
        self.keys.parsed.invalidate(&(tenant, format!("named {id}")));
        self.keys.forget(tenant);
    }

    /// Signs claims with a key.
    pub async fn sign_with<T: Serialize + Send + 'static>(
        &self,
        key: Arc<SigningKey>,
        typ: &'static str,
        claims: T,
    ) -> Result<String, Error> {
        let signed = match key.algorithm() {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 => {
                self.signing.run(move || sign_jwt(&key, typ, &claims)).await?
            }
            _ => sign_jwt(&key, typ, &claims),
        };
        signed.map_err(Error::internal)
    }
}

pub(crate) fn owner(tenant: TenantId, kid: &str) -> String {
    format!("{tenant}/{kid}")
}
