//! Certificates for TLS: read from PEM files, chosen by server name, replaced while the server runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Where a certificate chain and its key lie, both in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The leaf first, then the intermediates.
    pub certificate_file: PathBuf,
    /// PKCS#8, PKCS#1 or SEC1.
    pub key_file: PathBuf,
}

/// Why certificates could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// No certificate is configured, so there is nothing to serve.
    #[error("no certificate is configured for HTTPS")]
    None,
    /// A file could not be read as PEM.
    #[error("{path}: {why}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The key does not belong to the certificate, or is of an unknown kind.
    #[error("{certificate_file} with {key_file}: {source}")]
    Pair {
        /// The chain.
        certificate_file: PathBuf,
        /// The key.
        key_file: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// TLS could not be set up at all.
    #[error("setting up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

type Loaded = Arc<[Arc<CertifiedKey>]>;

/// The certificates now in use. The first one answers clients that name no server or an unknown one.
#[derive(Debug)]
pub struct Certificates {
    files: Vec<CertificateFiles>,
    current: RwLock<Loaded>,
}

impl Certificates {
    /// Reads all pairs; one bad pair refuses the start.
    pub fn load(files: Vec<CertificateFiles>) -> Result<Arc<Self>, CertificateError> {
        let current = RwLock::new(read_all(&files)?);
        Ok(Arc::new(Self { files, current }))
    }

    /// Reads all pairs again. If one is bad, everything stays as it was: an old certificate beats none.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let fresh = read_all(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The TLS settings for a listener: TLS 1.2 and 1.3, HTTP/2 preferred (RFC 7301), tickets whose keys rotate.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, CertificateError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Arc::new(config))
    }

    /// Reloads on SIGHUP, and when a file changes, which is looked for every `period`. Never returns.
    pub async fn watch(self: Arc<Self>, period: Duration) {
        let mut seen = self.marks();
        let mut hangup = Hangup::new();
        loop {
            tokio::select! {
                () = hangup.next() => {}
                () = tokio::time::sleep(period) => {
                    if self.marks() == seen {
                        continue;
                    }
                }
            }
            seen = self.marks();
            let this = self.clone();
            match tokio::task::spawn_blocking(move || this.reload()).await {
                Ok(Ok(())) => tracing::info!("certificates reloaded"),
                Ok(Err(error)) => {
                    tracing::error!(%error, "certificates not reloaded, the old ones stay in use");
                }
                Err(error) => tracing::error!(%error, "reloading certificates failed"),
            }
        }
    }

    fn marks(&self) -> Vec<Option<(SystemTime, u64)>> {
        let mark = |path: &Path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        self.files.iter().flat_map(|pair| [mark(&pair.certificate_file), mark(&pair.key_file)]).collect()
    }

    fn choose(&self, server_name: Option<&str>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let named = server_name
            .and_then(|name| ServerName::try_from(name).ok())
            .and_then(|name| current.iter().find(|key| is_valid_for(key, &name)).cloned());
        named.or_else(|| current.first().cloned())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(hello.server_name())
    }
}

fn is_valid_for(key: &CertifiedKey, name: &ServerName<'_>) -> bool {
    key.end_entity_cert()
        .and_then(ParsedCertificate::try_from)
        .and_then(|certificate| verify_server_name(&certificate, name))
        .is_ok()
}

fn read_all(files: &[CertificateFiles]) -> Result<Loaded, CertificateError> {
    if files.is_empty() {
        return Err(CertificateError::None);
    }
    files.iter().map(read_pair).collect()
}

fn read_pair(files: &CertificateFiles) -> Result<Arc<CertifiedKey>, CertificateError> {
    let failed = |path: &Path, why: String| CertificateError::File { path: path.to_owned(), why };
    let chain = CertificateDer::pem_file_iter(&files.certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| failed(&files.certificate_file, e.to_string()))?;
    if chain.is_empty() {
        return Err(failed(&files.certificate_file, "holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key_file).map_err(|e| failed(&files.key_file, e.to_string()))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map(Arc::new).map_err(|source| CertificateError::Pair {
        certificate_file: files.certificate_file.clone(),
        key_file: files.key_file.clone(),
        source,
    })
}

/// SIGHUP where there is such a thing.
struct Hangup {
    #[cfg(unix)]
    signal: io::Result<tokio::signal::unix::Signal>,
}

impl Hangup {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Ok(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::LocalCa;

    fn today() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_219_200)
    }

    fn pair(directory: &Path, name: &str) -> CertificateFiles {
        let ca = LocalCa::open(directory, today()).unwrap();
        ca.leaf(&[name.to_owned()], today()).unwrap()
    }

    #[test]
    fn the_server_name_picks_the_certificate_and_the_first_is_the_default() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let certificates = Certificates::load(vec![pair(one.path(), "one.test"), pair(two.path(), "two.test")]).unwrap();
        let all = certificates.current.read().unwrap().clone();
        let chosen = |name| certificates.choose(name).unwrap();
        assert!(Arc::ptr_eq(&chosen(Some("one.test")), &all[0]));
        assert!(Arc::ptr_eq(&chosen(Some("two.test")), &all[1]));
        assert!(Arc::ptr_eq(&chosen(Some("three.test")), &all[0]));
        assert!(Arc::ptr_eq(&chosen(None), &all[0]));
    }

    #[test]
    fn a_bad_reload_keeps_the_old_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let files = pair(directory.path(), "one.test");
        let certificates = Certificates::load(vec![files.clone()]).unwrap();
        let before = certificates.choose(None).unwrap();
        std::fs::write(&files.certificate_file, "half a cert").unwrap();
        assert!(matches!(certificates.reload(), Err(CertificateError::File { .. })));
        assert!(Arc::ptr_eq(&before, &certificates.choose(None).unwrap()));

        pair(directory.path(), "two.test");
        certificates.reload().unwrap();
        let after = certificates.choose(Some("two.test")).unwrap();
        assert!(is_valid_for(&after, &ServerName::try_from("two.test").unwrap()));
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mixed = CertificateFiles {
            certificate_file: pair(one.path(), "one.test").certificate_file,
            key_file: pair(two.path(), "two.test").key_file,
        };
        assert!(matches!(Certificates::load(vec![mixed]), Err(CertificateError::Pair { .. })));
        assert!(matches!(Certificates::load(vec![]), Err(CertificateError::None)));
    }
}
