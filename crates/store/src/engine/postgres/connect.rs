//! How a connection to PostgreSQL is made: address, TLS and the settings of its session.
//!
//! `sslmode`: absent, `disable` or `prefer` is plain; `require`, `verify-ca` and `verify-full` all verify the
//! certificate chain and the name. Encryption without verification is not offered: it only looks safe.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, TrustAnchor, pem::PemObject},
};
use tokio_postgres::{Config, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::unavailable;
use crate::engine::StoreError;

/// The address without what we read ourselves.
struct Target {
    config: Config,
    tls: bool,
    root_certificates: Option<String>,
}

fn target(url: &str) -> Result<Target, StoreError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut tls = false;
    let mut root_certificates = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "disable" | "prefer")) => {}
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => tls = true,
            Some(("sslmode", _)) => {
                return Err(StoreError::Config("unknown sslmode".to_owned()));
            }
            Some(("sslrootcert", path)) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8();
                root_certificates = Some(path.map_err(|error| StoreError::Config(error.to_string()))?.into());
            }
            _ => kept.push(pair),
        }
    }
    if root_certificates.is_some() && !tls {
        return Err(StoreError::Config("sslrootcert needs sslmode=verify-full".to_owned()));
    }
    let mut config: Config =
        format!("{address}?{}", kept.join("&")).parse().map_err(|error| StoreError::Config(super::wire::describe(&error)))?;
    config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_application_name().is_none() {
        config.application_name("doorward");
    }
    Ok(Target { config, tls, root_certificates })
}

fn client_config(root_certificates: Option<&str>) -> Result<ClientConfig, StoreError> {
    let wrong = |error: &dyn std::fmt::Display| StoreError::Config(format!("TLS: {error}"));
    let mut roots = RootCertStore::empty();
    match root_certificates {
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                let certificate = certificate.map_err(|error| wrong(&error))?;
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().map(TrustAnchor::to_owned)),
    }
    if roots.is_empty() {
        return Err(wrong(&"no root certificates"));
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

pub(super) fn pool(url: &str, size: usize, wait: Duration, read_only: bool) -> Result<Pool, StoreError> {
    let target = target(url)?;
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = if target.tls {
        let tls = MakeRustlsConnect::new(client_config(target.root_certificates.as_deref())?);
        Manager::from_config(target.config, tls, recycling)
    } else {
        Manager::from_config(target.config, NoTls, recycling)
    };
    let session: Arc<str> = session(wait, read_only).into();
    Pool::builder(manager)
        .max_size(size.max(1))
        .wait_timeout(Some(wait))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(move |client, _| {
            let session = session.clone();
            Box::pin(async move { client.batch_execute(&session).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(unavailable)
}

/// What every session is told first. A commit that is not durable would break the promise of the store, so
/// `synchronous_commit` may be stronger than `on` but not off.
fn session(wait: Duration, read_only: bool) -> String {
    let access = if read_only { "READ ONLY" } else { "READ WRITE" };
    format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, {access};
         SET lock_timeout = {};
         SET idle_in_transaction_session_timeout = 60000;
         SELECT set_config('synchronous_commit', 'on', false)
          WHERE current_setting('synchronous_commit') = 'off'",
        wait.as_millis().max(1)
    )
}
