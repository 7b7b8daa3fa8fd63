//! `[tls]`: certificates of a production server.

use std::path::PathBuf;

use serde::Deserialize;

use super::settings::{Kind, Setting, settings};
use crate::certificates::CertificateFiles;

/// One certificate chain and its key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// PEM, the leaf first, then the intermediates.
    pub certificate_file: PathBuf,
    /// PEM; PKCS#8, PKCS#1 or SEC1.
    pub key_file: PathBuf,
}

impl Setting for Vec<Certificate> {
    const KIND: Kind = Kind::Tables;
    const NAME: &'static str = "tables";
}

settings! {
    /// Certificates for HTTPS. They are read again on SIGHUP and when a file changes, without losing a connection.
    pub struct Tls in "tls" {
        /// `[[tls.certificates]]` tables, each with `certificate_file` (PEM, the leaf first, then the intermediates) and
        /// `key_file` (PEM). The client's server name chooses; the first one answers all other clients.
        certificates: Vec<Certificate> = Vec::new(),
        /// Seconds between two looks at the files.
        watch_seconds: u64 [1 ..= 86400] = 30,
    }
}

impl Tls {
    /// The files to load.
    pub fn files(&self) -> Vec<CertificateFiles> {
        self.certificates
            .iter()
            .map(|pair| CertificateFiles { certificate_file: pair.certificate_file.clone(), key_file: pair.key_file.clone() })
            .collect()
    }

    fn check_more(&self, _problems: &mut Vec<String>) {}
}
